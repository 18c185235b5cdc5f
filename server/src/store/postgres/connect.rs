//! Connecting: what every connection is told, how long it may take, and what is said when it cannot be.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use sqlx::Connection;
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};

use crate::config::StoreUrl;
use crate::store::Error;
use crate::store::postgres::Postgres;

/// How long a connection may take to stand, or to be had from the pool.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The oldest PostgreSQL that its makers still keep.
const OLDEST: (u32, &str) = (140_000, "14");

/// Where the log is, as it may be shown to anybody: the password is not in it.
#[derive(Clone, Debug)]
pub struct ServerAddress {
    user: String,
    database: String,
    host: String,
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "database {} at {}", self.database, self.host)
    }
}

/// Why the log in PostgreSQL does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the address of the store is none: write postgres://USER@HOST/DATABASE, the password after USER: or in \
             PGPASSWORD"
    )]
    NotAnAddress,
    #[error(
        "the address of the store asks for TLS, which this program does not speak: use a socket or a private \
             network, and leave `sslmode` out"
    )]
    Tls,
    #[error("{0} cannot be reached: is PostgreSQL running there?")]
    Unreachable(ServerAddress, #[source] io::Error),
    #[error("{0} cannot be entered now: wait until PostgreSQL is up, or give it more connections")]
    NotNow(ServerAddress, #[source] sqlx::Error),
    #[error("{} refuses the password of {}: give the right one in the address of the store or in PGPASSWORD", _0, _0.user)]
    WrongPassword(ServerAddress, #[source] sqlx::Error),
    #[error("{} does not let {} in from here: see pg_hba.conf there, and whether there is such a user", _0, _0.user)]
    NotLetIn(ServerAddress, #[source] sqlx::Error),
    #[error("there is no {0}: make it with `createdb -O {user} {database}`", user = _0.user, database = _0.database)]
    NoDatabase(ServerAddress, #[source] sqlx::Error),
    #[error("{user} may not make tables in {0}: `alter database {database} owner to {user}` gives the right",
            user = _0.user, database = _0.database)]
    NoRight(ServerAddress, #[source] Box<MigrateError>),
    #[error("{0} only reads, as a standby does: name the primary")]
    ReadOnly(ServerAddress),
    #[error("{place} is PostgreSQL {found}, and {} is the oldest that will do: use a later one", OLDEST.1)]
    TooOld { place: ServerAddress, found: u32 },
    #[error("{0} keeps text in {1} and not in UTF8: make it with `createdb -E UTF8 -T template0`")]
    NotUtf8(ServerAddress, String),
    #[error("{0} runs with `fsync = off`: a power cut would take back what was answered. Switch it on there")]
    NotDurable(ServerAddress),
    #[error("the tables in {0} are of a later version of this program: use that one")]
    Later(ServerAddress, #[source] Box<MigrateError>),
    #[error("the tables in {0} could not be brought up to date")]
    Migration(ServerAddress, #[source] Box<MigrateError>),
    #[error(transparent)]
    Store(#[from] Error),
}

impl OpenError {
    pub(super) fn of(error: sqlx::Error, place: &ServerAddress) -> Self {
        let place = place.clone();
        match (code(&error).as_deref(), error) {
            (_, sqlx::Error::Io(error)) => Self::Unreachable(place, error),
            (_, sqlx::Error::Tls(_)) => Self::Tls,
            (Some("28P01"), error) => Self::WrongPassword(place, error),
            (Some("28000"), error) => Self::NotLetIn(place, error),
            (Some("3D000"), error) => Self::NoDatabase(place, error),
            (Some("57P03" | "53300"), error) => Self::NotNow(place, error),
            (_, error) => Self::Store(error.into()),
        }
    }

    fn of_migration(error: MigrateError, place: &ServerAddress) -> Self {
        let place = place.clone();
        let causes = std::iter::successors(Some(&error as &(dyn StdError + 'static)), |&error| error.source());
        let may_not = causes.filter_map(|cause| code(cause.downcast_ref()?)).any(|code| code == "42501");
        match error {
            MigrateError::VersionMissing(_) => Self::Later(place, error.into()),
            _ if may_not => Self::NoRight(place, error.into()),
            _ => Self::Migration(place, error.into()),
        }
    }
}

/// What PostgreSQL calls it.
fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}

/// Reads the address. It never gets into an error: there may be a password in it.
pub(super) fn options(url: &StoreUrl) -> Result<(PgConnectOptions, ServerAddress), OpenError> {
    let options: PgConnectOptions = url.reveal().parse().map_err(|_| OpenError::NotAnAddress)?;
    if matches!(options.get_ssl_mode(), PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull) {
        return Err(OpenError::Tls);
    }
    let host = match options.get_socket() {
        Some(socket) => format!("{}, port {}", socket.display(), options.get_port()),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    let user = options.get_username().to_owned();
    let database = options.get_database().unwrap_or(&user).to_owned();
    // That the tables are there already is no news at every start.
    let options = options.application_name("crema").ssl_mode(PgSslMode::Disable);
    Ok((options.options([("client_min_messages", "warning")]), ServerAddress { user, database, host }))
}

/// Bounds for whoever waits there: a program that was cut off in the middle may not hold a shop's head for long.
pub(super) fn in_bounds(options: PgConnectOptions) -> PgConnectOptions {
    // The rungs of five ladders, and the rest.
    options.statement_cache_capacity(128).options([
        // Screens, webhooks and printers act on what is committed, whatever the server thinks is usual.
        ("synchronous_commit", "on"),
        // What is written under a head's lock is seen under the next one: see `append.rs`.
        ("default_transaction_isolation", "read committed"),
        ("lock_timeout", "5s"),
        ("statement_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "10s"),
    ])
}

/// Looks whether the server will do, and brings the tables up to date: without bounds, a large one takes its time.
pub(super) async fn prepare(options: &PgConnectOptions, place: &ServerAddress) -> Result<(), OpenError> {
    let of = |error| OpenError::of(error, place);
    let mut db = connect(options).await.map_err(of)?;
    let found = db.server_version_num().unwrap_or(0);
    if found < OLDEST.0 {
        return Err(OpenError::TooOld { place: place.clone(), found: found / 10_000 });
    }
    let text = "select current_setting('fsync'), current_setting('server_encoding'), pg_is_in_recovery()";
    let (fsync, encoding, is_standby): (String, String, bool) =
        sqlx::query_as(text).fetch_one(&mut db).await.map_err(of)?;
    if is_standby {
        return Err(OpenError::ReadOnly(place.clone()));
    }
    if fsync != "on" {
        return Err(OpenError::NotDurable(place.clone()));
    }
    if encoding != "UTF8" {
        return Err(OpenError::NotUtf8(place.clone(), encoding));
    }
    let migrated = sqlx::migrate!("migrations/postgres").run(&mut db).await;
    migrated.map_err(|error| OpenError::of_migration(error, place))?;
    db.close().await.map_err(of)
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let connected = tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(options)).await;
    connected.unwrap_or_else(|_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())))
}

impl Postgres {
    /// A connection of its own, within its bounds.
    pub(super) async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        connect(&self.options).await
    }
}

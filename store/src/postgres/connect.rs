//! Connecting to PostgreSQL: options, timeouts, checks of the server, and the errors.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use engine::store::Error;
use sqlx::Connection;
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};

use crate::StoreUrl;
use crate::postgres::Postgres;
use crate::sql::SqlError;

/// Timeout of a new connection, and of acquiring one from the pool.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Oldest supported PostgreSQL, as `server_version_num` and for texts: the oldest that its project still maintains.
const MIN_VERSION: (u32, &str) = (140_000, "14");

/// SQLSTATE of a missing privilege.
const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// Address of the database for texts and logs. It does not contain the password.
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

/// The database cannot be opened. Each text states what to do.
#[derive(Debug, thiserror::Error)]
pub enum PostgresOpenError {
    /// The URL cannot be parsed.
    #[error("invalid store URL: use postgres://USER@HOST/DATABASE, with the password after USER: or in PGPASSWORD")]
    InvalidUrl,
    /// The URL asks for TLS.
    #[error(
        "the store URL requires TLS, which is not supported: use a socket or a private network and remove `sslmode`"
    )]
    Tls,
    /// No connection to the address.
    #[error("{0} cannot be reached: is PostgreSQL running there?")]
    Unreachable(ServerAddress, #[source] io::Error),
    /// The server starts, stops or has too many connections.
    #[error("{0} accepts no connections now: wait until PostgreSQL has started, or raise max_connections")]
    NotReady(ServerAddress, #[source] sqlx::Error),
    /// Authentication failed.
    #[error("{} refuses the password of {}: correct it in the store URL or in PGPASSWORD", _0, _0.user)]
    WrongPassword(ServerAddress, #[source] sqlx::Error),
    /// No such user, or no rule that admits it.
    #[error("{} rejects user {}: check that the user exists and that pg_hba.conf admits this host", _0, _0.user)]
    AccessDenied(ServerAddress, #[source] sqlx::Error),
    /// No such database.
    #[error("there is no {0}: create it with `createdb -O {user} {database}`", user = _0.user, database = _0.database)]
    NoDatabase(ServerAddress, #[source] sqlx::Error),
    /// The user may not create tables.
    #[error("{user} may not create tables in {0}: run `alter database {database} owner to {user}`",
            user = _0.user, database = _0.database)]
    MissingPrivilege(ServerAddress, #[source] Box<MigrateError>),
    /// The server replicates another one.
    #[error("{0} is a read-only standby: use the primary")]
    ReadOnly(ServerAddress),
    /// The version of the server is no longer maintained.
    #[error("{address} runs PostgreSQL {found}, but {} is required: upgrade it", MIN_VERSION.1)]
    TooOld {
        /// The server.
        address: ServerAddress,
        /// Its major version.
        found: u32,
    },
    /// The database has another encoding.
    #[error("{0} has the encoding {1} instead of UTF8: create it with `createdb -E UTF8 -T template0`")]
    NotUtf8(ServerAddress, String),
    /// The server does not flush commits.
    #[error("{0} runs with `fsync = off`, so that a power failure can lose acknowledged commits: set it to on")]
    NotDurable(ServerAddress),
    /// A later version has migrated the tables.
    #[error("the tables in {0} belong to a later version of this program: use that version")]
    NewerSchema(ServerAddress, #[source] Box<MigrateError>),
    /// A migration failed.
    #[error("the tables in {0} cannot be migrated")]
    Migration(ServerAddress, #[source] Box<MigrateError>),
    /// Any other failure of the connection.
    #[error(transparent)]
    Store(#[from] Error),
}

impl PostgresOpenError {
    /// Maps a connection error by its SQLSTATE.
    pub(super) fn from_connect(error: sqlx::Error, address: &ServerAddress) -> Self {
        let address = address.clone();
        match (code(&error).as_deref(), error) {
            (_, sqlx::Error::Io(error)) => Self::Unreachable(address, error),
            (_, sqlx::Error::Tls(_)) => Self::Tls,
            (Some("28P01"), error) => Self::WrongPassword(address, error),
            (Some("28000"), error) => Self::AccessDenied(address, error),
            (Some("3D000"), error) => Self::NoDatabase(address, error),
            (Some("57P03" | "53300"), error) => Self::NotReady(address, error),
            (_, error) => Self::Store(SqlError(error).into()),
        }
    }

    fn from_migration(error: MigrateError, address: &ServerAddress) -> Self {
        let address = address.clone();
        let causes = std::iter::successors(Some(&error as &(dyn StdError + 'static)), |&error| error.source());
        let is_denied =
            causes.filter_map(|cause| code(cause.downcast_ref()?)).any(|code| code == INSUFFICIENT_PRIVILEGE);
        match error {
            MigrateError::VersionMissing(_) => Self::NewerSchema(address, error.into()),
            _ if is_denied => Self::MissingPrivilege(address, error.into()),
            _ => Self::Migration(address, error.into()),
        }
    }
}

/// SQLSTATE of an error.
fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}

/// Parses the store URL. Errors never contain it, because it may contain a password.
pub(super) fn options(url: &StoreUrl) -> Result<(PgConnectOptions, ServerAddress), PostgresOpenError> {
    let options: PgConnectOptions = url.reveal().parse().map_err(|_| PostgresOpenError::InvalidUrl)?;
    if matches!(options.get_ssl_mode(), PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull) {
        return Err(PostgresOpenError::Tls);
    }
    let host = match options.get_socket() {
        Some(socket) => format!("{}, port {}", socket.display(), options.get_port()),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    let user = options.get_username().to_owned();
    let database = options.get_database().unwrap_or(&user).to_owned();
    // Hides the notices that the migration sends for existing tables.
    let options = options.application_name("crema").ssl_mode(PgSslMode::Disable);
    Ok((options.options([("client_min_messages", "warning")]), ServerAddress { user, database, host }))
}

/// Sets the server's timeouts, so that an interrupted program does not hold a shop's head row for long.
pub(super) fn with_timeouts(options: PgConnectOptions) -> PgConnectOptions {
    // Five tables with 14 INSERT sizes each, and the other statements.
    options.statement_cache_capacity(128).options([
        // Screens, webhooks and printers act on commits, so a commit must be durable despite the server's default.
        ("synchronous_commit", "on"),
        // The next owner of a head row must see the rows of the previous one: see `append.rs`.
        ("default_transaction_isolation", "read committed"),
        ("lock_timeout", "5s"),
        ("statement_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "10s"),
    ])
}

/// Checks the server's settings and migrates the tables, without timeouts: a large table takes long.
pub(super) async fn prepare(options: &PgConnectOptions, address: &ServerAddress) -> Result<(), PostgresOpenError> {
    let map_error = |error| PostgresOpenError::from_connect(error, address);
    let mut db = connect(options).await.map_err(map_error)?;
    let found = db.server_version_num().unwrap_or(0);
    if found < MIN_VERSION.0 {
        return Err(PostgresOpenError::TooOld { address: address.clone(), found: found / 10_000 });
    }
    let text = "select current_setting('fsync'), current_setting('server_encoding'), pg_is_in_recovery()";
    let (fsync, encoding, is_standby): (String, String, bool) =
        sqlx::query_as(text).fetch_one(&mut db).await.map_err(map_error)?;
    if is_standby {
        return Err(PostgresOpenError::ReadOnly(address.clone()));
    }
    if fsync != "on" {
        return Err(PostgresOpenError::NotDurable(address.clone()));
    }
    if encoding != "UTF8" {
        return Err(PostgresOpenError::NotUtf8(address.clone(), encoding));
    }
    let migrated = sqlx::migrate!("migrations/postgres").run(&mut db).await;
    migrated.map_err(|error| PostgresOpenError::from_migration(error, address))?;
    db.close().await.map_err(map_error)
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let connected = tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(options)).await;
    connected.unwrap_or_else(|_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())))
}

impl Postgres {
    /// Opens a connection outside the pool, with the server's timeouts set.
    pub(super) async fn connect(&self) -> Result<PgConnection, SqlError> {
        Ok(connect(&self.options).await?)
    }
}

//! Connecting to PostgreSQL: options, checks of the server, and the errors.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use engine::store::Error;
use sqlx::Connection;
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};

use crate::StoreUrl;
use crate::any_store::IfMissing;
use crate::postgres::append::execute_raw;
use crate::postgres::connection_settings::{self, ConnectionUse, WrongSetting};
use crate::postgres::{MAX_READ_CONNECTIONS, Postgres};
use crate::sql::SqlError;

/// Timeout of a new connection, and of acquiring one from the pool.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Connections of one node: those of the pool, the writer, and one for a head lock or a commit recovery.
const NODE_CONNECTIONS: u32 = MAX_READ_CONNECTIONS + 2;

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
    /// The server starts or stops.
    #[error("{0} accepts no connections now: wait until PostgreSQL has started")]
    NotReady(ServerAddress, #[source] sqlx::Error),
    /// The server, the user's limit or a pooler grants fewer connections than a node uses.
    #[error(
        "{0} grants fewer than the {NODE_CONNECTIONS} connections of this program: raise max_connections, the \
         connection limit of {user} or the size of the pool",
        user = _0.user
    )]
    TooFewConnections(ServerAddress, #[source] sqlx::Error),
    /// A pooler gives transactions or statements of one connection to several connections of the server.
    #[error(
        "{0} is behind a pooler that shares connections between transactions: set it to session pooling, or connect \
         to PostgreSQL itself"
    )]
    SharedConnections(ServerAddress),
    /// A connection does not keep its settings.
    #[error(
        "{0} does not keep the settings of a connection: set its pooler to session pooling, or connect to \
             PostgreSQL itself"
    )]
    SettingIgnored(ServerAddress, #[source] sqlx::Error),
    /// Authentication failed.
    #[error("{} refuses the password of {}: correct it in the store URL or in PGPASSWORD", _0, _0.user)]
    WrongPassword(ServerAddress, #[source] sqlx::Error),
    /// No such user, or no rule that admits it.
    #[error("{} rejects user {}: check that the user exists and that pg_hba.conf admits this host", _0, _0.user)]
    AccessDenied(ServerAddress, #[source] sqlx::Error),
    /// No such database.
    #[error("there is no {0}: create it with `createdb -O {user} {database}`", user = _0.user, database = _0.database)]
    NoDatabase(ServerAddress, #[source] sqlx::Error),
    /// The database has no tables, and the caller must not create them.
    #[error("there is no bar in {0}: give the --store of a bar; `crema serve` creates a new one")]
    NoBar(ServerAddress),
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
    /// The server or a pooler refuses the connection for another reason.
    #[error("{0} refuses the connection: correct what the cause names, there or in its pooler")]
    Refused(ServerAddress, #[source] sqlx::Error),
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
            (Some("57P03"), error) => Self::NotReady(address, error),
            (Some("53300"), error) => Self::TooFewConnections(address, error),
            (_, sqlx::Error::Configuration(cause)) => Self::from_setting(cause, address),
            (Some(_), error) => Self::Refused(address, error),
            (_, error) => Self::Store(SqlError(error).into()),
        }
    }

    fn from_setting(cause: Box<dyn StdError + Send + Sync>, address: ServerAddress) -> Self {
        match cause.downcast_ref::<WrongSetting>() {
            Some(WrongSetting { name: "fsync", .. }) => Self::NotDurable(address),
            Some(WrongSetting { name: "transaction_read_only", .. }) => Self::ReadOnly(address),
            Some(WrongSetting { name: "server_encoding", found, .. }) => Self::NotUtf8(address, found.clone()),
            _ => Self::SettingIgnored(address, sqlx::Error::Configuration(cause)),
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
    // Poolers refuse unknown startup parameters, so the settings of a connection are set by statements.
    let options = options.application_name("crema").ssl_mode(PgSslMode::Disable).extra_float_digits(None);
    // Five tables with 14 INSERT sizes each, and the other statements.
    Ok((options.statement_cache_capacity(128), ServerAddress { user, database, host }))
}

/// Checks the server and its settings, and unless they may be missing the tables. Creates nothing.
pub(super) async fn check(
    options: &PgConnectOptions,
    address: &ServerAddress,
    if_missing: IfMissing,
) -> Result<PgConnection, PostgresOpenError> {
    let map_error = |error| PostgresOpenError::from_connect(error, address);
    let mut db = connect(options, ConnectionUse::Migration).await.map_err(map_error)?;
    let found = db.server_version_num().unwrap_or(0);
    if found < MIN_VERSION.0 {
        return Err(PostgresOpenError::TooOld { address: address.clone(), found: found / 10_000 });
    }
    if if_missing == IfMissing::Refuse && !connection_settings::has_log(&mut db).await.map_err(map_error)? {
        return Err(PostgresOpenError::NoBar(address.clone()));
    }
    Ok(db)
}

/// Checks the server, its settings and its connections, and migrates the tables.
pub(super) async fn prepare(
    options: &PgConnectOptions,
    address: &ServerAddress,
    if_missing: IfMissing,
) -> Result<(), PostgresOpenError> {
    let map_error = |error| PostgresOpenError::from_connect(error, address);
    let mut db = check(options, address, if_missing).await?;
    assert_connections(&mut db, options, address).await?;
    let migrated = sqlx::migrate!("migrations/postgres").run(&mut db).await;
    migrated.map_err(|error| PostgresOpenError::from_migration(error, address))?;
    db.close().await.map_err(map_error)
}

/// Opens as many connections as a node uses, and checks that each has a process of the server to itself.
async fn assert_connections(
    db: &mut PgConnection,
    options: &PgConnectOptions,
    address: &ServerAddress,
) -> Result<(), PostgresOpenError> {
    let map_error = |error| PostgresOpenError::from_connect(error, address);
    let first = connection_settings::backend(db).await.map_err(map_error)?;
    let (mut backends, mut others) = (vec![first], Vec::new());
    for _ in 1..NODE_CONNECTIONS {
        let (other, backend) = begin_on_new_connection(options).await.map_err(|error| match error {
            sqlx::Error::Io(cause) if cause.kind() != io::ErrorKind::TimedOut => map_error(sqlx::Error::Io(cause)),
            sqlx::Error::Configuration(_) => map_error(error),
            error if is_statement_pooling(&error) => PostgresOpenError::SharedConnections(address.clone()),
            error => PostgresOpenError::TooFewConnections(address.clone(), error),
        })?;
        if backends.contains(&backend) {
            return Err(PostgresOpenError::SharedConnections(address.clone()));
        }
        backends.push(backend);
        others.push(other);
    }
    if connection_settings::backend(db).await.map_err(map_error)? != first {
        return Err(PostgresOpenError::SharedConnections(address.clone()));
    }
    for other in others {
        other.close().await.map_err(map_error)?;
    }
    Ok(())
}

/// Whether the error is that of `PgBouncer` when it pools statements. Its SQLSTATE is that of all its errors.
fn is_statement_pooling(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.message().contains("statement pooling"))
}

/// Opens a connection and begins a transaction, so that a pooler cannot give its process to another connection.
async fn begin_on_new_connection(options: &PgConnectOptions) -> Result<(PgConnection, i32), sqlx::Error> {
    let mut db = connect(options, ConnectionUse::Work).await?;
    with_connect_timeout(async {
        execute_raw(&mut db, "begin").await.map_err(|SqlError(error)| error)?;
        connection_settings::backend(&mut db).await
    })
    .await
    .map(|backend| (db, backend))
}

/// Opens a connection with its settings.
async fn connect(options: &PgConnectOptions, use_of: ConnectionUse) -> Result<PgConnection, sqlx::Error> {
    with_connect_timeout(async {
        let mut db = PgConnection::connect_with(options).await?;
        use_of.establish(&mut db).await?;
        Ok(db)
    })
    .await
}

async fn with_connect_timeout<T>(connecting: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    let connected = tokio::time::timeout(CONNECT_TIMEOUT, connecting).await;
    connected.unwrap_or_else(|_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())))
}

impl Postgres {
    /// Opens a connection outside the pool, with its settings.
    pub(super) async fn connect(&self) -> Result<PgConnection, SqlError> {
        Ok(connect(&self.options, ConnectionUse::Work).await?)
    }
}

//! The PostgreSQL store: a writing connection, a pool of reading ones, and hints between nodes.

mod append;
mod commit_recovery;
mod connect;
mod connection_settings;
mod head_lock;
mod hints;
mod port;

use std::fmt;

use domain::ids::ShopId;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::mpsc;

use crate::StoreUrl;
use crate::any_store::IfMissing;
use crate::postgres::connect::ServerAddress;
use crate::postgres::connection_settings::ConnectionUse;
use crate::sql::Pool;

pub use append::PostgresWriter;
pub use connect::PostgresOpenError;

/// Size of the pool of reading connections. The listener takes one of them.
const MAX_READ_CONNECTIONS: u32 = 5;

/// A PostgreSQL database that holds the log. Clones share one pool.
#[derive(Clone)]
pub struct Postgres {
    pool: PgPool,
    tables: Pool,
    /// Connection options with the password. They must not be printed.
    options: PgConnectOptions,
    address: ServerAddress,
    /// Positions written here, for the notifications to other nodes.
    notifier: mpsc::UnboundedSender<(ShopId, u64)>,
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Postgres({})", self.address)
    }
}

impl Postgres {
    /// Connects and migrates the tables.
    ///
    /// # Errors
    /// The server cannot be reached, is not usable, or has tables of a later version. The text states what to do.
    pub async fn open(url: &StoreUrl) -> Result<Self, PostgresOpenError> {
        Self::open_or(url, IfMissing::Create).await
    }

    /// Checks that the database has the tables of a bar, and creates nothing.
    pub(crate) async fn ensure_exists(url: &StoreUrl) -> Result<(), PostgresOpenError> {
        let (options, address) = connect::options(url)?;
        connect::check(&options, &address, IfMissing::Refuse).await.map(drop)
    }

    pub(crate) async fn open_or(url: &StoreUrl, if_missing: IfMissing) -> Result<Self, PostgresOpenError> {
        let (options, address) = connect::options(url)?;
        connect::prepare(&options, &address, if_missing).await?;
        let pool = PgPoolOptions::new()
            .max_connections(MAX_READ_CONNECTIONS)
            .acquire_timeout(connect::CONNECT_TIMEOUT)
            .after_connect(|db, _| Box::pin(ConnectionUse::Work.establish(db)))
            .connect_with(options.clone())
            .await
            .map_err(|error| PostgresOpenError::from_connect(error, &address))?;
        let notifier = hints::spawn_notifier(pool.clone());
        Ok(Self { tables: Pool::from(pool.clone()), pool, options, address, notifier })
    }

    /// The pool of reading connections.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    fn tables(&self) -> &Pool {
        &self.tables
    }

    /// Closes the pool.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

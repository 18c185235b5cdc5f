//! The log in PostgreSQL: one writing connection, a few reading ones, and word from whoever else writes.

mod append;
mod commit_recovery;
mod connect;
mod head_lock;
mod hints;
mod port;

use std::fmt;

use domain::ids::ShopId;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::mpsc;

use crate::config::StoreUrl;
use crate::store::postgres::connect::ServerAddress;
use crate::store::sql::Pool;

pub use append::Writer;
pub use connect::OpenError;

/// Connections that read, one that listens among them.
const READING: u32 = 5;

/// The store as everybody but the appender knows it.
#[derive(Clone)]
pub struct Postgres {
    pool: PgPool,
    tables: Pool,
    /// With the password in them.
    options: PgConnectOptions,
    place: ServerAddress,
    /// What was written here, for those who write elsewhere.
    written: mpsc::UnboundedSender<(ShopId, u64)>,
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Postgres({})", self.place)
    }
}

impl Postgres {
    /// Connects and brings the tables up to date.
    ///
    /// # Errors
    /// Each says what to do about it.
    pub async fn open(url: &StoreUrl) -> Result<Self, OpenError> {
        let (options, place) = connect::options(url)?;
        connect::prepare(&options, &place).await?;
        let options = connect::in_bounds(options);
        let pool = PgPoolOptions::new()
            .max_connections(READING)
            .acquire_timeout(connect::CONNECT_TIMEOUT)
            .connect_with(options.clone())
            .await
            .map_err(|error| OpenError::of(error, &place))?;
        let written = hints::teller(pool.clone());
        Ok(Self { tables: Pool::from(pool.clone()), pool, options, place, written })
    }

    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    fn tables(&self) -> &Pool {
        &self.tables
    }

    /// Says goodbye.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

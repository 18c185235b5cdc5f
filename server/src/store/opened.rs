//! The store that the settings name: a file in the data folder, or a database elsewhere.

use std::path::Path;
use std::sync::Arc;

use crate::config::StoreUrl;
use crate::store::postgres::{self, Postgres};
use crate::store::sql::Pool;
use crate::store::sqlite::{self, Sqlite};
use crate::store::{Error, Store};

/// A store that is open, of either kind.
#[derive(Clone, Debug)]
pub enum Opened {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// Why it does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Sqlite(#[from] sqlite::OpenError),
    #[error(transparent)]
    Postgres(#[from] postgres::OpenError),
}

impl Opened {
    /// Opens what `url` names, or without one the file in the data folder.
    ///
    /// # Errors
    /// Each says what to do about it.
    pub async fn open(data: &Path, url: Option<&StoreUrl>) -> Result<Self, OpenError> {
        Ok(match url {
            Some(url) => Self::Postgres(Postgres::open(url).await?),
            None => Self::Sqlite(Sqlite::open(&data.join("crema.db")).await?),
        })
    }

    /// The store as the engine knows it.
    pub fn port(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => Arc::new(store.clone()),
            Self::Postgres(store) => Arc::new(store.clone()),
        }
    }

    /// For the passes, whose table lies beside the log.
    pub fn pool(&self) -> Pool {
        match self {
            Self::Sqlite(store) => store.pool().clone().into(),
            Self::Postgres(store) => store.pool().clone().into(),
        }
    }

    /// For a clean stop.
    ///
    /// # Errors
    /// The store cannot be reached; nothing is lost.
    pub async fn close(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => {
                store.close().await;
                Ok(())
            }
        }
    }
}

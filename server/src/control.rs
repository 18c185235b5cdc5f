//! The control socket: how a command asks the server that holds the data folder, one line each way.

use std::error::Error as StdError;
use std::fs::{self, Permissions};
use std::future::Future;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::access::Role;
use domain::ids::ShopId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::net::UnixListener;

use crate::identity::secret::Secret;
use crate::import;
use crate::lock::{self, DataLock};
use crate::shop_creation;

pub use self::line::{ask, serve};

mod line;

/// What the server may be asked; each is answered with a type of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ask {
    /// Answered with [`IssuedPass`].
    Pass(Request),
    /// Answered with [`import::Report`].
    Import(import::Request),
    /// Answered with [`shop_creation::CreatedShop`].
    AddShop(shop_creation::Request),
}

impl Ask {
    /// How long its answer may take.
    fn patience(&self) -> Duration {
        match self {
            Self::Pass(_) | Self::AddShop(_) => Duration::from_secs(5),
            Self::Import(_) => Duration::from_mins(10),
        }
    }
}

/// A pass to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub make: PassKind,
    pub shop: ShopId,
    pub role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PassKind {
    Token,
    Link,
}

/// The pass that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedPass {
    pub secret: Secret,
    /// Where browsers find the server that made it; none when no server runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot make {}: its folder must be writable and its path shorter than 100 bytes", path.display())]
    Unusable { path: PathBuf, source: io::Error },
    #[error("{} does not answer: wait until the server is up, or start it again", path.display())]
    NoAnswer { path: PathBuf, source: io::Error },
    #[error("{} gave an answer that cannot be read: are the server and this command of one version?", path.display())]
    Garbled { path: PathBuf, source: serde_json::Error },
    /// In the words of the server.
    #[error("{reason}")]
    CommandError { reason: String },
    #[error(transparent)]
    Lock(lock::Error),
    #[error(transparent)]
    Direct(Box<dyn StdError + Send + Sync>),
}

fn socket(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// Makes the socket (0600) in the locked folder. One left behind by a process that died is replaced.
pub fn listen(lock: &DataLock) -> Result<UnixListener, Error> {
    let path = socket(lock.data());
    // It takes its name only once it is closed to others: there is no moment when they could come in.
    let unfinished = lock.data().join("control.new");
    bind(&unfinished, &path).map_err(|source| Error::Unusable { path, source })
}

fn bind(unfinished: &Path, path: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(unfinished)?;
    fs::set_permissions(unfinished, Permissions::from_mode(0o600))?;
    fs::rename(unfinished, path)?;
    Ok(listener)
}

/// Has it done: by the server where one holds the folder, else by `directly`, which is given the lock.
///
/// Both come to the same function in the end, so that what is done is the same whoever did it.
pub async fn done<T, D, F, E>(data: &Path, what: &Ask, directly: D) -> Result<T, Error>
where
    T: DeserializeOwned,
    D: FnOnce(DataLock) -> F,
    F: Future<Output = Result<T, E>>,
    E: StdError + Send + Sync + 'static,
{
    // Whoever holds the lock may be about to listen, or another command about to end.
    const CALL_TIMEOUT: u32 = 40;
    const PAUSE: Duration = Duration::from_millis(50);
    let mut tries = 0;
    loop {
        match lock::take(data) {
            Ok(lock) => return directly(lock).await.map_err(|error| Error::Direct(Box::new(error))),
            Err(lock::Error::InUse { .. }) => {}
            Err(error) => return Err(Error::Lock(error)),
        }
        tries += 1;
        match ask(data, what).await {
            Err(Error::NoAnswer { source, .. }) if nobody_listens(&source) && tries < CALL_TIMEOUT => {
                tokio::time::sleep(PAUSE).await;
            }
            answer => return answer,
        }
    }
}

fn nobody_listens(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

#[cfg(test)]
mod tests;

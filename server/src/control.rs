//! Control socket: CLI commands use it to reach the server that holds the data folder. One JSON line in each direction.

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
use crate::lock::{self, DataLock};
use crate::shop_creation;

pub use self::line::{call, serve};

mod line;

/// A request on the control socket. Each variant has its own response type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ControlRequest {
    /// Issues a pass. Response: [`IssuedPass`].
    Pass(PassRequest),
    /// Imports an archive. Response: [`import::Report`].
    Import(import::ImportRequest),
    /// Creates a shop. Response: [`shop_creation::CreatedShop`].
    AddShop(shop_creation::NewShop),
    /// Copies the database. Response: [`Backup`].
    Backup(BackupRequest),
}

impl ControlRequest {
    /// Maximum time from the request to its response.
    fn timeout(&self) -> Duration {
        match self {
            Self::Pass(_) | Self::AddShop(_) => Duration::from_secs(5),
            Self::Import(_) | Self::Backup(_) => Duration::from_mins(10),
        }
    }
}

/// The pass to issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassRequest {
    pub make: PassKind,
    pub shop: ShopId,
    pub role: Role,
}

/// The kinds of passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PassKind {
    /// A bearer token for a script or robot.
    Token,
    /// A one-time link that signs a browser in.
    Link,
}

/// The issued pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedPass {
    pub secret: Secret,
    /// Base URL of the running server; `None` if no server runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

/// The backup to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupRequest {
    /// Absolute path of the folder for the copy; it is created if necessary.
    pub folder: PathBuf,
}

/// A finished backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// The copy of the database.
    pub database: PathBuf,
    /// The keys that the copy depends on. They are not in it.
    pub keys: PathBuf,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot create {}: its folder must be writable and its path shorter than 100 bytes", path.display())]
    Unusable { path: PathBuf, source: io::Error },
    #[error("{} does not answer: wait until the server is up, or start it again", path.display())]
    NoAnswer { path: PathBuf, source: io::Error },
    #[error("invalid response on {}: check that the server and this command have the same version", path.display())]
    InvalidResponse { path: PathBuf, source: serde_json::Error },
    /// The server rejected the request; `reason` is its error text.
    #[error("{reason}")]
    Rejected { reason: String },
    #[error(transparent)]
    Lock(lock::Error),
    #[error(transparent)]
    Direct(Box<dyn StdError + Send + Sync>),
}

fn socket(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// Binds the control socket (mode 0600) in the locked folder. Replaces a socket left by a terminated process.
///
/// # Errors
/// [`Error::Unusable`] if the socket cannot be created.
pub fn listen(lock: &DataLock) -> Result<UnixListener, Error> {
    let path = socket(lock.data());
    // Renamed into place after its mode is set, so that no other user can connect in between.
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

/// Executes a request: by the server if one holds the folder, else by `run_locally`, which receives the lock.
///
/// Waits up to two seconds for a server that is starting or another command that is ending.
///
/// # Errors
/// The folder cannot be locked, the server does not answer or rejects the request, or `run_locally` fails.
pub async fn dispatch<T, D, F, E>(data: &Path, request: &ControlRequest, run_locally: D) -> Result<T, Error>
where
    T: DeserializeOwned,
    D: FnOnce(DataLock) -> F,
    F: Future<Output = Result<T, E>>,
    E: StdError + Send + Sync + 'static,
{
    // The holder of the lock may be a server that does not listen yet, or a command that is about to end.
    const MAX_ATTEMPTS: u32 = 40;
    const RETRY_DELAY: Duration = Duration::from_millis(50);
    let mut attempts = 0;
    loop {
        match lock::acquire(data) {
            Ok(lock) => return run_locally(lock).await.map_err(|error| Error::Direct(Box::new(error))),
            Err(lock::Error::InUse { .. }) => {}
            Err(error) => return Err(Error::Lock(error)),
        }
        attempts += 1;
        match call(data, request).await {
            Err(Error::NoAnswer { source, .. }) if is_not_listening(&source) && attempts < MAX_ATTEMPTS => {
                tokio::time::sleep(RETRY_DELAY).await;
            }
            answer => return answer,
        }
    }
}

fn is_not_listening(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

#[cfg(test)]
mod tests;

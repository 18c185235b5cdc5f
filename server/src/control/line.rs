//! Protocol of the control socket: one JSON line in each direction, bounded in length and time.

use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::path::Path;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{ControlRequest, Error, socket};

/// Maximum length of a line, newline included. Import reports are the longest.
pub(super) const MAX_LINE_BYTES: u64 = 65_536;
/// Timeout of reading or writing one line. The request between them has its own timeout.
const IO_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Response<T> {
    Ok(T),
    Error(String),
}

/// Accepts and answers requests. Never returns. A failed request is answered with the `Display` text of its error.
pub async fn serve<H, F, T, E>(listener: UnixListener, handler: H)
where
    H: Fn(ControlRequest) -> F + Clone + Send + 'static,
    F: Future<Output = Result<T, E>> + Send,
    T: Serialize + Send + Sync,
    E: StdError + Send,
{
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let handler = handler.clone();
                connections.spawn(async move {
                    if let Err(error) = handle_connection(stream, handler).await {
                        tracing::warn!(%error, "control connection failed");
                    }
                });
            }
            // Most likely out of file descriptors: an immediate retry would be a busy loop.
            Err(error) => {
                tracing::warn!(%error, "control socket accept failed; retrying");
                sleep(Duration::from_millis(100)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn handle_connection<H, F, T, E>(mut stream: UnixStream, handler: H) -> io::Result<()>
where
    H: Fn(ControlRequest) -> F,
    F: Future<Output = Result<T, E>>,
    T: Serialize,
    E: StdError,
{
    let line = timeout(IO_TIMEOUT, read_line(&mut stream)).await??;
    let answer = match serde_json::from_slice::<ControlRequest>(&line) {
        Ok(request) => {
            let answer = timeout(request.timeout(), handler(request)).await?;
            answer.map_or_else(|error| Response::Error(error.to_string()), Response::Ok)
        }
        Err(error) => Response::Error(format!("invalid request: {error}")),
    };
    timeout(IO_TIMEOUT, write_line(&mut stream, &answer)).await?
}

/// Sends a request to the server that holds `data` and returns its response.
///
/// # Errors
/// [`Error::NoAnswer`], [`Error::InvalidResponse`] or [`Error::Rejected`].
pub async fn call<T: DeserializeOwned>(data: &Path, request: &ControlRequest) -> Result<T, Error> {
    let path = socket(data);
    let line = match timeout(request.timeout(), exchange(&path, request)).await {
        Ok(Ok(line)) => line,
        Ok(Err(source)) => return Err(Error::NoAnswer { path, source }),
        Err(late) => return Err(Error::NoAnswer { path, source: late.into() }),
    };
    match serde_json::from_slice(&line) {
        Ok(Response::Ok(output)) => Ok(output),
        Ok(Response::Error(reason)) => Err(Error::Rejected { reason }),
        Err(source) => Err(Error::InvalidResponse { path, source }),
    }
}

async fn exchange(path: &Path, request: &ControlRequest) -> io::Result<Vec<u8>> {
    let mut stream = UnixStream::connect(path).await?;
    write_line(&mut stream, request).await?;
    read_line(&mut stream).await
}

async fn write_line(stream: &mut UnixStream, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    stream.write_all(&line).await
}

async fn read_line(stream: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    BufReader::new(stream.take(MAX_LINE_BYTES)).read_until(b'\n', &mut line).await?;
    match line.pop() {
        Some(b'\n') => Ok(line),
        Some(_) if line.len() as u64 + 1 == MAX_LINE_BYTES => Err(io::ErrorKind::InvalidData.into()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

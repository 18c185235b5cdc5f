//! One line of JSON each way over the control socket, bounded in length and in time.

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

use super::{Ask, Error, socket};

/// The account of an import is by far the longest.
pub(super) const LONGEST_LINE: u64 = 65_536;
/// For a line to come or go; what lies between has its own.
const LONGEST_TALK: Duration = Duration::from_secs(5);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer<T> {
    Ok(T),
    Error(String),
}

/// Answers whoever asks, for as long as it is polled. What `handler` fails with is told by its `Display` alone.
pub async fn serve<H, F, T, E>(listener: UnixListener, handler: H)
where
    H: Fn(Ask) -> F + Clone + Send + 'static,
    F: Future<Output = Result<T, E>> + Send,
    T: Serialize + Send + Sync,
    E: StdError + Send,
{
    let mut talks = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let handler = handler.clone();
                talks.spawn(async move {
                    if let Err(error) = talk(stream, handler).await {
                        tracing::warn!(%error, "a talk over the control socket broke off");
                    }
                });
            }
            // Out of descriptors, most likely: trying again at once would only keep the processor busy.
            Err(error) => {
                tracing::warn!(%error, "the control socket accepts nobody for a moment");
                sleep(Duration::from_millis(100)).await;
            }
        }
        while talks.try_join_next().is_some() {}
    }
}

async fn talk<H, F, T, E>(mut stream: UnixStream, handler: H) -> io::Result<()>
where
    H: Fn(Ask) -> F,
    F: Future<Output = Result<T, E>>,
    T: Serialize,
    E: StdError,
{
    let line = timeout(LONGEST_TALK, read_line(&mut stream)).await??;
    let answer = match serde_json::from_slice::<Ask>(&line) {
        Ok(what) => {
            let answer = timeout(what.patience(), handler(what)).await?;
            answer.map_or_else(|error| Answer::Error(error.to_string()), Answer::Ok)
        }
        Err(error) => Answer::Error(format!("the request cannot be read: {error}")),
    };
    timeout(LONGEST_TALK, write_line(&mut stream, &answer)).await?
}

/// Asks the server that holds `data`.
pub async fn ask<T: DeserializeOwned>(data: &Path, what: &Ask) -> Result<T, Error> {
    let path = socket(data);
    let line = match timeout(what.patience(), exchange(&path, what)).await {
        Ok(Ok(line)) => line,
        Ok(Err(source)) => return Err(Error::NoAnswer { path, source }),
        Err(late) => return Err(Error::NoAnswer { path, source: late.into() }),
    };
    match serde_json::from_slice(&line) {
        Ok(Answer::Ok(done)) => Ok(done),
        Ok(Answer::Error(reason)) => Err(Error::CommandError { reason }),
        Err(source) => Err(Error::Garbled { path, source }),
    }
}

async fn exchange(path: &Path, what: &Ask) -> io::Result<Vec<u8>> {
    let mut stream = UnixStream::connect(path).await?;
    write_line(&mut stream, what).await?;
    read_line(&mut stream).await
}

async fn write_line(stream: &mut UnixStream, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    stream.write_all(&line).await
}

async fn read_line(stream: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    BufReader::new(stream.take(LONGEST_LINE)).read_until(b'\n', &mut line).await?;
    match line.pop() {
        Some(b'\n') => Ok(line),
        Some(_) if line.len() as u64 + 1 == LONGEST_LINE => Err(io::ErrorKind::InvalidData.into()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

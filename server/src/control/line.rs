//! One line of JSON each way over the control socket, bounded in length and in time.

use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{Error, Made, Request, socket};

const LONGEST_LINE: u64 = 4096;
const LONGEST_TALK: Duration = Duration::from_secs(5);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Ok(Made),
    Error(String),
}

/// Answers whoever asks, for as long as it is polled. What `handler` fails with is told by its `Display` alone.
pub async fn serve<H, F, E>(listener: UnixListener, handler: H)
where
    H: Fn(Request) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Made, E>> + Send,
    E: StdError + Send,
{
    let mut talks = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let handler = handler.clone();
                talks.spawn(async move {
                    match timeout(LONGEST_TALK, talk(stream, handler)).await {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => tracing::warn!(%error, "a talk over the control socket broke off"),
                        Err(_) => tracing::warn!("a talk over the control socket took too long"),
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

async fn talk<H, F, E>(mut stream: UnixStream, handler: H) -> io::Result<()>
where
    H: Fn(Request) -> F,
    F: Future<Output = Result<Made, E>>,
    E: StdError,
{
    let line = read_line(&mut stream).await?;
    let answer = match serde_json::from_slice(&line) {
        Ok(request) => handler(request).await.map_or_else(|error| Answer::Error(error.to_string()), Answer::Ok),
        Err(error) => Answer::Error(format!("the request cannot be read: {error}")),
    };
    write_line(&mut stream, &answer).await
}

/// Asks the server that holds `data`.
pub async fn ask(data: &Path, request: &Request) -> Result<Made, Error> {
    let path = socket(data);
    let line = match timeout(LONGEST_TALK, exchange(&path, request)).await {
        Ok(Ok(line)) => line,
        Ok(Err(source)) => return Err(Error::NoAnswer { path, source }),
        Err(late) => return Err(Error::NoAnswer { path, source: late.into() }),
    };
    match serde_json::from_slice(&line) {
        Ok(Answer::Ok(made)) => Ok(made),
        Ok(Answer::Error(reason)) => Err(Error::Refused { reason }),
        Err(source) => Err(Error::Garbled { path, source }),
    }
}

async fn exchange(path: &Path, request: &Request) -> io::Result<Vec<u8>> {
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
    BufReader::new(stream.take(LONGEST_LINE)).read_until(b'\n', &mut line).await?;
    match line.pop() {
        Some(b'\n') => Ok(line),
        Some(_) if line.len() as u64 + 1 == LONGEST_LINE => Err(io::ErrorKind::InvalidData.into()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

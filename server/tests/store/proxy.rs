//! A proxy before PostgreSQL that can cut a connection around a commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use store::StoreUrl;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

const FORWARD: u8 = 0;
/// Cuts the connection before the next commit reaches the server.
const DROP_COMMIT: u8 = 1;
/// Forwards the next commit and cuts the connection before its response.
const DROP_RESPONSE: u8 = 2;

/// The wire format of the commit: a simple query.
const COMMIT_MESSAGE: &[u8] = b"Q\0\0\0\x0bcommit\0";

#[derive(Debug, Default)]
struct CutState {
    next: AtomicU8,
    dropped: AtomicUsize,
}

pub(crate) struct CommitProxy {
    url: StoreUrl,
    cut: Arc<CutState>,
}

impl CommitProxy {
    pub(crate) async fn to(database: &StoreUrl) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (_, name) = database.reveal().split_once("localhost/").unwrap();
        let (name, folder) = name.split_once("?host=").unwrap();
        let (socket, cut) = (format!("{folder}/.s.PGSQL.5432"), Arc::<CutState>::default());
        let url = format!("postgres://postgres@127.0.0.1:{port}/{name}").into();
        let proxy = Self { url, cut: Arc::clone(&cut) };
        tokio::spawn(async move {
            while let Ok((program, _)) = listener.accept().await {
                let server = UnixStream::connect(&socket).await.unwrap();
                tokio::spawn(forward(program, server, Arc::clone(&cut)));
            }
        });
        proxy
    }

    pub(crate) fn url(&self) -> StoreUrl {
        self.url.clone()
    }

    pub(crate) fn drop_next_commit(&self) {
        self.cut.next.store(DROP_COMMIT, Ordering::SeqCst);
    }

    pub(crate) fn drop_next_commit_response(&self) {
        self.cut.next.store(DROP_RESPONSE, Ordering::SeqCst);
    }

    pub(crate) fn dropped_commits(&self) -> usize {
        self.cut.dropped.load(Ordering::SeqCst)
    }
}

/// Forwards both directions until one end closes or the proxy cuts the connection.
async fn forward(mut program: TcpStream, mut server: UnixStream, cut: Arc<CutState>) {
    let (mut requests, mut responses) = (vec![0; 65_536], vec![0; 65_536]);
    let mut is_last = false;
    loop {
        tokio::select! {
            Ok(length) = program.read(&mut requests) => {
                let message = &requests[..length];
                let is_commit = message.windows(COMMIT_MESSAGE.len()).any(|window| window == COMMIT_MESSAGE);
                let next = if is_commit { cut.next.swap(FORWARD, Ordering::SeqCst) } else { FORWARD };
                cut.dropped.fetch_add(usize::from(next != FORWARD), Ordering::SeqCst);
                is_last = next == DROP_RESPONSE;
                if length == 0 || next == DROP_COMMIT || server.write_all(message).await.is_err() {
                    return;
                }
            }
            Ok(length) = server.read(&mut responses) => {
                if length == 0 || is_last || program.write_all(&responses[..length]).await.is_err() {
                    return;
                }
            }
            else => return,
        }
    }
}

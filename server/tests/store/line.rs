//! A proxy before PostgreSQL that can cut a connection around a commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use server::config::StoreUrl;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

const WHOLE: u8 = 0;
/// Cuts the connection before the next commit reaches the server.
const NO_COMMIT: u8 = 1;
/// Forwards the next commit and cuts the connection before its response.
const NO_ANSWER: u8 = 2;

/// The wire format of the commit: a simple query.
const COMMIT: &[u8] = b"Q\0\0\0\x0bcommit\0";

#[derive(Debug, Default)]
struct Cut {
    next: AtomicU8,
    lost: AtomicUsize,
}

pub(crate) struct Line {
    url: StoreUrl,
    cut: Arc<Cut>,
}

impl Line {
    pub(crate) async fn to(database: &StoreUrl) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (_, name) = database.reveal().split_once("localhost/").unwrap();
        let (name, folder) = name.split_once("?host=").unwrap();
        let (socket, cut) = (format!("{folder}/.s.PGSQL.5432"), Arc::<Cut>::default());
        let url = format!("postgres://postgres@127.0.0.1:{port}/{name}").into();
        let line = Self { url, cut: Arc::clone(&cut) };
        tokio::spawn(async move {
            while let Ok((program, _)) = listener.accept().await {
                let server = UnixStream::connect(&socket).await.unwrap();
                tokio::spawn(carry(program, server, Arc::clone(&cut)));
            }
        });
        line
    }

    pub(crate) fn url(&self) -> StoreUrl {
        self.url.clone()
    }

    pub(crate) fn lose_a_commit(&self) {
        self.cut.next.store(NO_COMMIT, Ordering::SeqCst);
    }

    pub(crate) fn lose_the_answer_to_a_commit(&self) {
        self.cut.next.store(NO_ANSWER, Ordering::SeqCst);
    }

    pub(crate) fn commits_lost(&self) -> usize {
        self.cut.lost.load(Ordering::SeqCst)
    }
}

/// Forwards both directions until one end closes or the proxy cuts the connection.
async fn carry(mut program: TcpStream, mut server: UnixStream, cut: Arc<Cut>) {
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    let mut is_last = false;
    loop {
        tokio::select! {
            Ok(length) = program.read(&mut asked) => {
                let said = &asked[..length];
                let is_commit = said.windows(COMMIT.len()).any(|window| window == COMMIT);
                let next = if is_commit { cut.next.swap(WHOLE, Ordering::SeqCst) } else { WHOLE };
                cut.lost.fetch_add(usize::from(next != WHOLE), Ordering::SeqCst);
                is_last = next == NO_ANSWER;
                if length == 0 || next == NO_COMMIT || server.write_all(said).await.is_err() {
                    return;
                }
            }
            Ok(length) = server.read(&mut answered) => {
                if length == 0 || is_last || program.write_all(&answered[..length]).await.is_err() {
                    return;
                }
            }
            else => return,
        }
    }
}

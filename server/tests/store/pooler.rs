//! A pooler before PostgreSQL: it drops startup options and shares the connections of the server.

use std::collections::VecDeque;
use std::sync::Arc;

use store::StoreUrl;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{Mutex, Semaphore};

/// The time for which a client keeps a connection of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pooling {
    /// Until it disconnects.
    Session,
    /// Until a transaction ends. The next transaction gets the connection that was released last.
    TransactionStack,
    /// Until a transaction ends. The next transaction gets the connection that was released first.
    TransactionQueue,
    /// Until a statement ends. Transactions are refused.
    Statement,
}

/// The response to a transaction when statements are pooled, as `PgBouncer` writes it.
const REFUSAL: &str = "SFATAL\0C08P01\0Mtransaction blocks not allowed in statement pooling mode\0\0";

/// A connection of the server, with its response to the startup.
struct Backend {
    socket: UnixStream,
    greeting: Vec<u8>,
}

pub(crate) struct Pooler {
    socket: String,
    startup: Vec<u8>,
    pooling: Pooling,
    idle: Mutex<VecDeque<Backend>>,
    /// Connections of the server that may be in use at once.
    free: Semaphore,
}

impl Pooler {
    /// Starts a pooler with at most `size` connections of the server and returns its URL.
    pub(crate) async fn start(database: &StoreUrl, pooling: Pooling, size: usize) -> StoreUrl {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (_, name) = database.reveal().split_once("localhost/").unwrap();
        let (name, folder) = name.split_once("?host=").unwrap();
        let url = format!("postgres://postgres@127.0.0.1:{port}/{name}").into();
        let parameters = format!("user\0postgres\0database\0{name}\0client_encoding\0UTF8\0\0");
        let length = u32::try_from(8 + parameters.len()).unwrap();
        let startup = [&length.to_be_bytes()[..], &[0, 3, 0, 0], parameters.as_bytes()].concat();
        let socket = format!("{folder}/.s.PGSQL.5432");
        let (idle, free) = (Mutex::default(), Semaphore::new(size));
        let pooler = Arc::new(Self { socket, startup, pooling, idle, free });
        if pooling == Pooling::TransactionQueue {
            let first = [pooler.connect().await, pooler.connect().await];
            pooler.idle.lock().await.extend(first);
        }
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let pooler = Arc::clone(&pooler);
                tokio::spawn(async move { pooler.serve(client).await });
            }
        });
        url
    }

    async fn connect(&self) -> Backend {
        let mut socket = UnixStream::connect(&self.socket).await.unwrap();
        socket.write_all(&self.startup).await.unwrap();
        let mut greeting = Vec::new();
        while read_message(&mut socket, &mut greeting).await.unwrap() != b'Z' {}
        Backend { socket, greeting }
    }

    async fn acquire(&self) -> Backend {
        self.free.acquire().await.unwrap().forget();
        let idle = self.idle.lock().await.pop_front();
        match idle {
            Some(backend) => backend,
            None => self.connect().await,
        }
    }

    async fn release(&self, backend: Backend) {
        let mut idle = self.idle.lock().await;
        if self.pooling == Pooling::TransactionQueue {
            idle.push_back(backend);
        } else {
            idle.push_front(backend);
        }
        self.free.add_permits(1);
    }

    /// Serves one client until it disconnects.
    async fn serve(&self, mut client: TcpStream) {
        let length = client.read_u32().await.unwrap();
        client.read_exact(&mut vec![0; length as usize - 4]).await.unwrap();
        let backend = self.acquire().await;
        client.write_all(&backend.greeting).await.unwrap();
        let mut held = Some(backend);
        loop {
            if self.pooling != Pooling::Session
                && let Some(backend) = held.take()
            {
                self.release(backend).await;
            }
            if self.serve_transaction(&mut client, &mut held).await.is_none() {
                break;
            }
        }
        // A session and an interrupted transaction end with their connection.
        if held.is_some() {
            self.free.add_permits(1);
        }
    }

    /// Forwards messages until the server is outside of a transaction. `None` after the client has disconnected.
    async fn serve_transaction(&self, client: &mut TcpStream, held: &mut Option<Backend>) -> Option<()> {
        loop {
            let mut request = Vec::new();
            let mut kind = read_message(client, &mut request).await?;
            while !matches!(kind, b'Q' | b'S' | b'X') {
                kind = read_message(client, &mut request).await?;
            }
            if kind == b'X' {
                return None;
            }
            if self.pooling == Pooling::Statement && request.windows(5).any(|text| text == b"begin") {
                let length = u32::try_from(4 + REFUSAL.len()).unwrap().to_be_bytes();
                client.write_all(&[b"E", &length[..], REFUSAL.as_bytes()].concat()).await.ok()?;
                return None;
            }
            if held.is_none() {
                *held = Some(self.acquire().await);
            }
            let backend = held.as_mut()?;
            backend.socket.write_all(&request).await.ok()?;
            let mut response = Vec::new();
            while read_message(&mut backend.socket, &mut response).await? != b'Z' {}
            client.write_all(&response).await.ok()?;
            if response.last() == Some(&b'I') {
                return Some(());
            }
        }
    }
}

/// Appends the next message to `to` and returns its kind; `None` at the end of the connection.
async fn read_message(from: &mut (impl AsyncReadExt + Unpin), to: &mut Vec<u8>) -> Option<u8> {
    let (kind, length) = (from.read_u8().await.ok()?, from.read_u32().await.ok()?);
    to.push(kind);
    to.extend(length.to_be_bytes());
    let begin = to.len();
    to.resize(begin + length as usize - 4, 0);
    from.read_exact(&mut to[begin..]).await.ok()?;
    Some(kind)
}

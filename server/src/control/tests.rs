//! Tests over a real control socket.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::convert::Infallible;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::task::JoinHandle;

use super::*;
use crate::scratch::Scratch;

const SECRET: &str = "cl_AAAAAAAAAAAAAAAAAAAAAA";

#[derive(Debug, thiserror::Error)]
#[error("there is no shop {0}")]
struct NoSuchShop(ShopId);

fn issued_pass() -> IssuedPass {
    IssuedPass { secret: SECRET.parse().unwrap(), base: None }
}

async fn answer(request: ControlRequest) -> Result<IssuedPass, NoSuchShop> {
    let ControlRequest::Pass(request) = request else { panic!("unexpected request") };
    if request.shop.as_str() == "demo" { Ok(issued_pass()) } else { Err(NoSuchShop(request.shop)) }
}

fn request(shop: &str) -> ControlRequest {
    ControlRequest::Pass(PassRequest { make: PassKind::Link, shop: shop.parse().unwrap(), role: Role::Display })
}

/// Starts a server on the folder. Returns the lock that it holds.
fn server(scratch: &Scratch) -> (DataLock, JoinHandle<()>) {
    let lock = lock::acquire(scratch.path()).unwrap();
    let listener = listen(&lock).unwrap();
    (lock, tokio::spawn(serve(listener, answer)))
}

async fn exchange_text(scratch: &Scratch, text: &[u8]) -> String {
    let mut stream = UnixStream::connect(socket(scratch.path())).await.unwrap();
    stream.write_all(text).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn unreachable_locally(_: DataLock) -> Result<IssuedPass, Infallible> {
    panic!("the folder is locked by the server")
}

#[tokio::test]
async fn a_request_line_gets_a_response_line() {
    let scratch = Scratch::new();
    let _server = server(&scratch);
    let line = br#"{"pass":{"make":"link","shop":"demo","role":"display"}}"#;
    assert_eq!(
        exchange_text(&scratch, &[line, b"\n".as_slice()].concat()).await,
        format!("{{\"ok\":{{\"secret\":\"{SECRET}\"}}}}\n")
    );
    let other = br#"{"pass":{"make":"token","shop":"other","role":"robot"}}"#;
    let refused = exchange_text(&scratch, &[other, b"\n".as_slice()].concat()).await;
    assert_eq!(refused, "{\"error\":\"there is no shop other\"}\n");
}

#[tokio::test]
async fn a_locked_folder_is_reached_by_socket_and_a_free_one_is_opened() {
    let scratch = Scratch::new();
    let (lock, serving) = server(&scratch);
    assert_eq!(dispatch(scratch.path(), &request("demo"), unreachable_locally).await.unwrap(), issued_pass());
    let refused = dispatch(scratch.path(), &request("other"), unreachable_locally).await.unwrap_err();
    assert_eq!(refused.to_string(), "there is no shop other");
    serving.abort();
    drop(lock);
    let direct = |lock: DataLock| async move {
        assert!(lock::acquire(lock.data()).is_err());
        answer(request("demo")).await
    };
    assert_eq!(dispatch(scratch.path(), &request("demo"), direct).await.unwrap(), issued_pass());
}

#[tokio::test]
async fn a_command_waits_for_a_command_that_is_ending() {
    let scratch = Scratch::new();
    let lock = lock::acquire(scratch.path()).unwrap();
    let request = request("demo");
    let direct = |_: DataLock| answer(self::request("demo"));
    let (issued, ()) = tokio::join!(dispatch(scratch.path(), &request, direct), async {
        tokio::task::yield_now().await;
        drop(lock);
    });
    assert_eq!(issued.unwrap(), issued_pass());
}

#[tokio::test]
async fn the_socket_has_owner_permissions_and_replaces_a_stale_one() {
    let scratch = Scratch::new();
    let lock = lock::acquire(scratch.path()).unwrap();
    drop(listen(&lock).unwrap());
    assert!(matches!(call::<IssuedPass>(scratch.path(), &request("demo")).await, Err(Error::NoAnswer { .. })));
    let _listener = listen(&lock).unwrap();
    let path = socket(scratch.path());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(UnixStream::connect(path).await.is_ok());
}

#[tokio::test]
async fn malformed_requests_are_refused_and_endless_ones_time_out() {
    let scratch = Scratch::new();
    let _server = server(&scratch);
    for line in ["", "{}", "coffee", r#"{"pass":{"make":"link","shop":"demo","role":"display","more":1}}"#] {
        let answer = exchange_text(&scratch, format!("{line}\n").as_bytes()).await;
        assert!(answer.starts_with("{\"error\":\"invalid request: "), "{answer}");
    }
    assert_eq!(exchange_text(&scratch, b"no line").await, "");
    assert_eq!(exchange_text(&scratch, &vec![b' '; usize::try_from(line::MAX_LINE_BYTES).unwrap()]).await, "");
    // Other connections still work.
    assert!(call::<IssuedPass>(scratch.path(), &request("demo")).await.is_ok());
}

//! What the control socket promises, over a real one.

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

fn made() -> IssuedPass {
    IssuedPass { secret: SECRET.parse().unwrap(), base: None }
}

async fn answer(what: Ask) -> Result<IssuedPass, NoSuchShop> {
    let Ask::Pass(request) = what else { panic!("nobody asks for anything else here") };
    if request.shop.as_str() == "demo" { Ok(made()) } else { Err(NoSuchShop(request.shop)) }
}

fn request(shop: &str) -> Ask {
    Ask::Pass(Request { make: PassKind::Link, shop: shop.parse().unwrap(), role: Role::Display })
}

/// A server that holds the folder, for as long as the lock is kept.
fn server(scratch: &Scratch) -> (DataLock, JoinHandle<()>) {
    let lock = lock::take(scratch.path()).unwrap();
    let listener = listen(&lock).unwrap();
    (lock, tokio::spawn(serve(listener, answer)))
}

async fn say(scratch: &Scratch, text: &[u8]) -> String {
    let mut stream = UnixStream::connect(socket(scratch.path())).await.unwrap();
    stream.write_all(text).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn never(_: DataLock) -> Result<IssuedPass, Infallible> {
    panic!("the folder is held by another")
}

#[tokio::test]
async fn a_line_is_answered_with_a_line() {
    let scratch = Scratch::new();
    let _server = server(&scratch);
    let line = br#"{"pass":{"make":"link","shop":"demo","role":"display"}}"#;
    assert_eq!(
        say(&scratch, &[line, b"\n".as_slice()].concat()).await,
        format!("{{\"ok\":{{\"secret\":\"{SECRET}\"}}}}\n")
    );
    let other = br#"{"pass":{"make":"token","shop":"other","role":"robot"}}"#;
    let refused = say(&scratch, &[other, b"\n".as_slice()].concat()).await;
    assert_eq!(refused, "{\"error\":\"there is no shop other\"}\n");
}

#[tokio::test]
async fn a_held_folder_is_asked_and_a_free_one_opened() {
    let scratch = Scratch::new();
    let (lock, serving) = server(&scratch);
    assert_eq!(done(scratch.path(), &request("demo"), never).await.unwrap(), made());
    let refused = done(scratch.path(), &request("other"), never).await.unwrap_err();
    assert_eq!(refused.to_string(), "there is no shop other");
    serving.abort();
    drop(lock);
    let direct = |lock: DataLock| async move {
        assert!(lock::take(lock.data()).is_err());
        answer(request("demo")).await
    };
    assert_eq!(done(scratch.path(), &request("demo"), direct).await.unwrap(), made());
}

#[tokio::test]
async fn a_command_waits_for_another_that_is_about_to_end() {
    let scratch = Scratch::new();
    let lock = lock::take(scratch.path()).unwrap();
    let request = request("demo");
    let direct = |_: DataLock| answer(self::request("demo"));
    let (made_at_last, ()) = tokio::join!(done(scratch.path(), &request, direct), async {
        tokio::task::yield_now().await;
        drop(lock);
    });
    assert_eq!(made_at_last.unwrap(), made());
}

#[tokio::test]
async fn the_socket_is_for_its_owner_alone_and_replaces_one_left_by_the_dead() {
    let scratch = Scratch::new();
    let lock = lock::take(scratch.path()).unwrap();
    drop(listen(&lock).unwrap());
    assert!(matches!(ask::<IssuedPass>(scratch.path(), &request("demo")).await, Err(Error::NoAnswer { .. })));
    let _listener = listen(&lock).unwrap();
    let path = socket(scratch.path());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(UnixStream::connect(path).await.is_ok());
}

#[tokio::test]
async fn what_is_no_request_is_told_so_and_what_never_ends_is_cut_off() {
    let scratch = Scratch::new();
    let _server = server(&scratch);
    for line in ["", "{}", "coffee", r#"{"pass":{"make":"link","shop":"demo","role":"display","more":1}}"#] {
        let answer = say(&scratch, format!("{line}\n").as_bytes()).await;
        assert!(answer.starts_with("{\"error\":\"the request cannot be read: "), "{answer}");
    }
    assert_eq!(say(&scratch, b"no line").await, "");
    assert_eq!(say(&scratch, &vec![b' '; usize::try_from(line::LONGEST_LINE).unwrap()]).await, "");
    // It still answers others.
    assert!(ask::<IssuedPass>(scratch.path(), &request("demo")).await.is_ok());
}

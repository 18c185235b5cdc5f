//! Connections that wait for their client, and their number.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::StatusCode;
use domain::access::Role;
use domain::view::ordering::Ordering;
use server::config::Settings;
use server::connections::ConnectionLimits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::request::TestRequest;
use crate::harness::{LivePage, TempDir, TestInstallation, TestServer, within_timeout};
use crate::restart::program::{ServerProcess, run_command};

const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_hours(1);

const HALF_BODY: &[u8] = b"POST /api/orders/start HTTP/1.1\r\nhost: bar.example\r\ncontent-length: 100\r\n\
                           content-type: application/x-www-form-urlencoded\r\n\r\nshop=demo";

/// Limits of which none is reached.
fn unlimited() -> ConnectionLimits {
    ConnectionLimits { head: LONG, body: LONG, idle: LONG, write: LONG, most: None }
}

async fn start(connections: ConnectionLimits) -> TestServer {
    TestInstallation::with_settings(Settings { connections, ..Settings::default() }).start().await
}

async fn connect(addr: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut connection = TcpStream::connect(addr).await.unwrap();
    connection.write_all(bytes).await.unwrap();
    connection
}

/// Reads until the server closes the connection.
async fn read_to_end(mut connection: TcpStream) -> String {
    let mut answer = Vec::new();
    // A reset also ends a connection.
    let _ = within_timeout("the end of the connection", connection.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_connection_without_a_whole_head_is_closed() {
    let server = start(ConnectionLimits { head: SHORT, ..unlimited() }).await;
    let halves: [&[u8]; 5] = [
        b"",
        b"G",
        b"GET /s/demo HTTP/1.1\r\nhost: bar.example\r\nx-slow: ",
        b"PRI * HTT",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    for half in halves {
        let answer = read_to_end(connect(server.addr, half).await).await;
        assert!(!answer.contains("HTTP/1.1 4"), "{answer}");
    }
}

#[tokio::test]
async fn a_head_that_trickles_in_is_closed_in_spite_of_its_bytes() {
    let server = start(ConnectionLimits { head: SHORT, ..unlimited() }).await;
    let (mut from, mut to) = connect(server.addr, b"GET / HTTP/1.1\r\nx: ").await.into_split();
    let trickling = tokio::spawn(async move { while to.write_all(b"a").await.is_ok() {} });
    let mut answer = Vec::new();
    let _ = within_timeout("the end of the connection", from.read_to_end(&mut answer)).await;
    within_timeout("the end of the trickle", trickling).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_is_kept_alive_is_closed_when_it_is_not_used() {
    let server = start(ConnectionLimits { idle: SHORT, ..unlimited() }).await;
    let request = "GET /problems/busy HTTP/1.1\r\nhost: bar.example\r\n\r\n";
    for more in ["", "GET /s/demo HTTP/1.1\r\nhost: "] {
        let answer = read_to_end(connect(server.addr, format!("{request}{more}").as_bytes()).await).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
}

#[tokio::test]
async fn half_a_body_is_refused_and_its_connection_closed() {
    let server = start(ConnectionLimits { body: SHORT, head: SHORT, ..unlimited() }).await;
    let position = server.position().await;
    let answer = read_to_end(connect(server.addr, HALF_BODY).await).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("/problems/body_late"), "{answer}");
    assert_eq!(server.position().await, position);
}

#[tokio::test]
async fn a_stream_lives_longer_than_every_limit() {
    let limits = ConnectionLimits { head: SHORT, idle: SHORT, body: SHORT, write: SHORT, most: None };
    let server = start(limits).await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let mut page = LivePage::<Ordering>::open(&phone, "ordering").await;
    for _ in 0..3 {
        read_to_end(connect(server.addr, b"").await).await;
    }
    tablet.command("store/close", &[]).await.expect_ok();
    page.wait_until(|view, _| !view.bar.open).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_closed() {
    let server = start(ConnectionLimits { write: SHORT, ..unlimited() }).await;
    let (from, mut to) = connect(server.addr, b"").await.into_split();
    // The server reads no further requests while nobody reads its responses.
    let asking = tokio::spawn(async move {
        while to.write_all(b"GET /s/demo HTTP/1.1\r\nhost: bar.example\r\n\r\n").await.is_ok() {}
    });
    within_timeout("the end of the connection", asking).await.unwrap();
    drop(from);
}

#[tokio::test]
async fn half_requests_shut_nobody_out() {
    let halves: [&[u8]; 2] = [b"GET /s/demo HTTP/1.1\r\nx-slow: ", HALF_BODY];
    for half in halves {
        let server = start(ConnectionLimits { most: Some(8), ..unlimited() }).await;
        let tablet = server.barista().await;
        let mut open = Vec::new();
        for _ in 0..40 {
            open.push(connect(server.addr, half).await);
        }
        assert_eq!(tablet.get("/s/demo/barista").await.status, StatusCode::OK);
        server.guest().await.order(&server.qr_code().await, "mocha").await;
        server.link(Role::Barista).await;
        // The oldest made room.
        read_to_end(open.swap_remove(0)).await;
    }
}

#[tokio::test]
async fn streams_of_guests_leave_room_for_staff() {
    let server = start(ConnectionLimits { most: Some(16), ..unlimited() }).await;
    let tablet = server.barista().await;
    let stream = |view: &str| TestRequest::get(&format!("/s/demo/stream/{view}"));
    let mut streams = Vec::new();
    for _ in 0..30 {
        let phone = server.new_browser();
        let response = phone.open(stream("ordering")).await;
        if response.status() != StatusCode::OK {
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()["retry-after"], "10");
        }
        streams.push(response);
    }
    let open = streams.iter().filter(|response| response.status() == StatusCode::OK).count();
    assert!((1..=14).contains(&open), "{open} streams of guests are open");
    let staff = tablet.open(stream("barista")).await;
    assert_eq!(staff.status(), StatusCode::OK);
    assert_eq!(server.new_browser().get("/s/demo").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_program_raises_its_limit_of_open_files() {
    let data = TempDir::new();
    let program = ServerProcess::serve_with_open_files(data.path(), 64).await;
    let mut halves = Vec::new();
    for _ in 0..200 {
        halves.push(connect(program.addr, b"GET /s/demo HTTP/1.1\r\nx-slow: ").await);
    }
    let page = connect(program.addr, b"GET /s/demo HTTP/1.1\r\nhost: bar.example\r\nconnection: close\r\n\r\n").await;
    assert!(read_to_end(page).await.starts_with("HTTP/1.1 200 "));
    run_command(data.path(), &["token", "--role", "barista"]).await.unwrap();
    for mut half in halves {
        half.write_all(b"\r\nhost: bar.example\r\nconnection: close\r\n\r\n").await.unwrap();
        assert!(read_to_end(half).await.starts_with("HTTP/1.1 200 "), "no half request was closed");
    }
}

//! The same-origin check of forms: proxies, spellings of one origin, and the `Host` of a request.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{Request, Version, header};
use domain::view::display::Display;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::harness::browser::command;
use crate::harness::request::{TestRequest, TestResponse};
use crate::harness::{Browser, TestInstallation, TestServer, within_timeout};

/// Posts a form as a browser without Fetch Metadata does.
async fn post(client: &Browser, origin: &str, host: &str) -> TestResponse {
    let request = TestRequest { headers: Vec::new(), ..command("store/open", &[]) };
    let request = request.with("content-type", "application/x-www-form-urlencoded");
    client.send(request.with("origin", origin).with("host", host)).await
}

#[tokio::test]
async fn a_form_of_the_public_url_is_accepted_behind_a_default_proxy() {
    // nginx sends the name of its upstream as `Host` unless it is told otherwise.
    let server = TestInstallation::with_public_url("http://bar.example").start().await;
    let tablet = server.barista().await;
    let direct = server.addr.to_string();
    for origin in ["http://bar.example", "http://BAR.Example", "http://bar.example:80", "http://bar.example."] {
        for host in ["crema_backend", "127.0.0.1:3000", "bar.example", "bar.example:80"] {
            post(&tablet, origin, host).await.expect_ok();
        }
    }
    post(&tablet, &format!("http://{direct}"), &direct).await.expect_ok();
    let foreign = ["http://bar.example.evil", "http://evil.example", "http://bar.example:8080", "null", "", "größe"];
    for origin in foreign {
        for host in ["crema_backend", "bar.example"] {
            assert_eq!(post(&tablet, origin, host).await.slug(), "foreign_post", "{origin} {host}");
        }
    }
    assert_eq!(post(&tablet, "https://bar.example", "bar.example").await.slug(), "foreign_post");
}

#[tokio::test]
async fn origins_are_compared_as_urls() {
    let server = TestServer::start().await;
    let tablet = server.barista().await;
    let same = [
        ("http://bar.example", "BAR.EXAMPLE"),
        ("http://bar.example", "bar.example:80"),
        ("https://bar.example", "bar.example:443"),
        ("https://bar.example", "bar.example"),
        ("HTTP://bar.example:3000", "bar.example:3000"),
        ("http://[::1]:3000", "[0:0:0:0:0:0:0:1]:3000"),
        ("http://bar.example", "bar.example."),
        ("http://xn--caf-dma.example", "XN--CAF-DMA.example"),
    ];
    for (origin, host) in same {
        post(&tablet, origin, host).await.expect_ok();
    }
    let other = [
        ("http://bar.example", "bar.example:443"),
        ("https://bar.example", "bar.example:80"),
        ("http://bar.example:3000", "bar.example"),
        ("http://bar.example", "ar.example"),
        ("http://[::1]:3000", "[::2]:3000"),
        ("ftp://bar.example", "bar.example"),
        ("bar.example", "bar.example"),
        ("http://bar.example/path", "bar.example"),
    ];
    for (origin, host) in other {
        assert_eq!(post(&tablet, origin, host).await.slug(), "foreign_post", "{origin} {host}");
    }
    let twice = command("store/open", &[]).with("origin", format!("http://{}", server.addr));
    let mut twice = TestRequest { headers: twice.headers, ..command("store/open", &[]) };
    twice.headers.push(("origin", "http://evil.example".to_owned()));
    assert_eq!(tablet.send(twice).await.slug(), "foreign_post");
}

#[tokio::test]
async fn a_request_without_exactly_one_valid_host_is_refused() {
    let server = TestServer::start().await;
    let send = async |hosts: &[&str]| {
        let lines = hosts.iter().map(|host| format!("host: {host}\r\n")).collect::<Vec<_>>().concat();
        server.send_raw(format!("GET /s/demo HTTP/1.1\r\nconnection: close\r\n{lines}\r\n").as_bytes()).await
    };
    let own = server.addr.to_string();
    let refused: [&[&str]; 8] = [
        &[&own, "evil.example"],
        &[&own, &own],
        &["evil.example", "evil.example"],
        &[],
        &["a.example, b.example"],
        &["user@bar.example"],
        &["bar.example/path"],
        &["größe"],
    ];
    for hosts in refused {
        let answer = send(hosts).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("/problems/malformed"), "{hosts:?} {answer}");
    }
    assert!(send(&[&own]).await.starts_with("HTTP/1.1 200 "));
    // HTTP/1.0 has no `Host`, as in the health checks of proxies.
    let old = server.send_raw(b"GET / HTTP/1.0\r\n\r\n").await;
    assert!(old.starts_with("HTTP/1.0 303 "), "{old}");
}

/// Sends a request by HTTP/2, which has an authority in place of `Host`.
async fn send_http2(addr: SocketAddr, request: Request<Body>) -> (u16, String) {
    let client = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    let response = within_timeout("the HTTP/2 response", client.request(request)).await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2, "{addr}");
    let (head, body) = response.into_parts();
    let body = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes();
    (head.status.as_u16(), String::from_utf8(body.into()).unwrap())
}

#[tokio::test]
async fn the_authority_of_http_2_is_the_host_of_the_request() {
    let server = TestServer::start().await;
    let tablet = server.barista().await;
    let session = format!("crema_demo_barista={}", tablet.cookie("crema_demo_barista").unwrap());
    let form = |origin: String| {
        let request = Request::post(format!("http://{}/api/store/open", server.addr));
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.header(header::COOKIE, &session).header(header::ORIGIN, origin).body(Body::from("shop=demo")).unwrap()
    };
    let (status, text) = send_http2(server.addr, form(format!("http://{}", server.addr))).await;
    assert_eq!(status, 200, "{text}");
    let (status, text) = send_http2(server.addr, form("http://evil.example".to_owned())).await;
    assert_eq!(status, 403, "{text}");
    let page = Request::get(format!("http://{}/s/demo/display", server.addr));
    let display = format!("crema_demo_display={}", server.display.cookie("crema_demo_display").unwrap());
    let page = page.header(header::COOKIE, display).body(Body::empty()).unwrap();
    let (_, html) = send_http2(server.addr, page).await;
    let opening = crate::harness::page::Page::new(&html).opening::<protocol::frame::Opening<Display>>();
    assert!(opening.asides.code.unwrap().url.starts_with(&format!("http://{}/q/", server.addr)));
}

//! What a proxy does not send is logged once; addresses in events that are not served yet.

use std::path::PathBuf;

use axum::http::StatusCode;

use crate::harness::browser::command;
use crate::harness::request::TestRequest;
use crate::harness::{Browser, TempDir, TestServer};
use crate::restart::program::ServerProcess;

/// A program that writes its log to a file.
struct LoggedProgram {
    program: ServerProcess,
    log: PathBuf,
    _data: TempDir,
}

impl LoggedProgram {
    async fn start(args: &[&str]) -> Self {
        let data = TempDir::new();
        let log = data.path().join("log");
        let file = std::fs::File::create(&log).unwrap();
        let program = ServerProcess::serve_with_args(data.path(), args, file).await;
        Self { program, log, _data: data }
    }

    /// How often the log has this text. A line is written before the response of the request that causes it.
    fn count(&self, text: &str) -> usize {
        std::fs::read_to_string(&self.log).unwrap().matches(text).count()
    }
}

#[tokio::test]
async fn a_proxy_without_x_forwarded_for_and_a_public_url_is_logged_once() {
    let program = LoggedProgram::start(&[]).await;
    let phone = Browser::new(program.program.addr);
    for _ in 0..3 {
        let page = TestRequest::get("/s/demo").with("x-forwarded-proto", "https").with("via", "1.1 proxy");
        phone.send(page).await.page();
    }
    assert_eq!(program.count("the proxy does not send X-Forwarded-For"), 1);
    assert_eq!(program.count("the proxy serves https, but links and QR codes have http"), 1);
}

#[tokio::test]
async fn a_proxy_that_replaces_host_is_logged_once() {
    let program = LoggedProgram::start(&[]).await;
    let phone = Browser::new(program.program.addr);
    for _ in 0..3 {
        let form = command("store/open", &[]).with("host", "crema_backend").with("origin", "http://bar.example");
        assert_eq!(phone.send(form).await.slug(), "foreign_post");
    }
    assert_eq!(program.count("a form was refused: its origin is neither the public URL nor Host"), 1);

    let program = LoggedProgram::start(&["--public-url", "http://bar.example"]).await;
    let phone = Browser::new(program.program.addr);
    for _ in 0..3 {
        let form = command("store/open", &[]).with("host", "crema_backend").with("origin", "http://bar.example");
        assert_eq!(phone.send(form).await.slug(), "signed_out");
    }
    assert_eq!(program.count("a form was refused"), 0);
    assert_eq!(program.count("the proxy does not send X-Forwarded-For"), 1);
}

#[tokio::test]
async fn a_proxy_that_sends_what_it_must_is_not_logged() {
    let program = LoggedProgram::start(&["--public-url", "https://bar.example"]).await;
    let phone = Browser::new(program.program.addr);
    let page = TestRequest::get("/s/demo").with("host", "bar.example").with("x-forwarded-for", "203.0.113.7");
    phone.send(page.with("x-forwarded-proto", "https").with("referer", "https://bar.example/s/demo")).await.page();
    phone.get("/s/demo").await.page();
    assert_eq!((program.count("proxy"), program.count("public-url")), (0, 0));
}

#[tokio::test]
async fn the_address_of_a_schema_says_that_it_is_not_published() {
    let server = TestServer::start().await;
    for path in ["/schemas/OrderManager.OrderSubmitted/1", "/schemas/ConfigService.StoreOpened/1"] {
        let refused = server.new_browser().get(path).await;
        assert_eq!((refused.status.as_u16(), refused.slug().as_str()), (404, "schema_unpublished"));
        server.new_browser().without_scripts().get(path).await.page_with(StatusCode::NOT_FOUND).assert_text("schema");
    }
}

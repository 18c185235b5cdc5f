//! Names that show nothing or turn the text beside them, and addresses that people and machines write differently.

use domain::access::Role;
use domain::view::barista::Barista;

use crate::harness::browser::command;
use crate::harness::request::TestRequest;
use crate::harness::{TempDir, TestInstallation, TestServer, new_order};
use crate::restart::program::{ServerProcess, run_command};

/// Characters that show nothing.
const NOTHING: [&str; 6] = ["\u{200B}", "\u{2060}", "\u{3164}", "\u{2800}", "\u{AD}\u{200D}", "\u{202E}\u{2066}"];

#[tokio::test]
async fn a_name_that_shows_nothing_is_not_called_out() {
    let server = TestServer::start().await;
    let tablet = server.barista().await;
    for (n, nothing) in NOTHING.into_iter().enumerate() {
        let order = new_order().to_string();
        let fields = [("order", order.as_str()), ("drink", "mocha"), ("name", nothing)];
        tablet.command("orders/walk_in", &fields).await.expect_ok();
        assert_eq!(tablet.view::<Barista>("barista").await.view.cards.len(), n + 1);
    }
    let page = tablet.without_scripts().get("/s/demo/barista").await.page();
    assert!(!page.html.contains("class=\"call\""), "{}", page.visible_text());
}

#[tokio::test]
async fn a_name_cannot_turn_the_text_beside_it() {
    let server = TestServer::start().await;
    let (phone, order) = (server.guest().await, new_order());
    phone.start(order, &server.qr_code().await).await.expect_ok();
    phone.submit(order, "mocha", &[("name", "\u{202E}Ada\u{2066} أمل")]).await.expect_ok();
    let name = "<bdi translate=\"no\">Ada أمل</bdi>";
    let page = phone.without_scripts().get("/s/demo").await.page();
    assert!(page.html.contains(&format!("We will call “{name}”")), "{}", page.html);
    let page = server.barista().await.without_scripts().get("/s/demo/barista").await.page();
    assert!(page.html.contains(name), "{}", page.html);
}

#[tokio::test]
async fn a_drink_or_group_whose_name_shows_nothing_is_refused() {
    let server = TestServer::start().await;
    let office = server.staff(Role::Manager).await;
    let turning = ["Mo\u{202E}cha", "\u{200F}Mocha"];
    for name in NOTHING.into_iter().chain(turning) {
        let drink = [("drink[id]", "nothing"), ("drink[name]", name), ("drink[icon]", "mocha")];
        assert_eq!(office.command("menu/drink", &drink).await.slug(), "menu_wrong", "{name:?}");
        let group = [("group[id]", "nothing"), ("group[name]", "Nothing"), ("group[options][0][id]", "none")];
        let group = [&group[..], &[("group[options][0][name]", name)]].concat();
        assert_eq!(office.command("menu/group", &group).await.slug(), "menu_wrong", "{name:?}");
    }
}

#[tokio::test]
async fn a_shop_whose_name_shows_nothing_is_not_added() {
    let data = TempDir::new();
    for name in ["\u{200B}", "\u{3164}", "So\u{202E}uth"] {
        let refused = run_command(data.path(), &["shop", "add", "--shop", "south", "--name", name]).await.unwrap_err();
        assert!(refused.contains("invalid shop name"), "{refused}");
    }
}

#[tokio::test]
async fn an_address_with_a_trailing_slash_leads_to_its_page() {
    let server = TestServer::start().await;
    let (phone, code) = (server.new_browser(), server.qr_code().await);
    let addresses = [
        ("/s/demo/", "/s/demo".to_owned()),
        ("/s/demo//", "/s/demo".to_owned()),
        ("/s/demo/?lang=de", "/s/demo?lang=de".to_owned()),
        (&format!("/q/{code}/"), format!("/q/{code}")),
        ("/q/", "/q".to_owned()),
        ("/s/demo/history/", "/s/demo/history".to_owned()),
        ("/s/demo/x/wait-times/", "/s/demo/x/wait-times".to_owned()),
        ("/problems/busy/", "/problems/busy".to_owned()),
    ];
    for (address, page) in addresses {
        let response = phone.get(address).await;
        assert_eq!((response.status.as_u16(), response.header("location")), (308, page.as_str()), "{address}");
    }
    phone.get(&format!("/q/{code}")).await.page();
    // No address leads to another site, and a form is not sent again.
    for path in ["//evil.example/", "//evil.example/%2f/", "///"] {
        let answer = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", server.addr);
        let answer = server.send_raw(answer.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path} {answer}");
    }
    assert_eq!(phone.send(TestRequest::post("/api/store/open/", &[])).await.slug(), "page_unknown");
}

const LOCAL: &str = "Only the bar’s own computer can open this address.";

#[tokio::test]
async fn a_code_that_only_this_machine_can_open_is_said_on_the_tv() {
    let server = TestServer::start().await;
    assert!(server.current_code().await.is_local);
    server.display.get("/s/demo/display").await.page().assert_text(LOCAL);
    // The TV was opened with a name that phones know.
    let request = TestRequest::get("/s/demo/display").with("host", "bar.example");
    let page = server.display.send(request).await.page();
    assert!(!page.visible_text().contains(LOCAL));
    for (url, is_local) in [("http://[::1]:3000", true), ("http://0.0.0.0", true), ("https://bar.example", false)] {
        let server = TestInstallation::with_public_url(url).start().await;
        assert_eq!(server.current_code().await.is_local, is_local, "{url}");
    }
}

#[tokio::test]
async fn a_start_on_an_address_of_this_machine_says_so() {
    let data = TempDir::new();
    let log = data.path().join("log");
    let program = ServerProcess::serve_with_log(data.path(), "warn", std::fs::File::create(&log).unwrap()).await;
    assert!(program.lines().iter().any(|line| line.starts_with("Only this machine can open these addresses.")));
    let page = command("store/open", &[]);
    crate::harness::Browser::new(program.addr).send(page).await;
    let log = std::fs::read_to_string(log).unwrap();
    assert_eq!(log.matches("only this machine can open the address").count(), 1, "{log}");
}

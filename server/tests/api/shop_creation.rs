//! `crema shop add` with and without a running server, with and without a template shop.

use domain::menu::Menu;
use domain::view::ordering::Ordering;

use crate::harness::request::TestRequest;
use crate::harness::{Browser, TempDir};
use crate::restart::program::{ServerProcess, run_command};

const EXISTS: &str = "the shop south already exists";

async fn menu(client: &Browser, shop: &str) -> Menu {
    let response = client.get(&format!("/s/{shop}/view/ordering")).await;
    let snapshot: protocol::frame::Snapshot<Ordering> = serde_json::from_str(response.text()).unwrap();
    snapshot.view.bar.menu
}

/// The secret of the link with this name in the command's output.
fn link(output: &str, name: &str) -> String {
    let line = output.lines().find(|line| line.trim().starts_with(name)).unwrap();
    line.rsplit_once("/enter/").unwrap().1.to_owned()
}

async fn command(client: &Browser, shop: &str, action: &str, fields: &[(&str, &str)]) {
    let fields = [&[("shop", shop)], fields].concat();
    client.send(TestRequest::post(&format!("/api/{action}"), &fields)).await.expect_ok();
}

#[tokio::test]
async fn a_shop_added_beside_a_server_copies_its_template_and_is_independent() {
    let folder = TempDir::new();
    let program = ServerProcess::serve(folder.path()).await;
    let (demo, phone) = (Browser::new(program.addr), Browser::new(program.addr));
    assert_eq!(demo.redeem_link(program.link("office")).await, "/s/demo/office");
    command(&demo, "demo", "store/limits", &[("change[room]", "7")]).await;
    command(&demo, "demo", "store/hours", &[("hours[last_orders_minutes]", "20")]).await;
    command(&demo, "demo", "menu/drink/remove", &[("drink", "chai")]).await;
    command(&demo, "demo", "menu/availability", &[("thing", "drink/latte"), ("available", "false")]).await;
    let before = menu(&phone, "demo").await;

    let add = ["shop", "add", "--shop", "south", "--name", "South Bar", "--like", "demo"];
    let output = run_command(folder.path(), &add).await.unwrap();
    assert!(
        output.starts_with("south\n  order    http://127.0.0.1:") && output.contains("Links work once"),
        "{output}"
    );
    let south = Browser::new(program.addr);
    assert_eq!(south.redeem_link(&link(&output, "office")).await, "/s/south/office");
    assert_eq!(south.redeem_link(&link(&output, "barista")).await, "/s/south/barista");
    assert_eq!(south.redeem_link(&link(&output, "display")).await, "/s/south/display");
    let office = south.get("/s/south/office").await.page();
    office.assert_text("South Bar");
    office.form("/api/store/limits", ("change[room]", "7"));
    office.form("/api/store/hours", ("hours[last_orders_minutes]", "20"));
    // The new shop has the whole menu and nothing is sold out.
    assert_eq!(menu(&phone, "south").await, Menu { out: Vec::new(), ..before.clone() });

    // The shops are independent afterwards.
    command(&south, "south", "menu/drink/remove", &[("drink", "mocha")]).await;
    command(&south, "south", "store/limits", &[("change[room]", "3")]).await;
    assert_eq!(menu(&phone, "demo").await, before);
    assert!(demo.get("/s/south/office").await.status.is_client_error());
    let again = run_command(folder.path(), &add).await.unwrap_err();
    assert!(again.contains(EXISTS), "{again}");
    for (like, name, words) in
        [("nowhere", "West", "unknown template shop nowhere"), ("demo", " ", "invalid shop name: give 1 to 40")]
    {
        let refusal = run_command(folder.path(), &["shop", "add", "--shop", "west", "--name", name, "--like", like])
            .await
            .unwrap_err();
        assert!(refusal.contains(words), "{refusal}");
    }

    // A restart resets neither shop.
    let (north, southern) = (menu(&phone, "demo").await, menu(&phone, "south").await);
    program.signal("TERM");
    assert!(program.wait_for_exit().await.success());
    let program = ServerProcess::serve(folder.path()).await;
    let phone = phone.with_addr(program.addr);
    assert_eq!((menu(&phone, "demo").await, menu(&phone, "south").await), (north, southern));
    let office = south.with_addr(program.addr).get("/s/south/office").await.page();
    office.form("/api/store/limits", ("change[room]", "3"));
    assert!(!phone.get("/s/west").await.status.is_success(), "a refused command must not create the shop");
}

#[tokio::test]
async fn a_shop_can_be_added_without_a_server_and_its_links_work_later() {
    let folder = TempDir::new();
    let add = ["shop", "add", "--shop", "demo", "--name", "First"];
    let output = run_command(folder.path(), &add).await.unwrap();
    assert!(output.starts_with("demo\n  order    http://127.0.0.1:3000/s/demo"), "{output}");
    let like = ["shop", "add", "--shop", "south", "--name", "South", "--like", "demo"];
    run_command(folder.path(), &like).await.unwrap();
    let again = run_command(folder.path(), &like).await.unwrap_err();
    assert!(again.contains(EXISTS), "{again}");
    let refusal = run_command(folder.path(), &["shop", "add", "--shop", "west", "--name", "West", "--like", "x"])
        .await
        .unwrap_err();
    assert!(refusal.contains("unknown template shop x"), "{refusal}");

    let program = ServerProcess::serve(folder.path()).await;
    let manager = Browser::new(program.addr);
    manager.redeem_link(&link(&output, "office")).await;
    manager.get("/s/demo/office").await.page().assert_text("First");
    let phone = Browser::new(program.addr);
    assert_eq!(menu(&phone, "south").await, menu(&phone, "demo").await);
    assert!(menu(&phone, "south").await.drink("flat-white").is_some());
    // The new shop accepts guests.
    phone.get("/s/south").await.page().assert_text("South");
}

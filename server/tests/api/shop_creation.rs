//! A further shop, by the program itself: with a server or without one, like another or like the demonstration.

use domain::menu::Menu;
use domain::view::ordering::Ordering;

use crate::harness::request::Sent;
use crate::harness::{Browser, Folder};
use crate::restart::program::{Program, said};

const EXISTS: &str = "the shop south already exists";

async fn menu(who: &Browser, shop: &str) -> Menu {
    let answered = who.get(&format!("/s/{shop}/view/ordering")).await;
    let snapshot: app::frame::Snapshot<Ordering> = serde_json::from_str(answered.text()).unwrap();
    snapshot.view.bar.menu
}

/// The one-time part of the link under that name.
fn link(told: &str, name: &str) -> String {
    let line = told.lines().find(|line| line.trim().starts_with(name)).unwrap();
    line.rsplit_once("/enter/").unwrap().1.to_owned()
}

async fn command(who: &Browser, shop: &str, action: &str, fields: &[(&str, &str)]) {
    let fields = [&[("shop", shop)], fields].concat();
    who.send(Sent::post(&format!("/api/{action}"), &fields)).await.granted();
}

#[tokio::test]
async fn beside_a_server_a_shop_is_there_at_once_with_all_of_the_other_and_goes_its_own_way() {
    let folder = Folder::new();
    let program = Program::serve(folder.path()).await;
    let (demo, phone) = (Browser::new(program.addr), Browser::new(program.addr));
    assert_eq!(demo.enter(program.link("office")).await, "/s/demo/office");
    command(&demo, "demo", "store/limits", &[("change[room]", "7")]).await;
    command(&demo, "demo", "store/hours", &[("hours[last_orders_minutes]", "20")]).await;
    command(&demo, "demo", "menu/drink/remove", &[("drink", "chai")]).await;
    command(&demo, "demo", "menu/availability", &[("thing", "drink/latte"), ("available", "false")]).await;
    let before = menu(&phone, "demo").await;

    let found = ["shop", "add", "--shop", "south", "--name", "South Bar", "--like", "demo"];
    let told = said(folder.path(), &found).await.unwrap();
    assert!(told.starts_with("south\n  order    http://127.0.0.1:") && told.contains("Links work once"), "{told}");
    let south = Browser::new(program.addr);
    assert_eq!(south.enter(&link(&told, "office")).await, "/s/south/office");
    assert_eq!(south.enter(&link(&told, "barista")).await, "/s/south/barista");
    assert_eq!(south.enter(&link(&told, "display")).await, "/s/south/display");
    let office = south.get("/s/south/office").await.page();
    office.says("South Bar");
    office.form("/api/store/limits", ("change[room]", "7"));
    office.form("/api/store/hours", ("hours[last_orders_minutes]", "20"));
    // All there is, and nothing of it out.
    assert_eq!(menu(&phone, "south").await, Menu { out: Vec::new(), ..before.clone() });

    // What the one does is nothing to the other.
    command(&south, "south", "menu/drink/remove", &[("drink", "mocha")]).await;
    command(&south, "south", "store/limits", &[("change[room]", "3")]).await;
    assert_eq!(menu(&phone, "demo").await, before);
    assert!(demo.get("/s/south/office").await.status.is_client_error());
    let again = said(folder.path(), &found).await.unwrap_err();
    assert!(again.contains(EXISTS), "{again}");
    for (like, name, words) in
        [("nowhere", "West", "unknown template shop nowhere"), ("demo", " ", "invalid shop name: give 1 to 40")]
    {
        let no =
            said(folder.path(), &["shop", "add", "--shop", "west", "--name", name, "--like", like]).await.unwrap_err();
        assert!(no.contains(words), "{no}");
    }

    // A start resets neither.
    let (north, southern) = (menu(&phone, "demo").await, menu(&phone, "south").await);
    program.signal("TERM");
    assert!(program.ended().await.success());
    let program = Program::serve(folder.path()).await;
    let phone = phone.at(program.addr);
    assert_eq!((menu(&phone, "demo").await, menu(&phone, "south").await), (north, southern));
    let office = south.at(program.addr).get("/s/south/office").await.page();
    office.form("/api/store/limits", ("change[room]", "3"));
    assert!(!phone.get("/s/west").await.status.is_success(), "what was refused has left nothing behind");
}

#[tokio::test]
async fn without_a_server_a_shop_is_founded_too_and_its_links_open_it_later() {
    let folder = Folder::new();
    let found = ["shop", "add", "--shop", "demo", "--name", "First"];
    let told = said(folder.path(), &found).await.unwrap();
    assert!(told.starts_with("demo\n  order    http://127.0.0.1:3000/s/demo"), "{told}");
    let like = ["shop", "add", "--shop", "south", "--name", "South", "--like", "demo"];
    said(folder.path(), &like).await.unwrap();
    let again = said(folder.path(), &like).await.unwrap_err();
    assert!(again.contains(EXISTS), "{again}");
    let no =
        said(folder.path(), &["shop", "add", "--shop", "west", "--name", "West", "--like", "x"]).await.unwrap_err();
    assert!(no.contains("unknown template shop x"), "{no}");

    let program = Program::serve(folder.path()).await;
    let manager = Browser::new(program.addr);
    manager.enter(&link(&told, "office")).await;
    manager.get("/s/demo/office").await.page().says("First");
    let phone = Browser::new(program.addr);
    assert_eq!(menu(&phone, "south").await, menu(&phone, "demo").await);
    assert!(menu(&phone, "south").await.drink("flat-white").is_some());
    // People order there as anywhere.
    phone.get("/s/south").await.page().says("South");
}

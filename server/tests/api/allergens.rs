//! Allergens that nobody has declared, on the phone, on the tablet and in the office.

use axum::http::StatusCode;
use domain::access::Role;
use domain::event::Event;
use domain::menu::{Allergen, Allergens, Menu};

use crate::forms::{submit_and_reload, submit_form};
use crate::harness::{Browser, TestInstallation, TestServer};

const UNKNOWN: &str = "Allergens are not known: ask at the bar.";
const NONE: &str = "o listed allergens.";

/// The menu page of a phone without script that has started an order.
async fn menu_page(server: &TestServer, phone: &Browser) -> crate::harness::page::Page {
    let scanned = phone.scan(&server.qr_code().await).await.page();
    submit_and_reload(phone, "/s/demo", &scanned.forms()[0]).await
}

async fn add_tonic(manager: &Browser) {
    let tonic = [("drink[id]", "tonic"), ("drink[name]", "Tonic"), ("drink[icon]", "espresso")];
    manager.command("menu/drink", &tonic).await.expect_ok();
}

async fn last_menu(installation: &TestInstallation) -> Menu {
    let menu = installation.log().await.into_iter().rev().find_map(|recorded| match recorded.event {
        Event::MenuChanged(event) => Some(event.menu),
        _ => None,
    });
    menu.unwrap()
}

#[tokio::test]
async fn a_drink_without_declared_allergens_is_told_as_unknown_on_phone_and_tablet() {
    let server = TestServer::start().await;
    add_tonic(&server.api_client("demo", Role::Manager).await).await;
    let phone = server.new_browser().without_scripts();
    let page = menu_page(&server, &phone).await;
    assert_eq!(page.visible_text().matches(UNKNOWN).count(), 1, "the other drinks are declared");
    submit_and_reload(&phone, "/s/demo", &page.form("/api/orders/submit", ("drink", "tonic"))).await;
    server.barista().await.get("/s/demo/barista").await.page().assert_text(UNKNOWN);
    let installation = server.stop().await;
    assert_eq!(last_menu(&installation).await.drink("tonic").unwrap().allergens, Allergens::default());
}

#[tokio::test]
async fn a_manager_declares_none_and_unknown_in_the_office() {
    const PAGE: &str = "/s/demo/office/drink/tonic";
    let server = TestServer::start().await;
    let manager = server.staff(Role::Manager).await.without_scripts();
    add_tonic(&server.api_client("demo", Role::Manager).await).await;
    manager.get("/s/demo/office/menu").await.page().assert_text("Tonic · allergens not known");
    let phone = server.new_browser().without_scripts();
    menu_page(&server, &phone).await.assert_text(UNKNOWN);

    let form = manager.get(PAGE).await.page().form("/api/menu/drink", ("drink[id]", "tonic"));
    let declared = submit_and_reload(&manager, PAGE, &form.clone().tick("drink[allergens][14]", "none")).await;
    let text = phone.get("/s/demo").await.page().visible_text();
    assert!(text.contains(&format!("N{NONE}")) && !text.contains(UNKNOWN), "{text}");

    // The form shows what is declared, and the unchanged form keeps it.
    let form = declared.form("/api/menu/drink", ("drink[allergens][14]", "none"));
    let position = server.position().await;
    submit_and_reload(&manager, PAGE, &form).await;
    assert_eq!(server.position().await, position);
    let both = form.clone().tick("drink[allergens][6]", "milk");
    submit_form(&manager, PAGE, &both).await.page_with(StatusCode::BAD_REQUEST).assert_text("`none` stands alone");

    let partly = form.untick("drink[allergens][14]").tick("drink[allergens][6]", "milk");
    let partly = submit_and_reload(&manager, PAGE, &partly.tick("drink[allergens][15]", "unknown")).await;
    phone.get("/s/demo").await.page().assert_text("Contains milk. Other allergens are not known: ask at the bar.");
    let form = partly.form("/api/menu/drink", ("drink[allergens][15]", "unknown"));
    let unknown = form.untick("drink[allergens][6]").untick("drink[allergens][15]");
    submit_and_reload(&manager, PAGE, &unknown).await;
    phone.get("/s/demo").await.page().assert_text(UNKNOWN);
    let installation = server.stop().await;
    let menus = installation.log().await.into_iter().filter_map(|recorded| match recorded.event {
        Event::MenuChanged(event) => event.menu.drink("tonic").map(|drink| drink.allergens.clone()),
        _ => None,
    });
    let partly = Allergens::new(vec![Allergen::Milk], false);
    let expected = [Allergens::default(), Allergens::none(), partly, Allergens::default()];
    assert_eq!(menus.collect::<Vec<_>>(), expected);
}

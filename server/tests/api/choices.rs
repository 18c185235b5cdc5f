//! Choices that were made on a menu which has changed since.

use axum::http::StatusCode;
use domain::access::Role;
use domain::order::Step;
use domain::view::ordering::Ordering;

use crate::forms::{submit_and_reload, submit_form};
use crate::harness::page::{Form, Page};
use crate::harness::{Browser, LivePage, TestServer, new_order};

/// The fields of the group milk with these options.
async fn put_milk(manager: &Browser, options: &[(&str, &str)], more: &[(&str, &str)]) {
    let fields = options.iter().enumerate().flat_map(|(n, (id, name))| {
        [(format!("group[options][{n}][id]"), *id), (format!("group[options][{n}][name]"), *name)]
    });
    let fields: Vec<_> = fields.collect();
    let fields = fields.iter().map(|(name, value)| (name.as_str(), *value));
    let fields: Vec<_> = [("group[id]", "milk"), ("group[name]", "Milk")]
        .into_iter()
        .chain(fields)
        .chain(more.iter().copied())
        .collect();
    manager.command("menu/group", &fields).await.expect_ok();
}

/// A phone without script with the menu open, and its form for a flat white with oat.
async fn pick_oat(server: &TestServer) -> (Browser, Form) {
    let phone = server.new_browser().without_scripts();
    let scanned = phone.scan(&server.qr_code().await).await.page();
    let menu = submit_and_reload(&phone, "/s/demo", &scanned.forms()[0]).await;
    let form = menu.form("/api/orders/submit", ("drink", "flat-white")).fill("options[milk]", "oat");
    (phone, form)
}

fn picked_milk(page: &Page) -> Option<String> {
    let form = page.form("/api/orders/edit", ("drink", "flat-white"));
    form.field("options[milk]").map(str::to_owned)
}

#[tokio::test]
async fn a_form_is_refused_when_its_option_left_the_menu_or_changed_its_price() {
    let server = TestServer::start().await;
    let manager = server.api_client("demo", Role::Manager).await;
    let (phone, form) = pick_oat(&server).await;
    let position = server.position().await;

    manager.command("menu/currency", &[("currency", "EUR")]).await.expect_ok();
    let dearer = [("group[options][1][surcharge]", "50")];
    put_milk(&manager, &[("cow", "Cow’s milk"), ("oat", "Oat"), ("soy", "Soya")], &dearer).await;
    let refused = submit_form(&phone, "/s/demo", &form).await.page_with(StatusCode::CONFLICT);
    refused.assert_text("Oat has changed on the menu");

    put_milk(&manager, &[("cow", "Cow’s milk"), ("soy", "Soya")], &[]).await;
    let refused = submit_form(&phone, "/s/demo", &form).await.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    refused.assert_text("That is not on the menu");
    assert_eq!(server.position().await, position + 3, "nothing was ordered");
}

#[tokio::test]
async fn a_form_is_taken_when_the_menu_changed_elsewhere() {
    let server = TestServer::start().await;
    let manager = server.api_client("demo", Role::Manager).await;
    let (phone, form) = pick_oat(&server).await;
    let gluten = [("group[options][1][allergens][0]", "gluten")];
    put_milk(&manager, &[("rice", "Rice"), ("oat", "Oat")], &gluten).await;
    submit_and_reload(&phone, "/s/demo", &form).await.assert_text("Flat white, Medium, Oat");
}

#[tokio::test]
async fn the_change_page_tells_which_option_left_the_menu_and_picks_none_instead() {
    let server = TestServer::start().await;
    let manager = server.api_client("demo", Role::Manager).await;
    let (phone, form) = pick_oat(&server).await;
    submit_and_reload(&phone, "/s/demo", &form).await;
    let page = phone.get("/s/demo/change").await.page();
    assert_eq!(picked_milk(&page).as_deref(), Some("oat"));
    let edit = page.form("/api/orders/edit", ("drink", "flat-white"));

    put_milk(&manager, &[("cow", "Cow’s milk"), ("soy", "Soya")], &[]).await;
    let page = phone.get("/s/demo/change").await.page();
    page.assert_text("Oat is no longer on the menu. Choose again.");
    assert_eq!(picked_milk(&page), None);
    let refused = submit_form(&phone, "/s/demo", &edit.fill("options[size]", "small")).await;
    refused.page_with(StatusCode::UNPROCESSABLE_ENTITY).assert_text("That is not on the menu");
}

#[tokio::test]
async fn a_walk_in_form_is_refused_when_the_drink_is_not_what_it_was() {
    let server = TestServer::start().await;
    let manager = server.api_client("demo", Role::Manager).await;
    let tablet = server.barista().await.without_scripts();
    let form = tablet.get("/s/demo/counter").await.page().form("/api/orders/walk_in", ("drink", "espresso"));
    let espresso = [
        ("drink[id]", "espresso"),
        ("drink[name]", "Espresso"),
        ("drink[icon]", "espresso"),
        ("drink[allergens][0]", "none"),
        ("drink[groups][0]", "shots"),
        ("drink[groups][1]", "size"),
    ];
    manager.command("menu/drink", &espresso).await.expect_ok();
    // Its form does not ask for the size, and no size is taken in its place.
    let refused = submit_form(&tablet, "/s/demo/counter", &form).await;
    refused.page_with(StatusCode::UNPROCESSABLE_ENTITY).assert_text("of Size 1 must be taken.");
    // A program that names no form gets the presets.
    let order = new_order().to_string();
    manager.command("orders/walk_in", &[("order", &order), ("drink", "espresso")]).await.expect_ok();
}

#[tokio::test]
async fn the_change_page_changes_the_order_that_the_guest_chose() {
    let server = TestServer::start().await;
    let phone = server.guest().await;
    let code = server.qr_code().await;
    let first = phone.order(&code, "espresso").await;
    let second = phone.order(&code, "latte").await;
    let phone = phone.without_scripts();
    let page = phone.get("/s/demo").await.page();
    page.assert_text("Your caffè latte is in the queue.");
    page.assert_text("Your espresso is in the queue.");
    for (order, drink) in [(first, "Espresso, Single"), (second, "Caffè latte, Medium, Cow’s milk, No syrup")] {
        let link = format!("/s/demo/change?order={order}");
        assert!(page.html.contains(&format!("href=\"{link}\"")), "{}", page.html);
        let change = phone.get(&link).await.page();
        let form = change.form("/api/orders/edit", ("drink", "chai"));
        assert_eq!(form.field("order"), Some(order.to_string().as_str()), "{drink}");
    }
    // Without a choice among two nothing is changed, and another guest's order is not shown.
    assert_eq!(phone.get("/s/demo/change").await.redirect_target(), "/s/demo");
    let stranger = server.guest().await.without_scripts();
    assert_eq!(stranger.get(&format!("/s/demo/change?order={first}")).await.redirect_target(), "/s/demo");
    assert_eq!(phone.get("/s/demo/change?order=7").await.redirect_target(), "/s/demo");
}

#[tokio::test]
async fn a_ready_drink_is_told_while_another_is_chosen_and_after_a_reload_both_are_there() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let code = server.qr_code().await;
    let ready = phone.order(&code, "espresso").await;
    let choosing = new_order();
    phone.start(choosing, &code).await.expect_ok();
    let mut mine: LivePage<Ordering> = LivePage::open(&phone, "ordering").await;
    for step in ["claim", "complete"] {
        tablet.step(step, ready).await.expect_ok();
    }
    let steps = |view: &Ordering| view.orders.iter().map(|mine| (mine.order, mine.step)).collect::<Vec<_>>();
    let expected = [(ready, Step::Ready), (choosing, Step::Choosing)];
    mine.wait_until(|view, _| steps(view) == expected).await;
    assert_eq!(steps(&phone.view::<Ordering>("ordering").await.view), expected);
    let page = phone.without_scripts().get("/s/demo").await.page();
    page.assert_text("Your espresso is ready. Come and get it!");
    page.form("/api/orders/submit", ("drink", "latte"));
    assert!(!page.html.contains("http-equiv=\"refresh\""), "a page with an open form must not refresh");
}

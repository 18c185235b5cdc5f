//! The office pages without JavaScript: forms show the current settings, and posted forms change them.

use axum::http::StatusCode;
use domain::access::Role;
use domain::menu::Menu;
use domain::menu::{Allergen, Allergens};
use domain::view::ordering::Ordering;

use crate::forms::{submit_and_reload, submit_form};
use crate::harness::page::{Form, Page};
use crate::harness::{Browser, LivePage, TestServer};

const OFFICE: &str = "/s/demo/office";
const MENU: &str = "/s/demo/office/menu";

async fn manager_browser(server: &TestServer) -> Browser {
    server.staff(Role::Manager).await.without_scripts()
}

async fn current_menu(server: &TestServer) -> Menu {
    server.new_browser().view::<Ordering>("ordering").await.view.bar.menu
}

/// Opens the page of one drink or group and returns its path and form.
async fn open_form(client: &Browser, kind: &str, id: &str) -> (String, Form) {
    let path = format!("{OFFICE}/{kind}/{id}");
    let page = client.get(&path).await.page();
    let form = page.form(&format!("/api/menu/{kind}"), (&format!("{kind}[id]"), id));
    (path, form)
}

#[tokio::test]
async fn the_office_is_for_the_manager_alone() {
    let server = TestServer::start().await;
    let strangers = [
        (server.new_browser(), StatusCode::UNAUTHORIZED, "This page is for the people behind the bar"),
        (server.guest().await, StatusCode::FORBIDDEN, "Your role does not include that"),
        (server.barista().await, StatusCode::FORBIDDEN, "Your role does not include that"),
        (server.display.clone(), StatusCode::FORBIDDEN, "Your role does not include that"),
        (server.api_client("demo", Role::Barista).await, StatusCode::FORBIDDEN, "Your role does not include that"),
    ];
    let pages = ["", "/menu", "/drink", "/drink/latte", "/drink/unicorn", "/group", "/group/milk"];
    for (client, status, words) in strangers {
        for page in pages {
            client.get(&format!("{OFFICE}{page}")).await.page_with(status).assert_text(words);
        }
    }
    let (session, key) = (manager_browser(&server).await, server.api_client("demo", Role::Manager).await);
    for page in ["", "/menu", "/drink", "/drink/latte", "/group", "/group/milk"] {
        for client in [&session, &key] {
            let shown = client.get(&format!("{OFFICE}{page}")).await.page();
            shown.assert_text("Crema Demo");
            assert_eq!(shown.html.matches("<h1").count(), 1);
            assert!(!shown.html.contains("<script"), "{}", shown.html);
        }
    }
    let gone = session.get(&format!("{OFFICE}/drink/unicorn")).await.page_with(StatusCode::NOT_FOUND);
    assert!(gone.html.contains(&format!("href=\"{MENU}\"")), "{}", gone.html);
    assert_eq!(session.get("/s/elsewhere/office").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_manager_finds_the_way_between_the_bar_and_the_office() {
    let server = TestServer::start().await;
    let way = format!("href=\"{OFFICE}\"");
    let (manager, tablet) = (manager_browser(&server).await, server.barista().await.without_scripts());
    for (page, client, is_shown) in [
        ("/s/demo/barista", &manager, true),
        ("/s/demo/barista", &tablet, false),
        ("/s/demo/counter", &manager, true),
        ("/s/demo/counter", &tablet, false),
    ] {
        let html = client.get(page).await.page().html;
        // The bar's page contains the link for every role; a style hides it from other roles.
        let is_there = html.contains(&way) && (page.ends_with("counter") || html.contains("data-role=\"manager\""));
        assert_eq!(is_there, is_shown, "{page}");
    }
    let office = manager.get(OFFICE).await.page().html;
    for page in ["barista", "counter", "display", "office/menu"] {
        assert!(office.contains(&format!("href=\"/s/demo/{page}\"")), "{page}");
        manager.get(&format!("/s/demo/{page}")).await.page();
    }
}

#[tokio::test]
async fn a_drink_renamed_in_the_office_keeps_all_other_properties() {
    let server = TestServer::start().await;
    let (manager, script) = (manager_browser(&server).await, server.api_client("demo", Role::Manager).await);
    let mut phone: LivePage<Ordering> = LivePage::open(&server.new_browser(), "ordering").await;
    script.command("menu/currency", &[("currency", "EUR")]).await.expect_ok();
    let all = [
        ("drink[id]", "latte"),
        ("drink[name]", "Latte"),
        ("drink[icon]", "americano"),
        ("drink[price]", "420"),
        ("drink[seconds]", "75"),
        ("drink[allergens][0]", "milk"),
        ("drink[allergens][1]", "nuts"),
        ("drink[groups][0]", "syrup"),
        ("drink[groups][1]", "size"),
        ("drink[ingredients][0]", "beans"),
        ("drink[ingredients][1]", "milk-foam"),
        ("drink[names][de]", "Milchkaffee"),
        ("drink[names][pt-BR]", "Café \"com\" leite <3"),
    ];
    script.command("menu/drink", &all).await.expect_ok();
    let before = current_menu(&server).await;

    let (path, form) = open_form(&manager, "drink", "latte").await;
    // Submitting the unchanged form writes no event.
    let position = server.position().await;
    submit_and_reload(&manager, &path, &form).await.assert_text("Latte");
    assert_eq!((server.position().await, current_menu(&server).await), (position, before.clone()));
    submit_and_reload(&manager, &path, &form.fill("drink[name]", "Caffè latte ")).await.assert_text("Caffè latte");
    phone.wait_until(|view, _| view.bar.menu.drink("latte").unwrap().name == "Caffè latte").await;
    let mut expected = before;
    expected.drinks.iter_mut().find(|drink| drink.id == "latte").unwrap().name = "Caffè latte".to_owned();
    assert_eq!(current_menu(&server).await, expected);
    manager.get(MENU).await.page().assert_text("Caffè latte 4.20 €, Syrup, Size");
}

#[tokio::test]
async fn a_group_changed_in_the_office_keeps_all_other_properties() {
    let server = TestServer::start().await;
    let (manager, script) = (manager_browser(&server).await, server.api_client("demo", Role::Manager).await);
    script.command("menu/currency", &[("currency", "EUR")]).await.expect_ok();
    let all = [
        ("group[id]", "syrup"),
        ("group[name]", "Syrups"),
        ("group[least]", "0"),
        ("group[most]", "2"),
        ("group[names][de]", "Sirup"),
        ("group[options][0][id]", "vanilla"),
        ("group[options][0][name]", "Vanilla"),
        ("group[options][0][preset]", "true"),
        ("group[options][0][surcharge]", "50"),
        ("group[options][0][seconds]", "5"),
        ("group[options][0][ingredients][0]", "vanilla-pods"),
        ("group[options][0][names][fr]", "Vanille"),
        ("group[options][1][id]", "hazelnut"),
        ("group[options][1][name]", "Hazelnut"),
        ("group[options][1][allergens][0]", "nuts"),
    ];
    script.command("menu/group", &all).await.expect_ok();
    let before = current_menu(&server).await;
    let (path, form) = open_form(&manager, "group", "syrup").await;
    submit_and_reload(&manager, &path, &form).await;
    assert_eq!(current_menu(&server).await, before);

    // The second of three empty rows is filled in, and another option is removed.
    let form = form.fill("group[options][3][id]", "almond").fill("group[options][3][name]", "Almond");
    let form = form.tick("group[options][3][allergens][5]", "nuts").untick("group[options][0][preset]");
    let form = form.fill("group[options][1][id]", "").fill("group[options][1][name]", " ");
    submit_and_reload(&manager, &path, &form).await.assert_text("Almond");
    let menu = current_menu(&server).await;
    let syrup = menu.group("syrup").unwrap();
    assert_eq!(syrup.options.iter().map(|option| option.id.as_str()).collect::<Vec<_>>(), ["vanilla", "almond"]);
    let mut vanilla = before.group("syrup").unwrap().options[0].clone();
    vanilla.preset = false;
    assert_eq!((&syrup.options[0], syrup.names.get(&"de".to_owned()).map(String::as_str)), (&vanilla, Some("Sirup")));
    assert_eq!(syrup.options[1].allergens, Allergens::all([Allergen::Nuts]));
}

#[tokio::test]
async fn the_form_of_a_group_with_the_maximum_of_options_can_be_posted() {
    let server = TestServer::start().await;
    let (manager, script) = (manager_browser(&server).await, server.api_client("demo", Role::Manager).await);
    let option = |n: u32, field: &str| format!("group[options][{n}][{field}]");
    let options = (0..30).flat_map(|n| {
        let id = (option(n, "id"), format!("an-option-with-an-id-as-long-as-can-be{n:02}"));
        let name = (option(n, "name"), format!("Eine Möglichkeit, die so lang heißt, {n:02}"));
        [id, name, (option(n, "allergens][0"), "gluten".to_owned()), (option(n, "names][ar"), "خيار".repeat(10))]
    });
    let head =
        [("group[id]", "syrup"), ("group[name]", "Syrup")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let all: Vec<_> = head.into_iter().chain(options).collect();
    let all: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    script.command("menu/group", &all).await.expect_ok();
    let before = current_menu(&server).await;
    let (path, form) = open_form(&manager, "group", "syrup").await;
    submit_and_reload(&manager, &path, &form).await;
    assert_eq!(current_menu(&server).await, before);
}

#[tokio::test]
async fn drinks_and_groups_are_added_and_removed() {
    let server = TestServer::start().await;
    let manager = manager_browser(&server).await;
    let mut phone: LivePage<Ordering> = LivePage::open(&server.new_browser(), "ordering").await;
    let new = |page: &Page, kind: &str| page.form(&format!("/api/menu/{kind}"), ("new", "true"));
    let page = manager.get(&format!("{OFFICE}/group")).await.page();
    let form = new(&page, "group").fill("group[id]", "ice").fill("group[name]", "Ice");
    let form = form.fill("group[options][0][id]", "some").fill("group[options][0][name]", "Some ice");
    assert_eq!(submit_form(&manager, &format!("{OFFICE}/group"), &form).await.redirect_target(), MENU);
    let page = manager.get(&format!("{OFFICE}/drink")).await.page();
    let form = new(&page, "drink").fill("drink[id]", "cold-brew").fill("drink[name]", "Cold brew");
    let form = form.fill("drink[groups][0]", "ice");
    assert_eq!(submit_form(&manager, &format!("{OFFICE}/drink"), &form).await.redirect_target(), MENU);
    phone.wait_until(|view, _| view.bar.menu.drink("cold-brew").is_some_and(|drink| drink.groups == ["ice"])).await;

    // A repeated submission adds nothing and is accepted.
    let position = server.position().await;
    assert_eq!(submit_form(&manager, &format!("{OFFICE}/drink"), &form).await.redirect_target(), MENU);
    assert_eq!(server.position().await, position);

    // Adding a drink does not replace an existing one.
    let taken = form.fill("drink[id]", "espresso");
    let refusal =
        submit_form(&manager, &format!("{OFFICE}/drink"), &taken).await.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    refusal.assert_text("espresso: that id is taken.");
    assert!(refusal.html.contains(&format!("href=\"{OFFICE}/drink\"")), "{}", refusal.html);
    assert_eq!(current_menu(&server).await.drink("espresso").unwrap().name, "Espresso");

    let (path, _) = open_form(&manager, "group", "ice").await;
    let page = manager.get(&path).await.page();
    page.assert_text("Asked with: Cold brew.");
    let remove = page.form("/api/menu/group/remove", ("group", "ice"));
    let refusal = submit_form(&manager, &path, &remove).await.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    refusal.assert_text("a drink still has that group");
    assert!(refusal.html.contains(&format!("href=\"{path}\"")), "{}", refusal.html);
    let page = manager.get(&format!("{OFFICE}/drink/cold-brew")).await.page();
    let gone = page.form("/api/menu/drink/remove", ("drink", "cold-brew"));
    assert_eq!(submit_form(&manager, &format!("{OFFICE}/drink/cold-brew"), &gone).await.redirect_target(), MENU);
    phone.wait_until(|view, _| view.bar.menu.drink("cold-brew").is_none()).await;
    assert_eq!(submit_form(&manager, &path, &remove).await.redirect_target(), MENU);
    assert!(current_menu(&server).await.group("ice").is_none());
}

#[tokio::test]
async fn the_page_of_the_menu_sets_the_currency_and_says_what_ran_out() {
    let server = TestServer::start().await;
    let manager = manager_browser(&server).await;
    let page = manager.get(MENU).await.page();
    let euro = page.form("/api/menu/currency", ("currency", "")).fill("currency", "EUR");
    let page = submit_and_reload(&manager, MENU, &euro).await;
    assert_eq!(page.form("/api/menu/currency", ("currency", "EUR")).field("currency"), Some("EUR"));
    let out = page.form("/api/menu/availability", ("thing", "option/milk/oat"));
    submit_and_reload(&manager, MENU, &out).await.assert_text("Oat is out There again: Oat");
    let menu = current_menu(&server).await;
    assert_eq!((menu.currency.as_str(), menu.out.len()), ("EUR", 1));
}

#[tokio::test]
async fn the_hours_in_the_form_are_the_hours_that_were_posted() {
    let server = TestServer::start().await;
    let manager = manager_browser(&server).await;
    let hours = |page: &Page| page.forms().into_iter().find(|form| form.action == "/api/store/hours").unwrap();
    let form = hours(&manager.get(OFFICE).await.page());
    assert_eq!(form.field("hours[cut_off]"), Some("04:00"));
    let position = server.position().await;
    let page = submit_and_reload(&manager, OFFICE, &form).await;
    assert_eq!(server.position().await, position, "the unchanged form writes no event");
    let filled = [
        ("hours[zone]", "Europe/Berlin"),
        ("hours[last_orders_minutes]", "15"),
        // The first row stays empty.
        ("hours[week][1][day]", "fri"),
        ("hours[week][1][from]", "18:00"),
        ("hours[week][1][to]", "02:00"),
        ("hours[week][2][day]", "sat"),
        ("hours[week][2][from]", "09:30"),
        ("hours[week][2][to]", "12:00"),
        ("hours[first_day]", "2026-11-20"),
        ("hours[last_day]", "2026-12-22"),
        ("hours[cut_off]", "05:30"),
    ];
    let form = filled.iter().fold(hours(&page), |form, (name, value)| form.fill(name, value));
    let form = hours(&submit_and_reload(&manager, OFFICE, &form).await);
    for (name, value) in filled {
        let (moved, row) = (name.replace("[1]", "[0]"), name.contains("[2]"));
        let name = if row { name.replace("[2]", "[1]") } else { moved };
        assert_eq!(form.field(&name), Some(value), "{name}");
    }
    assert_eq!(form.fields().iter().filter(|(name, _)| name.ends_with("[day]")).count(), 5);
    let position = server.position().await;
    submit_and_reload(&manager, OFFICE, &form).await;
    assert_eq!(server.position().await, position, "the form shows the current settings");

    // An opening without a day is removed; the other stays.
    let form = hours(&submit_and_reload(&manager, OFFICE, &form.clone().fill("hours[week][0][day]", "")).await);
    assert_eq!((form.field("hours[week][0][day]"), form.field("hours[week][1][day]")), (Some("sat"), Some("")));
    for (name, value, words) in [
        ("hours[zone]", "Mars/Olympus", "the zone must be an IANA name"),
        ("hours[week][0][to]", "", "an opening has a day and two times"),
        ("hours[last_day]", "2026-11-19", "the last day must not lie before the first"),
    ] {
        let refusal = submit_form(&manager, OFFICE, &form.clone().fill(name, value)).await;
        let page = Page::new(refusal.text());
        assert!(refusal.status.is_client_error(), "{name}");
        page.assert_text(words);
        assert!(page.html.contains(&format!("href=\"{OFFICE}\"")), "{}", page.html);
    }
}

#[tokio::test]
async fn limits_are_shown_with_their_ranges_and_set_one_by_one_or_all_together() {
    let server = TestServer::start().await;
    let manager = manager_browser(&server).await;
    let page = manager.get(OFFICE).await.page();
    page.assert_text("orders being chosen, waiting or made at a time; 1 to 10000");
    let form = page.form("/api/store/limits", ("change[room]", "100"));
    assert_eq!(form.fields.len(), 12, "the shop, the digest and ten limits");
    let page =
        submit_and_reload(&manager, OFFICE, &form.fill("change[room]", "40").fill("change[undo_seconds]", "20")).await;
    let form = page.form("/api/store/limits", ("change[room]", "40"));
    assert_eq!((form.field("change[undo_seconds]"), form.field("change[make_seconds]")), (Some("20"), Some("900")));
    let refusal = submit_form(&manager, OFFICE, &form.fill("change[room]", "0")).await;
    let page = refusal.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.html.contains(&format!("href=\"{OFFICE}\"")), "{}", page.html);
}

#[tokio::test]
async fn the_office_opens_pauses_and_stops_the_shop() {
    let server = TestServer::start().await;
    let manager = manager_browser(&server).await;
    let post = async |page: &Page, action: &str, held: bool| {
        let form = page.forms().into_iter().find(|form| form.action == action).unwrap();
        let form = if held { form.tick("hold", "true") } else { form };
        submit_and_reload(&manager, OFFICE, &form).await
    };
    let page = manager.get(OFFICE).await.page();
    let page = post(&page, "/api/store/close", true).await;
    page.assert_text("The shop is closed");
    let page = post(&page, "/api/store/open", false).await;
    page.assert_text("The shop is open");
    let pause = page.form("/api/store/pause", ("minutes", "10")).fill("reason", "Milk is on its way");
    let page = submit_and_reload(&manager, OFFICE, &pause).await;
    page.assert_text("The shop is on a break");
    page.assert_text("Milk is on its way.");
    let page = post(&page, "/api/store/resume", false).await;
    server.guest().await.order(&server.qr_code().await, "espresso").await;
    assert!(
        page.html.contains("popovertarget=\"ask-orders/stop-demo\" class=\"ask\">Stop all orders"),
        "stopping all orders asks for confirmation"
    );
    post(&page, "/api/orders/stop", false).await;
    manager.get("/s/demo/barista").await.page().assert_text("Nothing waits to be collected.");
}

#[tokio::test]
async fn an_invalid_office_return_path_redirects_to_the_office() {
    let server = TestServer::start().await;
    let manager = manager_browser(&server).await;
    let form = manager.get(OFFICE).await.page().form("/api/store/limits", ("change[room]", "100"));
    for from in ["/s/demo/office/drink/../../x", "/s/demo/office//elsewhere.example", "/s/demo/office?page=x", ""] {
        assert_eq!(submit_form(&manager, from, &form).await.redirect_target(), OFFICE, "{from}");
    }
    let barista = server.barista().await.without_scripts();
    let refusal = submit_form(&barista, MENU, &form).await.page_with(StatusCode::FORBIDDEN);
    refusal.assert_text("Your role does not include that");
}

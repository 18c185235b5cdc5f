//! Fields that a command does not have, and values that it does not take.

use axum::http::StatusCode;
use domain::access::Role;
use domain::limits::Limits;
use domain::view::barista::Barista;
use protocol::command::{CommandRow, ROWS};

use crate::harness::browser::command;
use crate::harness::request::TestResponse;
use crate::harness::{TestServer, new_order};

fn detail(refused: &TestResponse) -> String {
    assert_eq!((refused.status, refused.slug().as_str()), (StatusCode::BAD_REQUEST, "malformed"));
    let problem: serde_json::Value = serde_json::from_str(refused.text()).unwrap();
    problem["detail"].as_str().unwrap().to_owned()
}

/// Valid values of the fields of all commands.
const VALUES: [(&str, &str, &str); 15] = [
    ("change", "change[room]", "40"),
    ("extension", "extension", "WaitTimes"),
    ("on", "on", "true"),
    ("drink", "drink", "espresso"),
    ("group", "group", "milk"),
    ("currency", "currency", "EUR"),
    ("thing", "thing", "drink/espresso"),
    ("available", "available", "true"),
    ("hold", "hold", "true"),
    ("minutes", "minutes", "5"),
    ("reason", "reason", "broken"),
    ("version", "version", "1"),
    ("options", "options[milk]", "oat"),
    ("name", "name", "Ada"),
    ("new", "new", "true"),
];

/// Valid values of the required fields of a command, and of these `optional` ones.
pub(crate) fn valid_fields<'a>(row: &CommandRow, optional: &[&str], order: &'a str) -> Vec<(&'static str, &'a str)> {
    let mut fields = Vec::new();
    for name in row.required.iter().chain(optional) {
        match (row.endpoint, *name) {
            (_, "order") => fields.push(("order", order)),
            ("menu/drink", "drink") => {
                fields.extend([("drink[id]", "tea"), ("drink[name]", "Tea"), ("drink[icon]", "tea")]);
            }
            ("menu/group", "group") => {
                let option = [("group[options][0][id]", "a"), ("group[options][0][name]", "A")];
                fields.extend([("group[id]", "tea"), ("group[name]", "Tea")].into_iter().chain(option));
            }
            _ => fields.extend(VALUES.iter().filter(|(of, ..)| of == name).map(|(_, field, value)| (*field, *value))),
        }
    }
    fields
}

#[tokio::test]
async fn every_command_names_a_field_that_it_does_not_have_and_changes_nothing() {
    let server = TestServer::start().await;
    let manager = server.api_client("demo", Role::Manager).await;
    let (position, order) = (server.position().await, new_order().to_string());
    for row in ROWS {
        let fields = [vec![("minuts", "5")], valid_fields(row, row.optional, &order)].concat();
        let refused = manager.command(row.endpoint, &fields).await;
        assert_eq!(detail(&refused), "minuts: the command has no such field.", "{}", row.endpoint);
    }
    assert_eq!(server.position().await, position);
}

#[tokio::test]
async fn a_misspelt_field_within_another_is_named_as_the_form_spells_it() {
    let server = TestServer::start().await;
    let manager = server.api_client("demo", Role::Manager).await;
    let position = server.position().await;
    let drink = [("drink[id]", "tea"), ("drink[name]", "Tea"), ("drink[icon]", "tea")];
    let group = [("group[id]", "tea"), ("group[name]", "Tea"), ("group[options][0][id]", "a")];
    let option = [("group[options][0][name]", "A")];
    for (endpoint, fields, wrong) in [
        ("store/limits", &[][..], "change[rooom]"),
        ("store/limits", &[("change[room]", "40")], "change[waits]"),
        ("store/hours", &[("hours[zone]", "Europe/Berlin")], "hours[zoen]"),
        ("store/hours", &[("hours[week][0][day]", "sat")], "hours[week][0][frm]"),
        ("menu/drink", &drink, "drink[alergens][0]"),
        ("menu/drink", &drink, "drink[prices]"),
        ("menu/group", &[&group[..], &option].concat(), "group[options][0][surchage]"),
        ("menu/group", &[&group[..], &option].concat(), "group[lest]"),
    ] {
        let refused = manager.command(endpoint, &[fields, &[(wrong, "1")]].concat()).await;
        let named = wrong.strip_suffix("[0]").filter(|_| wrong.contains("alergens")).unwrap_or(wrong);
        assert_eq!(detail(&refused), format!("{named}: the command has no such field."), "{endpoint}");
    }
    let wrong_side = manager.command("store/close", &[("by", "staf")]).await;
    assert_eq!(detail(&wrong_side), "by: guest or staff.");
    let long = "x".repeat(5000);
    let refused = manager.command("store/open", &[(&long, "1")]).await;
    assert_eq!(detail(&refused), format!("{}: the command has no such field.", "x".repeat(60)));
    assert_eq!(server.position().await, position);
}

#[tokio::test]
async fn a_pause_takes_1_to_1440_minutes_and_no_others() {
    let server = TestServer::start().await;
    let tablet = server.barista().await;
    for minutes in ["0", "1441", "100000", "4294967295"] {
        let refused = tablet.command("store/pause", &[("minutes", minutes)]).await;
        assert_eq!((refused.status.as_u16(), refused.slug().as_str()), (422, "limit_out_of_range"), "{minutes}");
    }
    for minutes in ["-5", "five", "4294967296"] {
        assert_eq!(tablet.command("store/pause", &[("minutes", minutes)]).await.slug(), "malformed", "{minutes}");
    }
    let until = async || tablet.view::<Barista>("barista").await.view.paused.map(|paused| paused.until);
    assert_eq!(until().await, None);
    tablet.command("store/pause", &[("minutes", "1440")]).await.expect_ok();
    assert_eq!(until().await, Some(Some(server.now().plus_seconds(86_400))));
    tablet.command("store/pause", &[("minutes", "")]).await.expect_ok();
    assert_eq!(until().await, Some(None));
}

#[tokio::test]
async fn a_choice_that_overtakes_its_start_is_taken_or_not_known_yet_but_never_past_its_step() {
    let server = TestServer::start().await;
    let (phone, manager) = (server.guest().await, server.api_client("demo", Role::Manager).await);
    let most = [("change[orders_per_guest]", "1000"), ("change[drinks_per_code]", "1000"), ("change[room]", "1000")];
    manager.command("store/limits", &most).await.expect_ok();
    server.advance_clock(u64::from(Limits::default().window_seconds));
    let code = server.qr_code().await;
    for _ in 0..60 {
        let order = new_order();
        let (start, submit) = tokio::join!(phone.start(order, &code), phone.submit(order, "espresso", &[]));
        start.expect_ok();
        if !submit.status.is_success() {
            assert_eq!(submit.slug(), "order_unknown");
            phone.submit(order, "espresso", &[]).await.expect_ok();
        }
        // A phone may not send more.
        server.advance_clock(2);
    }
    // Of an order that is over it is still said.
    let order = phone.order(&code, "espresso").await;
    phone.step("cancel", order).await.expect_ok();
    server.advance_clock(10);
    let id = order.to_string();
    let late = || command("orders/submit", &[("order", &id), ("drink", "espresso")]);
    assert_eq!(phone.send(late()).await.slug(), "step_illegal");
}

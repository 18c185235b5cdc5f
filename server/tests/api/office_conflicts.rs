//! Two managers with the same page of the office open: the second is told, and loses nothing that was typed.

use axum::http::StatusCode;
use domain::access::Role;

use crate::forms::submit_form;
use crate::harness::page::{Form, Page};
use crate::harness::{Browser, TestServer};

const OFFICE: &str = "/s/demo/office";

/// A form of the office: its page, its address below `/api/`, a field that finds it, and what two managers type into
/// another one of its fields.
struct Case {
    page: &'static str,
    endpoint: &'static str,
    found_by: (&'static str, &'static str),
    field: &'static str,
    typed: [&'static str; 2],
}

const CASES: [Case; 5] = [
    Case {
        page: "/drink/latte",
        endpoint: "menu/drink",
        found_by: ("drink[id]", "latte"),
        field: "drink[name]",
        typed: ["Latte grande", "Latte piccolo"],
    },
    Case {
        page: "/group/milk",
        endpoint: "menu/group",
        found_by: ("group[id]", "milk"),
        field: "group[name]",
        typed: ["Milks", "Kind of milk"],
    },
    Case {
        page: "/menu",
        endpoint: "menu/currency",
        found_by: ("currency", ""),
        field: "currency",
        typed: ["EUR", "CHF"],
    },
    Case {
        page: "",
        endpoint: "store/hours",
        found_by: ("hours[cut_off]", "04:00"),
        field: "hours[last_orders_minutes]",
        typed: ["15", "20"],
    },
    Case {
        page: "",
        endpoint: "store/limits",
        found_by: ("change[grace_seconds]", "60"),
        field: "change[room]",
        typed: ["40", "50"],
    },
];

impl Case {
    fn form(&self, page: &Page) -> Form {
        page.form(&format!("/api/{}", self.endpoint), self.found_by)
    }

    /// What the form of a fresh page shows in the field.
    async fn shown(&self, manager: &Browser) -> Option<String> {
        let page = manager.get(&format!("{OFFICE}{}", self.page)).await.page();
        let forms = page.forms().into_iter().filter(|form| form.action == format!("/api/{}", self.endpoint));
        let fields = forms.flat_map(|form| form.fields);
        fields.into_iter().find(|(name, _)| name == self.field).map(|(_, value)| value)
    }
}

async fn manager(server: &TestServer) -> Browser {
    server.staff(Role::Manager).await.without_scripts()
}

#[tokio::test]
async fn the_second_of_two_managers_is_told_and_keeps_what_was_typed() {
    for case in CASES {
        let server = TestServer::start().await;
        let (first, second) = (manager(&server).await, manager(&server).await);
        let path = format!("{OFFICE}{}", case.page);
        let page = first.get(&path).await.page();
        let [mine, theirs] = case.typed.map(|text| case.form(&page).fill(case.field, text));
        submit_form(&first, &path, &mine).await.redirect_target();

        let position = server.position().await;
        let refused = submit_form(&second, &path, &theirs).await.page_with(StatusCode::CONFLICT);
        refused.assert_text("Somebody else has changed this meanwhile.");
        assert_eq!(server.position().await, position, "{}", case.endpoint);
        assert_eq!(case.shown(&first).await.as_deref(), Some(case.typed[0]), "{}", case.endpoint);

        // The page has what was typed, and saving it again replaces the other change.
        let forms = refused.forms().into_iter().filter(|form| form.action == format!("/api/{}", case.endpoint));
        let again = forms.into_iter().find(|form| form.fields.contains(&(case.field.into(), case.typed[1].into())));
        let again = again.unwrap_or_else(|| panic!("{}: what was typed is lost", case.endpoint));
        submit_form(&second, &path, &again).await.redirect_target();
        assert_eq!(case.shown(&first).await.as_deref(), Some(case.typed[1]), "{}", case.endpoint);
    }
}

#[tokio::test]
async fn a_form_whose_own_setting_did_not_change_is_saved() {
    let server = TestServer::start().await;
    let (first, second) = (manager(&server).await, manager(&server).await);
    let [drink, group, _, hours, limits] = CASES;
    let mut forms = Vec::new();
    for case in [drink, group, hours, limits] {
        let path = format!("{OFFICE}{}", case.page);
        forms.push((path.clone(), case.form(&first.get(&path).await.page()).fill(case.field, case.typed[0])));
    }
    for (n, (path, form)) in forms.iter().enumerate() {
        let who = if n % 2 == 0 { &first } else { &second };
        submit_form(who, path, form).await.redirect_target();
        // A second tap repeats what is saved.
        submit_form(who, path, form).await.redirect_target();
    }
}

#[tokio::test]
async fn a_drink_that_somebody_else_has_changed_is_not_removed() {
    let server = TestServer::start().await;
    let manager = manager(&server).await;
    let path = format!("{OFFICE}/drink/latte");
    let page = manager.get(&path).await.page();
    let removal = page.form("/api/menu/drink/remove", ("drink", "latte"));
    let change = CASES[0].form(&page).fill("drink[name]", "Latte grande");
    submit_form(&manager, &path, &change).await.redirect_target();
    let refused = submit_form(&manager, &path, &removal).await.page_with(StatusCode::CONFLICT);
    refused.assert_text("Somebody else has changed this meanwhile");
    assert_eq!(CASES[0].shown(&manager).await.as_deref(), Some("Latte grande"));

    let script = server.api_client("demo", Role::Manager).await;
    let fields = [("drink", "latte"), ("before", "0000000000000000")];
    assert_eq!(script.command("menu/drink/remove", &fields).await.slug(), "setting_changed");
    script.command("menu/drink/remove", &[("drink", "latte")]).await.expect_ok();
}

//! Tests of `OrderCounters`: the counts by day, for people and robots, and the pages.

use domain::command::{Action, Command, StoreCommand};
use domain::extension::PageAccess;
use domain::language::Language;
use domain::limits::{Limits, Waits};
use serde_json::{Value, json};

use crate::bar::{CARLA, TestExtension, TestShop, choice, guest, id, texts_outside_words, unlimited};

const NAME: &str = "OrderCounters";

/// The counts of people on the shop's current day.
fn people(shop: &TestShop) -> Value {
    TestExtension::with_log(NAME, shop).json("", shop.now)["people"].take()
}

/// The counts ordered and made of a drink or an option.
fn row(figures: &Value, kind: &str, id: &str) -> Option<(u64, u64)> {
    let key = kind.trim_end_matches('s');
    let row = figures[kind].as_array().unwrap().iter().find(|row| row[key] == id)?;
    Some((row["ordered"].as_u64().unwrap(), row["made"].as_u64().unwrap()))
}

/// The counts above zero, by name.
fn nonzero(figures: &Value) -> Vec<(&str, u64)> {
    let names = ["started", "submitted", "completed", "collected", "cancelled", "expired"];
    names.into_iter().filter_map(|name| Some((name, figures[name].as_u64().filter(|n| *n > 0)?))).collect()
}

#[test]
fn an_order_is_counted_at_each_step_with_its_drink_and_its_options() {
    let shop = TestShop::open().start(1).submit(1, choice("latte", Some("oat")));
    let counted = people(&shop);
    assert_eq!(nonzero(&counted), [("started", 1), ("submitted", 1)]);
    assert_eq!((row(&counted, "drinks", "latte"), row(&counted, "options", "oat")), (Some((1, 0)), Some((1, 0))));
    let counted = people(&shop.make(1).staff_act(1, Action::Collect));
    assert_eq!(nonzero(&counted), [("started", 1), ("submitted", 1), ("completed", 1), ("collected", 1)]);
    assert_eq!((row(&counted, "drinks", "latte"), row(&counted, "options", "oat")), (Some((1, 1)), Some((1, 1))));
}

#[test]
fn an_unserved_order_is_counted_by_its_outcome() {
    let shop = TestShop::open().start(1).act(guest(1), 1, Action::Cancel);
    let shop = shop.start(2).order(3, "latte").after(7200).with_due_commands();
    let shop = shop.serve(4, "latte", 10).after(7200).with_due_commands();
    let counted = people(&shop);
    assert_eq!(
        nonzero(&counted),
        [("started", 4), ("submitted", 2), ("completed", 1), ("cancelled", 1), ("expired", 1)]
    );
    assert_eq!(counted["timed_out"], json!({"customer": 1, "barista": 1}));
}

#[test]
fn orders_turned_away_are_counted_by_reason() {
    let mut shop = TestShop::with(Limits { room: 1, ..unlimited() }, 0).order(1, "latte").start(2).start(3);
    assert!(shop.try_execute(CARLA, StoreCommand::Close { hold: false }.into()));
    let shop = shop.start(4);
    let counted = people(&shop);
    assert_eq!(counted["turned_away"], json!({"full": 2, "closed": 1}));
    assert_eq!(nonzero(&counted), [("started", 4), ("submitted", 1)]);
}

#[test]
fn a_recalled_drink_is_not_counted_twice() {
    let shop = TestShop::open().order(1, "latte").make(1).staff_act(1, Action::Recall);
    let counted = people(&shop);
    assert_eq!(nonzero(&counted), [("started", 1), ("submitted", 1)]);
    assert_eq!(row(&counted, "drinks", "latte"), Some((1, 0)));
    let counted = people(&shop.staff_act(1, Action::Complete));
    assert_eq!(nonzero(&counted), [("started", 1), ("submitted", 1), ("completed", 1)]);
    assert_eq!((row(&counted, "drinks", "latte"), row(&counted, "options", "cow")), (Some((1, 1)), Some((1, 1))));
}

#[test]
fn a_recalled_cancellation_is_not_counted() {
    let shop = TestShop::open().order(1, "latte").act(guest(1), 1, Action::Cancel);
    assert_eq!(people(&shop)["cancelled"], 1);
    let shop = shop.act(guest(1), 1, Action::Recall);
    assert_eq!(people(&shop)["cancelled"], 0);
    assert_eq!(people(&shop.staff_act(1, Action::Cancel).after(60).with_due_commands())["cancelled"], 1);
}

#[test]
fn cancelled_orders_count_as_ordered_and_as_made_if_they_were_ready() {
    let shop = TestShop::open().order(1, "latte").staff_act(1, Action::Cancel).order(2, "latte").make(2);
    let counted = people(&shop.staff_act(2, Action::Cancel).after(60).with_due_commands());
    assert_eq!(nonzero(&counted), [("started", 2), ("submitted", 2), ("completed", 1), ("cancelled", 2)]);
    assert_eq!(row(&counted, "drinks", "latte"), Some((2, 1)));
}

#[test]
fn an_edit_moves_the_count_to_the_new_choice() {
    let shop = TestShop::open().start(1).submit(1, choice("latte", Some("oat"))).edit(1, choice("espresso", None));
    let counted = people(&shop.make(1));
    assert_eq!(nonzero(&counted), [("started", 1), ("submitted", 1), ("completed", 1)]);
    assert_eq!((row(&counted, "drinks", "latte"), row(&counted, "options", "oat")), (None, None));
    assert_eq!(row(&counted, "drinks", "espresso"), Some((1, 1)));
}

#[test]
fn each_event_is_counted_and_undone_on_its_own_day() {
    // Midnight is fifteen hours after nine.
    let waits = Waits { undo_seconds: 600, ..Waits::default() };
    let evening = TestShop::with(Limits { waits, ..unlimited() }, 0).after(15 * 3600 - 60);
    let yesterday = evening.now;
    let shop = evening.order(1, "latte").order(2, "latte").make(2).order(3, "latte").staff_act(3, Action::Cancel);
    let shop = shop.after(120).edit(1, choice("espresso", None)).make(1).staff_act(2, Action::Recall);
    let shop = shop.staff_act(3, Action::Recall);
    let extension = TestExtension::with_log(NAME, &shop);
    let counted = extension.json("2026-11-21", shop.now);
    assert_eq!(extension.json("", yesterday), counted, "the index page shows the current day");
    assert_eq!(nonzero(&counted["people"]), [("started", 3), ("submitted", 3)]);
    // An edit today changes the drink in yesterday's counts.
    assert_eq!(row(&counted["people"], "drinks", "latte"), Some((2, 0)));
    assert_eq!(row(&counted["people"], "drinks", "espresso"), Some((1, 0)));
    let counted = extension.json("", shop.now);
    assert_eq!(counted["day"], "2026-11-22");
    assert_eq!(nonzero(&counted["people"]), [("completed", 1)]);
    assert_eq!(row(&counted["people"], "drinks", "espresso"), Some((0, 1)));
    assert_eq!(extension.json("days", shop.now), json!({"days": ["2026-11-22", "2026-11-21"]}));
}

#[test]
fn robots_are_counted_separately_and_shown_on_request() {
    let shop = TestShop::open().order(1, "latte").robot_order(2, "espresso").robot_order(3, "espresso").make(3);
    let mut shop = shop;
    assert!(shop.try_execute(CARLA, Command::WalkIn { order: id(4), choice: choice("latte", None) }));
    let extension = TestExtension::with_log(NAME, &shop);
    let counted = extension.json("", shop.now);
    assert_eq!(counted.get("robots"), None);
    assert_eq!(nonzero(&counted["people"]), [("started", 2), ("submitted", 2)], "walk-in orders count as people");
    assert_eq!(row(&counted["people"], "drinks", "espresso"), None);
    for path in ["robots", "2026-11-21/robots"] {
        let counted = extension.json(path, shop.now);
        assert_eq!(nonzero(&counted["people"]), [("started", 2), ("submitted", 2)]);
        assert_eq!(nonzero(&counted["robots"]), [("started", 2), ("submitted", 2), ("completed", 1)]);
        assert_eq!(row(&counted["robots"], "drinks", "espresso"), Some((2, 1)));
    }
}

#[test]
fn a_day_page_has_tables_and_json_with_stable_names() {
    let shop = TestShop::open().start(1).submit(1, choice("latte", Some("oat"))).make(1).order(2, "espresso");
    let extension = TestExtension::with_log(NAME, &shop);
    let sheet = extension.page("2026-11-21", shop.now).unwrap();
    assert_eq!((sheet.title.as_str(), sheet.tables.len()), ("Orders of 2026-11-21", 3));
    assert_eq!(sheet.lead, "Ordered by people: 2. Made: 1.");
    assert_eq!(sheet.tables[0].rows[..3], [["Started", "2"], ["Submitted", "2"], ["Made", "1"]]);
    assert_eq!(sheet.tables[1].rows, [["Espresso", "1", "0"], ["Latte", "1", "1"]]);
    assert_eq!(sheet.tables[2].rows, [["Oat", "1", "1"]]);
    let expected = json!({
        "day": "2026-11-21",
        "people": {
            "started": 2, "submitted": 2, "completed": 1, "collected": 0, "cancelled": 0, "expired": 0,
            "timed_out": {"customer": 0, "barista": 0},
            "turned_away": {},
            "drinks": [
                {"drink": "espresso", "name": "Espresso", "ordered": 1, "made": 0},
                {"drink": "latte", "name": "Latte", "ordered": 1, "made": 1},
            ],
            "options": [{"group": "milk", "option": "oat", "name": "Oat", "ordered": 1, "made": 1}],
        },
    });
    assert_eq!(extension.json("2026-11-21", shop.now), expected);
    let quiet = extension.json("2026-11-20", shop.now);
    assert_eq!((nonzero(&quiet["people"]), &quiet["day"]), (vec![], &json!("2026-11-20")));
}

#[test]
fn every_text_of_the_counters_comes_from_the_words() {
    let shop =
        TestShop::with(Limits { room: 2, ..unlimited() }, 0).robot_order(1, "espresso").order(2, "latte").start(3);
    let extension = TestExtension::with_log(NAME, &shop);
    let data = |path| {
        let sheet = extension.page_in(Language::Pseudo, path, shop.now).unwrap();
        texts_outside_words(&sheet).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(data("robots"), ["Latte", "Cow's milk", "Espresso"]);
    assert_eq!(data("days"), ["2026-11-21"]);
}

#[test]
fn counter_pages_are_for_staff_and_other_paths_have_no_page() {
    let manifest = extensions::all().into_iter().find(|manifest| manifest.name == NAME).unwrap();
    for path in ["", "robots", "days", "2026-11-21", "2026-11-21/robots"] {
        assert_eq!((manifest.page_access)(path), Some(PageAccess::Staff), "{path}");
    }
    let shop = TestShop::open();
    for path in ["2026-11-31", "yesterday", "days/robots", "2026-11-21/people", "2026-11-21/robots/", "/"] {
        assert_eq!((manifest.page_access)(path), None, "{path}");
        assert!(TestExtension::with_log(NAME, &shop).page(path, shop.now).is_none(), "{path}");
    }
}

#[test]
fn drinks_beyond_a_thousand_share_one_row() {
    let teas = 1010;
    let serve = |shop: TestShop, n| shop.order(n, &format!("tea-{n}")).make(n).staff_act(n, Action::Collect);
    let shop = (0..teas).fold(TestShop::with(unlimited(), teas), serve);
    // An edit subtracts from the row in which the order was counted.
    let shop = shop.order(2000, "tea-1009").edit(2000, choice("tea-0", None));
    let counted = people(&shop);
    assert_eq!(row(&counted, "drinks", "tea-0"), Some((2, 1)));
    assert_eq!(row(&counted, "drinks", "tea-999"), Some((1, 1)));
    assert_eq!((row(&counted, "drinks", "tea-1000"), row(&counted, "drinks", "")), (None, Some((10, 10))));
    let shared = counted["drinks"].as_array().unwrap().iter().find(|row| row["drink"] == "").unwrap();
    assert_eq!(shared["name"], "Others");
}

#[test]
fn the_saved_counters_do_not_grow_with_finished_orders() {
    let serve = |shop: TestShop, n| shop.serve(n, "latte", 20).staff_act(n, Action::Collect);
    let (one, many) = (serve(TestShop::open(), 0), (0..99).fold(TestShop::open(), serve));
    let length = |shop: &TestShop| TestExtension::with_log(NAME, shop).save().len();
    // The numbers of the longer log have one more digit.
    assert!(length(&many) < length(&one) + 20, "{} bytes; {} bytes after one order", length(&many), length(&one));
}

#[test]
fn the_counters_emit_nothing() {
    let shop = TestShop::open().serve(1, "latte", 60);
    let mut extension = TestExtension::with_log(NAME, &shop);
    assert_eq!((extension.on_start(shop.now), extension.tick(shop.now)), (vec![], vec![]));
}

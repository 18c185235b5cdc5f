//! Tests of `OrderCounters`: the counts by day, for people and robots, and the pages.

use domain::command::{Action, Command, StoreCommand};
use domain::extension::PageAccess;
use domain::limits::{Limits, Waits};
use serde_json::{Value, json};

use crate::bar::{Bar, CARLA, Listener, choice, guest, id, wide};

const NAME: &str = "OrderCounters";

/// The counts of people on the shop's current day.
fn people(bar: &Bar) -> Value {
    Listener::of(NAME, bar).json("", bar.now)["people"].take()
}

/// The counts ordered and made of a drink or an option.
fn row(figures: &Value, kind: &str, id: &str) -> Option<(u64, u64)> {
    let key = kind.trim_end_matches('s');
    let found = figures[kind].as_array().unwrap().iter().find(|row| row[key] == id)?;
    Some((found["ordered"].as_u64().unwrap(), found["made"].as_u64().unwrap()))
}

/// The counts above zero, by name.
fn ends(figures: &Value) -> Vec<(&str, u64)> {
    let names = ["started", "submitted", "completed", "collected", "cancelled", "expired"];
    names.into_iter().filter_map(|name| Some((name, figures[name].as_u64().filter(|n| *n > 0)?))).collect()
}

#[test]
fn an_order_is_counted_at_each_step_with_its_drink_and_its_options() {
    let bar = Bar::open().starts(1).submits(1, choice("latte", Some("oat")));
    let counted = people(&bar);
    assert_eq!(ends(&counted), [("started", 1), ("submitted", 1)]);
    assert_eq!((row(&counted, "drinks", "latte"), row(&counted, "options", "oat")), (Some((1, 0)), Some((1, 0))));
    let counted = people(&bar.made(1).carla(1, Action::Collect));
    assert_eq!(ends(&counted), [("started", 1), ("submitted", 1), ("completed", 1), ("collected", 1)]);
    assert_eq!((row(&counted, "drinks", "latte"), row(&counted, "options", "oat")), (Some((1, 1)), Some((1, 1))));
}

#[test]
fn an_order_that_never_came_to_a_drink_is_counted_by_how_it_ended() {
    let bar = Bar::open().starts(1).acts(guest(1), 1, Action::Cancel);
    let bar = bar.starts(2).orders(3, "latte").after(7200).settled();
    let bar = bar.serves(4, "latte", 10).after(7200).settled();
    let counted = people(&bar);
    assert_eq!(ends(&counted), [("started", 4), ("submitted", 2), ("completed", 1), ("cancelled", 1), ("expired", 1)]);
    assert_eq!(counted["timed_out"], json!({"customer": 1, "barista": 1}));
}

#[test]
fn who_is_turned_away_is_counted_by_the_reason() {
    let mut bar = Bar::with(Limits { room: 1, ..wide() }, 0).orders(1, "latte").starts(2).starts(3);
    assert!(bar.asks(CARLA, StoreCommand::Close { hold: false }.into()));
    let bar = bar.starts(4);
    let counted = people(&bar);
    assert_eq!(counted["turned_away"], json!({"full": 2, "closed": 1}));
    assert_eq!(ends(&counted), [("started", 4), ("submitted", 1)]);
}

#[test]
fn a_drink_that_is_taken_back_is_not_counted_twice() {
    let bar = Bar::open().orders(1, "latte").made(1).carla(1, Action::Recall);
    let counted = people(&bar);
    assert_eq!(ends(&counted), [("started", 1), ("submitted", 1)]);
    assert_eq!(row(&counted, "drinks", "latte"), Some((1, 0)));
    let counted = people(&bar.carla(1, Action::Complete));
    assert_eq!(ends(&counted), [("started", 1), ("submitted", 1), ("completed", 1)]);
    assert_eq!((row(&counted, "drinks", "latte"), row(&counted, "options", "cow")), (Some((1, 1)), Some((1, 1))));
}

#[test]
fn a_cancellation_that_is_taken_back_never_was() {
    let bar = Bar::open().orders(1, "latte").acts(guest(1), 1, Action::Cancel);
    assert_eq!(people(&bar)["cancelled"], 1);
    let bar = bar.acts(guest(1), 1, Action::Recall);
    assert_eq!(people(&bar)["cancelled"], 0);
    assert_eq!(people(&bar.carla(1, Action::Cancel).after(60).settled())["cancelled"], 1);
}

#[test]
fn a_cancelled_order_was_ordered_and_one_cancelled_when_it_was_ready_was_made() {
    let bar = Bar::open().orders(1, "latte").carla(1, Action::Cancel).orders(2, "latte").made(2);
    let counted = people(&bar.carla(2, Action::Cancel).after(60).settled());
    assert_eq!(ends(&counted), [("started", 2), ("submitted", 2), ("completed", 1), ("cancelled", 2)]);
    assert_eq!(row(&counted, "drinks", "latte"), Some((2, 1)));
}

#[test]
fn an_edit_changes_what_was_ordered() {
    let bar = Bar::open().starts(1).submits(1, choice("latte", Some("oat"))).edits(1, choice("espresso", None));
    let counted = people(&bar.made(1));
    assert_eq!(ends(&counted), [("started", 1), ("submitted", 1), ("completed", 1)]);
    assert_eq!((row(&counted, "drinks", "latte"), row(&counted, "options", "oat")), (None, None));
    assert_eq!(row(&counted, "drinks", "espresso"), Some((1, 1)));
}

#[test]
fn each_thing_counts_on_its_day_and_is_taken_back_from_it() {
    // Midnight is fifteen hours after nine.
    let waits = Waits { undo_seconds: 600, ..Waits::default() };
    let evening = Bar::with(Limits { waits, ..wide() }, 0).after(15 * 3600 - 60);
    let yesterday = evening.now;
    let bar = evening.orders(1, "latte").orders(2, "latte").made(2).orders(3, "latte").carla(3, Action::Cancel);
    let bar = bar.after(120).edits(1, choice("espresso", None)).made(1).carla(2, Action::Recall);
    let bar = bar.carla(3, Action::Recall);
    let listener = Listener::of(NAME, &bar);
    let counted = listener.json("2026-11-21", bar.now);
    assert_eq!(listener.json("", yesterday), counted, "the index page shows the current day");
    assert_eq!(ends(&counted["people"]), [("started", 3), ("submitted", 3)]);
    // An edit today changes the drink in yesterday's counts.
    assert_eq!(row(&counted["people"], "drinks", "latte"), Some((2, 0)));
    assert_eq!(row(&counted["people"], "drinks", "espresso"), Some((1, 0)));
    let counted = listener.json("", bar.now);
    assert_eq!(counted["day"], "2026-11-22");
    assert_eq!(ends(&counted["people"]), [("completed", 1)]);
    assert_eq!(row(&counted["people"], "drinks", "espresso"), Some((0, 1)));
    assert_eq!(listener.json("days", bar.now), json!({"days": ["2026-11-22", "2026-11-21"]}));
}

#[test]
fn robots_are_counted_apart_and_shown_to_those_who_ask() {
    let bar = Bar::open().orders(1, "latte").robot_orders(2, "espresso").robot_orders(3, "espresso").made(3);
    let mut bar = bar;
    assert!(bar.asks(CARLA, Command::WalkIn { order: id(4), choice: choice("latte", None) }));
    let listener = Listener::of(NAME, &bar);
    let counted = listener.json("", bar.now);
    assert_eq!(counted.get("robots"), None);
    assert_eq!(ends(&counted["people"]), [("started", 2), ("submitted", 2)], "walk-in orders count as people");
    assert_eq!(row(&counted["people"], "drinks", "espresso"), None);
    for path in ["robots", "2026-11-21/robots"] {
        let counted = listener.json(path, bar.now);
        assert_eq!(ends(&counted["people"]), [("started", 2), ("submitted", 2)]);
        assert_eq!(ends(&counted["robots"]), [("started", 2), ("submitted", 2), ("completed", 1)]);
        assert_eq!(row(&counted["robots"], "drinks", "espresso"), Some((2, 1)));
    }
}

#[test]
fn a_day_is_answered_in_tables_for_people_and_under_stable_names_for_programs() {
    let bar = Bar::open().starts(1).submits(1, choice("latte", Some("oat"))).made(1).orders(2, "espresso");
    let listener = Listener::of(NAME, &bar);
    let sheet = listener.page("2026-11-21", bar.now).unwrap();
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
    assert_eq!(listener.json("2026-11-21", bar.now), expected);
    let quiet = listener.json("2026-11-20", bar.now);
    assert_eq!((ends(&quiet["people"]), &quiet["day"]), (vec![], &json!("2026-11-20")));
}

#[test]
fn its_pages_are_for_staff_and_there_are_no_others() {
    let manifest = extensions::all().into_iter().find(|manifest| manifest.name == NAME).unwrap();
    for path in ["", "robots", "days", "2026-11-21", "2026-11-21/robots"] {
        assert_eq!((manifest.page_access)(path), Some(PageAccess::Staff), "{path}");
    }
    let bar = Bar::open();
    for path in ["2026-11-31", "yesterday", "days/robots", "2026-11-21/people", "2026-11-21/robots/", "/"] {
        assert_eq!((manifest.page_access)(path), None, "{path}");
        assert!(Listener::of(NAME, &bar).page(path, bar.now).is_none(), "{path}");
    }
}

#[test]
fn a_thousand_drinks_of_a_day_have_a_row_and_the_others_share_one() {
    let teas = 1010;
    let serve = |bar: Bar, n| bar.orders(n, &format!("tea-{n}")).made(n).carla(n, Action::Collect);
    let bar = (0..teas).fold(Bar::with(wide(), teas), serve);
    // An edit subtracts from the row in which the order was counted.
    let bar = bar.orders(2000, "tea-1009").edits(2000, choice("tea-0", None));
    let counted = people(&bar);
    assert_eq!(row(&counted, "drinks", "tea-0"), Some((2, 1)));
    assert_eq!(row(&counted, "drinks", "tea-999"), Some((1, 1)));
    assert_eq!((row(&counted, "drinks", "tea-1000"), row(&counted, "drinks", "")), (None, Some((10, 10))));
}

#[test]
fn of_what_is_over_only_the_numbers_are_kept() {
    let serve = |bar: Bar, n| bar.serves(n, "latte", 20).carla(n, Action::Collect);
    let (one, many) = (serve(Bar::open(), 0), (0..99).fold(Bar::open(), serve));
    let length = |bar: &Bar| Listener::of(NAME, bar).save().len();
    // The numbers of the longer log have one more digit.
    assert!(length(&many) < length(&one) + 20, "{} bytes; {} bytes after one order", length(&many), length(&one));
}

#[test]
fn it_says_nothing() {
    let bar = Bar::open().serves(1, "latte", 60);
    let mut listener = Listener::of(NAME, &bar);
    assert_eq!((listener.begin(bar.now), listener.tick(bar.now)), (vec![], vec![]));
}

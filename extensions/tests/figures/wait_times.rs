//! Tests of `WaitTimes`: the orders that count, the emissions, the pins and the page.

use domain::command::{Action, Command};
use domain::event::Fact;
use domain::extension::pin::{PinLabel, Screen};
use domain::extension::{Emission, MAX_EMISSIONS, PageAccess};
use domain::language::Language;
use domain::time::Instant;
use serde_json::json;

use crate::bar::{MANAGER, TestExtension, TestShop, choice, guest, texts_outside_words, unlimited};

const NAME: &str = "WaitTimes";

/// The mean of a drink in seconds and its number of orders, from the page.
fn mean(shop: &TestShop, drink: &str) -> Option<(i64, i64)> {
    let json = TestExtension::with_log(NAME, shop).json("", shop.now);
    let row = json["drinks"].as_array().unwrap().iter().find(|row| row["drink"] == drink)?;
    Some((row["seconds"].as_i64().unwrap(), row["of"].as_i64().unwrap()))
}

/// Each emission as its drink, or `None` for all drinks, and its seconds, or `None` without a mean.
fn summaries(emissions: &[Emission]) -> Vec<(Option<String>, Option<i64>)> {
    let fact = |emission: &Emission, name: &str| emission.facts.get(&name.to_owned()).cloned();
    let summaries = emissions.iter().map(|emission| {
        let drink = fact(emission, "drink").map(|drink| match drink {
            Fact::Text(drink) => drink,
            other => panic!("the fact drink is text, not {other:?}"),
        });
        assert_eq!(emission.name, if drink.is_some() { "DrinkAverageTime" } else { "AverageTime" });
        let seconds = fact(emission, "seconds").map(|seconds| match seconds {
            Fact::Number(seconds) => seconds,
            other => panic!("the fact seconds is a number, not {other:?}"),
        });
        assert!(emission.pins.iter().all(|pin| pin.value == seconds.map(Fact::Number)));
        (drink, seconds)
    });
    summaries.collect()
}

fn drink(id: &str, seconds: i64) -> (Option<String>, Option<i64>) {
    (Some(id.to_owned()), Some(seconds))
}

fn all(seconds: i64) -> (Option<String>, Option<i64>) {
    (None, Some(seconds))
}

#[test]
fn the_wait_for_a_drink_is_the_mean_of_its_last_ten_in_whole_seconds() {
    let shop = TestShop::open().serve(1, "latte", 600).serve(2, "latte", 600);
    let shop = (3..12).fold(shop, |shop, order| shop.serve(order, "latte", 60));
    // The mean has the last ten orders: the second order is in it, the first is not.
    assert_eq!(mean(&shop, "latte"), Some((114, 10)));
    let shop = shop.serve(12, "espresso", 20);
    assert_eq!((mean(&shop, "latte"), mean(&shop, "espresso")), (Some((114, 10)), Some((20, 1))));
    // The mean of 20 and 21 is 20.5, which is rounded up.
    assert_eq!(mean(&shop.serve(13, "espresso", 21), "espresso"), Some((21, 2)));
}

#[test]
fn a_wait_lasts_from_submission_until_ready() {
    let shop =
        TestShop::open().start(1).after(100).submit(1, choice("latte", None)).after(30).staff_act(1, Action::Claim);
    assert_eq!(mean(&shop, "latte"), None);
    let shop = shop.after(40).staff_act(1, Action::Complete);
    assert_eq!(mean(&shop, "latte"), Some((70, 1)));
    assert_eq!(mean(&shop.after(99).staff_act(1, Action::Collect), "latte"), Some((70, 1)));
}

#[test]
fn cancelled_orders_do_not_count() {
    let shop = TestShop::open().serve(1, "latte", 60).staff_act(1, Action::Collect);
    let shop = shop.order(2, "latte").after(600).act(guest(2), 2, Action::Cancel);
    let shop = shop.order(3, "latte").after(600).staff_act(3, Action::Claim).staff_act(3, Action::Cancel);
    let shop = shop.serve(4, "latte", 600).staff_act(4, Action::Cancel);
    assert_eq!(mean(&shop, "latte"), Some((60, 1)));
    // A recalled cancellation makes the order ready again.
    let undone = shop.staff_act(4, Action::Recall);
    assert_eq!(mean(&undone, "latte"), Some((330, 2)));
    let over = undone.staff_act(4, Action::Cancel).after(60).with_due_commands();
    assert_eq!(mean(&over, "latte"), Some((60, 1)));
}

#[test]
fn timed_out_orders_do_not_count_and_expired_ones_do() {
    let shop = TestShop::open().order(1, "latte").after(7200).with_due_commands();
    assert_eq!(mean(&shop, "latte"), None);
    let shop = shop.serve(2, "latte", 60).after(7200).with_due_commands();
    assert_eq!(mean(&shop, "latte"), Some((60, 1)));
}

#[test]
fn a_recalled_order_does_not_count_until_it_is_ready_again() {
    let shop = TestShop::open().serve(1, "latte", 60).serve(2, "latte", 20).staff_act(2, Action::Recall);
    assert_eq!(mean(&shop, "latte"), Some((60, 1)));
    let shop = shop.after(80).staff_act(2, Action::Complete);
    assert_eq!(mean(&shop, "latte"), Some((80, 2)));
}

#[test]
fn the_eleventh_last_order_counts_again_after_a_recall() {
    let shop = (1..12).fold(TestShop::open(), |shop, order| {
        let shop = shop.serve(order, "latte", if order == 1 { 600 } else { 60 });
        // Collected orders cannot be recalled; only the last order stays ready.
        if order < 11 { shop.staff_act(order, Action::Collect) } else { shop }
    });
    assert_eq!(mean(&shop, "latte"), Some((60, 10)));
    assert_eq!(mean(&shop.staff_act(11, Action::Recall), "latte"), Some((114, 10)));
}

#[test]
fn an_edit_changes_the_drink_and_not_the_start_of_the_wait() {
    let shop = TestShop::open().order(1, "latte").after(30).edit(1, choice("espresso", None)).after(30).make(1);
    assert_eq!((mean(&shop, "latte"), mean(&shop, "espresso")), (None, Some((60, 1))));
}

#[test]
fn a_postponed_order_waits_from_its_postponement() {
    let shop = TestShop::open().order(1, "latte").after(600).act(guest(1), 1, Action::Postpone).after(60).make(1);
    assert_eq!(mean(&shop, "latte"), Some((60, 1)));
}

#[test]
fn robot_orders_count_in_the_wait_times() {
    let shop = TestShop::open().robot_order(1, "latte").after(60).make(1);
    assert_eq!(mean(&shop, "latte"), Some((60, 1)));
}

#[test]
fn orders_submitted_before_the_first_event_are_ignored() {
    let shop = TestShop::open().serve(1, "latte", 60).staff_act(1, Action::Collect);
    let mut extension = TestExtension::new(NAME);
    let later = shop.log.iter().position(|recorded| recorded.event.kind() == "OrderManager.OrderClaimed").unwrap();
    extension.on_event(shop.log.get(later..).unwrap());
    assert_eq!(extension.json("", shop.now), json!({"drinks": [], "all": null}));
}

#[test]
fn each_mean_is_emitted_once_with_its_pins_and_again_on_change() {
    let shop = TestShop::open().serve(1, "latte", 60);
    let mut extension = TestExtension::with_log(NAME, &shop);
    let emissions = extension.tick(shop.now);
    assert_eq!(summaries(&emissions), [all(60), drink("latte", 60)]);
    let pins: Vec<_> = emissions.iter().flat_map(|emission| &emission.pins).collect();
    let slots: Vec<_> = pins.iter().map(|pin| (pin.screen, pin.slot.as_str(), pin.label.clone())).collect();
    let expected = [
        (Screen::Display, "head", PinLabel::Key("wait_now".to_owned())),
        (Screen::Ordering, "drink/latte", PinLabel::Key("wait_now".to_owned())),
        (Screen::Display, "drink/latte", PinLabel::Name("Latte".to_owned())),
    ];
    assert_eq!(slots, expected);
    assert!(pins.iter().all(|pin| pin.unit.as_deref() == Some("s")));
    assert!(
        pins.iter().all(|pin| pin.until == Some(shop.now.plus_seconds(1800))),
        "pins are valid for half an hour after the last order"
    );

    assert_eq!(extension.tick(shop.now), []);
    let shop = shop.order(2, "latte").staff_act(1, Action::Collect);
    extension.on_event(&shop.log);
    assert_eq!(extension.tick(shop.now), [], "an unchanged mean is not emitted");
    let shop = shop.after(30).make(2).serve(3, "espresso", 45);
    extension.on_event(&shop.log);
    assert_eq!(summaries(&extension.tick(shop.now)), [all(45), drink("espresso", 45), drink("latte", 45)]);
}

#[test]
fn an_unchanged_mean_is_emitted_again_before_its_pins_expire() {
    let shop = TestShop::open().serve(1, "latte", 60);
    let mut extension = TestExtension::with_log(NAME, &shop);
    assert_eq!(extension.tick(shop.now).len(), 2);
    let shop = shop.after(120).serve(2, "latte", 60);
    extension.on_event(&shop.log);
    assert_eq!(extension.tick(shop.now), [], "three more minutes of validity are not emitted");
    let shop = shop.after(120).serve(3, "latte", 60);
    extension.on_event(&shop.log);
    let emissions = extension.tick(shop.now);
    assert_eq!(summaries(&emissions), [all(60), drink("latte", 60)]);
    assert!(
        emissions.iter().flat_map(|emission| &emission.pins).all(|pin| pin.until == Some(shop.now.plus_seconds(1800)))
    );
}

#[test]
fn only_recent_means_are_emitted() {
    let shop = TestShop::open().serve(1, "latte", 60);
    let half_an_hour_later = shop.now.plus_seconds(1800);
    let extension = || TestExtension::with_log(NAME, &shop);
    assert_eq!(extension().tick(Instant(half_an_hour_later.0 - 1)).len(), 2);
    assert_eq!(extension().tick(half_an_hour_later), []);
    assert_eq!(extension().on_start(half_an_hour_later), []);
    // Expired pins need no emission.
    let mut emitted_before = extension();
    assert_eq!(emitted_before.tick(shop.now).len(), 2);
    assert_eq!(emitted_before.tick(half_an_hour_later), []);
    // An order made later makes the mean recent again; it includes the old order.
    let shop = shop.after(86_400).serve(2, "latte", 20);
    assert_eq!(summaries(&TestExtension::with_log(NAME, &shop).tick(shop.now)), [all(40), drink("latte", 40)]);
}

#[test]
fn pins_are_removed_when_all_their_orders_are_recalled() {
    let shop = TestShop::open().serve(1, "latte", 60);
    let mut extension = TestExtension::with_log(NAME, &shop);
    extension.tick(shop.now);
    let shop = shop.staff_act(1, Action::Recall);
    extension.on_event(&shop.log);
    let emissions = extension.tick(shop.now);
    assert_eq!(summaries(&emissions), [(None, None), (Some("latte".to_owned()), None)]);
    assert!(emissions.iter().all(|emission| emission.facts.get(&"of".to_owned()) == Some(&Fact::Number(0))));
    assert_eq!(extension.tick(shop.now), []);
}

#[test]
fn emissions_are_limited_per_tick_and_deferred_ones_come_first() {
    let teas = 30;
    let ordered = (0..teas).fold(TestShop::with(unlimited(), teas), |shop, n| shop.order(n, &format!("tea-{n}")));
    let shop = (0..teas).fold(ordered.after(60), TestShop::make);
    let mut extension = TestExtension::with_log(NAME, &shop);
    let first = summaries(&extension.tick(shop.now));
    assert_eq!(first.len(), MAX_EMISSIONS);
    // A changed mean that was emitted before comes after the deferred ones.
    let (Some(again), _) = first.last().cloned().unwrap() else { panic!("the last emission is of a drink") };
    let shop = shop.serve(teas, &again, 20);
    let mut extension = extension.restarted();
    extension.on_event(&shop.log);
    let second = summaries(&extension.tick(shop.now));
    assert_eq!(second.len(), usize::from(teas) + 1 - MAX_EMISSIONS + 2, "the mean of all drinks has changed as well");
    let changed: Vec<_> = second.iter().skip(usize::from(teas) + 1 - MAX_EMISSIONS).cloned().collect();
    assert_eq!(changed, [all(56), drink(&again, 40)]);
    assert_eq!(extension.tick(shop.now), []);
}

#[test]
fn all_current_means_are_emitted_after_switching_on() {
    let shop = TestShop::open().serve(1, "latte", 60).after(1000).serve(2, "espresso", 20);
    let mut extension = TestExtension::with_log(NAME, &shop);
    let everything = vec![all(40), drink("espresso", 20), drink("latte", 60)];
    assert_eq!(summaries(&extension.tick(shop.now)), everything);
    assert_eq!(summaries(&extension.on_start(shop.now)), everything);
    assert_eq!(extension.tick(shop.now), []);
    let espresso_alone = shop.now.plus_seconds(1000);
    assert_eq!(summaries(&extension.on_start(espresso_alone)), [all(40), drink("espresso", 20)]);
}

#[test]
fn the_wait_times_page_lists_every_drink_as_table_and_json() {
    let shop = TestShop::open().serve(1, "latte", 94).serve(2, "espresso", 20).after(7200);
    let extension = TestExtension::with_log(NAME, &shop);
    let sheet = extension.page("", shop.now).unwrap();
    assert_eq!(sheet.lead, "From the order to the cup on the bar: 57\u{a0}s, the mean of the last 2.");
    assert_eq!(
        sheet.tables[0].rows,
        [["Espresso", "20\u{a0}s", "1"], ["Latte", "1\u{a0}min\u{a0}34\u{a0}s", "1"], ["All", "57\u{a0}s", "2"],]
    );
    let expected = json!({
        "drinks": [
            {"drink": "espresso", "name": "Espresso", "seconds": 20, "of": 1},
            {"drink": "latte", "name": "Latte", "seconds": 94, "of": 1},
        ],
        "all": {"seconds": 57, "of": 2},
    });
    assert_eq!(extension.json("", shop.now), expected);
    assert!(extension.page("latte", shop.now).is_none());
    let pseudo = extension.page_in(Language::Pseudo, "", shop.now).unwrap();
    assert_eq!(pseudo.tables[0].rows[2][0], "⟦All⟧");
    let durations = ["20\u{a0}s", "1\u{a0}min\u{a0}34\u{a0}s", "57\u{a0}s"];
    assert_eq!(texts_outside_words(&pseudo), ["Espresso", durations[0], "Latte", durations[1], durations[2]]);
    let manifest = extensions::all().into_iter().find(|manifest| manifest.name == NAME).unwrap();
    assert_eq!(["", "latte"].map(manifest.page_access), [Some(PageAccess::Public), None]);
}

#[test]
fn the_least_recently_made_drinks_are_dropped() {
    let teas = 210;
    let serve = |shop: TestShop, n| shop.serve(n, &format!("tea-{n}"), 20).staff_act(n, Action::Collect);
    let shop = (0..teas).fold(TestShop::with(unlimited(), teas), serve);
    let json = TestExtension::with_log(NAME, &shop).json("", shop.now);
    assert_eq!(json["drinks"].as_array().unwrap().len(), 200);
    assert_eq!((mean(&shop, "tea-9"), mean(&shop, "tea-10")), (None, Some((20, 1))));
    assert_eq!(json["all"], json!({"seconds": 20, "of": 10}));
}

#[test]
fn the_saved_wait_times_do_not_grow_with_finished_orders() {
    let serve = |shop: TestShop, n| shop.serve(n, "latte", 20).staff_act(n, Action::Collect);
    let ten = (0..10).fold(TestShop::open(), serve);
    let mut many = (0..110).fold(TestShop::open(), serve).order(110, "latte").start(111);
    assert!(many.try_execute(MANAGER, Command::StopOrders));
    let many = many.with_due_commands();
    let length = |shop: &TestShop| TestExtension::with_log(NAME, shop).save().len();
    // The numbers of the longer log have one more digit.
    assert!(length(&many) < length(&ten) + 60, "{} bytes; {} bytes after ten orders", length(&many), length(&ten));
}

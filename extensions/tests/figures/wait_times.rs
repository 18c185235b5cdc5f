//! Tests of `WaitTimes`: the orders that count, the emissions, the pins and the page.

use domain::command::{Action, Command};
use domain::event::Fact;
use domain::extension::pin::Screen;
use domain::extension::{Emission, MAX_EMISSIONS, PageAccess};
use domain::time::Instant;
use serde_json::json;

use crate::bar::{Bar, Listener, MANAGER, choice, guest, wide};

const NAME: &str = "WaitTimes";

/// The mean of a drink in seconds and its number of orders, from the page.
fn mean(bar: &Bar, drink: &str) -> Option<(i64, i64)> {
    let json = Listener::of(NAME, bar).json("", bar.now);
    let found = json["drinks"].as_array().unwrap().iter().find(|row| row["drink"] == drink)?;
    Some((found["seconds"].as_i64().unwrap(), found["of"].as_i64().unwrap()))
}

/// Each emission as its drink, or `None` for all drinks, and its seconds, or `None` without a mean.
fn told(said: &[Emission]) -> Vec<(Option<String>, Option<i64>)> {
    let fact = |saying: &Emission, name: &str| saying.facts.get(&name.to_owned()).cloned();
    let each = said.iter().map(|saying| {
        let drink = fact(saying, "drink").map(|drink| match drink {
            Fact::Text(drink) => drink,
            other => panic!("the fact drink is text, not {other:?}"),
        });
        assert_eq!(saying.name, if drink.is_some() { "DrinkAverageTime" } else { "AverageTime" });
        let seconds = fact(saying, "seconds").map(|seconds| match seconds {
            Fact::Number(seconds) => seconds,
            other => panic!("the fact seconds is a number, not {other:?}"),
        });
        assert!(saying.pins.iter().all(|pin| pin.value == seconds.map(Fact::Number)));
        (drink, seconds)
    });
    each.collect()
}

fn drink(id: &str, seconds: i64) -> (Option<String>, Option<i64>) {
    (Some(id.to_owned()), Some(seconds))
}

fn all(seconds: i64) -> (Option<String>, Option<i64>) {
    (None, Some(seconds))
}

#[test]
fn the_wait_for_a_drink_is_the_mean_of_its_last_ten_in_whole_seconds() {
    let bar = Bar::open().serves(1, "latte", 600).serves(2, "latte", 600);
    let bar = (3..12).fold(bar, |bar, order| bar.serves(order, "latte", 60));
    // The mean has the last ten orders: the second order is in it, the first is not.
    assert_eq!(mean(&bar, "latte"), Some((114, 10)));
    let bar = bar.serves(12, "espresso", 20);
    assert_eq!((mean(&bar, "latte"), mean(&bar, "espresso")), (Some((114, 10)), Some((20, 1))));
    // The mean of 20 and 21 is 20.5, which is rounded up.
    assert_eq!(mean(&bar.serves(13, "espresso", 21), "espresso"), Some((21, 2)));
}

#[test]
fn it_begins_with_the_choice_and_ends_when_the_drink_is_ready() {
    let bar = Bar::open().starts(1).after(100).submits(1, choice("latte", None)).after(30).carla(1, Action::Claim);
    assert_eq!(mean(&bar, "latte"), None);
    let bar = bar.after(40).carla(1, Action::Complete);
    assert_eq!(mean(&bar, "latte"), Some((70, 1)));
    assert_eq!(mean(&bar.after(99).carla(1, Action::Collect), "latte"), Some((70, 1)));
}

#[test]
fn cancelled_orders_do_not_count_whoever_cancels_and_when() {
    let bar = Bar::open().serves(1, "latte", 60).carla(1, Action::Collect);
    let bar = bar.orders(2, "latte").after(600).acts(guest(2), 2, Action::Cancel);
    let bar = bar.orders(3, "latte").after(600).carla(3, Action::Claim).carla(3, Action::Cancel);
    let bar = bar.serves(4, "latte", 600).carla(4, Action::Cancel);
    assert_eq!(mean(&bar, "latte"), Some((60, 1)));
    // A recalled cancellation makes the order ready again.
    let undone = bar.carla(4, Action::Recall);
    assert_eq!(mean(&undone, "latte"), Some((330, 2)));
    let over = undone.carla(4, Action::Cancel).after(60).settled();
    assert_eq!(mean(&over, "latte"), Some((60, 1)));
}

#[test]
fn an_order_that_ran_out_of_time_does_not_count_and_one_nobody_came_for_does() {
    let bar = Bar::open().orders(1, "latte").after(7200).settled();
    assert_eq!(mean(&bar, "latte"), None);
    let bar = bar.serves(2, "latte", 60).after(7200).settled();
    assert_eq!(mean(&bar, "latte"), Some((60, 1)));
}

#[test]
fn what_is_taken_back_from_ready_is_out_until_it_is_made_anew() {
    let bar = Bar::open().serves(1, "latte", 60).serves(2, "latte", 20).carla(2, Action::Recall);
    assert_eq!(mean(&bar, "latte"), Some((60, 1)));
    let bar = bar.after(80).carla(2, Action::Complete);
    assert_eq!(mean(&bar, "latte"), Some((80, 2)));
}

#[test]
fn when_one_is_taken_back_the_eleventh_last_counts_again() {
    let bar = (1..12).fold(Bar::open(), |bar, order| {
        let bar = bar.serves(order, "latte", if order == 1 { 600 } else { 60 });
        // Collected orders cannot be recalled; only the last order stays ready.
        if order < 11 { bar.carla(order, Action::Collect) } else { bar }
    });
    assert_eq!(mean(&bar, "latte"), Some((60, 10)));
    assert_eq!(mean(&bar.carla(11, Action::Recall), "latte"), Some((114, 10)));
}

#[test]
fn an_edit_changes_which_drink_it_is_and_not_since_when() {
    let bar = Bar::open().orders(1, "latte").after(30).edits(1, choice("espresso", None)).after(30).made(1);
    assert_eq!((mean(&bar, "latte"), mean(&bar, "espresso")), (None, Some((60, 1))));
}

#[test]
fn whoever_lets_the_others_go_first_waits_anew_from_there() {
    let bar = Bar::open().orders(1, "latte").after(600).acts(guest(1), 1, Action::Postpone).after(60).made(1);
    assert_eq!(mean(&bar, "latte"), Some((60, 1)));
}

#[test]
fn robots_count() {
    let bar = Bar::open().robot_orders(1, "latte").after(60).made(1);
    assert_eq!(mean(&bar, "latte"), Some((60, 1)));
}

#[test]
fn an_order_it_never_saw_begin_does_no_harm() {
    let bar = Bar::open().serves(1, "latte", 60).carla(1, Action::Collect);
    let mut listener = Listener::new(NAME);
    let later = bar.log.iter().position(|recorded| recorded.event.kind() == "OrderManager.OrderClaimed").unwrap();
    listener.on_event(bar.log.get(later..).unwrap());
    assert_eq!(listener.json("", bar.now), json!({"drinks": [], "all": null}));
}

#[test]
fn each_mean_is_said_once_with_its_pins_and_again_when_it_has_changed() {
    let bar = Bar::open().serves(1, "latte", 60);
    let mut listener = Listener::of(NAME, &bar);
    let said = listener.tick(bar.now);
    assert_eq!(told(&said), [all(60), drink("latte", 60)]);
    let pins: Vec<_> = said.iter().flat_map(|saying| &saying.pins).collect();
    let places: Vec<_> = pins.iter().map(|pin| (pin.screen, pin.slot.as_str(), pin.label.as_str())).collect();
    let expected = [
        (Screen::Display, "head", "Wait now"),
        (Screen::Ordering, "drink/latte", "Wait now"),
        (Screen::Display, "drink/latte", "Latte"),
    ];
    assert_eq!(places, expected);
    assert!(pins.iter().all(|pin| pin.unit.as_deref() == Some("s")));
    assert!(pins.iter().all(|pin| pin.until == Some(bar.now.plus_seconds(1800))), "pins are valid for half an hour after the last order");

    assert_eq!(listener.tick(bar.now), []);
    let bar = bar.orders(2, "latte").carla(1, Action::Collect);
    listener.on_event(&bar.log);
    assert_eq!(listener.tick(bar.now), [], "an unchanged mean is not emitted");
    let bar = bar.after(30).made(2).serves(3, "espresso", 45);
    listener.on_event(&bar.log);
    assert_eq!(told(&listener.tick(bar.now)), [all(45), drink("espresso", 45), drink("latte", 45)]);
}

#[test]
fn a_mean_that_stays_is_said_again_before_screens_forget_it() {
    let bar = Bar::open().serves(1, "latte", 60);
    let mut listener = Listener::of(NAME, &bar);
    assert_eq!(listener.tick(bar.now).len(), 2);
    let bar = bar.after(120).serves(2, "latte", 60);
    listener.on_event(&bar.log);
    assert_eq!(listener.tick(bar.now), [], "three more minutes of validity are not emitted");
    let bar = bar.after(120).serves(3, "latte", 60);
    listener.on_event(&bar.log);
    let said = listener.tick(bar.now);
    assert_eq!(told(&said), [all(60), drink("latte", 60)]);
    assert!(said.iter().flat_map(|saying| &saying.pins).all(|pin| pin.until == Some(bar.now.plus_seconds(1800))));
}

#[test]
fn only_what_is_recent_is_said() {
    let bar = Bar::open().serves(1, "latte", 60);
    let half_an_hour_later = bar.now.plus_seconds(1800);
    let listener = || Listener::of(NAME, &bar);
    assert_eq!(listener().tick(Instant(half_an_hour_later.0 - 1)).len(), 2);
    assert_eq!(listener().tick(half_an_hour_later), []);
    assert_eq!(listener().begin(half_an_hour_later), []);
    // Expired pins need no emission.
    let mut told_before = listener();
    assert_eq!(told_before.tick(bar.now).len(), 2);
    assert_eq!(told_before.tick(half_an_hour_later), []);
    // An order made later makes the mean recent again; it includes the old order.
    let bar = bar.after(86_400).serves(2, "latte", 20);
    assert_eq!(told(&Listener::of(NAME, &bar).tick(bar.now)), [all(40), drink("latte", 40)]);
}

#[test]
fn pins_go_when_all_that_they_told_of_is_taken_back() {
    let bar = Bar::open().serves(1, "latte", 60);
    let mut listener = Listener::of(NAME, &bar);
    listener.tick(bar.now);
    let bar = bar.carla(1, Action::Recall);
    listener.on_event(&bar.log);
    let said = listener.tick(bar.now);
    assert_eq!(told(&said), [(None, None), (Some("latte".to_owned()), None)]);
    assert!(said.iter().all(|saying| saying.facts.get(&"of".to_owned()) == Some(&Fact::Number(0))));
    assert_eq!(listener.tick(bar.now), []);
}

#[test]
fn no_more_is_said_at_a_time_than_the_house_hears_and_what_waited_longest_comes_first() {
    let teas = 30;
    let ordered = (0..teas).fold(Bar::with(wide(), teas), |bar, n| bar.orders(n, &format!("tea-{n}")));
    let bar = (0..teas).fold(ordered.after(60), Bar::made);
    let mut listener = Listener::of(NAME, &bar);
    let first = told(&listener.tick(bar.now));
    assert_eq!(first.len(), MAX_EMISSIONS);
    // A changed mean that was emitted before comes after the deferred ones.
    let (Some(again), _) = first.last().cloned().unwrap() else { panic!("the last emission is of a drink") };
    let bar = bar.serves(teas, &again, 20);
    let mut listener = listener.restarted();
    listener.on_event(&bar.log);
    let second = told(&listener.tick(bar.now));
    assert_eq!(second.len(), usize::from(teas) + 1 - MAX_EMISSIONS + 2, "the mean of all drinks has changed as well");
    let news: Vec<_> = second.iter().skip(usize::from(teas) + 1 - MAX_EMISSIONS).cloned().collect();
    assert_eq!(news, [all(56), drink(&again, 40)]);
    assert_eq!(listener.tick(bar.now), []);
}

#[test]
fn switched_on_it_says_all_that_is_current() {
    let bar = Bar::open().serves(1, "latte", 60).after(1000).serves(2, "espresso", 20);
    let mut listener = Listener::of(NAME, &bar);
    let everything = vec![all(40), drink("espresso", 20), drink("latte", 60)];
    assert_eq!(told(&listener.tick(bar.now)), everything);
    assert_eq!(told(&listener.begin(bar.now)), everything);
    assert_eq!(listener.tick(bar.now), []);
    let espresso_alone = bar.now.plus_seconds(1000);
    assert_eq!(told(&listener.begin(espresso_alone)), [all(40), drink("espresso", 20)]);
}

#[test]
fn its_page_shows_every_drink_to_people_and_to_programs() {
    let bar = Bar::open().serves(1, "latte", 94).serves(2, "espresso", 20).after(7200);
    let listener = Listener::of(NAME, &bar);
    let sheet = listener.page("", bar.now).unwrap();
    assert_eq!(sheet.lead, "From the order to the cup on the bar: 57 s, the mean of the last 2.");
    assert_eq!(sheet.tables[0].rows, [["Espresso", "20 s", "1"], ["Latte", "1 min 34 s", "1"], ["All", "57 s", "2"]]);
    let expected = json!({
        "drinks": [
            {"drink": "espresso", "name": "Espresso", "seconds": 20, "of": 1},
            {"drink": "latte", "name": "Latte", "seconds": 94, "of": 1},
        ],
        "all": {"seconds": 57, "of": 2},
    });
    assert_eq!(listener.json("", bar.now), expected);
    assert!(listener.page("latte", bar.now).is_none());
    let manifest = extensions::all().into_iter().find(|manifest| manifest.name == NAME).unwrap();
    assert_eq!(["", "latte"].map(manifest.page_access), [Some(PageAccess::Everybody), None]);
}

#[test]
fn of_many_drinks_those_made_longest_ago_are_forgotten() {
    let teas = 210;
    let serve = |bar: Bar, n| bar.serves(n, &format!("tea-{n}"), 20).carla(n, Action::Collect);
    let bar = (0..teas).fold(Bar::with(wide(), teas), serve);
    let json = Listener::of(NAME, &bar).json("", bar.now);
    assert_eq!(json["drinks"].as_array().unwrap().len(), 200);
    assert_eq!((mean(&bar, "tea-9"), mean(&bar, "tea-10")), (None, Some((20, 1))));
    assert_eq!(json["all"], json!({"seconds": 20, "of": 10}));
}

#[test]
fn what_is_over_leaves_nothing_but_the_last_ten() {
    let serve = |bar: Bar, n| bar.serves(n, "latte", 20).carla(n, Action::Collect);
    let ten = (0..10).fold(Bar::open(), serve);
    let mut many = (0..110).fold(Bar::open(), serve).orders(110, "latte").starts(111);
    assert!(many.asks(MANAGER, Command::StopOrders));
    let many = many.settled();
    let length = |bar: &Bar| Listener::of(NAME, bar).save().len();
    // The numbers of the longer log have one more digit.
    assert!(length(&many) < length(&ten) + 60, "{} bytes; {} bytes after ten orders", length(&many), length(&ten));
}

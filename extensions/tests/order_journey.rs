//! Tests of `OrderJourney`: the text of every event, and the sentence and picture of every outcome.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::collections::BTreeSet;

use domain::event::{
    Event, GuestReminded, NewOrder, NumberGiven, OrderCancelled, OrderClaimed, OrderCollected, OrderCompleted,
    OrderEdited, OrderExpired, OrderFinished, OrderPostponed, OrderRecalled, OrderReleased, OrderSetAside,
    OrderSubmitted, OrderTimedOut, Recorded, ShopUnavailable, TokenReturned, WaitExtended, WaitingCompletion,
    WorkflowStarted,
};
use domain::extension::pin::{PinLabel, Screen};
use domain::extension::sheet::{Picture, Sheet, TimelineEntry};
use domain::extension::{Manifest, PageAccess, SheetRequest};
use domain::ids::{EventId, OrderId};
use domain::language::Language;
use domain::menu::{Chosen, ChosenOption};
use domain::order::{CancelReason, CancelledBy, Channel, Step, TimeoutCause};
use domain::refusal::Unavailable;
use domain::time::{Day, Instant};
use uuid::Uuid;

const BEGAN: Instant = Instant(1_700_000_000_000);
const DAY: Day = Day(19_675);

fn manifest() -> Manifest {
    extensions::order_journey::manifest()
}

fn order() -> OrderId {
    OrderId(Uuid::from_u128(42))
}

/// Envelopes for events, each with its seconds after [`BEGAN`].
fn recorded(events: Vec<(u32, Event)>) -> Vec<Recorded> {
    let stamped = |(position, (second, event)): (u64, (u32, Event))| {
        let id = EventId(Uuid::from_u128(position.into()));
        let (at, channel) = (BEGAN.plus_seconds(second), Some(Channel::Web));
        Recorded { id, position, at, correlation: id, causation: None, actor: None, channel, event }
    };
    (1..).zip(events).map(stamped).collect()
}

fn sheet_of(events: &[Recorded]) -> Sheet {
    sheet_at(&order().to_string(), events).unwrap()
}

fn sheet_at(path: &str, events: &[Recorded]) -> Option<Sheet> {
    sheet_in(Language::English, path, events)
}

fn sheet_in(language: Language, path: &str, events: &[Recorded]) -> Option<Sheet> {
    let shop = "demo".parse().unwrap();
    let story = |requested| if requested == order() { events.to_vec() } else { Vec::new() };
    let now = BEGAN.plus_seconds(600);
    let requested = SheetRequest { shop: &shop, path, language, now, today: DAY, order_events: &story };
    let sheet = (manifest().make)(None).unwrap().view(&requested)?;
    // Tests compare texts without no-break spaces.
    let plain = |words: &str| words.replace('\u{a0}', " ");
    let steps = sheet.steps.into_iter().map(|step| TimelineEntry { words: plain(&step.words), ..step }).collect();
    Some(Sheet { lead: plain(&sheet.lead), steps, ..sheet })
}

fn flat_white() -> Chosen {
    let picked = |group: &str, name: &str| ChosenOption {
        group: group.to_owned(),
        option: name.to_owned(),
        name: name.to_owned(),
    };
    Chosen {
        drink: "flat-white".to_owned(),
        name: "Flat white".to_owned(),
        icon: "flat-white".to_owned(),
        options: vec![picked("size", "small"), picked("milk", "oat")],
        allergens: domain::menu::Allergens::none(),
        price: 0,
        currency: String::new(),
        seconds: 0,
    }
}

fn started() -> Vec<(u32, Event)> {
    let order = order();
    vec![
        (0, NewOrder { order, guest: None, window: Some(BEGAN), left: Some(9), channel: None }.into()),
        (0, WorkflowStarted { order, due: Some(BEGAN.plus_seconds(300)) }.into()),
    ]
}

fn waiting() -> Vec<(u32, Event)> {
    let order = order();
    let chosen = [
        (40, OrderSubmitted { order, chosen: flat_white(), version: 1 }.into()),
        (40, NumberGiven { order, day: DAY, number: 42 }.into()),
        (40, WaitingCompletion { order, number: 42, due: None }.into()),
    ];
    started().into_iter().chain(chosen).collect()
}

fn making() -> Vec<(u32, Event)> {
    let claimed = (70, OrderClaimed { order: order(), barista: None, version: 2 }.into());
    waiting().into_iter().chain([claimed]).collect()
}

fn ready() -> Vec<(u32, Event)> {
    let completed = (130, OrderCompleted { order: order(), version: 3 }.into());
    making().into_iter().chain([completed]).collect()
}

fn ended(before: Vec<(u32, Event)>, second: u32, how: impl Into<Event>, outcome: Step) -> Sheet {
    let finished = OrderFinished { order: order(), outcome }.into();
    sheet_of(&recorded(before.into_iter().chain([(second, how.into()), (second, finished)]).collect()))
}

fn collected() -> Sheet {
    ended(ready(), 190, OrderCollected { order: order(), version: 4 }, Step::Collected)
}

fn cancelled(by: CancelledBy, reason: Option<CancelReason>) -> Sheet {
    ended(waiting(), 61, OrderCancelled { order: order(), by, reason, version: 2 }, Step::Cancelled)
}

fn timed_out(before: Vec<(u32, Event)>, cause: TimeoutCause) -> Sheet {
    ended(before, 300, OrderTimedOut { order: order(), cause }, Step::TimedOut)
}

fn turned_away(reason: Unavailable) -> Sheet {
    let order = order();
    let before = vec![started().remove(0)];
    ended(before, 0, ShopUnavailable { order, reason }, Step::Unavailable)
}

fn titles(sheet: &Sheet) -> Vec<&str> {
    sheet.steps.iter().map(|step| step.title.as_str()).collect()
}

#[test]
fn a_collected_order_has_a_complete_journey() {
    let sheet = collected();
    assert_eq!(sheet.title, "Journey of order 42");
    assert_eq!(sheet.lead, "Flat white, ready after 2 min 10 s and collected after 3 min 10 s.");
    assert_eq!(sheet.picture, Some(Picture::Enjoyed));
    let expected =
        ["Scanned", "At the menu", "Chosen", "A number", "In the queue", "Being made", "Ready", "Collected", "The end"];
    assert_eq!(titles(&sheet), expected);
    assert_eq!(sheet.steps[1].words, "A place was kept, with 5 min to choose.");
    assert_eq!(sheet.steps[2].words, "Flat white, small, oat.");
    assert_eq!(sheet.steps[8].at(), BEGAN.plus_seconds(190));
}

#[test]
fn events_of_one_millisecond_are_listed_in_log_order() {
    let all = ready().into_iter().map(|(_, event)| (0, event)).collect();
    let events = recorded(all);
    let sheet = sheet_of(&events);
    assert!(sheet.steps.iter().map(|step| &step.event).eq(&events));
}

#[test]
fn the_json_of_a_journey_has_every_event_as_a_cloud_event() {
    let json: serde_json::Value = serde_json::from_str(&collected().json).unwrap();
    assert_eq!(json["order"], order().to_string());
    let events = json["events"].as_array().unwrap();
    assert_eq!(events.len(), 9);
    assert_eq!(events[2]["type"], "OrderManager.OrderSubmitted");
    assert_eq!(events[2]["source"], "/shops/demo");
    assert_eq!(events[2]["sequence"], "3");
    assert_eq!(events[2]["data"]["chosen"]["name"], "Flat white");
}

#[test]
fn each_outcome_has_its_own_picture() {
    let endings = [
        (collected(), Picture::Enjoyed),
        (cancelled(CancelledBy::Guest, None), Picture::Cancelled),
        (cancelled(CancelledBy::Bar, None), Picture::CalledOff),
        (timed_out(started(), TimeoutCause::Customer), Picture::TimedOut),
        (timed_out(waiting(), TimeoutCause::Barista), Picture::Late),
        (ended(ready(), 900, OrderExpired { order: order(), version: 4 }, Step::Expired), Picture::Cold),
        (turned_away(Unavailable::Closed), Picture::Closed),
    ];
    for (sheet, picture) in endings {
        assert_eq!(sheet.picture, Some(picture), "{}", sheet.lead);
        // Every finished journey ends with the same step.
        assert_eq!(titles(&sheet).last(), Some(&"The end"));
    }
    for (open_order, picture) in [
        (started(), Picture::Menu),
        (waiting(), Picture::Queue),
        (making(), Picture::Making),
        (ready(), Picture::Ready),
    ] {
        assert_eq!(sheet_of(&recorded(open_order)).picture, Some(picture));
    }
}

#[test]
fn each_outcome_has_a_lead_sentence() {
    for (sheet, lead) in [
        (cancelled(CancelledBy::Guest, None), "Flat white, cancelled by the guest after 1 min 1 s."),
        (cancelled(CancelledBy::Bar, None), "Flat white, cancelled by the bar after 1 min 1 s."),
        (
            cancelled(CancelledBy::Bar, Some(CancelReason::SoldOut)),
            "Flat white, cancelled by the bar after 1 min 1 s: something ran out.",
        ),
        (timed_out(started(), TimeoutCause::Customer), "Nothing was chosen within 5 min."),
        (timed_out(waiting(), TimeoutCause::Barista), "Flat white, not made within 5 min. Sorry!"),
        (turned_away(Unavailable::Full), "It could not begin: all places at the bar were taken."),
    ] {
        assert_eq!(sheet.lead, lead);
    }
    let given_up = OrderCancelled { order: order(), by: CancelledBy::Guest, reason: None, version: 0 };
    let sheet = ended(started(), 20, given_up, Step::Cancelled);
    assert_eq!(sheet.title, "Journey of an order");
    assert_eq!(sheet.lead, "An order, cancelled by the guest after 20 s.");
}

#[test]
fn the_duration_of_a_cancelled_order_ends_at_the_cancellation() {
    let (order, by) = (order(), CancelledBy::Guest);
    let cancelled = (61, OrderCancelled { order, by, reason: None, version: 2 }.into());
    let finished = (121, OrderFinished { order, outcome: Step::Cancelled }.into());
    let events = recorded(waiting().into_iter().chain([cancelled, finished]).collect());
    assert_eq!(sheet_of(&events).lead, "Flat white, cancelled by the guest after 1 min 1 s.");
}

#[test]
fn an_open_order_has_a_lead_with_its_step() {
    assert_eq!(sheet_of(&recorded(started())).lead, "A drink is being chosen, 10 min after the beginning.");
    assert_eq!(sheet_of(&recorded(waiting())).lead, "Flat white, in the queue 10 min after the beginning.");
    assert_eq!(sheet_of(&recorded(ready())).lead, "Flat white, ready 2 min 10 s after the beginning.");
}

#[test]
fn each_unavailable_reason_has_its_own_text() {
    use Unavailable::{Closed, Ended, Full, Limit, NotStarted, Paused};
    let mut words: Vec<String> = [Closed, Paused, Full, Limit, NotStarted, Ended]
        .map(|reason| turned_away(reason).steps[1].words.clone())
        .into();
    assert_eq!(words[0], "The shop was closed.");
    words.sort();
    words.dedup();
    assert_eq!(words.len(), 6);
}

#[test]
fn each_cancel_reason_has_a_text_of_its_own_in_step_and_lead() {
    let texts = |reason| {
        let sheet = cancelled(CancelledBy::Bar, reason);
        (sheet.steps[5].words.clone(), sheet.lead)
    };
    let all = CancelReason::SELECTABLE.into_iter().chain([CancelReason::Stopped]).map(Some);
    let all: BTreeSet<_> = all.chain([None]).map(texts).collect();
    assert_eq!(all.iter().map(|(step, _)| step).collect::<BTreeSet<_>>().len(), 8);
    assert_eq!(all.iter().map(|(_, lead)| lead).collect::<BTreeSet<_>>().len(), 8);
    assert_eq!(texts(Some(CancelReason::Other)).0, "The bar had to take it back for another reason.");
    assert_eq!(texts(None).0, "The bar had to take it back.", "a log of earlier versions has no reason");
}

#[test]
fn edits_postponements_and_recalls_are_listed() {
    let (order, chosen) = (order(), Chosen { name: "Espresso".to_owned(), options: Vec::new(), ..flat_white() });
    let recalled = |from, to, version| OrderRecalled { order, from, to, version };
    let more = [
        (50, OrderEdited { order, chosen, version: 2 }.into()),
        (51, OrderPostponed { order, version: 3 }.into()),
        (52, OrderCancelled { order, by: CancelledBy::Guest, reason: None, version: 4 }.into()),
        (53, recalled(Step::Cancelled, Step::Waiting, 5).into()),
        (54, OrderClaimed { order, barista: None, version: 6 }.into()),
        (55, OrderReleased { order, version: 7 }.into()),
        (56, OrderClaimed { order, barista: None, version: 8 }.into()),
        (57, OrderCompleted { order, version: 9 }.into()),
        (58, recalled(Step::Ready, Step::Making, 10).into()),
    ];
    let sheet = sheet_of(&recorded(waiting().into_iter().chain(more).collect()));
    let words: Vec<&str> = sheet.steps[5..].iter().map(|step| step.words.as_str()).collect();
    assert_eq!(words[0], "Espresso instead.");
    assert_eq!(words[1], "All who waited were let go first.");
    assert_eq!(words[3], "It was wanted after all: it is back in the queue.");
    assert_eq!(words[5], "It was put back for another barista.");
    assert_eq!(words[8], "It was called ready too early: it is still being made.");
    assert_eq!(sheet.lead, "Espresso, being made 10 min after the beginning.");
}

#[test]
fn every_order_event_has_a_text() {
    let order = order();
    let rest: Vec<(u32, Event)> = vec![
        (0, TokenReturned { order, window: BEGAN, left: 3 }.into()),
        (1, WaitExtended { order, due: BEGAN.plus_seconds(421) }.into()),
        (2, OrderEdited { order, chosen: flat_white(), version: 2 }.into()),
        (3, OrderPostponed { order, version: 3 }.into()),
        (4, OrderReleased { order, version: 4 }.into()),
        (5, OrderCancelled { order, by: CancelledBy::Bar, reason: None, version: 5 }.into()),
        (6, OrderRecalled { order, from: Step::Cancelled, to: Step::Ready, version: 6 }.into()),
        (7, GuestReminded { order, version: 7 }.into()),
        (8, OrderSetAside { order, version: 8 }.into()),
        (9, OrderExpired { order, version: 9 }.into()),
        (9, OrderTimedOut { order, cause: TimeoutCause::Barista }.into()),
        (9, ShopUnavailable { order, reason: Unavailable::Closed }.into()),
        (9, OrderCollected { order, version: 9 }.into()),
        (9, OrderFinished { order, outcome: Step::Expired }.into()),
    ];
    let events = recorded(ready().into_iter().chain(rest).collect());
    let about_orders: Vec<&str> = events.iter().map(|recorded| recorded.event.kind()).collect();
    // Events of the shop are not part of a journey.
    let is_shop_event = |kind: &&&str| {
        kind.starts_with("ConfigService.") || kind.ends_with("CodeExhausted") || kind.ends_with("OrdersStopped")
    };
    for kind in Event::KINDS.iter().filter(|kind| !is_shop_event(kind)) {
        assert!(about_orders.contains(kind), "the test has no {kind}");
    }
    for step in sheet_of(&events).steps {
        assert!(!step.title.contains('.') && step.words.ends_with(['.', '!']), "{}: {}", step.title, step.words);
    }
}

#[test]
fn an_event_without_text_is_listed_by_its_name() {
    let opened = domain::event::StoreOpened { held: false }.into();
    let sheet = sheet_of(&recorded(started().into_iter().chain([(9, opened)]).collect()));
    assert_eq!(titles(&sheet), ["Scanned", "At the menu", "ConfigService.StoreOpened"]);
}

#[test]
fn journey_pages_exist_for_order_ids_only() {
    let page_access = manifest().page_access;
    assert_eq!(page_access(&order().to_string()), Some(PageAccess::Order(order())));
    for path in ["", "orders", "42", "00000000-0000-0000-0000-00000000002a/x"] {
        assert_eq!(page_access(path), None, "{path}");
    }
    assert_eq!(sheet_at("", &recorded(ready())), None);
    assert_eq!(
        sheet_at(&OrderId(Uuid::from_u128(7)).to_string(), &recorded(ready())),
        None,
        "an unknown order has no page"
    );
}

#[test]
fn the_journey_is_linked_at_every_order() {
    let emissions = (manifest().make)(None).unwrap().on_start(BEGAN);
    assert_eq!(emissions.len(), 1);
    assert_eq!(emissions[0].name, "JourneysOffered");
    assert!(emissions[0].facts.is_empty());
    let pins = &emissions[0].pins;
    assert!(pins.iter().map(|pin| pin.screen).eq([Screen::Ordering, Screen::Barista]));
    for pin in pins {
        assert_eq!((pin.slot.as_str(), pin.link.as_deref()), ("order", Some("{order}")));
        assert_eq!(pin.label, PinLabel::Key("journey".to_owned()));
        assert_eq!((&pin.value, &pin.unit, pin.until), (&None, &None, None));
    }
    assert_eq!(manifest().slug(), "order-journey");
}

#[test]
fn every_text_of_a_journey_comes_from_the_words() {
    let sheet = sheet_in(Language::Pseudo, &order().to_string(), &recorded(ready())).unwrap();
    assert_eq!(sheet.title, "⟦Journey of order 42⟧");
    assert_eq!(sheet.lead, "⟦Flat white, ready 2 min 10 s after the beginning.⟧");
    for step in &sheet.steps {
        for text in [&step.title, &step.words] {
            assert!(text.starts_with('⟦') && text.ends_with('⟧'), "{text}");
        }
    }
}

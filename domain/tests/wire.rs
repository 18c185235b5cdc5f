//! Every event as it stands on the wire, letter by letter, and its way back.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;

use domain::access::{Role, Who};
use domain::command::Channel;
use domain::event::{
    AvailabilityChanged, BrandChanged, CloudEvent, CodeExhausted, Emitted, Event, ExtensionSwitched, Fact,
    GuestReminded, HoursChanged, LastOrdersCalled, LimitsChanged, MenuChanged, NewOrder, NumberGiven, OrderCancelled,
    OrderClaimed, OrderCollected, OrderCompleted, OrderEdited, OrderExpired, OrderFinished, OrderPostponed,
    OrderRecalled, OrderReleased, OrderSetAside, OrderSubmitted, OrderTimedOut, OrdersStopped, Recorded,
    ShopUnavailable, StoreClosed, StoreOpened, StorePaused, StoreResumed, TokenReturned, WaitExtended,
    WaitingCompletion, WorkflowStarted,
};
use domain::extension::pin::{Pin, Screen};
use domain::hours::{CutOff, Hours, Slot, Weekday};
use domain::ids::{EventId, GuestId, OrderId, ShopId, StaffId};
use domain::limits::{Limits, Waits};
use domain::menu::{Allergen, Chosen, Drink, Group, Menu, Opt, Picked, Thing};
use domain::order::{By, Cause, Reason, Step};
use domain::redact::{Audience, redact};
use domain::refusal::Unavailable;
use domain::time::{Day, Instant};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use uuid::Uuid;

const ORDER: OrderId = OrderId(Uuid::from_u128(0x0193_4b7e_5e00_7000_8000_0000_0000_0001));
const GUEST: GuestId = GuestId(Uuid::from_u128(0x6e57_0000_0000_4000_8000_0000_0000_000a));
const STAFF: StaffId = StaffId(Uuid::from_u128(0x57af_0000_0000_4000_8000_0000_0000_000c));
/// 2026-11-21T10:40:00.000Z
const WINDOW: Instant = Instant(1_795_257_600_000);

fn event_id(n: u128) -> EventId {
    EventId(Uuid::from_u128(0x0193_4b7e_5e00_7000_9000_0000_0000_0000 + n))
}

/// An event about the order, in the middle of a command's answer.
fn about_order(event: impl Into<Event>) -> Recorded {
    Recorded {
        id: event_id(2),
        position: 9_007_199_254_740_993,
        at: Instant(1_795_257_720_007),
        correlation: event_id(1),
        causation: Some(event_id(1)),
        actor: Some(Who::Guest(GUEST)),
        channel: Some(Channel::Web),
        event: event.into(),
    }
}

/// An event about the shop, first of its command's answer.
fn about_shop(event: impl Into<Event>) -> Recorded {
    Recorded {
        id: event_id(1),
        position: 4,
        at: Instant(1_795_257_720_007),
        correlation: event_id(1),
        causation: None,
        actor: Some(Who::Holder(STAFF, Role::Manager)),
        channel: None,
        event: event.into(),
    }
}

/// The envelope of [`about_order`] around this.
fn order_json(kind: &str, data: &Value) -> Value {
    json!({
        "specversion": "1.0",
        "id": "01934b7e-5e00-7000-9000-000000000002",
        "source": "/shops/demo",
        "type": kind,
        "dataversion": "1",
        "subject": "01934b7e-5e00-7000-8000-000000000001",
        "time": "2026-11-21T10:42:00.007Z",
        "datacontenttype": "application/json",
        "dataschema": format!("/schemas/{kind}/1"),
        "sequence": "9007199254740993",
        "correlationid": "01934b7e-5e00-7000-9000-000000000001",
        "causationid": "01934b7e-5e00-7000-9000-000000000001",
        "actor": "guest:6e570000-0000-4000-8000-00000000000a",
        "channel": "web",
        "data": data,
    })
}

/// The envelope of [`about_shop`] around this.
fn shop_json(kind: &str, data: &Value) -> Value {
    json!({
        "specversion": "1.0",
        "id": "01934b7e-5e00-7000-9000-000000000001",
        "source": "/shops/demo",
        "type": kind,
        "dataversion": "1",
        "time": "2026-11-21T10:42:00.007Z",
        "datacontenttype": "application/json",
        "dataschema": format!("/schemas/{kind}/1"),
        "sequence": "4",
        "correlationid": "01934b7e-5e00-7000-9000-000000000001",
        "actor": "manager:57af0000-0000-4000-8000-00000000000c",
        "data": data,
    })
}

fn menu() -> Menu {
    let text = str::to_owned;
    let option = |id: &str, name: &str| Opt { id: id.to_owned(), name: name.to_owned(), ..Opt::default() };
    Menu {
        drinks: vec![
            Drink {
                id: text("mocha"),
                name: text("Mocha"),
                icon: text("glass"),
                allergens: vec![Allergen::Soybeans],
                groups: vec![text("milk"), text("extras")],
                price: 380,
                seconds: 90,
                ingredients: vec![text("chocolate")],
                names: [(text("de"), text("Mokka"))].into(),
            },
            Drink { id: text("espresso"), name: text("Espresso"), icon: text("demitasse"), ..Drink::default() },
        ],
        groups: vec![
            Group {
                id: text("milk"),
                name: text("Milk"),
                options: vec![
                    Opt { allergens: vec![Allergen::Milk], ..option("cow", "cow's") },
                    option("coconut", "coconut"),
                ],
                ..Group::default()
            },
            Group {
                id: text("extras"),
                name: text("Extras"),
                options: vec![Opt {
                    preset: true,
                    surcharge: 50,
                    seconds: 5,
                    ingredients: vec![text("cream")],
                    names: [(text("de"), text("Sahne"))].into(),
                    ..option("cream", "cream")
                }],
                least: 0,
                most: 2,
                names: [(text("de"), text("Dazu"))].into(),
            },
        ],
        currency: text("EUR"),
        out: vec![Thing::ingredient("cream")],
    }
}

fn chosen() -> Chosen {
    Chosen {
        drink: "mocha".to_owned(),
        name: "Mocha".to_owned(),
        icon: "glass".to_owned(),
        options: vec![Picked { group: "milk".to_owned(), option: "cow".to_owned(), name: "cow's".to_owned() }],
        allergens: vec![Allergen::Soybeans, Allergen::Milk],
        price: 380,
        currency: "EUR".to_owned(),
        seconds: 90,
    }
}

fn chosen_json() -> Value {
    json!({
        "drink": "mocha",
        "name": "Mocha",
        "icon": "glass",
        "options": [{ "group": "milk", "option": "cow", "name": "cow's" }],
        "allergens": ["soybeans", "milk"],
        "price": 380,
        "currency": "EUR",
        "seconds": 90,
    })
}

/// An event of an order that says nothing but its version.
fn plain(event: impl Into<Event>, kind: &str, version: u32) -> (Recorded, Value) {
    (about_order(event), order_json(kind, &json!({ "order": ID, "version": version })))
}

type Spelled = Vec<(Recorded, Value)>;

const ID: &str = "01934b7e-5e00-7000-8000-000000000001";

/// Every event there is, and its JSON, in the order they are declared.
fn spelled_out() -> Spelled {
    let house = [of_the_doors(), of_the_menu(), of_the_hours(), of_the_shop()].concat();
    [of_the_start(), house, of_the_workflow(), of_the_order(), of_extensions()].concat()
}

fn of_the_start() -> Spelled {
    vec![
        (
            about_order(NewOrder {
                order: ORDER,
                guest: Some(GUEST),
                window: Some(WINDOW),
                left: Some(9),
                channel: None,
            }),
            order_json(
                "Validator.NewOrder",
                &json!({
                    "order": ID,
                    "guest": "6e570000-0000-4000-8000-00000000000a",
                    "window": "2026-11-21T10:40:00.000Z",
                    "left": 9,
                }),
            ),
        ),
        (
            about_order(TokenReturned { order: ORDER, window: WINDOW, left: 10 }),
            order_json(
                "Validator.TokenReturned",
                &json!({ "order": ID, "window": "2026-11-21T10:40:00.000Z", "left": 10 }),
            ),
        ),
        (
            about_shop(CodeExhausted { window: WINDOW, next: WINDOW.plus_seconds(300) }),
            shop_json(
                "Validator.CodeExhausted",
                &json!({ "window": "2026-11-21T10:40:00.000Z", "next": "2026-11-21T10:45:00.000Z" }),
            ),
        ),
    ]
}

fn of_the_doors() -> Spelled {
    vec![
        (about_shop(StoreOpened { held: false }), shop_json("ConfigService.StoreOpened", &json!({}))),
        (about_shop(StoreClosed { held: true }), shop_json("ConfigService.StoreClosed", &json!({ "held": true }))),
        (
            about_shop(LastOrdersCalled { closing: WINDOW }),
            shop_json("ConfigService.LastOrdersCalled", &json!({ "closing": "2026-11-21T10:40:00.000Z" })),
        ),
        (
            about_shop(StorePaused { reason: "Milk is coming".to_owned(), until: Some(WINDOW) }),
            shop_json(
                "ConfigService.StorePaused",
                &json!({ "reason": "Milk is coming", "until": "2026-11-21T10:40:00.000Z" }),
            ),
        ),
        (about_shop(StoreResumed {}), shop_json("ConfigService.StoreResumed", &json!({}))),
    ]
}

fn of_the_menu() -> Spelled {
    vec![
        (
            about_shop(MenuChanged { menu: menu() }),
            shop_json("ConfigService.MenuChanged", &json!({ "menu": menu_json() })),
        ),
        (
            about_shop(AvailabilityChanged {
                thing: Thing::option("milk", "cow"),
                available: false,
                out: vec![Thing::drink("espresso"), Thing::option("milk", "cow")],
            }),
            shop_json(
                "ConfigService.AvailabilityChanged",
                &json!({
                    "thing": "option/milk/cow",
                    "available": false,
                    "out": ["drink/espresso", "option/milk/cow"],
                }),
            ),
        ),
    ]
}

fn menu_json() -> Value {
    json!({
        "drinks": [
            {
                "id": "mocha",
                "name": "Mocha",
                "icon": "glass",
                "allergens": ["soybeans"],
                "groups": ["milk", "extras"],
                "price": 380,
                "seconds": 90,
                "ingredients": ["chocolate"],
                "names": { "de": "Mokka" },
            },
            { "id": "espresso", "name": "Espresso", "icon": "demitasse" },
        ],
        "groups": [
            {
                "id": "milk",
                "name": "Milk",
                "options": [
                    { "id": "cow", "name": "cow's", "allergens": ["milk"] },
                    { "id": "coconut", "name": "coconut" },
                ],
                "least": 1,
                "most": 1,
            },
            {
                "id": "extras",
                "name": "Extras",
                "options": [{
                    "id": "cream",
                    "name": "cream",
                    "preset": true,
                    "surcharge": 50,
                    "seconds": 5,
                    "ingredients": ["cream"],
                    "names": { "de": "Sahne" },
                }],
                "least": 0,
                "most": 2,
                "names": { "de": "Dazu" },
            },
        ],
        "currency": "EUR",
        "out": ["ingredient/cream"],
    })
}

fn of_the_hours() -> Spelled {
    let time = |text: &str| text.parse().unwrap();
    let hours = Hours {
        zone: "Europe/Berlin".to_owned(),
        week: vec![Slot { day: Weekday::Fri, from: time("18:00"), to: time("02:30") }],
        last_orders_minutes: 15,
        first_day: Some(Day(20_778)),
        last_day: Some(Day(20_780)),
        cut_off: CutOff(time("05:00")),
    };
    vec![(
        about_shop(HoursChanged { hours }),
        shop_json(
            "ConfigService.HoursChanged",
            &json!({ "hours": {
                "zone": "Europe/Berlin",
                "week": [{ "day": "fri", "from": "18:00", "to": "02:30" }],
                "last_orders_minutes": 15,
                "first_day": "2026-11-21",
                "last_day": "2026-11-23",
                "cut_off": "05:00",
            } }),
        ),
    )]
}

fn of_the_shop() -> Spelled {
    vec![
        (
            about_shop(LimitsChanged {
                limits: Limits {
                    drinks_per_code: 12,
                    window_seconds: 600,
                    grace_seconds: 30,
                    room: 40,
                    orders_per_guest: 2,
                    waits: Waits {
                        choose_seconds: 200,
                        extend_seconds: 100,
                        make_seconds: 800,
                        ready_seconds: 1200,
                        undo_seconds: 5,
                    },
                },
            }),
            shop_json(
                "ConfigService.LimitsChanged",
                &json!({ "limits": {
                    "drinks_per_code": 12,
                    "window_seconds": 600,
                    "grace_seconds": 30,
                    "room": 40,
                    "orders_per_guest": 2,
                    "waits": {
                        "choose_seconds": 200,
                        "extend_seconds": 100,
                        "make_seconds": 800,
                        "ready_seconds": 1200,
                        "undo_seconds": 5,
                    },
                } }),
            ),
        ),
        (
            about_shop(BrandChanged { name: "Bar Centrale".to_owned() }),
            shop_json("ConfigService.BrandChanged", &json!({ "name": "Bar Centrale" })),
        ),
        (
            about_shop(ExtensionSwitched { extension: "WaitTimes".to_owned(), on: false }),
            shop_json("ConfigService.ExtensionSwitched", &json!({ "extension": "WaitTimes", "on": false })),
        ),
    ]
}

fn of_extensions() -> Spelled {
    let pin = Pin {
        screen: Screen::Display,
        slot: "head".to_owned(),
        label: "Espresso".to_owned(),
        value: Some(Fact::Number(94)),
        unit: Some("s".to_owned()),
        until: Some(WINDOW),
        link: None,
    };
    let link = Pin {
        screen: Screen::Ordering,
        slot: "order".to_owned(),
        label: "Journey".to_owned(),
        value: None,
        unit: None,
        until: None,
        link: Some("{order}".to_owned()),
    };
    let facts = [("drink", Fact::Text("espresso".to_owned())), ("seconds", Fact::Number(94)), ("new", Fact::Is(true))];
    let facts = facts.map(|(name, fact)| (name.to_owned(), fact)).into();
    let kind = "WaitTimes.DrinkAverageTime".to_owned();
    vec![(
        about_shop(Emitted { kind, hops: 1, facts, pins: vec![pin, link] }),
        shop_json(
            "WaitTimes.DrinkAverageTime",
            &json!({
                "hops": 1,
                "facts": { "drink": "espresso", "seconds": 94, "new": true },
                "pins": [
                    {
                        "screen": "display",
                        "slot": "head",
                        "label": "Espresso",
                        "value": 94,
                        "unit": "s",
                        "until": "2026-11-21T10:40:00.000Z",
                    },
                    { "screen": "ordering", "slot": "order", "label": "Journey", "link": "{order}" },
                ],
            }),
        ),
    )]
}

fn of_the_workflow() -> Spelled {
    vec![
        (about_shop(OrdersStopped {}), shop_json("OrderProcessor.OrdersStopped", &json!({}))),
        (
            about_order(WorkflowStarted { order: ORDER, due: Some(WINDOW) }),
            order_json("OrderProcessor.WorkflowStarted", &json!({ "order": ID, "due": "2026-11-21T10:40:00.000Z" })),
        ),
        (
            about_order(WaitExtended { order: ORDER, due: WINDOW }),
            order_json("OrderProcessor.WaitExtended", &json!({ "order": ID, "due": "2026-11-21T10:40:00.000Z" })),
        ),
        (
            about_order(OrderTimedOut { order: ORDER, cause: Cause::Customer }),
            order_json("OrderProcessor.OrderTimedOut", &json!({ "order": ID, "cause": "customer" })),
        ),
        (
            about_order(ShopUnavailable { order: ORDER, reason: Unavailable::Closed }),
            order_json("OrderProcessor.ShopUnavailable", &json!({ "order": ID, "reason": "closed" })),
        ),
        (
            about_order(WaitingCompletion { order: ORDER, number: 7, due: Some(WINDOW) }),
            order_json(
                "OrderProcessor.WaitingCompletion",
                &json!({ "order": ID, "number": 7, "due": "2026-11-21T10:40:00.000Z" }),
            ),
        ),
        (
            about_order(OrderFinished { order: ORDER, outcome: Step::Collected }),
            order_json("OrderProcessor.OrderFinished", &json!({ "order": ID, "outcome": "collected" })),
        ),
        (
            about_order(NumberGiven { order: ORDER, day: Day(20_778), number: 7 }),
            order_json("Counting.NumberGiven", &json!({ "order": ID, "day": "2026-11-21", "number": 7 })),
        ),
    ]
}

fn of_the_order() -> Spelled {
    vec![
        (
            about_order(OrderSubmitted { order: ORDER, chosen: chosen(), version: 1 }),
            order_json(
                "OrderManager.OrderSubmitted",
                &json!({
                    "order": ID,
                    "chosen": chosen_json(),
                    "version": 1,
                }),
            ),
        ),
        (
            about_order(OrderEdited { order: ORDER, chosen: chosen(), version: 2 }),
            order_json("OrderManager.OrderEdited", &json!({ "order": ID, "chosen": chosen_json(), "version": 2 })),
        ),
        (
            about_order(OrderClaimed { order: ORDER, barista: Some(STAFF), version: 2 }),
            order_json(
                "OrderManager.OrderClaimed",
                &json!({ "order": ID, "barista": "57af0000-0000-4000-8000-00000000000c", "version": 2 }),
            ),
        ),
        plain(OrderReleased { order: ORDER, version: 3 }, "OrderManager.OrderReleased", 3),
        plain(OrderCompleted { order: ORDER, version: 4 }, "OrderManager.OrderCompleted", 4),
        (
            about_order(OrderCancelled { order: ORDER, by: By::Bar, reason: Some(Reason::SoldOut), version: 2 }),
            order_json(
                "OrderManager.OrderCancelled",
                &json!({ "order": ID, "by": "bar", "reason": "sold_out", "version": 2 }),
            ),
        ),
        plain(OrderPostponed { order: ORDER, version: 4 }, "OrderManager.OrderPostponed", 4),
        (
            about_order(OrderRecalled { order: ORDER, from: Step::Ready, to: Step::Making, version: 4 }),
            order_json(
                "OrderManager.OrderRecalled",
                &json!({ "order": ID, "from": "ready", "to": "making", "version": 4 }),
            ),
        ),
        plain(GuestReminded { order: ORDER, version: 4 }, "OrderManager.GuestReminded", 4),
        plain(OrderSetAside { order: ORDER, version: 5 }, "OrderManager.OrderSetAside", 5),
        plain(OrderExpired { order: ORDER, version: 4 }, "OrderManager.OrderExpired", 4),
        plain(OrderCollected { order: ORDER, version: 5 }, "OrderManager.OrderCollected", 5),
    ]
}

fn written(recorded: &Recorded) -> Value {
    let shop: ShopId = "demo".parse().unwrap();
    serde_json::to_value(recorded.to_cloud_event(&shop)).unwrap()
}

/// As the server and the browser read it: the data stays text until the name says what it is.
fn read(text: &str) -> serde_json::Result<Option<Recorded>> {
    serde_json::from_str::<CloudEvent<&RawValue>>(text)?.into_recorded()
}

#[test]
fn every_event_is_written_as_spelled_out() {
    for (recorded, json) in spelled_out() {
        assert_eq!(written(&recorded), json, "{}", recorded.event.kind());
    }
}

#[test]
fn every_event_comes_back_as_it_was() {
    for (recorded, json) in spelled_out() {
        assert_eq!(read(&json.to_string()).unwrap(), Some(recorded.clone()), "{}", recorded.event.kind());
        let by_value: CloudEvent<Value> = serde_json::from_value(json).unwrap();
        assert_eq!(by_value.into_recorded().unwrap(), Some(recorded));
    }
}

#[test]
fn every_event_there_is_has_been_spelled_out() {
    let spelled: Vec<_> = spelled_out().into_iter().map(|(recorded, _)| recorded.event.kind().to_owned()).collect();
    let (of_an_extension, of_the_house) = spelled.split_last().unwrap();
    assert_eq!(of_an_extension, "WaitTimes.DrinkAverageTime");
    assert_eq!(of_the_house, Event::KINDS);
    assert_eq!(Event::KINDS.iter().collect::<BTreeSet<_>>().len(), Event::KINDS.len());
}

#[test]
fn words_for_how_orders_come_and_end_are_fixed() {
    let word = |value: Value| value.as_str().unwrap().to_owned();
    for step in
        [Step::Choosing, Step::Waiting, Step::Making, Step::Ready, Step::Collected, Step::Cancelled, Step::Unavailable]
    {
        assert_eq!(word(serde_json::to_value(step).unwrap()), step.as_str());
        assert_eq!(step.to_string(), step.as_str());
    }
    assert_eq!(word(serde_json::to_value(Unavailable::Closed).unwrap()), Unavailable::Closed.as_str());
    assert_eq!(word(serde_json::to_value(By::Bar).unwrap()), "bar");
    assert_eq!(word(serde_json::to_value(Channel::Robot).unwrap()), "robot");
}

#[test]
fn who_asks_has_one_text() {
    let roles = Role::ALL.map(|role| Who::Holder(STAFF, role));
    let texts = roles.map(|who| who.to_string());
    let id = "57af0000-0000-4000-8000-00000000000c";
    assert_eq!(texts, ["barista", "manager", "display", "robot"].map(|role| format!("{role}:{id}")));
    for who in roles.into_iter().chain([Who::House, Who::Guest(GUEST)]) {
        assert_eq!(who.to_string().parse(), Ok(who));
    }
    for text in ["", "house:", "guest", "guest:", "guest:anna", "boss:57af0000-0000-4000-8000-00000000000c"] {
        assert!(text.parse::<Who>().is_err(), "{text:?} was read as somebody");
    }
}

#[test]
fn a_name_of_a_later_version_is_skipped_whatever_its_data() {
    for data in [json!({}), json!({ "order": 1 }), json!(null), json!(["anything"])] {
        let json = order_json("OrderManager.OrderPraised", &data);
        assert_eq!(read(&json.to_string()).unwrap(), None);
    }
}

#[test]
fn fields_of_a_later_version_are_skipped() {
    let mut json =
        order_json("OrderProcessor.WaitingCompletion", &json!({ "order": ORDER, "number": 7, "mood": "calm" }));
    json["traceparent"] = json!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let expected = about_order(WaitingCompletion { order: ORDER, number: 7, due: None });
    assert_eq!(read(&json.to_string()).unwrap(), Some(expected));
}

#[test]
fn data_that_does_not_fit_its_name_is_an_error() {
    for data in [json!({}), json!({ "order": ORDER, "number": "seven" }), json!(7)] {
        let json = order_json("OrderProcessor.WaitingCompletion", &data);
        assert!(read(&json.to_string()).is_err(), "{data} was read as an event");
    }
}

#[test]
fn the_sequence_is_text_beyond_what_doubles_can_count() {
    let (_, mut json) = spelled_out().swap_remove(0);
    assert_eq!(json["sequence"], json!("9007199254740993"));
    for wrong in [json!(4), json!("four"), json!("-4"), json!("4.0"), json!("")] {
        json["sequence"] = wrong;
        assert!(read(&json.to_string()).is_err(), "{} was read as a position", json["sequence"]);
    }
}

#[test]
fn what_a_reader_may_not_see_is_left_out_and_not_null() {
    for (recorded, whole) in spelled_out() {
        for audience in [Audience::Public, Audience::Owner] {
            let Some(seen) = redact(&recorded, audience) else { continue };
            let json = written(&seen);
            assert!(json.get("actor").is_none());
            assert!(!json.to_string().contains("null"), "{json}");
            for (key, value) in json.as_object().unwrap() {
                assert!(key == "data" || whole[key] == *value, "redaction changed {key}");
            }
            // What is left reads as the redacted event.
            assert_eq!(read(&json.to_string()).unwrap(), Some(seen.into_owned()));
        }
    }
    let seen = |event: Event| written(&redact(&about_order(event), Audience::Public).unwrap())["data"].clone();
    assert_eq!(
        seen(NewOrder { order: ORDER, guest: Some(GUEST), window: Some(WINDOW), left: Some(9), channel: None }.into()),
        json!({ "order": ORDER, "window": "2026-11-21T10:40:00.000Z", "left": 9 })
    );
    assert_eq!(
        seen(OrderClaimed { order: ORDER, barista: Some(STAFF), version: 2 }.into()),
        json!({ "order": ORDER, "version": 2 })
    );
    assert_eq!(
        seen(OrderSubmitted { order: ORDER, chosen: chosen(), version: 1 }.into()),
        json!({ "order": ORDER, "chosen": { "drink": "mocha", "name": "Mocha", "icon": "glass" }, "version": 1 })
    );
}

#[test]
fn a_robots_start_has_neither_window_nor_tokens() {
    let start = |channel| NewOrder { order: ORDER, guest: Some(GUEST), window: None, left: None, channel };
    assert_eq!(serde_json::to_value(start(None)).unwrap(), json!({ "order": ORDER, "guest": GUEST }));
    let across = serde_json::to_value(start(Some(Channel::WalkIn))).unwrap();
    assert_eq!(across, json!({ "order": ORDER, "guest": GUEST, "channel": "walk_in" }));
}

#[test]
fn a_shops_name_fits_into_a_url() {
    for text in ["demo", "a", "bar-7", &"b".repeat(40)] {
        assert_eq!(text.parse::<ShopId>().unwrap().as_str(), text);
    }
    for text in ["", "_house", "7bar", "-bar", "Bar", "bär", "bar/7", "bar 7", &"b".repeat(41)] {
        assert!(text.parse::<ShopId>().is_err(), "{text:?} was read as a shop");
        assert!(serde_json::from_value::<ShopId>(json!(text)).is_err());
    }
}

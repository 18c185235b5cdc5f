//! Wire format: the JSON of every event, compared literally, and read back.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::collections::BTreeSet;

use domain::access::{Actor, Role};
use domain::event::{CloudEvent, Event, NewOrder, OrderClaimed, OrderSubmitted, Recorded, WaitingCompletion};
use domain::extension::pin::{PinLabel, Pins};
use domain::ids::{EventId, GuestId, OrderId, ShopId, StaffId};
use domain::menu::{Allergen, Allergens};
use domain::order::{CancelledBy, Channel, Step};
use domain::redact::{Audience, redact};
use domain::refusal::Unavailable;
use domain::time::Instant;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use uuid::Uuid;

#[path = "wire/order.rs"]
mod order;
#[path = "wire/shop.rs"]
mod shop;

const ORDER: OrderId = OrderId(Uuid::from_u128(0x0193_4b7e_5e00_7000_8000_0000_0000_0001));
const GUEST: GuestId = GuestId(Uuid::from_u128(0x6e57_0000_0000_4000_8000_0000_0000_000a));
const STAFF: StaffId = StaffId(Uuid::from_u128(0x57af_0000_0000_4000_8000_0000_0000_000c));
/// 2026-11-21T10:40:00.000Z
const WINDOW: Instant = Instant(1_795_257_600_000);

fn event_id(n: u128) -> EventId {
    EventId(Uuid::from_u128(0x0193_4b7e_5e00_7000_9000_0000_0000_0000 + n))
}

/// An event of the order that another event of the same command caused.
fn about_order(event: impl Into<Event>) -> Recorded {
    Recorded {
        id: event_id(2),
        position: 9_007_199_254_740_993,
        at: Instant(1_795_257_720_007),
        correlation: event_id(1),
        causation: Some(event_id(1)),
        actor: Some(Actor::Guest(GUEST)),
        channel: Some(Channel::Web),
        event: event.into(),
    }
}

/// An event of the shop, the first of its command.
fn about_shop(event: impl Into<Event>) -> Recorded {
    Recorded {
        id: event_id(1),
        position: 4,
        at: Instant(1_795_257_720_007),
        correlation: event_id(1),
        causation: None,
        actor: Some(Actor::Credential(STAFF, Role::Manager)),
        channel: None,
        event: event.into(),
    }
}

/// The JSON of [`about_order`] with this data.
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

/// The JSON of [`about_shop`] with this data.
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

/// An event of the order whose only other field is the version, with its JSON.
fn version_only(event: impl Into<Event>, kind: &str, version: u32) -> (Recorded, Value) {
    (about_order(event), order_json(kind, &json!({ "order": ID, "version": version })))
}

/// Events with their expected JSON.
type Fixtures = Vec<(Recorded, Value)>;

const ID: &str = "01934b7e-5e00-7000-8000-000000000001";

/// Every kind of event with its JSON, in the order of `Event::KINDS`.
fn fixtures() -> Fixtures {
    let shops = [shop::door_events(), shop::menu_events(), shop::hours_events(), shop::shop_events()].concat();
    let orders = [order::workflow_events(), order::order_events()].concat();
    [order::start_events(), shops, orders, shop::extension_events()].concat()
}

fn to_json(recorded: &Recorded) -> Value {
    let shop: ShopId = "demo".parse().unwrap();
    serde_json::to_value(recorded.to_cloud_event(&shop)).unwrap()
}

/// Parses like the server and the browser: the data stays raw text until the name is known.
fn parse(text: &str) -> serde_json::Result<Option<Recorded>> {
    serde_json::from_str::<CloudEvent<&RawValue>>(text)?.into_recorded()
}

#[test]
fn every_event_serialises_to_the_expected_json() {
    for (recorded, json) in fixtures() {
        assert_eq!(to_json(&recorded), json, "{}", recorded.event.kind());
    }
}

#[test]
fn every_event_round_trips_as_json() {
    for (recorded, json) in fixtures() {
        assert_eq!(parse(&json.to_string()).unwrap(), Some(recorded.clone()), "{}", recorded.event.kind());
        let by_value: CloudEvent<Value> = serde_json::from_value(json).unwrap();
        assert_eq!(by_value.into_recorded().unwrap(), Some(recorded));
    }
}

#[test]
fn the_fixtures_cover_every_event_kind() {
    let kinds: Vec<_> = fixtures().into_iter().map(|(recorded, _)| recorded.event.kind().to_owned()).collect();
    let (emitted, built_in) = kinds.split_last().unwrap();
    assert_eq!(emitted, "WaitTimes.DrinkAverageTime");
    assert_eq!(built_in, Event::KINDS);
    assert_eq!(Event::KINDS.iter().collect::<BTreeSet<_>>().len(), Event::KINDS.len());
}

#[test]
fn wire_words_of_steps_and_channels_are_fixed() {
    let word = |value: Value| value.as_str().unwrap().to_owned();
    for step in
        [Step::Choosing, Step::Waiting, Step::Making, Step::Ready, Step::Collected, Step::Cancelled, Step::Unavailable]
    {
        assert_eq!(word(serde_json::to_value(step).unwrap()), step.as_str());
        assert_eq!(step.to_string(), step.as_str());
    }
    assert_eq!(word(serde_json::to_value(Unavailable::Closed).unwrap()), Unavailable::Closed.as_str());
    assert_eq!(word(serde_json::to_value(CancelledBy::Bar).unwrap()), "bar");
    assert_eq!(word(serde_json::to_value(Channel::Robot).unwrap()), "robot");
}

#[test]
fn actors_round_trip_as_text() {
    let roles = Role::ALL.map(|role| Actor::Credential(STAFF, role));
    let texts = roles.map(|actor| actor.to_string());
    let id = "57af0000-0000-4000-8000-00000000000c";
    assert_eq!(texts, ["barista", "manager", "display", "robot"].map(|role| format!("{role}:{id}")));
    for actor in roles.into_iter().chain([Actor::System, Actor::Guest(GUEST)]) {
        assert_eq!(actor.to_string().parse(), Ok(actor));
    }
    for text in ["", "house:", "guest", "guest:", "guest:anna", "boss:57af0000-0000-4000-8000-00000000000c"] {
        assert!(text.parse::<Actor>().is_err(), "{text:?} is not an actor");
    }
}

#[test]
fn unknown_event_names_are_skipped_with_any_data() {
    for data in [json!({}), json!({ "order": 1 }), json!(null), json!(["anything"])] {
        let json = order_json("OrderManager.OrderPraised", &data);
        assert_eq!(parse(&json.to_string()).unwrap(), None);
    }
}

#[test]
fn unknown_fields_are_ignored() {
    let mut json =
        order_json("OrderProcessor.WaitingCompletion", &json!({ "order": ORDER, "number": 7, "mood": "calm" }));
    json["traceparent"] = json!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let expected = about_order(WaitingCompletion { order: ORDER, number: 7, due: None });
    assert_eq!(parse(&json.to_string()).unwrap(), Some(expected));
}

#[test]
fn a_pin_from_before_labels_had_keys_keeps_its_english_label() {
    let data = json!({
        "hops": 1,
        "pins": [{ "screen": "ordering", "slot": "order", "label": "Journey", "link": "{order}" }],
    });
    let json = shop_json("OrderJourney.JourneysOffered", &data);
    let recorded = parse(&json.to_string()).unwrap().unwrap();
    let Event::Emitted(emitted) = &recorded.event else { panic!("{recorded:?}") };
    assert_eq!(emitted.pins[0].label, PinLabel::English("Journey".to_owned()));
    assert_eq!(to_json(&recorded), json, "the log stays as it is");
    // Snapshots contain pins too.
    let text = json!({ "OrderJourney": data["pins"] }).to_string();
    let pins: Pins = serde_json::from_str(&text).unwrap();
    assert!(pins.iter().eq([("OrderJourney", &emitted.pins[0])]));
}

#[test]
fn a_menu_from_before_allergens_could_be_unknown_declares_only_those_it_lists() {
    let drink = |allergens: Value| {
        let mut drink = json!({ "id": "mocha", "name": "Mocha", "icon": "mocha" });
        if !allergens.is_null() {
            drink["allergens"] = allergens;
        }
        let data = json!({ "menu": { "drinks": [drink], "groups": [] } });
        let recorded = parse(&shop_json("ConfigService.MenuChanged", &data).to_string())?.unwrap();
        let Event::MenuChanged(mut event) = recorded.event else { panic!("another event") };
        Ok::<_, serde_json::Error>(event.menu.drinks.remove(0).allergens)
    };
    assert_eq!(drink(json!(null)).unwrap(), Allergens::default(), "an empty list was left out");
    assert_eq!(drink(json!(["milk"])).unwrap(), Allergens::all([Allergen::Milk]));
    assert_eq!(drink(json!([])).unwrap(), Allergens::none());
    assert_eq!(drink(json!(["none"])).unwrap(), Allergens::none());
    assert_eq!(drink(json!(["unknown"])).unwrap(), Allergens::default());
    assert!(drink(json!(["none", "milk"])).is_err());
    assert!(drink(json!(["yak"])).is_err());
}

#[test]
fn data_that_does_not_match_its_event_is_an_error() {
    for data in [json!({}), json!({ "order": ORDER, "number": "seven" }), json!(7)] {
        let json = order_json("OrderProcessor.WaitingCompletion", &data);
        assert!(parse(&json.to_string()).is_err(), "{data} does not fit the event");
    }
}

#[test]
fn the_sequence_is_text_to_exceed_double_precision() {
    let (_, mut json) = fixtures().swap_remove(0);
    assert_eq!(json["sequence"], json!("9007199254740993"));
    for wrong in [json!(4), json!("four"), json!("-4"), json!("4.0"), json!("")] {
        json["sequence"] = wrong;
        assert!(parse(&json.to_string()).is_err(), "{} is not a position", json["sequence"]);
    }
}

#[test]
fn redacted_fields_are_omitted_and_not_null() {
    for (recorded, whole) in fixtures() {
        for audience in [Audience::Public, Audience::Owner] {
            let Some(seen) = redact(&recorded, audience) else { continue };
            let json = to_json(&seen);
            assert!(json.get("actor").is_none());
            assert!(!json.to_string().contains("null"), "{json}");
            for (key, value) in json.as_object().unwrap() {
                assert!(key == "data" || whole[key] == *value, "redaction leaves {key} unchanged");
            }
            // The redacted JSON parses as the redacted event.
            assert_eq!(parse(&json.to_string()).unwrap(), Some(seen.into_owned()));
        }
    }
    let seen = |event: Event| to_json(&redact(&about_order(event), Audience::Public).unwrap())["data"].clone();
    assert_eq!(
        seen(NewOrder { order: ORDER, guest: Some(GUEST), window: Some(WINDOW), left: Some(9), channel: None }.into()),
        json!({ "order": ORDER, "window": "2026-11-21T10:40:00.000Z", "left": 9 })
    );
    assert_eq!(
        seen(OrderClaimed { order: ORDER, barista: Some(STAFF), version: 2 }.into()),
        json!({ "order": ORDER, "version": 2 })
    );
    assert_eq!(
        seen(OrderSubmitted { order: ORDER, chosen: order::chosen(), version: 1 }.into()),
        json!({ "order": ORDER, "chosen": { "drink": "mocha", "name": "Mocha", "icon": "glass" }, "version": 1 })
    );
}

#[test]
fn a_robot_start_has_no_window_and_no_tokens() {
    let start = |channel| NewOrder { order: ORDER, guest: Some(GUEST), window: None, left: None, channel };
    assert_eq!(serde_json::to_value(start(None)).unwrap(), json!({ "order": ORDER, "guest": GUEST }));
    let across = serde_json::to_value(start(Some(Channel::WalkIn))).unwrap();
    assert_eq!(across, json!({ "order": ORDER, "guest": GUEST, "channel": "walk_in" }));
}

#[test]
fn shop_ids_are_valid_url_segments() {
    for text in ["demo", "a", "bar-7", &"b".repeat(40)] {
        assert_eq!(text.parse::<ShopId>().unwrap().as_str(), text);
    }
    for text in ["", "_house", "7bar", "-bar", "Bar", "bär", "bar/7", "bar 7", &"b".repeat(41)] {
        assert!(text.parse::<ShopId>().is_err(), "{text:?} is not a shop id");
        assert!(serde_json::from_value::<ShopId>(json!(text)).is_err());
    }
}

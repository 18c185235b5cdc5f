//! Scenarios of extensions: switching, names of emitted events, redaction, and pins.

use domain::access::Actor;
use domain::command::{Command, StoreCommand};
use domain::event::{Emitted, Event, ExtensionSwitched, Fact, Recorded, is_extension_event_name};
use domain::extension::pin::{Pin, PinLabel, Pins, Screen};
use domain::extension::{DESCRIPTION, Extension, LoggedEvent, Manifest, SheetRequest, StartFrom, slug};
use domain::ids::EventId;
use domain::language::Language;
use domain::redact::{Audience, redact};
use domain::refusal::Refusal;
use domain::sorted_map::SortedMap;
use domain::time::Instant;
use uuid::Uuid;

use crate::bar::{ANNA, CARLA, DISPLAY, MANAGER, NINE, ROBOT, TestShop, at};

fn switch(extension: &str, on: bool) -> Command {
    StoreCommand::SwitchExtension { extension: extension.to_owned(), on }.into()
}

fn pin(slot: &str, value: Option<i64>) -> Pin {
    Pin {
        screen: Screen::Display,
        slot: slot.to_owned(),
        label: PinLabel::Name("Espresso".to_owned()),
        value: value.map(Fact::Number),
        unit: Some("s".to_owned()),
        until: Some(Instant(NINE.0 + 60_000)),
        link: None,
    }
}

fn emitted(kind: &str, pins: Vec<Pin>) -> Emitted {
    let facts = SortedMap::from([("drink".to_owned(), Fact::Text("espresso".to_owned()))]);
    Emitted { kind: kind.to_owned(), hops: 1, facts, pins }
}

fn emit(kind: &str) -> Command {
    StoreCommand::Emit(vec![emitted(kind, Vec::new())]).into()
}

#[test]
fn emissions_are_recorded_only_while_the_extension_is_on() {
    let shop = TestShop::open().when(Actor::System, emit("WaitTimes.DrinkAverageTime"), at(1));
    let shop = shop.then(["WaitTimes.DrinkAverageTime"]);
    let shop = shop.when(MANAGER, switch("WaitTimes", false), at(2)).then(["ConfigService.ExtensionSwitched"]);
    // An emission that arrives after the switch is dropped without a refusal.
    let shop = shop.when(Actor::System, emit("WaitTimes.DrinkAverageTime"), at(3)).then([]);
    let shop = shop.when(Actor::System, emit("OrderCounters.DayCounted"), at(3)).then(["OrderCounters.DayCounted"]);
    let shop = shop.when(MANAGER, switch("WaitTimes", true), at(4)).then(["ConfigService.ExtensionSwitched"]);
    shop.when(Actor::System, emit("WaitTimes.DrinkAverageTime"), at(5)).then(["WaitTimes.DrinkAverageTime"]);
}

#[test]
fn switching_to_the_current_state_has_no_events() {
    let shop = TestShop::open().when(MANAGER, switch("WaitTimes", true), at(1)).then([]);
    let shop = shop.after(MANAGER, switch("WaitTimes", false), at(2));
    shop.when(MANAGER, switch("WaitTimes", false), at(3)).then([]);
}

#[test]
fn only_managers_switch_extensions_and_only_the_system_emits() {
    for actor in [ANNA, CARLA, ROBOT, DISPLAY, Actor::System] {
        TestShop::open().when(actor, switch("WaitTimes", false), at(0)).refused(Refusal::RoleNotAllowed);
    }
    for actor in [ANNA, CARLA, ROBOT, DISPLAY, MANAGER] {
        TestShop::open().when(actor, emit("WaitTimes.DrinkAverageTime"), at(0)).refused(Refusal::RoleNotAllowed);
    }
}

#[test]
fn reserved_and_malformed_event_names_are_rejected() {
    for kind in ["WaitTimes.DrinkAverageTime", "A.B", "Tray9.CupMoved"] {
        assert!(is_extension_event_name(kind), "{kind}");
    }
    let long = format!("{}.Said", "W".repeat(41));
    let taken = ["OrderManager.DrinkAverageTime", "Push.GuestReached", "Bus.RuleChanged", "WaitTimes", "", "."];
    for kind in
        taken.into_iter().chain(["waitTimes.Said", "WaitTimes.said", "Wait-Times.Said", "Wait.Times.Said", &long])
    {
        assert!(!is_extension_event_name(kind), "{kind}");
        let read = Event::decode(kind, &mut serde_json::Deserializer::from_str(r#"{"hops":1}"#));
        assert_eq!(read.unwrap(), None, "{kind}");
    }
}

#[test]
fn emitted_events_are_visible_to_staff_only() {
    let id = EventId(Uuid::from_u128(1));
    let event = emitted("WaitTimes.DrinkAverageTime", vec![pin("head", Some(90))]).into();
    let (actor, channel) = (Some(Actor::System), None);
    let recorded = Recorded { id, position: 7, at: NINE, correlation: id, causation: None, actor, channel, event };
    assert_eq!(recorded.event.order(), None);
    for audience in [Audience::Public, Audience::Owner] {
        assert_eq!(redact(&recorded, audience), None);
    }
    assert_eq!(redact(&recorded, Audience::Staff).as_deref(), Some(&recorded));
}

#[test]
fn the_last_pin_of_a_slot_is_shown_until_it_is_removed_or_its_extension_switched_off() {
    let mut pins = Pins::default();
    let mut apply = |event: Event| {
        let changes = pins.apply(&event);
        let shown: Vec<_> = pins.iter().map(|(extension, pin)| (extension.to_owned(), pin.value.clone())).collect();
        (changes, shown)
    };
    let emit_pin = |kind: &str, slot: &str, value| Event::from(emitted(kind, vec![pin(slot, value)]));
    let change = |extension: &str, slot: &str, value: Option<i64>| {
        (extension.to_owned(), Screen::Display, slot.to_owned(), value.map(|value| pin(slot, Some(value))))
    };
    let shown_pin = |extension: &str, value| (extension.to_owned(), Some(Fact::Number(value)));

    let (changes, shown) = apply(emit_pin("WaitTimes.DrinkAverageTime", "head", Some(90)));
    assert_eq!((changes, shown), (vec![change("WaitTimes", "head", Some(90))], vec![shown_pin("WaitTimes", 90)]));
    // Extensions have separate pins, even in the same slot.
    let (_, shown) = apply(emit_pin("Another.ThingSaid", "head", Some(1)));
    assert_eq!(shown, [shown_pin("Another", 1), shown_pin("WaitTimes", 90)]);
    let (changes, _) = apply(emit_pin("WaitTimes.DrinkAverageTime", "head", Some(90)));
    assert_eq!(changes, [], "an identical pin is not a change");
    let (changes, shown) = apply(emit_pin("WaitTimes.DrinkAverageTime", "head", Some(80)));
    assert_eq!((changes.len(), shown), (1, vec![shown_pin("Another", 1), shown_pin("WaitTimes", 80)]));
    let (changes, _) = apply(emit_pin("Another.ThingSaid", "head", None));
    assert_eq!(changes, [change("Another", "head", None)]);
    assert_eq!(apply(emit_pin("Another.ThingSaid", "head", None)).0, []);
    // Switching on removes no pins; the extension emits them again.
    let on = ExtensionSwitched { extension: "WaitTimes".to_owned(), on: true };
    assert_eq!(apply(on.into()), (vec![], vec![shown_pin("WaitTimes", 80)]));
    let off = ExtensionSwitched { extension: "WaitTimes".to_owned(), on: false };
    let (changes, shown) = apply(off.into());
    assert_eq!((changes, shown), (vec![change("WaitTimes", "head", None)], vec![]));
}

#[test]
fn an_extension_slug_is_its_name_in_kebab_case() {
    assert_eq!(["WaitTimes", "OrderJourney", "Tray"].map(slug), ["wait-times", "order-journey", "tray"]);
}

/// Receives events and uses the defaults of all other methods.
struct SilentExtension;

impl Extension for SilentExtension {
    fn on_event(&mut self, _: &LoggedEvent<'_>) {}
}

fn silent_manifest() -> Manifest {
    Manifest {
        name: "QuietListener",
        words: |_, key| match key {
            DESCRIPTION => Some("Listens."),
            "heard" | "Heard so far" => Some("Heard so far"),
            _ => None,
        },
        version: 1,
        start_from: StartFrom::Now,
        subscribes_to: |_| false,
        page_access: |_| None,
        make: Box::new(|_| Some(Box::new(SilentExtension))),
    }
}

#[test]
fn a_pin_label_is_resolved_in_the_words_of_its_extension() {
    let manifest = silent_manifest();
    let label = |label: fn(String) -> PinLabel, text: &str| {
        Language::ALL.map(|language| manifest.pin_label(language, &label(text.to_owned())))
    };
    assert_eq!(label(PinLabel::Key, "heard"), ["Heard so far", "⟦Heard so far⟧"]);
    assert_eq!(label(PinLabel::English, "Heard so far"), ["Heard so far", "⟦Heard so far⟧"], "labels of early events");
    for unknown in [PinLabel::Key, PinLabel::English] {
        assert_eq!(label(unknown, "Unknown"), ["Unknown", "Unknown"], "an unknown label is shown verbatim");
    }
    assert_eq!(label(PinLabel::Name, "heard"), ["heard", "heard"], "a name is never translated");
}

#[test]
fn a_manifest_describes_its_extension_in_each_language() {
    let manifest = silent_manifest();
    assert_eq!(Language::ALL.map(|language| manifest.description(language)), ["Listens.", "⟦Listens.⟧"]);
    let without_words = Manifest { words: |_, _| None, ..manifest };
    assert_eq!(without_words.description(Language::English), "");
}

#[test]
fn the_default_extension_emits_nothing_and_has_no_page_or_state() {
    let manifest = silent_manifest();
    assert_eq!(manifest.slug(), "quiet-listener");
    let mut extension = (manifest.make)(None).unwrap();
    assert_eq!((extension.on_start(NINE), extension.tick(NINE)), (Vec::new(), Vec::new()));
    let (shop, story) = ("demo".parse().unwrap(), |_| Vec::new());
    let request = SheetRequest {
        shop: &shop,
        path: "",
        language: Language::English,
        now: NINE,
        today: at(0).day,
        order_events: &story,
    };
    assert_eq!((extension.view(&request), extension.save()), (None, String::new()));
}

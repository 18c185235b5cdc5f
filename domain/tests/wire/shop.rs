//! Events of the shop and of extensions with their JSON.

use domain::event::{
    AvailabilityChanged, BrandChanged, Emitted, ExtensionSwitched, Fact, HoursChanged, LastOrdersCalled, LimitsChanged,
    MenuChanged, StoreClosed, StoreOpened, StorePaused, StoreResumed,
};
use domain::extension::pin::{Pin, PinLabel, Screen};
use domain::hours::{CutOff, Hours, OpeningPeriod, Weekday};
use domain::limits::{Limits, Waits};
use domain::menu::{Allergen, Allergens, Drink, Group, Menu, MenuOption, StockItem};
use domain::time::Day;
use serde_json::{Value, json};

use super::{Fixtures, WINDOW, about_shop, shop_json};

fn menu() -> Menu {
    let text = str::to_owned;
    let option =
        |id: &str, name: &str| MenuOption { id: id.to_owned(), name: name.to_owned(), ..MenuOption::default() };
    Menu {
        drinks: vec![
            Drink {
                id: text("mocha"),
                name: text("Mocha"),
                icon: text("glass"),
                allergens: Allergens::all([Allergen::Soybeans]),
                groups: vec![text("milk"), text("extras")],
                price: 380,
                seconds: 90,
                ingredients: vec![text("chocolate")],
                names: [(text("de"), text("Mokka"))].into(),
            },
            Drink {
                id: text("espresso"),
                name: text("Espresso"),
                icon: text("demitasse"),
                allergens: Allergens::none(),
                ..Drink::default()
            },
        ],
        groups: vec![
            Group {
                id: text("milk"),
                name: text("Milk"),
                options: vec![
                    MenuOption { allergens: Allergens::all([Allergen::Milk]), ..option("cow", "cow's") },
                    option("coconut", "coconut"),
                ],
                ..Group::default()
            },
            Group {
                id: text("extras"),
                name: text("Extras"),
                options: vec![MenuOption {
                    allergens: Allergens::new(vec![Allergen::Milk], false),
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
        out: vec![StockItem::ingredient("cream")],
    }
}

pub(super) fn door_events() -> Fixtures {
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

pub(super) fn menu_events() -> Fixtures {
    vec![
        (
            about_shop(MenuChanged { menu: menu() }),
            shop_json("ConfigService.MenuChanged", &json!({ "menu": menu_json() })),
        ),
        (
            about_shop(AvailabilityChanged {
                thing: StockItem::option("milk", "cow"),
                available: false,
                out: vec![StockItem::drink("espresso"), StockItem::option("milk", "cow")],
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
            { "id": "espresso", "name": "Espresso", "icon": "demitasse", "allergens": [] },
        ],
        "groups": [
            {
                "id": "milk",
                "name": "Milk",
                "options": [
                    { "id": "cow", "name": "cow's", "allergens": ["milk"] },
                    { "id": "coconut", "name": "coconut", "allergens": ["unknown"] },
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
                    "allergens": ["milk", "unknown"],
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

pub(super) fn hours_events() -> Fixtures {
    let time = |text: &str| text.parse().unwrap();
    let hours = Hours {
        zone: "Europe/Berlin".to_owned(),
        week: vec![OpeningPeriod { day: Weekday::Fri, from: time("18:00"), to: time("02:30") }],
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

pub(super) fn shop_events() -> Fixtures {
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

pub(super) fn extension_events() -> Fixtures {
    let pin = Pin {
        screen: Screen::Display,
        slot: "head".to_owned(),
        label: PinLabel::Name("Espresso".to_owned()),
        value: Some(Fact::Number(94)),
        unit: Some("s".to_owned()),
        until: Some(WINDOW),
        link: None,
    };
    let link = Pin {
        screen: Screen::Ordering,
        slot: "order".to_owned(),
        label: PinLabel::Key("journey".to_owned()),
        value: None,
        unit: None,
        until: None,
        link: Some("{order}".to_owned()),
    };
    let facts =
        [("drink", Fact::Text("espresso".to_owned())), ("seconds", Fact::Number(94)), ("new", Fact::Bool(true))];
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
                        "name": "Espresso",
                        "value": 94,
                        "unit": "s",
                        "until": "2026-11-21T10:40:00.000Z",
                    },
                    { "screen": "ordering", "slot": "order", "key": "journey", "link": "{order}" },
                ],
            }),
        ),
    )]
}

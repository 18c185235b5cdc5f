//! JSON shapes of views and frames, one field list per type.

use domain::event::Fact;
use domain::ids::{GuestId, OrderId, ShopId, StaffId};
use domain::limits::{Limits, Waits};
use domain::menu::{Allergen, Allergens, Chosen, ChosenOption, Drink, Group, Menu, MenuOption, StockItem};
use domain::order::{CancelReason, CancelledBy, Channel, Step};
use domain::redact::Topic;
use domain::refusal::Unavailable;
use domain::time::Instant;
use domain::view::barista::{Barista, Card};
use domain::view::display::{Display, DisplayRow};
use domain::view::ordering::{GuestOrder, Ordering, ShopState};
use domain::view::{CalledAgain, Paused};
use js_sys::{Array, Date};
use protocol::frame::{Code, EphemeralValues, Heartbeat, Opening, Pinned, Snapshot};
use protocol::problem::Problem;
use uuid::Uuid;
use wasm_bindgen::JsValue;

use super::{FromJson, field};

macro_rules! shapes {
    ($($name:ident { $($field:ident)* } $(? { $($defaulted:ident)* })? $(- { $($ignored:ident)* })?)*) => {$(
        impl FromJson for $name {
            fn from_json(value: &JsValue) -> Option<Self> {
                Some(Self {
                    $($field: field(value, stringify!($field))?,)*
                    $($($defaulted: field(value, stringify!($defaulted)).unwrap_or_default(),)*)?
                    $($($ignored: Default::default(),)*)?
                })
            }
        }
    )*};
}

// Fields after `?` default when they are missing. Fields after `-` are not decoded: no page shows them.
shapes! {
    EphemeralValues { code names pins }
    ShopState { name open closing paused menu queue done }
    Barista { name open closing paused cards }
    Heartbeat { position now build }
    CalledAgain { times at }
    Card { order number chosen step barista since version channel called } ? { aside }
    Chosen { drink name icon options allergens } ? { price currency } - { seconds }
    Code { window until url typed path side is_local }
    Display { name open closing paused limits windows began_with rows choosing } - { menu menu_changes }
    Drink { id name icon allergens groups } ? { price ingredients } - { seconds names }
    Group { id name options least most } - { names }
    Limits { drinks_per_code window_seconds grace_seconds room orders_per_guest waits }
    Menu { drinks groups } ? { currency out }
    GuestOrder { order step number chosen since version cancelled_by reason due extended began ended called } ? { aside }
    MenuOption { id name allergens } ? { preset surcharge ingredients } - { seconds names }
    Ordering { bar orders }
    Paused { reason until }
    ChosenOption { group option name }
    Pinned { label value unit until link }
    DisplayRow { order number name icon step since version channel called } ? { aside }
    Waits { choose_seconds extend_seconds make_seconds ready_seconds undo_seconds }
}

impl<V: FromJson> FromJson for Opening<V> {
    fn from_json(value: &JsValue) -> Option<Self> {
        Some(Self {
            shop: field(value, "shop")?,
            me: field(value, "me")?,
            build: field(value, "build")?,
            snapshot: field(value, "snapshot")?,
            asides: field(value, "asides")?,
        })
    }
}

impl<V: FromJson> FromJson for Snapshot<V> {
    fn from_json(value: &JsValue) -> Option<Self> {
        Some(Self {
            cursor: field(value, "cursor")?,
            now: field(value, "now")?,
            topics: field(value, "topics")?,
            view: field(value, "view")?,
        })
    }
}

impl FromJson for Problem {
    fn from_json(value: &JsValue) -> Option<Self> {
        Some(Self {
            kind: field(value, "type")?,
            status: field(value, "status")?,
            title: field(value, "title")?,
            detail: field(value, "detail")?,
            retry_after: field(value, "retry_after")?,
            order: field(value, "order")?,
        })
    }
}

impl FromJson for Fact {
    #[expect(clippy::cast_possible_truncation, reason = "no screen shows numbers beyond 2^53")]
    fn from_json(value: &JsValue) -> Option<Self> {
        let text = || value.as_string().map(Self::Text);
        value
            .as_f64()
            .map(|number| Self::Number(number as i64))
            .or_else(text)
            .or_else(|| value.as_bool().map(Self::Bool))
    }
}

/// A missing list says that nothing is known.
impl FromJson for Allergens {
    fn from_json(value: &JsValue) -> Option<Self> {
        if value.is_undefined() {
            return Some(Self::default());
        }
        let names = Vec::<String>::from_json(value)?;
        let known = Array::from(value).iter().filter_map(|name| Allergen::from_json(&name)).collect();
        Some(Self::new(known, !names.iter().any(|name| name == "unknown")))
    }
}

impl FromJson for StockItem {
    fn from_json(value: &JsValue) -> Option<Self> {
        value.as_string().map(Self)
    }
}

impl FromJson for ShopId {
    fn from_json(value: &JsValue) -> Option<Self> {
        value.as_string()?.try_into().ok()
    }
}

/// Parses RFC 3339 with `Date.parse`: a Rust calendar would add a kilobyte.
impl FromJson for Instant {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are far below 2^53")]
    fn from_json(value: &JsValue) -> Option<Self> {
        let ms = Date::parse(&value.as_string()?);
        (!ms.is_nan()).then_some(Self(ms as i64))
    }
}

/// Parses 32 hexadecimal digits and ignores hyphens. Input comes from our server only; `Uuid::parse_str` would add a
/// kilobyte.
pub(super) fn uuid(text: &str) -> Option<Uuid> {
    let mut digits = 0;
    let mut value = 0_u128;
    for character in text.chars().filter(|character| *character != '-') {
        value = value << 4 | u128::from(character.to_digit(16)?);
        digits += 1;
    }
    (digits == 32).then(|| Uuid::from_u128(value))
}

macro_rules! ids {
    ($($name:ident)*) => {$(
        impl FromJson for $name {
            fn from_json(value: &JsValue) -> Option<Self> {
                uuid(&value.as_string()?).map(Self)
            }
        }
    )*};
}

ids! { GuestId OrderId StaffId }

impl FromJson for Topic {
    fn from_json(value: &JsValue) -> Option<Self> {
        match value.as_string()?.as_str() {
            "public" => Some(Self::Public),
            "staff" => Some(Self::Staff),
            other => uuid(other.strip_prefix("order/")?).map(OrderId).map(Self::Order),
        }
    }
}

macro_rules! string_enums {
    ($($name:ident { $($text:literal $variant:ident)* })*) => {$(
        impl FromJson for $name {
            fn from_json(value: &JsValue) -> Option<Self> {
                match value.as_string()?.as_str() {
                    $($text => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    )*};
}

string_enums! {
    Allergen {
        "gluten" Gluten
        "crustaceans" Crustaceans
        "eggs" Eggs
        "fish" Fish
        "peanuts" Peanuts
        "soybeans" Soybeans
        "milk" Milk
        "nuts" Nuts
        "celery" Celery
        "mustard" Mustard
        "sesame" Sesame
        "sulphites" Sulphites
        "lupin" Lupin
        "molluscs" Molluscs
    }
    CancelledBy { "guest" Guest "bar" Bar }
    Channel { "web" Web "robot" Robot "walk_in" WalkIn }
    CancelReason {
        "sold_out" SoldOut
        "broken" Broken
        "mistake" Mistake
        "closing" Closing
        "not_collected" NotCollected
        "stopped" Stopped
        "other" Other
    }
    Step {
        "choosing" Choosing
        "waiting" Waiting
        "making" Making
        "ready" Ready
        "collected" Collected
        "cancelled" Cancelled
        "timed_out" TimedOut
        "expired" Expired
        "unavailable" Unavailable
    }
    Unavailable { "closed" Closed "paused" Paused "full" Full "limit" Limit "not_started" NotStarted "ended" Ended }
}

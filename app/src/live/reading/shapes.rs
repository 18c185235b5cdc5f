//! The shapes of views and frames, each the list of its fields.

use std::str::FromStr;

use domain::command::Channel;
use domain::ids::{EventId, GuestId, OrderId, ShopId, StaffId};
use domain::limits::{Limits, Waits};
use domain::menu::{Allergen, Chosen, Drink, Group, Menu, Opt, Picked, Thing};
use domain::order::{By, Reason, Step};
use domain::redact::Topic;
use domain::refusal::Unavailable;
use domain::time::{Day, Instant};
use domain::view::Paused;
use domain::view::barista::{Barista, Card};
use domain::view::display::{Display, Row};
use domain::view::ordering::{Bar, MyOrder, Ordering};
use wasm_bindgen::JsValue;

use super::{FromJson, field};
use crate::frame::{Asides, Beat, Code, Opening, Snapshot};
use crate::pages::scan::Scan;
use crate::problem::Problem;

macro_rules! shapes {
    ($($name:ident { $($field:ident)* } $(? { $($spared:ident)* })?)*) => {$(
        impl FromJson for $name {
            fn from_json(value: &JsValue) -> Option<Self> {
                Some(Self {
                    $($field: field(value, stringify!($field))?,)*
                    $($($spared: field(value, stringify!($spared)).unwrap_or_default(),)*)?
                })
            }
        }
    )*};
}

// After the `?` stands what is left out where it is nothing, 0 or no.
shapes! {
    Asides { code names }
    Bar { name open closing paused menu queue done }
    Barista { name open closing paused cards }
    Beat { position build }
    Card { order number chosen step barista since version channel } ? { aside }
    Chosen { drink name icon options allergens } ? { price currency seconds }
    Code { window until url typed path side }
    Display { name open closing paused limits windows rows }
    Drink { id name icon allergens groups } ? { price seconds ingredients names }
    Group { id name options least most names }
    Limits { drinks_per_code window_seconds grace_seconds room orders_per_guest waits }
    Menu { drinks groups } ? { currency out }
    MyOrder { order step number chosen since version cancelled_by reason due extended over } ? { aside }
    Opt { id name allergens } ? { preset surcharge seconds ingredients names }
    Ordering { bar orders }
    Paused { reason until }
    Picked { group option name }
    Row { order number name icon step since version channel } ? { aside }
    Scan { shop name code order }
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

impl FromJson for Thing {
    fn from_json(value: &JsValue) -> Option<Self> {
        value.as_string().map(Self)
    }
}

fn parsed<T: FromStr>(value: &JsValue) -> Option<T> {
    value.as_string()?.parse().ok()
}

macro_rules! texts {
    ($($name:ident)*) => {$(
        impl FromJson for $name {
            fn from_json(value: &JsValue) -> Option<Self> {
                parsed(value)
            }
        }
    )*};
}

texts! { Day EventId GuestId Instant OrderId ShopId StaffId Topic }

macro_rules! words {
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

words! {
    Allergen {
        "gluten" Gluten
        "eggs" Eggs
        "peanuts" Peanuts
        "soybeans" Soybeans
        "milk" Milk
        "nuts" Nuts
        "sesame" Sesame
        "sulphites" Sulphites
    }
    By { "guest" Guest "bar" Bar }
    Channel { "web" Web "robot" Robot "walk_in" WalkIn }
    Reason {
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

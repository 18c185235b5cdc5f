//! Frames of the event stream and the data block of a page, as both ends read them.

use domain::event::Fact;
use domain::ids::{OrderId, ShopId, StaffId};
use domain::redact::Topic;
use domain::sorted_map::SortedMap;
use domain::time::Instant;
use serde::{Deserialize, Serialize};

/// A complete view at a log position. SSE event `snapshot`; also part of a page's data block and the body of
/// `GET /s/{shop}/view/{view}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot<V> {
    /// Cursor `epoch.position.tag` to resume from.
    pub cursor: String,
    /// Server time of the snapshot, in milliseconds since 1970; ages on screens count from it.
    pub now: Instant,
    /// Position of the last frame of each topic that the view includes.
    pub topics: SortedMap<Topic, u64>,
    /// The view itself.
    pub view: V,
}

/// One event of one topic. SSE event `event`, with the cursor as its id; `event` is a `CloudEvent`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Happened<E> {
    /// Topic of the frame; positions are chained within it.
    pub topic: Topic,
    /// Position of the topic's previous frame; 0 before the first.
    pub prev: u64,
    /// The event as a `CloudEvent`.
    pub event: E,
}

/// A value that screens need and the log must not contain. SSE event `ephemeral`; the last value of a key wins.
///
/// Keys: `code` (a [`Code`]), `name/{order}` (text), `pins` (all of [`EphemeralValues::pins`], first of all) and
/// `pin/{extension}/{slot}` (a [`Pinned`]); `null` deletes the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ephemeral<V> {
    /// Key of the value.
    pub key: String,
    /// New value; `None` deletes it.
    pub value: Option<V>,
}

/// All ephemeral values of a page at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EphemeralValues {
    /// The current code, where the audience may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// Names to call out, by order.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub names: SortedMap<OrderId, String>,
    /// Pins of this kind of screen, by `{extension}/{slot}` with the extension's slug.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub pins: SortedMap<String, Pinned>,
}

impl EphemeralValues {
    /// Unexpired pins of all extensions in the slots that `slots` accepts. `now` is called only for pins that expire.
    pub fn pinned(&self, slots: impl Fn(&str) -> bool, now: impl Fn() -> Instant) -> impl Iterator<Item = &Pinned> {
        let is_there = move |key: &str| key.split_once('/').is_some_and(|(_, slot)| slots(slot));
        let is_over = move |pin: &Pinned| pin.until.is_some_and(|until| until <= now());
        self.pins.iter().filter(move |(key, pin)| is_there(key) && !is_over(pin)).map(|(_, pin)| pin)
    }
}

impl Pinned {
    /// The link with `{order}` replaced; empty without a link.
    pub fn address(&self, order: OrderId) -> String {
        let link = self.link.as_deref().unwrap_or_default();
        // Splitting at single characters saves the substring search, a kilobyte of every bundle.
        match (link.split_once('{'), link.split_once('}')) {
            (Some((before, _)), Some((_, after))) => [before, &order.to_string(), after].concat(),
            _ => link.to_owned(),
        }
    }
}

/// A pin of an extension as a screen gets it; see `domain::extension::pin::Pin`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pinned {
    /// Label to show.
    pub label: String,
    /// Value to show behind the label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Fact>,
    /// Unit of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Time at which the pin expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Path on this server; `{order}` stands for the order at which the pin is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// The current rotating code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// Start of the code's window; the view counts tokens by it.
    pub window: Instant,
    /// End of the window.
    pub until: Instant,
    /// URL encoded in the QR code.
    pub url: String,
    /// Short code to type.
    pub typed: String,
    /// The QR code as the `d` attribute of one SVG path, one unit per module.
    pub path: String,
    /// Side length of the QR code in modules.
    pub side: u32,
    /// Whether only the server's machine can open the URL.
    #[serde(default)]
    pub is_local: bool,
}

/// Keeps the connection alive and states the position. SSE event `heartbeat`, with the cursor as its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Position that the stream has reached.
    pub position: u64,
    /// Server time, in milliseconds since 1970. Pages set their clock by it.
    pub now: Instant,
    /// Build of the server; a page of another build reloads when it is idle.
    pub build: String,
}

/// The JSON data block from which a page is rendered and hydrated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening<V> {
    /// Shop of the page.
    pub shop: ShopId,
    /// Member of staff who has the page open, to tell their own drinks apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub me: Option<StaffId>,
    /// Build of the server that rendered the page.
    pub build: String,
    /// View to render.
    pub snapshot: Snapshot<V>,
    /// Ephemeral values at the time of the snapshot.
    pub asides: EphemeralValues,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn pin(label: &str, until: Option<Instant>, link: Option<&str>) -> Pinned {
        let link = link.map(str::to_owned);
        Pinned { label: label.to_owned(), value: None, unit: None, until, link }
    }

    #[test]
    fn a_slot_shows_the_current_pins_of_every_extension() {
        let later = Some(Instant(10));
        let pins = [
            ("counters/head", pin("Orders", None, None)),
            ("waits/drink/latte", pin("Latte", later, None)),
            ("waits/drink/latte-art", pin("Art", None, None)),
            ("waits/head", pin("Wait", later, None)),
        ];
        let pins = pins.map(|(key, pin)| (key.to_owned(), pin)).into();
        let asides = EphemeralValues { pins, ..EphemeralValues::default() };
        let at = |slot: &str, now| -> Vec<&str> {
            asides.pinned(|other| other == slot, || Instant(now)).map(|pin| pin.label.as_str()).collect()
        };
        assert_eq!(at("head", 9), ["Orders", "Wait"]);
        assert_eq!(at("head", 10), ["Orders"]);
        assert_eq!(at("drink/latte", 9), ["Latte"]);
        assert_eq!(at("latte", 9), [""; 0]);
    }

    #[test]
    fn a_pin_link_contains_the_order_it_is_shown_at() {
        let order = OrderId(Uuid::from_u128(7));
        let address = |link: &str| pin("Journey", None, Some(link)).address(order);
        let whole = format!("/s/demo/x/tally/{order}");
        assert_eq!(address("/s/demo/x/tally/{order}"), whole);
        assert_eq!(address("/s/demo/x/{order}/steps"), format!("/s/demo/x/{order}/steps"));
        assert_eq!(address("/s/demo/x/waits"), "/s/demo/x/waits");
        assert_eq!(pin("Wait", None, None).address(order), "");
    }
}

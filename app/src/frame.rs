//! What travels between the stream and a page: snapshots, events, asides, in the one form both ends read.

use domain::event::Fact;
use domain::ids::{OrderId, ShopId, StaffId};
use domain::redact::Topic;
use domain::sorted_map::SortedMap;
use domain::time::Instant;
use serde::{Deserialize, Serialize};

/// A whole view at a position. SSE event `snapshot`; also the data block of a page and `GET /s/{shop}/view/{view}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot<V> {
    /// `epoch.position.tag`: where to go on from.
    pub cursor: String,
    /// The server's clock when it was taken; ages on the screen count from it.
    pub now: Instant,
    /// The position of the last frame of each topic that is in the view.
    pub topics: SortedMap<Topic, u64>,
    pub view: V,
}

/// One event of one topic. SSE event `event`, with the cursor as its id; `event` is a `CloudEvent`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Happened<E> {
    pub topic: Topic,
    /// The position of the topic's frame before this one; 0 before the first.
    pub prev: u64,
    pub event: E,
}

/// What a screen needs and the log must not hold. SSE event `aside`; the last value of a key wins.
///
/// Keys: `code` (a [`Code`]), `name/{order}` (text), `pins` (all of [`EphemeralValues::pins`], first of all) and
/// `pin/{extension}/{slot}` (a [`Pinned`]); `null` when there is none any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ephemeral<V> {
    pub key: String,
    pub value: Option<V>,
}

/// All asides of a page at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EphemeralValues {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub names: SortedMap<OrderId, String>,
    /// By `{extension}/{slot}`, the extension as in addresses; only what is for this kind of screen.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub pins: SortedMap<String, Pinned>,
}

impl EphemeralValues {
    /// What is pinned to slots like these and is not over, by whichever extension. The clock is asked only where
    /// something says until when it is shown.
    pub fn pinned(&self, slots: impl Fn(&str) -> bool, now: impl Fn() -> Instant) -> impl Iterator<Item = &Pinned> {
        let is_there = move |key: &str| key.split_once('/').is_some_and(|(_, slot)| slots(slot));
        let is_over = move |pin: &Pinned| pin.until.is_some_and(|until| until <= now());
        self.pins.iter().filter(move |(key, pin)| is_there(key) && !is_over(pin)).map(|(_, pin)| pin)
    }
}

impl Pinned {
    /// Where it leads at this order.
    pub fn address(&self, order: OrderId) -> String {
        let link = self.link.as_deref().unwrap_or_default();
        // By signs and not by a word: to look for one is a kilobyte of every page.
        match (link.split_once('{'), link.split_once('}')) {
            (Some((before, _)), Some((_, after))) => [before, &order.to_string(), after].concat(),
            _ => link.to_owned(),
        }
    }
}

/// What an extension has pinned to a slot: `domain::extension::pin::Pin`, as a screen gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pinned {
    pub label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Fact>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// From then on it is not shown any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// An address of this server; `{order}` stands for the order it is shown at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// The code that is good now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// When its window began: the view's tokens are counted by it.
    pub window: Instant,
    /// When the next one comes.
    pub until: Instant,
    /// What the QR says.
    pub url: String,
    /// The form people can type.
    pub typed: String,
    /// The QR as the `d` of one SVG path, and the length of its side in modules.
    pub path: String,
    pub side: u32,
}

/// Still alive. SSE event `beat`, with the cursor as its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    pub position: u64,
    /// Which build the server is; a page of another one reloads when it is idle.
    pub build: String,
}

/// What a page is rendered from and hydrated with: its JSON data block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening<V> {
    pub shop: ShopId,
    /// Who has the page open, where it is staff: their drinks are "mine".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub me: Option<StaffId>,
    pub build: String,
    pub snapshot: Snapshot<V>,
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
    fn a_slot_has_what_every_extension_pinned_to_it_and_nothing_that_is_over() {
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
    fn a_link_leads_to_the_order_it_is_shown_at() {
        let order = OrderId(Uuid::from_u128(7));
        let address = |link: &str| pin("Journey", None, Some(link)).address(order);
        let whole = format!("/s/demo/x/tally/{order}");
        assert_eq!(address("/s/demo/x/tally/{order}"), whole);
        assert_eq!(address("/s/demo/x/{order}/steps"), format!("/s/demo/x/{order}/steps"));
        assert_eq!(address("/s/demo/x/waits"), "/s/demo/x/waits");
        assert_eq!(pin("Wait", None, None).address(order), "");
    }
}

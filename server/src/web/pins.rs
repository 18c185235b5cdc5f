//! Pins as a screen gets them: only what is for it, and with whole addresses.

use domain::extension::pin::{Pin, Pins, Screen};
use domain::extension::slug;
use domain::ids::ShopId;
use domain::sorted_map::SortedMap;
use domain::time::Instant;
use protocol::frame::Pinned;

/// What is pinned to a kind of screen and not over yet, by extension and slot.
pub(super) fn of(shop: &ShopId, pins: &Pins, screen: Screen, now: Instant) -> SortedMap<String, Pinned> {
    let mine = pins.iter().filter(|(_, pin)| pin.screen == screen && pin.until.is_none_or(|until| until > now));
    mine.map(|(extension, pin)| (key(extension, &pin.slot), shown(shop, extension, pin))).collect()
}

/// The place of a pin among those of a screen.
pub(super) fn key(extension: &str, slot: &str) -> String {
    format!("{}/{slot}", slug(extension))
}

/// A link leads to a page of the extension that pinned it, and nowhere else.
pub(super) fn shown(shop: &ShopId, extension: &str, pin: &Pin) -> Pinned {
    let Pin { label, value, unit, until, link, .. } = pin.clone();
    let link = link.map(|path| format!("/s/{shop}/x/{}/{path}", slug(extension)));
    Pinned { label, value, unit, until, link }
}

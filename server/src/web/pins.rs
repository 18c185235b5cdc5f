//! Pins in the form that screens receive: filtered by screen, with absolute link paths.

use domain::extension::pin::{Pin, Pins, Screen};
use domain::extension::slug;
use domain::ids::ShopId;
use domain::sorted_map::SortedMap;
use domain::time::Instant;
use protocol::frame::Pinned;

/// Unexpired pins of one kind of screen, keyed by [`key`].
pub(super) fn for_screen(shop: &ShopId, pins: &Pins, screen: Screen, now: Instant) -> SortedMap<String, Pinned> {
    let on_screen = pins.iter().filter(|(_, pin)| pin.screen == screen && pin.until.is_none_or(|until| until > now));
    on_screen.map(|(extension, pin)| (key(extension, &pin.slot), to_pinned(shop, extension, pin))).collect()
}

/// Key of a pin within a screen: `extension-slug/slot`.
pub(super) fn key(extension: &str, slot: &str) -> String {
    format!("{}/{slot}", slug(extension))
}

/// Converts a pin to its wire form. Links always point to a page of the extension that owns the pin.
pub(super) fn to_pinned(shop: &ShopId, extension: &str, pin: &Pin) -> Pinned {
    let Pin { label, value, unit, until, link, .. } = pin.clone();
    let link = link.map(|path| format!("/s/{shop}/x/{}/{path}", slug(extension)));
    Pinned { label, value, unit, until, link }
}

//! Pins in the form that screens receive: filtered by screen, with absolute link paths and labels in their language.

use domain::extension::pin::{Pin, Pins, Screen};
use domain::extension::slug;
use domain::ids::ShopId;
use domain::language::Language;
use domain::sorted_map::SortedMap;
use protocol::frame::Pinned;

use crate::web::AppState;

/// A page or stream of a shop, which shows pins.
#[derive(Clone, Copy)]
pub(super) struct PinnedPage<'a> {
    pub state: &'a AppState,
    pub shop: &'a ShopId,
    pub language: Language,
}

impl PinnedPage<'_> {
    /// Unexpired pins of one kind of screen, keyed by [`key`].
    pub(super) fn pins(self, pins: &Pins, screen: Screen) -> SortedMap<String, Pinned> {
        let now = self.state.clock.now();
        let is_shown = |pin: &Pin| pin.screen == screen && pin.until.is_none_or(|until| until > now);
        let on_screen = pins.iter().filter(|(_, pin)| is_shown(pin));
        on_screen.map(|(extension, pin)| (key(extension, &pin.slot), self.pin(extension, pin))).collect()
    }

    /// Converts a pin to its wire form. Links always point to a page of the extension that owns the pin.
    pub(super) fn pin(self, extension: &str, pin: &Pin) -> Pinned {
        let Pin { label, value, unit, until, link, .. } = pin.clone();
        let label = self.state.extension_host.pin_label(extension, &label, self.language);
        let link = link.map(|path| format!("/s/{}/x/{}/{path}", self.shop, slug(extension)));
        Pinned { label, value, unit, until, link }
    }
}

/// Key of a pin within a screen: `extension-slug/slot`.
pub(super) fn key(extension: &str, slot: &str) -> String {
    format!("{}/{slot}", slug(extension))
}

//! What extensions have pinned, wherever a screen has a slot. None is known here.

use domain::ids::OrderId;

use crate::live::{Screen, Shown};
use crate::words;

/// All that is pinned to a slot, as one line: "Wait now about 4 min".
pub fn line<V: Shown>(screen: Screen<V>, slot: &str) -> String {
    let mut line = String::new();
    screen.pins(
        |other| other == slot,
        |pin| {
            for words in [if line.is_empty() { "" } else { " · " }, &pin.label, " ", &words::pinned(pin)] {
                line.push_str(words);
            }
        },
    );
    line
}

/// The link to a page about an order: its address, and what it says.
pub fn link<V: Shown>(screen: Screen<V>, order: OrderId) -> Option<(String, String)> {
    let mut found = None;
    screen.pins(|slot| slot == "order", |pin| found = Some((pin.address(order), pin.label.clone())));
    found
}

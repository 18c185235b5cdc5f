//! Pins of extensions in the slots of a page. The code knows no extension by name.

use domain::ids::OrderId;

use crate::live::{Screen, Shown};
use crate::words;

/// Joins the pins of a slot into one line: "Wait now about 4 min".
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

/// Address and label of the link pinned to an order. The last pin wins.
pub fn link<V: Shown>(screen: Screen<V>, order: OrderId) -> Option<(String, String)> {
    let mut found = None;
    screen.pins(|slot| slot == "order", |pin| found = Some((pin.address(order), pin.label.clone())));
    found
}

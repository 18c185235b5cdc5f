//! Pins of extensions in the slots of a page. The code knows no extension by name.

use domain::ids::OrderId;

use crate::live::{PageState, StreamedView};

/// Joins the pins of a slot into one line: "Wait now about 4 min".
pub fn line<V: StreamedView>(page: PageState<V>, slot: &str) -> String {
    let mut line = String::new();
    page.for_each_pin(
        |other| other == slot,
        |pin| {
            for part in [if line.is_empty() { "" } else { " · " }, &pin.label, " ", &page.words.pin_value(pin)] {
                line.push_str(part);
            }
        },
    );
    line
}

/// Address and label of the link pinned to an order. The last pin wins.
pub fn link<V: StreamedView>(page: PageState<V>, order: OrderId) -> Option<(String, String)> {
    let mut link = None;
    page.for_each_pin(|slot| slot == "order", |pin| link = Some((pin.address(order), pin.label.clone())));
    link
}

//! The waits that extensions pin to the display.

use domain::event::Fact;
use domain::view::display::Display;
use leptos::prelude::Get;

use crate::live::PageState;
use protocol::frame::Pinned;

/// The value of a pin. A duration is a mean of the past: it is never told as less than an order waits now.
pub(super) fn wait_text(page: PageState<Display>, view: &Display, pin: &Pinned) -> String {
    let mut pin = pin.clone();
    if let (Some(Fact::Number(seconds)), Some("s")) = (&mut pin.value, pin.unit.as_deref()) {
        let longest = view.longest_wait(page.now.get()).unwrap_or_default();
        *seconds = i64::from(longest).max(*seconds);
    }
    page.words.pin_value(&pin)
}

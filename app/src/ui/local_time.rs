//! Times on plain pages: as the clock and the calendar on the shop's wall showed them, which the server knows.

use domain::time::Instant;
use leptos::prelude::*;

/// An instant on the shop's wall, ready to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalDateTime {
    /// "Saturday, 21 November 2026"
    pub date: String,
    /// "10:42:07"
    pub time: String,
}

/// Tells the shop's own time.
pub type FormatLocalTime<'a> = &'a (dyn Fn(Instant) -> LocalDateTime + 'a);

/// The time alone; programs read all of it.
pub fn time(at: Instant, local_time: FormatLocalTime<'_>) -> impl IntoView + use<> {
    view! { <time datetime=at.to_string()>{local_time(at).time}</time> }
}

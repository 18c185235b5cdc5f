//! Times on plain pages, in the shop's time zone. The server formats them.

use domain::time::Instant;
use leptos::prelude::*;

/// An instant in the shop's time zone, formatted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalDateTime {
    /// "Saturday, 21 November 2026"
    pub date: String,
    /// "10:42:07"
    pub time: String,
}

/// Formats an instant in the shop's time zone.
pub type FormatLocalTime<'a> = &'a (dyn Fn(Instant) -> LocalDateTime + 'a);

/// Shows the time of day; the `datetime` attribute holds the full instant.
pub fn time(at: Instant, local_time: FormatLocalTime<'_>) -> impl IntoView + use<> {
    view! { <time datetime=at.to_string()>{local_time(at).time}</time> }
}

//! Times on static pages, in the shop's time zone. The server converts them.

use domain::hours::Weekday;
use domain::time::Instant;
use leptos::prelude::*;

use crate::words;

/// An instant in the shop's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalDateTime {
    pub weekday: Weekday,
    /// 1 to 31.
    pub day: u8,
    /// 1 to 12.
    pub month: u8,
    pub year: i16,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
}

/// Converts an instant to the shop's time zone.
pub type ToLocalTime<'a> = &'a (dyn Fn(Instant) -> LocalDateTime + 'a);

/// Shows the time of day; the `datetime` attribute holds the full instant.
pub fn time(at: Instant, local_time: ToLocalTime<'_>) -> impl IntoView + use<> {
    view! { <time datetime=at.to_string()>{words::time_of_day(&local_time(at))}</time> }
}

//! Times on static pages, in the shop's time zone. The server converts them.

use domain::hours::LocalDateTime;
use domain::time::Instant;
use leptos::prelude::*;

use crate::words;

/// Converts an instant to the shop's time zone.
pub type ToLocalTime<'a> = &'a (dyn Fn(Instant) -> LocalDateTime + 'a);

/// Shows the time of day; the `datetime` attribute holds the full instant.
pub fn time(at: Instant, local_time: ToLocalTime<'_>) -> impl IntoView + use<> {
    view! { <time datetime=at.to_string()>{words::time_of_day(&local_time(at))}</time> }
}

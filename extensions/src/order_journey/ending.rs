//! Summary of an order's outcome or current step: one sentence and one picture.

use domain::event::Recorded;
use domain::extension::sheet::Picture;
use domain::order::{CancelledBy, Step, TimeoutCause};
use domain::redact::Audience;
use domain::time::Instant;
use domain::view::record::Record;

use super::words::{cancel_reason, duration, unavailable_reason};

/// The sentence and the picture; `None` without events.
pub(super) fn summary(events: &[Recorded], now: Instant) -> Option<(String, Picture)> {
    // The events are already redacted for the reader, so no further redaction is needed.
    let record = Record::from_events(events, Audience::Staff)?;
    let drink = record.chosen.as_ref().map_or("An order", |chosen| chosen.name.as_str());
    let last = events.iter().map(|recorded| recorded.at).next_back()?;
    let took = |until: Instant| duration(until.seconds_since(record.began));
    // The duration of a cancelled order ends at the cancellation, not at the end of the time to undo it.
    let ended = events.iter().rev().find(|recorded| recorded.event.step().is_some()).map_or(last, |last| last.at);
    let over = took(record.ended.unwrap_or(last));
    Some(match record.step {
        Step::Choosing => (format!("A drink is being chosen, {} after the beginning.", took(now)), Picture::Menu),
        Step::Waiting => (format!("{drink}, in the queue {} after the beginning.", took(now)), Picture::Queue),
        Step::Making => (format!("{drink}, being made {} after the beginning.", took(now)), Picture::Making),
        Step::Ready => {
            (format!("{drink}, ready {} after the beginning.", took(record.ready.unwrap_or(last))), Picture::Ready)
        }
        Step::Collected => {
            let ready = record.ready.map(|ready| format!("ready after {} and ", took(ready))).unwrap_or_default();
            (format!("{drink}, {ready}collected after {}.", took(ended)), Picture::Enjoyed)
        }
        Step::Cancelled if record.cancelled_by == Some(CancelledBy::Bar) => {
            let reason = cancel_reason(record.reason).map(|reason| format!(": {reason}")).unwrap_or_default();
            (format!("{drink}, cancelled by the bar after {}{reason}.", took(ended)), Picture::CalledOff)
        }
        Step::Cancelled => (format!("{drink}, cancelled by the guest after {}.", took(ended)), Picture::Cancelled),
        Step::TimedOut if record.cause == Some(TimeoutCause::Barista) => {
            (format!("{drink}, not made within {over}. Sorry!"), Picture::Late)
        }
        Step::TimedOut => (format!("Nothing was chosen within {over}."), Picture::TimedOut),
        Step::Expired => (format!("{drink}, made and never collected: over after {over}."), Picture::Cold),
        Step::Unavailable => {
            let reason = record.unavailable.map_or("the shop could not take it", unavailable_reason);
            (format!("It could not begin: {reason}."), Picture::Closed)
        }
    })
}

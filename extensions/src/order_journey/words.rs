//! Texts for the events of an order. Guests, staff and holders of a shared link read them, so they name no person.

use domain::command::Channel;
use domain::event::{Event, OrderRecalled, Recorded};
use domain::extension::sheet::Picture;
use domain::order::{CancelReason, CancelledBy, Step, TimeoutCause};
use domain::refusal::Unavailable;
use domain::time::Instant;

/// The text of an event as a step of the journey.
pub(super) fn step_text(recorded: &Recorded) -> (String, String, Picture) {
    let until = |due: Option<Instant>| due.map(|due| duration(due.seconds_since(recorded.at)));
    let (title, words, picture) = match &recorded.event {
        Event::NewOrder(event) => started(event.channel()),
        Event::TokenReturned(_) => {
            ("Given back", "The drink this code would have given is there for others.".into(), Picture::Scan)
        }
        Event::WorkflowStarted(event) => {
            let time = until(event.due).map(|time| format!(", with {time} to choose")).unwrap_or_default();
            ("At the menu", format!("A place was kept{time}."), Picture::Menu)
        }
        Event::WaitExtended(event) => {
            let time = until(Some(event.due)).unwrap_or_default();
            ("More time", format!("From here on there were {time} to choose."), Picture::Clock)
        }
        Event::OrderSubmitted(event) => ("Chosen", format!("{}.", event.chosen.description()), Picture::Cup),
        Event::OrderEdited(event) => ("Chosen anew", format!("{} instead.", event.chosen.description()), Picture::Cup),
        Event::NumberGiven(event) => {
            ("A number", format!("The order is number {} of its day.", event.number), Picture::Ticket)
        }
        Event::WaitingCompletion(event) => (
            "In the queue",
            format!("Number {} waits for the bar and is on every screen.", event.number),
            Picture::Queue,
        ),
        Event::OrderPostponed(_) => ("Others first", "All who waited were let go first.".into(), Picture::Queue),
        Event::OrderClaimed(_) => ("Being made", "A barista has taken it in hand.".into(), Picture::Making),
        Event::OrderReleased(_) => ("Back in the queue", "It was put back for another barista.".into(), Picture::Queue),
        Event::OrderCompleted(_) => ("Ready", "The drink stands on the bar.".into(), Picture::Ready),
        Event::GuestReminded(_) => ("Called again", "The number was called once more.".into(), Picture::Bell),
        Event::OrderSetAside(_) => {
            ("Set aside", "Nobody had come yet: it stands where it is out of the way.".into(), Picture::Aside)
        }
        Event::OrderCollected(_) => ("Collected", "The cup is in the right hand.".into(), Picture::Collected),
        Event::OrderCancelled(event) => cancelled(event.by, event.reason),
        Event::OrderRecalled(event) => recalled(event),
        Event::OrderTimedOut(event) => timed_out(event.cause),
        Event::OrderExpired(_) => ("Not collected", "Nobody came for it in time.".into(), Picture::Cold),
        Event::ShopUnavailable(event) => {
            ("Could not begin", format!("{}.", capitalize(unavailable_reason(event.reason))), Picture::Closed)
        }
        Event::OrderFinished(event) => finished(event.outcome),
        // Events of the shop and of extensions have no order today. One that has an order is listed by its name.
        other => (other.kind(), "It happened, and has no words here yet.".into(), Picture::Clock),
    };
    (title.to_owned(), words, picture)
}

/// Title, sentence and picture of a step.
type StepText = (&'static str, String, Picture);

fn started(channel: Channel) -> StepText {
    match channel {
        Channel::Web => ("Scanned", "The code above the bar was scanned, and the order began.".into(), Picture::Scan),
        Channel::Robot => ("A robot came", "A robot began the order, by the door of its own.".into(), Picture::Menu),
        Channel::WalkIn => ("At the bar", "Somebody came to the bar, and the order began there.".into(), Picture::Menu),
    }
}

fn cancelled(by: CancelledBy, reason: Option<CancelReason>) -> StepText {
    match by {
        CancelledBy::Guest => ("Cancelled", "The guest took it back.".into(), Picture::Cancelled),
        CancelledBy::Bar => {
            let reason = cancel_reason(reason).map(|reason| format!(": {reason}")).unwrap_or_default();
            ("Cancelled by the bar", format!("The bar had to take it back{reason}."), Picture::CalledOff)
        }
    }
}

fn recalled(event: &OrderRecalled) -> StepText {
    let words = match (event.from, event.to) {
        (Step::Cancelled, Step::Making) => "It was wanted after all: it is being made again.",
        (Step::Cancelled, Step::Ready) => "It was wanted after all, and still stands there.",
        (Step::Cancelled, _) => "It was wanted after all: it is back in the queue.",
        _ => "It was called ready too early: it is still being made.",
    };
    ("Taken back", words.into(), Picture::Recalled)
}

fn timed_out(cause: TimeoutCause) -> StepText {
    match cause {
        TimeoutCause::Customer => {
            ("Time was over", "Nothing was chosen in time: the place went to somebody else.".into(), Picture::TimedOut)
        }
        TimeoutCause::Barista => {
            ("It took too long", "The bar did not get to it in time. Sorry!".into(), Picture::Late)
        }
    }
}

fn finished(outcome: Step) -> StepText {
    let words = match outcome {
        Step::Collected => "Nothing is left to do but to enjoy it.",
        Step::Cancelled => "The time to think again is over.",
        _ => "Nothing more happens to it.",
    };
    ("The end", words.into(), Picture::Finished)
}

/// Text of a cancel reason; `None` without a specific reason.
pub(super) fn cancel_reason(reason: Option<CancelReason>) -> Option<&'static str> {
    Some(match reason? {
        CancelReason::SoldOut => "something ran out",
        CancelReason::Broken => "a machine was broken",
        CancelReason::Mistake => "it was ordered by mistake",
        CancelReason::Closing => "it was about to close",
        CancelReason::NotCollected => "nobody came for it",
        CancelReason::Stopped => "all orders were stopped",
        CancelReason::Other => return None,
    })
}

/// Text of the reason for which a start was turned away.
pub(super) fn unavailable_reason(reason: Unavailable) -> &'static str {
    match reason {
        Unavailable::Closed => "the shop was closed",
        Unavailable::Paused => "the bar was on a break",
        Unavailable::Full => "all places at the bar were taken",
        Unavailable::Limit => "the day’s drinks for one guest had been had",
        Unavailable::NotStarted => "the first day had not come",
        Unavailable::Ended => "the last day was over",
    }
}

/// Formats a duration: `48 s`, `4 min 10 s`, `1 h 5 min`, with no-break spaces.
pub(super) fn duration(seconds: u32) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}\u{a0}s"),
        (0, minutes, 0) => format!("{minutes}\u{a0}min"),
        (0, minutes, seconds) => format!("{minutes}\u{a0}min\u{a0}{seconds}\u{a0}s"),
        (hours, 0, _) => format!("{hours}\u{a0}h"),
        (hours, minutes, _) => format!("{hours}\u{a0}h\u{a0}{minutes}\u{a0}min"),
    }
}

/// Converts the first letter to upper case.
fn capitalize(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

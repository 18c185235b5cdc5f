//! English: the words of `OrderJourney`.

use domain::event::{Event, OrderRecalled, Recorded};
use domain::extension::DESCRIPTION;
use domain::order::{CancelReason, CancelledBy, Channel, Step, TimeoutCause};
use domain::refusal::Unavailable;
use domain::time::Instant;

use super::JourneyText;
use crate::duration;
use crate::order_journey::lead::{Lead, LeadState};

pub(super) fn label(key: &str) -> Option<&'static str> {
    match key {
        DESCRIPTION => Some("Tells what happened to an order, event by event, on a page that its guest can pass on."),
        // Early events have the label itself in place of its key.
        "journey" | "Journey" => Some("Journey"),
        _ => None,
    }
}

pub(super) fn text(text: JourneyText<'_>) -> String {
    match text {
        JourneyText::Title { number: None } => "Journey of an order".to_owned(),
        JourneyText::Title { number: Some(number) } => format!("Journey of order {number}"),
        JourneyText::Lead(facts) => lead(facts),
        JourneyText::StepTitle(recorded) => step_title(&recorded.event).to_owned(),
        JourneyText::StepWords(recorded) => step_words(recorded),
    }
}

fn lead(Lead { drink, state }: &Lead) -> String {
    let drink = drink.as_deref().unwrap_or("An order");
    let took = |seconds: &u32| duration(*seconds);
    match state {
        LeadState::Choosing { seconds } => format!("A drink is being chosen, {} after the beginning.", took(seconds)),
        LeadState::Waiting { seconds } => format!("{drink}, in the queue {} after the beginning.", took(seconds)),
        LeadState::Making { seconds } => format!("{drink}, being made {} after the beginning.", took(seconds)),
        LeadState::Ready { seconds } => format!("{drink}, ready {} after the beginning.", took(seconds)),
        LeadState::Collected { ready, seconds } => {
            let ready = ready.map(|ready| format!("ready after {} and ", duration(ready))).unwrap_or_default();
            format!("{drink}, {ready}collected after {}.", took(seconds))
        }
        LeadState::CancelledByBar { seconds, reason } => {
            format!("{drink}, cancelled by the bar after {}{}.", took(seconds), because(*reason))
        }
        LeadState::CancelledByGuest { seconds } => format!("{drink}, cancelled by the guest after {}.", took(seconds)),
        LeadState::NotMade { seconds } => format!("{drink}, not made within {}. Sorry!", took(seconds)),
        LeadState::NotChosen { seconds } => format!("Nothing was chosen within {}.", took(seconds)),
        LeadState::NotCollected { seconds } => {
            format!("{drink}, made and never collected: over after {}.", took(seconds))
        }
        LeadState::TurnedAway { reason } => {
            let reason = reason.map_or("the shop could not take it", unavailable_reason);
            format!("It could not begin: {reason}.")
        }
    }
}

fn step_title(event: &Event) -> &str {
    match event {
        Event::NewOrder(event) => match event.channel() {
            Channel::Web => "Scanned",
            Channel::Robot => "A robot came",
            Channel::WalkIn => "At the bar",
        },
        Event::TokenReturned(_) => "Given back",
        Event::WorkflowStarted(_) => "At the menu",
        Event::WaitExtended(_) => "More time",
        Event::OrderSubmitted(_) => "Chosen",
        Event::OrderEdited(_) => "Chosen anew",
        Event::NumberGiven(_) => "A number",
        Event::WaitingCompletion(_) => "In the queue",
        Event::OrderPostponed(_) => "Others first",
        Event::OrderClaimed(_) => "Being made",
        Event::OrderReleased(_) => "Back in the queue",
        Event::OrderCompleted(_) => "Ready",
        Event::GuestReminded(_) => "Called again",
        Event::OrderSetAside(_) => "Set aside",
        Event::OrderCollected(_) => "Collected",
        Event::OrderCancelled(event) => match event.by {
            CancelledBy::Guest => "Cancelled",
            CancelledBy::Bar => "Cancelled by the bar",
        },
        Event::OrderRecalled(_) => "Taken back",
        Event::OrderTimedOut(event) => match event.cause {
            TimeoutCause::Customer => "Time was over",
            TimeoutCause::Barista => "It took too long",
        },
        Event::OrderExpired(_) => "Not collected",
        Event::ShopUnavailable(_) => "Could not begin",
        Event::OrderFinished(_) => "The end",
        // Events of the shop and of extensions have no order today. One that has an order is listed by its name.
        other => other.kind(),
    }
}

fn step_words(recorded: &Recorded) -> String {
    let until = |due: Instant| duration(due.seconds_since(recorded.at));
    match &recorded.event {
        Event::NewOrder(event) => match event.channel() {
            Channel::Web => "The code above the bar was scanned, and the order began.".to_owned(),
            Channel::Robot => "A robot began the order, by the door of its own.".to_owned(),
            Channel::WalkIn => "Somebody came to the bar, and the order began there.".to_owned(),
        },
        Event::TokenReturned(_) => "The drink this code would have given is there for others.".to_owned(),
        Event::WorkflowStarted(event) => {
            let time = event.due.map(|due| format!(", with {} to choose", until(due))).unwrap_or_default();
            format!("A place was kept{time}.")
        }
        Event::WaitExtended(event) => format!("From here on there were {} to choose.", until(event.due)),
        Event::OrderSubmitted(event) => format!("{}.", event.chosen.description()),
        Event::OrderEdited(event) => format!("{} instead.", event.chosen.description()),
        Event::NumberGiven(event) => format!("The order is number {} of its day.", event.number),
        Event::WaitingCompletion(event) => {
            format!("Number {} waits for the bar and is on every screen.", event.number)
        }
        Event::OrderPostponed(_) => "All who waited were let go first.".to_owned(),
        Event::OrderClaimed(_) => "A barista has taken it in hand.".to_owned(),
        Event::OrderReleased(_) => "It was put back for another barista.".to_owned(),
        Event::OrderCompleted(_) => "The drink stands on the bar.".to_owned(),
        Event::GuestReminded(_) => "The number was called once more.".to_owned(),
        Event::OrderSetAside(_) => "Nobody had come yet: it stands where it is out of the way.".to_owned(),
        Event::OrderCollected(_) => "The cup is in the right hand.".to_owned(),
        Event::OrderCancelled(event) => match event.by {
            CancelledBy::Guest => "The guest took it back.".to_owned(),
            CancelledBy::Bar => format!("The bar had to take it back{}.", because(event.reason)),
        },
        Event::OrderRecalled(event) => recalled(event).to_owned(),
        Event::OrderTimedOut(event) => match event.cause {
            TimeoutCause::Customer => "Nothing was chosen in time: the place went to somebody else.".to_owned(),
            TimeoutCause::Barista => "The bar did not get to it in time. Sorry!".to_owned(),
        },
        Event::OrderExpired(_) => "Nobody came for it in time.".to_owned(),
        Event::ShopUnavailable(event) => format!("{}.", capitalize(unavailable_reason(event.reason))),
        Event::OrderFinished(event) => match event.outcome {
            Step::Collected => "Nothing is left to do but to enjoy it.".to_owned(),
            Step::Cancelled => "The time to think again is over.".to_owned(),
            _ => "Nothing more happens to it.".to_owned(),
        },
        _ => "It happened, and has no words here yet.".to_owned(),
    }
}

fn recalled(event: &OrderRecalled) -> &'static str {
    match (event.from, event.to) {
        (Step::Cancelled, Step::Making) => "It was wanted after all: it is being made again.",
        (Step::Cancelled, Step::Ready) => "It was wanted after all, and still stands there.",
        (Step::Cancelled, _) => "It was wanted after all: it is back in the queue.",
        _ => "It was called ready too early: it is still being made.",
    }
}

/// The reason of a cancellation; empty if the log has none.
fn because(reason: Option<CancelReason>) -> &'static str {
    match reason {
        Some(CancelReason::SoldOut) => ": something ran out",
        Some(CancelReason::Broken) => ": a machine was broken",
        Some(CancelReason::Mistake) => ": it was ordered by mistake",
        Some(CancelReason::Closing) => ": it was about to close",
        Some(CancelReason::NotCollected) => ": nobody came for it",
        Some(CancelReason::Stopped) => ": all orders were stopped",
        Some(CancelReason::Other) => " for another reason",
        None => "",
    }
}

fn unavailable_reason(reason: Unavailable) -> &'static str {
    match reason {
        Unavailable::Closed => "the shop was closed",
        Unavailable::Paused => "the bar was on a break",
        Unavailable::Full => "all places at the bar were taken",
        Unavailable::Limit => "the day’s drinks for one guest had been had",
        Unavailable::NotStarted => "the first day had not come",
        Unavailable::Ended => "the last day was over",
    }
}

/// Converts the first letter to upper case.
fn capitalize(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

//! Pictures of the steps of a journey.

use domain::event::Event;
use domain::extension::sheet::Picture;
use domain::order::{CancelledBy, Channel, TimeoutCause};

/// The picture of an event.
pub(super) fn of_event(event: &Event) -> Picture {
    match event {
        Event::NewOrder(event) => match event.channel() {
            Channel::Web => Picture::Scan,
            Channel::Robot | Channel::WalkIn => Picture::Menu,
        },
        Event::TokenReturned(_) => Picture::Scan,
        Event::WorkflowStarted(_) => Picture::Menu,
        Event::OrderSubmitted(_) | Event::OrderEdited(_) => Picture::Cup,
        Event::NumberGiven(_) => Picture::Ticket,
        Event::WaitingCompletion(_) | Event::OrderPostponed(_) | Event::OrderReleased(_) => Picture::Queue,
        Event::OrderClaimed(_) => Picture::Making,
        Event::OrderCompleted(_) => Picture::Ready,
        Event::GuestReminded(_) => Picture::Bell,
        Event::OrderSetAside(_) => Picture::Aside,
        Event::OrderCollected(_) => Picture::Collected,
        Event::OrderCancelled(event) => match event.by {
            CancelledBy::Guest => Picture::Cancelled,
            CancelledBy::Bar => Picture::CalledOff,
        },
        Event::OrderRecalled(_) => Picture::Recalled,
        Event::OrderTimedOut(event) => match event.cause {
            TimeoutCause::Customer => Picture::TimedOut,
            TimeoutCause::Barista => Picture::Late,
        },
        Event::OrderExpired(_) => Picture::Cold,
        Event::ShopUnavailable(_) => Picture::Closed,
        Event::OrderFinished(_) => Picture::Finished,
        _ => Picture::Clock,
    }
}

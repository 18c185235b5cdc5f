//! English: the words of problem documents.

use super::static_pages::weekday;
use domain::hours::HoursFlaw;
use domain::menu::change::MenuFlaw;
use domain::order::Step;
use domain::refusal::Refusal;
use protocol::problem::{Kind, ProblemFacts, RequestError};

/// The title, without a full stop.
pub(in crate::words) fn title(error: &RequestError) -> String {
    match &error.facts {
        Some(ProblemFacts::Refusal(Refusal::SoldOut { what })) => format!("{what} is sold out"),
        Some(ProblemFacts::Refusal(Refusal::MenuChanged { what })) => format!("{what} has changed on the menu"),
        Some(ProblemFacts::Refusal(Refusal::IllegalStep { step })) => past_step(*step).to_owned(),
        Some(ProblemFacts::LimitReached { orders }) => format!("That was your {} today", drinks(*orders)),
        _ => kind(error.kind).0.to_owned(),
    }
}

/// The detail of a problem: its cause in this case, or else advice for the person.
pub(in crate::words) fn detail(error: &RequestError) -> String {
    let detail = match &error.facts {
        Some(ProblemFacts::Refusal(refusal)) => refusal_detail(refusal),
        Some(ProblemFacts::FreeWithin { seconds }) => Some(free_within(seconds.div_ceil(60))),
        Some(ProblemFacts::Paused { reason, .. }) if !reason.is_empty() => {
            Some(format!("{reason}. We go on as soon as we can."))
        }
        Some(ProblemFacts::OpensAt(at)) => {
            Some(format!("We open on {} at {}:{:02}.", weekday(at.weekday), at.hour, at.minute))
        }
        Some(ProblemFacts::Paused { .. } | ProblemFacts::LimitReached { .. } | ProblemFacts::Malformed(_)) | None => {
            None
        }
    };
    detail.unwrap_or_else(|| kind(error.kind).1.to_owned())
}

fn refusal_detail(refusal: &Refusal) -> Option<String> {
    Some(match refusal {
        Refusal::OptionCountOutOfRange { group, least, most } if least == most => {
            format!("of {group} {least} must be taken.")
        }
        Refusal::OptionCountOutOfRange { group, least, most } => format!("of {group} {least} to {most} must be taken."),
        Refusal::LimitOutOfRange { name, least, most } => format!("{name} must be {least} to {most}."),
        Refusal::InvalidMenu { what, flaw } => format!("{what}: {}.", menu_flaw(*flaw)),
        Refusal::InvalidHours(flaw) => format!("{}.", hours_flaw(*flaw)),
        _ => return None,
    })
}

fn free_within(minutes: u32) -> String {
    format!("All places are taken. The next one comes free within {minutes} min, often sooner.")
}

/// The state of an order that is past the step that a command needs.
fn past_step(step: Step) -> &'static str {
    match step {
        Step::Choosing => "The drink is not chosen yet",
        Step::Waiting => "The drink is in the queue",
        Step::Making => "The drink is being made already",
        Step::Ready => "The drink is ready already",
        Step::Collected => "The drink has been collected already",
        Step::Cancelled => "The order is cancelled already",
        Step::TimedOut | Step::Expired | Step::Unavailable => "The order is over already",
    }
}

/// The last of a day's drinks: "3rd drink".
fn drinks(orders: u32) -> String {
    let ending = match (orders % 10, orders % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{orders}{ending} drink")
}

fn menu_flaw(flaw: MenuFlaw) -> &'static str {
    match flaw {
        MenuFlaw::NotFound => "there is nothing of that id",
        MenuFlaw::IdWrong => "an id is 1 to 40 of a–z, 0–9 and -",
        MenuFlaw::IdTwice => "that id is taken",
        MenuFlaw::NameWrong => "a name is 1 to 40 characters on one line",
        MenuFlaw::GroupWrong => "each of its groups must be there, once",
        MenuFlaw::GroupInUse => "a drink still has that group",
        MenuFlaw::OptionsMissing => "a group needs options",
        MenuFlaw::CountsWrong => "it must take one or more, and have as many as it asks for",
        MenuFlaw::PresetsWrong => "more is preset than may be taken",
        MenuFlaw::CurrencyWrong => "a currency is three capital letters, and prices need one",
        MenuFlaw::NumberWrong => "prices go to 1000000 and times to 3600 seconds",
        MenuFlaw::TooMany => "that is more than a menu holds",
    }
}

fn hours_flaw(flaw: HoursFlaw) -> &'static str {
    match flaw {
        HoursFlaw::ZoneUnknown => "the zone must be an IANA name, as Europe/Berlin",
        HoursFlaw::WeekWrong => "an opening takes time, and there are at most 50 in a week",
        HoursFlaw::LastOrdersWrong => "last orders are called 0 to 240 minutes before closing",
        HoursFlaw::DaysWrong => "the last day must not lie before the first",
    }
}

/// Title and advice of a kind.
#[expect(clippy::too_many_lines, reason = "a table")]
fn kind(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::CodeUnknown => ("That code is not right", "Type it again, or scan the code on the screen above the bar."),
        Kind::CodeOver => ("This code is no longer good", "A new one is on the screen above the bar: scan again."),
        Kind::CodeUsedUp => ("All taken for now", "Scan the next code when it is on the screen above the bar."),
        Kind::ShopClosed => ("The shop has closed meanwhile", "Your choice is kept here: order when it opens again."),
        Kind::UnavailableClosed => ("The shop is closed", "Come back when the screen shows a code."),
        Kind::UnavailablePaused => ("We take a short break", "We are back in a moment."),
        Kind::UnavailableFull => ("We are busy", "All places are taken. One comes free as soon as a drink is made."),
        Kind::UnavailableLimit => (
            "You have had your drinks for today",
            "That is the most for one phone. Come back tomorrow, or ask at the bar.",
        ),
        Kind::UnavailableNotStarted => {
            ("The bar has not opened yet", "Come back on its first day; the screen above the bar shows a code then.")
        }
        Kind::UnavailableEnded => ("The bar is over", "Its last day has passed. Thank you for coming."),
        Kind::NotOnTheMenu => ("That is not on the menu", "Choose again from the menu."),
        Kind::SoldOut => ("That is sold out", "Choose something else; your place is kept."),
        Kind::MenuChanged => ("The menu has changed", "Look at the menu again before you order: your place is kept."),
        Kind::CountWrong => ("That is too many or too few", "See the detail for how many of the group are taken."),
        Kind::OrderUnknown => ("There is no such order", "Scan the code on the screen to begin a new one."),
        Kind::OrderAnothers => ("This order is somebody else's", "Only whoever began it can change it."),
        Kind::StepIllegal => ("The order is past that step", "So this cannot be done any more."),
        Kind::OrderMovedOn => ("Somebody was quicker", "Look at where the order stands now and try again."),
        Kind::ReasonMissing => {
            ("The guest is told why", "Give a reason: sold_out, broken, mistake, closing, not_collected or other.")
        }
        Kind::AlreadyExtended => ("You have had more time already", "Choose now, or scan again for a new place."),
        Kind::NotDue => ("There is still time", "Nothing has to be done."),
        Kind::LimitOutOfRange => {
            ("That limit is out of its range", "See the detail for the least and the most it may be.")
        }
        Kind::SettingChanged => (
            "Somebody else has changed this meanwhile",
            "Nothing was saved. Look at what it is now, and save again what you want it to be.",
        ),
        Kind::MenuWrong => ("Invalid menu", "See the detail for what is wrong with it."),
        Kind::HoursWrong => ("Invalid opening hours", "See the detail for what is wrong with them."),
        Kind::SlowDown => ("That was quick", "Wait a little before you try again."),
        Kind::ShopExists => ("The shop exists already", "Choose another name."),
        Kind::ShopUnknown => {
            ("There is no such shop", "Check the address, or scan the code on the screen above the bar.")
        }
        Kind::SchemaUnpublished => {
            ("This schema is not published yet", "Its address in the events is right and will stay the same.")
        }
        Kind::PageUnknown => ("This page does not exist", "Check the address."),
        Kind::SignedOut => (
            "This page is for the people behind the bar",
            "Whoever runs the bar makes a link for this device: crema link.",
        ),
        Kind::DeviceUnknown => (
            "We do not know this phone yet",
            "Scan the code on the screen above the bar; cookies must be allowed for this site.",
        ),
        Kind::TokenInvalid => ("Invalid or revoked token", "Create a new one: crema token."),
        Kind::RoleNotAllowed => ("Your role does not include that", "Ask somebody whose role does."),
        Kind::ForeignPost => ("The request came from another site", "Go back to our page and press the button there."),
        Kind::IdempotencyKeyReused => {
            ("Idempotency key reused for a different request", "Send the new request with a new idempotency key.")
        }
        Kind::LinkUnknown => ("This link does not exist", "Ask for a new one: crema link."),
        Kind::LinkUsed => ("This link has been used", "Each link works once. Ask for a new one: crema link."),
        Kind::LinkOver => ("This link is too old", "Links work for ten minutes. Ask for a new one: crema link."),
        Kind::Malformed => ("The request cannot be read", "See the detail for what is missing or misspelt."),
        Kind::MethodWrong => ("Method not allowed", "See the Allow header."),
        Kind::BodyTooLarge => ("The request is too large", "Send at most 64 KB."),
        Kind::BodyLate => ("The request did not arrive in time", "Check the connection and send it again."),
        Kind::Busy => ("The shop cannot keep up for a moment", "Try again in a few seconds; nothing was changed."),
        Kind::Broken => ("Something is broken on our side", "Try again; if it stays, tell the people behind the bar."),
    }
}

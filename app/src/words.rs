//! Texts that code composes. English only.

use domain::event::Fact;
use domain::menu::Allergen;
#[cfg(feature = "ssr")]
use domain::order::TimeoutCause;
use domain::order::{CancelReason, CancelledBy, Step};
use domain::view::Paused;
use domain::view::ordering::GuestOrder;
#[cfg(feature = "ssr")]
use domain::view::record::Record;

use protocol::frame::Pinned;

#[cfg(feature = "ssr")]
pub mod problems;

/// Formats an age: "now", "4 min", "1 h 5 min".
pub fn age(seconds: u32) -> String {
    match seconds / 60 {
        0 => "now".to_owned(),
        minutes @ 1..60 => format!("{minutes} min"),
        minutes => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

/// Formats a countdown: "3:12".
pub fn countdown(seconds: u32) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Formats an estimated duration: "under a minute", "about 4 min".
pub fn estimated_duration(seconds: u32) -> String {
    match seconds {
        0..60 => "under a minute".to_owned(),
        3570.. => "about an hour or more".to_owned(),
        seconds => format!("about {} min", (seconds + 30) / 60),
    }
}

/// Formats the value of a pin; empty if it has none. The unit `s` is shown as a duration.
pub fn pin_value(pin: &Pinned) -> String {
    match (&pin.value, pin.unit.as_deref()) {
        (None, _) => String::new(),
        (Some(Fact::Number(seconds)), Some("s")) => estimated_duration(u32::try_from(*seconds).unwrap_or_default()),
        (Some(Fact::Number(number)), None) => number.to_string(),
        (Some(Fact::Number(number)), Some(unit)) => format!("{number} {unit}"),
        (Some(Fact::Bool(is_so)), _) => if *is_so { "yes" } else { "no" }.to_owned(),
        (Some(Fact::Text(text)), _) => text.clone(),
    }
}

/// Formats the number of drinks before a guest's own.
pub fn drinks_ahead(drinks: usize) -> String {
    match drinks {
        0 => "You are next.".to_owned(),
        1 => "1 drink ahead of you.".to_owned(),
        drinks => format!("{drinks} drinks ahead of you."),
    }
}

/// Formats the allergen notice: "Contains milk and gluten."
pub fn allergen_notice(allergens: &[Allergen]) -> String {
    match allergens {
        [] => "Contains none of the allergens we have to name.".to_owned(),
        some => format!("Contains {}.", allergen_list(some)),
    }
}

/// Joins allergens: "gluten, milk and nuts".
pub fn allergen_list(allergens: &[Allergen]) -> String {
    let mut text = String::new();
    for (n, allergen) in allergens.iter().enumerate() {
        text.push_str(match allergens.len() - n {
            _ if n == 0 => "",
            1 => " and ",
            _ => ", ",
        });
        text.push_str(self::allergen(*allergen));
    }
    text
}

/// The name of an allergen in a sentence.
pub fn allergen(allergen: Allergen) -> &'static str {
    match allergen {
        Allergen::Gluten => "gluten",
        Allergen::Crustaceans => "crustaceans",
        Allergen::Eggs => "eggs",
        Allergen::Fish => "fish",
        Allergen::Peanuts => "peanuts",
        Allergen::Soybeans => "soya",
        Allergen::Milk => "milk",
        Allergen::Nuts => "nuts",
        Allergen::Celery => "celery",
        Allergen::Mustard => "mustard",
        Allergen::Sesame => "sesame",
        Allergen::Sulphites => "sulphites",
        Allergen::Lupin => "lupin",
        Allergen::Molluscs => "molluscs",
    }
}

/// Formats a price in minor units: "3.80 EUR"; `None` if it is 0. ISO 4217 gives most currencies two decimals and the
/// listed ones none.
pub fn price(minor: u32, currency: &str) -> Option<String> {
    match (minor, currency) {
        (0, _) => None,
        (_, "JPY" | "KRW" | "ISK" | "CLP" | "VND") => Some(format!("{minor} {currency}")),
        _ => Some(format!("{}.{:02} {currency}", minor / 100, minor % 100)),
    }
}

/// Label of a cancellation reason in the barista's form.
pub fn cancel_reason(reason: CancelReason) -> &'static str {
    match reason {
        CancelReason::SoldOut => "something ran out",
        CancelReason::Broken => "a machine is broken",
        CancelReason::Mistake => "it was a mistake",
        CancelReason::Closing => "we are closing",
        CancelReason::NotCollected => "nobody came for it",
        CancelReason::Stopped => "all orders were stopped",
        CancelReason::Other => "another reason",
    }
}

/// The notice of a pause: its reason, or a default sentence.
pub fn pause_notice(paused: &Paused) -> String {
    if paused.reason.is_empty() { "We are back in a moment.".to_owned() } else { format!("{}.", paused.reason) }
}

/// The status of a guest's order as a sentence.
pub fn order_status(mine: &GuestOrder) -> String {
    let drink = mine.chosen.as_ref().map_or("drink", |chosen| chosen.name.as_str());
    let lower = lowercase(drink);
    match mine.step {
        Step::Choosing => "What would you like?".to_owned(),
        Step::Waiting => format!("Your {lower} is in the queue."),
        Step::Making => format!("Your {lower} is being made."),
        Step::Ready => format!("Your {lower} is ready. Come and get it!"),
        Step::Collected => format!("Enjoy your {lower}!"),
        Step::Cancelled => match mine.reason {
            Some(CancelReason::SoldOut) => format!("We ran out of something for your {lower}. Sorry!"),
            _ if mine.cancelled_by == Some(CancelledBy::Bar) => "The bar had to cancel your order. Sorry!".to_owned(),
            _ => "Your order is cancelled.".to_owned(),
        },
        Step::TimedOut if mine.chosen.is_some() => "The bar did not get to your drink. Sorry!".to_owned(),
        Step::TimedOut => "Your time to choose is over.".to_owned(),
        Step::Expired => format!("Your {lower} was not collected."),
        Step::Unavailable => "Your order could not begin.".to_owned(),
    }
}

/// The status or outcome of a past order in a few words.
#[cfg(feature = "ssr")]
pub fn record_status(record: &Record) -> &'static str {
    match record.step {
        Step::Choosing => "Being chosen",
        Step::Waiting => "In the queue",
        Step::Making => "Being made",
        Step::Ready => "Ready: come and get it",
        Step::Collected => "Collected",
        Step::Cancelled if record.cancelled_by == Some(CancelledBy::Bar) => "Cancelled by the bar",
        Step::Cancelled => "Cancelled",
        Step::TimedOut if record.cause == Some(TimeoutCause::Barista) => "The bar did not get to it",
        Step::TimedOut => "Not chosen in time",
        Step::Expired => "Not collected",
        Step::Unavailable => "Could not begin",
    }
}

/// Lowercases a drink's name for use within a sentence. ASCII only: the Unicode tables would add kilobytes.
pub fn lowercase(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// Advice on what the guest can do at this step, if anything.
pub fn advice(step: Step) -> Option<&'static str> {
    match step {
        Step::Choosing | Step::Waiting | Step::Making => None,
        Step::Ready => Some("Your number is on the screen above the bar."),
        Step::Expired => Some("Ask at the bar: it may still stand there."),
        Step::Collected | Step::Cancelled | Step::TimedOut => {
            Some("For another drink, scan the code on the screen above the bar.")
        }
        Step::Unavailable => Some("Come back when the screen above the bar shows a code."),
    }
}

/// Heading while the bar is paused.
pub const PAUSED_HEADING: &str = "A short break";

/// Title and detail shown when a command's request fails.
pub const UNREACHABLE: (&str, &str) =
    ("We could not reach the bar", "Check your connection and press the button again: nothing is ordered twice.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_minutes_and_hours() {
        for (seconds, words) in [(0, "now"), (59, "now"), (60, "1 min"), (3599, "59 min"), (3900, "1 h 5 min")] {
            assert_eq!(age(seconds), words);
        }
    }

    #[test]
    fn waits_are_rounded_to_their_precision() {
        let short = [(0, "under a minute"), (59, "under a minute"), (60, "about 1 min"), (89, "about 1 min")];
        let longer = [(90, "about 2 min"), (240, "about 4 min"), (3569, "about 59 min")];
        for (seconds, words) in short.into_iter().chain(longer).chain([(3570, "about an hour or more")]) {
            assert_eq!(estimated_duration(seconds), words);
        }
    }

    #[test]
    fn a_pinned_value_is_formatted_by_its_unit() {
        let pin = |value, unit: Option<&str>| Pinned {
            label: String::new(),
            value,
            unit: unit.map(str::to_owned),
            until: None,
            link: None,
        };
        for (value, unit, words) in [
            (Some(Fact::Number(125)), Some("s"), "about 2 min"),
            (Some(Fact::Number(-5)), Some("s"), "under a minute"),
            (Some(Fact::Number(125)), None, "125"),
            (Some(Fact::Number(125)), Some("cups"), "125 cups"),
            (Some(Fact::Bool(true)), None, "yes"),
            (Some(Fact::Text("soon".to_owned())), Some("s"), "soon"),
            (None, Some("s"), ""),
        ] {
            assert_eq!(pin_value(&pin(value, unit)), words);
        }
    }

    #[test]
    fn a_countdown_keeps_two_digits_of_seconds() {
        assert_eq!([countdown(0), countdown(9), countdown(192)], ["0:00", "0:09", "3:12"]);
    }

    #[test]
    fn a_price_has_its_currencys_decimals() {
        assert_eq!([price(380, "EUR"), price(5, "USD")], [Some("3.80 EUR".to_owned()), Some("0.05 USD".to_owned())]);
        assert_eq!([price(400, "JPY"), price(0, "EUR")], [Some("400 JPY".to_owned()), None]);
    }

    #[test]
    fn allergens_have_plain_names() {
        let words =
            "gluten crustaceans eggs fish peanuts soya milk nuts celery mustard sesame sulphites lupin molluscs";
        assert_eq!(Allergen::ALL.map(allergen).join(" "), words);
    }

    #[test]
    fn allergens_are_a_sentence() {
        assert_eq!(allergen_notice(&[Allergen::Milk]), "Contains milk.");
        assert_eq!(
            allergen_notice(&[Allergen::Gluten, Allergen::Milk, Allergen::Nuts]),
            "Contains gluten, milk and nuts."
        );
    }
}

//! Formats of ages, durations, prices, statuses and pinned values. The words in them come from the tables.

use domain::event::Fact;
#[cfg(feature = "ssr")]
use domain::hours::LocalDateTime;
#[cfg(feature = "ssr")]
use domain::order::TimeoutCause;
use domain::order::{CancelledBy, Step};
use domain::view::Paused;
use domain::view::ordering::GuestOrder;
#[cfg(feature = "ssr")]
use domain::view::record::Record;
use protocol::frame::Pinned;

use super::Words;

/// Formats a countdown: "3:12".
pub fn countdown(seconds: u32) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Formats a time of day: "10:42:07".
#[cfg(feature = "ssr")]
pub fn time_of_day(at: &LocalDateTime) -> String {
    format!("{:02}:{:02}:{:02}", at.hour, at.minute, at.second)
}

impl Words {
    /// Formats an age: "now", "4 min", "1 h 5 min".
    pub fn age(self, seconds: u32) -> String {
        match seconds / 60 {
            0 => self.shared().now().to_owned(),
            minutes @ 1..60 => self.shared().minutes(minutes),
            minutes => self.shared().hours_and_minutes(minutes / 60, minutes % 60),
        }
    }

    /// Formats an estimated duration: "under a minute", "about 4 min".
    pub fn estimated_duration(self, seconds: u32) -> String {
        match seconds {
            0..60 => self.shared().under_a_minute().to_owned(),
            3570.. => self.shared().about_an_hour().to_owned(),
            seconds => self.shared().about_minutes((seconds + 30) / 60),
        }
    }

    /// Formats the value of a pin; empty if it has none. The unit `s` is shown as a duration.
    pub fn pin_value(self, pin: &Pinned) -> String {
        match (&pin.value, pin.unit.as_deref()) {
            (None, _) => String::new(),
            (Some(Fact::Number(seconds)), Some("s")) => {
                self.estimated_duration(u32::try_from(*seconds).unwrap_or_default())
            }
            (Some(Fact::Number(number)), None) => number.to_string(),
            (Some(Fact::Number(number)), Some(unit)) => format!("{number} {unit}"),
            (Some(Fact::Bool(is_so)), _) => if *is_so { self.shared().yes() } else { self.shared().no() }.to_owned(),
            (Some(Fact::Text(text)), _) => text.clone(),
        }
    }

    /// Formats a price in minor units: "3.80 EUR"; `None` if it is 0. ISO 4217 gives most currencies two decimals and
    /// the listed ones none.
    pub fn price(self, minor: u32, currency: &str) -> Option<String> {
        let (units, cents) = match (minor, currency) {
            (0, _) => return None,
            (_, "JPY" | "KRW" | "ISK" | "CLP" | "VND") => (minor, None),
            _ => (minor / 100, Some(minor % 100)),
        };
        Some(self.shared().price(units, cents, currency))
    }

    /// The notice of a pause: its reason, or a default sentence.
    pub fn pause_notice(self, paused: &Paused) -> String {
        match paused.reason.as_str() {
            "" => self.shared().paused().to_owned(),
            reason => self.shared().paused_because(reason),
        }
    }

    /// The number of drinks before a guest's own.
    pub fn drinks_ahead(self, drinks: usize) -> String {
        match drinks {
            0 => self.ordering().you_are_next().to_owned(),
            drinks => self.ordering().drinks_ahead(drinks),
        }
    }

    /// The name of an order's drink, or the word for any.
    pub fn drink(self, mine: &GuestOrder) -> &str {
        mine.chosen.as_ref().map_or_else(|| self.ordering().drink(), |chosen| chosen.name.as_str())
    }

    /// The status of a guest's order as a sentence.
    pub fn order_status(self, mine: &GuestOrder) -> String {
        let texts = self.ordering();
        let drink = self.drink(mine);
        match mine.step {
            Step::Choosing => texts.what_would_you_like().to_owned(),
            Step::Waiting => texts.is_in_the_queue(drink),
            Step::Making => texts.is_being_made(drink),
            Step::Ready => match mine.called {
                // That the drink is ready was the first call.
                Some(called) => texts.is_called(called.times + 1, drink),
                None => texts.is_ready(drink),
            },
            Step::Collected => texts.enjoy(drink),
            Step::Cancelled => match mine.cancelled_by {
                Some(CancelledBy::Bar) => texts.cancelled_by_bar(mine.reason, drink),
                Some(CancelledBy::Guest) | None => texts.cancelled().to_owned(),
            },
            Step::TimedOut if mine.chosen.is_some() => texts.bar_was_late().to_owned(),
            Step::TimedOut => texts.time_is_over().to_owned(),
            Step::Expired => texts.not_collected(drink),
            Step::Unavailable => texts.could_not_begin().to_owned(),
        }
    }

    /// Advice on what the guest can do now; empty if there is nothing to do.
    pub fn advice(self, mine: &GuestOrder) -> String {
        let texts = self.ordering();
        match mine.step {
            Step::Choosing | Step::Waiting | Step::Making => "",
            Step::Ready if mine.aside => texts.stands_aside(),
            Step::Ready => return texts.collect(mine.number),
            Step::Expired => texts.ask_at_the_bar(),
            Step::Collected | Step::Cancelled | Step::TimedOut => texts.scan_again(),
            Step::Unavailable => texts.come_back(),
        }
        .to_owned()
    }
}

#[cfg(feature = "ssr")]
impl Words {
    /// The status or outcome of a past order in a few words.
    pub fn record_status(self, record: &Record) -> &'static str {
        let texts = self.pages();
        match record.step {
            Step::Choosing => texts.is_being_chosen(),
            Step::Waiting => texts.is_in_the_queue(),
            Step::Making => texts.is_being_made(),
            Step::Ready => texts.is_ready(),
            Step::Collected => texts.was_collected(),
            Step::Cancelled if record.cancelled_by == Some(CancelledBy::Bar) => {
                texts.was_cancelled_by_the_bar(record.reason)
            }
            Step::Cancelled => texts.was_cancelled(),
            Step::TimedOut if record.cause == Some(TimeoutCause::Barista) => texts.bar_was_late(),
            Step::TimedOut => texts.was_not_chosen_in_time(),
            Step::Expired => texts.was_not_collected(),
            Step::Unavailable => texts.could_not_begin(),
        }
    }
}

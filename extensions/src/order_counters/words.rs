//! The words of `OrderCounters`, one file a language.

use domain::language::Language;
use domain::time::Day;

mod english;

/// The guests whose orders a table counts.
#[derive(Clone, Copy)]
pub(super) enum CountedGroup {
    People,
    Robots,
}

/// A text of the pages, with its facts.
#[derive(Clone, Copy)]
pub(super) enum CounterText<'a> {
    OrdersOfDay(Day),
    DayLead {
        ordered: u32,
        made: u32,
    },
    WithRobots,
    WithoutRobots,
    AllDays,
    Days,
    DaysLead {
        days: usize,
    },
    LastDayFirst,
    Day,
    MadeForPeople,
    MadeForRobots,
    OrdersOf(CountedGroup),
    DrinksOf(CountedGroup),
    OptionsOf(CountedGroup),
    Orders,
    HowMany,
    Drink,
    Option,
    Ordered,
    Made,
    Started,
    Submitted,
    Collected,
    Cancelled,
    NotCollected,
    NotChosen,
    NotMade,
    /// The reason is an `Unavailable` by its name on the wire.
    TurnedAway {
        reason: &'a str,
    },
    /// Name of the row that further drinks or options share.
    Others,
}

/// The text in this language.
pub(super) fn text(language: Language, text: CounterText<'_>) -> String {
    language.present(match language {
        Language::English | Language::Pseudo => english::text(text),
    })
}

/// The label with this key.
pub(super) fn label(language: Language, key: &str) -> Option<&'static str> {
    match language {
        Language::English | Language::Pseudo => english::label(key),
    }
}

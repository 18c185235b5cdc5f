//! English: the words of `OrderCounters`.

use domain::extension::DESCRIPTION;

use super::{CountedGroup, CounterText};

pub(super) fn label(key: &str) -> Option<&'static str> {
    (key == DESCRIPTION).then_some("Counts the orders of each day, their ends, their drinks and their options.")
}

pub(super) fn text(text: CounterText<'_>) -> String {
    let text = match text {
        CounterText::OrdersOfDay(day) => return format!("Orders of {day}"),
        CounterText::DayLead { ordered, made } => return format!("Ordered by people: {ordered}. Made: {made}."),
        CounterText::DaysLead { days } => return format!("Orders came on {days} days."),
        CounterText::OrdersOf(group) => return format!("Orders of {}", name(group)),
        CounterText::DrinksOf(group) => return format!("Drinks of {}", name(group)),
        CounterText::OptionsOf(group) => return format!("Options of {}", name(group)),
        CounterText::TurnedAway { reason } => return format!("Turned away: {}", turned_away_reason(reason)),
        CounterText::WithRobots => "With robots",
        CounterText::WithoutRobots => "Without robots",
        CounterText::AllDays => "All days",
        CounterText::Days => "Days",
        CounterText::LastDayFirst => "The last day first",
        CounterText::Day => "Day",
        CounterText::MadeForPeople => "Made for people",
        CounterText::MadeForRobots => "Made for robots",
        CounterText::Orders => "Orders",
        CounterText::HowMany => "How many",
        CounterText::Drink => "Drink",
        CounterText::Option => "Option",
        CounterText::Ordered => "Ordered",
        CounterText::Made => "Made",
        CounterText::Started => "Started",
        CounterText::Submitted => "Submitted",
        CounterText::Collected => "Collected",
        CounterText::Cancelled => "Cancelled",
        CounterText::NotCollected => "Not collected",
        CounterText::NotChosen => "Not chosen in time",
        CounterText::NotMade => "Not made in time",
        CounterText::Others => "Others",
    };
    text.to_owned()
}

fn name(group: CountedGroup) -> &'static str {
    match group {
        CountedGroup::People => "people",
        CountedGroup::Robots => "robots",
    }
}

fn turned_away_reason(reason: &str) -> &str {
    match reason {
        "closed" => "the bar was closed",
        "paused" => "the bar had paused",
        "full" => "the bar was full",
        "limit" => "the guest had enough",
        "not_started" => "the first day had not come",
        "ended" => "the last day was over",
        other => other,
    }
}

//! Form input that differs from the domain's types: empty rows are dropped and text is trimmed.

use domain::hours::{CutOff, Hours, LocalTime, OpeningPeriod, Weekday};
use domain::menu::{Drink, Group, MenuOption};
use domain::sorted_map::SortedMap;
use domain::time::Day;
use serde::{Deserialize, Serialize};

use crate::problem::RequestError;

/// Opening hours as a form posts them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HoursForm {
    /// IANA time zone, as `Europe/Lisbon`.
    #[serde(default)]
    pub zone: String,
    /// Opening slots; rows without a day are empty.
    #[serde(default)]
    pub week: Vec<SlotForm>,
    /// Minutes before closing at which new orders stop.
    #[serde(default)]
    pub last_orders_minutes: u32,
    /// First day of the event, inclusive.
    #[serde(default)]
    pub first_day: Option<Day>,
    /// Last day of the event, inclusive.
    #[serde(default)]
    pub last_day: Option<Day>,
    /// Local time at which the shop day changes.
    #[serde(default)]
    pub cut_off: CutOff,
}

/// One opening slot of a week. A row without a day is empty.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlotForm {
    /// Day on which the slot begins.
    #[serde(default)]
    pub day: Option<Weekday>,
    /// Local opening time.
    #[serde(default)]
    pub from: Option<LocalTime>,
    /// Local closing time.
    #[serde(default)]
    pub to: Option<LocalTime>,
}

impl HoursForm {
    /// Converts the form into opening hours.
    ///
    /// # Errors
    /// `malformed` where a slot has a day without both times.
    pub fn into_hours(self) -> Result<Hours, RequestError> {
        let slots = self.week.into_iter().filter_map(|row| Some((row.day?, row.from, row.to)));
        let week = slots.map(|(day, from, to)| match (from, to) {
            (Some(from), Some(to)) => Ok(OpeningPeriod { day, from, to }),
            _ => Err(RequestError::malformed("hours[week]: an opening has a day and two times, from and to.")),
        });
        Ok(Hours {
            week: week.collect::<Result<_, _>>()?,
            zone: self.zone.trim().to_owned(),
            last_orders_minutes: self.last_orders_minutes,
            first_day: self.first_day,
            last_day: self.last_day,
            cut_off: self.cut_off,
        })
    }
}

/// Trims the texts of a drink and drops empty list entries.
pub fn drink(drink: Drink) -> Drink {
    Drink {
        id: trimmed(&drink.id),
        name: trimmed(&drink.name),
        groups: listed(&drink.groups),
        ingredients: listed(&drink.ingredients),
        names: named(&drink.names),
        ..drink
    }
}

/// Trims the texts of a group and drops options that have neither id nor name.
pub fn group(group: Group) -> Group {
    let options = group.options.into_iter().map(|option| MenuOption {
        id: trimmed(&option.id),
        name: trimmed(&option.name),
        ingredients: listed(&option.ingredients),
        names: named(&option.names),
        ..option
    });
    Group {
        id: trimmed(&group.id),
        name: trimmed(&group.name),
        options: options.filter(|option| !option.id.is_empty() || !option.name.is_empty()).collect(),
        names: named(&group.names),
        ..group
    }
}

fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}

fn listed(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| trimmed(text)).filter(|text| !text.is_empty()).collect()
}

fn named(names: &SortedMap<String, String>) -> SortedMap<String, String> {
    let names = names.iter().map(|(language, name)| (language.clone(), trimmed(name)));
    names.filter(|(_, name)| !name.is_empty()).collect()
}

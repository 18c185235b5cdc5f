//! What a plain form says beside what was filled in: a row that nobody filled in is no row, and a space at the end of
//! a name is no letter of it.

use domain::hours::{CutOff, Hours, LocalTime, Slot, Weekday};
use domain::menu::{Drink, Group, Opt};
use domain::sorted_map::SortedMap;
use domain::time::Day;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// Hours as a form has them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HoursForm {
    #[serde(default)]
    pub zone: String,
    #[serde(default)]
    pub week: Vec<SlotForm>,
    #[serde(default)]
    pub last_orders_minutes: u32,
    #[serde(default)]
    pub first_day: Option<Day>,
    #[serde(default)]
    pub last_day: Option<Day>,
    #[serde(default)]
    pub cut_off: CutOff,
}

/// An opening; without a day it is none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlotForm {
    #[serde(default)]
    pub day: Option<Weekday>,
    #[serde(default)]
    pub from: Option<LocalTime>,
    #[serde(default)]
    pub to: Option<LocalTime>,
}

impl HoursForm {
    /// The hours that are meant.
    ///
    /// # Errors
    /// An opening that says its day and not both its times.
    pub fn form_input(self) -> Result<Hours, Problem> {
        let slots = self.week.into_iter().filter_map(|row| Some((row.day?, row.from, row.to)));
        let week = slots.map(|(day, from, to)| match (from, to) {
            (Some(from), Some(to)) => Ok(Slot { day, from, to }),
            _ => Err(Problem::malformed("hours[week]: an opening has a day and two times, from and to.")),
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

/// The drink that is meant.
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

/// The group that is meant, without options that have neither id nor name.
pub fn group(group: Group) -> Group {
    let options = group.options.into_iter().map(|option| Opt {
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

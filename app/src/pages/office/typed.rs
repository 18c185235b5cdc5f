//! Values that a manager typed into a form whose setting somebody else changed meanwhile.

use domain::hours::Hours;
use domain::limits::{Limits, LimitsChange};
use domain::menu::{Drink, Group};
use protocol::form::{self, HoursForm};
use serde::Deserialize;

/// The typed values, which the office's pages show in place of the current ones.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    pub drink: Option<Drink>,
    pub group: Option<Group>,
    pub currency: Option<String>,
    pub hours: Option<Hours>,
    pub limits: Option<Limits>,
}

/// The fields of all forms that carry a digest.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    drink: Option<Drink>,
    group: Option<Group>,
    currency: Option<String>,
    hours: Option<HoursForm>,
    change: Option<LimitsChange>,
}

impl Typed {
    /// Reads a form-encoded body. `limits` are the current ones. A form from which something is removed has nothing
    /// typed.
    pub fn from_form(body: &str, limits: Limits) -> Self {
        let fields: Fields = serde_qs::Config::new(5, false).deserialize_str(body).unwrap_or_default();
        Self {
            drink: fields.drink.map(form::drink),
            group: fields.group.map(form::group),
            currency: fields.currency,
            hours: fields.hours.and_then(|hours| hours.into_hours().ok()),
            limits: fields.change.and_then(|change| change.apply_to(limits).ok()),
        }
    }
}

//! The guest's choice and its completion from the menu.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::menu::{Allergens, Drink, Group, Menu, MenuOption, Seen, is_zero};

/// A choice as requested: a drink and the picked options by group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Id of the drink.
    pub drink: String,
    /// Picked option by group, both as ids. A single-choice group that is left out takes its default option, unless the
    /// choice says what its form showed.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    /// Picked options of multiple-choice groups as sent by checkboxes: by group, then by option. Values are ignored.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extras: BTreeMap<String, BTreeMap<String, String>>,
    /// What the form showed of the drink. With it nothing is added or replaced; `None` for a choice without a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// A completed choice. A copy of the menu's data, so that later changes of the menu do not affect the order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Id of the drink.
    pub drink: String,
    /// Display name of the drink.
    pub name: String,
    /// Name of the drink's icon.
    pub icon: String,
    /// Picked options, in the order of the menu.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<ChosenOption>,
    /// Allergens of the drink and its options, sorted and without duplicates.
    #[serde(default, skip_serializing_if = "Allergens::is_unknown")]
    pub allergens: Allergens,
    /// Price with all surcharges, in minor units of `currency`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub price: u32,
    /// ISO 4217 code; empty if nothing has a price.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub currency: String,
    /// Preparation time with all options, in seconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seconds: u32,
}

/// A picked option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenOption {
    /// Id of the group.
    pub group: String,
    /// Id of the option within the group.
    pub option: String,
    /// Display name of the option.
    pub name: String,
}

impl Chosen {
    /// A description for people, such as "Flat white, large, oat".
    pub fn description(&self) -> String {
        let mut words = self.name.clone();
        let options = self.options_description();
        if !options.is_empty() {
            words.push_str(", ");
            words.push_str(&options);
        }
        words
    }

    /// The options for people, such as "large, oat". Options with the id `none` are left out.
    pub fn options_description(&self) -> String {
        let mut words = String::new();
        for picked in self.options.iter().filter(|picked| picked.option != "none") {
            if !words.is_empty() {
                words.push_str(", ");
            }
            words.push_str(&picked.name);
        }
        words
    }
}

/// The reason for which a choice cannot be completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChoiceError {
    /// The menu does not have it. The text is from the request, cut off after 60 characters.
    Unknown(String),
    /// The drink or option of that display name is sold out.
    SoldOut(String),
    /// The drink or option of that display name is not as the form showed it.
    Changed(String),
    /// The number of options of a group is out of range.
    CountOutOfRange {
        /// Display name of the group.
        group: String,
        /// Minimum number of options.
        least: u32,
        /// Maximum number of options.
        most: u32,
    },
}

impl Menu {
    /// Completes a choice. A single-choice group that the choice leaves out takes its default option, unless the choice
    /// says what its form showed: a form always picks one, so a group without an option is new or has lost it.
    ///
    /// # Errors
    /// The first part that is unknown, sold out, not as the form showed it, or too few or too many options. A sold-out
    /// option is never replaced, because the replacement may contain an allergen.
    pub fn complete(&self, choice: &Choice) -> Result<Chosen, ChoiceError> {
        let drink = self.drink(&choice.drink).ok_or_else(|| unknown_entry(&choice.drink))?;
        let is_other_group = |group: &&String| !drink.groups.contains(group) || self.group(group).is_none();
        if let Some(other) = choice.options.keys().chain(choice.extras.keys()).find(is_other_group) {
            return Err(unknown_entry(other));
        }
        if !self.is_drink_available(drink) {
            return Err(ChoiceError::SoldOut(drink.name.clone()));
        }
        let is_new_to = |is_seen: &dyn Fn(&Seen) -> bool| choice.seen.as_ref().is_some_and(|seen| !is_seen(seen));
        if is_new_to(&|seen| seen.has_drink(self, drink)) {
            return Err(ChoiceError::Changed(drink.name.clone()));
        }
        let mut chosen = self.without_options(drink);
        for group in self.groups_of(drink) {
            for option in group.picked(choice)? {
                if !self.is_option_available(group, option) {
                    return Err(ChoiceError::SoldOut(option.name.clone()));
                }
                if is_new_to(&|seen| seen.has_option(self, group, option)) {
                    return Err(ChoiceError::Changed(option.name.clone()));
                }
                chosen.pick(group, option);
            }
        }
        Ok(chosen)
    }

    /// Whether an option is preselected in the form. Sold-out options are not.
    pub fn is_preselected(&self, group: &Group, option: &MenuOption) -> bool {
        let is_default = option.preset || group.takes_one() && group.default_option() == Some(option);
        is_default && self.is_option_available(group, option)
    }

    /// A drink with its picked options, whether they are enough and available or not.
    pub fn chosen(&self, drink: &Drink, is_picked: &dyn Fn(&Group, &MenuOption) -> bool) -> Chosen {
        let mut chosen = self.without_options(drink);
        for group in self.groups_of(drink) {
            for option in group.options.iter().filter(|option| is_picked(group, option)) {
                chosen.pick(group, option);
            }
        }
        chosen
    }

    fn without_options(&self, drink: &Drink) -> Chosen {
        let mut chosen = Chosen {
            drink: drink.id.clone(),
            name: drink.name.clone(),
            icon: drink.icon.clone(),
            options: Vec::new(),
            allergens: Allergens::none(),
            price: drink.price,
            currency: self.currency.clone(),
            seconds: drink.seconds,
        };
        chosen.allergens.include(&drink.allergens);
        chosen
    }
}

impl Group {
    /// The default option of a single-choice group.
    fn default_option(&self) -> Option<&MenuOption> {
        self.options.iter().find(|option| option.preset).or(self.options.first())
    }

    /// The options of this group that a choice picks, in the order of the menu.
    fn picked(&self, choice: &Choice) -> Result<Vec<&MenuOption>, ChoiceError> {
        let (single, multiple) = (choice.options.get(&self.id), choice.extras.get(&self.id));
        let wanted = || single.into_iter().chain(multiple.into_iter().flat_map(BTreeMap::keys));
        if let Some(unknown) = wanted().find(|id| !self.options.iter().any(|option| option.id == **id)) {
            return Err(unknown_entry(unknown));
        }
        let mut picked: Vec<&MenuOption> =
            self.options.iter().filter(|option| wanted().any(|id| *id == option.id)).collect();
        if picked.is_empty() && self.takes_one() && choice.seen.is_none() {
            picked.extend(self.default_option());
        }
        let count = picked.len() as u64;
        if count < u64::from(self.least) || count > u64::from(self.most) {
            return Err(ChoiceError::CountOutOfRange { group: self.name.clone(), least: self.least, most: self.most });
        }
        Ok(picked)
    }
}

impl Chosen {
    /// Removes everything but drink, name and icon: the parts that the public may see.
    pub(crate) fn redact_for_public(&mut self) {
        *self = Self {
            drink: std::mem::take(&mut self.drink),
            name: std::mem::take(&mut self.name),
            icon: std::mem::take(&mut self.icon),
            ..Self::default()
        };
    }

    fn pick(&mut self, group: &Group, option: &MenuOption) {
        self.allergens.include(&option.allergens);
        self.price = self.price.saturating_add(option.surcharge);
        self.seconds = self.seconds.saturating_add(option.seconds);
        let picked = ChosenOption { group: group.id.clone(), option: option.id.clone(), name: option.name.clone() };
        self.options.push(picked);
    }
}

/// Cuts the text off after 60 characters, because refusals repeat it.
fn unknown_entry(what: &str) -> ChoiceError {
    ChoiceError::Unknown(what.chars().take(60).collect())
}

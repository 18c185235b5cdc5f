//! What a guest takes of the menu, and what the bar makes of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::menu::{Allergen, Drink, Group, Menu, Opt, is_zero};

/// What a guest asks for: a drink and, by group, the options that are not preset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub drink: String,
    /// One option of a group.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    /// Options of groups that take several, as boxes in a form: those that are there are picked, whatever their text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extras: BTreeMap<String, BTreeMap<String, String>>,
}

/// A choice with everything said: what is made, called out and printed, whatever the menu says later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    pub drink: String,
    pub name: String,
    pub icon: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Picked>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allergens: Vec<Allergen>,
    /// With all surcharges, in minor units of `currency`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub price: u32,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub currency: String,
    /// How long it takes to make, as the menu has it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seconds: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picked {
    pub group: String,
    pub option: String,
    pub name: String,
}

impl Chosen {
    /// "Flat white, large, oat": how people say it.
    pub fn words(&self) -> String {
        let mut words = self.name.clone();
        let options = self.options_words();
        if !options.is_empty() {
            words.push_str(", ");
            words.push_str(&options);
        }
        words
    }

    /// "large, oat": without the options called `none`, which are there to be picked and not to be said.
    pub fn options_words(&self) -> String {
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

/// Why a choice cannot be made, with the part of it as the guest's request named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotOffered {
    NotThere(String),
    Out(String),
    WrongCount { group: String, least: u32, most: u32 },
}

impl Menu {
    /// Completes a choice: a group that takes one and is not spoken of stands at its preset.
    ///
    /// # Errors
    /// What of it is not there, is out, or is too much or too little. Nothing is put in the place of what is out: it
    /// may be what the guest cannot drink.
    pub fn complete(&self, choice: &Choice) -> Result<Chosen, NotOffered> {
        let drink = self.drink(&choice.drink).ok_or_else(|| not_there(&choice.drink))?;
        let is_foreign = |group: &&String| !drink.groups.contains(group) || self.group(group).is_none();
        if let Some(foreign) = choice.options.keys().chain(choice.extras.keys()).find(is_foreign) {
            return Err(not_there(foreign));
        }
        if !self.has_drink(drink) {
            return Err(NotOffered::Out(drink.name.clone()));
        }
        let mut chosen = Chosen {
            drink: drink.id.clone(),
            name: drink.name.clone(),
            icon: drink.icon.clone(),
            options: Vec::new(),
            allergens: Vec::new(),
            price: drink.price,
            currency: self.currency.clone(),
            seconds: drink.seconds,
        };
        add(&mut chosen.allergens, &drink.allergens);
        for group in self.groups_of(drink) {
            for option in group.picked(choice)? {
                if !self.has_option(group, option) {
                    return Err(NotOffered::Out(option.name.clone()));
                }
                chosen.pick(group, option);
            }
        }
        Ok(chosen)
    }

    /// Whether an option stands picked before the guest has picked anything. What is out does not.
    pub fn stands(&self, group: &Group, option: &Opt) -> bool {
        let is_usual = option.preset || group.takes_one() && group.usual() == Some(option);
        is_usual && self.has_option(group, option)
    }

    /// The allergens of a drink with what is picked for it, each once and in one order.
    pub fn allergens(&self, drink: &Drink, is_picked: impl Fn(&Group, &Opt) -> bool) -> Vec<Allergen> {
        let mut allergens = Vec::new();
        add(&mut allergens, &drink.allergens);
        for group in self.groups_of(drink) {
            for option in group.options.iter().filter(|option| is_picked(group, option)) {
                add(&mut allergens, &option.allergens);
            }
        }
        allergens
    }
}

impl Group {
    /// Of a group that takes one what is taken when nobody says anything.
    fn usual(&self) -> Option<&Opt> {
        self.options.iter().find(|option| option.preset).or(self.options.first())
    }

    /// The options that a choice takes of this group, in the menu's order.
    fn picked(&self, choice: &Choice) -> Result<Vec<&Opt>, NotOffered> {
        let (one, several) = (choice.options.get(&self.id), choice.extras.get(&self.id));
        let wanted = || one.into_iter().chain(several.into_iter().flat_map(BTreeMap::keys));
        if let Some(strange) = wanted().find(|id| !self.options.iter().any(|option| option.id == **id)) {
            return Err(not_there(strange));
        }
        let mut picked: Vec<&Opt> = self.options.iter().filter(|option| wanted().any(|id| *id == option.id)).collect();
        if picked.is_empty() && self.takes_one() {
            picked.extend(self.usual());
        }
        let count = picked.len() as u64;
        if count < u64::from(self.least) || count > u64::from(self.most) {
            return Err(NotOffered::WrongCount { group: self.name.clone(), least: self.least, most: self.most });
        }
        Ok(picked)
    }
}

impl Chosen {
    /// What the whole room may see of it.
    pub(crate) fn keep_to_name(&mut self) {
        *self = Self {
            drink: std::mem::take(&mut self.drink),
            name: std::mem::take(&mut self.name),
            icon: std::mem::take(&mut self.icon),
            ..Self::default()
        };
    }

    fn pick(&mut self, group: &Group, option: &Opt) {
        add(&mut self.allergens, &option.allergens);
        self.price = self.price.saturating_add(option.surcharge);
        self.seconds = self.seconds.saturating_add(option.seconds);
        let picked = Picked { group: group.id.clone(), option: option.id.clone(), name: option.name.clone() };
        self.options.push(picked);
    }
}

/// A refusal repeats no more than a line.
fn not_there(what: &str) -> NotOffered {
    NotOffered::NotThere(what.chars().take(60).collect())
}

/// Keeps each allergen once and in order. No sorting: it would cost every phone kilobytes.
fn add(allergens: &mut Vec<Allergen>, more: &[Allergen]) {
    for allergen in more {
        if let Err(place) = allergens.binary_search(allergen) {
            allergens.insert(place, *allergen);
        }
    }
}

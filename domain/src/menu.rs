//! What a shop offers, and whether a guest's choice is on it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Drinks in the order they are shown, and the groups of options they refer to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Menu {
    pub drinks: Vec<Drink>,
    pub groups: Vec<Group>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drink {
    /// Stable for ever: logs and links name a drink by it.
    pub id: String,
    pub name: String,
    /// Which of our drawn cups stands beside it.
    pub icon: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allergens: Vec<Allergen>,
    /// Groups a guest chooses from, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
}

/// Options of which exactly one is taken; the first stands when the guest says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub id: String,
    pub name: String,
    pub options: Vec<Opt>,
}

/// One option of a group (`Option` is taken).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opt {
    pub id: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allergens: Vec<Allergen>,
}

/// The allergens of Regulation (EU) No 1169/2011, Annex II, that a bar's menu can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allergen {
    Gluten,
    Eggs,
    Peanuts,
    Soybeans,
    Milk,
    Nuts,
    Sesame,
    Sulphites,
}

impl Allergen {
    /// The word a guest reads.
    pub fn word(self) -> &'static str {
        match self {
            Self::Gluten => "gluten",
            Self::Eggs => "eggs",
            Self::Peanuts => "peanuts",
            Self::Soybeans => "soya",
            Self::Milk => "milk",
            Self::Nuts => "nuts",
            Self::Sesame => "sesame",
            Self::Sulphites => "sulphites",
        }
    }
}

/// What a guest asks for: a drink and, by group, the options that are not the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub drink: String,
    #[serde(default)]
    pub options: BTreeMap<String, String>,
}

/// A choice with everything said: what is made, called out and printed, whatever the menu says later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    pub drink: String,
    pub name: String,
    pub icon: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Picked>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allergens: Vec<Allergen>,
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

/// The part of a choice that is not on the menu, as the guest's request named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotOffered(pub String);

impl Menu {
    pub fn group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// Completes a choice with the first option of each group it leaves out.
    pub fn complete(&self, choice: &Choice) -> Result<Chosen, NotOffered> {
        let not_offered = |what: &str| NotOffered(what.chars().take(60).collect());
        let drink = self.drinks.iter().find(|drink| drink.id == choice.drink);
        let drink = drink.ok_or_else(|| not_offered(&choice.drink))?;
        let is_foreign = |group: &&String| !drink.groups.contains(group) || self.group(group).is_none();
        if let Some(foreign) = choice.options.keys().find(is_foreign) {
            return Err(not_offered(foreign));
        }
        let mut options = Vec::new();
        let mut allergens = Vec::new();
        add(&mut allergens, &drink.allergens);
        for group in drink.groups.iter().filter_map(|id| self.group(id)) {
            let option = match choice.options.get(&group.id) {
                Some(wanted) => {
                    let found = group.options.iter().find(|option| option.id == *wanted);
                    Some(found.ok_or_else(|| not_offered(wanted))?)
                }
                None => group.options.first(),
            };
            let Some(option) = option else { continue };
            add(&mut allergens, &option.allergens);
            let picked = Picked { group: group.id.clone(), option: option.id.clone(), name: option.name.clone() };
            options.push(picked);
        }
        Ok(Chosen { drink: drink.id.clone(), name: drink.name.clone(), icon: drink.icon.clone(), options, allergens })
    }
}

/// Keeps each allergen once and in order. No sorting: it would cost every phone kilobytes.
fn add(allergens: &mut Vec<Allergen>, more: &[Allergen]) {
    for allergen in more {
        if let Err(place) = allergens.binary_search(allergen) {
            allergens.insert(place, *allergen);
        }
    }
}

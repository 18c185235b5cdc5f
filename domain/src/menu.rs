//! What a shop offers: drinks, options, and which of it is out.

use serde::{Deserialize, Serialize};

use crate::sorted_map::SortedMap;

pub mod change;
pub mod choice;

pub use self::choice::{Choice, Chosen, NotOffered, Picked};

/// Drinks in the order they are shown, the groups of options they refer to, and what of it all is out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Menu {
    pub drinks: Vec<Drink>,
    pub groups: Vec<Group>,
    /// ISO 4217, of every price here; empty where nothing has one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub currency: String,
    /// What cannot be had for now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub out: Vec<Thing>,
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
    /// In the currency's minor units.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub price: u32,
    /// How long it takes to make.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seconds: u32,
    /// What it cannot be made without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ingredients: Vec<String>,
    /// Its name in other languages, by BCP 47 tag.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub names: SortedMap<String, String>,
}

/// Options of which so many are taken: of most groups exactly one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub id: String,
    pub name: String,
    pub options: Vec<Opt>,
    #[serde(default = "one")]
    pub least: u32,
    #[serde(default = "one")]
    pub most: u32,
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub names: SortedMap<String, String>,
}

/// One option of a group (`Option` is taken).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opt {
    pub id: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allergens: Vec<Allergen>,
    /// Picked before the guest says anything. Where exactly one is taken and none is preset, the first is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub preset: bool,
    /// On top of the drink's price, in minor units.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub surcharge: u32,
    /// On top of the drink's time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seconds: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ingredients: Vec<String>,
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub names: SortedMap<String, String>,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            options: Vec::new(),
            least: 1,
            most: 1,
            names: SortedMap::default(),
        }
    }
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What can run out: `drink/{drink}`, `option/{group}/{option}` or `ingredient/{ingredient}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Thing(pub String);

impl Thing {
    pub fn drink(drink: &str) -> Self {
        Self(["drink/", drink].concat())
    }

    pub fn option(group: &str, option: &str) -> Self {
        Self(["option/", group, "/", option].concat())
    }

    pub fn ingredient(ingredient: &str) -> Self {
        Self(["ingredient/", ingredient].concat())
    }
}

/// The allergens of Regulation (EU) No 1169/2011, Annex II, all fourteen in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allergen {
    Gluten,
    Crustaceans,
    Eggs,
    Fish,
    Peanuts,
    Soybeans,
    Milk,
    Nuts,
    Celery,
    Mustard,
    Sesame,
    Sulphites,
    Lupin,
    Molluscs,
}

impl Allergen {
    pub const ALL: [Self; 14] = [
        Self::Gluten,
        Self::Crustaceans,
        Self::Eggs,
        Self::Fish,
        Self::Peanuts,
        Self::Soybeans,
        Self::Milk,
        Self::Nuts,
        Self::Celery,
        Self::Mustard,
        Self::Sesame,
        Self::Sulphites,
        Self::Lupin,
        Self::Molluscs,
    ];

    /// As it stands on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Soybeans => "soybeans",
            // The others are called as people call them.
            other => other.word(),
        }
    }

    /// The word a guest reads.
    pub fn word(self) -> &'static str {
        match self {
            Self::Gluten => "gluten",
            Self::Crustaceans => "crustaceans",
            Self::Eggs => "eggs",
            Self::Fish => "fish",
            Self::Peanuts => "peanuts",
            Self::Soybeans => "soya",
            Self::Milk => "milk",
            Self::Nuts => "nuts",
            Self::Celery => "celery",
            Self::Mustard => "mustard",
            Self::Sesame => "sesame",
            Self::Sulphites => "sulphites",
            Self::Lupin => "lupin",
            Self::Molluscs => "molluscs",
        }
    }
}

impl Menu {
    pub fn drink(&self, id: &str) -> Option<&Drink> {
        self.drinks.iter().find(|drink| drink.id == id)
    }

    pub fn group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// The groups a guest chooses from for this drink, in its order.
    pub fn groups_of<'a>(&'a self, drink: &'a Drink) -> impl Iterator<Item = &'a Group> {
        drink.groups.iter().filter_map(|id| self.group(id))
    }

    /// Whether it can be had: it is not out, nor is anything it is made of, nor so much of a group that too little is
    /// left to choose.
    pub fn has_drink(&self, drink: &Drink) -> bool {
        let is_enough = |group: &Group| {
            let left = group.options.iter().filter(|option| self.has_option(group, option)).count();
            left as u64 >= u64::from(group.least)
        };
        !self.is_out(&Thing::drink(&drink.id), &drink.ingredients) && self.groups_of(drink).all(is_enough)
    }

    pub fn has_option(&self, group: &Group, option: &Opt) -> bool {
        !self.is_out(&Thing::option(&group.id, &option.id), &option.ingredients)
    }

    fn is_out(&self, thing: &Thing, ingredients: &[String]) -> bool {
        let is_out = |thing: &Thing| self.out.contains(thing);
        is_out(thing) || ingredients.iter().any(|ingredient| is_out(&Thing::ingredient(ingredient)))
    }
}

impl Group {
    /// Exactly one is taken: a row of radios, and not of boxes.
    pub fn takes_one(&self) -> bool {
        self.least == 1 && self.most == 1
    }
}

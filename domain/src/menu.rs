//! The menu: drinks, groups of options, prices and availability.

use serde::{Deserialize, Serialize};

use crate::sorted_map::SortedMap;

mod allergens;
pub mod change;
pub mod choice;
mod seen;

pub use self::allergens::{Allergen, Allergens};
pub use self::choice::{Choice, ChoiceError, Chosen, ChosenOption};
pub use self::seen::Seen;

/// The menu of a shop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Menu {
    /// Drinks in display order.
    pub drinks: Vec<Drink>,
    /// Groups of options that drinks refer to by id.
    pub groups: Vec<Group>,
    /// Currency of all prices, as an ISO 4217 code; empty if nothing has a price.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub currency: String,
    /// Sold-out items, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub out: Vec<StockItem>,
}

/// A drink of the menu.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Drink {
    /// Stable id, 1 to 40 of `a–z`, `0–9` and `-`. Logs and links refer to it.
    pub id: String,
    /// Display name, 1 to 40 characters.
    pub name: String,
    /// Name of a built-in icon.
    pub icon: String,
    /// Allergens of the drink without options.
    #[serde(default)]
    pub allergens: Allergens,
    /// Ids of the groups to choose from, in display order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Price without surcharges, in minor units of the currency.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub price: u32,
    /// Preparation time without options, in seconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seconds: u32,
    /// Ids of the ingredients. The drink is sold out if one of them is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ingredients: Vec<String>,
    /// Display name in other languages, by BCP 47 tag.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub names: SortedMap<String, String>,
}

/// A group of options of which the guest picks `least` to `most`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Group {
    /// Stable id, 1 to 40 of `a–z`, `0–9` and `-`.
    pub id: String,
    /// Display name, 1 to 40 characters.
    pub name: String,
    /// Options in display order.
    pub options: Vec<MenuOption>,
    /// Minimum number of options; 1 by default.
    #[serde(default = "one")]
    pub least: u32,
    /// Maximum number of options; 1 by default.
    #[serde(default = "one")]
    pub most: u32,
    /// Display name in other languages, by BCP 47 tag.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub names: SortedMap<String, String>,
}

/// An option of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MenuOption {
    /// Id within the group, 1 to 40 of `a–z`, `0–9` and `-`. An option `none` is left out of descriptions.
    pub id: String,
    /// Display name, 1 to 40 characters.
    pub name: String,
    /// Allergens that the option adds.
    #[serde(default)]
    pub allergens: Allergens,
    /// Whether the option is preselected. A single-choice group without one preselects its first option.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub preset: bool,
    /// Surcharge on the drink's price, in minor units of the currency.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub surcharge: u32,
    /// Additional preparation time, in seconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seconds: u32,
    /// Ids of the ingredients. The option is sold out if one of them is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ingredients: Vec<String>,
    /// Display name in other languages, by BCP 47 tag.
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "signature required by `skip_serializing_if`")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// An item that can be sold out: `drink/{drink}`, `option/{group}/{option}` or `ingredient/{ingredient}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StockItem(pub String);

impl StockItem {
    /// The item for a drink, by id.
    pub fn drink(drink: &str) -> Self {
        Self(["drink/", drink].concat())
    }

    /// The item for an option, by the ids of its group and itself.
    pub fn option(group: &str, option: &str) -> Self {
        Self(["option/", group, "/", option].concat())
    }

    /// The item for an ingredient, by id.
    pub fn ingredient(ingredient: &str) -> Self {
        Self(["ingredient/", ingredient].concat())
    }
}

impl Menu {
    /// The drink of that id.
    pub fn drink(&self, id: &str) -> Option<&Drink> {
        self.drinks.iter().find(|drink| drink.id == id)
    }

    /// The group of that id.
    pub fn group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// The groups of a drink, in its order. Unknown ids are skipped.
    pub fn groups_of<'a>(&'a self, drink: &'a Drink) -> impl Iterator<Item = &'a Group> {
        drink.groups.iter().filter_map(|id| self.group(id))
    }

    /// Whether a drink is available: neither it nor an ingredient is sold out, and every group has enough available
    /// options.
    pub fn is_drink_available(&self, drink: &Drink) -> bool {
        let is_enough = |group: &Group| {
            let left = group.options.iter().filter(|option| self.is_option_available(group, option)).count();
            left as u64 >= u64::from(group.least)
        };
        !self.is_out(&StockItem::drink(&drink.id), &drink.ingredients) && self.groups_of(drink).all(is_enough)
    }

    /// Whether an option is available: neither it nor an ingredient is sold out.
    pub fn is_option_available(&self, group: &Group, option: &MenuOption) -> bool {
        !self.is_out(&StockItem::option(&group.id, &option.id), &option.ingredients)
    }

    fn is_out(&self, thing: &StockItem, ingredients: &[String]) -> bool {
        let is_out = |thing: &StockItem| self.out.contains(thing);
        is_out(thing) || ingredients.iter().any(|ingredient| is_out(&StockItem::ingredient(ingredient)))
    }
}

impl Group {
    /// Whether exactly one option is picked: radio buttons instead of checkboxes.
    pub fn takes_one(&self) -> bool {
        self.least == 1 && self.most == 1
    }
}

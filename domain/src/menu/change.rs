//! Changes of the menu and its validation.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::menu::{Drink, Group, Menu, MenuOption, StockItem};
use crate::setting::SettingDigest;
use crate::sorted_map::SortedMap;
use crate::text;

/// A change of the menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum MenuChange {
    /// Replaces the drink of the same id, or appends a new one.
    PutDrink(Drink),
    /// Removes the drink of that id.
    RemoveDrink(String),
    /// Replaces the group of the same id, or appends a new one.
    PutGroup(Group),
    /// Removes the group of that id; refused while a drink refers to it.
    RemoveGroup(String),
    /// Sets the currency of all prices: an ISO 4217 code, or empty if nothing has a price.
    SetCurrency(String),
}

impl Menu {
    /// Digest of the drink of this id, as a form shows it.
    pub fn drink_setting(&self, id: &str) -> SettingDigest {
        SettingDigest::of(&self.drink(id))
    }

    /// Digest of the group of this id, as a form shows it.
    pub fn group_setting(&self, id: &str) -> SettingDigest {
        SettingDigest::of(&self.group(id))
    }

    /// Digest of the currency, as a form shows it.
    pub fn currency_setting(&self) -> SettingDigest {
        SettingDigest::of(&self.currency)
    }

    /// Digest of what a change replaces.
    pub(crate) fn digest_before(&self, change: &MenuChange) -> SettingDigest {
        match change {
            MenuChange::PutDrink(Drink { id, .. }) | MenuChange::RemoveDrink(id) => self.drink_setting(id),
            MenuChange::PutGroup(Group { id, .. }) | MenuChange::RemoveGroup(id) => self.group_setting(id),
            MenuChange::SetCurrency(_) => self.currency_setting(),
        }
    }
}

/// A rule that a menu violates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuFlaw {
    /// The id to remove does not exist.
    NotFound,
    /// An id is not 1 to 40 of `a–z`, `0–9` and `-`.
    IdWrong,
    /// Two drinks, groups or options of a group have the same id.
    IdTwice,
    /// A name is not 1 to 40 characters on one line without surrounding spaces.
    NameWrong,
    /// A drink refers to an unknown group, or to one twice.
    GroupWrong,
    /// The group to remove is in use by a drink.
    GroupInUse,
    /// A group has no options.
    OptionsMissing,
    /// `most` is 0, `least` exceeds `most`, or the group has fewer than `least` options.
    CountsWrong,
    /// A group has more than `most` preset options.
    PresetsWrong,
    /// The currency is not three capital letters, or is empty although something has a price.
    CurrencyWrong,
    /// A price exceeds 1,000,000 minor units, or a time 3,600 seconds.
    NumberWrong,
    /// More than 60 drinks, 30 groups, 30 options of a group, or 20 ingredients, groups or languages of one entry.
    TooMany,
}

const MAX_DRINKS: usize = 60;
const MAX_GROUPS: usize = 30;
const MAX_OPTIONS: usize = 30;
/// Maximum number of ingredients, groups or languages of one entry.
const MAX_REFERENCES: usize = 20;
/// Maximum length of an id or a language tag in bytes, and of a name in characters.
const MAX_LENGTH: usize = 40;
/// Maximum price, in minor units of the currency.
const MAX_PRICE: u32 = 1_000_000;
/// Maximum preparation time, in seconds.
const MAX_SECONDS: u32 = 3600;

/// Id of the invalid entry, or `menu`, and the violated rule.
type Violation = (String, MenuFlaw);

impl Menu {
    /// The menu after a change. Sold-out items that the new menu has stay sold out.
    ///
    /// # Errors
    /// The id of the invalid entry and the first rule that the new menu would violate.
    pub fn with_change(&self, change: MenuChange) -> Result<Self, Violation> {
        let mut menu = self.clone();
        match change {
            MenuChange::PutDrink(drink) => put(&mut menu.drinks, drink, |drink| &drink.id),
            MenuChange::PutGroup(group) => put(&mut menu.groups, group, |group| &group.id),
            MenuChange::RemoveDrink(id) => remove(&mut menu.drinks, id, |drink| &drink.id)?,
            MenuChange::RemoveGroup(id) if menu.drinks.iter().any(|drink| drink.groups.contains(&id)) => {
                return Err((id, MenuFlaw::GroupInUse));
            }
            MenuChange::RemoveGroup(id) => remove(&mut menu.groups, id, |group| &group.id)?,
            MenuChange::SetCurrency(currency) => menu.currency = currency,
        }
        menu.check()?;
        let out = std::mem::take(&mut menu.out);
        menu.out = out.into_iter().filter(|thing| menu.contains(thing)).collect();
        Ok(menu)
    }

    /// The sorted list of sold-out items after the availability of `thing` changes.
    pub fn sold_out_after(&self, thing: &StockItem, available: bool) -> Vec<StockItem> {
        let mut out: BTreeSet<StockItem> = self.out.iter().cloned().collect();
        if available {
            out.remove(thing);
        } else {
            out.insert(thing.clone());
        }
        out.into_iter().collect()
    }

    /// Whether the menu has this drink, option or ingredient.
    pub fn contains(&self, thing: &StockItem) -> bool {
        let is_in = |ingredients: &[String]| ingredients.iter().any(|one| StockItem::ingredient(one) == *thing);
        self.drinks.iter().any(|drink| StockItem::drink(&drink.id) == *thing || is_in(&drink.ingredients))
            || self.groups.iter().any(|group| {
                let is_meant = |option: &MenuOption| StockItem::option(&group.id, &option.id) == *thing;
                group.options.iter().any(|option| is_meant(option) || is_in(&option.ingredients))
            })
    }

    /// Validates the menu.
    ///
    /// # Errors
    /// The id of the invalid entry and the first violated rule.
    pub fn check(&self) -> Result<(), Violation> {
        let menu = |flaw| ("menu".to_owned(), flaw);
        if self.drinks.len() > MAX_DRINKS || self.groups.len() > MAX_GROUPS {
            return Err(menu(MenuFlaw::TooMany));
        }
        let has_prices = self.drinks.iter().any(|drink| drink.price > 0)
            || self.groups.iter().flat_map(|group| &group.options).any(|option| option.surcharge > 0);
        let is_code = self.currency.len() == 3 && self.currency.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_code && (has_prices || !self.currency.is_empty()) {
            return Err(menu(MenuFlaw::CurrencyWrong));
        }
        unique(self.drinks.iter().map(|drink| &drink.id))?;
        unique(self.groups.iter().map(|group| &group.id))?;
        self.groups.iter().try_for_each(Group::check)?;
        self.drinks.iter().try_for_each(|drink| self.check_drink(drink))
    }

    fn check_drink(&self, drink: &Drink) -> Result<(), Violation> {
        let wrong = |flaw| Err((drink.id.clone(), flaw));
        if let Some(flaw) = flaw(&drink.id, &drink.name, &drink.names, &drink.ingredients) {
            return wrong(flaw);
        }
        if !is_id(&drink.icon) {
            return wrong(MenuFlaw::IdWrong);
        }
        if drink.price > MAX_PRICE || drink.seconds > MAX_SECONDS {
            return wrong(MenuFlaw::NumberWrong);
        }
        let distinct: BTreeSet<&String> = drink.groups.iter().collect();
        if distinct.len() != drink.groups.len() || drink.groups.iter().any(|group| self.group(group).is_none()) {
            return wrong(MenuFlaw::GroupWrong);
        }
        if distinct.len() > MAX_REFERENCES { wrong(MenuFlaw::TooMany) } else { Ok(()) }
    }
}

impl Group {
    fn check(&self) -> Result<(), Violation> {
        let wrong = |flaw| Err((self.id.clone(), flaw));
        if let Some(flaw) = flaw(&self.id, &self.name, &self.names, &[]) {
            return wrong(flaw);
        }
        let (count, presets) = (self.options.len(), self.options.iter().filter(|option| option.preset).count() as u64);
        if count == 0 {
            return wrong(MenuFlaw::OptionsMissing);
        }
        if count > MAX_OPTIONS {
            return wrong(MenuFlaw::TooMany);
        }
        if self.most == 0 || self.least > self.most || u64::from(self.least) > count as u64 {
            return wrong(MenuFlaw::CountsWrong);
        }
        if presets > u64::from(self.most) {
            return wrong(MenuFlaw::PresetsWrong);
        }
        unique(self.options.iter().map(|option| &option.id))?;
        self.options.iter().try_for_each(|option| {
            let text_flaw = flaw(&option.id, &option.name, &option.names, &option.ingredients);
            let exceeds_maximum = option.surcharge > MAX_PRICE || option.seconds > MAX_SECONDS;
            match text_flaw.or(exceeds_maximum.then_some(MenuFlaw::NumberWrong)) {
                Some(flaw) => Err((option.id.clone(), flaw)),
                None => Ok(()),
            }
        })
    }
}

fn flaw(id: &str, name: &str, names: &SortedMap<String, String>, ingredients: &[String]) -> Option<MenuFlaw> {
    let is_name = |name: &str| (1..=MAX_LENGTH).contains(&name.chars().count()) && text::is_name(name);
    if !is_id(id) || ingredients.iter().any(|ingredient| !is_id(ingredient)) {
        Some(MenuFlaw::IdWrong)
    } else if !is_name(name) || names.iter().any(|(language, name)| language.len() > MAX_LENGTH || !is_name(name)) {
        Some(MenuFlaw::NameWrong)
    } else if names.len() > MAX_REFERENCES || ingredients.len() > MAX_REFERENCES {
        Some(MenuFlaw::TooMany)
    } else {
        None
    }
}

fn is_id(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=MAX_LENGTH).contains(&id.len()) && id.bytes().all(fits)
}

fn unique<'a>(ids: impl Iterator<Item = &'a String>) -> Result<(), Violation> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err((id.clone(), MenuFlaw::IdTwice));
        }
    }
    Ok(())
}

fn put<T>(list: &mut Vec<T>, new: T, id: impl Fn(&T) -> &String) {
    match list.iter().position(|old| id(old) == id(&new)) {
        Some(index) => list[index] = new,
        None => list.push(new),
    }
}

fn remove<T>(list: &mut Vec<T>, removed: String, id: impl Fn(&T) -> &String) -> Result<(), Violation> {
    let index = list.iter().position(|entry| *id(entry) == removed).ok_or((removed, MenuFlaw::NotFound))?;
    list.remove(index);
    Ok(())
}

//! How a menu is changed, and what a menu must not be.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::menu::{Drink, Group, Menu, Opt, Thing};
use crate::sorted_map::SortedMap;

/// One change of the menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum MenuChange {
    /// In the place of the drink of that id, or as the last.
    PutDrink(Drink),
    RemoveDrink(String),
    /// In the place of the group of that id, or as a new one.
    PutGroup(Group),
    RemoveGroup(String),
    /// What all prices are in: an ISO 4217 code, or nothing.
    SetCurrency(String),
}

/// What is wrong with a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// There is nothing of that id to remove.
    NotThere,
    /// Ids are 1 to 40 of a–z, 0–9 and -.
    IdWrong,
    IdTwice,
    /// Names are 1 to 40 characters on one line.
    NameWrong,
    /// A drink refers to a group that is not there, or twice to one.
    GroupWrong,
    /// A group some drink refers to.
    GroupInUse,
    OptionsMissing,
    /// A group takes `least` to `most` options, one or more, and has as many as it asks for.
    CountsWrong,
    /// More options preset than may be taken.
    PresetsWrong,
    /// Three capital letters, and none where nothing has a price.
    CurrencyWrong,
    /// A drink costs at most 1,000,000 and takes at most 3,600 s.
    NumberWrong,
    /// At most 60 drinks, 30 groups, 30 options in a group, 20 ingredients, groups or languages of one thing.
    TooMany,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotThere => "there is nothing of that id",
            Self::IdWrong => "an id is 1 to 40 of a–z, 0–9 and -",
            Self::IdTwice => "that id is taken",
            Self::NameWrong => "a name is 1 to 40 characters on one line",
            Self::GroupWrong => "each of its groups must be there, once",
            Self::GroupInUse => "a drink still has that group",
            Self::OptionsMissing => "a group needs options",
            Self::CountsWrong => "it must take one or more, and have as many as it asks for",
            Self::PresetsWrong => "more is preset than may be taken",
            Self::CurrencyWrong => "a currency is three capital letters, and prices need one",
            Self::NumberWrong => "prices go to 1000000 and times to 3600 seconds",
            Self::TooMany => "that is more than a menu holds",
        })
    }
}

const MAX_DRINKS: usize = 60;
const MAX_GROUPS: usize = 30;
const MAX_OPTIONS: usize = 30;
/// Ingredients, groups or languages of one thing.
const MAX_EXTRAS_OF_ONE: usize = 20;
const LONGEST: usize = 40;
const MAX_PRICE: u32 = 1_000_000;
const MAX_SECONDS: u32 = 3600;

/// What is wrong, and with what.
type Wrong = (String, Flaw);

impl Menu {
    /// The menu as changed; what is out stays out as long as it is there.
    ///
    /// # Errors
    /// What would be wrong with it then.
    pub fn changed(&self, change: MenuChange) -> Result<Self, Wrong> {
        let mut menu = self.clone();
        match change {
            MenuChange::PutDrink(drink) => put(&mut menu.drinks, drink, |drink| &drink.id),
            MenuChange::PutGroup(group) => put(&mut menu.groups, group, |group| &group.id),
            MenuChange::RemoveDrink(id) => remove(&mut menu.drinks, id, |drink| &drink.id)?,
            MenuChange::RemoveGroup(id) if menu.drinks.iter().any(|drink| drink.groups.contains(&id)) => {
                return Err((id, Flaw::GroupInUse));
            }
            MenuChange::RemoveGroup(id) => remove(&mut menu.groups, id, |group| &group.id)?,
            MenuChange::SetCurrency(currency) => menu.currency = currency,
        }
        menu.check()?;
        let out = std::mem::take(&mut menu.out);
        menu.out = out.into_iter().filter(|thing| menu.knows(thing)).collect();
        Ok(menu)
    }

    /// What is out after `thing` ran out, or came back.
    pub fn out_with(&self, thing: &Thing, available: bool) -> Vec<Thing> {
        let mut out: BTreeSet<Thing> = self.out.iter().cloned().collect();
        if available {
            out.remove(thing);
        } else {
            out.insert(thing.clone());
        }
        out.into_iter().collect()
    }

    /// Whether anything here is called so.
    pub fn knows(&self, thing: &Thing) -> bool {
        let is_in = |ingredients: &[String]| ingredients.iter().any(|one| Thing::ingredient(one) == *thing);
        self.drinks.iter().any(|drink| Thing::drink(&drink.id) == *thing || is_in(&drink.ingredients))
            || self.groups.iter().any(|group| {
                let is_meant = |option: &Opt| Thing::option(&group.id, &option.id) == *thing;
                group.options.iter().any(|option| is_meant(option) || is_in(&option.ingredients))
            })
    }

    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), Wrong> {
        let menu = |flaw| ("menu".to_owned(), flaw);
        if self.drinks.len() > MAX_DRINKS || self.groups.len() > MAX_GROUPS {
            return Err(menu(Flaw::TooMany));
        }
        let has_prices = self.drinks.iter().any(|drink| drink.price > 0)
            || self.groups.iter().flat_map(|group| &group.options).any(|option| option.surcharge > 0);
        let is_code = self.currency.len() == 3 && self.currency.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_code && (has_prices || !self.currency.is_empty()) {
            return Err(menu(Flaw::CurrencyWrong));
        }
        unique(self.drinks.iter().map(|drink| &drink.id))?;
        unique(self.groups.iter().map(|group| &group.id))?;
        self.groups.iter().try_for_each(Group::check)?;
        self.drinks.iter().try_for_each(|drink| self.check_drink(drink))
    }

    fn check_drink(&self, drink: &Drink) -> Result<(), Wrong> {
        let wrong = |flaw| Err((drink.id.clone(), flaw));
        if let Some(flaw) = flaw(&drink.id, &drink.name, &drink.names, &drink.ingredients) {
            return wrong(flaw);
        }
        if !is_id(&drink.icon) {
            return wrong(Flaw::IdWrong);
        }
        if drink.price > MAX_PRICE || drink.seconds > MAX_SECONDS {
            return wrong(Flaw::NumberWrong);
        }
        let once: BTreeSet<&String> = drink.groups.iter().collect();
        if once.len() != drink.groups.len() || drink.groups.iter().any(|group| self.group(group).is_none()) {
            return wrong(Flaw::GroupWrong);
        }
        if once.len() > MAX_EXTRAS_OF_ONE { wrong(Flaw::TooMany) } else { Ok(()) }
    }
}

impl Group {
    fn check(&self) -> Result<(), Wrong> {
        let wrong = |flaw| Err((self.id.clone(), flaw));
        if let Some(flaw) = flaw(&self.id, &self.name, &self.names, &[]) {
            return wrong(flaw);
        }
        let (count, presets) = (self.options.len(), self.options.iter().filter(|option| option.preset).count() as u64);
        if count == 0 {
            return wrong(Flaw::OptionsMissing);
        }
        if count > MAX_OPTIONS {
            return wrong(Flaw::TooMany);
        }
        if self.most == 0 || self.least > self.most || u64::from(self.least) > count as u64 {
            return wrong(Flaw::CountsWrong);
        }
        if presets > u64::from(self.most) {
            return wrong(Flaw::PresetsWrong);
        }
        unique(self.options.iter().map(|option| &option.id))?;
        self.options.iter().try_for_each(|option| {
            let found = flaw(&option.id, &option.name, &option.names, &option.ingredients);
            let is_much = option.surcharge > MAX_PRICE || option.seconds > MAX_SECONDS;
            match found.or(is_much.then_some(Flaw::NumberWrong)) {
                Some(flaw) => Err((option.id.clone(), flaw)),
                None => Ok(()),
            }
        })
    }
}

fn flaw(id: &str, name: &str, names: &SortedMap<String, String>, ingredients: &[String]) -> Option<Flaw> {
    let is_name = |name: &str| {
        (1..=LONGEST).contains(&name.chars().count()) && !name.chars().any(char::is_control) && name.trim() == name
    };
    if !is_id(id) || ingredients.iter().any(|ingredient| !is_id(ingredient)) {
        Some(Flaw::IdWrong)
    } else if !is_name(name) || names.iter().any(|(language, name)| language.len() > LONGEST || !is_name(name)) {
        Some(Flaw::NameWrong)
    } else if names.len() > MAX_EXTRAS_OF_ONE || ingredients.len() > MAX_EXTRAS_OF_ONE {
        Some(Flaw::TooMany)
    } else {
        None
    }
}

fn is_id(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=LONGEST).contains(&id.len()) && id.bytes().all(fits)
}

fn unique<'a>(ids: impl Iterator<Item = &'a String>) -> Result<(), Wrong> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err((id.clone(), Flaw::IdTwice));
        }
    }
    Ok(())
}

fn put<T>(list: &mut Vec<T>, new: T, id: impl Fn(&T) -> &String) {
    match list.iter().position(|old| id(old) == id(&new)) {
        Some(place) => list[place] = new,
        None => list.push(new),
    }
}

fn remove<T>(list: &mut Vec<T>, unwanted: String, id: impl Fn(&T) -> &String) -> Result<(), Wrong> {
    let place = list.iter().position(|one| *id(one) == unwanted).ok_or((unwanted, Flaw::NotThere))?;
    list.remove(place);
    Ok(())
}

//! A selection on the menu that is not submitted yet, and what a new menu keeps of it.

#[cfg(feature = "ssr")]
use domain::menu::Chosen;
use domain::menu::{Drink, Group, Menu, MenuOption, Seen};

use crate::words::Words;

#[cfg(target_arch = "wasm32")]
pub(super) mod dom;

/// A drink or option that is selected, with the name that it was selected by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picked {
    /// Id of the drink, or element id of the option.
    pub id: String,
    pub name: String,
}

/// The selection in the forms of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The open drink; its id is empty if none is open.
    pub drink: Picked,
    pub options: Vec<Picked>,
    /// Digests of what the form showed of the drink, if known.
    pub seen: Option<Seen>,
    /// Name to call out.
    pub name: String,
}

/// The part of a selection that a menu keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Id of the open drink; empty if none is open.
    pub drink: String,
    /// Element ids of the selected options.
    pub options: Vec<String>,
    /// Name to call out.
    pub name: String,
    /// Text about what left the menu, sold out or changed; empty if nothing did.
    pub notice: String,
}

impl Kept {
    /// Whether the option is selected.
    pub fn has(&self, drink: &Drink, group: &Group, option: &MenuOption) -> bool {
        self.options.contains(&option_element_id(drink, group, option))
    }
}

/// Element id of an option.
pub fn option_element_id(drink: &Drink, group: &Group, option: &MenuOption) -> String {
    [drink.id.as_str(), &group.id, &option.id].join("/")
}

impl Selection {
    /// The selection of an existing order.
    #[cfg(feature = "ssr")]
    pub fn from_order(chosen: &Chosen) -> Self {
        let picked = |picked: &domain::menu::ChosenOption| Picked {
            id: [&chosen.drink, &picked.group, &picked.option].map(String::as_str).join("/"),
            name: picked.name.clone(),
        };
        Self {
            drink: Picked { id: chosen.drink.clone(), name: chosen.name.clone() },
            options: chosen.options.iter().map(picked).collect(),
            ..Self::default()
        }
    }

    /// Reads the current selection from the DOM; empty on the server.
    pub fn from_dom() -> Self {
        #[cfg(target_arch = "wasm32")]
        return dom::read();
        #[cfg(not(target_arch = "wasm32"))]
        Self::default()
    }

    /// Returns the part of the selection that this menu keeps. Nothing is selected in place of what left the menu.
    pub fn on(self, menu: &Menu, words: Words) -> Kept {
        let texts = words.menu();
        let mut kept = Kept { name: self.name.clone(), ..Kept::default() };
        if self.drink.id.is_empty() {
            return kept;
        }
        match menu.drink(&self.drink.id) {
            Some(drink) if menu.is_drink_available(drink) => {
                kept.drink.clone_from(&drink.id);
                let mut sentences = self.keep_options(menu, drink, &mut kept, words);
                if self.seen.as_ref().is_some_and(|seen| !seen.has_drink(menu, drink)) {
                    sentences.insert(0, texts.has_changed(&drink.name));
                }
                kept.notice = sentences.join(" ");
            }
            Some(_) => texts.drink_has_sold_out().clone_into(&mut kept.notice),
            None => kept.notice = texts.drink_has_left(&self.drink.name),
        }
        kept
    }

    /// Keeps the options that the drink still has, and returns a sentence about each change.
    fn keep_options(&self, menu: &Menu, drink: &Drink, kept: &mut Kept, words: Words) -> Vec<String> {
        let texts = words.menu();
        let mut sentences = Vec::new();
        let mut left: Vec<&Picked> = self.options.iter().collect();
        let mut is_incomplete = None;
        for group in menu.groups_of(drink) {
            let mut ids = Vec::new();
            for option in &group.options {
                let id = option_element_id(drink, group, option);
                let Some(index) = left.iter().position(|picked| picked.id == id) else { continue };
                left.remove(index);
                if !menu.is_option_available(group, option) {
                    sentences.push(texts.option_has_sold_out(&option.name));
                    continue;
                }
                if self.seen.as_ref().is_some_and(|seen| !seen.has_option(menu, group, option)) {
                    sentences.push(texts.has_changed(&option.name));
                }
                ids.push(id);
            }
            // A group that takes fewer now must not decide for the guest which ones.
            if ids.len() as u64 > u64::from(group.most) {
                ids.clear();
            }
            if (ids.len() as u64) < u64::from(group.least) {
                is_incomplete.get_or_insert(&group.name);
            }
            kept.options.extend(ids);
        }
        sentences.extend(left.iter().map(|picked| texts.option_has_left(&picked.name)));
        match is_incomplete {
            Some(_) if !sentences.is_empty() => sentences.push(texts.choose_again().to_owned()),
            Some(group) => sentences.push(texts.choose_too(group)),
            None => {}
        }
        sentences
    }
}

#[cfg(test)]
mod tests;

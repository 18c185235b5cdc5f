//! Menu of an imported shop, built from the ordered drinks and modifiers.

use domain::menu::{Allergens, Chosen, ChosenOption, Drink, Group, Menu, MenuOption};

use super::original::ArchivedDrink;

/// Icons by a substring of the drink id; the first match wins.
const ICONS: [&str; 9] =
    ["flat-white", "cappuccino", "americano", "espresso", "chocolate", "filter", "mocha", "latte", "chai"];

/// Converts an archived drink. The original's modifiers have no group: the n-th modifier becomes an option of the
/// drink's n-th group.
pub(super) fn to_chosen(drink: &ArchivedDrink) -> Chosen {
    let id = slug(&drink.name);
    let picked = |(n, name): (usize, &String)| {
        let name = name.clone();
        ChosenOption { group: format!("{id}-{n}"), option: slug(&name), name }
    };
    Chosen {
        icon: icon(&id).to_owned(),
        name: drink.name.clone(),
        options: (1..).zip(&drink.modifiers).map(picked).collect(),
        drink: id,
        ..Chosen::default()
    }
}

/// Builds the menu of all choices: each drink once, and each group with an additional option `none`.
pub(super) fn build_menu<'a>(all: impl IntoIterator<Item = &'a Chosen>) -> Menu {
    let mut menu = Menu::default();
    for chosen in all {
        let at = menu.drinks.iter().position(|drink| drink.id == chosen.drink).unwrap_or_else(|| {
            let (id, name, icon) = (chosen.drink.clone(), chosen.name.clone(), chosen.icon.clone());
            menu.drinks.push(Drink { id, name, icon, ..Drink::default() });
            menu.drinks.len() - 1
        });
        for picked in &chosen.options {
            add_option(&mut menu, at, picked);
        }
    }
    menu
}

fn add_option(menu: &mut Menu, drink: usize, picked: &ChosenOption) {
    let groups = &mut menu.drinks[drink].groups;
    if !groups.contains(&picked.group) {
        groups.push(picked.group.clone());
        // Groups are sorted by number, independent of the order in which they occur.
        groups.sort_unstable();
        let (id, name, allergens) = ("none".to_owned(), "None".to_owned(), Allergens::none());
        let none = MenuOption { id, name, allergens, ..MenuOption::default() };
        let name = format!("Option {}", picked.group.rsplit('-').next().unwrap_or_default());
        menu.groups.push(Group { id: picked.group.clone(), name, options: vec![none], ..Group::default() });
    }
    if let Some(group) = menu.groups.iter_mut().find(|group| group.id == picked.group)
        && group.options.iter().all(|option| option.id != picked.option)
    {
        group.options.push(MenuOption {
            id: picked.option.clone(),
            name: picked.name.clone(),
            ..MenuOption::default()
        });
    }
}

/// Returns a slug: `Caffe Latte` becomes `caffe-latte`. A name without ASCII letters or digits becomes its code points.
fn slug(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-");
    if slug.is_empty() {
        let letters = lower.chars().map(|c| u32::from(c).to_string());
        return letters.collect::<Vec<_>>().join("-");
    }
    slug
}

fn icon(drink: &str) -> &'static str {
    ICONS.into_iter().find(|icon| drink.contains(icon)).unwrap_or("cup")
}

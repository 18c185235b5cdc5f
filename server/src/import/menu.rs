//! The menu of an imported shop: the drinks and modifiers that the archive shows were asked for.

use domain::menu::{Chosen, Drink, Group, Menu, Opt, Picked};

use super::original::Drink as Ordered;

/// The cups there are drawings of that a drink's name may hold.
const CUPS: [&str; 9] =
    ["flat-white", "cappuccino", "americano", "espresso", "chocolate", "filter", "mocha", "latte", "chai"];

/// A drink of the archive as one that was chosen here. Modifiers came as bare words, one of each group: the first of
/// them is the drink's first option, and so on.
pub(super) fn chosen(drink: &Ordered) -> Chosen {
    let id = slug(&drink.name);
    let picked = |(n, name): (usize, &String)| {
        let name = name.clone();
        Picked { group: format!("{id}-{n}"), option: slug(&name), name }
    };
    Chosen {
        icon: icon(&id).to_owned(),
        name: drink.name.clone(),
        options: (1..).zip(&drink.modifiers).map(picked).collect(),
        drink: id,
        ..Chosen::default()
    }
}

/// What was chosen, as a menu: every drink once, and of its options also none.
pub(super) fn menu<'a>(all: impl IntoIterator<Item = &'a Chosen>) -> Menu {
    let mut menu = Menu::default();
    for chosen in all {
        let at = menu.drinks.iter().position(|drink| drink.id == chosen.drink).unwrap_or_else(|| {
            let (id, name, icon) = (chosen.drink.clone(), chosen.name.clone(), chosen.icon.clone());
            menu.drinks.push(Drink { id, name, icon, ..Drink::default() });
            menu.drinks.len() - 1
        });
        for picked in &chosen.options {
            offer(&mut menu, at, picked);
        }
    }
    menu
}

fn offer(menu: &mut Menu, drink: usize, picked: &Picked) {
    let groups = &mut menu.drinks[drink].groups;
    if !groups.contains(&picked.group) {
        groups.push(picked.group.clone());
        // Groups of a drink are asked for in their order, whichever of them was met first.
        groups.sort_unstable();
        let none = Opt { id: "none".to_owned(), name: "None".to_owned(), ..Opt::default() };
        let name = format!("Option {}", picked.group.rsplit('-').next().unwrap_or_default());
        menu.groups.push(Group { id: picked.group.clone(), name, options: vec![none], ..Group::default() });
    }
    if let Some(group) = menu.groups.iter_mut().find(|group| group.id == picked.group)
        && group.options.iter().all(|option| option.id != picked.option)
    {
        group.options.push(Opt { id: picked.option.clone(), name: picked.name.clone(), ..Opt::default() });
    }
}

/// `Caffe Latte` is `caffe-latte`. What has no letter of the alphabet is spelled by the numbers of its letters.
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
    CUPS.into_iter().find(|cup| drink.contains(cup)).unwrap_or("cup")
}

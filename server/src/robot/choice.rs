//! What a robot orders: any drink of the menu with any of its options.

use domain::menu::{Choice, Menu};

/// A drink and an option of each of its groups. `any` is asked for a number below the one it is given.
///
/// `None` when the menu has no drinks.
pub(super) fn choose(menu: &Menu, mut any: impl FnMut(usize) -> usize) -> Option<Choice> {
    let drink = menu.drinks.get(any(menu.drinks.len().max(1)))?;
    let groups = drink.groups.iter().filter_map(|id| menu.group(id)).filter(|group| !group.options.is_empty());
    let options = groups.map(|group| (group.id.clone(), group.options[any(group.options.len())].id.clone()));
    let options = options.collect();
    Some(Choice { drink: drink.id.clone(), options })
}

/// A number below `end`, which is not 0. Menus are short: that the first come up a trifle more often is no matter.
pub(super) fn any(end: usize) -> usize {
    usize::from(u16::from_be_bytes(crate::identity::random())) % end
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn menu() -> Menu {
        serde_json::from_str(
            r#"{
                "drinks": [
                    { "id": "espresso", "name": "Espresso", "icon": "espresso" },
                    { "id": "latte", "name": "Latte", "icon": "latte", "groups": ["size", "gone", "bare", "milk"] }
                ],
                "groups": [
                    { "id": "milk", "name": "Milk", "options": [{ "id": "cow", "name": "Cow" }, { "id": "oat", "name": "Oat" }] },
                    { "id": "size", "name": "Size", "options": [{ "id": "small", "name": "Small" }] },
                    { "id": "bare", "name": "Bare", "options": [] }
                ]
            }"#,
        )
        .unwrap()
    }

    #[test]
    fn a_drink_comes_with_an_option_of_each_group_that_has_any() {
        let last = choose(&menu(), |end| end - 1).unwrap();
        assert_eq!(last.drink, "latte");
        let options: Vec<_> = last.options.iter().map(|(group, option)| (group.as_str(), option.as_str())).collect();
        assert_eq!(options, [("milk", "oat"), ("size", "small")]);
        assert!(choose(&menu(), |_| 0).unwrap().options.is_empty());
    }

    #[test]
    fn whatever_is_chosen_is_on_the_menu() {
        let menu = menu();
        for _ in 0..100 {
            menu.complete(&choose(&menu, any).unwrap()).unwrap();
        }
    }

    #[test]
    fn a_menu_without_drinks_offers_nothing() {
        assert_eq!(choose(&Menu::default(), any), None);
    }
}

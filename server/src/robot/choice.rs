//! What a robot orders: any drink of the menu with any of its options.

use domain::menu::{Choice, Menu};

/// A drink that can be had and options of its groups: one of those that take one, and of the others as many as must be.
/// `any` is asked for a number below the one it is given.
///
/// `None` when the menu has no drinks.
pub(super) fn choose(menu: &Menu, mut any: impl FnMut(usize) -> usize) -> Option<Choice> {
    let drinks: Vec<_> = menu.drinks.iter().filter(|drink| menu.has_drink(drink)).collect();
    let drink = drinks.get(any(drinks.len().max(1)))?;
    let mut choice = Choice { drink: drink.id.clone(), ..Choice::default() };
    for group in menu.groups_of(drink) {
        let mut left: Vec<_> = group.options.iter().filter(|option| menu.has_option(group, option)).collect();
        if group.takes_one() {
            choice.options.insert(group.id.clone(), left[any(left.len())].id.clone());
        } else {
            let must = (0..group.least).map(|_| left.swap_remove(any(left.len())));
            let must = must.map(|option| (option.id.clone(), "on".to_owned())).collect();
            choice.extras.insert(group.id.clone(), must);
        }
    }
    Some(choice)
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
                    { "id": "mocha", "name": "Mocha", "icon": "mocha", "groups": ["bare"] },
                    { "id": "latte", "name": "Latte", "icon": "latte", "groups": ["size", "gone", "extras", "milk"] }
                ],
                "groups": [
                    { "id": "milk", "name": "Milk", "options": [
                        { "id": "cow", "name": "Cow" }, { "id": "oat", "name": "Oat" }, { "id": "soy", "name": "Soya" }
                    ] },
                    { "id": "extras", "name": "Extras", "least": 2, "most": 3, "options": [
                        { "id": "cream", "name": "Cream" }, { "id": "cocoa", "name": "Cocoa" }, { "id": "nuts", "name": "Nuts" }
                    ] },
                    { "id": "size", "name": "Size", "options": [{ "id": "small", "name": "Small" }] },
                    { "id": "bare", "name": "Bare", "options": [] }
                ],
                "out": ["option/milk/soy"]
            }"#,
        )
        .unwrap()
    }

    #[test]
    fn a_drink_that_can_be_had_comes_with_options_that_can() {
        let last = choose(&menu(), |end| end - 1).unwrap();
        assert_eq!(last.drink, "latte");
        let options: Vec<_> = last.options.iter().map(|(group, option)| (group.as_str(), option.as_str())).collect();
        assert_eq!(options, [("milk", "oat"), ("size", "small")]);
        assert_eq!(last.extras["extras"].keys().collect::<Vec<_>>(), ["cocoa", "nuts"]);
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

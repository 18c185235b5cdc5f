//! Random choice of a drink and its options.

use domain::menu::{Choice, Menu, Seen};

/// Chooses an available drink, one option of each single-choice group and the required number of each other group.
///
/// `random_below(n)` returns a number below `n`. Returns `None` if no drink is available.
pub(super) fn choose(menu: &Menu, mut random_below: impl FnMut(usize) -> usize) -> Option<Choice> {
    let drinks: Vec<_> = menu.drinks.iter().filter(|drink| menu.is_drink_available(drink)).collect();
    let drink = drinks.get(random_below(drinks.len().max(1)))?;
    let mut choice = Choice { drink: drink.id.clone(), seen: Some(Seen::of(menu, drink)), ..Choice::default() };
    for group in menu.groups_of(drink) {
        let mut available: Vec<_> =
            group.options.iter().filter(|option| menu.is_option_available(group, option)).collect();
        if group.takes_one() {
            choice.options.insert(group.id.clone(), available[random_below(available.len())].id.clone());
        } else {
            let required = (0..group.least).map(|_| available.swap_remove(random_below(available.len())));
            let required = required.map(|option| (option.id.clone(), "on".to_owned())).collect();
            choice.extras.insert(group.id.clone(), required);
        }
    }
    Some(choice)
}

/// Returns a random number below `end`, which must not be 0. The modulo bias is negligible for the size of a menu.
pub(super) fn random_below(end: usize) -> usize {
    usize::from(u16::from_be_bytes(crate::random())) % end
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
    fn only_available_drinks_and_options_are_chosen() {
        let last = choose(&menu(), |end| end - 1).unwrap();
        assert_eq!(last.drink, "latte");
        let options: Vec<_> = last.options.iter().map(|(group, option)| (group.as_str(), option.as_str())).collect();
        assert_eq!(options, [("milk", "oat"), ("size", "small")]);
        assert_eq!(last.extras["extras"].keys().collect::<Vec<_>>(), ["cocoa", "nuts"]);
        assert!(choose(&menu(), |_| 0).unwrap().options.is_empty());
    }

    #[test]
    fn every_choice_is_on_the_menu() {
        let menu = menu();
        for _ in 0..100 {
            menu.complete(&choose(&menu, random_below).unwrap()).unwrap();
        }
    }

    #[test]
    fn a_menu_without_drinks_offers_nothing() {
        assert_eq!(choose(&Menu::default(), random_below), None);
    }
}

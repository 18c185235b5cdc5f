//! Tests of what a new menu keeps of a selection.

use domain::language::Language;
use domain::menu::{Drink, Group, Menu, MenuOption, Seen};

use super::{Kept, Picked, Selection};
use crate::words::Words;

fn option(id: &str, name: &str) -> MenuOption {
    MenuOption { id: id.to_owned(), name: name.to_owned(), ..MenuOption::default() }
}

/// A latte with one of three milks and up to two syrups.
fn menu() -> Menu {
    let milks = vec![option("cow", "Cow"), option("oat", "Oat"), option("soy", "Soya")];
    let syrups = vec![option("vanilla", "Vanilla"), option("caramel", "Caramel")];
    let milk = Group { id: "milk".to_owned(), name: "Milk".to_owned(), options: milks, ..Group::default() };
    let syrup = Group {
        id: "syrup".to_owned(),
        name: "Syrup".to_owned(),
        options: syrups,
        least: 0,
        most: 2,
        ..Group::default()
    };
    let drink = |id: &str, name: &str| Drink {
        id: id.to_owned(),
        name: name.to_owned(),
        groups: vec!["milk".to_owned(), "syrup".to_owned()],
        ..Drink::default()
    };
    Menu {
        drinks: vec![drink("latte", "Latte"), drink("mocha", "Mocha")],
        groups: vec![milk, syrup],
        ..Menu::default()
    }
}

/// Ada's latte with oat and both syrups, selected on the whole menu.
fn selection() -> Selection {
    let picked = |id: &str, name: &str| Picked { id: id.to_owned(), name: name.to_owned() };
    let options = [("milk/oat", "Oat"), ("syrup/vanilla", "Vanilla"), ("syrup/caramel", "Caramel")];
    Selection {
        drink: picked("latte", "Latte"),
        options: options.map(|(id, name)| picked(&["latte/", id].concat(), name)).into(),
        seen: Some(Seen::of(&menu(), &menu().drinks[0])),
        name: "Ada".to_owned(),
    }
}

/// What is kept after a change of the menu: the drink and its options without its id.
#[track_caller]
fn assert_kept(change: impl FnOnce(&mut Menu), options: &[&str], notice: &str) {
    let mut menu = menu();
    change(&mut menu);
    let kept = selection().on(&menu, Words::new(Language::English));
    let options = options.iter().map(|id| ["latte/", id].concat()).collect();
    assert_eq!(kept, Kept { drink: "latte".to_owned(), options, name: "Ada".to_owned(), notice: notice.to_owned() });
}

const ALL: [&str; 3] = ["milk/oat", "syrup/vanilla", "syrup/caramel"];
const SYRUPS: [&str; 2] = ["syrup/vanilla", "syrup/caramel"];

#[test]
fn a_selection_is_kept_while_the_menu_changes_elsewhere() {
    assert_kept(|_| {}, &ALL, "");
    assert_kept(|menu| drop(menu.drinks.remove(1)), &ALL, "");
    assert_kept(|menu| drop(menu.groups[0].options.remove(0)), &ALL, "");
    assert_kept(|menu| menu.groups[0].options.insert(0, option("rice", "Rice")), &ALL, "");
}

#[test]
fn an_option_that_leaves_the_menu_is_told_and_none_is_picked_instead() {
    let without_oat = |menu: &mut Menu| drop(menu.groups[0].options.remove(1));
    assert_kept(without_oat, &SYRUPS, "Oat is no longer on the menu. Choose again.");
    let without_vanilla = |menu: &mut Menu| drop(menu.groups[1].options.remove(0));
    assert_kept(without_vanilla, &["milk/oat", "syrup/caramel"], "Vanilla is no longer on the menu.");
}

#[test]
fn an_option_that_sells_out_is_told_and_none_is_picked_instead() {
    let sell_out = |menu: &mut Menu| menu.out = vec![domain::menu::StockItem::option("milk", "oat")];
    assert_kept(sell_out, &SYRUPS, "Oat has just sold out. Choose again.");
}

#[test]
fn a_group_that_leaves_the_drink_takes_its_options_with_it() {
    let without_syrup = |menu: &mut Menu| drop(menu.drinks[0].groups.remove(1));
    assert_kept(without_syrup, &["milk/oat"], "Vanilla is no longer on the menu. Caramel is no longer on the menu.");
}

#[test]
fn a_new_group_is_told_and_nothing_is_picked_in_it() {
    let with_size = |menu: &mut Menu| {
        let options = vec![option("small", "Small")];
        menu.groups.push(Group { id: "size".to_owned(), name: "Size".to_owned(), options, ..Group::default() });
        menu.drinks[0].groups.push("size".to_owned());
    };
    assert_kept(with_size, &ALL, "Now choose size too.");
}

#[test]
fn a_group_that_takes_fewer_options_keeps_none_of_too_many() {
    let one_syrup = |menu: &mut Menu| (menu.groups[1].least, menu.groups[1].most) = (1, 1);
    assert_kept(one_syrup, &["milk/oat"], "Now choose syrup too.");
}

#[test]
fn a_new_price_is_told_and_the_selection_kept() {
    assert_kept(|menu| menu.drinks[0].price = 420, &ALL, "Latte has changed on the menu.");
    assert_kept(|menu| menu.groups[0].options[1].surcharge = 50, &ALL, "Oat has changed on the menu.");
}

#[test]
fn a_drink_that_leaves_the_menu_is_told_and_none_is_opened_instead() {
    let gone = |change: fn(&mut Menu)| {
        let mut menu = menu();
        change(&mut menu);
        selection().on(&menu, Words::new(Language::English))
    };
    let kept = |notice: &str| Kept { name: "Ada".to_owned(), notice: notice.to_owned(), ..Kept::default() };
    let removed = gone(|menu| drop(menu.drinks.remove(0)));
    assert_eq!(removed, kept("Latte is no longer on the menu. Choose another."));
    let sold_out = gone(|menu| menu.out = vec![domain::menu::StockItem::drink("latte")]);
    assert_eq!(sold_out, kept("Your drink has just sold out. Choose another."));
}

//! Scenarios of a choice that was made on a menu which has changed since.

use domain::command::Command;
use domain::event::{Event, MenuChanged};
use domain::menu::{Allergen, Allergens, Choice, Group, Menu, MenuOption, Seen};
use domain::refusal::Refusal;

use crate::bar::{ANNA, CARLA, TestShop, at, choice, id, menu};

const OAT: [(&str, &str); 2] = [("size", "small"), ("milk", "oat")];

/// A small flat white with oat, as picked in the form of [`menu`].
fn picked_in_the_form() -> Choice {
    let seen = Some(Seen::of(&menu(), &menu().drinks[0]));
    Choice { seen, ..choice("flat-white", &OAT) }
}

/// Anna submits the choice of her form after a change of the menu.
fn submit_after(change: impl FnOnce(&mut Menu)) -> TestShop {
    let mut menu = menu();
    change(&mut menu);
    let command = Command::Submit { order: id(1), choice: picked_in_the_form() };
    TestShop::choosing().and(MenuChanged { menu }).when(ANNA, command, at(10))
}

fn changed(what: &str) -> Refusal {
    Refusal::MenuChanged { what: what.to_owned() }
}

fn not_on_the_menu(what: &str) -> Refusal {
    Refusal::NotOnTheMenu { what: what.to_owned() }
}

#[test]
fn a_choice_is_taken_after_changes_that_do_not_touch_it() {
    let is_taken = |change: fn(&mut Menu)| {
        let shop = submit_after(change);
        let is_submitted = |event: &Event| matches!(event, Event::OrderSubmitted(event) if event.chosen.description() == "Flat white, small, oat");
        assert!(shop.events().iter().any(|caused| is_submitted(&caused.event)));
    };
    is_taken(|_| {});
    is_taken(|menu| menu.drinks[1].name = "Ristretto".to_owned());
    is_taken(|menu| menu.groups[0].options[0].allergens = Allergens::all([Allergen::Nuts]));
    is_taken(|menu| drop(menu.groups[0].options.remove(0)));
    is_taken(|menu| {
        let rice = MenuOption { id: "rice".to_owned(), name: "rice".to_owned(), preset: true, ..MenuOption::default() };
        menu.groups[0].options.insert(0, rice);
    });
}

#[test]
fn a_choice_is_refused_after_a_change_of_what_it_names() {
    let oat = |change: fn(&mut MenuOption)| submit_after(|menu| change(&mut menu.groups[0].options[1]));
    oat(|oat| oat.surcharge = 50).refused(changed("oat"));
    oat(|oat| oat.allergens = Allergens::none()).refused(changed("oat"));
    oat(|oat| oat.allergens = Allergens::default()).refused(changed("oat"));
    oat(|oat| oat.name = "soya".to_owned()).refused(changed("soya"));
    submit_after(|menu| (menu.drinks[0].price, menu.currency) = (380, "EUR".to_owned())).refused(changed("Flat white"));
    submit_after(|menu| menu.drinks[0].allergens = Allergens::default()).refused(changed("Flat white"));
    submit_after(|menu| menu.drinks[0].name = "Mocha".to_owned()).refused(changed("Mocha"));
}

#[test]
fn a_choice_is_refused_after_its_drink_group_or_option_left_the_menu() {
    submit_after(|menu| drop(menu.groups[0].options.remove(1))).refused(not_on_the_menu("oat"));
    submit_after(|menu| drop(menu.drinks[0].groups.remove(1))).refused(not_on_the_menu("milk"));
    submit_after(|menu| drop(menu.drinks.remove(0))).refused(not_on_the_menu("flat-white"));
}

#[test]
fn a_group_that_a_form_did_not_have_is_not_filled_with_its_default() {
    let ask_for_beans = |menu: &mut Menu| menu.drinks[0].groups.push("bean".to_owned());
    let count = Refusal::OptionCountOutOfRange { group: "bean".to_owned(), least: 1, most: 1 };
    submit_after(ask_for_beans).refused(count);
    // A group of which nothing needs to be picked changes nothing.
    submit_after(|menu| {
        let options = vec![MenuOption { id: "cocoa".to_owned(), name: "cocoa".to_owned(), ..MenuOption::default() }];
        let (id, name) = ("topping".to_owned(), "topping".to_owned());
        menu.groups.push(Group { id, name, options, least: 0, ..Group::default() });
        menu.drinks[0].groups.push("topping".to_owned());
    })
    .events();
}

#[test]
fn a_form_without_a_pick_in_a_group_gets_no_default() {
    let lost = Choice { seen: picked_in_the_form().seen, ..choice("flat-white", &[("size", "small")]) };
    let count = Refusal::OptionCountOutOfRange { group: "milk".to_owned(), least: 1, most: 1 };
    TestShop::choosing().when(ANNA, Command::Submit { order: id(1), choice: lost }, at(10)).refused(count);
}

#[test]
fn edits_and_walk_ins_are_taken_only_as_their_forms_showed_them() {
    let mut menu = menu();
    menu.groups[0].options[1].surcharge = 50;
    menu.currency = "EUR".to_owned();
    let edit = Command::Edit { order: id(1), choice: picked_in_the_form(), version: None };
    TestShop::waiting().and(MenuChanged { menu: menu.clone() }).when(ANNA, edit, at(40)).refused(changed("oat"));
    let walk_in = Command::WalkIn { order: id(9), choice: picked_in_the_form() };
    TestShop::open().and(MenuChanged { menu }).when(CARLA, walk_in, at(40)).refused(changed("oat"));
}

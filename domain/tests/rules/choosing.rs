//! Scenarios of submissions: menu checks, default options, allergens and permissions.

use domain::command::Command;
use domain::event::{Event, MenuChanged};
use domain::menu::{Allergen, Allergens, Choice, Chosen, Menu};
use domain::order::Step;
use domain::refusal::Refusal;

use crate::bar::{ANNA, BEN, CARLA, DISPLAY, MANAGER, ROBOT, TestShop, at, choice, id, menu, submit};

fn submit_choice(choice: Choice) -> TestShop {
    TestShop::choosing().when(ANNA, Command::Submit { order: id(1), choice }, at(10))
}

fn not_on_the_menu(what: &str) -> Refusal {
    Refusal::NotOnTheMenu { what: what.to_owned() }
}

fn chosen(shop: &TestShop) -> Chosen {
    let chosen = shop.events().iter().find_map(|caused| match &caused.event {
        Event::OrderSubmitted(event) => Some(event.chosen.clone()),
        _ => None,
    });
    chosen.unwrap()
}

#[test]
fn an_unknown_drink_is_refused_with_its_id() {
    submit_choice(choice("unicorn", &[])).refused(not_on_the_menu("unicorn"));
    submit_choice(choice("", &[])).refused(not_on_the_menu(""));
    submit_choice(choice("Flat white", &[])).refused(not_on_the_menu("Flat white"));
}

#[test]
fn a_group_of_another_drink_is_refused() {
    submit_choice(choice("espresso", &[("milk", "oat")])).refused(not_on_the_menu("milk"));
    submit_choice(choice("flat-white", &[("bean", "house")])).refused(not_on_the_menu("bean"));
    submit_choice(choice("flat-white", &[("syrup", "vanilla")])).refused(not_on_the_menu("syrup"));
}

#[test]
fn an_option_of_another_group_is_refused() {
    submit_choice(choice("flat-white", &[("milk", "yak")])).refused(not_on_the_menu("yak"));
    submit_choice(choice("flat-white", &[("milk", "large")])).refused(not_on_the_menu("large"));
}

#[test]
fn a_refusal_truncates_the_rejected_text() {
    submit_choice(choice(&"ü".repeat(10_000), &[])).refused(not_on_the_menu(&"ü".repeat(60)));
}

#[test]
fn a_refused_choice_can_be_corrected() {
    let shop = submit_choice(choice("unicorn", &[])).refused(not_on_the_menu("unicorn"));
    assert_eq!(shop.step(1), Some(Step::Choosing));
    assert_eq!(shop.after(ANNA, submit(1), at(20)).step(1), Some(Step::Waiting));
}

#[test]
fn an_omitted_group_gets_its_first_option() {
    let shop = submit_choice(choice("flat-white", &[("milk", "oat")]));
    let chosen = chosen(&shop);
    let picked: Vec<_> = chosen.options.iter().map(|picked| (picked.group.as_str(), picked.option.as_str())).collect();
    assert_eq!(picked, [("size", "small"), ("milk", "oat")]);
    assert_eq!(chosen.description(), "Flat white, small, oat");
}

#[test]
fn options_are_listed_in_menu_order() {
    let chosen_drink = chosen(&submit_choice(choice("flat-white", &[("milk", "oat"), ("size", "large")])));
    assert_eq!(chosen_drink.description(), "Flat white, large, oat");
    assert_eq!(chosen(&submit_choice(choice("espresso", &[]))).description(), "Espresso");
}

#[test]
fn an_option_named_none_is_chosen_but_not_printed() {
    let mut unsized_cup = menu();
    unsized_cup.groups[1].options[0].id = "none".to_owned();
    let chosen = unsized_cup.complete(&choice("flat-white", &[("milk", "oat")])).unwrap();
    assert_eq!(chosen.options.len(), 2);
    assert_eq!(chosen.description(), "Flat white, oat");
}

#[test]
fn allergens_are_collected_from_the_drink_and_the_chosen_options() {
    let allergens = |menu: Menu, choice: Choice| menu.complete(&choice).unwrap().allergens.known().to_vec();
    assert_eq!(allergens(menu(), choice("flat-white", &[])), [Allergen::Milk]);
    assert_eq!(allergens(menu(), choice("flat-white", &[("milk", "oat")])), [Allergen::Gluten]);
    assert_eq!(allergens(menu(), choice("espresso", &[])), []);

    let mut with_nuts = menu();
    with_nuts.drinks[0].allergens = Allergens::all([Allergen::Nuts, Allergen::Milk]);
    let both = allergens(with_nuts, choice("flat-white", &[]));
    assert_eq!(both, [Allergen::Milk, Allergen::Nuts], "each allergen occurs once, in the order of the enum");
}

#[test]
fn allergens_are_unknown_as_soon_as_one_part_of_the_choice_is() {
    let allergens = |undeclare: fn(&mut Menu)| {
        let mut menu = menu();
        undeclare(&mut menu);
        menu.complete(&choice("flat-white", &[("milk", "oat")])).unwrap().allergens
    };
    let partly = Allergens::new(vec![Allergen::Gluten], false);
    assert_eq!(allergens(|_| {}), Allergens::all([Allergen::Gluten]));
    assert_eq!(allergens(|menu| menu.drinks[0].allergens = Allergens::default()), partly);
    assert_eq!(allergens(|menu| menu.groups[1].options[0].allergens = Allergens::default()), partly);
    assert_eq!(allergens(|menu| menu.groups[0].options[1].allergens = Allergens::default()), Allergens::default());
    // An option that is not picked says nothing about the drink.
    let other = |menu: &mut Menu| menu.groups[0].options[0].allergens = Allergens::default();
    assert_eq!(allergens(other), Allergens::all([Allergen::Gluten]));
}

#[test]
fn a_submission_is_checked_against_the_current_menu() {
    let mut short = menu();
    short.drinks.retain(|drink| drink.id != "flat-white");
    TestShop::choosing()
        .and(MenuChanged { menu: short })
        .when(ANNA, submit(1), at(10))
        .refused(not_on_the_menu("flat-white"));
}

#[test]
fn an_option_of_a_removed_group_is_refused_and_not_ignored() {
    let mut milkless = menu();
    milkless.groups.retain(|group| group.id != "milk");
    let oat = choice("flat-white", &[("milk", "oat")]);
    let shop = TestShop::choosing().and(MenuChanged { menu: milkless });
    let shop = shop.when(ANNA, Command::Submit { order: id(1), choice: oat }, at(10)).refused(not_on_the_menu("milk"));
    // A choice without milk gets the remaining groups.
    let shop = shop.after(ANNA, submit(1), at(20));
    assert_eq!(chosen(&shop).description(), "Flat white, small");
}

#[test]
fn only_the_guest_of_an_order_submits_it() {
    TestShop::choosing().when(BEN, submit(1), at(10)).refused(Refusal::NotOwner);
    TestShop::choosing().when(ROBOT, submit(1), at(10)).refused(Refusal::NotOwner);
    for actor in [CARLA, MANAGER, DISPLAY] {
        TestShop::choosing().when(actor, submit(1), at(10)).refused(Refusal::RoleNotAllowed);
    }
}

#[test]
fn an_order_is_submitted_once() {
    TestShop::waiting().when(ANNA, submit(1), at(40)).refused(Refusal::IllegalStep { step: Step::Waiting });
    TestShop::ready().when(ANNA, submit(1), at(100)).refused(Refusal::IllegalStep { step: Step::Ready });
}

#[test]
fn an_unknown_order_cannot_be_submitted() {
    TestShop::open().when(ANNA, submit(1), at(0)).refused(Refusal::UnknownOrder);
}

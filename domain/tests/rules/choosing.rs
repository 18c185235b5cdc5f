//! Scenarios of submissions: menu checks, default options, allergens and permissions.

use domain::command::Command;
use domain::event::{Event, MenuChanged};
use domain::menu::{Allergen, Choice, Chosen, Menu};
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
fn a_drink_nobody_makes_is_refused_by_its_name() {
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
fn an_option_its_group_has_not_is_refused() {
    submit_choice(choice("flat-white", &[("milk", "yak")])).refused(not_on_the_menu("yak"));
    submit_choice(choice("flat-white", &[("milk", "large")])).refused(not_on_the_menu("large"));
}

#[test]
fn a_refusal_repeats_no_more_than_a_line() {
    submit_choice(choice(&"ü".repeat(10_000), &[])).refused(not_on_the_menu(&"ü".repeat(60)));
}

#[test]
fn a_refused_choice_can_be_mended() {
    let shop = submit_choice(choice("unicorn", &[])).refused(not_on_the_menu("unicorn"));
    assert_eq!(shop.step(1), Some(Step::Choosing));
    assert_eq!(shop.after(ANNA, submit(1), at(20)).step(1), Some(Step::Waiting));
}

#[test]
fn what_is_left_out_is_the_first_of_its_group() {
    let shop = submit_choice(choice("flat-white", &[("milk", "oat")]));
    let chosen = chosen(&shop);
    let picked: Vec<_> = chosen.options.iter().map(|picked| (picked.group.as_str(), picked.option.as_str())).collect();
    assert_eq!(picked, [("size", "small"), ("milk", "oat")]);
    assert_eq!(chosen.words(), "Flat white, small, oat");
}

#[test]
fn options_stand_in_the_order_of_the_menu() {
    let chosen_drink = chosen(&submit_choice(choice("flat-white", &[("milk", "oat"), ("size", "large")])));
    assert_eq!(chosen_drink.words(), "Flat white, large, oat");
    assert_eq!(chosen(&submit_choice(choice("espresso", &[]))).words(), "Espresso");
}

#[test]
fn an_option_called_none_is_picked_and_not_said() {
    let mut unsized_cup = menu();
    unsized_cup.groups[1].options[0].id = "none".to_owned();
    let chosen = unsized_cup.complete(&choice("flat-white", &[("milk", "oat")])).unwrap();
    assert_eq!(chosen.options.len(), 2);
    assert_eq!(chosen.words(), "Flat white, oat");
}

#[test]
fn allergens_are_those_of_the_drink_and_of_the_options_chosen() {
    let allergens = |menu: Menu, choice: Choice| menu.complete(&choice).unwrap().allergens;
    assert_eq!(allergens(menu(), choice("flat-white", &[])), [Allergen::Milk]);
    assert_eq!(allergens(menu(), choice("flat-white", &[("milk", "oat")])), [Allergen::Gluten]);
    assert_eq!(allergens(menu(), choice("espresso", &[])), []);

    let mut with_nuts = menu();
    with_nuts.drinks[0].allergens = vec![Allergen::Nuts, Allergen::Milk];
    let both = allergens(with_nuts, choice("flat-white", &[]));
    assert_eq!(both, [Allergen::Milk, Allergen::Nuts], "each allergen occurs once, in the order of the enum");
}

#[test]
fn the_menu_counts_as_it_is_at_the_submission() {
    let mut short = menu();
    short.drinks.retain(|drink| drink.id != "flat-white");
    TestShop::choosing()
        .and(MenuChanged { menu: short })
        .when(ANNA, submit(1), at(10))
        .refused(not_on_the_menu("flat-white"));
}

#[test]
fn an_option_of_a_group_that_is_gone_is_refused_and_not_forgotten() {
    let mut milkless = menu();
    milkless.groups.retain(|group| group.id != "milk");
    let oat = choice("flat-white", &[("milk", "oat")]);
    let shop = TestShop::choosing().and(MenuChanged { menu: milkless });
    let shop = shop.when(ANNA, Command::Submit { order: id(1), choice: oat }, at(10)).refused(not_on_the_menu("milk"));
    // A choice without milk gets the remaining groups.
    let shop = shop.after(ANNA, submit(1), at(20));
    assert_eq!(chosen(&shop).words(), "Flat white, small");
}

#[test]
fn nobody_chooses_for_somebody_else() {
    TestShop::choosing().when(BEN, submit(1), at(10)).refused(Refusal::OrderIsAnothers);
    TestShop::choosing().when(ROBOT, submit(1), at(10)).refused(Refusal::OrderIsAnothers);
    for actor in [CARLA, MANAGER, DISPLAY] {
        TestShop::choosing().when(actor, submit(1), at(10)).refused(Refusal::RoleForbids);
    }
}

#[test]
fn a_guest_chooses_once() {
    TestShop::waiting().when(ANNA, submit(1), at(40)).refused(Refusal::StepIsIllegal { step: Step::Waiting });
    TestShop::ready().when(ANNA, submit(1), at(100)).refused(Refusal::StepIsIllegal { step: Step::Ready });
}

#[test]
fn an_order_nobody_started_cannot_be_submitted() {
    TestShop::open().when(ANNA, submit(1), at(0)).refused(Refusal::OrderIsUnknown);
}

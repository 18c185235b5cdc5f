//! Scenarios of the menu: changes, availability, and the price, time and allergens of a choice.

use domain::access::Actor;
use domain::command::{Command, StoreCommand};
use domain::event::{Event, MenuChanged};
use domain::menu::change::{Flaw, MenuChange};
use domain::menu::{Allergen, Choice, Drink, Group, Menu, NotOffered, Opt, Thing};
use domain::refusal::Refusal;

use crate::bar::{ANNA, CARLA, DISPLAY, MANAGER, ROBOT, TestShop, at, choice, id, menu, submit};

fn text(text: &str) -> String {
    text.to_owned()
}

fn change_menu(change: MenuChange) -> Command {
    StoreCommand::ChangeMenu(change).into()
}

fn mark_out(thing: Thing) -> Command {
    StoreCommand::ChangeAvailability { thing, available: false }.into()
}

fn mark_available(thing: Thing) -> Command {
    StoreCommand::ChangeAvailability { thing, available: true }.into()
}

fn option(id: &str) -> Opt {
    Opt { id: text(id), name: text(id), ..Opt::default() }
}

fn mocha() -> Drink {
    Drink {
        id: text("mocha"),
        name: text("Mocha"),
        icon: text("mocha"),
        groups: vec![text("milk")],
        ..Drink::default()
    }
}

/// A group of cream, cocoa and vanilla, of which at most two are taken.
fn extras() -> Group {
    let options = vec![
        Opt { surcharge: 50, seconds: 10, ..option("cream") },
        Opt { preset: true, ..option("cocoa") },
        Opt { surcharge: 30, ingredients: vec![text("syrup")], ..option("vanilla") },
    ];
    Group { id: text("extras"), name: text("Extras"), options, least: 0, most: 2, ..Group::default() }
}

/// The menu with a mocha that has extras and a price.
fn menu_with_mocha() -> Menu {
    let mut menu = menu();
    menu.currency = text("EUR");
    menu.groups.push(extras());
    let groups = vec![text("milk"), text("extras")];
    menu.drinks.push(Drink { groups, price: 380, seconds: 90, ingredients: vec![text("chocolate")], ..mocha() });
    menu
}

fn with_extras(extras: &[&str]) -> Choice {
    let boxes = extras.iter().map(|extra| (text(extra), text("on"))).collect();
    Choice { extras: [(text("extras"), boxes)].into(), ..choice("mocha", &[]) }
}

/// The menu after the last command.
fn current_menu(shop: &TestShop) -> Menu {
    let changed = shop.log().iter().rev().find_map(|event| match event {
        Event::MenuChanged(event) => Some(event.menu.clone()),
        _ => None,
    });
    changed.unwrap()
}

#[test]
fn a_drink_is_added_renamed_and_removed() {
    let shop = TestShop::open().when(MANAGER, change_menu(MenuChange::PutDrink(mocha())), at(0));
    let shop = shop.then(["ConfigService.MenuChanged"]);
    assert_eq!(current_menu(&shop).drinks.last(), Some(&mocha()));

    let renamed = Drink { name: text("Moka"), ..mocha() };
    let shop = shop.after(MANAGER, change_menu(MenuChange::PutDrink(renamed.clone())), at(1));
    assert_eq!(current_menu(&shop).drinks.iter().filter(|drink| drink.id == "mocha").collect::<Vec<_>>(), [&renamed]);
    shop.clone().when(MANAGER, change_menu(MenuChange::PutDrink(renamed)), at(2)).then([]);

    let shop = shop.after(MANAGER, change_menu(MenuChange::RemoveDrink(text("mocha"))), at(3));
    assert_eq!(current_menu(&shop), menu());
}

#[test]
fn a_menu_change_applies_to_orders_being_chosen() {
    let without = change_menu(MenuChange::RemoveDrink(text("flat-white")));
    let what = text("flat-white");
    TestShop::choosing()
        .after(MANAGER, without, at(5))
        .when(ANNA, submit(1), at(10))
        .refused(Refusal::NotOnTheMenu { what });
}

#[test]
fn a_submitted_order_is_not_affected_by_menu_changes() {
    let shop = TestShop::waiting()
        .after(MANAGER, change_menu(MenuChange::RemoveDrink(text("flat-white"))), at(40))
        .after(CARLA, mark_out(Thing::option("milk", "oat")), at(41));
    shop.when(CARLA, crate::bar::claim(1), at(50)).then(["OrderManager.OrderClaimed"]);
}

#[test]
fn a_group_in_use_cannot_be_removed() {
    let shop = TestShop::open();
    assert_menu_flaw(&shop, MenuChange::RemoveGroup(text("milk")), "milk", Flaw::GroupInUse);
    assert_menu_flaw(&shop, MenuChange::RemoveGroup(text("bar")), "bar", Flaw::NotThere);
    assert_menu_flaw(&shop, MenuChange::RemoveDrink(text("bar")), "bar", Flaw::NotThere);
    let shop = shop.after(MANAGER, change_menu(MenuChange::RemoveGroup(text("bean"))), at(1));
    assert!(current_menu(&shop).group("bean").is_none());
}

#[track_caller]
fn assert_menu_flaw(shop: &TestShop, put: MenuChange, what: &str, flaw: Flaw) {
    shop.clone().when(MANAGER, change_menu(put), at(9)).refused(Refusal::MenuIsWrong { what: text(what), flaw });
}

#[test]
fn an_invalid_drink_is_refused_with_its_flaw() {
    let shop = TestShop::open();
    let drink = |change: fn(&mut Drink), what: &str, flaw| {
        let mut drink = mocha();
        change(&mut drink);
        assert_menu_flaw(&shop, MenuChange::PutDrink(drink), what, flaw);
    };
    drink(|drink| drink.id = text(""), "", Flaw::IdWrong);
    drink(|drink| drink.id = text("Moka!"), "Moka!", Flaw::IdWrong);
    drink(|drink| drink.id = "m".repeat(41), &"m".repeat(41), Flaw::IdWrong);
    drink(|drink| drink.icon = text("../x"), "mocha", Flaw::IdWrong);
    drink(|drink| drink.ingredients = vec![text("Oat milk")], "mocha", Flaw::IdWrong);
    drink(|drink| drink.name = text(""), "mocha", Flaw::NameWrong);
    drink(|drink| drink.name = text(" Mocha"), "mocha", Flaw::NameWrong);
    drink(|drink| drink.name = text("Mo\ncha"), "mocha", Flaw::NameWrong);
    drink(|drink| drink.name = "m".repeat(41), "mocha", Flaw::NameWrong);
    drink(|drink| drink.names = [(text("de"), text(""))].into(), "mocha", Flaw::NameWrong);
    drink(|drink| drink.names = [("d".repeat(41), text("Mokka"))].into(), "mocha", Flaw::NameWrong);
    drink(|drink| drink.groups.push(text("milk")), "mocha", Flaw::GroupWrong);
    drink(|drink| drink.groups.push(text("straw")), "mocha", Flaw::GroupWrong);
    drink(|drink| drink.seconds = 3601, "mocha", Flaw::NumberWrong);
    drink(|drink| drink.ingredients = vec![text("milk"); 21], "mocha", Flaw::TooMany);
    drink(|drink| drink.price = 1, "menu", Flaw::CurrencyWrong);
}

#[test]
fn an_invalid_group_is_refused_with_its_flaw() {
    let shop = TestShop::open().after(MANAGER, change_menu(MenuChange::SetCurrency(text("EUR"))), at(0));
    let group = |change: fn(&mut Group), what: &str, flaw| {
        let mut group = extras();
        change(&mut group);
        assert_menu_flaw(&shop, MenuChange::PutGroup(group), what, flaw);
    };
    group(|group| group.options.clear(), "extras", Flaw::OptionsMissing);
    group(|group| group.name.clear(), "extras", Flaw::NameWrong);
    group(|group| group.most = 0, "extras", Flaw::CountsWrong);
    group(|group| group.least = 3, "extras", Flaw::CountsWrong);
    group(|group| (group.least, group.most) = (4, 4), "extras", Flaw::CountsWrong);
    group(|group| group.options.iter_mut().for_each(|option| option.preset = true), "extras", Flaw::PresetsWrong);
    group(|group| group.options.push(option("cream")), "cream", Flaw::IdTwice);
    group(|group| group.options[0].surcharge = 1_000_001, "cream", Flaw::NumberWrong);
    group(|group| group.options[0].name = text("\u{7}"), "cream", Flaw::NameWrong);
    group(|group| group.options.extend((0..30).map(|n| option(&format!("o{n}")))), "extras", Flaw::TooMany);
}

#[test]
fn a_menu_has_at_most_sixty_drinks_with_distinct_ids() {
    let mut full = menu();
    full.drinks = (0..60).map(|n| Drink { id: format!("d{n}"), groups: Vec::new(), ..mocha() }).collect();
    assert_eq!(full.check(), Ok(()));
    assert_menu_flaw(
        &TestShop::open().and(MenuChanged { menu: full }),
        MenuChange::PutDrink(mocha()),
        "menu",
        Flaw::TooMany,
    );
    let mut twice = menu();
    twice.drinks.push(twice.drinks[0].clone());
    assert_eq!(twice.check(), Err((text("flat-white"), Flaw::IdTwice)));
}

/// A menu with every size and number at its maximum, except the number of drinks.
fn largest() -> Menu {
    let words = |what: &str, count: usize| (0..count).map(|n| format!("{what}-{n}")).collect::<Vec<_>>();
    let names = |count: usize| {
        let languages = words("x", count - 1).into_iter().chain(["l".repeat(40)]);
        languages.map(|language| (language, "é".repeat(40))).collect()
    };
    let expensive = Opt { surcharge: 1_000_000, seconds: 3600, preset: true, ..Opt::default() };
    let options = words("o", 30).into_iter().map(|id| Opt { name: id.clone(), id, ..expensive.clone() });
    let group = Group { name: text("Group"), options: options.collect(), least: 30, most: 30, ..Group::default() };
    let drink = Drink {
        id: "d".repeat(40),
        name: "é".repeat(40),
        icon: text("cup"),
        groups: words("g", 20),
        price: 1_000_000,
        seconds: 3600,
        ingredients: words("i", 20),
        names: names(20),
        ..Drink::default()
    };
    let groups = words("g", 30).into_iter().map(|id| Group { id, ..group.clone() }).collect();
    Menu { drinks: vec![drink], groups, currency: text("EUR"), ..Menu::default() }
}

#[test]
fn menu_limits_are_inclusive() {
    assert_eq!(largest().check(), Ok(()));
    let exceed = |change: fn(&mut Menu), what: &str, flaw| {
        let mut menu = largest();
        change(&mut menu);
        assert_eq!(menu.check(), Err((text(what), flaw)));
    };
    let drink = "d".repeat(40);
    exceed(|menu| menu.groups.push(extras()), "menu", Flaw::TooMany);
    exceed(|menu| menu.drinks[0].price += 1, &drink, Flaw::NumberWrong);
    exceed(|menu| menu.drinks[0].groups.push(text("g-20")), &drink, Flaw::TooMany);
    exceed(|menu| drop(menu.drinks[0].names.insert(text("de"), text("Mokka"))), &drink, Flaw::TooMany);
    exceed(|menu| menu.groups[0].options[7].seconds += 1, "o-7", Flaw::NumberWrong);
    exceed(|menu| menu.groups[0].options.push(option("one-more")), "g-0", Flaw::TooMany);
}

#[test]
fn prices_need_a_currency() {
    let shop = TestShop::open();
    for currency in ["eur", "EURO", "E1R", "€"] {
        assert_menu_flaw(&shop, MenuChange::SetCurrency(text(currency)), "menu", Flaw::CurrencyWrong);
    }
    let shop = shop.after(MANAGER, change_menu(MenuChange::SetCurrency(text("EUR"))), at(0));
    let shop = shop.after(MANAGER, change_menu(MenuChange::PutDrink(Drink { price: 380, ..mocha() })), at(1));
    assert_menu_flaw(&shop, MenuChange::SetCurrency(String::new()), "menu", Flaw::CurrencyWrong);
    // A surcharge counts as a price.
    assert_menu_flaw(&TestShop::open(), MenuChange::PutGroup(extras()), "menu", Flaw::CurrencyWrong);
}

#[test]
fn only_managers_change_the_menu_and_all_staff_change_availability() {
    for actor in [ANNA, CARLA, DISPLAY, ROBOT, Actor::System] {
        TestShop::open().when(actor, change_menu(MenuChange::PutDrink(mocha())), at(0)).refused(Refusal::RoleForbids);
    }
    for actor in [ANNA, DISPLAY, ROBOT, Actor::System] {
        TestShop::open().when(actor, mark_out(Thing::drink("espresso")), at(0)).refused(Refusal::RoleForbids);
    }
    for actor in [CARLA, MANAGER] {
        TestShop::open()
            .when(actor, mark_out(Thing::drink("espresso")), at(0))
            .then(["ConfigService.AvailabilityChanged"])
            .when(actor, mark_out(Thing::drink("espresso")), at(1))
            .then([])
            .when(actor, mark_available(Thing::drink("espresso")), at(2))
            .then(["ConfigService.AvailabilityChanged"])
            .when(actor, mark_available(Thing::drink("espresso")), at(3))
            .then([]);
    }
}

#[test]
fn availability_of_unknown_things_is_refused() {
    for thing in ["drink/unicorn", "option/milk/yak", "ingredient/gold", "espresso", ""] {
        let what = text(thing);
        TestShop::open().when(CARLA, mark_out(Thing(text(thing))), at(0)).refused(Refusal::NotOnTheMenu { what });
    }
}

#[test]
fn ingredients_of_drinks_and_options_can_be_sold_out() {
    let shop = TestShop::open().and(MenuChanged { menu: menu_with_mocha() });
    for ingredient in ["chocolate", "syrup"] {
        let thing = Thing::ingredient(ingredient);
        shop.clone().when(CARLA, mark_out(thing), at(0)).then(["ConfigService.AvailabilityChanged"]);
    }
    let gold = Thing::ingredient("gold");
    shop.when(CARLA, mark_out(gold), at(0)).refused(Refusal::NotOnTheMenu { what: text("ingredient/gold") });
}

#[test]
fn a_sold_out_item_cannot_be_ordered_until_it_is_available_again() {
    let submit_with = |shop: TestShop, options: &[(&str, &str)]| {
        shop.when(ANNA, Command::Submit { order: id(1), choice: choice("flat-white", options) }, at(10))
    };
    let sold_out = |what: &str| Refusal::SoldOut { what: text(what) };
    let no_oat = TestShop::choosing().after(CARLA, mark_out(Thing::option("milk", "oat")), at(5));
    submit_with(no_oat.clone(), &[("milk", "oat")]).refused(sold_out("oat"));
    submit_with(no_oat.clone(), &[]).then([
        "OrderManager.OrderSubmitted",
        "Counting.NumberGiven",
        "OrderProcessor.WaitingCompletion",
    ]);
    submit_with(no_oat.after(CARLA, mark_available(Thing::option("milk", "oat")), at(6)), &[("milk", "oat")]).events();

    // A default that is sold out is not replaced: the guest may not tolerate another option.
    let no_cow = TestShop::choosing().after(CARLA, mark_out(Thing::option("milk", "cow")), at(5));
    submit_with(no_cow.clone(), &[]).refused(sold_out("cow's milk"));
    submit_with(no_cow.clone(), &[("milk", "oat")]).events();
    // A drink is sold out if all options of a required group are.
    let no_milk = no_cow.after(CARLA, mark_out(Thing::option("milk", "oat")), at(6));
    submit_with(no_milk, &[("milk", "oat")]).refused(sold_out("Flat white"));
    let no_flat_white = TestShop::choosing().after(CARLA, mark_out(Thing::drink("flat-white")), at(5));
    submit_with(no_flat_white, &[]).refused(sold_out("Flat white"));
}

#[test]
fn a_sold_out_ingredient_makes_its_drinks_and_options_unavailable() {
    let mut menu = menu_with_mocha();
    let available = |menu: &Menu| {
        let drinks: Vec<_> =
            menu.drinks.iter().filter(|drink| menu.has_drink(drink)).map(|drink| drink.id.clone()).collect();
        let extras = menu.group("extras").unwrap();
        let options = extras.options.iter().filter(|option| menu.has_option(extras, option));
        (drinks, options.map(|option| option.id.clone()).collect::<Vec<_>>())
    };
    menu.out = menu.out_with(&Thing::ingredient("chocolate"), false);
    assert_eq!(
        available(&menu),
        (vec![text("flat-white"), text("espresso")], vec![text("cream"), text("cocoa"), text("vanilla")])
    );
    menu.out = menu.out_with(&Thing::ingredient("syrup"), false);
    assert_eq!(available(&menu).1, [text("cream"), text("cocoa")]);
    menu.out = menu.out_with(&Thing::ingredient("chocolate"), true);
    assert_eq!(available(&menu).0, [text("flat-white"), text("espresso"), text("mocha")]);
}

#[test]
fn a_removed_item_is_no_longer_listed_as_sold_out() {
    let shop = TestShop::open()
        .after(CARLA, mark_out(Thing::drink("espresso")), at(0))
        .after(CARLA, mark_out(Thing::option("milk", "oat")), at(1))
        .after(MANAGER, change_menu(MenuChange::RemoveDrink(text("espresso"))), at(2));
    assert_eq!(current_menu(&shop).out, [Thing::option("milk", "oat")]);
}

#[test]
fn surcharges_and_preparation_times_are_added() {
    let chosen = menu_with_mocha().complete(&with_extras(&["cream", "vanilla"])).unwrap();
    assert_eq!((chosen.price, chosen.currency.as_str(), chosen.seconds), (460, "EUR", 100));
    assert_eq!(chosen.words(), "Mocha, cow's milk, cream, vanilla");
    let plain = menu_with_mocha().complete(&choice("mocha", &[])).unwrap();
    assert_eq!((plain.price, plain.seconds, plain.words().as_str()), (380, 90, "Mocha, cow's milk"));
}

#[test]
fn the_number_of_options_of_a_group_is_checked() {
    let count = |least, most, extras: &[&str]| {
        let mut menu = menu_with_mocha();
        (menu.groups[3].least, menu.groups[3].most) = (least, most);
        menu.complete(&with_extras(extras)).map(|chosen| chosen.options.len() - 1)
    };
    let wrong_count = |least, most| Err(NotOffered::WrongCount { group: text("Extras"), least, most });
    assert_eq!(count(0, 2, &[]), Ok(0));
    assert_eq!(count(0, 2, &["cream", "cocoa"]), Ok(2));
    assert_eq!(count(0, 2, &["cream", "cocoa", "vanilla"]), wrong_count(0, 2));
    assert_eq!(count(2, 3, &["cream"]), wrong_count(2, 3));
    assert_eq!(count(1, 1, &["cream", "cocoa"]), wrong_count(1, 1));
    // Only a group that takes exactly one option has a default.
    assert_eq!((count(0, 1, &[]), count(1, 2, &[])), (Ok(0), wrong_count(1, 2)));
    assert_eq!(count(0, 2, &["gold"]), Err(NotOffered::NotThere(text("gold"))));
    // A single extra may also be given in `options`.
    let short = menu_with_mocha().complete(&choice("mocha", &[("extras", "cream")])).unwrap();
    assert_eq!(short.words(), "Mocha, cow's milk, cream");
}

#[test]
fn a_group_without_counts_takes_exactly_one_option() {
    let group: Group = serde_json::from_str(r#"{ "id": "milk", "name": "Milk", "options": [] }"#).unwrap();
    assert_eq!((group.least, group.most, group.takes_one()), (1, 1, true));
}

#[test]
fn a_preset_option_is_the_default_unless_it_is_sold_out() {
    let mut menu = menu_with_mocha();
    menu.groups[0].options[1].preset = true;
    let mocha = menu.drink("mocha").unwrap().clone();
    let default_options = |menu: &Menu| {
        let groups: Vec<_> = menu.groups_of(&mocha).collect();
        let options = groups.iter().flat_map(|group| group.options.iter().map(move |option| (*group, option)));
        options
            .filter(|(group, option)| menu.stands(group, option))
            .map(|(_, option)| option.id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(default_options(&menu), ["oat", "cocoa"]);
    assert_eq!(menu.allergens(&mocha, |group, option| menu.stands(group, option)), [Allergen::Gluten]);
    assert_eq!(menu.complete(&choice("mocha", &[])).unwrap().words(), "Mocha, oat");

    menu.out = vec![Thing::option("extras", "cocoa"), Thing::option("milk", "oat")];
    assert_eq!(default_options(&menu), [""; 0]);
}

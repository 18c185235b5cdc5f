//! Scenarios of the menu: changes, availability, and the price, time and allergens of a choice.

use domain::access::Actor;
use domain::command::{Command, StoreCommand};
use domain::event::{Event, MenuChanged};
use domain::menu::change::{MenuChange, MenuFlaw};
use domain::menu::{Allergen, Choice, ChoiceError, Drink, Group, Menu, MenuOption, StockItem};
use domain::refusal::Refusal;

use crate::bar::{ANNA, CARLA, DISPLAY, MANAGER, ROBOT, TestShop, at, choice, id, menu, submit};

fn text(text: &str) -> String {
    text.to_owned()
}

fn change_menu(change: MenuChange) -> Command {
    StoreCommand::ChangeMenu(change).into()
}

fn mark_out(thing: StockItem) -> Command {
    StoreCommand::ChangeAvailability { thing, available: false }.into()
}

fn mark_available(thing: StockItem) -> Command {
    StoreCommand::ChangeAvailability { thing, available: true }.into()
}

fn option(id: &str) -> MenuOption {
    MenuOption { id: text(id), name: text(id), ..MenuOption::default() }
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
        MenuOption { surcharge: 50, seconds: 10, ..option("cream") },
        MenuOption { preset: true, ..option("cocoa") },
        MenuOption { surcharge: 30, ingredients: vec![text("syrup")], ..option("vanilla") },
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
        .after(CARLA, mark_out(StockItem::option("milk", "oat")), at(41));
    shop.when(CARLA, crate::bar::claim(1), at(50)).then(["OrderManager.OrderClaimed"]);
}

#[test]
fn a_group_in_use_cannot_be_removed() {
    let shop = TestShop::open();
    assert_menu_flaw(&shop, MenuChange::RemoveGroup(text("milk")), "milk", MenuFlaw::GroupInUse);
    assert_menu_flaw(&shop, MenuChange::RemoveGroup(text("bar")), "bar", MenuFlaw::NotFound);
    assert_menu_flaw(&shop, MenuChange::RemoveDrink(text("bar")), "bar", MenuFlaw::NotFound);
    let shop = shop.after(MANAGER, change_menu(MenuChange::RemoveGroup(text("bean"))), at(1));
    assert!(current_menu(&shop).group("bean").is_none());
}

#[track_caller]
fn assert_menu_flaw(shop: &TestShop, put: MenuChange, what: &str, flaw: MenuFlaw) {
    shop.clone().when(MANAGER, change_menu(put), at(9)).refused(Refusal::InvalidMenu { what: text(what), flaw });
}

#[test]
fn an_invalid_drink_is_refused_with_its_flaw() {
    let shop = TestShop::open();
    let drink = |change: fn(&mut Drink), what: &str, flaw| {
        let mut drink = mocha();
        change(&mut drink);
        assert_menu_flaw(&shop, MenuChange::PutDrink(drink), what, flaw);
    };
    drink(|drink| drink.id = text(""), "", MenuFlaw::IdWrong);
    drink(|drink| drink.id = text("Moka!"), "Moka!", MenuFlaw::IdWrong);
    drink(|drink| drink.id = "m".repeat(41), &"m".repeat(41), MenuFlaw::IdWrong);
    drink(|drink| drink.icon = text("../x"), "mocha", MenuFlaw::IdWrong);
    drink(|drink| drink.ingredients = vec![text("Oat milk")], "mocha", MenuFlaw::IdWrong);
    drink(|drink| drink.name = text(""), "mocha", MenuFlaw::NameWrong);
    drink(|drink| drink.name = text(" Mocha"), "mocha", MenuFlaw::NameWrong);
    drink(|drink| drink.name = text("Mo\ncha"), "mocha", MenuFlaw::NameWrong);
    drink(|drink| drink.name = "m".repeat(41), "mocha", MenuFlaw::NameWrong);
    drink(|drink| drink.names = [(text("de"), text(""))].into(), "mocha", MenuFlaw::NameWrong);
    drink(|drink| drink.names = [("d".repeat(41), text("Mokka"))].into(), "mocha", MenuFlaw::NameWrong);
    drink(|drink| drink.groups.push(text("milk")), "mocha", MenuFlaw::GroupWrong);
    drink(|drink| drink.groups.push(text("straw")), "mocha", MenuFlaw::GroupWrong);
    drink(|drink| drink.seconds = 3601, "mocha", MenuFlaw::NumberWrong);
    drink(|drink| drink.ingredients = vec![text("milk"); 21], "mocha", MenuFlaw::TooMany);
    drink(|drink| drink.price = 1, "menu", MenuFlaw::CurrencyWrong);
}

#[test]
fn an_invalid_group_is_refused_with_its_flaw() {
    let shop = TestShop::open().after(MANAGER, change_menu(MenuChange::SetCurrency(text("EUR"))), at(0));
    let group = |change: fn(&mut Group), what: &str, flaw| {
        let mut group = extras();
        change(&mut group);
        assert_menu_flaw(&shop, MenuChange::PutGroup(group), what, flaw);
    };
    group(|group| group.options.clear(), "extras", MenuFlaw::OptionsMissing);
    group(|group| group.name.clear(), "extras", MenuFlaw::NameWrong);
    group(|group| group.most = 0, "extras", MenuFlaw::CountsWrong);
    group(|group| group.least = 3, "extras", MenuFlaw::CountsWrong);
    group(|group| (group.least, group.most) = (4, 4), "extras", MenuFlaw::CountsWrong);
    group(|group| group.options.iter_mut().for_each(|option| option.preset = true), "extras", MenuFlaw::PresetsWrong);
    group(|group| group.options.push(option("cream")), "cream", MenuFlaw::IdTwice);
    group(|group| group.options[0].surcharge = 1_000_001, "cream", MenuFlaw::NumberWrong);
    group(|group| group.options[0].name = text("\u{7}"), "cream", MenuFlaw::NameWrong);
    group(|group| group.options.extend((0..30).map(|n| option(&format!("o{n}")))), "extras", MenuFlaw::TooMany);
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
        MenuFlaw::TooMany,
    );
    let mut twice = menu();
    twice.drinks.push(twice.drinks[0].clone());
    assert_eq!(twice.check(), Err((text("flat-white"), MenuFlaw::IdTwice)));
}

/// A menu with every size and number at its maximum, except the number of drinks.
fn largest() -> Menu {
    let words = |what: &str, count: usize| (0..count).map(|n| format!("{what}-{n}")).collect::<Vec<_>>();
    let names = |count: usize| {
        let languages = words("x", count - 1).into_iter().chain(["l".repeat(40)]);
        languages.map(|language| (language, "é".repeat(40))).collect()
    };
    let expensive = MenuOption { surcharge: 1_000_000, seconds: 3600, preset: true, ..MenuOption::default() };
    let options = words("o", 30).into_iter().map(|id| MenuOption { name: id.clone(), id, ..expensive.clone() });
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
    exceed(|menu| menu.groups.push(extras()), "menu", MenuFlaw::TooMany);
    exceed(|menu| menu.drinks[0].price += 1, &drink, MenuFlaw::NumberWrong);
    exceed(|menu| menu.drinks[0].groups.push(text("g-20")), &drink, MenuFlaw::TooMany);
    exceed(|menu| drop(menu.drinks[0].names.insert(text("de"), text("Mokka"))), &drink, MenuFlaw::TooMany);
    exceed(|menu| menu.groups[0].options[7].seconds += 1, "o-7", MenuFlaw::NumberWrong);
    exceed(|menu| menu.groups[0].options.push(option("one-more")), "g-0", MenuFlaw::TooMany);
}

#[test]
fn prices_need_a_currency() {
    let shop = TestShop::open();
    for currency in ["eur", "EURO", "E1R", "€"] {
        assert_menu_flaw(&shop, MenuChange::SetCurrency(text(currency)), "menu", MenuFlaw::CurrencyWrong);
    }
    let shop = shop.after(MANAGER, change_menu(MenuChange::SetCurrency(text("EUR"))), at(0));
    let shop = shop.after(MANAGER, change_menu(MenuChange::PutDrink(Drink { price: 380, ..mocha() })), at(1));
    assert_menu_flaw(&shop, MenuChange::SetCurrency(String::new()), "menu", MenuFlaw::CurrencyWrong);
    // A surcharge counts as a price.
    assert_menu_flaw(&TestShop::open(), MenuChange::PutGroup(extras()), "menu", MenuFlaw::CurrencyWrong);
}

#[test]
fn only_managers_change_the_menu_and_all_staff_change_availability() {
    for actor in [ANNA, CARLA, DISPLAY, ROBOT, Actor::System] {
        TestShop::open()
            .when(actor, change_menu(MenuChange::PutDrink(mocha())), at(0))
            .refused(Refusal::RoleNotAllowed);
    }
    for actor in [ANNA, DISPLAY, ROBOT, Actor::System] {
        TestShop::open().when(actor, mark_out(StockItem::drink("espresso")), at(0)).refused(Refusal::RoleNotAllowed);
    }
    for actor in [CARLA, MANAGER] {
        TestShop::open()
            .when(actor, mark_out(StockItem::drink("espresso")), at(0))
            .then(["ConfigService.AvailabilityChanged"])
            .when(actor, mark_out(StockItem::drink("espresso")), at(1))
            .then([])
            .when(actor, mark_available(StockItem::drink("espresso")), at(2))
            .then(["ConfigService.AvailabilityChanged"])
            .when(actor, mark_available(StockItem::drink("espresso")), at(3))
            .then([]);
    }
}

#[test]
fn availability_of_unknown_things_is_refused() {
    for thing in ["drink/unicorn", "option/milk/yak", "ingredient/gold", "espresso", ""] {
        let what = text(thing);
        TestShop::open().when(CARLA, mark_out(StockItem(text(thing))), at(0)).refused(Refusal::NotOnTheMenu { what });
    }
}

#[test]
fn ingredients_of_drinks_and_options_can_be_sold_out() {
    let shop = TestShop::open().and(MenuChanged { menu: menu_with_mocha() });
    for ingredient in ["chocolate", "syrup"] {
        let thing = StockItem::ingredient(ingredient);
        shop.clone().when(CARLA, mark_out(thing), at(0)).then(["ConfigService.AvailabilityChanged"]);
    }
    let gold = StockItem::ingredient("gold");
    shop.when(CARLA, mark_out(gold), at(0)).refused(Refusal::NotOnTheMenu { what: text("ingredient/gold") });
}

#[test]
fn a_sold_out_item_cannot_be_ordered_until_it_is_available_again() {
    let submit_with = |shop: TestShop, options: &[(&str, &str)]| {
        shop.when(ANNA, Command::Submit { order: id(1), choice: choice("flat-white", options) }, at(10))
    };
    let sold_out = |what: &str| Refusal::SoldOut { what: text(what) };
    let no_oat = TestShop::choosing().after(CARLA, mark_out(StockItem::option("milk", "oat")), at(5));
    submit_with(no_oat.clone(), &[("milk", "oat")]).refused(sold_out("oat"));
    submit_with(no_oat.clone(), &[]).then([
        "OrderManager.OrderSubmitted",
        "Counting.NumberGiven",
        "OrderProcessor.WaitingCompletion",
    ]);
    submit_with(no_oat.after(CARLA, mark_available(StockItem::option("milk", "oat")), at(6)), &[("milk", "oat")])
        .events();

    // A default that is sold out is not replaced: the guest may not tolerate another option.
    let no_cow = TestShop::choosing().after(CARLA, mark_out(StockItem::option("milk", "cow")), at(5));
    submit_with(no_cow.clone(), &[]).refused(sold_out("cow's milk"));
    submit_with(no_cow.clone(), &[("milk", "oat")]).events();
    // A drink is sold out if all options of a required group are.
    let no_milk = no_cow.after(CARLA, mark_out(StockItem::option("milk", "oat")), at(6));
    submit_with(no_milk, &[("milk", "oat")]).refused(sold_out("Flat white"));
    let no_flat_white = TestShop::choosing().after(CARLA, mark_out(StockItem::drink("flat-white")), at(5));
    submit_with(no_flat_white, &[]).refused(sold_out("Flat white"));
}

#[test]
fn a_sold_out_ingredient_makes_its_drinks_and_options_unavailable() {
    let mut menu = menu_with_mocha();
    let available = |menu: &Menu| {
        let drinks: Vec<_> =
            menu.drinks.iter().filter(|drink| menu.is_drink_available(drink)).map(|drink| drink.id.clone()).collect();
        let extras = menu.group("extras").unwrap();
        let options = extras.options.iter().filter(|option| menu.is_option_available(extras, option));
        (drinks, options.map(|option| option.id.clone()).collect::<Vec<_>>())
    };
    menu.out = menu.sold_out_after(&StockItem::ingredient("chocolate"), false);
    assert_eq!(
        available(&menu),
        (vec![text("flat-white"), text("espresso")], vec![text("cream"), text("cocoa"), text("vanilla")])
    );
    menu.out = menu.sold_out_after(&StockItem::ingredient("syrup"), false);
    assert_eq!(available(&menu).1, [text("cream"), text("cocoa")]);
    menu.out = menu.sold_out_after(&StockItem::ingredient("chocolate"), true);
    assert_eq!(available(&menu).0, [text("flat-white"), text("espresso"), text("mocha")]);
}

#[test]
fn a_removed_item_is_no_longer_listed_as_sold_out() {
    let shop = TestShop::open()
        .after(CARLA, mark_out(StockItem::drink("espresso")), at(0))
        .after(CARLA, mark_out(StockItem::option("milk", "oat")), at(1))
        .after(MANAGER, change_menu(MenuChange::RemoveDrink(text("espresso"))), at(2));
    assert_eq!(current_menu(&shop).out, [StockItem::option("milk", "oat")]);
}

#[test]
fn surcharges_and_preparation_times_are_added() {
    let chosen = menu_with_mocha().complete(&with_extras(&["cream", "vanilla"])).unwrap();
    assert_eq!((chosen.price, chosen.currency.as_str(), chosen.seconds), (460, "EUR", 100));
    assert_eq!(chosen.description(), "Mocha, cow's milk, cream, vanilla");
    let plain = menu_with_mocha().complete(&choice("mocha", &[])).unwrap();
    assert_eq!((plain.price, plain.seconds, plain.description().as_str()), (380, 90, "Mocha, cow's milk"));
}

#[test]
fn the_number_of_options_of_a_group_is_checked() {
    let count = |least, most, extras: &[&str]| {
        let mut menu = menu_with_mocha();
        (menu.groups[3].least, menu.groups[3].most) = (least, most);
        menu.complete(&with_extras(extras)).map(|chosen| chosen.options.len() - 1)
    };
    let wrong_count = |least, most| Err(ChoiceError::CountOutOfRange { group: text("Extras"), least, most });
    assert_eq!(count(0, 2, &[]), Ok(0));
    assert_eq!(count(0, 2, &["cream", "cocoa"]), Ok(2));
    assert_eq!(count(0, 2, &["cream", "cocoa", "vanilla"]), wrong_count(0, 2));
    assert_eq!(count(2, 3, &["cream"]), wrong_count(2, 3));
    assert_eq!(count(1, 1, &["cream", "cocoa"]), wrong_count(1, 1));
    // Only a group that takes exactly one option has a default.
    assert_eq!((count(0, 1, &[]), count(1, 2, &[])), (Ok(0), wrong_count(1, 2)));
    assert_eq!(count(0, 2, &["gold"]), Err(ChoiceError::Unknown(text("gold"))));
    // A single extra may also be given in `options`.
    let short = menu_with_mocha().complete(&choice("mocha", &[("extras", "cream")])).unwrap();
    assert_eq!(short.description(), "Mocha, cow's milk, cream");
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
            .filter(|(group, option)| menu.is_preselected(group, option))
            .map(|(_, option)| option.id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(default_options(&menu), ["oat", "cocoa"]);
    assert_eq!(
        menu.chosen(&mocha, &|group, option| menu.is_preselected(group, option)).allergens.known(),
        [Allergen::Gluten]
    );
    assert_eq!(menu.complete(&choice("mocha", &[])).unwrap().description(), "Mocha, oat");

    menu.out = vec![StockItem::option("extras", "cocoa"), StockItem::option("milk", "oat")];
    assert_eq!(default_options(&menu), [""; 0]);
}

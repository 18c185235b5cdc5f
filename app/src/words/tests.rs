//! Tests of the formats, in English, and of the brackets.

use domain::event::Fact;
use domain::language::Language;
use domain::menu::{Allergen, Allergens};
use protocol::frame::Pinned;

use super::Words;
use super::format::countdown;

const ENGLISH: Words = Words::new(Language::English);
const PSEUDO: Words = Words::new(Language::Pseudo);

#[test]
fn ages_are_minutes_and_hours() {
    for (seconds, words) in [(0, "now"), (59, "now"), (60, "1 min"), (3599, "59 min"), (3900, "1 h 5 min")] {
        assert_eq!(ENGLISH.age(seconds), words);
    }
}

#[test]
fn waits_are_rounded_to_their_precision() {
    let short = [(0, "under a minute"), (59, "under a minute"), (60, "about 1 min"), (89, "about 1 min")];
    let longer = [(90, "about 2 min"), (240, "about 4 min"), (3569, "about 59 min")];
    for (seconds, words) in short.into_iter().chain(longer).chain([(3570, "about an hour or more")]) {
        assert_eq!(ENGLISH.estimated_duration(seconds), words);
    }
}

#[test]
fn a_pinned_value_is_formatted_by_its_unit() {
    let pin = |value, unit: Option<&str>| Pinned {
        label: String::new(),
        value,
        unit: unit.map(str::to_owned),
        until: None,
        link: None,
    };
    for (value, unit, words) in [
        (Some(Fact::Number(125)), Some("s"), "about 2 min"),
        (Some(Fact::Number(-5)), Some("s"), "under a minute"),
        (Some(Fact::Number(125)), None, "125"),
        (Some(Fact::Number(125)), Some("cups"), "125 cups"),
        (Some(Fact::Bool(true)), None, "yes"),
        (Some(Fact::Text("soon".to_owned())), Some("s"), "soon"),
        (None, Some("s"), ""),
    ] {
        assert_eq!(ENGLISH.pin_value(&pin(value, unit)), words);
    }
}

#[test]
fn a_countdown_keeps_two_digits_of_seconds() {
    assert_eq!([countdown(0), countdown(9), countdown(192)], ["0:00", "0:09", "3:12"]);
}

#[test]
fn a_price_has_its_currencys_decimals() {
    let price = |minor, currency| ENGLISH.price(minor, currency);
    assert_eq!([price(380, "EUR"), price(5, "USD")], [Some("3.80 €".to_owned()), Some("$0.05".to_owned())]);
    assert_eq!([price(400, "JPY"), price(0, "EUR")], [Some("¥400".to_owned()), None]);
}

#[test]
fn allergens_have_plain_names() {
    let words = "gluten crustaceans eggs fish peanuts soya milk nuts celery mustard sesame sulphites lupin molluscs";
    assert_eq!(Allergen::ALL.map(|allergen| ENGLISH.shared().allergen(allergen)).join(" "), words);
}

#[test]
fn allergens_are_a_sentence() {
    let contains = |known: &[Allergen]| ENGLISH.shared().contains(&Allergens::all(known));
    assert_eq!(contains(&[]), "No listed allergens.");
    assert_eq!(contains(&[Allergen::Milk]), "Contains milk.");
    assert_eq!(contains(&[Allergen::Gluten, Allergen::Milk, Allergen::Nuts]), "Contains gluten, milk and nuts.");
}

#[test]
fn unknown_allergens_are_never_told_as_none() {
    let (shared, partly) = (ENGLISH.shared(), Allergens::new(vec![Allergen::Milk], false));
    let unknown = "Allergens are not known: ask at the bar.";
    assert_eq!(shared.contains(&Allergens::default()), unknown);
    assert_eq!(shared.contains_without_options(&Allergens::default()), unknown);
    assert_eq!(shared.contains(&partly), "Contains milk. Other allergens are not known: ask at the bar.");
    assert_eq!(shared.option_allergens(&Allergens::none()), "");
    assert_eq!(shared.option_allergens(&Allergens::default()), "allergens not known");
    assert_eq!(shared.option_allergens(&partly), "milk, others not known");
}

#[test]
fn the_pseudo_locale_puts_each_text_in_one_pair_of_brackets() {
    assert_eq!(PSEUDO.menu().sold_out(), "⟦sold out⟧");
    assert_eq!(PSEUDO.age(240), "⟦4 min⟧");
    assert_eq!(PSEUDO.ordering().cancel("Tea").button, "⟦Cancel it⟧");
    assert_eq!(PSEUDO.shared().option_allergens(&Allergens::none()), "", "an empty text needs no brackets");
}

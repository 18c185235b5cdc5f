//! Texts of the domain: wire words of enums and parse errors.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use domain::access::{ParseActorError, ParseRoleError, Role};
use domain::ids::{ParseShopIdError, ShopId};
use domain::language::{Language, ParseLanguageError};
use domain::menu::{Allergen, Allergens, ChoiceError};
use domain::order::{CancelReason, Channel, Step};
use domain::redact::ParseTopicError;
use domain::refusal::{Refusal, Unavailable};
use domain::time::ParseTimeError;
use serde_json::json;

#[test]
fn wire_words_equal_their_text_form() {
    let steps = [Step::Collected, Step::Cancelled, Step::TimedOut, Step::Expired, Step::Unavailable];
    assert_eq!(steps.map(|step| serde_json::to_value(step).unwrap()), steps.map(|step| json!(step.as_str())));
    let reasons = || CancelReason::SELECTABLE.into_iter().chain([CancelReason::Stopped]);
    assert!(reasons().all(|reason| serde_json::to_value(reason).unwrap() == json!(reason.as_str())));
    let unavailable = [
        Unavailable::Closed,
        Unavailable::Paused,
        Unavailable::Full,
        Unavailable::Limit,
        Unavailable::NotStarted,
        Unavailable::Ended,
    ];
    assert_eq!(
        unavailable.map(|reason| serde_json::to_value(reason).unwrap()),
        unavailable.map(|reason| json!(reason.as_str()))
    );
    let shop: ShopId = "bar-7".parse().unwrap();
    assert_eq!(serde_json::to_value(&shop).unwrap(), json!("bar-7"));
    assert_eq!(serde_json::from_value::<ShopId>(json!("bar-7")).unwrap(), shop);
}

#[test]
fn roles_and_channels_round_trip_as_text() {
    assert_eq!(Role::ALL.map(|role| role.as_str().parse()), Role::ALL.map(Ok));
    for channel in [Channel::Web, Channel::Robot, Channel::WalkIn] {
        assert_eq!(channel.as_str().parse(), Ok(channel));
        assert_eq!(serde_json::to_value(channel).unwrap(), json!(channel.as_str()));
    }
    for text in ["", "Web", "walk-in", "fax"] {
        assert!(text.parse::<Channel>().is_err(), "{text:?} is not a channel");
        assert!(text.parse::<Role>().is_err(), "{text:?} is not a role");
    }
}

#[test]
fn languages_round_trip_as_tags() {
    assert_eq!(Language::ALL.map(|language| language.to_string().parse()), Language::ALL.map(Ok));
    assert_eq!(Language::default().tag(), "en");
    assert_eq!(["", "EN", "x-klingon"].map(str::parse), [Err::<Language, _>(ParseLanguageError); 3]);
}

#[test]
fn only_an_empty_and_complete_list_of_allergens_is_none() {
    let lists = [Allergens::none(), Allergens::all([Allergen::Milk]), Allergens::new(Vec::new(), false)];
    assert_eq!(lists.map(|list| list.is_none()), [true, false, false]);
}

#[test]
fn wire_words_of_allergens_equal_their_text_form() {
    for allergen in Allergen::ALL {
        assert_eq!(serde_json::to_value(allergen).unwrap(), allergen.as_str());
    }
}

#[test]
fn parse_errors_name_the_expected_form() {
    assert_eq!(ParseRoleError.to_string(), "the roles are barista, manager, display and robot");
    assert_eq!(ParseActorError.to_string(), "expected `house`, `guest:{id}` or `{role}:{id}`");
    assert_eq!(ParseTopicError.to_string(), "the topics are public, staff and order/{id}");
    assert_eq!(ParseShopIdError.to_string(), "a shop's name is 1 to 40 of a–z, 0–9 and -, beginning with a letter");
    let time = "expected a UTC time as 2026-11-21T10:42:00.000Z or a day as 2026-11-21";
    assert_eq!(ParseTimeError.to_string(), time);
}

#[test]
fn menu_errors_map_to_refusals() {
    let name = || "oat".to_owned();
    assert_eq!(Refusal::from(ChoiceError::Unknown(name())), Refusal::NotOnTheMenu { what: name() });
    assert_eq!(Refusal::from(ChoiceError::SoldOut(name())), Refusal::SoldOut { what: name() });
    let count = ChoiceError::CountOutOfRange { group: name(), least: 1, most: 2 };
    assert_eq!(Refusal::from(count), Refusal::OptionCountOutOfRange { group: name(), least: 1, most: 2 });
}

//! Tests of the words of all built-in extensions: descriptions, and the labels of pins in new and early events.

use domain::extension::pin::PinLabel;
use domain::language::Language;

/// The label in each language; the same in every language if the extension has no word for it.
fn labels(extension: &str, label: &PinLabel) -> [String; 2] {
    let manifest = extensions::all().into_iter().find(|manifest| manifest.name == extension);
    Language::ALL
        .map(|language| manifest.as_ref().map(|manifest| manifest.pin_label(language, label)).unwrap_or_default())
}

#[test]
fn every_extension_has_a_description_in_each_language() {
    for manifest in extensions::all() {
        let description = manifest.description(Language::English);
        assert!(description.ends_with('.'), "{}: {description}", manifest.name);
        assert_eq!(manifest.description(Language::Pseudo), format!("⟦{description}⟧"));
    }
}

#[test]
fn a_label_of_an_early_event_is_shown_like_its_key() {
    for (extension, key, english) in [("OrderJourney", "journey", "Journey"), ("WaitTimes", "wait_now", "Wait now")] {
        let expected = [english.to_owned(), format!("⟦{english}⟧")];
        assert_eq!(labels(extension, &PinLabel::Key(key.to_owned())), expected);
        assert_eq!(labels(extension, &PinLabel::English(english.to_owned())), expected);
    }
    // Early events have names in the same field as labels.
    assert_eq!(labels("WaitTimes", &PinLabel::English("Latte".to_owned())), ["Latte", "Latte"]);
}

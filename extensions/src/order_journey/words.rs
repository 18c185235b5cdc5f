//! The words of `OrderJourney`, one file a language. Guests, staff and holders of a shared link read them, so they name
//! no person.

use domain::event::Recorded;
use domain::language::Language;

use super::lead::Lead;

mod english;

/// A text of a journey, with its facts.
#[derive(Clone, Copy)]
pub(super) enum JourneyText<'a> {
    /// Title of the page; the order may have no number yet.
    Title { number: Option<u32> },
    /// Sentence about the outcome or the current step.
    Lead(&'a Lead),
    /// Short heading of an event.
    StepTitle(&'a Recorded),
    /// Explanation of an event.
    StepWords(&'a Recorded),
}

/// The text in this language.
pub(super) fn text(language: Language, text: JourneyText<'_>) -> String {
    language.present(match language {
        Language::English | Language::Pseudo => english::text(text),
    })
}

/// The label with this key.
pub(super) fn label(language: Language, key: &str) -> Option<&'static str> {
    match language {
        Language::English | Language::Pseudo => english::label(key),
    }
}

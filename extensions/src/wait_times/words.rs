//! The words of `WaitTimes`, one file a language.

use domain::language::Language;

mod english;

/// A text of the page, with its facts.
#[derive(Clone, Copy)]
pub(super) enum WaitText {
    Title,
    /// Lead before the first drink is made.
    NoneYet,
    /// Lead with the mean over all drinks.
    Lead {
        seconds: u32,
        /// Number of orders in the mean.
        orders: usize,
    },
    Caption,
    /// Heading of the column of drinks.
    Drink,
    /// Heading of the column of means.
    Wait,
    /// Heading of the column with the number of orders in each mean.
    Orders,
    /// Heading of the row with the mean over all drinks.
    All,
}

/// The text in this language.
pub(super) fn text(language: Language, text: WaitText) -> String {
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

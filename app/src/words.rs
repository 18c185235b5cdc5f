//! The words of the screens: one table of texts per language, and the formats of times, numbers and prices.
//!
//! A screen takes every word from [`Words`]. A language is one module beside `english`, and the compiler asks for each
//! of its texts.

use domain::language::Language;

use self::page_language::PageLanguage;

mod brackets;
mod english;
mod format;
mod page_language;
#[cfg(feature = "ssr")]
mod problems;
mod tables;

pub use self::english::*;
pub use self::format::countdown;
#[cfg(feature = "ssr")]
pub use self::format::time_of_day;

/// The words of one language. Its methods name the groups of texts, one per screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words {
    language: PageLanguage,
}

impl Words {
    /// The words of this language.
    #[cfg(not(target_arch = "wasm32"))]
    pub const fn new(language: Language) -> Self {
        Self { language: PageLanguage::new(language) }
    }

    /// The words of the page: of its request on the server, of `<html lang>` in a browser.
    pub fn of_page() -> Self {
        #[cfg(target_arch = "wasm32")]
        return Self { language: PageLanguage::read() };
        #[cfg(not(target_arch = "wasm32"))]
        leptos::prelude::use_context().unwrap_or_default()
    }

    /// The language of these words.
    pub fn language(self) -> Language {
        self.language.get()
    }
}

/// A heading and the sentence below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    pub heading: &'static str,
    pub text: &'static str,
}

/// A command that asks for a confirmation: the text that opens it, the question, the button that does it, and the one that
/// leaves everything as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    pub summary: &'static str,
    pub question: String,
    pub button: &'static str,
    pub keep: &'static str,
}

/// The name of a form field, and a hint, which may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    pub name: &'static str,
    pub hint: &'static str,
}

#[cfg(test)]
mod tests;

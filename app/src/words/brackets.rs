//! Brackets around every text of the tables, in the language [`Language::Pseudo`].

use domain::language::Language;

use super::page_language::PageLanguage;
use super::{Confirmation, Label, Notice};

/// A text of a table, or several that belong together.
pub(super) trait Present {
    /// Puts each text in brackets in the pseudo-locale; an empty one stays empty.
    fn present(self, language: PageLanguage) -> Self;
}

impl Present for String {
    // Inlined, each text would cost bytes.
    #[inline(never)]
    fn present(self, language: PageLanguage) -> Self {
        if self.is_empty() { self } else { language.get().present(self) }
    }
}

impl Present for &'static str {
    /// Leaks the text in brackets: the pseudo-locale is for development and tests.
    #[inline(never)]
    fn present(self, language: PageLanguage) -> Self {
        if language.get() == Language::Pseudo { self.to_owned().present(language).leak() } else { self }
    }
}

impl<T: Present> Present for Option<T> {
    fn present(self, language: PageLanguage) -> Self {
        self.map(|text| text.present(language))
    }
}

impl Present for Notice {
    fn present(self, language: PageLanguage) -> Self {
        Self { heading: self.heading.present(language), text: self.text.present(language) }
    }
}

impl Present for Confirmation {
    fn present(self, language: PageLanguage) -> Self {
        Self {
            summary: self.summary.present(language),
            question: self.question.present(language),
            button: self.button.present(language),
            keep: self.keep.present(language),
        }
    }
}

impl Present for Label {
    fn present(self, language: PageLanguage) -> Self {
        Self { name: self.name.present(language), hint: self.hint.present(language) }
    }
}

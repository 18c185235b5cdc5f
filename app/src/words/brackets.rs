//! Brackets around every text of the tables, for the language [`Language::Pseudo`](domain::language::Language::Pseudo).

use super::{Confirmation, Label, Notice};

/// A text of a table, or several that belong together.
pub(super) trait Bracketed {
    /// Puts each text in brackets; an empty one stays empty.
    fn bracketed(self) -> Self;
}

impl Bracketed for String {
    fn bracketed(self) -> Self {
        if self.is_empty() { self } else { ["⟦", &self, "⟧"].concat() }
    }
}

impl Bracketed for &'static str {
    /// Leaks the text: the language is for development and tests.
    fn bracketed(self) -> Self {
        self.to_owned().bracketed().leak()
    }
}

impl<T: Bracketed> Bracketed for Option<T> {
    fn bracketed(self) -> Self {
        self.map(T::bracketed)
    }
}

impl Bracketed for Notice {
    fn bracketed(self) -> Self {
        Self { heading: self.heading.bracketed(), text: self.text.bracketed() }
    }
}

impl Bracketed for Confirmation {
    fn bracketed(self) -> Self {
        let Self { summary, question, button } = self;
        Self { summary: summary.bracketed(), question: question.bracketed(), button: button.bracketed() }
    }
}

impl Bracketed for Label {
    fn bracketed(self) -> Self {
        Self { name: self.name.bracketed(), hint: self.hint.bracketed() }
    }
}

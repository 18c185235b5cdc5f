//! The languages that Crema has words in. The words themselves live beside what shows them.

use std::fmt;
use std::str::FromStr;

/// A language of the screens and of extension pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// English with every text in brackets: a text without brackets does not come from the tables. For development and
    /// tests.
    Pseudo,
}

impl Language {
    /// Every language, in declaration order.
    pub const ALL: [Self; 2] = [Self::English, Self::Pseudo];

    /// The BCP 47 tag, as in `<html lang>` and in the query `?lang=`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Pseudo => "x-pseudo",
        }
    }

    /// A text of a table as pages in this language show it: in brackets for [`Self::Pseudo`].
    pub fn present(self, text: String) -> String {
        match self {
            Self::English => text,
            Self::Pseudo => ["⟦", &text, "⟧"].concat(),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// Crema has no words in this language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseLanguageError;

impl FromStr for Language {
    type Err = ParseLanguageError;

    fn from_str(tag: &str) -> Result<Self, ParseLanguageError> {
        Self::ALL.into_iter().find(|language| language.tag() == tag).ok_or(ParseLanguageError)
    }
}

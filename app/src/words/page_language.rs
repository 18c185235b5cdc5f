//! The language of a page.

#[cfg(target_arch = "wasm32")]
use std::cell::Cell;

use domain::language::Language;

/// The language of a page: a value on the server, a global in a browser. There, every closure that holds a value costs
/// bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PageLanguage {
    #[cfg(not(target_arch = "wasm32"))]
    language: Language,
}

#[cfg(target_arch = "wasm32")]
thread_local! {
    static LANGUAGE: Cell<Language> = const { Cell::new(Language::English) };
}

impl PageLanguage {
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) const fn new(language: Language) -> Self {
        Self { language }
    }

    /// Reads the language from `<html lang>`.
    #[cfg(target_arch = "wasm32")]
    pub(super) fn read() -> Self {
        LANGUAGE.set(crate::shell::root_attribute("lang").parse().unwrap_or_default());
        Self {}
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn get(self) -> Language {
        self.language
    }

    #[cfg(target_arch = "wasm32")]
    #[expect(clippy::unused_self, reason = "the value proves that the language was read")]
    pub(super) fn get(self) -> Language {
        LANGUAGE.get()
    }
}

//! The language of a page. A value on the server; a global in a browser, where every closure that holds a value costs
//! bytes.

use domain::language::Language;

#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PageLanguage(pub(super) Language);

#[cfg(not(target_arch = "wasm32"))]
impl PageLanguage {
    pub(super) fn get(self) -> Language {
        self.0
    }
}

/// The language that [`PageLanguage::read`] found.
#[cfg(target_arch = "wasm32")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PageLanguage;

#[cfg(target_arch = "wasm32")]
thread_local! {
    static LANGUAGE: std::cell::Cell<Language> = const { std::cell::Cell::new(Language::English) };
}

#[cfg(target_arch = "wasm32")]
impl PageLanguage {
    /// Reads the language from `<html lang>`.
    pub(super) fn read() -> Self {
        LANGUAGE.set(crate::shell::root_attribute("lang").parse().unwrap_or_default());
        Self
    }

    pub(super) fn get(self) -> Language {
        LANGUAGE.get()
    }
}

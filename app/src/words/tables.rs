//! The macro that declares the texts of a screen, with their English.

/// Declares groups of texts. `ordering: OrderingWords, OrderingTexts, ORDERING { … }` declares the struct
/// `OrderingTexts` with its English static `ORDERING`, and the method `Words::ordering`. Every other language has a
/// static `ORDERING` of its own.
macro_rules! tables {
    // The type of a text: a string, or a function of the facts in it.
    (@type) => { &'static str };
    (@type ($($type:ty),*) -> $result:ty) => { fn($($type),*) -> $result };
    // The method that returns a text in the language of the page.
    (@method $name:ident) => {
        pub fn $name(self) -> &'static str {
            crate::words::brackets::Present::present(self.texts().$name, self.0)
        }
    };
    (@method $name:ident ($($fact:ident: $type:ty),*) -> $result:ty) => {
        pub fn $name(self, $($fact: $type),*) -> $result {
            crate::words::brackets::Present::present((self.texts().$name)($($fact),*), self.0)
        }
    };
    ($($(#[doc = $doc:literal])+ $group:ident: $words:ident, $texts:ident, $static:ident {
        $($name:ident $(($($fact:ident: $type:ty),*) -> $result:ty)? = $text:expr,)+
    })+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $words(crate::words::page_language::PageLanguage);

        $(#[doc = $doc])+
        pub(in crate::words) struct $texts {
            $(pub(in crate::words) $name: tables!(@type $(($($type),*) -> $result)?),)+
        }

        $(#[doc = $doc])+
        pub(in crate::words) static $static: $texts = $texts { $($name: $text,)+ };

        impl crate::words::Words {
            $(#[doc = $doc])+
            pub fn $group(self) -> $words {
                $words(self.language)
            }
        }

        impl $words {
            fn texts(self) -> &'static $texts {
                match self.0.get() {
                    domain::language::Language::English | domain::language::Language::Pseudo => {
                        &crate::words::english::$static
                    }
                }
            }

            $(tables! { @method $name $(($($fact: $type),*) -> $result)? })+
        }
    )+};
}

pub(super) use tables;

//! One newtype for each kind of name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A shop's slug as it stands in URLs: 1 to 40 of `a–z`, `0–9` and `-`, beginning with a letter.
///
/// `_house`, the log of the installation itself, is no shop and cannot be written this way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShopId(String);

/// The text given is no shop's slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseShopIdError;

impl fmt::Display for ParseShopIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a shop's name is 1 to 40 of a–z, 0–9 and -, beginning with a letter")
    }
}

impl std::error::Error for ParseShopIdError {}

impl ShopId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ShopId {
    type Error = ParseShopIdError;

    fn try_from(text: String) -> Result<Self, ParseShopIdError> {
        let fits = text.len() <= 40
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits { Ok(Self(text)) } else { Err(ParseShopIdError) }
    }
}

impl FromStr for ShopId {
    type Err = ParseShopIdError;

    fn from_str(text: &str) -> Result<Self, ParseShopIdError> {
        text.to_owned().try_into()
    }
}

impl From<ShopId> for String {
    fn from(shop: ShopId) -> Self {
        shop.0
    }
}

impl fmt::Display for ShopId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! uuid_names {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    )*};
}

uuid_names! {
    /// One order, named by the guest's browser (UUID v7) so that a retry is harmless.
    OrderId
    /// One guest's browser at one shop: random per shop, so that two shops cannot compare notes.
    GuestId
    /// One person or machine behind the bar: the holder of a staff session or of a key.
    StaffId
    /// One recorded event (UUID v7).
    EventId
}

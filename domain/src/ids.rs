//! Typed identifiers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::Instant;

/// The slug of a shop in URLs: 1 to 40 of `a–z`, `0–9` and `-`, beginning with a letter.
///
/// The log of the installation is named `_house`, which is not a valid slug.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShopId(String);

/// The text is not a valid shop slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseShopIdError;

impl fmt::Display for ParseShopIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a shop's name is 1 to 40 of a–z, 0–9 and -, beginning with a letter")
    }
}

impl std::error::Error for ParseShopIdError {}

impl ShopId {
    /// The slug as text.
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
    /// Id of an order: a UUID v7 made by the client, so that a retry is idempotent.
    OrderId
    /// Id of a guest's device at one shop. Random per shop, so that shops cannot correlate guests.
    GuestId
    /// Id of a credential: the holder of a session or of a bearer token.
    StaffId
    /// Id of a recorded event (UUID v7).
    EventId
}

impl EventId {
    /// The time at which the event was recorded, to the millisecond; `None` for an id that is not a UUID v7.
    pub fn recorded_at(self) -> Option<Instant> {
        let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
        Some(Instant(i64::try_from(seconds).ok()? * 1000 + i64::from(nanos / 1_000_000)))
    }
}

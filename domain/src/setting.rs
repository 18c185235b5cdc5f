//! Digests of settings: a form says with one which state of a setting its manager saw.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::ParseIntError;
use std::str::FromStr;

/// Digest of one setting: a drink, a group of options, the currency, the opening hours or the limits.
///
/// It detects changes, not forgeries. Another build may compute another one; the form is then refused once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingDigest(u64);

impl SettingDigest {
    /// The digest of a setting; of `None` if it does not exist.
    pub fn of(setting: &impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        setting.hash(&mut hasher);
        Self(hasher.finish())
    }
}

impl fmt::Display for SettingDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for SettingDigest {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

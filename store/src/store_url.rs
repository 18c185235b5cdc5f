//! URL of an external database. It may contain a password, so `Debug` does not show it.

use std::fmt;

use serde::Deserialize;

/// A URL such as `postgres://user@host/database`. Parsing accepts any text; `Settings::read` validates it, because
/// clap would repeat an invalid value in its error.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct StoreUrl(String);

impl StoreUrl {
    /// The URL with its password, for the connection.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// True for the schemes of PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        ["postgres://", "postgresql://"].iter().any(|scheme| self.0.starts_with(scheme))
    }
}

impl From<&str> for StoreUrl {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for StoreUrl {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreUrl(…)")
    }
}

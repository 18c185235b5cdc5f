//! The text that opens a door: what it looks like, and the hash by which it is known.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a secret is for; its prefix says so, to people and to scanners of leaked texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A browser behind the bar, in a cookie: `cs_…`.
    Session,
    /// A script or a robot, in an `Authorization: Bearer` header: `ct_…`.
    Token,
    /// An invitation, good for one session: `cl_…`.
    Link,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Session, Self::Token, Self::Link];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Token => "token",
            Self::Link => "link",
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Session => "cs_",
            Self::Token => "ct_",
            Self::Link => "cl_",
        }
    }
}

/// 128 random bits with their kind. Neither `Debug` nor `Display` shows them; [`Secret::reveal`] does.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Secret {
    kind: Kind,
    bytes: [u8; 16],
}

/// The text given cannot be a secret of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret begins with cs_, ct_ or cl_ and has 22 characters after it")]
pub struct ParseSecretError;

impl Secret {
    pub(super) fn fresh(kind: Kind) -> Self {
        Self { kind, bytes: super::random() }
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The text itself: for the one it is meant for, and never for a log.
    pub fn reveal(&self) -> String {
        format!("{}{}", self.kind.prefix(), URL_SAFE_NO_PAD.encode(self.bytes))
    }

    // No salt and no slow hash: nobody guesses 128 random bits, and every request pays for this.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.reveal()).into()
    }
}

impl FromStr for Secret {
    type Err = ParseSecretError;

    fn from_str(text: &str) -> Result<Self, ParseSecretError> {
        let with = |kind: Kind| Some((kind, text.strip_prefix(kind.prefix())?));
        let (kind, rest) = Kind::ALL.into_iter().find_map(with).ok_or(ParseSecretError)?;
        let bytes = URL_SAFE_NO_PAD.decode(rest).map_err(|_| ParseSecretError)?;
        Ok(Self { kind, bytes: bytes.try_into().map_err(|_| ParseSecretError)? })
    }
}

impl TryFrom<String> for Secret {
    type Error = ParseSecretError;

    fn try_from(text: String) -> Result<Self, ParseSecretError> {
        text.parse()
    }
}

impl From<Secret> for String {
    fn from(secret: Secret) -> Self {
        secret.reveal()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}…)", self.kind.prefix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_back_as_it_went() {
        for kind in Kind::ALL {
            let secret = Secret::fresh(kind);
            let text = secret.reveal();
            assert_eq!((text.len(), &text[..3]), (25, kind.prefix()));
            assert_eq!(text.parse(), Ok(secret));
        }
    }

    #[test]
    fn what_is_not_exactly_a_secret_is_none() {
        let zeros = "AAAAAAAAAAAAAAAAAAAAAA";
        assert!(Secret::from_str(&format!("ct_{zeros}")).is_ok());
        for text in ["", "ct_", zeros, "cx_AAAAAAAAAAAAAAAAAAAAAA", "ct_AAAAAAAAAAAAAAAAAAAAAAA", "ct_é"] {
            assert_eq!(Secret::from_str(text), Err(ParseSecretError), "{text}");
        }
        assert_eq!(Secret::from_str(&format!("ct_{zeros}==")), Err(ParseSecretError));
        assert_eq!(Secret::from_str(&format!("CT_{zeros}")), Err(ParseSecretError));
    }

    #[test]
    fn a_secret_is_known_by_its_kind_too() {
        let [session, token, link] = Kind::ALL.map(|kind| Secret { kind, bytes: [7; 16] }.hash());
        assert!(session != token && token != link && link != session);
    }

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", Secret { kind: Kind::Token, bytes: [7; 16] }), "Secret(ct_…)");
    }
}

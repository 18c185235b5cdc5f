//! Bearer secrets: text format and stored hash.

use std::fmt;
use std::str::FromStr;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::cookie;
use super::passes::LINK_SECONDS;

/// Purpose of a secret. Its prefix makes it recognizable to people and secret scanners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// Staff session in a cookie: `cs_…`.
    Session,
    /// Token of a script or robot in an `Authorization: Bearer` header: `ct_…`.
    Token,
    /// One-time link for one session: `cl_…`.
    Link,
}

impl SecretKind {
    const ALL: [Self; 3] = [Self::Session, Self::Token, Self::Link];

    fn prefix(self) -> &'static str {
        match self {
            Self::Session => "cs_",
            Self::Token => "ct_",
            Self::Link => "cl_",
        }
    }
}

/// 128 random bits with their kind. `Debug` hides them; [`Secret::reveal`] returns them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Secret {
    kind: SecretKind,
    bytes: [u8; 16],
}

/// 128 random bits in a cookie that recognise a browser which redeems a link twice, as with a double click.
#[derive(Clone)]
pub struct Visit([u8; 16]);

impl Visit {
    /// Name of the cookie.
    pub const COOKIE: &str = "crema_enter";

    /// Generates a new visit.
    pub fn generate() -> Self {
        Self(super::random())
    }

    /// Reads the visit from the `Cookie` headers. `None` if no cookie is well-formed.
    pub fn from_cookies(headers: &HeaderMap) -> Option<Self> {
        let decode = |value: &str| URL_SAFE_NO_PAD.decode(value).ok()?.try_into().ok();
        cookie::values(headers, Self::COOKIE).find_map(decode).map(Self)
    }

    /// Value of the `Set-Cookie` header, valid as long as a link. Set `secure` if the public URL uses https.
    pub fn set_cookie(&self, secure: bool) -> String {
        cookie::set(Self::COOKIE, URL_SAFE_NO_PAD.encode(self.0), LINK_SECONDS, secure)
    }
}

/// The text is not a valid secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret is cs_, ct_ or cl_ followed by 22 base64url characters")]
pub struct ParseSecretError;

impl Secret {
    pub(super) fn generate(kind: SecretKind) -> Self {
        Self { kind, bytes: super::random() }
    }

    /// The session that the same link and the same visit always give. Both are secrets of 128 bits.
    pub(super) fn of_session(link: &Self, visit: &Visit) -> Self {
        let hash = Sha256::new().chain_update("session").chain_update(link.bytes).chain_update(visit.0).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Self { kind: SecretKind::Session, bytes }
    }

    /// The purpose of this secret.
    pub fn kind(&self) -> SecretKind {
        self.kind
    }

    /// The secret in plain text. Never log it.
    pub fn reveal(&self) -> String {
        format!("{}{}", self.kind.prefix(), URL_SAFE_NO_PAD.encode(self.bytes))
    }

    // 128 random bits need neither a salt nor a slow hash, which every request would pay for.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.reveal()).into()
    }
}

impl FromStr for Secret {
    type Err = ParseSecretError;

    fn from_str(text: &str) -> Result<Self, ParseSecretError> {
        let with = |kind: SecretKind| Some((kind, text.strip_prefix(kind.prefix())?));
        let (kind, rest) = SecretKind::ALL.into_iter().find_map(with).ok_or(ParseSecretError)?;
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
    fn a_secret_round_trips_as_text() {
        for kind in SecretKind::ALL {
            let secret = Secret::generate(kind);
            let text = secret.reveal();
            assert_eq!((text.len(), &text[..3]), (25, kind.prefix()));
            assert_eq!(text.parse(), Ok(secret));
        }
    }

    #[test]
    fn malformed_secrets_are_rejected() {
        let zeros = "AAAAAAAAAAAAAAAAAAAAAA";
        assert!(Secret::from_str(&format!("ct_{zeros}")).is_ok());
        for text in ["", "ct_", zeros, "cx_AAAAAAAAAAAAAAAAAAAAAA", "ct_AAAAAAAAAAAAAAAAAAAAAAA", "ct_é"] {
            assert_eq!(Secret::from_str(text), Err(ParseSecretError), "{text}");
        }
        assert_eq!(Secret::from_str(&format!("ct_{zeros}==")), Err(ParseSecretError));
        assert_eq!(Secret::from_str(&format!("CT_{zeros}")), Err(ParseSecretError));
    }

    #[test]
    fn secrets_of_different_kinds_have_different_hashes() {
        let [session, token, link] = SecretKind::ALL.map(|kind| Secret { kind, bytes: [7; 16] }.hash());
        assert!(session != token && token != link && link != session);
    }

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", Secret { kind: SecretKind::Token, bytes: [7; 16] }), "Secret(ct_…)");
    }
}

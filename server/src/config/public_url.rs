//! Base URL of a server, as guests and robots reach it.

use std::fmt;
use std::str::FromStr;

use axum::http::Uri;
use axum::http::uri::Scheme;
use serde::Deserialize;

/// `http://` or `https://`, a host and an optional port; no path, query or credentials.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl {
    secure: bool,
    authority: String,
}

/// The text is not a valid base URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a URL such as https://bar.example or http://192.168.1.5:3000, without a path")]
pub struct ParsePublicUrlError;

impl PublicUrl {
    /// Whether the scheme is `https`; cookies then have the `Secure` attribute.
    pub fn is_secure(&self) -> bool {
        self.secure
    }
}

impl FromStr for PublicUrl {
    type Err = ParsePublicUrlError;

    fn from_str(text: &str) -> Result<Self, ParsePublicUrlError> {
        let uri: Uri = text.parse().map_err(|_| ParsePublicUrlError)?;
        let secure = uri.scheme() == Some(&Scheme::HTTPS);
        let authority = uri.authority().map(|authority| authority.as_str().to_ascii_lowercase()).unwrap_or_default();
        // Credentials in the URL would appear in every link and QR code.
        let plain = !authority.is_empty() && !authority.contains('@');
        if plain && (secure || uri.scheme() == Some(&Scheme::HTTP)) && uri.path() == "/" && uri.query().is_none() {
            Ok(Self { secure, authority })
        } else {
            Err(ParsePublicUrlError)
        }
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = ParsePublicUrlError;

    fn try_from(text: String) -> Result<Self, ParsePublicUrlError> {
        text.parse()
    }
}

impl fmt::Display for PublicUrl {
    /// Writes the URL without a trailing slash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_stored_without_the_trailing_slash() {
        let read = |text: &str| text.parse::<PublicUrl>().map(|url| (url.to_string(), url.is_secure()));
        assert_eq!(read("https://Bar.example/"), Ok(("https://bar.example".to_owned(), true)));
        assert_eq!(read("http://192.168.1.5:3000"), Ok(("http://192.168.1.5:3000".to_owned(), false)));
    }

    #[test]
    fn unreachable_public_urls_are_refused() {
        for text in
            ["", "bar.example", "ftp://bar.example", "https://", "/", "http://a/b", "http://a?b", "http://u:p@a"]
        {
            assert_eq!(text.parse::<PublicUrl>(), Err(ParsePublicUrlError), "{text}");
        }
    }
}

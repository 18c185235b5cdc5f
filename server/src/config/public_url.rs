//! Base URL of a server, as guests and robots reach it.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use url::{Host, Url};

/// An origin as the URL standard defines it: `http` or `https`, a host and a port; no path, query or credentials.
///
/// Equal origins are equal values: letters of the host are lower-case, a default port and a final dot are left out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl(Url);

/// The text is not a valid base URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a URL such as https://bar.example or http://192.168.1.5:3000, without a path")]
pub struct ParsePublicUrlError;

impl PublicUrl {
    /// Whether the scheme is `https`; cookies then have the `Secure` attribute.
    pub fn is_secure(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether only this machine reaches the URL: its host is a loopback or an unspecified address, or `localhost`.
    pub fn is_local(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
            Some(Host::Ipv6(address)) => {
                let mapped = address.to_ipv4_mapped();
                address.is_loopback()
                    || address.is_unspecified()
                    || mapped.is_some_and(|address| address.is_loopback() || address.is_unspecified())
            }
            None => false,
        }
    }
}

/// Whether only this machine reaches the base URL.
pub fn is_local(base: &str) -> bool {
    base.parse().is_ok_and(|url: PublicUrl| url.is_local())
}

impl FromStr for PublicUrl {
    type Err = ParsePublicUrlError;

    fn from_str(text: &str) -> Result<Self, ParsePublicUrlError> {
        let mut url = Url::parse(text).map_err(|_| ParsePublicUrlError)?;
        // The parser also accepts `http:bar` and a path of dots.
        let is_written_out = text.split_once("://").is_some_and(|(_, rest)| !rest.trim_end_matches('/').contains('/'));
        // Credentials in the URL would appear in every link and QR code.
        let is_plain = url.username().is_empty() && url.password().is_none() && !text.contains('@');
        let is_base = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !(matches!(url.scheme(), "http" | "https") && is_written_out && is_plain && is_base) {
            return Err(ParsePublicUrlError);
        }
        if let Some(Host::Domain(name)) = url.host()
            && let Some(name) = name.strip_suffix('.').map(str::to_owned)
        {
            url.set_host(Some(&name)).map_err(|_| ParsePublicUrlError)?;
        }
        Ok(Self(url))
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
        f.write_str(&self.0.origin().ascii_serialization())
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
        assert_eq!(read("HTTPS://bar.example.:443"), Ok(("https://bar.example".to_owned(), true)));
        assert_eq!(read("http://[0:0::1]:80/"), Ok(("http://[::1]".to_owned(), false)));
    }

    #[test]
    fn a_url_on_a_loopback_or_unspecified_address_is_local() {
        let is_local = |text: &str| text.parse::<PublicUrl>().map(|url| url.is_local());
        for text in ["http://localhost:3000", "http://bar.localhost", "http://127.9.9.9", "http://0.0.0.0:3000"] {
            assert_eq!(is_local(text), Ok(true), "{text}");
        }
        for text in ["http://[::1]:3000", "http://[::]", "http://[::ffff:127.0.0.1]", "http://LOCALHOST."] {
            assert_eq!(is_local(text), Ok(true), "{text}");
        }
        for text in ["http://192.168.1.5:3000", "https://bar.example", "http://[fe80::1]", "http://localhost.example"] {
            assert_eq!(is_local(text), Ok(false), "{text}");
        }
    }

    #[test]
    fn unreachable_public_urls_are_refused() {
        let refused =
            ["", "bar.example", "ftp://bar.example", "https://", "/", "http://a/b", "http://a?b", "http://a#b"];
        for text in refused.into_iter().chain([
            "http://u:p@a",
            "http://@a",
            "http:a",
            "http:///a",
            "http://a/..",
            "http://a:99999",
        ]) {
            assert_eq!(text.parse::<PublicUrl>(), Err(ParsePublicUrlError), "{text}");
        }
    }
}

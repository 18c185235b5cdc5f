//! Setting and reading cookies.

use std::fmt;

/// Value of a `Set-Cookie` header with `HttpOnly` and `SameSite=Lax`. `max_age_s` is in seconds.
///
/// `secure` adds the `Secure` attribute. Set it if the public URL uses https.
pub fn set(name: &str, value: impl fmt::Display, max_age_s: u32, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={max_age_s}{secure}")
}

/// First value of the cookie `name` in a `Cookie` header.
pub fn value<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let header = "a=1; crema_device=x=y;b=2;broken";
        assert_eq!(value(header, "crema_device"), Some("x=y"));
        assert_eq!(value(header, "b"), Some("2"));
        assert_eq!(value(header, "device"), None);
        assert_eq!(value(header, "broken"), None);
        assert_eq!(value("", "a"), None);
    }

    #[test]
    fn a_cookie_is_secure_where_the_page_is() {
        assert_eq!(set("a", 1, 60, false), "a=1; HttpOnly; SameSite=Lax; Path=/; Max-Age=60");
        assert_eq!(set("a", 1, 60, true), "a=1; HttpOnly; SameSite=Lax; Path=/; Max-Age=60; Secure");
    }
}

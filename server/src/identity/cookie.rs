//! Setting and reading cookies.

use std::fmt;

use axum::http::{HeaderMap, header};

/// Value of a `Set-Cookie` header with `HttpOnly` and `SameSite=Lax`. `max_age_s` is in seconds.
///
/// `secure` adds the `Secure` attribute. Set it if the public URL uses https.
pub fn set(name: &str, value: impl fmt::Display, max_age_s: u32, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={max_age_s}{secure}")
}

/// Values of the cookie `name` in all `Cookie` lines, in order. Cookies of other applications may be any bytes.
pub fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let pairs =
        headers.get_all(header::COOKIE).into_iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(move |pair| {
        let (key, value) = std::str::from_utf8(pair).ok()?.trim().split_once('=')?;
        (key == name).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(lines: &[&[u8]], name: &str) -> Vec<String> {
        let line = |line: &&[u8]| (header::COOKIE, line.to_vec().try_into().expect("the bytes are a header value"));
        let headers: HeaderMap = lines.iter().map(line).collect();
        values(&headers, name).map(str::to_owned).collect()
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let line: &[&[u8]] = &[b"a=1; crema_device=x=y;b=2;broken"];
        assert_eq!(cookies(line, "crema_device"), ["x=y"]);
        assert_eq!(cookies(line, "b"), ["2"]);
        assert!(cookies(line, "device").is_empty() && cookies(line, "broken").is_empty());
        assert!(cookies(&[b""], "a").is_empty() && cookies(&[], "a").is_empty());
    }

    #[test]
    fn a_cookie_is_found_in_every_line_and_beside_other_bytes() {
        let lines: &[&[u8]] = &[b"theme=\xff\xfe; a=1", b"a=2;\xff=a=3", "größe=a; a=4".as_bytes()];
        assert_eq!(cookies(lines, "a"), ["1", "2", "4"]);
    }

    #[test]
    fn a_cookie_is_secure_where_the_page_is() {
        assert_eq!(set("a", 1, 60, false), "a=1; HttpOnly; SameSite=Lax; Path=/; Max-Age=60");
        assert_eq!(set("a", 1, 60, true), "a=1; HttpOnly; SameSite=Lax; Path=/; Max-Age=60; Secure");
    }
}

//! Request headers as text. Proxies and other applications on the host add lines and values of their own.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderName, header};

/// All lines of a header, in order. Bytes that are not UTF-8 become U+FFFD, so that they hide nothing beside them.
pub(super) fn lines(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = Cow<'_, str>> {
    headers.get_all(name).into_iter().map(|line| String::from_utf8_lossy(line.as_bytes()))
}

/// The elements of all lines of a header that holds a comma-separated list, without the spaces around them.
pub(super) fn elements(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = String> {
    let elements = |line: Cow<'_, str>| line.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>();
    lines(headers, name).flat_map(elements)
}

/// Whether an element without its parameters is this name, and its weight, if any, is not zero.
pub(super) fn accepts(element: &str, name: &str) -> bool {
    let mut parts = element.split(';').map(str::trim);
    let is_named = parts.next().is_some_and(|value| value.eq_ignore_ascii_case(name));
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    is_named && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0))
}

/// Whether the body is of this media type, whatever its parameters.
pub(super) fn is_content_type(headers: &HeaderMap, media_type: &str) -> bool {
    let line = lines(headers, header::CONTENT_TYPE).next();
    line.is_some_and(|line| line.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(media_type)))
}

/// The credentials of a header line `Authorization: Bearer …`. Other schemes belong to proxies.
pub(super) fn bearer(headers: &HeaderMap) -> Option<String> {
    lines(headers, header::AUTHORIZATION).find_map(|line| {
        let (scheme, credentials) = line.trim().split_once(' ')?;
        let credentials = credentials.trim();
        (scheme.eq_ignore_ascii_case("Bearer") && !credentials.is_empty()).then(|| credentials.to_owned())
    })
}

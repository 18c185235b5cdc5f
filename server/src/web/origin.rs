//! The origin of a request: the check against forms of other sites, and the one `Host` of a request.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Version, header};
use protocol::problem::RequestError;

use crate::config::PublicUrl;
use crate::web::request_headers::lines;

/// Makes `Host` the authority of the request: that of its target in HTTP/2 and in an absolute target, else the header.
///
/// # Errors
/// `malformed` for more than one `Host`, none in HTTP/1.1, or one that is not a host with an optional port.
pub(super) fn normalize_host(request: &mut Request) -> Result<(), RequestError> {
    let refuse = || RequestError::malformed("Host: exactly one is required, a name with an optional port.");
    let mut hosts = request.headers().get_all(header::HOST).into_iter();
    let (host, has_more) = (hosts.next().cloned(), hosts.next().is_some());
    let target = request.uri().authority().map(|authority| authority.as_str().to_owned());
    if has_more {
        return Err(refuse());
    }
    if let Some(host) = &host {
        let authority = Authority::try_from(host.as_bytes()).map_err(|_| refuse())?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(refuse());
        }
    }
    match (target, host) {
        (Some(target), _) => {
            let target = HeaderValue::try_from(target).map_err(|_| refuse())?;
            request.headers_mut().insert(header::HOST, target);
        }
        (None, None) if request.version() == Version::HTTP_11 => return Err(refuse()),
        (None, _) => {}
    }
    Ok(())
}

/// Verdict of the check for forms of other sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormOrigin {
    /// A page of this server, or a client that is no browser.
    Own,
    /// A page of another site.
    Foreign,
    /// The origin is neither the public URL nor the `Host`: another site, or a proxy that replaces `Host`.
    NotTheHost,
}

/// Whether a cookie-authenticated POST comes from a page of this server, by `Sec-Fetch-Site` or else `Origin`.
pub(super) fn form_origin(headers: &HeaderMap, public_url: Option<&PublicUrl>) -> FormOrigin {
    let is_own_site = |site: &str| ["same-origin", "none"].iter().any(|own| site.eq_ignore_ascii_case(own));
    let mut sites = lines(headers, HeaderName::from_static("sec-fetch-site")).peekable();
    if sites.peek().is_some() {
        return if sites.all(|site| is_own_site(site.trim())) { FormOrigin::Own } else { FormOrigin::Foreign };
    }
    // Old browsers without Fetch Metadata send `Origin` with every POST. Only other clients send neither header.
    let host = lines(headers, header::HOST).next().unwrap_or_default();
    let is_own = |origin: &str| is_own_origin(origin, &host, public_url);
    if lines(headers, header::ORIGIN).all(|origin| is_own(&origin)) { FormOrigin::Own } else { FormOrigin::NotTheHost }
}

/// Whether an `Origin` is the public URL or, under its own scheme, the `Host`. A `Host` that is the public one stands
/// for the public URL and its scheme.
fn is_own_origin(origin: &str, host: &str, public_url: Option<&PublicUrl>) -> bool {
    let Ok(origin) = origin.parse::<PublicUrl>() else { return false };
    let with_host = |secure: bool| format!("{}://{host}", if secure { "https" } else { "http" }).parse().ok();
    match public_url {
        Some(public) if *public == origin => true,
        Some(public) if with_host(public.is_secure()).as_ref() == Some(public) => false,
        _ => with_host(origin.is_secure()) == Some(origin),
    }
}

//! Faults of an installation that requests show, such as a proxy that does not send what it must. Each is logged once.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::{HeaderMap, HeaderName, header};

use crate::config::PublicUrl;
use crate::web::client_address::{FORWARDED_FOR, is_proxy};
use crate::web::request_headers::lines;

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Headers that only proxies send.
const PROXY_HEADERS: [HeaderName; 6] = [
    FORWARDED_FOR,
    FORWARDED_PROTO,
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-real-ip"),
    header::FORWARDED,
    header::VIA,
];

/// The notices that have been logged.
#[derive(Debug, Default)]
pub struct Notices {
    local_url: AtomicBool,
    refused_origin: AtomicBool,
    unknown_proxy: AtomicBool,
    no_forwarded_for: AtomicBool,
    no_public_url: AtomicBool,
}

impl Notices {
    /// Logs that phones cannot open this base URL.
    pub fn log_local_url(&self, url: &str) {
        if is_first(&self.local_url) {
            tracing::warn!(url, "only this machine can open the address of links and QR codes; set --public-url");
        }
    }

    /// Logs that a form was refused for its origin, which may be the proxy's fault.
    pub(super) fn log_refused_origin(&self, headers: &HeaderMap) {
        if is_first(&self.refused_origin) {
            let [origin, host] = [header::ORIGIN, header::HOST].map(|name| lines(headers, name).next());
            tracing::warn!(
                ?origin,
                ?host,
                "a form was refused: its origin is neither the public URL nor Host; behind a proxy, set --public-url"
            );
        }
    }

    /// Logs what a proxy should have sent with this request, or what is not set for it.
    pub(super) fn check_proxy(
        &self,
        peer: Option<IpAddr>,
        headers: &HeaderMap,
        public_url: Option<&PublicUrl>,
        proxies: &[IpAddr],
    ) {
        let is_forwarded = PROXY_HEADERS.iter().any(|name| headers.contains_key(name));
        let Some(peer) = peer.filter(|_| is_forwarded || public_url.is_some_and(|url| has_lost_host(headers, url)))
        else {
            return;
        };
        let has_address = headers.contains_key(FORWARDED_FOR);
        if !is_proxy(peer, proxies) {
            if has_address && is_first(&self.unknown_proxy) {
                tracing::warn!(%peer, "X-Forwarded-For is ignored, since the peer is no known proxy; set --proxy");
            }
            return;
        }
        if !has_address && is_first(&self.no_forwarded_for) {
            tracing::warn!(%peer, "the proxy does not send X-Forwarded-For; rate limits cannot tell its clients apart");
        }
        let is_https = lines(headers, FORWARDED_PROTO).any(|scheme| scheme.eq_ignore_ascii_case("https"));
        if is_https && public_url.is_none() && is_first(&self.no_public_url) {
            tracing::warn!(%peer, "the proxy serves https, but links and QR codes have http; set --public-url");
        }
    }
}

/// Whether the page of the request has the public URL, and `Host` is another one: a proxy has replaced it.
fn has_lost_host(headers: &HeaderMap, public_url: &PublicUrl) -> bool {
    let scheme = if public_url.is_secure() { "https" } else { "http" };
    let host = lines(headers, header::HOST).next().unwrap_or_default();
    let from = [header::ORIGIN, header::REFERER].into_iter().find_map(|name| lines(headers, name).next());
    let is_public = |text: &str| text.parse().is_ok_and(|url: PublicUrl| url == *public_url);
    from.is_some_and(|from| is_public(base_of(&from))) && !is_public(&format!("{scheme}://{host}"))
}

/// Scheme and authority of a URL.
fn base_of(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    &url[..end]
}

fn is_first(is_logged: &AtomicBool) -> bool {
    !is_logged.load(Ordering::Relaxed) && !is_logged.swap(true, Ordering::Relaxed)
}

//! The address of a client, for rate limits: the peer of the connection, or what a trusted proxy says about it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, HeaderName};

use crate::web::request_headers::elements;

/// The header in which each proxy appends the address of its client.
pub(super) const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// An address that a client can hold without cost: one of IPv4, or 64 bits of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ClientAddress(IpAddr);

/// The peer of the request's connection.
pub(super) fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical())
}

/// Whether `X-Forwarded-For` of this peer is believed. Any client could send the header.
pub(super) fn is_proxy(peer: IpAddr, proxies: &[IpAddr]) -> bool {
    peer.is_loopback() || proxies.contains(&peer)
}

/// The address of the client. `None` where it is unknown: on this machine, or behind a proxy that does not send it.
pub(super) fn client_address(
    extensions: &Extensions,
    headers: &HeaderMap,
    proxies: &[IpAddr],
) -> Option<ClientAddress> {
    let peer = peer(extensions)?;
    let client = if is_proxy(peer, proxies) {
        let forwarded: Vec<_> = elements(headers, FORWARDED_FOR).collect();
        let addresses = forwarded.iter().rev().map(|text| parse(text));
        // The last address that is no proxy: those before it are the client's own words.
        addresses.take_while(Option::is_some).flatten().find(|address| !is_proxy(*address, proxies))?
    } else {
        peer
    };
    Some(ClientAddress(match client {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }))
}

/// An address, with or without a port.
fn parse(text: &str) -> Option<IpAddr> {
    let address = text.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn address(peer: &str, forwarded: &[&str]) -> Option<String> {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1234)));
        let headers = forwarded.iter().map(|line| (FORWARDED_FOR, line.parse().unwrap())).collect();
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        client_address(&extensions, &headers, &[proxy]).map(|ClientAddress(address)| address.to_string())
    }

    #[test]
    fn a_client_is_its_peer() {
        assert_eq!(address("203.0.113.7", &[]).as_deref(), Some("203.0.113.7"));
        assert_eq!(address("203.0.113.7", &["198.51.100.1"]).as_deref(), Some("203.0.113.7"), "anybody can write that");
        assert_eq!(address("::ffff:203.0.113.7", &[]).as_deref(), Some("203.0.113.7"));
        assert_eq!(address("2001:db8:1:2:3:4:5:6", &[]).as_deref(), Some("2001:db8:1:2::"));
        assert_eq!(address("127.0.0.1", &[]), None);
    }

    #[test]
    fn a_client_behind_a_proxy_is_the_last_address_that_is_no_proxy() {
        for peer in ["127.0.0.1", "::1", "10.0.0.1"] {
            assert_eq!(address(peer, &["203.0.113.7"]).as_deref(), Some("203.0.113.7"));
            let lines = ["1.1.1.1, 203.0.113.7:5000", "10.0.0.1"];
            assert_eq!(address(peer, &lines).as_deref(), Some("203.0.113.7"));
            assert_eq!(address(peer, &["203.0.113.7, unknown"]), None);
        }
    }
}

//! Guest devices: a secret in a cookie and the guest id derived from it per shop.

use std::fmt;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::GuestId;
use uuid::Builder;

use super::cookie;
use super::keys::SecretKey;

/// Name of the device cookie.
pub const COOKIE: &str = "crema_device";

/// Lifetime of the device cookie.
const MAX_AGE_SECONDS: u32 = 365 * 24 * 60 * 60;

/// Secret of a browser: 128 random bits. The server does not store it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Device([u8; 16]);

impl Device {
    /// Generates a new device secret.
    pub fn generate() -> Self {
        Self(super::random())
    }

    /// Reads the device from the `Cookie` headers. `None` if no cookie is well-formed.
    pub fn from_cookies(headers: &HeaderMap) -> Option<Self> {
        let decode = |value: &str| URL_SAFE_NO_PAD.decode(value).ok()?.try_into().ok();
        cookie::values(headers, COOKIE).find_map(decode).map(Self)
    }

    /// Value of the `Set-Cookie` header, valid for one year. Set `secure` if the public URL uses https.
    pub fn set_cookie(&self, secure: bool) -> String {
        cookie::set(COOKIE, URL_SAFE_NO_PAD.encode(self.0), MAX_AGE_SECONDS, secure)
    }

    /// Guest id of this browser, derived from a shop's guest key. Stable per shop; unlinkable between shops.
    pub fn guest(&self, key: &SecretKey) -> GuestId {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&key.mac(&[&self.0])[..16]);
        GuestId(Builder::from_custom_bytes(bytes).into_uuid())
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Device(…)")
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header};

    use super::*;

    fn from_cookie(line: &str) -> Option<Device> {
        let line = HeaderValue::from_bytes(line.as_bytes()).expect("the text is a header value");
        Device::from_cookies(&[(header::COOKIE, line)].into_iter().collect())
    }

    #[test]
    fn a_device_cookie_round_trips() {
        let device = Device::generate();
        let header = device.set_cookie(true);
        let sent = header.split(';').next().expect("split returns at least one part");
        assert_eq!(from_cookie(&format!("theme=dark; {sent}")), Some(device));
        assert_eq!(sent.len(), COOKIE.len() + 1 + 22);
        assert!(header.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000; Secure"));
    }

    #[test]
    fn a_garbled_device_cookie_is_ignored() {
        for value in ["", "a", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAAA==", "é"] {
            assert_eq!(from_cookie(&format!("{COOKIE}={value}")), None, "{value}");
        }
        assert!(from_cookie(&format!("{COOKIE}=AAAAAAAAAAAAAAAAAAAAAA")).is_some());
    }

    #[test]
    fn guest_ids_are_stable_within_a_shop_and_differ_between_shops() {
        let (device, here, there) = (Device::generate(), SecretKey::from([1; 32]), SecretKey::from([2; 32]));
        assert_eq!(device.guest(&here), device.guest(&here));
        assert_ne!(device.guest(&here), device.guest(&there));
        assert_ne!(device.guest(&here), Device::generate().guest(&here));
        assert_eq!(device.guest(&here).0.get_version_num(), 8);
    }

    #[test]
    fn a_device_is_never_printed() {
        assert_eq!(format!("{:?}", Device([0xAB; 16])), "Device(…)");
    }
}

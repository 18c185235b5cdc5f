//! Guest devices: a secret in a cookie and the guest id derived from it per shop.

use std::fmt;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::{GuestId, ShopId};
use subtle::ConstantTimeEq;
use uuid::Builder;

use super::cookie;
use super::keys::SecretKey;

/// Name of the device cookie.
pub const COOKIE: &str = "crema_device";

/// Lifetime of the device cookie.
const MAX_AGE_SECONDS: u32 = 365 * 24 * 60 * 60;

/// Length of a proof in bytes.
const PROOF_BYTES: usize = 16;
/// MAC domain separator of proofs. Guest ids are MACs of the 16 bytes alone.
const PROOF_PURPOSE: &[u8] = b"proof of a device";

/// Secret of a browser: 128 random bits. The server does not store it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Device([u8; 16]);

/// The device in a cookie, with the proof that a shop has issued it. Cookies of earlier versions have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCookie {
    /// The device that the cookie claims.
    pub device: Device,
    proof: Option<DeviceProof>,
}

/// The MAC of a device under the key of the shop whose code it scanned first.
#[derive(Clone, Debug, PartialEq, Eq)]
struct DeviceProof {
    shop: ShopId,
    mac: [u8; PROOF_BYTES],
}

impl DeviceCookie {
    /// Reads the cookie, and of several the first with a proof. `None` if none is well-formed.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let cookies: Vec<Self> = cookie::values(headers, COOKIE).filter_map(Self::parse).collect();
        cookies.iter().find(|cookie| cookie.proof.is_some()).or(cookies.first()).cloned()
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let device = Device(decode(parts.next()?)?);
        let proof = match parts.next() {
            Some(shop) => Some(DeviceProof { shop: shop.parse().ok()?, mac: decode(parts.next()?)? }),
            None => None,
        };
        parts.next().is_none().then_some(Self { device, proof })
    }

    /// The shop that is said to have issued the device.
    pub fn issuer(&self) -> Option<&ShopId> {
        self.proof.as_ref().map(|proof| &proof.shop)
    }

    /// Whether the issuer has issued this device; `key` is the guest key of [`Self::issuer`].
    pub fn is_proven(&self, key: &SecretKey) -> bool {
        self.proof.as_ref().is_some_and(|proof| proof.mac.ct_eq(&self.device.proof(key)).into())
    }
}

fn decode(text: &str) -> Option<[u8; 16]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

impl Device {
    /// Generates a new device secret.
    pub fn generate() -> Self {
        Self(super::random())
    }

    /// Value of the `Set-Cookie` header, valid for one year, with the proof that `shop` has issued this device; `key`
    /// is the shop's guest key. Set `secure` if the public URL uses https.
    pub fn set_cookie(&self, shop: &ShopId, key: &SecretKey, secure: bool) -> String {
        let encode = |bytes: &[u8; 16]| URL_SAFE_NO_PAD.encode(bytes);
        let value = format!("{}.{shop}.{}", encode(&self.0), encode(&self.proof(key)));
        cookie::set(COOKIE, value, MAX_AGE_SECONDS, secure)
    }

    fn proof(&self, key: &SecretKey) -> [u8; PROOF_BYTES] {
        let mut proof = [0; PROOF_BYTES];
        proof.copy_from_slice(&key.mac(&[PROOF_PURPOSE, &self.0])[..PROOF_BYTES]);
        proof
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

    fn from_line(line: &str) -> Option<DeviceCookie> {
        let line = HeaderValue::from_bytes(line.as_bytes()).expect("the text is a header value");
        DeviceCookie::from_headers(&[(header::COOKIE, line)].into_iter().collect())
    }

    fn shop() -> ShopId {
        "demo".parse().expect("a slug")
    }

    #[test]
    fn a_device_cookie_round_trips_with_its_proof() {
        let (device, key) = (Device::generate(), SecretKey::from([1; 32]));
        let header = device.set_cookie(&shop(), &key, true);
        let sent = header.split(';').next().expect("split returns at least one part");
        let read = from_line(&format!("theme=dark; {sent}")).expect("the cookie is well-formed");
        assert_eq!((&read.device, read.issuer()), (&device, Some(&shop())));
        assert!(read.is_proven(&key) && !read.is_proven(&SecretKey::from([2; 32])));
        assert!(header.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000; Secure"));
    }

    #[test]
    fn a_device_without_a_proof_or_with_that_of_another_is_not_proven() {
        let key = SecretKey::from([1; 32]);
        let sent = |device: &Device| device.set_cookie(&shop(), &key, false).split(';').next().map(str::to_owned);
        let (one, other) = (sent(&Device::generate()), sent(&Device::generate()));
        let (one, other) = (one.expect("a cookie"), other.expect("a cookie"));
        let (secret, proof) = (one.split('.').next(), other.split_once('.'));
        let forged = format!("{}.{}", secret.expect("a part"), proof.expect("a proof").1);
        assert!(from_line(&forged).is_some_and(|cookie| !cookie.is_proven(&key)));
        let old = from_line(secret.expect("a part")).expect("the cookie of an earlier version is well-formed");
        assert!(old.issuer().is_none() && !old.is_proven(&key));
        // A cookie with a proof is preferred.
        assert!(from_line(&format!("{}; {other}", secret.expect("a part"))).is_some_and(|read| read.is_proven(&key)));
    }

    #[test]
    fn a_garbled_device_cookie_is_ignored() {
        const ZEROS: &str = "AAAAAAAAAAAAAAAAAAAAAA";
        for value in ["", "a", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAAA==", "é"] {
            assert_eq!(from_line(&format!("{COOKIE}={value}")), None, "{value}");
        }
        for rest in ["", "demo", "demo.", "demo.A", "Demo.AAAAAAAAAAAAAAAAAAAAAA", "demo.AAAAAAAAAAAAAAAAAAAAAA.A"] {
            assert_eq!(from_line(&format!("{COOKIE}={ZEROS}.{rest}")), None, "{rest}");
        }
        assert!(from_line(&format!("{COOKIE}={ZEROS}")).is_some());
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

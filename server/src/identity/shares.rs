//! Share tokens: each grants access to the page of one order in one extension.
//!
//! Derived from the shop key and never stored. A token is valid as long as the shop's key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::OrderId;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::keys::SecretKey;

/// Bytes of each half of a token: the order id and its MAC of 128 bits.
const HALF_BYTES: usize = 16;

/// Token for an order's page in an extension, base64url without padding.
pub fn token(key: &SecretKey, extension: &str, order: OrderId) -> String {
    URL_SAFE_NO_PAD.encode([*order.0.as_bytes(), mac_of(key, extension, order)].concat())
}

/// Order of a token. `None` if the token is not valid for this extension.
pub fn order_of(key: &SecretKey, extension: &str, text: &str) -> Option<OrderId> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (order, given) = bytes.split_first_chunk::<HALF_BYTES>()?;
    let order = OrderId(Uuid::from_bytes(*order));
    bool::from(mac_of(key, extension, order).ct_eq(given)).then_some(order)
}

fn mac_of(key: &SecretKey, extension: &str, order: OrderId) -> [u8; HALF_BYTES] {
    let mac = key.mac(&[extension.as_bytes(), &[0], order.0.as_bytes()]);
    let mut truncated = [0; HALF_BYTES];
    truncated.copy_from_slice(&mac[..HALF_BYTES]);
    truncated
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: OrderId = OrderId(Uuid::from_u128(7));

    fn key() -> SecretKey {
        SecretKey::from([7; 32])
    }

    #[test]
    fn a_share_token_returns_its_order() {
        let token = token(&key(), "Tally", ORDER);
        assert_eq!((token.len(), order_of(&key(), "Tally", &token)), (43, Some(ORDER)));
    }

    #[test]
    fn a_share_token_is_invalid_for_another_order_extension_or_shop() {
        let valid = token(&key(), "Tally", ORDER);
        assert_eq!(order_of(&key(), "Gazette", &valid), None);
        assert_eq!(order_of(&SecretKey::from([8; 32]), "Tally", &valid), None);
        let another = token(&key(), "Tally", OrderId(Uuid::from_u128(8)));
        let mixed = [&another[..21], &valid[21..]].concat();
        for none in ["", "no link", &valid[..42], &mixed, &format!("{valid}A")] {
            assert_eq!(order_of(&key(), "Tally", none), None, "{none}");
        }
    }
}

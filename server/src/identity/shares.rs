//! Links that a guest gives away: whoever has one may see one order's page of one extension, and nothing else.
//!
//! Computed, never stored. Such a link lives as long as the shop's key: it is its guest who makes it known.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::OrderId;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::keys::SecretKey;

/// Half of it is the order, the other half proves that somebody was given it: 128 bits.
const HALF: usize = 16;

/// What stands at the end of the link.
pub fn text(key: &SecretKey, extension: &str, order: OrderId) -> String {
    URL_SAFE_NO_PAD.encode([*order.0.as_bytes(), proof(key, extension, order)].concat())
}

/// The order that a link is about; `None` when it is no link to this extension.
pub fn order(key: &SecretKey, extension: &str, text: &str) -> Option<OrderId> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (order, given) = bytes.split_first_chunk::<HALF>()?;
    let order = OrderId(Uuid::from_bytes(*order));
    bool::from(proof(key, extension, order).ct_eq(given)).then_some(order)
}

fn proof(key: &SecretKey, extension: &str, order: OrderId) -> [u8; HALF] {
    let mac = key.mac(&[extension.as_bytes(), &[0], order.0.as_bytes()]);
    let mut proof = [0; HALF];
    proof.copy_from_slice(&mac[..HALF]);
    proof
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: OrderId = OrderId(Uuid::from_u128(7));

    fn key() -> SecretKey {
        SecretKey::from([7; 32])
    }

    #[test]
    fn a_link_leads_to_its_order() {
        let text = text(&key(), "Tally", ORDER);
        assert_eq!((text.len(), order(&key(), "Tally", &text)), (43, Some(ORDER)));
    }

    #[test]
    fn a_link_opens_no_other_order_extension_or_shop() {
        let mine = text(&key(), "Tally", ORDER);
        assert_eq!(order(&key(), "Gazette", &mine), None);
        assert_eq!(order(&SecretKey::from([8; 32]), "Tally", &mine), None);
        let another = text(&key(), "Tally", OrderId(Uuid::from_u128(8)));
        let mixed = [&another[..21], &mine[21..]].concat();
        for none in ["", "no link", &mine[..42], &mixed, &format!("{mine}A")] {
            assert_eq!(order(&key(), "Tally", none), None, "{none}");
        }
    }
}

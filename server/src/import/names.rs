//! The names that what is imported gets here: always the same in one shop, and of no use anywhere else.

use domain::access::{Actor, Role};
use domain::ids::{EventId, GuestId, OrderId, StaffId};
use domain::time::Instant;
use uuid::{Builder, Uuid};

use crate::identity::keys::SecretKey;

/// Makes them with the shop's key: who has the log and not the key learns nothing of whom they stand for.
pub(super) struct Names<'a>(pub &'a SecretKey);

impl Names<'_> {
    pub(super) fn staff(&self, user: &str) -> StaffId {
        StaffId(self.id(b"import user ", user))
    }

    /// Whose order it is. A robot orders under the id of its key, as everywhere.
    pub(super) fn orderer(&self, user: &str, is_robot: bool) -> Actor {
        let id = self.staff(user);
        if is_robot { Actor::Credential(id, Role::Robot) } else { Actor::Guest(GuestId(id.0)) }
    }

    /// The order's own id where it is one of the kind ours are; else one made of it.
    pub(super) fn order(&self, text: &str) -> OrderId {
        OrderId(text.parse().unwrap_or_else(|_| self.id(b"import order ", text)))
    }

    /// The `n`th event of an order, or of the shop.
    pub(super) fn event(&self, at: Instant, order: Option<OrderId>, n: usize) -> EventId {
        let order = order.map(|order| *order.0.as_bytes()).unwrap_or_default();
        let mac = self.0.mac(&[b"import event ", &order, &n.to_be_bytes()]);
        let mut chance = [0; 10];
        chance.copy_from_slice(&mac[..10]);
        let ms = u64::try_from(at.0).unwrap_or(0);
        EventId(Builder::from_unix_timestamp_millis(ms, &chance).into_uuid())
    }

    fn id(&self, purpose: &[u8], text: &str) -> Uuid {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.0.mac(&[purpose, text.as_bytes()])[..16]);
        Builder::from_custom_bytes(bytes).into_uuid()
    }
}

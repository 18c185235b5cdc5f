//! Ids of imported entities: deterministic within a shop, unlinkable between shops.

use domain::access::{Actor, Role};
use domain::ids::{EventId, GuestId, OrderId, StaffId};
use domain::time::Instant;
use uuid::{Builder, Uuid};

use crate::DeriveId;

/// Derives ids with a MAC under the shop's key, so that the log alone does not reveal the original ids.
pub(super) struct DerivedIds<'a>(pub DeriveId<'a>);

impl DerivedIds<'_> {
    pub(super) fn staff(&self, user: &str) -> StaffId {
        StaffId(self.id(b"import user ", user))
    }

    /// Returns the actor that placed an order. A robot is identified by its token id, as elsewhere.
    pub(super) fn orderer(&self, user: &str, is_robot: bool) -> Actor {
        let id = self.staff(user);
        if is_robot { Actor::Credential(id, Role::Robot) } else { Actor::Guest(GuestId(id.0)) }
    }

    /// Returns the archived order id if it is a UUID; otherwise a derived one.
    pub(super) fn order(&self, text: &str) -> OrderId {
        OrderId(text.parse().unwrap_or_else(|_| self.id(b"import order ", text)))
    }

    /// Returns the id of the `n`-th event of an order, or of the shop. It is a UUID v7 with the time `at`.
    pub(super) fn event(&self, at: Instant, order: Option<OrderId>, n: usize) -> EventId {
        let order = order.map(|order| *order.0.as_bytes()).unwrap_or_default();
        let mac = (self.0)(&[b"import event ", &order, &n.to_be_bytes()]);
        let mut chance = [0; 10];
        chance.copy_from_slice(&mac[..10]);
        let ms = u64::try_from(at.0).unwrap_or(0);
        EventId(Builder::from_unix_timestamp_millis(ms, &chance).into_uuid())
    }

    fn id(&self, purpose: &[u8], text: &str) -> Uuid {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&(self.0)(&[purpose, text.as_bytes()])[..16]);
        Builder::from_custom_bytes(bytes).into_uuid()
    }
}

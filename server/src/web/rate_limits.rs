//! Rate limits of what guests can repeat at no cost. Staff, robots and scripts are known and not limited.

use domain::ids::{GuestId, OrderId, ShopId};
use domain::time::Instant;
use protocol::problem::{Kind, RequestError};

use crate::identity::device::Device;
use crate::identity::rate_limiter::RateLimiter;
use crate::web::client_address::ClientAddress;

/// The limits, each for a sliding minute.
pub struct RateLimits {
    /// Commands of a guest for one order. Each is shown on every screen.
    order: RateLimiter<(GuestId, OrderId)>,
    /// Commands of a guest.
    device: RateLimiter<GuestId>,
    /// Commands of all guests at one address. Phones of one event may share one.
    address: RateLimiter<ClientAddress>,
    /// Starts of a guest that were turned away. Each is recorded.
    failed_starts: RateLimiter<GuestId>,
    failed_starts_of_address: RateLimiter<ClientAddress>,
    failed_starts_of_shop: RateLimiter<ShopId>,
    /// New devices of one address.
    new_devices: RateLimiter<ClientAddress>,
    /// Unknown typed codes of a device.
    guesses: RateLimiter<Device>,
    /// Unknown typed codes of one address without a device; all clients whose address is unknown share one limit. It
    /// exceeds honest typing errors and is too low to find one of 2⁴⁰ codes while it is valid.
    guesses_of_address: RateLimiter<Option<ClientAddress>>,
    /// Unknown typed codes in starts of one shop.
    guesses_of_shop: RateLimiter<ShopId>,
    /// Searches of one shop for an expired code, each of milliseconds. Further codes count as unknown.
    old_codes: RateLimiter<()>,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            order: RateLimiter::new(30),
            device: RateLimiter::new(300),
            address: RateLimiter::new(3_000),
            failed_starts: RateLimiter::new(3),
            failed_starts_of_address: RateLimiter::new(120),
            failed_starts_of_shop: RateLimiter::new(1_200),
            new_devices: RateLimiter::new(600),
            guesses: RateLimiter::new(10),
            guesses_of_address: RateLimiter::new(600),
            guesses_of_shop: RateLimiter::new(600),
            old_codes: RateLimiter::new(60),
        }
    }
}

/// A guest who issues a command.
#[derive(Clone, Copy)]
pub(super) struct LimitedGuest<'a> {
    pub(super) shop: &'a ShopId,
    pub(super) guest: GuestId,
    pub(super) address: Option<ClientAddress>,
}

/// A client that types a code.
#[derive(Clone, Copy)]
pub(super) struct Guesser<'a> {
    pub(super) device: Option<&'a Device>,
    pub(super) address: Option<ClientAddress>,
    /// The shop whose code it must be; `None` if any shop's will do.
    pub(super) shop: Option<&'a ShopId>,
}

impl RateLimits {
    /// Counts a command of a guest.
    ///
    /// # Errors
    /// [`Kind::SlowDown`].
    pub(super) fn admit(
        &self,
        LimitedGuest { guest, address, .. }: LimitedGuest<'_>,
        order: Option<OrderId>,
        now: Instant,
    ) -> Result<(), RequestError> {
        let of_address = address.and_then(|address| self.address.acquire(address, now));
        let of_device = || self.device.acquire(guest, now);
        let of_order = || order.and_then(|order| self.order.acquire((guest, order), now));
        slow_down(of_address.or_else(of_device).or_else(of_order))
    }

    /// Whether another start may be recorded if it is turned away.
    ///
    /// # Errors
    /// [`Kind::SlowDown`].
    pub(super) fn check_start(&self, by: LimitedGuest<'_>, now: Instant) -> Result<(), RequestError> {
        let LimitedGuest { shop, guest, address } = by;
        let of_guest = self.failed_starts.retry_after(&guest, now);
        let of_address = || self.failed_starts_of_address.retry_after(&address?, now);
        slow_down(of_guest.or_else(of_address).or_else(|| self.failed_starts_of_shop.retry_after(shop, now)))
    }

    /// Counts a start that was turned away.
    pub(super) fn record_failed_start(&self, by: LimitedGuest<'_>, now: Instant) {
        self.failed_starts.record(by.guest, now);
        if let Some(address) = by.address {
            self.failed_starts_of_address.record(address, now);
        }
        self.failed_starts_of_shop.record(by.shop.clone(), now);
    }

    /// Counts a search for an expired code; `false` if there were too many.
    pub(super) fn may_search_old_codes(&self, now: Instant) -> bool {
        self.old_codes.acquire((), now).is_none()
    }

    /// Counts a new device.
    ///
    /// # Errors
    /// [`Kind::SlowDown`].
    pub(super) fn admit_device(&self, address: Option<ClientAddress>, now: Instant) -> Result<(), RequestError> {
        slow_down(address.and_then(|address| self.new_devices.acquire(address, now)))
    }

    /// Whether another code may be typed.
    ///
    /// # Errors
    /// [`Kind::SlowDown`].
    pub(super) fn check_guess(&self, by: Guesser<'_>, now: Instant) -> Result<(), RequestError> {
        let own = match by.device {
            Some(device) => self.guesses.retry_after(device, now),
            None => self.guesses_of_address.retry_after(&by.address, now),
        };
        slow_down(own.or_else(|| self.guesses_of_shop.retry_after(by.shop?, now)))
    }

    /// Counts an unknown typed code.
    pub(super) fn record_failed_guess(&self, by: Guesser<'_>, now: Instant) {
        match by.device {
            Some(device) => self.guesses.record(device.clone(), now),
            None => self.guesses_of_address.record(by.address, now),
        }
        if let Some(shop) = by.shop {
            self.guesses_of_shop.record(shop.clone(), now);
        }
    }
}

fn slow_down(wait_seconds: Option<u32>) -> Result<(), RequestError> {
    wait_seconds.map_or(Ok(()), |seconds| Err(RequestError::from(Kind::SlowDown).retry_after(seconds)))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use uuid::Uuid;

    use super::*;

    #[test]
    fn starts_that_are_turned_away_are_bounded_per_shop() {
        let (limits, now) = (RateLimits::default(), Instant(0));
        let (east, west) = ("east".parse().unwrap(), "west".parse().unwrap());
        let by = |shop, n: u128| LimitedGuest { shop, guest: GuestId(Uuid::from_u128(n)), address: None };
        for n in 0..1_200 {
            assert_eq!(limits.check_start(by(&east, n), now), Ok(()));
            limits.record_failed_start(by(&east, n), now);
        }
        let refused = limits.check_start(by(&east, 1_200), now).unwrap_err();
        assert_eq!((refused.kind, refused.retry_after), (Kind::SlowDown, Some(60)));
        assert_eq!(limits.check_start(by(&west, 1_200), now), Ok(()));
        assert_eq!(limits.check_start(by(&east, 1_200), now.plus_seconds(60)), Ok(()));
    }
}

//! The limits of a shop: counts and durations.

use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// Maximum length of a name to call out, in characters.
pub const MAX_NAME_CHARS: usize = 30;

/// Maximum length of the reason for a pause, in characters; longer text is cut off.
pub const MAX_PAUSE_REASON_CHARS: usize = 80;

/// Longest pause with an end, in minutes: one day.
pub const MAX_PAUSE_MINUTES: u32 = 24 * 60;

/// The limits that a manager can change. A limit missing in an older log takes its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Number of orders that one code can start (tokens per window), 1 to 1,000.
    pub drinks_per_code: u32,
    /// Length of a window in seconds, 10 to 86,400. Windows are aligned to 1970-01-01T00:00Z.
    pub window_seconds: u32,
    /// Grace period of a code after its window in seconds, 0 to 3,600, so that an opened page can still be submitted.
    pub grace_seconds: u32,
    /// Capacity: number of orders that may be choosing, waiting or in preparation at once, 1 to 10,000.
    pub room: u32,
    /// Orders per guest and shop day, 1 to 1,000. Unsuccessful orders, robots and walk-ins do not count.
    pub orders_per_guest: u32,
    /// Time limits. An order keeps those in force at its start.
    pub waits: Waits,
}

/// The time limits of an order, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Waits {
    /// Time to choose from the start of the order, 5 to 3,600.
    pub choose_seconds: u32,
    /// Extension of the time to choose, once per order, 0 to 3,600.
    pub extend_seconds: u32,
    /// Time from submission to claim, and again from claim to completion, 5 to 86,400.
    pub make_seconds: u32,
    /// Time to collect a ready order, 5 to 86,400.
    pub ready_seconds: u32,
    /// Time to undo a cancellation, 0 to 600; 0 disables the undo.
    pub undo_seconds: u32,
}

impl Default for Limits {
    /// The defaults of the original system: 10 orders per 5-minute code, 100 orders at once, 3 orders per guest. The
    /// grace period of one minute is new.
    fn default() -> Self {
        Self {
            drinks_per_code: 10,
            window_seconds: 300,
            grace_seconds: 60,
            room: 100,
            orders_per_guest: 3,
            waits: Waits::default(),
        }
    }
}

impl Default for Waits {
    /// `choose_seconds` and `make_seconds` are those of the original system.
    fn default() -> Self {
        Self { choose_seconds: 300, extend_seconds: 120, make_seconds: 900, ready_seconds: 1800, undo_seconds: 10 }
    }
}

impl Waits {
    /// The longest time until an order can end by itself, in seconds.
    pub(crate) fn longest_seconds(&self) -> u32 {
        let choose = self.choose_seconds.saturating_add(self.extend_seconds);
        choose.max(self.make_seconds).max(self.ready_seconds).max(self.undo_seconds)
    }
}

macro_rules! limits {
    ($($name:ident: $($path:ident).+ in $range:expr,)*) => {
        /// A change of some limits; `None` keeps the current value. Units and ranges are those of [`Limits`] and
        /// [`Waits`].
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct LimitsChange {
            $(
                #[doc = concat!("New value of `", stringify!($name), "`, ", stringify!($range), ".")]
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $name: Option<u32>,
            )*
        }

        impl LimitsChange {
            /// Applies the change to `limits`.
            ///
            /// # Errors
            /// The name of the first limit that is out of range, with its minimum and maximum.
            pub fn apply_to(self, mut limits: Limits) -> Result<Limits, (&'static str, u32, u32)> {
                $(if let Some(wanted) = self.$name {
                    if !$range.contains(&wanted) {
                        return Err((stringify!($name), *$range.start(), *$range.end()));
                    }
                    limits.$($path).+ = wanted;
                })*
                Ok(limits)
            }
        }

        impl Limits {
            /// Checks the range of every limit.
            ///
            /// # Errors
            /// The name of the first limit that is out of range, with its minimum and maximum.
            pub fn check(&self) -> Result<(), (&'static str, u32, u32)> {
                let all = LimitsChange { $($name: Some(self.$($path).+),)* };
                all.apply_to(*self).map(|_| ())
            }
        }
    };
}

limits! {
    drinks_per_code: drinks_per_code in 1..=1000,
    window_seconds: window_seconds in 10..=86_400,
    grace_seconds: grace_seconds in 0..=3600,
    room: room in 1..=10_000,
    orders_per_guest: orders_per_guest in 1..=1000,
    choose_seconds: waits.choose_seconds in 5..=3600,
    extend_seconds: waits.extend_seconds in 0..=3600,
    make_seconds: waits.make_seconds in 5..=86_400,
    ready_seconds: waits.ready_seconds in 5..=86_400,
    undo_seconds: waits.undo_seconds in 0..=600,
}

impl Limits {
    /// Start of the window that contains `at`.
    pub fn window_of(&self, at: Instant) -> Instant {
        let length = i64::from(self.window_seconds.max(1)) * 1000;
        Instant(at.0.div_euclid(length) * length)
    }

    /// End of the window that starts at `window`.
    pub fn window_end(&self, window: Instant) -> Instant {
        window.plus_seconds(self.window_seconds)
    }
}

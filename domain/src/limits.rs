//! The numbers a shop lives by: how many, how often and how long.

use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// The numbers a manager can change. One that an older log does not name has its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Orders one code begins.
    pub drinks_per_code: u32,
    /// Length of a code's window in seconds; windows are counted from 1970-01-01T00:00Z.
    pub window_seconds: u32,
    /// How long after its window a code still counts, in seconds: a page served in time may be posted in time.
    pub grace_seconds: u32,
    /// Orders that may be chosen, wait or be made at a time; who has begun one keeps the place until it is ready.
    pub room: u32,
    /// Orders of one guest in one shop day; those that came to nothing and those of robots do not count.
    pub orders_per_guest: u32,
    /// How long things may take; an order keeps those of its start.
    pub waits: Waits,
}

/// How long an order may wait for somebody, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Waits {
    /// For the guest to choose, from the start.
    pub choose_seconds: u32,
    /// More of it, once, for whoever asks.
    pub extend_seconds: u32,
    /// For the bar: from the submission to the claim, and as long again from the claim.
    pub make_seconds: u32,
    /// For the guest to collect what is ready.
    pub ready_seconds: u32,
    /// For whoever cancelled to think again.
    pub undo_seconds: u32,
}

impl Default for Limits {
    /// The original's 10 drinks and 5 minutes, and a minute of grace. Its first version had room for 100 orders; its
    /// durable fork allowed 3 for each guest.
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
    /// The original's 300 and 900 seconds.
    fn default() -> Self {
        Self { choose_seconds: 300, extend_seconds: 120, make_seconds: 900, ready_seconds: 1800, undo_seconds: 10 }
    }
}

macro_rules! limits {
    ($($name:ident: $($path:ident).+ in $range:expr,)*) => {
        /// Some of the limits anew; what is left out stays.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct LimitsChange {
            $(#[serde(default, skip_serializing_if = "Option::is_none")] pub $name: Option<u32>,)*
        }

        impl LimitsChange {
            /// The limits as changed.
            ///
            /// # Errors
            /// The name of one that is out of its range, with the least and the most it may be.
            pub fn of(self, mut limits: Limits) -> Result<Limits, (&'static str, u32, u32)> {
                $(if let Some(wanted) = self.$name {
                    if !$range.contains(&wanted) {
                        return Err((stringify!($name), *$range.start(), *$range.end()));
                    }
                    limits.$($path).+ = wanted;
                })*
                Ok(limits)
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
    /// When the window that `at` falls in began.
    pub fn window_of(&self, at: Instant) -> Instant {
        let length = i64::from(self.window_seconds.max(1)) * 1000;
        Instant(at.0.div_euclid(length) * length)
    }

    /// When the window that began at `window` ends.
    pub fn window_end(&self, window: Instant) -> Instant {
        window.plus_seconds(self.window_seconds)
    }

    /// When the code of the window that began at `window` stops counting.
    pub fn good_until(&self, window: Instant) -> Instant {
        self.window_end(window).plus_seconds(self.grace_seconds)
    }
}

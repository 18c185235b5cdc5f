//! Authentication: rotating codes for guests, passes for staff and machines, and the shop keys.

pub mod codes;
pub mod cookie;
pub mod device;
pub mod keys;
pub mod passes;
pub mod rate_limiter;
pub mod secret;
pub mod shares;

/// Cryptographically secure random bytes from the operating system.
///
/// # Panics
/// The operating system has no random source.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has a random source");
    bytes
}

//! Who may come in: codes for guests, passes for staff and machines, and the keys behind both.

pub mod codes;
pub mod cookie;
pub mod device;
pub mod keys;
pub mod passes;
pub mod rate_limiter;
pub mod secret;
pub mod shares;

/// Bytes nobody can guess, from the operating system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("a system that runs this program has random bytes");
    bytes
}

//! The rotating code: what a QR shows and a thumb types, computed from the clock and never stored.

use domain::limits::Limits;
use domain::time::Instant;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::keys::SecretKey;

/// Windows that `find` looks back on. Whether one of them is still good is the domain's to say; a guest with an old
/// code should hear "this code is over" and not "this is no code".
const LOOK_BACK: i64 = 12;

/// Crockford's base 32: no i, l, o or u, so that nothing is read as a digit or as a rude word.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

const QR: &[u8] = b"qr";
const QR_SYMBOLS: usize = 16;
const TYPED: &[u8] = b"typed";
const TYPED_SYMBOLS: usize = 8;

/// The code in the QR of the window that starts at `window`: 80 bits in 16 symbols.
pub fn qr(key: &SecretKey, window: Instant) -> String {
    text(&symbols(key, QR, window)[..QR_SYMBOLS])
}

/// The code to type in the window that starts at `window`: 40 bits in 8 symbols, enough where tries are limited.
pub fn typed(key: &SecretKey, window: Instant) -> String {
    text(&symbols(key, TYPED, window)[..TYPED_SYMBOLS])
}

/// The start of the window that `code`, of either form, belongs to: the one of `at` or one of the twelve before.
///
/// Takes what people type: upper case, i and l for 1, o for 0, spaces and dashes anywhere. The time it takes tells
/// the form of the code and nothing else.
pub fn find(key: &SecretKey, code: &str, at: Instant, length_s: u32) -> Option<Instant> {
    let (given, length) = read(code)?;
    let purpose = if length == QR_SYMBOLS { QR } else { TYPED };
    let limits = Limits { window_seconds: length_s, ..Limits::default() };
    let mut window = limits.window_of(at);
    let (mut found, mut any) = (0, Choice::from(0));
    for _ in 0..=LOOK_BACK {
        let same = symbols(key, purpose, window)[..length].ct_eq(&given[..length]);
        found.conditional_assign(&window.0, same);
        any |= same;
        window = limits.window_of(Instant(window.0 - 1));
    }
    bool::from(any).then_some(Instant(found))
}

/// Whether this is a code of the short form, which can be guessed by whoever may try for ever.
pub fn is_typed(code: &str) -> bool {
    read(code).is_some_and(|(_, length)| length == TYPED_SYMBOLS)
}

fn symbols(key: &SecretKey, purpose: &[u8], window: Instant) -> [u8; QR_SYMBOLS] {
    let mac = key.mac(&[purpose, &window.0.to_be_bytes()]);
    let mut symbols = [0; QR_SYMBOLS];
    // Five bytes are eight symbols.
    for (bytes, eight) in mac.chunks_exact(5).zip(symbols.chunks_exact_mut(8)) {
        let bits = bytes.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for (place, symbol) in eight.iter_mut().enumerate() {
            let lowest = (bits >> (35 - 5 * place)).to_be_bytes()[7];
            *symbol = ALPHABET[usize::from(lowest & 31)];
        }
    }
    symbols
}

fn text(symbols: &[u8]) -> String {
    symbols.iter().copied().map(char::from).collect()
}

/// The symbols a person meant and how many they are, if they can be a code at all.
fn read(code: &str) -> Option<([u8; QR_SYMBOLS], usize)> {
    let mut symbols = [0; QR_SYMBOLS];
    let mut length = 0;
    for byte in code.bytes().filter(|byte| !matches!(byte, b' ' | b'-')) {
        let symbol = match byte.to_ascii_lowercase() {
            b'i' | b'l' => b'1',
            b'o' => b'0',
            other => other,
        };
        if !ALPHABET.contains(&symbol) {
            return None;
        }
        *symbols.get_mut(length)? = symbol;
        length += 1;
    }
    matches!(length, QR_SYMBOLS | TYPED_SYMBOLS).then_some((symbols, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTES: u32 = 300;
    const NOON: Instant = Instant(1_795_257_600_000);

    fn key() -> SecretKey {
        SecretKey::from([7; 32])
    }

    fn minutes_after_noon(minutes: i64) -> Instant {
        Instant(NOON.0 + minutes * 60_000)
    }

    #[test]
    fn a_code_is_the_same_on_every_node_and_in_every_version() {
        assert_eq!(qr(&key(), NOON), "wjvnchzw5v0x3cf7");
        assert_eq!(typed(&key(), NOON), "t0y5np5q");
    }

    #[test]
    fn another_window_or_another_shop_has_another_code() {
        assert_ne!(qr(&key(), NOON), qr(&key(), minutes_after_noon(5)));
        assert_ne!(qr(&key(), NOON), qr(&SecretKey::from([8; 32]), NOON));
        assert_eq!(find(&SecretKey::from([8; 32]), &qr(&key(), NOON), NOON, MINUTES), None);
    }

    #[test]
    fn a_code_is_found_in_its_window_and_the_twelve_after_it() {
        for code in [qr(&key(), NOON), typed(&key(), NOON)] {
            assert_eq!(find(&key(), &code, minutes_after_noon(-1), MINUTES), None);
            assert_eq!(find(&key(), &code, NOON, MINUTES), Some(NOON));
            assert_eq!(find(&key(), &code, minutes_after_noon(64), MINUTES), Some(NOON));
            assert_eq!(find(&key(), &code, minutes_after_noon(65), MINUTES), None);
        }
    }

    #[test]
    fn a_code_may_be_typed_as_people_type() {
        let code = qr(&key(), NOON).to_uppercase().replace('0', "o");
        assert_eq!(find(&key(), &code, NOON, MINUTES), Some(NOON));
        assert_eq!(find(&key(), " TOY5 - np5q-", NOON, MINUTES), Some(NOON));
        let (with_ones, window) = (0..1000)
            .map(|n| minutes_after_noon(5 * n))
            .map(|window| (typed(&key(), window), window))
            .find(|(code, _)| code.matches('1').count() > 1)
            .expect("some code has two ones in it");
        assert_eq!(find(&key(), &with_ones.replacen('1', "l", 1).replace('1', "I"), window, MINUTES), Some(window));
    }

    #[test]
    fn the_short_form_is_told_from_the_long() {
        assert!(is_typed(&typed(&key(), NOON)) && is_typed("TOY5 - np5q"));
        assert!(!is_typed(&qr(&key(), NOON)) && !is_typed("t0y5np5") && !is_typed(""));
    }

    #[test]
    fn what_is_no_code_finds_nothing_however_long_it_is() {
        let code = qr(&key(), NOON);
        for length in 0..40 {
            for filler in ["a", "0", "-", "u", "é", "\0", "🦀", "%"] {
                let garbled = filler.repeat(length);
                assert_eq!(find(&key(), &garbled, NOON, MINUTES), None, "{garbled:?}");
            }
        }
        assert_eq!(find(&key(), &code[..15], NOON, MINUTES), None);
        assert_eq!(find(&key(), &code[..8], NOON, MINUTES), None);
        assert_eq!(find(&key(), &format!("{code}0"), NOON, MINUTES), None);
        assert_eq!(find(&key(), &"z".repeat(1 << 20), NOON, MINUTES), None);
    }

    #[test]
    fn every_symbol_counts() {
        for code in [qr(&key(), NOON), typed(&key(), NOON)] {
            for place in 0..code.len() {
                let mut other = code.clone().into_bytes();
                other[place] = if other[place] == b'z' { b'y' } else { b'z' };
                assert_eq!(find(&key(), &text(&other), NOON, MINUTES), None);
            }
        }
    }
}

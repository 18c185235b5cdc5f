//! Rotating codes in QR and typed form, derived from the shop key and the time window. Never stored.

use domain::limits::Limits;
use domain::time::Instant;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::keys::SecretKey;

/// Previous windows that [`find_window`] checks. The domain decides whether a window is still valid.
const MAX_PREVIOUS_WINDOWS: i64 = 12;

/// Windows before those that [`find_expired_window`] checks: a month of windows of five minutes.
const MAX_EXPIRED_WINDOWS: i64 = 9_000;

/// Crockford's base 32, without the ambiguous letters i, l, o and u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// MAC domain separator of QR codes.
const QR_PURPOSE: &[u8] = b"qr";
const QR_SYMBOLS: usize = 16;
/// MAC domain separator of typed codes.
const TYPED_PURPOSE: &[u8] = b"typed";
const TYPED_SYMBOLS: usize = 8;

/// QR code text of the window that starts at `window`: 80 bits in 16 symbols.
pub fn qr_code(key: &SecretKey, window: Instant) -> String {
    to_text(&symbols(key, QR_PURPOSE, window)[..QR_SYMBOLS])
}

/// Typed code of the window that starts at `window`: 40 bits in 8 symbols. Callers must limit the rate of guesses.
pub fn typed_code(key: &SecretKey, window: Instant) -> String {
    to_text(&symbols(key, TYPED_PURPOSE, window)[..TYPED_SYMBOLS])
}

/// Start of the window that a code of either form belongs to: the window of `at` or one of the twelve before.
///
/// Accepts upper case, i and l for 1, o for 0, and spaces and dashes anywhere. The running time depends only on the
/// form of the code.
pub fn find_window(key: &SecretKey, code: &str, at: Instant, window_seconds: u32) -> Option<Instant> {
    let (given, length) = parse_symbols(code)?;
    let purpose = if length == QR_SYMBOLS { QR_PURPOSE } else { TYPED_PURPOSE };
    let limits = Limits { window_seconds, ..Limits::default() };
    let mut window = limits.window_of(at);
    let (mut matched, mut any) = (0, Choice::from(0));
    for _ in 0..=MAX_PREVIOUS_WINDOWS {
        let same = symbols(key, purpose, window)[..length].ct_eq(&given[..length]);
        matched.conditional_assign(&window.0, same);
        any |= same;
        window = limits.window_of(Instant(window.0 - 1));
    }
    bool::from(any).then_some(Instant(matched))
}

/// Start of the window that an old code of either form belongs to, before the windows that [`find_window`] checks. It tells
/// an expired code from an unknown one, and takes milliseconds: callers must limit the rate.
pub fn find_expired_window(key: &SecretKey, code: &str, at: Instant, window_seconds: u32) -> Option<Instant> {
    let (given, length) = parse_symbols(code)?;
    let purpose = if length == QR_SYMBOLS { QR_PURPOSE } else { TYPED_PURPOSE };
    let Instant(current) = Limits { window_seconds, ..Limits::default() }.window_of(at);
    let before = (MAX_PREVIOUS_WINDOWS + 1..).take(usize::try_from(MAX_EXPIRED_WINDOWS).unwrap_or_default());
    let mut windows = before.map(|n| Instant(current - n * i64::from(window_seconds) * 1000));
    windows.find(|window| symbols(key, purpose, *window)[..length].ct_eq(&given[..length]).into())
}

/// Whether the text has the form of a code.
pub fn is_well_formed(code: &str) -> bool {
    parse_symbols(code).is_some()
}

/// Whether the text has the typed form, which needs a rate limit against guessing.
pub fn is_typed(code: &str) -> bool {
    parse_symbols(code).is_some_and(|(_, length)| length == TYPED_SYMBOLS)
}

fn symbols(key: &SecretKey, purpose: &[u8], window: Instant) -> [u8; QR_SYMBOLS] {
    let mac = key.mac(&[purpose, &window.0.to_be_bytes()]);
    let mut symbols = [0; QR_SYMBOLS];
    // 5 bytes encode 8 symbols.
    for (bytes, eight) in mac.chunks_exact(5).zip(symbols.chunks_exact_mut(8)) {
        let bits = bytes.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for (index, symbol) in eight.iter_mut().enumerate() {
            let lowest = (bits >> (35 - 5 * index)).to_be_bytes()[7];
            *symbol = ALPHABET[usize::from(lowest & 31)];
        }
    }
    symbols
}

fn to_text(symbols: &[u8]) -> String {
    symbols.iter().copied().map(char::from).collect()
}

/// Normalized symbols and their number. `None` if the text has the form of neither code.
fn parse_symbols(code: &str) -> Option<([u8; QR_SYMBOLS], usize)> {
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

    const WINDOW_SECONDS: u32 = 300;
    const NOON: Instant = Instant(1_795_257_600_000);

    fn key() -> SecretKey {
        SecretKey::from([7; 32])
    }

    fn minutes_after_noon(minutes: i64) -> Instant {
        Instant(NOON.0 + minutes * 60_000)
    }

    #[test]
    fn a_code_is_the_same_on_every_node_and_in_every_version() {
        assert_eq!(qr_code(&key(), NOON), "wjvnchzw5v0x3cf7");
        assert_eq!(typed_code(&key(), NOON), "t0y5np5q");
    }

    #[test]
    fn another_window_or_another_shop_has_another_code() {
        assert_ne!(qr_code(&key(), NOON), qr_code(&key(), minutes_after_noon(5)));
        assert_ne!(qr_code(&key(), NOON), qr_code(&SecretKey::from([8; 32]), NOON));
        assert_eq!(find_window(&SecretKey::from([8; 32]), &qr_code(&key(), NOON), NOON, WINDOW_SECONDS), None);
    }

    #[test]
    fn a_code_is_recognised_in_its_window_and_the_next_twelve() {
        for code in [qr_code(&key(), NOON), typed_code(&key(), NOON)] {
            assert_eq!(find_window(&key(), &code, minutes_after_noon(-1), WINDOW_SECONDS), None);
            assert_eq!(find_window(&key(), &code, NOON, WINDOW_SECONDS), Some(NOON));
            assert_eq!(find_window(&key(), &code, minutes_after_noon(64), WINDOW_SECONDS), Some(NOON));
            assert_eq!(find_window(&key(), &code, minutes_after_noon(65), WINDOW_SECONDS), None);
        }
    }

    #[test]
    fn an_expired_code_is_recognised_for_a_month() {
        let last = 5 * (MAX_PREVIOUS_WINDOWS + MAX_EXPIRED_WINDOWS);
        for code in [qr_code(&key(), NOON), typed_code(&key(), NOON)] {
            let find = |minutes| find_expired_window(&key(), &code, minutes_after_noon(minutes), WINDOW_SECONDS);
            assert_eq!([find(64), find(65), find(last + 4), find(last + 5)], [None, Some(NOON), Some(NOON), None]);
        }
        let other = qr_code(&SecretKey::from([8; 32]), NOON);
        assert_eq!(find_expired_window(&key(), &other, minutes_after_noon(65), WINDOW_SECONDS), None);
    }

    #[test]
    fn a_typed_code_accepts_upper_case_lookalikes_spaces_and_dashes() {
        let code = qr_code(&key(), NOON).to_uppercase().replace('0', "o");
        assert_eq!(find_window(&key(), &code, NOON, WINDOW_SECONDS), Some(NOON));
        assert_eq!(find_window(&key(), " TOY5 - np5q-", NOON, WINDOW_SECONDS), Some(NOON));
        let (with_ones, window) = (0..1000)
            .map(|n| minutes_after_noon(5 * n))
            .map(|window| (typed_code(&key(), window), window))
            .find(|(code, _)| code.matches('1').count() > 1)
            .expect("some code contains two ones");
        assert_eq!(
            find_window(&key(), &with_ones.replacen('1', "l", 1).replace('1', "I"), window, WINDOW_SECONDS),
            Some(window)
        );
    }

    #[test]
    fn short_and_long_codes_are_distinguished() {
        assert!(is_typed(&typed_code(&key(), NOON)) && is_typed("TOY5 - np5q"));
        assert!(!is_typed(&qr_code(&key(), NOON)) && !is_typed("t0y5np5") && !is_typed(""));
    }

    #[test]
    fn invalid_codes_match_nothing() {
        let code = qr_code(&key(), NOON);
        for length in 0..40 {
            for filler in ["a", "0", "-", "u", "é", "\0", "🦀", "%"] {
                let garbled = filler.repeat(length);
                assert_eq!(find_window(&key(), &garbled, NOON, WINDOW_SECONDS), None, "{garbled:?}");
            }
        }
        assert_eq!(find_window(&key(), &code[..15], NOON, WINDOW_SECONDS), None);
        assert_eq!(find_window(&key(), &code[..8], NOON, WINDOW_SECONDS), None);
        assert_eq!(find_window(&key(), &format!("{code}0"), NOON, WINDOW_SECONDS), None);
        assert_eq!(find_window(&key(), &"z".repeat(1 << 20), NOON, WINDOW_SECONDS), None);
    }

    #[test]
    fn every_symbol_counts() {
        for code in [qr_code(&key(), NOON), typed_code(&key(), NOON)] {
            for index in 0..code.len() {
                let mut other = code.clone().into_bytes();
                other[index] = if other[index] == b'z' { b'y' } else { b'z' };
                assert_eq!(find_window(&key(), &to_text(&other), NOON, WINDOW_SECONDS), None);
            }
        }
    }
}

//! Text and JSON forms of instants and days, and code windows.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use domain::limits::Limits;
use domain::time::{Day, Instant};
use serde_json::json;

#[test]
fn days_match_the_calendar() {
    for (text, days) in [
        ("0001-01-01", -719_162),
        ("1600-02-29", -135_081),
        ("1900-02-28", -25_509),
        ("1900-03-01", -25_508),
        ("1969-12-31", -1),
        ("1970-01-01", 0),
        ("2000-02-29", 11_016),
        ("2000-03-01", 11_017),
        ("2024-02-29", 19_782),
        ("2026-11-21", 20_778),
        ("2100-02-28", 47_540),
        ("2100-03-01", 47_541),
        ("9999-12-31", 2_932_896),
    ] {
        assert_eq!(text.parse(), Ok(Day(days)), "{text}");
        assert_eq!(Day(days).to_string(), text);
    }
}

#[test]
fn days_of_eight_centuries_round_trip_as_text() {
    for days in -146_097..=146_097 {
        assert_eq!(Day(days).to_string().parse(), Ok(Day(days)), "day {days}");
    }
}

#[test]
fn instants_match_their_utc_text() {
    for (text, ms) in [
        ("1969-12-31T00:00:00.000Z", -86_400_000),
        ("1969-12-31T23:59:59.999Z", -1),
        ("1970-01-01T00:00:00.000Z", 0),
        ("1970-01-01T01:02:03.004Z", 3_723_004),
        ("2000-02-29T23:59:59.999Z", 951_868_799_999),
        ("2026-11-21T10:42:00.007Z", 1_795_257_720_007),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ] {
        assert_eq!(text.parse(), Ok(Instant(ms)), "{text}");
        assert_eq!(Instant(ms).to_string(), text);
    }
}

#[test]
fn text_order_is_time_order() {
    let mut texts: Vec<_> = [5_000, -1, 86_400_000, 0, -86_400_001, 4_999].map(|ms| Instant(ms).to_string()).into();
    texts.sort_unstable();
    let read: Vec<i64> = texts.iter().map(|text| text.parse::<Instant>().unwrap().0).collect();
    assert_eq!(read, [-86_400_001, -1, 0, 4_999, 5_000, 86_400_000]);
}

#[test]
fn malformed_days_are_rejected() {
    for text in [
        "",
        "today",
        "2026-11",
        "2026-11-",
        "2026-11-21-01",
        "2026/11/21",
        "2026-00-10",
        "2026-13-01",
        "2026-11-00",
        "2026-11-31",
        "2026-02-29",
        "1900-02-29",
        "2100-02-29",
        " 2026-11-21",
        "2026-11-21 ",
        "2026-11-2I",
    ] {
        assert!(text.parse::<Day>().is_err(), "{text:?} is not a day");
    }
}

#[test]
fn a_day_has_one_spelling() {
    for text in ["2026-1-1", "+2026-11-21", "2026-+1-01", "02026-11-21", "26-11-21", "-001-11-21"] {
        assert!(text.parse::<Day>().is_err(), "{text:?} is not a day");
    }
}

#[test]
fn days_out_of_range_are_rejected() {
    for text in ["9223372036854775807-01-01", "99999999999999999999-01-01", "6000000-01-01", "10000-01-01"] {
        assert!(text.parse::<Day>().is_err(), "{text:?} is not a day");
    }
}

#[test]
fn malformed_instants_are_rejected() {
    for text in [
        "",
        "now",
        "2026-11-21",
        "2026-11-21T10:42:00.000",
        "2026-11-21T10:42:00Z",
        "2026-11-21T10:42Z",
        "2026-11-21 10:42:00.000Z",
        "2026-11-21t10:42:00.000z",
        "2026-11-21T10:42:00.000+00:00",
        "2026-11-21T10:42:00.0000Z",
        "2026-11-21T10:42:00,000Z",
        "2026-11-21T10-42:00.000Z",
        "2026-11-21T10:42-00.000Z",
        "2026-11-21T24:00:00.000Z",
        "2026-11-21T10:60:00.000Z",
        "2026-11-21T10:42:60.000Z",
        "2026-11-31T10:42:00.000Z",
        "2026-11-21T1é:42:00.000Z",
        "2026-11-21Té0:42:00.00Z",
    ] {
        assert!(text.parse::<Instant>().is_err(), "{text:?} is not an instant");
    }
}

#[test]
fn an_instant_has_one_spelling() {
    for text in [
        "2026-11-21T+1:42:00.000Z",
        "2026-11-21T-1:42:00.000Z",
        "2026-11-21T10:-2:00.000Z",
        "2026-11-21T10:42:-1.000Z",
        "2026-11-21T10:42:00.+07Z",
        "2026-1-1T10:42:00.000Z",
        "+2026-11-21T10:42:00.000Z",
    ] {
        assert!(text.parse::<Instant>().is_err(), "{text:?} is not an instant");
    }
}

#[test]
fn json_accepts_instants_and_days_as_text_only() {
    let at = Instant(1_795_257_720_007);
    assert_eq!(serde_json::to_value(at).unwrap(), json!("2026-11-21T10:42:00.007Z"));
    assert_eq!(serde_json::from_value::<Instant>(json!("2026-11-21T10:42:00.007Z")).unwrap(), at);
    assert_eq!(serde_json::to_value(Day(20_778)).unwrap(), json!("2026-11-21"));
    assert_eq!(serde_json::from_value::<Day>(json!("2026-11-21")).unwrap(), Day(20_778));
    assert!(serde_json::from_value::<Instant>(json!(1_795_257_720_007_i64)).is_err());
    assert!(serde_json::from_value::<Day>(json!(20_778)).is_err());
}

#[test]
fn seconds_between_are_whole_and_never_negative() {
    let noon = Instant(43_200_000);
    assert_eq!(noon.plus_seconds(90).seconds_since(noon), 90);
    assert_eq!(Instant(noon.0 + 1_999).seconds_since(noon), 1);
    assert_eq!(noon.seconds_since(noon.plus_seconds(1)), 0);
    assert_eq!(Instant(i64::from(u32::MAX) * 2_000).seconds_since(Instant(0)), u32::MAX);
}

#[test]
fn windows_are_five_minutes_and_aligned_to_the_clock() {
    const NOON: i64 = 1_795_257_600_000;
    let after_noon = |minutes: i64| Instant(NOON + minutes * 60_000);
    for (minutes, window) in [(0, 0), (4, 0), (5, 5), (-1, -5)] {
        assert_eq!(Limits::default().window_of(after_noon(minutes)), after_noon(window));
    }
}

#[test]
fn a_window_length_of_zero_counts_as_one_second() {
    let limits = Limits { window_seconds: 0, ..Limits::default() };
    assert_eq!(limits.window_of(Instant(1999)), Instant(1000));
}

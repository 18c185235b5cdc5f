//! Tests of shop days and opening states across midnight, the cut-off and both daylight saving changes.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use domain::hours::CutOff;

use super::*;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn utc() -> Calendar {
    Calendar::new(&Hours::default(), TimeZone::UTC)
}

fn in_zone(zone: &str) -> Calendar {
    Calendar::new(&Hours { zone: zone.to_owned(), ..Hours::default() }, TimeZone::UTC)
}

fn day(calendar: &Calendar, text: &str) -> String {
    calendar.day(at(text)).to_string()
}

fn slot(day: Weekday, from: &str, to: &str) -> OpeningPeriod {
    OpeningPeriod { day, from: from.parse().unwrap(), to: to.parse().unwrap() }
}

/// Hours in Berlin: Saturdays from 18:00 to 02:30, with last orders 15 minutes before the end.
fn saturday_evenings() -> Hours {
    let week = vec![slot(Weekday::Sat, "18:00", "02:30")];
    Hours { zone: "Europe/Berlin".to_owned(), week, last_orders_minutes: 15, ..Hours::default() }
}

fn opening_state(calendar: &mut Calendar, text: &str) -> (OpeningState, String, String) {
    let hours = calendar.now(at(text)).hours;
    (hours.state, hours.since.to_string(), hours.until.to_string())
}

#[test]
fn an_order_after_midnight_belongs_to_the_previous_day() {
    let calendar = utc();
    assert_eq!(day(&calendar, "2026-11-21T23:30:00.000Z"), "2026-11-21");
    assert_eq!(day(&calendar, "2026-11-22T00:30:00.000Z"), "2026-11-21");
    assert_eq!(day(&calendar, "2026-11-22T03:59:59.999Z"), "2026-11-21");
    assert_eq!(day(&calendar, "2026-11-22T04:00:00.000Z"), "2026-11-22");
    assert_eq!(day(&calendar, "1969-12-31T23:00:00.000Z"), "1969-12-31");
}

#[test]
fn the_day_changes_in_the_shops_time_zone() {
    let paris = in_zone("Europe/Paris");
    // 23:30 and 00:30 local time belong to the same shop day.
    assert_eq!(day(&paris, "2026-06-30T21:30:00.000Z"), "2026-06-30");
    assert_eq!(day(&paris, "2026-06-30T22:30:00.000Z"), "2026-06-30");
    assert_eq!(day(&paris, "2026-07-01T01:59:00.000Z"), "2026-06-30");
    assert_eq!(day(&paris, "2026-07-01T02:00:00.000Z"), "2026-07-01");
    assert_eq!(day(&in_zone("Pacific/Auckland"), "2026-11-20T15:00:00.000Z"), "2026-11-21");
}

#[test]
fn the_day_is_an_hour_shorter_when_the_clocks_go_forward() {
    let paris = in_zone("Europe/Paris");
    assert_eq!(day(&paris, "2026-03-29T01:59:00.000Z"), "2026-03-28");
    assert_eq!(day(&paris, "2026-03-29T02:00:00.000Z"), "2026-03-29");
    // A cut-off within the skipped hour falls on the skip.
    let cut_off_at_skip =
        Hours { cut_off: CutOff("02:30".parse().unwrap()), zone: "Europe/Paris".to_owned(), ..Hours::default() };
    let calendar = Calendar::new(&cut_off_at_skip, TimeZone::UTC);
    assert_eq!(day(&calendar, "2026-03-29T00:59:59.999Z"), "2026-03-28");
    assert_eq!(day(&calendar, "2026-03-29T01:30:00.000Z"), "2026-03-29");
}

#[test]
fn the_day_does_not_repeat_when_the_clocks_go_back() {
    let paris = in_zone("Europe/Paris");
    assert_eq!(day(&paris, "2026-10-25T02:59:00.000Z"), "2026-10-24");
    assert_eq!(day(&paris, "2026-10-25T03:00:00.000Z"), "2026-10-25");
    let cut_off_at_skip =
        Hours { cut_off: CutOff("02:30".parse().unwrap()), zone: "Europe/Paris".to_owned(), ..Hours::default() };
    let calendar = Calendar::new(&cut_off_at_skip, TimeZone::UTC);
    // Local time runs from 02:29 to 02:30 and later repeats 02:10.
    assert_eq!(day(&calendar, "2026-10-25T00:29:00.000Z"), "2026-10-24");
    assert_eq!(day(&calendar, "2026-10-25T00:30:00.000Z"), "2026-10-25");
    assert_eq!(day(&calendar, "2026-10-25T01:10:00.000Z"), "2026-10-25");
}

#[test]
fn a_missing_or_unknown_zone_falls_back_to_the_system_zone() {
    for zone in ["", "Europe/Atlantis"] {
        let hours = Hours { zone: zone.to_owned(), ..Hours::default() };
        let calendar = Calendar::new(&hours, TimeZone::get("Pacific/Auckland").unwrap());
        assert_eq!(day(&calendar, "2026-11-20T15:00:00.000Z"), "2026-11-21");
    }
    assert!(is_known_zone("") && is_known_zone("Europe/Berlin") && is_known_zone("UTC"));
    assert!(!is_known_zone("Europe/Atlantis") && !is_known_zone("../etc/passwd"));
}

#[test]
fn hours_without_a_week_plan_no_openings() {
    assert_eq!(utc().now(at("2026-11-21T12:00:00.000Z")).hours, ScheduledState::NONE);
}

#[test]
fn an_opening_may_pass_midnight_and_calls_last_orders_before_its_end() {
    let mut calendar = Calendar::new(&saturday_evenings(), TimeZone::UTC);
    let [opens, call, closes] = ["2026-11-21T17:00:00.000Z", "2026-11-22T01:15:00.000Z", "2026-11-22T01:30:00.000Z"];
    let again = "2026-11-28T17:00:00.000Z";
    let expected = |state, since: &str, until: &str| (state, since.to_owned(), until.to_owned());
    assert_eq!(
        opening_state(&mut calendar, "2026-11-21T16:59:59.999Z"),
        expected(OpeningState::Closed, "2026-11-15T01:30:00.000Z", opens)
    );
    assert_eq!(opening_state(&mut calendar, opens), expected(OpeningState::Open, opens, call));
    assert_eq!(opening_state(&mut calendar, "2026-11-21T23:30:00.000Z"), expected(OpeningState::Open, opens, call));
    assert_eq!(opening_state(&mut calendar, call), expected(OpeningState::LastOrders, call, closes));
    assert_eq!(opening_state(&mut calendar, closes), expected(OpeningState::Closed, closes, again));
    // The clock may be set back between two queries.
    assert_eq!(opening_state(&mut calendar, opens), expected(OpeningState::Open, opens, call));
}

#[test]
fn an_opening_period_follows_both_daylight_saving_changes() {
    let mut calendar = Calendar::new(&saturday_evenings(), TimeZone::UTC);
    // 28 March: the clocks skip 02:30, and the shop closes as if it had existed.
    let spring = calendar.now(at("2026-03-28T20:00:00.000Z")).hours;
    assert_eq!(spring.since, at("2026-03-28T17:00:00.000Z"));
    assert_eq!(calendar.now(spring.until).hours.until, at("2026-03-29T01:30:00.000Z"));
    // 24 October: 02:30 occurs twice, and the first counts.
    let autumn = calendar.now(at("2026-10-24T20:00:00.000Z")).hours;
    assert_eq!(calendar.now(autumn.until).hours.until, at("2026-10-25T00:30:00.000Z"));
}

#[test]
fn adjacent_openings_are_merged() {
    let week = vec![
        slot(Weekday::Sat, "09:00", "12:00"),
        slot(Weekday::Sat, "11:00", "14:00"),
        slot(Weekday::Sat, "14:00", "15:00"),
    ];
    let mut calendar = Calendar::new(&Hours { week, ..Hours::default() }, TimeZone::UTC);
    let hours = calendar.now(at("2026-11-21T12:30:00.000Z")).hours;
    assert_eq!((hours.since, hours.until), (at("2026-11-21T09:00:00.000Z"), at("2026-11-21T15:00:00.000Z")));
}

#[test]
fn an_opening_shorter_than_the_last_orders_time_calls_none() {
    let hours = Hours { week: vec![slot(Weekday::Sat, "09:00", "09:10")], last_orders_minutes: 15, ..Hours::default() };
    let scheduled = Calendar::new(&hours, TimeZone::UTC).now(at("2026-11-21T09:05:00.000Z")).hours;
    assert_eq!((scheduled.state, scheduled.until), (OpeningState::Open, at("2026-11-21T09:10:00.000Z")));
}

#[test]
fn the_shop_opens_only_on_event_days() {
    let week = vec![slot(Weekday::Fri, "09:00", "17:00"), slot(Weekday::Sat, "09:00", "17:00")];
    let days = |first: &str, last: &str| (Some(first.parse().unwrap()), Some(last.parse().unwrap()));
    let (first_day, last_day) = days("2026-11-21", "2026-11-21");
    let mut calendar = Calendar::new(&Hours { week, first_day, last_day, ..Hours::default() }, TimeZone::UTC);
    let expected = |state, since: &str, until: &str| (state, since.to_owned(), until.to_owned());
    let (opens, closes) = ("2026-11-21T09:00:00.000Z", "2026-11-21T17:00:00.000Z");
    let before = calendar.now(at("2026-10-01T12:00:00.000Z")).hours;
    assert_eq!((before.state, before.since, before.until), (OpeningState::Closed, Instant::DISTANT_PAST, at(opens)));
    assert_eq!(opening_state(&mut calendar, "2026-11-21T12:00:00.000Z"), expected(OpeningState::Open, opens, closes));
    // The shop stays closed after the last day, without a limit.
    let after = calendar.now(at("2027-11-21T12:00:00.000Z")).hours;
    assert_eq!((after.state, after.since, after.until), (OpeningState::Closed, at(closes), Instant::NEVER));
}

#[test]
fn every_instant_has_a_day_and_an_opening_state() {
    let mut calendar = Calendar::new(&saturday_evenings(), TimeZone::UTC);
    for far in [Instant(i64::MIN), Instant(i64::MAX), Instant(0)] {
        assert_eq!(calendar.now(far).at, far);
    }
    assert!(calendar.day(Instant(i64::MIN)) < calendar.day(Instant(i64::MAX)));
}

#[test]
fn local_time_is_in_the_shops_zone() {
    let berlin = in_zone("Europe/Berlin");
    let local = |text: &str| berlin.local_date_time(at(text));
    let (evening, midnight) = (local("2026-11-21T22:59:59.999Z"), local("2026-11-21T23:00:00.000Z"));
    assert_eq!((evening.weekday, evening.day, evening.month, evening.year), (Weekday::Sat, 21, 11, 2026));
    assert_eq!((evening.hour, evening.minute, evening.second), (23, 59, 59));
    assert_eq!((midnight.weekday, midnight.day, midnight.hour), (Weekday::Sun, 22, 0));
    assert_eq!(local("2026-07-01T10:05:09.000Z").hour, 12, "daylight saving time applies");
}

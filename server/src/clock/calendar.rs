//! The calendar of one shop: which day an instant belongs to, and what the hours say of the doors.

use domain::hours::{Hours, LocalTime, Slot, Weekday};
use domain::time::{ByHours, Day, Doors, Instant, Now};
use jiff::civil::{self, Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// A week and a day: with weekly hours something turns in it, whatever the day.
const REACH_DAYS: i32 = 8;

/// Whether there is a time zone of that name; none is the machine's.
pub fn is_zone(name: &str) -> bool {
    name.is_empty() || TimeZone::get(name).is_ok()
}

/// Hours, and the instants that follow from them.
#[derive(Debug)]
pub struct Calendar {
    hours: Hours,
    zone: TimeZone,
    /// What the hours said when they were last asked: most instants fall into the same answer.
    said: Option<ByHours>,
}

impl Calendar {
    /// `machine` is the zone of a shop that names none, or one that this machine does not know.
    pub fn of(hours: &Hours, machine: TimeZone) -> Self {
        let named = (!hours.zone.is_empty()).then(|| TimeZone::get(&hours.zone).ok()).flatten();
        Self { hours: hours.clone(), zone: named.unwrap_or(machine), said: None }
    }

    pub fn hours(&self) -> &Hours {
        &self.hours
    }

    pub fn now(&mut self, at: Instant) -> Now {
        let hours = match self.said {
            Some(said) if said.since <= at && at < said.until => said,
            _ => self.by_hours(at),
        };
        self.said = Some(hours);
        Now { at, day: self.day(at), hours }
    }

    /// The shop day that `at` falls in.
    pub fn day(&self, at: Instant) -> Day {
        let date = self.date(at);
        let day = day_of(date);
        // By instants and not by the clock on the wall: in the night it is set back it shows an hour twice.
        let ends = self.instant(date, self.hours.cut_off.0);
        if ends.is_some_and(|ends| at < ends) { Day(day.0 - 1) } else { day }
    }

    fn by_hours(&self, at: Instant) -> ByHours {
        let mut said = ByHours::NONE;
        for (turn, doors) in self.turns(day_of(self.date(at))) {
            if turn > at {
                said.until = turn;
                break;
            }
            (said.since, said.doors) = (turn, doors);
        }
        said
    }

    /// What turns when, round about a day and the days of the event, in order.
    fn turns(&self, day: Day) -> Vec<(Instant, Doors)> {
        let first = self.hours.last_day.map_or(day, |last| last.min(day)).0 - REACH_DAYS;
        let last = self.hours.first_day.map_or(day, |first| first.max(day)).0 + REACH_DAYS;
        let is_on = |day: &Day| {
            self.hours.first_day.is_none_or(|first| first <= *day)
                && self.hours.last_day.is_none_or(|last| *day <= last)
        };
        let mut open: Vec<(Instant, Instant)> = Vec::new();
        for day in (first..=last).map(Day).filter(is_on) {
            let Some(date) = date_of(day) else { continue };
            let slots = self.hours.week.iter().filter(|slot| slot.day == weekday(date));
            open.extend(slots.filter_map(|slot| self.opening(date, *slot)));
        }
        open.sort_unstable();
        let call = i64::from(self.hours.last_orders_minutes) * 60_000;
        let mut turns = Vec::with_capacity(open.len() * 3);
        for (opens, closes) in merged(open) {
            turns.push((opens, Doors::Open));
            let last_orders = Instant(closes.0 - call);
            if call > 0 && last_orders > opens {
                turns.push((last_orders, Doors::LastOrders));
            }
            turns.push((closes, Doors::Closed));
        }
        turns
    }

    fn opening(&self, date: Date, slot: Slot) -> Option<(Instant, Instant)> {
        let ends = if slot.to > slot.from { date } else { date.tomorrow().ok()? };
        let opening = (self.instant(date, slot.from)?, self.instant(ends, slot.to)?);
        // An hour that the clocks jump over is no opening.
        (opening.0 < opening.1).then_some(opening)
    }

    /// When the clock on the shop's wall shows this; where it is set forward past it, when it would have, and where it
    /// shows it twice, the first time.
    fn instant(&self, date: Date, time: LocalTime) -> Option<Instant> {
        let (hour, minute) = (i8::try_from(time.hour()).ok()?, i8::try_from(time.minute()).ok()?);
        let local = date.to_datetime(civil::time(hour, minute, 0, 0));
        let at = self.zone.to_ambiguous_timestamp(local).compatible().ok()?;
        Some(Instant(at.as_millisecond()))
    }

    /// What the calendar and the clock on the shop's wall show: "Saturday, 21 November 2026" and "10:42:07".
    pub fn wall(&self, at: Instant) -> (String, String) {
        let local = self.local(at);
        (local.strftime("%A, %-d %B %Y").to_string(), local.strftime("%H:%M:%S").to_string())
    }

    fn date(&self, at: Instant) -> Date {
        self.local(at).date()
    }

    fn local(&self, at: Instant) -> DateTime {
        let (first, last) = (Timestamp::MIN.as_second() * 1000, Timestamp::MAX.as_second() * 1000);
        let at = Timestamp::from_millisecond(at.0.clamp(first, last)).expect("the number was brought into range");
        self.zone.to_datetime(at)
    }
}

/// Openings that touch are one.
fn merged(open: Vec<(Instant, Instant)>) -> Vec<(Instant, Instant)> {
    let mut merged: Vec<(Instant, Instant)> = Vec::with_capacity(open.len());
    for (opens, closes) in open {
        match merged.last_mut() {
            Some(last) if opens <= last.1 => last.1 = last.1.max(closes),
            _ => merged.push((opens, closes)),
        }
    }
    merged
}

fn day_of(date: Date) -> Day {
    let days = date.duration_since(civil::date(1970, 1, 1)).as_hours() / 24;
    // Dates reach from the year -9999 to 9999: four million days each way.
    Day(i32::try_from(days).unwrap_or_default())
}

fn date_of(day: Day) -> Option<Date> {
    civil::date(1970, 1, 1).checked_add(Span::new().try_days(day.0).ok()?).ok()
}

fn weekday(date: Date) -> Weekday {
    match date.weekday() {
        civil::Weekday::Monday => Weekday::Mon,
        civil::Weekday::Tuesday => Weekday::Tue,
        civil::Weekday::Wednesday => Weekday::Wed,
        civil::Weekday::Thursday => Weekday::Thu,
        civil::Weekday::Friday => Weekday::Fri,
        civil::Weekday::Saturday => Weekday::Sat,
        civil::Weekday::Sunday => Weekday::Sun,
    }
}

#[cfg(test)]
mod tests;

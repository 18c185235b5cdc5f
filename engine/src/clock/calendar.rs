//! The calendar of one shop: converts instants to shop days and opening hours to instants.

use domain::hours::{Hours, LocalDateTime, LocalTime, OpeningPeriod, Weekday};
use domain::time::{Day, Instant, Now, OpeningState, ScheduledState};
use jiff::civil::{self, Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// Days that are searched before and after an instant. Weekly hours change at least once in any eight days.
const SEARCH_DAYS: i32 = 8;

/// True for a name of the time zone database, and for the empty name, which selects the machine's zone.
pub fn is_known_zone(name: &str) -> bool {
    name.is_empty() || TimeZone::get(name).is_ok()
}

/// Opening hours in a time zone. It caches the last answer.
#[derive(Debug)]
pub struct Calendar {
    hours: Hours,
    zone: TimeZone,
    /// The last result. Most queries fall into the same interval.
    cached: Option<ScheduledState>,
}

impl Calendar {
    /// A calendar for these hours. `default_zone` applies when the hours name no zone, or one that this machine does
    /// not know.
    pub fn new(hours: &Hours, default_zone: TimeZone) -> Self {
        let named = (!hours.zone.is_empty()).then(|| TimeZone::get(&hours.zone).ok()).flatten();
        Self { hours: hours.clone(), zone: named.unwrap_or(default_zone), cached: None }
    }

    /// The hours of this calendar.
    pub fn hours(&self) -> &Hours {
        &self.hours
    }

    /// The time as the domain receives it: instant, shop day and the state by the hours.
    pub fn now(&mut self, at: Instant) -> Now {
        let hours = match self.cached {
            Some(cached) if cached.since <= at && at < cached.until => cached,
            _ => self.scheduled_at(at),
        };
        self.cached = Some(hours);
        Now { at, day: self.day(at), hours }
    }

    /// The shop day of an instant. A shop day ends at the cut-off of the hours.
    pub fn day(&self, at: Instant) -> Day {
        let date = self.date(at);
        let day = day_of(date);
        // Instants are compared, because a local time occurs twice when the clocks go back.
        let cut_off = self.instant(date, self.hours.cut_off.0);
        if cut_off.is_some_and(|cut_off| at < cut_off) { Day(day.0 - 1) } else { day }
    }

    fn scheduled_at(&self, at: Instant) -> ScheduledState {
        let mut scheduled = ScheduledState::NONE;
        for (change, state) in self.changes(day_of(self.date(at))) {
            if change > at {
                scheduled.until = change;
                break;
            }
            (scheduled.since, scheduled.state) = (change, state);
        }
        scheduled
    }

    /// The changes around a day and around the first and last day of the event, in ascending order.
    fn changes(&self, day: Day) -> Vec<(Instant, OpeningState)> {
        let first = self.hours.last_day.map_or(day, |last| last.min(day)).0 - SEARCH_DAYS;
        let last = self.hours.first_day.map_or(day, |first| first.max(day)).0 + SEARCH_DAYS;
        let is_on = |day: &Day| {
            self.hours.first_day.is_none_or(|first| first <= *day)
                && self.hours.last_day.is_none_or(|last| *day <= last)
        };
        let mut periods: Vec<(Instant, Instant)> = Vec::new();
        for day in (first..=last).map(Day).filter(is_on) {
            let Some(date) = date_of(day) else { continue };
            let slots = self.hours.week.iter().filter(|slot| slot.day == weekday(date));
            periods.extend(slots.filter_map(|slot| self.period(date, *slot)));
        }
        periods.sort_unstable();
        let notice = i64::from(self.hours.last_orders_minutes) * 60_000;
        let mut changes = Vec::with_capacity(periods.len() * 3);
        for (opens, closes) in merge(periods) {
            changes.push((opens, OpeningState::Open));
            let last_orders = Instant(closes.0 - notice);
            if notice > 0 && last_orders > opens {
                changes.push((last_orders, OpeningState::LastOrders));
            }
            changes.push((closes, OpeningState::Closed));
        }
        changes
    }

    fn period(&self, date: Date, slot: OpeningPeriod) -> Option<(Instant, Instant)> {
        let ends = if slot.to > slot.from { date } else { date.tomorrow().ok()? };
        let period = (self.instant(date, slot.from)?, self.instant(ends, slot.to)?);
        // A period within the hour that the clocks skip is empty.
        (period.0 < period.1).then_some(period)
    }

    /// The instant of a local time. A skipped local time counts as if it had existed; of a repeated one the first
    /// counts.
    fn instant(&self, date: Date, time: LocalTime) -> Option<Instant> {
        let (hour, minute) = (i8::try_from(time.hour()).ok()?, i8::try_from(time.minute()).ok()?);
        let local = date.to_datetime(civil::time(hour, minute, 0, 0));
        let at = self.zone.to_ambiguous_timestamp(local).compatible().ok()?;
        Some(Instant(at.as_millisecond()))
    }

    /// The local date and time of an instant.
    pub fn local_date_time(&self, at: Instant) -> LocalDateTime {
        let local = self.local(at);
        LocalDateTime {
            weekday: weekday(local.date()),
            day: local.day().unsigned_abs(),
            month: local.month().unsigned_abs(),
            year: local.year(),
            hour: local.hour().unsigned_abs(),
            minute: local.minute().unsigned_abs(),
            second: local.second().unsigned_abs(),
        }
    }

    fn date(&self, at: Instant) -> Date {
        self.local(at).date()
    }

    fn local(&self, at: Instant) -> DateTime {
        let (first, last) = (Timestamp::MIN.as_second() * 1000, Timestamp::MAX.as_second() * 1000);
        let at =
            Timestamp::from_millisecond(at.0.clamp(first, last)).expect("the instant was clamped to the valid range");
        self.zone.to_datetime(at)
    }
}

/// Merges sorted periods that touch or overlap.
fn merge(periods: Vec<(Instant, Instant)>) -> Vec<(Instant, Instant)> {
    let mut merged: Vec<(Instant, Instant)> = Vec::with_capacity(periods.len());
    for (opens, closes) in periods {
        match merged.last_mut() {
            Some(last) if opens <= last.1 => last.1 = last.1.max(closes),
            _ => merged.push((opens, closes)),
        }
    }
    merged
}

fn day_of(date: Date) -> Day {
    let days = date.duration_since(civil::date(1970, 1, 1)).as_hours() / 24;
    // Dates range from the year -9999 to 9999, so the number of days fits.
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

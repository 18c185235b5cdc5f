//! Form of the opening hours: week, last orders, first and last day, cut-off.

use domain::hours::{Hours, LocalTime, OpeningPeriod, Weekday};
use domain::ids::ShopId;
use leptos::prelude::*;

use super::field;
use crate::ui::command_form::{Button, FormCommand, command_form};

/// Empty rows to add openings.
const EMPTY_ROWS: usize = 3;

const WEEK: [(&str, &str, Weekday); 7] = [
    ("mon", "Monday", Weekday::Mon),
    ("tue", "Tuesday", Weekday::Tue),
    ("wed", "Wednesday", Weekday::Wed),
    ("thu", "Thursday", Weekday::Thu),
    ("fri", "Friday", Weekday::Fri),
    ("sat", "Saturday", Weekday::Sat),
    ("sun", "Sunday", Weekday::Sun),
];

pub(super) fn form(shop: &ShopId, hours: &Hours) -> AnyView {
    let slots = hours.week.iter().copied().map(Some).chain([None; EMPTY_ROWS]);
    let rows: Vec<_> = slots.enumerate().map(|(n, slot)| row(n, slot)).collect();
    let day = |day: Option<_>| day.map(|day: domain::time::Day| day.to_string()).unwrap_or_default();
    let zone = ("Time zone", "an IANA name, as Europe/Berlin; empty for the one of this machine");
    let fields = view! {
        <fieldset class="week">
            <legend>"When the doors are open"</legend>
            <p class="hint">
                "Without openings, the doors are opened and closed by hand only. An opening that ends before it begins
                 ends on the next day. To remove one, choose “no opening”; for more rows, save first."
            </p>
            {rows}
        </fieldset>
        <div class="grid">
            {field::text(zone, "hours[zone]".to_owned(), &hours.zone)}
            {field::number(
                ("Last orders", "minutes before the doors close; 0 to 240"),
                "hours[last_orders_minutes]".to_owned(),
                hours.last_orders_minutes,
                (0, 240),
            )}
            {field::date_or_time(("First day", "empty for none"), "date", "hours[first_day]".to_owned(), day(hours.first_day))}
            {field::date_or_time(("Last day", "empty for none"), "date", "hours[last_day]".to_owned(), day(hours.last_day))}
            <label class="field">
                <span>"Cut-off " <small>"when the shop day ends, by which numbers and drinks count"</small></span>
                <input type="time" name="hours[cut_off]" value=hours.cut_off.0.to_string() required=true autocomplete="off"/>
            </label>
        </div>
    };
    command_form(FormCommand::for_shop("store/hours", shop), Button::new("Save the hours", "primary"), fields)
        .into_any()
}

fn row(n: usize, slot: Option<OpeningPeriod>) -> impl IntoView {
    let chosen = slot.and_then(|slot| WEEK.iter().find(|(.., day)| *day == slot.day)).map_or("", |(id, ..)| id);
    let days = WEEK.map(|(id, name, _)| (id.to_owned(), name.to_owned()));
    let days = [(String::new(), "no opening".to_owned())].into_iter().chain(days);
    let time = |time: Option<LocalTime>| time.map(|time| time.to_string()).unwrap_or_default();
    view! {
        <div class="opening" role="group" aria-label=format!("Opening {}", n + 1)>
            {field::select(("Day", ""), format!("hours[week][{n}][day]"), chosen, days.collect())}
            {field::date_or_time(("From", ""), "time", format!("hours[week][{n}][from]"), time(slot.map(|slot| slot.from)))}
            {field::date_or_time(("To", ""), "time", format!("hours[week][{n}][to]"), time(slot.map(|slot| slot.to)))}
        </div>
    }
}

//! Form of the opening hours: week, last orders, first and last day, cut-off.

use domain::hours::{LocalTime, OpeningPeriod, Weekday};
use domain::setting::SettingDigest;
use leptos::prelude::*;
use protocol::command::endpoint;

use super::Office;
use super::field::{self, SelectOption, label};
use crate::ui::command_form::{Button, FormCommand, command_form};
use crate::words::Words;

/// Empty rows to add openings.
const EMPTY_ROWS: usize = 3;

const WEEK: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

pub(super) fn form(office: &Office, words: Words) -> AnyView {
    let hours = office.typed.as_ref().and_then(|typed| typed.hours.as_ref()).unwrap_or(&office.hours);
    let texts = words.office();
    let slots = hours.week.iter().copied().map(Some).chain([None; EMPTY_ROWS]);
    let rows: Vec<_> = slots.enumerate().map(|(n, slot)| row(n, slot, words)).collect();
    let day = |day: Option<_>| day.map(|day: domain::time::Day| day.to_string()).unwrap_or_default();
    let fields = view! {
        <fieldset class="week">
            <legend>{texts.when_open()}</legend>
            <p class="hint">{texts.when_open_hint()}</p>
            {rows}
        </fieldset>
        <div class="grid">
            {field::text(texts.zone(), "hours[zone]".to_owned(), &hours.zone)}
            {field::number(
                texts.last_orders(),
                "hours[last_orders_minutes]".to_owned(),
                hours.last_orders_minutes,
                0..=240,
            )}
            {field::date_or_time(texts.first_day(), "date", "hours[first_day]".to_owned(), day(hours.first_day))}
            {field::date_or_time(texts.last_day(), "date", "hours[last_day]".to_owned(), day(hours.last_day))}
            <label class="field">
                {field::label_text(texts.cut_off())}
                <input type="time" name="hours[cut_off]" value=hours.cut_off.0.to_string() required=true autocomplete="off"/>
            </label>
        </div>
    };
    command_form(
        FormCommand::for_shop(endpoint::CHANGE_HOURS, &office.shop).if_unchanged(SettingDigest::of(&office.hours)),
        Button::new(texts.save_hours(), "primary"),
        fields,
    )
    .into_any()
}

fn row(n: usize, slot: Option<OpeningPeriod>, words: Words) -> impl IntoView {
    let texts = words.office();
    let chosen = slot.and_then(|slot| WEEK.iter().find(|(_, day)| *day == slot.day)).map_or("", |(id, _)| id);
    let days = WEEK.map(|(id, day)| SelectOption::new(id, words.pages().weekday(day)));
    let days = [SelectOption::new("", texts.no_opening())].into_iter().chain(days);
    let time = |time: Option<LocalTime>| time.map(|time| time.to_string()).unwrap_or_default();
    view! {
        <div class="opening" role="group" aria-label=texts.opening(n + 1)>
            {field::select(label(texts.day()), format!("hours[week][{n}][day]"), chosen, days)}
            {field::date_or_time(label(texts.from()), "time", format!("hours[week][{n}][from]"), time(slot.map(|slot| slot.from)))}
            {field::date_or_time(label(texts.to()), "time", format!("hours[week][{n}][to]"), time(slot.map(|slot| slot.to)))}
        </div>
    }
}

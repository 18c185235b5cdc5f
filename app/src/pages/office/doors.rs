//! First office page: opening and closing, pauses, hours, limits, and stopping all orders.

use domain::ids::ShopId;
use domain::limits::MAX_PAUSE_REASON_CHARS;
use leptos::prelude::*;
use protocol::command::endpoint;

use super::field::SelectOption;
use super::{Office, field, hours, limits};
use crate::ui::command_form::{Button, FormCommand, command_form, confirm_form};
use crate::words::{OfficeWords, Words};

pub(super) fn page(office: &Office, words: Words) -> impl IntoView + use<> {
    let texts = words.office();
    let shop = &office.shop;
    let resume = FormCommand::for_shop(endpoint::RESUME_STORE, shop);
    let resume = office.paused.is_some().then(|| command_form(resume, Button::new(texts.end_break(), "primary"), ()));
    let (state, state_text) = state(office, texts);
    view! {
        <section aria-labelledby="doors">
            <h2 id="doors">{texts.doors()}</h2>
            <p class="state" data-state=state>{texts.shop_is()} " " <strong>{state_text}</strong> "."</p>
            {office.paused.as_ref().filter(|_| office.open).map(|paused| view! { <p>{words.pause_notice(paused)}</p> })}
            <div class="side-by-side">
                {open_close_form(shop, endpoint::OPEN_STORE, texts.open_doors(), texts.keep_open())}
                {open_close_form(shop, endpoint::CLOSE_STORE, texts.close_doors(), texts.keep_closed())}
            </div>
            <h3>{texts.a_break()}</h3>
            {resume}
            {pause_form(shop, words)}
        </section>
        <section aria-labelledby="hours">
            <h2 id="hours">{texts.hours()}</h2>
            {hours::form(office, words)}
        </section>
        <section aria-labelledby="limits">
            <h2 id="limits">{texts.limits()}</h2>
            {limits::form(office, texts)}
        </section>
        <section aria-labelledby="stop">
            <h2 id="stop">{texts.end_of_demonstration()}</h2>
            <p>{texts.stop_explained()}</p>
            {confirm_form(FormCommand::for_shop(endpoint::STOP_ORDERS, shop), texts.stop_all())}
        </section>
    }
}

/// The shop's state: its name in styles, and its text.
fn state(office: &Office, texts: OfficeWords) -> (&'static str, &'static str) {
    match (office.open, office.closing, &office.paused) {
        (false, ..) => ("closed", texts.closed()),
        (true, _, Some(_)) => ("paused", texts.on_a_break()),
        (true, true, None) => ("last-orders", texts.open_after_last_orders()),
        (true, false, None) => ("open", texts.open()),
    }
}

fn open_close_form(
    shop: &ShopId,
    action: &'static str,
    label: &'static str,
    hold: &'static str,
) -> impl IntoView + use<> {
    let fields = field::checkbox(field::label(hold), "hold".to_owned(), "true", false);
    command_form(FormCommand::for_shop(action, shop), Button::new(label, ""), fields)
}

fn pause_form(shop: &ShopId, words: Words) -> impl IntoView + use<> {
    let texts = words.office();
    let lengths =
        [5, 10, 15, 30, 60].map(|minutes| SelectOption::new(minutes.to_string(), texts.pause_minutes(minutes)));
    let lengths = lengths.into_iter().chain([SelectOption::new("", texts.until_ended())]);
    let fields = view! {
        <div class="grid">
            {field::select(field::label(texts.pause_for()), "minutes".to_owned(), "10", lengths)}
            <label class="field">
                <span>{texts.what_people_read()} " " <small>{words.shared().if_you_like()}</small></span>
                <input type="text" name="reason" maxlength=MAX_PAUSE_REASON_CHARS placeholder=texts.pause_reason_example() autocomplete="off"/>
            </label>
        </div>
    };
    command_form(FormCommand::for_shop(endpoint::PAUSE_STORE, shop), Button::new(texts.take_a_break(), ""), fields)
}

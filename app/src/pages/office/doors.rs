//! First office page: opening and closing, pauses, hours, limits, and stopping all orders.

use domain::ids::ShopId;
use leptos::prelude::*;

use super::{Office, field, hours, limits};
use crate::ui::command_form::{Button, FormCommand, command_form, confirm_form};
use crate::words;

pub(super) fn page(office: &Office) -> impl IntoView + use<> {
    let shop = &office.shop;
    let resume = FormCommand::for_shop("store/resume", shop);
    let resume = office.paused.is_some().then(|| command_form(resume, Button::new("End the break", "primary"), ()));
    view! {
        <section aria-labelledby="doors">
            <h2 id="doors">"Doors"</h2>
            <p class="state" data-state=state(office)>"The shop is " <strong>{state(office)}</strong> "."</p>
            {office.paused.as_ref().filter(|_| office.open).map(|paused| view! { <p>{words::pause_notice(paused)}</p> })}
            <div class="side-by-side">
                {open_close_form(shop, "store/open", "Open the doors", "Keep them open, whatever the hours say")}
                {open_close_form(shop, "store/close", "Close the doors", "Keep them closed, whatever the hours say")}
            </div>
            <h3>"A break"</h3>
            {resume}
            {pause_form(shop)}
        </section>
        <section aria-labelledby="hours">
            <h2 id="hours">"Hours"</h2>
            {hours::form(shop, &office.hours)}
        </section>
        <section aria-labelledby="limits">
            <h2 id="limits">"Limits"</h2>
            {limits::form(shop, &office.limits)}
        </section>
        <section aria-labelledby="stop">
            <h2 id="stop">"The end of a demonstration"</h2>
            <p>"All open orders end now, also those being made. The doors stay as they are."</p>
            {confirm_form(
                FormCommand::for_shop("orders/stop", shop),
                "Stop all orders",
                "Everybody who waits is told that the order was cancelled. It cannot be taken back.",
                "Stop them all",
            )}
        </section>
    }
}

fn state(office: &Office) -> &'static str {
    match (office.open, office.closing, &office.paused) {
        (false, ..) => "closed",
        (true, _, Some(_)) => "on a break",
        (true, true, None) => "open, after last orders",
        (true, false, None) => "open",
    }
}

fn open_close_form(
    shop: &ShopId,
    action: &'static str,
    label: &'static str,
    hold: &'static str,
) -> impl IntoView + use<> {
    let fields = field::checkbox((hold, ""), "hold".to_owned(), "true", false);
    command_form(FormCommand::for_shop(action, shop), Button::new(label, ""), fields)
}

fn pause_form(shop: &ShopId) -> impl IntoView + use<> {
    let lengths = [5, 10, 15, 30, 60].map(|minutes| (minutes.to_string(), format!("{minutes} minutes")));
    let lengths = lengths.into_iter().chain([(String::new(), "until somebody ends it".to_owned())]);
    let fields = view! {
        <div class="grid">
            {field::select(("For", ""), "minutes".to_owned(), "10", lengths.collect())}
            <label class="field">
                <span>"What people read " <small>"if you like"</small></span>
                <input type="text" name="reason" maxlength="80" placeholder="Milk is on its way" autocomplete="off"/>
            </label>
        </div>
    };
    command_form(FormCommand::for_shop("store/pause", shop), Button::new("Take a break", ""), fields)
}

//! A guest's orders at one shop, with their status and links to pages of extensions.

use domain::extension::sheet::Picture;
use domain::ids::ShopId;
use domain::menu::Chosen;
use domain::order::{CancelledBy, Step, TimeoutCause};
use domain::time::Instant;
use domain::view::record::Record;
use leptos::prelude::*;

use crate::shell::{self, Assets, PageHead};
use crate::ui::content::content;
use crate::ui::local_time::ToLocalTime;
use crate::ui::picture::picture;
use crate::words::{self, Words};
use protocol::frame::EphemeralValues;

/// Data of the page.
pub struct History<'a> {
    pub shop: ShopId,
    pub shop_name: String,
    /// Orders, the most recently started first.
    pub orders: Vec<Record>,
    /// Address of the next page, with earlier orders.
    pub earlier: Option<String>,
    /// Holds the pins of orders.
    pub ephemeral: EphemeralValues,
    pub now: Instant,
    pub local_time: ToLocalTime<'a>,
}

/// Renders the HTML document.
pub fn html(assets: &Assets, words: Words, history: &History<'_>) -> String {
    let texts = words.pages();
    let History { shop, shop_name, orders, earlier, .. } = history;
    let rows = orders.iter().map(|record| row(record, history, words)).collect_view();
    let lead = if orders.is_empty() { texts.no_orders_yet() } else { texts.newest_first() };
    let earlier = earlier.clone();
    shell::document(assets, words, PageHead::static_page("history", texts.history_title(shop_name)), move || {
        view! {
            <main class="sheet">
                <p class="back"><a href=format!("/s/{shop}")>{texts.back_to_the_bar()}</a></p>
                <header class="sheet-head">
                    {orders.is_empty().then(|| picture(Picture::Scan, "picture large"))}
                    <p class="shop-name">{content(shop_name.clone())}</p>
                    <h1>{texts.my_orders()}</h1>
                    <p class="lead">{lead}</p>
                </header>
                <ol class="orders">{rows}</ol>
                {earlier.map(|address| view! { <p><a class="button" href=address>{texts.earlier_orders()}</a></p> })}
            </main>
        }
    })
}

fn row(record: &Record, history: &History<'_>, words: Words) -> impl IntoView + use<> {
    let texts = words.pages();
    let began = (history.local_time)(record.began);
    let (date, time) = (texts.date(&began), words::time_of_day(&began));
    let name = record.chosen.as_ref().map_or_else(|| texts.no_drink(), |chosen| chosen.name.as_str()).to_owned();
    let options = record.chosen.as_ref().map(Chosen::options_description).filter(|options| !options.is_empty());
    let number = record.number.map(|number| view! { <p class="hint">{texts.order_number(number)}</p> });
    let links = history.ephemeral.pinned(|slot| slot == "order", || history.now);
    let links = links.map(|pin| {
        // The label repeats the drink for screen readers.
        let label = format!("{}: {name}, {time}", pin.label);
        view! { <a class="order-link" href=pin.address(record.order) aria-label=label>{pin.label.clone()}</a> }
    });
    let links = links.collect_view();
    view! {
        <li>
            {picture(status_picture(record), "picture")}
            <h2 translate=record.chosen.as_ref().map(|_| "no")>{name}</h2>
            {number}
            {options.map(|options| view! { <p translate="no">{options}</p> })}
            <p><strong>{words.record_status(record)}</strong></p>
            <p><time datetime=record.began.to_string()>{date} ", " {time}</time></p>
            {(!links.is_empty()).then(|| view! { <p>{links}</p> })}
        </li>
    }
}

/// Picture of the order's status or outcome.
fn status_picture(record: &Record) -> Picture {
    match record.step {
        Step::Choosing => Picture::Menu,
        Step::Waiting => Picture::Queue,
        Step::Making => Picture::Making,
        Step::Ready => Picture::Ready,
        Step::Collected => Picture::Enjoyed,
        Step::Cancelled if record.cancelled_by == Some(CancelledBy::Bar) => Picture::CalledOff,
        Step::Cancelled => Picture::Cancelled,
        Step::TimedOut if record.cause == Some(TimeoutCause::Barista) => Picture::Late,
        Step::TimedOut => Picture::TimedOut,
        Step::Expired => Picture::Cold,
        Step::Unavailable => Picture::Closed,
    }
}

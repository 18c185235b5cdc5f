//! Barista page (the tablet behind the bar): incoming orders, own orders and ready orders.

use domain::ids::{ShopId, StaffId};
use domain::order::Step;
use domain::view::barista::{Barista, Card};
use leptos::either::EitherOf3;
use leptos::prelude::*;

use crate::live::{PageState, StreamProfile};
use crate::ui::age::update_ages;
use crate::ui::command_form::{Button, FormCommand, clear_errors_on_recovery, command_form, enable_posting};
use crate::ui::connection::ConnectionMark;
use crate::ui::pins;
use crate::ui::text::text;
use protocol::frame::Opening;

pub mod card;

use card::{BoardColumn, CardContent, OrderCard};

/// Maximum length of a pause's reason; the domain truncates longer ones.
const MAX_REASON_LENGTH: &str = "80";

/// The page.
#[component]
pub fn BaristaPage(opening: Opening<Barista>) -> impl IntoView {
    let shop = opening.shop.clone();
    let me = opening.me;
    let page = PageState::open(opening, "barista", StreamProfile::BAR_DEVICE);
    enable_posting(None);
    clear_errors_on_recovery(move || page.read(|view| view.open), page.connection);
    update_ages(page.now);
    let others = text(move || {
        let is_with_another = |card: &&Card| card.step == Step::Making && card.barista != me;
        match page.read(|view| view.cards.iter().filter(is_with_another).count()) {
            0 => String::new(),
            1 => "1 drink is with another barista.".to_owned(),
            others => format!("{others} drinks are with other baristas."),
        }
    });
    view! {
        <main class="barista">
            <header class="barista-head">
                <h1>{text(move || page.read(|view| view.name.clone()))}</h1>
                <ConnectionMark connection=page.connection/>
                <ShopStatus shop=shop.clone() page/>
                <a class="button" href=format!("/s/{shop}/counter")>"At the counter"</a>
                // Present for every role, since the bundle does not know roles; styles show it to managers.
                <a class="button to-office" href=format!("/s/{shop}/office")>"Office"</a>
            </header>
            <div class="columns">
                <Cards column=BoardColumn::Incoming me shop=shop.clone() page/>
                <Cards column=BoardColumn::Mine me shop=shop.clone() page/>
                <Cards column=BoardColumn::Ready me shop page/>
            </div>
            <p class="others" aria-live="polite">{others}</p>
        </main>
    }
}

/// Whether the shop takes orders.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ServiceState {
    Open,
    Paused,
    Closed,
}

/// The shop's state and the buttons that change it.
#[component]
fn ShopStatus(shop: ShopId, page: PageState<Barista>) -> impl IntoView {
    let state = Memo::new(move |_| {
        page.read(|view| match (view.open, &view.paused) {
            (false, _) => ServiceState::Closed,
            (true, Some(_)) => ServiceState::Paused,
            (true, None) => ServiceState::Open,
        })
    });
    let form = {
        let shop = shop.clone();
        move |action, label| command_form(FormCommand::for_shop(action, &shop), Button::new(label, ""), ())
    };
    let word = move || match state.get() {
        ServiceState::Open => "open",
        ServiceState::Paused => "on a break",
        ServiceState::Closed => "closed",
    };
    view! {
        <div class="doors" data-state=text(move || word().to_owned())>
            <p role="status">"The shop is " <strong>{text(move || word().to_owned())}</strong></p>
            // Each state has its own forms: a busy close button must not become a busy open button.
            {move || match state.get() {
                ServiceState::Open => EitherOf3::A((form("store/close", "Close the shop"), pause_form(&shop))),
                ServiceState::Paused => EitherOf3::B((form("store/resume", "Go on"), form("store/close", "Close the shop"))),
                ServiceState::Closed => EitherOf3::C(form("store/open", "Open the shop")),
            }}
        </div>
    }
}

/// Form to pause the shop: duration and public reason.
fn pause_form(shop: &ShopId) -> impl IntoView + use<> {
    let minutes = [5, 10, 15, 30].map(|minutes| view! { <option value=minutes>{minutes} " minutes"</option> });
    let fields = view! {
        <label class="field">
            <span>"For"</span>
            <select name="minutes">{minutes.to_vec()}<option value="">"until we go on"</option></select>
        </label>
        <label class="field">
            <span>"What people read "<small>"if you like"</small></span>
            <input type="text" name="reason" maxlength=MAX_REASON_LENGTH placeholder="Milk is on its way"/>
        </label>
    };
    view! {
        <details class="confirm">
            <summary>"Take a break"</summary>
            <div class="confirm-question">
                {command_form(FormCommand::for_shop("store/pause", shop), Button::new("Take the break", "primary"), fields)}
            </div>
        </details>
    }
}

/// One column of orders.
#[component]
fn Cards(column: BoardColumn, me: Option<StaffId>, shop: ShopId, page: PageState<Barista>) -> impl IntoView {
    let cards = move || -> Vec<CardContent> {
        let of_column = page.read(|view| -> Vec<Card> {
            match (column, me) {
                // Cancelled orders stay in this column, so that a mistaken cancellation can be undone.
                (BoardColumn::Incoming, _) => view.cancelled().chain(view.incoming()).cloned().collect(),
                (BoardColumn::Mine, Some(me)) => view.claimed_by(me).cloned().collect(),
                (BoardColumn::Mine, None) => Vec::new(),
                (BoardColumn::Ready, _) => view.ready().cloned().collect(),
            }
        });
        page.ephemeral.with(|ephemeral| {
            let named = |card: Card| CardContent {
                name: ephemeral.names.get(&card.order).cloned(),
                link: pins::link(page, card.order),
                card,
            };
            of_column.into_iter().map(named).collect()
        })
    };
    let cards = Memo::new(move |_| cards());
    let is_open = |content: &&CardContent| content.card.step != Step::Cancelled;
    let count = text(move || cards.with(|cards| cards.iter().filter(is_open).count()).to_string());
    let empty = text(move || cards.with(|cards| if cards.is_empty() { column.empty() } else { "" }.to_owned()));
    view! {
        <section class="column" data-column=column.title()>
            <h2 tabindex="-1">{column.title()} " " <span class="count">{count}</span></h2>
            <ul>
                <For
                    each=move || cards.get()
                    key=CardContent::render_key
                    children=move |content| view! { <OrderCard content column shop=shop.clone() now=page.now/> }
                />
            </ul>
            <p class="rest">{empty}</p>
        </section>
    }
}

/// Renders the HTML document.
#[cfg(feature = "ssr")]
pub fn html(assets: &crate::shell::Assets, opening: &Opening<Barista>, is_manager: bool) -> String {
    let head = crate::shell::PageHead::hydrated("barista", &opening.snapshot.view.name, opening);
    let head = crate::shell::PageHead { is_manager, ..head };
    let opening = opening.clone();
    crate::shell::document(assets, head, move || view! { <BaristaPage opening/> })
}

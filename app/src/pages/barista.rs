//! Barista page (the tablet behind the bar): incoming orders, own orders and ready orders.

use domain::ids::{ShopId, StaffId};
use domain::order::Step;
use domain::view::barista::{Barista, Card};
use leptos::either::EitherOf3;
use leptos::prelude::*;

use crate::frame::Opening;
use crate::live::{Screen, StreamProfile};
use crate::ui::age::keep_ages;
use crate::ui::command_form::{Button, Command, command_form, forgive_when, post_forms};
use crate::ui::connection::ConnectionMark;
use crate::ui::pins;
use crate::ui::text::text;

pub mod card;

use card::{Column, OrderCard, Shown};

/// Maximum length of a pause's reason; the domain truncates longer ones.
const REASON_MAX: &str = "80";

/// The page.
#[component]
pub fn BaristaPage(opening: Opening<Barista>) -> impl IntoView {
    let shop = opening.shop.clone();
    let me = opening.me;
    let screen = Screen::open(opening, "barista", StreamProfile::SCREEN);
    post_forms(None);
    forgive_when(move || screen.read(|view| view.open), screen.connection);
    keep_ages(screen.now);
    let others = text(move || {
        let with_another = |card: &&Card| card.step == Step::Making && card.barista != me;
        match screen.read(|view| view.cards.iter().filter(with_another).count()) {
            0 => String::new(),
            1 => "1 drink is with another barista.".to_owned(),
            others => format!("{others} drinks are with other baristas."),
        }
    });
    view! {
        <main class="barista">
            <header class="barista-head">
                <h1>{text(move || screen.read(|view| view.name.clone()))}</h1>
                <ConnectionMark connection=screen.connection/>
                <Doors shop=shop.clone() screen/>
                <a class="button" href=format!("/s/{shop}/counter")>"At the counter"</a>
                // Present for every role, since the bundle does not know roles; styles show it to managers.
                <a class="button to-office" href=format!("/s/{shop}/office")>"Office"</a>
            </header>
            <div class="columns">
                <Cards column=Column::Incoming me shop=shop.clone() screen/>
                <Cards column=Column::Mine me shop=shop.clone() screen/>
                <Cards column=Column::Ready me shop screen/>
            </div>
            <p class="others" aria-live="polite">{others}</p>
        </main>
    }
}

/// Whether the shop takes orders.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Paused,
    Closed,
}

/// The shop's state and the buttons that change it.
#[component]
fn Doors(shop: ShopId, screen: Screen<Barista>) -> impl IntoView {
    let state = Memo::new(move |_| {
        screen.read(|view| match (view.open, &view.paused) {
            (false, _) => State::Closed,
            (true, Some(_)) => State::Paused,
            (true, None) => State::Open,
        })
    });
    let form = {
        let shop = shop.clone();
        move |action, label| command_form(Command::of_shop(action, &shop), Button::new(label, ""), ())
    };
    let word = move || match state.get() {
        State::Open => "open",
        State::Paused => "on a break",
        State::Closed => "closed",
    };
    view! {
        <div class="doors" data-state=text(move || word().to_owned())>
            <p role="status">"The shop is " <strong>{text(move || word().to_owned())}</strong></p>
            // Each state has its own forms: a busy close button must not become a busy open button.
            {move || match state.get() {
                State::Open => EitherOf3::A((form("store/close", "Close the shop"), pausing(&shop))),
                State::Paused => EitherOf3::B((form("store/resume", "Go on"), form("store/close", "Close the shop"))),
                State::Closed => EitherOf3::C(form("store/open", "Open the shop")),
            }}
        </div>
    }
}

/// Form to pause the shop: duration and public reason.
fn pausing(shop: &ShopId) -> impl IntoView + use<> {
    let minutes = [5, 10, 15, 30].map(|minutes| view! { <option value=minutes>{minutes} " minutes"</option> });
    let fields = view! {
        <label class="field">
            <span>"For"</span>
            <select name="minutes">{minutes.to_vec()}<option value="">"until we go on"</option></select>
        </label>
        <label class="field">
            <span>"What people read "<small>"if you like"</small></span>
            <input type="text" name="reason" maxlength=REASON_MAX placeholder="Milk is on its way"/>
        </label>
    };
    view! {
        <details class="confirm">
            <summary>"Take a break"</summary>
            <div class="confirm-question">
                {command_form(Command::of_shop("store/pause", shop), Button::new("Take the break", "primary"), fields)}
            </div>
        </details>
    }
}

/// One column of orders.
#[component]
fn Cards(column: Column, me: Option<StaffId>, shop: ShopId, screen: Screen<Barista>) -> impl IntoView {
    let cards = move || -> Vec<Shown> {
        let of_column = screen.read(|view| -> Vec<Card> {
            match (column, me) {
                // Cancelled orders stay in this column, so that a mistaken cancellation can be undone.
                (Column::Incoming, _) => view.cancelled().chain(view.incoming()).cloned().collect(),
                (Column::Mine, Some(me)) => view.mine(me).cloned().collect(),
                (Column::Mine, None) => Vec::new(),
                (Column::Ready, _) => view.ready().cloned().collect(),
            }
        });
        screen.asides.with(|asides| {
            let named = |card: Card| Shown {
                name: asides.names.get(&card.order).cloned(),
                link: pins::link(screen, card.order),
                card,
            };
            of_column.into_iter().map(named).collect()
        })
    };
    let cards = Memo::new(move |_| cards());
    let is_open = |shown: &&Shown| shown.card.step != Step::Cancelled;
    let count = text(move || cards.with(|cards| cards.iter().filter(is_open).count()).to_string());
    let empty = text(move || cards.with(|cards| if cards.is_empty() { column.empty() } else { "" }.to_owned()));
    view! {
        <section class="column" data-column=column.title()>
            <h2 tabindex="-1">{column.title()} " " <span class="count">{count}</span></h2>
            <ul>
                <For
                    each=move || cards.get()
                    key=Shown::look
                    children=move |shown| view! { <OrderCard shown column shop=shop.clone() now=screen.now/> }
                />
            </ul>
            <p class="rest">{empty}</p>
        </section>
    }
}

/// Renders the HTML document.
#[cfg(feature = "ssr")]
pub fn html(assets: &crate::shell::Assets, opening: &Opening<Barista>, is_manager: bool) -> String {
    let head = crate::shell::Head::live("barista", &opening.snapshot.view.name, opening);
    let head = crate::shell::Head { is_manager, ..head };
    let opening = opening.clone();
    crate::shell::document(assets, head, move || view! { <BaristaPage opening/> })
}

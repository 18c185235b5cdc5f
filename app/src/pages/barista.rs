//! The tablet behind the bar: what comes in, what I make, what waits to be collected.

use domain::ids::{ShopId, StaffId};
use domain::view::barista::{Barista, Card};
use leptos::either::Either;
use leptos::prelude::*;

use crate::frame::Opening;
use crate::live::{Rhythm, Screen};
use crate::ui::age::keep_ages;
use crate::ui::command_form::{Button, Command, command_form, forgive_when, post_forms};
use crate::ui::connection::ConnectionMark;
use crate::ui::text::text;

pub mod card;

use card::{Column, OrderCard, Shown};

#[component]
pub fn BaristaPage(opening: Opening<Barista>) -> impl IntoView {
    let shop = opening.shop.clone();
    let me = opening.me;
    let screen = Screen::open(opening, "barista", Rhythm::SCREEN);
    post_forms(None);
    forgive_when(move || screen.read(|view| view.open), screen.connection);
    keep_ages(screen.now);
    let others = text(move || {
        let with_another = |card: &&Card| card.barista.is_some() && card.barista != me;
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

/// Whether the shop takes orders, and the button that changes it.
#[component]
fn Doors(shop: ShopId, screen: Screen<Barista>) -> impl IntoView {
    let open = Memo::new(move |_| screen.read(|view| view.open));
    let form = move |action, label| command_form(Command::of_shop(action, &shop), Button::new(label, ""), ());
    let state = move || if open.get() { "open" } else { "closed" };
    view! {
        <div class="doors" data-state=text(move || state().to_owned())>
            <p role="status">"The shop is " <strong>{text(move || state().to_owned())}</strong></p>
            // Two forms and not one that changes: what is busy closing must not seem busy opening.
            {move || {
                if open.get() {
                    Either::Left(form("store/close", "Close the shop"))
                } else {
                    Either::Right(form("store/open", "Open the shop"))
                }
            }}
        </div>
    }
}

#[component]
fn Cards(column: Column, me: Option<StaffId>, shop: ShopId, screen: Screen<Barista>) -> impl IntoView {
    let cards = move || -> Vec<Shown> {
        let of_column = screen.read(|view| -> Vec<Card> {
            match (column, me) {
                (Column::Incoming, _) => view.incoming().cloned().collect(),
                (Column::Mine, Some(me)) => view.mine(me).cloned().collect(),
                (Column::Mine, None) => Vec::new(),
                (Column::Ready, _) => view.ready().cloned().collect(),
            }
        });
        screen.asides.with(|asides| {
            let named = |card: Card| Shown { name: asides.names.get(&card.order).cloned(), card };
            of_column.into_iter().map(named).collect()
        })
    };
    let cards = Memo::new(move |_| cards());
    let count = text(move || cards.with(Vec::len).to_string());
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

/// The whole document.
#[cfg(feature = "ssr")]
pub fn html(assets: &crate::shell::Assets, opening: &Opening<Barista>) -> String {
    let head = crate::shell::Head::live("barista", &opening.snapshot.view.name, opening);
    let opening = opening.clone();
    crate::shell::document(assets, head, move || view! { <BaristaPage opening/> })
}

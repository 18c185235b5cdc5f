//! Ordering page (the guest's phone): choose a drink, wait for it, collect it.

use domain::ids::OrderId;
use domain::menu::Menu;
use domain::order::Step;
use domain::view::ordering::{MyOrder, Ordering};
use leptos::either::EitherOf3;
use leptos::prelude::*;

use crate::frame::Opening;
use crate::live::{Screen, StreamProfile};
use crate::ui::command_form::{forgive_when, post_forms};
use crate::ui::connection::ConnectionMark;
use crate::ui::text::text;
use crate::words;

pub mod choosing;
pub mod ordered;

use choosing::{Choosing, looking};
use ordered::Ordered;

/// The page's current section, with all data that its structure depends on. Other changes, such as another guest's order,
/// do not render it again and keep half-filled forms.
#[derive(Clone, PartialEq)]
enum Part {
    /// The menu without an order; empty while the shop is closed.
    Looking {
        menu: Menu,
    },
    Choosing {
        order: OrderId,
        menu: Menu,
    },
    Ordered(MyOrder),
}

fn part(view: &Ordering) -> Part {
    match view.current() {
        None if view.bar.open => Part::Looking { menu: view.bar.menu.clone() },
        None => Part::Looking { menu: Menu::default() },
        Some(mine) if mine.step == Step::Choosing => Part::Choosing { order: mine.order, menu: view.bar.menu.clone() },
        Some(mine) => Part::Ordered(mine.clone()),
    }
}

/// The page.
#[component]
pub fn OrderingPage(opening: Opening<Ordering>) -> impl IntoView {
    let shop = opening.shop.clone();
    let screen = Screen::open(opening, "ordering", StreamProfile::PHONE);
    post_forms(None);
    forgive_when(move || screen.read(|view| view.bar.open), screen.connection);
    let part = Memo::new(move |_| screen.read(part));
    let history = format!("/s/{shop}/history");
    view! {
        <main class="ordering">
            <header class="ordering-head">
                <p class="shop-name">{text(move || screen.read(|view| view.bar.name.clone()))}</p>
                <ConnectionMark connection=screen.connection/>
            </header>
            <h1 class="stands" tabindex="-1" aria-live="polite">{text(move || heading(screen))}</h1>
            <p class="lead" aria-live="polite">{text(move || hint(screen))}</p>
            {move || match part.get() {
                Part::Looking { menu } => EitherOf3::A(looking(&menu, screen)),
                Part::Choosing { order, menu } => EitherOf3::B(view! { <Choosing shop=shop.clone() order menu screen/> }),
                Part::Ordered(mine) => EitherOf3::C(view! { <Ordered shop=shop.clone() mine screen/> }),
            }}
            <p><a class="order-link" href=history>"My orders"</a></p>
        </main>
    }
}

fn heading(screen: Screen<Ordering>) -> String {
    screen.read(|view| match view.current() {
        Some(mine) => words::stands(mine),
        None if view.bar.open && view.bar.paused.is_some() => words::BREAK.to_owned(),
        None if view.bar.open => "Coffee?".to_owned(),
        None => "We are closed".to_owned(),
    })
}

/// Advice without an order, or while the guest chooses and the shop has closed. The form keeps its input and can be sent
/// when the shop opens again.
fn hint(screen: Screen<Ordering>) -> String {
    screen.read(|view| match (view.current(), &view.bar.paused) {
        (None, Some(paused)) if view.bar.open => words::pause(paused),
        (None, None) if view.bar.open && view.bar.closing.is_some() => "Last orders are over for today.".to_owned(),
        (None, _) if view.bar.open => "Scan the code on the screen above the bar to order.".to_owned(),
        (None, _) => "Come back when the screen above the bar shows a code.".to_owned(),
        (Some(mine), _) if mine.step == Step::Choosing && !view.bar.open => {
            "The shop has closed meanwhile. Your choice stays here: order when it opens again.".to_owned()
        }
        (Some(_), _) => String::new(),
    })
}

/// Renders the HTML document.
#[cfg(feature = "ssr")]
pub fn html(assets: &crate::shell::Assets, opening: &Opening<Ordering>) -> String {
    let view = &opening.snapshot.view;
    let waits = view.current().is_some_and(|mine| matches!(mine.step, Step::Waiting | Step::Making | Step::Ready));
    let head = crate::shell::Head {
        refresh: waits.then_some(10),
        ..crate::shell::Head::live("ordering", &view.bar.name, opening)
    };
    let opening = opening.clone();
    crate::shell::document(assets, head, move || view! { <OrderingPage opening/> })
}

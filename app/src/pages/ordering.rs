//! Ordering page (the guest's phone): choose a drink, wait for it, collect it.

use domain::ids::OrderId;
use domain::menu::Menu;
use domain::order::Step;
use domain::view::ordering::{GuestOrder, Ordering};
use leptos::either::EitherOf3;
use leptos::prelude::*;

use crate::live::{PageState, StreamProfile};
use crate::ui::command_form::{clear_errors_on_recovery, enable_posting};
use crate::ui::connection::ConnectionMark;
use crate::ui::text::text;
use protocol::frame::Opening;

pub mod choosing;
pub mod ordered;
pub mod selection;

use choosing::{Choosing, menu_list};
use ordered::Ordered;

/// The page's current section, with all data that its structure depends on. Other changes, such as another guest's order,
/// do not render it again and keep half-filled forms.
#[derive(Clone, PartialEq)]
enum Section {
    /// The menu without an order; empty while the shop is closed.
    Browsing {
        menu: Menu,
    },
    Choosing {
        order: OrderId,
        menu: Menu,
    },
    Ordered(GuestOrder),
}

fn section(view: &Ordering) -> Section {
    match view.current() {
        None if view.bar.open => Section::Browsing { menu: view.bar.menu.clone() },
        None => Section::Browsing { menu: Menu::default() },
        Some(mine) if mine.step == Step::Choosing => {
            Section::Choosing { order: mine.order, menu: view.bar.menu.clone() }
        }
        Some(mine) => Section::Ordered(mine.clone()),
    }
}

/// The page.
#[component]
pub fn OrderingPage(opening: Opening<Ordering>) -> impl IntoView {
    let shop = opening.shop.clone();
    let page = PageState::open(opening, "ordering", StreamProfile::GUEST_PHONE);
    enable_posting(None, page.words);
    clear_errors_on_recovery(move || page.read(|view| view.bar.open), page.connection);
    let section = Memo::new(move |_| page.read(section));
    let notice = RwSignal::new(String::new());
    let history = format!("/s/{shop}/history");
    view! {
        <main class="ordering">
            <header class="ordering-head">
                <p class="shop-name" translate="no">{text(move || page.read(|view| view.bar.name.clone()))}</p>
                <ConnectionMark connection=page.connection words=page.words/>
            </header>
            <h1 class="stands" tabindex="-1" aria-live="polite">{text(move || heading(page))}</h1>
            <p class="lead" aria-live="polite">{text(move || hint(page))}</p>
            {move || match section.get() {
                Section::Browsing { menu } => EitherOf3::A(menu_list(&menu, page)),
                Section::Choosing { order, menu } => EitherOf3::B(view! { <Choosing shop=shop.clone() order menu notice page/> }),
                Section::Ordered(mine) => EitherOf3::C(view! { <Ordered shop=shop.clone() mine page/> }),
            }}
            <p><a class="order-link" href=history>{page.words.ordering().my_orders()}</a></p>
        </main>
    }
}

fn heading(page: PageState<Ordering>) -> String {
    let words = page.words;
    page.read(|view| match view.current() {
        Some(mine) => words.order_status(mine),
        None if view.bar.open && view.bar.paused.is_some() => words.shared().paused_heading().to_owned(),
        None if view.bar.open => words.ordering().coffee().to_owned(),
        None => words.shared().closed().to_owned(),
    })
}

/// Advice without an order, or while the guest chooses and the shop has closed. The form keeps its input and can be sent
/// when the shop opens again.
fn hint(page: PageState<Ordering>) -> String {
    let texts = page.words.ordering();
    page.read(|view| match (view.current(), &view.bar.paused) {
        (None, Some(paused)) if view.bar.open => page.words.pause_notice(paused),
        (None, None) if view.bar.open && view.bar.closing.is_some() => texts.last_orders_are_over().to_owned(),
        (None, _) if view.bar.open => texts.scan_to_order().to_owned(),
        (None, _) => texts.come_back().to_owned(),
        (Some(mine), _) if mine.step == Step::Choosing && !view.bar.open => texts.closed_meanwhile().to_owned(),
        (Some(_), _) => String::new(),
    })
}

/// Renders the HTML document.
#[cfg(feature = "ssr")]
pub fn html(assets: &crate::shell::Assets, words: crate::words::Words, opening: &Opening<Ordering>) -> String {
    let view = &opening.snapshot.view;
    let waits = view.current().is_some_and(|mine| matches!(mine.step, Step::Waiting | Step::Making | Step::Ready));
    let head = crate::shell::PageHead {
        refresh: waits.then_some(10),
        ..crate::shell::PageHead::hydrated("ordering", &view.bar.name, opening)
    };
    let opening = opening.clone();
    crate::shell::document(assets, words, head, move || view! { <OrderingPage opening/> })
}

//! Ordering page (the guest's phone): choose a drink, wait for it, collect it.

use domain::ids::OrderId;
use domain::menu::Menu;
use domain::order::Step;
use domain::view::ordering::Ordering;
use leptos::either::EitherOf3;
use leptos::prelude::*;

use crate::live::{PageState, StreamProfile};
use crate::ui::command_form::clear_errors_on_recovery;
use crate::ui::connection::ConnectionMark;
use crate::ui::text::inner_text;
use protocol::frame::Opening;

pub mod choosing;
pub mod ordered;
pub mod selection;

use choosing::{Choosing, menu_list};
use ordered::{Ordered, ShownOrder};

/// The menu of the page, with all data that its structure depends on. Other changes, such as another guest's order, do not
/// render it again and keep half-filled forms.
#[derive(Clone, PartialEq)]
enum MenuSection {
    /// The guest has no order to choose for, but another one.
    None,
    /// The menu without an order; empty while the shop is closed.
    Browsing {
        menu: Menu,
    },
    Choosing {
        order: OrderId,
        menu: Menu,
    },
}

fn menu_section(view: &Ordering) -> MenuSection {
    let choosing = view.orders.iter().find(|mine| mine.step == Step::Choosing);
    match (choosing, view.orders.is_empty()) {
        (Some(mine), _) => MenuSection::Choosing { order: mine.order, menu: view.bar.menu.clone() },
        (None, false) => MenuSection::None,
        (None, true) if view.bar.open => MenuSection::Browsing { menu: view.bar.menu.clone() },
        (None, true) => MenuSection::Browsing { menu: Menu::default() },
    }
}

/// The guest's submitted orders that are ready, or those that are not.
fn shown_orders(view: &Ordering, is_ready: bool) -> Vec<ShownOrder> {
    let orders = view.orders.iter().enumerate().map(|(n, mine)| ShownOrder { mine: mine.clone(), is_first: n == 0 });
    let is_meant =
        |shown: &ShownOrder| shown.mine.step != Step::Choosing && (shown.mine.step == Step::Ready) == is_ready;
    orders.filter(is_meant).collect()
}

/// The page.
#[component]
pub fn OrderingPage(opening: Opening<Ordering>) -> impl IntoView {
    let shop = opening.shop.clone();
    let page = PageState::open(opening, "ordering", StreamProfile::GUEST_PHONE);
    clear_errors_on_recovery(move || page.read(|view| view.bar.open), page.connection);
    let menu = Memo::new(move |_| page.read(menu_section));
    let notice = RwSignal::new(String::new());
    let history = format!("/s/{shop}/history");
    // Each part is rendered by itself, so that an order that becomes ready does not touch the form of another.
    let ordered = {
        let shop = shop.clone();
        move |is_ready: bool| {
            let orders = Memo::new(move |_| page.read(|view| shown_orders(view, is_ready)));
            let shop = shop.clone();
            let section = move |shown| view! { <Ordered shop=shop.clone() shown page/> };
            move || orders.get().into_iter().map(&section).collect_view()
        }
    };
    view! {
        <main class="ordering">
            <header class="ordering-head">
                <p class="shop-name" translate="no" inner_html=inner_text(move || page.read(|view| view.bar.name.clone()))></p>
                <ConnectionMark connection=page.connection words=page.words/>
            </header>
            <h1 class="stands" tabindex="-1" aria-live="polite" inner_html=inner_text(move || heading(page))></h1>
            <p class="lead" aria-live="polite" inner_html=inner_text(move || hint(page))></p>
            {ordered(true)}
            {move || match menu.get() {
                MenuSection::None => EitherOf3::A(()),
                MenuSection::Browsing { menu } => EitherOf3::B(menu_list(&menu, page)),
                MenuSection::Choosing { order, menu } => {
                    EitherOf3::C(view! { <Choosing shop=shop.clone() order menu notice page/> })
                }
            }}
            {ordered(false)}
            <p><a class="order-link" href=history>{page.words.ordering().my_orders()}</a></p>
        </main>
    }
}

fn heading(page: PageState<Ordering>) -> String {
    let words = page.words;
    page.read(|view| match view.current() {
        Some(mine) => words.order_status(mine),
        None if view.bar.open && view.bar.paused.is_some() => words.shared().paused_heading().to_owned(),
        None if view.bar.open && view.bar.closing.is_some() => words.ordering().last_orders_are_over().to_owned(),
        None if view.bar.open => words.ordering().coffee().to_owned(),
        None => words.shared().closed().to_owned(),
    })
}

/// Advice without an order, or while the guest chooses and the shop has closed. The form keeps its input and can be sent
/// when the shop opens again.
fn hint(page: PageState<Ordering>) -> String {
    let texts = page.words.ordering();
    let is_choosing = |view: &Ordering| view.orders.iter().any(|mine| mine.step == Step::Choosing);
    page.read(|view| match (view.current(), &view.bar.paused) {
        (None, Some(paused)) if view.bar.open => page.words.pause_notice(paused),
        (None, None) if view.bar.open && view.bar.closing.is_none() => texts.scan_to_order().to_owned(),
        (None, _) => texts.come_back().to_owned(),
        (Some(_), _) if is_choosing(view) && !view.bar.open => texts.closed_meanwhile().to_owned(),
        (Some(_), _) => String::new(),
    })
}

/// Renders the HTML document.
#[cfg(feature = "ssr")]
pub fn html(assets: &crate::shell::Assets, words: crate::words::Words, opening: &Opening<Ordering>) -> String {
    let view = &opening.snapshot.view;
    let is_at = |steps: &[Step]| view.orders.iter().any(|mine| steps.contains(&mine.step));
    // A page with an open form must not refresh.
    let waits = is_at(&[Step::Waiting, Step::Making, Step::Ready]) && !is_at(&[Step::Choosing]);
    let head = crate::shell::PageHead {
        refresh: waits.then(|| "10".to_owned()),
        ..crate::shell::PageHead::hydrated("ordering", &view.bar.name, opening)
    };
    let opening = opening.clone();
    crate::shell::document(assets, words, head, move || view! { <OrderingPage opening/> })
}

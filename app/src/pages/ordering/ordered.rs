//! The section of a submitted order: its number, its status and the drinks ahead of it.

use domain::ids::{OrderId, ShopId};
use domain::order::{CancelledBy, Step};
use domain::view::ordering::{GuestOrder, Ordering};
use leptos::prelude::*;
use protocol::command::endpoint;

use crate::live::PageState;
use crate::ui::command_form::{Button, FormCommand, command_form, confirm_form};
use crate::ui::content::content;
use crate::ui::cup::Cup;
use crate::ui::pins;
use crate::ui::text::{inner_text, sentence_html, text};
use crate::words::OrderingWords;

/// An order of the page, and whether the heading of the page already tells its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownOrder {
    pub mine: GuestOrder,
    pub is_first: bool,
}

/// The section.
#[component]
pub fn Ordered(shop: ShopId, shown: ShownOrder, page: PageState<Ordering>) -> impl IntoView {
    let texts = page.words.ordering();
    let ShownOrder { mine, is_first } = shown;
    let status = (!is_first).then(|| view! { <h2 class="stands">{page.words.order_status(&mine)}</h2> });
    let is_over = mine.is_over();
    let advice = page.words.advice(&mine);
    let cancel = (mine.step == Step::Waiting).then(|| {
        let command = FormCommand::for_version(endpoint::CANCEL, &shop, mine.order, mine.version);
        confirm_form(command, texts.cancel(page.words.drink(&mine)))
    });
    let GuestOrder { order, step, number, chosen, version, cancelled_by, .. } = mine;
    let number = (number > 0).then(|| {
        view! {
            <p class="number">
                <span class="number-label">{texts.your_number()}</span>
                " "
                <strong>{number}</strong>
            </p>
        }
    });
    let chosen = chosen.map(|chosen| {
        let description = chosen.description();
        let price = page.words.price(chosen.price, &chosen.currency).unwrap_or_default();
        view! { <p class="chosen"><Cup icon=chosen.icon/>{content(description)} " " <small>{price}</small></p> }
    });
    let is_awaited = matches!(step, Step::Waiting | Step::Making);
    let name_notice = text(move || {
        let name = page.ephemeral.with(|ephemeral| ephemeral.names.get(&order).filter(|_| is_awaited).cloned());
        name.map(|name| sentence_html(|name| texts.will_call(name), &name)).unwrap_or_default()
    });
    let is_waiting = step == Step::Waiting;
    let ahead = is_waiting.then(|| {
        let ahead = inner_text(move || page.words.drinks_ahead(page.read(|view| view.orders_ahead_of(order))));
        view! { <p class="ahead" aria-live="polite" inner_html=ahead></p> }
    });
    // Postponing needs another order behind this one.
    let shop_id = shop.clone();
    let behind = Memo::new(move |_| if is_waiting { page.read(|view| view.orders_behind(order)) } else { 0 });
    let postpone = move || {
        let command = FormCommand::for_version(endpoint::POSTPONE, &shop_id, order, version);
        (behind.get() > 0).then(|| confirm_form(command, texts.postpone(behind.get())))
    };
    // A separate page: stream updates would replace a form on this one.
    let change = is_waiting
        .then(|| view! { <p><a class="button" href=format!("/s/{shop}/change?order={order}")>{texts.change_my_drink()}</a></p> });
    let recall = (step == Step::Cancelled && cancelled_by == Some(CancelledBy::Guest) && !is_over).then(|| {
        let command = FormCommand::for_version(endpoint::RECALL, &shop, order, version);
        command_form(command, Button::new(texts.recall(), ""), ())
    });
    view! {
        <section class="ordered" data-step=step.as_str() aria-label=texts.your_order()>
            {status}
            {number}
            {chosen}
            <Steps step texts/>
            {ahead}
            <p class="called" inner_html=name_notice></p>
            <p class="lead">{advice}</p>
            <div class="actions">{change} {postpone} {cancel} {recall}</div>
            <Link order page/>
        </section>
    }
}

/// The link that an extension pinned to the order. Styles hide an empty one: a conditional element would add a kilobyte.
#[component]
fn Link(order: OrderId, page: PageState<Ordering>) -> impl IntoView {
    let link = move || pins::link(page, order).unwrap_or_default();
    view! { <p><a class="order-link" href=text(move || link().0) inner_html=inner_text(move || link().1)></a></p> }
}

/// The progress of an open order; renders nothing for other steps.
#[component]
fn Steps(step: Step, texts: OrderingWords) -> impl IntoView {
    let steps = [
        (Step::Waiting, texts.in_the_queue()),
        (Step::Making, texts.being_made()),
        (Step::Ready, texts.ready()),
        (Step::Collected, texts.collected()),
    ];
    steps.iter().position(|(other, _)| *other == step).map(|current_index| {
        let steps = steps.iter().enumerate().map(|(n, (_, name))| {
            let state = match n.cmp(&current_index) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "now",
                std::cmp::Ordering::Greater => "to come",
            };
            let current = (n == current_index).then_some("step");
            view! { <li data-state=state aria-current=current>{*name}</li> }
        });
        view! { <ol class="steps" aria-label=texts.progress()>{steps.collect_view()}</ol> }
    })
}

//! The section of a submitted order: its number, its status and the drinks ahead of it.

use domain::ids::ShopId;
use domain::order::{By, Step};
use domain::view::ordering::{MyOrder, Ordering};
use leptos::prelude::*;

use crate::live::Screen;
use crate::ui::command_form::{Button, Command, command_form, confirmed};
use crate::ui::cup::Cup;
use crate::ui::pins;
use crate::ui::text::text;
use crate::words;

/// The section.
#[component]
pub fn Ordered(shop: ShopId, mine: MyOrder, screen: Screen<Ordering>) -> impl IntoView {
    let MyOrder { order, step, number, chosen, version, cancelled_by, over, aside, .. } = mine;
    let number = (number > 0).then(|| {
        view! {
            <p class="number" data-step=step.as_str()>
                <span class="number-label">"Your number"</span>
                " "
                <strong>{number}</strong>
            </p>
        }
    });
    let chosen = chosen.map(|chosen| {
        let words = chosen.words();
        view! { <p class="chosen"><Cup icon=chosen.icon/><span>{words}</span></p> }
    });
    let called = text(move || {
        let name = screen.asides.with(|asides| asides.names.get(&order).cloned());
        name.map(|name| format!("We will call “{name}”.")).unwrap_or_default()
    });
    let ahead = (step == Step::Waiting).then(|| {
        let ahead = text(move || words::ahead(screen.read(|view| view.ahead_of(order))));
        view! { <p class="ahead" aria-live="polite">{ahead}</p> }
    });
    let cancel = (step == Step::Waiting).then(|| {
        let command = Command::of_step("orders/cancel", &shop, order, version);
        confirmed(command, "Cancel my order", "Nobody has begun to make it.", "Yes, cancel it")
    });
    // Postponing needs another order behind this one.
    let shop_too = shop.clone();
    let others = Memo::new(move |_| step == Step::Waiting && screen.read(|view| view.is_before_others(order)));
    let postpone = move || {
        let command = Command::of_step("orders/postpone", &shop_too, order, version);
        others.get().then(|| command_form(command, Button::new("Let the others go first", ""), ()))
    };
    // A separate page: stream updates would replace a form on this one.
    let change = (step == Step::Waiting)
        .then(|| view! { <p><a class="button" href=format!("/s/{shop}/change")>"Change my drink"</a></p> });
    let back = (step == Step::Cancelled && cancelled_by == Some(By::Guest) && !over).then(|| {
        let command = Command::of_step("orders/recall", &shop, order, version);
        command_form(command, Button::new("No, I want it after all", ""), ())
    });
    let advice = if aside { Some("It stands aside for you: ask at the bar.") } else { words::advice(step) };
    let advice = advice.map(|advice| view! { <p class="lead">{advice}</p> });
    // Styles hide an empty link: a conditional element would add a kilobyte.
    let link = move || pins::link(screen, order).unwrap_or_default();
    view! {
        <section class="ordered" aria-label="Your order">
            {number}
            {chosen}
            <Steps step/>
            {ahead}
            <p class="called">{called}</p>
            {advice}
            {postpone}
            {change}
            {cancel}
            {back}
            <p><a class="order-link" href=text(move || link().0)>{text(move || link().1)}</a></p>
        </section>
    }
}

/// The progress of an open order; renders nothing for other steps.
#[component]
fn Steps(step: Step) -> impl IntoView {
    const WAY: [(Step, &str); 4] = [
        (Step::Waiting, "in the queue"),
        (Step::Making, "being made"),
        (Step::Ready, "ready"),
        (Step::Collected, "collected"),
    ];
    WAY.iter().position(|(on_the_way, _)| *on_the_way == step).map(|here| {
        let steps = WAY.iter().enumerate().map(|(n, (_, name))| {
            let state = match n.cmp(&here) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "now",
                std::cmp::Ordering::Greater => "to come",
            };
            let current = (n == here).then_some("step");
            view! { <li data-state=state aria-current=current>{*name}</li> }
        });
        view! { <ol class="steps" aria-label="Progress">{steps.collect_view()}</ol> }
    })
}

//! One order on the tablet, with what can be done to it where it stands.

use domain::ids::{OrderId, ShopId};
use domain::order::Step;
use domain::time::Instant;
use domain::view::barista::Card;
use leptos::prelude::*;

use crate::ui::age::Age;
use crate::ui::badge::RobotBadge;
use crate::ui::command_form::{Button, Command, command_form, confirmed};
use crate::ui::cup::Cup;
use crate::words;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Incoming,
    Mine,
    Ready,
}

impl Column {
    pub fn title(self) -> &'static str {
        match self {
            Self::Incoming => "Incoming",
            Self::Mine => "Mine",
            Self::Ready => "Ready",
        }
    }

    pub fn empty(self) -> &'static str {
        match self {
            Self::Incoming => "Nothing to make. New orders come here by themselves.",
            Self::Mine => "Your hands are free.",
            Self::Ready => "Nothing waits to be collected.",
        }
    }
}

/// A card and whom to call.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub card: Card,
    pub name: Option<String>,
}

impl Shown {
    /// What the card shows; when it changes, the card is a new one.
    pub fn look(&self) -> (OrderId, u32, u32, Option<String>) {
        (self.card.order, self.card.version, self.card.number, self.name.clone())
    }
}

#[component]
pub fn OrderCard(shown: Shown, column: Column, shop: ShopId, now: RwSignal<Instant>) -> impl IntoView {
    let Shown { card, name } = shown;
    let Card { order, number, chosen, since, version, channel, step, .. } = card;
    let cancelled = step == Step::Cancelled;
    let label = format!("Number {number}, {}", chosen.words());
    let options = Some(chosen.options_words()).filter(|options| !options.is_empty());
    let allergens = (!chosen.allergens.is_empty()).then(|| words::contains(&chosen.allergens));
    view! {
        <li class="order-card">
            <article aria-label=label>
                <strong class="number">{number}</strong>
                <h3><Cup icon=chosen.icon/> <span>{chosen.name}</span></h3>
                {options.map(|options| view! { <p class="picked">{options}</p> })}
                {name.map(|name| view! { <p class="call">"for " <strong>{name}</strong></p> })}
                {cancelled.then(|| view! { <p class="cancelled">"cancelled"</p> })}
                {allergens.map(|allergens| view! { <p class="contains">{allergens}</p> })}
                <p class="aged"><Age since now/> <RobotBadge channel/></p>
                <Actions column=(!cancelled).then_some(column) shop order version/>
            </article>
        </li>
    }
}

#[component]
fn Actions(column: Option<Column>, shop: ShopId, order: OrderId, version: u32) -> impl IntoView {
    let step = |action| Command::of_step(action, &shop, order, version);
    let (first, second) = match column {
        Some(Column::Incoming) => (("orders/claim", "Make"), None),
        Some(Column::Mine) => (("orders/complete", "Ready"), Some(("orders/release", "Put back"))),
        Some(Column::Ready) => (("orders/collect", "Collected"), Some(("orders/recall", "Undo"))),
        // Cancelled: it can still be taken back.
        None => (("orders/recall", "Undo"), None),
    };
    let form = |(action, label), look| command_form(step(action), Button::new(label, look), ());
    let question = "The guest is told that the bar cancelled it.";
    view! {
        <div class="actions">
            {form(first, if column.is_some() { "primary" } else { "" })}
            {second.map(|second| form(second, ""))}
            {column.map(|_| confirmed(step("orders/cancel"), "Cancel", question, "Cancel this order"))}
        </div>
    }
}

//! One order on the barista page, with the commands of its step.

use domain::ids::{OrderId, ShopId};
use domain::order::{CancelReason, Step};
use domain::time::Instant;
use domain::view::barista::Card;
use leptos::prelude::*;
use protocol::command::endpoint;

use crate::ui::age::Age;
use crate::ui::badge::ChannelBadge;
use crate::ui::command_form::{Button, FormCommand, command_form};
use crate::ui::content::content;
use crate::ui::cup::Cup;
use crate::words::{BaristaWords, Words};

/// A column of the barista page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoardColumn {
    Incoming,
    Mine,
    Ready,
}

impl BoardColumn {
    /// Name of the column in styles.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incoming => "incoming",
            Self::Mine => "mine",
            Self::Ready => "ready",
        }
    }

    /// Heading of the column.
    pub fn title(self, texts: BaristaWords) -> &'static str {
        match self {
            Self::Incoming => texts.incoming(),
            Self::Mine => texts.mine(),
            Self::Ready => texts.ready(),
        }
    }

    /// Note shown in an empty column.
    pub fn empty(self, texts: BaristaWords) -> &'static str {
        match self {
            Self::Incoming => texts.nothing_incoming(),
            Self::Mine => texts.nothing_mine(),
            Self::Ready => texts.nothing_ready(),
        }
    }
}

/// A card with the values that are not part of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct CardContent {
    pub card: Card,
    /// The name to call out.
    pub name: Option<String>,
    /// Address and label of a page about the order.
    pub link: Option<(String, String)>,
}

impl CardContent {
    /// Key of the card: a change renders the card again.
    pub fn render_key(&self) -> (OrderId, u32, u32, Option<String>, bool) {
        (self.card.order, self.card.version, self.card.number, self.name.clone(), self.link.is_some())
    }
}

/// The card.
#[component]
pub fn OrderCard(
    card: CardContent,
    column: BoardColumn,
    shop: ShopId,
    now: RwSignal<Instant>,
    words: Words,
) -> impl IntoView {
    let texts = words.barista();
    let CardContent { card, name, link } = card;
    let Card { order, number, chosen, since, version, channel, step, aside, called, .. } = card;
    let cancelled = step == Step::Cancelled;
    let label = texts.order(number, &chosen.description());
    let options = Some(chosen.options_description()).filter(|options| !options.is_empty());
    let allergens = (!chosen.allergens.is_none()).then(|| words.shared().contains(&chosen.allergens));
    view! {
        <li class="order-card">
            <article aria-label=label>
                <strong class="number">{number}</strong>
                <h3><Cup icon=chosen.icon/> {content(chosen.name)}</h3>
                {options.map(|options| view! { <p class="picked">{content(options)}</p> })}
                {name.map(|name| view! { <p class="call">{texts.call_for()} " " <strong>{content(name)}</strong></p> })}
                {cancelled.then(|| view! { <p class="cancelled">{texts.cancelled()}</p> })}
                {called.map(|called| view! { <p class="called-again">{texts.was_called(called.times + 1)}</p> })}
                {aside.then(|| view! { <p class="cancelled">{texts.is_set_aside()}</p> })}
                {allergens.map(|allergens| view! { <p class="contains">{allergens}</p> })}
                <p class="aged"><Age since now words/> <ChannelBadge channel words/></p>
                <Actions column=(!cancelled).then_some(column) shop order version aside link texts/>
            </article>
        </li>
    }
}

/// The buttons of a card; `column` is `None` for a cancelled order.
#[component]
fn Actions(
    column: Option<BoardColumn>,
    shop: ShopId,
    order: OrderId,
    version: u32,
    aside: bool,
    link: Option<(String, String)>,
    texts: BaristaWords,
) -> impl IntoView {
    let step = |action| FormCommand::for_version(action, &shop, order, version).by_staff();
    let (first, second) = match column {
        Some(BoardColumn::Incoming) => ((endpoint::CLAIM, texts.make()), None),
        Some(BoardColumn::Mine) => ((endpoint::COMPLETE, texts.ready()), Some((endpoint::RELEASE, texts.put_back()))),
        Some(BoardColumn::Ready) => ((endpoint::COLLECT, texts.collected()), Some((endpoint::RECALL, texts.undo()))),
        // A cancellation can be undone.
        None => ((endpoint::RECALL, texts.undo()), None),
    };
    let form = |(action, label), look| command_form(step(action), Button::new(label, look), ());
    let late = (column == Some(BoardColumn::Ready)).then(|| {
        let aside = (!aside).then(|| form((endpoint::SET_ASIDE, texts.set_aside()), ""));
        (form((endpoint::REMIND, texts.call_again()), ""), aside)
    });
    view! {
        <div class="actions">
            {form(first, if column.is_some() { "primary" } else { "" })}
            {second.map(|second| form(second, ""))}
            {late}
            {column.map(|_| cancel_form(step(endpoint::CANCEL), texts))}
            // The link opens a new tab, so that this page stays live.
            {link.map(|(address, label)| view! { <a class="order-link" href=address target="_blank">{label}</a> })}
        </div>
    }
}

/// Form to cancel an order with a reason. The guest is notified, and statistics count the reasons.
fn cancel_form(command: FormCommand, texts: BaristaWords) -> impl IntoView {
    let reasons = CancelReason::SELECTABLE.map(
        |reason| view! { <option value=reason.as_str().to_owned()>{texts.cancel_reason(reason).to_owned()}</option> },
    );
    let fields = view! {
        <p>{texts.guest_is_told()}</p>
        <label class="field">
            <span>{texts.why()}</span>
            <select name="reason" required>
                <option value="">{texts.choose_a_reason()}</option>
                {reasons.to_vec()}
            </select>
        </label>
    };
    view! {
        <details class="confirm">
            <summary>{texts.cancel()}</summary>
            <div class="confirm-question">
                {command_form(command, Button::new(texts.cancel_this_order(), "danger"), fields)}
            </div>
        </details>
    }
}

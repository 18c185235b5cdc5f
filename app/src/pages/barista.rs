//! Barista page (the tablet behind the bar): incoming orders, own orders and ready orders.

use domain::ids::{ShopId, StaffId};
use domain::limits::MAX_PAUSE_REASON_CHARS;
use domain::order::Step;
use domain::view::barista::{Barista, Card};
use leptos::either::EitherOf3;
use leptos::prelude::*;
use protocol::command::endpoint;
use protocol::frame::Opening;

use crate::live::{PageState, StreamProfile};
use crate::ui::age::update_ages;
use crate::ui::command_form::{Button, FormCommand, clear_errors_on_recovery, command_form, enable_posting};
use crate::ui::connection::ConnectionMark;
use crate::ui::pins;
use crate::ui::text::{inner_text, text};
use crate::words::Words;

pub mod card;

use card::{BoardColumn, CardContent, OrderCard};

/// The page.
#[component]
pub fn BaristaPage(opening: Opening<Barista>) -> impl IntoView {
    let shop = opening.shop.clone();
    let me = opening.me;
    let page = PageState::open(opening, "barista", StreamProfile::BAR_DEVICE);
    enable_posting();
    clear_errors_on_recovery(move || page.read(|view| view.open), page.connection);
    update_ages(page.now, page.words);
    let texts = page.words.barista();
    let others = inner_text(move || {
        let is_with_another = |card: &&Card| card.step == Step::Making && card.barista != me;
        match page.read(|view| view.cards.iter().filter(is_with_another).count()) {
            0 => String::new(),
            others => texts.with_other_baristas(others),
        }
    });
    view! {
        <main class="barista">
            <header class="barista-head">
                <h1 inner_html=inner_text(move || page.read(|view| view.name.clone()))></h1>
                <ConnectionMark connection=page.connection words=page.words/>
                <ShopStatus shop=shop.clone() page/>
                <a class="button" href=format!("/s/{shop}/counter")>{texts.at_the_counter()}</a>
                // Present for every role, since the bundle does not know roles; styles show it to managers.
                <a class="button to-office" href=format!("/s/{shop}/office")>{texts.office()}</a>
            </header>
            <div class="columns">
                <Cards column=BoardColumn::Incoming me shop=shop.clone() page/>
                <Cards column=BoardColumn::Mine me shop=shop.clone() page/>
                <Cards column=BoardColumn::Ready me shop page/>
            </div>
            <p class="others" aria-live="polite" inner_html=others></p>
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

impl ServiceState {
    /// Name of the state in styles.
    fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Closed => "closed",
        }
    }
}

/// The shop's state and the buttons that change it.
#[component]
fn ShopStatus(shop: ShopId, page: PageState<Barista>) -> impl IntoView {
    let (words, texts) = (page.words, page.words.barista());
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
        ServiceState::Open => texts.open(),
        ServiceState::Paused => texts.on_a_break(),
        ServiceState::Closed => texts.closed(),
    };
    view! {
        <div class="doors" data-state=text(move || state.get().as_str().to_owned())>
            <p role="status">{texts.shop_is()} " " <strong inner_html=inner_text(move || word().to_owned())></strong></p>
            // Each state has its own forms: a busy close button must not become a busy open button.
            {move || match state.get() {
                ServiceState::Open => {
                    EitherOf3::A((form(endpoint::CLOSE_STORE, texts.close_shop()), pause_form(&shop, words)))
                }
                ServiceState::Paused => EitherOf3::B((
                    form(endpoint::RESUME_STORE, texts.go_on()),
                    form(endpoint::CLOSE_STORE, texts.close_shop()),
                )),
                ServiceState::Closed => EitherOf3::C(form(endpoint::OPEN_STORE, texts.open_shop())),
            }}
        </div>
    }
}

/// Form to pause the shop: duration and public reason.
fn pause_form(shop: &ShopId, words: Words) -> impl IntoView + use<> {
    let texts = words.barista();
    let minutes = [5, 10, 15, 30]
        .map(|minutes| view! { <option value=minutes.to_string()>{texts.pause_minutes(minutes)}</option> });
    let fields = view! {
        <label class="field">
            <span>{texts.pause_for()}</span>
            <select name="minutes">{minutes.to_vec()}<option value=String::new()>{texts.until_we_go_on().to_owned()}</option></select>
        </label>
        <label class="field">
            <span>{texts.what_people_read()} " " <small>{words.shared().if_you_like()}</small></span>
            <input type="text" name="reason" maxlength=MAX_PAUSE_REASON_CHARS placeholder=texts.pause_reason_example()/>
        </label>
    };
    view! {
        <details class="confirm">
            <summary>{texts.take_a_break()}</summary>
            <div class="confirm-question">
                {command_form(FormCommand::for_shop(endpoint::PAUSE_STORE, shop), Button::new(texts.take_the_break(), "primary"), fields)}
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
    let texts = page.words.barista();
    let cards = Memo::new(move |_| cards());
    let is_open = |content: &&CardContent| content.card.step != Step::Cancelled;
    let count = inner_text(move || cards.with(|cards| cards.iter().filter(is_open).count()).to_string());
    let empty =
        inner_text(move || cards.with(|cards| if cards.is_empty() { column.empty(texts) } else { "" }.to_owned()));
    view! {
        <section class="column" data-column=column.as_str()>
            <h2 tabindex="-1">{column.title(texts)} " " <span class="count" inner_html=count></span></h2>
            <ul>
                <For
                    each=move || cards.get()
                    key=CardContent::render_key
                    children=move |card| view! { <OrderCard card column shop=shop.clone() now=page.now words=page.words/> }
                />
            </ul>
            <p class="rest" inner_html=empty></p>
        </section>
    }
}

/// Renders the HTML document.
#[cfg(feature = "ssr")]
pub fn html(assets: &crate::shell::Assets, words: Words, opening: &Opening<Barista>, is_manager: bool) -> String {
    let head = crate::shell::PageHead::hydrated("barista", &opening.snapshot.view.name, opening).for_staff();
    let head = crate::shell::PageHead { is_manager, ..head };
    let opening = opening.clone();
    crate::shell::document(assets, words, head, move || view! { <BaristaPage opening/> })
}

//! Counter page: walk-in orders and availability. Static, with forms.

use domain::ids::{OrderId, ShopId};
use domain::menu::{Menu, StockItem};
use domain::order::{Channel, Step};
use domain::view::barista::Card;
use leptos::prelude::*;
use protocol::command::endpoint;

use crate::pages::ordering::choosing::{FormTexts, drink_forms};
use crate::pages::ordering::selection::Kept;
use crate::shell::{self, Assets, PageHead};
use crate::ui::command_form::{Button, FormCommand, command_form};
use crate::ui::content::content;
use crate::words::{PageWords, Words};

/// Data of the page.
#[derive(Clone, Debug)]
pub struct Counter {
    pub shop: ShopId,
    /// The shop's name.
    pub name: String,
    pub menu: Menu,
    /// Open orders, by time of submission.
    pub cards: Vec<Card>,
    /// Fresh id for the next walk-in order, which makes a retry idempotent.
    pub order: OrderId,
    /// Shows the link to the office.
    pub is_manager: bool,
}

/// Renders the HTML document.
pub fn html(assets: &Assets, words: Words, counter: &Counter) -> String {
    let texts = words.pages();
    let Counter { shop, name, menu, cards, order, is_manager } = counter.clone();
    shell::document(
        assets,
        words,
        PageHead::static_page("counter", texts.counter_title(&name)).for_staff(),
        move || {
            let walk_in = FormCommand::for_order(endpoint::WALK_IN, &shop, order);
            let office = is_manager.then(|| view! { " · " <a href=format!("/s/{shop}/office")>{texts.office()}</a> });
            view! {
                <main class="counter">
                    <p><a href=format!("/s/{shop}/barista")>{texts.back_to_the_bar()}</a> {office}</p>
                    <h1>{texts.at_the_counter()}</h1>
                    {recent_walk_ins(&cards, texts)}
                    <section aria-labelledby="walk-in">
                        <h2 id="walk-in">{texts.without_a_phone()}</h2>
                        {drink_forms(menu.clone(), &walk_in, Kept::default(), FormTexts { words, button: None }, None)}
                    </section>
                    <section aria-labelledby="out">
                        <h2 id="out">{texts.what_ran_out()}</h2>
                        {availability_forms(&shop, &menu, texts)}
                    </section>
                </main>
            }
        },
    )
}

/// The last three waiting walk-in orders, newest first.
fn recent_walk_ins(cards: &[Card], texts: PageWords) -> impl IntoView + use<> {
    let walk_ins =
        cards.iter().rev().filter(|card| card.channel == Some(Channel::WalkIn) && card.step == Step::Waiting);
    let lines = walk_ins.take(3).map(|card| {
        view! { <li><strong class="number">{card.number}</strong> " " {content(card.chosen.description())}</li> }
    });
    let lines = lines.collect_view();
    (!lines.is_empty()).then(|| view! { <ul class="just-ordered" aria-label=texts.just_ordered()>{lines}</ul> })
}

/// Everything that can run out, each with a button to change its availability.
pub(super) fn availability_forms(shop: &ShopId, menu: &Menu, texts: PageWords) -> impl IntoView + use<> {
    things_by_heading(menu, texts)
        .into_iter()
        .map(|(heading, things)| availability_list(heading, things, shop, menu, texts))
        .collect_view()
}

/// Drinks, options and ingredients, grouped by heading.
fn things_by_heading(menu: &Menu, texts: PageWords) -> Vec<(AnyView, Vec<(StockItem, String)>)> {
    let drinks = menu.drinks.iter().map(|drink| (StockItem::drink(&drink.id), drink.name.clone())).collect();
    let mut all = vec![(texts.drinks().into_any(), drinks)];
    all.extend(menu.groups.iter().map(|group| {
        let options = group.options.iter().filter(|option| option.id != "none");
        let options = options.map(|option| (StockItem::option(&group.id, &option.id), option.name.clone()));
        (content(group.name.clone()).into_any(), options.collect())
    }));
    let of_drinks = menu.drinks.iter().flat_map(|drink| &drink.ingredients);
    let of_options = menu.groups.iter().flat_map(|group| &group.options).flat_map(|option| &option.ingredients);
    let mut ingredients: Vec<_> =
        of_drinks.chain(of_options).map(|id| (StockItem::ingredient(id), id.clone())).collect();
    ingredients.sort();
    ingredients.dedup();
    all.push((texts.ingredients().into_any(), ingredients));
    all.retain(|(_, things)| !things.is_empty());
    all
}

fn availability_list(
    heading: AnyView,
    things: Vec<(StockItem, String)>,
    shop: &ShopId,
    menu: &Menu,
    texts: PageWords,
) -> impl IntoView + use<> {
    let things = things.into_iter().map(|(thing, name)| {
        let is_out = menu.out.contains(&thing);
        // The button repeats the name for screen readers.
        let (state, label, look) =
            if is_out { ("out", texts.there_again(&name), "primary") } else { ("there", texts.ran_out(&name), "") };
        let command = FormCommand::for_shop(endpoint::CHANGE_AVAILABILITY, shop)
            .with("thing", thing.0)
            .with("available", is_out.to_string());
        let what = view! { <bdi data-state=state translate="no">{name}</bdi> };
        view! { <li>{what} {is_out.then(|| texts.is_out())} {command_form(command, Button::new(label, look), ())}</li> }
    });
    view! { <h3>{heading}</h3><ul class="stock">{things.collect_view()}</ul> }
}

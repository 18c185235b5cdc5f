//! HTML page of a guest's own orders. [`super::orders::own_orders`] returns them as JSON.

use std::cmp::Reverse;

use app::pages::history::{History, html};
use axum::extract::Query;
use axum::response::{Html, IntoResponse, Response};
use domain::view::Screen;
use engine::clock::Calendar;
use engine::queries::OrderPage;
use engine::read_model::ReadModel;
use protocol::problem::RequestError;

use crate::web::orders::{ListQuery, map_store_error};
use crate::web::pins::PinnedPage;
use crate::web::shop_context::ShopContext;
use crate::web::{AppState, assets, guard};

/// `GET /s/{shop}/history`. A browser without a guest gets an empty list with instructions.
pub(super) async fn history(page: ShopContext, Query(query): Query<ListQuery>) -> Response {
    let (state, words, read_model) = (page.state(), page.words, &page.read_model);
    let result = async {
        let reader = page.authorize(Screen::Ordering).await?;
        let shop = page.shop().clone();
        let OrderPage { mut orders, next } = match reader.guest() {
            Some(guest) => map_store_error(state.engine.orders_of(&shop, guest, query.pagination()?).await)?,
            None => OrderPage::default(),
        };
        // The list is by the last change. Places that were given up are no drinks.
        orders.retain(|record| record.chosen.is_some() || !record.step.is_end());
        orders.sort_by_key(|record| Reverse(record.began));
        let earlier = next.map(|place| format!("/s/{shop}/history?after={place}"));
        let calendar = calendar(state, read_model);
        let (name, ephemeral) = {
            let pinned = PinnedPage { state, shop: &shop, language: words.language() };
            let read_state = read_model.read();
            (read_state.state.display.name.clone(), reader.ephemeral_values(pinned, &read_state))
        };
        let (now, local_time) = (state.clock.now(), |at| calendar.local_date_time(at));
        let history = History { shop, shop_name: name, orders, earlier, ephemeral, now, local_time: &local_time };
        // The barista stylesheet covers all static pages except guest forms.
        Ok(Html(html(assets::of(Screen::Barista), words, &history)).into_response())
    };
    result.await.unwrap_or_else(|problem: RequestError| guard::page(&problem, None))
}

/// Calendar with the shop's opening hours and the server's time zone.
pub(super) fn calendar(state: &AppState, read_model: &ReadModel) -> Calendar {
    Calendar::new(read_model.read().state.shop.hours(), state.clock.zone())
}

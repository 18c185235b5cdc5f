//! A guest's own orders as a page; as JSON they are asked for beside it, `orders::mine`.

use std::sync::Arc;

use app::pages::history::{History, html};
use app::ui::local_time::LocalDateTime;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Response};
use domain::time::Instant;
use protocol::problem::Problem;

use crate::clock::Calendar;
use crate::engine::queries::Page;
use crate::push::ReadModel;
use crate::web::orders::{Wanted, read};
use crate::web::view::Reader;
use crate::web::{AppState, assets, guard};

/// `GET /s/{shop}/history`; a phone that never ordered reads how one does.
pub(super) async fn history(
    State(state): State<Arc<AppState>>,
    Path(shop): Path<String>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    let answer = async {
        let (room, reader) = Reader::of(&state, &headers, &shop, "ordering").await?;
        let shop = room.shop().clone();
        let Page { orders, next } = match reader.guest() {
            Some(guest) => read(state.engine.orders_of(&shop, guest, wanted.part()?).await)?,
            None => Page::default(),
        };
        let earlier = next.map(|place| format!("/s/{shop}/history?after={place}"));
        let calendar = calendar(&state, &room);
        let (name, asides) = {
            let seen = room.seen();
            (seen.state.display.name.clone(), reader.asides(&state, &seen, &shop))
        };
        let (now, local_time) = (state.clock.now(), |at| on_the_wall(&calendar, at));
        let history = History { shop, shop_name: name, orders, earlier, asides, now, local_time: &local_time };
        // Their styles are the bar's, as those of all plain pages that are no forms of a guest.
        Ok(Html(html(&assets::manifest().barista, &history)).into_response())
    };
    answer.await.unwrap_or_else(|problem: Problem| guard::page(&problem, None))
}

/// The shop's own days and times.
pub(super) fn calendar(state: &AppState, room: &ReadModel) -> Calendar {
    Calendar::of(room.seen().state.shop.hours(), state.clock.zone())
}

pub(super) fn on_the_wall(calendar: &Calendar, at: Instant) -> LocalDateTime {
    let (date, time) = calendar.wall(at);
    LocalDateTime { date, time }
}

//! Errors of the HTTP API for refused commands.

use domain::ids::{OrderId, ShopId};
use domain::refusal::{Refusal, Unavailable};
use domain::time::{Instant, OpeningState};
use engine::CommandError;
use engine::clock::Calendar;
use engine::read_model::ReadModel;
use protocol::problem::{Kind, ProblemFacts, RequestError};

use crate::web::AppState;

/// The error of a command that was not executed.
pub(super) async fn problem(
    state: &AppState,
    shop: &ShopId,
    order: Option<OrderId>,
    error: CommandError,
) -> RequestError {
    let refusal = match error {
        CommandError::Refusal(refusal) => refusal,
        CommandError::IdempotencyKeyReused => return Kind::IdempotencyKeyReused.into(),
        CommandError::Busy => return RequestError::from(Kind::Busy).retry_after(2),
        CommandError::Broken => return Kind::Broken.into(),
    };
    let is_over = match (&refusal, order) {
        // Known to the log, so it is over: that is another no than one for an order that never was.
        (Refusal::UnknownOrder, Some(order)) => state.engine.has_order(shop, order).await,
        _ => false,
    };
    let error = match state.engine.read_model(shop) {
        _ if is_over => Kind::StepIllegal.into(),
        Some(read_model) => self::refusal(state, &read_model, refusal),
        None => refusal.into(),
    };
    error.about(order)
}

/// The error of a refusal, with the facts that the shop has about it.
pub(in crate::web) fn refusal(state: &AppState, read_model: &ReadModel, refusal: Refusal) -> RequestError {
    match refusal {
        Refusal::NoTokensLeft { next } => {
            let seconds = next.seconds_since(state.clock.now()).max(1);
            RequestError::from(refusal).retry_after(seconds)
        }
        Refusal::Unavailable(reason) => unavailable(state, read_model, reason),
        other => other.into(),
    }
}

/// The error of a start that is turned away. Only reasons that pass soon carry `retry_after`.
pub(super) fn unavailable(state: &AppState, read_model: &ReadModel, reason: Unavailable) -> RequestError {
    let error = RequestError::from(Kind::from(reason));
    let (now, read_state) = (state.clock.now(), read_model.read());
    let shop = &read_state.state.shop;
    match reason {
        Unavailable::Closed => {
            let mut calendar = Calendar::new(shop.hours(), state.clock.zone());
            let hours = calendar.now(now).hours;
            let error = error.retry_after(60);
            if hours.state == OpeningState::Closed && hours.until < Instant::NEVER {
                error.with(ProblemFacts::OpensAt(calendar.local_date_time(hours.until)))
            } else {
                error
            }
        }
        Unavailable::Paused => {
            let paused = read_state.state.ordering.bar.paused.clone().unwrap_or_default();
            let seconds = paused.until.map(|until| until.seconds_since(now) + 1);
            let facts = ProblemFacts::Paused { reason: paused.reason, has_end: seconds.is_some() };
            error.with(facts).retry_after(seconds.unwrap_or(60))
        }
        Unavailable::Full => {
            let seconds = shop.capacity_free_by().map_or(30, |at| at.seconds_since(now).max(1));
            error.with(ProblemFacts::FreeWithin { seconds }).retry_after(seconds.min(30))
        }
        Unavailable::Limit => error.with(ProblemFacts::LimitReached { orders: shop.limits().orders_per_guest }),
        Unavailable::NotStarted | Unavailable::Ended => error,
    }
}

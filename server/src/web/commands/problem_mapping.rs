//! Errors of the HTTP API for refused commands.

use domain::ids::{OrderId, ShopId};
use domain::refusal::{Refusal, Unavailable};
use domain::time::Instant;
use engine::CommandError;
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
    let error = match (&refusal, order) {
        (Refusal::NoTokensLeft { next }, _) => {
            let seconds = next.seconds_since(state.clock.now()).max(1);
            RequestError::from(refusal).retry_after(seconds)
        }
        // Known to the log, so it is over: that is another no than one for an order that never was.
        (Refusal::UnknownOrder, Some(order)) if state.engine.has_order(shop, order).await => Kind::StepIllegal.into(),
        _ => refusal.into(),
    };
    error.about(order)
}

/// The error of a start that was recorded and turned away. Only reasons that pass soon carry `retry_after`.
pub(super) fn unavailable(reason: Unavailable, now: Instant, free_by: Option<Instant>) -> RequestError {
    let error = RequestError::from(Kind::from(reason));
    match reason {
        Unavailable::Closed | Unavailable::Paused => error.retry_after(60),
        Unavailable::Full => {
            let seconds = free_by.map_or(30, |at| at.seconds_since(now).max(1));
            error.with(ProblemFacts::FreeWithin { seconds }).retry_after(seconds.min(30))
        }
        Unavailable::Limit | Unavailable::NotStarted | Unavailable::Ended => error,
    }
}

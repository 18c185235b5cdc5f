//! Problem documents for refused commands.

use domain::ids::{OrderId, ShopId};
use domain::refusal::{Refusal, Unavailable};
use domain::time::Instant;
use engine::CommandError;
use protocol::problem::{Kind, Problem};

use crate::web::AppState;

/// The problem of a command that was not executed.
pub(super) async fn problem(state: &AppState, shop: &ShopId, order: Option<OrderId>, error: CommandError) -> Problem {
    let refusal = match error {
        CommandError::Refusal(refusal) => refusal,
        CommandError::IdempotencyKeyReused => return Kind::IdempotencyKeyReused.into(),
        CommandError::Busy => return Problem::from(Kind::Busy).retry_after(2),
        CommandError::Broken => return Kind::Broken.into(),
    };
    let problem = Problem::from(Kind::from(&refusal)).about(order);
    match (refusal, order) {
        (Refusal::NoTokensLeft { next }, _) => problem.retry_after(next.seconds_since(state.clock.now()).max(1)),
        // Known to the log, so it is over: that is another no than one for an order that never was.
        (Refusal::UnknownOrder, Some(order)) if state.engine.has_order(shop, order).await => {
            Problem::from(Kind::StepIllegal).about(Some(order))
        }
        (
            refusal @ (Refusal::LimitOutOfRange { .. }
            | Refusal::InvalidMenu { .. }
            | Refusal::InvalidHours(_)
            | Refusal::OptionCountOutOfRange { .. }),
            _,
        ) => Problem { detail: sentence(&refusal), ..problem },
        (Refusal::SoldOut { what }, _) => Problem { title: format!("{what} is sold out"), ..problem },
        _ => problem,
    }
}

/// The problem of a start that was recorded and turned away. Only reasons that pass soon carry `retry_after`.
pub(super) fn unavailable(reason: Unavailable, now: Instant, free_by: Option<Instant>) -> Problem {
    let problem = Problem::from(Kind::from(reason));
    match reason {
        Unavailable::Closed | Unavailable::Paused => problem.retry_after(60),
        Unavailable::Full => {
            let seconds = free_by.map_or(30, |at| at.seconds_since(now).max(1));
            let within = match seconds.div_ceil(60) {
                1 => "a minute".to_owned(),
                minutes => format!("{minutes} minutes"),
            };
            let detail = format!("A place comes free within {within}, or sooner: try again.");
            Problem { detail, ..problem }.retry_after(seconds.min(30))
        }
        Unavailable::Limit | Unavailable::NotStarted | Unavailable::Ended => problem,
    }
}

/// The refusal as a sentence for the `detail` of a problem.
pub(super) fn sentence(refusal: &Refusal) -> String {
    format!("{refusal}.")
}

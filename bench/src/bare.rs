//! HTTP baseline: a server that reads and answers the requests of the robots, and does nothing else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering as Atomic};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use domain::answer::Answer;
use domain::ids::OrderId;
use domain::order::Step;
use domain::time::Instant;
use domain::view::ordering::{Ordering, ShopState};
use protocol::frame::Snapshot;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::BenchResult;
use crate::workload;

/// A well-formed token; it is not checked.
pub(crate) const TOKEN: &str = "ct_AAAAAAAAAAAAAAAAAAAAAA";

/// The running server; dropping it stops it.
#[derive(Debug)]
pub(crate) struct BareServer {
    pub addr: SocketAddr,
    serving: JoinHandle<std::io::Result<()>>,
}

impl BareServer {
    pub(crate) async fn serve() -> BenchResult<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let addr = listener.local_addr()?;
        let listener = listener.tap_io(|connection| {
            let _ = connection.set_nodelay(true);
        });
        let routes = Router::new()
            .route("/s/demo/view/ordering", get(ordering))
            .route("/api/orders/{act}", post(answer))
            .with_state(Arc::default());
        let serving = tokio::spawn(axum::serve(listener, routes).into_future());
        Ok(Self { addr, serving })
    }
}

impl Drop for BareServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The ordering view, which robots read before they order.
async fn ordering() -> Json<Snapshot<Ordering>> {
    let (name, menu) = workload::demo();
    let bar = ShopState { name, open: true, menu, ..ShopState::default() };
    let view = Ordering { bar, orders: Vec::new() };
    Json(Snapshot { cursor: String::new(), now: Instant(0), topics: [].into(), view })
}

/// A response as long as the real one.
async fn answer(State(numbers): State<Arc<AtomicU32>>, _form: Bytes) -> impl IntoResponse {
    let number = Some(numbers.fetch_add(1, Atomic::Relaxed));
    let order = Some(OrderId(Uuid::nil()));
    let answer = Answer { order, step: Some(Step::Waiting), number, version: Some(1), unavailable: None };
    let text = serde_json::to_string(&answer).expect("answers have string keys only");
    ([(header::CONTENT_TYPE, "application/json")], text)
}

//! The bus: it brings what happens to the extensions of the house, and what they say and show back. The engine knows
//! nothing of it.

mod feed;
mod housed;
mod life;
mod voice;
mod worker;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use domain::extension::sheet::Sheet;
use domain::extension::{self, Card};
use domain::ids::{OrderId, ShopId};
use domain::redact::{Audience, redact};
use domain::time::{Day, Instant};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::bus::feed::Feed;
use crate::bus::housed::Housed;
pub use crate::bus::housed::Standing;
use crate::clock::Clock;
use crate::engine::Engine;
use crate::push::Room;

/// The extensions of this program, at work.
pub struct Bus {
    housed: Vec<Arc<Housed>>,
    engine: Arc<Engine>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Who asks an extension for a page.
pub struct Asked {
    pub path: String,
    pub audience: Audience,
    pub now: Instant,
    pub today: Day,
}

/// Why there is no page just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the extension does not answer")]
pub struct Silent;

impl Bus {
    /// Has each extension hear every shop where it is on, and every shop to come.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn start(engine: &Arc<Engine>, clock: &Arc<dyn Clock>, cards: Vec<Card>) -> std::io::Result<Self> {
        let housed = cards.into_iter().map(|card| Housed::new(card).map(Arc::new)).collect::<Result<_, _>>()?;
        let bus =
            Self { housed, engine: Arc::clone(engine), stop: CancellationToken::new(), tasks: TaskTracker::new() };
        if !bus.housed.is_empty() {
            bus.tasks.spawn(bus.greet(Arc::clone(clock)));
        }
        Ok(bus)
    }

    /// Follows every shop there is, and every one that is opened.
    fn greet(&self, clock: Arc<dyn Clock>) -> impl Future<Output = ()> + Send + use<> {
        let (housed, engine) = (self.housed.clone(), Arc::clone(&self.engine));
        let (stop, tasks) = (self.stop.clone(), self.tasks.clone());
        async move {
            let mut opened = engine.opened();
            let mut followed: HashSet<ShopId> = HashSet::new();
            loop {
                for room in engine.rooms() {
                    if !followed.insert(room.shop().clone()) {
                        continue;
                    }
                    for housed in &housed {
                        let (housed, room, engine) = (Arc::clone(housed), Arc::clone(&room), Arc::clone(&engine));
                        let feed = Feed { housed, room, engine, clock: Arc::clone(&clock), stop: stop.clone() };
                        tasks.spawn(feed.follow());
                    }
                }
                tokio::select! {
                    told = opened.changed() => if told.is_err() { return },
                    () = stop.cancelled() => return,
                }
            }
        }
    }

    /// The extension of that name.
    pub fn knows(&self, name: &str) -> bool {
        self.housed.iter().any(|housed| housed.card.name == name)
    }

    /// The extension that is found under this name in addresses, if it is on in the shop.
    pub fn card(&self, room: &Room, slug: &str) -> Option<&Card> {
        let card = &self.housed(slug)?.card;
        room.seen().state.shop.hears(card.name).then_some(card)
    }

    /// All there are, and how each is doing in a shop.
    pub fn standing(&self, shop: &ShopId) -> impl Iterator<Item = (&Card, Standing, bool)> {
        self.housed.iter().map(|housed| (&housed.card, housed.standing(shop), housed.worker().is_some()))
    }

    /// Asks an extension for a page.
    ///
    /// # Errors
    /// It does not answer: it begins just now, hangs, or fell.
    pub async fn sheet(&self, shop: &ShopId, slug: &str, asked: Asked) -> Result<Option<Sheet>, Silent> {
        let worker = self.housed(slug).and_then(|housed| housed.worker()).ok_or(Silent)?;
        let (engine, runtime, of) = (Arc::clone(&self.engine), tokio::runtime::Handle::current(), shop.clone());
        let answer = worker.spare(shop, move |slot| {
            let story = |order: OrderId| {
                let found = runtime.block_on(engine.order(&of, order)).ok().flatten();
                let events = found.map(|(_, events)| events).unwrap_or_default();
                let seen = events.iter().filter_map(|recorded| redact(recorded, asked.audience));
                seen.map(std::borrow::Cow::into_owned).collect()
            };
            let Asked { path, now, today, .. } = &asked;
            let asked = extension::Asked { shop: &of, path, now: *now, today: *today, story: &story };
            let extension = slot.get()?;
            // A page changes nothing: what it falls over costs the page alone.
            catch_unwind(AssertUnwindSafe(|| extension.view(&asked))).ok()
        });
        answer.await.flatten().ok_or(Silent)
    }

    /// Tells nobody anything any more, and writes down how far each has heard.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn housed(&self, slug: &str) -> Option<&Arc<Housed>> {
        self.housed.iter().find(|housed| housed.card.slug() == slug)
    }
}

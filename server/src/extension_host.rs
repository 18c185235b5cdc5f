//! The bus: it brings what happens to the extensions of the house, and what they say and show back. The engine knows
//! nothing of it.

mod emission;
mod feed;
mod hosted_extension;
mod run;
mod worker;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use domain::extension::sheet::Sheet;
use domain::extension::{self, Manifest};
use domain::ids::{OrderId, ShopId};
use domain::redact::{Audience, redact};
use domain::time::{Day, Instant};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::engine::Engine;
use crate::extension_host::feed::Feed;
use crate::extension_host::hosted_extension::HostedExtension;
pub use crate::extension_host::hosted_extension::Standing;
use crate::push::ReadModel;

/// The extensions of this program, at work.
pub struct ExtensionHost {
    hosted_extension: Vec<Arc<HostedExtension>>,
    engine: Arc<Engine>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Who asks an extension for a page.
pub struct PageRequest {
    pub path: String,
    pub audience: Audience,
    pub now: Instant,
    pub today: Day,
}

/// Why there is no page just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the extension does not answer")]
pub struct Silent;

impl ExtensionHost {
    /// Has each extension hear every shop where it is on, and every shop to come.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn start(engine: &Arc<Engine>, clock: &Arc<dyn Clock>, manifests: Vec<Manifest>) -> std::io::Result<Self> {
        let hosted_extension = manifests
            .into_iter()
            .map(|manifest| HostedExtension::new(manifest).map(Arc::new))
            .collect::<Result<_, _>>()?;
        let extension_host = Self {
            hosted_extension,
            engine: Arc::clone(engine),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        if !extension_host.hosted_extension.is_empty() {
            extension_host.tasks.spawn(extension_host.greet(Arc::clone(clock)));
        }
        Ok(extension_host)
    }

    /// Follows every shop there is, and every one that is opened.
    fn greet(&self, clock: Arc<dyn Clock>) -> impl Future<Output = ()> + Send + use<> {
        let (hosted_extension, engine) = (self.hosted_extension.clone(), Arc::clone(&self.engine));
        let (stop, tasks) = (self.stop.clone(), self.tasks.clone());
        async move {
            let mut opened = engine.opened();
            let mut followed: HashSet<ShopId> = HashSet::new();
            loop {
                for room in engine.rooms() {
                    if !followed.insert(room.shop().clone()) {
                        continue;
                    }
                    for hosted_extension in &hosted_extension {
                        let (hosted_extension, room, engine) =
                            (Arc::clone(hosted_extension), Arc::clone(&room), Arc::clone(&engine));
                        let feed =
                            Feed { hosted_extension, room, engine, clock: Arc::clone(&clock), stop: stop.clone() };
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
        self.hosted_extension.iter().any(|hosted_extension| hosted_extension.manifest.name == name)
    }

    /// The extension that is found under this name in addresses, if it is on in the shop.
    pub fn manifest(&self, room: &ReadModel, slug: &str) -> Option<&Manifest> {
        let manifest = &self.hosted_extension(slug)?.manifest;
        room.seen().state.shop.hears(manifest.name).then_some(manifest)
    }

    /// All there are, and how each is doing in a shop.
    pub fn standing(&self, shop: &ShopId) -> impl Iterator<Item = (&Manifest, Standing, bool)> {
        self.hosted_extension.iter().map(|hosted_extension| {
            (&hosted_extension.manifest, hosted_extension.standing(shop), hosted_extension.worker().is_some())
        })
    }

    /// Asks an extension for a page.
    ///
    /// # Errors
    /// It does not answer: it begins just now, hangs, or fell.
    pub async fn sheet(&self, shop: &ShopId, slug: &str, asked: PageRequest) -> Result<Option<Sheet>, Silent> {
        let worker =
            self.hosted_extension(slug).and_then(|hosted_extension| hosted_extension.worker()).ok_or(Silent)?;
        let (engine, runtime, of) = (Arc::clone(&self.engine), tokio::runtime::Handle::current(), shop.clone());
        let answer = worker.spare(shop, move |slot| {
            let story = |order: OrderId| {
                let found = runtime.block_on(engine.order(&of, order)).ok().flatten();
                let events = found.map(|(_, events)| events).unwrap_or_default();
                let seen = events.iter().filter_map(|recorded| redact(recorded, asked.audience));
                seen.map(std::borrow::Cow::into_owned).collect()
            };
            let PageRequest { path, now, today, .. } = &asked;
            let asked = extension::SheetRequest { shop: &of, path, now: *now, today: *today, story: &story };
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

    fn hosted_extension(&self, slug: &str) -> Option<&Arc<HostedExtension>> {
        self.hosted_extension.iter().find(|hosted_extension| hosted_extension.manifest.slug() == slug)
    }
}

//! Host of the built-in extensions: delivers events to them, records their emissions and serves their pages.
//! The engine does not depend on it.

mod emission;
mod feed;
mod feed_context;
mod hosted_extension;
mod run;
mod worker;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use domain::extension::pin::PinLabel;
use domain::extension::sheet::Sheet;
use domain::extension::{self, Manifest};
use domain::ids::{OrderId, ShopId};
use domain::language::Language;
use domain::redact::{Audience, redact};
use domain::time::{Day, Instant};
use engine::Engine;
use engine::clock::Clock;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::feed_context::FeedContext;
pub use crate::hosted_extension::ExtensionStatus;
use crate::hosted_extension::HostedExtension;
use engine::read_model::ReadModel;

/// The running extensions of this process.
pub struct ExtensionHost {
    extensions: Vec<Arc<HostedExtension>>,
    engine: Arc<Engine>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Parameters of an extension page.
pub struct PageRequest {
    /// Path below the extension's base address. Empty for its first page.
    pub path: String,
    pub audience: Audience,
    pub language: Language,
    pub now: Instant,
    pub today: Day,
}

/// The extension is starting, overloaded, hanging or failed, so it returned no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the extension is unavailable")]
pub struct ExtensionUnavailable;

impl ExtensionHost {
    /// Starts one worker thread per extension and one feed per extension and shop, including shops opened later.
    ///
    /// # Errors
    /// The operating system cannot start a thread.
    pub fn start(engine: &Arc<Engine>, clock: &Arc<dyn Clock>, manifests: Vec<Manifest>) -> std::io::Result<Self> {
        let extensions = manifests
            .into_iter()
            .map(|manifest| HostedExtension::new(manifest).map(Arc::new))
            .collect::<Result<_, _>>()?;
        let host =
            Self { extensions, engine: Arc::clone(engine), stop: CancellationToken::new(), tasks: TaskTracker::new() };
        if !host.extensions.is_empty() {
            host.tasks.spawn(host.spawn_feeds(Arc::clone(clock)));
        }
        Ok(host)
    }

    /// Starts the feeds of all open shops, and of each shop that opens later.
    fn spawn_feeds(&self, clock: Arc<dyn Clock>) -> impl Future<Output = ()> + Send + use<> {
        let (extensions, engine) = (self.extensions.clone(), Arc::clone(&self.engine));
        let (stop, tasks) = (self.stop.clone(), self.tasks.clone());
        async move {
            let mut opened = engine.watch_opened_shops();
            let mut started: HashSet<ShopId> = HashSet::new();
            loop {
                for read_model in engine.read_models() {
                    if !started.insert(read_model.shop().clone()) {
                        continue;
                    }
                    for hosted_extension in &extensions {
                        let (hosted_extension, read_model, engine) =
                            (Arc::clone(hosted_extension), Arc::clone(&read_model), Arc::clone(&engine));
                        let feed = FeedContext {
                            hosted_extension,
                            read_model,
                            engine,
                            clock: Arc::clone(&clock),
                            stop: stop.clone(),
                        };
                        tasks.spawn(feed.run());
                    }
                }
                tokio::select! {
                    changed = opened.changed() => if changed.is_err() { return },
                    () = stop.cancelled() => return,
                }
            }
        }
    }

    /// Whether an extension with this name exists.
    pub fn has_extension(&self, name: &str) -> bool {
        self.find_by_name(name).is_some()
    }

    /// The label of a pin as screens show it. An extension that this program does not have has no words: its keys are
    /// shown.
    pub fn pin_label(&self, extension: &str, label: &PinLabel, language: Language) -> String {
        match (self.find_by_name(extension), label) {
            (Some(hosted_extension), label) => hosted_extension.manifest.pin_label(language, label),
            (None, PinLabel::Key(text) | PinLabel::Name(text) | PinLabel::English(text)) => text.clone(),
        }
    }

    /// The manifest of the extension with this slug. `None` if it is unknown or switched off in the shop.
    pub fn manifest(&self, read_model: &ReadModel, slug: &str) -> Option<&Manifest> {
        let manifest = &self.find_by_slug(slug)?.manifest;
        read_model.read().state.shop.is_extension_on(manifest.name).then_some(manifest)
    }

    /// All extensions with their status in a shop. The flag is false if the extension has no worker left.
    pub fn statuses(&self, shop: &ShopId) -> impl Iterator<Item = (&Manifest, ExtensionStatus, bool)> {
        self.extensions.iter().map(|hosted_extension| {
            (&hosted_extension.manifest, hosted_extension.status(shop), hosted_extension.worker().is_some())
        })
    }

    /// Renders a page of an extension. `None` if the extension has no page at this path.
    ///
    /// # Errors
    /// The extension is unknown, starting, overloaded, hanging or failed.
    pub async fn sheet(
        &self,
        shop: &ShopId,
        slug: &str,
        request: PageRequest,
    ) -> Result<Option<Sheet>, ExtensionUnavailable> {
        let worker = self
            .find_by_slug(slug)
            .and_then(|hosted_extension| hosted_extension.worker())
            .ok_or(ExtensionUnavailable)?;
        let (engine, runtime, shop_id) = (Arc::clone(&self.engine), tokio::runtime::Handle::current(), shop.clone());
        let reply = worker.try_call(shop, move |slot| {
            let story = |order: OrderId| {
                let order_events = runtime.block_on(engine.find_order(&shop_id, order)).ok().flatten();
                let events = order_events.map(|(_, events)| events).unwrap_or_default();
                let visible = events.iter().filter_map(|recorded| redact(recorded, request.audience));
                visible.map(std::borrow::Cow::into_owned).collect()
            };
            let PageRequest { path, language, now, today, .. } = &request;
            let (language, now, today) = (*language, *now, *today);
            let request = extension::SheetRequest { shop: &shop_id, path, language, now, today, order_events: &story };
            let extension = slot.get()?;
            // `view` takes `&self`, so the instance stays usable after a panic.
            catch_unwind(AssertUnwindSafe(|| extension.view(&request))).ok()
        });
        reply.await.flatten().ok_or(ExtensionUnavailable)
    }

    /// Stops all feeds and saves their bookmarks.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn find_by_name(&self, name: &str) -> Option<&Arc<HostedExtension>> {
        self.extensions.iter().find(|hosted_extension| hosted_extension.manifest.name == name)
    }

    fn find_by_slug(&self, slug: &str) -> Option<&Arc<HostedExtension>> {
        self.extensions.iter().find(|hosted_extension| hosted_extension.manifest.slug() == slug)
    }
}

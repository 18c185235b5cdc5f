//! A server for one test, with its own port, data folder and clock.

pub(crate) mod browser;
pub(crate) mod page;
pub(crate) mod reader;
pub(crate) mod request;
pub(crate) mod trial;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use app::frame::{Code, Opening};
use domain::access::{Actor, Role};
use domain::command::StoreCommand;
use domain::event::Recorded;
use domain::extension::Manifest;
use domain::hours::Hours;
use domain::ids::{OrderId, ShopId};
use domain::limits::Limits;
use domain::menu::Menu;
use domain::time::Instant;
use domain::view::display::Display;
use server::clock::{Clock, HandSet};
use server::config::{Seed, Settings, StoreUrl};
use server::control::{PassKind, Request};
use server::engine::{CommandRequest, Engine};
use server::identity::keys::Keys;
use server::identity::secret::Secret;
use server::store::opened::Opened;
use server::store::sqlite::Sqlite;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) use self::browser::Browser;
pub(crate) use self::reader::Reader;

/// Upper limit for every wait. A wait that reaches it is a failure.
const PATIENCE: Duration = Duration::from_secs(30);

/// Start time of the test clock. A code window begins at this instant.
pub(crate) const MORNING: &str = "2026-11-21T10:00:00.000Z";

/// Awaits `future` and panics after `WAIT_TIMEOUT`.
pub(crate) async fn soon<T>(what: &str, coming: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, coming).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

pub(crate) fn demo() -> ShopId {
    "demo".parse().unwrap()
}

pub(crate) fn new_order() -> OrderId {
    OrderId(Uuid::now_v7())
}

/// A temporary folder. Dropping it deletes it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("crema-api-{}", Uuid::now_v7()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Reads the log of the demo shop from a data folder.
pub(crate) async fn log_in(data: &Path) -> Vec<Recorded> {
    log_of(data, None).await
}

async fn log_of(data: &Path, store: Option<&StoreUrl>) -> Vec<Recorded> {
    let store = Opened::open(data, store).await.unwrap();
    let log = store.port().events_after(&demo(), 0, 100_000).await.unwrap();
    store.close().await.unwrap();
    log
}

/// The state that outlives a server: data folder, external database if any, and clock.
pub(crate) struct Premises {
    pub(crate) folder: Folder,
    pub(crate) store: Option<StoreUrl>,
    pub(crate) clock: Arc<HandSet>,
}

impl Premises {
    pub(crate) fn new() -> Self {
        Self { folder: Folder::new(), store: None, clock: Arc::new(HandSet::new(MORNING.parse().unwrap())) }
    }

    /// Keeps the log in the database at `store`.
    pub(crate) fn with_log_in(store: StoreUrl) -> Self {
        Self { store: Some(store), ..Self::new() }
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            addr: ([127, 0, 0, 1], 0).into(),
            data: self.folder.path().to_owned(),
            store: self.store.clone(),
            seed: Seed::Demo,
            public_url: None,
            log: "off".to_owned(),
        }
    }

    /// Reads the log of the demo shop directly from the store.
    pub(crate) async fn log(&self) -> Vec<Recorded> {
        log_of(self.folder.path(), self.store.as_ref()).await
    }

    /// Adds shops with a default menu and default limits.
    pub(crate) async fn found(&self, names: &[&str]) {
        self.found_with(names.iter().map(|name| (*name, Menu::default(), Limits::default()))).await;
    }

    /// Adds shops with the given menus and limits.
    pub(crate) async fn found_with(&self, shops: impl IntoIterator<Item = (&str, Menu, Limits)>) {
        let data = self.folder.path();
        let store = Sqlite::open(&data.join("crema.db")).await.unwrap();
        let keys = Arc::new(Keys::open(data).unwrap());
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let engine = Engine::start(Arc::new(store.clone()), clock, keys).await.unwrap();
        for (name, menu, limits) in shops {
            let shop: ShopId = name.parse().unwrap();
            engine.open(&shop, None).await.unwrap();
            let name = name.to_owned();
            let command = StoreCommand::Make { name, menu, limits, hours: Hours::default() }.into();
            let asked = CommandRequest { who: Actor::System, command, key: None, name: None };
            engine.ask(&shop, asked).await.unwrap().unwrap();
        }
        engine.stop().await;
        store.close().await.unwrap();
    }

    pub(crate) async fn open(self) -> Bar {
        self.open_with(Vec::new()).await
    }

    /// Starts a server with these extensions.
    pub(crate) async fn open_with(self, extensions: Vec<Manifest>) -> Bar {
        // The executor is global: another test of this process may have set it already.
        let _ = any_spawner::Executor::init_tokio();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let bar = server::Bar::open(&self.settings(), clock, extensions).await.unwrap();
        let link = bar.link(&demo(), Role::Display).await.unwrap();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(bar.serve(listener, stop.clone()));
        let screen = Browser::new(addr);
        screen.enter(&link.reveal()).await;
        Bar { premises: self, addr, screen, stop, serving }
    }
}

pub(crate) struct Bar {
    pub(crate) premises: Premises,
    pub(crate) addr: SocketAddr,
    /// A browser that is signed in as the display.
    pub(crate) screen: Browser,
    pub(crate) stop: CancellationToken,
    serving: JoinHandle<Result<(), server::Error>>,
}

impl Bar {
    /// Starts a server with the demo shop at `MORNING`.
    pub(crate) async fn open() -> Self {
        Premises::new().open().await
    }

    /// Stops the server gracefully.
    pub(crate) async fn close(self) -> Premises {
        self.stop.cancel();
        soon("the end of the server", self.serving).await.unwrap().unwrap();
        self.premises
    }

    /// A browser without cookies.
    pub(crate) fn stranger(&self) -> Browser {
        Browser::new(self.addr)
    }

    /// A guest's browser that has opened the current code and has not started an order.
    pub(crate) async fn guest(&self) -> Browser {
        let phone = self.stranger();
        phone.scan(&self.code().await).await;
        phone
    }

    pub(crate) async fn staff(&self, role: Role) -> Browser {
        let browser = self.stranger();
        browser.enter(&self.link(role).await).await;
        browser
    }

    pub(crate) async fn barista(&self) -> Browser {
        self.staff(Role::Barista).await
    }

    /// A client with a bearer token.
    pub(crate) async fn script(&self, shop: &str, role: Role) -> Browser {
        Browser::with_key(self.addr, self.pass(PassKind::Token, shop, role).await)
    }

    pub(crate) async fn link(&self, role: Role) -> String {
        self.link_to("demo", role).await
    }

    pub(crate) async fn link_to(&self, shop: &str, role: Role) -> String {
        self.pass(PassKind::Link, shop, role).await
    }

    /// Issues a token or a link as `crema token` and `crema link` do.
    async fn pass(&self, make: PassKind, shop: &str, role: Role) -> String {
        let request = Request { make, shop: shop.parse().unwrap(), role };
        let secret: Secret =
            server::pass(&self.premises.settings(), &request, &*self.premises.clock).await.unwrap().secret;
        secret.reveal()
    }

    /// Loads the display page and returns its embedded data.
    pub(crate) async fn shown(&self) -> Opening<Display> {
        self.screen.get("/s/demo/display").await.page().opening()
    }

    pub(crate) async fn code_now(&self) -> Code {
        self.shown().await.asides.code.unwrap()
    }

    /// The code in the address of the QR code on the display.
    pub(crate) async fn code(&self) -> String {
        self.code_now().await.url.rsplit_once("/q/").unwrap().1.to_owned()
    }

    /// The position of the last event in the log.
    pub(crate) async fn position(&self) -> u64 {
        position_of(&self.shown().await.snapshot.cursor)
    }

    pub(crate) fn later(&self, seconds: u64) {
        self.premises.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn now(&self) -> Instant {
        self.premises.clock.now()
    }
}

/// The position in `epoch.position.tag`.
pub(crate) fn position_of(cursor: &str) -> u64 {
    cursor.split('.').nth(1).unwrap().parse().unwrap()
}

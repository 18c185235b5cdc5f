//! A server for one test, with its own port, data folder and clock.

pub(crate) mod browser;
pub(crate) mod live_page;
pub(crate) mod page;
pub(crate) mod request;
pub(crate) mod test_extensions;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

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
use engine::clock::{Clock, ManualClock};
use engine::store::Store as _;
use engine::{CommandRequest, Engine};
use protocol::frame::{Code, Opening};
use server::config::Settings;
use server::control::{PassKind, PassRequest};
use server::identity::keys::KeyFolder;
use server::identity::secret::Secret;
use store::AnyStore;
use store::Sqlite;
use store::StoreUrl;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) use self::browser::Browser;
pub(crate) use self::live_page::LivePage;

/// Upper limit for every wait. A wait that reaches it is a failure.
const WAIT_TIMEOUT: Duration = Duration::from_secs(30);

/// Start time of the test clock. A code window begins at this instant.
pub(crate) const MORNING: &str = "2026-11-21T10:00:00.000Z";

/// Awaits `future` and panics after `WAIT_TIMEOUT`.
pub(crate) async fn within_timeout<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(WAIT_TIMEOUT, future).await.unwrap_or_else(|_| panic!("timed out waiting for {what}"))
}

pub(crate) fn demo() -> ShopId {
    "demo".parse().unwrap()
}

pub(crate) fn new_order() -> OrderId {
    OrderId(Uuid::now_v7())
}

/// A temporary folder. Dropping it deletes it.
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    pub(crate) fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("crema-api-{}", Uuid::now_v7()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Reads the log of the demo shop from a data folder.
pub(crate) async fn read_demo_log(data: &Path) -> Vec<Recorded> {
    read_log(data, None).await
}

async fn read_log(data: &Path, store: Option<&StoreUrl>) -> Vec<Recorded> {
    let store = AnyStore::open(data, store).await.unwrap();
    let log = store.port().events_after(&demo(), 0, 100_000).await.unwrap();
    store.close().await.unwrap();
    log
}

/// The state that outlives a server: data folder, external database if any, and clock.
pub(crate) struct TestInstallation {
    pub(crate) folder: TempDir,
    pub(crate) store: Option<StoreUrl>,
    pub(crate) clock: Arc<ManualClock>,
    settings: Settings,
}

impl TestInstallation {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::new(MORNING.parse().unwrap()));
        Self { folder: TempDir::new(), store: None, clock, settings: Settings::default() }
    }

    /// Serves with these settings, apart from its address, data folder and store.
    pub(crate) fn with_settings(settings: Settings) -> Self {
        Self { settings, ..Self::new() }
    }

    /// Serves under a public URL.
    pub(crate) fn with_public_url(url: &str) -> Self {
        Self::with_settings(Settings { public_url: Some(url.parse().unwrap()), ..Settings::default() })
    }

    /// Keeps the log in the database at `store`.
    pub(crate) fn with_store(store: StoreUrl) -> Self {
        Self { store: Some(store), ..Self::new() }
    }

    /// Answers `?lang=x-pseudo`.
    pub(crate) fn with_pseudo_locale() -> Self {
        Self::with_settings(Settings { pseudo_locale: true, ..Settings::default() })
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            addr: ([127, 0, 0, 1], 0).into(),
            data: self.folder.path().to_owned(),
            store: self.store.clone(),
            ..self.settings.clone()
        }
    }

    /// Executes statements in the database, beside the server.
    pub(crate) async fn execute_sql(&self, text: &'static str) {
        let store = AnyStore::open(self.folder.path(), self.store.as_ref()).await.unwrap();
        match &store {
            AnyStore::Sqlite(store) => sqlx::raw_sql(text).execute(store.pool()).await.map(drop).unwrap(),
            AnyStore::Postgres(store) => sqlx::raw_sql(text).execute(store.pool()).await.map(drop).unwrap(),
        }
    }

    /// Reads the log of the demo shop directly from the store.
    pub(crate) async fn log(&self) -> Vec<Recorded> {
        read_log(self.folder.path(), self.store.as_ref()).await
    }

    /// Adds shops with a default menu and default limits.
    pub(crate) async fn add_shops(&self, names: &[&str]) {
        self.add_shops_with(names.iter().map(|name| (*name, Menu::default(), Limits::default()))).await;
    }

    /// Adds shops with the given menus and limits.
    pub(crate) async fn add_shops_with(&self, shops: impl IntoIterator<Item = (&str, Menu, Limits)>) {
        let create = |(name, menu, limits): (&str, Menu, Limits)| {
            let shop = name.parse().unwrap();
            (shop, StoreCommand::Create { name: name.to_owned(), menu, limits, hours: Hours::default() })
        };
        self.execute(shops.into_iter().map(create)).await;
    }

    /// Executes commands of the system while no server runs.
    pub(crate) async fn execute(&self, commands: impl IntoIterator<Item = (ShopId, StoreCommand)>) {
        let data = self.folder.path();
        let store = Sqlite::open(&data.join("crema.db")).await.unwrap();
        let keys = Arc::new(KeyFolder::open(data).unwrap());
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let engine = Engine::start(Arc::new(store.clone()), clock, keys).await.unwrap();
        let heads = store.heads().await.unwrap();
        for (shop, command) in commands {
            let head = heads.iter().find(|head| head.shop == shop);
            engine.open(&shop, head).await.unwrap();
            let command = command.into();
            let request = CommandRequest { actor: Actor::System, command, idempotency_key: None, name: None };
            engine.execute(&shop, request).await.unwrap().unwrap();
        }
        engine.stop().await;
        store.close().await.unwrap();
    }

    pub(crate) async fn start(self) -> TestServer {
        self.start_with(Vec::new()).await
    }

    /// Starts a server with these extensions.
    pub(crate) async fn start_with(self, extensions: Vec<Manifest>) -> TestServer {
        // The executor is global: another test of this process may have set it already.
        let _ = any_spawner::Executor::init_tokio();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let app = server::Server::open(&self.settings(), clock, extensions).await.unwrap();
        let link = app.link(&demo(), Role::Display).await.unwrap();
        let stop = CancellationToken::new();
        let task = tokio::spawn(app.serve(listener, stop.clone()));
        let display = Browser::new(addr);
        display.redeem_link(&link.reveal()).await;
        TestServer { installation: self, addr, display, stop, task }
    }
}

pub(crate) struct TestServer {
    pub(crate) installation: TestInstallation,
    pub(crate) addr: SocketAddr,
    /// A browser that is signed in as the display.
    pub(crate) display: Browser,
    pub(crate) stop: CancellationToken,
    task: JoinHandle<Result<(), server::Error>>,
}

impl TestServer {
    /// Starts a server with the demo shop at `MORNING`.
    pub(crate) async fn start() -> Self {
        TestInstallation::new().start().await
    }

    /// Stops the server gracefully.
    pub(crate) async fn stop(self) -> TestInstallation {
        self.stop.cancel();
        within_timeout("server stop", self.task).await.unwrap().unwrap();
        self.installation
    }

    /// Sends these bytes on a connection of their own and returns what the server answers until it closes.
    pub(crate) async fn send_raw(&self, bytes: &[u8]) -> String {
        let mut connection = TcpStream::connect(self.addr).await.unwrap();
        connection.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        within_timeout("the end of the connection", connection.read_to_end(&mut answer)).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    /// A browser without cookies.
    pub(crate) fn new_browser(&self) -> Browser {
        Browser::new(self.addr)
    }

    /// A guest's browser that has opened the current code and has not started an order.
    pub(crate) async fn guest(&self) -> Browser {
        let phone = self.new_browser();
        phone.scan(&self.qr_code().await).await;
        phone
    }

    pub(crate) async fn staff(&self, role: Role) -> Browser {
        let browser = self.new_browser();
        browser.redeem_link(&self.link(role).await).await;
        browser
    }

    pub(crate) async fn barista(&self) -> Browser {
        self.staff(Role::Barista).await
    }

    /// A client with a bearer token.
    pub(crate) async fn api_client(&self, shop: &str, role: Role) -> Browser {
        Browser::with_token(self.addr, self.issue_pass(PassKind::Token, shop, role).await)
    }

    pub(crate) async fn link(&self, role: Role) -> String {
        self.link_to("demo", role).await
    }

    pub(crate) async fn link_to(&self, shop: &str, role: Role) -> String {
        self.issue_pass(PassKind::Link, shop, role).await
    }

    /// Issues a token or a link as `crema token` and `crema link` do.
    async fn issue_pass(&self, make: PassKind, shop: &str, role: Role) -> String {
        let request = PassRequest { make, shop: shop.parse().unwrap(), role };
        let secret: Secret = server::issue_pass(&self.installation.settings(), &request, &*self.installation.clock)
            .await
            .unwrap()
            .secret;
        secret.reveal()
    }

    /// Loads the display page and returns its embedded data.
    pub(crate) async fn display_page(&self) -> Opening<Display> {
        self.display.get("/s/demo/display").await.page().opening()
    }

    pub(crate) async fn current_code(&self) -> Code {
        self.display_page().await.asides.code.unwrap()
    }

    /// The code in the address of the QR code on the display.
    pub(crate) async fn qr_code(&self) -> String {
        self.current_code().await.url.rsplit_once("/q/").unwrap().1.to_owned()
    }

    /// The position of the last event in the log.
    pub(crate) async fn position(&self) -> u64 {
        position_of(&self.display_page().await.snapshot.cursor)
    }

    pub(crate) fn advance_clock(&self, seconds: u64) {
        self.installation.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn now(&self) -> Instant {
        self.installation.clock.now()
    }
}

/// The position in `epoch.position.tag`.
pub(crate) fn position_of(cursor: &str) -> u64 {
    cursor.split('.').nth(1).unwrap().parse().unwrap()
}

//! Load generator and demo: robots order and make drinks through the public HTTP API.

mod choice;
mod client;
mod codes;
mod error;
mod order;
mod progress;
mod rate_schedule;
mod retry_policy;
mod step;
mod summary;
mod tally;

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain::access::Role;
use domain::ids::ShopId;
use domain::menu::Menu;
use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::client::{Client, Credential};
use crate::codes::DisplayedCode;
use crate::order::RobotOrder;
use crate::progress::Progress;
use crate::rate_schedule::RateSchedule;
use crate::retry_policy::{RetryPolicy, random_fraction};
use crate::step::OrderFailure;
use crate::tally::Tally;

pub use self::client::ClientError;
pub use self::error::Error;
pub use self::step::RobotStep;
pub use self::summary::{Latency, Numbers, Summary};

/// Maximum number of concurrent orders. Half as many leave the server idle at times; twice as many double the latency
/// without a measurable gain in throughput. The default capacity of a shop is four higher.
const MAX_CONCURRENT_ORDERS: u64 = 96;

/// Time that a starting server has before `connect` fails.
const STARTUP_TIMEOUT: Duration = Duration::from_secs(10);

/// Time that open orders have to finish after a stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// Options of a run: server, shop, number and rate of orders.
#[derive(Clone, Debug)]
pub struct RobotOptions {
    /// Base URL of the server, without a trailing slash.
    pub server: String,
    pub shop: ShopId,
    /// Number of orders.
    pub orders: u32,
    /// Orders per second; 0 for no limit.
    pub rate: f64,
    /// Mean seconds before each step.
    pub linger: f64,
    /// Scan codes and order like guests, subject to every limit.
    pub as_guests: bool,
}

impl RobotOptions {
    /// The role of the token that the run needs.
    pub fn required_role(&self) -> Role {
        if self.as_guests { Role::Barista } else { Role::Robot }
    }
}

/// Sends the robots, shows the progress on standard error and prints the summary on standard output. Ctrl-C stops the
/// run.
///
/// # Errors
/// An [`Error`] if the run could not start or did not finish; an I/O error if the summary cannot be written.
pub async fn run(options: &RobotOptions, token: &str) -> Result<(), Box<dyn std::error::Error>> {
    let stop = CancellationToken::new();
    tokio::spawn({
        let stop = stop.clone();
        async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                stop.cancel();
            }
        }
    });
    let connected = tokio::select! {
        connected = Robots::connect(options, token) => connected?,
        () = stop.cancelled() => Err(Error::Unfinished { finished: 0, orders: options.orders.into() })?,
    };
    let robots = Arc::new(connected);
    let progress = Progress::new();
    let (summary, outcome) = tokio::select! {
        result = robots.work(&stop) => result,
        () = progress.show(robots.orders, &robots.tally) => unreachable!("the progress line never ends"),
    };
    drop(progress);
    // A run that failed before its first order has no figures.
    if summary.finished > 0 || matches!(outcome, Err(Error::Unfinished { .. })) {
        print_summary(&summary)?;
    }
    Ok(outcome?)
}

/// Prints the summary. A closed pipe, as after `| head`, is not an error.
fn print_summary(summary: &Summary) -> io::Result<()> {
    match writeln!(io::stdout().lock(), "{summary}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// The shared state of one run.
pub struct Robots {
    client: Client,
    shop: ShopId,
    /// Authenticates every request of a robot, or of the barista if the robots order as guests.
    credential: Credential,
    required_role: Role,
    as_guests: bool,
    menu: RwLock<Arc<Menu>>,
    /// The currently displayed code; always empty unless the robots order as guests.
    code: watch::Sender<Option<DisplayedCode>>,
    orders: u64,
    rate_schedule: RateSchedule,
    /// Mean delay before each step.
    linger: Duration,
    tally: Tally,
    /// The first error that every further order would get too; it ends the run.
    fatal_error: Mutex<Option<Error>>,
}

impl Robots {
    /// Reads the menu of the shop. `token` authenticates every request, or those of the barista if the robots order as
    /// guests.
    ///
    /// # Errors
    /// The server is unreachable or uses HTTPS, or the shop is unknown, closed or has an empty menu.
    pub async fn connect(options: &RobotOptions, token: &str) -> Result<Self, Error> {
        if options.server.starts_with("https:") {
            return Err(Error::Https { server: options.server.clone() });
        }
        let robots = Self {
            client: Client::new(options.server.clone(), options.shop.clone()),
            shop: options.shop.clone(),
            credential: Credential::token(token),
            required_role: options.required_role(),
            as_guests: options.as_guests,
            menu: RwLock::default(),
            code: watch::Sender::new(None),
            orders: options.orders.into(),
            rate_schedule: RateSchedule(options.rate),
            linger: Duration::from_secs_f64(options.linger),
            tally: Tally::default(),
            fatal_error: Mutex::default(),
        };
        robots.check_shop(options).await?;
        Ok(robots)
    }

    /// Checks that the shop is open and has drinks, and reads its menu. Retries for `STARTUP_TIMEOUT`.
    async fn check_shop(&self, options: &RobotOptions) -> Result<(), Error> {
        let mut retry_policy = RetryPolicy::new(STARTUP_TIMEOUT, Instant::now());
        let view = loop {
            let error = match self.client.ordering().await {
                Ok(view) => break view,
                Err(error) => error,
            };
            let Some(delay) = retry_policy.next_delay(&error, Instant::now(), random_fraction()) else {
                let fatal = Error::fatal(&error, &self.shop, self.required_role);
                return Err(fatal.unwrap_or(Error::NoServer { server: options.server.clone(), source: error }));
            };
            tokio::time::sleep(delay).await;
        };
        let shop = || self.shop.clone();
        if !view.bar.open {
            return Err(Error::Closed { shop: shop() });
        }
        if view.bar.menu.drinks.is_empty() {
            return Err(Error::EmptyMenu { shop: shop() });
        }
        self.set_menu(view.bar.menu);
        Ok(())
    }

    /// Number of orders collected so far.
    pub fn finished(&self) -> u64 {
        self.tally.totals().finished
    }

    /// Places orders until all are done or `stop` is cancelled.
    ///
    /// The summary is valid in either case; the result is an error if an order did not finish or a number was given
    /// twice.
    pub async fn work(self: &Arc<Self>, stop: &CancellationToken) -> (Summary, Result<(), Error>) {
        let start = Instant::now();
        // A fatal error cancels this run only, not the caller's token.
        let stop = stop.child_token();
        let mut tasks = JoinSet::new();
        let next = Arc::new(AtomicU64::new(0));
        for _ in 0..self.orders.min(MAX_CONCURRENT_ORDERS) {
            let (robots, next, stop) = (Arc::clone(self), Arc::clone(&next), stop.clone());
            tasks.spawn(async move {
                while robots.wait_for_turn(&next, start, &stop).await {
                    robots.order(&stop).await;
                }
            });
        }
        let shutdown_timeout = async {
            stop.cancelled().await;
            if self.fatal_error.lock().is_none() {
                tokio::time::sleep(SHUTDOWN_TIMEOUT).await;
            }
        };
        tokio::select! {
            () = join_all(tasks) => {}
            () = self.follow_codes(&stop) => unreachable!("codes are followed until the future is dropped"),
            () = shutdown_timeout => {}
        }
        let summary = Summary::of(self.orders, start.elapsed(), self.tally.counts());
        let outcome = self.outcome(&summary);
        (summary, outcome)
    }

    /// Waits until the next order is due. Returns false if there is none or the run was stopped.
    async fn wait_for_turn(&self, next: &AtomicU64, start: Instant, stop: &CancellationToken) -> bool {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= self.orders {
            return false;
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => false,
            () = tokio::time::sleep(self.rate_schedule.delay(n, start.elapsed())) => true,
        }
    }

    async fn order(&self, stop: &CancellationToken) {
        self.tally.record_start();
        let failed = match RobotOrder::new(self).run().await {
            Ok(collected) => return self.tally.record_collected(collected),
            Err(failed) => failed,
        };
        self.tally.record_failure(&failed);
        self.abort_if_fatal(&failed.error, stop);
        // The server said when it will accept orders again; until then it would reject each one.
        if let OrderFailure { error: ClientError::Rejected { slug, retry_after: Some(seconds), .. }, .. } = failed
            && slug.starts_with("shop_unavailable")
        {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(seconds.into())) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Keeps the displayed code up to date if the robots order as guests. Never returns.
    async fn follow_codes(&self, stop: &CancellationToken) {
        if self.as_guests {
            let error = codes::watch_codes(&self.client, &self.credential, &self.code).await;
            self.abort_if_fatal(&error, stop);
        }
        std::future::pending::<()>().await;
    }

    /// Stops the run after an error that every further order would get too.
    fn abort_if_fatal(&self, error: &ClientError, stop: &CancellationToken) {
        if let Some(error) = Error::fatal(error, &self.shop, self.required_role) {
            self.fatal_error.lock().get_or_insert(error);
            stop.cancel();
        }
    }

    fn outcome(&self, summary: &Summary) -> Result<(), Error> {
        if let Some(error) = self.fatal_error.lock().take() {
            return Err(error);
        }
        if summary.finished < self.orders {
            return Err(Error::Unfinished { finished: summary.finished, orders: self.orders });
        }
        match summary.numbers.duplicates.len() {
            0 => Ok(()),
            count => Err(Error::DuplicateNumbers { count }),
        }
    }

    fn menu(&self) -> Arc<Menu> {
        Arc::clone(&self.menu.read())
    }

    async fn read_menu(&self) -> Result<(), ClientError> {
        self.set_menu(self.client.ordering().await?.bar.menu);
        Ok(())
    }

    fn set_menu(&self, menu: Menu) {
        *self.menu.write() = Arc::new(menu);
    }
}

async fn join_all(mut tasks: JoinSet<()>) {
    while let Some(result) = tasks.join_next().await {
        if let Err(error) = result
            && error.is_panic()
        {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}

/// Random bytes from the operating system.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has a random source");
    bytes
}

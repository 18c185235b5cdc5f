//! Load generator and demo: robots order and make drinks through the public HTTP API.

mod choice;
mod client;
mod codes;
mod error;
mod order;
mod progress;
mod rate_schedule;
mod retry_policy;
mod summary;
mod tally;

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use domain::access::Role;
use domain::ids::ShopId;
use domain::menu::Menu;
use engine::clock::SystemClock;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::cli::RobotArgs;
use crate::config::{DataLocation, SettingArgs, Settings};
use crate::control::{PassKind, PassRequest};
use crate::identity::secret::Secret;
use crate::robot::client::{Client, Credential};
use crate::robot::codes::DisplayedCode;
use crate::robot::order::{OrderFailure, RobotOrder};
use crate::robot::progress::Progress;
use crate::robot::rate_schedule::RateSchedule;
use crate::robot::retry_policy::{RetryPolicy, random_fraction};
use crate::robot::tally::Tally;

pub use self::client::ClientError;
pub use self::error::Error;
pub use self::order::RobotStep;
pub use self::summary::{Latency, Numbers, Summary};

/// Maximum number of concurrent orders. Half as many leave the server idle at times; twice as many double the latency
/// without a measurable gain in throughput. The default capacity of a shop is four higher.
const MAX_CONCURRENT_ORDERS: u64 = 96;

/// Time that a starting server has before `connect` fails.
const STARTUP_TIMEOUT: Duration = Duration::from_secs(10);

/// Time that open orders have to finish after a stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// Runs `crema robot`: sends the robots, shows the progress on standard error and prints the summary on standard
/// output. Ctrl-C stops it.
///
/// # Errors
/// An [`Error`] if the run could not start or did not finish; an I/O error if the summary cannot be written.
pub async fn run(args: &RobotArgs) -> Result<(), Box<dyn std::error::Error>> {
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
        connected = Robots::connect(args) => connected?,
        () = stop.cancelled() => Err(Error::Unfinished { finished: 0, orders: args.orders.into() })?,
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
    /// Issues a token if none is given, and reads the menu of the shop.
    ///
    /// # Errors
    /// The server is unreachable or uses HTTPS, the shop is unknown, closed or has an empty menu, or no token could be
    /// issued.
    pub async fn connect(args: &RobotArgs) -> Result<Self, Error> {
        if args.server.is_secure() {
            return Err(Error::Https { server: args.server.clone() });
        }
        let required_role = if args.as_guests { Role::Barista } else { Role::Robot };
        let client = Client::new(&args.server, args.shop.clone());
        let token = match &args.auth.token {
            Some(token) => token.clone(),
            None => issue_token(args, required_role).await?,
        };
        let robots = Self {
            client,
            shop: args.shop.clone(),
            credential: Credential::token(&token),
            required_role,
            as_guests: args.as_guests,
            menu: RwLock::default(),
            code: watch::Sender::new(None),
            orders: args.orders.into(),
            rate_schedule: RateSchedule(args.rate),
            linger: Duration::from_secs_f64(args.linger),
            tally: Tally::default(),
            fatal_error: Mutex::default(),
        };
        robots.check_shop(args).await?;
        Ok(robots)
    }

    /// Checks that the shop is open and has drinks, and reads its menu. Retries for `STARTUP_TIMEOUT`.
    async fn check_shop(&self, args: &RobotArgs) -> Result<(), Error> {
        let mut retry_policy = RetryPolicy::new(STARTUP_TIMEOUT, Instant::now());
        let view = loop {
            let error = match self.client.ordering().await {
                Ok(view) => break view,
                Err(error) => error,
            };
            let Some(delay) = retry_policy.next_delay(&error, Instant::now(), random_fraction()) else {
                let fatal = Error::fatal(&error, &self.shop, self.required_role);
                return Err(fatal.unwrap_or(Error::NoServer { server: args.server.clone(), source: error }));
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
        self.tally.snapshot().1
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
            if self.fatal_error.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
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
            self.fatal_error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            stop.cancel();
        }
    }

    fn outcome(&self, summary: &Summary) -> Result<(), Error> {
        if let Some(error) = self.fatal_error.lock().unwrap_or_else(PoisonError::into_inner).take() {
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
        Arc::clone(&self.menu.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn read_menu(&self) -> Result<(), ClientError> {
        self.set_menu(self.client.ordering().await?.bar.menu);
        Ok(())
    }

    fn set_menu(&self, menu: Menu) {
        *self.menu.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(menu);
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

/// Issues a token, through the running server or directly in the data folder.
async fn issue_token(args: &RobotArgs, role: Role) -> Result<Secret, Error> {
    let data = Some(args.auth.data.clone().ok_or(Error::NoCredentials)?);
    let settings = Settings::read(&SettingArgs {
        location: DataLocation { data, ..DataLocation::default() },
        ..SettingArgs::default()
    })?;
    let request = PassRequest { make: PassKind::Token, shop: args.shop.clone(), role };
    crate::issue_pass(&settings, &request, &SystemClock::new())
        .await
        .map(|made| made.secret)
        .map_err(|error| Error::Token(Box::new(error)))
}

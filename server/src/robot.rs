//! Robots that order and make drinks through the public API, to try the bar or to show it off.

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
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::cli::RobotArgs;
use crate::clock::System;
use crate::config::{DataLocation, SettingArgs, Settings};
use crate::control::{PassKind, Request};
use crate::identity::secret::Secret;
use crate::robot::client::{Client, Credential};
use crate::robot::codes::Shown;
use crate::robot::order::{Failed, Order};
use crate::robot::progress::Progress;
use crate::robot::rate_schedule::RateSchedule;
use crate::robot::retry_policy::{RetryPolicy, chance};
use crate::robot::tally::Tally;

pub use self::client::ClientError;
pub use self::error::Error;
pub use self::order::Act;
pub use self::summary::{Latency, Numbers, Summary};

/// Orders under way at a time. With half as many the bar has moments without work; with twice as many it is no faster
/// for certain, and every order takes twice as long. A bar as it is made has room for four more.
const MAX_CONCURRENT_ORDERS: u64 = 96;

/// How long a server may take to come up before the robots say that it is not there.
const COMING_UP: Duration = Duration::from_secs(10);

/// How long orders under way may take after a stop: nobody likes a drink half made.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// Sends the robots, shows how far they are and prints what they did.
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
    let hired = tokio::select! {
        hired = Robots::connect(args) => hired?,
        () = stop.cancelled() => Err(Error::Unfinished { finished: 0, orders: args.orders.into() })?,
    };
    let robots = Arc::new(hired);
    let progress = Progress::new();
    let (summary, outcome) = tokio::select! {
        done = robots.work(&stop) => done,
        () = progress.show(robots.orders, &robots.tally) => unreachable!("the line is shown until it is dropped"),
    };
    drop(progress);
    // Who was let in nowhere has nothing to tell.
    if summary.finished > 0 || matches!(outcome, Err(Error::Unfinished { .. })) {
        say(&summary)?;
    }
    Ok(outcome?)
}

/// Whoever reads may have had enough, as `head` has: then there is nobody to tell, and nothing is wrong.
fn say(summary: &Summary) -> io::Result<()> {
    match writeln!(io::stdout().lock(), "{summary}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// The robots of one run, and all that they share.
pub struct Robots {
    client: Client,
    shop: ShopId,
    /// Opens the bar to them: as robots, or in the place of a barista.
    key: Credential,
    needed: Role,
    as_guests: bool,
    menu: RwLock<Arc<Menu>>,
    /// The code above the bar; stays empty unless they come as guests.
    shown: watch::Sender<Option<Shown>>,
    orders: u64,
    rate_schedule: RateSchedule,
    /// How long a step takes, on average.
    linger: Duration,
    tally: Tally,
    /// What stopped them all.
    trouble: Mutex<Option<Error>>,
}

impl Robots {
    /// Looks at the bar and has a token made where none is given.
    pub async fn connect(args: &RobotArgs) -> Result<Self, Error> {
        if args.server.is_secure() {
            return Err(Error::Https { server: args.server.clone() });
        }
        let needed = if args.as_guests { Role::Barista } else { Role::Robot };
        let client = Client::new(&args.server, args.shop.clone());
        let token = match &args.way.token {
            Some(token) => token.clone(),
            None => made(args, needed).await?,
        };
        let robots = Self {
            client,
            shop: args.shop.clone(),
            key: Credential::token(&token),
            needed,
            as_guests: args.as_guests,
            menu: RwLock::default(),
            shown: watch::Sender::new(None),
            orders: args.orders.into(),
            rate_schedule: RateSchedule(args.rate),
            linger: Duration::from_secs_f64(args.linger),
            tally: Tally::default(),
            trouble: Mutex::default(),
        };
        robots.look(args).await?;
        Ok(robots)
    }

    /// Whether there is anything to order; waits a little for a server that is being started.
    async fn look(&self, args: &RobotArgs) -> Result<(), Error> {
        let mut retry_policy = RetryPolicy::new(COMING_UP, Instant::now());
        let view = loop {
            let no = match self.client.ordering().await {
                Ok(view) => break view,
                Err(no) => no,
            };
            let Some(pause) = retry_policy.pause(&no, Instant::now(), chance()) else {
                let of_all = Error::of_all(&no, &self.shop, self.needed);
                return Err(of_all.unwrap_or(Error::NoAnswer { server: args.server.clone(), source: no }));
            };
            tokio::time::sleep(pause).await;
        };
        let shop = || self.shop.clone();
        if !view.bar.open {
            return Err(Error::Closed { shop: shop() });
        }
        if view.bar.menu.drinks.is_empty() {
            return Err(Error::NothingOffered { shop: shop() });
        }
        self.keep(view.bar.menu);
        Ok(())
    }

    /// How many orders have been collected so far.
    pub fn finished(&self) -> u64 {
        self.tally.glance().1
    }

    /// Orders until all is ordered or `stop` is cancelled, and tells what came of it.
    pub async fn work(self: &Arc<Self>, stop: &CancellationToken) -> (Summary, Result<(), Error>) {
        let start = Instant::now();
        // Their own trouble ends this run and nobody else's.
        let stop = stop.child_token();
        let mut crew = JoinSet::new();
        let next = Arc::new(AtomicU64::new(0));
        for _ in 0..self.orders.min(MAX_CONCURRENT_ORDERS) {
            let (robots, next, stop) = (Arc::clone(self), Arc::clone(&next), stop.clone());
            crew.spawn(async move {
                while robots.turn(&next, start, &stop).await {
                    robots.order(&stop).await;
                }
            });
        }
        let late = async {
            stop.cancelled().await;
            if self.trouble.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
                tokio::time::sleep(SHUTDOWN_TIMEOUT).await;
            }
        };
        tokio::select! {
            () = all(crew) => {}
            () = self.watch(&stop) => unreachable!("the screen is watched until nobody needs it"),
            () = late => {}
        }
        let summary = Summary::of(self.orders, start.elapsed(), self.tally.counted());
        let outcome = self.outcome(&summary);
        (summary, outcome)
    }

    /// Waits for the turn of the next order; false when there is none any more.
    async fn turn(&self, next: &AtomicU64, start: Instant, stop: &CancellationToken) -> bool {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= self.orders {
            return false;
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => false,
            () = tokio::time::sleep(self.rate_schedule.wait(n, start.elapsed())) => true,
        }
    }

    async fn order(&self, stop: &CancellationToken) {
        self.tally.begun();
        let failed = match Order::new(self).through().await {
            Ok(collected) => return self.tally.collected(collected),
            Err(failed) => failed,
        };
        self.tally.failed(&failed);
        self.abort_if_fatal(&failed.no, stop);
        // The bar said when it will take orders again: until then each would only be turned away.
        if let Failed { no: ClientError::CommandError { slug, retry_after: Some(seconds), .. }, .. } = failed
            && slug.starts_with("shop_unavailable")
        {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(seconds.into())) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Follows the code above the bar for those who come as guests. Never ends.
    async fn watch(&self, stop: &CancellationToken) {
        if self.as_guests {
            let no = codes::follow(&self.client, &self.key, &self.shown).await;
            self.abort_if_fatal(&no, stop);
        }
        std::future::pending::<()>().await;
    }

    /// Ends the run after a no that all the others would get too.
    fn abort_if_fatal(&self, no: &ClientError, stop: &CancellationToken) {
        if let Some(error) = Error::of_all(no, &self.shop, self.needed) {
            self.trouble.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            stop.cancel();
        }
    }

    fn outcome(&self, summary: &Summary) -> Result<(), Error> {
        if let Some(error) = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(error);
        }
        if summary.finished < self.orders {
            return Err(Error::Unfinished { finished: summary.finished, orders: self.orders });
        }
        match summary.numbers.twice.len() {
            0 => Ok(()),
            count => Err(Error::NumbersTwice { count }),
        }
    }

    fn menu(&self) -> Arc<Menu> {
        Arc::clone(&self.menu.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn read_menu(&self) -> Result<(), ClientError> {
        self.keep(self.client.ordering().await?.bar.menu);
        Ok(())
    }

    fn keep(&self, menu: Menu) {
        *self.menu.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(menu);
    }
}

async fn all(mut crew: JoinSet<()>) {
    while let Some(done) = crew.join_next().await {
        if let Err(error) = done
            && error.is_panic()
        {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}

/// A token from the data folder, by whoever holds it.
async fn made(args: &RobotArgs, role: Role) -> Result<Secret, Error> {
    let data = Some(args.way.data.clone().ok_or(Error::NoWay)?);
    let settings = Settings::read(&SettingArgs {
        place: DataLocation { data, ..DataLocation::default() },
        ..SettingArgs::default()
    })?;
    let request = Request { make: PassKind::Token, shop: args.shop.clone(), role };
    crate::pass(&settings, &request, &System::new())
        .await
        .map(|made| made.secret)
        .map_err(|error| Error::Token(Box::new(error)))
}

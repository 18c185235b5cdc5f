//! Queries and the first start after an upgrade on a log of a million orders, against a short log.

use std::time::{Duration, Instant};

use domain::access::Role;
use domain::hours::Hours;
use domain::ids::StaffId;
use domain::time::{self, Day, Now};
use engine::clock::{Calendar, Clock, SystemClock};
use server::identity::device::Device;
use server::identity::keys::KeyFolder;
use server::identity::passes::Passes;
use store::sqlite::{Sqlite, SqliteWriter};
use tokio::task::block_in_place;
use uuid::Uuid;

use crate::extensions;
use crate::http_client::{AuthHeader, HttpClient};
use crate::program::{Binary, ServerProcess};
use crate::scratch::Scratch;
use crate::table::{Series, TableRow};
use crate::workload::{self, Workload};
use crate::{BenchResult, Scale, history, plain, progress};

/// Orders per shop day.
const ORDERS_PER_DAY: usize = 4_000;
const DAY_MS: i64 = 86_400_000;

/// Age of the last generated day, so that none of its events is in the future.
const LAST_DAY_AGE_MS: i64 = 900_000;

/// Orders in the short log.
const SHORT_LOG_ORDERS: usize = 400;

/// Orders after the last snapshot: about 450 events, fewer than trigger the next one.
const ORDERS_AFTER_SNAPSHOT: usize = 50;

/// Open orders during the queries.
const OPEN_ORDERS: usize = 40;

/// Number of guests, who order in turns.
const GUEST_COUNT: u128 = 10;

/// Commands per commit when only the content of the log matters.
const COMMANDS_PER_COMMIT: usize = 1_000;

/// Requests per query and run.
const REQUESTS_PER_QUERY: usize = 100;

/// A data folder and the credentials for it.
struct MeasuredShop {
    folder: Scratch,
    orders: usize,
    staff: AuthHeader,
    robot: AuthHeader,
    phone: AuthHeader,
    /// Duration of a start that replays the whole log.
    replayed: Duration,
}

/// A measured query.
struct Query {
    what: String,
    path: String,
    by_phone: bool,
    /// Expected number of orders in the response.
    orders: usize,
    promise: &'static str,
}

pub(crate) async fn measure(binary: &Binary, scale: Scale) -> BenchResult<Vec<TableRow>> {
    let long = write_log(scale.million).await?;
    let short = write_log(SHORT_LOG_ORDERS).await?;
    let mut lines = queries(binary, &long, &short, scale).await?;
    lines.push(upgrades(binary, &long, &short, scale).await?);
    lines.push(replay(&long, &short));
    lines.push(size(&long)?);
    Ok(lines)
}

/// Writes a data folder with `orders` finished orders, the last ones today, and a snapshot shortly before the end.
async fn write_log(orders: usize) -> BenchResult<MeasuredShop> {
    let folder = Scratch::new()?;
    let device = Device::generate();
    let keys = KeyFolder::open(folder.path())?.shop(&workload::shop())?;
    let phone = device.guest(keys.guests());
    let others = (1..GUEST_COUNT).map(|n| StaffId(Uuid::from_u128(0xE0_0000 + n)));
    let customers = others.chain([StaffId(phone.0)]).collect();
    let clock = SystemClock::new();
    let now = Calendar::new(&Hours::default(), clock.zone()).now(clock.now());
    let days = orders.div_ceil(ORDERS_PER_DAY);
    let mut workload = Workload::new(days_before(now, days), customers)?;
    let log = Sqlite::open(&folder.database()).await?;
    let mut writer = log.writer().await?;
    let mut left = orders - ORDERS_AFTER_SNAPSHOT;
    for day in (0..days).rev() {
        workload.set_time(days_before(now, day));
        let today = left - left.min(day * ORDERS_PER_DAY);
        write(&mut workload, today, &mut writer).await?;
        left -= today;
        log.checkpoint().await?;
        if day % 25 == 0 {
            eprintln!("million: {} of {orders} orders are written", orders - ORDERS_AFTER_SNAPSHOT - left);
        }
    }
    drop(writer);
    log.close().await?;

    let start = Instant::now();
    let (log, engine) = history::engine(&folder).await?;
    let replayed = start.elapsed();
    // The stop writes a snapshot.
    engine.stop().await;
    write(&mut workload, ORDERS_AFTER_SNAPSHOT, &mut log.writer().await?).await?;
    let passes = Passes::new(log.pool().clone());
    let bearer = async |role| -> BenchResult<AuthHeader> {
        Ok(AuthHeader(
            "authorization",
            format!("Bearer {}", passes.make_token(&workload::shop(), role, now.at).await?.reveal()),
        ))
    };
    let (staff, robot) = (bearer(Role::Barista).await?, bearer(Role::Robot).await?);
    let cookie = device.set_cookie(&workload::shop(), keys.guests(), false);
    let phone = AuthHeader("cookie", cookie.split(';').next().unwrap_or_default().to_owned());
    log.close().await?;
    Ok(MeasuredShop { folder, orders, staff, robot, phone, replayed })
}

/// Returns the time `days` days before the last generated day.
fn days_before(now: Now, days: usize) -> Now {
    let days = i32::try_from(days).unwrap_or(i32::MAX);
    let at = time::Instant(now.at.0 - LAST_DAY_AGE_MS - i64::from(days) * DAY_MS);
    Now::without_hours(at, Day(now.day.0 - days))
}

/// Writes orders without receipts, as in an old log.
async fn write(workload: &mut Workload, orders: usize, writer: &mut SqliteWriter) -> BenchResult<()> {
    workload.generate(orders)?;
    for mut batch in workload.take_batches(COMMANDS_PER_COMMIT) {
        batch.receipts.clear();
        writer.append(&[batch]).await?;
    }
    Ok(())
}

async fn queries(
    binary: &Binary,
    long: &MeasuredShop,
    short: &MeasuredShop,
    scale: Scale,
) -> BenchResult<Vec<TableRow>> {
    let servers = [binary.serve(long.folder.path()).await?, binary.serve(short.folder.path()).await?];
    let sides = [long, short];
    for (server, side) in servers.iter().zip(sides) {
        // An extension that catches up on a million orders would load the disk for minutes.
        extensions::switch(binary, server, side.folder.path(), false).await?;
    }
    let ours = block_in_place(|| long.queries(&servers[0]))?;
    let baseline_folder = block_in_place(|| short.queries(&servers[1]))?;
    let queries: Vec<[Query; 2]> =
        ours.into_iter().zip(baseline_folder).map(|(ours, baseline_folder)| [ours, baseline_folder]).collect();
    let mut results: Vec<[Series; 2]> = queries.iter().map(|_| Default::default()).collect();
    for run in 0..scale.runs {
        let mut timings = Vec::new();
        for (query, series) in queries.iter().zip(&mut results) {
            // The order alternates, so that neither side always runs on a warm machine.
            for turn in 0..2 {
                let of = (run + turn) % 2;
                let took = block_in_place(|| sides[of].measure_query(&servers[of], &query[of]))?;
                timings.push(format!("{took:.2} ms of {}", sides[of].orders));
                series[of].push(took);
            }
        }
        progress("million", run, scale, &timings.join(", "));
    }
    let line = |([query, _], [here, beside]): (&[Query; 2], &[Series; 2])| TableRow {
        what: format!("{}, ms, {} orders in the log", query.what, long.orders),
        here: here.show(2),
        beside: format!("the same, {} orders in the log: {}", short.orders, beside.show(2)),
        ratio: here.over(beside).show(2),
        promise: query.promise.to_owned(),
    };
    Ok(queries.iter().zip(&results).map(line).collect())
}

impl MeasuredShop {
    /// Creates the open orders and returns the queries.
    fn queries(&self, server: &ServerProcess) -> BenchResult<Vec<Query>> {
        let mut robot = HttpClient::connect(server.addr)?;
        for _ in 0..OPEN_ORDERS {
            let order = format!("shop=demo&order={}", Uuid::now_v7());
            robot.post("/api/orders/start", &self.robot, &order)?;
            robot.post("/api/orders/submit", &self.robot, &format!("{order}&drink=espresso"))?;
        }
        let finished = "/s/demo/orders?state=finished";
        let page: serde_json::Value = serde_json::from_str(&robot.get(finished, &self.staff)?.1)?;
        let one = page["orders"][10]["order"].as_str().ok_or("too few orders finished today")?;
        let query = |what: String, path: String, orders| Query { what, path, by_phone: false, orders, promise: "" };
        let open = query(
            format!("{OPEN_ORDERS} open orders"),
            format!("/s/demo/orders?state=open&most={OPEN_ORDERS}"),
            OPEN_ORDERS,
        );
        let mine = query("20 of a guest's own orders".to_owned(), "/s/demo/orders/mine".to_owned(), 20);
        Ok(vec![
            Query { promise: "≤ 1", ..open },
            query("20 orders finished today".to_owned(), finished.to_owned(), 20),
            Query { by_phone: true, ..mine },
            query("one order".to_owned(), format!("/s/demo/orders/{one}"), 1),
        ])
    }

    /// Returns the median latency in milliseconds.
    fn measure_query(&self, server: &ServerProcess, query: &Query) -> BenchResult<f64> {
        let mut caller = HttpClient::connect(server.addr)?;
        let pass = if query.by_phone { &self.phone } else { &self.staff };
        let mut took = Vec::new();
        for _ in 0..REQUESTS_PER_QUERY {
            let (time, body) = caller.get(&query.path, pass)?;
            let orders = body.matches("\"history\":").count();
            if orders != query.orders {
                return Err(format!("{} has {orders} orders", query.path).into());
            }
            took.push(time);
        }
        took.sort_unstable();
        Ok(ms(took[REQUESTS_PER_QUERY / 2]))
    }
}

/// Measures starts with the schema and snapshot version of the previous release.
async fn upgrades(binary: &Binary, long: &MeasuredShop, short: &MeasuredShop, scale: Scale) -> BenchResult<TableRow> {
    let (mut here, mut beside) = (Series::default(), Series::default());
    for run in 0..scale.runs {
        for turn in 0..2 {
            let (side, series) = if (run + turn) % 2 == 0 { (long, &mut here) } else { (short, &mut beside) };
            block_in_place(|| plain::downgrade(&side.folder.database()))?;
            series.push(ms(binary.serve(side.folder.path()).await?.took));
        }
        progress("million", run, scale, "started after an upgrade");
    }
    Ok(TableRow {
        what: format!("first start after an upgrade to first page, ms, {} orders in the log", long.orders),
        here: here.show(1),
        beside: format!("the same, {} orders in the log: {}", short.orders, beside.show(1)),
        ratio: here.over(&beside).show(1),
        promise: "≤ 2,000".to_owned(),
    })
}

/// Reports the full replay, which is measured once because of its duration.
fn replay(long: &MeasuredShop, short: &MeasuredShop) -> TableRow {
    TableRow {
        what: format!("a start that has no state to begin from, s, {} orders in the log", long.orders),
        here: format!("{:.1}", long.replayed.as_secs_f64()),
        beside: format!("the same, {} orders in the log: {:.3}", short.orders, short.replayed.as_secs_f64()),
        ratio: String::new(),
        promise: String::new(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "file sizes stay below 2^53")]
fn size(long: &MeasuredShop) -> BenchResult<TableRow> {
    let bytes = std::fs::metadata(long.folder.database())?.len() as f64;
    Ok(TableRow {
        what: format!("the file, MB, {} orders in the log", long.orders),
        here: format!("{:.0}", bytes / 1e6),
        beside: format!("bytes an order: {:.0}", bytes / long.orders as f64),
        ratio: String::new(),
        promise: String::new(),
    })
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

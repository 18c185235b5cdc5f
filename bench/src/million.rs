//! A bar with a million orders behind it: what questions cost there, beside the same on a short log, and the first
//! start after an upgrade.

use std::time::{Duration, Instant};

use domain::access::Role;
use domain::hours::Hours;
use domain::ids::StaffId;
use domain::time::{self, Day, Now};
use server::clock::{Calendar, Clock, System};
use server::identity::device::Device;
use server::identity::keys::Keys;
use server::identity::passes::Passes;
use server::store::sqlite::{Sqlite, Writer};
use tokio::task::block_in_place;
use uuid::Uuid;

use crate::caller::{Caller, Pass};
use crate::extensions;
use crate::program::{Binary, Program};
use crate::scratch::Scratch;
use crate::story::{self, Story};
use crate::table::{Line, Series};
use crate::{Outcome, Scale, history, plain, progress};

/// Orders of one shop day.
const DAY: usize = 4_000;
const DAY_MS: i64 = 86_400_000;

/// The last day began so long ago that nothing of it lies in the future.
const AGO_MS: i64 = 900_000;

/// Orders in the short log.
const SHORT: usize = 400;

/// Orders after the state that was written, some 450 events: fewer than bring the next one.
const TAIL: usize = 50;

/// Orders that wait for the bar while it is asked.
const OPEN: usize = 40;

/// Guests of a bar, who order in turns.
const GUESTS: u128 = 10;

/// Commands to a commit where only the log matters.
const TOGETHER: usize = 1_000;

/// How often each question is asked in one run.
const ASKED: usize = 100;

/// A bar and the passes to it.
struct Side {
    folder: Scratch,
    orders: usize,
    staff: Pass,
    robot: Pass,
    phone: Pass,
    /// From the start without a state to the bar brought up to its log.
    replayed: Duration,
}

/// A question: what it is called, its address, and whether a phone asks it or the bar.
struct Question {
    what: String,
    path: String,
    by_phone: bool,
    /// Orders in its answer.
    orders: usize,
    promise: &'static str,
}

pub(crate) async fn measure(binary: &Binary, scale: Scale) -> Outcome<Vec<Line>> {
    let long = written(scale.million).await?;
    let short = written(SHORT).await?;
    let mut lines = questions(binary, &long, &short, scale).await?;
    lines.push(upgrades(binary, &long, &short, scale).await?);
    lines.push(replay(&long, &short));
    lines.push(size(&long)?);
    Ok(lines)
}

/// A data folder with so many orders in it, all over and the last of them today, with the state of shortly before.
async fn written(orders: usize) -> Outcome<Side> {
    let folder = Scratch::new()?;
    let device = Device::fresh();
    let phone = device.guest(Keys::open(folder.path())?.shop(&story::shop())?.guests());
    let others = (1..GUESTS).map(|n| StaffId(Uuid::from_u128(0xE0_0000 + n)));
    let customers = others.chain([StaffId(phone.0)]).collect();
    let clock = System::new();
    let now = Calendar::of(&Hours::default(), clock.zone()).now(clock.now());
    let days = orders.div_ceil(DAY);
    let mut story = Story::begun(ago(now, days), customers)?;
    let log = Sqlite::open(&folder.database()).await?;
    let mut writer = log.writer().await?;
    let mut left = orders - TAIL;
    for day in (0..days).rev() {
        story.at(ago(now, day));
        let today = left - left.min(day * DAY);
        write(&mut story, today, &mut writer).await?;
        left -= today;
        log.checkpoint().await?;
        if day % 25 == 0 {
            eprintln!("million: {} of {orders} orders are written", orders - TAIL - left);
        }
    }
    drop(writer);
    log.close().await?;

    let start = Instant::now();
    let (log, engine) = history::engine(&folder).await?;
    let replayed = start.elapsed();
    // The stop writes the state.
    engine.stop().await;
    write(&mut story, TAIL, &mut log.writer().await?).await?;
    let passes = Passes::new(log.pool().clone());
    let bearer = async |role| -> Outcome<Pass> {
        Ok(Pass("authorization", format!("Bearer {}", passes.make_token(&story::shop(), role, now.at).await?.reveal())))
    };
    let (staff, robot) = (bearer(Role::Barista).await?, bearer(Role::Robot).await?);
    let cookie = device.set_cookie(false);
    let phone = Pass("cookie", cookie.split(';').next().unwrap_or_default().to_owned());
    log.close().await?;
    Ok(Side { folder, orders, staff, robot, phone, replayed })
}

/// So many days before.
fn ago(now: Now, days: usize) -> Now {
    let days = i32::try_from(days).unwrap_or(i32::MAX);
    let at = time::Instant(now.at.0 - AGO_MS - i64::from(days) * DAY_MS);
    Now::without_hours(at, Day(now.day.0 - days))
}

/// What the log has of old orders: their keys are long forgotten.
async fn write(story: &mut Story, orders: usize, writer: &mut Writer) -> Outcome<()> {
    story.go_on(orders)?;
    for mut unit in story.take_units(TOGETHER) {
        unit.receipts.clear();
        writer.append(&[unit]).await?;
    }
    Ok(())
}

async fn questions(binary: &Binary, long: &Side, short: &Side, scale: Scale) -> Outcome<Vec<Line>> {
    let bars = [binary.serve(long.folder.path()).await?, binary.serve(short.folder.path()).await?];
    let sides = [long, short];
    for (bar, side) in bars.iter().zip(sides) {
        // One that hears a million orders for the first time has a hand on the disk for minutes.
        extensions::switch(binary, bar, side.folder.path(), false).await?;
    }
    let ours = block_in_place(|| long.questions(&bars[0]))?;
    let theirs = block_in_place(|| short.questions(&bars[1]))?;
    let asked: Vec<[Question; 2]> = ours.into_iter().zip(theirs).map(|(ours, theirs)| [ours, theirs]).collect();
    let mut found: Vec<[Series; 2]> = asked.iter().map(|_| Default::default()).collect();
    for run in 0..scale.runs {
        let mut told = Vec::new();
        for (question, series) in asked.iter().zip(&mut found) {
            // In turns, so that neither always has the machine the other has warmed.
            for turn in 0..2 {
                let of = (run + turn) % 2;
                let took = block_in_place(|| sides[of].ask(&bars[of], &question[of]))?;
                told.push(format!("{took:.2} ms of {}", sides[of].orders));
                series[of].push(took);
            }
        }
        progress("million", run, scale, &told.join(", "));
    }
    let line = |([question, _], [here, beside]): (&[Question; 2], &[Series; 2])| Line {
        what: format!("{}, ms, {} orders in the log", question.what, long.orders),
        here: here.show(2),
        beside: format!("the same, {} orders in the log: {}", short.orders, beside.show(2)),
        ratio: here.over(beside).show(2),
        promise: question.promise.to_owned(),
    };
    Ok(asked.iter().zip(&found).map(line).collect())
}

impl Side {
    /// Lets orders wait for the bar, and says what is asked of it then.
    fn questions(&self, bar: &Program) -> Outcome<Vec<Question>> {
        let mut robot = Caller::to(bar.addr)?;
        for _ in 0..OPEN {
            let order = format!("shop=demo&order={}", Uuid::now_v7());
            robot.post("/api/orders/start", &self.robot, &order)?;
            robot.post("/api/orders/submit", &self.robot, &format!("{order}&drink=espresso"))?;
        }
        let finished = "/s/demo/orders?state=finished";
        let page: serde_json::Value = serde_json::from_str(&robot.get(finished, &self.staff)?.1)?;
        let one = page["orders"][10]["order"].as_str().ok_or("too few orders ended today")?;
        let question =
            |what: String, path: String, orders| Question { what, path, by_phone: false, orders, promise: "" };
        let open = question(format!("{OPEN} open orders"), format!("/s/demo/orders?state=open&most={OPEN}"), OPEN);
        let mine = question("20 of a guest's own orders".to_owned(), "/s/demo/orders/mine".to_owned(), 20);
        Ok(vec![
            Question { promise: "≤ 1", ..open },
            question("20 orders finished today".to_owned(), finished.to_owned(), 20),
            Question { by_phone: true, ..mine },
            question("one order".to_owned(), format!("/s/demo/orders/{one}"), 1),
        ])
    }

    /// Milliseconds until the answer, in the middle of many.
    fn ask(&self, bar: &Program, question: &Question) -> Outcome<f64> {
        let mut caller = Caller::to(bar.addr)?;
        let pass = if question.by_phone { &self.phone } else { &self.staff };
        let mut took = Vec::new();
        for _ in 0..ASKED {
            let (time, body) = caller.get(&question.path, pass)?;
            let orders = body.matches("\"history\":").count();
            if orders != question.orders {
                return Err(format!("{} has {orders} orders", question.path).into());
            }
            took.push(time);
        }
        took.sort_unstable();
        Ok(ms(took[ASKED / 2]))
    }
}

/// Tables and state of the version before, and some hundred events after the state.
async fn upgrades(binary: &Binary, long: &Side, short: &Side, scale: Scale) -> Outcome<Line> {
    let (mut here, mut beside) = (Series::default(), Series::default());
    for run in 0..scale.runs {
        for turn in 0..2 {
            let (side, series) = if (run + turn) % 2 == 0 { (long, &mut here) } else { (short, &mut beside) };
            block_in_place(|| plain::age(&side.folder.database()))?;
            series.push(ms(binary.serve(side.folder.path()).await?.took));
        }
        progress("million", run, scale, "started after an upgrade");
    }
    Ok(Line {
        what: format!("first start after an upgrade to first page, ms, {} orders in the log", long.orders),
        here: here.show(1),
        beside: format!("the same, {} orders in the log: {}", short.orders, beside.show(1)),
        ratio: here.over(&beside).show(1),
        promise: "≤ 2,000".to_owned(),
    })
}

/// Once: it takes as long as everything else.
fn replay(long: &Side, short: &Side) -> Line {
    Line {
        what: format!("a start that has no state to begin from, s, {} orders in the log", long.orders),
        here: format!("{:.1}", long.replayed.as_secs_f64()),
        beside: format!("the same, {} orders in the log: {:.3}", short.orders, short.replayed.as_secs_f64()),
        ratio: String::new(),
        promise: String::new(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "files are smaller than that")]
fn size(long: &Side) -> Outcome<Line> {
    let bytes = std::fs::metadata(long.folder.database())?.len() as f64;
    Ok(Line {
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

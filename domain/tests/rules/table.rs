//! Outcome of each command for each actor at each step, compared with `docs/orders.md`.

use std::fmt::Write;
use std::path::Path;

use domain::access::Actor;
use domain::command::{Action, Command};
use domain::event::{Event, StoreOpened};
use domain::order::Step;
use domain::refusal::Refusal;
use domain::time::{Instant, Now};

use crate::bar::{
    ANNA, BEN, CARLA, DAVE, DISPLAY, MANAGER, OTHER_ROBOT, ROBOT, TestShop, act, at, cancel, claim, collect, complete,
    edit, id, robot_start, scan, set_aside, submit, walk_in,
};

/// Time of the commands in seconds after nine. No order below is due before it.
const COMMAND_SECONDS: u32 = 105;

/// A column: the actor's relation to order 1, and the actor.
type ActorColumn = (&'static str, Actor);

const GUEST_COLUMNS: [ActorColumn; 8] = [
    ("its guest", ANNA),
    ("another guest", BEN),
    ("its barista", CARLA),
    ("another barista", DAVE),
    ("manager", MANAGER),
    ("display", DISPLAY),
    ("robot", ROBOT),
    ("house", Actor::System),
];

/// Actors whose outcomes differ for a robot's order. A test below checks that all others are treated alike.
const ROBOT_COLUMNS: [ActorColumn; 3] = [("its robot", ROBOT), ("another robot", OTHER_ROBOT), ("guest", ANNA)];

/// A row: a command on order 1.
#[derive(Clone, Copy)]
enum CommandRow {
    Start,
    RobotStart,
    WalkIn,
    Submit,
    Edit,
    Act(Action),
    BeforeDue,
    WhenDue,
}

impl CommandRow {
    fn all() -> impl Iterator<Item = Self> {
        let actions = Action::ALL.iter().map(|action| Self::Act(*action));
        [Self::Start, Self::RobotStart, Self::WalkIn, Self::Submit, Self::Edit]
            .into_iter()
            .chain(actions)
            .chain([Self::BeforeDue, Self::WhenDue])
    }

    fn label(self) -> String {
        match self {
            Self::Start => "start, with a code".to_owned(),
            Self::RobotStart => "start, without a code".to_owned(),
            Self::WalkIn => "walk in".to_owned(),
            Self::Submit => "submit".to_owned(),
            Self::Edit => "edit".to_owned(),
            Self::Act(Action::SetAside) => "set aside".to_owned(),
            Self::Act(action) => format!("{action:?}").to_lowercase(),
            Self::BeforeDue => "end the wait, too early".to_owned(),
            Self::WhenDue => "end the wait, at its hour".to_owned(),
        }
    }

    fn command(self, shop: &TestShop) -> (Command, Now) {
        let now = at(COMMAND_SECONDS);
        let due = shop.next_due().map_or(now.at, |(due, _)| due);
        let end = Command::EndWait { order: id(1) };
        match self {
            Self::Start => (scan(1, 0), now),
            Self::RobotStart => (robot_start(1), now),
            Self::WalkIn => (walk_in(1), now),
            Self::Submit => (submit(1), now),
            Self::Edit => (edit(1, "espresso"), now),
            Self::Act(Action::Cancel) => (cancel(1), now),
            Self::Act(action) => (act(1, action), now),
            Self::BeforeDue => (end, Now { at: Instant(due.0 - 1), ..now }),
            Self::WhenDue => (end, Now { at: due, ..now }),
        }
    }
}

/// A cell: the outcome of the command issued by `actor`.
fn outcome(shop: TestShop, actor: Actor, row: CommandRow) -> String {
    let (command, now) = row.command(&shop);
    let shop = shop.when(actor, command, now);
    let Some(refusal) = shop.refusal().cloned() else {
        return match (shop.step(1), shop.events().last().map(|caused| &caused.event)) {
            (Some(step), _) => format!("→ {step}"),
            (None, Some(Event::OrderFinished(event))) => format!("→ over ({})", step_label(event.outcome)),
            (None, other) => panic!("the order has no step after {other:?}"),
        };
    };
    let word = match &refusal {
        Refusal::IllegalStep { .. } => "not open",
        Refusal::NotOwner => "somebody else's",
        Refusal::RoleNotAllowed => "–",
        Refusal::UnknownOrder => "unknown",
        Refusal::NotDue { .. } => "early",
        other => panic!("no text for {other:?}"),
    };
    shop.refused(refusal);
    word.to_owned()
}

fn step_label(step: Step) -> String {
    step.as_str().replace('_', " ")
}

fn table(shop: impl Fn() -> TestShop, columns: &[ActorColumn]) -> String {
    let head: Vec<String> = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut rows = vec![[vec![String::new()], head].concat()];
    for row in CommandRow::all() {
        let cells = columns.iter().map(|(_, actor)| outcome(shop(), *actor, row)).collect();
        rows.push([vec![row.label()], cells].concat());
    }
    let long = |cell: &String| cell.chars().count();
    let widths: Vec<usize> =
        (0..=columns.len()).map(|n| rows.iter().map(|cells| long(&cells[n])).max().unwrap_or(0).max(3)).collect();
    rows.insert(1, widths.iter().map(|width| "-".repeat(*width)).collect());
    rows.iter().fold(String::new(), |mut text, row| {
        for (cell, width) in row.iter().zip(&widths) {
            write!(text, "| {cell:width$} ").unwrap();
        }
        text + "|\n"
    })
}

/// A heading, its explanation, and the setup of order 1.
type Section = (&'static str, &'static str, fn() -> TestShop);

fn robot_order_waiting() -> TestShop {
    TestShop::open().after(ROBOT, robot_start(1), at(0)).after(ROBOT, submit(1), at(30))
}

const GUEST_SECTIONS: [Section; 7] = [
    ("Choosing", "The guest has the menu open.", TestShop::choosing),
    ("Waiting", "Chosen and numbered. Nobody has claimed it yet, so its barista is any barista.", TestShop::waiting),
    ("Making", "Its barista has it in hand.", TestShop::making),
    ("Ready", "It stands on the counter.", TestShop::ready),
    ("Ready, and set aside", "Nobody has come for it yet.", || TestShop::ready().after(DAVE, set_aside(1), at(100))),
    ("Cancelled by its guest", "While it was waiting, and its time to be taken back goes on.", || {
        TestShop::waiting().after(ANNA, cancel(1), at(100))
    }),
    ("Cancelled by the bar", "While it was being made, and its time to be taken back goes on.", || {
        TestShop::making().after(DAVE, cancel(1), at(100))
    }),
];

/// The steps of a robot's order, up to the cancellation.
const ROBOT_SECTIONS: [Section; 6] = [
    ("A robot's: choosing", "", || TestShop::open().after(ROBOT, robot_start(1), at(0))),
    ("A robot's: waiting", "", robot_order_waiting),
    ("A robot's: making", "A person has it in hand.", || robot_order_waiting().after(CARLA, claim(1), at(60))),
    ("A robot's: ready", "", || robot_order_waiting().after(CARLA, claim(1), at(60)).after(CARLA, complete(1), at(90))),
    ("A robot's: ready, and set aside", "", || {
        robot_order_waiting().after(CARLA, claim(1), at(60)).after(CARLA, complete(1), at(90)).after(
            DAVE,
            set_aside(1),
            at(100),
        )
    }),
    ("A robot's: cancelled by itself", "", || robot_order_waiting().after(ROBOT, cancel(1), at(100))),
];

fn walk_in_ready() -> TestShop {
    walk_in_waiting().after(CARLA, claim(1), at(60)).after(CARLA, complete(1), at(90))
}

fn walk_in_waiting() -> TestShop {
    TestShop::open().after(CARLA, walk_in(1), at(30))
}

/// The steps of a walk-in order, which is submitted when it starts.
const WALK_IN_SECTIONS: [Section; 3] = [
    ("A walk-in's: waiting", "Somebody without a phone has ordered at the bar.", walk_in_waiting),
    ("A walk-in's: making", "", || walk_in_waiting().after(CARLA, claim(1), at(60))),
    ("A walk-in's: ready", "", walk_in_ready),
];

/// Actors of a walk-in order. All staff may issue a guest's commands for it.
const WALK_IN_COLUMNS: [ActorColumn; 5] =
    [("its barista", CARLA), ("another barista", DAVE), ("manager", MANAGER), ("guest", ANNA), ("robot", ROBOT)];

const INTRODUCTION: &str = "\
# What an order allows

Every order stands at one step, and each step allows some things to some people.
These tables are asked of the rules themselves, in a shop that is open and has room; a test asks for every cell again \
and fails when one differs.
The first tables are about a guest's order; then come a robot's, which is to the bar like any other, and the one of \
somebody without a phone.

";

const UNKNOWN_ORDER: &str = "\
## Not there, or over

Never begun; or collected, cancelled, timed out, expired or turned away: the rules forget what is over.
The log does not. The server asks it before it lets an order begin a second time, and says of one that is over that \
the step is not open.

";

const LEGEND: &str = "\
## What the words mean

- **→ step**: granted, and where the order is then. **over**, in brackets how, is the end: nothing follows.
- **not open**: this person may ask for it, but not at this step.
- **somebody else's**: the order is another guest's, or its drink is in another barista's hands, or it is a person's \
and a robot asks.
- **–**: not the role's: nobody of this kind may do that, or only the bar may take back what the bar did.
- **unknown**: there is no such order.
- **early**: what the order waits for may still come. The house ends a wait, and only by the clock.

**walk in** is an order at the bar, begun and submitted in one. **edit** is another choice. **extend** is more time to \
choose and is granted once. **recall** takes back a cancellation, or that the drink is ready. **remind** calls out once \
more what is ready, and puts back on the display what was set aside; **set aside** puts it out of the way of those that \
are not late. **cancel** needs a reason from the bar, which the guest reads.

A cancellation gives the place and the guest's drink of the day back at once. A guest or a robot may take it back while \
both are still free; otherwise the answer is that of a start, that the bar is full or the guest has had the day's \
drinks. The bar may always: a recall by the bar may exceed the capacity and the limit of a guest, as a walk-in does.
";

fn document() -> String {
    let section = |(heading, explanation, shop): Section, columns: &[ActorColumn]| {
        let explanation = if explanation.is_empty() { String::new() } else { format!("{explanation}\n\n") };
        format!("## {heading}\n\n{explanation}{}\n", table(shop, columns))
    };
    let mut text = format!("{INTRODUCTION}{UNKNOWN_ORDER}{}\n", table(TestShop::open, &GUEST_COLUMNS));
    text.extend(GUEST_SECTIONS.map(|parts| section(parts, &GUEST_COLUMNS)));
    text.extend(ROBOT_SECTIONS.map(|parts| section(parts, &ROBOT_COLUMNS)));
    text.extend(WALK_IN_SECTIONS.map(|parts| section(parts, &WALK_IN_COLUMNS)));
    text + LEGEND
}

/// Differences between the written and the generated document, cell by cell.
fn differences(written: &str, generated: &str) -> Vec<String> {
    let (written, generated): (Vec<&str>, Vec<&str>) = (written.lines().collect(), generated.lines().collect());
    let mut found_differences = Vec::new();
    for n in 0..written.len().max(generated.len()) {
        let cells = |lines: &[&str]| -> Vec<String> {
            let line = lines.get(n).copied().unwrap_or_default();
            line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        let (was, is) = (cells(&written), cells(&generated));
        let pairs = (0..was.len().max(is.len())).map(|cell| (was.get(cell), is.get(cell)));
        let unequal = pairs.filter(|(was, is)| was != is);
        found_differences.extend(unequal.map(|(was, is)| {
            let text = |cell: Option<&String>| cell.cloned().unwrap_or_default();
            format!("docs/orders.md:{}: “{}” should be “{}”", n + 1, text(was), text(is))
        }));
    }
    found_differences
}

#[test]
#[expect(clippy::disallowed_methods, reason = "this test regenerates the document when CREMA_WRITE is set")]
fn the_order_tables_match_the_rules() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/orders.md");
    let generated = document();
    if std::env::var("CREMA_WRITE").is_ok() {
        std::fs::write(&path, &generated).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let found_differences = differences(&written, &generated);
    assert!(
        written == generated,
        "{}\nregenerate it and review the diff: CREMA_WRITE=1 cargo test -p domain table",
        found_differences.join("\n")
    );
}

#[test]
fn staff_treat_robot_orders_like_any_other() {
    for ((heading, _, guests), (_, _, robots)) in GUEST_SECTIONS.into_iter().zip(ROBOT_SECTIONS) {
        for row in CommandRow::all() {
            for actor in [CARLA, DAVE, MANAGER, DISPLAY, Actor::System] {
                let (person, robot) = (outcome(guests(), actor, row), outcome(robots(), actor, row));
                assert_eq!(person, robot, "{heading}: {}, by {actor}", row.label());
            }
        }
    }
}

#[test]
fn a_finished_order_behaves_like_an_unknown_order() {
    let end = |shop: TestShop| {
        let (due, command) = shop.next_due().unwrap();
        shop.after(Actor::System, command, Now { at: due, ..at(0) })
    };
    let endings: [(Step, TestShop); 6] = [
        (Step::Collected, TestShop::ready().after(CARLA, collect(1), at(100))),
        (Step::Cancelled, end(TestShop::waiting().after(ANNA, cancel(1), at(50)))),
        (Step::TimedOut, end(TestShop::choosing())),
        (Step::TimedOut, end(TestShop::making())),
        (Step::Expired, end(TestShop::ready())),
        (Step::Unavailable, TestShop::closed().after(ANNA, scan(1, 0), at(0)).and(StoreOpened { held: false })),
    ];
    let unknown = table(TestShop::open, &GUEST_COLUMNS);
    for (outcome, shop) in endings {
        assert_eq!(table(|| shop.clone(), &GUEST_COLUMNS), unknown, "{outcome}");
    }
}

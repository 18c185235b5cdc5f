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
    ANNA, BEN, Bar, CARLA, DAVE, DISPLAY, MANAGER, OTHER_ROBOT, ROBOT, act, at, cancel, claim, collect, complete, edit,
    id, knock, scan, set_aside, submit, walk_in,
};

/// Time of the commands in seconds after nine. No order below is due before it.
const ASKED: u32 = 105;

/// A column: the actor's relation to order 1, and the actor.
type Persona = (&'static str, Actor);

const OF_A_GUEST: [Persona; 8] = [
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
const OF_A_ROBOT: [Persona; 3] = [("its robot", ROBOT), ("another robot", OTHER_ROBOT), ("guest", ANNA)];

/// A row: a command on order 1.
#[derive(Clone, Copy)]
enum Ask {
    Start,
    Knock,
    WalkIn,
    Submit,
    Edit,
    Act(Action),
    TooEarly,
    AtItsHour,
}

impl Ask {
    fn all() -> impl Iterator<Item = Self> {
        let actions = Action::ALL.iter().map(|action| Self::Act(*action));
        [Self::Start, Self::Knock, Self::WalkIn, Self::Submit, Self::Edit]
            .into_iter()
            .chain(actions)
            .chain([Self::TooEarly, Self::AtItsHour])
    }

    fn words(self) -> String {
        match self {
            Self::Start => "start, with a code".to_owned(),
            Self::Knock => "start, without a code".to_owned(),
            Self::WalkIn => "walk in".to_owned(),
            Self::Submit => "submit".to_owned(),
            Self::Edit => "edit".to_owned(),
            Self::Act(Action::SetAside) => "set aside".to_owned(),
            Self::Act(action) => format!("{action:?}").to_lowercase(),
            Self::TooEarly => "end the wait, too early".to_owned(),
            Self::AtItsHour => "end the wait, at its hour".to_owned(),
        }
    }

    fn of(self, bar: &Bar) -> (Command, Now) {
        let now = at(ASKED);
        let due = bar.next_due().map_or(now.at, |(due, _)| due);
        let end = Command::EndWait { order: id(1) };
        match self {
            Self::Start => (scan(1, 0), now),
            Self::Knock => (knock(1), now),
            Self::WalkIn => (walk_in(1), now),
            Self::Submit => (submit(1), now),
            Self::Edit => (edit(1, "espresso"), now),
            Self::Act(action) => (act(1, action), now),
            Self::TooEarly => (end, Now { at: Instant(due.0 - 1), ..now }),
            Self::AtItsHour => (end, Now { at: due, ..now }),
        }
    }
}

/// A cell: the outcome of the command issued by `actor`.
fn outcome(bar: Bar, who: Actor, ask: Ask) -> String {
    let (command, now) = ask.of(&bar);
    let bar = bar.when(who, command, now);
    let Some(refusal) = bar.refusal().cloned() else {
        return match (bar.step(1), bar.said().last().map(|said| &said.event)) {
            (Some(step), _) => format!("→ {step}"),
            (None, Some(Event::OrderFinished(event))) => format!("→ over ({})", spaced(event.outcome)),
            (None, other) => panic!("the order has no step after {other:?}"),
        };
    };
    let word = match &refusal {
        Refusal::StepIsIllegal { .. } => "not open",
        Refusal::OrderIsAnothers => "somebody else's",
        Refusal::RoleForbids => "–",
        Refusal::OrderIsUnknown => "unknown",
        Refusal::WaitGoesOn { .. } => "early",
        other => panic!("no text for {other:?}"),
    };
    bar.refused(refusal);
    word.to_owned()
}

fn spaced(step: Step) -> String {
    step.as_str().replace('_', " ")
}

fn table(bar: impl Fn() -> Bar, actors: &[Persona]) -> String {
    let head: Vec<String> = actors.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut rows = vec![[vec![String::new()], head].concat()];
    for ask in Ask::all() {
        let cells = actors.iter().map(|(_, who)| outcome(bar(), *who, ask)).collect();
        rows.push([vec![ask.words()], cells].concat());
    }
    let long = |cell: &String| cell.chars().count();
    let widths: Vec<usize> =
        (0..=actors.len()).map(|n| rows.iter().map(|row| long(&row[n])).max().unwrap_or(0).max(3)).collect();
    rows.insert(1, widths.iter().map(|width| "-".repeat(*width)).collect());
    rows.iter().fold(String::new(), |mut text, row| {
        for (cell, width) in row.iter().zip(&widths) {
            write!(text, "| {cell:width$} ").unwrap();
        }
        text + "|\n"
    })
}

/// A heading, its explanation, and the setup of order 1.
type Scene = (&'static str, &'static str, fn() -> Bar);

fn robots_waiting() -> Bar {
    Bar::founded().after(ROBOT, knock(1), at(0)).after(ROBOT, submit(1), at(30))
}

const SCENES: [Scene; 7] = [
    ("Choosing", "The guest has the menu open.", Bar::choosing),
    ("Waiting", "Chosen and numbered. Nobody has claimed it yet, so its barista is any barista.", Bar::waiting),
    ("Making", "Its barista has it in hand.", Bar::making),
    ("Ready", "It stands on the counter.", Bar::ready),
    ("Ready, and set aside", "Nobody has come for it yet.", || Bar::ready().after(DAVE, set_aside(1), at(100))),
    ("Cancelled by its guest", "While it was waiting, and its time to be taken back goes on.", || {
        Bar::waiting().after(ANNA, cancel(1), at(100))
    }),
    ("Cancelled by the bar", "While it was being made, and its time to be taken back goes on.", || {
        Bar::making().after(DAVE, cancel(1), at(100))
    }),
];

/// The steps of a robot's order, up to the cancellation.
const ROBOTS_SCENES: [Scene; 6] = [
    ("A robot's: choosing", "", || Bar::founded().after(ROBOT, knock(1), at(0))),
    ("A robot's: waiting", "", robots_waiting),
    ("A robot's: making", "A person has it in hand.", || robots_waiting().after(CARLA, claim(1), at(60))),
    ("A robot's: ready", "", || robots_waiting().after(CARLA, claim(1), at(60)).after(CARLA, complete(1), at(90))),
    ("A robot's: ready, and set aside", "", || {
        robots_waiting().after(CARLA, claim(1), at(60)).after(CARLA, complete(1), at(90)).after(
            DAVE,
            set_aside(1),
            at(100),
        )
    }),
    ("A robot's: cancelled by itself", "", || robots_waiting().after(ROBOT, cancel(1), at(100))),
];

fn walk_ins_ready() -> Bar {
    walk_ins_waiting().after(CARLA, claim(1), at(60)).after(CARLA, complete(1), at(90))
}

fn walk_ins_waiting() -> Bar {
    Bar::founded().after(CARLA, walk_in(1), at(30))
}

/// The steps of a walk-in order, which is submitted when it starts.
const WALK_INS_SCENES: [Scene; 3] = [
    ("A walk-in's: waiting", "Somebody without a phone has ordered at the bar.", walk_ins_waiting),
    ("A walk-in's: making", "", || walk_ins_waiting().after(CARLA, claim(1), at(60))),
    ("A walk-in's: ready", "", walk_ins_ready),
];

/// Actors of a walk-in order. All staff may issue a guest's commands for it.
const OF_A_WALK_IN: [Persona; 5] =
    [("its barista", CARLA), ("another barista", DAVE), ("manager", MANAGER), ("guest", ANNA), ("robot", ROBOT)];

const OPENING: &str = "\
# What an order allows

Every order stands at one step, and each step allows some things to some people.
These tables are asked of the rules themselves, in a shop that is open and has room; a test asks for every cell again \
and fails when one differs.
The first tables are about a guest's order; then come a robot's, which is to the bar like any other, and the one of \
somebody without a phone.

";

const NOT_THERE: &str = "\
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
more what is ready; **set aside** puts it out of the way of those that are not late.
";

fn document() -> String {
    let section = |(heading, means, bar): Scene, actors: &[Persona]| {
        let means = if means.is_empty() { String::new() } else { format!("{means}\n\n") };
        format!("## {heading}\n\n{means}{}\n", table(bar, actors))
    };
    let mut text = format!("{OPENING}{NOT_THERE}{}\n", table(Bar::founded, &OF_A_GUEST));
    text.extend(SCENES.map(|scene| section(scene, &OF_A_GUEST)));
    text.extend(ROBOTS_SCENES.map(|scene| section(scene, &OF_A_ROBOT)));
    text.extend(WALK_INS_SCENES.map(|scene| section(scene, &OF_A_WALK_IN)));
    text + LEGEND
}

/// Differences between the written and the generated document, cell by cell.
fn differences(written: &str, asked: &str) -> Vec<String> {
    let (written, asked): (Vec<&str>, Vec<&str>) = (written.lines().collect(), asked.lines().collect());
    let mut found = Vec::new();
    for n in 0..written.len().max(asked.len()) {
        let of = |lines: &[&str]| -> Vec<String> {
            let line = lines.get(n).copied().unwrap_or_default();
            line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        let (was, is) = (of(&written), of(&asked));
        let pairs = (0..was.len().max(is.len())).map(|cell| (was.get(cell), is.get(cell)));
        let unlike = pairs.filter(|(was, is)| was != is);
        found.extend(unlike.map(|(was, is)| {
            let said = |cell: Option<&String>| cell.cloned().unwrap_or_default();
            format!("docs/orders.md:{}: “{}” should be “{}”", n + 1, said(was), said(is))
        }));
    }
    found
}

#[test]
#[expect(clippy::disallowed_methods, reason = "this test regenerates the document when CREMA_WRITE is set")]
fn the_tables_people_read_are_what_the_rules_answer() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/orders.md");
    let asked = document();
    if std::env::var("CREMA_WRITE").is_ok() {
        std::fs::write(&path, &asked).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let found = differences(&written, &asked);
    assert!(
        written == asked,
        "{}\nregenerate it and review the diff: CREMA_WRITE=1 cargo test -p domain table",
        found.join("\n")
    );
}

#[test]
fn behind_the_bar_a_robots_order_is_like_any_other() {
    for ((heading, _, guests), (_, _, robots)) in SCENES.into_iter().zip(ROBOTS_SCENES) {
        for ask in Ask::all() {
            for who in [CARLA, DAVE, MANAGER, DISPLAY, Actor::System] {
                let (person, robot) = (outcome(guests(), who, ask), outcome(robots(), who, ask));
                assert_eq!(person, robot, "{heading}: {}, by {who}", ask.words());
            }
        }
    }
}

#[test]
fn what_is_over_is_to_the_rules_as_if_it_had_never_been() {
    let end = |bar: Bar| {
        let (due, command) = bar.next_due().unwrap();
        bar.after(Actor::System, command, Now { at: due, ..at(0) })
    };
    let endings: [(Step, Bar); 6] = [
        (Step::Collected, Bar::ready().after(CARLA, collect(1), at(100))),
        (Step::Cancelled, end(Bar::waiting().after(ANNA, cancel(1), at(50)))),
        (Step::TimedOut, end(Bar::choosing())),
        (Step::TimedOut, end(Bar::making())),
        (Step::Expired, end(Bar::ready())),
        (Step::Unavailable, Bar::closed().after(ANNA, scan(1, 0), at(0)).and(StoreOpened { held: false })),
    ];
    let never = table(Bar::founded, &OF_A_GUEST);
    for (outcome, bar) in endings {
        assert_eq!(table(|| bar.clone(), &OF_A_GUEST), never, "{outcome}");
    }
}

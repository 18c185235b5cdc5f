//! Extensions for tests: one that counts events, and some that fail.

use std::sync::{Arc, Condvar, Mutex};

use domain::event::{Event, Fact};
use domain::extension::pin::{Pin, Screen};
use domain::extension::sheet::Sheet;
use domain::extension::{Emission, Extension, LoggedEvent, Manifest, PageAccess, SheetRequest, StartFrom};
use domain::time::Instant;

/// Records the positions of all received events, emits their number and pins it to the display.
#[derive(Default)]
struct Tally {
    heard: Vec<u64>,
    said: usize,
    falls: Falls,
}

/// The failure that an `OrderClaimed` event triggers.
#[derive(Clone, Default)]
enum Falls {
    #[default]
    Never,
    Panics,
    /// Blocks until the switch is on.
    Hangs(Arc<(Mutex<bool>, Condvar)>),
}

/// The path of a page that panics.
const BROKEN: &str = "broken";

impl Extension for Tally {
    fn on_event(&mut self, heard: &LoggedEvent<'_>) {
        if matches!(heard.recorded.event, Event::OrderClaimed(_)) {
            match &self.falls {
                Falls::Never => {}
                Falls::Panics => panic!("as it was asked to"),
                Falls::Hangs(switch) => {
                    let (on, bell) = &**switch;
                    drop(bell.wait_while(on.lock().unwrap(), |on| !*on));
                }
            }
        }
        self.heard.push(heard.recorded.position);
    }

    fn begin(&mut self, _: Instant) -> Vec<Emission> {
        vec![Emission { name: "Begun", ..Emission::default() }]
    }

    fn tick(&mut self, _: Instant) -> Vec<Emission> {
        if self.said == self.heard.len() {
            return Vec::new();
        }
        self.said = self.heard.len();
        let count = Fact::Number(i64::try_from(self.said).unwrap());
        let pin = |screen, slot: &str, value, link| Pin {
            screen,
            slot: slot.to_owned(),
            label: "Heard".to_owned(),
            value,
            unit: None,
            until: None,
            link,
        };
        let pins = vec![
            pin(Screen::Display, "head", Some(count.clone()), None),
            pin(Screen::Ordering, "order", None, Some("{order}".to_owned())),
        ];
        vec![Emission { name: "Counted", facts: [("count".to_owned(), count)].into(), pins }]
    }

    fn view(&self, asked: &SheetRequest<'_>) -> Option<Sheet> {
        assert_ne!(asked.path, BROKEN);
        let json = match asked.path.parse() {
            Ok(order) => {
                let seen = |recorded: &domain::event::Recorded| recorded.actor.is_some();
                let story = (asked.story)(order);
                format!("{{\"events\":{},\"actors\":{}}}", story.len(), story.iter().filter(|r| seen(r)).count())
            }
            Err(_) => serde_json::to_string(&self.heard).unwrap(),
        };
        Some(Sheet { title: "Tally".to_owned(), json, ..Sheet::default() })
    }

    fn save(&self) -> String {
        serde_json::to_string(&(&self.heard, self.said)).unwrap()
    }
}

fn page_access(path: &str) -> Option<PageAccess> {
    match path {
        "" | BROKEN => Some(PageAccess::Everybody),
        "staff" => Some(PageAccess::Staff),
        _ => path.parse().ok().map(PageAccess::Of),
    }
}

fn manifest(name: &'static str, begins: StartFrom, falls: Falls) -> Manifest {
    let make = move |saved: Option<&str>| {
        let (heard, said) = saved.map_or(Ok(Default::default()), serde_json::from_str).ok()?;
        Some(Box::new(Tally { heard, said, falls: falls.clone() }) as Box<dyn Extension>)
    };
    Manifest { name, words: "Counts.", version: 1, begins, hears: |_| false, page_access, make: Box::new(make) }
}

pub(crate) fn tally() -> Manifest {
    manifest("Tally", StartFrom::AtTheFirst, Falls::Never)
}

/// A counter that starts at the current end of the log.
pub(crate) fn latecomer() -> Manifest {
    manifest("Latecomer", StartFrom::Now, Falls::Never)
}

pub(crate) fn stumbler() -> Manifest {
    manifest("Stumbler", StartFrom::AtTheFirst, Falls::Panics)
}

/// An extension that blocks until this value is dropped.
pub(crate) struct Sleeper(Arc<(Mutex<bool>, Condvar)>);

impl Sleeper {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    pub(crate) fn manifest(&self) -> Manifest {
        manifest("Sleeper", StartFrom::AtTheFirst, Falls::Hangs(Arc::clone(&self.0)))
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }
}

/// Emits an event whenever another extension has emitted one.
#[derive(Default)]
struct Echo {
    is_new: bool,
}

impl Extension for Echo {
    fn on_event(&mut self, heard: &LoggedEvent<'_>) {
        self.is_new |= matches!(heard.recorded.event, Event::Emitted(_) | Event::OrderClaimed(_));
    }

    fn tick(&mut self, _: Instant) -> Vec<Emission> {
        let is_new = std::mem::take(&mut self.is_new);
        is_new.then(|| Emission { name: "Echoed", ..Emission::default() }).into_iter().collect()
    }
}

/// Two extensions that answer each other endlessly.
pub(crate) fn echoes() -> Vec<Manifest> {
    let echo = |name: &'static str| Manifest {
        name,
        words: "Answers.",
        version: 1,
        begins: StartFrom::AtTheFirst,
        hears: |_| true,
        page_access: |_| None,
        make: Box::new(|_| Some(Box::new(Echo::default()))),
    };
    vec![echo("EchoOne"), echo("EchoTwo")]
}

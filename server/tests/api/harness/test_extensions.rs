//! Extensions for tests: one that counts events, and some that fail.

use std::sync::{Arc, Condvar, Mutex};

use domain::event::{Event, Fact};
use domain::extension::pin::{Pin, PinLabel, Screen};
use domain::extension::sheet::Sheet;
use domain::extension::{DESCRIPTION, Emission, Extension, LoggedEvent, Manifest, PageAccess, SheetRequest, StartFrom};
use domain::language::Language;
use domain::time::Instant;

/// Records the positions of all received events, emits their number and pins it to the display.
#[derive(Default)]
struct CountingExtension {
    received: Vec<u64>,
    reported: usize,
    fault: InjectedFault,
}

/// The failure that an `OrderClaimed` event triggers.
#[derive(Clone, Default)]
enum InjectedFault {
    #[default]
    Never,
    Panics,
    /// Blocks until the switch is on.
    Hangs(Arc<(Mutex<bool>, Condvar)>),
}

/// The path of a page that panics.
const PANICKING_PAGE: &str = "broken";

impl Extension for CountingExtension {
    fn on_event(&mut self, logged: &LoggedEvent<'_>) {
        if matches!(logged.recorded.event, Event::OrderClaimed(_)) {
            match &self.fault {
                InjectedFault::Never => {}
                InjectedFault::Panics => panic!("injected panic"),
                InjectedFault::Hangs(switch) => {
                    let (on, condvar) = &**switch;
                    drop(condvar.wait_while(on.lock().unwrap(), |on| !*on));
                }
            }
        }
        self.received.push(logged.recorded.position);
    }

    fn on_start(&mut self, _: Instant) -> Vec<Emission> {
        vec![Emission { name: "Started", ..Emission::default() }]
    }

    fn tick(&mut self, _: Instant) -> Vec<Emission> {
        if self.reported == self.received.len() {
            return Vec::new();
        }
        self.reported = self.received.len();
        let count = Fact::Number(i64::try_from(self.reported).unwrap());
        let pin = |screen, slot: &str, value, link| Pin {
            screen,
            slot: slot.to_owned(),
            label: PinLabel::Key("received".to_owned()),
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

    fn view(&self, request: &SheetRequest<'_>) -> Option<Sheet> {
        assert_ne!(request.path, PANICKING_PAGE);
        let json = match request.path.parse() {
            Ok(order) => {
                let has_actor = |recorded: &domain::event::Recorded| recorded.actor.is_some();
                let events = (request.order_events)(order);
                format!("{{\"events\":{},\"actors\":{}}}", events.len(), events.iter().filter(|r| has_actor(r)).count())
            }
            Err(_) => serde_json::to_string(&self.received).unwrap(),
        };
        Some(Sheet { title: "Counter".to_owned(), json, ..Sheet::default() })
    }

    fn save(&self) -> String {
        serde_json::to_string(&(&self.received, self.reported)).unwrap()
    }
}

fn page_access(path: &str) -> Option<PageAccess> {
    match path {
        "" | PANICKING_PAGE => Some(PageAccess::Public),
        "staff" => Some(PageAccess::Staff),
        _ => path.parse().ok().map(PageAccess::Order),
    }
}

fn words(_: Language, key: &str) -> Option<&'static str> {
    match key {
        DESCRIPTION => Some("Counts events."),
        "received" => Some("Received"),
        _ => None,
    }
}

fn manifest(name: &'static str, start_from: StartFrom, fault: InjectedFault) -> Manifest {
    let make = move |saved: Option<&str>| {
        let (received, reported) = saved.map_or(Ok(Default::default()), serde_json::from_str).ok()?;
        Some(Box::new(CountingExtension { received, reported, fault: fault.clone() }) as Box<dyn Extension>)
    };
    Manifest { name, words, version: 1, start_from, subscribes_to: |_| false, page_access, make: Box::new(make) }
}

pub(crate) fn counter() -> Manifest {
    manifest("Counter", StartFrom::FirstEvent, InjectedFault::Never)
}

/// A counter that starts at the current end of the log.
pub(crate) fn counter_from_now() -> Manifest {
    manifest("LateCounter", StartFrom::Now, InjectedFault::Never)
}

pub(crate) fn panicking() -> Manifest {
    manifest("Panicking", StartFrom::FirstEvent, InjectedFault::Panics)
}

/// An extension that blocks until this value is dropped.
pub(crate) struct HangingExtension(Arc<(Mutex<bool>, Condvar)>);

impl HangingExtension {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    pub(crate) fn manifest(&self) -> Manifest {
        manifest("Hanging", StartFrom::FirstEvent, InjectedFault::Hangs(Arc::clone(&self.0)))
    }
}

impl Drop for HangingExtension {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }
}

/// Emits an event whenever another extension has emitted one.
#[derive(Default)]
struct EchoExtension {
    is_new: bool,
}

impl Extension for EchoExtension {
    fn on_event(&mut self, logged: &LoggedEvent<'_>) {
        self.is_new |= matches!(logged.recorded.event, Event::Emitted(_) | Event::OrderClaimed(_));
    }

    fn tick(&mut self, _: Instant) -> Vec<Emission> {
        let is_new = std::mem::take(&mut self.is_new);
        is_new.then(|| Emission { name: "Echoed", ..Emission::default() }).into_iter().collect()
    }
}

/// Two extensions that answer each other endlessly.
pub(crate) fn echo_pair() -> Vec<Manifest> {
    let echo = |name: &'static str| Manifest {
        name,
        words: |_, _| None,
        version: 1,
        start_from: StartFrom::FirstEvent,
        subscribes_to: |_| true,
        page_access: |_| None,
        make: Box::new(|_| Some(Box::new(EchoExtension::default()))),
    };
    vec![echo("EchoOne"), echo("EchoTwo")]
}

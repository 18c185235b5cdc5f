//! `OrderJourney`: a page for each order with the text of each of its events. Stateless: it reads the order's events
//! from the log.

use domain::event::{CloudEvent, Event, Recorded};
use domain::extension::pin::{Pin, PinLabel, Screen};
use domain::extension::sheet::{Sheet, TimelineEntry};
use domain::extension::{Emission, Extension, LoggedEvent, Manifest, PageAccess, SheetRequest, StartFrom};
use domain::ids::OrderId;
use domain::language::Language;
use domain::time::Instant;
use serde::Serialize;

use self::lead::Lead;
use self::words::JourneyText;

mod lead;
mod pictures;
mod words;

/// The manifest of `OrderJourney`. The path of a page is the order's id.
pub fn manifest() -> Manifest {
    Manifest {
        name: "OrderJourney",
        words: words::label,
        version: 1,
        start_from: StartFrom::Now,
        subscribes_to: |_| false,
        page_access: |path| path.parse().ok().map(PageAccess::Order),
        // The saved state is always empty. Other text belongs to another extension.
        make: Box::new(|saved| if saved.is_none_or(str::is_empty) { Some(Box::new(OrderJourney)) } else { None }),
    }
}

/// The extension; it has no state.
struct OrderJourney;

impl Extension for OrderJourney {
    fn on_event(&mut self, _: &LoggedEvent<'_>) {}

    fn on_start(&mut self, _: Instant) -> Vec<Emission> {
        let pins = [Screen::Ordering, Screen::Barista].map(|screen| Pin {
            screen,
            slot: "order".to_owned(),
            label: PinLabel::Key("journey".to_owned()),
            value: None,
            unit: None,
            until: None,
            link: Some("{order}".to_owned()),
        });
        vec![Emission { name: "JourneysOffered", pins: pins.into(), ..Emission::default() }]
    }

    fn view(&self, request: &SheetRequest<'_>) -> Option<Sheet> {
        let order: OrderId = request.path.parse().ok()?;
        let order_events = (request.order_events)(order);
        let lead = Lead::of_order(&order_events, request.now)?;
        let text = |text| words::text(request.language, text);
        let (picture, lead) = (lead.picture(), text(JourneyText::Lead(&lead)));
        let number = order_events.iter().find_map(|recorded| match &recorded.event {
            Event::NumberGiven(event) => Some(event.number),
            _ => None,
        });
        let title = text(JourneyText::Title { number });
        let events = order_events.iter().map(|recorded| recorded.to_cloud_event(request.shop)).collect();
        let json = serde_json::to_string(&JourneyJson { order, events }).ok()?;
        let steps = order_events.into_iter().map(|event| step(request.language, event)).collect();
        Some(Sheet { title, lead, picture: Some(picture), steps, json, ..Sheet::default() })
    }
}

fn step(language: Language, event: Recorded) -> TimelineEntry {
    let [title, words] = [JourneyText::StepTitle(&event), JourneyText::StepWords(&event)];
    let [title, words] = [words::text(language, title), words::text(language, words)];
    TimelineEntry { title, words, picture: pictures::of_event(&event.event), event }
}

/// The JSON of a journey.
#[derive(Serialize)]
struct JourneyJson<'a> {
    order: OrderId,
    events: Vec<CloudEvent<&'a Event>>,
}

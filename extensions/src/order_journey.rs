//! `OrderJourney`: a page for each order with the text of each of its events. Stateless: it reads the order's events
//! from the log.

use domain::event::{CloudEvent, Event, Recorded};
use domain::extension::pin::{Pin, Screen};
use domain::extension::sheet::{Sheet, TimelineEntry};
use domain::extension::{Emission, Extension, LoggedEvent, Manifest, PageAccess, SheetRequest, StartFrom};
use domain::ids::OrderId;
use domain::time::Instant;
use serde::Serialize;

mod ending;
mod words;

/// The manifest of `OrderJourney`. The path of a page is the order's id.
pub fn manifest() -> Manifest {
    Manifest {
        name: "OrderJourney",
        description: "Tells what happened to an order, event by event, on a page that its guest can pass on.",
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
            label: "Journey".to_owned(),
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
        let (lead, picture) = ending::summary(&order_events, request.now)?;
        let number = order_events.iter().find_map(|recorded| match &recorded.event {
            Event::NumberGiven(event) => Some(event.number),
            _ => None,
        });
        let title = number.map_or_else(|| "Journey of an order".to_owned(), |n| format!("Journey of order {n}"));
        let events = order_events.iter().map(|recorded| recorded.to_cloud_event(request.shop)).collect();
        let json = serde_json::to_string(&JourneyJson { order, events }).ok()?;
        let steps = order_events.into_iter().map(moment).collect();
        Some(Sheet { title, lead, picture: Some(picture), steps, json, ..Sheet::default() })
    }
}

fn moment(event: Recorded) -> TimelineEntry {
    let (title, words, picture) = words::step_text(&event);
    TimelineEntry { title, words, picture, event }
}

/// The JSON of a journey.
#[derive(Serialize)]
struct JourneyJson<'a> {
    order: OrderId,
    events: Vec<CloudEvent<&'a Event>>,
}

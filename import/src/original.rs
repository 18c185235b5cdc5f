//! Parser for the archived events of AWS Serverlesspresso.
//!
//! The events contain secrets and personal data: workflow task tokens, user ids, QR codes. The parser therefore reads
//! named fields only and never copies a whole event.

use std::collections::HashSet;

use domain::order::TimeoutCause;
use domain::text;
use domain::time::Instant;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::json_values::json_values;
use super::skip_reason::SkipReason;

/// One entry of the archive file.
#[derive(Debug)]
pub(super) struct ArchiveEntry {
    /// Number of the entry in the file, from 1.
    pub number: u64,
    /// The `detail-type`, if present.
    pub kind: Option<String>,
    pub read: Result<ArchivedEvent, SkipReason>,
}

impl ArchiveEntry {
    /// Whether this part of the file is JSON.
    pub(super) fn is_json(&self) -> bool {
        !matches!(self.read, Err(SkipReason::InvalidJson))
    }
}

/// One event of the original system.
#[derive(Debug)]
pub(super) struct ArchivedEvent {
    pub at: Instant,
    /// The original's `eventId`: the shop it belongs to.
    pub tenant: Option<String>,
    pub order: Option<String>,
    pub user: Option<String>,
    pub is_robot: bool,
    pub payload: Payload,
}

/// The content of an event. Covers the event names of every version of the original.
#[derive(Debug)]
pub(super) enum Payload {
    NewOrder {
        window: Option<Instant>,
        left: Option<u32>,
    },
    WorkflowStarted,
    Numbered {
        number: Option<u32>,
    },
    Submitted {
        number: Option<u32>,
        drink: Option<ArchivedDrink>,
    },
    Claimed {
        barista: String,
    },
    Released,
    Completed,
    Cancelled {
        by_guest: bool,
    },
    TimedOut(TimeoutCause),
    Unavailable,
    Finished,
    ConfigChanged(ConfigChange),
    /// A request for a drink, by a robot or by the short workflow of the first version.
    OrderRequested {
        drink: Option<ArchivedDrink>,
    },
    /// A request by a robot to complete or cancel an order.
    FulfilmentRequested {
        to_cancel: bool,
        barista: Option<String>,
    },
}

impl Payload {
    /// Sort rank of events of one order in the same second, which is the resolution of the original's clock.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::NewOrder { .. } => 0,
            Self::WorkflowStarted | Self::Unavailable | Self::ConfigChanged(_) => 1,
            Self::OrderRequested { .. } => 2,
            Self::Numbered { .. } => 3,
            Self::Submitted { .. } => 4,
            Self::Claimed { .. } | Self::Released => 5,
            Self::FulfilmentRequested { .. } => 6,
            Self::Completed | Self::Cancelled { .. } | Self::TimedOut(_) => 7,
            Self::Finished => 8,
        }
    }
}

/// A drink by name, as the original identifies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ArchivedDrink {
    pub name: String,
    pub modifiers: Vec<String>,
}

/// The imported fields of a configuration change.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConfigChange {
    pub open: Option<bool>,
    pub drinks_per_code: Option<u32>,
    pub room: Option<u32>,
    pub orders_per_guest: Option<u32>,
    pub has_menu: bool,
}

/// Names are truncated to this many characters.
const MAX_NAME_CHARS: usize = 60;

#[derive(Deserialize)]
struct ArchivedEnvelope {
    id: String,
    time: String,
    detail: Value,
}

/// Parses every entry of an archive, which is one JSON array or one JSON object per line.
///
/// # Errors
/// A JSON array that is truncated or invalid. An invalid line is an entry of its own instead.
pub(super) fn entries(text: &str) -> Result<Vec<ArchiveEntry>, serde_json::Error> {
    let mut ids = HashSet::new();
    let values = json_values(text)?;
    Ok((1..).zip(values).map(|(number, value)| parse_entry(number, value, &mut ids)).collect())
}

fn parse_entry(number: u64, value: Option<Value>, ids: &mut HashSet<String>) -> ArchiveEntry {
    let Some(value) = value else {
        return ArchiveEntry { number, kind: None, read: Err(SkipReason::InvalidJson) };
    };
    let kind = text(&value, "detail-type").map(|kind| sanitize(&kind));
    let read = match (&kind, ArchivedEnvelope::deserialize(value)) {
        (Some(kind), Ok(envelope)) => match parse_time(&envelope.time) {
            Some(_) if !ids.insert(envelope.id) => Err(SkipReason::DuplicateId),
            Some(at) => parse_event(kind, at, &envelope.detail),
            None => Err(SkipReason::NotAnEvent),
        },
        _ => Err(SkipReason::NotAnEvent),
    };
    ArchiveEntry { number, kind, read }
}

fn parse_event(kind: &str, at: Instant, detail: &Value) -> Result<ArchivedEvent, SkipReason> {
    let drink = drink_order(detail);
    let user = text(detail, "userId").or_else(|| drink.as_ref().and_then(|drink| text(drink, "userId")));
    let is_robot = user.as_deref() == Some("robot") || detail["robot"] == Value::Bool(true);
    let event = ArchivedEvent {
        at,
        tenant: tenant(kind, detail),
        order: text(detail, "orderId").filter(|order| !order.is_empty()),
        user,
        is_robot,
        payload: parse_payload(kind, detail, drink.as_ref())?,
    };
    let needs_order = !matches!(event.payload, Payload::ConfigChanged(_) | Payload::Unavailable);
    if needs_order && event.order.is_none() { Err(SkipReason::MissingOrder) } else { Ok(event) }
}

fn parse_payload(kind: &str, detail: &Value, ordered: Option<&Value>) -> Result<Payload, SkipReason> {
    let drink = || ordered.and_then(drink);
    let number = || number(&detail["orderNumber"]).filter(|number| *number > 0);
    Ok(match kind {
        "Validator.NewOrder" => {
            let bucket = &detail["bucket"];
            // The original may oversell a code, which leaves a negative count.
            let left = bucket["availableTokens"].as_i64().map(|left| u32::try_from(left).unwrap_or(0));
            Payload::NewOrder {
                window: bucket["start_ts"].as_i64().map(Instant).filter(|at| is_representable(*at)),
                left,
            }
        }
        "OrderProcessor.WorkflowStarted" => Payload::WorkflowStarted,
        "OrderProcessor.WaitingCompletion" => Payload::Numbered { number: number() },
        "OrderManager.WaitingCompletion" => Payload::Submitted { number: number(), drink: drink() },
        "OrderManager.MakeOrder" => match text(detail, "baristaUserId").filter(|barista| !barista.is_empty()) {
            Some(barista) => Payload::Claimed { barista },
            None => Payload::Released,
        },
        "OrderProcessor.OrderTimeOut" => match detail["cause"].as_str() {
            Some("Customer timedout") => Payload::TimedOut(TimeoutCause::Customer),
            Some("Barista timedout") => Payload::TimedOut(TimeoutCause::Barista),
            _ => return Err(SkipReason::MissingCause),
        },
        "OrderProcessor.ShopUnavailable" => Payload::Unavailable,
        "OrderProcessor.orderFinished" => Payload::Finished,
        "ConfigService.ConfigChanged" => Payload::ConfigChanged(config(&detail["NewImage"])),
        "ProducerRobot.FulfillOrder" | "OrderProcessor.OrderStarted" => Payload::OrderRequested { drink: drink() },
        "OrderRobot.FulfillOrder" => Payload::FulfilmentRequested {
            to_cancel: detail["action"] == "cancel",
            barista: text(detail, "baristaUserId"),
        },
        "OrderManager.OrderStarted" => return Err(SkipReason::Request),
        "OrderManager.DrinkAverageTime" => return Err(SkipReason::Metric),
        _ => match split_outcome(kind).ok_or(SkipReason::UnknownKind)?.1 {
            "COMPLETED" => Payload::Completed,
            // Only the first version says who cancelled; in later ones it was always the bar.
            _ => Payload::Cancelled { by_guest: is_by_guest(detail) },
        },
    })
}

/// Splits `OrderManager.OrderNYC-COMPLETED` or `OrderManager.OrderCompleted` into the tenant, if any, and the outcome.
fn split_outcome(kind: &str) -> Option<(Option<&str>, &str)> {
    match kind.strip_prefix("OrderManager.Order")? {
        "Completed" => Some((None, "COMPLETED")),
        "Cancelled" => Some((None, "CANCELLED")),
        rest => {
            let (tenant, end) = rest.rsplit_once('-')?;
            matches!(end, "COMPLETED" | "CANCELLED").then_some((Some(tenant), end))
        }
    }
}

fn is_by_guest(detail: &Value) -> bool {
    detail["actionUserId"].is_string() && detail["actionUserId"] == detail["userId"]
}

fn tenant(kind: &str, detail: &Value) -> Option<String> {
    let of_config = || detail["NewImage"]["PK"]["S"].as_str()?.strip_prefix("config-").map(str::to_owned);
    let of_name = || split_outcome(kind)?.0.map(str::to_owned);
    let id = text(detail, "eventId").or_else(|| text(&detail["bucket"], "eventId"));
    id.or_else(of_config).or_else(of_name).map(|tenant| sanitize(&tenant)).filter(|tenant| !tenant.is_empty())
}

/// Returns the drink order: JSON text or an object in `drinkOrder`, an object in `body` (robots), or the detail itself
/// (first version).
fn drink_order(detail: &Value) -> Option<Value> {
    match (&detail["drinkOrder"], &detail["body"]) {
        (Value::String(text), _) => serde_json::from_str(text).ok(),
        (drink @ Value::Object(_), _) | (_, drink @ Value::Object(_)) => Some(drink.clone()),
        _ => detail["drink"].is_string().then(|| detail.clone()),
    }
}

fn drink(ordered: &Value) -> Option<ArchivedDrink> {
    let name = ordered["drink"].as_str().map(sanitize).filter(|name| !name.is_empty())?;
    let modifiers = ordered["modifiers"].as_array().into_iter().flatten().filter_map(Value::as_str).map(sanitize);
    Some(ArchivedDrink { name, modifiers: modifiers.filter(|modifier| !modifier.is_empty()).collect() })
}

fn sanitize(text: &str) -> String {
    let text: String = text.chars().filter(|c| !text::is_forbidden(*c)).collect();
    text::to_name(&text.chars().take(MAX_NAME_CHARS).collect::<String>())
}

/// Parses DynamoDB JSON: `{"storeOpen": {"BOOL": true}, "drinksPerBarcode": {"N": "10"}, …}`.
fn config(image: &Value) -> ConfigChange {
    let of = |name: &str| number(&image[name]["N"]);
    ConfigChange {
        open: image["storeOpen"]["BOOL"].as_bool(),
        drinks_per_code: of("drinksPerBarcode"),
        room: of("maxOrdersInQueue"),
        orders_per_guest: of("maxOrdersPerUser"),
        has_menu: image["menu"].is_object(),
    }
}

/// Parses a JSON number or a numeric string; both occur.
fn number(value: &Value) -> Option<u32> {
    let whole = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())?;
    u32::try_from(whole).ok()
}

fn text(value: &Value, field: &str) -> Option<String> {
    value[field].as_str().map(str::to_owned)
}

/// Parses an RFC 3339 time. EventBridge writes whole seconds; other archives have fractions.
fn parse_time(time: &str) -> Option<Instant> {
    time.parse::<Timestamp>().ok().map(|time| Instant(time.as_millisecond())).filter(|at| is_representable(*at))
}

/// Whether the time is in the range of `Instant`, with a day to spare for subsequent timeouts.
fn is_representable(at: Instant) -> bool {
    (0..Instant::NEVER.0 - 86_400_000).contains(&at.0)
}

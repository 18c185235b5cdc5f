//! The original's archived events: what is read of each, and nothing besides.
//!
//! An event there carries more than a log may keep: tokens that continue a workflow, the ids of people, the code in the
//! QR. Fields are taken one by one, so that what nobody asks for never gets in.

use std::collections::HashSet;

use domain::order::Cause;
use domain::time::Instant;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::report::SkipReason;

/// One entry of the file.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its place in the file, from 1.
    pub place: u64,
    /// As far as it says one.
    pub kind: Option<String>,
    pub read: Result<Archived, SkipReason>,
}

/// One event of the original.
#[derive(Debug)]
pub(super) struct Archived {
    pub at: Instant,
    /// Of several bars in one archive, which.
    pub tenant: Option<String>,
    pub order: Option<String>,
    pub user: Option<String>,
    pub is_robots: bool,
    pub fact: Fact,
}

/// What it says, by the names of all its versions.
#[derive(Debug)]
pub(super) enum Fact {
    Begun {
        window: Option<Instant>,
        left: Option<u32>,
    },
    Started,
    Numbered {
        number: Option<u32>,
    },
    Submitted {
        number: Option<u32>,
        drink: Option<Drink>,
    },
    Claimed {
        barista: String,
    },
    Released,
    Completed,
    Cancelled {
        by_guest: bool,
    },
    TimedOut(Cause),
    Unavailable,
    Finished,
    Config(Config),
    /// A robot, or the first version's short way, asks for a drink.
    Asked {
        drink: Option<Drink>,
    },
    /// A robot asks that a drink be called ready, or cancelled.
    Bidden {
        to_cancel: bool,
        barista: Option<String>,
    },
}

impl Fact {
    /// Which of an order's facts comes first in one and the same second: the original's time has no more.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Begun { .. } => 0,
            Self::Started | Self::Unavailable | Self::Config(_) => 1,
            Self::Asked { .. } => 2,
            Self::Numbered { .. } => 3,
            Self::Submitted { .. } => 4,
            Self::Claimed { .. } | Self::Released => 5,
            Self::Bidden { .. } => 6,
            Self::Completed | Self::Cancelled { .. } | Self::TimedOut(_) => 7,
            Self::Finished => 8,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Drink {
    pub name: String,
    pub modifiers: Vec<String>,
}

/// What is taken over of a changed configuration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Config {
    pub open: Option<bool>,
    pub drinks_per_code: Option<u32>,
    pub room: Option<u32>,
    pub orders_per_guest: Option<u32>,
    pub has_menu: bool,
}

/// The longest name that is kept, in characters.
const NAME_MOST: usize = 60;

#[derive(Deserialize)]
struct ArchivedEnvelope {
    id: String,
    time: String,
    detail: Value,
}

/// Every entry of an archive: one JSON array, or one JSON object a line.
///
/// # Errors
/// An array that does not end as one.
pub(super) fn entries(text: &str) -> Result<Vec<Entry>, serde_json::Error> {
    let text = text.trim_start_matches('\u{feff}');
    let values: Vec<Option<Value>> = if text.trim_start().starts_with('[') {
        serde_json::from_str::<Vec<Value>>(text)?.into_iter().map(Some).collect()
    } else {
        text.lines().filter(|line| !line.trim().is_empty()).map(|line| serde_json::from_str(line).ok()).collect()
    };
    let mut ids = HashSet::new();
    Ok((1..).zip(values).map(|(place, value)| entry(place, value, &mut ids)).collect())
}

fn entry(place: u64, value: Option<Value>, ids: &mut HashSet<String>) -> Entry {
    let Some(value) = value else {
        return Entry { place, kind: None, read: Err(SkipReason::NoJson) };
    };
    let kind = text(&value, "detail-type").map(|kind| clean(&kind));
    let read = match (&kind, ArchivedEnvelope::deserialize(value)) {
        (Some(kind), Ok(envelope)) => match moment(&envelope.time) {
            Some(_) if !ids.insert(envelope.id) => Err(SkipReason::Twice),
            Some(at) => archived(kind, at, &envelope.detail),
            None => Err(SkipReason::NoEvent),
        },
        _ => Err(SkipReason::NoEvent),
    };
    Entry { place, kind, read }
}

fn archived(kind: &str, at: Instant, detail: &Value) -> Result<Archived, SkipReason> {
    let drink = drink_order(detail);
    let user = text(detail, "userId").or_else(|| drink.as_ref().and_then(|drink| text(drink, "userId")));
    let is_robots = user.as_deref() == Some("robot") || detail["robot"] == Value::Bool(true);
    let found = Archived {
        at,
        tenant: tenant(kind, detail),
        order: text(detail, "orderId").filter(|order| !order.is_empty()),
        user,
        is_robots,
        fact: fact(kind, detail, drink.as_ref())?,
    };
    let needs_order = !matches!(found.fact, Fact::Config(_) | Fact::Unavailable);
    if needs_order && found.order.is_none() { Err(SkipReason::NoOrder) } else { Ok(found) }
}

fn fact(kind: &str, detail: &Value, ordered: Option<&Value>) -> Result<Fact, SkipReason> {
    let drink = || ordered.and_then(drink);
    let number = || number(&detail["orderNumber"]).filter(|number| *number > 0);
    Ok(match kind {
        "Validator.NewOrder" => {
            let bucket = &detail["bucket"];
            // Sold more than it had, a code there was left with less than none.
            let left = bucket["availableTokens"].as_i64().map(|left| u32::try_from(left).unwrap_or(0));
            Fact::Begun { window: bucket["start_ts"].as_i64().map(Instant).filter(|at| is_speakable(*at)), left }
        }
        "OrderProcessor.WorkflowStarted" => Fact::Started,
        "OrderProcessor.WaitingCompletion" => Fact::Numbered { number: number() },
        "OrderManager.WaitingCompletion" => Fact::Submitted { number: number(), drink: drink() },
        "OrderManager.MakeOrder" => match text(detail, "baristaUserId").filter(|barista| !barista.is_empty()) {
            Some(barista) => Fact::Claimed { barista },
            None => Fact::Released,
        },
        "OrderProcessor.OrderTimeOut" => match detail["cause"].as_str() {
            Some("Customer timedout") => Fact::TimedOut(Cause::Customer),
            Some("Barista timedout") => Fact::TimedOut(Cause::Barista),
            _ => return Err(SkipReason::NoCause),
        },
        "OrderProcessor.ShopUnavailable" => Fact::Unavailable,
        "OrderProcessor.orderFinished" => Fact::Finished,
        "ConfigService.ConfigChanged" => Fact::Config(config(&detail["NewImage"])),
        "ProducerRobot.FulfillOrder" | "OrderProcessor.OrderStarted" => Fact::Asked { drink: drink() },
        "OrderRobot.FulfillOrder" => {
            Fact::Bidden { to_cancel: detail["action"] == "cancel", barista: text(detail, "baristaUserId") }
        }
        "OrderManager.OrderStarted" => return Err(SkipReason::Request),
        "OrderManager.DrinkAverageTime" => return Err(SkipReason::Figure),
        _ => match tail(kind).ok_or(SkipReason::Unknown)?.1 {
            "COMPLETED" => Fact::Completed,
            // The first version says who did it; the later ones left it to the bar.
            _ => Fact::Cancelled { by_guest: is_its_guest(detail) },
        },
    })
}

/// `OrderManager.OrderNYC-COMPLETED` or `OrderManager.OrderCompleted`: the bar, if it stands there, and how it ended.
fn tail(kind: &str) -> Option<(Option<&str>, &str)> {
    match kind.strip_prefix("OrderManager.Order")? {
        "Completed" => Some((None, "COMPLETED")),
        "Cancelled" => Some((None, "CANCELLED")),
        rest => {
            let (tenant, end) = rest.rsplit_once('-')?;
            matches!(end, "COMPLETED" | "CANCELLED").then_some((Some(tenant), end))
        }
    }
}

fn is_its_guest(detail: &Value) -> bool {
    detail["actionUserId"].is_string() && detail["actionUserId"] == detail["userId"]
}

fn tenant(kind: &str, detail: &Value) -> Option<String> {
    let of_config = || detail["NewImage"]["PK"]["S"].as_str()?.strip_prefix("config-").map(str::to_owned);
    let of_name = || tail(kind)?.0.map(str::to_owned);
    let said = text(detail, "eventId").or_else(|| text(&detail["bucket"], "eventId"));
    said.or_else(of_config).or_else(of_name).map(|tenant| clean(&tenant)).filter(|tenant| !tenant.is_empty())
}

/// Where the drink stands: some versions wrote it as text, the robots as a body, the first one as a word.
fn drink_order(detail: &Value) -> Option<Value> {
    match (&detail["drinkOrder"], &detail["body"]) {
        (Value::String(text), _) => serde_json::from_str(text).ok(),
        (drink @ Value::Object(_), _) | (_, drink @ Value::Object(_)) => Some(drink.clone()),
        _ => detail["drink"].is_string().then(|| detail.clone()),
    }
}

fn drink(ordered: &Value) -> Option<Drink> {
    let name = ordered["drink"].as_str().map(clean).filter(|name| !name.is_empty())?;
    let modifiers = ordered["modifiers"].as_array().into_iter().flatten().filter_map(Value::as_str).map(clean);
    Some(Drink { name, modifiers: modifiers.filter(|modifier| !modifier.is_empty()).collect() })
}

fn clean(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(NAME_MOST).collect()
}

/// From the typed JSON of its table: `{"storeOpen": {"BOOL": true}, "drinksPerBarcode": {"N": "10"}, …}`.
fn config(image: &Value) -> Config {
    let of = |name: &str| number(&image[name]["N"]);
    Config {
        open: image["storeOpen"]["BOOL"].as_bool(),
        drinks_per_code: of("drinksPerBarcode"),
        room: of("maxOrdersInQueue"),
        orders_per_guest: of("maxOrdersPerUser"),
        has_menu: image["menu"].is_object(),
    }
}

/// A number, or the text of one: its versions differ.
fn number(value: &Value) -> Option<u32> {
    let whole = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())?;
    u32::try_from(whole).ok()
}

fn text(value: &Value, field: &str) -> Option<String> {
    value[field].as_str().map(str::to_owned)
}

/// The bus wrote whole seconds; other archives have more.
fn moment(time: &str) -> Option<Instant> {
    time.parse::<Timestamp>().ok().map(|time| Instant(time.as_millisecond())).filter(|at| is_speakable(*at))
}

/// Within the years that an instant can be written down in, with room for whatever waits follow.
fn is_speakable(at: Instant) -> bool {
    (0..Instant::NEVER.0 - 86_400_000).contains(&at.0)
}

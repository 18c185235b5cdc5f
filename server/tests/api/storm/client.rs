//! A guest, a barista or the manager, who sends random commands.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::ids::OrderId;
use domain::view::barista::Barista;
use domain::view::ordering::{GuestOrder, Ordering};
use parking_lot::Mutex;
use tokio::sync::watch;
use uuid::Uuid;

use super::folds::{LoadedViews, loaded};
use crate::harness::browser::command;
use crate::harness::request::{TestRequest, TestResponse};
use crate::harness::{Browser, LivePage, new_order};

/// Every order ends within this time after the last command: the sum of all waits is less.
const LONGEST_ORDER: Duration = Duration::from_secs(25);
/// Most orders that one guest begins.
const ORDERS_PER_GUEST: usize = 4;
const DRINKS: [&str; 5] = ["espresso", "mocha", "chai", "tea", "no-such-drink"];
const OF_GUEST: [&str; 12] = [
    "submit", "submit", "submit", "submit", "edit", "edit", "cancel", "recall", "recall", "postpone", "extend", "claim",
];
const OF_BAR: [&str; 17] = [
    "claim",
    "claim",
    "claim",
    "claim",
    "complete",
    "complete",
    "complete",
    "collect",
    "collect",
    "release",
    "cancel",
    "recall",
    "recall",
    "remind",
    "remind",
    "set_aside",
    "edit",
];
const REASONS: [&str; 4] = ["sold_out", "broken", "closing", "none-of-these"];
const THINGS: [&str; 4] = ["drink/mocha", "option/milk/oat", "ingredient/vanilla", "drink/no-such-drink"];
/// Limits that the manager changes, with the least and the most.
const LIMITS: [(&str, u64, u64); 6] = [
    ("room", 90, 200),
    ("orders_per_guest", 3, 9),
    ("drinks_per_code", 400, 1001),
    ("undo_seconds", 0, 2),
    ("extend_seconds", 0, 2),
    ("choose_seconds", 4, 6),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Guest,
    Barista,
    Manager,
}

impl Part {
    /// Commands of one client: 3,000 of thirty guests, three baristas and a manager.
    fn commands(self) -> usize {
        match self {
            Self::Guest => 60,
            Self::Barista => 340,
            Self::Manager => 180,
        }
    }
}

/// Random numbers of one client: `SplitMix64`.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64, client: u64) -> Self {
        Self(seed ^ client.wrapping_mul(0xD1B5_4A32_D192_ED03))
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

/// What all clients know.
pub(super) struct Shared {
    pub(super) code: String,
    /// Every order that somebody has tried to begin.
    begun: Mutex<Vec<OrderId>>,
    /// Orders that a barista could claim once.
    submitted: Mutex<Vec<OrderId>>,
    /// Orders whose beginning was answered with success.
    pub(super) acknowledged: Mutex<BTreeSet<OrderId>>,
    /// Number of answers.
    pub(super) answered: watch::Sender<usize>,
    /// Number of answers by command and outcome: `ok`, or the type of the refusal.
    pub(super) outcomes: Mutex<BTreeMap<(String, String), usize>>,
}

impl Shared {
    pub(super) fn new(code: String) -> Self {
        Self {
            code,
            begun: Mutex::default(),
            submitted: Mutex::default(),
            acknowledged: Mutex::default(),
            answered: watch::Sender::new(0),
            outcomes: Mutex::default(),
        }
    }
}

/// A command before its answer.
#[derive(Clone)]
struct Sending {
    action: String,
    /// The order that it begins or acts on.
    order: Option<OrderId>,
    is_beginning: bool,
    request: TestRequest,
}

pub(super) struct Client {
    pub(super) part: Part,
    browser: Browser,
    random: Random,
    pub(super) shared: Arc<Shared>,
    pub(super) commands_left: usize,
    /// The request that got no answer.
    unanswered: Option<Sending>,
    /// The command that takes back the last one, which stopped the shop.
    resume_with: Option<&'static str>,
    /// Orders of a guest that were accepted, or the order that staff handled last.
    orders: Vec<OrderId>,
    pub(super) views: LoadedViews,
}

/// Gives every wait its least length.
pub(super) async fn shorten_waits(manager: &Browser) {
    let waits = [("choose", "5"), ("extend", "1"), ("make", "5"), ("ready", "5"), ("undo", "1")];
    for (name, seconds) in waits {
        manager.command("store/limits", &[(&format!("change[{name}_seconds]"), seconds)]).await.expect_ok();
    }
}

impl Client {
    pub(super) fn new(part: Part, browser: Browser, random: Random, shared: Arc<Shared>) -> Self {
        let (commands_left, views) = (part.commands(), LoadedViews::default());
        let (unanswered, resume_with, orders) = (None, None, Vec::new());
        Self { part, browser, random, shared, commands_left, unanswered, resume_with, orders, views }
    }

    /// Follows the program to its new address.
    pub(super) fn move_to(&mut self, addr: SocketAddr) {
        self.browser = self.browser.with_addr(addr);
    }

    /// Sends commands until none is left or the program is gone.
    pub(super) async fn run(mut self) -> Self {
        while self.commands_left > 0 {
            let sending = self.unanswered.take().unwrap_or_else(|| self.next());
            let Ok(response) = self.browser.try_send(sending.request.clone()).await else {
                self.unanswered = Some(sending);
                return self;
            };
            self.read(&sending, &response);
            if self.random.one_in(8) && !self.try_load_view().await {
                return self;
            }
        }
        self
    }

    fn read(&mut self, sending: &Sending, response: &TestResponse) {
        let outcome = if response.status.is_success() { "ok".to_owned() } else { response.slug() };
        let counted = (sending.action.clone(), outcome.clone());
        *self.shared.outcomes.lock().entry(counted).or_default() += 1;
        if !response.status.is_success() {
            let slug = outcome;
            assert!(!response.status.is_server_error(), "{:?}: {} {slug}", sending.request, response.status);
        } else if sending.is_beginning {
            // A second start of a guest who still chooses is answered with the first order.
            let order = response.expect_ok().order.unwrap();
            self.shared.acknowledged.lock().insert(order);
            if !self.orders.contains(&order) {
                self.orders.push(order);
            }
        }
        if response.status.is_success() && matches!(sending.action.as_str(), "orders/submit" | "orders/walk_in") {
            self.shared.submitted.lock().extend(sending.order);
        }
        self.commands_left -= 1;
        self.shared.answered.send_modify(|count| *count += 1);
    }

    pub(super) async fn load_view(&mut self) {
        assert!(self.try_load_view().await, "the program is gone");
    }

    /// Loads a view of the client; `false` if the program is gone.
    async fn try_load_view(&mut self) -> bool {
        let view = match self.part {
            Part::Guest => "ordering",
            Part::Barista if self.random.one_in(2) => "barista",
            Part::Barista | Part::Manager => "display",
        };
        let Ok(response) = self.browser.try_send(TestRequest::get(&format!("/s/demo/view/{view}"))).await else {
            return false;
        };
        let (text, views) = (response.text(), &mut self.views);
        assert_eq!(response.status, 200, "{text}");
        match view {
            "ordering" => views.ordering.push(loaded(serde_json::from_str(text).unwrap())),
            "barista" => views.barista.push(loaded(serde_json::from_str(text).unwrap())),
            _ => views.display.push(loaded(serde_json::from_str(text).unwrap())),
        }
        true
    }

    /// Follows the stream until no order of the client's view is open.
    pub(super) async fn wait_until_orders_are_over(&mut self) {
        if self.part == Part::Guest {
            let mut page: LivePage<Ordering> = LivePage::open(&self.browser, "ordering").await;
            let waiting = page.wait_until(|view, _| view.orders.iter().all(GuestOrder::is_over));
            let is_over = tokio::time::timeout(LONGEST_ORDER, waiting).await.is_ok();
            assert!(is_over, "an order of this guest does not end: {:?}", page.view().orders);
        } else {
            let mut page: LivePage<Barista> = LivePage::open(&self.browser, "barista").await;
            let waiting = page.wait_until(|view, _| view.cards.is_empty());
            let is_over = tokio::time::timeout(LONGEST_ORDER, waiting).await.is_ok();
            assert!(is_over, "an order of the board does not end: {:?}", page.view().cards);
        }
    }

    fn next(&mut self) -> Sending {
        match self.part {
            Part::Guest => self.next_of_guest(),
            Part::Manager if self.random.one_in(2) => self.next_of_manager(),
            Part::Barista | Part::Manager => self.next_of_bar(),
        }
    }

    fn next_of_guest(&mut self) -> Sending {
        if self.orders.len() < ORDERS_PER_GUEST && self.random.one_in(6) {
            let code = if self.random.one_in(20) { "AAAA-AAAA".to_owned() } else { self.shared.code.clone() };
            return self.begin("orders/start", vec![field("code", &code)]);
        }
        let is_foreign = self.orders.is_empty() || self.random.one_in(20);
        let order = if is_foreign { self.some_order() } else { self.random.pick(&self.orders) };
        self.act(&OF_GUEST, order)
    }

    fn next_of_bar(&mut self) -> Sending {
        match self.random.below(30) {
            0 => {
                let drink = self.random.pick(&DRINKS);
                self.begin("orders/walk_in", vec![field("drink", drink)])
            }
            1 => {
                let (thing, available) = (self.random.pick(&THINGS), self.random.below(3) > 0);
                post("menu/availability", &[field("thing", thing), field("available", &available.to_string())])
            }
            // The order that was handled last has a next step.
            2..16 if !self.orders.is_empty() => {
                let order = *self.orders.last().unwrap();
                self.act(&OF_BAR, order)
            }
            _ => {
                let order = if self.random.one_in(4) { self.some_order() } else { self.submitted_order() };
                self.orders.push(order);
                self.act(&OF_BAR, order)
            }
        }
    }

    fn next_of_manager(&mut self) -> Sending {
        if let Some(action) = self.resume_with.take() {
            return post(action, &[]);
        }
        let (action, fields) = match self.random.below(40) {
            0 => {
                self.resume_with = Some("store/open");
                ("store/close", Vec::new())
            }
            1 => {
                self.resume_with = Some("store/resume");
                ("store/pause", vec![field("reason", "Milk is coming"), field("minutes", "1")])
            }
            5..11 => {
                ("menu/drink", ["id", "name", "icon"].map(|name| field(&format!("drink[{name}]"), "tea")).to_vec())
            }
            11..14 => ("menu/drink/remove", vec![field("drink", "tea")]),
            14..17 => {
                let price = self.random.below(400).to_string();
                let drink = [("id", "mocha"), ("name", "Mocha"), ("icon", "mocha"), ("price", price.as_str())];
                ("menu/drink", drink.map(|(name, value)| field(&format!("drink[{name}]"), value)).to_vec())
            }
            17 => ("orders/stop", Vec::new()),
            _ => {
                let (name, least, end) = self.random.pick(&LIMITS);
                let value = least + self.random.below(end - least + 1);
                ("store/limits", vec![field(&format!("change[{name}]"), &value.to_string())])
            }
        };
        post(action, &fields)
    }

    fn begin(&mut self, action: &str, mut fields: Vec<(String, String)>) -> Sending {
        let order = new_order();
        self.shared.begun.lock().push(order);
        self.views.orders.insert(order);
        fields.push(field("order", &order.to_string()));
        Sending { order: Some(order), is_beginning: true, ..post(action, &fields) }
    }

    /// One of the last orders that anybody began; rarely one that nobody did.
    fn some_order(&mut self) -> OrderId {
        let recent = last_thirty(&self.shared.begun);
        if recent.is_empty() || self.random.one_in(25) { new_order() } else { self.random.pick(&recent) }
    }

    /// One of the last orders that were submitted.
    fn submitted_order(&mut self) -> OrderId {
        let recent = last_thirty(&self.shared.submitted);
        if recent.is_empty() { self.some_order() } else { self.random.pick(&recent) }
    }

    fn act(&mut self, actions: &[&str], order: OrderId) -> Sending {
        let action = self.random.pick(actions);
        let mut fields = vec![field("order", &order.to_string())];
        if matches!(action, "submit" | "edit") {
            fields.push(field("drink", self.random.pick(&DRINKS)));
            if self.random.one_in(4) {
                fields.push(field("name", "Ada"));
            }
        } else if self.random.one_in(10) {
            fields.push(field("version", &self.random.below(6).to_string()));
        }
        if action == "cancel" && self.part != Part::Guest {
            fields.push(field("reason", self.random.pick(&REASONS)));
        }
        Sending { order: Some(order), ..post(&format!("orders/{action}"), &fields) }
    }
}

fn last_thirty(orders: &Mutex<Vec<OrderId>>) -> Vec<OrderId> {
    let orders = orders.lock();
    orders[orders.len().saturating_sub(30)..].to_vec()
}

/// A command that begins no order. Its key recognises a repetition.
fn post(action: &str, fields: &[(String, String)]) -> Sending {
    let key = Uuid::now_v7().to_string();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let request = command(action, &[&fields[..], &[("key", key.as_str())]].concat());
    Sending { action: action.to_owned(), order: None, is_beginning: false, request }
}

fn field(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

//! A run: commands decided one after the other, which become one unit of the log.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use domain::access::Actor;
use domain::answer::Answer;
use domain::command::{Channel, Command};
use domain::event::{Event, Recorded};
use domain::hours::Hours;
use domain::ids::{EventId, GuestId, OrderId, ShopId};
use domain::order::Step;
use domain::shop::{CausedEvent, ExecuteError, Shop};
use domain::time::{Day, Instant, Now};
use uuid::{NoContext, Timestamp, Uuid};

use crate::engine::load::fresh_epoch;
use crate::engine::{CommandError, Envelope, IdempotencyKey, Reply};
use crate::identity::keys::ShopKeys;
use crate::push::state::State;
use crate::store::{NameRow, OrderRow, Receipt, ShopBatch};

/// A command and what will be answered once the run is durable.
pub(super) struct Decided {
    pub posted: Envelope,
    pub resolution: Resolution,
}

pub(super) enum Resolution {
    Reply(Reply),
    /// A request under the same key is in flight: its receipt will tell.
    AskReceipt,
}

/// What has been decided and not yet written.
#[derive(Default)]
pub(super) struct Batch {
    pub decided: Vec<Decided>,
    pub events: Vec<Recorded>,
    /// Names given and forgotten, for the readers and, sealed, for the log's side table.
    pub names: Vec<(OrderId, Option<Arc<str>>)>,
    receipts: Vec<Receipt>,
    orders: BTreeMap<OrderId, OrderRow>,
}

/// The fold of everything decided, and what keeps one thing from being decided twice.
pub(super) struct SpeculativeState {
    shop: Shop,
    position: u64,
    /// Keys decided and not yet durable.
    keys: HashSet<String>,
    /// Orders with a name to forget.
    named: HashSet<OrderId>,
}

/// The services went in circles; the state they did it in is no longer to be used.
pub(super) struct EventLoopError(pub Box<Envelope>);

impl SpeculativeState {
    pub(super) fn of(state: &State) -> Self {
        Self {
            shop: state.shop.clone(),
            position: state.position,
            keys: HashSet::new(),
            named: state.names.keys().copied().collect(),
        }
    }

    /// What the clock asks next, and when.
    pub(super) fn next_due(&self, now: Now) -> Option<(Instant, Command)> {
        self.shop.next_due(now)
    }

    pub(super) fn hours(&self) -> &Hours {
        self.shop.hours()
    }

    /// Decides one command into the run.
    pub(super) fn decide(&mut self, batch: &mut Batch, posted: Envelope, now: Now) -> Result<(), EventLoopError> {
        let asked = &posted.asked;
        if asked.key.as_ref().is_some_and(|key| self.keys.contains(&key.text)) {
            batch.decided.push(Decided { posted, resolution: Resolution::AskReceipt });
            return Ok(());
        }
        let order = asked.command.order();
        let channel = self.shop.channel(&asked.command);
        let known = order.and_then(|id| self.shop.order(id)).map(|order| order.guest);
        let reply = match self.shop.execute(asked.who, asked.command.clone(), now) {
            Err(ExecuteError::EventLoop) => return Err(EventLoopError(Box::new(posted))),
            Err(ExecuteError::CommandError(refusal)) => Err(CommandError::Refusal(refusal)),
            Ok(said) => {
                let happened = !said.is_empty();
                let begins = said.iter().any(|said| matches!(said.event, Event::NewOrder(_)));
                let answer = if happened {
                    Answer::from_events(said.iter().map(|said| &said.event))
                } else {
                    self.shop.standing(asked.who, &asked.command)
                };
                batch.events.extend(stamp(said, self.position, now.at, asked.who, channel));
                self.position = batch.events.last().map_or(self.position, |recorded| recorded.position);
                let guest = || order.and_then(|id| self.shop.order(id)).map(|order| order.guest);
                let guest = known.or_else(guest).or(asked.who.guest());
                if let (true, Some(order), Some(guest)) = (happened, order, guest) {
                    self.follow(batch, (order, guest), &answer, begins, now.day);
                    self.name(batch, order, asked.name.as_deref());
                }
                // Where nothing happened there is nothing to repeat, and no commit that would keep the receipt.
                if let Some(key) = asked.key.as_ref().filter(|_| happened) {
                    self.keys.insert(key.text.clone());
                    batch.receipts.push(receipt(key, &answer, now.at));
                }
                Ok(answer)
            }
        };
        batch.decided.push(Decided { posted, resolution: Resolution::Reply(reply) });
        Ok(())
    }

    fn follow(&self, batch: &mut Batch, (order, guest): (OrderId, GuestId), answer: &Answer, begins: bool, day: Day) {
        let known = batch.orders.get(&order);
        // Of one that is over only the answer still knows how it ended.
        let step = self.shop.order(order).map(|order| order.step).or(answer.step);
        let row = OrderRow {
            id: order,
            guest,
            number: answer.number.or(known.map(|row| row.number)).unwrap_or(0),
            step: step.unwrap_or(Step::Choosing),
            position: self.position,
            ended: self.shop.order(order).is_none().then_some(day),
            is_new: known.is_some_and(|row| row.is_new) || begins,
        };
        batch.orders.insert(order, row);
    }

    fn name(&mut self, batch: &mut Batch, order: OrderId, name: Option<&str>) {
        if self.shop.order(order).is_none() {
            if self.named.remove(&order) {
                batch.names.push((order, None));
            }
        } else if let Some(name) = name {
            self.named.insert(order);
            batch.names.push((order, Some(name.into())));
        }
    }

    /// The keys of a run are durable: from here their receipts tell.
    pub(super) fn forget_keys(&mut self, batch: &Batch) {
        for receipt in &batch.receipts {
            self.keys.remove(&receipt.key);
        }
    }
}

impl Batch {
    /// The commands of the run in their order, to be decided again.
    pub(super) fn into_posted(self) -> impl Iterator<Item = Envelope> {
        self.decided.into_iter().map(|decided| decided.posted)
    }

    /// What is to be written; a run without events writes nothing.
    pub(super) fn unit(&self, shop: &ShopId, epoch: String, keys: &ShopKeys) -> Option<ShopBatch> {
        let sealed = |order: OrderId, name: &Option<Arc<str>>| name.as_ref().map(|name| keys.seal(order, name));
        Some(ShopBatch {
            shop: shop.clone(),
            epoch,
            after: self.events.first()?.position - 1,
            events: self.events.clone(),
            receipts: self.receipts.clone(),
            orders: self.orders.values().cloned().collect(),
            names: self
                .names
                .iter()
                .map(|(order, name)| NameRow { order: *order, sealed: sealed(*order, name) })
                .collect(),
        })
    }
}

/// The log of a new shop: what was said when the installation itself founded it.
pub(crate) fn first_batch(shop: ShopId, said: Vec<CausedEvent>, at: Instant) -> ShopBatch {
    let events = stamp(said, 0, at, Actor::System, None).collect();
    let (receipts, orders, names) = (Vec::new(), Vec::new(), Vec::new());
    ShopBatch { shop, epoch: fresh_epoch(), after: 0, events, receipts, orders, names }
}

fn receipt(key: &IdempotencyKey, answer: &Answer, at: Instant) -> Receipt {
    let answer = serde_json::to_string(answer).expect("answers have text keys only");
    Receipt { key: key.text.clone(), body: key.body, answer, at: at.0 }
}

/// Gives the events of one command their ids, places and causes.
fn stamp(
    said: Vec<CausedEvent>,
    after: u64,
    at: Instant,
    actor: Actor,
    channel: Option<Channel>,
) -> impl Iterator<Item = Recorded> {
    let ms = u64::try_from(at.0).unwrap_or(0);
    let time = Timestamp::from_unix(NoContext, ms / 1000, u32::try_from(ms % 1000).unwrap_or(0) * 1_000_000);
    let ids: Vec<EventId> = said.iter().map(|_| EventId(Uuid::new_v7(time))).collect();
    (after + 1..).zip(said).enumerate().map(move |(index, (position, said))| Recorded {
        id: ids[index],
        position,
        at,
        correlation: ids[0],
        causation: said.cause.map(|cause| ids[cause]),
        actor: Some(actor),
        channel,
        event: said.event,
    })
}

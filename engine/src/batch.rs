//! A batch: commands that are decided one after the other and written together.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use domain::access::Actor;
use domain::answer::Answer;
use domain::command::Command;
use domain::event::{Event, Recorded};
use domain::hours::Hours;
use domain::ids::{EventId, GuestId, OrderId, ShopId};
use domain::order::{Channel, Step};
use domain::shop::{CausedEvent, ExecuteError, Shop};
use domain::time::{Day, Instant, Now};
use uuid::{NoContext, Timestamp, Uuid};

use crate::keys::NameCipher;
use crate::load::fresh_epoch;
use crate::read_model::ReadState;
use crate::store::{NameRow, OrderRow, Receipt, ShopBatch};
use crate::{CommandError, Envelope, IdempotencyKey, Reply};

/// A decided command, and its resolution once the batch is durable.
pub(super) struct Decided {
    pub envelope: Envelope,
    pub resolution: Resolution,
}

pub(super) enum Resolution {
    Reply(Reply),
    /// Another request with the same key is in flight: its receipt has the answer.
    ReadReceipt,
}

/// Decided commands with their events, not yet written.
#[derive(Default)]
pub(super) struct Batch {
    /// Position of the log before the batch.
    after: u64,
    /// Id of the event there.
    after_id: Option<EventId>,
    pub decided: Vec<Decided>,
    pub events: Vec<Recorded>,
    /// Names that were set (`Some`) or removed (`None`). The store gets them encrypted.
    pub names: Vec<(OrderId, Option<Arc<str>>)>,
    receipts: Vec<Receipt>,
    orders: BTreeMap<OrderId, OrderRow>,
}

/// The fold of all decided events, committed or not, and the keys and names that are not durable yet.
pub(super) struct SpeculativeState {
    shop: Shop,
    position: u64,
    /// Id of the event at `position`.
    last_event: Option<EventId>,
    /// Idempotency keys that are decided and not yet durable.
    keys: HashSet<String>,
    /// Orders that have a name.
    named: HashSet<OrderId>,
}

/// An order after a command, for its index row.
struct OrderChange<'a> {
    order: OrderId,
    guest: GuestId,
    answer: &'a Answer,
    is_new: bool,
    day: Day,
}

/// The services react to each other without end. The speculative state must be discarded.
pub(super) struct EventLoopError(pub Box<Envelope>);

impl SpeculativeState {
    pub(super) fn new(durable: &ReadState) -> Self {
        let durable = &durable.state;
        Self {
            shop: durable.shop.clone(),
            position: durable.position,
            last_event: durable.last_event,
            keys: HashSet::new(),
            named: durable.names.keys().copied().collect(),
        }
    }

    /// True before the shop's first event.
    pub(super) fn is_empty(&self) -> bool {
        self.position == 0
    }

    /// The next command of the clock, with its due time.
    pub(super) fn next_due(&mut self, now: Now) -> Option<(Instant, Command)> {
        self.shop.bound_waits(now.at);
        self.shop.next_due(now)
    }

    pub(super) fn hours(&self) -> &Hours {
        self.shop.hours()
    }

    /// Decides one command and adds it to the batch, with its events unless it is refused.
    ///
    /// # Errors
    /// The command's events do not end. The state is then invalid.
    pub(super) fn decide(&mut self, batch: &mut Batch, envelope: Envelope, now: Now) -> Result<(), EventLoopError> {
        if batch.decided.is_empty() {
            (batch.after, batch.after_id) = (self.position, self.last_event);
        }
        let request = &envelope.request;
        if request.idempotency_key.as_ref().is_some_and(|key| self.keys.contains(&key.text)) {
            batch.decided.push(Decided { envelope, resolution: Resolution::ReadReceipt });
            return Ok(());
        }
        let order = request.command.order();
        let channel = self.shop.channel(&request.command);
        let guest_before = order.and_then(|id| self.shop.order(id)).map(|order| order.guest);
        let reply = match self.shop.execute(request.actor, request.command.clone(), now) {
            Err(ExecuteError::EventLoop) => return Err(EventLoopError(Box::new(envelope))),
            Err(ExecuteError::Refused(refusal)) => Err(CommandError::Refusal(refusal)),
            Ok(events) => {
                let has_events = !events.is_empty();
                let is_new = events.iter().any(|caused| matches!(caused.event, Event::NewOrder(_)));
                let answer = if has_events {
                    Answer::from_events(events.iter().map(|caused| &caused.event))
                } else {
                    self.shop.current_answer(request.actor, &request.command)
                };
                batch.events.extend(record(events, self.position, now.at, request.actor, channel));
                if let Some(last) = batch.events.last() {
                    (self.position, self.last_event) = (last.position, Some(last.id));
                }
                let guest_after = || order.and_then(|id| self.shop.order(id)).map(|order| order.guest);
                let guest = guest_before.or_else(guest_after).or(request.actor.guest());
                if let (true, Some(order), Some(guest)) = (has_events, order, guest) {
                    self.update_order(batch, &OrderChange { order, guest, answer: &answer, is_new, day: now.day });
                    self.update_name(batch, order, request.name.as_deref());
                }
                // A key is kept also without events: a repetition might otherwise change what others did meanwhile.
                if let Some(key) = &request.idempotency_key {
                    self.keys.insert(key.text.clone());
                    batch.receipts.push(receipt(key, &answer, now.at));
                }
                Ok(answer)
            }
        };
        batch.decided.push(Decided { envelope, resolution: Resolution::Reply(reply) });
        Ok(())
    }

    fn update_order(&self, batch: &mut Batch, change: &OrderChange<'_>) {
        let order = self.shop.order(change.order);
        let known = batch.orders.get(&change.order);
        // The state no longer has an ended order, so its final step comes from the answer.
        let step = order.map(|order| order.step).or(change.answer.step);
        let row = OrderRow {
            id: change.order,
            guest: change.guest,
            number: change.answer.number.or(known.map(|row| row.number)).unwrap_or(0),
            step: step.unwrap_or(Step::Choosing),
            position: self.position,
            ended: order.is_none().then_some(change.day),
            is_new: known.is_some_and(|row| row.is_new) || change.is_new,
        };
        batch.orders.insert(change.order, row);
    }

    fn update_name(&mut self, batch: &mut Batch, order: OrderId, name: Option<&str>) {
        let is_over = self.shop.order(order).is_none();
        match name {
            Some(name) if !is_over && !name.is_empty() => {
                self.named.insert(order);
                batch.names.push((order, Some(name.into())));
            }
            None if !is_over => {}
            _ if self.named.remove(&order) => batch.names.push((order, None)),
            _ => {}
        }
    }

    /// Forgets the keys of a durable batch: from now on their receipts answer.
    pub(super) fn forget_keys(&mut self, batch: &Batch) {
        for receipt in &batch.receipts {
            self.keys.remove(&receipt.key);
        }
    }
}

impl Batch {
    /// The commands in the order of their decisions, to be decided again.
    pub(super) fn into_envelopes(self) -> impl Iterator<Item = Envelope> {
        self.decided.into_iter().map(|decided| decided.envelope)
    }

    /// The rows to write; `None` without events and receipts.
    pub(super) fn to_shop_batch(&self, shop: &ShopId, epoch: String, keys: &dyn NameCipher) -> Option<ShopBatch> {
        if self.events.is_empty() && self.receipts.is_empty() {
            return None;
        }
        let seal = |order: OrderId, name: &Option<Arc<str>>| name.as_ref().map(|name| keys.seal(order, name));
        let names = self.names.iter().map(|(order, name)| NameRow { order: *order, sealed: seal(*order, name) });
        Some(ShopBatch {
            shop: shop.clone(),
            epoch,
            after: self.after,
            after_id: self.after_id,
            events: self.events.clone(),
            receipts: self.receipts.clone(),
            orders: self.orders.values().cloned().collect(),
            names: names.collect(),
        })
    }
}

/// The first batch of a new shop, with the events that create it.
pub fn first_batch(shop: ShopId, events: Vec<CausedEvent>, at: Instant) -> ShopBatch {
    let events = record(events, 0, at, Actor::System, None).collect();
    let (receipts, orders, names) = (Vec::new(), Vec::new(), Vec::new());
    ShopBatch { shop, epoch: fresh_epoch(), after: 0, after_id: None, events, receipts, orders, names }
}

fn receipt(key: &IdempotencyKey, answer: &Answer, at: Instant) -> Receipt {
    let answer = serde_json::to_string(answer).expect("answer maps have string keys");
    Receipt { key: key.text.clone(), request_hash: key.request_hash, answer, at: at.0 }
}

/// Gives the events of one command their ids, positions after `after`, and causes.
fn record(
    events: Vec<CausedEvent>,
    after: u64,
    at: Instant,
    actor: Actor,
    channel: Option<Channel>,
) -> impl Iterator<Item = Recorded> {
    let ms = u64::try_from(at.0).unwrap_or(0);
    let time = Timestamp::from_unix(NoContext, ms / 1000, u32::try_from(ms % 1000).unwrap_or(0) * 1_000_000);
    let ids: Vec<EventId> = events.iter().map(|_| EventId(Uuid::new_v7(time))).collect();
    (after + 1..).zip(events).enumerate().map(move |(index, (position, caused))| Recorded {
        id: ids[index],
        position,
        at,
        correlation: ids[0],
        causation: caused.cause.map(|cause| ids[cause]),
        actor: Some(actor),
        channel,
        event: caused.event,
    })
}

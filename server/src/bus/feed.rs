//! What brings one extension the events of one shop, and takes back what it says.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::bus::housed::Housed;
use crate::bus::life::{Ended, Life};
use crate::bus::worker::{Fallen, Worker};
use crate::clock::Clock;
use crate::engine::Engine;
use crate::push::{News, Room};

/// Falls over one event before it is put aside, or at one place before the extension is given up.
const STRIKES: u32 = 3;

/// After a fall, times the falls so far.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) struct Feed {
    pub(super) housed: Arc<Housed>,
    pub(super) room: Arc<Room>,
    pub(super) engine: Arc<Engine>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) stop: CancellationToken,
}

/// Why an extension is heard no longer.
enum Left {
    SwitchedOff,
    Stopped,
}

/// Why it has to begin anew.
pub(super) enum Broke {
    Fell(Fallen),
    /// The log cannot be read just now.
    Unread,
}

impl From<Fallen> for Broke {
    fn from(fallen: Fallen) -> Self {
        Self::Fell(fallen)
    }
}

/// What it fell over, and how often.
#[derive(Default)]
struct Falls {
    at: u64,
    count: u32,
    put_aside: Vec<u64>,
}

impl Feed {
    pub(super) async fn follow(self) {
        loop {
            tokio::select! {
                () = self.switched(true) => {}
                () = self.stop.cancelled() => return,
            }
            self.housed.note(self.room.shop(), |standing| standing.given_up = false);
            match self.live_on().await {
                Left::SwitchedOff => {}
                Left::Stopped => return,
            }
        }
    }

    /// Whether it is switched off, or the program stops.
    pub(super) fn is_over(&self) -> bool {
        self.stop.is_cancelled() || !self.room.seen().state.shop.hears(self.housed.card.name)
    }

    /// Comes back when it is, or is no longer, on here.
    async fn switched(&self, on: bool) {
        loop {
            let (is_on, mut news) = self.room.join(|seen| seen.state.shop.hears(self.housed.card.name));
            if is_on == on {
                return;
            }
            while matches!(news.recv().await, Ok(News::Name { .. })) {}
        }
    }

    /// One life after the other, until it is switched off or the program stops.
    async fn live_on(&self) -> Left {
        let (shop, card) = (self.room.shop(), &self.housed.card);
        let mut falls = Falls::default();
        loop {
            let Some(worker) = self.housed.worker() else { return self.give_up().await };
            let hearing = Arc::new(AtomicU64::new(0));
            let begun_at = self.housed.standing(shop).heard;
            let fallen = match self.live(&worker, &hearing, &falls.put_aside).await {
                Ok(left) => return left,
                Err(Broke::Unread) => None,
                Err(Broke::Fell(fallen)) => Some(fallen),
            };
            if let Some(fallen) = fallen {
                let at = hearing.load(Ordering::Relaxed);
                if fallen == Fallen::Hangs {
                    self.housed.lose(&worker);
                }
                self.housed.note(shop, |standing| standing.fallen = true);
                let heard = self.housed.standing(shop).heard;
                falls.fell(at, heard > begun_at);
                tracing::error!(extension = card.name, %shop, at, falls = falls.count, ?fallen, "an extension fell");
                if falls.count >= STRIKES && at == 0 {
                    return self.give_up().await;
                }
                if falls.count >= STRIKES {
                    falls.put_aside.push(at);
                    falls.count = 0;
                    self.housed.note(shop, |standing| standing.put_aside += 1);
                }
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE * (falls.count + 1)) => {}
                () = self.stop.cancelled() => return Left::Stopped,
            }
        }
    }

    async fn give_up(&self) -> Left {
        let (shop, extension) = (self.room.shop(), self.housed.card.name);
        tracing::error!(extension, %shop, "an extension is given up; switch it off and on to try again");
        self.housed.note(shop, |standing| standing.given_up = true);
        tokio::select! {
            () = self.switched(false) => Left::SwitchedOff,
            () = self.stop.cancelled() => Left::Stopped,
        }
    }

    async fn live(&self, worker: &Arc<Worker>, hearing: &Arc<AtomicU64>, aside: &[u64]) -> Result<Left, Broke> {
        let mut life = Life::begin(self, worker, hearing).await?;
        loop {
            let (head, mut news) = self.room.join(|seen| seen.state.position);
            life.catch_up(head, aside).await?;
            if life.keep_up(&mut news, aside).await? == Ended::ForGood {
                break;
            }
        }
        life.save().await?;
        worker.work(self.room.shop(), |slot| slot.put(None)).await?;
        Ok(if self.stop.is_cancelled() { Left::Stopped } else { Left::SwitchedOff })
    }
}

impl Falls {
    /// It fell again: over this event, or, at 0, over none.
    fn fell(&mut self, at: u64, has_moved: bool) {
        self.count = if self.at == at && !has_moved { self.count + 1 } else { 1 };
        self.at = at;
    }
}

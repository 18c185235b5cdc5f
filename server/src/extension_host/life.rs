//! One life of an extension in a shop, from its bookmark to its fall or until it is switched off: it hears, speaks and
//! is saved.

mod emit;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::event::{Emitted, Event, Recorded};
use domain::extension::{Extension, LoggedEvent, StartFrom};
use domain::hours::Hours;
use domain::time::{Day, Instant};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use self::emit::BREATH_S;
use crate::clock::Calendar;
use crate::extension_host::feed::{Feed, RestartReason};
use crate::extension_host::worker::{Worker, WorkerError};
use crate::push::Update;
use crate::push::frames::Published;
use crate::store::Snapshot;

/// Events read from the log at a time, and heard at a time.
const LOG_PAGE_EVENTS: u32 = 500;
const MAX_EVENTS_PER_CALL: usize = 256;

/// Events behind which there is no hurry any more.
const FAR_BEHIND: u64 = 10_000;

/// The bookmark is moved when so many events lie after it.
const SAVE_EVERY: u64 = 1_000;

/// How long events gather between two times that it hears some; a reader of news may fall behind by five times what
/// comes in it at full speed.
const BATCHING_DELAY: Duration = Duration::from_millis(5);

/// What is written down at the bookmark.
#[derive(Default, Deserialize, Serialize)]
struct Kept {
    /// In force at the bookmark: they say on which day something happened.
    hours: Hours,
    /// It has not begun since it was switched on.
    fresh: bool,
    state: String,
}

/// An event on its way to the extension: as the readers get it, or read from the log.
enum Piece {
    Update(Arc<Published>),
    Read(Box<Recorded>),
}

impl Piece {
    fn recorded(&self) -> &Recorded {
        match self {
            Self::Update(published) => &published.recorded,
            Self::Read(recorded) => recorded,
        }
    }
}

/// Why it is told no more for now.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It is behind: the log has what it missed.
    Behind,
    /// It was switched off and on again meanwhile: what it showed is gone, and it begins anew.
    Switched,
    /// It was switched off, or the program stops.
    ForGood,
}

pub(super) struct ExtensionRun<'f> {
    feed: &'f Feed,
    worker: Arc<Worker>,
    calendar: Calendar,
    /// The second that was asked for last, and its day.
    today: Option<(i64, Day)>,
    fresh: bool,
    /// How far it has heard, and where the bookmark is.
    heard: u64,
    saved: u64,
    /// The most hops of what it heard since it spoke last.
    hops: u8,
    /// The event it is hearing; 0 between two.
    hearing: Arc<AtomicU64>,
    /// When it speaks; never, when it has heard nothing since.
    speaks: Instant,
    spoke: Instant,
    /// Said, and not taken yet.
    unsaid: Vec<Emitted>,
}

impl<'f> ExtensionRun<'f> {
    /// Makes it from what it saved, or anew, where its card says that it begins.
    pub(super) async fn begin(
        feed: &'f Feed,
        worker: &Arc<Worker>,
        hearing: &Arc<AtomicU64>,
    ) -> Result<Self, RestartReason> {
        let (shop, manifest) = (feed.room.shop(), &feed.hosted_extension.manifest);
        let saved = feed.engine.bookmark(shop, manifest.name).await.map_err(|_| RestartReason::Unread)?;
        let ends = feed.room.seen().state.position;
        // A log that is shorter than the bookmark went another way.
        let saved = saved.filter(|saved| saved.version == manifest.version && saved.position <= ends);
        let kept = saved.and_then(|saved| Some((saved.position, serde_json::from_str::<Kept>(&saved.state).ok()?)));
        let state = kept.as_ref().map(|(_, kept)| kept.state.clone());
        let hosted_extension = Arc::clone(&feed.hosted_extension);
        let goes_on = worker
            .work(shop, move |slot| {
                let old = state.and_then(|state| (hosted_extension.manifest.make)(Some(&state)));
                let goes_on = old.is_some();
                slot.put(old.or_else(|| (hosted_extension.manifest.make)(None)));
                goes_on
            })
            .await?;
        let (heard, kept) = kept.filter(|_| goes_on).unwrap_or_else(|| match manifest.begins {
            StartFrom::AtTheFirst => (0, Kept { fresh: true, ..Kept::default() }),
            StartFrom::Now => {
                let seen = feed.room.seen();
                let hours = seen.state.shop.hours().clone();
                (seen.state.position, Kept { hours, fresh: true, ..Kept::default() })
            }
        });
        feed.hosted_extension.note(shop, |standing| standing.heard = heard);
        Ok(Self {
            feed,
            worker: Arc::clone(worker),
            calendar: Calendar::of(&kept.hours, feed.clock.zone()),
            today: None,
            fresh: kept.fresh,
            heard,
            saved: heard,
            hops: 0,
            hearing: Arc::clone(hearing),
            speaks: Instant::NEVER,
            spoke: Instant::EVER,
            unsaid: Vec::new(),
        })
    }

    /// Hears what the log has, as far as `head` at least.
    pub(super) async fn catch_up(&mut self, head: u64, aside: &[u64]) -> Result<(), RestartReason> {
        while self.heard < head && !self.feed.is_over() {
            let begun = std::time::Instant::now();
            let page = self.feed.engine.events_after(self.feed.room.shop(), self.heard, LOG_PAGE_EVENTS).await;
            let page = page.map_err(|_| RestartReason::Unread)?;
            if page.is_empty() {
                break;
            }
            self.on_event(page.into_iter().map(|read| Piece::Read(Box::new(read))).collect(), aside).await?;
            if head - self.heard.min(head) > FAR_BEHIND {
                // Half of the time is for the guests of today.
                tokio::time::sleep(begun.elapsed()).await;
            }
        }
        if self.fresh && !self.feed.is_over() {
            let now = self.feed.clock.now();
            let said = self.with(move |extension| extension.begin(now)).await?;
            self.fresh = false;
            self.say(said).await;
            self.save().await?;
        }
        Ok(())
    }

    /// Hears what happens, and speaks, for as long as it misses nothing.
    pub(super) async fn keep_up(&mut self, news: &mut Receiver<Update>, aside: &[u64]) -> Result<Ended, RestartReason> {
        loop {
            if self.feed.is_over() {
                return Ok(Ended::ForGood);
            }
            if self.fresh {
                return Ok(Ended::Switched);
            }
            tokio::select! {
                piece = news.recv() => {
                    let Some(batch) = self.gather(piece, news) else { return Ok(Ended::Behind) };
                    self.on_event(batch, aside).await?;
                    // What comes meanwhile is heard in one go: to wake a thread for each commit would cost more than
                    // all that it does there.
                    tokio::time::sleep(BATCHING_DELAY).await;
                }
                () = self.feed.clock.sleep_until(self.speaks), if self.speaks < Instant::NEVER => self.speak().await?,
                () = self.feed.stop.cancelled() => {}
            }
        }
    }

    /// A piece of news and what has come with it; nothing when some of it was missed.
    fn gather(&self, first: Result<Update, RecvError>, news: &mut Receiver<Update>) -> Option<Vec<Piece>> {
        let mut piece = first.ok()?;
        let mut batch: Vec<Piece> = Vec::new();
        loop {
            if let Update::Event(published) = piece {
                let expected = batch.last().map_or(self.heard, |last| last.recorded().position) + 1;
                match published.recorded.position {
                    position if position == expected => batch.push(Piece::Update(published)),
                    position if position < expected => {}
                    _ => return None,
                }
            }
            if batch.len() == MAX_EVENTS_PER_CALL {
                return Some(batch);
            }
            piece = match news.try_recv() {
                Ok(piece) => piece,
                Err(TryRecvError::Lagged(_)) => return None,
                Err(_) => return Some(batch),
            };
        }
    }

    async fn on_event(&mut self, batch: Vec<Piece>, aside: &[u64]) -> Result<(), RestartReason> {
        let Some(last) = batch.last().map(|piece| piece.recorded().position) else { return Ok(()) };
        let mut heard: Vec<(Piece, Day)> = Vec::with_capacity(batch.len());
        for piece in batch {
            let recorded = piece.recorded();
            let day = self.day(recorded.at);
            if self.wants(&recorded.event) && !aside.contains(&recorded.position) {
                heard.push((piece, day));
            }
        }
        let hearing = Arc::clone(&self.hearing);
        self.with(move |extension| {
            for (piece, day) in &heard {
                let recorded = piece.recorded();
                hearing.store(recorded.position, Ordering::Relaxed);
                extension.on_event(&LoggedEvent { recorded, day: *day });
            }
            hearing.store(0, Ordering::Relaxed);
        })
        .await?;
        self.heard = last;
        self.feed
            .hosted_extension
            .note(self.feed.room.shop(), |standing| (standing.heard, standing.fallen) = (last, false));
        if self.speaks == Instant::NEVER {
            self.speaks = self.spoke.plus_seconds(BREATH_S).max(self.feed.clock.now());
        }
        if self.heard >= self.saved + SAVE_EVERY {
            self.save().await?;
        }
        Ok(())
    }

    /// The shop day of an instant. No day turns within a second, and events come by the dozen.
    fn day(&mut self, at: Instant) -> Day {
        let second = at.0.div_euclid(1_000);
        match self.today {
            Some((known, day)) if known == second => day,
            _ => {
                let day = self.calendar.day(at);
                self.today = Some((second, day));
                day
            }
        }
    }

    /// Whether it is to hear this; what the house itself makes of it on the way.
    fn wants(&mut self, event: &Event) -> bool {
        let manifest = &self.feed.hosted_extension.manifest;
        match event {
            Event::HoursChanged(event) => {
                (self.calendar, self.today) = (Calendar::of(&event.hours, self.feed.clock.zone()), None);
            }
            Event::ExtensionSwitched(event) if event.extension == manifest.name && !event.on => self.fresh = true,
            Event::Emitted(event) => {
                let wants = event.extension() != manifest.name && (manifest.hears)(&event.kind);
                if wants {
                    self.hops = self.hops.max(event.hops);
                }
                return wants;
            }
            _ => {}
        }
        true
    }

    /// Moves the bookmark. Not while something is unsaid: it would not be said after a crash.
    pub(super) async fn save(&mut self) -> Result<(), RestartReason> {
        if self.heard == self.saved || !self.unsaid.is_empty() {
            return Ok(());
        }
        let state = self.with(|extension| extension.save()).await?;
        let kept = Kept { hours: self.calendar.hours().clone(), fresh: self.fresh, state };
        let state = serde_json::to_string(&kept).expect("hours have text keys only");
        let manifest = &self.feed.hosted_extension.manifest;
        let saved = Snapshot { version: manifest.version, position: self.heard, state };
        self.saved = self.heard;
        self.feed.engine.keep_bookmark(self.feed.room.shop(), manifest.name, saved).await;
        Ok(())
    }

    async fn with<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Extension) -> T + Send + 'static,
    ) -> Result<T, RestartReason> {
        let done = self.worker.work(self.feed.room.shop(), |slot| slot.get().map(job)).await?;
        // Gone with a panic elsewhere: what is there is there no more.
        done.ok_or(RestartReason::Fell(WorkerError::Panicked))
    }
}

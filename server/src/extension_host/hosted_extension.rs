//! One extension in the house: its card, the thread it is on now, and how it is doing in each shop.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::extension::Manifest;
use domain::ids::ShopId;

use crate::extension_host::worker::Worker;

/// Threads that may be lost to one extension before it gets no other: a thread that hangs is never had back.
const THREADS: u32 = 3;

pub(super) struct HostedExtension {
    pub(super) manifest: Manifest,
    thread: Mutex<Thread>,
    standing: Mutex<HashMap<ShopId, Standing>>,
}

struct Thread {
    worker: Option<Arc<Worker>>,
    lost: u32,
}

/// How an extension is doing in a shop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How far in the log it has heard.
    pub heard: u64,
    /// Events it fell over again and again, which it goes on without.
    pub skipped: u64,
    /// What it said beyond what may be said, and nobody heard.
    pub dropped: u64,
    /// It broke off, and has heard nothing since.
    pub fallen: bool,
    /// It does not come back by itself.
    pub given_up: bool,
}

impl HostedExtension {
    /// # Errors
    /// The system has no thread to give.
    pub(super) fn new(manifest: Manifest) -> std::io::Result<Self> {
        let worker = Some(Arc::new(Worker::start(manifest.name)?));
        Ok(Self { manifest, thread: Mutex::new(Thread { worker, lost: 0 }), standing: Mutex::default() })
    }

    /// The thread as of now; none when it gets no other.
    pub(super) fn worker(&self) -> Option<Arc<Worker>> {
        lock(&self.thread).worker.clone()
    }

    /// That thread hangs: from now on there is another, unless somebody else has said so already.
    pub(super) fn lose(&self, hanging: &Arc<Worker>) {
        let mut thread = lock(&self.thread);
        if !thread.worker.as_ref().is_some_and(|worker| Arc::ptr_eq(worker, hanging)) {
            return;
        }
        thread.lost += 1;
        let (extension, lost) = (self.manifest.name, thread.lost);
        tracing::error!(extension, lost, "an extension hangs; its thread is left behind");
        thread.worker = (lost < THREADS).then(|| Worker::start(extension).ok().map(Arc::new)).flatten();
    }

    pub(super) fn standing(&self, shop: &ShopId) -> Standing {
        lock(&self.standing).get(shop).copied().unwrap_or_default()
    }

    pub(super) fn note(&self, shop: &ShopId, note: impl FnOnce(&mut Standing)) {
        note(lock(&self.standing).entry(shop.clone()).or_default());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing in here panics between two changes that belong together.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

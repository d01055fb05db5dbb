//! What the writer tells after a commit, what that weighs, and what it has done so far.

use domain::{OfficeId, event::Event};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use views::Counts;

/// What one commit changed, for whoever watches.
#[derive(Debug)]
pub struct Committed {
    /// In the order they happened.
    pub events: Vec<Event>,
    /// The counts of the offices concerned, after them.
    pub counts: HashMap<OfficeId, Counts>,
    /// Offices whose jobs or runs changed.
    pub jobs_of: BTreeSet<OfficeId>,
    /// A downtime was announced, changed, lifted, or its moment came.
    pub downtime: bool,
    /// Too much waits already to keep its events, too: whoever watches reads again.
    pub lost: bool,
    /// What it weighs.
    pub load: Load,
}

/// Most bytes of commits that wait for whoever follows the writer.
pub(super) const MOST_AHEAD: usize = 64 << 20;
/// What an event weighs without what was said, about.
pub(super) const EVENT: usize = 256;

/// Some of the bytes that wait, until this is dropped.
#[derive(Debug, Default)]
pub struct Load {
    /// How many.
    pub bytes: usize,
    ahead: Arc<AtomicUsize>,
}

impl Load {
    /// So many more, unless others wait and it would be too much.
    pub(super) fn take(ahead: &Arc<AtomicUsize>, bytes: usize, most: usize) -> Option<Self> {
        let waiting = ahead.load(Ordering::Relaxed);
        if waiting > 0 && waiting + bytes > most {
            return None;
        }
        ahead.fetch_add(bytes, Ordering::Relaxed);
        Some(Self {
            bytes,
            ahead: ahead.clone(),
        })
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.ahead.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// What the writer has done since the start.
#[derive(Debug, Default)]
pub struct Meter {
    /// Commits that are on disk.
    pub commits: AtomicU64,
    /// The time they took, from the first operation to the disk's answer, in microseconds.
    pub micros: AtomicU64,
    pub operations: AtomicU64,
    /// Groups that could not be committed, and operations that were taken out of theirs.
    pub undone: AtomicU64,
}

impl Meter {
    pub(super) fn add(&self, operations: usize, took: Duration) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.operations.fetch_add(operations as u64, Ordering::Relaxed);
        self.micros.fetch_add(
            u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_bytes_wait_for_whoever_follows_and_no_more() {
        let ahead = Arc::default();
        let take = |bytes| Load::take(&ahead, bytes, 100);
        let mut waiting: Vec<Load> = (0..10).filter_map(|_| take(30)).collect();
        assert_eq!(waiting.len(), 3);
        waiting.pop();
        let room = take(40).expect("what was read made room");
        assert!(take(1).is_none());
        drop((waiting, room));
        // what is too large by itself is told when nothing else waits
        let large = take(500).expect("alone");
        assert!(take(1).is_none());
        drop(large);
        assert_eq!(ahead.load(Ordering::Relaxed), 0);
    }
}

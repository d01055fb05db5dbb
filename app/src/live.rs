//! What the event stream tells a page, and the server's clock. The stream itself is in [`crate::browser`].

use domain::{
    TaskId,
    view::{Counts, LiveChange, TaskRow},
};
use leptos::prelude::*;
use std::collections::HashMap;

/// How the stream stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// Not yet open.
    Connecting,
    /// What is on the screen is how it is.
    On,
    /// Broken since this clock time; the browser tries again by itself.
    Off(String),
}

/// What the stream has told since the page was read.
#[derive(Clone, Copy)]
pub struct Live {
    /// Lines that changed, the last of each task.
    pub rows: RwSignal<HashMap<TaskId, TaskRow>>,
    /// The office's counts; `None` before the first change.
    pub counts: RwSignal<Option<Counts>>,
    /// The counts must be asked for: rises each time.
    pub recount: RwSignal<u32>,
    /// How the stream stands.
    pub link: RwSignal<Link>,
    /// The server asks for a fresh read: rises each time.
    pub stale: RwSignal<u32>,
    /// The server's clock, milliseconds; moves on every few seconds.
    pub now: RwSignal<i64>,
}

impl Live {
    /// Nothing heard yet.
    pub fn new() -> Self {
        Self {
            rows: RwSignal::default(),
            counts: RwSignal::default(),
            recount: RwSignal::default(),
            link: RwSignal::new(Link::Connecting),
            stale: RwSignal::default(),
            now: RwSignal::default(),
        }
    }

    /// Takes a change in, unless a later one is already there.
    pub fn apply(&self, change: LiveChange) {
        let LiveChange { row, counts } = change;
        match counts {
            Some(counts) => self.counts.set(Some(counts)),
            None => self.recount.update(|n| *n += 1),
        }
        self.now.update(|now| *now = (*now).max(row.since.at));
        self.rows.update(|rows| {
            if rows.get(&row.id).is_none_or(|old| old.seq < row.seq) {
                rows.insert(row.id, row);
            }
        });
    }
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}

//! What the event stream tells a page, and the server's clock. The stream itself is in [`crate::browser`].

use domain::TaskId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use views::{Counts, LiveChange, TaskRow};

/// More lines than this are not kept, but for those that the page needs.
const MOST_ROWS: usize = 5000;
/// So many are not kept even for the page: a fresh read is smaller.
const TOO_MANY: usize = 10 * MOST_ROWS;

/// Whether the page needs a line.
type Needs = Box<dyn Fn(&TaskRow) -> bool + Send + Sync>;

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

/// What a person was typing when the desk closed; kept in their browser only (D17).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Whose.
    pub person: i64,
    /// The address of the page.
    pub path: String,
    /// What was typed.
    pub fields: Vec<DraftField>,
}

/// A field of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftField {
    /// What the page calls it.
    pub label: String,
    /// Its id on the page.
    pub id: String,
    /// Its name in the form.
    pub name: String,
    /// What was typed.
    pub value: String,
}

/// What the stream has told since the page was read.
#[derive(Clone, Copy)]
pub struct Live {
    /// Lines that changed, the last of each task.
    pub rows: RwSignal<HashMap<TaskId, TaskRow>>,
    /// What was told last: the lines of one frame.
    pub told: RwSignal<Vec<TaskRow>>,
    /// The office's counts; `None` before the first change.
    pub counts: RwSignal<Option<Counts>>,
    /// The counts must be asked for: rises each time.
    pub recount: RwSignal<u32>,
    /// How the stream stands.
    pub link: RwSignal<Link>,
    /// The server asks for a fresh read: rises each time.
    pub stale: RwSignal<u32>,
    /// Jobs or runs of the office changed: rises each time.
    pub jobs: RwSignal<u32>,
    /// A downtime was announced, changed or lifted, or its moment came: rises each time.
    pub downtime: RwSignal<u32>,
    /// The server's clock, milliseconds; moves on every few seconds.
    pub now: RwSignal<i64>,
    /// How far the server's clock is ahead of this computer's, milliseconds, as the stream last said.
    pub apart: RwSignal<i64>,
    /// Which lines the page that is open needs.
    needs: StoredValue<Option<Needs>>,
    /// How often jobs had changed and a fresh read was asked for when the page that is open began; `None` before the
    /// first page.
    begun: StoredValue<Option<(u32, u32)>>,
}

impl Live {
    /// Nothing heard yet.
    pub fn new() -> Self {
        Self {
            rows: RwSignal::default(),
            told: RwSignal::default(),
            counts: RwSignal::default(),
            recount: RwSignal::default(),
            link: RwSignal::new(Link::Connecting),
            stale: RwSignal::default(),
            jobs: RwSignal::default(),
            downtime: RwSignal::default(),
            now: RwSignal::default(),
            apart: RwSignal::default(),
            needs: StoredValue::new(None),
            begun: StoredValue::new(None),
        }
    }

    /// A page begins to be read. The first one came with the document, before anything was told.
    pub fn begin(&self) {
        let now = self.asked_anew();
        self.begun
            .update_value(|begun| *begun = begun.map_or(Some((0, 0)), |_| Some(now)));
    }

    /// Something was told since the page began: what it has read may be older than that.
    pub fn told_since(&self) -> bool {
        self.begun.get_value() != Some(self.asked_anew())
    }

    fn asked_anew(&self) -> (u32, u32) {
        (self.jobs.get_untracked(), self.stale.get_untracked())
    }

    /// As long as the component lives, lines that `needed` names are kept however many are told of.
    pub fn keep(&self, needed: impl Fn(&TaskRow) -> bool + Send + Sync + 'static) {
        let needs = self.needs;
        needs.set_value(Some(Box::new(needed)));
        on_cleanup(move || drop(needs.try_set_value(None)));
    }

    /// Takes changes in, each unless a later one of its task is already there. All that came within a frame come
    /// together: a page that watches a thousand changes a second still draws sixty times.
    pub fn apply(&self, changes: Vec<LiveChange>) {
        let Some(last) = changes.last() else { return };
        match last.counts {
            Some(counts) => self.counts.set(Some(counts)),
            None => self.recount.update(|n| *n += 1),
        }
        let latest = changes.iter().map(|c| c.row.since.at).max().unwrap_or_default();
        if latest > self.now.get_untracked() {
            self.now.set(latest);
        }
        let told: Vec<TaskRow> = changes.into_iter().map(|c| c.row).collect();
        let mut full = false;
        self.rows.update(|rows| {
            for row in &told {
                if rows.get(&row.id).is_none_or(|old| old.seq < row.seq) {
                    rows.insert(row.id, row.clone());
                }
            }
            if rows.len() > MOST_ROWS {
                self.needs.with_value(|needs| forget(rows, needs.as_ref()));
            }
            full = rows.len() > TOO_MANY;
            if full {
                rows.clear();
            }
        });
        self.told.set(told);
        if full {
            self.stale.update(|n| *n += 1);
        }
    }
}

/// Leaves the later half, and what is needed of the earlier.
fn forget(rows: &mut HashMap<TaskId, TaskRow>, needs: Option<&Needs>) {
    let mut seqs: Vec<i64> = rows.values().map(|r| r.seq).collect();
    let middle = seqs.len() / 2;
    let (_, from, _) = seqs.select_nth_unstable(middle);
    let from = *from;
    rows.retain(|_, row| row.seq >= from || needs.is_some_and(|needed| needed(row)));
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Moment, TaskState};

    fn row(n: i64, dossier: &str) -> TaskRow {
        let then = Moment { at: n, offset: 60 };
        TaskRow {
            id: TaskId(n),
            seq: n,
            kind: "synchronise_dossier".into(),
            state: TaskState::Queued,
            cancel_asked: false,
            subject: None,
            dossier_code: dossier.into(),
            dossier_name: dossier.into(),
            package: "Adsolut".into(),
            package_code: "adsolut".into(),
            delivered: then,
            since: then,
            cause: None,
            cause_key: String::new(),
            may_restart: false,
            urgent: false,
            snoozed: None,
            taken: None,
            remind_hours: 24,
        }
    }

    #[test]
    fn what_the_page_needs_and_the_later_half_are_kept() {
        let named = |n: i64| if n % 10 == 0 { "SHOWN" } else { "OTHER" };
        let mut rows: HashMap<TaskId, TaskRow> = (1..=100).map(|n| (TaskId(n), row(n, named(n)))).collect();
        let needs: Needs = Box::new(|row| row.dossier_code == "SHOWN");
        forget(&mut rows, Some(&needs));
        let mut kept: Vec<i64> = rows.keys().map(|t| t.0).collect();
        kept.sort_unstable();
        let expected: Vec<i64> = [10, 20, 30, 40, 50].into_iter().chain(51..=100).collect();
        assert_eq!(kept, expected);
        forget(&mut rows, None);
        assert!(
            rows.keys().all(|t| t.0 > 70) && rows.len() == 28,
            "{}",
            rows.len()
        );
    }
}

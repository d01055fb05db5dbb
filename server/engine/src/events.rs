//! What the browsers watch: one read per change, whatever the number of viewers.

use crate::store::{
    read::{self, TaskRaw},
    writer::Committed,
};
use domain::{DossierId, OfficeId, TaskId, event::Event, view::Counts};
use sqlx::SqlitePool;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::sync::broadcast::{self, error::RecvError};

/// Most commits that a slow viewer may lag behind before it has to read afresh.
const BUFFER: usize = 1024;
/// Commits that wait are told together until they have so many events.
const TOGETHER: usize = 1000;

/// A changed line, shared by all viewers; each dress of it is made once.
#[derive(Debug)]
pub struct LiveRow {
    /// Whose.
    pub office: OfficeId,
    /// Which books.
    pub dossier: DossierId,
    /// As read after the commit.
    pub raw: TaskRaw,
    /// The office's counts after the commit.
    pub counts: Counts,
    /// JSON by language and rights.
    pub dresses: [OnceLock<Arc<str>>; 15],
}

/// What one commit changed, or a few that came together.
#[derive(Debug, Clone)]
pub struct LiveBatch {
    /// Every event, for integrations.
    pub events: Arc<Vec<Event>>,
    /// Every line that changed, as it stood after the commit, in the order of the last changes.
    pub rows: Arc<Vec<LiveRow>>,
    /// Offices whose jobs or runs changed.
    pub jobs_of: Arc<BTreeSet<OfficeId>>,
    /// A downtime was announced, changed, lifted, or its moment came.
    pub downtime: bool,
    /// Commits before this one could not be told: whoever watches reads again.
    pub lost: bool,
    /// Where the stream then stands.
    pub mark: Mark,
}

/// How far the fan-out had come when something was read. Taken before the reading: what the reading did not see was
/// told later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The last event of a task.
    pub seq: i64,
    /// The last notice that jobs or a downtime changed. Never the same in two runs of the program.
    pub notice: u64,
}

/// What was told last.
#[derive(Debug)]
struct Told {
    mark: Mark,
    /// When all was told anew: at the start, and after a loss.
    all: u64,
    jobs: HashMap<OfficeId, u64>,
    downtime: u64,
}

impl Told {
    fn new(seq: i64) -> Self {
        // later than any notice of the run before
        let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let notice = start.as_micros() as u64;
        Self {
            mark: Mark { seq, notice },
            all: notice,
            jobs: HashMap::new(),
            downtime: notice,
        }
    }

    fn take(&mut self, changes: &Changes) -> Mark {
        if let Some(last) = changes.events.last() {
            self.mark.seq = last.seq;
        }
        if changes.downtime || !changes.jobs_of.is_empty() {
            self.mark.notice += 1;
            let notice = self.mark.notice;
            self.jobs.extend(changes.jobs_of.iter().map(|o| (*o, notice)));
            if changes.downtime {
                self.downtime = notice;
            }
        }
        self.mark
    }

    fn lose(&mut self) -> Mark {
        self.mark.notice += 1;
        (self.all, self.downtime) = (self.mark.notice, self.mark.notice);
        self.mark
    }
}

/// Commits that are told together.
#[derive(Debug, Default)]
struct Changes {
    events: Vec<Event>,
    counts: HashMap<OfficeId, Counts>,
    jobs_of: BTreeSet<OfficeId>,
    downtime: bool,
}

impl Changes {
    fn add(&mut self, commit: &Committed) {
        self.events.extend_from_slice(&commit.events);
        self.counts.extend(&commit.counts);
        self.jobs_of.extend(&commit.jobs_of);
        self.downtime |= commit.downtime;
    }
}

/// The fan-out to browsers and integrations.
#[derive(Clone)]
pub struct Live {
    sender: broadcast::Sender<LiveBatch>,
    told: Arc<Mutex<Told>>,
}

impl Live {
    /// Starts to follow the writer; `seq` is the last event that there is.
    pub fn start(readers: SqlitePool, committed: broadcast::Receiver<Arc<Committed>>, seq: i64) -> Self {
        let (sender, _) = broadcast::channel(BUFFER);
        let live = Self {
            sender,
            told: Arc::new(Mutex::new(Told::new(seq))),
        };
        tokio::spawn(live.clone().follow(readers, committed));
        live
    }

    async fn follow(self, readers: SqlitePool, mut committed: broadcast::Receiver<Arc<Committed>>) {
        loop {
            let batch = match together(&mut committed).await {
                Ok(changes) => {
                    // marked first: whoever comes to watch from here on either is sent it or sees the mark
                    let mark = self.told().take(&changes);
                    if self.sender.receiver_count() == 0 {
                        continue;
                    }
                    batch(&readers, changes, mark).await.unwrap_or_else(|e| {
                        tracing::error!(error = %e, "a change could not be read for the viewers");
                        lost(self.told().lose())
                    })
                }
                Err(RecvError::Lagged(n)) => {
                    tracing::warn!(commits = n, "viewers missed changes");
                    lost(self.told().lose())
                }
                Err(RecvError::Closed) => return,
            };
            // the last viewer may have left meanwhile
            drop(self.sender.send(batch));
        }
    }

    /// How many watch.
    pub fn watchers(&self) -> usize {
        self.sender.receiver_count()
    }

    /// Everything from now on.
    pub fn watch(&self) -> broadcast::Receiver<LiveBatch> {
        self.sender.subscribe()
    }

    /// Where the stream stands now: to be taken before something is read that will be followed.
    pub fn mark(&self) -> Mark {
        self.told().mark
    }

    /// Whether jobs of an office, and whether a downtime changed after `notice`. To be asked after [`Live::watch`].
    pub fn missed(&self, office: OfficeId, notice: u64) -> (bool, bool) {
        let told = self.told();
        // of another run, whose clock was ahead
        let strange = notice > told.mark.notice;
        let jobs = told.jobs.get(&office).copied().unwrap_or(told.all).max(told.all);
        (strange || jobs > notice, strange || told.downtime > notice)
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The next commits, as many as wait: with many viewers they come faster than they can be told one by one.
async fn together(committed: &mut broadcast::Receiver<Arc<Committed>>) -> Result<Changes, RecvError> {
    let mut changes = Changes::default();
    loop {
        changes.add(&*committed.recv().await?);
        if committed.is_empty() || changes.events.len() >= TOGETHER {
            return Ok(changes);
        }
    }
}

fn lost(mark: Mark) -> LiveBatch {
    LiveBatch {
        events: Arc::default(),
        rows: Arc::default(),
        jobs_of: Arc::default(),
        downtime: true,
        lost: true,
        mark,
    }
}

async fn batch(readers: &SqlitePool, changes: Changes, mark: Mark) -> crate::Result<LiveBatch> {
    let ids: BTreeSet<TaskId> = changes.events.iter().map(|e| e.task).collect();
    let ids: Vec<TaskId> = ids.into_iter().collect();
    let mut rows = read::tasks_by_id(readers, &ids).await?;
    // whoever is cut off in between says the last number that came, and is told what came after it
    rows.sort_unstable_by_key(|r| r.seq);
    let rows = rows.into_iter().map(|raw| LiveRow {
        office: raw.office,
        dossier: raw.dossier,
        counts: changes.counts.get(&raw.office).copied().unwrap_or_default(),
        raw,
        dresses: Default::default(),
    });
    Ok(LiveBatch {
        rows: Arc::new(rows.collect()),
        events: Arc::new(changes.events),
        jobs_of: Arc::new(changes.jobs_of),
        downtime: changes.downtime,
        lost: false,
        mark,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live() -> Live {
        Live {
            sender: broadcast::channel(1).0,
            told: Arc::new(Mutex::new(Told::new(5))),
        }
    }

    fn changes(jobs_of: &[OfficeId], downtime: bool) -> Changes {
        Changes {
            jobs_of: jobs_of.iter().copied().collect(),
            downtime,
            ..Changes::default()
        }
    }

    #[test]
    fn a_page_is_told_what_changed_after_it_began_to_be_read() {
        let live = live();
        let before = live.mark();
        assert_eq!(live.missed(1, before.notice), (false, false));
        live.told().take(&changes(&[1], false));
        assert_eq!(live.missed(1, before.notice), (true, false));
        assert_eq!(live.missed(2, before.notice), (false, false));
        assert_eq!(live.missed(1, live.mark().notice), (false, false));
        let between = live.mark();
        live.told().take(&changes(&[], true));
        assert_eq!(live.missed(1, between.notice), (false, true));
        assert_eq!(live.mark().seq, 5, "no task changed");
    }

    #[test]
    fn what_was_lost_may_have_been_anything() {
        let live = live();
        live.told().take(&changes(&[1], false));
        let before = live.mark();
        live.told().lose();
        assert_eq!(live.missed(1, before.notice), (true, true));
        assert_eq!(live.missed(2, before.notice), (true, true));
    }

    #[test]
    fn a_page_of_another_run_is_told_to_read_again() {
        let live = live();
        let now = live.mark().notice;
        assert_eq!(live.missed(1, now - 1), (true, true), "an earlier run");
        assert_eq!(
            live.missed(1, now + 1),
            (true, true),
            "a run whose clock was ahead"
        );
    }
}

//! What the browsers watch: one read per change, whatever the number of viewers.

use domain::{DossierId, OfficeId, TaskId, event::Event};
use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
    time::{SystemTime, UNIX_EPOCH},
};
use store::{
    alive::{Heart, Hearts},
    read::{self, TaskRaw},
    writer::Committed,
};
use tokio::sync::{
    broadcast::{self, error::RecvError},
    watch,
};
use views::Counts;

/// Most commits that a slow viewer may lag behind before it has to read afresh.
const BUFFER: usize = 1024;
/// Most bytes, about, that are kept for slow viewers, of all together.
const KEPT: usize = 32 << 20;
/// What a line costs without what a connector said, about, in all its dresses.
const LINE: usize = 4096;
/// Commits that wait are told together until they have so many events.
const TOGETHER: usize = 1000;
/// ... or so many bytes.
const TOGETHER_BYTES: usize = 4 << 20;

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

/// What is large of a batch.
#[derive(Debug, Default)]
pub struct Changed {
    /// Every event, for integrations.
    pub events: Vec<Event>,
    /// Every line that changed, as it stood after the commit, in the order of the last changes.
    pub rows: Vec<LiveRow>,
}

impl Changed {
    /// How many bytes it takes, about.
    fn bytes(&self) -> usize {
        let events: usize = self.events.iter().map(|e| size(&e.happened)).sum();
        let said = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        // as it was read, and as it is told: once as a rule, for there is mostly one language
        let lines = self.rows.iter().map(|row| {
            let raw = &row.raw;
            LINE + 2 * (said(&raw.failure_params) + said(&raw.failure_detail) + said(&raw.subject))
        });
        events + lines.sum::<usize>()
    }
}

/// The length of what would be written down of it.
fn size(what: &impl serde::Serialize) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // what cannot be written is not long either
    let _ = serde_json::to_writer(&mut count, what);
    count.0
}

/// Empty once too much is kept for those who are slow.
type Held = Mutex<Option<Arc<Changed>>>;

/// What one commit changed, or a few that came together.
#[derive(Debug, Clone)]
pub struct LiveBatch {
    held: Arc<Held>,
    /// Offices whose jobs or runs changed.
    pub jobs_of: Arc<BTreeSet<OfficeId>>,
    /// A downtime was announced, changed, lifted, or its moment came.
    pub downtime: bool,
    /// Commits before this one could not be told: whoever watches reads again.
    pub lost: bool,
    /// Where the stream then stands.
    pub mark: Mark,
}

impl LiveBatch {
    /// What changed; `None` when it came to be too much to keep: whoever watches reads again.
    pub fn changed(&self) -> Option<Arc<Changed>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What is kept for viewers that have not read it yet.
#[derive(Debug, Default)]
struct Keeping {
    batches: VecDeque<(Weak<Held>, usize)>,
    bytes: usize,
}

impl Keeping {
    /// One more; the oldest go when it is too much.
    fn add(&mut self, batch: &LiveBatch, bytes: usize, most: usize) {
        // those that everybody has read
        while let Some((_, bytes)) = self.batches.pop_front_if(|(held, _)| held.strong_count() == 0) {
            self.bytes -= bytes;
        }
        self.batches.push_back((Arc::downgrade(&batch.held), bytes));
        self.bytes += bytes;
        while self.bytes > most
            && let Some((held, bytes)) = self.batches.pop_front()
        {
            self.bytes -= bytes;
            if let Some(held) = held.upgrade() {
                held.lock().unwrap_or_else(PoisonError::into_inner).take();
            }
        }
    }
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
    bytes: usize,
}

impl Changes {
    fn add(&mut self, commit: &Committed) {
        self.events.extend_from_slice(&commit.events);
        self.counts.extend(&commit.counts);
        self.jobs_of.extend(&commit.jobs_of);
        self.downtime |= commit.downtime;
        self.bytes += commit.load.bytes;
    }
}

/// The fan-out to browsers and integrations.
#[derive(Clone)]
pub struct Live {
    sender: broadcast::Sender<LiveBatch>,
    ended: watch::Sender<bool>,
    told: Arc<Mutex<Told>>,
}

/// What one viewer hears.
pub struct Watch {
    batches: broadcast::Receiver<LiveBatch>,
    ended: watch::Receiver<bool>,
}

impl Watch {
    /// The next of it. May be given up at any moment.
    ///
    /// # Errors
    /// When some were missed, or there will be no more.
    pub async fn recv(&mut self) -> Result<LiveBatch, RecvError> {
        tokio::select! {
            biased;
            _ = self.ended.wait_for(|ended| *ended) => Err(RecvError::Closed),
            heard = self.batches.recv() => heard,
        }
    }
}

impl Live {
    /// Starts to follow the writer; `seq` is the last event that there is.
    pub fn start(
        readers: store::Readers,
        committed: broadcast::Receiver<Arc<Committed>>,
        seq: i64,
        hearts: &Hearts,
    ) -> Self {
        let (sender, _) = broadcast::channel(BUFFER);
        let live = Self {
            sender,
            ended: watch::Sender::new(false),
            told: Arc::new(Mutex::new(Told::new(seq))),
        };
        let follow = live.clone();
        hearts.keep("live", |heart| follow.follow(readers, committed, heart));
        live
    }

    async fn follow(
        self,
        readers: store::Readers,
        mut committed: broadcast::Receiver<Arc<Committed>>,
        heart: Arc<Heart>,
    ) {
        let mut keeping = Keeping::default();
        loop {
            heart.rest();
            let told = together(&mut committed).await;
            heart.pulse().await;
            let batch = match told {
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
            let bytes = batch.changed().map_or(0, |changed| changed.bytes());
            keeping.add(&batch, bytes, KEPT);
            // the last viewer may have left meanwhile
            drop(self.sender.send(batch));
        }
    }

    /// How many watch.
    pub fn watchers(&self) -> usize {
        self.sender.receiver_count()
    }

    /// Everything from now on.
    pub fn watch(&self) -> Watch {
        Watch {
            batches: self.sender.subscribe(),
            ended: self.ended.subscribe(),
        }
    }

    /// Sends all who watch home, and whoever comes.
    pub fn end(&self) {
        self.ended.send_replace(true);
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
        let commit = committed.recv().await?;
        if commit.lost {
            return Err(RecvError::Lagged(1));
        }
        changes.add(&commit);
        let enough = changes.events.len() >= TOGETHER || changes.bytes >= TOGETHER_BYTES;
        if committed.is_empty() || enough {
            return Ok(changes);
        }
    }
}

fn lost(mark: Mark) -> LiveBatch {
    LiveBatch {
        held: Arc::new(Mutex::new(Some(Arc::default()))),
        jobs_of: Arc::default(),
        downtime: true,
        lost: true,
        mark,
    }
}

async fn batch(readers: &store::Readers, changes: Changes, mark: Mark) -> store::Result<LiveBatch> {
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
    let changed = Changed {
        rows: rows.collect(),
        events: changes.events,
    };
    Ok(LiveBatch {
        held: Arc::new(Mutex::new(Some(Arc::new(changed)))),
        jobs_of: Arc::new(changes.jobs_of),
        downtime: changes.downtime,
        lost: false,
        mark,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::writer::Load;

    fn live() -> Live {
        Live {
            sender: broadcast::channel(1).0,
            ended: watch::Sender::new(false),
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
    fn for_those_who_do_not_read_so_many_bytes_are_kept_and_no_more() {
        let (mut keeping, mark) = (Keeping::default(), live().mark());
        let kept: Vec<LiveBatch> = (0..10).map(|_| lost(mark)).collect();
        for batch in &kept {
            keeping.add(batch, 30, 100);
        }
        let there: Vec<bool> = kept.iter().map(|b| b.changed().is_some()).collect();
        assert_eq!(there, [[false; 7].as_slice(), &[true; 3]].concat());
        assert_eq!(keeping.bytes, 90);
        drop(kept);
        // what has been read makes room
        let next = lost(mark);
        keeping.add(&next, 100, 100);
        assert!(next.changed().is_some());
        assert_eq!((keeping.bytes, keeping.batches.len()), (100, 1));
        // what is too large by itself everybody reads anew
        keeping.add(&lost(mark), 101, 100);
        assert_eq!((keeping.bytes, keeping.batches.len()), (0, 0));
    }

    #[tokio::test]
    async fn commits_whose_events_were_too_much_to_keep_are_told_as_lost() {
        let (sender, mut committed) = broadcast::channel(8);
        let commit = |lost: bool| Committed {
            events: vec![],
            counts: HashMap::new(),
            jobs_of: BTreeSet::from([1]),
            downtime: false,
            lost,
            load: Load::default(),
        };
        for lost in [false, true, false] {
            sender.send(Arc::new(commit(lost))).unwrap();
        }
        let first = together(&mut committed).await;
        assert!(
            matches!(first, Err(RecvError::Lagged(_))),
            "with what came before it"
        );
        assert_eq!(together(&mut committed).await.unwrap().jobs_of.len(), 1);
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

//! The writer: one thread, one connection, one commit for all that waits. An answer means it is on disk.
//!
//! Each operation of a group runs in a savepoint: one that refuses, breaks or panics has written nothing, in rows and in
//! memory, and those beside it are committed. When storage fails, each operation runs once more by itself, so that only
//! the one that cannot be stored is told so.

mod latch;
mod operation;

pub use crate::work::{Hooks, Work};

use operation::{ByDoor, Once, Operation, Patient};

use crate::{
    Catalogue,
    alive::{self, Heart},
    clock::Clock,
    door,
    error::{Error, Result},
    look::{self, Memory},
    quota::Quotas,
    seldom::Seldom,
    state::{State, known::Known},
};
use domain::{OfficeId, Refusal, TaskState, event::Event, view::Counts};
use rusqlite::Connection;
use std::{
    collections::{BTreeSet, HashMap},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};
use tokio::sync::{broadcast, oneshot, watch};

/// Most operations in one commit; past that, latency grows and throughput falls.
const GROUP: usize = 500;
/// So many operations that the disk fails alone mean that it fails all.
const FAILURES_TO_BELIEVE: usize = 3;
/// So many operations may wait: who comes then is told to come again, before the memory is full of them.
const MOST_WAITING: usize = 4096;
/// When whoever found no place in line comes again, in seconds.
const COME_AGAIN: u32 = 2;
/// The writer looks around this often even when nobody asks for anything.
const IDLE: Duration = Duration::from_millis(500);

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
const MOST_AHEAD: usize = 64 << 20;
/// What an event weighs without what was said, about.
const EVENT: usize = 256;

/// Some of the bytes that wait, until this is dropped.
#[derive(Debug, Default)]
pub struct Load {
    /// How many.
    pub bytes: usize,
    ahead: Arc<AtomicUsize>,
}

impl Load {
    /// So many more, unless others wait and it would be too much.
    fn take(ahead: &Arc<AtomicUsize>, bytes: usize, most: usize) -> Option<Self> {
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
    fn add(&self, operations: usize, took: Duration) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.operations.fetch_add(operations as u64, Ordering::Relaxed);
        self.micros.fetch_add(
            u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
    }
}

/// The way in to the writer. Cheap to clone.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::SyncSender<Box<dyn Operation>>,
    committed: broadcast::Sender<Arc<Committed>>,
    clock: Arc<dyn Clock>,
    memory: Arc<RwLock<State>>,
    counts: Shared,
    known: watch::Sender<Arc<Known>>,
    meter: Arc<Meter>,
}

/// The counts of every office, as of the last commit.
type Shared = Arc<RwLock<HashMap<OfficeId, Counts>>>;
impl Writer {
    /// Opens the writing connection, rebuilds the memory and starts the thread.
    pub fn start(
        path: &Path,
        clock: Arc<dyn Clock>,
        catalogue: Arc<Catalogue>,
        quotas: Quotas,
        heart: Arc<Heart>,
        hooks: Hooks,
    ) -> Result<Self> {
        let db = connect(path)?;
        let (queue, jobs) = mpsc::sync_channel(MOST_WAITING);
        let (committed, _) = broadcast::channel(4096);
        let state = State::read(&db, catalogue, quotas, clock.mono())?;
        let counts = Arc::new(RwLock::new(state.all_counts()));
        let known = watch::Sender::new(Arc::new(state.known.clone()));
        let meter = Arc::new(Meter::default());
        let memory = Arc::new(RwLock::new(state));
        let hands = Hands {
            db,
            known: known.clone(),
            hooks,
            memory: memory.clone(),
            stale: false,
            panics: 0,
            heart,
            clock: clock.clone(),
            committed: committed.clone(),
            ahead: Arc::default(),
            counts: counts.clone(),
            meter: meter.clone(),
        };
        thread::Builder::new()
            .name("writer".into())
            .spawn(move || {
                let heart = hands.heart.clone();
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| hands.work(&jobs))) {
                    heart.broke(&*panic);
                }
            })
            .map_err(|e| Error::Storage(format!("the writer cannot start: {e}")))?;
        Ok(Self {
            queue,
            committed,
            clock,
            memory,
            counts,
            known,
            meter,
        })
    }

    /// What has been done since the start.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The counts of every office together, as of the last commit.
    pub fn all_counts(&self) -> Counts {
        let mut all = Counts::default();
        let counts = self.counts.read().unwrap_or_else(PoisonError::into_inner);
        for mut office in counts.values().copied() {
            for state in TaskState::ALL {
                *all.of(state) += *office.of(state);
            }
        }
        all
    }

    /// Runs `f` in the next group; the answer comes after its commit. `f` runs again if its group is undone.
    ///
    /// # Errors
    /// What `f` refuses with, or [`Error::Storage`] when it could not be written: then nothing was done.
    pub async fn run<T: Send + 'static>(
        &self,
        f: impl FnMut(&mut Work<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.send(Box::new(Once { f, out: None, reply }), answer).await
    }

    /// Like [`Writer::run`], but waits until `attempt` gives something or `wait` has passed; then it is `empty`.
    /// `ready` says, without work, whether `attempt` would give something.
    pub async fn run_patiently<T: Send + 'static>(
        &self,
        wait: Duration,
        empty: T,
        ready: impl Fn(&State, u64) -> bool + Send + 'static,
        attempt: impl FnMut(&mut Work<'_>) -> Result<Option<T>> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let wait = u64::try_from(wait.as_millis()).unwrap_or(0);
        let deadline = self.clock.mono() + wait;
        let patient = Patient {
            attempt,
            ready,
            deadline,
            out: None,
            empty: Some(empty),
            reply,
        };
        self.send(Box::new(patient), answer).await
    }

    /// Looks at what only memory has: lanes, signs of life. A group that is on its way to the disk is in it already.
    /// `f` keeps the writer waiting, so that it may ask nothing of the disk.
    ///
    /// # Errors
    /// [`Error::Broken`] when `f` panics.
    pub async fn memory<T: Send + 'static>(
        &self,
        f: impl FnOnce(Memory<'_>) -> T + Send + 'static,
    ) -> Result<T> {
        let (memory, clock) = (self.memory.clone(), self.clock.clone());
        look::beside(move || {
            let state = &memory.read().unwrap_or_else(PoisonError::into_inner);
            let (now, mono) = (clock.now(), clock.mono());
            Ok(f(Memory { state, now, mono }))
        })
        .await
    }

    /// The counts of an office, as of the last commit.
    pub fn counts(&self, office: OfficeId) -> Counts {
        self.counts
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&office)
            .copied()
            .unwrap_or_default()
    }

    /// What everybody may know, as of the last commit.
    pub fn known(&self) -> Arc<Known> {
        self.known.borrow().clone()
    }

    /// The same, each time that it changes.
    pub fn follow_known(&self) -> watch::Receiver<Arc<Known>> {
        self.known.subscribe()
    }

    /// Everything committed from now on.
    pub fn watch(&self) -> broadcast::Receiver<Arc<Committed>> {
        self.committed.subscribe()
    }

    async fn send<T>(&self, op: Box<dyn Operation>, answer: oneshot::Receiver<Result<T>>) -> Result<T> {
        let gone = || Error::broken("the writer has stopped");
        let op = match door::here() {
            Some(at) => Box::new(ByDoor {
                at,
                op,
                refused: None,
            }),
            None => op,
        };
        self.queue.try_send(op).map_err(|e| match e {
            mpsc::TrySendError::Full(_) => Refusal::NoRoom(COME_AGAIN).into(),
            mpsc::TrySendError::Disconnected(_) => gone(),
        })?;
        answer.await.map_err(|_| gone())?
    }
}

fn connect(path: &Path) -> Result<Connection> {
    let db = Connection::open_with_flags(
        path,
        rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    // overwriting the log is cheaper than appending to it: it is kept, and folded in passively
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;
         PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA cache_size = -65536;
         PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864;",
    )?;
    db.set_prepared_statement_cache_capacity(128);
    Ok(db)
}

/// How one operation of a group ended, once the group is on disk.
enum Ended {
    /// It found nothing yet.
    Waits,
    /// It has an answer.
    Done,
    /// It broke, and is undone.
    Broke(Error),
}

/// How each operation ended, and the long polls served beside them, to be answered.
type Attempted = (Vec<Ended>, Vec<(Box<dyn Operation>, Ended)>);

/// Runs one operation of the open transaction in a savepoint.
///
/// # Errors
/// When storage fails: then none of the group is stored.
fn run_one(op: &mut dyn Operation, work: &mut Work<'_>, meter: &Meter) -> Result<Ended> {
    work.db.prepare_cached("SAVEPOINT operation")?.execute([])?;
    let (before, changes, taken_back) = (work.state.mark(), work.db.total_changes(), work.state.taken_back);
    let run = catch_unwind(AssertUnwindSafe(|| op.run(work))).unwrap_or_else(|panic| {
        let e = Error::broken(alive::said(&*panic));
        tracing::error!(error = %e, "an operation panicked; it is undone");
        Err(e)
    });
    let ended = match run {
        Ok(true) => Ended::Done,
        Ok(false) => Ended::Waits,
        Err(e @ Error::Storage(_)) => return Err(e),
        Err(e) => Ended::Broke(e),
    };
    if work.db.is_autocommit() {
        return Err(Error::Storage("the transaction is gone".into()));
    }
    let wrote = work.db.total_changes() - changes > work.state.taken_back - taken_back;
    if matches!(ended, Ended::Broke(_)) || op.is_refused() && wrote {
        tracing::warn!("an operation had written when it was refused or broke; it is undone");
        meter.undone.fetch_add(1, Ordering::Relaxed);
        work.db.execute_batch("ROLLBACK TO operation")?;
        work.state.undo(work.db, before, work.mono)?;
    }
    work.db.prepare_cached("RELEASE operation")?.execute([])?;
    Ok(ended)
}

/// A long poll that would find something, or whose time is up.
fn is_due(poll: &dyn Operation, state: &State, mono: u64) -> bool {
    // one that panics at the look is answered so when it runs
    let ready = || catch_unwind(AssertUnwindSafe(|| poll.is_ready(state, mono))).unwrap_or(true);
    poll.deadline() <= mono || state.draining || ready()
}

/// Answers those that are finished; the others wait.
fn settle(
    ended: impl IntoIterator<Item = (Box<dyn Operation>, Ended)>,
    waiting: &mut Vec<Box<dyn Operation>>,
) {
    for (op, ended) in ended {
        match ended {
            Ended::Done => op.answer(None),
            Ended::Broke(e) => op.answer(Some(e)),
            Ended::Waits => waiting.push(op),
        }
    }
}

struct Hands {
    db: Connection,
    hooks: Hooks,
    memory: Arc<RwLock<State>>,
    /// The memory holds what was undone on disk and could not be read anew yet.
    stale: bool,
    /// Panics outside of any operation since the last commit.
    panics: u32,
    heart: Arc<Heart>,
    clock: Arc<dyn Clock>,
    committed: broadcast::Sender<Arc<Committed>>,
    /// Bytes of what was committed and waits.
    ahead: Arc<AtomicUsize>,
    counts: Shared,
    known: watch::Sender<Arc<Known>>,
    meter: Arc<Meter>,
}

impl Hands {
    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.memory.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.memory.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(mut self, jobs: &mpsc::Receiver<Box<dyn Operation>>) {
        let mut waiting: Vec<Box<dyn Operation>> = vec![];
        loop {
            self.heart.beat();
            let mut group = vec![];
            match jobs.recv_timeout(self.until_next(&waiting)) {
                Ok(op) => group.push(op),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            }
            while group.len() < GROUP
                && let Ok(op) = jobs.try_recv()
            {
                group.push(op);
            }
            self.group(group, &mut waiting);
        }
    }

    /// How long the thread may sleep: until a lease, a rest or a long poll ends.
    fn until_next(&self, waiting: &[Box<dyn Operation>]) -> Duration {
        let polls = waiting.iter().map(|w| w.deadline()).min();
        let state = self.state();
        let next = state.lanes.next_deadline().into_iter().chain(polls).min();
        let mono = self.clock.mono();
        let next = next.map_or(IDLE, |t| Duration::from_millis(t.saturating_sub(mono)).min(IDLE));
        let closing = door::next_closing(&state.downtimes);
        closing.map_or(next, |at| {
            let left = u64::try_from(at.saturating_sub(self.clock.now())).unwrap_or(0);
            next.min(Duration::from_millis(left))
        })
    }

    fn group(&mut self, mut ops: Vec<Box<dyn Operation>>, waiting: &mut Vec<Box<dyn Operation>>) {
        let mono = self.clock.mono();
        match self.attempt(&mut ops, waiting) {
            Ok((ended, served)) => settle(ops.into_iter().zip(ended).chain(served), waiting),
            Err(e) => {
                static GROUP_FAILED: Seldom = Seldom::new();
                GROUP_FAILED.say(|unsaid| {
                    tracing::error!(error = %e, unsaid, "a group could not be committed; each operation runs once more alone");
                });
                self.rebuild();
                self.one_by_one(ops, waiting);
            }
        }
        self.serve_waiting(waiting, mono);
    }

    /// As [`Hands::try_attempt`]. A panic that is no operation's own comes again with each: the second one ends the
    /// program.
    fn attempt(
        &mut self,
        ops: &mut [Box<dyn Operation>],
        waiting: &mut Vec<Box<dyn Operation>>,
    ) -> Result<Attempted> {
        catch_unwind(AssertUnwindSafe(|| self.try_attempt(ops, waiting)))
            .unwrap_or_else(|panic| Err(self.panicked(&alive::said(&*panic))))
    }

    fn panicked(&mut self, said: &str) -> Error {
        self.panics += 1;
        let e = Error::broken(said);
        tracing::error!(error = %e, "the writer panicked outside of any operation");
        // whoever watches over the thread ends the program
        assert!(self.panics < 2, "{said}");
        e
    }

    /// Runs and commits all of `ops` together with what time has brought; says how each ended. Long polls of `waiting`
    /// that find something by then are served in the same commit.
    fn try_attempt(
        &mut self,
        ops: &mut [Box<dyn Operation>],
        waiting: &mut Vec<Box<dyn Operation>>,
    ) -> Result<Attempted> {
        if self.stale {
            let fresh = self.read_again()?;
            *self.state_mut() = fresh;
            self.stale = false;
        }
        let (now, mono) = (self.clock.now(), self.clock.mono());
        let state = self.state();
        let quiet = state.lanes.next_deadline().is_none_or(|t| t > mono);
        let closes = door::next_closing(&state.downtimes).is_some_and(|at| at <= now);
        if ops.is_empty() && quiet && !closes && !waiting.iter().any(|w| is_due(w.as_ref(), &state, mono)) {
            return Ok((vec![], vec![]));
        }
        drop(state);
        let (db, began, changes) = (&self.db, Instant::now(), self.db.total_changes());
        db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        // held while the group runs, and given back before the disk is waited for
        let mut state = self.state_mut();
        let mut work = Work {
            db,
            state: &mut state,
            now,
            mono,
            hooks: self.hooks,
        };
        work.state.now = now;
        if closes {
            latch::latch(&mut work)?;
        }
        (self.hooks.before_group)(&mut work)?;
        let mut ended = Vec::with_capacity(ops.len());
        for op in ops.iter_mut() {
            ended.push(run_one(op.as_mut(), &mut work, &self.meter)?);
        }
        let mut finished = vec![];
        for (i, op) in waiting.iter_mut().enumerate() {
            if is_due(op.as_ref(), work.state, mono) {
                match run_one(op.as_mut(), &mut work, &self.meter)? {
                    Ended::Waits => {}
                    over => finished.push((i, over)),
                }
            }
        }
        state.save_counts(db)?;
        drop(state);
        self.commit()?;
        // a transaction that changed nothing never came to the disk
        if self.db.total_changes() > changes {
            self.meter.add(ended.len() + finished.len(), began.elapsed());
        }
        let served = finished.into_iter().rev();
        let mut served: Vec<_> = served.map(|(i, over)| (waiting.remove(i), over)).collect();
        served.reverse();
        Ok((ended, served))
    }

    fn commit(&mut self) -> Result<()> {
        self.db.prepare_cached("COMMIT")?.execute([])?;
        self.panics = 0;
        let mut state = self.state_mut();
        if !self.known.borrow().is(&state.known) {
            self.known.send_replace(Arc::new(state.known.clone()));
        }
        let counts = state.changed_counts();
        let mut events = std::mem::take(&mut state.events);
        let bytes = std::mem::take(&mut state.event_bytes) + events.len() * EVENT;
        let jobs_of = Arc::unwrap_or_clone(std::mem::take(&mut state.jobs_of));
        let downtime = std::mem::take(&mut state.downtime_changed);
        drop(state);
        self.tell(&counts);
        if !events.is_empty() || !jobs_of.is_empty() || downtime {
            let load = Load::take(&self.ahead, bytes, MOST_AHEAD);
            let lost = load.is_none();
            if lost {
                events.clear();
            }
            // nobody watching is fine
            let _ = self.committed.send(Arc::new(Committed {
                events,
                counts,
                jobs_of,
                downtime,
                lost,
                load: load.unwrap_or_default(),
            }));
        }
        Ok(())
    }

    /// Lets the readers see the counts of what is on disk.
    fn tell(&self, counts: &HashMap<OfficeId, Counts>) {
        if !counts.is_empty() {
            self.counts
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(counts.iter().map(|(o, c)| (*o, *c)));
        }
    }

    /// Runs each operation in a commit of its own. After a few that the disk fails it is the disk and not the operation:
    /// the others are told so at once, and may come again.
    fn one_by_one(&mut self, ops: Vec<Box<dyn Operation>>, waiting: &mut Vec<Box<dyn Operation>>) {
        let mut failures = vec![];
        for mut op in ops {
            if failures.len() >= FAILURES_TO_BELIEVE {
                op.answer(failures.last().cloned());
                continue;
            }
            self.heart.beat();
            match self.attempt(std::slice::from_mut(&mut op), &mut vec![]) {
                Ok((ended, _)) => settle(std::iter::once(op).zip(ended), waiting),
                Err(e) => {
                    self.rebuild();
                    op.answer(Some(e.clone()));
                    if matches!(e, Error::Storage(_)) {
                        failures.push(e);
                    }
                }
            }
        }
    }

    /// Long polls that are due after all: those that came in the same group as what they wait for, and those
    /// whose group was undone.
    fn serve_waiting(&mut self, waiting: &mut Vec<Box<dyn Operation>>, mono: u64) {
        let mut due = vec![];
        let mut i = 0;
        while i < waiting.len() {
            if is_due(waiting[i].as_ref(), &self.state(), mono) {
                due.push(waiting.remove(i));
            } else {
                i += 1;
            }
        }
        if due.is_empty() {
            return;
        }
        match self.attempt(&mut due, &mut vec![]) {
            Ok((ended, _)) => settle(due.into_iter().zip(ended), waiting),
            Err(e) => {
                static CLAIMS_FAILED: Seldom = Seldom::new();
                CLAIMS_FAILED.say(
                    |unsaid| tracing::error!(error = %e, unsaid, "waiting claims could not be committed"),
                );
                self.rebuild();
                for op in due {
                    op.answer(Some(e.clone()));
                }
            }
        }
    }

    fn read_again(&self) -> Result<State> {
        let committed = self.known.borrow().clone();
        self.state().again(&self.db, &committed, self.clock.mono())
    }

    fn rebuild(&mut self) {
        self.meter.undone.fetch_add(1, Ordering::Relaxed);
        if !self.db.is_autocommit()
            && let Err(e) = self.db.execute_batch("ROLLBACK")
        {
            tracing::error!(error = %e, "the transaction cannot be undone");
        }
        self.stale = true;
        let read = catch_unwind(AssertUnwindSafe(|| self.read_again()));
        match read.unwrap_or_else(|panic| Err(self.panicked(&alive::said(&*panic)))) {
            Ok(state) => {
                *self.state_mut() = state;
                self.stale = false;
            }
            Err(e) => {
                static UNREAD: Seldom = Seldom::new();
                UNREAD.say(|unsaid| {
                    tracing::error!(error = %e, unsaid, "the lanes cannot be read; they are tried again with the next operation");
                });
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "nobody comes in by a door here")]
mod tests {
    use super::*;

    /// A desk's writer with nothing above it.
    async fn writer(dir: &Path) -> Writer {
        let opened = crate::open(dir).await.expect("a database");
        let catalogue = Arc::new(Catalogue::built_in().expect("a catalogue"));
        let hooks = Hooks {
            before_group: |_| Ok(()),
            run_moved: |_, _, _, _| Ok(()),
        };
        let (clock, heart) = (
            Arc::new(crate::SystemClock::default()),
            crate::Hearts::default().heart("writer"),
        );
        Writer::start(&opened.path, clock, catalogue, Quotas::default(), heart, hooks).expect("it starts")
    }

    /// Writes a package, in rows and in memory, and then does as it is told.
    async fn package(writer: &Writer, code: &'static str, then: fn() -> Result<()>) -> Result<()> {
        let add = move |w: &mut Work<'_>| {
            w.state.package(w.db, code)?;
            then()
        };
        writer.run(add).await
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn bad_operations_have_written_nothing_and_the_good_ones_beside_them_are_committed_at_once() {
        let dir = tempfile::tempdir().expect("a folder");
        let writer = writer(dir.path()).await;
        // all that is asked meanwhile is one group
        let ((free, held), (begins, began)) = (mpsc::channel::<()>(), mpsc::channel());
        let hold = tokio::spawn({
            let writer = writer.clone();
            let wait = move |_: &mut Work<'_>| Ok(begins.send(()).is_ok() && held.recv().is_ok());
            async move { writer.run(wait).await }
        });
        began.recv().expect("it began");
        let before = writer.meter().commits.load(Ordering::Relaxed);
        let asked = async {
            tokio::join!(
                package(&writer, "first", || Ok(())),
                package(&writer, "refused", || Err(Refusal::NotFound.into())),
                package(&writer, "broken", || Err(Error::broken("as a test asks"))),
                package(&writer, "panics", || panic!("as a test asks")),
                package(&writer, "last", || Ok(())),
                async { free.send(()).expect("it is held") },
            )
        };
        let (first, refused, broken, panics, last, ()) = asked.await;
        assert!(hold.await.expect("no panic").expect("held"));
        assert!(first.is_ok() && last.is_ok(), "{first:?} {last:?}");
        assert!(matches!(refused, Err(Error::Refused(Refusal::NotFound))));
        assert!(matches!(broken, Err(Error::Broken { .. })) && matches!(panics, Err(Error::Broken { .. })));
        assert_eq!(
            writer.meter().commits.load(Ordering::Relaxed),
            before + 1,
            "one commit"
        );
        let known = writer.run(|w| {
            let mut q = w.db.prepare("SELECT code FROM package ORDER BY id")?;
            let rows = q.query_map([], |r| r.get::<_, String>(0))?;
            let rows: Vec<String> = rows.collect::<rusqlite::Result<_>>()?;
            let tried = ["first", "refused", "broken", "panics", "last"];
            let in_rows: Vec<_> = tried
                .into_iter()
                .filter(|t| rows.iter().any(|r| r == t))
                .collect();
            let in_memory: Vec<_> = tried
                .into_iter()
                .filter(|t| w.state.packages.number(t).is_some())
                .collect();
            Ok((in_rows, in_memory))
        });
        let good = vec!["first", "last"];
        assert_eq!(known.await.expect("it answers"), (good.clone(), good));
    }

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

//! The writer: one thread, one connection, one commit for all that waits. An answer means it is on disk.
//!
//! Each operation of a group runs in a savepoint: one that refuses, breaks or panics has written nothing, in rows and in
//! memory, and those beside it are committed. When storage fails, each operation runs once more by itself, so that only
//! the one that cannot be stored is told so.

mod hands;
mod latch;
mod operation;
mod told;

pub use crate::work::{Hooks, Work};
pub use told::{Committed, Load, Meter};

use hands::Hands;
use operation::{ByDoor, Once, Operation, Patient};

use crate::{
    Catalogue,
    alive::Heart,
    clock::Clock,
    door,
    error::{Error, Result},
    look::{self, Memory},
    quota::Quotas,
    state::{State, known::Known},
};
use domain::{OfficeId, Refusal, TaskState};
use rusqlite::Connection;
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};
use tokio::sync::{Semaphore, broadcast, oneshot, watch};
use views::Counts;

/// So many operations may wait: who comes then is told to come again, before the memory is full of them.
const MOST_WAITING: usize = 4096;
/// When whoever found no place in line comes again, in seconds.
const COME_AGAIN: u32 = 2;

/// So many look at the memory at once; the others wait without a thread of their own.
const LOOKING: usize = 32;
/// So often, so long apart, somebody waits for a memory that is being read again after its group was undone.
const TRIES: u32 = 40;
const AGAIN: Duration = Duration::from_millis(50);

/// The way in to the writer. Cheap to clone.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::SyncSender<Box<dyn Operation>>,
    committed: broadcast::Sender<Arc<Committed>>,
    clock: Arc<dyn Clock>,
    memory: Arc<RwLock<State>>,
    /// The memory holds what was undone on disk.
    stale: Arc<AtomicBool>,
    looking: Arc<Semaphore>,
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
        let stale = Arc::new(AtomicBool::new(false));
        let hands = Hands {
            db,
            known: known.clone(),
            hooks,
            memory: memory.clone(),
            stale: stale.clone(),
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
            stale,
            looking: Arc::new(Semaphore::new(LOOKING)),
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
    /// [`Error::Broken`] when `f` panics, [`Error::Storage`] when the memory cannot be read again after a group was undone.
    pub async fn memory<T: Send + 'static>(
        &self,
        f: impl FnOnce(Memory<'_>) -> T + Send + 'static,
    ) -> Result<T> {
        // whoever gives up while they wait for a place has taken no thread
        let place = self.looking.clone().acquire_owned().await;
        let place = place.map_err(|e| Error::broken(e.to_string()))?;
        let (memory, stale, clock) = (self.memory.clone(), self.stale.clone(), self.clock.clone());
        look::beside(move || {
            let _place = place;
            for _ in 0..TRIES {
                let state = memory.read().unwrap_or_else(PoisonError::into_inner);
                if !stale.load(Ordering::Acquire) {
                    let (now, mono) = (clock.now(), clock.mono());
                    let state = &state;
                    return Ok(f(Memory { state, now, mono }));
                }
                drop(state);
                thread::sleep(AGAIN);
            }
            Err(Error::Storage("what the desk knows cannot be read again".into()))
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

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "nobody comes in by a door here")]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering;

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
}

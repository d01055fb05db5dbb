//! The thread's own work: a group of operations is run, committed and answered; what fails is undone and tried alone.

use super::{
    Committed, Hooks, Load, Meter, Shared, Work, latch,
    operation::Operation,
    told::{EVENT, MOST_AHEAD},
};
use crate::{
    alive::{self, Heart},
    clock::Clock,
    door,
    error::{Error, Result},
    seldom::Seldom,
    state::{State, known::Known},
};
use domain::OfficeId;
use rusqlite::Connection;
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};
use tokio::sync::{broadcast, watch};
use views::Counts;

/// Most operations in one commit; past that, latency grows and throughput falls.
const GROUP: usize = 500;
/// So many operations that the disk fails alone mean that it fails all.
const FAILURES_TO_BELIEVE: usize = 3;
/// The writer looks around this often even when nobody asks for anything.
const IDLE: Duration = Duration::from_millis(500);

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

/// The thread that writes, with what is its own.
pub(super) struct Hands {
    pub(super) db: Connection,
    pub(super) hooks: Hooks,
    pub(super) memory: Arc<RwLock<State>>,
    /// The memory holds what was undone on disk and could not be read anew yet.
    pub(super) stale: Arc<AtomicBool>,
    /// Panics outside of any operation since the last commit.
    pub(super) panics: u32,
    pub(super) heart: Arc<Heart>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) committed: broadcast::Sender<Arc<Committed>>,
    /// Bytes of what was committed and waits.
    pub(super) ahead: Arc<AtomicUsize>,
    pub(super) counts: Shared,
    pub(super) known: watch::Sender<Arc<Known>>,
    pub(super) meter: Arc<Meter>,
}

impl Hands {
    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.memory.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.memory.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn work(mut self, jobs: &mpsc::Receiver<Box<dyn Operation>>) {
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
        if self.stale.load(Ordering::Acquire) {
            let fresh = self.read_again()?;
            self.believe(fresh);
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
        let doubt = Doubt(self.stale.clone());
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
        doubt.dispel();
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
        let doubt = Doubt(self.stale.clone());
        self.db.prepare_cached("COMMIT")?.execute([])?;
        doubt.dispel();
        self.panics = 0;
        let mut state = self.state_mut();
        let counts = state.changed_counts();
        // first, for whoever looks once they know of the commit
        self.tell(&counts);
        if !self.known.borrow().is(&state.known) {
            self.known.send_replace(Arc::new(state.known.clone()));
        }
        let mut events = std::mem::take(&mut state.events);
        let bytes = std::mem::take(&mut state.event_bytes) + events.len() * EVENT;
        let jobs_of = Arc::unwrap_or_clone(std::mem::take(&mut state.jobs_of));
        let downtime = std::mem::take(&mut state.downtime_changed);
        drop(state);
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

    fn believe(&self, fresh: State) {
        let mut state = self.state_mut();
        *state = fresh;
        self.stale.store(false, Ordering::Release);
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
        self.stale.store(true, Ordering::Release);
        let read = catch_unwind(AssertUnwindSafe(|| self.read_again()));
        match read.unwrap_or_else(|panic| Err(self.panicked(&alive::said(&*panic)))) {
            Ok(state) => self.believe(state),
            Err(e) => {
                static UNREAD: Seldom = Seldom::new();
                UNREAD.say(|unsaid| {
                    tracing::error!(error = %e, unsaid, "the lanes cannot be read; they are tried again with the next operation");
                });
            }
        }
    }
}

/// What is in memory may never come to the disk, from when this is dropped until the memory has been read again.
struct Doubt(Arc<AtomicBool>);

impl Doubt {
    /// It has come there.
    fn dispel(self) {
        std::mem::forget(self);
    }
}

impl Drop for Doubt {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

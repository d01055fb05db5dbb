//! The poll loop: wakes, takes what it can run, keeps the leases alive, reports, and drains when asked to stop.

use super::{
    Adapter, failed,
    line::{Line, Trouble},
    outbox::Outbox,
    reports::Reports,
};
use crate::patience::Patience;
use domain::{
    failure::{ADAPTER_CRASHED, RAN_TOO_LONG},
    wire::{ClaimAnswer, ClaimedTask, HelloAnswer, LeaseRef, LeaseState, MAX_DELIVER, Outcome, Report},
};
use engine::{Hello, secret};
use futures::FutureExt;
use std::{
    any::Any,
    collections::HashMap,
    panic::AssertUnwindSafe,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{Notify, watch},
    task::AbortHandle,
    time::sleep,
};

/// After trouble on the line, the next try comes this much later.
const TROUBLE_PAUSE: Duration = Duration::from_secs(5);
const LONG_POLL_SECONDS: u32 = 50;
/// A desk that was away between two visits may be another one, of a backup that does not know what this connector takes.
const HELLO_AGAIN: Duration = Duration::from_secs(600);
/// With so many reports that are not accepted nothing new is taken: what it does could not be told either.
const MOST_UNACCEPTED: u32 = 100;

/// What a connector is made of.
pub struct Home {
    /// The way to the desk.
    pub line: Line,
    /// What carries tasks out.
    pub adapter: Arc<dyn Adapter>,
    /// Packages it reaches.
    pub packages: Vec<String>,
    /// Tasks at once.
    pub max_parallel: u32,
    /// Ask again at once instead of at the office's rhythm.
    pub long_poll: bool,
    /// Where undelivered reports are kept.
    pub outbox: PathBuf,
    /// How long a task may run.
    pub patience: Patience,
}

/// A task that runs here.
struct Running {
    task: String,
    work: AbortHandle,
    /// When the desk last said that the lease lives.
    sign_of_life: Instant,
    /// It has come to where it cannot be stopped.
    goes_on: bool,
    /// The desk says that the lease is over.
    is_stale: bool,
}

/// A connector at work.
pub struct Connector {
    home: Home,
    reports: Reports,
    boot_id: String,
    /// How many reports that are not accepted the desk was told of.
    told: AtomicU32,
    /// The id of a claim whose answer was not read yet: asked again, it gives the same leases.
    asking: Mutex<Option<String>>,
    /// The last claim failed.
    trouble: AtomicBool,
    /// When it said hello to the desk; nothing once the desk was not heard.
    greeted: Mutex<Option<Instant>>,
    /// By lease: one whose lease is over may run on while the desk hands the same task out again.
    running: Mutex<HashMap<String, Running>>,
    /// A task has ended.
    ended: Notify,
}

impl Connector {
    /// Opens the outbox.
    ///
    /// # Errors
    /// A sentence when it cannot be used.
    pub fn new(home: Home) -> Result<Arc<Self>, String> {
        let outbox = Outbox::open(home.outbox.clone())?;
        let boot_id = secret::new("boot");
        Ok(Arc::new(Self {
            reports: Reports::new(home.line.clone(), outbox),
            home,
            boot_id,
            told: AtomicU32::new(0),
            asking: Mutex::default(),
            trouble: AtomicBool::new(false),
            greeted: Mutex::default(),
            running: Mutex::default(),
            ended: Notify::new(),
        }))
    }

    /// Works until `stopped` turns true, then finishes what runs.
    pub async fn run(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        let Some((lease, extend)) = self.introduce(&mut stopped).await else {
            return;
        };
        let keeper = tokio::spawn(self.clone().keep_alive(lease, extend));
        let teller = tokio::spawn(self.clone().keep_telling());
        // what an earlier start of it did comes before anything new
        self.reports.tell().await;
        while !*stopped.borrow() {
            let pause = self.poll().await;
            tokio::select! {
                () = sleep(pause) => {}
                // a free hand may take the next task; a full queue must not wait for the next visit
                () = self.ended.notified(), if self.home.long_poll && !self.trouble.load(Ordering::Relaxed) => {}
                _ = stopped.changed() => {}
            }
        }
        if let Err(e) = self.home.line.drain(&self.boot_id).await {
            tracing::warn!(trouble = ?e, "the desk could not be told that this connector stops");
        }
        while !self.running().is_empty() {
            self.ended.notified().await;
        }
        teller.abort();
        self.reports.line_is_back();
        self.reports.tell().await;
        self.tell_unaccepted().await;
        keeper.abort();
    }

    /// Says hello until the desk answers; gives the lease's length and how often to extend.
    async fn introduce(&self, stopped: &mut watch::Receiver<bool>) -> Option<(Duration, Duration)> {
        while !*stopped.borrow() {
            match self.hello().await {
                Ok(answer) => {
                    tracing::info!(connector = answer.connector, office = answer.office, "at work");
                    let seconds = |s: u32| Duration::from_secs(u64::from(s.max(1)));
                    return Some((seconds(answer.lease_seconds), seconds(answer.extend_seconds)));
                }
                Err(e) => {
                    tracing::warn!(trouble = ?e, "the desk does not answer");
                    let pause = TROUBLE_PAUSE.max(e.rest());
                    tokio::select! { () = sleep(pause) => {} , _ = stopped.changed() => {} }
                }
            }
        }
        None
    }

    async fn hello(&self) -> Result<HelloAnswer, Trouble> {
        let unaccepted = self.reports.unaccepted();
        let hello = Hello {
            boot_id: self.boot_id.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            packages: self.home.packages.clone(),
            kinds: self.home.adapter.kinds(),
            recovers: self.home.adapter.recovers(),
            max_parallel: self.home.max_parallel,
            unaccepted_reports: unaccepted,
        };
        let answer = self.home.line.hello(hello).await?;
        self.told.store(unaccepted, Ordering::Relaxed);
        *self.greeted() = Some(Instant::now());
        Ok(answer)
    }

    /// Tells the desk what was done until it has recorded it, and how much of it is not accepted.
    async fn keep_telling(self: Arc<Self>) {
        loop {
            self.reports.due().await;
            self.reports.tell().await;
            self.tell_unaccepted().await;
        }
    }

    async fn tell_unaccepted(&self) {
        if self.reports.unaccepted() != self.told.load(Ordering::Relaxed)
            && let Err(e) = self.hello().await
        {
            tracing::warn!(trouble = ?e, "the desk could not be told how many reports are not accepted");
        }
    }

    /// Takes tasks into free hands; says how long to pause.
    async fn poll(self: &Arc<Self>) -> Duration {
        let free = self.home.max_parallel.saturating_sub(self.running().len() as u32);
        if free == 0 {
            return Duration::from_secs(u64::from(LONG_POLL_SECONDS));
        }
        let unaccepted = self.reports.unaccepted();
        if unaccepted >= MOST_UNACCEPTED {
            tracing::error!(
                unaccepted,
                "reports are not accepted: nothing new is taken until they are"
            );
            return TROUBLE_PAUSE;
        }
        let wait = if self.home.long_poll { LONG_POLL_SECONDS } else { 0 };
        let request = self.asking().get_or_insert_with(|| secret::new("req_")).clone();
        let mut answer = self.claim(&request, free, wait).await;
        if matches!(answer, Err(Trouble::Away(_))) {
            // the answer may have been lost on the way back: the same request gives the same leases
            sleep(Duration::from_secs(1)).await;
            answer = self.claim(&request, free, 0).await;
        }
        match answer {
            Ok(answer) => {
                *self.asking() = None;
                if self.trouble.swap(false, Ordering::Relaxed) {
                    self.reports.line_is_back();
                }
                for task in answer.tasks {
                    self.start(task);
                }
                if self.home.long_poll {
                    Duration::ZERO
                } else {
                    Duration::from_secs(u64::from(answer.next_poll_seconds))
                }
            }
            Err(e) => {
                tracing::warn!(trouble = ?e, "no tasks could be asked for");
                self.trouble.store(true, Ordering::Relaxed);
                TROUBLE_PAUSE.max(e.rest())
            }
        }
    }

    /// Asks a desk that knows this connector.
    async fn claim(&self, request: &str, free: u32, wait: u32) -> Result<ClaimAnswer, Trouble> {
        let greeted = *self.greeted();
        if greeted.is_none_or(|at| at.elapsed() >= HELLO_AGAIN) {
            self.hello().await?;
        }
        let answer = self.home.line.claim(request, free, wait).await;
        if answer.is_err() {
            *self.greeted() = None;
        }
        answer
    }

    fn start(self: &Arc<Self>, task: ClaimedTask) {
        let (task_id, lease) = (task.id.to_string(), task.lease.clone());
        let me = self.clone();
        // the map is locked until the task stands in it: the work cannot end before it has begun
        let mut running = self.running();
        let work = tokio::spawn(async move { me.carry_out(task).await }).abort_handle();
        running.insert(
            lease,
            Running {
                task: task_id,
                work,
                sign_of_life: Instant::now(),
                goes_on: false,
                is_stale: false,
            },
        );
    }

    async fn carry_out(self: Arc<Self>, task: ClaimedTask) {
        let outcome = self.outcome(&task).await;
        self.reports.keep(Report {
            task: task.id.to_string(),
            lease: task.lease.clone(),
            outcome,
        });
        self.reports.tell().await;
        self.reports.look_again();
        self.running().remove(&task.lease);
        self.ended.notify_one();
    }

    /// What the adapter says; or, when it breaks or does not come to an end, what is to be said of it.
    async fn outcome(&self, task: &ClaimedTask) -> Outcome {
        let adapter = &self.home.adapter;
        let patience = match adapter.stops() {
            true => self.home.patience.of(&task.kind),
            // what was said of it would not be what it comes to
            false => Duration::MAX,
        };
        let work = AssertUnwindSafe(async {
            let task = match adapter.prepare(task).await {
                Ok(task) => task,
                Err(outcome) => return outcome,
            };
            if !adapter.stops() && !self.may_go_on(&task.lease) {
                // stopped in this moment: nothing may begin
                std::future::pending::<()>().await;
            }
            adapter.carry_out(&task).await
        });
        match tokio::time::timeout(patience, work.catch_unwind()).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => {
                tracing::error!(task = %task.id, "the adapter broke");
                failed(
                    ADAPTER_CRASHED,
                    format!("The connector's program broke: {}", last_words(&*panic)),
                )
            }
            Err(_) => {
                let minutes = patience.as_secs() / 60;
                tracing::error!(task = %task.id, minutes, "the work did not come to an end and is stopped");
                let mut params = serde_json::Map::new();
                params.insert("minutes".into(), minutes.to_string().into());
                Outcome::Failed {
                    code: RAN_TOO_LONG.into(),
                    params,
                    detail: Some(format!(
                        "The connector stopped the work after {minutes} minutes (--max-run)."
                    )),
                }
            }
        }
    }

    /// From here on it is not stopped any more; `false` when it has been.
    fn may_go_on(&self, lease: &str) -> bool {
        let mut running = self.running();
        let found = running.get_mut(lease);
        found.map(|r| r.goes_on = true).is_some()
    }

    /// Extends everything that runs, and what is done and not yet recorded. Work whose lease must be over is stopped where it
    /// can be: somebody else may have it by now.
    async fn keep_alive(self: Arc<Self>, lease: Duration, extend: Duration) {
        let mut rest = Duration::ZERO;
        loop {
            sleep(extend.max(rest)).await;
            rest = Duration::ZERO;
            let at_work = !self.running().is_empty();
            let mut leases: Vec<LeaseRef> = self
                .running()
                .iter()
                .filter(|(_, r)| !r.is_stale)
                .map(|(lease, r)| LeaseRef {
                    task: r.task.clone(),
                    lease: lease.clone(),
                })
                .collect();
            let done = self.reports.leases().into_iter().filter(|l| !leases.contains(l));
            leases.extend(done.take(MAX_DELIVER / 2).collect::<Vec<_>>());
            // also without any: one whose every hand goes on with what is over is there, too
            if at_work || !leases.is_empty() {
                match self.home.line.extend(leases.clone()).await {
                    Ok(answer) => {
                        // in the order in which they were sent
                        for (sent, l) in leases.iter().zip(answer.leases) {
                            self.heard(&sent.lease, l.state);
                        }
                    }
                    Err(e) => {
                        tracing::warn!(trouble = ?e, "leases could not be extended");
                        // work whose lease must be over is stopped in any case
                        rest = e.rest().min(lease.saturating_sub(extend));
                    }
                }
            }
            // a desk that is away may come back and let it go on; what can be stopped is
            self.stop_where(
                |_, r| r.sign_of_life.elapsed() >= lease && !r.goes_on,
                "the desk has not been heard for a whole lease",
            );
        }
    }

    fn heard(&self, lease: &str, state: LeaseState) {
        match state {
            LeaseState::Ok | LeaseState::Cancel => {
                // a cancelled task is finished too: half a booking is worse than one too many
                if let Some(r) = self.running().get_mut(lease) {
                    r.sign_of_life = Instant::now();
                }
            }
            LeaseState::Stale => self.stop_where(|l, _| l == lease, "its lease is over"),
        }
    }

    fn stop_where(&self, over: impl Fn(&str, &Running) -> bool, why: &str) {
        self.running().retain(|lease, r| {
            if !over(lease, r) {
                return true;
            }
            let task = &r.task;
            if r.goes_on {
                tracing::warn!(
                    task,
                    why,
                    "work goes on that cannot be stopped; what comes of it is told late"
                );
                r.is_stale = true;
                return true;
            }
            tracing::warn!(task, why, "work is stopped");
            r.work.abort();
            self.ended.notify_one();
            false
        });
    }

    fn greeted(&self) -> MutexGuard<'_, Option<Instant>> {
        self.greeted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asking(&self) -> MutexGuard<'_, Option<String>> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> MutexGuard<'_, HashMap<String, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a panic said.
fn last_words(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    words
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it said nothing".into())
}

#[cfg(test)]
mod tests;

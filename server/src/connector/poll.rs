//! The poll loop: wakes, takes what it can run, keeps the leases alive, reports, and drains when asked to stop.

use super::{
    Adapter,
    line::{Line, Trouble},
    outbox::Outbox,
};
use domain::wire::{ClaimedTask, LeaseRef, LeaseState, Report};
use engine::{secret, store::connector::Hello};
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
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
}

/// A task that runs here.
struct Running {
    lease: String,
    work: AbortHandle,
    /// When the desk last said that the lease lives.
    sign_of_life: Instant,
}

/// A connector at work.
pub struct Connector {
    home: Home,
    outbox: Outbox,
    boot_id: String,
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
            home,
            outbox,
            boot_id,
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
        while !*stopped.borrow() {
            self.deliver_reports().await;
            let pause = self.poll().await;
            tokio::select! {
                () = sleep(pause) => {}
                // a free hand may take the next task; a full queue must not wait for the next visit
                () = self.ended.notified(), if self.home.long_poll => {}
                _ = stopped.changed() => {}
            }
        }
        if let Err(e) = self.home.line.drain(&self.boot_id).await {
            tracing::warn!(trouble = ?e, "the desk could not be told that this connector stops");
        }
        while !self.running().is_empty() {
            self.ended.notified().await;
        }
        self.deliver_reports().await;
        keeper.abort();
    }

    /// Says hello until the desk answers; gives the lease's length and how often to extend.
    async fn introduce(&self, stopped: &mut watch::Receiver<bool>) -> Option<(Duration, Duration)> {
        while !*stopped.borrow() {
            let hello = Hello {
                boot_id: self.boot_id.clone(),
                version: env!("CARGO_PKG_VERSION").into(),
                packages: self.home.packages.clone(),
                kinds: self.home.adapter.kinds(),
                recovers: self.home.adapter.recovers(),
                max_parallel: self.home.max_parallel,
            };
            match self.home.line.hello(hello).await {
                Ok(answer) => {
                    tracing::info!(connector = answer.connector, office = answer.office, "at work");
                    let seconds = |s: u32| Duration::from_secs(u64::from(s.max(1)));
                    return Some((seconds(answer.lease_seconds), seconds(answer.extend_seconds)));
                }
                Err(e) => tracing::warn!(trouble = ?e, "the desk does not answer"),
            }
            tokio::select! { () = sleep(TROUBLE_PAUSE) => {} , _ = stopped.changed() => {} }
        }
        None
    }

    /// Takes tasks into free hands; says how long to pause.
    async fn poll(self: &Arc<Self>) -> Duration {
        let free = self.home.max_parallel.saturating_sub(self.running().len() as u32);
        if free == 0 {
            return Duration::from_secs(u64::from(LONG_POLL_SECONDS));
        }
        let wait = if self.home.long_poll { LONG_POLL_SECONDS } else { 0 };
        let request = secret::new("req_");
        let mut answer = self.home.line.claim(&request, free, wait).await;
        if matches!(answer, Err(Trouble::Away(_))) {
            // the answer may have been lost on the way back: the same request gives the same leases
            sleep(Duration::from_secs(1)).await;
            answer = self.home.line.claim(&request, free, 0).await;
        }
        match answer {
            Ok(answer) => {
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
                TROUBLE_PAUSE
            }
        }
    }

    fn start(self: &Arc<Self>, task: ClaimedTask) {
        let (id, lease) = (task.id.to_string(), task.lease.clone());
        let me = self.clone();
        // the map is locked until the task stands in it: the work cannot end before it has begun
        let mut running = self.running();
        let work = tokio::spawn(async move { me.carry_out(task).await }).abort_handle();
        running.insert(
            id,
            Running {
                lease,
                work,
                sign_of_life: Instant::now(),
            },
        );
    }

    async fn carry_out(self: Arc<Self>, task: ClaimedTask) {
        let outcome = self.home.adapter.carry_out(&task).await;
        let report = Report {
            task: task.id.to_string(),
            lease: task.lease.clone(),
            outcome,
        };
        if let Err(e) = self.outbox.put(&report) {
            tracing::error!(error = %e, task = report.task, "a report could not be kept on disk; it is sent once");
        }
        self.send(vec![report]).await;
        self.running().remove(&task.id.to_string());
        self.ended.notify_one();
    }

    /// Extends everything that runs. Work whose lease must be over is stopped: somebody else may have it by now.
    async fn keep_alive(self: Arc<Self>, lease: Duration, extend: Duration) {
        loop {
            sleep(extend).await;
            let leases: Vec<LeaseRef> = self
                .running()
                .iter()
                .map(|(task, r)| LeaseRef {
                    task: task.clone(),
                    lease: r.lease.clone(),
                })
                .collect();
            if !leases.is_empty() {
                match self.home.line.extend(leases).await {
                    Ok(answer) => {
                        for l in answer.leases {
                            self.heard(&l.task, l.state);
                        }
                    }
                    Err(e) => tracing::warn!(trouble = ?e, "leases could not be extended"),
                }
            }
            self.stop_where(
                |_, r| r.sign_of_life.elapsed() >= lease,
                "the desk has not been heard for a whole lease",
            );
        }
    }

    fn heard(&self, task: &str, state: LeaseState) {
        match state {
            LeaseState::Ok | LeaseState::Cancel => {
                // a cancelled task is finished too: half a booking is worse than one too many
                if let Some(r) = self.running().get_mut(task) {
                    r.sign_of_life = Instant::now();
                }
            }
            LeaseState::Stale => self.stop_where(|t, _| t == task, "its lease is over"),
        }
    }

    fn stop_where(&self, over: impl Fn(&str, &Running) -> bool, why: &str) {
        self.running().retain(|task, r| {
            let stop = over(task, r);
            if stop {
                tracing::warn!(task, why, "work is stopped");
                r.work.abort();
                self.ended.notify_one();
            }
            !stop
        });
    }

    async fn deliver_reports(&self) {
        let waiting = self.outbox.waiting();
        let mine = |r: &Report| self.running().contains_key(&r.task);
        let waiting: Vec<Report> = waiting.into_iter().filter(|r| !mine(r)).take(500).collect();
        if !waiting.is_empty() {
            self.send(waiting).await;
        }
    }

    async fn send(&self, reports: Vec<Report>) {
        match self.home.line.report(reports.clone()).await {
            Ok(answer) => {
                for (report, answer) in reports.iter().zip(answer.reports) {
                    if let Some(e) = answer.error {
                        tracing::warn!(task = report.task, code = e.code, "a report was refused");
                    }
                    self.outbox.done(report);
                }
            }
            Err(Trouble::Refused(why)) => {
                tracing::error!(why, "reports were refused");
                // one bad report must not keep the others: told one by one, only the bad one stays
                if let [one] = &reports[..] {
                    self.outbox.done(one);
                } else {
                    for r in reports {
                        Box::pin(self.send(vec![r])).await;
                    }
                }
            }
            Err(Trouble::Away(why)) => tracing::warn!(why, "reports wait in the outbox"),
        }
    }

    fn running(&self) -> MutexGuard<'_, HashMap<String, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

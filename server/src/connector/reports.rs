//! What was done, until the desk has recorded it (T6). Only the desk's own word about the very report ends its wait: that
//! it was recorded, or that what it says is kept beside another outcome. Anything else on the way, a token that is no
//! longer valid, a page of a proxy, a limit, keeps it, and it is tried again with growing pauses.

use super::{
    failed,
    fit::fit,
    line::{Line, Trouble},
    outbox::{self, Outbox},
};
use domain::wire::{ItemError, LeaseRef, Outcome, Report, Reported};
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// The first pause; it doubles with each try.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// The folder is looked through this often: a person may have put something back, or cleared it.
const LOOK: Duration = Duration::from_secs(60);
/// Most reports and bytes of one call; a body may have 1 MiB.
const BATCH: usize = 500;
const BATCH_BYTES: usize = 768 << 10;
/// Tries without any answer after which a report counts as not accepted: a desk that is started again is no trouble.
const PATIENCE: u32 = 3;

/// What is reported in the place of a report that the desk cannot take as it is: else the task would wait for its lease
/// to end.
const INVALID: &str = "report_invalid";

/// A report that was tried and is still here.
struct Tried {
    times: u32,
    /// Not before.
    next: Instant,
    /// Somebody answered, and it was not yes.
    answered: bool,
}

/// The reports on their way.
pub struct Reports {
    line: Line,
    outbox: Outbox,
    tried: Mutex<HashMap<String, Tried>>,
    /// Those that could not be written to disk.
    loose: Mutex<Vec<Report>>,
    /// The desk wants to be told nothing before.
    rest: Mutex<Option<Instant>>,
    /// One round at a time, so that none is told twice at once.
    round: tokio::sync::Mutex<()>,
    /// Something may be due earlier than it was.
    wake: Notify,
}

impl Reports {
    /// Those of an outbox.
    pub fn new(line: Line, outbox: Outbox) -> Self {
        Self {
            line,
            outbox,
            tried: Mutex::default(),
            loose: Mutex::default(),
            rest: Mutex::default(),
            round: tokio::sync::Mutex::default(),
            wake: Notify::new(),
        }
    }

    /// Keeps a report, cut to what a report can hold.
    pub fn keep(&self, report: Report) {
        let report = Report {
            outcome: fit(report.outcome),
            ..report
        };
        if let Err(e) = self.outbox.put(&report) {
            tracing::error!(error = %e, task = report.task, "a report could not be kept on disk; it is kept in memory");
            lock(&self.loose).push(report);
        }
    }

    /// How many are not accepted: put aside, or told without success.
    pub fn unaccepted(&self) -> u32 {
        let stuck = |t: &&Tried| t.answered || t.times >= PATIENCE;
        let waiting = lock(&self.tried).values().filter(stuck).count();
        (waiting + self.outbox.refused()) as u32
    }

    /// Nothing waits any more.
    #[cfg(test)]
    pub fn is_clear(&self) -> bool {
        lock(&self.loose).is_empty() && self.outbox.waiting().is_empty()
    }

    /// The leases of what waits: the work is done, and nobody else shall be handed it meanwhile.
    pub fn leases(&self) -> Vec<LeaseRef> {
        let loose = lock(&self.loose).clone();
        let waiting = self.outbox.waiting().into_iter().chain(loose);
        waiting
            .map(|r| LeaseRef {
                task: r.task,
                lease: r.lease,
            })
            .collect()
    }

    /// The desk is heard again after trouble: everything may be tried now.
    pub fn line_is_back(&self) {
        let now = self.not_before();
        lock(&self.tried).values_mut().for_each(|t| t.next = now);
        self.look_again();
    }

    /// Something changed: [`Reports::due`] returns.
    pub fn look_again(&self) {
        self.wake.notify_one();
    }

    /// Returns when the next round is due.
    pub async fn due(&self) {
        let rest = *lock(&self.rest);
        let rest = rest.filter(|r| *r > Instant::now());
        let next = lock(&self.tried).values().map(|t| t.next).chain(rest).min();
        let look = Instant::now() + LOOK;
        tokio::select! {
            () = tokio::time::sleep_until(next.map_or(look, |n| n.min(look))) => {}
            () = self.wake.notified() => {}
        }
    }

    /// From when on the desk may be told something.
    fn not_before(&self) -> Instant {
        let now = Instant::now();
        lock(&self.rest).map_or(now, |rest| rest.max(now))
    }

    /// Tells the desk everything that is due.
    pub async fn tell(&self) {
        let _alone = self.round.lock().await;
        if lock(&self.rest).is_some_and(|r| r > Instant::now()) {
            return;
        }
        let mut due = self.gather();
        while !due.is_empty() {
            let rest = due.split_off(batch(&due));
            if !self.send(&due).await {
                // nobody is there: the others need not be tried
                for r in &rest {
                    self.later(r, false);
                }
                break;
            }
            due = rest;
        }
    }

    /// What waits and is due. What a person took away is forgotten.
    fn gather(&self) -> Vec<Report> {
        let loose = std::mem::take(&mut *lock(&self.loose));
        // the disk may have room again
        let loose: Vec<Report> = loose
            .into_iter()
            .filter(|r| self.outbox.put(r).is_err())
            .collect();
        let mut waiting = self.outbox.waiting();
        waiting.extend(loose.iter().cloned());
        lock(&self.loose).extend(loose);
        let names: HashSet<String> = waiting.iter().map(outbox::name).collect();
        let mut tried = lock(&self.tried);
        tried.retain(|name, _| names.contains(name));
        let now = Instant::now();
        waiting.retain(|r| tried.get(&outbox::name(r)).is_none_or(|t| t.next <= now));
        waiting
    }

    /// Tells the desk these; `false` when nobody was there.
    async fn send(&self, reports: &[Report]) -> bool {
        match self.line.report(reports.to_vec()).await {
            Ok(answer) => {
                let mut answers = answer.reports.into_iter();
                for report in reports {
                    self.heard(report, answers.next());
                }
                true
            }
            Err(trouble @ (Trouble::Away(_) | Trouble::Later(..))) => {
                tracing::warn!(%trouble, "reports wait in the outbox");
                *lock(&self.rest) = Some(Instant::now() + trouble.rest());
                reports.iter().for_each(|r| self.later(r, false));
                false
            }
            Err(Trouble::Refused(why)) => {
                // it may be one of them: told one by one, only the bad one waits
                if let [one] = reports {
                    tracing::error!(
                        why,
                        task = one.task,
                        "a report was not accepted; it is kept and tried again"
                    );
                    self.later(one, true);
                    return true;
                }
                for (i, r) in reports.iter().enumerate() {
                    if !Box::pin(self.send(std::slice::from_ref(r))).await {
                        reports[i + 1..].iter().for_each(|r| self.later(r, false));
                        return false;
                    }
                }
                true
            }
        }
    }

    /// What the desk says of one report.
    fn heard(&self, report: &Report, answer: Option<Reported>) {
        let answer = answer.filter(|a| a.task == report.task);
        match answer {
            Some(Reported { status: Some(_), .. }) => self.done(report),
            Some(Reported { error: Some(e), .. }) if on_record(&e) => {
                tracing::warn!(
                    task = report.task,
                    code = e.code,
                    "a report came too late; the desk has it on record"
                );
                self.done(report);
            }
            Some(Reported { error: Some(e), .. }) => self.refused(report, &e),
            _ => {
                tracing::error!(
                    task = report.task,
                    "the answer says nothing of a report; it is kept and tried again"
                );
                self.later(report, true);
            }
        }
    }

    fn done(&self, report: &Report) {
        lock(&self.loose).retain(|r| r != report);
        let tried = lock(&self.tried).remove(&outbox::name(report));
        self.outbox.done(report);
        // what stood in its way has gone, and may have stood in the way of the others
        if tried.is_some_and(|t| t.answered) {
            self.line_is_back();
        }
    }

    fn refused(&self, report: &Report, e: &ItemError) {
        tracing::error!(
            task = report.task,
            code = e.code,
            detail = e.detail,
            "a report was refused for good; it is put aside"
        );
        if matches!(&report.outcome, Outcome::Failed { code, .. } if code == INVALID) {
            // the one in whose place it came lies there already, under the same name
            return self.done(report);
        }
        let answer = format!("{}: {}", e.code, e.detail);
        match self.outbox.refuse(report, &answer) {
            Ok(()) => {
                lock(&self.loose).retain(|r| r != report);
                lock(&self.tried).remove(&outbox::name(report));
                if e.code == "invalid" {
                    self.keep(Report {
                        outcome: failed(
                            INVALID,
                            format!("The desk refused what was reported, and it is kept with the connector. {answer}"),
                        ),
                        ..report.clone()
                    });
                    self.look_again();
                }
            }
            Err(e) => {
                tracing::error!(error = %e, task = report.task, "it could not be put aside");
                self.later(report, true);
            }
        }
    }

    fn later(&self, report: &Report, answered: bool) {
        let mut tried = lock(&self.tried);
        let t = tried.entry(outbox::name(report)).or_insert(Tried {
            times: 0,
            next: Instant::now(),
            answered,
        });
        t.times += 1;
        t.answered = answered;
        t.next = self.not_before().max(Instant::now() + pause(t.times));
    }
}

/// The desk has it, though it changed nothing.
fn on_record(e: &ItemError) -> bool {
    matches!(e.code.as_str(), "conflicting_report" | "stale_lease") && e.evidence.is_some()
}

/// 5, 10, 20 … seconds, at most five minutes.
fn pause(times: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(1 << times.saturating_sub(1).min(10))
        .min(LONGEST_PAUSE)
}

/// How many of these go into one call.
fn batch(reports: &[Report]) -> usize {
    let mut bytes = 0;
    let fits = reports.iter().take(BATCH).take_while(|r| {
        bytes += serde_json::to_vec(r).map_or(0, |b| b.len() + 1);
        bytes <= BATCH_BYTES
    });
    fits.count().max(1)
}

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;

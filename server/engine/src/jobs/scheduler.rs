//! The scheduler: at each round it comes to every job that is due. It takes no input but the database and the time, may
//! run late or twice, and nothing fires twice: a run is unique by job and due time.

use crate::{Engine, desk::believed::JUMP, jobs};
use domain::{
    OfficeId,
    downtime::{Door, Phase, Who, of_office, verdict},
};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use store::{
    Result, job, run,
    seldom::Seldom,
    state::{meta, set_meta},
    writer::Work,
};

/// The number of the desk that says up to when jobs were looked at.
const SCHEDULED_AT: &str = "scheduled_at";
/// A clock that goes back by less than this, in milliseconds, was hardly wrong when a job was written.
const YOUNG: i64 = 2 * 3_600_000;

/// So many jobs in one operation of the writer, so that connectors need not wait.
const CHUNK: u32 = 50;
/// The scheduler looks around at least this often.
const STEP: Duration = Duration::from_millis(250);

/// Runs rounds as long as the engine lives.
pub fn start(engine: &Arc<Engine>) {
    let weak = Arc::downgrade(engine);
    engine.hearts.keep("scheduler", |heart| async move {
        let mut beat = tokio::time::interval(STEP);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut prepared = false;
        loop {
            beat.tick().await;
            heart.pulse().await;
            let Some(engine) = weak.upgrade() else { return };
            if !prepared {
                match engine.renew_times().await {
                    Ok(()) => prepared = true,
                    Err(e) => {
                        static UNPREPARED: Seldom = Seldom::new();
                        UNPREPARED.say(|unsaid| {
                            tracing::error!(error = %e, unsaid, "the jobs' next times could not be worked out anew");
                        });
                    }
                }
            }
            if let Err(e) = engine.schedule_round().await {
                static FAILED: Seldom = Seldom::new();
                FAILED.say(|unsaid| tracing::error!(error = %e, unsaid, "a round of the scheduler failed"));
            }
        }
    });
}

impl Engine {
    /// Comes to every job that is due; gives how many.
    pub async fn schedule_round(&self) -> Result<u32> {
        let now = self.believed_now();
        self.bring_back(now).await?;
        // most rounds find nothing: they look and leave the writer alone
        if self
            .look(|w| job::next_due(w.db))
            .await?
            .is_none_or(|at| at > now)
        {
            return Ok(0);
        }
        let (mut after, mut done) = ((i64::MIN, 0), 0);
        loop {
            let from = after;
            let due = self
                .writer
                .run(move |w| at(w, now, |w| make_due(w, from)))
                .await?;
            done += due.len() as u32;
            match due.last() {
                Some(last) if due.len() as u32 == CHUNK => after = *last,
                _ => return Ok(done),
            }
        }
    }

    /// Brings back what was planned by a clock that was ahead: at once when it goes back under our eyes, and at the first
    /// round when it went back while nobody looked.
    async fn bring_back(&self, now: i64) -> Result<()> {
        let went_back = self.believed().went_back();
        if !went_back && self.scheduled.load(Ordering::Relaxed) {
            return Ok(());
        }
        let planned = self.look(|w| meta(w.db, SCHEDULED_AT)).await?;
        if went_back || planned.is_some_and(|at| at > now + JUMP) {
            tracing::warn!("the clock was ahead and has come back; the jobs' next times are worked out anew");
            self.writer.run(move |w| run::forget_ahead(w.db, now)).await?;
            self.plan_anew(now).await?;
            self.writer
                .run(move |w| set_meta(w.db, SCHEDULED_AT, now))
                .await?;
        }
        self.believed().brought_back();
        self.scheduled.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Jobs whose next time is later than it need be, or that never run again. A run that was made ahead is there
    /// already and is not made twice.
    async fn plan_anew(&self, now: i64) -> Result<()> {
        let mut after = 0;
        loop {
            let last = self.writer.run(move |w| {
                let rows = job::active_after(w.db, after, CHUNK)?;
                for row in &rows {
                    // a job that is younger than the step back had no earlier times
                    let young = row.edited_at > now && row.edited_at - now < YOUNG;
                    let next = jobs::next_at(w.state, row, if young { row.edited_at } else { now });
                    if next.is_some_and(|next| row.next_at.is_none_or(|at| at > next)) {
                        job::set_next(w.db, row.id, next)?;
                        w.state.touch_jobs(row.office);
                    }
                }
                Ok(rows.last().map(|r| r.id))
            });
            match last.await? {
                Some(id) => after = id,
                None => return Ok(()),
            }
        }
    }

    /// Works the next times of all jobs out anew when the rules of the zones have changed since they were.
    pub async fn renew_times(&self) -> Result<()> {
        let rules = i64::from(rules_of_zones());
        let stale = self.look(move |w| Ok(meta(w.db, "zones")? != Some(rules)));
        if !stale.await? {
            return Ok(());
        }
        let mut after = 0;
        loop {
            let last = self
                .writer
                .run(move |w| {
                    let rows = job::active_after(w.db, after, CHUNK)?;
                    for row in &rows {
                        // what is due already stays due
                        let now = w.now;
                        if row.next_at.is_none_or(|at| at > now) {
                            job::set_next(w.db, row.id, jobs::next_at(w.state, row, now))?;
                        }
                    }
                    Ok(rows.last().map(|r| r.id))
                })
                .await?;
            match last {
                Some(id) => after = id,
                None => break,
            }
        }
        self.writer.run(move |w| set_meta(w.db, "zones", rules)).await
    }
}

/// Does something at another time than the group's.
fn at<T>(w: &mut Work<'_>, now: i64, f: impl FnOnce(&mut Work<'_>) -> Result<T>) -> Result<T> {
    let wall = std::mem::replace(&mut w.now, now);
    let done = f(w);
    w.now = wall;
    done
}

/// Comes to the next jobs that are due.
fn make_due(w: &mut Work<'_>, from: (i64, i64)) -> Result<Vec<(i64, i64)>> {
    let closed = closed_to_jobs(w);
    let due = job::due(w.db, w.now, from, CHUNK, &closed)?;
    for (_, id) in &due {
        jobs::make::due(w, *id)?;
    }
    // most rounds make something within seconds of the last: once a minute is near enough
    if !due.is_empty() && meta(w.db, SCHEDULED_AT)?.is_none_or(|at| at + JUMP < w.now) {
        set_meta(w.db, SCHEDULED_AT, w.now)?;
    }
    Ok(due)
}

/// Offices in which no job starts now: what falls due waits, and its missed-run policy says what becomes of it after.
fn closed_to_jobs(w: &Work<'_>) -> Vec<OfficeId> {
    let closed = w.state.offices.keys().copied().filter(|office| {
        let phase =
            of_office(&w.state.downtimes, Some(*office), w.now).map_or(Phase::None, |d| d.phase(w.now));
        verdict(Who::Nobody, Door::JobStart, phase).is_no()
    });
    if w.state.downtimes.is_empty() {
        vec![]
    } else {
        closed.collect()
    }
}

/// A number that changes when the zones' database does.
fn rules_of_zones() -> u32 {
    chrono_tz::IANA_TZDB_VERSION
        .bytes()
        .fold(17, |n: u32, b| n.wrapping_mul(31).wrapping_add(u32::from(b)))
}

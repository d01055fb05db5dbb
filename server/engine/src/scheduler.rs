//! The scheduler: at each round it comes to every job that is due. It takes no input but the database and the time, may
//! run late or twice, and nothing fires twice: a run is unique by job and due time.

use crate::{
    Engine, Result, jobs,
    store::{job, writer::Work},
};
use domain::{
    OfficeId,
    downtime::{Door, Phase, Who, of_office, verdict},
};
use std::{sync::Arc, time::Duration};

/// So many jobs in one operation of the writer, so that connectors need not wait.
const CHUNK: u32 = 50;
/// The scheduler looks around at least this often.
const STEP: Duration = Duration::from_millis(250);

/// Runs rounds as long as the engine lives.
pub fn start(engine: &Arc<Engine>) {
    let engine = Arc::downgrade(engine);
    tokio::spawn(async move {
        let mut beat = tokio::time::interval(STEP);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut prepared = false;
        loop {
            beat.tick().await;
            let Some(engine) = engine.upgrade() else { return };
            if !prepared {
                match engine.renew_times().await {
                    Ok(()) => prepared = true,
                    Err(e) => {
                        tracing::error!(error = %e, "the jobs' next times could not be worked out anew");
                    }
                }
            }
            if let Err(e) = engine.schedule_round().await {
                tracing::error!(error = %e, "a round of the scheduler failed");
            }
        }
    });
}

impl Engine {
    /// Comes to every job that is due; gives how many.
    ///
    /// # Errors
    /// When it cannot be read or written; the next round tries again.
    pub async fn schedule_round(&self) -> Result<u32> {
        let now = self.now();
        // most rounds find nothing: they ask a reader and leave the writer alone
        if crate::store::jobs::next_due(&self.readers)
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
                .run(move |w| {
                    let closed = closed_to_jobs(w);
                    let due = job::due(w.db, w.now, from, CHUNK, &closed)?;
                    for (_, id) in &due {
                        jobs::make::due(w, *id)?;
                    }
                    Ok(due)
                })
                .await?;
            done += due.len() as u32;
            match due.last() {
                Some(last) if due.len() as u32 == CHUNK => after = *last,
                _ => return Ok(done),
            }
        }
    }

    /// Works the next times of all jobs out anew when the rules of the zones have changed since they were.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub async fn renew_times(&self) -> Result<()> {
        let rules = i64::from(rules_of_zones());
        let stale = self
            .writer
            .run(move |w| Ok(crate::store::state::meta(w.db, "zones")? != Some(rules)));
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
        self.writer
            .run(move |w| crate::store::state::set_meta(w.db, "zones", rules))
            .await
    }
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

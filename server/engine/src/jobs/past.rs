//! A past and a present that a demo, a bench or a test needs and that never was.

use crate::desk::Engine;
use domain::{
    OfficeId, Refusal,
    job::{Counted, JobId, RunState},
};
use store::{
    dossier,
    error::Result,
    job,
    run::{self, NewRun},
};

/// A run of the past that never was.
#[derive(Debug, Clone)]
pub struct PastRun {
    pub job: JobId,
    /// When it was due.
    pub due_at: i64,
    /// Milliseconds until it began.
    pub waited_ms: i64,
    /// How long it took.
    pub seconds: u32,
    /// What became of it.
    pub state: RunState,
    /// Why.
    pub note: Option<String>,
    /// The user it shows.
    pub run_as: String,
    /// What it did.
    pub counted: Counted,
}

impl Engine {
    /// Adds runs of the past that never were, for a demo.
    pub async fn add_past_runs(&self, office: OfficeId, past: Vec<PastRun>) -> Result<()> {
        self.writer
            .run(move |w| {
                for p in &past {
                    let new = NewRun {
                        office,
                        job: p.job,
                        due_at: p.due_at,
                        state: p.state,
                        stands_for: 1,
                        made: true,
                        note: p.note.as_deref(),
                        run_as: &p.run_as,
                        now: w.now,
                    };
                    let ended = p.due_at + p.waited_ms + i64::from(p.seconds) * 1000;
                    run::insert_past(w.db, &new, p.due_at + p.waited_ms, ended, &p.counted)?;
                }
                w.state.touch_jobs(office);
                Ok(())
            })
            .await
    }

    /// For a demo, benches and tests: lets jobs be due at instants.
    pub async fn pretend_due(&self, jobs: Vec<(JobId, i64)>) -> Result<()> {
        self.writer
            .run(move |w| {
                jobs.iter()
                    .try_for_each(|(id, at)| job::set_next(w.db, *id, Some(*at)))
            })
            .await
    }

    /// For a demo and tests: marks a dossier as one whose postings take long, and sets the status of its last posting.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; when it cannot be written.
    pub async fn pretend_posting(
        &self,
        office: OfficeId,
        code: &str,
        large: bool,
        status: &'static str,
    ) -> Result<()> {
        let code = code.to_owned();
        self.writer
            .run(move |w| {
                let d = dossier::by_code(w.db, office, &code)?.ok_or(Refusal::NotFound)?;
                dossier::set_large(w.db, d.id, large)?;
                dossier::set_posting(w.db, d.id, status, w.now)
            })
            .await
    }
}

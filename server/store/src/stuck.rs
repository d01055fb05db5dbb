//! What is asked when a job does not run (J26, J27, J30).

use crate::{db::Ask, error::Result};
use domain::{DossierId, OfficeId, job::JobId};
use rusqlite::{Connection, params};

/// A run that is not over and works for a company of a job.
#[derive(Debug, Clone)]
pub struct BeforeRow {
    /// The run's job.
    pub job: JobId,
    /// The run's number.
    pub run: i64,
    /// When it was made.
    pub made_at: i64,
    /// When it began.
    pub started_at: Option<i64>,
    /// Code of the company.
    pub code: String,
    pub name: String,
}

/// Runs of other jobs that are not over and have one of these companies still to do, and that of the job `after` which
/// this one runs; oldest first.
pub fn before(
    db: &Connection,
    office: OfficeId,
    job: JobId,
    dossiers: &[DossierId],
    after: Option<JobId>,
) -> Result<Vec<BeforeRow>> {
    let wanted = serde_json::to_string(dossiers)?;
    db.all(
        "SELECT j.id, r.id, r.made_at, r.started_at, d.code, d.name
         FROM job j JOIN run r ON r.job = j.id AND r.state IN ('planned','running') JOIN run_company c ON c.run = r.id JOIN dossier d ON d.id = c.dossier
         WHERE j.office = ?1 AND j.id <> ?2 AND c.state IN ('waiting','running') AND (j.id = ?4 OR c.dossier IN (SELECT value FROM json_each(?3)))
         ORDER BY r.made_at, r.id LIMIT 200",
        params![office, job, wanted, after],
        |r| { Ok(BeforeRow { job: r.get(0)?, run: r.get(1)?, made_at: r.get(2)?, started_at: r.get(3)?, code: r.get(4)?, name: r.get(5)?, }) },
    )
}

/// When a run was made and when it began.
pub fn times(db: &Connection, run: i64) -> Result<(i64, Option<i64>)> {
    let mut q = db.prepare_cached("SELECT ifnull(made_at, due_at), started_at FROM run WHERE id = ?1")?;
    Ok(q.query_row([run], |r| Ok((r.get(0)?, r.get(1)?)))?)
}

/// The last runs of a job that are over: seconds, and whether it was good; newest first.
pub fn past(db: &Connection, job: JobId) -> Result<Vec<(u32, bool)>> {
    db.all(
        "SELECT max(0, ended_at - started_at) / 1000, state = 'finished' FROM run
         WHERE job = ?1 AND started_at IS NOT NULL AND ended_at IS NOT NULL ORDER BY due_at DESC LIMIT 40",
        [job],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

/// What the last run that failed for some company said.
pub fn last_error(db: &Connection, job: JobId) -> Result<Option<String>> {
    let mut q = db.prepare_cached(
        "SELECT d.code || ': ' || c.log FROM run r JOIN run_company c ON c.run = r.id JOIN dossier d ON d.id = c.dossier
         WHERE r.job = ?1 AND c.state = 'failed' AND c.log IS NOT NULL
           AND r.id = (SELECT id FROM run WHERE job = ?1 AND state IN ('error','finished_with_errors','running') ORDER BY due_at DESC LIMIT 1)
         ORDER BY length(d.code), d.code LIMIT 1",
    )?;
    let mut rows = q.query([job])?;
    Ok(match rows.next()? {
        Some(r) => Some(r.get(0)?),
        None => None,
    })
}

/// The posting status of companies that is not OK: code, name, since when.
pub fn posting(db: &Connection, dossiers: &[DossierId]) -> Result<Vec<(String, String, Option<i64>)>> {
    let wanted = serde_json::to_string(dossiers)?;
    db.all(
        "SELECT code, name, posting_since FROM dossier WHERE posting = 'po' AND id IN (SELECT value FROM json_each(?1)) ORDER BY length(code), code",
        [wanted],
        |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
    )
}

/// A blocked window: reason, JSON list of days, date, minutes from midnight, length in minutes.
pub type BlockedRow = (String, String, Option<String>, i64, i64);

/// The blocked windows of an office.
pub fn blocked(db: &Connection, office: OfficeId) -> Result<Vec<BlockedRow>> {
    db.all(
        "SELECT reason, days, date, from_m, minutes FROM blocked WHERE office = ?1 ORDER BY from_m",
        [office],
        |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?)),
    )
}

//! Rows of jobs and the companies they work for.

use crate::{db::Ask, error::Result};
use domain::{
    DossierId, OfficeId,
    job::{JobForm, JobId, Standing},
    task::ConnectorId,
};
use rusqlite::{Connection, Row, params};

/// A job as it is stored.
#[derive(Debug, Clone)]
pub struct JobRow {
    /// Its number; 0 before it is written.
    pub id: JobId,
    /// Whose.
    pub office: OfficeId,
    /// What was decided about it.
    pub standing: Standing,
    /// What people wrote; companies and server's name stand elsewhere.
    pub form: JobForm,
    /// Rises with each change by a person.
    pub version: i64,
    /// The connector that it is bound to.
    pub server: Option<ConnectorId>,
    /// The collection system whose entry it is.
    pub system: Option<i64>,
    /// The job that it takes the place of.
    pub replaces: Option<JobId>,
    /// Who made it.
    pub created_by: String,
    /// Wall clock.
    pub created_at: i64,
    /// Who changed it last.
    pub edited_by: String,
    /// Wall clock.
    pub edited_at: i64,
    /// Who decided that it stands as it does; `None`: a run did.
    pub stood_by: Option<String>,
    pub stood_why: Option<String>,
    /// When.
    pub stood_at: Option<i64>,
    /// How often it was put back in the queue since it last finished.
    pub requeued: u32,
    /// When it is due next.
    pub next_at: Option<i64>,
    /// When it was taken out of the console.
    pub deleted_at: Option<i64>,
}

const COLUMNS: &str = "id, office, standing, body, version, server, system, replaces, created_by, created_at, edited_by, edited_at,
    stood_by, stood_why, stood_at, requeued, next_at, deleted_at";

fn row(r: &Row<'_>) -> rusqlite::Result<JobRow> {
    let standing: String = r.get(2)?;
    let body: String = r.get(3)?;
    let form = serde_json::from_str(&body).map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(3, rusqlite::types::Type::Text, Box::new(e))
    })?;
    Ok(JobRow {
        id: r.get(0)?,
        office: r.get(1)?,
        standing: Standing::from_key(&standing).unwrap_or(Standing::OnHold),
        form,
        version: r.get(4)?,
        server: r.get(5)?,
        system: r.get(6)?,
        replaces: r.get(7)?,
        created_by: r.get(8)?,
        created_at: r.get(9)?,
        edited_by: r.get(10)?,
        edited_at: r.get(11)?,
        stood_by: r.get(12)?,
        stood_why: r.get(13)?,
        stood_at: r.get(14)?,
        requeued: r.get(15)?,
        next_at: r.get(16)?,
        deleted_at: r.get(17)?,
    })
}

/// A job by its number, also a deleted one.
pub fn get(db: &Connection, id: JobId) -> Result<Option<JobRow>> {
    db.one(&format!("SELECT {COLUMNS} FROM job WHERE id = ?1"), [id], row)
}

/// The jobs of an office that are not deleted, by number.
pub fn of_office(db: &Connection, office: OfficeId) -> Result<Vec<JobRow>> {
    db.all(
        &format!("SELECT {COLUMNS} FROM job WHERE office = ?1 AND deleted_at IS NULL ORDER BY id"),
        [office],
        row,
    )
}

/// Numbers and due times of jobs that are due at `now`, in the order of their times, after one that was looked at.
pub fn due(
    db: &Connection,
    now: i64,
    after: (i64, JobId),
    limit: u32,
    but_of: &[OfficeId],
) -> Result<Vec<(i64, JobId)>> {
    let mut q = db.prepare_cached(
        "SELECT next_at, id FROM job WHERE next_at <= ?1 AND (next_at, id) > (?2, ?3)
           AND office NOT IN (SELECT value FROM json_each(?5)) ORDER BY next_at, id LIMIT ?4",
    )?;
    let but_of = serde_json::to_string(but_of)?;
    let rows = q.query_map(params![now, after.0, after.1, limit, but_of], |r| {
        Ok((r.get(0)?, r.get(1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// When the next job of all is due.
pub fn next_due(db: &Connection) -> Result<Option<i64>> {
    db.value("SELECT min(next_at) FROM job WHERE next_at IS NOT NULL", [])
}

/// Active jobs after a number, for going through all of them.
pub fn active_after(db: &Connection, after: JobId, limit: u32) -> Result<Vec<JobRow>> {
    db.all(
        &format!("SELECT {COLUMNS} FROM job WHERE id > ?1 AND standing = 'active' AND deleted_at IS NULL ORDER BY id LIMIT ?2"),
        params![after, limit],
        row,
    )
}

fn body(j: &JobRow) -> Result<String> {
    let form = JobForm {
        companies: vec![],
        server: None,
        ..j.form.clone()
    };
    Ok(serde_json::to_string(&form)?)
}

/// Writes a new job and gives its number.
pub fn insert(db: &Connection, j: &JobRow) -> Result<JobId> {
    db.value(
        "INSERT INTO job (office, kind, standing, body, description, run_as, version, server, after, system, replaces, created_by,
           created_at, edited_by, edited_at, stood_by, stood_why, stood_at, requeued, next_at, deleted_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21) RETURNING id",
        params![
            j.office, j.form.kind, j.standing.key(), body(j)?, j.form.description, j.form.run_as,
            j.version, j.server, j.form.after, j.system, j.replaces, j.created_by, j.created_at,
            j.edited_by, j.edited_at, j.stood_by, j.stood_why, j.stood_at, j.requeued, j.next_at,
            j.deleted_at
        ],
    )
}

/// Writes a job as it now is, all but its companies.
pub fn update(db: &Connection, j: &JobRow) -> Result<()> {
    db.prepare_cached(
        "UPDATE job SET standing = ?2, body = ?3, description = ?4, run_as = ?5, version = ?6, server = ?7, after = ?8, system = ?9,
           replaces = ?10, edited_by = ?11, edited_at = ?12, stood_by = ?13, stood_why = ?14, stood_at = ?15, requeued = ?16,
           next_at = coalesce((SELECT to_at FROM job_shift WHERE job = ?1 AND from_at = ?17), ?17), deleted_at = ?18 WHERE id = ?1",
    )?
    .execute(params![
        j.id,
        j.standing.key(),
        body(j)?,
        j.form.description,
        j.form.run_as,
        j.version,
        j.server,
        j.form.after,
        j.system,
        j.replaces,
        j.edited_by,
        j.edited_at,
        j.stood_by,
        j.stood_why,
        j.stood_at,
        j.requeued,
        j.next_at,
        j.deleted_at
    ])?;
    Ok(())
}

/// Writes when a job is due next.
pub fn set_next(db: &Connection, id: JobId, next_at: Option<i64>) -> Result<()> {
    db.prepare_cached(
        "UPDATE job SET next_at = coalesce((SELECT to_at FROM job_shift WHERE job = ?1 AND from_at = ?2), ?2) WHERE id = ?1",
    )?
    .execute(params![id, next_at])?;
    Ok(())
}

/// Moves one run of a job: when it would be due at `from_at`, it is due at `to_at` (D16), also when it was moved before.
pub fn shift(db: &Connection, id: JobId, from_at: i64, to_at: i64, downtime: i64) -> Result<()> {
    db.execute(
        "UPDATE job SET next_at = ?3 WHERE id = ?1 AND (next_at = ?2 OR next_at = (SELECT to_at FROM job_shift WHERE job = ?1 AND from_at = ?2))",
        params![id, from_at, to_at],
    )?;
    db.execute(
        "INSERT INTO job_shift VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET to_at = excluded.to_at, downtime = excluded.downtime",
        params![id, from_at, to_at, downtime],
    )?;
    Ok(())
}

/// Puts runs that a downtime moved back to their own times, as far as those are still ahead. One whose own time is over
/// stays where it was moved to.
pub fn unshift(db: &Connection, downtime: i64, now: i64) -> Result<()> {
    db.execute(
        "UPDATE job SET next_at = s.from_at FROM job_shift s
         WHERE s.downtime = ?1 AND s.job = job.id AND s.to_at = job.next_at AND s.from_at > ?2",
        params![downtime, now],
    )?;
    db.execute(
        "DELETE FROM job_shift WHERE downtime = ?1
           AND NOT EXISTS (SELECT 1 FROM job WHERE id = job_shift.job AND next_at = job_shift.to_at)",
        [downtime],
    )?;
    Ok(())
}

/// A company that a run makes a task for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyRow {
    /// The dossier.
    pub id: DossierId,
    pub code: String,
    /// Number of its package.
    pub package: u16,
    /// It takes long to post.
    pub large: bool,
}

fn company(r: &Row<'_>) -> rusqlite::Result<CompanyRow> {
    Ok(CompanyRow {
        id: r.get(0)?,
        code: r.get(1)?,
        package: r.get(2)?,
        large: r.get(3)?,
    })
}

/// The companies that are written with a job, by number of their dossiers.
pub fn companies(db: &Connection, job: JobId) -> Result<Vec<CompanyRow>> {
    db.all(
        "SELECT d.id, d.code, d.package, d.large FROM job_company c JOIN dossier d ON d.id = c.dossier WHERE c.job = ?1 AND d.archived_at IS NULL ORDER BY d.id",
        [job],
        company,
    )
}

/// The companies of a kind's own list (J20).
pub fn listed(db: &Connection, office: OfficeId, kind: &str) -> Result<Vec<CompanyRow>> {
    db.all(
        "SELECT d.id, d.code, d.package, d.large FROM job_list l JOIN dossier d ON d.id = l.dossier
         WHERE l.office = ?1 AND l.kind = ?2 AND d.archived_at IS NULL ORDER BY d.id",
        params![office, kind],
        company,
    )
}

/// Writes which companies a job works for.
pub fn set_companies(db: &Connection, job: JobId, dossiers: &[DossierId]) -> Result<()> {
    db.prepare_cached("DELETE FROM job_company WHERE job = ?1")?
        .execute([job])?;
    let mut q =
        db.prepare_cached("INSERT INTO job_company (job, dossier) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    for dossier in dossiers {
        q.execute(params![job, dossier])?;
    }
    Ok(())
}

/// Writes the list of a kind.
pub fn set_listed(db: &Connection, office: OfficeId, kind: &str, dossiers: &[DossierId]) -> Result<()> {
    db.execute(
        "DELETE FROM job_list WHERE office = ?1 AND kind = ?2",
        params![office, kind],
    )?;
    let mut q = db.prepare_cached(
        "INSERT INTO job_list (office, kind, dossier) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?;
    for dossier in dossiers {
        q.execute(params![office, kind, dossier])?;
    }
    Ok(())
}

/// Jobs of the office that run after this one.
pub fn followers(db: &Connection, job: JobId) -> Result<Vec<JobId>> {
    db.all(
        "SELECT id FROM job WHERE after = ?1 AND deleted_at IS NULL ORDER BY id",
        [job],
        |r| r.get(0),
    )
}

/// The job that takes the place of this one, as long as it is not deleted.
pub fn replacing(db: &Connection, job: JobId) -> Result<Option<JobRow>> {
    db.one(
        &format!("SELECT {COLUMNS} FROM job WHERE replaces = ?1 AND deleted_at IS NULL"),
        [job],
        row,
    )
}

/// Jobs that were due before an instant and have not started: their run waits for the server, or was not made yet. Not
/// those that wait for the job they run after.
pub fn overdue(db: &Connection, before: i64, limit: u32) -> Result<Vec<(OfficeId, JobId, String)>> {
    db.all(
        "SELECT office, id, description FROM job WHERE next_at < ?1
           AND NOT EXISTS (SELECT 1 FROM run p WHERE p.job = job.after AND p.state IN ('planned', 'running'))
         UNION SELECT j.office, j.id, j.description FROM run r JOIN job j ON j.id = r.job
           WHERE r.state IN ('planned', 'running') AND r.started_at IS NULL AND r.made_at < ?1 LIMIT ?2",
        params![before, limit],
        |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
    )
}

//! Rows of guided procedures (J2, J9, J24), and what they need of others' rows.

use crate::{db::Ask, error::Result};
use domain::{OfficeId, job::JobId};
use rusqlite::{Connection, Row, params};
use sqlx::SqlitePool;
use views::procedures::{ProcedureKind, Step};

/// A procedure as it is stored.
#[derive(Debug, Clone)]
pub struct ProcedureRow {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub office: OfficeId,
    /// What it is about.
    pub kind: ProcedureKind,
    /// What it is about in particular, as JSON.
    pub body: String,
    /// Who began it.
    pub started_by: String,
    /// When.
    pub started_at: i64,
    /// When it was over.
    pub ended_at: Option<i64>,
    /// It was taken back.
    pub undone: bool,
}

const PROCEDURE: &str =
    "SELECT id, office, kind, body, started_by, started_at, ended_at, ended FROM procedure";

fn row(r: &Row<'_>) -> rusqlite::Result<ProcedureRow> {
    let kind: String = r.get(2)?;
    let ended: Option<String> = r.get(7)?;
    Ok(ProcedureRow {
        id: r.get(0)?,
        office: r.get(1)?,
        kind: ProcedureKind::from_key(&kind).unwrap_or(ProcedureKind::Replace),
        body: r.get(3)?,
        started_by: r.get(4)?,
        started_at: r.get(5)?,
        ended_at: r.get(6)?,
        undone: ended.as_deref() == Some("undone"),
    })
}

/// A procedure by its number.
pub fn get(db: &Connection, id: i64) -> Result<Option<ProcedureRow>> {
    db.one(&format!("{PROCEDURE} WHERE id = ?1"), [id], row)
}

/// The procedures of an office that are not over, oldest first.
pub fn open(db: &Connection, office: OfficeId) -> Result<Vec<ProcedureRow>> {
    db.all(
        &format!("{PROCEDURE} WHERE office = ?1 AND ended IS NULL ORDER BY id LIMIT 200"),
        [office],
        row,
    )
}

/// The offices that have a postponement which is not over.
pub async fn postponing(db: &SqlitePool) -> Result<Vec<OfficeId>> {
    let sql =
        "SELECT DISTINCT office FROM procedure WHERE kind = 'postpone' AND ended IS NULL ORDER BY office";
    Ok(sqlx::query_scalar(sql).fetch_all(db).await?)
}

/// The last procedures of an office that are over, newest first.
pub fn past(db: &Connection, office: OfficeId) -> Result<Vec<ProcedureRow>> {
    db.all(
        &format!("{PROCEDURE} WHERE office = ?1 AND ended IS NOT NULL ORDER BY id DESC LIMIT 20"),
        [office],
        row,
    )
}

/// Writes a new procedure and gives its number.
pub fn insert(
    db: &Connection,
    office: OfficeId,
    kind: ProcedureKind,
    body: &str,
    by: &str,
    now: i64,
) -> Result<i64> {
    db.value(
        "INSERT INTO procedure (office, kind, body, started_by, started_at) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id",
        params![office, kind.key(), body, by, now],
    )
}

/// Writes that a procedure is over.
pub fn end(db: &Connection, id: i64, undone: bool, now: i64) -> Result<()> {
    let ended = if undone { "undone" } else { "done" };
    db.prepare_cached("UPDATE procedure SET ended = ?2, ended_at = ?3 WHERE id = ?1 AND ended IS NULL")?
        .execute(params![id, ended, now])?;
    Ok(())
}

/// A job of a procedure.
#[derive(Debug, Clone)]
pub struct PartRow {
    /// The job; once it is deleted, still that one.
    pub job: JobId,
    /// The new job.
    pub twin: Option<JobId>,
    /// How far it has come.
    pub step: Step,
    /// What an undo puts back, as JSON.
    pub before: Option<String>,
}

fn part(r: &Row<'_>) -> rusqlite::Result<PartRow> {
    let step: String = r.get(2)?;
    Ok(PartRow {
        job: r.get(0)?,
        twin: r.get(1)?,
        step: Step::from_key(&step).unwrap_or(Step::ToDo),
        before: r.get(3)?,
    })
}

/// The jobs of a procedure, by number.
pub fn parts(db: &Connection, procedure: i64) -> Result<Vec<PartRow>> {
    db.all(
        "SELECT job, twin, step, before FROM procedure_job WHERE procedure = ?1 ORDER BY job",
        [procedure],
        part,
    )
}

/// One job of a procedure.
pub fn part_of(db: &Connection, procedure: i64, job: JobId) -> Result<Option<PartRow>> {
    db.one(
        "SELECT job, twin, step, before FROM procedure_job WHERE procedure = ?1 AND job = ?2",
        [procedure, job],
        part,
    )
}

/// Writes a job of a procedure, new or as it now is.
pub fn put_part(db: &Connection, procedure: i64, p: &PartRow) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO procedure_job (procedure, job, twin, step, before) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (procedure, job) DO UPDATE SET twin = excluded.twin, step = excluded.step, before = excluded.before",
    )?
    .execute(params![procedure, p.job, p.twin, p.step.key(), p.before])?;
    Ok(())
}

/// How many jobs a procedure has, and how many of them are over.
pub fn progress(db: &Connection, procedure: i64) -> Result<(u32, u32)> {
    let mut q = db.prepare_cached(
        "SELECT count(*), ifnull(sum(step IN ('deleted','left_out','returned')), 0) FROM procedure_job WHERE procedure = ?1",
    )?;
    Ok(q.query_row([procedure], |r| Ok((r.get(0)?, r.get(1)?)))?)
}

/// The open procedure of these kinds that a job is part of, old or new, and is not over in.
pub fn of_job(db: &Connection, job: JobId, postponing: bool) -> Result<Option<i64>> {
    db.one(
        "SELECT p.id FROM procedure_job j JOIN procedure p ON p.id = j.procedure
         WHERE (j.job = ?1 OR j.twin = ?1) AND p.ended IS NULL AND j.step NOT IN ('left_out','returned') AND (p.kind = 'postpone') = ?2 LIMIT 1",
        params![job, postponing],
        |r| r.get(0),
    )
}

/// What is put off stays put off when a new job takes the place of an old one.
pub fn follow_twin(db: &Connection, old: JobId, twin: JobId) -> Result<()> {
    db.prepare_cached("UPDATE OR IGNORE procedure_job SET job = ?2 WHERE job = ?1 AND step = 'postponed'")?
        .execute([old, twin])?;
    Ok(())
}

/// A company whose last posting is not through: code, name, since when, whether large.
pub type PostingRaw = (String, String, Option<i64>, bool);

/// Companies whose last posting is not through, by code.
pub fn posting(db: &Connection, office: OfficeId) -> Result<Vec<PostingRaw>> {
    db.all(
        "SELECT code, name, posting_since, large FROM dossier WHERE office = ?1 AND posting = 'po' ORDER BY length(code), code LIMIT 500",
        [office],
        |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)),
    )
}

/// A large company that a run which is under way still has to do or does.
#[derive(Debug, Clone)]
pub struct LargeRow {
    /// The run's job.
    pub job: JobId,
    /// Key of the job's kind.
    pub kind: String,
    /// The job's description.
    pub description: String,
    /// Code of the company.
    pub code: String,
    pub name: String,
    /// When the run began.
    pub started_at: Option<i64>,
}

/// The large companies of runs of an office that are under way.
pub fn large_running(db: &Connection, office: OfficeId) -> Result<Vec<LargeRow>> {
    db.all(
        "SELECT j.id, j.kind, j.description, d.code, d.name, r.started_at
         FROM job j JOIN run r ON r.job = j.id AND r.state IN ('planned','running') JOIN run_company c ON c.run = r.id JOIN dossier d ON d.id = c.dossier
         WHERE j.office = ?1 AND r.state = 'running' AND d.large = 1 AND c.state IN ('waiting','running') ORDER BY r.started_at LIMIT 50",
        [office],
        |r| { Ok(LargeRow { job: r.get(0)?, kind: r.get(1)?, description: r.get(2)?, code: r.get(3)?, name: r.get(4)?, started_at: r.get(5)?, }) },
    )
}

/// Names of the people of an office, in small letters.
pub fn people(db: &Connection, office: OfficeId) -> Result<Vec<String>> {
    let mut q = db.prepare_cached("SELECT name FROM person WHERE office = ?1 OR role = 'support'")?;
    let rows = q.query_map([office], |r| r.get::<_, String>(0))?;
    let names: Vec<String> = rows.collect::<rusqlite::Result<_>>()?;
    Ok(names.into_iter().map(|n| n.trim().to_lowercase()).collect())
}

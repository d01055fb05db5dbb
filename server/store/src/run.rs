//! Rows of runs: one for each occurrence of a job, and one for each company of it.

use crate::{db::Ask, error::Result};
use domain::{
    DossierId, OfficeId, TaskId,
    job::{Counted, JobId, Output, RunState},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A run as it is first written.
#[derive(Debug)]
pub struct NewRun<'a> {
    /// Whose.
    pub office: OfficeId,
    /// Which job.
    pub job: JobId,
    /// When it is due. With the job it names the run.
    pub due_at: i64,
    /// What becomes of it.
    pub state: RunState,
    /// Occurrences that it stands for.
    pub stands_for: u32,
    /// Its tasks are made in the same transaction.
    pub made: bool,
    /// Why.
    pub note: Option<&'a str>,
    /// The user it shows.
    pub run_as: &'a str,
    /// Wall clock.
    pub now: i64,
}

/// Writes a new run and gives its number; `None` when the job has a run of that time already.
pub fn insert(db: &Connection, r: &NewRun<'_>) -> Result<Option<i64>> {
    let mut q = db.prepare_cached(
        "INSERT INTO run (office, job, due_at, state, stands_for, made_at, ended_at, note, run_as)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (job, due_at) DO NOTHING RETURNING id",
    )?;
    let over = (!r.state.is_open() && r.state != RunState::Asks).then_some(r.now);
    let made = r.made.then_some(r.now);
    Ok(q.query_row(
        params![
            r.office,
            r.job,
            r.due_at,
            r.state.key(),
            r.stands_for,
            made,
            over,
            r.note,
            r.run_as
        ],
        |row| row.get(0),
    )
    .optional()?)
}

/// A run, as decisions about it need it.
#[derive(Debug, Clone)]
pub struct RunRow {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub office: OfficeId,
    pub job: JobId,
    /// When it was due.
    pub due_at: i64,
    /// What became of it.
    pub state: RunState,
    /// When it ended.
    pub ended_at: Option<i64>,
}

fn row(r: &Row<'_>) -> rusqlite::Result<RunRow> {
    let state: String = r.get(4)?;
    Ok(RunRow {
        id: r.get(0)?,
        office: r.get(1)?,
        job: r.get(2)?,
        due_at: r.get(3)?,
        state: RunState::from_key(&state).unwrap_or(RunState::Error),
        ended_at: r.get(5)?,
    })
}

/// A run by its number.
pub fn get(db: &Connection, id: i64) -> Result<Option<RunRow>> {
    db.one(
        "SELECT id, office, job, due_at, state, ended_at FROM run WHERE id = ?1",
        [id],
        row,
    )
}

/// The run of a job that is not over; a job has one at most.
pub fn open(db: &Connection, job: JobId) -> Result<Option<RunRow>> {
    db.one(
        "SELECT id, office, job, due_at, state, ended_at FROM run WHERE job = ?1 AND state IN ('planned', 'running')",
        [job],
        row,
    )
}

/// The last run of a job, by due time.
pub fn last(db: &Connection, job: JobId) -> Result<Option<RunRow>> {
    db.one(
        "SELECT id, office, job, due_at, state, ended_at FROM run WHERE job = ?1 ORDER BY due_at DESC LIMIT 1",
        [job],
        row,
    )
}

/// Makes a run that asked one that is made now.
pub fn set_made(db: &Connection, id: i64, now: i64, note: &str) -> Result<()> {
    db.prepare_cached(
        "UPDATE run SET state = 'planned', made_at = ?2, ended_at = NULL, note = ?3 WHERE id = ?1",
    )?
    .execute(params![id, now, note])?;
    Ok(())
}

/// Ends a run that asked.
pub fn set_skipped(db: &Connection, id: i64, now: i64, by: &str) -> Result<()> {
    db.prepare_cached("UPDATE run SET state = 'skipped', ended_at = ?2, note = ?3 WHERE id = ?1")?
        .execute(params![id, now, by])?;
    Ok(())
}

/// Writes a company of a run, with the task made for it.
pub fn add_company(db: &Connection, run: i64, dossier: DossierId, task: TaskId) -> Result<()> {
    db.prepare_cached("INSERT INTO run_company (run, dossier, task, state) VALUES (?1, ?2, ?3, 'waiting')")?
        .execute(params![run, dossier, task.0])?;
    Ok(())
}

/// The run and company that a task was made for.
pub fn of_task(db: &Connection, task: TaskId) -> Result<Option<(i64, DossierId)>> {
    db.one(
        "SELECT run, dossier FROM run_company WHERE task = ?1",
        [task.0],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

/// What became of one company.
#[derive(Debug, Default)]
pub struct Became<'a> {
    /// `waiting`, `running`, `done` or `failed`.
    pub state: &'a str,
    /// What was done, as JSON.
    pub counted: Option<String>,
    /// Files that were made, as JSON.
    pub outputs: Option<String>,
    /// What the server said.
    pub log: Option<&'a str>,
}

/// Writes what became of a company, if it is something new. The time of its first start stays.
pub fn set_company(db: &Connection, task: TaskId, b: &Became<'_>, now: i64) -> Result<()> {
    let running = (b.state == "running").then_some(now);
    let over = matches!(b.state, "done" | "failed").then_some(now);
    db.prepare_cached(
        "UPDATE run_company SET state = ?2, started_at = coalesce(started_at, ?3), ended_at = ?4, counted = ?5, outputs = ?6, log = ?7
         WHERE task = ?1 AND state <> ?2",
    )?
    .execute(params![task.0, b.state, running, over, b.counted, b.outputs, b.log])?;
    Ok(())
}

/// How many companies of a run wait, run, are done, failed; when the first began; what was counted by each.
pub type Sum = ((u32, u32, u32, u32), Option<i64>, Vec<String>);

/// Sums a run up from its companies.
pub fn sum(db: &Connection, run: i64) -> Result<Sum> {
    let mut q = db.prepare_cached("SELECT state, started_at, counted FROM run_company WHERE run = ?1")?;
    let mut rows = q.query([run])?;
    let (mut n, mut began, mut counted) = ((0, 0, 0, 0), None::<i64>, vec![]);
    while let Some(r) = rows.next()? {
        match r.get_ref(0)?.as_str().unwrap_or_default() {
            "waiting" => n.0 += 1,
            "running" => n.1 += 1,
            "done" => n.2 += 1,
            _ => n.3 += 1,
        }
        if let Some(at) = r.get::<_, Option<i64>>(1)? {
            began = Some(began.map_or(at, |b| b.min(at)));
        }
        counted.extend(r.get::<_, Option<String>>(2)?);
    }
    Ok((n, began, counted))
}

/// Writes what a run has come to.
pub fn set_state(
    db: &Connection,
    id: i64,
    state: RunState,
    began: Option<i64>,
    ended: Option<i64>,
    counted: &Counted,
) -> Result<()> {
    let counted = if counted.is_empty() {
        None
    } else {
        Some(serde_json::to_string(counted)?)
    };
    db.prepare_cached(
        "UPDATE run SET state = ?2, started_at = ?3, ended_at = ?4, counted = ?5 WHERE id = ?1",
    )?
    .execute(params![id, state.key(), began, ended, counted])?;
    Ok(())
}

/// Files as they are stored.
///
/// # Errors
/// Never, in practice: outputs can be written as JSON.
pub fn outputs_json(outputs: &[Output]) -> Result<Option<String>> {
    if outputs.is_empty() {
        return Ok(None);
    }
    Ok(Some(serde_json::to_string(outputs)?))
}

/// The task of a company that failed in the job's run before this one.
pub fn left_behind(db: &Connection, job: JobId, run: i64, dossier: DossierId) -> Result<Option<TaskId>> {
    let mut q = db.prepare_cached(
        "SELECT c.task, c.state FROM run r JOIN run_company c ON c.run = r.id AND c.dossier = ?3
         WHERE r.job = ?1 AND r.id <> ?2 ORDER BY r.due_at DESC LIMIT 1",
    )?;
    let found: Option<(i64, String)> = q
        .query_row(params![job, run, dossier], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    Ok(found
        .filter(|(_, state)| state == "failed")
        .map(|(task, _)| TaskId(task)))
}

/// Forgets runs that were told as missed, or asked about, before their time came: the clock was ahead.
pub fn forget_ahead(db: &Connection, now: i64) -> Result<()> {
    db.execute(
        "DELETE FROM run WHERE due_at > ?1 AND state IN ('missed', 'asks') AND NOT EXISTS (SELECT 1 FROM run_company WHERE run = run.id)",
        [now],
    )?;
    Ok(())
}

/// A run of the past, for a demo's history and tests: written whole.
pub fn insert_past(
    db: &Connection,
    r: &NewRun<'_>,
    began: i64,
    ended: i64,
    counted: &Counted,
) -> Result<Option<i64>> {
    let counted = serde_json::to_string(counted)?;
    db.one(
        "INSERT INTO run (office, job, due_at, state, stands_for, made_at, started_at, ended_at, note, run_as, counted)
         VALUES (?1, ?2, ?3, ?4, 1, ?3, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (job, due_at) DO NOTHING RETURNING id",
        params![r.office, r.job, r.due_at, r.state.key(), began, ended, r.note, r.run_as, counted],
        |row| row.get(0),
    )
}

//! Rows of events, and of the audit log.

use super::{json, sound};
use crate::error::Result;
use domain::{OfficeId, TaskId, event::Happened};
use rusqlite::{Connection, params};

/// The events of the task `?1`, found by walking back from its last one. PostgreSQL and SQLite read it alike.
pub const OF_TASK: &str = "WITH RECURSIVE walk(seq, before, at, what) AS (
    SELECT e.seq, e.before, e.at, e.what FROM task t JOIN event e ON e.seq = t.last_seq WHERE t.id = ?1
    UNION ALL SELECT e.seq, e.before, e.at, e.what FROM walk JOIN event e ON e.seq = walk.before)
  SELECT seq, at, what FROM walk ORDER BY seq";

/// All that happened to a task, oldest first, each with its number.
pub fn of_task_numbered(db: &Connection, task: TaskId) -> Result<Vec<(i64, Happened)>> {
    let mut q = db.prepare_cached(OF_TASK)?;
    let rows = q.query_map([task.0], |r| Ok((r.get(0)?, r.get::<_, String>(2)?)))?;
    rows.map(|r| {
        let (seq, what) = r?;
        Ok((seq, serde_json::from_str(&what)?))
    })
    .collect()
}

/// All that happened to a task, oldest first.
pub fn of_task(db: &Connection, task: TaskId) -> Result<Vec<Happened>> {
    let mut q = db.prepare_cached(OF_TASK)?;
    let rows = q.query_map([task.0], |r| r.get::<_, String>(2))?;
    rows.map(|r| Ok(serde_json::from_str(&r?)?)).collect()
}

/// What happened after the event `seq`: whose, and what.
pub fn after(db: &Connection, seq: i64) -> Result<Vec<(OfficeId, Happened)>> {
    let mut q = db.prepare("SELECT office, what FROM event WHERE seq > ?1 ORDER BY seq")?;
    let mut rows = q.query([seq])?;
    let mut all = vec![];
    while let Some(r) = rows.next()? {
        let read = || Ok((r.get(0)?, json(r, 1)?));
        all.extend(sound("event", read())?);
    }
    Ok(all)
}

/// A change made by a person (S3).
#[derive(Debug)]
pub struct Audit<'a> {
    /// Where.
    pub office: Option<OfficeId>,
    /// Who; 0 for the program itself.
    pub person: i64,
    /// The verb.
    pub what: &'a str,
    /// What it was done to, such as `task 12`.
    pub subject: String,
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
}

/// Writes a line of the audit log.
pub fn audit(db: &Connection, now: i64, a: &Audit<'_>) -> Result<()> {
    db.prepare_cached("INSERT INTO audit (at, office, person, what, subject, before, after) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
        .execute(params![now, a.office, a.person, a.what, a.subject, a.before, a.after])?;
    Ok(())
}

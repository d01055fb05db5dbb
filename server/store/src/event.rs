//! Rows of events, and of the audit log.

use super::{json, sound};
use crate::error::Result;
use domain::{OfficeId, TaskId, event::Happened};
use rusqlite::Connection;

/// The events of the task `?1`, found by walking back from its last one. PostgreSQL and SQLite read it alike.
pub const OF_TASK: &str = "WITH RECURSIVE walk(seq, before, at, what) AS (
    SELECT e.seq, e.before, e.at, e.what FROM task t JOIN event e ON e.seq = t.last_seq WHERE t.id = ?1
    UNION ALL SELECT e.seq, e.before, e.at, e.what FROM walk JOIN event e ON e.seq = walk.before)
  SELECT seq, at, what FROM walk ORDER BY seq";

/// All that happened to a task, oldest first: number, wall clock, what.
pub fn of_task(db: &Connection, task: TaskId) -> Result<Vec<(i64, i64, Happened)>> {
    let mut q = db.prepare_cached(OF_TASK)?;
    let rows = q.query_map([task.0], |r| Ok((r.get(0)?, r.get(1)?, r.get::<_, String>(2)?)))?;
    rows.map(|r| {
        let (seq, at, what) = r?;
        Ok((seq, at, serde_json::from_str(&what)?))
    })
    .collect()
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

//! Rows of events, and of the audit log.

use super::writer::Work;
use crate::error::Result;
use domain::{
    OfficeId, TaskId,
    event::{Event, Happened},
};
use rusqlite::{Connection, params};

/// Appends an event; it is fanned out after the commit.
///
/// # Errors
/// When it cannot be written.
pub fn append(work: &mut Work<'_>, office: OfficeId, task: TaskId, happened: Happened) -> Result<()> {
    let seq = work.state.seq + 1;
    let what = serde_json::to_string(&happened)?;
    work.db
        .prepare_cached("INSERT INTO event (seq, office, task, at, what) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![seq, office, task.0, work.now, what])?;
    work.state.seq = seq;
    work.state.events.push(Event {
        seq,
        office,
        task,
        at: work.now,
        happened,
    });
    Ok(())
}

/// All that happened to a task, oldest first.
///
/// # Errors
/// When it cannot be read.
pub fn of_task(db: &Connection, task: TaskId) -> Result<Vec<Happened>> {
    let mut q = db.prepare_cached("SELECT what FROM event WHERE task = ?1 ORDER BY seq")?;
    let rows = q.query_map([task.0], |r| r.get::<_, String>(0))?;
    rows.map(|r| Ok(serde_json::from_str(&r?)?)).collect()
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
///
/// # Errors
/// When it cannot be written.
pub fn audit(db: &Connection, now: i64, a: &Audit<'_>) -> Result<()> {
    db.prepare_cached("INSERT INTO audit (at, office, person, what, subject, before, after) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
        .execute(params![now, a.office, a.person, a.what, a.subject, a.before, a.after])?;
    Ok(())
}

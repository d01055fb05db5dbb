//! Rows of what people said of stopped tasks: urgent, put off, a note to the other side.

use crate::error::Result;
use domain::TaskId;
use rusqlite::{Connection, params};

/// It cannot wait (M5).
pub fn urgent(db: &Connection, task: TaskId, by: &str, reason: &str, now: i64) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO mark (task, urgent_by, urgent_reason, urgent_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET urgent_by = ?2, urgent_reason = ?3, urgent_at = ?4",
    )?
    .execute(params![task.0, by, reason, now])?;
    Ok(())
}

/// It is put off until a wall-clock millisecond.
pub fn snooze(db: &Connection, task: TaskId, by: &str, reason: &str, until: i64) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO mark (task, snoozed_by, snooze_reason, snoozed_until) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET snoozed_by = ?2, snooze_reason = ?3, snoozed_until = ?4",
    )?
    .execute(params![task.0, by, reason, until])?;
    Ok(())
}

/// What one side says to the other when a task changes hands.
pub fn note(db: &Connection, task: TaskId, by: &str, note: &str, now: i64) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO mark (task, note_by, note, note_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET note_by = ?2, note = ?3, note_at = ?4",
    )?
    .execute(params![task.0, by, note, now])?;
    Ok(())
}

/// The task goes on: nothing that was said of it holds any more.
pub fn clear(db: &Connection, task: TaskId) -> Result<()> {
    db.prepare_cached("DELETE FROM mark WHERE task = ?1")?
        .execute([task.0])?;
    Ok(())
}

//! Rows of what stopped tasks stopped with.

use super::mark;
use crate::{db::Ask, error::Result};
use domain::{TaskId, TaskState, failure::Failure};
use rusqlite::{Connection, params};

/// Writes the failure that a task stopped with, and the version of the instruction that it is shown.
pub fn put(db: &Connection, task: TaskId, failure: &Failure, cause_key: &str, version: u32) -> Result<()> {
    let params_json = serde_json::to_string(&failure.params)?;
    db.prepare_cached(
        "INSERT OR REPLACE INTO failure (task, code, params, detail, cause_key, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        task.0,
        failure.code,
        params_json,
        failure.detail,
        cause_key,
        version
    ])?;
    Ok(())
}

/// The code that a task stopped with, and the version of the instruction that it is shown.
pub fn shown(db: &Connection, task: TaskId) -> Result<Option<(String, u32)>> {
    db.one(
        "SELECT code, version FROM failure WHERE task = ?1 AND restarted_at IS NULL",
        [task.0],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

/// Sets it aside with what people said of the task: it goes on, from `was`.
pub fn set_aside(db: &Connection, task: TaskId, was: TaskState, now: i64) -> Result<()> {
    db.prepare_cached(
        "UPDATE failure SET restarted_at = ?2, was = ?3, stopped_at = (SELECT changed_at FROM task WHERE id = ?1),
           marks = (SELECT json_array(urgent_by, urgent_reason, urgent_at, snoozed_by, snooze_reason, snoozed_until, note_by, note, note_at)
             FROM mark WHERE task = ?1)
         WHERE task = ?1",
    )?
    .execute(params![task.0, now, was.number()])?;
    mark::clear(db, task)
}

/// Where the task stood when its failure was set aside; `None` when nothing is set aside.
pub fn was(db: &Connection, task: TaskId) -> Result<Option<TaskState>> {
    let was: Option<i64> = db.one(
        "SELECT was FROM failure WHERE task = ?1 AND restarted_at IS NOT NULL",
        [task.0],
        |r| r.get(0),
    )?;
    Ok(was.and_then(TaskState::from_number))
}

/// Takes it back out, once the task is stopped again: the restart is undone. What people said of the task holds
/// again, and it is stopped since it was.
pub fn put_back(db: &Connection, task: TaskId) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO mark (task, urgent_by, urgent_reason, urgent_at, snoozed_by, snooze_reason, snoozed_until, note_by, note, note_at)
         SELECT task, marks ->> 0, marks ->> 1, marks ->> 2, marks ->> 3, marks ->> 4, marks ->> 5, marks ->> 6, marks ->> 7, marks ->> 8
         FROM failure WHERE task = ?1 AND marks IS NOT NULL",
    )?
    .execute([task.0])?;
    db.prepare_cached(
        "UPDATE task SET changed_at = ifnull((SELECT stopped_at FROM failure WHERE task = ?1), changed_at) WHERE id = ?1",
    )?
    .execute([task.0])?;
    db.prepare_cached(
        "UPDATE failure SET restarted_at = NULL, was = NULL, stopped_at = NULL, marks = NULL WHERE task = ?1",
    )?
    .execute([task.0])?;
    Ok(())
}

/// Forgets what was set aside: the task has succeeded. Gives code and version of what it was shown.
pub fn take_aside(db: &Connection, task: TaskId) -> Result<Option<(String, u32)>> {
    db.one(
        "DELETE FROM failure WHERE task = ?1 AND restarted_at IS NOT NULL RETURNING code, version",
        [task.0],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

/// Writes the version of the instruction that a stopped task is shown.
pub fn set_version(db: &Connection, task: TaskId, version: u32) -> Result<()> {
    db.prepare_cached("UPDATE failure SET version = ?2 WHERE task = ?1")?
        .execute(params![task.0, version])?;
    Ok(())
}

/// Forgets it.
pub fn clear(db: &Connection, task: TaskId) -> Result<()> {
    db.prepare_cached("DELETE FROM failure WHERE task = ?1")?
        .execute([task.0])?;
    Ok(())
}

/// Writes which cause a stopped task belongs to.
pub fn set_cause(db: &Connection, task: TaskId, cause_key: &str) -> Result<()> {
    db.prepare_cached("UPDATE failure SET cause_key = ?2 WHERE task = ?1")?
        .execute(params![task.0, cause_key])?;
    Ok(())
}

//! Rows of what stopped tasks stopped with.

use crate::error::Result;
use domain::{TaskId, failure::Failure};
use rusqlite::{Connection, params};

/// Writes the failure that a task stopped with.
///
/// # Errors
/// When it cannot be written.
pub fn put(db: &Connection, task: TaskId, failure: &Failure, cause_key: &str) -> Result<()> {
    let params_json = serde_json::to_string(&failure.params)?;
    db.prepare_cached(
        "INSERT OR REPLACE INTO failure (task, code, params, detail, cause_key) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        task.0,
        failure.code,
        params_json,
        failure.detail,
        cause_key
    ])?;
    Ok(())
}

/// Forgets it: the task goes on.
///
/// # Errors
/// When it cannot be written.
pub fn clear(db: &Connection, task: TaskId) -> Result<()> {
    db.prepare_cached("DELETE FROM failure WHERE task = ?1")?
        .execute([task.0])?;
    Ok(())
}

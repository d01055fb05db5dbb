//! Rows of work on every task of a cause or a code. One that is over has no row.

use crate::{db::Ask, error::Result};
use domain::{TaskId, TaskState, Viewer};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;

/// Work on every task of a cause or a code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sweep {
    /// Who asked for it.
    pub by: Viewer,
    /// What is done.
    pub what: What,
}

/// What is done to each.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Looked at again by a new instruction.
    Instruct {
        /// Key of the package, or `*`.
        package: String,
        code: String,
    },
    /// Told that somebody works on its cause.
    Take {
        /// Key of the cause.
        cause: String,
    },
    Restart {
        /// Key of the cause.
        cause: String,
        /// Only tasks in this state.
        state: TaskState,
    },
    /// Given to its office.
    HandOver {
        /// Key of the cause.
        cause: String,
        /// What is said with it.
        note: String,
    },
}

/// Writes new work and gives its number.
pub fn insert(db: &Connection, sweep: &Sweep, now: i64) -> Result<i64> {
    Ok(db.query_row(
        "INSERT INTO sweep (body, started_at) VALUES (?1, ?2) RETURNING id",
        params![serde_json::to_string(sweep)?, now],
        |r| r.get(0),
    )?)
}

/// What it is and the last task that it has looked at; `None` when it is over.
pub fn get(db: &Connection, id: i64) -> Result<Option<(Sweep, TaskId)>> {
    let row: Option<(String, i64)> =
        db.one("SELECT body, last_task FROM sweep WHERE id = ?1", [id], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })?;
    row.map(|(body, last)| Ok((serde_json::from_str(&body)?, TaskId(last))))
        .transpose()
}

/// It has come as far as a task.
pub fn come_to(db: &Connection, id: i64, last: TaskId) -> Result<()> {
    db.prepare_cached("UPDATE sweep SET last_task = ?2 WHERE id = ?1")?
        .execute(params![id, last.0])?;
    Ok(())
}

/// It is over.
pub fn end(db: &Connection, id: i64) -> Result<()> {
    db.prepare_cached("DELETE FROM sweep WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}

/// Numbers of all that are not over.
pub async fn open(db: &SqlitePool) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = sqlx::query_as("SELECT id FROM sweep ORDER BY id")
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

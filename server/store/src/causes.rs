//! What the pages of causes ask.

use crate::error::Result;
use domain::{OfficeId, TaskId, TaskState};
use rusqlite::{Connection, params};
use sqlx::{FromRow, SqlitePool};
use std::collections::{HashMap, HashSet};

/// So many causes without open tasks are kept in sight, the latest first.
const QUIET: u32 = 500;

/// The open tasks of a cause in one office.
#[derive(Debug, FromRow)]
pub struct OpenRaw {
    /// Names the cause.
    pub key: String,
    /// The office's code.
    pub office: String,
    pub name: String,
    /// Waiting for Support.
    pub red: u32,
    /// Waiting for the office.
    pub orange: u32,
    /// How many dossiers.
    pub dossiers: u32,
    /// Marked as urgent.
    pub urgent: u32,
    /// The newest instruction that one of them is shown; 0 for none.
    pub version: u32,
    /// Since when the oldest is stopped.
    pub oldest: i64,
    /// One of them.
    pub sample: i64,
}

#[derive(Debug, FromRow)]
pub struct CauseRaw {
    /// Names it.
    pub key: String,
    /// Key of the package.
    pub package: String,
    /// The failure's code.
    pub code: String,
    /// Wall clock.
    pub first_at: i64,
    /// Wall clock.
    pub last_at: i64,
    /// Who works on it.
    pub taken_by: Option<String>,
    /// Since when.
    pub taken_at: Option<i64>,
    /// Who said that it is solved.
    pub solved_by: Option<String>,
    /// And when.
    pub solved_at: Option<i64>,
    /// When it last came back.
    pub came_back_at: Option<i64>,
    /// When it had been solved before that.
    pub was_solved_at: Option<i64>,
}

/// Open tasks by cause and office: of one cause, or of all.
pub async fn open(db: &SqlitePool, key: Option<&str>) -> Result<Vec<OpenRaw>> {
    let one = if key.is_some() {
        "f.cause_key = $1"
    } else {
        "$1 IS NULL"
    };
    let sql = format!(
        "SELECT f.cause_key AS key, o.code AS office, o.name, sum(t.state = 3) AS red, sum(t.state = 2) AS orange,
           count(DISTINCT t.dossier) AS dossiers, count(m.urgent_at) AS urgent, max(f.version) AS version,
           min(t.changed_at) AS oldest, min(t.id) AS sample
         FROM failure f JOIN task t ON t.id = f.task JOIN office o ON o.id = t.office LEFT JOIN mark m ON m.task = t.id
         WHERE {one} AND f.restarted_at IS NULL AND t.state IN (2, 3) GROUP BY f.cause_key, t.office ORDER BY o.name"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(key)
        .fetch_all(db)
        .await?)
}

/// The causes of these keys, and the latest others.
pub async fn causes(db: &SqlitePool, keys: &[&str]) -> Result<Vec<CauseRaw>> {
    let sql = "SELECT * FROM cause WHERE key IN (SELECT value FROM json_each($1))
                 OR key IN (SELECT key FROM cause ORDER BY last_at DESC LIMIT $2)";
    Ok(sqlx::query_as(sql)
        .bind(serde_json::to_string(keys)?)
        .bind(QUIET)
        .fetch_all(db)
        .await?)
}

pub async fn cause(db: &SqlitePool, key: &str) -> Result<Option<CauseRaw>> {
    Ok(sqlx::query_as("SELECT * FROM cause WHERE key = $1")
        .bind(key)
        .fetch_optional(db)
        .await?)
}

/// How often causes stopped a task on each of the last `days` days up to `today`, which comes last, by key. Days are
/// counted from 1970-01-01, each by the calendar of the office where it happened.
pub async fn trends(
    db: &SqlitePool,
    keys: &[&str],
    today: i64,
    days: usize,
) -> Result<HashMap<String, Vec<u32>>> {
    let first = today - days as i64 + 1;
    let sql = "SELECT cause, day, sum(n) FROM cause_day
               WHERE cause IN (SELECT value FROM json_each($1)) AND day >= $2 GROUP BY cause, day";
    let rows: Vec<(String, i64, u32)> = sqlx::query_as(sql)
        .bind(serde_json::to_string(keys)?)
        .bind(first)
        .fetch_all(db)
        .await?;
    let mut trends = HashMap::<String, Vec<u32>>::new();
    for (cause, day, n) in rows {
        let trend = trends.entry(cause).or_insert_with(|| vec![0; days]);
        // a clock that was set back leaves days of the future
        if let Some(slot) = usize::try_from(day - first).ok().and_then(|i| trend.get_mut(i)) {
            *slot = n;
        }
    }
    Ok(trends)
}

/// Keys of the causes that ever stopped a task of an office; none for no office.
pub async fn of_office(db: &SqlitePool, code: &str) -> Result<HashSet<String>> {
    if code.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = "SELECT DISTINCT d.cause FROM cause_day d JOIN office o ON o.id = d.office WHERE o.code = $1";
    let rows: Vec<(String,)> = sqlx::query_as(sql).bind(code).fetch_all(db).await?;
    Ok(rows.into_iter().map(|(key,)| key).collect())
}

/// Numbers of the open tasks of a cause: urgent first, then red, then the oldest.
pub async fn tasks(db: &SqlitePool, key: &str, limit: u32) -> Result<Vec<TaskId>> {
    let sql = "SELECT t.id FROM failure f JOIN task t ON t.id = f.task LEFT JOIN mark m ON m.task = t.id
               WHERE f.cause_key = $1 AND f.restarted_at IS NULL AND t.state IN (2, 3)
               ORDER BY m.urgent_at IS NULL, t.state DESC, t.id LIMIT $2";
    let rows: Vec<(i64,)> = sqlx::query_as(sql).bind(key).bind(limit).fetch_all(db).await?;
    Ok(rows.into_iter().map(|(id,)| TaskId(id)).collect())
}

/// The next open tasks of a cause in one of these states, after a number: office and number.
pub fn next_tasks(
    db: &Connection,
    key: &str,
    states: &[TaskState],
    after: TaskId,
    limit: u32,
) -> Result<Vec<(OfficeId, TaskId)>> {
    let states: Vec<String> = states.iter().map(|s| s.number().to_string()).collect();
    let sql = format!(
        "SELECT t.office, t.id FROM failure f JOIN task t ON t.id = f.task
         WHERE f.cause_key = ?1 AND f.restarted_at IS NULL AND t.state IN ({}) AND t.id > ?2 ORDER BY t.id LIMIT ?3",
        states.join(",")
    );
    let mut q = db.prepare_cached(&sql)?;
    let rows = q.query_map(params![key, after.0, limit], |r| {
        Ok((r.get(0)?, TaskId(r.get(1)?)))
    })?;
    rows.map(|r| Ok(r?)).collect()
}

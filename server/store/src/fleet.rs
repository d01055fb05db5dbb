//! Rows about connectors and integrations that their page needs, and what was learned of the past.

use super::connector::Held;
use crate::{db::Ask, error::Result};
use domain::{OfficeId, TaskId, fleet::Load, task::ConnectorId};
use rusqlite::{Connection, params};
use sqlx::SqlitePool;

/// Writes when a connector was last heard of, by the wall clock.
pub fn save_heard(db: &Connection, id: ConnectorId, at: i64) -> Result<()> {
    db.prepare_cached("UPDATE connector SET heard_at = ?2 WHERE id = ?1")?
        .execute(params![id, at])?;
    Ok(())
}

/// Holds a connector back, or lets it go again with `None`.
pub fn save_held(db: &Connection, id: ConnectorId, held: Option<&Held>) -> Result<()> {
    db.execute(
        "UPDATE connector SET held_by = ?2, held_reason = ?3, held_at = ?4 WHERE id = ?1",
        params![
            id,
            held.map(|h| &h.by),
            held.map(|h| &h.reason),
            held.map(|h| h.at)
        ],
    )?;
    Ok(())
}

/// When a task was delivered.
pub fn delivered(db: &Connection, task: TaskId) -> Result<Option<i64>> {
    db.one("SELECT delivered_at FROM task WHERE id = ?1", [task.0], |r| {
        r.get(0)
    })
}

/// An integration of an office, if it is not revoked: its name.
pub fn integration(db: &Connection, office: OfficeId, id: i64) -> Result<Option<String>> {
    db.one(
        "SELECT name FROM integration WHERE office = ?1 AND id = ?2 AND revoked_at IS NULL",
        params![office, id],
        |r| r.get(0),
    )
}

/// The integrations of an office: number, name, when revoked.
pub async fn integrations(db: &SqlitePool, office: OfficeId) -> Result<Vec<(i64, String, Option<i64>)>> {
    let sql = "SELECT id, name, revoked_at FROM integration WHERE office = $1 ORDER BY revoked_at IS NOT NULL, name";
    Ok(sqlx::query_as(sql).bind(office).fetch_all(db).await?)
}

/// What came in since a slot of five minutes.
pub async fn load(db: &SqlitePool, office: OfficeId, from: i64) -> Result<Vec<Load>> {
    let sql = "SELECT slot, delivered, work_ms FROM load WHERE office = $1 AND slot >= $2 ORDER BY slot";
    let rows: Vec<(i64, i64, i64)> = sqlx::query_as(sql).bind(office).bind(from).fetch_all(db).await?;
    let load = |(slot, delivered, work_ms)| Load {
        slot,
        delivered,
        work_ms,
    };
    Ok(rows.into_iter().map(load).collect())
}

/// How long tasks waited, since an hour: hour, bucket, count.
pub async fn waited(db: &SqlitePool, office: OfficeId, from: i64) -> Result<Vec<(i64, i64, i64)>> {
    let sql = "SELECT hour, bucket, n FROM waited WHERE office = $1 AND hour >= $2 ORDER BY hour, bucket";
    Ok(sqlx::query_as(sql).bind(office).bind(from).fetch_all(db).await?)
}

/// How long tasks of a sort took: bucket, count.
pub async fn took(db: &SqlitePool, office: OfficeId, package: &str, kind: &str) -> Result<Vec<(i64, i64)>> {
    let sql =
        "SELECT t.bucket, t.n FROM took t JOIN package p ON p.id = t.package JOIN kind k ON k.id = t.kind
               WHERE t.office = $1 AND p.code = $2 AND k.code = $3";
    Ok(sqlx::query_as(sql)
        .bind(office)
        .bind(package)
        .bind(kind)
        .fetch_all(db)
        .await?)
}

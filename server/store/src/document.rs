//! Rows of documents and their parts.

use crate::{db::Ask, error::Result};
use domain::{OfficeId, TaskId};
use rusqlite::{Connection, params};
use sqlx::SqlitePool;
use std::collections::HashMap;

/// Makes room for a document of `bytes`; gives its number.
pub fn begin(db: &Connection, office: OfficeId, bytes: usize, kind: &str, now: i64) -> Result<i64> {
    let sql = "INSERT INTO document (office, bytes, type, made_at) VALUES (?1, ?2, ?3, ?4) RETURNING id";
    Ok(db.query_row(sql, params![office, bytes as i64, kind, now], |r| r.get(0))?)
}

/// The room that a document takes in its office: the smallest take more than their bytes, for each is a row as well.
pub fn room_of(bytes: i64) -> i64 {
    bytes.max(LEAST_ROOM)
}

const LEAST_ROOM: i64 = 16 << 10;

/// The room that the documents of each office take, those that are still coming in included.
pub fn rooms(db: &Connection) -> Result<HashMap<OfficeId, i64>> {
    db.all(
        "SELECT office, sum(max(bytes, ?1)) FROM document INDEXED BY document_room GROUP BY office",
        [LEAST_ROOM],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

/// Writes the next part.
pub fn add(db: &Connection, document: i64, n: i64, bytes: &[u8]) -> Result<()> {
    db.prepare_cached("INSERT INTO document_part VALUES (?1, ?2, ?3)")?
        .execute(params![document, n, bytes])?;
    Ok(())
}

/// It is whole.
pub fn finish(db: &Connection, document: i64, sha256: &str) -> Result<()> {
    db.prepare_cached("UPDATE document SET sha256 = ?2 WHERE id = ?1")?
        .execute(params![document, sha256])?;
    Ok(())
}

/// Takes it away; gives whose it was, and its bytes.
pub fn remove(db: &Connection, document: i64) -> Result<Option<(OfficeId, i64)>> {
    for table in ["document_part", "task_document"] {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE document = ?1"))?
            .execute([document])?;
    }
    db.one(
        "DELETE FROM document WHERE id = ?1 RETURNING office, bytes",
        [document],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

/// A whole document of an office by what is in it: its number and its length.
pub fn by_hash(db: &Connection, office: OfficeId, sha256: &str) -> Result<Option<(i64, i64)>> {
    db.one(
        "SELECT id, bytes FROM document WHERE office = ?1 AND sha256 = ?2",
        params![office, sha256],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

/// It was brought in again: what no task names is kept from now on.
pub fn touch(db: &Connection, document: i64, now: i64) -> Result<()> {
    db.execute(
        "UPDATE document SET made_at = ?2 WHERE id = ?1",
        params![document, now],
    )?;
    Ok(())
}

/// A task names it.
pub fn name(db: &Connection, task: TaskId, document: i64) -> Result<()> {
    db.prepare_cached("INSERT INTO task_document VALUES (?1, ?2)")?
        .execute(params![task.0, document])?;
    Ok(())
}

/// Whether this task names it.
pub fn names(db: &Connection, task: TaskId, document: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM task_document WHERE task = ?1 AND document = ?2)";
    db.value(sql, params![task.0, document])
}

/// A document that may go: its number, its bytes, and when it was brought last.
pub type Left = (i64, i64, i64);

/// Documents that nothing will name any more: broken off before `broken`, or whole since before `unnamed`. At most `limit`.
pub async fn forgotten(db: &SqlitePool, broken: i64, unnamed: i64, limit: u32) -> Result<Vec<Left>> {
    let sql = "SELECT id, bytes, made_at FROM document d WHERE (sha256 IS NULL AND made_at < $1)
        OR (made_at < $2 AND NOT EXISTS (SELECT 1 FROM task_document t WHERE t.document = d.id)) LIMIT $3";
    Ok(sqlx::query_as(sql)
        .bind(broken)
        .bind(unnamed)
        .bind(limit)
        .fetch_all(db)
        .await?)
}

/// An office's documents that only tasks name which are over, the oldest first: whole since before `before`, at most `limit`.
pub async fn worked_off(db: &SqlitePool, office: OfficeId, before: i64, limit: u32) -> Result<Vec<Left>> {
    // by number, from the oldest, so that it ends at the limit: an office may have a quarter of a million
    let sql = "SELECT id, bytes, made_at FROM document d NOT INDEXED
      WHERE office = $1 AND sha256 IS NOT NULL AND made_at < $2
        AND EXISTS (SELECT 1 FROM task_document t WHERE t.document = d.id)
        AND NOT EXISTS (SELECT 1 FROM task_document x JOIN task t ON t.id = x.task WHERE x.document = d.id AND t.state < 4)
      ORDER BY id LIMIT $3";
    Ok(sqlx::query_as(sql)
        .bind(office)
        .bind(before)
        .bind(limit)
        .fetch_all(db)
        .await?)
}

/// Whether it may still go: no task names it that is not over, and it was not brought again.
pub fn may_go(db: &Connection, (document, _, made_at): Left) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM document WHERE id = ?1 AND made_at = ?2)
        AND NOT EXISTS (SELECT 1 FROM task_document x JOIN task t ON t.id = x.task WHERE x.document = ?1 AND t.state < 4)";
    db.value(sql, [document, made_at])
}

/// One part; `None` behind the last.
pub async fn part(db: &SqlitePool, document: i64, n: i64) -> Result<Option<Vec<u8>>> {
    let row: Option<(Vec<u8>,)> =
        sqlx::query_as("SELECT bytes FROM document_part WHERE document = $1 AND n = $2")
            .bind(document)
            .bind(n)
            .fetch_optional(db)
            .await?;
    Ok(row.map(|(bytes,)| bytes))
}

/// The length and type of a whole document.
pub async fn head(db: &SqlitePool, document: i64) -> Result<Option<(i64, String)>> {
    Ok(
        sqlx::query_as("SELECT bytes, type FROM document WHERE id = $1 AND sha256 IS NOT NULL")
            .bind(document)
            .fetch_optional(db)
            .await?,
    )
}

/// What was delivered with a task.
pub async fn payload(db: &SqlitePool, task: TaskId) -> Result<Option<String>> {
    let row: Option<(String,)> = sqlx::query_as("SELECT body FROM payload WHERE task = $1")
        .bind(task.0)
        .fetch_optional(db)
        .await?;
    Ok(row.map(|(body,)| body))
}

/// What the file of a task's document is called; `None` for a task without a document, or whose document has gone.
pub async fn file_name(db: &SqlitePool, task: TaskId) -> Result<Option<String>> {
    let sql = "SELECT CASE json_type(body, '$.file_name') WHEN 'text' THEN json_extract(body, '$.file_name') ELSE 'document' END FROM payload
      WHERE task = $1 AND (json_type(body, '$.document') = 'text' OR json_type(body, '$.document_base64') = 'text')
        AND (ifnull(json_extract(body, '$.document'), '') NOT GLOB 'doc_*' OR EXISTS (SELECT 1 FROM task_document WHERE task = $1))";
    let row: Option<(String,)> = sqlx::query_as(sql).bind(task.0).fetch_optional(db).await?;
    Ok(row.map(|(name,)| name))
}

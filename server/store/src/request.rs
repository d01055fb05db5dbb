//! Rows of what people outside asked for.

use crate::{db::Ask, error::Result};
use domain::{
    OfficeId,
    request::{NewRequest, RequestKind, file_name},
};
use rusqlite::{Connection, OptionalExtension, params};
use sqlx::{FromRow, SqlitePool};

/// How many wait for a decision.
pub fn waiting(db: &Connection, office: OfficeId) -> Result<i64> {
    let sql = "SELECT count(*) FROM request WHERE office = ?1 AND state = 'new'";
    Ok(db.query_row(sql, [office], |r| r.get(0))?)
}

/// Bytes of the files of an office's requests that wait for a decision.
pub fn bytes(db: &Connection, office: OfficeId) -> Result<i64> {
    // what is accepted is said to be left out for the index, which leaves it out
    let sql = "SELECT ifnull(sum(bytes), 0) FROM request INDEXED BY request_bytes WHERE office = ?1 AND bytes > 0 AND state <> 'accepted' AND state = 'new'";
    db.value(sql, [office])
}

/// Requests whose files may be forgotten: declined before an instant, and the oldest of an office's beyond `kept` bytes.
pub async fn to_forget(db: &SqlitePool, before: i64, kept: i64, most: u32) -> Result<Vec<i64>> {
    let sql = "SELECT id FROM (SELECT id, decided_at, sum(bytes) OVER (PARTITION BY office ORDER BY decided_at DESC, id DESC) AS kept
           FROM request WHERE bytes > 0 AND state = 'declined')
         WHERE decided_at < $1 OR kept > $2 LIMIT $3";
    let rows: Vec<(i64,)> = sqlx::query_as(sql)
        .bind(before)
        .bind(kept)
        .bind(most)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Forgets the files of requests, as far as they are declined.
pub fn forget_files(db: &Connection, ids: &[i64]) -> Result<()> {
    for id in ids {
        let declined = db.execute(
            "UPDATE request SET bytes = 0 WHERE id = ?1 AND state = 'declined'",
            [id],
        )?;
        if declined > 0 {
            db.execute("DELETE FROM request_file WHERE request = ?1", [id])?;
        }
    }
    Ok(())
}

/// Writes a request with its files and gives its number.
pub fn insert(db: &Connection, office: OfficeId, kind: RequestKind, r: &NewRequest, now: i64) -> Result<i64> {
    let id: i64 = db.query_row(
        "INSERT INTO request (office, kind, name, email, phone, company, number, message, language, made_at, automatic, bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) RETURNING id",
        params![
            office,
            kind.key(),
            r.name.trim(),
            r.email.trim().to_lowercase(),
            r.phone.trim(),
            r.company.trim(),
            r.number.trim(),
            r.message.trim(),
            r.language.tag(),
            now,
            !r.trap.is_empty(),
            r.bytes() as i64
        ],
        |row| row.get(0),
    )?;
    for (n, file) in r.files.iter().enumerate() {
        db.execute(
            "INSERT INTO request_file VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                id,
                n as i64,
                file_name(&file.name, file.kind()),
                file.kind(),
                file.bytes
            ],
        )?;
    }
    Ok(id)
}

/// A request as stored.
#[derive(Debug, Clone, FromRow)]
pub struct RequestRaw {
    /// Its number.
    pub id: i64,
    /// Key.
    pub kind: String,
    /// Key.
    pub state: String,
    /// Who sent it.
    pub name: String,
    /// Where they can be reached.
    pub email: String,
    /// By telephone.
    pub phone: String,
    pub company: String,
    /// Its enterprise number.
    pub number: String,
    /// Their own words.
    pub message: String,
    /// By tag.
    pub language: String,
    /// Wall clock.
    pub made_at: i64,
    /// Wall clock.
    pub decided_at: Option<i64>,
    /// Who did.
    pub decided_by: Option<String>,
    /// What it became.
    pub task: Option<i64>,
    /// Most likely a program sent it.
    pub automatic: bool,
}

/// Requests of an office: new ones first, those of programs last of them, then the latest.
pub async fn list(db: &SqlitePool, office: OfficeId, most: u32) -> Result<Vec<RequestRaw>> {
    let sql = "SELECT id, kind, state, name, email, phone, company, number, message, language, made_at, decided_at, decided_by, task, automatic
      FROM request WHERE office = $1 ORDER BY state <> 'new', state = 'new' AND automatic, id DESC LIMIT $2";
    Ok(sqlx::query_as(sql).bind(office).bind(most).fetch_all(db).await?)
}

/// Files of requests from a number on: request, number, name, bytes.
pub async fn files(db: &SqlitePool, office: OfficeId) -> Result<Vec<(i64, i64, String, i64)>> {
    let sql = "SELECT f.request, f.n, f.name, length(f.bytes) FROM request_file f JOIN request r ON r.id = f.request WHERE r.office = $1 ORDER BY f.request, f.n";
    Ok(sqlx::query_as(sql).bind(office).fetch_all(db).await?)
}

/// One file: name, type, bytes; `None` when the office has none of it.
pub async fn file(
    db: &SqlitePool,
    office: OfficeId,
    id: i64,
    n: i64,
) -> Result<Option<(String, String, Vec<u8>)>> {
    let sql = "SELECT f.name, f.type, f.bytes FROM request_file f JOIN request r ON r.id = f.request WHERE r.office = $1 AND f.request = $2 AND f.n = $3";
    Ok(sqlx::query_as(sql)
        .bind(office)
        .bind(id)
        .bind(n)
        .fetch_optional(db)
        .await?)
}

/// A request that waits: its kind, its company and its sender; `None` when there is none, `Some(None)` when it is
/// decided.
pub fn undecided(
    db: &Connection,
    office: OfficeId,
    id: i64,
) -> Result<Option<Option<(RequestKind, String)>>> {
    let sql = "SELECT kind, company, state FROM request WHERE id = ?1 AND office = ?2";
    let row: Option<(String, String, String)> = db
        .query_row(sql, params![id, office], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })
        .optional()?;
    Ok(row.map(|(kind, company, state)| {
        RequestKind::from_key(&kind)
            .filter(|_| state == "new")
            .map(|kind| (kind, company))
    }))
}

/// Somebody has decided.
pub fn decide(db: &Connection, id: i64, state: &str, by: &str, task: Option<i64>, now: i64) -> Result<()> {
    db.execute(
        "UPDATE request SET state = ?2, decided_at = ?3, decided_by = ?4, task = ?5 WHERE id = ?1 AND state = 'new'",
        params![id, state, now, by, task],
    )?;
    Ok(())
}

/// Codes of an office's dossiers that begin like this.
pub async fn codes(db: &SqlitePool, office: OfficeId, begins: &str) -> Result<Vec<(String,)>> {
    let sql = "SELECT code FROM dossier WHERE office = $1 AND code >= $2 AND code < $2 || char(1114111)";
    Ok(sqlx::query_as(sql)
        .bind(office)
        .bind(begins)
        .fetch_all(db)
        .await?)
}

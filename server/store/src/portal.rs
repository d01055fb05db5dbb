//! What the portal reads.

use crate::error::Result;
use domain::OfficeId;
use sqlx::{FromRow, SqlitePool};

/// A client's dossier.
#[derive(Debug, Clone, FromRow)]
pub struct DossierRaw {
    /// Its number.
    pub id: i64,
    pub code: String,
    pub name: String,
    /// Key of how far its activation is.
    pub activation: String,
    /// When something was done for it.
    pub done_at: Option<i64>,
    /// Tasks that wait or run.
    pub open: i64,
    /// Tasks that stopped.
    pub stopped: i64,
}

/// The dossiers of a client.
pub async fn dossiers(db: &SqlitePool, office: OfficeId, person: i64) -> Result<Vec<DossierRaw>> {
    let sql = "SELECT d.id, d.code, d.name, d.activation, d.done_at,
        (SELECT count(*) FROM task t INDEXED BY task_open WHERE t.office = $1 AND t.state < 4 AND t.state < 2 AND t.dossier = d.id) AS open,
        (SELECT count(*) FROM task t INDEXED BY task_stopped WHERE t.office = $1 AND t.state IN (2, 3) AND t.dossier = d.id) AS stopped
      FROM dossier_manager m JOIN dossier d ON d.id = m.dossier WHERE m.person = $2 AND d.office = $1 AND d.archived_at IS NULL ORDER BY d.name COLLATE NOCASE LIMIT 100";
    Ok(sqlx::query_as(sql)
        .bind(office)
        .bind(person)
        .fetch_all(db)
        .await?)
}

/// A document that somebody handed in.
#[derive(Debug, Clone, FromRow)]
pub struct HandedRaw {
    /// The task that it became.
    pub id: i64,
    /// The file's name.
    pub subject: Option<String>,
    /// The dossier's name.
    pub name: String,
    /// As stored.
    pub state: i64,
    /// Wall clock.
    pub delivered_at: i64,
}

/// What a person handed in, the latest first. Their tasks are known by the key that they were delivered with.
pub async fn handed(db: &SqlitePool, office: OfficeId, person: i64) -> Result<Vec<HandedRaw>> {
    let sql = "SELECT t.id, t.subject, d.name, t.state, t.delivered_at FROM task t JOIN dossier d ON d.id = t.dossier
      WHERE t.office = $1 AND t.idempotency_key >= $2 || ' ' AND t.idempotency_key < $2 || '!' ORDER BY t.id DESC LIMIT 50";
    Ok(sqlx::query_as(sql)
        .bind(office)
        .bind(key(person))
        .fetch_all(db)
        .await?)
}

/// The task that was delivered with a key.
pub async fn by_key(db: &SqlitePool, office: OfficeId, key: &str) -> Result<Option<i64>> {
    let sql = "SELECT id FROM task WHERE office = $1 AND idempotency_key = $2";
    let found: Option<(i64,)> = sqlx::query_as(sql)
        .bind(office)
        .bind(key)
        .fetch_optional(db)
        .await?;
    Ok(found.map(|(id,)| id))
}

/// How many documents a person has handed in since then.
pub async fn handed_since(db: &SqlitePool, office: OfficeId, person: i64, since: i64) -> Result<u64> {
    let sql = "SELECT count(*) FROM task t WHERE t.office = $1 AND t.idempotency_key >= $2 || ' ' AND t.idempotency_key < $2 || '!'
      AND t.delivered_at > $3";
    let (n,): (i64,) = sqlx::query_as(sql)
        .bind(office)
        .bind(key(person))
        .bind(since)
        .fetch_one(db)
        .await?;
    Ok(u64::try_from(n).unwrap_or(0))
}

/// How the keys of what a person hands in begin.
pub fn key(person: i64) -> String {
    format!("portal {person}")
}

/// Applications sent from an address: number, state, wall clock.
pub async fn applied(db: &SqlitePool, office: OfficeId, person: i64) -> Result<Vec<(i64, String, i64)>> {
    let sql =
        "SELECT r.id, r.state, r.made_at FROM request r JOIN person p ON p.id = $2 AND p.email = r.email
      WHERE r.office = $1 AND r.kind = 'application' ORDER BY r.id DESC LIMIT 20";
    Ok(sqlx::query_as(sql)
        .bind(office)
        .bind(person)
        .fetch_all(db)
        .await?)
}

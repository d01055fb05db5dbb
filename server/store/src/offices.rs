//! What the page of all offices asks.

use crate::error::Result;
use domain::OfficeId;
use sqlx::{FromRow, SqlitePool};

/// An office's line.
#[derive(Debug, Clone, FromRow)]
pub struct OfficeRaw {
    pub code: String,
    pub name: String,
    /// IANA zone.
    pub zone: String,
    /// Tag.
    pub language: String,
    /// How many work there.
    pub people: i64,
    /// How many dossiers it has.
    pub dossiers: i64,
    /// Names of its admins, a line each.
    pub admins: Option<String>,
    /// One of them has been there.
    pub run: bool,
}

/// Every office, by name.
pub async fn all(db: &SqlitePool) -> Result<Vec<OfficeRaw>> {
    let sql = "SELECT o.code, o.name, o.zone, o.language,
        (SELECT count(*) FROM person p WHERE p.office = o.id AND p.left_at IS NULL AND p.role NOT IN ('client', 'candidate')) AS people,
        (SELECT count(*) FROM dossier d WHERE d.office = o.id) AS dossiers,
        (SELECT group_concat(name, char(10)) FROM (SELECT p.name FROM person p
           WHERE p.office = o.id AND p.role = 'admin' AND p.left_at IS NULL ORDER BY p.name COLLATE NOCASE LIMIT 20)) AS admins,
        EXISTS (SELECT 1 FROM person p WHERE p.office = o.id AND p.role = 'admin' AND p.left_at IS NULL
           AND (p.password_hash IS NOT NULL OR p.seen_at IS NOT NULL
             OR EXISTS (SELECT 1 FROM sign_in_link l WHERE l.person = p.id AND l.reusable = 1))) AS run
      FROM office o ORDER BY o.name COLLATE NOCASE, o.id LIMIT 5000";
    Ok(sqlx::query_as(sql).fetch_all(db).await?)
}

/// What of an office's first steps is done: there is a dossier, an integration has a token, a task that is no activation
/// has succeeded.
pub async fn begun(db: &SqlitePool, office: OfficeId) -> Result<(bool, bool, bool)> {
    let sql = "SELECT EXISTS (SELECT 1 FROM dossier WHERE office = $1),
        EXISTS (SELECT 1 FROM integration WHERE office = $1 AND revoked_at IS NULL),
        EXISTS (SELECT 1 FROM task WHERE office = $1 AND state = 4 AND kind NOT IN (SELECT id FROM kind WHERE code = 'activate_dossier'))";
    Ok(sqlx::query_as(sql).bind(office).fetch_one(db).await?)
}

//! Whole lists, as they are taken along (S8). What follows a page is read by the number of its last row.

use super::{clients::person_of, read::MANAGED};
use crate::db::like;
use crate::error::Result;
use domain::{OfficeId, Viewer};
use sqlx::{FromRow, SqlitePool};
use views::clients::{ClientsAsked, Standing};

/// A dossier with its open tasks.
#[derive(Debug, FromRow)]
pub struct DossierRow {
    pub code: String,
    pub name: String,
    /// Key of its package.
    pub package: String,
    /// Names of those who manage it.
    pub managers: Option<String>,
    /// Key of how far its activation is.
    pub activation: String,
    /// It was put away.
    pub archived: bool,
    /// Tasks that wait for the office.
    pub action: i64,
    /// Tasks that wait for Support.
    pub failed: i64,
    /// Tasks in line or at work.
    pub waiting: i64,
    /// When a task was last done.
    pub done_at: Option<i64>,
}

/// Dossiers that the viewer sees and asks for, by code; at most `limit`.
pub async fn dossiers(
    db: &SqlitePool,
    office: OfficeId,
    viewer: &Viewer,
    asked: &ClientsAsked,
    limit: u32,
) -> Result<Vec<DossierRow>> {
    let sql = format!("SELECT d.code, d.name, p.code AS package, d.done_at, d.activation, d.archived_at IS NOT NULL AS archived,
        (SELECT group_concat(m.name, ', ') FROM dossier_manager g JOIN person m ON m.id = g.person WHERE g.dossier = d.id AND m.role NOT IN ('client', 'candidate')) AS managers,
        ifnull(o.action, 0) AS action, ifnull(o.failed, 0) AS failed, ifnull(o.waiting, 0) AS waiting
      FROM dossier d JOIN package p ON p.id = d.package LEFT JOIN (
        SELECT dossier, sum(state = 2) AS action, sum(state = 3) AS failed, sum(state < 2) AS waiting
        FROM task WHERE office = $1 AND state < 4 GROUP BY dossier) o ON o.dossier = d.id
      WHERE d.office = $1 AND {MANAGED}
        AND ($3 = '' OR d.name LIKE $3 ESCAPE '\\' OR d.code LIKE $3 ESCAPE '\\') AND ($4 = '' OR p.code = $4)
        AND CASE WHEN d.archived_at IS NOT NULL THEN $10
          WHEN ifnull(o.action, 0) + ifnull(o.failed, 0) = 0 THEN CASE d.activation WHEN 'active' THEN $5 WHEN 'activating' THEN $11 ELSE $12 END
          WHEN ifnull(o.failed, 0) > 0 AND ($6 OR ifnull(o.action, 0) = 0) THEN $7 ELSE $8 END
      ORDER BY d.code LIMIT $9");
    let wants = |s: Standing| asked.wants(s);
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(office)
        .bind(person_of(viewer, asked.mine))
        .bind(like(&asked.text))
        .bind(&asked.package)
        .bind(wants(Standing::Flow))
        .bind(viewer.is_support())
        .bind(wants(Standing::Sup))
        .bind(wants(Standing::Act))
        .bind(limit)
        .bind(wants(Standing::Archived))
        .bind(wants(Standing::Starting))
        .bind(wants(Standing::Off))
        .fetch_all(db)
        .await?)
}

/// A person of the office.
#[derive(Debug, FromRow)]
pub struct PersonRow {
    /// What they are called.
    pub name: String,
    /// Where they are written to.
    pub email: String,
    /// Key of what they are.
    pub role: String,
    /// Tag of what they read.
    pub language: String,
    /// Wall clock.
    pub created_at: i64,
    /// Since when they may no longer sign in.
    pub left_at: Option<i64>,
}

/// The office's people whose name or address holds `text`, by name; at most `limit`.
pub async fn people(db: &SqlitePool, office: OfficeId, text: &str, limit: u32) -> Result<Vec<PersonRow>> {
    let sql = "SELECT name, email, role, language, created_at, left_at FROM person WHERE office = $1
        AND ($2 = '' OR name LIKE $2 ESCAPE '\\' OR email LIKE $2 ESCAPE '\\') ORDER BY name, id LIMIT $3";
    let query = sqlx::query_as(sql).bind(office).bind(like(text));
    Ok(query.bind(limit).fetch_all(db).await?)
}

/// A connector of the office.
#[derive(Debug, FromRow)]
pub struct ConnectorRow {
    pub name: String,
    /// Of its program.
    pub version: Option<String>,
    /// JSON list of keys.
    pub packages: String,
    /// Wall clock.
    pub heard_at: Option<i64>,
    /// Why a person holds it.
    pub held_reason: Option<String>,
    /// Wall clock.
    pub revoked_at: Option<i64>,
}

/// The office's connectors, by name; at most `limit`.
pub async fn connectors(db: &SqlitePool, office: OfficeId, limit: u32) -> Result<Vec<ConnectorRow>> {
    let sql = "SELECT name, version, packages, heard_at, held_reason, revoked_at FROM connector WHERE office = $1 ORDER BY name LIMIT $2";
    Ok(sqlx::query_as(sql).bind(office).bind(limit).fetch_all(db).await?)
}

#[derive(Debug, FromRow)]
pub struct CauseRow {
    /// Tells it from others.
    pub key: String,
    /// Key of the package.
    pub package: String,
    pub code: String,
    /// Wall clock.
    pub first_at: i64,
    /// Wall clock.
    pub last_at: i64,
    /// How often it stopped a task since the day asked for.
    pub times: i64,
    /// Tasks that it stops now.
    pub tasks: i64,
    /// Who at Support works on it.
    pub taken_by: Option<String>,
    /// Wall clock.
    pub solved_at: Option<i64>,
}

/// Every cause, last seen first, with how often it was seen from `day` on; at most `limit`.
pub async fn causes(db: &SqlitePool, day: i64, limit: u32) -> Result<Vec<CauseRow>> {
    let sql = "SELECT c.key, c.package, c.code, c.first_at, c.last_at, c.taken_by, c.solved_at,
        (SELECT ifnull(sum(n), 0) FROM cause_day WHERE cause = c.key AND day >= $1) AS times,
        (SELECT count(*) FROM failure f JOIN task t ON t.id = f.task
         WHERE f.cause_key = c.key AND f.restarted_at IS NULL AND t.state IN (2, 3)) AS tasks
      FROM cause c ORDER BY c.last_at DESC LIMIT $2";
    Ok(sqlx::query_as(sql).bind(day).bind(limit).fetch_all(db).await?)
}

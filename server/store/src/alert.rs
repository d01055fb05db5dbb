//! Rows of alerts: what the desk found wrong with itself.

use crate::{db::Ask, error::Result};
use domain::OfficeId;
use rusqlite::{Connection, params};
use sqlx::{FromRow, SqlitePool};
use views::alerts::AlertKind;

/// Something that is wrong. Kind, office and subject tell two of them apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Of which sort.
    pub kind: AlertKind,
    /// Where; `None` for the whole desk.
    pub office: Option<OfficeId>,
    /// What tells two of a kind apart.
    pub subject: String,
    /// What it is called.
    pub name: String,
    /// More, for the page.
    pub detail: String,
}

/// An alert that stands: its number and what it was found as.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Its number.
    pub id: i64,
    /// Key of its kind.
    pub kind: String,
    /// Where.
    pub office: Option<OfficeId>,
    /// What tells two of a kind apart.
    pub subject: String,
}

impl Finding {
    /// What tells it from every other.
    pub fn key(&self) -> (&str, Option<OfficeId>, &str) {
        (self.kind.key(), self.office, &self.subject)
    }
}

impl Standing {
    /// What tells it from every other.
    pub fn key(&self) -> (&str, Option<OfficeId>, &str) {
        (&self.kind, self.office, &self.subject)
    }
}

/// An alert as it is read for its page.
#[derive(Debug, Clone, FromRow)]
pub struct AlertRaw {
    /// Key of its kind.
    pub kind: String,
    /// JSON: name and detail.
    pub detail: String,
    /// Wall clock.
    pub since: i64,
    /// Wall clock.
    pub ended_at: Option<i64>,
}

/// Every alert that stands.
pub fn standing(db: &Connection) -> Result<Vec<Standing>> {
    db.all(
        "SELECT id, kind, office, subject FROM alert WHERE ended_at IS NULL",
        [],
        |r| {
            Ok(Standing {
                id: r.get(0)?,
                kind: r.get(1)?,
                office: r.get(2)?,
                subject: r.get(3)?,
            })
        },
    )
}

/// Writes an alert; with `ended_at` one that is over already.
pub fn begin(db: &Connection, f: &Finding, since: i64, ended_at: Option<i64>) -> Result<()> {
    let detail = serde_json::to_string(&(&f.name, &f.detail))?;
    db.execute(
        "INSERT INTO alert (office, kind, subject, detail, since, ended_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![f.office, f.kind.key(), f.subject, detail, since, ended_at],
    )?;
    Ok(())
}

/// What an alert that stands is now.
pub fn say(db: &Connection, f: &Finding) -> Result<()> {
    let detail = serde_json::to_string(&(&f.name, &f.detail))?;
    db.execute(
        "UPDATE alert SET detail = ?4 WHERE ended_at IS NULL AND office IS ?1 AND kind = ?2 AND subject = ?3 AND detail <> ?4",
        params![f.office, f.kind.key(), f.subject, detail],
    )?;
    Ok(())
}

/// An alert is over.
pub fn end(db: &Connection, id: i64, now: i64) -> Result<()> {
    // the wall clock may have been set back meanwhile
    db.execute(
        "UPDATE alert SET ended_at = max(since, ?2) WHERE id = ?1",
        params![id, now],
    )?;
    Ok(())
}

/// Alerts of an office and of the whole desk, newest first: those that stand, or those that are over.
pub async fn list(db: &SqlitePool, office: OfficeId, over: bool, limit: u32) -> Result<Vec<AlertRaw>> {
    let sql = "SELECT kind, detail, since, ended_at FROM alert
               WHERE (office = $1 OR office IS NULL) AND (ended_at IS NOT NULL) = $2 ORDER BY id DESC LIMIT $3";
    Ok(sqlx::query_as(sql)
        .bind(office)
        .bind(over)
        .bind(limit)
        .fetch_all(db)
        .await?)
}

//! Rows that the day plan is made of: active jobs, what their runs took, blocked windows.

use crate::{db::Ask, error::Result, json};
use domain::{OfficeId, job::JobId, schedule::Clock};
use rusqlite::{Connection, params};
use sqlx::SqlitePool;
use views::plan::BlockedForm;

/// An active job.
#[derive(Debug, Clone)]
pub struct PlannedRaw {
    /// Its number.
    pub id: i64,
    /// Rises with each change.
    pub version: i64,
    /// What people wrote, as JSON.
    pub body: String,
    /// The connector that it is bound to.
    pub server: Option<i64>,
    /// That one's name.
    pub server_name: Option<String>,
    /// How many companies are written with it.
    pub companies: u32,
    /// The first of them.
    pub dossier: Option<i64>,
    pub code: Option<String>,
    pub name: Option<String>,
}

const PLANNED: &str = "SELECT j.id, j.version, j.body, j.server, c.name AS server_name, count(p.dossier) AS companies, min(p.dossier) AS dossier, d.code, d.name
  FROM job j LEFT JOIN connector c ON c.id = j.server LEFT JOIN job_company p ON p.job = j.id LEFT JOIN dossier d ON d.id = p.dossier
  WHERE j.office = ?1 AND j.deleted_at IS NULL AND j.standing = 'active' GROUP BY j.id ORDER BY j.id LIMIT 5000";

/// The last good runs of each active job, newest first: job and milliseconds.
const TOOK: &str = "SELECT r.job, r.ended_at - r.started_at AS took FROM job j JOIN run r ON r.job = j.id
  WHERE j.office = ?1 AND j.deleted_at IS NULL AND j.standing = 'active' AND r.id IN
    (SELECT l.id FROM run l WHERE l.job = j.id AND l.state = 'finished' AND l.started_at IS NOT NULL AND l.ended_at IS NOT NULL ORDER BY l.due_at DESC LIMIT 20)
  ORDER BY r.job, r.due_at DESC";

const BLOCKED: &str = "SELECT id, version, reason, owner, days, date, from_m, minutes FROM blocked WHERE office = ?1 ORDER BY from_m, id LIMIT 500";

const MOVED: &str = "SELECT s.job, s.from_at, s.to_at, s.downtime FROM job j JOIN job_shift s ON s.job = j.id
  WHERE j.office = ?1 AND j.deleted_at IS NULL AND j.standing = 'active' ORDER BY s.job, s.from_at";

/// The active jobs of an office.
pub fn planned(db: &Connection, office: OfficeId) -> Result<Vec<PlannedRaw>> {
    db.all(PLANNED, [office], |r| {
        Ok(PlannedRaw {
            id: r.get(0)?,
            version: r.get(1)?,
            body: r.get(2)?,
            server: r.get(3)?,
            server_name: r.get(4)?,
            companies: r.get(5)?,
            dossier: r.get(6)?,
            code: r.get(7)?,
            name: r.get(8)?,
        })
    })
}

/// What the last good runs took: job and milliseconds, at most 20 a job.
pub fn took(db: &Connection, office: OfficeId) -> Result<Vec<(JobId, i64)>> {
    db.all(TOOK, [office], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// What the last good runs of one job took, active or not, in milliseconds.
pub fn took_of(db: &Connection, job: JobId) -> Result<Vec<i64>> {
    db.all(
        "SELECT ended_at - started_at FROM run WHERE job = ?1 AND state = 'finished' AND started_at IS NOT NULL AND ended_at IS NOT NULL
         ORDER BY due_at DESC LIMIT 20",
        [job],
        |r| r.get(0),
    )
}

/// A run that a downtime moved (D16).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MovedRow {
    pub job: JobId,
    /// When it is due by its schedule.
    pub from_at: i64,
    /// When it is due.
    pub to_at: i64,
    pub downtime: i64,
}

/// The runs of an office's active jobs that downtimes moved.
pub fn moved(db: &Connection, office: OfficeId) -> Result<Vec<MovedRow>> {
    db.all(MOVED, [office], |r| {
        Ok(MovedRow {
            job: r.get(0)?,
            from_at: r.get(1)?,
            to_at: r.get(2)?,
            downtime: r.get(3)?,
        })
    })
}

/// A blocked window as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockedRow {
    /// Its number.
    pub id: i64,
    /// Rises with each change.
    pub version: i64,
    /// What people wrote.
    pub form: BlockedForm,
}

/// The blocked windows of an office, in the order of their times.
pub fn blocked(db: &Connection, office: OfficeId) -> Result<Vec<BlockedRow>> {
    db.all(BLOCKED, [office], |r| {
        let (from, date): (u16, Option<String>) = (r.get(6)?, r.get(5)?);
        Ok(BlockedRow {
            id: r.get(0)?,
            version: r.get(1)?,
            form: BlockedForm {
                reason: r.get(2)?,
                owner: r.get(3)?,
                days: json(r, 4)?,
                date: date.as_deref().and_then(views::plan::read_day),
                from: Clock::new(from / 60, from % 60).unwrap_or_default(),
                minutes: r.get(7)?,
            },
        })
    })
}

/// One blocked window of an office.
pub fn blocked_one(db: &Connection, office: OfficeId, id: i64) -> Result<Option<BlockedRow>> {
    Ok(blocked(db, office)?.into_iter().find(|b| b.id == id))
}

/// Writes a new blocked window and gives its number.
pub fn add_blocked(db: &Connection, office: OfficeId, f: &BlockedForm) -> Result<i64> {
    db.value(
        "INSERT INTO blocked (office, reason, owner, days, date, from_m, minutes, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1) RETURNING id",
        params![
            office, f.reason, f.owner, serde_json::to_string(&f.days)?, f.date.map(|d| d.to_string()),
            f.from.minutes(), f.minutes
        ],
    )
}

/// Writes a changed blocked window.
pub fn set_blocked(db: &Connection, id: i64, f: &BlockedForm, version: i64) -> Result<()> {
    db.execute(
        "UPDATE blocked SET reason = ?2, owner = ?3, days = ?4, date = ?5, from_m = ?6, minutes = ?7, version = ?8 WHERE id = ?1",
        params![
            id,
            f.reason,
            f.owner,
            serde_json::to_string(&f.days)?,
            f.date.map(|d| d.to_string()),
            f.from.minutes(),
            f.minutes,
            version
        ],
    )?;
    Ok(())
}

/// Removes a blocked window.
pub fn remove_blocked(db: &Connection, id: i64) -> Result<()> {
    db.execute("DELETE FROM blocked WHERE id = ?1", [id])?;
    Ok(())
}

/// An office's own calendars: name, version, country and days.
pub type CalendarRaw = (String, i64, Option<String>, String);

/// The calendars of an office, by name.
pub async fn calendars(db: &SqlitePool, office: OfficeId) -> Result<Vec<CalendarRaw>> {
    let sql = "SELECT name, version, country, days FROM calendar WHERE office = $1 ORDER BY name";
    Ok(sqlx::query_as(sql).bind(office).fetch_all(db).await?)
}

/// Number, description and what people wrote of every job of an office that is not deleted.
pub async fn bodies(db: &SqlitePool, office: OfficeId) -> Result<Vec<(i64, String, String)>> {
    let sql = "SELECT id, description, body FROM job WHERE office = $1 AND deleted_at IS NULL ORDER BY id";
    Ok(sqlx::query_as(sql).bind(office).fetch_all(db).await?)
}

//! Rows of downtimes.

use super::{json, sound};
use crate::{
    db::Ask,
    error::{Error, Result},
};
use domain::{
    NotNow, OfficeId, Refusal,
    downtime::{Downtime, Reason},
};
use rusqlite::{Connection, Row, params};
use sqlx::{FromRow, SqlitePool};
use std::collections::BTreeSet;

const COLUMNS: &str = "id, office, announced_at, closes_at, expected_until, reason, closed_at, lifted_at";

/// Those that nobody has lifted.
pub fn open(db: &Connection) -> Result<Vec<Downtime>> {
    let sql = format!("SELECT {COLUMNS} FROM downtime WHERE lifted_at IS NULL ORDER BY id");
    let mut q = db.prepare_cached(&sql)?;
    let mut rows = q.query([])?;
    let mut all = vec![];
    while let Some(r) = rows.next()? {
        let open = || {
            let (d, _) = read(r)?;
            let reason = json(r, 5)?;
            Ok(Downtime { reason, ..d })
        };
        all.extend(sound("downtime", open())?);
    }
    Ok(all)
}

fn read(r: &Row<'_>) -> rusqlite::Result<(Downtime, String)> {
    let downtime = Downtime {
        id: r.get(0)?,
        office: r.get(1)?,
        announced_at: r.get(2)?,
        closes_at: r.get(3)?,
        expected_until: r.get(4)?,
        reason: Reason::default(),
        closed_at: r.get(6)?,
        lifted_at: r.get(7)?,
    };
    Ok((downtime, r.get(5)?))
}

/// Writes a new one and gives its number.
///
/// # Errors
/// [`Refusal::WrongState`] when there is one already.
pub fn insert(db: &Connection, d: &Downtime, by: &str) -> Result<i64> {
    let reason = serde_json::to_string(&d.reason)?;
    db.query_row(
        "INSERT INTO downtime (office, announced_at, announced_by, closes_at, expected_until, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
        params![
            d.office,
            d.announced_at,
            by,
            d.closes_at,
            d.expected_until,
            reason
        ],
        |r| r.get(0),
    )
    .map_err(|e| match e.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => {
            Error::Refused(Refusal::WrongState(NotNow::DowntimePlanned))
        }
        _ => e.into(),
    })
}

/// Changes one that still is as in `version`; says whether it was.
pub fn update(db: &Connection, d: &Downtime, version: i64) -> Result<bool> {
    let reason = serde_json::to_string(&d.reason)?;
    let n = db.execute(
        "UPDATE downtime SET closes_at = ?3, expected_until = ?4, reason = ?5, version = version + 1
         WHERE id = ?1 AND version = ?2 AND lifted_at IS NULL",
        params![d.id, version, d.closes_at, d.expected_until, reason],
    )?;
    Ok(n == 1)
}

/// The moment has come.
pub fn latch(db: &Connection, id: i64, at: i64) -> Result<()> {
    db.execute(
        "UPDATE downtime SET closed_at = ?2, version = version + 1 WHERE id = ?1 AND closed_at IS NULL",
        params![id, at],
    )?;
    Ok(())
}

/// Somebody opens again, or calls it off; says whether it was not so already.
pub fn lift(db: &Connection, id: i64, at: i64, by: &str) -> Result<bool> {
    let n = db.execute(
        "UPDATE downtime SET lifted_at = ?2, lifted_by = ?3, version = version + 1 WHERE id = ?1 AND lifted_at IS NULL",
        params![id, at, by],
    )?;
    Ok(n == 1)
}

/// There is or was one of this number that concerns an office.
pub fn exists(db: &Connection, id: i64, office: OfficeId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM downtime WHERE id = ?1 AND (office IS NULL OR office = ?2))";
    Ok(db.query_row(sql, params![id, office], |r| r.get(0))?)
}

/// A person has been told of a moment.
pub fn saw(db: &Connection, id: i64, person: i64, closes_at: i64) -> Result<()> {
    db.execute(
        "INSERT INTO downtime_seen VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        params![id, person, closes_at],
    )?;
    Ok(())
}

/// Whether a person has been told of a moment.
pub async fn has_seen(db: &SqlitePool, id: i64, person: i64, closes_at: i64) -> Result<bool> {
    let sql =
        "SELECT EXISTS (SELECT 1 FROM downtime_seen WHERE downtime = $1 AND person = $2 AND closes_at = $3)";
    let (seen,): (bool,) = sqlx::query_as(sql)
        .bind(id)
        .bind(person)
        .bind(closes_at)
        .fetch_one(db)
        .await?;
    Ok(seen)
}

/// A downtime as the page tells it.
#[derive(Debug, Clone, FromRow)]
pub struct ToldRaw {
    /// Its number.
    pub id: i64,
    /// Whose; `None` for the whole platform.
    pub office: Option<OfficeId>,
    /// Wall clock, as all below.
    pub announced_at: i64,
    /// Who did.
    pub announced_by: String,
    /// The planned moment.
    pub closes_at: i64,
    /// The expected end.
    pub expected_until: Option<i64>,
    /// JSON.
    pub reason: String,
    /// Rises with each change.
    pub version: i64,
    /// When it did close.
    pub closed_at: Option<i64>,
    /// When it was lifted.
    pub lifted_at: Option<i64>,
    /// Who did.
    pub lifted_by: Option<String>,
    /// Lines of the audit log while it was closed.
    pub changes: i64,
}

/// Those of an office and of the whole platform, the latest first.
pub async fn told(db: &SqlitePool, office: OfficeId, most: u32) -> Result<Vec<ToldRaw>> {
    let sql = "SELECT d.id, d.office, announced_at, announced_by, closes_at, expected_until, reason, version, closed_at, lifted_at, lifted_by,
        (SELECT count(*) FROM audit a WHERE d.closed_at IS NOT NULL AND a.at >= d.closed_at AND (d.lifted_at IS NULL OR a.at <= d.lifted_at)
           AND a.office = $1 AND a.person > 0) AS changes
      FROM downtime d WHERE d.office IS NULL OR d.office = $1 ORDER BY d.id DESC LIMIT $2";
    Ok(sqlx::query_as(sql).bind(office).bind(most).fetch_all(db).await?)
}

/// Who is signed in and would be shut out, of an office or (`None`) of all: name and role's key.
pub async fn signed_in(
    db: &SqlitePool,
    office: Option<OfficeId>,
    since: i64,
    now: i64,
) -> Result<Vec<(String, String)>> {
    let sql = "SELECT p.name, p.role FROM person p WHERE p.role NOT IN ('support', 'admin') AND p.left_at IS NULL
        AND ($1 IS NULL OR p.office = $1)
        AND EXISTS (SELECT 1 FROM session s WHERE s.person = p.id AND s.expires_at > $3 AND coalesce(s.seen_at, s.created_at) >= $2)
      ORDER BY p.name COLLATE NOCASE LIMIT 500";
    Ok(sqlx::query_as(sql)
        .bind(office)
        .bind(since)
        .bind(now)
        .fetch_all(db)
        .await?)
}

/// Tasks under lease, of an office or (`None`) of all: number, kind, dossier's code, since when.
pub async fn running(db: &SqlitePool, office: Option<OfficeId>) -> Result<Vec<(i64, String, String, i64)>> {
    let sql = "SELECT t.id, k.code, d.code, t.changed_at FROM task t JOIN kind k ON k.id = t.kind JOIN dossier d ON d.id = t.dossier
      WHERE t.state = 1 AND ($1 IS NULL OR t.office = $1) ORDER BY t.changed_at LIMIT 200";
    Ok(sqlx::query_as(sql).bind(office).fetch_all(db).await?)
}

/// Integrations of an office that are not shut out for good: number, name, exempt.
pub async fn integrations(db: &SqlitePool, office: OfficeId) -> Result<Vec<(i64, String, bool)>> {
    let sql = "SELECT id, name, exempt FROM integration WHERE office = $1 AND revoked_at IS NULL ORDER BY name COLLATE NOCASE";
    Ok(sqlx::query_as(sql).bind(office).fetch_all(db).await?)
}

/// Numbers of the integrations that are exempt.
pub fn exempt(db: &Connection) -> Result<BTreeSet<i64>> {
    db.all("SELECT id FROM integration WHERE exempt = 1", [], |r| r.get(0))
}

/// Marks an integration; gives its name and whether it was exempt before, `None` when the office has none of it.
pub fn set_exempt(
    db: &Connection,
    office: OfficeId,
    id: i64,
    exempt: bool,
) -> Result<Option<(String, bool)>> {
    use rusqlite::OptionalExtension;
    let mut q = db.prepare(
        "SELECT name, exempt FROM integration WHERE id = ?1 AND office = ?2 AND revoked_at IS NULL",
    )?;
    let found = q
        .query_row(params![id, office], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    if found.is_some() {
        db.execute(
            "UPDATE integration SET exempt = ?2 WHERE id = ?1",
            params![id, exempt],
        )?;
    }
    Ok(found)
}

/// Office, package and kind of tasks.
pub type Sort = (OfficeId, u16, u16);

/// How long tasks took, by sort and bucket: bucket and count.
pub fn took(db: &Connection) -> Result<Vec<(Sort, i64, i64)>> {
    let mut q = db.prepare(
        "SELECT office, package, kind, bucket, n FROM took ORDER BY office, package, kind, bucket",
    )?;
    let mut rows = q.query([])?;
    let mut all = vec![];
    while let Some(r) = rows.next()? {
        let read = || Ok(((r.get(0)?, r.get(1)?, r.get(2)?), r.get(3)?, r.get(4)?));
        all.extend(sound("took", read())?);
    }
    Ok(all)
}

//! Rows of causes: what stopped tasks, how often, and who works on it (M15).

use crate::{db::Ask, error::Result, zone::Zone};
use domain::OfficeId;
use rusqlite::{Connection, OptionalExtension, params};

/// The day of an instant where an office is, counted from 1970-01-01: what stopped at half past midnight belongs to
/// the day that the people there call today.
fn day_of(db: &Connection, office: OfficeId, at: i64) -> Result<i64> {
    let zone = db
        .prepare_cached("SELECT zone FROM office WHERE id = ?1")?
        .query_row([office], |r| r.get::<_, String>(0))
        .optional()?;
    Ok(Zone::of(zone.as_deref().unwrap_or_default()).day(at))
}

/// Counts a task that stopped with a cause. One that was solved has come back; and nobody works on one any more of
/// which no task was left, neither stopped nor on its way after a restart. Comes before the task's failure is written.
pub fn count(
    db: &Connection,
    key: &str,
    package: &str,
    code: &str,
    office: OfficeId,
    now: i64,
) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO cause (key, package, code, first_at, last_at) VALUES (?1, ?2, ?3, ?4, ?4)
         ON CONFLICT DO UPDATE SET last_at = ?4, came_back_at = iif(solved_at IS NULL, came_back_at, ?4),
           was_solved_at = iif(solved_at IS NULL, was_solved_at, solved_at),
           taken_by = iif(solved_at IS NULL AND EXISTS (SELECT 1 FROM failure WHERE cause_key = ?1), taken_by, NULL),
           taken_at = iif(solved_at IS NULL AND EXISTS (SELECT 1 FROM failure WHERE cause_key = ?1), taken_at, NULL),
           solved_by = NULL, solved_at = NULL",
    )?
    .execute(params![key, package, code, now])?;
    db.prepare_cached("INSERT INTO cause_day VALUES (?1, ?2, ?3, 1) ON CONFLICT DO UPDATE SET n = n + 1")?
        .execute(params![key, day_of(db, office, now)?, office])?;
    Ok(())
}

/// Somebody at Support works on it; whoever did before no longer does.
pub fn take(db: &Connection, key: &str, by: &str, now: i64) -> Result<()> {
    db.prepare_cached("UPDATE cause SET taken_by = ?2, taken_at = ?3 WHERE key = ?1")?
        .execute(params![key, by, now])?;
    Ok(())
}

/// Somebody says that it is solved.
pub fn solve(db: &Connection, key: &str, by: &str, now: i64) -> Result<()> {
    db.prepare_cached("UPDATE cause SET solved_by = ?2, solved_at = ?3 WHERE key = ?1")?
        .execute(params![key, by, now])?;
    Ok(())
}

/// Who works on it and who said that it is solved; `None` for a cause that is not there.
pub fn standing(db: &Connection, key: &str) -> Result<Option<(Option<String>, Option<String>)>> {
    db.one(
        "SELECT taken_by, solved_by FROM cause WHERE key = ?1",
        [key],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

/// A task that stopped belongs to another cause now: a new instruction tells causes apart by other parameters.
/// It takes its place in the counts with it.
pub fn move_task(db: &Connection, from: &str, to: &str, office: OfficeId, stopped_at: i64) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO cause (key, package, code, first_at, last_at, taken_by, taken_at)
           SELECT ?2, package, code, ?3, ?3, taken_by, taken_at FROM cause WHERE key = ?1
         ON CONFLICT DO UPDATE SET first_at = min(first_at, ?3), last_at = max(last_at, ?3)",
    )?
    .execute(params![from, to, stopped_at])?;
    let day = day_of(db, office, stopped_at)?;
    let counted = db
        .prepare_cached(
            "UPDATE cause_day SET n = n - 1 WHERE cause = ?1 AND day = ?2 AND office = ?3 AND n > 0",
        )?
        .execute(params![from, day, office])?;
    if counted > 0 {
        db.prepare_cached(
            "INSERT INTO cause_day VALUES (?1, ?2, ?3, 1) ON CONFLICT DO UPDATE SET n = n + 1",
        )?
        .execute(params![to, day, office])?;
    }
    Ok(())
}

/// Forgets causes of a code that have nothing left to tell: all that stopped with them was moved.
pub fn forget_moved(db: &Connection, code: &str) -> Result<()> {
    let nothing = "code = ?1 AND NOT EXISTS (SELECT 1 FROM failure f WHERE f.cause_key = key)
         AND NOT EXISTS (SELECT 1 FROM cause_day d WHERE d.cause = key AND d.n > 0)";
    db.execute(
        &format!("DELETE FROM cause_day WHERE cause IN (SELECT key FROM cause WHERE {nothing})"),
        [code],
    )?;
    db.execute(&format!("DELETE FROM cause WHERE {nothing}"), [code])?;
    Ok(())
}

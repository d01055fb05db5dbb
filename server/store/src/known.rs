//! Rows of browsers and addresses that people have come in by.

use crate::{db::Ask, error::Result, secret::Hash};
use rusqlite::{Connection, params};

/// So many of each are kept for one person, the latest.
const MOST: i64 = 20;
/// One that was not seen for so long is forgotten.
const KEPT_MS: i64 = 180 * 86_400_000;

/// Whose session this is.
pub fn holder(db: &Connection, session: &Hash) -> Result<Option<i64>> {
    db.one("SELECT person FROM session WHERE hash = ?1", [session], |r| {
        r.get(0)
    })
}

/// Which of these browsers a person has come in by before.
pub fn device(db: &Connection, person: i64, devices: &[Hash]) -> Result<Option<Hash>> {
    let mut q = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM device WHERE person = ?1 AND hash = ?2)")?;
    for hash in devices {
        if q.query_row(params![person, hash], |r| r.get(0))? {
            return Ok(Some(*hash));
        }
    }
    Ok(None)
}

/// Whether a person has come in from this address before.
pub fn address(db: &Connection, person: i64, client: &str) -> Result<bool> {
    db.value(
        "SELECT EXISTS (SELECT 1 FROM known_address WHERE person = ?1 AND client = ?2)",
        params![person, client],
    )
}

/// A person came in by one of these browsers; `false` when it is new to them.
pub fn saw_device(db: &Connection, person: i64, devices: &[Hash], now: i64) -> Result<bool> {
    let Some(hash) = device(db, person, devices)? else {
        return Ok(false);
    };
    db.execute(
        "UPDATE device SET seen_at = ?3 WHERE person = ?1 AND hash = ?2",
        params![person, hash, now],
    )?;
    Ok(true)
}

/// A person came in by a new browser.
pub fn add_device(db: &Connection, person: i64, hash: &Hash, now: i64) -> Result<()> {
    db.execute(
        "INSERT INTO device (person, hash, seen_at) VALUES (?1, ?2, ?3)",
        params![person, hash, now],
    )?;
    db.execute(
        "DELETE FROM device WHERE person = ?1 AND (seen_at < ?2 OR hash NOT IN
           (SELECT hash FROM device WHERE person = ?1 ORDER BY seen_at DESC, hash LIMIT ?3))",
        params![person, now - KEPT_MS, MOST],
    )?;
    Ok(())
}

/// A person came in from an address.
pub fn saw_address(db: &Connection, person: i64, client: &str, now: i64) -> Result<()> {
    db.execute(
        "INSERT INTO known_address (person, client, seen_at) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET seen_at = excluded.seen_at",
        params![person, client, now],
    )?;
    db.execute(
        "DELETE FROM known_address WHERE person = ?1 AND (seen_at < ?2 OR client NOT IN
           (SELECT client FROM known_address WHERE person = ?1 ORDER BY seen_at DESC, client LIMIT ?3))",
        params![person, now - KEPT_MS, MOST],
    )?;
    Ok(())
}

//! Rows of the second factor: its secret, recovery codes, wrong tries, and the sessions that it was given in.

use crate::{db::Ask, error::Result, secret::Hash};
use rusqlite::{Connection, OptionalExtension, params};

/// A second factor as stored.
#[derive(Debug, Clone)]
pub struct FactorRow {
    /// Sealed.
    pub secret: Vec<u8>,
    /// The last step whose code was used.
    pub last_step: i64,
}

/// A person's second factor.
pub fn find(db: &Connection, person: i64) -> Result<Option<FactorRow>> {
    let mut q = db.prepare_cached("SELECT secret, last_step FROM factor WHERE person = ?1")?;
    let row = q.query_row([person], |r| {
        Ok(FactorRow {
            secret: r.get(0)?,
            last_step: r.get(1)?,
        })
    });
    Ok(row.optional()?)
}

/// What is sealed of every second factor.
pub fn sealed(db: &Connection) -> Result<Vec<Vec<u8>>> {
    db.all("SELECT secret FROM factor", [], |r| r.get(0))
}

/// Writes a person's second factor, who must have none.
pub fn insert(db: &Connection, person: i64, row: &FactorRow, now: i64) -> Result<()> {
    db.execute(
        "INSERT INTO factor (person, secret, last_step, made_at) VALUES (?1, ?2, ?3, ?4)",
        params![person, row.secret, row.last_step, now],
    )?;
    Ok(())
}

/// Takes a person's second factor off, its recovery codes and its wrong tries; no session of theirs has one given in it any
/// more. Says whether there was one.
pub fn remove(db: &Connection, person: i64) -> Result<bool> {
    db.execute("DELETE FROM recovery_code WHERE person = ?1", [person])?;
    forget_tries(db, person)?;
    db.execute(
        "UPDATE session SET passed_at = NULL, codes = NULL, codes_until = NULL WHERE person = ?1",
        [person],
    )?;
    Ok(db.execute("DELETE FROM factor WHERE person = ?1", [person])? > 0)
}

/// Writes which step's code was used last.
pub fn used_step(db: &Connection, person: i64, step: i64) -> Result<()> {
    db.execute(
        "UPDATE factor SET last_step = ?2 WHERE person = ?1",
        params![person, step],
    )?;
    Ok(())
}

/// Writes a person's recovery codes; earlier ones are good no more.
pub fn set_codes(db: &Connection, person: i64, hashes: &[Hash]) -> Result<()> {
    db.execute("DELETE FROM recovery_code WHERE person = ?1", [person])?;
    let mut q = db.prepare("INSERT INTO recovery_code (person, hash) VALUES (?1, ?2)")?;
    for hash in hashes {
        q.execute(params![person, hash])?;
    }
    Ok(())
}

/// Uses a recovery code up; says whether it was good.
pub fn use_code(db: &Connection, person: i64, hash: &Hash, now: i64) -> Result<bool> {
    let sql = "UPDATE recovery_code SET used_at = ?3 WHERE person = ?1 AND hash = ?2 AND used_at IS NULL";
    Ok(db.execute(sql, params![person, hash, now])? > 0)
}

/// How many recovery codes a person has left.
pub fn codes_left(db: &Connection, person: i64) -> Result<u32> {
    let sql = "SELECT count(*) FROM recovery_code WHERE person = ?1 AND used_at IS NULL";
    Ok(db.query_row(sql, [person], |r| r.get(0))?)
}

/// Wrong codes since the last right one, and until when no more are looked at.
pub fn tries(db: &Connection, person: i64) -> Result<(u32, Option<i64>)> {
    let mut q = db.prepare_cached("SELECT wrong, rest_until FROM factor_try WHERE person = ?1")?;
    let row = q.query_row([person], |r| Ok((r.get(0)?, r.get(1)?)));
    Ok(row.optional()?.unwrap_or_default())
}

/// Writes them.
pub fn set_tries(db: &Connection, person: i64, wrong: u32, rest_until: Option<i64>) -> Result<()> {
    db.execute(
        "INSERT INTO factor_try (person, wrong, rest_until) VALUES (?1, ?2, ?3)
         ON CONFLICT (person) DO UPDATE SET wrong = excluded.wrong, rest_until = excluded.rest_until",
        params![person, wrong, rest_until],
    )?;
    Ok(())
}

pub fn forget_tries(db: &Connection, person: i64) -> Result<()> {
    db.execute("DELETE FROM factor_try WHERE person = ?1", [person])?;
    Ok(())
}

/// Gives a session another secret and says since when the factor was given in it; says whether it is still there.
pub fn renew_session(db: &Connection, old: &Hash, new: &Hash, passed_at: Option<i64>) -> Result<bool> {
    let sql = "UPDATE session SET hash = ?2, passed_at = ?3 WHERE hash = ?1";
    Ok(db.execute(sql, params![old, new, passed_at])? > 0)
}

/// Keeps recovery codes with a session, sealed, to be shown until `until`; `None` forgets them.
pub fn show_codes(db: &Connection, session: &Hash, codes: Option<(&[u8], i64)>) -> Result<()> {
    let (codes, until) = codes.unzip();
    db.execute(
        "UPDATE session SET codes = ?2, codes_until = ?3 WHERE hash = ?1",
        params![session, codes, until],
    )?;
    Ok(())
}

//! Rows of links that sign somebody in. Each kind has a life of its own.

use crate::{
    clock::{HOUR_MS, MINUTE_MS},
    error::Result,
    secret::Hash,
};
use rusqlite::{Connection, OptionalExtension, params};

/// Links that are over are kept this long: they are counted.
const KEPT_MS: i64 = 24 * HOUR_MS;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// To come in for the first time, or again by an admin's doing.
    Invitation,
    /// To choose a new password, for somebody who has just asked for it.
    Reset,
    /// To make the first admin.
    FirstAdmin,
    /// The demo's: good again and again.
    Demo,
}

impl LinkKind {
    const ALL: [Self; 4] = [Self::Invitation, Self::Reset, Self::FirstAdmin, Self::Demo];

    /// The stored key.
    fn key(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reset => "reset",
            Self::FirstAdmin => "first_admin",
            Self::Demo => "demo",
        }
    }

    fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.key() == key)
    }

    /// How long it is good, in milliseconds.
    pub fn life(self) -> i64 {
        match self {
            Self::Reset => 30 * MINUTE_MS,
            Self::Invitation | Self::FirstAdmin | Self::Demo => 72 * HOUR_MS,
        }
    }
}

/// Writes a link; without a person it makes the first admin.
pub fn add(db: &Connection, hash: &Hash, person: Option<i64>, kind: LinkKind, now: i64) -> Result<()> {
    db.execute("DELETE FROM sign_in_link WHERE expires_at < ?1", [now - KEPT_MS])?;
    db.execute(
        "INSERT INTO sign_in_link (hash, person, reusable, kind, made_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![hash, person, kind == LinkKind::Demo, kind.key(), now, now + kind.life()],
    )?;
    Ok(())
}

/// Forgets every link for the first admin: a new one has been printed.
pub fn forget_first_admin(db: &Connection) -> Result<()> {
    db.execute("DELETE FROM sign_in_link WHERE person IS NULL", [])?;
    Ok(())
}

/// What is on its way to a person is good no more. The demo's links are printed for everybody, and stay.
pub fn forget_open(db: &Connection, person: i64, now: i64) -> Result<()> {
    // not deleted: the resets of an hour are counted
    db.execute(
        "UPDATE sign_in_link SET used_at = ?2 WHERE person = ?1 AND used_at IS NULL AND reusable = 0",
        params![person, now],
    )?;
    Ok(())
}

/// Links to choose a new password that a person did not use are good no more: another was asked for.
pub fn forget_resets(db: &Connection, person: i64, now: i64) -> Result<()> {
    db.execute(
        "UPDATE sign_in_link SET used_at = ?2 WHERE person = ?1 AND used_at IS NULL AND kind = 'reset'",
        params![person, now],
    )?;
    Ok(())
}

/// Every link of a person is good no more, the demo's as well.
pub fn forget(db: &Connection, person: i64, now: i64) -> Result<()> {
    forget_open(db, person, now)?;
    db.execute(
        "DELETE FROM sign_in_link WHERE person = ?1 AND reusable = 1",
        [person],
    )?;
    Ok(())
}

/// How many links to choose a new password were made for a person since then.
pub fn resets_since(db: &Connection, person: i64, since: i64) -> Result<u32> {
    let sql = "SELECT count(*) FROM sign_in_link WHERE person = ?1 AND kind = 'reset' AND made_at > ?2";
    Ok(db.query_row(sql, params![person, since], |r| r.get(0))?)
}

/// Uses a link up; gives whom it signs in (nobody yet: the first admin) and what it is for, or `None` when it is unknown,
/// used or over.
pub fn use_up(db: &Connection, hash: &Hash, now: i64) -> Result<Option<(Option<i64>, LinkKind)>> {
    let mut q = db.prepare(
        "UPDATE sign_in_link SET used_at = ?2 WHERE hash = ?1 AND expires_at > ?2 AND (used_at IS NULL OR reusable = 1)
         RETURNING person, kind",
    )?;
    let used = q.query_row(params![hash, now], |r| Ok((r.get(0)?, r.get::<_, String>(1)?)));
    let used = used.optional()?;
    Ok(used.and_then(|(person, kind)| Some((person, LinkKind::from_key(&kind)?))))
}

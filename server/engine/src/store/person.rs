//! Rows of people, sessions and links.

use crate::{error::Result, secret::Hash};
use domain::{Language, OfficeId, Role, Viewer};
use rusqlite::{Connection, OptionalExtension, params};

/// A person as first written.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// `None` for Support.
    pub office: Option<OfficeId>,
    /// Lower case.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// What they read.
    pub language: Language,
    /// PHC string; `None` while they cannot sign in with a password.
    pub password_hash: Option<String>,
}

/// Writes a person and gives their number.
///
/// # Errors
/// When it cannot be written.
pub fn insert(db: &Connection, p: &NewPerson, now: i64) -> Result<i64> {
    let id = db.query_row(
        "INSERT INTO person (office, email, name, role, language, password_hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id",
        params![p.office, p.email, p.name, p.role.key(), p.language.tag(), p.password_hash, now],
        |r| r.get(0),
    )?;
    Ok(id)
}

/// How many people there are.
///
/// # Errors
/// When it cannot be read.
pub fn count(db: &Connection) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM person", [], |r| r.get(0))?)
}

/// Finds a person by e-mail address: number and password hash.
///
/// # Errors
/// When it cannot be read.
pub fn by_email(db: &Connection, email: &str) -> Result<Option<(i64, Option<String>)>> {
    let mut q = db.prepare_cached("SELECT id, password_hash FROM person WHERE email = ?1")?;
    Ok(q.query_row([email], |r| Ok((r.get(0)?, r.get(1)?))).optional()?)
}

/// Writes a session and forgets those that are over.
///
/// # Errors
/// When it cannot be written.
pub fn add_session(db: &Connection, hash: &Hash, person: i64, now: i64, expires_at: i64) -> Result<()> {
    db.execute("DELETE FROM session WHERE expires_at < ?1", [now])?;
    db.execute(
        "INSERT INTO session VALUES (?1, ?2, ?3, ?4)",
        params![hash, person, now, expires_at],
    )?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// When it cannot be written.
pub fn end_session(db: &Connection, hash: &Hash) -> Result<()> {
    db.execute("DELETE FROM session WHERE hash = ?1", [hash])?;
    Ok(())
}

/// Writes the language a person reads.
///
/// # Errors
/// When it cannot be written.
pub fn set_language(db: &Connection, person: i64, language: Language) -> Result<()> {
    db.execute(
        "UPDATE person SET language = ?2 WHERE id = ?1",
        params![person, language.tag()],
    )?;
    Ok(())
}

/// Writes a link; without a person it makes the first admin.
///
/// # Errors
/// When it cannot be written.
pub fn add_link(
    db: &Connection,
    hash: &Hash,
    person: Option<i64>,
    reusable: bool,
    expires_at: i64,
) -> Result<()> {
    db.execute(
        "INSERT INTO sign_in_link (hash, person, reusable, expires_at) VALUES (?1, ?2, ?3, ?4)",
        params![hash, person, reusable, expires_at],
    )?;
    Ok(())
}

/// Forgets every link for the first admin: a new one has been printed.
///
/// # Errors
/// When it cannot be written.
pub fn forget_first_admin_links(db: &Connection) -> Result<()> {
    db.execute("DELETE FROM sign_in_link WHERE person IS NULL", [])?;
    Ok(())
}

/// Uses a link; gives whom it signs in (`Some(None)`: the first admin), or `None` when it is unknown, used or over.
///
/// # Errors
/// When it cannot be written.
pub fn use_link(db: &Connection, hash: &Hash, now: i64) -> Result<Option<Option<i64>>> {
    let mut q = db.prepare(
        "UPDATE sign_in_link SET used_at = ?2 WHERE hash = ?1 AND expires_at > ?2 AND (used_at IS NULL OR reusable = 1) RETURNING person",
    )?;
    Ok(q.query_row(params![hash, now], |r| r.get(0)).optional()?)
}

/// A viewer from the columns id, name, role, office, language.
pub fn viewer(row: (i64, String, String, Option<i64>, String)) -> Option<Viewer> {
    let (person, name, role, office, language) = row;
    Some(Viewer {
        person,
        name,
        role: Role::from_key(&role)?,
        office,
        language: Language::from_tag(&language)?,
    })
}

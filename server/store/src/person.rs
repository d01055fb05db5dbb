//! Rows of people, sessions and links.

use crate::{
    db::Ask,
    error::{Result, taken},
    secret::Hash,
};
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
/// [`domain::Refusal::Invalid`] when somebody has the e-mail address already; when it cannot be written.
pub fn insert(db: &Connection, p: &NewPerson, now: i64) -> Result<i64> {
    db.query_row(
        "INSERT INTO person (office, email, name, role, language, password_hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id",
        params![p.office, p.email, p.name, p.role.key(), p.language.tag(), p.password_hash, now],
        |r| r.get(0),
    )
    .map_err(taken("email"))
}

/// How many people there are.
pub fn count(db: &Connection) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM person", [], |r| r.get(0))?)
}

/// A person as stored.
#[derive(Debug, Clone)]
pub struct PersonRow {
    /// `None` for Support.
    pub office: Option<OfficeId>,
    /// What they are.
    pub role: Role,
    /// Since when they may no longer sign in.
    pub left_at: Option<i64>,
    /// What they read, by tag.
    pub language: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// Single letters are shortcuts.
    pub shortcuts: bool,
    /// PHC string.
    pub password_hash: Option<String>,
}

/// Finds a person.
pub fn find(db: &Connection, id: i64) -> Result<Option<PersonRow>> {
    let mut q = db.prepare_cached(
        "SELECT office, role, left_at, language, theme, shortcuts, password_hash FROM person WHERE id = ?1",
    )?;
    let row = q.query_row([id], |r| {
        Ok(PersonRow {
            office: r.get(0)?,
            role: Role::from_key(&r.get::<_, String>(1)?).unwrap_or(Role::Candidate),
            left_at: r.get(2)?,
            language: r.get(3)?,
            theme: r.get(4)?,
            shortcuts: r.get(5)?,
            password_hash: r.get(6)?,
        })
    });
    Ok(row.optional()?)
}

/// Finds a person who may sign in by e-mail address: number and password hash.
pub fn by_email(db: &Connection, email: &str) -> Result<Option<(i64, Option<String>)>> {
    db.one(
        "SELECT id, password_hash FROM person WHERE email = ?1 AND left_at IS NULL",
        [email],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

/// A person's number and role by e-mail address, those who have left too.
pub fn number_of(db: &Connection, email: &str) -> Result<Option<(i64, Role)>> {
    let mut q = db.prepare_cached("SELECT id, role FROM person WHERE email = ?1")?;
    let found = q.query_row([email], |r| Ok((r.get(0)?, r.get::<_, String>(1)?)));
    let found = found.optional()?;
    Ok(found.map(|(id, role)| (id, Role::from_key(&role).unwrap_or(Role::Candidate))))
}

/// A person's e-mail address.
pub fn email(db: &Connection, person: i64) -> Result<Option<String>> {
    db.one("SELECT email FROM person WHERE id = ?1", [person], |r| r.get(0))
}

/// Whether a person works in the office.
pub fn works_at(db: &Connection, office: OfficeId, person: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM person WHERE id = ?1 AND office = ?2 AND left_at IS NULL)";
    Ok(db.query_row(sql, params![person, office], |r| r.get(0))?)
}

/// Whether the desk has somebody of Support who can sign in by themselves; whoever has not used their first link yet
/// helps nobody.
pub fn desk_has_support(db: &Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM person p WHERE p.role = 'support' AND p.left_at IS NULL
        AND (p.password_hash IS NOT NULL OR p.seen_at IS NOT NULL
          OR EXISTS (SELECT 1 FROM sign_in_link l WHERE l.person = p.id AND l.reusable = 1)))";
    db.value(sql, [])
}

/// So many sessions a person has at once, those apart in which a second factor was given: nobody ends these by a password
/// alone. A new one ends the oldest.
const MOST_SESSIONS: i64 = 50;

/// Writes a session and forgets those that are over.
pub fn add_session(
    db: &Connection,
    hash: &Hash,
    person: i64,
    demo: bool,
    now: i64,
    expires_at: i64,
) -> Result<()> {
    db.execute("DELETE FROM session WHERE expires_at < ?1", [now])?;
    db.execute(
        "DELETE FROM session WHERE person = ?1 AND passed_at IS NULL AND demo = 0 AND hash NOT IN (
           SELECT hash FROM session WHERE person = ?1 AND passed_at IS NULL AND demo = 0 ORDER BY created_at DESC LIMIT ?2)",
        params![person, MOST_SESSIONS - 1],
    )?;
    db.execute(
        "INSERT INTO session (hash, person, demo, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![hash, person, demo, now, expires_at],
    )?;
    saw(db, hash, person, now)
}

/// Writes that a person was there, by this session.
pub fn saw(db: &Connection, hash: &Hash, person: i64, now: i64) -> Result<()> {
    db.execute(
        "UPDATE session SET seen_at = ?2 WHERE hash = ?1",
        params![hash, now],
    )?;
    db.execute(
        "UPDATE person SET seen_at = ?2 WHERE id = ?1",
        params![person, now],
    )?;
    Ok(())
}

/// Writes what the browser of a session calls itself.
pub fn set_agent(db: &Connection, hash: &Hash, agent: &str) -> Result<()> {
    db.execute(
        "UPDATE session SET agent = ?2 WHERE hash = ?1",
        params![hash, agent],
    )?;
    Ok(())
}

/// Ends a session; gives whose it was.
pub fn end_session(db: &Connection, hash: &Hash) -> Result<Option<i64>> {
    db.one(
        "DELETE FROM session WHERE hash = ?1 RETURNING person",
        [hash],
        |r| r.get(0),
    )
}

/// Ends a person's session by the beginning of its hash, in capital hex digits; says whether there was one.
pub fn end_session_named(db: &Connection, person: i64, name: &str) -> Result<bool> {
    let n = db.execute(
        "DELETE FROM session WHERE person = ?1 AND substr(hex(hash), 1, 16) = ?2",
        params![person, name],
    )?;
    Ok(n > 0)
}

/// Ends all sessions of a person, but for one to keep; gives how many.
pub fn end_sessions(db: &Connection, person: i64, keep: Option<&Hash>) -> Result<usize> {
    let keep = keep.map_or(&[][..], |h| &h[..]);
    Ok(db.execute(
        "DELETE FROM session WHERE person = ?1 AND hash <> ?2",
        params![person, keep],
    )?)
}

/// Whether a person has a second factor.
pub fn has_factor(db: &Connection, person: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM factor WHERE person = ?1)";
    Ok(db.query_row(sql, [person], |r| r.get(0))?)
}

/// Writes a person's password hash. It makes good what was lost: their sessions end, but for the one to keep, and whatever
/// link was on its way to them is good no more.
pub fn set_password(db: &Connection, person: i64, hash: &str, keep: Option<&Hash>, now: i64) -> Result<()> {
    db.execute(
        "UPDATE person SET password_hash = ?2 WHERE id = ?1",
        params![person, hash],
    )?;
    end_sessions(db, person, keep)?;
    super::link::forget_open(db, person, now)
}

/// Writes what a person is.
pub fn set_role(db: &Connection, person: i64, role: Role) -> Result<()> {
    db.execute(
        "UPDATE person SET role = ?2 WHERE id = ?1",
        params![person, role.key()],
    )?;
    Ok(())
}

/// Writes since when a person may no longer sign in; `None` gives it back.
pub fn set_left(db: &Connection, person: i64, at: Option<i64>) -> Result<()> {
    db.execute(
        "UPDATE person SET left_at = ?2 WHERE id = ?1",
        params![person, at],
    )?;
    Ok(())
}

/// How many admins an office has beside `person` who can sign in by themselves.
pub fn other_admins(db: &Connection, office: OfficeId, person: i64) -> Result<i64> {
    let sql =
        "SELECT count(*) FROM person WHERE office = ?1 AND role = 'admin' AND left_at IS NULL AND id <> ?2
               AND (password_hash IS NOT NULL OR seen_at IS NOT NULL)";
    Ok(db.query_row(sql, params![office, person], |r| r.get(0))?)
}

/// Writes how pages look and listen for a person.
pub fn set_taste(db: &Connection, person: i64, theme: &str, shortcuts: bool) -> Result<()> {
    db.execute(
        "UPDATE person SET theme = ?2, shortcuts = ?3 WHERE id = ?1",
        params![person, theme, shortcuts],
    )?;
    Ok(())
}

/// The codes of those of `dossiers` that `office` has and that `person` does, or does not, manage; by number.
pub fn managed_among(
    db: &Connection,
    office: OfficeId,
    person: i64,
    dossiers: &[i64],
    managed: bool,
) -> Result<Vec<(i64, String)>> {
    let sql = "SELECT d.id, d.code FROM dossier d WHERE d.office = ?1 AND d.id IN (SELECT value FROM json_each(?3))
               AND ?4 = EXISTS (SELECT 1 FROM dossier_manager m WHERE m.person = ?2 AND m.dossier = d.id) ORDER BY d.code";
    let mut q = db.prepare(sql)?;
    let ids = serde_json::to_string(dossiers)?;
    let rows = q.query_map(params![office, person, ids, managed], |r| {
        Ok((r.get(0)?, r.get(1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A person manages a dossier, or no longer.
pub fn set_manager(db: &Connection, person: i64, dossier: i64, manages: bool) -> Result<()> {
    let sql = if manages {
        "INSERT INTO dossier_manager (person, dossier) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
    } else {
        "DELETE FROM dossier_manager WHERE person = ?1 AND dossier = ?2"
    };
    db.prepare_cached(sql)?.execute(params![person, dossier])?;
    Ok(())
}

/// Writes the language a person reads.
pub fn set_language(db: &Connection, person: i64, language: Language) -> Result<()> {
    db.execute(
        "UPDATE person SET language = ?2 WHERE id = ?1",
        params![person, language.tag()],
    )?;
    Ok(())
}

/// Who a person is now; `None` when they have left.
pub fn by_number(db: &Connection, person: i64) -> Result<Option<Viewer>> {
    let row = db.one(
        "SELECT id, name, role, office, language FROM person WHERE id = ?1 AND left_at IS NULL",
        [person],
        |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?)),
    )?;
    Ok(row.and_then(viewer))
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

//! Rows of dossiers.

use crate::{
    db::Ask,
    error::{Result, taken},
};
use domain::{DossierId, OfficeId, dossier::Activation};
use rusqlite::{Connection, params};

#[derive(Debug, Clone)]
pub struct Dossier {
    /// Its number.
    pub id: DossierId,
    /// Its code in the package.
    pub code: String,
    pub name: String,
    /// Number of its package.
    pub package: u16,
    /// Whether it was activated.
    pub activation: Activation,
    /// It was put away.
    pub archived: bool,
}

const BY_CODE: &str = "SELECT id, code, name, package, activation, archived_at IS NOT NULL FROM dossier WHERE office = ?1 AND code = ?2";
const BY_NUMBER: &str =
    "SELECT id, code, name, package, activation, archived_at IS NOT NULL FROM dossier WHERE id = ?1";

fn row(r: &rusqlite::Row<'_>) -> rusqlite::Result<Dossier> {
    Ok(Dossier {
        id: r.get(0)?,
        code: r.get(1)?,
        name: r.get(2)?,
        package: r.get(3)?,
        activation: Activation::from_key(r.get_ref(4)?.as_str()?),
        archived: r.get(5)?,
    })
}

/// Finds a dossier by its code.
pub fn by_code(db: &Connection, office: OfficeId, code: &str) -> Result<Option<Dossier>> {
    db.one(BY_CODE, params![office, code], row)
}

/// Finds a dossier by its number.
pub fn get(db: &Connection, id: DossierId) -> Result<Dossier> {
    let mut q = db.prepare_cached(BY_NUMBER)?;
    Ok(q.query_row([id], row)?)
}

/// Finds a dossier of an office by its number.
pub fn of_office(db: &Connection, office: OfficeId, id: DossierId) -> Result<Option<Dossier>> {
    let mut q = db.prepare_cached("SELECT 1 FROM dossier WHERE id = ?1 AND office = ?2")?;
    match q.exists(params![id, office])? {
        true => get(db, id).map(Some),
        false => Ok(None),
    }
}

/// Whether a person manages a dossier.
pub fn manages(db: &Connection, person: i64, id: DossierId) -> Result<bool> {
    db.value(
        "SELECT EXISTS (SELECT 1 FROM dossier_manager WHERE person = ?1 AND dossier = ?2)",
        [person, id],
    )
}

/// Writes whether a dossier was activated.
pub fn set_activation(db: &Connection, id: DossierId, stage: Activation) -> Result<()> {
    db.prepare_cached("UPDATE dossier SET activation = ?2 WHERE id = ?1 AND activation <> ?2")?
        .execute(params![id, stage.key()])?;
    Ok(())
}

/// Writes another name for a dossier.
pub fn set_name(db: &Connection, id: DossierId, name: &str) -> Result<()> {
    db.execute("UPDATE dossier SET name = ?2 WHERE id = ?1", params![id, name])?;
    Ok(())
}

/// Writes since when a dossier is put away; `None` when it is not.
pub fn set_archived(db: &Connection, id: DossierId, since: Option<i64>) -> Result<()> {
    db.execute(
        "UPDATE dossier SET archived_at = ?2 WHERE id = ?1",
        params![id, since],
    )?;
    Ok(())
}

/// Writes a new dossier and gives its number.
pub fn insert(
    db: &Connection,
    office: OfficeId,
    code: &str,
    name: &str,
    package: u16,
    now: i64,
) -> Result<DossierId> {
    let mut q = db.prepare_cached(
        "INSERT INTO dossier (office, code, name, package, created_at) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id",
    )?;
    q.query_row(params![office, code, name, package, now], |r| r.get(0))
        .map_err(taken("dossier_code"))
}

/// Writes another code for a dossier.
pub fn set_code(db: &Connection, id: DossierId, code: &str) -> Result<()> {
    db.execute("UPDATE dossier SET code = ?2 WHERE id = ?1", params![id, code])?;
    Ok(())
}

/// Makes a person a manager of a dossier.
pub fn add_manager(db: &Connection, dossier: DossierId, person: i64) -> Result<()> {
    db.execute(
        "INSERT INTO dossier_manager (person, dossier) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        params![person, dossier],
    )?;
    Ok(())
}

/// Writes the status of a dossier's last posting, `ok` or `po` (J27).
pub fn set_posting(db: &Connection, id: DossierId, status: &str, now: i64) -> Result<()> {
    db.prepare_cached("UPDATE dossier SET posting = ?2, posting_since = ?3 WHERE id = ?1 AND posting <> ?2")?
        .execute(params![id, status, now])?;
    Ok(())
}

/// Marks a dossier as one whose postings take long.
pub fn set_large(db: &Connection, id: DossierId, large: bool) -> Result<()> {
    db.execute("UPDATE dossier SET large = ?2 WHERE id = ?1", params![id, large])?;
    Ok(())
}

/// The code of a dossier of the office; `None` for any other.
pub fn code_at(db: &Connection, office: OfficeId, dossier: DossierId) -> Result<Option<String>> {
    db.one(
        "SELECT code FROM dossier WHERE id = ?1 AND office = ?2",
        params![dossier, office],
        |r| r.get(0),
    )
}

/// How many open tasks a dossier has.
pub fn open_tasks(db: &Connection, office: OfficeId, dossier: DossierId) -> Result<u32> {
    let sql =
        "SELECT count(*) FROM task INDEXED BY task_open WHERE office = ?1 AND state < 4 AND dossier = ?2";
    Ok(db.query_row(sql, params![office, dossier], |r| r.get(0))?)
}

/// Whether a task of one kind of a dossier stopped and waits for somebody.
pub fn stopped_kind(db: &Connection, office: OfficeId, dossier: DossierId, kind: u16) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM task INDEXED BY task_stopped WHERE office = ?1 AND state IN (2, 3) AND dossier = ?2 AND kind = ?3)";
    Ok(db.query_row(sql, params![office, dossier, kind], |r| r.get(0))?)
}

/// The names of a dossier's managers.
pub fn names_of(db: &Connection, dossier: DossierId) -> Result<String> {
    let sql = "SELECT ifnull(group_concat(name, ', ' ORDER BY name), '') FROM person
               WHERE role NOT IN ('client', 'candidate') AND id IN (SELECT person FROM dossier_manager WHERE dossier = ?1)";
    db.value(sql, [dossier])
}

/// Makes a person a manager of a dossier, or no longer; says whether that changed anything.
pub fn set_manager(db: &Connection, dossier: DossierId, person: i64, manages: bool) -> Result<bool> {
    let sql = if manages {
        "INSERT INTO dossier_manager (person, dossier) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
    } else {
        "DELETE FROM dossier_manager WHERE person = ?1 AND dossier = ?2"
    };
    Ok(db.prepare_cached(sql)?.execute(params![person, dossier])? > 0)
}

/// The zone of the office of a dossier.
pub fn zone_of(db: &Connection, dossier: DossierId) -> Result<String> {
    let sql = "SELECT o.zone FROM dossier d JOIN office o ON o.id = d.office WHERE d.id = ?1";
    Ok(db.query_row(sql, [dossier], |r| r.get(0))?)
}

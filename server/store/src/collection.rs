//! Rows of collection systems (C1–C7).

use crate::{
    db::Ask,
    error::{Result, taken},
};
use domain::{DossierId, OfficeId, job::JobId};
use rusqlite::{Connection, Row, params};

/// A system that a company uses.
#[derive(Debug, Clone)]
pub struct SystemRow {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub office: OfficeId,
    /// Of which company.
    pub dossier: DossierId,
    /// The company's code.
    pub company: String,
    /// The company's name.
    pub name: String,
    /// Its key in the catalogue.
    pub code: String,
    /// It is switched on.
    pub active: bool,
    /// It is marked for direct communication.
    pub direct: bool,
    /// Rises with each change.
    pub version: i64,
}

const SYSTEM: &str = "SELECT s.id, s.office, s.dossier, d.code, d.name, s.code, s.active, s.direct, s.version
  FROM collection_system s JOIN dossier d ON d.id = s.dossier";

fn row(r: &Row<'_>) -> rusqlite::Result<SystemRow> {
    Ok(SystemRow {
        id: r.get(0)?,
        office: r.get(1)?,
        dossier: r.get(2)?,
        company: r.get(3)?,
        name: r.get(4)?,
        code: r.get(5)?,
        active: r.get(6)?,
        direct: r.get(7)?,
        version: r.get(8)?,
    })
}

/// A system by its number.
pub fn get(db: &Connection, id: i64) -> Result<Option<SystemRow>> {
    db.one(&format!("{SYSTEM} WHERE s.id = ?1"), [id], row)
}

/// Every system of an office, by company, then number.
pub fn of_office(db: &Connection, office: OfficeId) -> Result<Vec<SystemRow>> {
    db.all(
        &format!("{SYSTEM} WHERE s.office = ?1 ORDER BY length(d.code), d.code, s.id LIMIT 2000"),
        [office],
        row,
    )
}

/// The systems of one company.
pub fn of_company(db: &Connection, dossier: DossierId) -> Result<Vec<SystemRow>> {
    db.all(
        &format!("{SYSTEM} WHERE s.dossier = ?1 ORDER BY s.id"),
        [dossier],
        row,
    )
}

/// Writes a new system, neither active nor marked, and gives its number.
///
/// # Errors
/// [`Refusal::Invalid`](domain::Refusal::Invalid) when the company has it already.
pub fn insert(db: &Connection, office: OfficeId, dossier: DossierId, code: &str) -> Result<i64> {
    let mut q = db.prepare_cached(
        "INSERT INTO collection_system (office, dossier, code, active, direct, version) VALUES (?1, ?2, ?3, 0, 0, 1) RETURNING id",
    )?;
    q.query_row(params![office, dossier, code], |r| r.get(0))
        .map_err(taken("code"))
}

/// Writes the two gates of a system and that it changed.
pub fn set(db: &Connection, id: i64, active: bool, direct: bool) -> Result<()> {
    db.prepare_cached(
        "UPDATE collection_system SET active = ?2, direct = ?3, version = version + 1 WHERE id = ?1",
    )?
    .execute(params![id, active, direct])?;
    Ok(())
}

/// The jobs of a system that are not deleted: number and key of the kind, by number.
pub fn entries(db: &Connection, system: i64) -> Result<Vec<(JobId, String)>> {
    db.all(
        "SELECT id, kind FROM job WHERE system = ?1 AND deleted_at IS NULL ORDER BY id",
        [system],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

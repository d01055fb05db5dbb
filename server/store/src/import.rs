//! Rows of files of dossiers. A crash loses none of it: what is not made yet is on disk.

use crate::{db::Ask, error::Result};
use domain::{OfficeId, TaskId};
use rusqlite::{Connection, OptionalExtension, params};
use sqlx::{FromRow, SqlitePool};
use views::import::ImportProgress;

/// A file that was confirmed and is not over.
#[derive(Debug, Clone)]
pub struct Import {
    /// Names it.
    pub id: i64,
    /// Whose dossiers.
    pub office: OfficeId,
    /// Who asked.
    pub person: i64,
}

/// A dossier of it.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where it stands in the file.
    pub line: u32,
    pub code: String,
    pub name: String,
    /// Key of its package.
    pub package: String,
    /// Who is to manage it.
    pub manager: Option<i64>,
}

/// Writes a file that was read. It is shown once it is opened ([`set_open`]).
pub fn insert(db: &Connection, of: &Import, file: &str, total: usize, said: &str, now: i64) -> Result<i64> {
    Ok(db.query_row(
        "INSERT INTO dossier_import (office, person, file, total, said, read_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
        params![of.office, of.person, file, total as i64, said, now],
        |r| r.get(0),
    )?)
}

/// Writes some of its lines.
pub fn insert_lines(db: &Connection, import: i64, lines: &[Line]) -> Result<()> {
    let mut q = db.prepare_cached(
        "INSERT INTO dossier_import_line (import, line, code, name, package, manager) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for l in lines {
        q.execute(params![import, l.line, l.code, l.name, l.package, l.manager])?;
    }
    Ok(())
}

/// All of its lines are written: it is shown.
pub fn set_open(db: &Connection, import: i64, now: i64) -> Result<()> {
    db.execute(
        "UPDATE dossier_import SET opened_at = ?2 WHERE id = ?1",
        params![import, now],
    )?;
    Ok(())
}

/// Forgets some lines of a file of the office that nobody confirmed and that was read before a moment, or was never
/// opened, and it itself when it has none any more. Says whether there may be more to forget.
pub fn forget(db: &Connection, office: OfficeId, before: i64, most: usize) -> Result<bool> {
    let old: Option<i64> = db
        .query_row(
            "SELECT id FROM dossier_import WHERE office = ?1 AND confirmed_at IS NULL AND read_at < ?2 ORDER BY id LIMIT 1",
            params![office, before],
            |r| r.get(0),
        )
        .optional()?;
    let Some(old) = old else { return Ok(false) };
    // it goes line by line: what is no longer whole is there for nobody
    db.execute("UPDATE dossier_import SET opened_at = NULL WHERE id = ?1", [old])?;
    let gone = db.execute(
        "DELETE FROM dossier_import_line WHERE import = ?1 AND line IN
           (SELECT line FROM dossier_import_line WHERE import = ?1 ORDER BY line LIMIT ?2)",
        params![old, most as i64],
    )?;
    if gone < most {
        db.execute("DELETE FROM dossier_import WHERE id = ?1", [old])?;
    }
    Ok(true)
}

/// How many dossiers a file of the office has that was opened, and whether it is confirmed; `None` when there is none.
pub fn standing(db: &Connection, office: OfficeId, import: i64) -> Result<Option<(u32, bool)>> {
    let sql = "SELECT total, confirmed_at IS NOT NULL FROM dossier_import WHERE id = ?1 AND office = ?2 AND opened_at IS NOT NULL";
    let mut q = db.prepare(sql)?;
    Ok(
        q.query_row(params![import, office], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?,
    )
}

/// It is confirmed: it begins.
pub fn confirm(db: &Connection, import: i64, person: i64, now: i64) -> Result<()> {
    db.execute(
        "UPDATE dossier_import SET confirmed_at = ?2, person = ?3 WHERE id = ?1",
        params![import, now, person],
    )?;
    Ok(())
}

/// Every file that was confirmed and is not over.
pub async fn open(db: &SqlitePool) -> Result<Vec<Import>> {
    let rows: Vec<(i64, i64, i64)> = sqlx::query_as(
        "SELECT id, office, person FROM dossier_import WHERE confirmed_at IS NOT NULL AND ended_at IS NULL ORDER BY id",
    )
    .fetch_all(db)
    .await?;
    let import = |(id, office, person)| Import { id, office, person };
    Ok(rows.into_iter().map(import).collect())
}

/// It is confirmed and not over.
pub fn goes_on(db: &Connection, import: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM dossier_import WHERE id = ?1 AND confirmed_at IS NOT NULL AND ended_at IS NULL)";
    db.value(sql, [import])
}

/// Looks through the activations that no connector had taken: those that are taken by now make room.
pub fn sift_waiting(db: &Connection, import: i64) -> Result<()> {
    db.prepare_cached(
        "UPDATE dossier_import_line SET waits = 0 WHERE import = ?1 AND waits = 1
           AND NOT EXISTS (SELECT 1 FROM task t WHERE t.id = dossier_import_line.task AND t.state = 0 AND t.attempts = 0)",
    )?
    .execute([import])?;
    Ok(())
}

/// The packages of lines that are still to be made, each with how many of its activations no connector has taken yet.
pub fn packages(db: &Connection, import: i64) -> Result<Vec<(String, i64)>> {
    let mut next = db.prepare_cached(
        "SELECT package FROM dossier_import_line WHERE import = ?1 AND outcome IS NULL AND package > ?2 ORDER BY package LIMIT 1",
    )?;
    let mut waits = db.prepare_cached(
        "SELECT count(*) FROM dossier_import_line WHERE import = ?1 AND package = ?2 AND waits = 1",
    )?;
    let mut all: Vec<(String, i64)> = vec![];
    loop {
        let after = all.last().map_or("", |(p, _)| p.as_str());
        let Some(package) = next
            .query_row(params![import, after], |r| r.get::<_, String>(0))
            .optional()?
        else {
            return Ok(all);
        };
        let n = waits.query_row(params![import, package], |r| r.get(0))?;
        all.push((package, n));
    }
}

/// The next lines of a package to make.
pub fn next(db: &Connection, import: i64, package: &str, limit: i64) -> Result<Vec<Line>> {
    db.all(
        "SELECT line, code, name, manager FROM dossier_import_line
         WHERE import = ?1 AND package = ?2 AND outcome IS NULL ORDER BY line LIMIT ?3",
        params![import, package, limit],
        |r| {
            Ok(Line {
                line: r.get(0)?,
                code: r.get(1)?,
                name: r.get(2)?,
                package: package.to_owned(),
                manager: r.get(3)?,
            })
        },
    )
}

/// Writes the activation that a line became, or what is in its way.
pub fn settle(
    db: &Connection,
    import: i64,
    line: u32,
    became: std::result::Result<TaskId, &str>,
) -> Result<()> {
    let (task, outcome) = match became {
        Ok(task) => (Some(task.0), ""),
        Err(why) => (None, why),
    };
    db.prepare_cached("UPDATE dossier_import_line SET outcome = ?3, task = ?4, waits = ?4 IS NOT NULL WHERE import = ?1 AND line = ?2")?
        .execute(params![import, line, outcome, task])?;
    Ok(())
}

/// It is over; `by` for a person who stopped it.
pub fn end(db: &Connection, import: i64, by: Option<&str>, now: i64) -> Result<()> {
    db.execute(
        "UPDATE dossier_import SET ended_at = ?2, stopped_by = ?3 WHERE id = ?1",
        params![import, now, by],
    )?;
    Ok(())
}

/// A file as its page reads it.
#[derive(Debug, FromRow)]
pub struct ImportRaw {
    /// What the file is called.
    pub file: String,
    /// Dossiers of it.
    pub total: i64,
    /// JSON.
    pub said: String,
    /// Wall clock.
    pub confirmed_at: Option<i64>,
    /// Who stopped it.
    pub stopped_by: Option<String>,
    /// Lines are still to be made.
    pub goes_on: bool,
}

/// A file of the office that was opened; `None` when there is none of that number.
pub async fn get(db: &SqlitePool, office: OfficeId, import: i64) -> Result<Option<ImportRaw>> {
    let sql = "SELECT file, total, said, confirmed_at, stopped_by, ended_at IS NULL AS goes_on
               FROM dossier_import WHERE id = $1 AND office = $2 AND opened_at IS NOT NULL";
    Ok(sqlx::query_as(sql)
        .bind(import)
        .bind(office)
        .fetch_optional(db)
        .await?)
}

/// Line, code, name, package and manager of a file's first lines.
pub type Sample = (i64, String, String, String, Option<String>);

/// The first lines of a file.
pub async fn sample(db: &SqlitePool, import: i64, limit: u32) -> Result<Vec<Sample>> {
    let sql = "SELECT l.line, l.code, l.name, l.package, p.name FROM dossier_import_line l LEFT JOIN person p ON p.id = l.manager
               WHERE l.import = $1 ORDER BY l.line LIMIT $2";
    Ok(sqlx::query_as(sql).bind(import).bind(limit).fetch_all(db).await?)
}

/// How far a file is.
pub async fn progress(db: &SqlitePool, import: i64) -> Result<ImportProgress> {
    let sql = "SELECT ifnull(sum(t.state = 4), 0), ifnull(sum(t.state IN (2, 3)), 0), ifnull(sum(t.state = 5), 0), ifnull(sum(t.state < 2), 0),
        ifnull(sum(l.outcome IS NULL), 0), ifnull(sum(l.outcome <> ''), 0)
      FROM dossier_import_line l LEFT JOIN task t ON t.id = l.task WHERE l.import = $1";
    let n: (i64, i64, i64, i64, i64, i64) = sqlx::query_as(sql).bind(import).fetch_one(db).await?;
    Ok(ImportProgress {
        active: super::count(n.0),
        stopped: super::count(n.1),
        cancelled: super::count(n.2),
        waiting: super::count(n.3),
        to_come: super::count(n.4),
        left_out: super::count(n.5),
    })
}

/// Number, file, when it was confirmed, by whom, dossiers: the last files of an office that were confirmed.
pub async fn confirmed(
    db: &SqlitePool,
    office: OfficeId,
    limit: u32,
) -> Result<Vec<(i64, String, i64, String, i64)>> {
    let sql = "SELECT i.id, i.file, i.confirmed_at, p.name, i.total FROM dossier_import i JOIN person p ON p.id = i.person
               WHERE i.office = $1 AND i.confirmed_at IS NOT NULL ORDER BY i.id DESC LIMIT $2";
    Ok(sqlx::query_as(sql).bind(office).bind(limit).fetch_all(db).await?)
}

/// Code, name, package and whether it was put away, of every dossier of an office.
pub async fn dossiers(db: &SqlitePool, office: OfficeId) -> Result<Vec<(String, String, String, bool)>> {
    let sql = "SELECT d.code, d.name, p.code, d.archived_at IS NOT NULL FROM dossier d JOIN package p ON p.id = d.package WHERE d.office = $1";
    Ok(sqlx::query_as(sql).bind(office).fetch_all(db).await?)
}

/// Code, name and package of the lines of an office's confirmed files that are still to be made.
pub async fn to_come(db: &SqlitePool, office: OfficeId) -> Result<Vec<(String, String, String)>> {
    let sql = "SELECT l.code, l.name, l.package FROM dossier_import i JOIN dossier_import_line l ON l.import = i.id AND l.outcome IS NULL
               WHERE i.office = $1 AND i.confirmed_at IS NOT NULL AND i.ended_at IS NULL";
    Ok(sqlx::query_as(sql).bind(office).fetch_all(db).await?)
}

/// Number and e-mail address of those who work in an office.
pub async fn people(db: &SqlitePool, office: OfficeId) -> Result<Vec<(i64, String)>> {
    let sql = "SELECT id, email FROM person WHERE office = $1 AND left_at IS NULL AND role NOT IN ('client', 'candidate')";
    Ok(sqlx::query_as(sql).bind(office).fetch_all(db).await?)
}

//! Rows of instructions that Support wrote, and of how often instructions helped.

use crate::{Catalogue, error::Result};
use domain::{
    OfficeId, TaskId,
    instruction::{Instruction, Used},
};
use rusqlite::{Connection, params};
use sqlx::SqlitePool;
use std::collections::HashMap;

/// Adds what Support wrote to the catalogue that the program carries.
///
/// # Errors
/// When it cannot be read, or a row is not an instruction.
pub async fn add_written(db: &SqlitePool, catalogue: &mut Catalogue) -> Result<()> {
    let rows: Vec<(String,)> = sqlx::query_as("SELECT body FROM instruction ORDER BY package, code, version")
        .fetch_all(db)
        .await?;
    for (body,) in rows {
        let written = match serde_json::from_str(&body) {
            Ok(written) => written,
            Err(e) => {
                tracing::error!(error = %e, "a written instruction cannot be read and is left out");
                continue;
            }
        };
        if let Err(holes) = catalogue.instructions.add(written) {
            // it was whole when it was written: a later program asks for more, and the task still needs its text
            tracing::warn!(holes = %holes.join(" "), "a written instruction is not complete");
        }
    }
    Ok(())
}

/// Counts a task that was shown an instruction.
pub fn count_shown(db: &Connection, package: &str, code: &str, version: u32) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO instruction_use (package, code, version, shown) VALUES (?1, ?2, ?3, 1)
         ON CONFLICT DO UPDATE SET shown = shown + 1",
    )?
    .execute(params![package, code, version])?;
    Ok(())
}

/// Counts a task that succeeded after it was restarted.
pub fn count_helped(db: &Connection, package: &str, code: &str, version: u32) -> Result<()> {
    db.prepare_cached(
        "UPDATE instruction_use SET helped = helped + 1 WHERE package = ?1 AND code = ?2 AND version = ?3",
    )?
    .execute(params![package, code, version])?;
    Ok(())
}

/// Keeps a version that Support wrote.
pub fn put(db: &Connection, i: &Instruction, by: &str, now: i64) -> Result<()> {
    db.prepare_cached("INSERT INTO instruction VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![
            i.package,
            i.code,
            i.version,
            serde_json::to_string(i)?,
            by,
            now
        ])?;
    Ok(())
}

/// A stopped task, as a new instruction looks at it.
#[derive(Debug)]
pub struct Stopped {
    /// Names it.
    pub task: TaskId,
    /// Whose.
    pub office: OfficeId,
    /// Which books.
    pub dossier: i64,
    /// Key of the package.
    pub package: String,
    /// Key of its kind.
    pub kind: String,
    /// JSON: what the connector said.
    pub params: String,
    /// Which cause it belongs to.
    pub cause_key: String,
    /// Since when it is stopped.
    pub stopped_at: i64,
}

/// Red tasks that stopped with `code`, in `package` or with `*` in any, after `after`; at most `limit`.
pub fn red(db: &Connection, package: &str, code: &str, after: TaskId, limit: u32) -> Result<Vec<Stopped>> {
    let mut q = db.prepare_cached(
        "SELECT t.id, t.office, t.dossier, p.code, k.code, f.params, f.cause_key, t.changed_at
         FROM failure f JOIN task t ON t.id = f.task JOIN dossier d ON d.id = t.dossier
           JOIN package p ON p.id = d.package JOIN kind k ON k.id = t.kind
         WHERE f.task > ?3 AND f.code = ?2 AND f.restarted_at IS NULL AND t.state = 3 AND ?1 IN ('*', p.code)
         ORDER BY f.task LIMIT ?4",
    )?;
    let rows = q.query_map(params![package, code, after.0, limit], |r| {
        Ok(Stopped {
            task: TaskId(r.get(0)?),
            office: r.get(1)?,
            dossier: r.get(2)?,
            package: r.get(3)?,
            kind: r.get(4)?,
            params: r.get(5)?,
            cause_key: r.get(6)?,
            stopped_at: r.get(7)?,
        })
    })?;
    rows.map(|r| Ok(r?)).collect()
}

/// How often each version of each instruction was shown and helped, by package, code and version.
pub async fn uses(db: &SqlitePool, code: Option<&str>) -> Result<HashMap<(String, String, u32), Used>> {
    let sql =
        "SELECT package, code, version, shown, helped FROM instruction_use WHERE $1 IS NULL OR code = $1";
    let rows: Vec<(String, String, u32, u32, u32)> = sqlx::query_as(sql).bind(code).fetch_all(db).await?;
    let used = |(p, c, v, shown, helped)| ((p, c, v), Used { shown, helped });
    Ok(rows.into_iter().map(used).collect())
}

/// Who wrote each version of each instruction, and when.
pub async fn writers(
    db: &SqlitePool,
    code: Option<&str>,
) -> Result<HashMap<(String, String, u32), (String, i64)>> {
    let sql = "SELECT package, code, version, written_by, written_at FROM instruction WHERE $1 IS NULL OR code = $1";
    let rows: Vec<(String, String, u32, String, i64)> = sqlx::query_as(sql).bind(code).fetch_all(db).await?;
    Ok(rows
        .into_iter()
        .map(|(p, c, v, by, at)| ((p, c, v), (by, at)))
        .collect())
}

/// Numbers of the newest stopped tasks with a code, in a package or with `*` in any: number, office, is red.
pub async fn failing(
    db: &SqlitePool,
    package: &str,
    code: &str,
    limit: u32,
) -> Result<Vec<(i64, String, bool)>> {
    let sql = "SELECT t.id, o.name, t.state = 3 FROM failure f JOIN task t ON t.id = f.task JOIN office o ON o.id = t.office
         JOIN dossier d ON d.id = t.dossier JOIN package p ON p.id = d.package
       WHERE f.code = $2 AND f.restarted_at IS NULL AND t.state IN (2, 3) AND $1 IN ('*', p.code)
       ORDER BY t.state DESC, t.id DESC LIMIT $3";
    Ok(sqlx::query_as(sql)
        .bind(package)
        .bind(code)
        .bind(limit)
        .fetch_all(db)
        .await?)
}

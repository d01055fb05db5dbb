//! Rows of work on many tasks at once. A crash loses none of it: what is not done yet is on disk.

use super::read::person_filter;
use crate::{db::Ask, error::Result};
use domain::{OfficeId, TaskId, TaskState, Viewer};
use rusqlite::{Connection, OptionalExtension, params};
use sqlx::SqlitePool;
use views::bulk::Progress;

/// Work that is not over.
#[derive(Debug, Clone)]
pub struct Bulk {
    /// Names it.
    pub id: i64,
    /// Whose tasks.
    pub office: OfficeId,
    /// Who asked.
    pub person: i64,
    /// Key of the verb.
    pub verb: String,
    /// What is said to the other side.
    pub note: Option<String>,
}

/// One task of it: to do, or refused already with the code of the refusal.
pub type Item = (TaskId, Option<&'static str>);

/// Writes new work on `total` tasks. It begins once it is opened ([`set_open`]).
pub fn insert(db: &Connection, b: &Bulk, total: usize, now: i64) -> Result<i64> {
    Ok(db.query_row(
        "INSERT INTO bulk (office, person, verb, note, total, started_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
        params![b.office, b.person, b.verb, b.note, total as i64, now],
        |r| r.get(0),
    )?)
}

/// Writes some of its tasks.
pub fn insert_items(db: &Connection, bulk: i64, items: &[Item]) -> Result<()> {
    let mut item = db.prepare_cached(
        "INSERT INTO bulk_item (bulk, task, class, outcome)
         SELECT ?1, t.id, d.package << 16 | t.kind, ?3 FROM task t JOIN dossier d ON d.id = t.dossier WHERE t.id = ?2",
    )?;
    for (task, outcome) in items {
        item.execute(params![bulk, task.0, outcome])?;
    }
    Ok(())
}

/// All of its tasks are written: it begins.
pub fn set_open(db: &Connection, bulk: i64, now: i64) -> Result<()> {
    db.execute("UPDATE bulk SET opened_at = ?2 WHERE id = ?1", params![bulk, now])?;
    Ok(())
}

/// Forgets what was never opened: the program ended while it was written, and nobody was told that it began.
pub fn forget_unopened(db: &Connection) -> Result<()> {
    db.execute_batch(
        "DELETE FROM bulk_item WHERE bulk IN (SELECT id FROM bulk WHERE ended_at IS NULL AND opened_at IS NULL);
         DELETE FROM bulk WHERE ended_at IS NULL AND opened_at IS NULL;",
    )?;
    Ok(())
}

/// All work that has begun and is not over.
pub async fn open(db: &SqlitePool) -> Result<Vec<Bulk>> {
    let rows: Vec<(i64, i64, i64, String, Option<String>)> = sqlx::query_as(
        "SELECT id, office, person, verb, note FROM bulk WHERE ended_at IS NULL AND opened_at IS NOT NULL ORDER BY id",
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, office, person, verb, note)| Bulk {
            id,
            office,
            person,
            verb,
            note,
        })
        .collect())
}

/// It has begun and is not over.
pub fn goes_on(db: &Connection, bulk: i64) -> Result<bool> {
    db.value(
        "SELECT EXISTS (SELECT 1 FROM bulk WHERE id = ?1 AND ended_at IS NULL AND opened_at IS NOT NULL)",
        [bulk],
    )
}

/// The sorts of task that are still to do.
pub fn classes(db: &Connection, bulk: i64) -> Result<Vec<i64>> {
    let mut next = db.prepare_cached(
        "SELECT class FROM bulk_item WHERE bulk = ?1 AND outcome IS NULL AND class > ?2 ORDER BY class LIMIT 1",
    )?;
    let mut all = vec![];
    loop {
        let after = all.last().copied().unwrap_or(-1);
        match next.query_row(params![bulk, after], |r| r.get(0)).optional()? {
            Some(class) => all.push(class),
            None => return Ok(all),
        }
    }
}

/// The next tasks of a sort to do.
pub fn next(db: &Connection, bulk: i64, class: i64, limit: i64) -> Result<Vec<TaskId>> {
    db.all(
        "SELECT task FROM bulk_item WHERE bulk = ?1 AND class = ?2 AND outcome IS NULL ORDER BY task LIMIT ?3",
        params![bulk, class, limit],
        |r| Ok(TaskId(r.get(0)?)),
    )
}

/// Tasks of a sort that were restarted and that no connector has taken yet, as of the last [`sift_released`].
pub fn released(db: &Connection, bulk: i64, class: i64) -> Result<i64> {
    db.value(
        "SELECT count(*) FROM bulk_item WHERE bulk = ?1 AND class = ?2 AND released = 1",
        [bulk, class],
    )
}

/// Looks through the restarted tasks that no connector had taken: those that are taken by now, or undone, make room.
pub fn sift_released(db: &Connection, bulk: i64) -> Result<()> {
    db.prepare_cached(
        "UPDATE bulk_item SET released = 0 WHERE bulk = ?1 AND released = 1
           AND NOT EXISTS (SELECT 1 FROM task t JOIN failure f ON f.task = t.id
             WHERE t.id = bulk_item.task AND t.state = ?2 AND t.tries = 0 AND f.restarted_at IS NOT NULL)",
    )?
    .execute(params![bulk, TaskState::Queued.number()])?;
    Ok(())
}

/// Writes what became of one: empty for done, else the code of the refusal; and whether it now waits for a connector.
pub fn settle(db: &Connection, bulk: i64, task: TaskId, outcome: &str, released: bool) -> Result<()> {
    db.prepare_cached("UPDATE bulk_item SET outcome = ?3, released = ?4 WHERE bulk = ?1 AND task = ?2")?
        .execute(params![bulk, task.0, outcome, released])?;
    Ok(())
}

/// Whether the person manages the dossier of a task.
pub fn manages(db: &Connection, person: i64, task: TaskId) -> Result<bool> {
    db.value(
        "SELECT EXISTS (SELECT 1 FROM task t JOIN dossier_manager m ON m.dossier = t.dossier AND m.person = ?1 WHERE t.id = ?2)",
        [person, task.0],
    )
}

/// It is over.
pub fn end(db: &Connection, bulk: i64, now: i64) -> Result<()> {
    db.execute("UPDATE bulk SET ended_at = ?2 WHERE id = ?1", params![bulk, now])?;
    Ok(())
}

/// A person stops it.
pub fn stop(db: &Connection, bulk: i64, by: &str, now: i64) -> Result<()> {
    db.execute(
        "UPDATE bulk SET ended_at = ?2, stopped_by = ?3 WHERE id = ?1",
        params![bulk, now, by],
    )?;
    Ok(())
}

/// Whether it is over; `None` when there is none of this number in this office, or it is not the viewer's to see.
pub fn ended(db: &Connection, office: OfficeId, viewer: &Viewer, bulk: i64) -> Result<Option<bool>> {
    let mut q = db.prepare_cached(
        "SELECT ended_at IS NOT NULL FROM bulk WHERE id = ?1 AND office = ?2 AND opened_at IS NOT NULL AND (?3 = 0 OR person = ?3)",
    )?;
    let person = person_filter(viewer);
    Ok(q.query_row(params![bulk, office, person], |r| r.get(0))
        .optional()?)
}

/// How far it is; `None` when there is none of this number in this office, or it is not the viewer's to see: theirs,
/// or any for those who see every dossier.
pub async fn progress(
    db: &SqlitePool,
    office: OfficeId,
    viewer: &Viewer,
    bulk: i64,
) -> Result<Option<Progress>> {
    let row: Option<(String, i64, bool, bool, i64, i64)> = sqlx::query_as(
        "SELECT b.verb, b.total, b.ended_at IS NOT NULL, b.stopped_by IS NOT NULL,
           (SELECT count(*) FROM bulk_item WHERE bulk = b.id AND outcome = ''), (SELECT count(*) FROM bulk_item WHERE bulk = b.id AND outcome <> '')
         FROM bulk b WHERE b.id = $1 AND b.office = $2 AND b.opened_at IS NOT NULL AND ($3 = 0 OR b.person = $3)",
    )
    .bind(bulk)
    .bind(office)
    .bind(person_filter(viewer))
    .fetch_optional(db)
    .await?;
    let Some((verb, total, ended, stopped, done, refused_total)) = row else {
        return Ok(None);
    };
    let refused: Vec<(i64, String, String)> = sqlx::query_as(
        "SELECT i.task, coalesce(t.subject, d.name), i.outcome FROM bulk_item i JOIN task t ON t.id = i.task JOIN dossier d ON d.id = t.dossier
         WHERE i.bulk = $1 AND i.outcome <> '' ORDER BY i.task LIMIT 100",
    )
    .bind(bulk)
    .fetch_all(db)
    .await?;
    Ok(Some(Progress {
        id: bulk,
        verb,
        total: super::count(total),
        done: super::count(done),
        refused: refused
            .into_iter()
            .map(|(t, about, code)| (TaskId(t), about, code))
            .collect(),
        refused_total: super::count(refused_total),
        ended,
        stopped,
    }))
}

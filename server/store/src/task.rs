//! Rows of tasks.

use super::{sound, unsigned};
use crate::{db::Ask, error::Result};
use domain::{
    DossierId, OfficeId, TaskId, TaskState,
    lane::{Class, Slot},
    life::Life,
    task::{ConnectorId, KindRules},
};
use rusqlite::{Connection, Row, params};
use std::collections::HashMap;

/// A task as it is first written.
#[derive(Debug)]
pub struct NewRow<'a> {
    /// Its number, given by the writer: the place in line.
    pub id: TaskId,
    /// Whose.
    pub office: OfficeId,
    /// Which books.
    pub dossier: DossierId,
    /// Number of its kind.
    pub kind: u16,
    /// Wall clock.
    pub now: i64,
    /// What it is about.
    pub subject: Option<&'a str>,
    /// The task it follows.
    pub follows: Option<TaskId>,
    /// The deliverer's own name for it.
    pub key: Option<&'a str>,
    /// JSON, if there is any.
    pub payload: Option<&'a str>,
    /// Number of its first event.
    pub seq: i64,
    /// The only connector that may take it; 0: any that can.
    pub server: ConnectorId,
    /// The downtime during which an exempt integration delivers it.
    pub meanwhile: Option<i64>,
}

/// Writes a new task.
pub fn insert(db: &Connection, t: &NewRow<'_>) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO task (id, office, dossier, kind, state, tries, attempts, releases, open, cancel_asked, backoff_ms,
                           holder, last_seq, delivered_at, changed_at, follows, subject, idempotency_key, server, meanwhile)
         VALUES (?1, ?2, ?3, ?4, 0, 0, 0, 0, 0, 0, 0, 0, ?9, ?5, ?5, ?6, ?7, ?8, ?10, ?11)",
    )?
    .execute(params![t.id.0, t.office, t.dossier, t.kind, t.now, t.follows.map(|f| f.0), t.subject, t.key, t.seq, t.server, t.meanwhile])?;
    if let Some(body) = t.payload {
        db.prepare_cached("INSERT INTO payload VALUES (?1, ?2)")?
            .execute(params![t.id.0, body])?;
    }
    Ok(())
}

/// Where a task now stands.
#[derive(Debug)]
pub struct Stand<'a> {
    /// What the state machine decided.
    pub life: &'a Life,
    /// Who has, or last had, its lease.
    pub holder: ConnectorId,
    /// How long it rests before the next claim.
    pub backoff_ms: u64,
    /// Wall clock.
    pub now: i64,
    /// Number of the event that brought it here.
    pub seq: i64,
}

/// Writes where a task now stands.
pub fn save(db: &Connection, id: TaskId, stand: &Stand<'_>) -> Result<()> {
    let Stand {
        life,
        holder,
        backoff_ms,
        now,
        seq,
    } = stand;
    db.prepare_cached(
        "UPDATE task SET state = ?2, tries = ?3, attempts = ?4, releases = ?5, open = ?6, cancel_asked = ?7,
                         backoff_ms = ?8, holder = ?9, changed_at = ?10, last_seq = ?11 WHERE id = ?1",
    )?
    .execute(params![
        id.0,
        life.state.number(),
        life.tries,
        life.attempts,
        life.releases,
        life.open,
        life.cancel_asked,
        *backoff_ms as i64,
        holder,
        now,
        seq
    ])?;
    Ok(())
}

/// An open task as it is read at start.
pub struct OpenRow<'a> {
    /// Names it.
    pub id: TaskId,
    /// Its lane.
    pub dossier: DossierId,
    /// Who may take it.
    pub class: Class,
    /// Where it stands.
    pub life: Life,
    /// Who has it.
    pub holder: ConnectorId,
    /// How long it was to rest.
    pub backoff_ms: u64,
    /// What it is about.
    pub subject: Option<&'a str>,
    /// The task it follows.
    pub follows: Option<i64>,
}

impl OpenRow<'_> {
    /// As the lanes keep it.
    pub fn slot(&self, rules: KindRules) -> Slot {
        let (dossier, class, life, holder) = (self.dossier, self.class, self.life, self.holder);
        Slot {
            dossier,
            class,
            rules,
            life,
            holder,
            waits_for: 0,
            until: 0,
        }
    }
}

/// Calls `f` with every open task in the order of delivery.
pub fn each_open(db: &Connection, mut f: impl FnMut(&OpenRow<'_>)) -> Result<()> {
    let packages = packages(db)?;
    let mut statement = db.prepare(
        "SELECT id, office, dossier, kind, state, tries, attempts, releases, open, cancel_asked, backoff_ms, holder, follows, subject, server
         FROM task WHERE state < 4 ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(r) = rows.next()? {
        if let Some(open) = sound("task", open(r, &packages))? {
            f(&open);
        }
    }
    Ok(())
}

/// Open tasks that exempt integrations delivered during a downtime, each with its number.
pub fn meanwhile(db: &Connection) -> Result<Vec<(TaskId, i64)>> {
    db.all(
        "SELECT id, meanwhile FROM task WHERE meanwhile IS NOT NULL AND state < 4",
        [],
        |r| Ok((TaskId(r.get(0)?), r.get(1)?)),
    )
}

fn open<'r>(r: &'r Row<'_>, packages: &HashMap<DossierId, u16>) -> rusqlite::Result<OpenRow<'r>> {
    let dossier = r.get(2)?;
    Ok(OpenRow {
        id: TaskId(r.get(0)?),
        dossier,
        class: Class {
            office: r.get(1)?,
            package: packages.get(&dossier).copied().unwrap_or(0),
            kind: r.get(3)?,
            server: r.get(14)?,
        },
        life: life(r, 4)?,
        backoff_ms: unsigned(r, 10)?,
        holder: r.get(11)?,
        follows: r.get(12)?,
        subject: r.get_ref(13)?.as_str_or_null().unwrap_or(None),
    })
}

/// The package of each dossier, by number.
fn packages(db: &Connection) -> Result<HashMap<DossierId, u16>> {
    let mut q = db.prepare("SELECT id, package FROM dossier")?;
    let mut rows = q.query([])?;
    let mut all = HashMap::new();
    while let Some(r) = rows.next()? {
        let read = || Ok((r.get(0)?, r.get(1)?));
        if let Some((dossier, package)) = sound("dossier", read())? {
            all.insert(dossier, package);
        }
    }
    Ok(all)
}

/// Six columns from `at` on: state, tries, attempts, releases, open, cancel_asked.
fn life(r: &Row<'_>, at: usize) -> rusqlite::Result<Life> {
    Ok(Life {
        state: TaskState::from_number(r.get(at)?).unwrap_or(TaskState::Failed),
        tries: r.get(at + 1)?,
        attempts: r.get(at + 2)?,
        releases: r.get(at + 3)?,
        open: r.get(at + 4)?,
        cancel_asked: r.get(at + 5)?,
    })
}

/// What a claim hands out besides the lease.
#[derive(Debug)]
pub struct Handed {
    /// What it is about.
    pub subject: Option<String>,
    /// Wall clock.
    pub delivered_at: i64,
    /// JSON.
    pub payload: Option<String>,
    /// The dossier's code.
    pub code: String,
    /// The dossier's name.
    pub name: String,
}

/// Reads what a claim hands out.
pub fn handed(db: &Connection, id: TaskId) -> Result<Handed> {
    let row = db
        .prepare_cached(
            "SELECT t.subject, t.delivered_at, p.body, d.code, d.name
             FROM task t JOIN dossier d ON d.id = t.dossier LEFT JOIN payload p ON p.task = t.id WHERE t.id = ?1",
        )?
        .query_row([id.0], |r| {
            Ok(Handed {
                subject: r.get(0)?,
                delivered_at: r.get(1)?,
                payload: r.get(2)?,
                code: r.get(3)?,
                name: r.get(4)?,
            })
        })?;
    Ok(row)
}

/// What decides about any task, open or concluded.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// Whose.
    pub office: OfficeId,
    /// Which books.
    pub dossier: DossierId,
    /// Number of its kind.
    pub kind: u16,
    /// Where it stands.
    pub state: TaskState,
}

/// Where a task stands; `None` when there is none of that number.
pub fn standing(db: &Connection, id: TaskId) -> Result<Option<Standing>> {
    let row = db.one(
        "SELECT office, dossier, kind, state FROM task WHERE id = ?1",
        [id.0],
        |r| {
            let state = TaskState::from_number(r.get(3)?).unwrap_or(TaskState::Failed);
            Ok(Standing {
                office: r.get(0)?,
                dossier: r.get(1)?,
                kind: r.get(2)?,
                state,
            })
        },
    )?;
    Ok(row)
}

/// The task that an idempotency key already named.
#[derive(Debug)]
pub struct Keyed {
    /// Names it.
    pub id: TaskId,
    /// Which books.
    pub dossier: DossierId,
    /// Number of its kind.
    pub kind: u16,
    /// Where it stands.
    pub state: TaskState,
    /// JSON.
    pub payload: Option<String>,
}

/// Finds a task by its deliverer's own name for it.
pub fn by_key(db: &Connection, office: OfficeId, key: &str) -> Result<Option<Keyed>> {
    let row = db.one(
        "SELECT t.id, t.dossier, t.kind, t.state, p.body FROM task t LEFT JOIN payload p ON p.task = t.id
             WHERE t.office = ?1 AND t.idempotency_key = ?2",
        params![office, key],
        |r| {
            Ok(Keyed {
                id: TaskId(r.get(0)?),
                dossier: r.get(1)?,
                kind: r.get(2)?,
                state: TaskState::from_number(r.get(3)?).unwrap_or(TaskState::Failed),
                payload: r.get(4)?,
            })
        },
    )?;
    Ok(row)
}

//! Rows of what is learned from the events: read a batch, write what it adds up to.

use super::{
    search,
    state::{meta, set_meta},
    writer::Work,
};
mod learned;

pub use learned::{Delivered, Learned, bucket, bucket_end, ends, name};

use crate::{
    clock::{DAY_MS, HOUR_MS},
    error::Result,
};
use domain::{DossierId, OfficeId, fleet::SLOT_MS};
use rusqlite::{Connection, params};
use sqlx::{FromRow, SqlitePool};

/// Days that `load` and `waited` are kept.
const LOAD_DAYS: i64 = 8;
const WAITED_DAYS: i64 = 30;

/// Tasks `n` that came in since the digest last came by: none of its tables has them yet, and they may be done already. Of a
/// digest that is far behind, those of the last twenty thousand events.
pub const NOT_YET: &str = "SELECT n.id FROM event e JOIN task n ON n.id = e.task
    WHERE e.seq > max(coalesce((SELECT value FROM meta WHERE key = 'digested'), 0), (SELECT max(seq) FROM event) - 20000)
      AND e.before IS NULL";

/// A past for a demo: what would have been learned from events that never were.
#[derive(Debug, Default)]
pub struct History {
    /// Code of a dossier, day of the office's calendar from 1970-01-01, tasks done, times that one stopped.
    pub days: Vec<(String, i64, i64, i64)>,
    /// Key of a package, key of a kind, bucket, attempts.
    pub took: Vec<(String, String, i64, i64)>,
    /// Hour since 1970 UTC, bucket, tasks.
    pub waited: Vec<(i64, i64, i64)>,
    /// Five minutes since 1970 UTC, tasks that came in, milliseconds of work.
    pub load: Vec<(i64, i64, i64)>,
}

/// An event with what the digest needs of its task.
///
/// The moment of delivery stands in the task's row. That of the claim does not, and would cost every claim eight
/// bytes there; but an attempt's end names the event before it, which is its claim, but for the few that somebody
/// touched while they ran. That is one look-up by number, mostly on a page read a moment ago.
#[derive(Debug, FromRow)]
pub struct Seen {
    /// Its number.
    pub seq: i64,
    /// Whose.
    pub office: OfficeId,
    /// Which task.
    pub task: i64,
    /// The zone of its office.
    pub zone: String,
    /// Wall clock.
    pub at: i64,
    /// The beginning of its JSON: its name, and the whole of a claim.
    pub what: String,
    /// Wall clock of the event before.
    pub before_at: Option<i64>,
    /// The beginning of that one's JSON.
    pub before_what: Option<String>,
    /// The task's books.
    pub dossier: i64,
    /// Number of its kind.
    pub kind: i64,
    /// Number of its package.
    pub package: i64,
    /// Wall clock.
    pub delivered_at: i64,
    /// Of a delivery: what the task is about.
    pub subject: Option<String>,
    /// Of a delivery: the key it came with.
    pub key: Option<String>,
}

/// The last event that was taken in.
pub fn digested(db: &Connection) -> Result<i64> {
    Ok(meta(db, "digested")?.unwrap_or(0))
}

/// At most `limit` events after `seq`, oldest first.
pub async fn after(db: &SqlitePool, seq: i64, limit: u32) -> Result<Vec<Seen>> {
    let sql = "SELECT e.seq, e.office, e.task, o.zone, e.at, substr(e.what, 1, 64) AS what, b.at AS before_at,
        substr(b.what, 1, 16) AS before_what, t.dossier, t.kind, d.package, t.delivered_at,
        iif(e.before IS NULL, substr(t.subject, 1, 2000), NULL) AS subject,
        iif(e.before IS NULL, t.idempotency_key, NULL) AS key
      FROM event e JOIN office o ON o.id = e.office JOIN task t ON t.id = e.task JOIN dossier d ON d.id = t.dossier
        LEFT JOIN event b ON b.seq = e.before
      WHERE e.seq > $1 ORDER BY e.seq LIMIT $2";
    Ok(sqlx::query_as(sql).bind(seq).bind(limit).fetch_all(db).await?)
}

/// When the attempt was claimed that was under way at the event `seq`, for those that something happened to.
pub async fn claimed_before(db: &SqlitePool, seq: i64) -> Result<Option<i64>> {
    let sql = "WITH RECURSIVE walk(seq, before, at, what) AS (
        SELECT seq, before, at, substr(what, 1, 16) FROM event WHERE seq = $1
        UNION ALL SELECT e.seq, e.before, e.at, substr(e.what, 1, 16) FROM walk JOIN event e ON e.seq = walk.before
        WHERE walk.what NOT LIKE '{\"claimed\"%')
      SELECT at FROM walk WHERE what LIKE '{\"claimed\"%'";
    let row: Option<(i64,)> = sqlx::query_as(sql).bind(seq).fetch_optional(db).await?;
    Ok(row.map(|(at,)| at))
}

/// Adds what a batch taught, and where the next one begins, in the open transaction. A batch that does not begin
/// where the last one ended was taken in already: nothing is written.
pub fn add(w: &Work<'_>, learned: &Learned) -> Result<()> {
    if digested(w.db)? != learned.from {
        return Ok(());
    }
    add_dossiers(w.db, learned)?;
    add_tasks(w.db, learned)?;
    add_times(w.db, learned)?;
    prune(w)?;
    set_meta(w.db, "digested", learned.to)
}

fn add_dossiers(db: &Connection, learned: &Learned) -> Result<()> {
    for ((dossier, on), (done, stopped)) in &learned.days {
        add_day(db, *dossier, *on, *done, *stopped)?;
    }
    for (dossier, at) in &learned.done_at {
        done_by(db, *dossier, *at)?;
    }
    Ok(())
}

/// Adds to what a day did for a dossier.
pub fn add_day(db: &Connection, dossier: DossierId, day: i64, done: i64, stopped: i64) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO dossier_day (dossier, day, done, stopped) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET done = done + ?3, stopped = stopped + ?4",
    )?
    .execute(params![dossier, day, done, stopped])?;
    Ok(())
}

/// A task of the dossier succeeded then.
pub fn done_by(db: &Connection, dossier: DossierId, at: i64) -> Result<()> {
    db.prepare_cached("UPDATE dossier SET done_at = max(ifnull(done_at, 0), ?2) WHERE id = ?1")?
        .execute(params![dossier, at])?;
    Ok(())
}

fn add_tasks(db: &Connection, learned: &Learned) -> Result<()> {
    let mut of = db.prepare_cached("INSERT INTO task_of_dossier VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    let mut words = db.prepare_cached("INSERT INTO task_words (rowid, words) VALUES (?1, ?2)")?;
    for d in &learned.delivered {
        of.execute(params![d.dossier, d.task])?;
        if let Some(said) = &d.words {
            words.execute(params![d.task, search::indexed(d.office, d.dossier, said)])?;
        }
    }
    Ok(())
}

fn add_times(db: &Connection, learned: &Learned) -> Result<()> {
    let mut took = db.prepare_cached(
        "INSERT INTO took VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET n = n + excluded.n",
    )?;
    for ((office, package, kind, bucket), n) in &learned.took {
        took.execute(params![office, package, kind, bucket, n])?;
    }
    let mut waited = db.prepare_cached(
        "INSERT INTO waited VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET n = n + excluded.n",
    )?;
    for ((office, hour, bucket), n) in &learned.waited {
        waited.execute(params![office, hour, bucket, n])?;
    }
    let mut load = db.prepare_cached(
        "INSERT INTO load VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET delivered = delivered + excluded.delivered, work_ms = work_ms + excluded.work_ms",
    )?;
    for ((office, slot), (delivered, work_ms)) in &learned.load {
        load.execute(params![office, slot, delivered, work_ms])?;
    }
    Ok(())
}

/// Forgets what is too old, once an hour.
fn prune(w: &Work<'_>) -> Result<()> {
    let hour = w.now / HOUR_MS;
    if meta(w.db, "pruned")? == Some(hour) {
        return Ok(());
    }
    let (slot, first) = ((w.now - LOAD_DAYS * DAY_MS) / SLOT_MS, hour - WAITED_DAYS * 24);
    // by office, because the key begins with it
    w.db.execute(
        "DELETE FROM load WHERE office IN (SELECT id FROM office) AND slot < ?1",
        [slot],
    )?;
    w.db.execute(
        "DELETE FROM waited WHERE office IN (SELECT id FROM office) AND hour < ?1",
        [first],
    )?;
    set_meta(w.db, "pruned", hour)
}

/// Adds a past that never was, for a demo. Dossiers, packages and kinds that are not there are left out.
pub fn add_history(w: &Work<'_>, office: OfficeId, history: &History) -> Result<()> {
    let mut learned = Learned::default();
    for (code, day, done, stopped) in &history.days {
        if let Some(d) = super::dossier::by_code(w.db, office, code)? {
            learned.days.insert((d.id, *day), (*done, *stopped));
        }
    }
    for (package, kind, bucket, n) in &history.took {
        let (package, kind) = (w.state.packages.number(package), w.state.kinds.number(kind));
        if let (Some(package), Some(kind)) = (package, kind) {
            learned
                .took
                .insert((office, package.into(), kind.into(), *bucket), *n);
        }
    }
    for (hour, bucket, n) in &history.waited {
        learned.waited.insert((office, *hour, *bucket), *n);
    }
    for (slot, delivered, work_ms) in &history.load {
        learned.load.insert((office, *slot), (*delivered, *work_ms));
    }
    add_dossiers(w.db, &learned)?;
    add_times(w.db, &learned)
}

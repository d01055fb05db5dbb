//! What the readers ask: one query for what a page needs.

use crate::error::Result;
use domain::{OfficeId, TaskId, TaskState, Viewer};
use sqlx::{FromRow, SqlitePool};

/// A task with the words its line needs.
#[derive(Debug, Clone, FromRow)]
pub struct TaskRaw {
    /// Names it.
    pub id: i64,
    /// Whose.
    pub office: i64,
    /// Which books.
    pub dossier: i64,
    /// Number of its last event.
    pub seq: i64,
    /// Key of its kind.
    pub kind: String,
    /// Number of its state.
    pub state: i64,
    /// A running task that was cancelled.
    pub cancel_asked: bool,
    /// What it is about.
    pub subject: Option<String>,
    /// The dossier's code.
    pub code: String,
    /// The dossier's name.
    pub name: String,
    /// Key of the package.
    pub package: String,
    /// Wall clock.
    pub delivered_at: i64,
    /// Wall clock.
    pub changed_at: i64,
    /// What it stopped with.
    pub failure_code: Option<String>,
    /// JSON.
    pub failure_params: Option<String>,
    /// What the connector said.
    pub failure_detail: Option<String>,
    /// Tells one cause from another.
    pub cause_key: Option<String>,
    /// Version of the instruction it is shown.
    pub failure_version: Option<i64>,
    /// Whom the office's staff may ask.
    pub support_contact: String,
    /// Number of the state that an undo of its restart puts it back to; `None` once a connector has had it.
    pub undo_to: Option<i64>,
    /// Who said that it cannot wait.
    pub urgent_by: Option<String>,
    /// And why.
    pub urgent_reason: Option<String>,
    /// And when.
    pub urgent_at: Option<i64>,
    /// Who put it off.
    pub snoozed_by: Option<String>,
    /// And why.
    pub snooze_reason: Option<String>,
    /// And until when.
    pub snoozed_until: Option<i64>,
    /// Who wrote a note to the other side.
    pub note_by: Option<String>,
    /// What it says.
    pub note: Option<String>,
    /// And when.
    pub note_at: Option<i64>,
    /// Who at Support works on its cause.
    pub taken_by: Option<String>,
    /// After so many hours the office reminds of a waiting instruction.
    pub remind_hours: i64,
}

/// The columns of [`TaskRaw`].
pub(super) const TASK: &str = "SELECT t.id, t.office, t.dossier, t.last_seq AS seq, k.code AS kind,
    t.state, t.cancel_asked, t.subject, d.code, d.name, p.code AS package, t.delivered_at, t.changed_at,
    f.code AS failure_code, f.params AS failure_params, f.detail AS failure_detail, f.cause_key, f.version AS failure_version,
    iif(t.state = 0 AND t.tries = 0 AND t.releases = 0, g.was, NULL) AS undo_to, o.support_contact, o.remind_hours, m.urgent_by, m.urgent_reason, m.urgent_at, m.snoozed_by, m.snooze_reason,
    m.snoozed_until, m.note_by, m.note, m.note_at, c.taken_by
  FROM task t JOIN office o ON o.id = t.office JOIN dossier d ON d.id = t.dossier JOIN kind k ON k.id = t.kind JOIN package p ON p.id = d.package
    LEFT JOIN failure g ON g.task = t.id LEFT JOIN failure f ON f.task = g.task AND g.restarted_at IS NULL
    LEFT JOIN mark m ON m.task = t.id LEFT JOIN cause c ON c.key = f.cause_key";
/// Dossiers that an employee manages; $2 is the person, 0 for those who see every dossier.
pub(super) const VISIBLE: &str =
    "($2 = 0 OR EXISTS (SELECT 1 FROM dossier_manager m WHERE m.person = $2 AND m.dossier = t.dossier))";
/// The same of dossiers.
pub(super) const MANAGED: &str =
    "($2 = 0 OR EXISTS (SELECT 1 FROM dossier_manager m WHERE m.person = $2 AND m.dossier = d.id))";

/// The tasks of these numbers, whoever looks.
pub async fn tasks_by_id(db: &SqlitePool, ids: &[TaskId]) -> Result<Vec<TaskRaw>> {
    let ids: Vec<i64> = ids.iter().map(|t| t.0).collect();
    let sql = format!("{TASK} WHERE t.id IN (SELECT value FROM json_each($1))");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(serde_json::to_string(&ids)?)
        .fetch_all(db)
        .await?)
}

/// One task of an office that the viewer may see.
pub async fn task(
    db: &SqlitePool,
    office: OfficeId,
    viewer: Option<&Viewer>,
    id: TaskId,
) -> Result<Option<TaskRaw>> {
    let sql = format!("{TASK} WHERE t.office = $1 AND {VISIBLE} AND t.id = $3");
    let person = viewer.map_or(0, person_filter);
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(office)
        .bind(person)
        .bind(id.0)
        .fetch_optional(db)
        .await?)
}

/// Events of an office after `seq`: number, task, wall clock, JSON; at most `limit`.
pub async fn events_after(
    db: &SqlitePool,
    office: OfficeId,
    seq: i64,
    limit: u32,
) -> Result<Vec<(i64, i64, i64, String)>> {
    let sql = "SELECT seq, task, at, what FROM event WHERE seq > $2 AND office = $1 ORDER BY seq LIMIT $3";
    Ok(sqlx::query_as(sql)
        .bind(office)
        .bind(seq)
        .bind(limit)
        .fetch_all(db)
        .await?)
}

/// Whether there is an event of this number.
pub async fn is_event(db: &SqlitePool, seq: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM event WHERE seq = $1)";
    Ok(sqlx::query_as::<_, (bool,)>(sql).bind(seq).fetch_one(db).await?.0)
}

/// Number of the last event.
pub async fn last_seq(db: &SqlitePool) -> Result<i64> {
    let (seq,): (Option<i64>,) = sqlx::query_as("SELECT max(seq) FROM event").fetch_one(db).await?;
    Ok(seq.unwrap_or(0))
}

/// Stopped tasks of one cause that the viewer sees, in one state; at most 1,000.
pub async fn same_cause(
    db: &SqlitePool,
    office: OfficeId,
    viewer: &Viewer,
    cause_key: &str,
    state: TaskState,
) -> Result<Vec<TaskId>> {
    let rows: Vec<(i64,)> = sqlx::query_as(sqlx::AssertSqlSafe(same_cause_sql(state)))
        .bind(office)
        .bind(person_filter(viewer))
        .bind(cause_key)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|(id,)| TaskId(id)).collect())
}

/// What [`same_cause`] asks: $1 is the office, $2 the person or 0, $3 the cause. It walks the office's stopped tasks
/// only, however many the office has done or the cause has elsewhere.
pub fn same_cause_sql(state: TaskState) -> String {
    format!(
        "SELECT t.id FROM task t INDEXED BY task_stopped JOIN failure f ON f.task = t.id AND f.restarted_at IS NULL
         WHERE t.office = $1 AND t.state IN (2, 3) AND t.state = {} AND f.cause_key = $3 AND {VISIBLE} ORDER BY t.id LIMIT 1000",
        state.number()
    )
}

/// Names of connectors, by number.
pub async fn connector_names(
    db: &SqlitePool,
    office: OfficeId,
) -> Result<std::collections::HashMap<i64, String>> {
    let rows: Vec<(i64, String)> = sqlx::query_as("SELECT id, name FROM connector WHERE office = $1")
        .bind(office)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Keys of the packages of an office's dossiers.
pub async fn packages(db: &SqlitePool, office: OfficeId) -> Result<Vec<String>> {
    let sql = "SELECT p.code FROM package p WHERE EXISTS (SELECT 1 FROM dossier d WHERE d.office = $1 AND d.package = p.id) ORDER BY p.code";
    let rows: Vec<(String,)> = sqlx::query_as(sql).bind(office).fetch_all(db).await?;
    Ok(rows.into_iter().map(|(p,)| p).collect())
}

/// Codes that tasks of an office stand stopped with, at most 100, among the first ten thousand of them.
pub async fn failure_codes(db: &SqlitePool, office: OfficeId) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT f.code FROM (SELECT id FROM task WHERE office = $1 AND state IN (2, 3) LIMIT 10000) t
                 JOIN failure f ON f.task = t.id ORDER BY f.code LIMIT 100";
    let rows: Vec<(String,)> = sqlx::query_as(sql).bind(office).fetch_all(db).await?;
    Ok(rows.into_iter().map(|(c,)| c).collect())
}

/// Numbers of the dossiers that a person manages.
pub async fn managed(db: &SqlitePool, person: i64) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = sqlx::query_as("SELECT dossier FROM dossier_manager WHERE person = $1")
        .bind(person)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|(d,)| d).collect())
}

/// State and number of the open tasks of the dossiers that a person manages.
pub async fn counts_of(db: &SqlitePool, office: OfficeId, person: i64) -> Result<Vec<(i64, i64)>> {
    let sql = "SELECT t.state, count(*) FROM task t JOIN dossier_manager m ON m.dossier = t.dossier AND m.person = $2
               WHERE t.office = $1 AND t.state < 4 GROUP BY t.state";
    Ok(sqlx::query_as(sql)
        .bind(office)
        .bind(person)
        .fetch_all(db)
        .await?)
}

/// 0 for those who see every dossier, else the person.
pub(super) fn person_filter(viewer: &Viewer) -> i64 {
    if viewer.sees_every_dossier() {
        0
    } else {
        viewer.person
    }
}

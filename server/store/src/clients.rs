//! Rows behind Active clients and a dossier's page. Pages begin after a line, never at a number, and stopped tasks
//! are found by the index of stopped tasks: what it costs does not grow with the tasks that flow.

use super::{digest::NOT_YET, read::MANAGED};
use crate::{db::like, error::Result};
use domain::{DossierId, OfficeId, TaskId, Viewer, dossier::Activation};
use sqlx::{FromRow, SqlitePool};
use views::clients::{After, COUNTED, ClientsAsked, Stage, Standing};

/// A dossier with its stopped tasks.
#[derive(Debug, Clone, FromRow)]
pub struct ClientRaw {
    /// Its number.
    pub id: DossierId,
    pub code: String,
    pub name: String,
    /// Key of its package.
    pub package: String,
    /// Key of how far its activation is.
    pub activation: String,
    /// It was put away.
    pub archived: bool,
    /// When a task last succeeded.
    pub done_at: Option<i64>,
    /// Tasks for the office.
    pub act: i64,
    /// Tasks for Support.
    pub sup: i64,
    /// The oldest task for the office.
    pub first_act: Option<i64>,
    /// The oldest task for Support.
    pub first_sup: Option<i64>,
}

impl ClientRaw {
    /// What is known of it beside its tasks.
    pub fn stage(&self) -> Stage {
        Stage {
            activation: Activation::from_key(&self.activation),
            archived: self.archived,
        }
    }
}

/// How many dossiers stand how, and since when the oldest of each waits.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct Standings {
    /// Waiting for the office, whatever waits for Support too.
    pub act: i64,
    /// Waiting for Support, whatever waits for the office too.
    pub sup: i64,
    /// Waiting for both.
    pub both: i64,
    /// Since when the oldest task for the office waits.
    pub since_act: Option<i64>,
    /// Since when the oldest task for Support waits.
    pub since_sup: Option<i64>,
}

/// Dossiers of the office $1 with stopped tasks.
const STOP: &str = "SELECT t.dossier, sum(t.state = 2) AS act, sum(t.state = 3) AS sup,
    min(iif(t.state = 2, t.id, NULL)) AS first_act, min(iif(t.state = 3, t.id, NULL)) AS first_sup,
    min(iif(t.state = 2, t.changed_at, NULL)) AS since_act, min(iif(t.state = 3, t.changed_at, NULL)) AS since_sup
  FROM task t INDEXED BY task_stopped WHERE t.office = $1 AND t.state IN (2, 3) GROUP BY t.dossier";
/// Those whose name or code holds $3, in the package $4; all for empty ones.
const ASKED: &str = "($3 = '' OR d.name LIKE $3 ESCAPE '\\' OR d.code LIKE $3 ESCAPE '\\')
    AND ($4 = '' OR d.package = (SELECT id FROM package WHERE code = $4))";

const COLUMNS: &str =
    "d.id, d.code, d.name, (SELECT code FROM package WHERE id = d.package) AS package, d.done_at,
    d.activation, d.archived_at IS NOT NULL AS archived";
/// The key of the standing of a dossier `d` that has no stopped task.
const CALM: &str =
    "CASE WHEN d.archived_at IS NOT NULL THEN 'archived' WHEN d.activation = 'active' THEN 'flow'
    WHEN d.activation = 'activating' THEN 'starting' ELSE 'off' END";

/// Whose dossiers are meant: 0 for everybody's.
pub fn person_of(viewer: &Viewer, mine: bool) -> i64 {
    if mine || !viewer.sees_every_dossier() {
        viewer.person
    } else {
        0
    }
}

/// The rank of a stopped dossier `s`, for a reader.
fn rank(support: bool) -> &'static str {
    if support {
        "iif(s.sup > 0, 0, 1)"
    } else {
        "iif(s.act > 0, 0, 1)"
    }
}

/// The standings that are asked for of dossiers without a stopped task, as SQL writes a list of keys.
fn calm(asked: &ClientsAsked) -> String {
    let wanted = Standing::ALL
        .into_iter()
        .filter(|s| s.is_calm() && asked.wants(*s));
    wanted
        .map(|s| format!("'{}'", s.key()))
        .collect::<Vec<_>>()
        .join(",")
}

/// One page after `after`: at most `limit`, attention first, then by name.
pub async fn page(
    db: &SqlitePool,
    office: OfficeId,
    viewer: &Viewer,
    asked: &ClientsAsked,
    after: Option<&After>,
    limit: usize,
) -> Result<Vec<ClientRaw>> {
    let mut rows = match after {
        Some(a) if a.standing.is_calm() => vec![],
        _ => stopped(db, office, viewer, asked, after, limit).await?,
    };
    if rows.len() < limit && !calm(asked).is_empty() {
        let after = after.filter(|a| a.standing.is_calm());
        rows.extend(flowing(db, office, viewer, asked, after, limit - rows.len()).await?);
    }
    Ok(rows)
}

async fn stopped(
    db: &SqlitePool,
    office: OfficeId,
    viewer: &Viewer,
    asked: &ClientsAsked,
    after: Option<&After>,
    limit: usize,
) -> Result<Vec<ClientRaw>> {
    let support = viewer.is_support();
    let ranks: Vec<String> = [Standing::Act, Standing::Sup]
        .into_iter()
        .filter(|s| asked.wants(*s))
        .map(|s| s.rank(support).to_string())
        .collect();
    if ranks.is_empty() {
        return Ok(vec![]);
    }
    let rank = rank(support);
    let sql = format!(
        "SELECT {COLUMNS}, s.act, s.sup, s.first_act, s.first_sup FROM ({STOP}) s JOIN dossier d ON d.id = s.dossier
         WHERE {MANAGED} AND {ASKED} AND {rank} IN ({}) AND ({rank}, d.name COLLATE NOCASE, d.id) > ($5, $6, $7)
         ORDER BY {rank}, d.name COLLATE NOCASE, d.id LIMIT $8",
        ranks.join(",")
    );
    let rows = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(office)
        .bind(person_of(viewer, asked.mine))
        .bind(like(&asked.text))
        .bind(&asked.package)
        .bind(after.map_or(-1, |a| i64::from(a.standing.rank(support))))
        .bind(after.map_or("", |a| &a.name))
        .bind(after.map_or(0, |a| a.id))
        .bind(limit as i64)
        .fetch_all(db)
        .await?;
    Ok(rows)
}

async fn flowing(
    db: &SqlitePool,
    office: OfficeId,
    viewer: &Viewer,
    asked: &ClientsAsked,
    after: Option<&After>,
    limit: usize,
) -> Result<Vec<ClientRaw>> {
    let sql = format!(
        "SELECT {COLUMNS}, 0 AS act, 0 AS sup, NULL AS first_act, NULL AS first_sup FROM dossier d INDEXED BY dossier_by_name
         WHERE d.office = $1 AND {MANAGED} AND {ASKED} AND (d.name COLLATE NOCASE, d.id) > ($5, $6) AND {CALM} IN ({})
           AND d.id NOT IN (SELECT t.dossier FROM task t INDEXED BY task_stopped WHERE t.office = $1 AND t.state IN (2, 3))
         ORDER BY d.name COLLATE NOCASE, d.id LIMIT $7",
        calm(asked)
    );
    let rows = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(office)
        .bind(person_of(viewer, asked.mine))
        .bind(like(&asked.text))
        .bind(&asked.package)
        .bind(after.map_or("", |a| &a.name))
        .bind(after.map_or(0, |a| a.id))
        .bind(limit as i64)
        .fetch_all(db)
        .await?;
    Ok(rows)
}

/// The dossiers of these codes that the filter finds, whatever their standing.
pub async fn by_code(
    db: &SqlitePool,
    office: OfficeId,
    viewer: &Viewer,
    asked: &ClientsAsked,
    codes: &[String],
) -> Result<Vec<ClientRaw>> {
    let sql = format!(
        "SELECT {COLUMNS}, ifnull(s.act, 0) AS act, ifnull(s.sup, 0) AS sup, s.first_act, s.first_sup
         FROM dossier d LEFT JOIN ({STOP}) s ON s.dossier = d.id
         WHERE d.office = $1 AND {MANAGED} AND {ASKED} AND d.code IN (SELECT value FROM json_each($5))"
    );
    let rows = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(office)
        .bind(person_of(viewer, asked.mine))
        .bind(like(&asked.text))
        .bind(&asked.package)
        .bind(serde_json::to_string(codes)?)
        .fetch_all(db)
        .await?;
    Ok(rows)
}

/// How many dossiers the filter finds: counted up to [`COUNTED`] and one.
pub async fn matching(
    db: &SqlitePool,
    office: OfficeId,
    viewer: &Viewer,
    asked: &ClientsAsked,
) -> Result<u32> {
    let support = viewer.is_support();
    let rank = rank(support);
    let ranks: Vec<String> = [Standing::Act, Standing::Sup]
        .into_iter()
        .filter(|s| asked.wants(*s))
        .map(|s| s.rank(support).to_string())
        .collect();
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM dossier d LEFT JOIN ({STOP}) s ON s.dossier = d.id
         WHERE d.office = $1 AND {MANAGED} AND {ASKED} AND iif(s.dossier IS NULL, {CALM} IN ({}), {rank} IN ({})) LIMIT {})",
        calm(asked),
        ranks.join(","),
        COUNTED + 1
    );
    let (n,): (i64,) = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(office)
        .bind(person_of(viewer, asked.mine))
        .bind(like(&asked.text))
        .bind(&asked.package)
        .fetch_one(db)
        .await?;
    Ok(super::count(n))
}

/// How many dossiers a person manages in the office; every dossier of the office for 0. What was put away does not count.
pub async fn how_many(db: &SqlitePool, office: OfficeId, person: i64) -> Result<u32> {
    let sql = if person == 0 {
        "SELECT (SELECT count(*) FROM dossier WHERE office = $1 AND $2 = 0)
           - (SELECT count(*) FROM dossier INDEXED BY dossier_archived WHERE office = $1 AND archived_at IS NOT NULL)"
    } else {
        "SELECT count(*) FROM dossier_manager m JOIN dossier d ON d.id = m.dossier
         WHERE d.office = $1 AND m.person = $2 AND d.archived_at IS NULL"
    };
    let (n,): (i64,) = sqlx::query_as(sql)
        .bind(office)
        .bind(person)
        .fetch_one(db)
        .await?;
    Ok(super::count(n))
}

/// Dossiers without a stopped task that are being activated, those that were not, and those that were put away, among
/// those of a person; among all for 0.
pub async fn stages(db: &SqlitePool, office: OfficeId, person: i64) -> Result<(i64, i64, i64)> {
    let sql = format!(
        "SELECT ifnull(sum(d.activation = 'activating'), 0), ifnull(sum(d.activation = 'not_activated'), 0),
           (SELECT count(*) FROM dossier d INDEXED BY dossier_archived WHERE d.office = $1 AND d.archived_at IS NOT NULL AND {MANAGED})
         FROM dossier d INDEXED BY dossier_not_active WHERE d.office = $1 AND d.activation <> 'active' AND d.archived_at IS NULL AND {MANAGED}
           AND d.id NOT IN (SELECT t.dossier FROM task t INDEXED BY task_stopped WHERE t.office = $1 AND t.state IN (2, 3))"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(office)
        .bind(person)
        .fetch_one(db)
        .await?)
}

/// How many dossiers stand how, among those of a person; among all for 0.
pub async fn standings(db: &SqlitePool, office: OfficeId, person: i64) -> Result<Standings> {
    let sql = format!(
        "SELECT count(iif(act > 0, 1, NULL)) AS act, count(iif(sup > 0, 1, NULL)) AS sup,
           count(iif(act > 0 AND sup > 0, 1, NULL)) AS both, min(since_act) AS since_act, min(since_sup) AS since_sup
         FROM ({STOP}) s JOIN dossier d ON d.id = s.dossier WHERE {MANAGED}"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(office)
        .bind(person)
        .fetch_one(db)
        .await?)
}

/// Dossier, day, tasks done and stopped, from a day on.
pub async fn days(db: &SqlitePool, dossiers: &str, from: i64) -> Result<Vec<(i64, i64, i64, i64)>> {
    let sql = "SELECT b.dossier, b.day, b.done, b.stopped FROM json_each($1) j JOIN dossier_day b ON b.dossier = j.value AND b.day >= $2";
    Ok(sqlx::query_as(sql)
        .bind(dossiers)
        .bind(from)
        .fetch_all(db)
        .await?)
}

/// Dossier, number and name of its managers, by name.
pub async fn managers(db: &SqlitePool, dossiers: &str) -> Result<Vec<(i64, i64, String)>> {
    let sql =
        "SELECT m.dossier, p.id, p.name FROM json_each($1) j JOIN dossier_manager m ON m.dossier = j.value
               JOIN person p ON p.id = m.person WHERE p.left_at IS NULL AND p.role NOT IN ('client', 'candidate') ORDER BY p.name, p.id";
    Ok(sqlx::query_as(sql).bind(dossiers).fetch_all(db).await?)
}

/// Number and name of the people of an office, by name; at most a thousand.
pub async fn colleagues(db: &SqlitePool, office: OfficeId) -> Result<Vec<(i64, String)>> {
    let sql = "SELECT id, name FROM person WHERE office = $1 AND left_at IS NULL AND role NOT IN ('client', 'candidate') ORDER BY name, id LIMIT 1000";
    Ok(sqlx::query_as(sql).bind(office).fetch_all(db).await?)
}

/// Numbers of a dossier's stopped tasks, oldest first.
pub async fn stopped_of(
    db: &SqlitePool,
    office: OfficeId,
    dossier: DossierId,
    limit: u32,
) -> Result<Vec<TaskId>> {
    let sql = "SELECT id FROM task INDEXED BY task_stopped WHERE office = $1 AND state IN (2, 3) AND dossier = $2 ORDER BY id LIMIT $3";
    let rows: Vec<(i64,)> = sqlx::query_as(sql)
        .bind(office)
        .bind(dossier)
        .bind(limit)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|(id,)| TaskId(id)).collect())
}

/// Numbers of a dossier's tasks below `before`, newest first.
pub async fn tasks_of(db: &SqlitePool, dossier: DossierId, before: i64, limit: u32) -> Result<Vec<TaskId>> {
    let sql = format!(
        "SELECT task FROM task_of_dossier WHERE dossier = $1 AND task < $2
         UNION ALL {NOT_YET} AND n.dossier = $1 AND n.id < $2 ORDER BY 1 DESC LIMIT $3"
    );
    let rows: Vec<(i64,)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(dossier)
        .bind(before)
        .bind(limit)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|(id,)| TaskId(id)).collect())
}

/// Numbers of a dossier's tasks of one kind, newest first, among its first thousand: a dossier is activated
/// before anything else.
pub async fn early_of_kind(db: &SqlitePool, dossier: DossierId, kind: &str) -> Result<Vec<TaskId>> {
    let sql = format!(
        "SELECT t.id FROM (SELECT task FROM (SELECT task FROM task_of_dossier WHERE dossier = $1 ORDER BY task LIMIT 1000)
             UNION ALL {NOT_YET} AND n.dossier = $1) x
         JOIN task t ON t.id = x.task WHERE t.kind = (SELECT id FROM kind WHERE code = $2) ORDER BY t.id DESC LIMIT 100"
    );
    let rows: Vec<(i64,)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(dossier)
        .bind(kind)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|(id,)| TaskId(id)).collect())
}

/// A line of the audit log about a dossier.
#[derive(Debug, Clone, FromRow)]
pub struct ChangeRaw {
    /// Wall clock.
    pub at: i64,
    /// Who.
    pub name: Option<String>,
    /// The verb.
    pub what: String,
    /// `dossier …` or `task …`.
    pub subject: String,
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
}

/// What people changed of a dossier or its tasks, newest first: the last hundred, among the office's last five thousand.
pub async fn changes(db: &SqlitePool, office: OfficeId, dossier: DossierId) -> Result<Vec<ChangeRaw>> {
    let sql = "SELECT a.at, p.name, a.what, a.subject, a.before, a.after
      FROM (SELECT * FROM audit WHERE office = $1 ORDER BY id DESC LIMIT 5000) a LEFT JOIN person p ON p.id = a.person
      WHERE a.subject = 'dossier ' || (SELECT code FROM dossier WHERE id = $2)
         OR (a.subject LIKE 'task %' AND EXISTS (SELECT 1 FROM task t WHERE t.id = CAST(substr(a.subject, 6) AS INTEGER) AND t.dossier = $2))
      ORDER BY a.id DESC LIMIT 100";
    Ok(sqlx::query_as(sql)
        .bind(office)
        .bind(dossier)
        .fetch_all(db)
        .await?)
}

//! Rows of what people are told in the console, and which reminders were sent.

use crate::{db::Ask, error::Result};
use domain::{OfficeId, TaskId};
use rusqlite::{Connection, params};
use sqlx::{FromRow, SqlitePool};
use views::alerts::NoticeKind;

/// Most that the bell shows.
const SHOWN: u32 = 100;

/// Something a person is told.
#[derive(Debug, Clone, FromRow)]
pub struct NoticeRaw {
    /// Names it.
    pub id: i64,
    /// Wall clock.
    pub at: i64,
    /// Key of its kind.
    pub kind: String,
    /// What it is about: a task's or a connector's number.
    pub subject: String,
    /// What that is called.
    pub detail: String,
    /// Wall clock.
    pub read_at: Option<i64>,
}

/// A waiting instruction that somebody must be reminded of.
#[derive(Debug, Clone, FromRow)]
pub struct Due {
    pub task: i64,
    /// Whose.
    pub office: i64,
    /// Which books.
    pub dossier: i64,
    /// What they are called.
    pub name: String,
    /// Since when it waits: the stop that the reminder is of.
    pub since: i64,
    /// 1 to the dossier's managers, 2 to the admins.
    pub level: i64,
}

/// Tells a person something.
pub fn tell(
    db: &Connection,
    person: i64,
    office: OfficeId,
    now: i64,
    kind: NoticeKind,
    subject: &str,
    detail: &str,
) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO notice (person, office, at, kind, subject, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![person, office, now, kind.key(), subject, detail])?;
    Ok(())
}

/// Those who run an office: its admins, and with `support` also Support.
pub fn runners(db: &Connection, office: OfficeId, support: bool) -> Result<Vec<i64>> {
    db.all(
        "SELECT id FROM person WHERE left_at IS NULL AND ((role = 'admin' AND office = ?1) OR (role = 'support' AND ?2))",
        params![office, support],
        |r| r.get(0),
    )
}

/// Those who manage a dossier.
pub fn managers(db: &Connection, dossier: i64) -> Result<Vec<i64>> {
    db.all(
        "SELECT m.person FROM dossier_manager m JOIN person p ON p.id = m.person WHERE m.dossier = ?1 AND p.left_at IS NULL AND p.role NOT IN ('client', 'candidate')",
        [dossier],
        |r| r.get(0),
    )
}

/// Waiting instructions that are older than the office allows, are not put off and were not told of, at most
/// `limit` of each level.
pub async fn due(db: &SqlitePool, now: i64, limit: u32) -> Result<Vec<Due>> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(due_sql()))
        .bind(now)
        .bind(limit)
        .fetch_all(db)
        .await?)
}

/// What [`due`] asks: $1 is now, $2 the limit. It names its index: one that holds no finished task is only taken
/// with its own condition beside.
pub fn due_sql() -> String {
    let level = |level: i64, hours: &str| {
        format!(
            "SELECT * FROM (SELECT t.id AS task, t.office, t.dossier, d.name, t.changed_at AS since, {level} AS level
             FROM office o JOIN task t INDEXED BY task_stopped ON t.office = o.id AND t.state IN (2, 3) AND t.state = 2 AND t.changed_at <= $1 - o.{hours} * 3600000
             JOIN dossier d ON d.id = t.dossier LEFT JOIN mark m ON m.task = t.id
             WHERE coalesce(m.snoozed_until, 0) <= $1
               AND NOT EXISTS (SELECT 1 FROM reminder r WHERE r.task = t.id AND r.since = t.changed_at AND r.level = {level})
             LIMIT $2)"
        )
    };
    format!(
        "{} UNION ALL {}",
        level(1, "remind_hours"),
        level(2, "escalate_hours")
    )
}

/// Notes that a reminder was sent; `false` when it was before, or the task has moved on meanwhile.
pub fn note_reminder(db: &Connection, due: &Due) -> Result<bool> {
    let added = db
        .prepare_cached(
            "INSERT INTO reminder (task, since, level) SELECT id, changed_at, ?3 FROM task
             WHERE id = ?1 AND state = 2 AND changed_at = ?2 ON CONFLICT DO NOTHING",
        )?
        .execute(params![due.task, due.since, due.level])?;
    Ok(added > 0)
}

/// What a person is told about an office: unread before read, newest first.
pub async fn of_person(db: &SqlitePool, person: i64, office: OfficeId) -> Result<Vec<NoticeRaw>> {
    let sql = "SELECT id, at, kind, subject, detail, read_at FROM notice WHERE person = $1 AND office = $2
               ORDER BY read_at IS NOT NULL, id DESC LIMIT $3";
    Ok(sqlx::query_as(sql)
        .bind(person)
        .bind(office)
        .bind(SHOWN)
        .fetch_all(db)
        .await?)
}

/// A person has seen these, or all of an office's with an empty list.
pub fn mark_read(db: &Connection, person: i64, office: OfficeId, ids: &[i64], now: i64) -> Result<()> {
    db.prepare_cached(
        "UPDATE notice SET read_at = ?3 WHERE person = ?1 AND office = ?2 AND read_at IS NULL
         AND (?4 = '[]' OR id IN (SELECT value FROM json_each(?4)))",
    )?
    .execute(params![person, office, now, serde_json::to_string(ids)?])?;
    Ok(())
}

/// The task of a notice's subject; `None` when it is about something else.
pub fn task_of(kind: NoticeKind, subject: &str) -> Option<TaskId> {
    match kind {
        NoticeKind::Reminder | NoticeKind::Escalated | NoticeKind::LateSuccess => subject.parse().ok(),
        NoticeKind::SilentConnector | NoticeKind::MailLogIn => None,
    }
}

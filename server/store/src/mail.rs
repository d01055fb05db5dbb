//! Rows of mail: the outbox, who has been told of what, who wants what.

use crate::{db::Ask, error::Result, secret::Hash};
use domain::{
    Language, OfficeId,
    mail::{Choice, Fault, Letter},
};
use rusqlite::{Connection, OptionalExtension, params};
use sqlx::{FromRow, SqlitePool};

/// A link that ends a subscription works so long.
const LINKS_LAST_MS: i64 = 90 * 86_400_000;

/// Whom a mail goes to.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct To {
    /// `None` for an address that is nobody's here.
    pub person: Option<i64>,
    /// Their address.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// What they read, by tag.
    pub language: String,
}

/// A person who can be written to.
pub fn to(db: &Connection, person: i64) -> Result<Option<To>> {
    let mut q =
        db.prepare_cached("SELECT id, email, name, language FROM person WHERE id = ?1 AND left_at IS NULL")?;
    let row = q.query_row([person], |r| {
        Ok(To {
            person: r.get(0)?,
            email: r.get(1)?,
            name: r.get(2)?,
            language: r.get(3)?,
        })
    });
    Ok(row.optional()?)
}

/// Puts a letter into the outbox.
pub fn insert(db: &Connection, office: OfficeId, to: &To, letter: &Letter, now: i64) -> Result<i64> {
    let json = serde_json::to_string(letter)?;
    db.value(
        "INSERT INTO mail (office, person, email, name, language, letter, kind, made_at, next_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) RETURNING id",
        params![
            office,
            to.person,
            to.email,
            to.name,
            to.language,
            json,
            letter.kind(),
            now
        ],
    )
}

/// Notes that a person is told of something; `false` when they were before.
pub fn note(db: &Connection, person: i64, what: &str, now: i64) -> Result<bool> {
    let n = db
        .prepare_cached("INSERT INTO mailed VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
        .execute(params![person, what, now])?;
    Ok(n == 1)
}

/// A person wants to be told this.
pub fn wants(db: &Connection, person: i64, choice: Choice) -> Result<bool> {
    db.value(
        "SELECT NOT EXISTS (SELECT 1 FROM mail_unwanted WHERE person = ?1 AND choice = ?2)",
        params![person, choice.key()],
    )
}

/// Sets whether a person wants to be told this.
pub fn set_wanted(db: &Connection, person: i64, choice: Choice, wanted: bool) -> Result<()> {
    let sql = if wanted {
        "DELETE FROM mail_unwanted WHERE person = ?1 AND choice = ?2"
    } else {
        "INSERT INTO mail_unwanted VALUES (?1, ?2) ON CONFLICT DO NOTHING"
    };
    db.execute(sql, params![person, choice.key()])?;
    Ok(())
}

/// What a person does not want, by key.
pub async fn unwanted(db: &SqlitePool, person: i64) -> Result<Vec<(String,)>> {
    let sql = "SELECT choice FROM mail_unwanted WHERE person = $1";
    Ok(sqlx::query_as(sql).bind(person).fetch_all(db).await?)
}

/// A mail whose time has come.
#[derive(Debug, Clone, FromRow)]
pub struct DueRaw {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub office: OfficeId,
    /// To whom; `None` for nobody here.
    pub person: Option<i64>,
    /// Their address.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// By tag.
    pub language: String,
    /// JSON.
    pub letter: String,
    /// How often it was tried.
    pub tries: u32,
}

/// Mails whose time has come, the oldest first: of each office at most `most`, so that one whose server hangs keeps no
/// other waiting.
pub async fn due(db: &SqlitePool, now: i64, most: u32) -> Result<Vec<DueRaw>> {
    // after a restore nobody is told by itself what they may know already
    let sql = "SELECT id, office, person, email, name, language, letter, tries FROM (
        SELECT *, row_number() OVER (PARTITION BY office ORDER BY next_at, id) AS place FROM mail WHERE next_at <= $1
          AND (kind IN ('test', 'invitation', 'reset', 'downtime', 'downtime_over')
            OR office NOT IN (SELECT office FROM connector WHERE held_by = '' AND revoked_at IS NULL)))
      WHERE place <= $2 ORDER BY id";
    Ok(sqlx::query_as(sql).bind(now).bind(most).fetch_all(db).await?)
}

/// How many wait to be sent, and how many are left to a person.
pub async fn unsent(db: &SqlitePool) -> Result<(u64, u64)> {
    let sql = "SELECT count(next_at), count(*) - count(next_at) FROM mail WHERE sent_at IS NULL";
    let (waiting, stopped): (i64, i64) = sqlx::query_as(sql).fetch_one(db).await?;
    Ok((u64::from(super::count(waiting)), u64::from(super::count(stopped))))
}

/// Offices whose mail server has refused a mail twice and taken none that was made since, with what it said last.
pub fn refused(db: &Connection) -> Result<Vec<(OfficeId, String)>> {
    db.all(
        "SELECT office, coalesce(error, '') FROM mail WHERE id IN (
           SELECT max(m.id) FROM mail m INDEXED BY mail_unsent WHERE m.sent_at IS NULL AND m.tries >= 2
             AND NOT EXISTS (SELECT 1 FROM mail s WHERE s.office = m.office AND s.sent_at > m.made_at) GROUP BY m.office)
         ORDER BY office",
        [],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

/// What a letter becomes that nobody sends any more: a link that lets somebody in is not kept.
const WIPED: &str = "CASE WHEN kind IN ('invitation', 'reset') THEN '\"test\"' ELSE letter END";

/// It was handed to the mail server, which took the user name and the password as well.
pub fn sent(db: &Connection, office: OfficeId, id: i64, now: i64) -> Result<()> {
    db.prepare_cached(&format!(
        "UPDATE mail SET sent_at = ?2, next_at = NULL, tries = tries + 1, error = NULL, letter = {WIPED} WHERE id = ?1"
    ))?
    .execute(params![id, now])?;
    db.prepare_cached("UPDATE smtp SET refused_at = NULL WHERE office = ?1 AND refused_at IS NOT NULL")?
        .execute([office])?;
    Ok(())
}

/// It was not; it is tried again at `next_at`, or left to a person.
pub fn failed(db: &Connection, id: i64, error: &str, next_at: Option<i64>) -> Result<()> {
    db.prepare_cached(&format!(
        "UPDATE mail SET tries = tries + 1, error = ?2, next_at = ?3, letter = CASE WHEN ?3 IS NULL THEN {WIPED} ELSE letter END
         WHERE id = ?1 AND sent_at IS NULL"
    ))?
    .execute(params![id, error, next_at])?;
    Ok(())
}

/// The server takes nothing now: what is due of the office waits until then, and that is no try of any of it.
pub fn stand_back(db: &Connection, office: OfficeId, fault: Fault, now: i64, until: i64) -> Result<()> {
    db.execute(
        "UPDATE mail SET next_at = ?3, error = ?4 WHERE office = ?1 AND next_at <= ?2",
        params![office, now, until, fault.key()],
    )?;
    if fault == Fault::LogIn {
        db.execute(
            "UPDATE smtp SET refused_at = ?2 WHERE office = ?1 AND refused_at IS NULL",
            params![office, now],
        )?;
    }
    Ok(())
}

/// Offices whose mail server does not take the user name and the password.
pub fn shut_out(db: &Connection) -> Result<Vec<OfficeId>> {
    db.all(
        "SELECT office FROM smtp WHERE refused_at IS NOT NULL ORDER BY office",
        [],
        |r| r.get(0),
    )
}

/// Links that let nobody in any more are not sent, nor kept.
pub fn wipe_dead(db: &Connection, kind: &str, before: i64) -> Result<()> {
    db.prepare_cached(&format!(
        "UPDATE mail SET next_at = NULL, letter = {WIPED} WHERE next_at IS NOT NULL AND kind = ?1 AND made_at <= ?2"
    ))?
    .execute(params![kind, before])?;
    Ok(())
}

/// A person asks for another try; says whether there is such a mail.
pub fn again(db: &Connection, office: OfficeId, id: i64, now: i64) -> Result<bool> {
    let n = db.execute(
        "UPDATE mail SET next_at = ?3, tries = 0, error = NULL WHERE id = ?1 AND office = ?2 AND sent_at IS NULL
           AND (kind = 'test' OR letter <> '\"test\"')",
        params![id, office, now],
    )?;
    Ok(n == 1)
}

/// A person asks for another try of all that were given up; says how many.
pub fn all_again(db: &Connection, office: OfficeId, now: i64) -> Result<usize> {
    Ok(db.execute(
        "UPDATE mail SET next_at = ?2, tries = 0, error = NULL WHERE office = ?1 AND sent_at IS NULL AND next_at IS NULL
           AND (kind = 'test' OR letter <> '\"test\"')",
        params![office, now],
    )?)
}

/// Forgets what was sent long ago.
pub fn forget(db: &Connection, before: i64) -> Result<()> {
    db.execute(
        "DELETE FROM mail WHERE id IN (SELECT id FROM mail WHERE made_at < ?1 AND next_at IS NULL ORDER BY id LIMIT 500)",
        [before],
    )?;
    Ok(())
}

/// A mail of the outbox.
#[derive(Debug, Clone, FromRow)]
pub struct LineRaw {
    /// Its number.
    pub id: i64,
    /// To whom.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What it is.
    pub kind: String,
    /// Wall clock, as all below.
    pub made_at: i64,
    /// When it was sent.
    pub sent_at: Option<i64>,
    /// When it is tried again.
    pub next_at: Option<i64>,
    /// How often it was tried.
    pub tries: u32,
    /// Why not.
    pub error: Option<String>,
    /// What it told is still there.
    pub can_again: bool,
}

/// The last mails of an office.
pub async fn lines(db: &SqlitePool, office: OfficeId, most: u32) -> Result<Vec<LineRaw>> {
    let sql = "SELECT id, name, email, kind, made_at, sent_at, next_at, tries, error, kind = 'test' OR letter <> '\"test\"' AS can_again FROM mail WHERE office = $1 ORDER BY id DESC LIMIT $2";
    Ok(sqlx::query_as(sql).bind(office).bind(most).fetch_all(db).await?)
}

/// How many mails of an office are left to a person.
pub async fn left(db: &SqlitePool, office: OfficeId) -> Result<u32> {
    let sql = "SELECT count(*) FROM mail WHERE office = $1 AND sent_at IS NULL AND next_at IS NULL";
    let (n,): (u32,) = sqlx::query_as(sql).bind(office).fetch_one(db).await?;
    Ok(n)
}

/// A stopped task that one of its managers has not been told of.
#[derive(Debug, Clone, FromRow)]
pub struct StoppedRaw {
    /// The manager.
    pub person: i64,
    /// Whose.
    pub office: OfficeId,
    pub task: i64,
    /// Since when.
    pub since: i64,
}

/// Orange tasks that stopped between two instants and that their managers have not been told of.
pub async fn stopped(db: &SqlitePool, from: i64, until: i64, most: u32) -> Result<Vec<StoppedRaw>> {
    let sql = "SELECT m.person, t.office, t.id AS task, t.changed_at AS since FROM smtp s
      JOIN task t INDEXED BY task_stopped ON t.office = s.office AND t.state IN (2, 3) AND t.state = 2 AND t.changed_at BETWEEN $1 AND $2
      JOIN dossier_manager m ON m.dossier = t.dossier JOIN person p ON p.id = m.person AND p.left_at IS NULL AND p.role NOT IN ('client', 'candidate')
      WHERE NOT EXISTS (SELECT 1 FROM mailed x WHERE x.person = m.person AND x.what = 'task ' || t.id || ' ' || t.changed_at)
      ORDER BY m.person, t.id LIMIT $3";
    Ok(sqlx::query_as(sql)
        .bind(from)
        .bind(until)
        .bind(most)
        .fetch_all(db)
        .await?)
}

/// Something a person was told in the console and not by mail.
#[derive(Debug, Clone, FromRow)]
pub struct NoticeRaw {
    /// Its number.
    pub id: i64,
    /// To whom.
    pub person: i64,
    /// Where.
    pub office: OfficeId,
    /// Key of its kind.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// What that is called.
    pub detail: String,
}

/// Notices since an instant that were not mailed.
pub async fn notices(db: &SqlitePool, from: i64, most: u32) -> Result<Vec<NoticeRaw>> {
    let sql = "SELECT n.id, n.person, n.office, n.kind, n.subject, n.detail FROM notice n JOIN smtp s ON s.office = n.office
      WHERE n.id > ifnull((SELECT value FROM meta WHERE key = 'mailed_notice'), 0) AND n.at >= $1
        AND NOT EXISTS (SELECT 1 FROM mailed x WHERE x.person = n.person AND x.what = 'notice ' || n.id)
      ORDER BY n.person, n.id LIMIT $2";
    Ok(sqlx::query_as(sql).bind(from).bind(most).fetch_all(db).await?)
}

/// Staff of the offices that can send mail: number and office.
pub async fn staff(db: &SqlitePool) -> Result<Vec<(i64, OfficeId)>> {
    let sql = "SELECT p.id, p.office FROM person p JOIN smtp s ON s.office = p.office
      WHERE p.left_at IS NULL AND p.role NOT IN ('client', 'candidate')";
    Ok(sqlx::query_as(sql).fetch_all(db).await?)
}

/// Staff of an office, or (`None`) of all that can send mail.
pub fn staff_of(db: &Connection, office: Option<OfficeId>) -> Result<Vec<(i64, OfficeId)>> {
    db.all(
        "SELECT p.id, p.office FROM person p JOIN smtp s ON s.office = p.office
         WHERE p.left_at IS NULL AND (?1 IS NULL OR p.office = ?1)",
        [office],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

/// Whether something was told, read outside the writer.
pub async fn was_told(db: &SqlitePool, person: i64, what: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM mailed WHERE person = $1 AND what = $2)";
    let (told,): (bool,) = sqlx::query_as(sql).bind(person).bind(what).fetch_one(db).await?;
    Ok(told)
}

/// A link that ends a subscription. Links of mail that is long read go.
pub fn add_unsubscribe(db: &Connection, hash: &Hash, person: i64, choice: Choice, now: i64) -> Result<()> {
    db.execute(
        "DELETE FROM unsubscribe_link WHERE made_at < ?1",
        [now - LINKS_LAST_MS],
    )?;
    db.execute(
        "INSERT INTO unsubscribe_link (hash, person, choice, made_at) VALUES (?1, ?2, ?3, ?4)",
        params![hash, person, choice.key(), now],
    )?;
    Ok(())
}

/// Whose subscription a link ends, and which.
pub fn unsubscribe(db: &Connection, hash: &Hash) -> Result<Option<(i64, Choice)>> {
    let mut q = db.prepare("SELECT person, choice FROM unsubscribe_link WHERE hash = ?1")?;
    let row: Option<(i64, String)> = q.query_row([hash], |r| Ok((r.get(0)?, r.get(1)?))).optional()?;
    Ok(row.and_then(|(person, choice)| Some((person, Choice::from_key(&choice)?))))
}

/// The language of a tag.
pub fn language(tag: &str) -> Language {
    Language::from_tag(tag).unwrap_or_default()
}

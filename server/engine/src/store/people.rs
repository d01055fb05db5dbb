//! What the pages of users, sessions and settings ask.

use crate::{error::Result, secret::Hash};
use domain::{Language, OfficeId, Viewer};
use sqlx::{FromRow, SqlitePool};

/// Most people of one list.
const MOST: u32 = 500;
/// Most dossiers of one search.
const MOST_DOSSIERS: u32 = 100;

/// A person's line.
#[derive(Debug, Clone, FromRow)]
pub struct PersonRaw {
    /// Their number.
    pub id: i64,
    /// What they are called.
    pub name: String,
    /// Lower case.
    pub email: String,
    /// Key.
    pub role: String,
    /// Tag.
    pub language: String,
    /// Wall clock.
    pub seen_at: Option<i64>,
    /// Wall clock.
    pub left_at: Option<i64>,
    /// They have chosen a password, or the demo lets them in without.
    pub has_password: bool,
    /// How many dossiers they manage.
    pub dossiers: i64,
    /// Until when their unused link is good.
    pub link_until: Option<i64>,
}

/// The people of an office whose name or e-mail address has `text` in it.
///
/// # Errors
/// When it cannot be read.
pub async fn of_office(db: &SqlitePool, office: OfficeId, text: &str, now: i64) -> Result<Vec<PersonRaw>> {
    let sql = "SELECT p.id, p.name, p.email, p.role, p.language, p.seen_at, p.left_at, p.password_hash IS NOT NULL OR EXISTS (SELECT 1 FROM sign_in_link l WHERE l.person = p.id AND l.reusable = 1) AS has_password,
        (SELECT count(*) FROM dossier_manager m WHERE m.person = p.id) AS dossiers,
        (SELECT max(l.expires_at) FROM sign_in_link l WHERE l.person = p.id AND l.reusable = 0 AND l.used_at IS NULL AND l.expires_at > $3) AS link_until
      FROM person p WHERE p.office = $1 AND ($2 = '' OR p.name LIKE $2 ESCAPE '\\' OR p.email LIKE $2 ESCAPE '\\')
      ORDER BY p.left_at IS NOT NULL, p.name COLLATE NOCASE, p.id LIMIT $4";
    Ok(sqlx::query_as(sql)
        .bind(office)
        .bind(like(text))
        .bind(now)
        .bind(MOST)
        .fetch_all(db)
        .await?)
}

/// Dossiers of an office, those that the person manages first: number, code, name, managed.
///
/// # Errors
/// When it cannot be read.
pub async fn dossiers_for(
    db: &SqlitePool,
    office: OfficeId,
    person: i64,
    text: &str,
) -> Result<Vec<(i64, String, String, bool)>> {
    let sql = "SELECT d.id, d.code, d.name, m.person IS NOT NULL AS managed FROM dossier d
        LEFT JOIN dossier_manager m ON m.dossier = d.id AND m.person = $2
      WHERE d.office = $1 AND ($3 = '' OR d.code LIKE $3 ESCAPE '\\' OR d.name LIKE $3 ESCAPE '\\')
      ORDER BY m.person IS NULL, d.code LIMIT $4";
    Ok(sqlx::query_as(sql)
        .bind(office)
        .bind(person)
        .bind(like(text))
        .bind(MOST_DOSSIERS)
        .fetch_all(db)
        .await?)
}

/// Number, name, role, office, language, last seen.
type HolderRaw = (i64, String, String, Option<i64>, String, Option<i64>);

/// Who holds a session that is not over, and when they were last seen by it.
///
/// # Errors
/// When it cannot be read.
pub async fn session(db: &SqlitePool, hash: &Hash, now: i64) -> Result<Option<(Viewer, Option<i64>)>> {
    let sql = "SELECT p.id, p.name, p.role, p.office, p.language, s.seen_at
        FROM session s JOIN person p ON p.id = s.person WHERE s.hash = $1 AND s.expires_at > $2 AND p.left_at IS NULL";
    let row: Option<HolderRaw> = sqlx::query_as(sql)
        .bind(hash.as_slice())
        .bind(now)
        .fetch_optional(db)
        .await?;
    Ok(row.and_then(|(id, name, role, office, language, seen)| {
        Some((super::person::viewer((id, name, role, office, language))?, seen))
    }))
}

/// A person's session: beginning of its hash, agent, from, last seen.
pub type SessionRaw = (String, String, i64, Option<i64>);

/// A person's sessions that are not over, the last seen first.
///
/// # Errors
/// When it cannot be read.
pub async fn sessions(db: &SqlitePool, person: i64, now: i64) -> Result<Vec<SessionRaw>> {
    let sql = "SELECT substr(hex(hash), 1, 16), agent, created_at, seen_at FROM session
      WHERE person = $1 AND expires_at > $2 ORDER BY coalesce(seen_at, created_at) DESC LIMIT 100";
    Ok(sqlx::query_as(sql).bind(person).bind(now).fetch_all(db).await?)
}

/// What a person chose for themselves: e-mail address, theme, shortcuts, whether they have a password.
///
/// # Errors
/// When it cannot be read.
pub async fn taste(db: &SqlitePool, person: i64) -> Result<Option<(String, String, bool, bool)>> {
    let sql = "SELECT email, theme, shortcuts = 1, password_hash IS NOT NULL FROM person WHERE id = $1";
    Ok(sqlx::query_as(sql).bind(person).fetch_optional(db).await?)
}

/// Whom a link signs in, by name and role (`None` for the first admin), and whether it is good more than once.
pub type LinkRaw = (Option<(String, String)>, bool);

/// Whom a link would sign in.
///
/// # Errors
/// When it cannot be read.
pub async fn link(db: &SqlitePool, hash: &Hash, now: i64) -> Result<Option<LinkRaw>> {
    let sql = "SELECT p.name, p.role, l.reusable = 1 FROM sign_in_link l LEFT JOIN person p ON p.id = l.person
      WHERE l.hash = $1 AND l.expires_at > $2 AND (l.used_at IS NULL OR l.reusable = 1) AND p.left_at IS NULL";
    let row: Option<(Option<String>, Option<String>, bool)> = sqlx::query_as(sql)
        .bind(hash.as_slice())
        .bind(now)
        .fetch_optional(db)
        .await?;
    Ok(row.map(|(name, role, reusable)| (name.zip(role), reusable)))
}

/// A pattern that finds `text` anywhere, and nothing else; empty for no text.
pub(super) fn like(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// Names of those who run an office and can sign in, and so can give rights in it.
///
/// # Errors
/// When they cannot be read.
pub async fn running(db: &SqlitePool, office: OfficeId) -> Result<Vec<String>> {
    let sql = "SELECT name FROM person WHERE office = $1 AND role = 'admin' AND left_at IS NULL ORDER BY name COLLATE NOCASE LIMIT 5";
    let rows: Vec<(String,)> = sqlx::query_as(sql).bind(office).fetch_all(db).await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

/// The language of what an office sends.
///
/// # Errors
/// When it cannot be read.
pub async fn language_of(db: &SqlitePool, office: OfficeId) -> Result<Language> {
    let found: Option<(String,)> = sqlx::query_as("SELECT language FROM office WHERE id = $1")
        .bind(office)
        .fetch_optional(db)
        .await?;
    Ok(found
        .and_then(|(tag,)| Language::from_tag(&tag))
        .unwrap_or_default())
}

//! What the pages of users, sessions and settings ask.

use crate::{db::like, error::Result, secret::Hash};
use domain::{OfficeId, Viewer};
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
    /// They have a second factor.
    pub has_factor: bool,
    /// How many dossiers they manage.
    pub dossiers: i64,
    /// Until when their unused link is good.
    pub link_until: Option<i64>,
}

/// The people of an office whose name or e-mail address has `text` in it.
pub async fn of_office(db: &SqlitePool, office: OfficeId, text: &str, now: i64) -> Result<Vec<PersonRaw>> {
    let sql = "SELECT p.id, p.name, p.email, p.role, p.language, p.seen_at, p.left_at, p.password_hash IS NOT NULL OR EXISTS (SELECT 1 FROM sign_in_link l WHERE l.person = p.id AND l.reusable = 1) AS has_password,
        EXISTS (SELECT 1 FROM factor f WHERE f.person = p.id) AS has_factor,
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

/// The people of Support.
pub async fn of_support(db: &SqlitePool, now: i64) -> Result<Vec<PersonRaw>> {
    let sql = "SELECT p.id, p.name, p.email, p.role, p.language, p.seen_at, p.left_at, p.password_hash IS NOT NULL OR EXISTS (SELECT 1 FROM sign_in_link l WHERE l.person = p.id AND l.reusable = 1) AS has_password,
        EXISTS (SELECT 1 FROM factor f WHERE f.person = p.id) AS has_factor,
        0 AS dossiers,
        (SELECT max(l.expires_at) FROM sign_in_link l WHERE l.person = p.id AND l.reusable = 0 AND l.used_at IS NULL AND l.expires_at > $1) AS link_until
      FROM person p WHERE p.role = 'support'
      ORDER BY p.left_at IS NOT NULL, p.name COLLATE NOCASE, p.id LIMIT $2";
    Ok(sqlx::query_as(sql).bind(now).bind(MOST).fetch_all(db).await?)
}

/// Dossiers of an office, those that the person manages first: number, code, name, managed.
pub async fn dossiers_for(
    db: &SqlitePool,
    office: OfficeId,
    person: i64,
    text: &str,
) -> Result<Vec<(i64, String, String, bool)>> {
    let sql = "SELECT d.id, d.code, d.name, m.person IS NOT NULL AS managed FROM dossier d
        LEFT JOIN dossier_manager m ON m.dossier = d.id AND m.person = $2
      WHERE d.office = $1 AND d.archived_at IS NULL AND ($3 = '' OR d.code LIKE $3 ESCAPE '\\' OR d.name LIKE $3 ESCAPE '\\')
      ORDER BY m.person IS NULL, d.code LIMIT $4";
    Ok(sqlx::query_as(sql)
        .bind(office)
        .bind(person)
        .bind(like(text))
        .bind(MOST_DOSSIERS)
        .fetch_all(db)
        .await?)
}

/// A session as stored.
#[derive(Debug, Clone, FromRow)]
pub struct SessionRaw {
    /// The beginning of its hash, in capital hex digits.
    pub name: String,
    /// What its browser calls itself.
    pub agent: String,
    /// Wall clock.
    pub created_at: i64,
    /// Wall clock.
    pub seen_at: Option<i64>,
    /// Wall clock.
    pub expires_at: i64,
    /// The second factor was given in it.
    pub passed: bool,
    /// It began with a link of the demo.
    pub demo: bool,
    /// Its holder has a second factor.
    pub has_factor: bool,
}

/// The columns of a [`SessionRaw`], of a session `s`.
const OF_SESSION: &str = "substr(hex(s.hash), 1, 16) AS name, s.agent, s.created_at, s.seen_at, s.expires_at,
    s.passed_at IS NOT NULL AS passed, s.demo = 1 AS demo,
    EXISTS (SELECT 1 FROM factor f WHERE f.person = s.person) AS has_factor";

/// Number, name, role, office, language of a session's holder.
#[derive(FromRow)]
struct HolderRaw {
    id: i64,
    called: String,
    role: String,
    office: Option<i64>,
    language: String,
    #[sqlx(flatten)]
    session: SessionRaw,
}

/// Who holds a session, and the session. People who have left hold none.
pub async fn session(db: &SqlitePool, hash: &Hash) -> Result<Option<(Viewer, SessionRaw)>> {
    let sql = format!(
        "SELECT p.id, p.name AS called, p.role, p.office, p.language, {OF_SESSION}
         FROM session s JOIN person p ON p.id = s.person WHERE s.hash = $1 AND p.left_at IS NULL"
    );
    let row: Option<HolderRaw> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(hash.as_slice())
        .fetch_optional(db)
        .await?;
    Ok(row.and_then(|r| {
        let viewer = super::person::viewer((r.id, r.called, r.role, r.office, r.language))?;
        Some((viewer, r.session))
    }))
}

/// A person's sessions, the last seen first; among them those that have ended by themselves.
pub async fn sessions(db: &SqlitePool, person: i64) -> Result<Vec<SessionRaw>> {
    let sql = format!(
        "SELECT {OF_SESSION} FROM session s WHERE s.person = $1 ORDER BY coalesce(s.seen_at, s.created_at) DESC LIMIT 100"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(person)
        .fetch_all(db)
        .await?)
}

/// The recovery codes that are shown in a session, sealed.
pub async fn codes(db: &SqlitePool, hash: &Hash, now: i64) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT codes FROM session WHERE hash = $1 AND codes_until > $2";
    let row: Option<(Option<Vec<u8>>,)> = sqlx::query_as(sql)
        .bind(hash.as_slice())
        .bind(now)
        .fetch_optional(db)
        .await?;
    Ok(row.and_then(|(codes,)| codes))
}

/// What a person chose for themselves: e-mail address, theme, shortcuts, whether they have a password.
pub async fn taste(db: &SqlitePool, person: i64) -> Result<Option<(String, String, bool, bool)>> {
    let sql = "SELECT email, theme, shortcuts = 1, password_hash IS NOT NULL FROM person WHERE id = $1";
    Ok(sqlx::query_as(sql).bind(person).fetch_optional(db).await?)
}

/// Whom a link signs in, by name and role (`None` for the first admin), and whether it is good more than once.
pub type LinkRaw = (Option<(String, String)>, bool);

/// Whom a link would sign in.
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

/// What everybody knows of a person: name, address, office.
pub async fn about(db: &SqlitePool, person: i64) -> Result<Vec<String>> {
    let sql = "SELECT p.name, p.email, ifnull(o.name, '') FROM person p LEFT JOIN office o ON o.id = p.office WHERE p.id = $1";
    let row: Option<(String, String, String)> = sqlx::query_as(sql).bind(person).fetch_optional(db).await?;
    Ok(row
        .map(|(name, email, office)| vec![name, email, office])
        .unwrap_or_default())
}

/// The same of whom a link would sign in.
pub async fn about_link(db: &SqlitePool, hash: &Hash) -> Result<Vec<String>> {
    let sql = "SELECT person FROM sign_in_link WHERE hash = $1 AND person IS NOT NULL";
    let row: Option<(i64,)> = sqlx::query_as(sql)
        .bind(hash.as_slice())
        .fetch_optional(db)
        .await?;
    match row {
        Some((person,)) => about(db, person).await,
        None => Ok(vec![]),
    }
}

/// Names of those who run an office and can sign in, and so can give rights in it.
pub async fn running(db: &SqlitePool, office: OfficeId) -> Result<Vec<String>> {
    let sql = "SELECT name FROM person WHERE office = $1 AND role = 'admin' AND left_at IS NULL ORDER BY name COLLATE NOCASE LIMIT 5";
    let rows: Vec<(String,)> = sqlx::query_as(sql).bind(office).fetch_all(db).await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

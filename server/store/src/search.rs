//! Finding by words. Every query is bounded, whatever was typed and however much is stored: full text by its
//! index, numbers and codes by their keys; only lists that stay short are read through.

use super::read::{MANAGED, VISIBLE, person_filter};
use crate::db::like;
use crate::error::Result;
use domain::{OfficeId, Viewer};
use sqlx::SqlitePool;

/// Most of each thing.
pub const MOST: u32 = 8;
/// So many tasks or dossiers that have the words are looked at; those that the reader may not see count too.
const LOOKED_AT: u32 = 5_000;
/// Above so many dossiers, a person's tasks are found by words alone and sifted.
const MANY: usize = 200;

/// The text that finds a task: its words, and one sign each for its office and its dossier, so that the index
/// itself leaves out what somebody may not see. Nobody types these signs: they are of the area for private use.
/// Others may share a sign; whoever reads must check the row.
pub fn indexed(office: OfficeId, dossier: i64, words: &str) -> String {
    format!("{} {} {words}", office_sign(office), dossier_sign(dossier))
}

/// The sign of an office, as the index has it.
pub(super) fn office_sign(office: OfficeId) -> char {
    sign(0xE000, office)
}

fn dossier_sign(dossier: i64) -> char {
    sign(0xEC80, dossier)
}

fn sign(first: u32, id: i64) -> char {
    let n = u32::try_from(id.rem_euclid(3200)).unwrap_or(0);
    char::from_u32(first + n).unwrap_or(' ')
}

/// What somebody typed as a full-text query: all words must be there, and one of `whole` letters or more finds those
/// that begin with it. Quotes and operators are words like any other. `None` when nothing is left to look for.
pub fn full_text(typed: &str, whole: usize) -> Option<String> {
    let words = typed.split(|c: char| c.is_whitespace() || c.is_control() || c == '"');
    let words: Vec<String> = words
        .filter(|w| w.chars().any(char::is_alphanumeric))
        .take(8)
        .map(|w| {
            let begins = if w.chars().count() < whole { "" } else { "*" };
            format!("\"{w}\"{begins}")
        })
        .collect();
    (!words.is_empty()).then(|| words.join(" AND "))
}

/// Numbers of the newest tasks with these words, among those that the viewer sees.
pub async fn tasks(db: &SqlitePool, office: OfficeId, viewer: &Viewer, query: &str) -> Result<Vec<i64>> {
    let person = person_filter(viewer);
    let mut signed = format!("\"{}\" AND {query}", office_sign(office));
    if person != 0 {
        let managed = super::read::managed(db, person).await?;
        if managed.is_empty() {
            return Ok(vec![]);
        }
        if managed.len() <= MANY {
            let signs: Vec<String> = managed
                .iter()
                .map(|d| format!("\"{}\"", dossier_sign(*d)))
                .collect();
            signed = format!("({}) AND {query}", signs.join(" OR "));
        }
    }
    let sql = format!(
        "SELECT t.id FROM (SELECT rowid FROM task_words WHERE task_words MATCH $3 ORDER BY rowid DESC LIMIT {LOOKED_AT}) w
         CROSS JOIN task t ON t.id = w.rowid
         WHERE t.office = $1 AND {VISIBLE}
         LIMIT {MOST}"
    );
    let rows: Vec<(i64,)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(office)
        .bind(person)
        .bind(signed)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Number of the task that was delivered with this very key.
pub async fn task_of_key(db: &SqlitePool, office: OfficeId, key: &str) -> Result<Option<i64>> {
    let sql = "SELECT id FROM task WHERE office = $1 AND idempotency_key = $2";
    let row: Option<(i64,)> = sqlx::query_as(sql)
        .bind(office)
        .bind(key)
        .fetch_optional(db)
        .await?;
    Ok(row.map(|(id,)| id))
}

/// Numbers of the newest tasks that stopped, among those that the viewer sees.
pub async fn stopped(db: &SqlitePool, office: OfficeId, viewer: &Viewer, limit: u32) -> Result<Vec<i64>> {
    let sql = format!(
        "SELECT t.id FROM task t WHERE t.office = $1 AND t.state IN (2, 3) AND {VISIBLE} ORDER BY t.id DESC LIMIT $3"
    );
    let rows: Vec<(i64,)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(office)
        .bind(person_filter(viewer))
        .bind(limit)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Code, name, package and stage of dossiers that the viewer sees and nobody has put away: the one of this very code
/// first, then those with the words.
pub async fn dossiers(
    db: &SqlitePool,
    office: OfficeId,
    viewer: &Viewer,
    typed: &str,
    query: &str,
) -> Result<Vec<(String, String, String, String)>> {
    let sql = format!(
        "SELECT d.code, d.name, p.code, d.activation FROM (
           SELECT id, 0 AS place FROM dossier WHERE office = $1 AND code IN ($3, upper($3))
           UNION ALL SELECT * FROM (SELECT rowid, 1 FROM dossier_words WHERE dossier_words MATCH $4 LIMIT {LOOKED_AT})) w
         CROSS JOIN dossier d ON d.id = w.id JOIN package p ON p.id = d.package
         WHERE d.office = $1 AND d.archived_at IS NULL AND {MANAGED}
         GROUP BY d.id ORDER BY min(w.place), d.code LIMIT {MOST}"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(office)
        .bind(person_filter(viewer))
        .bind(typed)
        .bind(format!("\"{}\" AND {query}", office_sign(office)))
        .fetch_all(db)
        .await?)
}

/// Name, e-mail address and role of the office's people with this in their name or address.
pub async fn people(db: &SqlitePool, office: OfficeId, typed: &str) -> Result<Vec<(String, String, String)>> {
    let sql = format!(
        "SELECT name, email, role FROM person WHERE office = $1 AND left_at IS NULL
         AND (name LIKE $2 ESCAPE '\\' OR email LIKE $2 ESCAPE '\\') ORDER BY name LIMIT {MOST}"
    );
    let query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
    Ok(query.bind(office).bind(like(typed)).fetch_all(db).await?)
}

/// Name and version of the office's connectors with this in their name.
pub async fn connectors(
    db: &SqlitePool,
    office: OfficeId,
    typed: &str,
) -> Result<Vec<(String, Option<String>)>> {
    let sql = format!(
        "SELECT name, version FROM connector WHERE office = $1 AND revoked_at IS NULL AND name LIKE $2 ESCAPE '\\'
         ORDER BY name LIMIT {MOST}"
    );
    let query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
    Ok(query.bind(office).bind(like(typed)).fetch_all(db).await?)
}

/// Number, description and kind of the office's jobs with this at the beginning of their number or in their description,
/// the newest first.
pub async fn jobs(db: &SqlitePool, office: OfficeId, typed: &str) -> Result<Vec<(i64, String, String)>> {
    let sql = format!(
        "SELECT id, description, kind FROM job WHERE office = $1 AND deleted_at IS NULL
         AND ($3 <> '' AND substr(id, 1, length($3)) = $3 OR description LIKE $2 ESCAPE '\\') ORDER BY id DESC LIMIT {MOST}"
    );
    let query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
    let number = typed.trim_start_matches('#').to_owned();
    Ok(query
        .bind(office)
        .bind(like(typed))
        .bind(number)
        .fetch_all(db)
        .await?)
}

/// Key, package and code of the causes with this in their code, last seen first.
pub async fn causes(db: &SqlitePool, typed: &str) -> Result<Vec<(String, String, String)>> {
    let sql = format!(
        "SELECT key, package, code FROM cause WHERE code LIKE $1 ESCAPE '\\' ORDER BY last_at DESC LIMIT {MOST}"
    );
    let query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
    Ok(query.bind(like(typed)).fetch_all(db).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_typed_becomes_words() {
        assert_eq!(
            full_text("bak smet", 1).as_deref(),
            Some("\"bak\"* AND \"smet\"*")
        );
        assert_eq!(
            full_text("a\"b OR NEAR(x", 1).as_deref(),
            Some("\"a\"* AND \"b\"* AND \"OR\"* AND \"NEAR(x\"*")
        );
        assert_eq!(full_text("a bc", 2).as_deref(), Some("\"a\" AND \"bc\"*"));
        assert_eq!(full_text("bc", usize::MAX).as_deref(), Some("\"bc\""));
        for nothing in ["", "  ", "\"\"", "* - ^ ( ) : + %", "\u{0}", "🌙"] {
            assert_eq!(full_text(nothing, 1), None, "{nothing:?}");
        }
        assert_eq!(
            full_text(&"a ".repeat(500), 1)
                .unwrap_or_default()
                .matches("AND")
                .count(),
            7
        );
    }

    #[test]
    fn signs_are_of_the_area_for_private_use() {
        for id in [0, 1, 3199, 3200, i64::MAX, -1] {
            let (o, d) = (office_sign(id) as u32, dossier_sign(id) as u32);
            assert!(
                (0xE000..0xEC80).contains(&o) && (0xEC80..0xF900).contains(&d),
                "{id}"
            );
        }
    }
}

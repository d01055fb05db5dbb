//! What the audit log asks.

use crate::db::like;
use crate::error::Result;
use domain::OfficeId;
use sqlx::{FromRow, SqlitePool};

/// A line with the words it needs.
#[derive(Debug, Clone, FromRow)]
pub struct AuditRaw {
    /// Its number.
    pub id: i64,
    /// Wall clock.
    pub at: i64,
    /// Where; `None` for the platform.
    pub office: Option<i64>,
    /// Number of who did it.
    pub person: i64,
    /// Who did it.
    pub name: Option<String>,
    /// Key of their role.
    pub role: Option<String>,
    /// The verb.
    pub what: String,
    /// Such as `task 12`.
    pub subject: String,
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
}

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The acts on the platform itself, too.
    pub platform: bool,
    /// One person; 0 for everybody.
    pub person: i64,
    /// People of Support only.
    pub support: bool,
    /// A verb; empty for all.
    pub what: String,
    /// From this instant on.
    pub from: i64,
    /// Before this instant.
    pub until: i64,
    /// Part of a subject, value or name.
    pub text: String,
    /// Only numbers below this.
    pub below: i64,
}

/// Lines of an office, newest first; at most `limit`.
pub async fn lines(db: &SqlitePool, office: OfficeId, f: &Filter, limit: u32) -> Result<Vec<AuditRaw>> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(lines_sql(f.platform)))
        .bind(office)
        .bind(f.below)
        .bind(f.person)
        .bind(f.support)
        .bind(&f.what)
        .bind(f.from)
        .bind(f.until)
        .bind(like(&f.text))
        .bind(limit)
        .fetch_all(db)
        .await?)
}

/// What [`lines`] asks. It reads down the index of the office, and of the platform beside it, so that a rare word
/// walks through no other office's lines.
pub fn lines_sql(platform: bool) -> String {
    let of = |place: &str| {
        format!(
            "SELECT a.id, a.at, a.office, a.person, p.name, p.role, a.what, a.subject, a.before, a.after
             FROM audit a INDEXED BY audit_by_office LEFT JOIN person p ON p.id = a.person
             WHERE a.office {place} AND a.id < $2 AND ($3 = 0 OR a.person = $3) AND (NOT $4 OR p.role = 'support')
               AND ($5 = '' OR a.what = $5) AND a.at >= $6 AND a.at < $7
               AND ($8 = '' OR a.subject LIKE $8 ESCAPE '\\' OR a.before LIKE $8 ESCAPE '\\' OR a.after LIKE $8 ESCAPE '\\' OR p.name LIKE $8 ESCAPE '\\')"
        )
    };
    let mut sql = of("= $1");
    if platform {
        sql = format!("{sql} UNION ALL {}", of("IS NULL"));
    }
    format!("{sql} ORDER BY 1 DESC LIMIT $9")
}

/// Number and name of everybody of an office, those who left too.
pub async fn people(db: &SqlitePool, office: OfficeId) -> Result<Vec<(i64, String)>> {
    let sql = "SELECT id, name FROM person WHERE office = $1 ORDER BY name COLLATE NOCASE, id LIMIT 500";
    Ok(sqlx::query_as(sql).bind(office).fetch_all(db).await?)
}

/// Names of things that lines speak of by number.
#[derive(Debug, Clone, FromRow)]
pub struct Named {
    /// `person`, `dossier` or `connector`.
    pub kind: String,
    /// Its number.
    pub id: i64,
    /// A dossier's code, else empty.
    pub code: String,
    pub name: String,
}

/// The names of these people, dossiers and connectors of an office. Support's names belong to every office.
pub async fn names(
    db: &SqlitePool,
    office: OfficeId,
    people: &[i64],
    dossiers: &[&str],
    connectors: &[i64],
) -> Result<Vec<Named>> {
    let sql = "SELECT 'person' AS kind, id, '' AS code, name FROM person
        WHERE id IN (SELECT value FROM json_each($2)) AND (office = $1 OR office IS NULL)
      UNION ALL SELECT 'dossier', id, code, name FROM dossier WHERE code IN (SELECT value FROM json_each($3)) AND office = $1
      UNION ALL SELECT 'connector', id, '', name FROM connector WHERE id IN (SELECT value FROM json_each($4)) AND office = $1";
    Ok(sqlx::query_as(sql)
        .bind(office)
        .bind(serde_json::to_string(people)?)
        .bind(serde_json::to_string(dossiers)?)
        .bind(serde_json::to_string(connectors)?)
        .fetch_all(db)
        .await?)
}

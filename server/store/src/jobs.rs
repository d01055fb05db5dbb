//! What the job console asks: lists of jobs and runs, through the readers.

use crate::error::Result;
use domain::{OfficeId, job::JobId};
use sqlx::{FromRow, SqlitePool};

/// Most jobs of one list.
pub const MOST: u32 = 2000;

/// A job's line.
#[derive(Debug, Clone, FromRow)]
pub struct JobRaw {
    /// Its number.
    pub id: i64,
    /// Key of its kind.
    pub kind: String,
    /// Key.
    pub standing: String,
    /// JSON of what people wrote.
    pub body: String,
    /// What people recognise it by.
    pub description: String,
    /// The user that its runs show.
    pub run_as: String,
    /// Rises with each change.
    pub version: i64,
    /// Name of its server.
    pub server: Option<String>,
    /// Code of its collection system.
    pub system: Option<String>,
    /// That system lets its entries run.
    pub system_runs: Option<bool>,
    /// The job that it takes the place of.
    pub replaces: Option<i64>,
    /// When it is due next.
    pub next_at: Option<i64>,
    /// The job that it runs after is not over.
    pub waits: bool,
}

const JOB: &str = "SELECT j.id, j.kind, j.standing, j.body, j.description, j.run_as, j.version, c.name AS server, s.code AS system,
    s.active = 1 AND s.direct = 1 AS system_runs, j.replaces, j.next_at,
    EXISTS (SELECT 1 FROM run p WHERE p.job = j.after AND p.state IN ('planned', 'running')) AS waits
  FROM job j LEFT JOIN connector c ON c.id = j.server LEFT JOIN collection_system s ON s.id = j.system";

/// The jobs of an office by number, at most [`MOST`] and one.
pub async fn of_office(db: &SqlitePool, office: OfficeId) -> Result<Vec<JobRaw>> {
    let sql = format!("{JOB} WHERE j.office = $1 AND j.deleted_at IS NULL ORDER BY j.id LIMIT $2");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(office)
        .bind(MOST + 1)
        .fetch_all(db)
        .await?)
}

/// One job of an office.
pub async fn one(db: &SqlitePool, office: OfficeId, id: JobId) -> Result<Option<JobRaw>> {
    let sql = format!("{JOB} WHERE j.office = $1 AND j.id = $2 AND j.deleted_at IS NULL");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(office)
        .bind(id)
        .fetch_optional(db)
        .await?)
}

/// A company of a job: job, code, name.
pub type CompanyRaw = (i64, String, String);

/// The companies of an office's jobs, in the order of their codes.
pub async fn companies(db: &SqlitePool, office: OfficeId) -> Result<Vec<CompanyRaw>> {
    let sql = "SELECT c.job, d.code, d.name FROM job j JOIN job_company c ON c.job = j.id JOIN dossier d ON d.id = c.dossier
      WHERE j.office = $1 AND j.deleted_at IS NULL ORDER BY c.job, length(d.code), d.code";
    Ok(sqlx::query_as(sql).bind(office).fetch_all(db).await?)
}

/// A run's line.
#[derive(Debug, Clone, FromRow)]
pub struct RunRaw {
    /// Its number.
    pub id: i64,
    pub job: i64,
    /// Key of the job's kind.
    pub kind: String,
    /// The job's description.
    pub description: String,
    /// When it was due.
    pub due_at: i64,
    /// Key.
    pub state: String,
    /// Occurrences that it stands for.
    pub stands_for: u32,
    /// When it began.
    pub started_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// Why.
    pub note: Option<String>,
    /// JSON.
    pub counted: Option<String>,
    /// The user it shows.
    pub run_as: String,
    pub companies: u32,
    /// Companies that are done.
    pub done: u32,
    /// Companies that failed.
    pub failed: u32,
}

const RUN: &str = "SELECT r.id, r.job, j.kind, j.description, r.due_at, r.state, r.stands_for, r.started_at, r.ended_at, r.note, r.counted, r.run_as,
    (SELECT count(*) FROM run_company c WHERE c.run = r.id) AS companies,
    (SELECT count(*) FROM run_company c WHERE c.run = r.id AND c.state = 'done') AS done,
    (SELECT count(*) FROM run_company c WHERE c.run = r.id AND c.state = 'failed') AS failed
  FROM run r JOIN job j ON j.id = r.job";

/// The last runs of each job of an office that is not deleted: at most `each` a job, newest first.
pub async fn last_of_each(db: &SqlitePool, office: OfficeId, each: u32) -> Result<Vec<RunRaw>> {
    let sql = format!(
        "{RUN} WHERE j.office = $1 AND j.deleted_at IS NULL AND r.id IN (SELECT l.id FROM run l WHERE l.job = j.id ORDER BY l.due_at DESC LIMIT $2)
         ORDER BY r.job, r.due_at DESC"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(office)
        .bind(each)
        .fetch_all(db)
        .await?)
}

/// The last runs of one job, newest first.
pub async fn last_of(db: &SqlitePool, job: JobId, most: u32) -> Result<Vec<RunRaw>> {
    let sql = format!("{RUN} WHERE r.job = $1 ORDER BY r.due_at DESC LIMIT $2");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(job)
        .bind(most)
        .fetch_all(db)
        .await?)
}

/// Runs of an office, newest first, before one of them; `states` is a JSON list of keys, empty for all.
pub async fn runs(
    db: &SqlitePool,
    office: OfficeId,
    states: &str,
    job: Option<JobId>,
    before: Option<i64>,
    most: u32,
) -> Result<Vec<RunRaw>> {
    let sql = format!(
        "{RUN} WHERE r.office = $1 AND ($2 = '[]' OR r.state IN (SELECT value FROM json_each($2))) AND ($3 IS NULL OR r.job = $3)
           AND r.id < $4 ORDER BY r.id DESC LIMIT $5"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(office)
        .bind(states)
        .bind(job)
        .bind(before.unwrap_or(i64::MAX))
        .bind(most)
        .fetch_all(db)
        .await?)
}

/// One run of an office.
pub async fn run(db: &SqlitePool, office: OfficeId, id: i64) -> Result<Option<RunRaw>> {
    let sql = format!("{RUN} WHERE r.office = $1 AND r.id = $2");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(office)
        .bind(id)
        .fetch_optional(db)
        .await?)
}

#[derive(Debug, Clone, FromRow)]
pub struct RunCompanyRaw {
    pub code: String,
    pub name: String,
    pub task: i64,
    /// Number of the task's state.
    pub state: i64,
    /// When it began.
    pub started_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// JSON.
    pub counted: Option<String>,
    /// JSON.
    pub outputs: Option<String>,
    /// What the server said.
    pub log: Option<String>,
}

/// The companies of a run, those that failed first.
pub async fn run_companies(db: &SqlitePool, run: i64) -> Result<Vec<RunCompanyRaw>> {
    let sql = "SELECT d.code, d.name, c.task, t.state, c.started_at, c.ended_at, c.counted, c.outputs, c.log
      FROM run_company c JOIN dossier d ON d.id = c.dossier JOIN task t ON t.id = c.task WHERE c.run = $1
      ORDER BY c.state <> 'failed', length(d.code), d.code";
    Ok(sqlx::query_as(sql).bind(run).fetch_all(db).await?)
}

/// Every dossier of an office: code and name.
pub async fn dossiers(db: &SqlitePool, office: OfficeId) -> Result<Vec<(String, String)>> {
    let sql = "SELECT code, name FROM dossier WHERE office = $1 AND archived_at IS NULL ORDER BY length(code), code LIMIT 2000";
    Ok(sqlx::query_as(sql).bind(office).fetch_all(db).await?)
}

/// Of each kind: jobs that are active, jobs in all.
pub async fn by_kind(db: &SqlitePool, office: OfficeId) -> Result<Vec<(String, u32, u32)>> {
    let sql = "SELECT kind, sum(standing = 'active'), count(*) FROM job WHERE office = $1 AND deleted_at IS NULL GROUP BY kind";
    Ok(sqlx::query_as(sql).bind(office).fetch_all(db).await?)
}

/// Of each kind that keeps a list: how many companies it holds.
pub async fn listed(db: &SqlitePool, office: OfficeId) -> Result<Vec<(String, u32)>> {
    let sql = "SELECT kind, count(*) FROM job_list WHERE office = $1 GROUP BY kind";
    Ok(sqlx::query_as(sql).bind(office).fetch_all(db).await?)
}

/// The open procedure that a job is part of, if there is one, and the job that takes its place.
pub async fn around(db: &SqlitePool, job: JobId) -> Result<(Option<i64>, Option<i64>)> {
    let sql = "SELECT (SELECT p.id FROM procedure_job q JOIN procedure p ON p.id = q.procedure WHERE (q.job = $1 OR q.twin = $1) AND p.ended IS NULL LIMIT 1),
      (SELECT id FROM job WHERE replaces = $1 AND deleted_at IS NULL)";
    Ok(sqlx::query_as(sql).bind(job).fetch_one(db).await?)
}

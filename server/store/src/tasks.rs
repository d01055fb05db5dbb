//! What lists of tasks ask. A page costs the same wherever it stands and however much is stored: pages are found by
//! key, and one look goes through a bounded number of candidates.

use super::{
    digest::NOT_YET,
    read::{TASK, TaskRaw, person_filter},
    search::office_sign,
};
use crate::{db::like, error::Result};
use domain::{OfficeId, TaskId, TaskState, Viewer, filter::TaskFilter};
use sqlx::{QueryBuilder, Sqlite, SqlitePool};

/// Most candidates of one look, when nothing narrower than their order leads to them.
const CANDIDATES: i64 = 20_000;
/// Most tasks that words lead to in one look.
const FOUND: i64 = 20_000;
/// Words of so many dossiers lead to tasks one dossier after the other; those of more, in the order of the office.
const FEW: usize = 200;

/// Whose list it is, of what, and from where on.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    pub office: OfficeId,
    /// Who looks.
    pub viewer: &'a Viewer,
    /// What they ask for.
    pub filter: &'a TaskFilter,
    /// The wall clock.
    pub now: i64,
    /// Goes on after this task.
    pub after: Option<i64>,
    /// Only tasks to which nothing has happened since this event.
    pub as_of: Option<i64>,
}

/// One page of tasks.
#[derive(Debug)]
pub struct Page {
    /// In order.
    pub rows: Vec<TaskRaw>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<i64>,
}

pub async fn page(db: &SqlitePool, look: Look<'_>, limit: u32) -> Result<Page> {
    let way = way(db, look).await?;
    let edge = edge(db, look, &way).await?;
    let mut q = QueryBuilder::new(TASK);
    conditions(&mut q, look, &way, edge);
    q.push(" LIMIT ").push_bind(i64::from(limit) + 1);
    let mut rows: Vec<TaskRaw> = q.build_query_as().fetch_all(db).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = if more { rows.last().map(|r| r.id) } else { edge };
    Ok(Page { rows, next })
}

/// Number and state of tasks that match, in order: at most `limit` and where to go on.
pub async fn states(
    db: &SqlitePool,
    look: Look<'_>,
    limit: u32,
) -> Result<(Vec<(TaskId, TaskState)>, Option<i64>)> {
    let way = way(db, look).await?;
    let edge = edge(db, look, &way).await?;
    let mut q = QueryBuilder::new(
        "SELECT t.id, t.state FROM task t JOIN dossier d ON d.id = t.dossier JOIN kind k ON k.id = t.kind JOIN package p ON p.id = d.package
         LEFT JOIN failure f ON f.task = t.id AND f.restarted_at IS NULL",
    );
    conditions(&mut q, look, &way, edge);
    q.push(" LIMIT ").push_bind(i64::from(limit) + 1);
    let rows: Vec<(i64, i64)> = q.build_query_as().fetch_all(db).await?;
    let next = if rows.len() > limit as usize {
        rows.get(limit as usize - 1).map(|r| r.0)
    } else {
        edge
    };
    let rows = rows.into_iter().take(limit as usize);
    Ok((rows.filter_map(known).collect(), next))
}

/// Number and state of those of `ids` that are the office's and that the viewer sees.
pub async fn states_of(
    db: &SqlitePool,
    office: OfficeId,
    viewer: &Viewer,
    ids: &[TaskId],
) -> Result<Vec<(TaskId, TaskState)>> {
    let ids: Vec<i64> = ids.iter().map(|t| t.0).collect();
    let mut q = QueryBuilder::new("SELECT t.id, t.state FROM task t WHERE t.office = ");
    q.push_bind(office);
    q.push(" AND t.id IN (SELECT value FROM json_each(")
        .push_bind(serde_json::to_string(&ids)?)
        .push("))");
    visible(&mut q, viewer);
    q.push(" ORDER BY t.id");
    let rows: Vec<(i64, i64)> = q.build_query_as().fetch_all(db).await?;
    Ok(rows.into_iter().filter_map(known).collect())
}

fn known((id, state): (i64, i64)) -> Option<(TaskId, TaskState)> {
    Some((TaskId(id), TaskState::from_number(state)?))
}

/// Open tasks are read in the order of delivery, finished ones newest first.
fn rising(filter: &TaskFilter) -> bool {
    filter.shown().iter().all(|s| s.is_open())
}

/// How the candidates are reached.
enum Way {
    /// In order, some of the office's tasks: the terms that let a partial index serve.
    InOrder(&'static str),
    Dossier,
    Words(Words),
}

/// Where the words of a text are.
struct Words {
    /// For the index: the office's sign and the words.
    query: String,
    /// Dossiers that have them; `None` when they are more than [`FEW`].
    dossiers: Option<Vec<i64>>,
}

async fn way(db: &SqlitePool, look: Look<'_>) -> Result<Way> {
    let filter = look.filter;
    if filter.only_stopped() {
        return Ok(Way::InOrder(" AND t.state IN (2, 3)"));
    }
    if !filter.dossier.is_empty() {
        return Ok(Way::Dossier);
    }
    if let Some(words) = words(&filter.text) {
        let query = format!("\"{}\" {words}", office_sign(look.office));
        let rows: Vec<(i64,)> =
            sqlx::query_as("SELECT rowid FROM dossier_words WHERE dossier_words MATCH $1 LIMIT $2")
                .bind(&query)
                .bind(FEW as i64 + 1)
                .fetch_all(db)
                .await?;
        let dossiers = (rows.len() <= FEW).then(|| rows.into_iter().map(|(id,)| id).collect());
        return Ok(Way::Words(Words { query, dossiers }));
    }
    Ok(Way::InOrder(if rising(filter) { " AND t.state < 4" } else { "" }))
}

/// The last candidate of this look; `None` when all of them fit.
async fn edge(db: &SqlitePool, look: Look<'_>, way: &Way) -> Result<Option<i64>> {
    let terms = match way {
        Way::InOrder(_) if look.filter.is_default() => return Ok(None),
        Way::InOrder(terms) => terms,
        Way::Dossier => return Ok(None),
        Way::Words(words) => return edge_of_words(db, look, words).await,
    };
    edge_in_order(db, look, terms).await
}

async fn edge_in_order(db: &SqlitePool, look: Look<'_>, terms: &str) -> Result<Option<i64>> {
    let mut q = QueryBuilder::new("SELECT t.id FROM task t WHERE t.office = ");
    q.push_bind(look.office).push(terms);
    after(&mut q, look, "t.id");
    q.push(" LIMIT 1 OFFSET ").push_bind(CANDIDATES);
    let found: Option<(i64,)> = q.build_query_as().fetch_optional(db).await?;
    Ok(found.map(|(id,)| id))
}

/// The nearest of where the tasks' own words and those of their dossiers lead to.
async fn edge_of_words(db: &SqlitePool, look: Look<'_>, words: &Words) -> Result<Option<i64>> {
    let mut q = QueryBuilder::new("SELECT rowid FROM task_words WHERE task_words MATCH ");
    q.push_bind(words.query.clone());
    after(&mut q, look, "rowid");
    q.push(" LIMIT 1 OFFSET ").push_bind(FOUND);
    let own: Option<(i64,)> = q.build_query_as().fetch_optional(db).await?;
    let of_dossiers = match &words.dossiers {
        None => edge_in_order(db, look, "").await?,
        Some(few) => edge_of_dossiers(db, look, few).await?,
    };
    let edges = own.map(|(id,)| id).into_iter().chain(of_dossiers);
    Ok(if rising(look.filter) {
        edges.min()
    } else {
        edges.max()
    })
}

/// Each of the dossiers has its share of what one look goes through.
async fn edge_of_dossiers(db: &SqlitePool, look: Look<'_>, dossiers: &[i64]) -> Result<Option<i64>> {
    let nearest = if rising(look.filter) { "min" } else { "max" };
    let mut q = QueryBuilder::new(format!(
        "SELECT {nearest}((SELECT x.task FROM task_of_dossier x WHERE x.dossier = j.value"
    ));
    after(&mut q, look, "x.task");
    q.push(" LIMIT 1 OFFSET ")
        .push_bind(FOUND / dossiers.len().max(1) as i64)
        .push(")) FROM json_each(")
        .push_bind(serde_json::to_string(dossiers)?)
        .push(") j");
    let (edge,): (Option<i64>,) = q.build_query_as().fetch_one(db).await?;
    Ok(edge)
}

/// From where on, and in which order.
fn after(q: &mut QueryBuilder<Sqlite>, look: Look<'_>, column: &str) {
    within(q, look, column, None);
    let order = if rising(look.filter) { "" } else { " DESC" };
    q.push(format!(" ORDER BY {column}{order}"));
}

/// Between where the look begins and its edge.
fn within(q: &mut QueryBuilder<Sqlite>, look: Look<'_>, column: &str, edge: Option<i64>) {
    let (from, to) = if rising(look.filter) {
        (">", "<=")
    } else {
        ("<", ">=")
    };
    for (sign, bound) in [(from, look.after), (to, edge)] {
        if let Some(bound) = bound {
            q.push(format!(" AND {column} {sign} ")).push_bind(bound);
        }
    }
}

fn conditions(q: &mut QueryBuilder<Sqlite>, look: Look<'_>, way: &Way, edge: Option<i64>) {
    let filter = look.filter;
    // the words lead to a few tasks: walking through the office's in order would be the long way round
    let few = matches!(way, Way::Words(words) if words.dossiers.is_some());
    q.push(if few {
        " WHERE +t.office = "
    } else {
        " WHERE t.office = "
    })
    .push_bind(look.office);
    if let Way::InOrder(terms) = way {
        q.push(terms);
    }
    let numbers: Vec<String> = filter.shown().iter().map(|s| s.number().to_string()).collect();
    q.push(format!(" AND t.state IN ({})", numbers.join(",")));
    within(q, look, "t.id", edge);
    if let Some(seq) = look.as_of {
        q.push(" AND t.last_seq <= ").push_bind(seq);
    }
    visible(q, look.viewer);
    by_text(q, look, way, edge);
    if !filter.dossier.is_empty() {
        q.push(" AND d.code = ").push_bind(filter.dossier.clone());
        if matches!(way, Way::Dossier) {
            q.push(" AND t.id IN (SELECT x.task FROM task_of_dossier x JOIN dossier y ON y.id = x.dossier WHERE y.office = ")
                .push_bind(look.office)
                .push(" AND y.code = ")
                .push_bind(filter.dossier.clone())
                .push(format!(" UNION ALL {NOT_YET})"));
        }
    }
    for (column, value) in [
        ("p.code", &filter.package),
        ("k.code", &filter.kind),
        ("f.code", &filter.code),
    ] {
        if !value.is_empty() {
            q.push(format!(" AND {column} = ")).push_bind(value.clone());
        }
    }
    if let Some(connector) = filter.connector {
        q.push(" AND t.holder = ").push_bind(connector);
    }
    if let Some(age) = filter.age {
        q.push(" AND t.changed_at <= ")
            .push_bind(look.now - age.milliseconds());
    }
    let order = if rising(filter) { "" } else { " DESC" };
    q.push(format!(" ORDER BY t.id{order}"));
}

fn by_text(q: &mut QueryBuilder<Sqlite>, look: Look<'_>, way: &Way, edge: Option<i64>) {
    let text = look.filter.text.trim();
    if text.is_empty() {
        return;
    }
    let number = text.parse::<i64>().unwrap_or(-1);
    if let Way::Words(words) = way {
        by_words(q, look, words, number, edge);
        return;
    }
    // signs only: nothing has them as words
    if words(text).is_none() && !look.filter.only_stopped() {
        q.push(" AND 0");
        return;
    }
    let like = like(text);
    q.push(" AND (t.id = ").push_bind(number);
    for column in ["t.subject", "d.code", "d.name"] {
        q.push(format!(" OR {column} LIKE "))
            .push_bind(like.clone())
            .push(" ESCAPE '\\'");
    }
    q.push(")");
}

/// The task of this number, and those that have the words themselves or whose dossier has them.
fn by_words(q: &mut QueryBuilder<Sqlite>, look: Look<'_>, words: &Words, number: i64, edge: Option<i64>) {
    q.push(" AND (t.id IN (SELECT ").push_bind(number);
    q.push(" UNION ALL SELECT rowid FROM task_words WHERE task_words MATCH ")
        .push_bind(words.query.clone());
    within(q, look, "rowid", edge);
    match &words.dossiers {
        Some(few) => {
            let ids: Vec<String> = few.iter().map(ToString::to_string).collect();
            q.push(format!(
                " UNION ALL SELECT x.task FROM task_of_dossier x WHERE x.dossier IN ({})",
                ids.join(",")
            ));
            within(q, look, "x.task", edge);
            q.push(format!(
                " UNION ALL {NOT_YET} AND n.dossier IN ({}))",
                ids.join(",")
            ));
            q.push(")");
        }
        None => {
            q.push(") OR t.dossier IN (SELECT rowid FROM dossier_words WHERE dossier_words MATCH ")
                .push_bind(words.query.clone())
                .push("))");
        }
    }
}

/// `text` as words for the full-text index, each the beginning of one; `None` when there is none in it.
pub fn words(text: &str) -> Option<String> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .take(8)
        .map(|w| format!("\"{w}\"*"))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Employees see the dossiers that they manage.
fn visible(q: &mut QueryBuilder<Sqlite>, viewer: &Viewer) {
    let person = person_filter(viewer);
    if person != 0 {
        q.push(" AND EXISTS (SELECT 1 FROM dossier_manager m WHERE m.person = ")
            .push_bind(person)
            .push(" AND m.dossier = t.dossier)");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_in_a_text_is_an_operator() {
        assert_eq!(
            super::words("a OR \"b* -c").as_deref(),
            Some("\"a\"* \"OR\"* \"b\"* \"c\"*")
        );
        assert_eq!(super::words("\"*-()"), None);
    }
}

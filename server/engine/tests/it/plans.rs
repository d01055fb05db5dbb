//! How the readers find their rows: by an index that holds no finished task, so that a desk of many years is as fast
//! as a new one.

use crate::desk;

use desk::{desk, look};
use domain::TaskState;
use store::{audit, notice, read};

/// The steps of SQLite's plan for a query.
fn plan(db: &rusqlite::Connection, sql: &str) -> Vec<String> {
    let mut q = db
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .expect("it is SQL");
    let bound = vec![1_i64; q.parameter_count()];
    let steps = q.query_map(rusqlite::params_from_iter(bound), |r| r.get(3));
    steps.expect("it plans").map(|s| s.expect("a step")).collect()
}

#[tokio::test]
async fn what_is_stopped_is_found_without_looking_at_what_is_done() {
    let (_dir, desk) = desk().await.unwrap();
    let db = look(&desk.engine);
    let asked = [
        notice::due_sql(),
        read::same_cause_sql(TaskState::Failed),
        read::same_cause_sql(TaskState::ActionRequired),
    ];
    for sql in asked {
        let steps = plan(&db, &sql);
        let of_tasks: Vec<&String> = steps.iter().filter(|s| s.contains(" t ")).collect();
        assert!(!of_tasks.is_empty(), "{steps:?}");
        assert!(
            of_tasks.iter().all(|s| s.contains("USING INDEX task_stopped")),
            "{steps:?}"
        );
    }
}

#[tokio::test]
async fn the_audit_log_is_read_down_an_index_and_through_no_other_office() {
    let (_dir, desk) = desk().await.unwrap();
    let db = look(&desk.engine);
    for platform in [false, true] {
        let steps = plan(&db, &audit::lines_sql(platform));
        let arms = steps.iter().filter(|s| s.contains(" a "));
        let expected = if platform { 2 } else { 1 };
        assert_eq!(
            arms.filter(|s| s.starts_with("SEARCH") && s.contains("audit_by_office (office=?"))
                .count(),
            expected,
            "{steps:?}"
        );
        assert!(!steps.iter().any(|s| s.contains("TEMP B-TREE")), "{steps:?}");
    }
}

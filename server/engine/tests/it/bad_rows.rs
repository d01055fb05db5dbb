//! Rows that no program of ours wrote: the largest of all numbers and texts of a megabyte, in each table. They cost their
//! own office something, never the start, nor another office.

use crate::desk;
use desk::{
    booking, done, failed,
    jobs::{job_desk, set_up, vouchers},
};
use domain::{TaskState, wire::Report};
use engine::{
    Engine,
    testing::{self, new_task, takes_everything},
};
use rusqlite::Connection;
use serde_json::json;
use std::{fs, path::Path, sync::Arc};

/// A desk with something in many tables: the first office is the one that rows are spoilt of.
async fn lived_in() -> (tempfile::TempDir, i64, i64) {
    let (dir, desk, by, _) = job_desk().await.unwrap();
    set_up(&desk, &by, vouchers(&["D1"], &["12:30"])).await.unwrap();
    desk.deliver(vec![booking("D1"), booking("D2"), booking("D3")])
        .await
        .unwrap();
    let tasks = desk.claim(2).await.unwrap();
    desk.report(&tasks[0], failed("period_not_open", json!({"period": "201802"})))
        .await
        .unwrap();
    desk.clock.pass(25 * 60_000);
    desk.engine.schedule_round().await.unwrap();
    desk.engine.first_admin_link().await.unwrap();
    let other = engine::OfficeRow {
        code: "other".into(),
        ..testing::gent()
    };
    let other = desk.engine.add_office(other).await.unwrap();
    let connector = desk.engine.add_connector(other, "Other").await.unwrap();
    desk.engine.hello(connector, takes_everything()).await.unwrap();
    desk.engine
        .add_dossier(other, "D1", "Dossier 1", "wings")
        .await
        .unwrap();
    desk.engine.tick().await.unwrap();
    (dir, other, connector)
}

/// The columns of a type, and those that name a row.
fn columns(db: &Connection, table: &str, kind: &str) -> Vec<String> {
    let mut q = db
        .prepare("SELECT name FROM pragma_table_info(?1) WHERE type = ?2 OR ?2 = 'pk' AND pk > 0")
        .unwrap();
    let rows = q.query_map([table, kind], |r| r.get(0)).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

/// Spoils all columns of a type in the first row of a table; says whether there was one.
fn spoil(db: &Connection, table: &str, kind: &str, value: &str) -> bool {
    let set: Vec<String> = columns(db, table, kind)
        .iter()
        .map(|c| format!("{c} = {value}"))
        .collect();
    let names = columns(db, table, "pk").join(", ");
    let first = format!("({names}) = (SELECT {names} FROM {table} ORDER BY {names} LIMIT 1)");
    let sql = format!("UPDATE {table} SET {} WHERE {first}", set.join(", "));
    !set.is_empty() && db.execute(&sql, []).unwrap_or_else(|e| panic!("{sql}: {e}")) > 0
}

async fn works(engine: &Arc<Engine>, office: i64, connector: i64) -> engine::Result<TaskState> {
    let id = engine
        .deliver(office, vec![new_task(desk::SYNC, "D1")])
        .await?
        .tasks[0]
        .id;
    let claimed = engine.claim(office, connector, "r".into(), 1, 0).await?.tasks;
    assert_eq!(claimed[0].id, id);
    let report = Report {
        task: id.to_string(),
        lease: claimed[0].lease.clone(),
        outcome: done(),
    };
    engine.report(office, connector, vec![report]).await?;
    Ok(engine.task(office, id).await?.status)
}

async fn with_spoilt(from: &Path, table: &str, kind: &str, value: &str, office: i64, connector: i64) -> bool {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(engine::FILE);
    fs::copy(from, &file).unwrap();
    let db = Connection::open(&file).unwrap();
    db.execute_batch(
        "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; PRAGMA synchronous = OFF",
    )
    .unwrap();
    if !spoil(&db, table, kind, value) {
        return false;
    }
    drop(db);
    let engine = testing::open(dir.path(), testing::clock()).await;
    let engine = engine.unwrap_or_else(|e| panic!("{table} with {kind} {value}: {e}"));
    let done = works(&engine, office, connector).await;
    let done = done.unwrap_or_else(|e| panic!("another office, {table} with {kind}: {e}"));
    assert_eq!(done, TaskState::Succeeded);
    // it goes on by itself, whatever one of these says
    let _ = (engine.tick().await, engine.schedule_round().await);
    assert_eq!(engine.hearts.beat(), Ok(()), "{table} with {kind}");
    true
}

#[tokio::test]
async fn no_row_keeps_the_desk_from_starting_nor_another_office_from_working() {
    let (dir, office, connector) = lived_in().await;
    let file = dir.path().join("plain.db");
    let db = Connection::open(dir.path().join(engine::FILE)).unwrap();
    db.execute("VACUUM INTO ?1", [file.to_str().unwrap()]).unwrap();
    let mut q = db
        .prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'")
        .unwrap();
    let tables: Vec<String> = q
        .query_map([], |r| r.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    let mut spoilt = 0;
    for table in &tables {
        for (kind, value) in [
            ("INTEGER", "9223372036854775807"),
            ("INTEGER", "-9223372036854775808"),
            ("TEXT", "hex(zeroblob(524288))"),
        ] {
            spoilt += usize::from(with_spoilt(&file, table, kind, value, office, connector).await);
        }
    }
    assert!(spoilt > 40, "{spoilt} of {tables:?}");
}

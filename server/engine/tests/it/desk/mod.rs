//! What the whole-engine tests share: a desk in a temporary folder, and a look into its file.
#![allow(dead_code, reason = "each test takes what it needs")]

pub mod jobs;

use domain::{
    Language, OfficeId, Refusal, Role, TaskId, Viewer,
    event::Happened,
    wire::{ClaimedTask, NewTask, Outcome, Reported},
};
use engine::{
    Engine, Error, Result,
    testing::{self, TestDesk, new_task},
};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Map, Value};
use std::sync::Arc;
use tempfile::TempDir;

pub const BOOK: &str = "process_booking_proposal";
pub const DELETE: &str = "delete_booking_proposal";
pub const SYNC: &str = "synchronise_dossier";
pub const ACTIVATE: &str = "activate_dossier";

/// A desk with dossiers D1 to D3, and the folder that it lives in.
pub async fn desk() -> Result<(TempDir, TestDesk)> {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let desk = TestDesk::open(dir.path()).await?;
    desk.dossiers(3).await?;
    Ok((dir, desk))
}

/// The same desk after the program ended and started again.
pub async fn reopen(dir: &TempDir, desk: TestDesk) -> Result<TestDesk> {
    let TestDesk {
        engine,
        clock,
        office,
        connector,
    } = desk;
    drop(engine);
    let engine = testing::open(dir.path(), clock.clone()).await?;
    Ok(TestDesk {
        engine,
        clock,
        office,
        connector,
    })
}

pub fn booking(dossier: &str) -> NewTask {
    new_task(BOOK, dossier)
}

pub fn failed(code: &str, params: Value) -> Outcome {
    let params: Map<String, Value> = params.as_object().cloned().unwrap_or_default();
    Outcome::Failed {
        code: code.into(),
        params,
        detail: Some("said the package".into()),
    }
}

pub fn done() -> Outcome {
    Outcome::Succeeded { result: None }
}

pub fn person(role: Role, office: OfficeId) -> Viewer {
    let office = (role != Role::Support).then_some(office);
    Viewer {
        person: 7,
        name: "Mia".into(),
        role,
        office,
        language: Language::En,
    }
}

/// Delivers one task to a dossier, claims it and reports how it ended.
pub async fn run(desk: &TestDesk, task: NewTask, outcome: Outcome) -> Result<(TaskId, Reported)> {
    let id = desk.deliver(vec![task]).await?[0];
    let claimed = desk.claim(1).await?;
    assert_eq!(ids(&claimed), [id], "the task just delivered is the next");
    Ok((TaskId(id), desk.report(&claimed[0], outcome).await?))
}

pub fn ids(tasks: &[ClaimedTask]) -> Vec<i64> {
    tasks.iter().map(|t| t.id.0).collect()
}

/// The code of a refused item.
pub fn code(reported: &Reported) -> &str {
    reported.error.as_ref().map_or("", |e| e.code.as_str())
}

/// The code of a refused call.
pub fn refused<T: std::fmt::Debug>(answer: Result<T>) -> Refusal {
    match answer {
        Err(Error::Refused(r)) => r,
        other => panic!("{other:?} is no refusal"),
    }
}

/// A connection beside the engine's own.
pub fn look(engine: &Arc<Engine>) -> Connection {
    let db = Connection::open_with_flags(engine.path(), OpenFlags::SQLITE_OPEN_READ_WRITE)
        .expect("the file opens");
    db.execute_batch("PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000")
        .expect("settings");
    db
}

/// All that happened to a task.
pub async fn history(desk: &TestDesk, task: TaskId) -> Result<Vec<Happened>> {
    let events = desk.engine.events_after(desk.office, 0, 100_000).await?;
    Ok(events
        .into_iter()
        .filter(|e| e.task == task)
        .map(|e| e.happened)
        .collect())
}

//! What Support does to all tasks of a cause or a code goes on to the last, whoever waits for it.

use crate::desk;

use desk::{booking, desk, failed, look, refused, reopen};
use domain::{
    Refusal, TaskId, TaskState,
    failure::Audience,
    instruction::{Instruction, Texts},
    language::Language,
    wire::Report,
};
use engine::testing::{TestDesk, support};
use serde_json::json;
use std::{future::Future, pin::pin, task::Poll, time::Duration};
use store::sweep::{Sweep, What};

const CODE: &str = "disk_full";
const KEY: &str = "adsolut.disk_full";
/// More than one chunk.
const MANY: i64 = 300;

/// A desk with 300 red tasks of one cause.
async fn red() -> (tempfile::TempDir, TestDesk) {
    let (dir, desk) = desk().await.expect("a desk");
    for i in 4..=100 {
        let (code, name) = (format!("D{i}"), format!("Dossier {i}"));
        let added = desk.engine.add_dossier(desk.office, &code, &name, "adsolut");
        added.await.expect("a dossier");
    }
    for _ in 0..3 {
        let tasks = (1..=100).map(|i| booking(&format!("D{i}"))).collect();
        desk.deliver(tasks).await.expect("delivered");
        let claimed = desk.claim(100).await.expect("claimed");
        let report = |t: &domain::wire::ClaimedTask| Report {
            task: t.id.to_string(),
            lease: t.lease.clone(),
            outcome: failed(CODE, json!({})),
        };
        let reports = claimed.iter().map(report).collect();
        let answer = desk.engine.report(desk.office, desk.connector, reports).await;
        assert_eq!(answer.expect("reported").reports.len(), 100);
    }
    assert_eq!(in_state(&desk, TaskState::Failed), MANY);
    (dir, desk)
}

fn number(desk: &TestDesk, sql: &str) -> i64 {
    look(&desk.engine)
        .query_row(sql, [], |r| r.get(0))
        .expect("it reads")
}

fn in_state(desk: &TestDesk, state: TaskState) -> i64 {
    number(
        desk,
        &format!("SELECT count(*) FROM task WHERE state = {}", state.number()),
    )
}

/// Asks, and gives up at once.
async fn give_up<F: Future>(asked: F) {
    let mut asked = pin!(asked);
    let first = std::future::poll_fn(|c| Poll::Ready(asked.as_mut().poll(c))).await;
    assert!(first.is_pending(), "it takes a while");
}

async fn until(what: impl Fn() -> bool) {
    for _ in 0..5_000 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("it stopped half-way");
}

fn instruction() -> Instruction {
    let texts = |text: &str| -> Texts {
        Language::ALL
            .into_iter()
            .map(|l| (l.tag().to_owned(), text.to_owned()))
            .collect()
    };
    Instruction {
        package: "adsolut".into(),
        package_name: String::new(),
        code: CODE.into(),
        task_kinds: vec![desk::BOOK.into()],
        audience: Audience::Office,
        restartable: true,
        auto_retry: None,
        group_by: vec!["code".into()],
        params: vec![],
        title: texts("Make room"),
        cause: texts("The disk is full."),
        steps: vec![texts("Empty the bin.")],
        after: None,
        escalate: None,
        alternatives: vec![],
        editable: vec![],
        version: 0,
    }
}

#[tokio::test]
async fn an_instruction_reaches_every_task_though_its_writer_has_gone() {
    let (_dir, desk) = red().await;
    give_up(desk.engine.write_instruction(support(), 0, instruction())).await;
    until(|| in_state(&desk, TaskState::ActionRequired) == MANY).await;
    until(|| number(&desk, "SELECT count(*) FROM sweep") == 0).await;
    let told = "SELECT count(*) FROM audit WHERE what = 'instruction' AND subject LIKE 'task %' AND before = 'failed' AND office = 1";
    assert_eq!(number(&desk, told), MANY, "each has its line in the audit log");
    let known = desk.engine.catalogue();
    assert!(known.instruction("adsolut", CODE, desk::BOOK).is_some());
}

#[tokio::test]
async fn a_cause_is_restarted_to_the_last_task_though_nobody_waits() {
    let (_dir, desk) = red().await;
    give_up(desk.engine.restart_everywhere(support(), KEY.into(), false)).await;
    until(|| in_state(&desk, TaskState::Queued) == MANY).await;
}

#[tokio::test]
async fn the_answer_counts_all_of_them() {
    let (_dir, desk) = red().await;
    let (engine, note) = (&desk.engine, "Empty the bin.");
    let done = engine.take_cause(support(), KEY.into()).await.unwrap();
    assert_eq!((i64::from(done.done), done.moved_on), (MANY, 0));
    let done = engine
        .restart_everywhere(support(), KEY.into(), true)
        .await
        .unwrap();
    assert_eq!(done.done, 1, "one, to test");
    let done = engine
        .hand_cause_over(support(), KEY.into(), note.into())
        .await
        .unwrap();
    assert_eq!(i64::from(done.done), MANY - 1);
    let long = "x".repeat(2_000);
    let refusal = refused(engine.hand_cause_over(support(), KEY.into(), long).await);
    assert!(matches!(refusal, Refusal::Invalid(_)), "{refusal:?}");
    assert_eq!(number(&desk, "SELECT count(*) FROM sweep"), 0);
}

#[tokio::test]
async fn what_a_crash_left_goes_on_where_it_stood() {
    let (dir, desk) = red().await;
    let left = Sweep {
        by: support(),
        what: What::Restart {
            cause: KEY.into(),
            state: TaskState::Failed,
        },
    };
    let db = look(&desk.engine);
    let id = store::sweep::insert(&db, &left, 0).unwrap();
    store::sweep::come_to(&db, id, TaskId(10)).unwrap();
    drop(db);
    let desk = reopen(&dir, desk).await.unwrap();
    desk.engine.tick().await.unwrap();
    assert_eq!(in_state(&desk, TaskState::Failed), 10);
    assert_eq!(in_state(&desk, TaskState::Queued), MANY - 10);
    assert_eq!(number(&desk, "SELECT count(*) FROM sweep"), 0);
}

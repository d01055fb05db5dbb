//! Reports that come too late (T6): they change nothing, what they say is kept, and whoever runs the books is told when
//! work may have been done twice.

use crate::desk;

use desk::{SYNC, booking, code, desk, done, failed, history, person, run};
use domain::{
    Language, Role, TaskId, TaskState, Viewer,
    event::Happened,
    failure::OUTCOME_UNKNOWN,
    wire::{ClaimedTask, Outcome, Report, Reported},
};
use engine::{
    Clock, NewPerson,
    testing::{TestDesk, new_task, support},
};
use serde_json::json;
use views::alerts::NoticeKind;

const LEASE: u64 = 121_000;

async fn add(desk: &TestDesk, role: Role, email: &str) -> Viewer {
    let new = NewPerson {
        office: Some(desk.office),
        email: email.into(),
        name: email.into(),
        role,
        language: Language::En,
        password_hash: None,
    };
    let number = desk.engine.add_person(new).await.unwrap();
    Viewer {
        person: number,
        ..person(role, desk.office)
    }
}

/// The tasks that a person is told of as done twice, perhaps.
async fn told(desk: &TestDesk, who: &Viewer) -> Vec<TaskId> {
    let office = desk.engine.office(&support(), "gent").await.unwrap();
    let groups = desk.engine.notices(who, &office).await.unwrap().groups;
    let late = groups.into_iter().filter(|g| g.kind == NoticeKind::LateSuccess);
    late.flat_map(|g| g.lines).filter_map(|l| l.task).collect()
}

/// A task whose first lease is over, and which another connector has now: both takings.
async fn taken_over(desk: &TestDesk) -> (ClaimedTask, ClaimedTask, i64) {
    let second = desk.engine.add_connector(desk.office, "Gent 2").await.unwrap();
    let hello = engine::testing::takes_everything();
    desk.engine.hello(second, hello).await.unwrap();
    desk.deliver(vec![new_task(SYNC, "D1")]).await.unwrap();
    let first = desk.claim(1).await.unwrap().remove(0);
    desk.clock.pass(LEASE);
    let claim = desk.engine.claim(desk.office, second, "r".into(), 1, 0).await;
    let again = claim.unwrap().tasks.remove(0);
    assert_eq!((again.id, again.attempt), (first.id, 2));
    (first, again, second)
}

fn evidence(r: &Reported) -> Option<i64> {
    r.error.as_ref().and_then(|e| e.evidence)
}

fn late(history: &[Happened]) -> Vec<&Happened> {
    history
        .iter()
        .filter(|h| matches!(h, Happened::Late { .. }))
        .collect()
}

#[tokio::test]
async fn a_late_success_changes_nothing_is_kept_once_and_told() {
    let (_dir, desk) = desk().await.unwrap();
    let admin = add(&desk, Role::Admin, "a@x.test").await;
    let manager = add(&desk, Role::Employee, "m@x.test").await;
    let other = add(&desk, Role::Employee, "o@x.test").await;
    desk.engine.add_manager(1, manager.person).await.unwrap();
    let (first, _again, _) = taken_over(&desk).await;
    let said = Outcome::Succeeded {
        result: Some(json!({"number": 7})),
    };
    let answer = desk.report(&first, said.clone()).await.unwrap();
    assert_eq!(code(&answer), "stale_lease");
    let kept = evidence(&answer).expect("on record");
    let answer = desk.report(&first, said.clone()).await.unwrap();
    assert_eq!(
        evidence(&answer),
        Some(kept),
        "the same again names the same record"
    );
    let all = history(&desk, first.id).await.unwrap();
    let expected = Happened::Late {
        connector: desk.connector,
        attempt: 1,
        outcome: said,
    };
    assert_eq!(late(&all), [&expected], "once");
    let task = desk.engine.task(desk.office, first.id).await.unwrap();
    assert_eq!(task.status, TaskState::Running, "the one who has it goes on");
    for (who, n) in [(&admin, 1), (&manager, 1), (&other, 0)] {
        assert_eq!(told(&desk, who).await, vec![first.id; n], "{}", who.person);
    }
    let other_result = Outcome::Succeeded {
        result: Some(json!({"number": 8})),
    };
    assert!(evidence(&desk.report(&first, other_result).await.unwrap()).is_some_and(|n| n > kept));
    assert_eq!(
        told(&desk, &admin).await.len(),
        1,
        "one word for a task is enough"
    );
    let office = desk.engine.office(&support(), "gent").await.unwrap();
    let detail = desk
        .engine
        .task_detail(&support(), &office, first.id)
        .await
        .unwrap();
    let line = detail
        .history
        .iter()
        .find(|l| l.what == "late_succeeded")
        .unwrap();
    assert_eq!((line.who.as_deref(), line.attempt), (Some("Gent 1"), Some(1)));
}

#[tokio::test]
async fn a_late_failure_is_kept_and_troubles_nobody() {
    let (_dir, desk) = desk().await.unwrap();
    let admin = add(&desk, Role::Admin, "a@x.test").await;
    let (first, again, second) = taken_over(&desk).await;
    let answer = desk
        .report(&first, failed("database_error", json!({})))
        .await
        .unwrap();
    assert!(evidence(&answer).is_some());
    assert_eq!(told(&desk, &admin).await, []);
    let report = Report {
        task: again.id.to_string(),
        lease: again.lease.clone(),
        outcome: done(),
    };
    let answer = desk
        .engine
        .report(desk.office, second, vec![report])
        .await
        .unwrap();
    assert_eq!(
        answer.reports[0].status,
        Some(TaskState::Succeeded),
        "the other is heard"
    );
}

#[tokio::test]
async fn work_that_was_done_after_all_is_told_when_the_task_was_restarted_meanwhile() {
    let (_dir, desk) = desk().await.unwrap();
    let admin = add(&desk, Role::Admin, "a@x.test").await;
    desk.deliver(vec![booking("D1")]).await.unwrap();
    let task = desk.claim(1).await.unwrap().remove(0);
    desk.clock.pass(LEASE);
    assert!(desk.claim(1).await.unwrap().is_empty());
    let failure = desk.engine.task(desk.office, task.id).await.unwrap().failure;
    assert_eq!(failure.map(|f| f.code).as_deref(), Some(OUTCOME_UNKNOWN));
    desk.engine
        .restart(support(), desk.office, vec![task.id])
        .await
        .unwrap()[0]
        .clone()
        .unwrap();
    let answer = desk.report(&task, done()).await.unwrap();
    assert_eq!(code(&answer), "stale_lease");
    assert!(evidence(&answer).is_some());
    assert_eq!(
        told(&desk, &admin).await,
        [task.id],
        "before it is booked a second time"
    );
    let task = desk.engine.task(desk.office, task.id).await.unwrap();
    assert_eq!(task.status, TaskState::Queued);
}

#[tokio::test]
async fn a_contradiction_names_its_record_and_one_that_says_done_is_told() {
    let (_dir, desk) = desk().await.unwrap();
    let admin = add(&desk, Role::Admin, "a@x.test").await;
    desk.deliver(vec![booking("D1")]).await.unwrap();
    let task = desk.claim(1).await.unwrap().remove(0);
    desk.report(&task, failed("database_error", json!({})))
        .await
        .unwrap();
    let answer = desk.report(&task, done()).await.unwrap();
    assert_eq!(code(&answer), "conflicting_report");
    let kept = evidence(&answer);
    assert!(kept.is_some());
    assert_eq!(evidence(&desk.report(&task, done()).await.unwrap()), kept);
    assert_eq!(told(&desk, &admin).await, [task.id]);
}

#[tokio::test]
async fn leases_of_nowhere_are_kept_too_but_not_without_end() {
    let (_dir, desk) = desk().await.unwrap();
    let (id, _) = run(&desk, booking("D1"), done()).await.unwrap();
    let strange = |lease: String| {
        let report = Report {
            task: id.to_string(),
            lease,
            outcome: failed(&format!("code_{}", desk.clock.now()), json!({})),
        };
        desk.clock.pass(1);
        desk.engine.report(desk.office, desk.connector, vec![report])
    };
    for n in 0..30 {
        let answer = strange(format!("made-up {n}")).await.unwrap().reports.remove(0);
        assert_eq!(code(&answer), "stale_lease");
        assert_eq!(evidence(&answer).is_some(), n < 20, "{n}");
    }
    let all = history(&desk, id).await.unwrap();
    assert_eq!(late(&all).len(), 20);
    assert!(matches!(late(&all)[0], Happened::Late { attempt: 0, .. }));
}

/// All that happened to a task is read with each report that is too late: it does not grow without end, nor is it read
/// without end for one call.
#[tokio::test]
async fn contradictions_are_kept_but_not_without_end() {
    let (_dir, desk) = desk().await.unwrap();
    let admin = add(&desk, Role::Admin, "a@x.test").await;
    desk.deliver(vec![booking("D1")]).await.unwrap();
    let task = desk.claim(1).await.unwrap().remove(0);
    desk.report(&task, failed("database_error", json!({})))
        .await
        .unwrap();
    for n in 0..30 {
        let answer = desk
            .report(&task, failed(&format!("code_{n}"), json!({})))
            .await
            .unwrap();
        assert_eq!(code(&answer), "conflicting_report");
        assert_eq!(evidence(&answer).is_some(), n < 20, "{n}");
    }
    // what was done after all is told all the same
    assert!(evidence(&desk.report(&task, done()).await.unwrap()).is_some());
    assert_eq!(told(&desk, &admin).await, [task.id]);
    let once_more = Report {
        task: task.id.to_string(),
        lease: task.lease.clone(),
        outcome: failed("database_error", json!({})),
    };
    let many = desk
        .engine
        .report(desk.office, desk.connector, vec![once_more; 21])
        .await
        .unwrap();
    let refused: Vec<bool> = many.reports.iter().map(|r| r.error.is_some()).collect();
    assert_eq!(refused, [vec![false; 20], vec![true]].concat());
    assert_eq!(code(&many.reports[20]), "invalid");
}

#[tokio::test]
async fn a_task_keeps_so_many_bytes_of_what_came_too_late() {
    let (_dir, desk) = desk().await.unwrap();
    let (id, _) = run(&desk, booking("D1"), done()).await.unwrap();
    let strange = async |n: u32| {
        let report = Report {
            task: id.to_string(),
            lease: format!("made-up {n}"),
            outcome: failed("large", json!({ "text": "x".repeat(200 << 10), "n": n })),
        };
        let answer = desk
            .engine
            .report(desk.office, desk.connector, vec![report])
            .await
            .unwrap();
        evidence(&answer.reports[0]).is_some()
    };
    assert_eq!(
        [strange(1).await, strange(2).await, strange(3).await],
        [true, true, false]
    );
}

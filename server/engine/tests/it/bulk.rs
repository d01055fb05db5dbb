//! Work on many tasks at once (T18): what was counted is what is done, bit by bit, and nothing of it is lost.

use crate::desk;

use desk::{SYNC, booking, code, desk, failed, look, refused, reopen};
use domain::{
    Language, Refusal, Role, TaskId, TaskState, Viewer,
    filter::{Age, TaskFilter},
    wire::Report,
};
use engine::{
    NewPerson, Result,
    tasks::bulk,
    testing::{TestDesk, new_task},
};
use serde_json::json;
use views::bulk::{Outlook, Progress, Verb, Which};

const ORANGE: &str = "period_not_open";
const RED: &str = "database_error";
const ALL: TaskFilter = TaskFilter {
    states: vec![],
    text: String::new(),
    dossier: String::new(),
    package: String::new(),
    kind: String::new(),
    code: String::new(),
    connector: None,
    age: None,
};

async fn add(desk: &TestDesk, name: &str, role: Role) -> Viewer {
    let office = (role != Role::Support).then_some(desk.office);
    let new = NewPerson {
        office,
        email: format!("{name}@example.test"),
        name: name.into(),
        role,
        language: Language::En,
        password_hash: None,
    };
    Viewer {
        person: desk.engine.add_person(new).await.expect("a person"),
        name: name.into(),
        role,
        office,
        language: Language::En,
    }
}

/// A desk with Support, and `n` dossiers of which each has a task that stopped with `code`.
async fn stopped(n: usize, with: &str) -> (tempfile::TempDir, TestDesk, Viewer) {
    let (dir, desk) = desk().await.expect("a desk");
    let support = add(&desk, "support", Role::Support).await;
    let engine = &desk.engine;
    for i in 4..=n {
        let (code, name) = (format!("D{i}"), format!("Dossier {i}"));
        engine
            .add_dossier(desk.office, &code, &name, "adsolut")
            .await
            .expect("a dossier");
    }
    stop(&desk, n, with).await;
    (dir, desk, support)
}

/// One more task for each of the first `n` dossiers, which stops.
async fn stop(desk: &TestDesk, n: usize, with: &str) -> Vec<TaskId> {
    let tasks = (1..=n).map(|i| booking(&format!("D{i}"))).collect();
    desk.deliver(tasks).await.expect("delivered");
    let claimed = desk.claim(100).await.expect("claimed");
    assert_eq!(claimed.len(), n);
    let report = |t: &domain::wire::ClaimedTask| Report {
        task: t.id.to_string(),
        lease: t.lease.clone(),
        outcome: failed(with, json!({"period": "201802"})),
    };
    let reports = claimed.iter().map(report).collect();
    let answer = desk.engine.report(desk.office, desk.connector, reports).await;
    let answer = answer.expect("reported");
    assert!(answer.reports.iter().all(|r| code(r).is_empty()), "{answer:?}");
    claimed.iter().map(|t| t.id).collect()
}

async fn count(desk: &TestDesk, by: &Viewer, verb: Verb, which: &Which) -> Outlook {
    let counted = desk.engine.look_at_bulk(by, desk.office, verb, which).await;
    counted.expect("it counts")
}

/// Counts, confirms and begins.
async fn start(desk: &TestDesk, by: &Viewer, verb: Verb, which: &Which) -> Result<Progress> {
    let counted = count(desk, by, verb, which).await;
    desk.engine
        .start_bulk(by, desk.office, verb, which, &counted, None)
        .await
}

async fn progress(desk: &TestDesk, by: &Viewer, id: i64) -> Progress {
    let progress = desk.engine.bulk_progress(by, desk.office, id).await;
    progress.expect("it reads")
}

fn state(desk: &TestDesk, id: TaskId) -> TaskState {
    let sql = "SELECT state FROM task WHERE id = ?1";
    let state = look(&desk.engine).query_row(sql, [id.0], |r| r.get(0));
    TaskState::from_number(state.expect("a row")).expect("a state")
}

fn rows(desk: &TestDesk, sql: &str) -> i64 {
    look(&desk.engine)
        .query_row(sql, [], |r| r.get(0))
        .expect("it reads")
}

fn ids(n: i64) -> Which {
    Which::These((1..=n).map(TaskId).collect())
}

#[tokio::test]
async fn a_chosen_task_that_cannot_is_told_row_by_row() {
    let (_dir, desk, _) = stopped(2, ORANGE).await;
    let red = stop(&desk, 1, RED).await[0];
    let waits = TaskId(desk.deliver(vec![booking("D2")]).await.unwrap()[0]);
    let admin = add(&desk, "ann", Role::Admin).await;
    let which = Which::These(vec![TaskId(1), TaskId(2), red, waits, TaskId(999)]);
    let counted = count(&desk, &admin, Verb::Restart, &which).await;
    assert_eq!((counted.can, counted.cannot), (2, 3));
    let begun = start(&desk, &admin, Verb::Restart, &which).await.unwrap();
    assert_eq!((begun.total, begun.done, begun.refused_total), (4, 2, 2));
    let told: Vec<(TaskId, &str)> = begun.refused.iter().map(|(t, _, c)| (*t, c.as_str())).collect();
    assert_eq!(told, [(red, "forbidden"), (waits, "wrong_state")]);
    assert!(begun.ended && !begun.stopped);
    assert_eq!(rows(&desk, "SELECT count(*) FROM audit WHERE what = 'bulk'"), 1);
}

#[tokio::test]
async fn what_stops_after_the_count_is_not_restarted_with_it() {
    let (_dir, desk, support) = stopped(3, ORANGE).await;
    let which = Which::Matching(ALL);
    let counted = count(&desk, &support, Verb::Restart, &which).await;
    assert_eq!(counted.can, 3);
    let later = stop(&desk, 1, ORANGE).await[0];
    desk.engine
        .urgent(support.clone(), desk.office, TaskId(2), "the client calls".into())
        .await
        .unwrap();
    let begun = desk
        .engine
        .start_bulk(&support, desk.office, Verb::Restart, &which, &counted, None)
        .await
        .unwrap();
    assert_eq!((begun.total, begun.done), (2, 2));
    for (id, expected) in [
        (TaskId(1), TaskState::Queued),
        (TaskId(2), TaskState::ActionRequired),
        (TaskId(3), TaskState::Queued),
        (later, TaskState::ActionRequired),
    ] {
        assert_eq!(state(&desk, id), expected, "task {id}");
    }
}

#[tokio::test]
async fn more_than_was_counted_is_refused() {
    let (_dir, desk, support) = stopped(1, ORANGE).await;
    let old = TaskFilter {
        age: Some(Age::Hour),
        ..ALL
    };
    desk.clock.pass(3_600_000);
    stop(&desk, 2, ORANGE).await;
    let which = Which::Matching(old);
    let counted = count(&desk, &support, Verb::Restart, &which).await;
    assert_eq!(counted.can, 1);
    desk.clock.pass(3_600_000);
    let answer = desk
        .engine
        .start_bulk(&support, desk.office, Verb::Restart, &which, &counted, None)
        .await;
    let Refusal::WrongState(why) = refused(answer) else {
        panic!("refused otherwise");
    };
    assert!(why.to_string().contains("Count them again"), "{why}");
    assert_eq!(rows(&desk, "SELECT count(*) FROM task WHERE state = 0"), 0);
}

#[tokio::test]
async fn nothing_to_do_and_too_much_are_refused() {
    let (_dir, desk, support) = stopped(1, ORANGE).await;
    let nothing = start(&desk, &support, Verb::ToOffice, &ids(1)).await;
    assert!(matches!(refused(nothing), Refusal::WrongState(_)));
    let many = ids(bulk::MOST as i64 + 1);
    let looked = desk
        .engine
        .look_at_bulk(&support, desk.office, Verb::Restart, &many)
        .await;
    assert!(matches!(refused(looked), Refusal::Invalid(_)));
    let answer = desk
        .engine
        .start_bulk(
            &support,
            desk.office,
            Verb::Restart,
            &many,
            &Outlook::default(),
            None,
        )
        .await;
    assert!(matches!(refused(answer), Refusal::Invalid(_)));
    assert_eq!(rows(&desk, "SELECT count(*) FROM bulk"), 0);
}

#[tokio::test]
async fn twenty_of_a_sort_are_out_at_a_time_and_those_nobody_takes_keep_no_other_waiting() {
    let (_dir, desk, support) = stopped(45, ORANGE).await;
    // tasks of a kind that the connector of today no longer takes, delivered before all others of tomorrow
    let tasks = (1..=25).map(|i| new_task(SYNC, &format!("D{i}"))).collect();
    desk.deliver(tasks).await.unwrap();
    let claimed = desk.claim(100).await.unwrap();
    for t in &claimed {
        desk.report(t, failed(RED, json!({}))).await.unwrap();
    }
    let mut hello = engine::testing::takes_everything();
    hello.kinds.retain(|k| k != SYNC);
    desk.engine.hello(desk.connector, hello).await.unwrap();

    let begun = start(&desk, &support, Verb::Restart, &Which::Matching(ALL))
        .await
        .unwrap();
    assert_eq!((begun.total, begun.done), (70, 40), "twenty of each sort");
    desk.engine.carry_on_bulk().await.unwrap();
    assert_eq!(
        progress(&desk, &support, begun.id).await.done,
        40,
        "nobody took one"
    );
    assert_eq!(desk.claim(7).await.unwrap().len(), 7);
    desk.engine.carry_on_bulk().await.unwrap();
    assert_eq!(progress(&desk, &support, begun.id).await.done, 47);
    for _ in 0..3 {
        desk.claim(100).await.unwrap();
        desk.engine.carry_on_bulk().await.unwrap();
    }
    let stands = progress(&desk, &support, begun.id).await;
    assert_eq!(
        (stands.done, stands.ended),
        (65, false),
        "five wait for a connector"
    );

    let stopped = desk
        .engine
        .stop_bulk(&support, desk.office, begun.id)
        .await
        .unwrap();
    assert!(stopped.ended && stopped.stopped);
    assert!(matches!(
        refused(desk.engine.stop_bulk(&support, desk.office, begun.id).await),
        Refusal::WrongState(_)
    ));
    desk.engine
        .hello(desk.connector, engine::testing::takes_everything())
        .await
        .unwrap();
    desk.claim(100).await.unwrap();
    desk.engine.carry_on_bulk().await.unwrap();
    assert_eq!(
        progress(&desk, &support, begun.id).await.done,
        65,
        "stopped is stopped"
    );
    assert_eq!(
        rows(&desk, "SELECT count(*) FROM audit WHERE after = 'stopped'"),
        1
    );
}

#[tokio::test]
async fn an_undone_restart_makes_room() {
    let (_dir, desk, support) = stopped(21, ORANGE).await;
    let begun = start(&desk, &support, Verb::Restart, &ids(21)).await.unwrap();
    assert_eq!(begun.done, 20);
    desk.engine
        .undo_restart(support.clone(), desk.office, TaskId(3))
        .await
        .unwrap();
    desk.engine.carry_on_bulk().await.unwrap();
    let over = progress(&desk, &support, begun.id).await;
    assert_eq!((over.done, over.ended), (21, true));
}

#[tokio::test]
async fn it_goes_on_after_a_crash_and_what_was_half_written_is_forgotten() {
    let (dir, desk, support) = stopped(30, ORANGE).await;
    let begun = start(&desk, &support, Verb::Restart, &ids(30)).await.unwrap();
    assert_eq!((begun.done, begun.ended), (20, false));
    look(&desk.engine)
        .execute_batch(
            "INSERT INTO bulk (id, office, person, verb, total, started_at) VALUES (99, 1, 1, 'cancel', 2, 0);
             INSERT INTO bulk_item (bulk, task, class) VALUES (99, 1, 0);",
        )
        .unwrap();
    let desk = reopen(&dir, desk).await.unwrap();
    assert_eq!(rows(&desk, "SELECT count(*) FROM bulk WHERE id = 99"), 0);
    assert_eq!(rows(&desk, "SELECT count(*) FROM bulk_item WHERE bulk = 99"), 0);
    desk.engine.carry_on_bulk().await.unwrap();
    assert_eq!(
        progress(&desk, &support, begun.id).await.done,
        20,
        "they still wait"
    );
    assert_eq!(desk.claim(100).await.unwrap().len(), 20);
    desk.engine.carry_on_bulk().await.unwrap();
    let over = progress(&desk, &support, begun.id).await;
    assert_eq!((over.done, over.refused_total, over.ended), (30, 0, true));
}

#[tokio::test]
async fn who_has_left_or_lost_the_dossier_restarts_nothing_more() {
    let (_dir, desk, support) = stopped(30, ORANGE).await;
    let mia = add(&desk, "mia", Role::Employee).await;
    let all: Vec<i64> = (1..=30).collect();
    desk.engine
        .set_manager(support.clone(), desk.office, all, mia.person, true)
        .await
        .unwrap();
    let begun = start(&desk, &mia, Verb::Restart, &ids(30)).await.unwrap();
    assert_eq!(begun.done, 20);
    desk.engine
        .set_manager(support.clone(), desk.office, vec![21, 22], mia.person, false)
        .await
        .unwrap();
    assert_eq!(desk.claim(5).await.unwrap().len(), 5);
    desk.engine.carry_on_bulk().await.unwrap();
    let stands = progress(&desk, &mia, begun.id).await;
    let lost: Vec<(TaskId, &str)> = stands.refused.iter().map(|(t, _, c)| (*t, c.as_str())).collect();
    assert_eq!(lost, [(TaskId(21), "not_found"), (TaskId(22), "not_found")]);
    assert_eq!(stands.done, 25);
    desk.engine
        .end_access(support.clone(), desk.office, mia.person)
        .await
        .unwrap();
    desk.claim(100).await.unwrap();
    desk.engine.carry_on_bulk().await.unwrap();
    let over = progress(&desk, &support, begun.id).await;
    assert_eq!((over.done, over.refused_total, over.ended), (25, 5, true));
    assert!(over.refused[2..].iter().all(|(_, _, c)| c == "forbidden"));
    assert_eq!(state(&desk, TaskId(30)), TaskState::ActionRequired);
}

#[tokio::test]
async fn an_employee_sees_their_own_work_only() {
    let (_dir, desk, support) = stopped(2, ORANGE).await;
    let (mia, admin) = (
        add(&desk, "mia", Role::Employee).await,
        add(&desk, "ann", Role::Admin).await,
    );
    let begun = start(&desk, &support, Verb::Restart, &ids(2)).await.unwrap();
    let (engine, office) = (&desk.engine, desk.office);
    let peeked = engine.bulk_progress(&mia, office, begun.id).await;
    assert_eq!(refused(peeked), Refusal::NotFound);
    let meddled = engine.stop_bulk(&mia, office, begun.id).await;
    assert_eq!(refused(meddled), Refusal::NotFound);
    assert_eq!(progress(&desk, &admin, begun.id).await, begun);
    engine
        .set_manager(support.clone(), office, vec![1, 2], mia.person, true)
        .await
        .unwrap();
    let own = start(&desk, &mia, Verb::Cancel, &ids(2)).await.unwrap();
    assert_eq!(progress(&desk, &mia, own.id).await, own);
}

#[tokio::test]
async fn many_are_written_in_chunks_and_cancelled_to_the_last() {
    let (_dir, desk, support) = stopped(1, ORANGE).await;
    for _ in 0..5 {
        let tasks = (0..900).map(|i| booking(&format!("D{}", i % 3 + 1))).collect();
        desk.deliver(tasks).await.unwrap();
    }
    let begun = start(&desk, &support, Verb::Cancel, &ids(4_501)).await.unwrap();
    assert_eq!((begun.total, begun.done), (4_501, 200));
    while !progress(&desk, &support, begun.id).await.ended {
        desk.engine.carry_on_bulk().await.unwrap();
    }
    let over = progress(&desk, &support, begun.id).await;
    assert_eq!((over.done, over.refused_total), (4_501, 0));
    assert_eq!(rows(&desk, "SELECT count(*) FROM task WHERE state < 4"), 0);
}

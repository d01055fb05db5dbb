//! Causes across offices, and what Support does to them (M3, M5, M15, M17).

use crate::desk;

use desk::{booking, desk, done, failed, history, person, refused, run};
use domain::{Role, TaskId, TaskState, event::Happened};
use engine::{
    OfficeRow, Zone,
    clock::Clock,
    people::accounts::default_office,
    testing::{TestDesk, support, takes_everything},
};
use serde_json::json;
use views::causes::{CauseFilter, CauseList, CausesAfter, Stand, Turn};

const KEY: &str = "adsolut.disk_full";

async fn list(desk: &TestDesk, filter: &CauseFilter, after: Option<CausesAfter>) -> CauseList {
    let zone = Zone::of("Europe/Brussels");
    desk.engine.causes(&support(), zone, filter, after).await.unwrap()
}

async fn stop(desk: &TestDesk, dossier: &str, code: &str) -> TaskId {
    run(desk, booking(dossier), failed(code, json!({})))
        .await
        .unwrap()
        .0
}

async fn state(desk: &TestDesk, office: i64, id: TaskId) -> TaskState {
    desk.engine.task(office, id).await.unwrap().status
}

/// A second office with one dossier, as a desk of its own.
async fn second(desk: &TestDesk) -> TestDesk {
    let row = OfficeRow {
        code: "oslo".into(),
        name: "Oslo".into(),
        ..default_office()
    };
    let office = desk.engine.add_office(row).await.unwrap();
    let connector = desk.engine.add_connector(office, "Oslo 1").await.unwrap();
    desk.engine.hello(connector, takes_everything()).await.unwrap();
    desk.engine
        .add_dossier(office, "O1", "Oslo 1", "adsolut")
        .await
        .unwrap();
    TestDesk {
        engine: desk.engine.clone(),
        clock: desk.clock.clone(),
        office,
        connector,
    }
}

#[tokio::test]
async fn causes_are_counted_over_offices_and_sorted_by_whose_need_is_greatest() {
    let (_dir, desk) = desk().await.unwrap();
    let oslo = second(&desk).await;
    let urgent = stop(&desk, "D3", "odd_one").await;
    stop(&desk, "D1", "disk_full").await;
    desk.clock.pass(60_000);
    stop(&desk, "D2", "disk_full").await;
    stop(&oslo, "O1", "disk_full").await;
    let causes = list(&desk, &CauseFilter::default(), None).await;
    let first = &causes.rows[0];
    assert_eq!((first.key.as_str(), first.stand, first.red), (KEY, Stand::New, 3));
    assert_eq!((first.dossiers, first.offices.len()), (3, 2));
    assert_eq!(first.offices, ["Gent", "Oslo"]);
    assert!(first.last.at > first.first.at);
    assert_eq!(first.trend.iter().sum::<u32>(), 3);
    assert_eq!(first.trend.len(), 14);
    assert_eq!(causes.counts, [2, 0, 0]);

    // an urgent one comes first, however small
    desk.engine
        .urgent(
            person(Role::Employee, desk.office),
            desk.office,
            urgent,
            "VAT is due today".into(),
        )
        .await
        .unwrap();
    let causes = list(&desk, &CauseFilter::default(), None).await;
    assert_eq!(
        (causes.rows[0].key.as_str(), causes.rows[0].urgent),
        ("adsolut.odd_one", 1)
    );

    let only = |office: &str, text: &str, turns: Vec<Turn>| CauseFilter {
        office: office.into(),
        text: text.into(),
        turns,
        ..CauseFilter::default()
    };
    assert_eq!(list(&desk, &only("oslo", "", vec![]), None).await.rows.len(), 1);
    assert_eq!(list(&desk, &only("", "DISK", vec![]), None).await.rows.len(), 1);
    assert_eq!(
        list(&desk, &only("", "", vec![Turn::Orange]), None)
            .await
            .rows
            .len(),
        0
    );
    assert_eq!(
        list(&desk, &only("nowhere", "%", vec![]), None).await.rows.len(),
        0
    );
}

#[tokio::test]
async fn somebody_is_on_it_in_every_office() {
    let (_dir, desk) = desk().await.unwrap();
    let oslo = second(&desk).await;
    let (a, b) = (
        stop(&desk, "D1", "disk_full").await,
        stop(&oslo, "O1", "disk_full").await,
    );
    let done = desk.engine.take_cause(support(), KEY.into()).await.unwrap();
    assert_eq!(done.done, 2);
    for (d, id) in [(&desk, a), (&oslo, b)] {
        let last = history(d, id).await.unwrap().pop();
        assert_eq!(last, Some(Happened::Taken { by: "Support".into() }));
    }
    let view = desk.engine.office(&support(), "gent").await.unwrap();
    let employee = person(Role::Admin, desk.office);
    let row = desk.engine.task_detail(&employee, &view, a).await.unwrap().row;
    assert_eq!(row.taken.as_deref(), Some("Support"));
    let row = list(&desk, &CauseFilter::default(), None).await.rows.remove(0);
    assert_eq!(
        (row.stand, row.taken.unwrap().0.as_str()),
        (Stand::Working, "Support")
    );
    let twice = desk.engine.take_cause(support(), KEY.into()).await;
    assert_eq!(refused(twice).code(), "wrong_state");
    let nothing = desk.engine.take_cause(support(), "no.such".into()).await;
    assert_eq!(refused(nothing).code(), "not_found");
}

#[tokio::test]
async fn one_to_test_then_all() {
    let (_dir, desk) = desk().await.unwrap();
    let oslo = second(&desk).await;
    let ids = [
        stop(&desk, "D1", "disk_full").await,
        stop(&desk, "D2", "disk_full").await,
    ];
    let far = stop(&oslo, "O1", "disk_full").await;
    let one = desk
        .engine
        .restart_everywhere(support(), KEY.into(), true)
        .await
        .unwrap();
    assert_eq!((one.done, one.moved_on), (1, 0));
    assert_eq!(state(&desk, desk.office, ids[0]).await, TaskState::Queued);
    assert_eq!(state(&desk, desk.office, ids[1]).await, TaskState::Failed);
    let all = desk
        .engine
        .restart_everywhere(support(), KEY.into(), false)
        .await
        .unwrap();
    assert_eq!(all.done, 2);
    assert_eq!(state(&desk, oslo.office, far).await, TaskState::Queued);
    let none = desk.engine.restart_everywhere(support(), KEY.into(), false).await;
    assert_eq!(refused(none).code(), "wrong_state");
}

#[tokio::test]
async fn more_tasks_than_one_chunk_are_all_restarted() {
    let (_dir, desk) = desk().await.unwrap();
    for i in 0..230 {
        let code = format!("X{i}");
        desk.engine
            .add_dossier(desk.office, &code, &code, "adsolut")
            .await
            .unwrap();
    }
    desk.deliver((0..230).map(|i| booking(&format!("X{i}"))).collect())
        .await
        .unwrap();
    for _ in 0..3 {
        for task in desk.claim(100).await.unwrap() {
            desk.report(&task, failed("disk_full", json!({}))).await.unwrap();
        }
    }
    let all = desk
        .engine
        .restart_everywhere(support(), KEY.into(), false)
        .await
        .unwrap();
    assert_eq!(all.done, 230);
}

#[tokio::test]
async fn handed_to_the_offices_with_a_note() {
    let (_dir, desk) = desk().await.unwrap();
    let id = stop(&desk, "D1", "disk_full").await;
    let silent = desk
        .engine
        .hand_cause_over(support(), KEY.into(), " ".into())
        .await;
    assert_eq!(refused(silent).code(), "invalid");
    let long = desk
        .engine
        .hand_cause_over(support(), KEY.into(), "x".repeat(1001))
        .await;
    assert_eq!(refused(long).code(), "invalid");
    assert_eq!(state(&desk, desk.office, id).await, TaskState::Failed);
    let done = desk
        .engine
        .hand_cause_over(support(), KEY.into(), "Free some disk space.".into())
        .await
        .unwrap();
    assert_eq!(done.done, 1);
    assert_eq!(state(&desk, desk.office, id).await, TaskState::ActionRequired);
    let orange = CauseFilter {
        turns: vec![Turn::Orange],
        ..CauseFilter::default()
    };
    assert_eq!(list(&desk, &orange, None).await.rows[0].stand, Stand::WithOffice);
}

#[tokio::test]
async fn a_cause_that_returns_after_it_was_solved_says_so() {
    let (_dir, desk) = desk().await.unwrap();
    stop(&desk, "D1", "disk_full").await;
    desk.engine
        .restart_everywhere(support(), KEY.into(), false)
        .await
        .unwrap();
    let claimed = desk.claim(1).await.unwrap();
    desk.report(&claimed[0], done()).await.unwrap();
    let over = CauseFilter {
        turns: vec![Turn::Done],
        ..CauseFilter::default()
    };
    assert_eq!(list(&desk, &over, None).await.rows[0].stand, Stand::Quiet);
    let here = |office: &str| CauseFilter {
        office: office.into(),
        ..over.clone()
    };
    assert_eq!(list(&desk, &here("gent"), None).await.rows.len(), 1);
    assert_eq!(list(&desk, &here("oslo"), None).await.rows.len(), 0);
    desk.engine.solve_cause(support(), KEY.into()).await.unwrap();
    let row = list(&desk, &over, None).await.rows.remove(0);
    assert_eq!(row.stand, Stand::Solved);
    let solved = row.solved.unwrap().1.at;
    let twice = desk.engine.solve_cause(support(), KEY.into()).await;
    assert_eq!(refused(twice).code(), "wrong_state");

    desk.clock.pass(3_600_000);
    desk.engine
        .hello(desk.connector, takes_everything())
        .await
        .unwrap();
    stop(&desk, "D2", "disk_full").await;
    let row = list(&desk, &CauseFilter::default(), None).await.rows.remove(0);
    assert_eq!((row.stand, row.red), (Stand::New, 1));
    let (back, was) = row.came_back.unwrap();
    assert_eq!(was.at, solved);
    assert!(back.at >= solved + 3_600_000);
}

#[tokio::test]
async fn pages_go_on_where_the_last_one_ended() {
    let (_dir, desk) = desk().await.unwrap();
    for i in 0..205 {
        let code = format!("X{i}");
        desk.engine
            .add_dossier(desk.office, &code, &code, "adsolut")
            .await
            .unwrap();
        stop(&desk, &code, &format!("odd_{i}")).await;
    }
    let first = list(&desk, &CauseFilter::default(), None).await;
    assert_eq!((first.rows.len(), first.counts), (200, [205, 0, 0]));
    let next = list(&desk, &CauseFilter::default(), first.next.clone()).await;
    assert_eq!((next.rows.len(), next.next), (5, None));
    assert!(
        next.rows
            .iter()
            .all(|n| first.rows.iter().all(|f| f.key != n.key))
    );
}

#[tokio::test]
async fn one_instruction_done_restarts_all_that_wait_for_the_same_cause() {
    let (_dir, desk) = desk().await.unwrap();
    let period = |p: &str| failed("period_not_open", json!({ "period": p }));
    let (a, _) = run(&desk, booking("D1"), period("201802")).await.unwrap();
    let (b, _) = run(&desk, booking("D2"), period("201802")).await.unwrap();
    let (other, _) = run(&desk, booking("D3"), period("201803")).await.unwrap();
    let admin = person(Role::Admin, desk.office);
    let same = desk.engine.same_cause(&admin, desk.office, a).await.unwrap();
    assert_eq!(same, [a, b]);
    desk.engine.restart(admin, desk.office, same).await.unwrap();
    assert_eq!(state(&desk, desk.office, b).await, TaskState::Queued);
    assert_eq!(state(&desk, desk.office, other).await, TaskState::ActionRequired);
}

#[tokio::test]
async fn nobody_is_on_a_cause_any_more_of_which_nothing_was_left() {
    let (_dir, desk) = desk().await.unwrap();
    stop(&desk, "D1", "disk_full").await;
    desk.engine.take_cause(support(), KEY.into()).await.unwrap();
    let taken = async || {
        let all = list(&desk, &CauseFilter::default(), None).await;
        all.rows.iter().any(|r| r.key == KEY && r.taken.is_some())
    };
    // on its way to test whether it is mended, and stopped again
    desk.engine
        .restart_everywhere(support(), KEY.into(), true)
        .await
        .unwrap();
    let claimed = desk.claim(1).await.unwrap();
    desk.report(&claimed[0], failed("disk_full", json!({})))
        .await
        .unwrap();
    assert!(taken().await, "still the same piece of work");
    desk.engine
        .restart_everywhere(support(), KEY.into(), false)
        .await
        .unwrap();
    let claimed = desk.claim(1).await.unwrap();
    desk.report(&claimed[0], done()).await.unwrap();
    stop(&desk, "D2", "disk_full").await;
    assert!(!taken().await, "nobody knows of this one yet");
}

#[tokio::test]
async fn a_day_of_a_cause_is_the_day_where_it_happened() {
    const DAY: i64 = 86_400_000;
    let (_dir, desk) = desk().await.unwrap();
    // half past eleven at night in Greenwich is tomorrow in Gent
    let left = DAY - Clock::now(&*desk.clock).rem_euclid(DAY);
    desk.clock.pass((left + DAY - 30 * 60_000) as u64);
    stop(&desk, "D1", "disk_full").await;
    let trend = |list: CauseList| list.rows[0].trend.clone();
    let night = trend(list(&desk, &CauseFilter::default(), None).await);
    assert_eq!(night.last(), Some(&1));
    // an hour later it is that day in Greenwich too, and in Gent still the same
    desk.clock.pass(60 * 60_000);
    stop(&desk, "D2", "disk_full").await;
    let later = trend(list(&desk, &CauseFilter::default(), None).await);
    assert_eq!(later.last(), Some(&2));
    assert_eq!(later.iter().sum::<u32>(), 2);
}

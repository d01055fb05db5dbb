//! Leases: signs of life, what happens without them, and reports that come late.

use crate::desk;

use desk::{BOOK, DELETE, SYNC, booking, code, desk, done, failed, history, ids, reopen};
use domain::{
    Caller, TaskId, TaskState,
    event::Happened,
    failure::{Failure, OUTCOME_UNKNOWN},
    wire::{ClaimedTask, EarlierAttempt, LeaseRef, LeaseState, Report},
};
use engine::{
    Hello,
    testing::{TestDesk, new_task, support, takes_everything},
};
use serde_json::json;

const LEASE: u64 = 120_000;

async fn state(desk: &TestDesk, id: i64) -> TaskState {
    desk.engine.task(desk.office, TaskId(id)).await.unwrap().status
}

/// Delivers a task and claims it.
async fn running(desk: &TestDesk, kind: &str) -> ClaimedTask {
    desk.deliver(vec![new_task(kind, "D1")]).await.unwrap();
    desk.claim(1).await.unwrap().remove(0)
}

async fn pass(desk: &TestDesk, ms: u64) {
    desk.clock.pass(ms);
    desk.engine.ready().await.unwrap();
}

#[tokio::test]
async fn a_repeatable_task_is_handed_out_again() {
    let (_dir, desk) = desk().await.unwrap();
    let first = running(&desk, SYNC).await;
    pass(&desk, LEASE - 1).await;
    assert_eq!(
        state(&desk, 1).await,
        TaskState::Running,
        "live work is not stolen"
    );
    pass(&desk, 1).await;
    assert_eq!(state(&desk, 1).await, TaskState::Queued);
    let again = desk.claim(1).await.unwrap().remove(0);
    assert_eq!((again.id, again.attempt), (first.id, 2));
    assert_eq!(
        again.earlier,
        [EarlierAttempt {
            attempt: 1,
            outcome: "lease_over".into()
        }]
    );
    assert_ne!(again.lease, first.lease);
    assert_eq!(code(&desk.report(&first, done()).await.unwrap()), "stale_lease");
    assert_eq!(
        desk.report(&again, done()).await.unwrap().status,
        Some(TaskState::Succeeded)
    );
}

#[tokio::test]
async fn a_booking_is_never_silently_done_twice() {
    let (_dir, desk) = desk().await.unwrap();
    running(&desk, BOOK).await;
    pass(&desk, LEASE).await;
    let task = desk.engine.task(desk.office, TaskId(1)).await.unwrap();
    assert_eq!(task.status, TaskState::Failed);
    assert_eq!(task.failure.map(|f| f.code).as_deref(), Some(OUTCOME_UNKNOWN));
    assert_eq!(task.attempts[0].outcome, "lease_over");
    assert!(desk.claim(1).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_connector_that_recovers_gets_it_with_what_went_before() {
    let (_dir, desk) = desk().await.unwrap();
    let recovering = Hello {
        recovers: vec![DELETE.into()],
        ..takes_everything()
    };
    desk.engine.hello(desk.connector, recovering).await.unwrap();
    running(&desk, DELETE).await;
    pass(&desk, LEASE).await;
    let again = desk.claim(1).await.unwrap().remove(0);
    assert_eq!(
        again.earlier,
        [EarlierAttempt {
            attempt: 1,
            outcome: "lease_over".into()
        }]
    );
}

#[tokio::test]
async fn extend_keeps_a_lease_alive_and_tells_of_a_cancel() {
    let (_dir, desk) = desk().await.unwrap();
    let task = running(&desk, BOOK).await;
    let lease = LeaseRef {
        task: task.id.to_string(),
        lease: task.lease.clone(),
    };
    let extend = || async {
        desk.engine
            .extend(desk.connector, vec![lease.clone()])
            .await
            .unwrap()
            .leases[0]
            .state
    };
    for _ in 0..5 {
        pass(&desk, LEASE - 1).await;
        assert_eq!(extend().await, LeaseState::Ok);
    }
    let by = engine::tasks::dispatch::cancel::By {
        person: 0,
        name: "the platform".into(),
    };
    desk.engine
        .cancel(by, desk.office, task.id, Some("by mistake".into()), false)
        .await
        .unwrap();
    assert_eq!(extend().await, LeaseState::Cancel);
    pass(&desk, LEASE).await;
    assert_eq!(extend().await, LeaseState::Stale);
    let strange = LeaseRef {
        task: "x".into(),
        lease: String::new(),
    };
    assert_eq!(
        desk.engine
            .extend(desk.connector, vec![strange])
            .await
            .unwrap()
            .leases[0]
            .state,
        LeaseState::Stale
    );
}

#[tokio::test]
async fn after_a_restart_every_lease_starts_afresh() {
    let (dir, desk) = desk().await.unwrap();
    let task = running(&desk, BOOK).await;
    pass(&desk, LEASE - 1000).await;
    let desk = reopen(&dir, desk).await.unwrap();
    pass(&desk, LEASE - 1).await;
    assert_eq!(
        desk.report(&task, done()).await.unwrap().status,
        Some(TaskState::Succeeded)
    );
}

#[tokio::test]
async fn the_wall_clock_decides_nothing() {
    let (_dir, desk) = desk().await.unwrap();
    running(&desk, BOOK).await;
    for jump in [3_600_000, -7_200_000, 86_400_000, -400 * 86_400_000] {
        desk.clock.jump(jump);
        desk.engine.ready().await.unwrap();
        assert_eq!(state(&desk, 1).await, TaskState::Running);
    }
}

#[tokio::test]
async fn a_late_report_avoids_a_second_booking() {
    let (_dir, desk) = desk().await.unwrap();
    let first = running(&desk, BOOK).await;
    pass(&desk, LEASE).await;
    assert_eq!(
        desk.report(&first, done()).await.unwrap().status,
        Some(TaskState::Succeeded)
    );
    let task = desk.engine.task(desk.office, first.id).await.unwrap();
    assert_eq!((task.status, task.failure), (TaskState::Succeeded, None));
    assert_eq!(
        desk.report(&first, done()).await.unwrap().status,
        Some(TaskState::Succeeded),
        "and the same again"
    );

    let second = running(&desk, SYNC).await;
    pass(&desk, LEASE).await;
    let late = desk
        .report(&second, failed("unheard_of", json!({})))
        .await
        .unwrap();
    assert_eq!(late.status, Some(TaskState::Failed));
    assert!(desk.claim(1).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_restart_closes_the_old_lease() {
    let (_dir, desk) = desk().await.unwrap();
    let first = running(&desk, BOOK).await;
    pass(&desk, LEASE).await;
    desk.engine
        .restart(engine::testing::support(), desk.office, vec![first.id])
        .await
        .unwrap()
        .remove(0)
        .unwrap();
    assert_eq!(code(&desk.report(&first, done()).await.unwrap()), "stale_lease");
    assert_eq!(desk.claim(1).await.unwrap()[0].attempt, 2);
}

#[tokio::test]
async fn a_cancelled_running_task_ends_as_the_table_says() {
    let (_dir, desk) = desk().await.unwrap();
    for (kind, expected) in [(SYNC, TaskState::Cancelled), (BOOK, TaskState::Failed)] {
        let task = running(&desk, kind).await;
        let by = engine::tasks::dispatch::cancel::By {
            person: 0,
            name: "the platform".into(),
        };
        let state = desk
            .engine
            .cancel(by, desk.office, task.id, None, false)
            .await
            .unwrap();
        assert_eq!(state, TaskState::Running, "marked");
        pass(&desk, LEASE).await;
        assert_eq!(
            desk.engine.task(desk.office, task.id).await.unwrap().status,
            expected,
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_strangers_lease_is_worth_nothing() {
    let (_dir, desk) = desk().await.unwrap();
    let task = running(&desk, BOOK).await;
    let other = desk.engine.add_connector(desk.office, "Gent 2").await.unwrap();
    desk.engine.hello(other, takes_everything()).await.unwrap();
    let stranger = TestDesk {
        engine: desk.engine.clone(),
        clock: desk.clock.clone(),
        office: desk.office,
        connector: other,
    };
    assert_eq!(
        code(&stranger.report(&task, done()).await.unwrap()),
        "stale_lease"
    );
    let forged = ClaimedTask {
        lease: "1-1-2".into(),
        ..task.clone()
    };
    assert_eq!(code(&desk.report(&forged, done()).await.unwrap()), "stale_lease");
    assert_eq!(state(&desk, 1).await, TaskState::Running);
    let row = engine::OfficeRow {
        code: "aalst".into(),
        name: "Aalst".into(),
        ..engine::people::accounts::default_office()
    };
    let elsewhere = TestDesk {
        office: desk.engine.add_office(row).await.unwrap(),
        ..stranger
    };
    assert_eq!(code(&elsewhere.report(&task, done()).await.unwrap()), "not_found");
}

#[tokio::test]
async fn lost_leases_are_told_as_events() {
    let (_dir, desk) = desk().await.unwrap();
    desk.deliver(vec![new_task(SYNC, "D1"), booking("D2")])
        .await
        .unwrap();
    assert_eq!(ids(&desk.claim(2).await.unwrap()), [1, 2]);
    pass(&desk, LEASE).await;
    assert_eq!(
        history(&desk, TaskId(1)).await.unwrap().last(),
        Some(&Happened::LeaseOver { attempt: 1 })
    );
    let unknown = Happened::Failed {
        attempt: 1,
        failure: Failure::of(OUTCOME_UNKNOWN),
    };
    assert_eq!(history(&desk, TaskId(2)).await.unwrap().last(), Some(&unknown));
}

/// An office with short leases, and a task that its first connector holds.
async fn held(desk: &TestDesk) -> (i64, i64, i64) {
    let office = engine::OfficeRow {
        code: "short".into(),
        lease_seconds: 10,
        ..engine::testing::gent()
    };
    let office = desk.engine.add_office(office).await.unwrap();
    let first = desk.engine.add_connector(office, "First").await.unwrap();
    desk.engine.hello(first, takes_everything()).await.unwrap();
    desk.engine
        .add_dossier(office, "D1", "Dossier 1", "adsolut")
        .await
        .unwrap();
    let new = vec![new_task(SYNC, "D1")];
    let id = desk.engine.deliver(office, new).await.unwrap().tasks[0].id.0;
    assert_eq!(claim(desk, office, first, "takes").await, [id]);
    (office, first, id)
}

/// The same, where leases are shorter than a long poll hangs: the connector polls once more and is stopped, so that its
/// poll hangs.
async fn stopped(desk: &TestDesk) -> (i64, i64, i64, tokio::task::JoinHandle<Vec<i64>>) {
    let (office, first, id) = held(desk).await;
    let engine = desk.engine.clone();
    let hanging = tokio::spawn(async move {
        let answer = engine.claim(office, first, "hangs".into(), 5, 55).await;
        ids(&answer.unwrap().tasks)
    });
    // until the poll has come in
    while desk.engine.hangs(first).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    (office, first, id, hanging)
}

async fn claim(desk: &TestDesk, office: i64, connector: i64, request: &str) -> Vec<i64> {
    let answer = desk.engine.claim(office, connector, request.into(), 5, 0).await;
    ids(&answer.unwrap().tasks)
}

/// A stopped process (SIGSTOP, a machine that sleeps) leaves its long poll hanging. The task whose lease it let lapse goes
/// to another first, and to itself only once it has called anew.
#[tokio::test]
async fn a_stopped_connector_is_not_handed_its_own_task_again_while_another_could_take_it() {
    let (_dir, desk) = desk().await.unwrap();
    let (office, first, id, hanging) = stopped(&desk).await;
    let second = desk.engine.add_connector(office, "Second").await.unwrap();
    desk.engine.hello(second, takes_everything()).await.unwrap();
    pass(&desk, 11_000).await;
    assert_eq!(
        desk.engine.task(office, TaskId(id)).await.unwrap().status,
        TaskState::Queued
    );
    // it wakes and calls, but another that is awake could take it
    assert_eq!(claim(&desk, office, first, "wakes").await, [0; 0]);
    assert_eq!(claim(&desk, office, second, "other").await, [id]);
    pass(&desk, 45_000).await;
    assert_eq!(
        hanging.await.unwrap(),
        [0; 0],
        "what hung was never handed anything"
    );
}

#[tokio::test]
async fn a_connector_that_is_alone_is_handed_its_task_again_once_it_calls() {
    let (_dir, desk) = desk().await.unwrap();
    let (office, first, id, hanging) = stopped(&desk).await;
    pass(&desk, 11_000).await;
    pass(&desk, 45_000).await;
    assert_eq!(hanging.await.unwrap(), [0; 0], "nobody may be there");
    assert_eq!(claim(&desk, office, first, "wakes").await, [id]);
}

/// Only of that task, and only while another could take it at once.
#[tokio::test]
async fn who_let_a_lease_lapse_is_passed_over_no_longer_than_another_could_take_that_task() {
    for excuse in [
        "has no hand free",
        "takes no more",
        "is held",
        "is silent",
        "is shut out",
        "takes other kinds",
    ] {
        let (_dir, desk) = desk().await.unwrap();
        let e = &desk.engine;
        let (office, first, id) = held(&desk).await;
        let second = e.add_connector(office, "Second").await.unwrap();
        let one_at_a_time = Hello {
            max_parallel: 1,
            ..takes_everything()
        };
        e.hello(second, one_at_a_time.clone()).await.unwrap();
        for dossier in ["D2", "D3"] {
            e.add_dossier(office, dossier, dossier, "adsolut").await.unwrap();
        }
        let new = vec![new_task(SYNC, "D2"), new_task(SYNC, "D3")];
        let new = e.deliver(office, new).await.unwrap().tasks;
        let busy = e.claim(office, second, "busy".into(), 5, 0).await.unwrap();
        assert_eq!(ids(&busy.tasks), [new[0].id.0]);
        pass(&desk, 9_000).await;
        let lease = LeaseRef {
            task: new[0].id.to_string(),
            lease: busy.tasks[0].lease.clone(),
        };
        let extended = e.extend(second, vec![lease.clone()]).await.unwrap();
        assert_eq!(extended.leases[0].state, LeaseState::Ok);
        // the lease of `first` lapses, that of `second` does not
        pass(&desk, 2_000).await;
        let report = Report {
            task: lease.task,
            lease: lease.lease,
            outcome: done(),
        };
        if excuse != "has no hand free" {
            e.report(office, second, vec![report]).await.unwrap();
            let others = claim(&desk, office, first, "wakes").await;
            assert_eq!(others, [new[1].id.0], "all but the one whose lease it let lapse");
        }
        match excuse {
            "takes no more" => drop(e.drain_connector(second, "boot".into()).await.unwrap()),
            "is held" => e.hold(&support(), office, second, "Wait.").await.unwrap(),
            "is silent" => pass(&desk, 24 * 3_600_000).await,
            "is shut out" => {
                let caller = Caller::Connector { id: second, office };
                e.revoke(caller).await.unwrap();
            }
            "takes other kinds" => {
                let kinds = vec![BOOK.to_owned()];
                let hello = Hello {
                    kinds,
                    ..one_at_a_time
                };
                e.hello(second, hello).await.unwrap();
            }
            _ => {}
        }
        let given = claim(&desk, office, first, "again").await;
        assert!(given.contains(&id), "the other {excuse}: {given:?}");
    }
}

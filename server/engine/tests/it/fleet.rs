//! The fleet (T17) and honest waiting (T16): what is shown, what is held back, what is refused.

use crate::desk;

use desk::{booking, desk, failed, look, person, refused, reopen};
use domain::{
    Refusal, Role, TaskId, Viewer,
    fleet::{Advice, Liveness},
};
use engine::testing::{TestDesk, new_task, support, takes_everything};
use views::{
    OfficeView, Waiting,
    connectors::{ConnectorLine, FleetView, Holder},
};

const MINUTE: u64 = 60_000;

async fn office(desk: &TestDesk) -> OfficeView {
    desk.engine.office(&support(), "gent").await.expect("the office")
}

async fn fleet(desk: &TestDesk) -> FleetView {
    desk.engine
        .fleet(&support(), &office(desk).await)
        .await
        .expect("it reads")
}

async fn first(desk: &TestDesk) -> ConnectorLine {
    fleet(desk).await.connectors.remove(0)
}

async fn waiting(desk: &TestDesk, id: i64) -> views::TaskDetail {
    let office = office(desk).await;
    desk.engine
        .task_detail(&support(), &office, TaskId(id))
        .await
        .expect("it reads")
}

fn audited(desk: &TestDesk, what: &str) -> i64 {
    let sql = "SELECT count(*) FROM audit WHERE what = ?1 AND person = 7";
    look(&desk.engine)
        .query_row(sql, [what], |r| r.get(0))
        .expect("it reads")
}

fn admin(desk: &TestDesk) -> Viewer {
    person(Role::Admin, desk.office)
}

#[tokio::test]
async fn liveness_follows_the_age_of_the_last_call() {
    let (_dir, desk) = desk().await.unwrap();
    desk.claim(1).await.unwrap();
    for (minutes, expected) in [(0, Liveness::Idle), (16, Liveness::Late), (15, Liveness::Silent)] {
        desk.clock.pass(minutes * MINUTE);
        assert_eq!(first(&desk).await.liveness, expected);
    }
    assert_eq!(first(&desk).await.missed, 3);
    desk.deliver(vec![booking("D1")]).await.unwrap();
    desk.claim(1).await.unwrap();
    let line = first(&desk).await;
    assert_eq!(line.liveness, Liveness::Working);
    assert_eq!((line.running, line.doing.len()), (1, 1));
    assert_eq!(line.doing[0].dossier, "Dossier 1");
}

#[tokio::test]
async fn the_picture_of_the_polls_has_a_tick_a_minute_and_forgets_after_three_hours() {
    let (_dir, desk) = desk().await.unwrap();
    desk.deliver(vec![booking("D1"), booking("D2")]).await.unwrap();
    desk.claim(2).await.unwrap();
    desk.claim(2).await.unwrap();
    desk.clock.pass(5 * MINUTE);
    desk.claim(2).await.unwrap();
    let ticks = first(&desk).await.ticks;
    assert_eq!(
        ticks.iter().map(|t| (t.ago, t.taken)).collect::<Vec<_>>(),
        [(0, 0), (5, 2)]
    );
    desk.clock.pass(178 * MINUTE);
    assert_eq!(first(&desk).await.ticks.len(), 1);
    desk.clock.pass(2 * MINUTE);
    assert!(first(&desk).await.ticks.is_empty());
}

#[tokio::test]
async fn a_restart_of_the_server_does_not_say_never_seen() {
    let (dir, desk) = desk().await.unwrap();
    desk.engine.watch().await.unwrap();
    let new = desk
        .engine
        .new_connector(&admin(&desk), desk.office, "Gent 2")
        .await
        .unwrap();
    assert!(new.enrols);
    desk.clock.pass(20 * MINUTE);
    let desk = reopen(&dir, desk).await.unwrap();
    let lines = fleet(&desk).await.connectors;
    let of = |name: &str| lines.iter().find(|l| l.name == name).expect("it is there");
    assert_eq!(
        of("Gent 1").liveness,
        Liveness::Idle,
        "it could not call while the server was down"
    );
    assert_eq!(
        of("Gent 1").age,
        20 * MINUTE,
        "but people read when it really called"
    );
    assert_eq!(of("Gent 2").liveness, Liveness::NeverSeen);
}

#[tokio::test]
async fn one_that_is_held_back_gets_nothing_new_until_it_is_let_go() {
    let (dir, desk) = desk().await.unwrap();
    let me = admin(&desk);
    let ids = desk.deliver(vec![booking("D1"), booking("D2")]).await.unwrap();
    let held = desk.claim(1).await.unwrap();
    assert!(matches!(
        refused(desk.engine.hold(&me, desk.office, desk.connector, "  ").await),
        Refusal::Invalid(_)
    ));
    desk.engine
        .hold(&me, desk.office, desk.connector, "server moves")
        .await
        .unwrap();
    assert!(desk.claim(5).await.unwrap().is_empty());
    desk.report(&held[0], desk::done()).await.unwrap();
    let line = first(&desk).await;
    assert_eq!(line.liveness, Liveness::Held);
    assert_eq!(line.held.unwrap().text, "server moves");
    assert_eq!(waiting(&desk, ids[1]).await.waiting, Some(Waiting::OnHold));

    // it outlives the program
    let desk = reopen(&dir, desk).await.unwrap();
    assert!(desk.claim(5).await.unwrap().is_empty());
    desk.engine
        .let_go(&me, desk.office, desk.connector)
        .await
        .unwrap();
    assert_eq!(desk.claim(5).await.unwrap().len(), 1);
    assert!(matches!(
        refused(desk.engine.let_go(&me, desk.office, desk.connector).await),
        Refusal::WrongState(_)
    ));
    assert_eq!((audited(&desk, "hold"), audited(&desk, "let_go")), (1, 1));
}

#[tokio::test]
async fn a_name_that_is_taken_is_refused_and_nothing_is_written() {
    let (_dir, desk) = desk().await.unwrap();
    let me = admin(&desk);
    for name in ["Gent 1", " Gent 1 ", "", "\u{202E}tneG", &"x".repeat(101)] {
        let answer = desk.engine.new_connector(&me, desk.office, name).await;
        assert!(matches!(refused(answer), Refusal::Invalid(_)), "{name}");
    }
    assert_eq!(fleet(&desk).await.connectors.len(), 1);
    let first = desk
        .engine
        .new_integration(&me, desk.office, "Peppol")
        .await
        .unwrap();
    assert!(desk.engine.caller(&first.secret).is_ok());
    let again = desk.engine.new_integration(&me, desk.office, "Peppol").await;
    assert!(matches!(refused(again), Refusal::Invalid(_)));
    assert_eq!(audited(&desk, "add_integration"), 1);
}

#[tokio::test]
async fn tokens_are_rotated_and_revoked_on_record() {
    let (_dir, desk) = desk().await.unwrap();
    let me = admin(&desk);
    let new = desk
        .engine
        .new_connector(&me, desk.office, "Gent 2")
        .await
        .unwrap();
    let token = desk
        .engine
        .enrol(&new.secret, domain::ClientAddress::default())
        .await
        .unwrap();
    assert!(
        desk.engine
            .enrol(&new.secret, domain::ClientAddress::default())
            .await
            .is_err(),
        "a code works once"
    );
    let next = desk.engine.rotate(&me, desk.office, new.holder, 1).await.unwrap();
    assert!(desk.engine.caller(&token).is_ok() && desk.engine.caller(&next.secret).is_ok());
    desk.clock.pass(61 * MINUTE);
    assert!(desk.engine.caller(&token).is_err() && desk.engine.caller(&next.secret).is_ok());
    let long = desk.engine.rotate(&me, desk.office, new.holder, 169).await;
    assert!(matches!(refused(long), Refusal::Invalid(_)));
    desk.engine.shut_out(&me, desk.office, new.holder).await.unwrap();
    assert!(desk.engine.caller(&next.secret).is_err());
    for answer in [
        desk.engine.shut_out(&me, desk.office, new.holder).await.err(),
        desk.engine.rotate(&me, desk.office, new.holder, 1).await.err(),
        desk.engine
            .shut_out(&me, desk.office + 1, Holder::Connector(desk.connector))
            .await
            .err(),
    ] {
        assert_eq!(answer.unwrap().refusal(), Refusal::NotFound);
    }
    assert_eq!((audited(&desk, "rotate"), audited(&desk, "revoke")), (1, 1));
}

#[tokio::test]
async fn what_nobody_takes_is_named_with_count_and_oldest() {
    let (_dir, desk) = desk().await.unwrap();
    let mut hello = takes_everything();
    hello.kinds.retain(|k| k != desk::SYNC);
    desk.engine.hello(desk.connector, hello).await.unwrap();
    let sync = |d| new_task(desk::SYNC, d);
    let ids = desk
        .deliver(vec![booking("D1"), sync("D2"), sync("D3")])
        .await
        .unwrap();
    desk.clock.pass(2 * MINUTE);
    let view = fleet(&desk).await;
    assert_eq!(view.orphans.len(), 1);
    let o = &view.orphans[0];
    assert_eq!(
        (o.kind.as_str(), o.waiting, o.oldest.0, o.age),
        (desk::SYNC, 2, ids[1], 120_000)
    );
    assert_eq!(view.connectors[0].waiting, 1, "its own backlog alone");
    desk.engine
        .hello(desk.connector, takes_everything())
        .await
        .unwrap();
    assert!(fleet(&desk).await.orphans.is_empty());
}

#[tokio::test]
async fn a_queued_task_says_when_it_is_expected_and_what_comes_before() {
    let (_dir, desk) = desk().await.unwrap();
    let one_hand = engine::Hello {
        max_parallel: 1,
        unaccepted_reports: 0,
        ..takes_everything()
    };
    desk.engine.hello(desk.connector, one_hand).await.unwrap();
    desk.claim(1).await.unwrap();
    let ids = desk
        .deliver(vec![booking("D1"), booking("D2"), booking("D2")])
        .await
        .unwrap();
    let expected = waiting(&desk, ids[0]).await.expected.unwrap();
    assert_eq!((expected.from, expected.to, expected.ahead), (300, 600, 0));
    let expected = waiting(&desk, ids[1]).await.expected.unwrap();
    assert_eq!((expected.ahead, expected.usual), (1, None));
    assert!(
        expected.from > 300 && expected.to > 600,
        "one hand, and another task first: {expected:?}"
    );
    // the integration is told the same, and of no visit that brings nothing
    let told = desk.engine.task(desk.office, TaskId(ids[1])).await.unwrap();
    assert_eq!(told.expected_pick_up_seconds, Some([expected.from, expected.to]));
    let (from, to) = (expected.from, expected.to);
    assert_eq!(
        waiting(&desk, ids[1]).await.waiting,
        Some(Waiting::NextVisit { from, to })
    );
    // an hour a task, once that is known: 2^(87/4) ms is 59 minutes
    let learned = "INSERT INTO took SELECT d.office, d.package, t.kind, 87, 9 FROM task t JOIN dossier d ON d.id = t.dossier LIMIT 1";
    look(&desk.engine).execute(learned, []).unwrap();
    let slower = waiting(&desk, ids[1]).await.expected.unwrap();
    assert!(slower.to > 3_600 && slower.usual.is_some_and(|u| u > 3_400_000));
    let behind = waiting(&desk, ids[2]).await;
    assert_eq!(behind.waiting, Some(Waiting::Behind(TaskId(ids[1]))));
    assert_eq!(behind.place, Some(2));
    assert!(behind.expected.is_some());
    desk.clock.pass(31 * MINUTE);
    let asleep = waiting(&desk, ids[0]).await;
    assert_eq!(asleep.waiting, Some(Waiting::Asleep(31 * 60)));
    assert_eq!(asleep.expected, None, "nobody can promise that");
}

/// A connector that comes again as soon as it is answered is not reckoned by the pauses of those that poll.
#[tokio::test]
async fn behind_others_of_a_connector_that_waits_for_work_it_is_a_matter_of_seconds() {
    let (_dir, desk) = desk().await.unwrap();
    let (engine, office, connector) = (desk.engine.clone(), desk.office, desk.connector);
    let hanging = tokio::spawn(async move {
        engine
            .claim(office, connector, "hangs".into(), 1, 55)
            .await
            .unwrap()
    });
    while desk.engine.hangs(connector).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    let new = vec![booking("D1"), booking("D1"), booking("D1")];
    let ids = desk.deliver(new).await.unwrap();
    assert_eq!(hanging.await.unwrap().tasks.len(), 1);
    let last = waiting(&desk, ids[2]).await;
    assert_eq!(last.waiting, Some(Waiting::DossierBusy(TaskId(ids[0]))));
    let expected = last.expected.unwrap();
    assert!(expected.to < 60, "{expected:?}");
}

#[tokio::test]
async fn failed_reports_of_the_last_day_are_counted() {
    let (_dir, desk) = desk().await.unwrap();
    let outcome = failed("period_not_open", serde_json::json!({"period": "201802"}));
    desk::run(&desk, booking("D1"), outcome).await.unwrap();
    assert_eq!(first(&desk).await.errors, 1);
    desk.clock.pass(25 * 60 * MINUTE);
    assert_eq!(first(&desk).await.errors, 0);
}

#[tokio::test]
async fn advice_and_delays_come_from_what_was_learned() {
    let (_dir, desk) = desk().await.unwrap();
    desk.claim(1).await.unwrap();
    assert_eq!(fleet(&desk).await.advice, Advice::TooEarly);
    let now = desk.engine.now();
    let db = look(&desk.engine);
    // a flood that one connector of a hundred hands cannot carry in time: each task takes 20 minutes
    for i in 0..6 {
        let slot = now / 300_000 - 300 + i;
        let sql = "INSERT INTO load (office, slot, delivered, work_ms) VALUES (?1, ?2, 100, 120000000)";
        db.execute(sql, [desk.office, slot]).unwrap();
    }
    for (bucket, n) in [(60, 9), (80, 1)] {
        let sql = "INSERT INTO waited (office, hour, bucket, n) VALUES (?1, ?2, ?3, ?4)";
        db.execute(sql, [desk.office, now / 3_600_000 - 1, bucket, n])
            .unwrap();
    }
    let view = fleet(&desk).await;
    assert!(
        matches!(view.advice, Advice::OneMore { connectors: 1, now, then, .. } if then < now),
        "{:?}",
        view.advice
    );
    assert!(view.advice_at.is_some());
    assert_eq!(view.delays.len(), 1);
    assert_eq!((view.delays[0].typical, view.delays[0].slow), (1 << 15, 1 << 15));
}

#[tokio::test]
async fn only_those_who_run_the_office_see_its_integrations() {
    let (_dir, desk) = desk().await.unwrap();
    desk.engine.add_integration(desk.office, "Peppol").await.unwrap();
    let office = office(&desk).await;
    let seen = async |role| {
        desk.engine
            .fleet(&person(role, desk.office), &office)
            .await
            .unwrap()
    };
    assert_eq!(seen(Role::Admin).await.integrations.len(), 1);
    let operator = seen(Role::Operator).await;
    assert!(operator.integrations.is_empty() && !operator.may_run);
}

#[tokio::test]
async fn a_connector_that_stops_is_on_hold_and_then_asleep_but_not_missing() {
    let (_dir, desk) = desk().await.unwrap();
    let id = desk.deliver(vec![booking("D1")]).await.unwrap()[0];
    let drained = desk.engine.drain_connector(desk.connector, "boot".into()).await;
    assert_eq!(drained.unwrap(), 0);
    assert_eq!(waiting(&desk, id).await.waiting, Some(Waiting::OnHold));
    desk.clock.pass(31 * MINUTE);
    assert_eq!(waiting(&desk, id).await.waiting, Some(Waiting::Asleep(31 * 60)));
}

//! The watch over the desk itself (M1) and reminders (M13), on a clock moved by hand.

use crate::desk;

use desk::{booking, desk, failed, look, run};
use domain::{Language, Role, Viewer};
use engine::{
    Clock, Engine, Hello, NewPerson,
    testing::{TestDesk, support, takes_everything},
};
use views::{
    OfficeView,
    alerts::{AlertKind, AlertList, NoticeKind, Notices},
};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

async fn office(desk: &TestDesk) -> OfficeView {
    desk.engine.office(&support(), "gent").await.expect("the office")
}

async fn alerts(desk: &TestDesk) -> AlertList {
    desk.engine.watch().await.expect("the watch looks");
    desk.engine.alerts(&office(desk).await).await.expect("it reads")
}

async fn current(desk: &TestDesk) -> Vec<AlertKind> {
    alerts(desk).await.current.iter().map(|a| a.kind).collect()
}

/// A calm desk: its disk has room, whatever machine this runs on.
async fn calm() -> (tempfile::TempDir, TestDesk) {
    let (dir, desk) = desk().await.expect("a desk");
    desk.engine.pretend_disk(1 << 40, 1 << 41);
    assert_eq!(current(&desk).await, []);
    (dir, desk)
}

async fn add(engine: &Engine, role: Role, office: Option<i64>, email: &str) -> Viewer {
    let new = NewPerson {
        office,
        email: email.into(),
        name: email.into(),
        role,
        language: Language::En,
        password_hash: None,
    };
    let person = engine.add_person(new).await.expect("a person");
    Viewer {
        person,
        name: email.into(),
        role,
        office,
        language: Language::En,
    }
}

async fn told(desk: &TestDesk, who: &Viewer) -> Notices {
    desk.engine
        .notices(who, &office(desk).await)
        .await
        .expect("it reads")
}

#[tokio::test]
async fn a_silent_connector_is_an_alert_and_a_notice_once_and_ends_by_itself() {
    let (_dir, desk) = calm().await;
    let admin = add(&desk.engine, Role::Admin, Some(desk.office), "a@x.test").await;
    let staff = add(&desk.engine, Role::Employee, Some(desk.office), "e@x.test").await;
    let support = add(&desk.engine, Role::Support, None, "s@x.test").await;
    desk.clock.pass(30 * MINUTE);
    assert_eq!(current(&desk).await, [], "two polls missed are not three");
    desk.clock.pass(MINUTE);
    assert_eq!(current(&desk).await, [AlertKind::SilentConnector]);
    desk.clock.pass(MINUTE);
    let list = alerts(&desk).await;
    assert_eq!(
        (list.current.len(), list.current[0].name.as_str()),
        (1, "Gent 1"),
        "once, however often the watch looks"
    );
    for (who, n) in [(&admin, 1), (&support, 1), (&staff, 0)] {
        let t = told(&desk, who).await;
        assert_eq!(t.unread, n, "{}", who.name);
        assert_eq!(t.alerts, n, "{}", who.name);
    }
    desk.claim(1).await.unwrap();
    desk.clock.pass(MINUTE);
    let list = alerts(&desk).await;
    assert!(list.current.is_empty());
    assert_eq!(list.past.len(), 1);
    assert!(list.past[0].ended.is_some_and(|e| e.at > list.past[0].since.at));
}

#[tokio::test]
async fn reports_that_are_not_accepted_are_an_alert_until_they_are() {
    let (dir, desk) = calm().await;
    let hello = |unaccepted_reports| Hello {
        unaccepted_reports,
        ..takes_everything()
    };
    desk.engine.hello(desk.connector, hello(3)).await.unwrap();
    desk.clock.pass(MINUTE);
    let list = alerts(&desk).await;
    assert_eq!(
        (list.current[0].kind, list.current[0].name.as_str()),
        (AlertKind::UnacceptedReports, "Gent 1")
    );
    let fleet = |desk: &TestDesk| {
        let engine = desk.engine.clone();
        async move {
            let office = engine.office(&support(), "gent").await.unwrap();
            engine.fleet(&support(), &office).await.unwrap().connectors[0].unaccepted
        }
    };
    assert_eq!(fleet(&desk).await, 3);
    let desk = crate::desk::reopen(&dir, desk).await.unwrap();
    assert_eq!(fleet(&desk).await, 3, "also after a restart of the desk");
    desk.engine.hello(desk.connector, hello(0)).await.unwrap();
    desk.clock.pass(MINUTE);
    desk.engine.pretend_disk(1 << 40, 1 << 41);
    assert_eq!(current(&desk).await, []);
    assert_eq!(fleet(&desk).await, 0);
}

#[tokio::test]
async fn one_that_is_held_back_or_shut_out_is_not_silent() {
    let (_dir, desk) = calm().await;
    desk.engine
        .hold(&support(), desk.office, desk.connector, "moves")
        .await
        .unwrap();
    desk.clock.pass(2 * HOUR);
    assert_eq!(current(&desk).await, []);
}

#[tokio::test]
async fn a_queue_that_does_not_move_is_told_from_one_that_does() {
    let (_dir, desk) = calm().await;
    let one_hand = Hello {
        max_parallel: 1,
        unaccepted_reports: 0,
        ..takes_everything()
    };
    desk.engine.hello(desk.connector, one_hand).await.unwrap();
    desk.deliver(vec![booking("D1"), booking("D2"), booking("D3")])
        .await
        .unwrap();
    let mut busy = desk.claim(1).await.unwrap();
    // it works on, but takes nothing
    for _ in 0..30 {
        assert_eq!(current(&desk).await, []);
        desk.clock.pass(MINUTE);
        keep(&desk, &busy[0]).await;
    }
    for _ in 0..2 {
        desk.clock.pass(MINUTE);
        keep(&desk, &busy[0]).await;
    }
    let list = alerts(&desk).await;
    assert_eq!(
        list.current
            .iter()
            .map(|a| (a.kind, a.name.as_str()))
            .collect::<Vec<_>>(),
        [(AlertKind::StuckQueue, "2")]
    );
    desk.report(&busy.remove(0), desk::done()).await.unwrap();
    let busy = desk.claim(1).await.unwrap();
    desk.clock.pass(MINUTE);
    keep(&desk, &busy[0]).await;
    assert_eq!(current(&desk).await, [], "it moves again");
}

async fn keep(desk: &TestDesk, task: &domain::wire::ClaimedTask) {
    let lease = domain::wire::LeaseRef {
        task: task.id.to_string(),
        lease: task.lease.clone(),
    };
    desk.engine
        .extend(desk.connector, vec![lease])
        .await
        .expect("it lives");
}

#[tokio::test]
async fn a_task_that_no_connector_takes_is_an_alert() {
    let (_dir, desk) = calm().await;
    let mut hello = takes_everything();
    hello.packages.retain(|p| p != "adsolut");
    desk.engine.hello(desk.connector, hello).await.unwrap();
    desk.deliver(vec![booking("D1")]).await.unwrap();
    desk.clock.pass(MINUTE);
    let list = alerts(&desk).await;
    assert_eq!(list.current[0].kind, AlertKind::NoConnector);
    assert_eq!(
        (list.current[0].name.as_str(), list.current[0].detail.as_str()),
        ("Adsolut", "process_booking_proposal 1")
    );
    desk.engine
        .hello(desk.connector, takes_everything())
        .await
        .unwrap();
    desk.clock.pass(MINUTE);
    assert_eq!(current(&desk).await, []);
}

#[tokio::test]
async fn many_packages_without_a_connector_are_one_alert() {
    let (_dir, desk) = calm().await;
    let mut hello = takes_everything();
    hello.packages = (0..40).map(|n| format!("own{n}")).collect();
    desk.engine.hello(desk.connector, hello.clone()).await.unwrap();
    let activate = |n: usize| engine::testing::activation(&format!("N{n}"), &format!("own{n}"));
    desk.deliver((0..40).map(activate).collect()).await.unwrap();
    hello.packages = vec!["adsolut".into()];
    desk.engine.hello(desk.connector, hello).await.unwrap();
    desk.clock.pass(MINUTE);
    let list = alerts(&desk).await;
    assert_eq!(list.current.len(), 1);
    assert_eq!(list.current[0].detail, "* 40");
    assert_eq!(list.current[0].name, "own0, own1, own2, own3, own4");
    desk.engine
        .hello(desk.connector, takes_everything())
        .await
        .unwrap();
    desk.clock.pass(MINUTE);
    assert_eq!(
        alerts(&desk).await.current.len(),
        1,
        "it stands, and is not told anew"
    );
}

#[tokio::test]
async fn mail_that_does_not_go_out_is_an_alert_until_one_does() {
    let (_dir, desk) = calm().await;
    let db = desk::look(&desk.engine);
    let tried = |times: u32| {
        db.execute_batch(&format!(
            "DELETE FROM mail; INSERT INTO mail (office, email, name, language, letter, kind, made_at, next_at, tries, error)
             VALUES ({}, 'a@b', 'A', 'en', '\"test\"', 'test', 5, 10, {times}, 'not_now 451')",
            desk.office
        ))
        .unwrap();
        desk.clock.pass(MINUTE);
    };
    tried(1);
    assert_eq!(current(&desk).await, [], "once is no reason to worry");
    tried(2);
    let list = alerts(&desk).await;
    assert_eq!(
        (list.current[0].kind, list.current[0].name.as_str()),
        (AlertKind::Mail, "not_now 451")
    );
    db.execute_batch(&format!(
        "INSERT INTO mail (office, email, name, language, letter, kind, made_at, sent_at)
         VALUES ({}, 'c@d', 'C', 'en', '\"test\"', 'test', 6, 7)",
        desk.office
    ))
    .unwrap();
    desk.clock.pass(MINUTE);
    assert_eq!(current(&desk).await, [], "one bad address is not the server");
}

#[tokio::test]
async fn a_disk_that_fills_and_a_clock_that_jumps_are_alerts() {
    let (_dir, desk) = calm().await;
    desk.engine.pretend_disk(1 << 29, 1 << 41);
    desk.clock.pass(MINUTE);
    let list = alerts(&desk).await;
    assert_eq!(list.current[0].kind, AlertKind::Disk);
    assert_eq!(list.current[0].detail, (1u64 << 29).to_string());
    // it fills on: what is said is of now
    desk.engine.pretend_disk(1 << 28, 1 << 41);
    desk.clock.pass(MINUTE);
    assert_eq!(alerts(&desk).await.current[0].detail, (1u64 << 28).to_string());
    desk.engine.pretend_disk(1 << 40, 1 << 41);
    desk.clock.pass(MINUTE);
    assert_eq!(current(&desk).await, []);

    desk.clock.jump(20_000);
    desk.clock.pass(MINUTE);
    assert_eq!(current(&desk).await, [], "a correction is no jump");
    desk.clock.jump(-3_600_000);
    desk.clock.pass(MINUTE);
    let list = alerts(&desk).await;
    assert_eq!(list.current[0].kind, AlertKind::Clock);
    assert_eq!(list.current[0].detail, "-3600000");
    desk.claim(1).await.unwrap();
    desk.clock.pass(10 * MINUTE);
    assert_eq!(current(&desk).await, [], "it is over by itself");
}

#[tokio::test]
async fn writing_that_failed_is_shown_while_it_lasts_and_kept() {
    let (_dir, desk) = calm().await;
    desk.engine.pretend_storage_fails();
    let list = desk.engine.alerts(&office(&desk).await).await.unwrap();
    assert_eq!(list.current[0].kind, AlertKind::Storage);
    desk.clock.pass(MINUTE);
    let list = alerts(&desk).await;
    assert!(list.current.is_empty());
    assert_eq!(list.past[0].kind, AlertKind::Storage);
    assert_eq!(list.past[0].ended.unwrap().at, desk.clock.now());
}

#[tokio::test]
async fn a_waiting_instruction_reminds_its_managers_then_the_admins_once_each() {
    let (_dir, desk) = calm().await;
    let admin = add(&desk.engine, Role::Admin, Some(desk.office), "a@x.test").await;
    let staff = add(&desk.engine, Role::Employee, Some(desk.office), "e@x.test").await;
    desk.engine.add_manager(1, staff.person).await.unwrap();
    let open = || failed("period_not_open", serde_json::json!({"period": "201802"}));
    let (mine, _) = run(&desk, booking("D1"), open()).await.unwrap();
    // D2 has no manager: the admins stand in
    let (theirs, _) = run(&desk, booking("D2"), open()).await.unwrap();
    hours(&desk, 23).await;
    assert_eq!(told(&desk, &staff).await.unread, 0);
    hours(&desk, 2).await;
    let t = told(&desk, &staff).await;
    assert_eq!((t.unread, t.groups.len()), (1, 1));
    assert_eq!(t.groups[0].kind, NoticeKind::Reminder);
    assert!(t.groups[0].title.contains("February 2018") || t.groups[0].title.contains("2018-02"));
    assert_eq!(t.groups[0].lines[0].task, Some(mine));
    assert_eq!(tasks(&told(&desk, &admin).await, NoticeKind::Reminder), [theirs]);
    hours(&desk, 10).await;
    assert_eq!(told(&desk, &staff).await.unread, 1, "once");
    hours(&desk, 40).await;
    let t = told(&desk, &admin).await;
    assert_eq!(tasks(&t, NoticeKind::Escalated), [theirs, mine]);
    assert_eq!(told(&desk, &staff).await.unread, 1);

    let ids = t
        .groups
        .iter()
        .flat_map(|g| &g.lines)
        .map(|l| l.id)
        .take(1)
        .collect();
    desk.engine.read_notices(&admin, desk.office, ids).await.unwrap();
    assert_eq!(told(&desk, &admin).await.unread, t.unread - 1);
    desk.engine
        .read_notices(&admin, desk.office, vec![])
        .await
        .unwrap();
    assert_eq!(told(&desk, &admin).await.unread, 0);
    assert_eq!(told(&desk, &staff).await.unread, 1, "each reads for themselves");
}

#[tokio::test]
async fn one_that_is_put_off_or_restarted_reminds_nobody() {
    let (_dir, desk) = calm().await;
    let admin = add(&desk.engine, Role::Admin, Some(desk.office), "a@x.test").await;
    let open = || failed("period_not_open", serde_json::json!({"period": "201802"}));
    let (off, _) = run(&desk, booking("D1"), open()).await.unwrap();
    let (again, _) = run(&desk, booking("D2"), open()).await.unwrap();
    let until = desk.clock.now() + 30 * HOUR as i64;
    desk.engine
        .snooze(admin.clone(), desk.office, off, until, "on leave".into())
        .await
        .unwrap();
    desk.engine
        .restart(admin.clone(), desk.office, vec![again])
        .await
        .unwrap();
    hours(&desk, 29).await;
    assert_eq!(tasks(&told(&desk, &admin).await, NoticeKind::Reminder), []);
    hours(&desk, 2).await;
    assert_eq!(tasks(&told(&desk, &admin).await, NoticeKind::Reminder), [off]);
    let rows: i64 = look(&desk.engine)
        .query_row("SELECT count(*) FROM reminder", [], |r| r.get(0))
        .unwrap();
    assert_eq!(rows, 1);
}

fn tasks(n: &Notices, kind: NoticeKind) -> Vec<domain::TaskId> {
    let groups = n.groups.iter().filter(|g| g.kind == kind);
    groups.flat_map(|g| &g.lines).filter_map(|l| l.task).collect()
}

/// Lets hours pass, with the connector calling and the watch looking each hour.
async fn hours(desk: &TestDesk, n: u64) {
    for _ in 0..n {
        desk.clock.pass(HOUR);
        desk.engine
            .hello(desk.connector, takes_everything())
            .await
            .expect("it calls");
        desk.engine.watch().await.expect("the watch looks");
    }
}

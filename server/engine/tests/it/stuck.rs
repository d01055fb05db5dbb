//! Why a job does not run: one recommendation for each case of the source (J26, J27, J30).

use crate::desk;

use desk::{
    failed,
    jobs::{audited, job_desk, set_up, vouchers, work_off},
    look, refused,
};
use domain::Refusal;
use serde_json::json;
use views::{
    jobs::JobVerb,
    stuck::{Advice, Alarm, Check, Mark, WaitFor, Why},
};

const HOUR: u64 = 3_600_000;

fn marked(why: &Why, mark: Mark) -> Vec<&'static str> {
    let bad = why.checks.iter().filter(|c| c.mark == mark);
    bad.map(|c| match c.check {
        Check::Server(_) => "server",
        Check::Blocked(_) => "blocked",
        Check::Queue { .. } => "queue",
        Check::Start { .. } => "start",
        Check::Held { .. } => "held",
        Check::Requeued(_) => "requeued",
        Check::Posting(_) => "posting",
    })
    .collect()
}

#[tokio::test]
async fn a_stopped_job_is_queued_again_twice_and_then_reported() {
    let (_dir, desk, by, office) = job_desk().await.unwrap();
    let e = &desk.engine;
    let id = set_up(&desk, &by, vouchers(&["D1"], &["12:30"])).await.unwrap();
    let why = || async { e.why(&by, &office, id).await.unwrap() };
    assert!(matches!(
        why().await.advice,
        Advice::Wait(WaitFor::Time, Some(_), 0)
    ));
    // within its grace: it runs late
    desk.clock.pass(30 * 60_000);
    e.schedule_round().await.unwrap();
    assert!(matches!(why().await.advice, Advice::Wait(WaitFor::Visit, ..)));
    work_off(&desk, failed("database_error", json!({})))
        .await
        .unwrap();
    for tries in 0..2 {
        let found = why().await;
        assert_eq!(
            found.advice,
            Advice::QueueAgain { needs_reason: false },
            "after {tries}"
        );
        assert_eq!(found.clock.as_deref(), Some("12:30"));
        assert!(found.last_error.is_some());
        e.do_job(&by, desk.office, id, found.version, JobVerb::Queue, None)
            .await
            .unwrap();
        let again = e
            .do_job(&by, desk.office, id, found.version + 1, JobVerb::Queue, None)
            .await;
        assert!(
            matches!(refused(again), Refusal::WrongState(_)),
            "not beside itself"
        );
        // also within the same second
        assert_eq!(
            work_off(&desk, failed("database_error", json!({})))
                .await
                .unwrap(),
            1
        );
    }
    let found = why().await;
    assert_eq!(found.advice, Advice::Report(Alarm::Tries));
    assert!(marked(&found, Mark::Bad).contains(&"requeued"));
}

#[tokio::test]
async fn queuing_again_too_early_needs_a_reason() {
    let (_dir, desk, by, office) = job_desk().await.unwrap();
    let e = &desk.engine;
    let id = set_up(&desk, &by, vouchers(&["D1"], &["12:30"])).await.unwrap();
    let long = set_up(&desk, &by, vouchers(&["D1", "D2"], &["20:00"]))
        .await
        .unwrap();
    desk.clock.pass(30 * 60_000);
    e.schedule_round().await.unwrap();
    work_off(&desk, failed("database_error", json!({})))
        .await
        .unwrap();
    e.do_job(&by, desk.office, long, 1, JobVerb::RunNow, None)
        .await
        .unwrap();
    let tasks = desk.claim(10).await.unwrap();
    assert!(!tasks.is_empty());
    let found = e.why(&by, &office, id).await.unwrap();
    assert_eq!(found.advice, Advice::QueueAgain { needs_reason: true });
    assert!(marked(&found, Mark::Explains).contains(&"queue"));
    let early = e
        .do_job(&by, desk.office, id, found.version, JobVerb::Queue, None)
        .await;
    assert!(
        matches!(refused(early), Refusal::WrongState(why) if why.to_string().contains(&format!("Job {long}")))
    );
    let why = Some("the other hangs".to_owned());
    e.do_job(&by, desk.office, id, found.version, JobVerb::Queue, why)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_silent_server_and_a_passed_start_are_alarms_and_a_window_is_not() {
    let (_dir, desk, by, office) = job_desk().await.unwrap();
    let e = &desk.engine;
    let id = set_up(&desk, &by, vouchers(&["D1"], &["12:30"])).await.unwrap();
    desk.clock.pass(40 * 60_000);
    e.schedule_round().await.unwrap();
    let mut hello = engine::testing::takes_everything();
    hello.kinds.push("run_job".into());
    e.hello(desk.connector, hello).await.unwrap();
    let found = e.why(&by, &office, id).await.unwrap();
    assert_eq!(found.advice, Advice::Report(Alarm::Overdue), "{found:?}");
    assert_eq!(found.status, domain::job::JobStatus::Overdue);
    let db = look(e);
    db.execute(
        "INSERT INTO blocked (office, reason, owner, days, date, from_m, minutes, version) VALUES (?1, 'Backup', 'IT', '[\"wed\"]', NULL, 740, 60, 1)",
        [desk.office],
    )
    .unwrap();
    let found = e.why(&by, &office, id).await.unwrap();
    let Advice::Wait(WaitFor::Window, Some(until), _) = found.advice else {
        panic!("{:?}", found.advice)
    };
    assert_eq!(until.clock(), "13:20");
    db.execute("DELETE FROM blocked", []).unwrap();
    desk.clock.pass(3 * HOUR);
    let found = e.why(&by, &office, id).await.unwrap();
    assert_eq!(found.advice, Advice::Report(Alarm::Server));
    assert!(marked(&found, Mark::Bad).contains(&"server"));
}

#[tokio::test]
async fn posting_status_is_set_back_unless_a_large_run_is_being_posted() {
    let (_dir, desk, by, office) = job_desk().await.unwrap();
    let e = &desk.engine;
    let id = set_up(&desk, &by, vouchers(&["D1"], &["18:00"])).await.unwrap();
    let large = set_up(&desk, &by, vouchers(&["D3"], &["19:00"])).await.unwrap();
    let db = look(e);
    db.execute(
        "UPDATE dossier SET posting = 'po', posting_since = 1 WHERE code = 'D1'",
        [],
    )
    .unwrap();
    db.execute("UPDATE dossier SET large = 1 WHERE code = 'D3'", [])
        .unwrap();
    let found = e.why(&by, &office, id).await.unwrap();
    assert!(matches!(&found.advice, Advice::SetPosting(c) if c[0].code == "D1"));
    e.do_job(&by, desk.office, large, 1, JobVerb::RunNow, None)
        .await
        .unwrap();
    let task = desk.claim(10).await.unwrap();
    let page = e.procedures(&by, &office).await.unwrap();
    assert_eq!(page.large_run.unwrap().job, large);
    let found = e.why(&by, &office, id).await.unwrap();
    assert!(matches!(found.advice, Advice::Wait(WaitFor::Posting, None, _)));
    assert!(matches!(
        refused(e.set_posting_ok(&by, desk.office, "D1").await),
        Refusal::WrongState(why) if why.to_string().contains("D3")
    ));
    desk.report(&task[0], desk::done()).await.unwrap();
    e.set_posting_ok(&by, desk.office, "D1").await.unwrap();
    assert!(e.procedures(&by, &office).await.unwrap().posting.is_empty());
    assert_eq!(audited(&desk, "posting"), 1);
    assert!(matches!(
        refused(e.set_posting_ok(&by, desk.office, "D1").await),
        Refusal::WrongState(_)
    ));
}

#[tokio::test]
async fn what_was_put_aside_on_purpose_is_left_alone() {
    let (_dir, desk, by, office) = job_desk().await.unwrap();
    let e = &desk.engine;
    let id = set_up(&desk, &by, vouchers(&["D1"], &["18:00"])).await.unwrap();
    let why = Some("the parishes".to_owned());
    e.do_job(&by, desk.office, id, 1, JobVerb::Hold, why)
        .await
        .unwrap();
    let found = e.why(&by, &office, id).await.unwrap();
    assert_eq!(found.advice, Advice::Leave);
    let held = found.checks.iter().find_map(|c| match &c.check {
        Check::Held { did: Some(did), .. } => Some(did.clone()),
        _ => None,
    });
    let held = held.unwrap();
    assert_eq!(
        (held.by.as_str(), held.why.as_deref()),
        ("Support", Some("the parishes"))
    );
}

//! Guided procedures: of an old job and its new one exactly one has the times, whatever happens (J2, J9, J24, J32).

use crate::desk;

use desk::{
    jobs::{audited, autopay, job_desk, set_up, standings, vouchers, work_off},
    look, refused, reopen,
};
use domain::{Refusal, job::Module};
use views::{
    jobs::JobVerb,
    procedures::{DayWarning, Fate, Move, Obstacle, Step},
};

/// Jobs that are active and have a time, by description: each must have exactly one.
fn active(desk: &engine::testing::TestDesk) -> Vec<(String, i64)> {
    let db = look(&desk.engine);
    let mut q = db
        .prepare("SELECT description, count(*) FROM job WHERE standing = 'active' AND next_at IS NOT NULL AND deleted_at IS NULL GROUP BY description ORDER BY 1")
        .unwrap();
    q.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

#[tokio::test]
async fn one_job_is_replaced_step_by_step_and_each_step_can_be_undone() {
    let (dir, desk, by, office) = job_desk().await.unwrap();
    let old = set_up(&desk, &by, vouchers(&["D1", "D2"], &["07:30"]))
        .await
        .unwrap();
    let follower = vouchers(&["D3"], &["08:30"]);
    let follower = domain::job::JobForm {
        after: Some(old),
        description: "After it".into(),
        ..follower
    };
    let follower = set_up(&desk, &by, follower).await.unwrap();
    let e = &desk.engine;
    let id = e.start_replace(&by, desk.office, old).await.unwrap();
    assert_eq!(
        e.start_replace(&by, desk.office, old).await.unwrap(),
        id,
        "one procedure a job"
    );
    let done = e
        .take_step(&by, desk.office, id, vec![], Move::Create)
        .await
        .unwrap();
    assert_eq!((done.done, done.left.len()), (1, 0));
    let card = e.board(&by, &office, id).await.unwrap().cards[0].clone();
    let twin = card.twin.unwrap();
    assert_eq!(card.step, Step::Created);
    assert!(card.compared.iter().all(|c| c.good), "{:?}", card.compared);
    assert_eq!(
        active(&desk),
        [("After it".into(), 1), ("Postere bilag alle selskap".into(), 1)]
    );
    assert_eq!(
        e.job(&by, &office, follower).await.unwrap().form.after,
        Some(twin)
    );
    // the old one cannot be switched on beside it
    let version = e.job(&by, &office, old).await.unwrap().line.version;
    assert!(matches!(
        refused(
            e.do_job(&by, desk.office, old, version, JobVerb::Queue, None)
                .await
        ),
        Refusal::WrongState(_)
    ));
    // undone: as before
    e.take_step(&by, desk.office, id, vec![old], Move::Undo)
        .await
        .unwrap();
    assert_eq!(
        standings(&desk, desk.office),
        [(old, "active".into()), (follower, "active".into())]
    );
    assert_eq!(e.job(&by, &office, follower).await.unwrap().form.after, Some(old));
    // and again, over a restart of the program in the middle
    e.take_step(&by, desk.office, id, vec![], Move::Create)
        .await
        .unwrap();
    let desk = reopen(&dir, desk).await.unwrap();
    let e = &desk.engine;
    let twin = e.board(&by, &office, id).await.unwrap().cards[0].twin.unwrap();
    let early = e
        .take_step(&by, desk.office, id, vec![old], Move::Delete)
        .await
        .unwrap();
    assert_eq!(early.left, [(old, Obstacle::Moved)], "not before it is checked");
    assert_eq!(
        e.take_step(&by, desk.office, id, vec![], Move::Check)
            .await
            .unwrap()
            .done,
        1
    );
    assert_eq!(
        e.take_step(&by, desk.office, id, vec![], Move::Delete)
            .await
            .unwrap()
            .done,
        1
    );
    assert!(e.board(&by, &office, id).await.unwrap().line.ended.is_some());
    assert_eq!(
        standings(&desk, desk.office),
        [(follower, "active".into()), (twin, "active".into())]
    );
    assert_eq!(audited(&desk, "delete_job"), 2, "the undone twin and the old one");
    assert!(matches!(
        refused(e.undo_procedure(&by, desk.office, id).await),
        Refusal::WrongState(_)
    ));
}

#[tokio::test]
async fn what_differs_is_named_and_a_person_may_accept_it() {
    let (_dir, desk, by, office) = job_desk().await.unwrap();
    let e = &desk.engine;
    let old = set_up(&desk, &by, vouchers(&["D1"], &["07:30"])).await.unwrap();
    let id = e.start_replace(&by, desk.office, old).await.unwrap();
    e.take_step(&by, desk.office, id, vec![], Move::Create)
        .await
        .unwrap();
    let twin = e.board(&by, &office, id).await.unwrap().cards[0].twin.unwrap();
    let form = domain::job::JobForm {
        description: "Something else".into(),
        ..vouchers(&["D1"], &["07:35"])
    };
    e.save_job(&by, desk.office, twin, 1, form, Some("test".into()), true)
        .await
        .unwrap();
    let done = e
        .take_step(&by, desk.office, id, vec![], Move::Check)
        .await
        .unwrap();
    assert_eq!(done.left, [(old, Obstacle::Differs)]);
    let card = e.board(&by, &office, id).await.unwrap().cards[0].clone();
    let bad: Vec<_> = card
        .compared
        .iter()
        .filter(|c| !c.good)
        .map(|c| c.what.as_str())
        .collect();
    assert_eq!(bad, ["start", "interval", "description"]);
    e.take_step(&by, desk.office, id, vec![old], Move::Accept)
        .await
        .unwrap();
    let card = e.board(&by, &office, id).await.unwrap().cards[0].clone();
    assert_eq!((card.step, card.accepted), (Step::Checked, true));
}

#[tokio::test]
async fn holding_leaves_a_run_alone_cancelling_and_deleting_wait_for_it() {
    let (_dir, desk, by, office) = job_desk().await.unwrap();
    let e = &desk.engine;
    let held = set_up(&desk, &by, vouchers(&["D1"], &["07:30"])).await.unwrap();
    let ordered = set_up(&desk, &by, autopay("D2", &["08:15"])).await.unwrap();
    for id in [held, ordered] {
        e.do_job(&by, desk.office, id, 1, JobVerb::RunNow, None)
            .await
            .unwrap();
    }
    let under_way = desk.claim(10).await.unwrap();
    assert_eq!(under_way.len(), 2);
    let id = e
        .start_release(&by, desk.office, vec![Module::Economy])
        .await
        .unwrap();
    assert!(matches!(
        refused(e.start_release(&by, desk.office, vec![Module::Economy]).await),
        Refusal::Invalid(_)
    ));
    let done = e
        .take_step(&by, desk.office, id, vec![], Move::Create)
        .await
        .unwrap();
    assert_eq!(done.done, 1, "the one that is only held");
    assert_eq!(done.left, [(ordered, Obstacle::Running)]);
    e.take_step(&by, desk.office, id, vec![], Move::Check)
        .await
        .unwrap();
    let early = e
        .take_step(&by, desk.office, id, vec![], Move::Delete)
        .await
        .unwrap();
    assert_eq!(early.left, [(held, Obstacle::NotAllChecked)]);
    e.take_step(&by, desk.office, id, vec![ordered], Move::LeaveOut)
        .await
        .unwrap();
    let early = e
        .take_step(&by, desk.office, id, vec![], Move::Delete)
        .await
        .unwrap();
    assert_eq!(early.left, [(held, Obstacle::Running)]);
    for task in &under_way {
        desk.report(task, desk::done()).await.unwrap();
    }
    assert_eq!(
        e.take_step(&by, desk.office, id, vec![], Move::Delete)
            .await
            .unwrap()
            .done,
        1
    );
    let board = e.board(&by, &office, id).await.unwrap();
    assert!(board.line.ended.is_some() && board.line.over == 2);
    assert_eq!(active(&desk).iter().map(|a| a.1).collect::<Vec<_>>(), [1, 1]);
}

#[tokio::test]
async fn jobs_are_put_off_by_date_alone_and_come_back_by_themselves() {
    let (_dir, desk, by, office) = job_desk().await.unwrap();
    let e = &desk.engine;
    let first = set_up(&desk, &by, autopay("D1", &["08:15"])).await.unwrap();
    let second = set_up(&desk, &by, autopay("D2", &["08:35"])).await.unwrap();
    let day = |d: &str| d.parse().unwrap();
    assert!(matches!(
        refused(
            e.postpone(&by, desk.office, vec![first], day("2026-11-18"), "Kari".into())
                .await
        ),
        Refusal::Invalid(_)
    ));
    let preview = e
        .preview_postponement(&by, &office, vec![first, second], day("2026-12-25"))
        .await
        .unwrap();
    assert_eq!(preview.warnings, [DayWarning::Holiday("BE".into())]);
    let preview = e
        .preview_postponement(&by, &office, vec![first], day("2026-11-24"))
        .await
        .unwrap();
    let moved = &preview.moved[0];
    assert_eq!(moved.old.unwrap().rfc3339(), "2026-11-19T08:15:00+01:00");
    assert_eq!(moved.new.unwrap().rfc3339(), "2026-11-24T08:15:00+01:00");
    assert_eq!(moved.skipped, 3, "Thursday, Friday, Monday");
    let id = e
        .postpone(
            &by,
            desk.office,
            vec![first, second],
            day("2026-11-24"),
            "Kari Moen".into(),
        )
        .await
        .unwrap();
    assert!(matches!(
        refused(
            e.postpone(&by, desk.office, vec![first], day("2026-12-01"), "Kari".into())
                .await
        ),
        Refusal::Invalid(_)
    ));
    // taken back, and done again
    assert_eq!(e.undo_procedure(&by, desk.office, id).await.unwrap().done, 2);
    let next = |job| async move {
        e.job(&support_of(), &office_of(e).await, job)
            .await
            .unwrap()
            .line
            .next
            .unwrap()
            .rfc3339()
    };
    assert_eq!(next(first).await, "2026-11-19T08:15:00+01:00");
    let id = e
        .postpone(
            &by,
            desk.office,
            vec![first, second],
            day("2026-11-24"),
            "Kari Moen".into(),
        )
        .await
        .unwrap();
    assert_eq!(next(second).await, "2026-11-24T08:35:00+01:00");
    // until then nothing runs
    desk.clock.pass(5 * 86_400_000);
    e.schedule_round().await.unwrap();
    assert_eq!(work_off(&desk, desk::done()).await.unwrap(), 0);
    // Monday noon: one day left
    assert_eq!(
        e.procedures(&by, &office).await.unwrap().open[0].days_left,
        Some(1)
    );
    // Tuesday, each at its own clock time; then the procedure is over
    for minutes in [20 * 60 + 9, 20] {
        desk.clock.pass(minutes * 60_000);
        e.schedule_round().await.unwrap();
        assert_eq!(work_off(&desk, desk::done()).await.unwrap(), 1);
    }
    e.tick().await.unwrap();
    let board = e.board(&by, &office, id).await.unwrap();
    assert!(board.line.ended.is_some() && !board.line.undone);
    assert_eq!(board.cards[0].step, Step::Returned);
}

fn support_of() -> domain::Viewer {
    engine::testing::support()
}

async fn office_of(e: &engine::Engine) -> views::OfficeView {
    e.office(&support_of(), "gent").await.unwrap()
}

#[tokio::test]
async fn all_jobs_go_into_a_file_and_come_back() {
    let (_dir, desk, by, office) = job_desk().await.unwrap();
    let e = &desk.engine;
    let a = set_up(&desk, &by, vouchers(&["D1"], &["07:30"])).await.unwrap();
    let b = domain::job::JobForm {
        after: Some(a),
        ..autopay("D2", &["08:15"])
    };
    let b = set_up(&desk, &by, b).await.unwrap();
    let file = e.export_jobs(&by, &office).await.unwrap();
    let fates = |r: &views::procedures::ImportReport| r.lines.iter().map(|l| l.fate).collect::<Vec<_>>();
    let same = e.import_jobs(&by, &office, &file, true).await.unwrap();
    assert_eq!(fates(&same), [Fate::Same, Fate::Same]);
    // one is deleted, the other changed: both come back, put aside, and the order between them is kept
    e.do_job(&by, desk.office, b, 1, JobVerb::Delete, None)
        .await
        .unwrap();
    e.save_job(
        &by,
        desk.office,
        a,
        1,
        vouchers(&["D1"], &["07:45"]),
        Some("x".into()),
        true,
    )
    .await
    .unwrap();
    e.do_job(&by, desk.office, a, 2, JobVerb::Delete, None)
        .await
        .unwrap();
    let c = set_up(&desk, &by, vouchers(&["D1"], &["07:45"])).await.unwrap();
    let dry = e.import_jobs(&by, &office, &file, true).await.unwrap();
    assert_eq!(fates(&dry), [Fate::Changed, Fate::New]);
    assert_eq!(
        standings(&desk, desk.office),
        [(c, "active".into())],
        "a dry run writes nothing"
    );
    let done = e.import_jobs(&by, &office, &file, false).await.unwrap();
    assert!(done.written);
    let new = done.lines[1].here.unwrap();
    assert!(new > c, "numbers are new");
    assert_eq!(
        standings(&desk, desk.office),
        [(c, "on_hold".into()), (new, "on_hold".into())]
    );
    let detail = e.job(&by, &office, new).await.unwrap();
    assert_eq!(detail.form.after, Some(c));
    assert_eq!(detail.form.schedule, desk::jobs::at(&["08:15"]));
    assert_eq!(
        e.job(&by, &office, c).await.unwrap().form.schedule,
        desk::jobs::at(&["07:30"])
    );
    assert_eq!(
        (audited(&desk, "import_jobs"), audited(&desk, "delete_job")),
        (1, 2)
    );
}

#[tokio::test]
async fn a_broken_file_is_refused_with_line_and_reason() {
    let (_dir, desk, by, office) = job_desk().await.unwrap();
    let e = &desk.engine;
    set_up(&desk, &by, vouchers(&["D1"], &["07:30"])).await.unwrap();
    set_up(&desk, &by, autopay("D2", &["08:15"])).await.unwrap();
    let file = e.export_jobs(&by, &office).await.unwrap();
    let wrong = |text: String| async move {
        match refused(
            e.import_jobs(&support_of(), &office_of(e).await, &text, false)
                .await,
        ) {
            Refusal::Invalid(errors) => format!("{}: {}", errors[0].field, errors[0].message),
            other => panic!("{other:?}"),
        }
    };
    assert!(
        wrong(file.replace("\"07:30\"", "\"25:30\""))
            .await
            .starts_with("line 2: ")
    );
    assert!(
        wrong(file.replace("\"pinned\"", "\"colour\""))
            .await
            .contains("colour")
    );
    assert!(wrong("{".into()).await.starts_with("line 1: "));
    let elsewhere = file.replace("\"D2\"", "\"D9\"");
    let said = wrong(elsewhere).await;
    assert!(said.starts_with("line 3: ") && said.contains("D9"), "{said}");
    assert_eq!(standings(&desk, desk.office).len(), 2);
    assert_eq!(audited(&desk, "import_jobs"), 0);
}

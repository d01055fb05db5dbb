//! What people say of stopped tasks: handed over, urgent, put off, and a restart taken back.

use crate::desk;

use desk::{DELETE, booking, desk, done, failed, history, look, person, refused, run};
use domain::{
    OfficeId, Refusal, Role, TaskId, TaskState, Viewer,
    event::Happened,
    failure::{Audience, OUTCOME_UNKNOWN},
    wire::Outcome,
};
use engine::{
    OfficeRow, Result,
    tasks::dispatch::cancel::By,
    testing::{TestDesk, new_task, support},
};
use serde_json::json;
use views::TaskDetail;

const DAY_MS: i64 = 86_400_000;

/// A task of D1 that waits for the office.
async fn orange(desk: &TestDesk) -> TaskId {
    let (id, reported) = run(
        desk,
        booking("D1"),
        failed("period_not_open", json!({"period": "201802"})),
    )
    .await
    .unwrap();
    assert_eq!(reported.status, Some(TaskState::ActionRequired));
    id
}

/// A task of D2 that waits for Support.
async fn red(desk: &TestDesk) -> TaskId {
    let (id, reported) = run(desk, booking("D2"), failed("double_booking", json!({})))
        .await
        .unwrap();
    assert_eq!(reported.status, Some(TaskState::Failed));
    id
}

async fn detail(desk: &TestDesk, viewer: &Viewer, id: TaskId) -> TaskDetail {
    let office = desk.engine.office(viewer, "gent").await.unwrap();
    desk.engine.task_detail(viewer, &office, id).await.unwrap()
}

async fn state(desk: &TestDesk, id: TaskId) -> TaskState {
    desk.engine.task(desk.office, id).await.unwrap().status
}

async fn restart(desk: &TestDesk, id: TaskId) {
    let answers = desk
        .engine
        .restart(support(), desk.office, vec![id])
        .await
        .unwrap();
    assert_eq!(answers, [Ok(())]);
}

async fn hand(desk: &TestDesk, by: Viewer, id: TaskId, to: Audience, note: &str) -> Result<()> {
    let note = Some(note.to_owned());
    desk.engine.hand_over(by, desk.office, id, to, note).await
}

fn number(desk: &TestDesk, sql: &str) -> i64 {
    look(&desk.engine).query_row(sql, [], |r| r.get(0)).unwrap()
}

/// Everything that a refused operation might have written.
fn written(desk: &TestDesk) -> [i64; 4] {
    [
        "SELECT count(*) FROM event",
        "SELECT count(*) FROM audit",
        "SELECT count(*) FROM mark",
        "SELECT count(*) FROM failure WHERE restarted_at IS NULL",
    ]
    .map(|sql| number(desk, sql))
}

/// Every verb of this subject on one task; what each was refused with.
async fn refusals(desk: &TestDesk, office: OfficeId, id: TaskId) -> Vec<Refusal> {
    let (engine, now) = (&desk.engine, desk.engine.now());
    let why = || "The return is due.".to_owned();
    vec![
        refused(
            engine
                .hand_over(support(), office, id, Audience::Support, None)
                .await,
        ),
        refused(
            engine
                .hand_over(support(), office, id, Audience::Office, None)
                .await,
        ),
        refused(engine.urgent(support(), office, id, why()).await),
        refused(engine.snooze(support(), office, id, now + 1, why()).await),
        refused(engine.undo_restart(support(), office, id).await),
    ]
}

#[tokio::test]
async fn the_office_gives_to_support_and_support_gives_back() {
    let (_dir, desk) = desk().await.unwrap();
    let id = orange(&desk).await;
    let admin = person(Role::Admin, desk.office);
    assert_eq!(
        detail(&desk, &admin, id).await.may_hand_to,
        Some(Audience::Support)
    );
    hand(
        &desk,
        admin.clone(),
        id,
        Audience::Support,
        "  We cannot open it.\nThe client left.  ",
    )
    .await
    .unwrap();
    assert_eq!(state(&desk, id).await, TaskState::Failed);
    let shown = detail(&desk, &support(), id).await;
    assert_eq!(
        shown.failure_code.as_deref(),
        Some("adsolut.period_not_open"),
        "what it stopped with stays"
    );
    let note = shown.note.expect("Support reads it");
    assert_eq!(
        (note.by.as_str(), note.text.as_str()),
        ("Mia", "We cannot open it.\nThe client left.")
    );

    for role in [Role::Admin, Role::Operator, Role::Employee] {
        let back = hand(&desk, person(role, desk.office), id, Audience::Office, "").await;
        assert!(matches!(refused(back), Refusal::Forbidden(_)), "{role:?}");
    }
    assert_eq!(detail(&desk, &admin, id).await.may_hand_to, None);
    hand(&desk, support(), id, Audience::Office, "You can do this now.")
        .await
        .unwrap();
    assert_eq!(state(&desk, id).await, TaskState::ActionRequired);
    let told: Vec<_> = history(&desk, id)
        .await
        .unwrap()
        .into_iter()
        .filter_map(|h| match h {
            Happened::HandedOver { by, to, note } => Some((by, to, note.unwrap_or_default())),
            _ => None,
        })
        .collect();
    let (mia, sup) = ("Mia".to_owned(), "Support".to_owned());
    assert_eq!(
        told,
        [
            (
                mia,
                Audience::Support,
                "We cannot open it.\nThe client left.".to_owned()
            ),
            (sup, Audience::Office, "You can do this now.".to_owned()),
        ]
    );
    assert_eq!(
        number(&desk, "SELECT count(*) FROM audit WHERE what = 'hand_over'"),
        2
    );
    let after = desk::reopen(&_dir, desk).await.unwrap();
    assert_eq!(
        state(&after, id).await,
        TaskState::ActionRequired,
        "also after a restart"
    );
}

#[tokio::test]
async fn a_task_is_not_handed_to_whom_it_waits_for() {
    let (_dir, desk) = desk().await.unwrap();
    let (id, other) = (orange(&desk).await, red(&desk).await);
    let before = written(&desk);
    for (id, to) in [(id, Audience::Office), (other, Audience::Support)] {
        assert!(matches!(
            refused(hand(&desk, support(), id, to, "x").await),
            Refusal::WrongState(_)
        ));
    }
    assert_eq!(written(&desk), before);
}

#[tokio::test]
async fn a_note_has_at_most_a_thousand_characters() {
    let (_dir, desk) = desk().await.unwrap();
    let id = orange(&desk).await;
    let before = written(&desk);
    let bad = [
        "é".repeat(1001),
        "a\u{7}b".into(),
        "a\u{202E}b".into(),
        "a\0b".into(),
    ];
    for note in bad {
        let answer = refused(hand(&desk, support(), id, Audience::Support, &note).await);
        let Refusal::Invalid(errors) = &answer else {
            panic!("{answer:?} for {note:?}")
        };
        assert_eq!(
            (errors.len(), errors[0].field.as_str()),
            (1, "note"),
            "{errors:?}"
        );
    }
    assert_eq!(written(&desk), before, "nothing was written");
    let mut to = Audience::Support;
    for note in [
        "é".repeat(1000),
        format!("  {}\n", "é".repeat(1000)),
        "one\r\ntwo\tthree".into(),
    ] {
        hand(&desk, support(), id, to, &note).await.unwrap();
        let kept = detail(&desk, &support(), id).await.note.expect("kept").text;
        assert_eq!(kept, note.trim());
        to = if to == Audience::Support {
            Audience::Office
        } else {
            Audience::Support
        };
    }
    hand(&desk, support(), id, to, " \n ")
        .await
        .expect("a note is not asked for");
    let last = history(&desk, id).await.unwrap().pop().expect("it happened");
    assert!(
        matches!(last, Happened::HandedOver { note: None, .. }),
        "{last:?}"
    );
}

#[tokio::test]
async fn urgent_has_a_reason_and_a_limit() {
    let (_dir, desk) = desk().await.unwrap();
    let id = orange(&desk).await;
    let (engine, office, mia) = (&desk.engine, desk.office, person(Role::Employee, desk.office));
    let before = written(&desk);
    for reason in ["", " \t\n", &"é".repeat(1001), "a\u{1b}[2Jb"] {
        let answer = refused(engine.urgent(mia.clone(), office, id, reason.into()).await);
        let Refusal::Invalid(errors) = &answer else {
            panic!("{answer:?} for {reason:?}")
        };
        assert_eq!(errors[0].field, "reason");
    }
    assert_eq!(written(&desk), before);
    for reason in ["é".repeat(1000), "Due\ntomorrow".into()] {
        engine
            .urgent(mia.clone(), office, id, reason.clone())
            .await
            .unwrap();
        let words = detail(&desk, &support(), id).await.urgent.expect("kept");
        assert_eq!(
            (words.by.as_str(), words.text),
            ("Mia", reason),
            "the last word counts"
        );
    }
    assert_eq!(
        state(&desk, id).await,
        TaskState::ActionRequired,
        "it stands where it stood"
    );
    assert_eq!(
        number(&desk, "SELECT count(*) FROM audit WHERE what = 'urgent'"),
        2
    );
}

#[tokio::test]
async fn a_task_is_put_off_for_thirty_days_at_most() {
    let (_dir, desk) = desk().await.unwrap();
    let id = red(&desk).await;
    let (engine, office, now) = (&desk.engine, desk.office, desk.engine.now());
    let before = written(&desk);
    let why = || "The supplier answers on Monday.".to_owned();
    for until in [
        i64::MIN,
        now - 1,
        now,
        now + 30 * DAY_MS + 1,
        now + 31 * DAY_MS,
        i64::MAX,
    ] {
        let answer = refused(engine.snooze(support(), office, id, until, why()).await);
        let Refusal::Invalid(errors) = &answer else {
            panic!("{answer:?} for {until}")
        };
        assert_eq!(errors[0].field, "until");
    }
    for reason in ["", "   ", &"x".repeat(1001), "\u{8}"] {
        let answer = refused(engine.snooze(support(), office, id, now + 1, reason.into()).await);
        assert!(matches!(answer, Refusal::Invalid(_)), "{reason:?}");
    }
    assert_eq!(written(&desk), before);
    for until in [now + 1, now + 30 * DAY_MS] {
        engine.snooze(support(), office, id, until, why()).await.unwrap();
        assert_eq!(
            number(&desk, "SELECT snoozed_until FROM mark"),
            until,
            "the last word counts"
        );
    }
    assert!(detail(&desk, &support(), id).await.snooze.is_some());
    assert_eq!(
        state(&desk, id).await,
        TaskState::Failed,
        "it stands where it stood"
    );
}

#[tokio::test]
async fn only_stopped_tasks_are_spoken_of() {
    let (_dir, desk) = desk().await.unwrap();
    let (succeeded, _) = run(&desk, booking("D3"), done()).await.unwrap();
    let cancelled = TaskId(desk.deliver(vec![booking("D3")]).await.unwrap()[0]);
    let by = By {
        person: 1,
        name: "Mia".into(),
    };
    desk.engine
        .cancel(by, desk.office, cancelled, None, false)
        .await
        .unwrap();
    let running = TaskId(desk.deliver(vec![booking("D1")]).await.unwrap()[0]);
    assert_eq!(desk.claim(1).await.unwrap().len(), 1);
    let queued = TaskId(desk.deliver(vec![booking("D1")]).await.unwrap()[0]);
    let before = written(&desk);
    for id in [succeeded, cancelled, running, queued] {
        let was = state(&desk, id).await;
        for refusal in refusals(&desk, desk.office, id).await {
            assert_eq!(refusal.code(), "wrong_state", "{refusal:?} for {was:?}");
        }
        assert_eq!(state(&desk, id).await, was);
    }
    assert_eq!(written(&desk), before);
}

#[tokio::test]
async fn tasks_of_another_office_are_not_there() {
    let (_dir, desk) = desk().await.unwrap();
    let row = OfficeRow {
        code: "aalst".into(),
        name: "Aalst".into(),
        ..engine::people::accounts::default_office()
    };
    let other = desk.engine.add_office(row).await.unwrap();
    let (stopped, restarted) = (orange(&desk).await, red(&desk).await);
    restart(&desk, restarted).await;
    let before = written(&desk);
    for id in [stopped, restarted, TaskId(999)] {
        for refusal in refusals(&desk, other, id).await {
            assert!(matches!(refusal, Refusal::NotFound), "{refusal:?}");
        }
    }
    assert_eq!(written(&desk), before);
}

#[tokio::test]
async fn an_undo_puts_back_what_people_said_and_since_when_it_stood() {
    let (_dir, desk) = desk().await.unwrap();
    let id = orange(&desk).await;
    let (engine, office, until) = (&desk.engine, desk.office, desk.engine.now() + 9_000_000);
    engine
        .urgent(support(), office, id, "the return is due".into())
        .await
        .unwrap();
    engine
        .snooze(support(), office, id, until, "they are closed".into())
        .await
        .unwrap();
    let row = "SELECT concat_ws('|', t.changed_at, m.urgent_by, m.urgent_reason, m.urgent_at, m.snoozed_by, m.snooze_reason, m.snoozed_until,
                 ifnull(m.note, 'none')) FROM task t JOIN mark m ON m.task = t.id";
    let read = || {
        look(&desk.engine)
            .query_row(row, [], |r| r.get::<_, String>(0))
            .unwrap()
    };
    let was = read();
    desk.clock.pass(60_000);
    restart(&desk, id).await;
    assert_eq!(
        number(&desk, "SELECT count(*) FROM mark"),
        0,
        "on its way, nothing holds"
    );
    desk.clock.pass(60_000);
    engine.undo_restart(support(), office, id).await.unwrap();
    assert_eq!(read(), was);
}

#[tokio::test]
async fn an_undo_puts_back_the_state_the_failure_and_the_cause() {
    let (dir, desk) = desk().await.unwrap();
    let (yellow, crimson) = (orange(&desk).await, red(&desk).await);
    let mut desk = desk;
    for id in [yellow, crimson] {
        let was = detail(&desk, &support(), id).await;
        let rows = "SELECT group_concat(code || params || ifnull(detail, '') || cause_key || version) FROM failure WHERE restarted_at IS NULL";
        let text = |desk: &TestDesk| {
            look(&desk.engine)
                .query_row(rows, [], |r| r.get::<_, String>(0))
                .unwrap()
        };
        let (stood, kept) = (state(&desk, id).await, text(&desk));
        assert!(!was.may_undo);
        restart(&desk, id).await;
        let between = detail(&desk, &support(), id).await;
        assert!(between.may_undo && between.failure_code.is_none());
        desk = desk::reopen(&dir, desk).await.unwrap();
        desk.engine
            .undo_restart(support(), desk.office, id)
            .await
            .unwrap();
        assert_eq!((state(&desk, id).await, text(&desk)), (stood, kept));
        let now = detail(&desk, &support(), id).await;
        assert_eq!(
            (
                now.failure_code,
                now.failure_params,
                now.instruction,
                now.may_undo
            ),
            (was.failure_code, was.failure_params, was.instruction, false)
        );
        assert!(desk.claim(1).await.unwrap().is_empty(), "it is not in line");
        let again = refused(desk.engine.undo_restart(support(), desk.office, id).await);
        assert!(matches!(again, Refusal::WrongState(_)), "twice: {again:?}");
    }
    let counted = "SELECT sum(n) FROM cause_day";
    assert_eq!(number(&desk, counted), 2, "nothing stopped again");
    assert_eq!(
        number(&desk, "SELECT count(*) FROM audit WHERE what = 'undo_restart'"),
        2
    );
    restart(&desk, yellow).await;
    assert_eq!(
        desk.claim(1).await.unwrap()[0].attempt,
        2,
        "and it can be restarted again"
    );
}

#[tokio::test]
async fn an_undo_comes_before_the_first_claim() {
    let (_dir, desk) = desk().await.unwrap();
    let id = orange(&desk).await;
    let undo = async || refused(desk.engine.undo_restart(support(), desk.office, id).await);
    restart(&desk, id).await;
    let claimed = desk.claim(1).await.unwrap().remove(0);
    let before = written(&desk);
    assert!(matches!(undo().await, Refusal::WrongState(_)), "running");
    let released = Outcome::Released {
        reason: None,
        retry_after_seconds: None,
    };
    desk.report(&claimed, released).await.unwrap();
    assert_eq!(state(&desk, id).await, TaskState::Queued);
    assert!(matches!(undo().await, Refusal::WrongState(_)), "given back");
    assert!(!detail(&desk, &support(), id).await.may_undo);
    desk.clock.pass(40_000);
    let claimed = desk.claim(1).await.unwrap().remove(0);
    desk.report(&claimed, failed("package_unreachable", json!({})))
        .await
        .unwrap();
    assert!(
        matches!(undo().await, Refusal::WrongState(_)),
        "tried and resting"
    );
    assert!(!detail(&desk, &support(), id).await.may_undo);
    assert_eq!(written(&desk)[1..], before[1..], "no refusal wrote anything");
}

#[tokio::test]
async fn the_office_does_not_undo_what_support_restarted() {
    let (_dir, desk) = desk().await.unwrap();
    let (id, own) = (red(&desk).await, orange(&desk).await);
    let mia = person(Role::Admin, desk.office);
    restart(&desk, id).await;
    assert!(!detail(&desk, &mia, id).await.may_undo);
    let answer = refused(desk.engine.undo_restart(mia.clone(), desk.office, id).await);
    assert!(matches!(answer, Refusal::Forbidden(_)), "{answer:?}");
    assert_eq!(state(&desk, id).await, TaskState::Queued);
    restart(&desk, own).await;
    assert!(detail(&desk, &mia, own).await.may_undo);
    desk.engine
        .undo_restart(mia, desk.office, own)
        .await
        .expect("this was orange");
}

/// How often the instruction for a code was shown, and how often it helped.
fn used(desk: &TestDesk, code: &str) -> (i64, i64) {
    look(&desk.engine)
        .query_row(
            "SELECT shown, helped FROM instruction_use WHERE code = ?1",
            [code],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
        .unwrap()
}

#[tokio::test]
async fn an_instruction_helped_when_the_restarted_task_succeeds() {
    let (_dir, desk) = desk().await.unwrap();
    let id = orange(&desk).await;
    assert_eq!(used(&desk, "period_not_open"), (1, 0));
    restart(&desk, id).await;
    assert_eq!(used(&desk, "period_not_open"), (1, 0), "not yet");
    let claimed = desk.claim(1).await.unwrap().remove(0);
    desk.report(&claimed, failed("period_not_open", json!({"period": "201802"})))
        .await
        .unwrap();
    assert_eq!(used(&desk, "period_not_open"), (2, 0), "it failed again");
    restart(&desk, id).await;
    desk.engine
        .undo_restart(support(), desk.office, id)
        .await
        .unwrap();
    assert_eq!(
        used(&desk, "period_not_open"),
        (2, 0),
        "an undo shows nothing and helps nobody"
    );
    restart(&desk, id).await;
    for outcome in [
        Outcome::Released {
            reason: None,
            retry_after_seconds: None,
        },
        done(),
        done(),
    ] {
        let claimed = desk.claim(1).await.unwrap();
        if let Some(task) = claimed.first() {
            desk.report(task, outcome).await.unwrap();
        }
        desk.clock.pass(40_000);
    }
    assert_eq!(state(&desk, id).await, TaskState::Succeeded);
    assert_eq!(used(&desk, "period_not_open"), (2, 1));
    assert_eq!(number(&desk, "SELECT count(*) FROM failure"), 0);
}

#[tokio::test]
async fn what_helped_is_what_was_shown_last() {
    let (_dir, desk) = desk().await.unwrap();
    let id = orange(&desk).await;
    restart(&desk, id).await;
    let claimed = desk.claim(1).await.unwrap().remove(0);
    let other = failed("double_booking", json!({}));
    desk.report(&claimed, other).await.unwrap();
    restart(&desk, id).await;
    let claimed = desk.claim(1).await.unwrap().remove(0);
    desk.report(&claimed, done()).await.unwrap();
    assert_eq!(
        (used(&desk, "period_not_open"), used(&desk, "double_booking")),
        ((1, 0), (1, 1))
    );
}

#[tokio::test]
async fn a_late_report_of_a_stopped_task_helps_nobody() {
    let (_dir, desk) = desk().await.unwrap();
    let id = TaskId(desk.deliver(vec![new_task(DELETE, "D1")]).await.unwrap()[0]);
    let claimed = desk.claim(1).await.unwrap().remove(0);
    desk.clock.pass(121_000);
    desk.engine.ready().await.unwrap();
    assert_eq!(state(&desk, id).await, TaskState::Failed);
    let why = || "The client waits.".to_owned();
    desk.engine
        .urgent(support(), desk.office, id, why())
        .await
        .unwrap();
    hand(&desk, support(), id, Audience::Office, "Look whether it is gone.")
        .await
        .unwrap();
    desk.report(&claimed, done()).await.unwrap();
    assert_eq!(state(&desk, id).await, TaskState::Succeeded);
    assert_eq!(used(&desk, OUTCOME_UNKNOWN), (1, 0));
    assert_eq!(
        number(
            &desk,
            "SELECT (SELECT count(*) FROM failure) + (SELECT count(*) FROM mark)"
        ),
        0
    );
}

#[tokio::test]
async fn a_cancelled_task_leaves_nothing_behind() {
    let (_dir, desk) = desk().await.unwrap();
    let left = "SELECT (SELECT count(*) FROM failure) + (SELECT count(*) FROM mark)";
    let cancel = async |id: TaskId| {
        let by = By {
            person: 1,
            name: "Mia".into(),
        };
        desk.engine
            .cancel(by, desk.office, id, None, false)
            .await
            .unwrap()
    };
    let id = orange(&desk).await;
    let why = || "The client waits.".to_owned();
    desk.engine
        .urgent(support(), desk.office, id, why())
        .await
        .unwrap();
    assert_eq!(number(&desk, left), 2);
    restart(&desk, id).await;
    assert_eq!(number(&desk, left), 1, "marks end with the restart");
    assert_eq!(cancel(id).await, TaskState::Cancelled);
    assert_eq!(number(&desk, left), 0, "restarted, then cancelled");

    let id = orange(&desk).await;
    desk.engine
        .urgent(support(), desk.office, id, why())
        .await
        .unwrap();
    assert_eq!(cancel(id).await, TaskState::Cancelled);
    assert_eq!(number(&desk, left), 0, "cancelled where it stood");

    let id = orange(&desk).await;
    restart(&desk, id).await;
    let claimed = desk.claim(1).await.unwrap().remove(0);
    assert_eq!(cancel(id).await, TaskState::Running);
    desk.report(&claimed, failed("double_booking", json!({})))
        .await
        .unwrap();
    assert_eq!(state(&desk, id).await, TaskState::Cancelled);
    assert_eq!(number(&desk, left), 0, "cancelled while it ran");
    assert!(matches!(
        refused(desk.engine.undo_restart(support(), desk.office, id).await),
        Refusal::WrongState(_)
    ));
}

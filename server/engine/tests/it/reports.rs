//! Reports: what follows from a code, which instruction is shown, and reports that contradict each other.

use crate::desk;

use desk::{ACTIVATE, BOOK, DELETE, booking, code, desk, done, failed, history, refused, run};
use domain::{
    Refusal, TaskId, TaskState,
    event::Happened,
    failure::KEEPS_BEING_RELEASED,
    wire::{ClaimedTask, NewTask, Outcome, Report},
};
use engine::testing::{TestDesk, new_task};
use serde_json::{Value, json};
use views::Waiting;

#[tokio::test]
async fn a_conflicting_report_is_kept_and_changes_nothing() {
    let (_dir, desk) = desk().await.unwrap();
    desk.deliver(vec![booking("D1")]).await.unwrap();
    let task = desk.claim(1).await.unwrap().remove(0);
    let ok = Outcome::Succeeded {
        result: Some(json!({"entry": 12})),
    };
    assert_eq!(
        desk.report(&task, ok.clone()).await.unwrap().status,
        Some(TaskState::Succeeded)
    );
    assert_eq!(
        desk.report(&task, ok).await.unwrap().status,
        Some(TaskState::Succeeded),
        "the same again is fine"
    );
    let other = failed("double_booking", json!({}));
    for _ in 0..3 {
        assert_eq!(
            code(&desk.report(&task, other.clone()).await.unwrap()),
            "conflicting_report"
        );
    }
    let contradicted = Happened::Contradicted {
        attempt: 1,
        outcome: other,
    };
    let kept = history(&desk, task.id)
        .await
        .unwrap()
        .into_iter()
        .filter(|h| *h == contradicted)
        .count();
    assert_eq!(kept, 1, "kept once");
    assert_eq!(
        desk.engine.task(desk.office, task.id).await.unwrap().status,
        TaskState::Succeeded
    );
}

#[tokio::test]
async fn a_transient_code_is_tried_five_times_and_then_red() {
    let (_dir, desk) = desk().await.unwrap();
    desk.deliver(vec![booking("D1"), booking("D1")]).await.unwrap();
    for n in 1..=5u32 {
        let task = desk.claim(5).await.unwrap().remove(0);
        assert_eq!((task.id, task.attempt), (TaskId(1), n), "it keeps its place");
        let state = desk
            .report(&task, failed("package_unreachable", json!({})))
            .await
            .unwrap()
            .status;
        if n == 5 {
            assert_eq!(state, Some(TaskState::Failed));
            break;
        }
        assert_eq!(state, Some(TaskState::Queued));
        let plain = 30_000 << (n - 1);
        desk.clock.pass(plain * 8 / 10 - 1);
        assert!(
            desk.claim(5).await.unwrap().is_empty(),
            "it rests, and the next of its dossier does not pass it"
        );
        desk.clock.pass(plain * 4 / 10 + 1);
    }
    assert_eq!(
        desk.claim(5).await.unwrap()[0].id,
        TaskId(2),
        "a failed booking holds nothing"
    );
}

fn busy(retry_after_seconds: Option<u32>) -> Outcome {
    Outcome::Released {
        reason: Some("busy".into()),
        retry_after_seconds,
    }
}

#[tokio::test]
async fn ten_releases_in_a_row_rest_in_between_and_are_a_failure() {
    let (_dir, desk) = desk().await.unwrap();
    desk.deliver(vec![booking("D1"), booking("D1"), booking("D2")])
        .await
        .unwrap();
    let mut rested = 0;
    for n in 1..=10u32 {
        let task = desk.claim(1).await.unwrap().remove(0);
        assert_eq!((task.id, task.attempt), (TaskId(1), n), "it keeps its place");
        let state = desk.report(&task, busy(None)).await.unwrap().status;
        assert_eq!(
            state,
            Some(if n < 10 {
                TaskState::Queued
            } else {
                TaskState::Failed
            })
        );
        assert_eq!(
            desk.report(&task, busy(None)).await.unwrap().status,
            state,
            "the same again is answered the same"
        );
        if n == 10 {
            break;
        }
        let plain = (30_000u64 << (n - 1)).min(1_800_000);
        desk.clock.pass(plain * 8 / 10 - 1);
        let others = desk.claim(5).await.unwrap();
        assert!(
            others.iter().all(|t| t.dossier.code == "D2"),
            "neither it nor the next of its dossier: {others:?}"
        );
        desk.clock.pass(plain * 4 / 10 + 1);
        rested += plain;
    }
    assert!(rested > 2 * 3_600_000, "hours, not {rested} ms");
    let task = desk.engine.task(desk.office, TaskId(1)).await.unwrap();
    assert_eq!(
        task.failure.map(|f| f.code).as_deref(),
        Some(KEEPS_BEING_RELEASED)
    );
}

#[tokio::test]
async fn one_that_is_given_back_rests_as_long_as_was_asked_and_says_so() {
    let (_dir, desk) = desk().await.unwrap();
    desk.deliver(vec![booking("D1")]).await.unwrap();
    let task = desk.claim(1).await.unwrap().remove(0);
    for wrong in [0, 86_401] {
        assert_eq!(
            code(&desk.report(&task, busy(Some(wrong))).await.unwrap()),
            "invalid"
        );
    }
    let queued = Some(TaskState::Queued);
    assert_eq!(desk.report(&task, busy(Some(3600))).await.unwrap().status, queued);
    assert_eq!(
        desk.report(&task, busy(None)).await.unwrap().status,
        queued,
        "the same, whatever rest it asks for"
    );
    let office = desk
        .engine
        .office(&engine::testing::support(), "gent")
        .await
        .unwrap();
    let detail = desk
        .engine
        .task_detail(&engine::testing::support(), &office, task.id)
        .await
        .unwrap();
    assert_eq!(detail.waiting, Some(Waiting::GivenBack(3600)));
    assert_eq!(
        desk.engine
            .task(desk.office, task.id)
            .await
            .unwrap()
            .waits_for
            .as_deref(),
        Some("resting")
    );
    desk.clock.pass(3_599_000);
    assert!(desk.claim(1).await.unwrap().is_empty());
    desk.clock.pass(1_000);
    assert_eq!(desk.claim(1).await.unwrap()[0].id, task.id);
}

#[tokio::test]
async fn an_unknown_code_is_red_and_kept_as_it_was_said() {
    let (_dir, desk) = desk().await.unwrap();
    let (id, reported) = run(
        &desk,
        booking("D1"),
        failed("flux_capacitor", json!({"gigawatt": "1.21"})),
    )
    .await
    .unwrap();
    assert_eq!(reported.status, Some(TaskState::Failed));
    let task = desk.engine.task(desk.office, id).await.unwrap();
    let failure = task.failure.expect("it failed");
    assert_eq!(
        (failure.code.as_str(), failure.detail.as_deref()),
        ("flux_capacitor", Some("said the package"))
    );
    assert_eq!(failure.params["gigawatt"], "1.21");
    assert_eq!(task.instruction, None, "nothing the office can do");
}

/// What a failed task of a kind shows: its state, and the title and package of its instruction.
async fn shown(
    desk: &TestDesk,
    kind: &str,
    package: &str,
    code: &str,
    params: Value,
) -> (TaskState, Option<String>) {
    let dossier = format!("{package}-{}", desk.engine.last_seq().await.unwrap());
    desk.engine
        .add_dossier(desk.office, &dossier, "Bakker Anna", package)
        .await
        .unwrap();
    let payload = (kind == ACTIVATE).then(|| json!({"name": "Bakker Anna", "package": package}));
    let task = NewTask {
        payload,
        subject: Some("2018-17.xml".into()),
        ..new_task(kind, &dossier)
    };
    let (id, reported) = run(desk, task, failed(code, params)).await.unwrap();
    let office = desk
        .engine
        .office(&engine::testing::support(), "gent")
        .await
        .unwrap();
    let detail = desk
        .engine
        .task_detail(&engine::testing::support(), &office, id)
        .await
        .unwrap();
    let words =
        |i: domain::instruction::Rendered| format!("{} ({})", i.title, i.package_name.unwrap_or_default());
    (reported.status.expect("taken"), detail.instruction.map(words))
}

#[tokio::test]
async fn the_instruction_is_of_the_package_then_of_any_then_support() {
    use TaskState::{ActionRequired, Failed};
    let (_dir, desk) = desk().await.unwrap();
    let d = &desk;
    let period = json!({"period": "201802"});
    let (state, adsolut) = shown(d, BOOK, "adsolut", "period_not_open", period.clone()).await;
    assert_eq!(state, ActionRequired);
    let adsolut = adsolut.expect("the package has its own");
    assert!(adsolut.contains("2018-02"), "{adsolut}");

    let (state, hledger) = shown(d, BOOK, "hledger", "period_not_open", period.clone()).await;
    assert_eq!(state, ActionRequired);
    assert_ne!(hledger, Some(adsolut), "each package has its own");

    assert_eq!(
        shown(d, BOOK, "wings", "period_not_open", period).await,
        (Failed, None),
        "no instruction: Support"
    );
    let (state, any) = shown(d, BOOK, "wings", "journal_wrong", json!({})).await;
    assert_eq!(
        (state, any.is_some()),
        (Failed, true),
        "an instruction of any package"
    );

    let (state, title) = shown(d, DELETE, "expert_m", "payment_linked", json!({})).await;
    assert_eq!(
        (state, title.is_some()),
        (ActionRequired, true),
        "the desk knows dossier and document itself"
    );
    assert_eq!(
        shown(d, BOOK, "expert_m", "payment_linked", json!({})).await,
        (Failed, None),
        "of another kind of task"
    );
}

#[tokio::test]
async fn an_instruction_that_lacks_a_parameter_is_no_riddle_for_the_office() {
    let (_dir, desk) = desk().await.unwrap();
    for params in [
        json!({}),
        json!({"period": "2018"}),
        json!({"period": "201813"}),
        json!({"period": ""}),
    ] {
        assert_eq!(
            shown(&desk, BOOK, "adsolut", "period_not_open", params.clone())
                .await
                .0,
            TaskState::Failed,
            "{params}"
        );
    }
}

#[tokio::test]
async fn a_refused_report_does_not_stop_the_others() {
    let (_dir, desk) = desk().await.unwrap();
    desk.deliver(vec![booking("D1"), booking("D2")]).await.unwrap();
    let tasks = desk.claim(2).await.unwrap();
    let report = |task: &str, lease: &str| Report {
        task: task.into(),
        lease: lease.into(),
        outcome: done(),
    };
    let reports = vec![
        report("1", &tasks[0].lease),
        report("77", "1-77-1"),
        report("x", ""),
        report("2", &tasks[1].lease),
    ];
    let answers = desk
        .engine
        .report(desk.office, desk.connector, reports)
        .await
        .unwrap()
        .reports;
    let said: Vec<&str> = answers
        .iter()
        .map(|r| r.status.map_or_else(|| code(r), |s| s.key()))
        .collect();
    assert_eq!(said, ["succeeded", "not_found", "not_found", "succeeded"]);
}

#[tokio::test]
async fn what_a_report_says_is_checked_item_by_item() {
    let (_dir, desk) = desk().await.unwrap();
    desk.deliver(vec![booking("D1"), booking("D2")]).await.unwrap();
    let tasks = desk.claim(2).await.unwrap();
    for bad in [
        "",
        "Period",
        "1st",
        "a b",
        "æ",
        &"a".repeat(65),
        "outcome_unknown",
        KEEPS_BEING_RELEASED,
    ] {
        let answer = desk.report(&tasks[0], failed(bad, json!({}))).await.unwrap();
        let error = answer.error.expect("refused");
        assert_eq!(
            (
                error.code.as_str(),
                error.errors[0].field.as_str(),
                error.evidence
            ),
            ("invalid", "reports[0].outcome.failed.code", None),
            "{bad:?}"
        );
    }
    assert_eq!(
        history(&desk, tasks[0].id).await.unwrap().len(),
        2,
        "it is still at work"
    );
    let report = |task: &ClaimedTask, outcome: Outcome| Report {
        task: task.id.to_string(),
        lease: task.lease.clone(),
        outcome,
    };
    let items = vec![
        Ok(report(&tasks[0], failed("Bad", json!({})))),
        Err(("9".to_owned(), Refusal::field("reports[1].outcome", "is missing"))),
        Ok(report(&tasks[1], done())),
    ];
    let answers = desk
        .engine
        .report_items(desk.office, desk.connector, items)
        .await
        .unwrap()
        .reports;
    let said: Vec<(&str, &str)> = answers
        .iter()
        .map(|r| (r.task.as_str(), r.status.map_or_else(|| code(r), |s| s.key())))
        .collect();
    assert_eq!(said, [("1", "invalid"), ("9", "invalid"), ("2", "succeeded")]);
    for n in [0, 1001] {
        let reports = vec![report(&tasks[0], done()); n];
        let answer = desk.engine.report(desk.office, desk.connector, reports).await;
        assert_eq!(refused(answer).code(), "invalid", "{n} at once");
    }
}

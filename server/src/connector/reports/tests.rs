use super::*;
use crate::connector::fake_desk::{FakeDesk, page};
use axum::response::IntoResponse;
use domain::wire::Outcome;
use serde_json::json;
use tempfile::TempDir;

const HTML: &str = "<html><h1>Sorry</h1></html>";

fn report(task: u32) -> Report {
    Report {
        task: task.to_string(),
        lease: format!("1-{task}-1"),
        outcome: Outcome::Succeeded { result: None },
    }
}

async fn desk() -> (TempDir, FakeDesk, Reports) {
    let dir = tempfile::tempdir().unwrap();
    let desk = FakeDesk::start().await;
    let outbox = Outbox::open(dir.path().into()).unwrap();
    let reports = Reports::new(Line::Remote(desk.remote("t", None)), outbox);
    (dir, desk, reports)
}

/// Everything is due, however long its pause.
async fn tell_all(reports: &Reports) {
    reports.line_is_back();
    reports.tell().await;
}

fn item(error: serde_json::Value) -> axum::response::Response {
    axum::Json(json!({"reports": [{"task": "1", "error": error}]})).into_response()
}

#[tokio::test]
async fn only_the_desks_own_word_about_the_report_ends_its_wait() {
    let (_dir, desk, reports) = desk().await;
    reports.keep(report(1));
    let problem = r#"{"type":"about:blank","title":"","status":422,"detail":"no","code":"invalid"}"#;
    for (status, body) in [
        (400, HTML),
        (401, HTML),
        (403, HTML),
        (404, HTML),
        (409, HTML),
        (413, HTML),
        (422, problem),
        (429, ""),
        (500, HTML),
        (502, HTML),
        (503, HTML),
        (200, HTML),
        (200, "{}"),
        (200, r#"{"reports":[]}"#),
        (200, r#"{"reports":[{"task":"2","status":"succeeded"}]}"#),
        (200, r#"{"reports":[{"task":"1"}]}"#),
    ] {
        desk.refuses("report", status, body);
        tell_all(&reports).await;
        assert_eq!(reports.outbox.waiting(), [report(1)], "{status} {body}");
        assert_eq!(reports.outbox.refused(), 0, "{status} {body}");
    }
    assert_eq!(reports.unaccepted(), 1);
    desk.answers(|_| None);
    tell_all(&reports).await;
    assert!(reports.is_clear());
    assert_eq!(reports.unaccepted(), 0);
}

#[tokio::test]
async fn what_is_on_record_is_done_and_what_is_refused_for_good_is_put_aside() {
    for (error, aside) in [
        (json!({"code": "stale_lease", "detail": "late", "evidence": 7}), 0),
        (
            json!({"code": "conflicting_report", "detail": "twice", "evidence": 7}),
            0,
        ),
        (json!({"code": "stale_lease", "detail": "late"}), 1),
        (
            json!({"code": "not_found", "detail": "There is no such task."}),
            1,
        ),
        (json!({"code": "invalid", "detail": "no", "evidence": 7}), 1),
    ] {
        let (dir, desk, reports) = desk().await;
        reports.keep(report(1));
        let said = error.clone();
        desk.answers(move |_| Some(item(said.clone())));
        reports.tell().await;
        // a failure in the place of what is invalid is not taken either, and ends there
        reports.tell().await;
        assert!(reports.is_clear(), "{error}");
        assert_eq!(reports.unaccepted(), aside, "{error}");
        if aside == 1 {
            let answer = dir
                .path()
                .join("refused")
                .join(format!("{}.answer.txt", outbox::name(&report(1))));
            let answer = std::fs::read_to_string(answer).unwrap();
            assert!(answer.contains(error["detail"].as_str().unwrap()), "{answer}");
        }
    }
}

#[tokio::test]
async fn a_failure_is_reported_in_the_place_of_what_the_desk_finds_invalid() {
    let (dir, desk, reports) = desk().await;
    reports.keep(report(1));
    let invalid = |b: &serde_json::Value| b["reports"][0]["outcome"].get("succeeded").is_some();
    let no = json!({"code": "invalid", "detail": "must be an object"});
    desk.answers(move |c| invalid(&c.body).then(|| item(no.clone())));
    reports.tell().await;
    assert_eq!(reports.leases().len(), 1, "its lease is still held");
    tokio::time::timeout(Duration::from_secs(5), reports.due())
        .await
        .expect("it is due at once");
    reports.tell().await;
    assert!(reports.is_clear());
    let told = &desk.calls("report")[1].body["reports"][0];
    assert_eq!(told["lease"], "1-1-1");
    assert_eq!(told["outcome"]["failed"]["code"], INVALID);
    let detail = told["outcome"]["failed"]["detail"].as_str().unwrap();
    assert!(detail.contains("must be an object"), "{detail}");
    let kept = dir.path().join("refused").join(outbox::name(&report(1)));
    let kept = std::fs::read_to_string(kept).unwrap();
    assert!(kept.contains("succeeded"), "what was said first is kept: {kept}");
}

#[tokio::test]
async fn a_bad_one_keeps_none_of_the_others() {
    let (_dir, desk, reports) = desk().await;
    for n in 1..=5 {
        reports.keep(report(n));
    }
    desk.answers(|c| c.body.to_string().contains("1-3-1").then(|| page(413, HTML)));
    reports.tell().await;
    assert_eq!(reports.outbox.waiting(), [report(3)]);
    assert_eq!(reports.unaccepted(), 1);
    let calls = desk.calls("report").len();
    reports.tell().await;
    assert_eq!(desk.calls("report").len(), calls, "it rests before the next try");
}

#[tokio::test]
async fn what_stood_in_the_way_of_one_and_is_gone_keeps_no_other_waiting() {
    let (_dir, desk, reports) = desk().await;
    desk.refuses("report", 404, HTML);
    reports.keep(report(1));
    for _ in 0..4 {
        tell_all(&reports).await;
    }
    reports.keep(report(2));
    reports.tell().await;
    assert_eq!(reports.unaccepted(), 2);
    desk.answers(|_| None);
    // the second is due; the first would be in forty seconds
    lock(&reports.tried)
        .get_mut(&outbox::name(&report(2)))
        .unwrap()
        .next = Instant::now();
    reports.tell().await;
    assert_eq!(reports.outbox.waiting(), [report(1)]);
    tokio::time::timeout(FIRST_PAUSE, reports.due())
        .await
        .expect("it is due at once");
    reports.tell().await;
    assert!(reports.is_clear());
}

#[tokio::test]
async fn large_reports_go_in_calls_that_a_desk_takes() {
    let (_dir, desk, reports) = desk().await;
    for n in 1..=6 {
        let result = Some(json!({"log": "x".repeat(2_000_000 * (n as usize % 2) + 200_000)}));
        reports.keep(Report {
            outcome: Outcome::Succeeded { result },
            ..report(n)
        });
    }
    reports.tell().await;
    assert!(reports.is_clear());
    let sizes: Vec<usize> = desk
        .calls("report")
        .iter()
        .map(|c| c.body.to_string().len())
        .collect();
    assert!(sizes.iter().all(|s| *s < domain::wire::MAX_BODY), "{sizes:?}");
}

#[tokio::test]
async fn a_desk_that_is_away_is_no_trouble_at_first() {
    let (_dir, desk, reports) = desk().await;
    reports.keep(report(1));
    reports.keep(report(2));
    desk.refuses("report", 503, "");
    tell_all(&reports).await;
    tell_all(&reports).await;
    assert_eq!(reports.unaccepted(), 0);
    tell_all(&reports).await;
    assert_eq!(reports.unaccepted(), 2);
}

#[tokio::test]
async fn a_token_that_was_replaced_is_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let desk = FakeDesk::start().await;
    desk.answers(|c| (c.token != "new").then(|| page(401, HTML)));
    let file = dir.path().join("token");
    std::fs::write(&file, "old\n").unwrap();
    let line = Line::Remote(desk.remote("old", Some(file.clone())));
    assert!(matches!(
        line.report(vec![report(1)]).await,
        Err(Trouble::Refused(_))
    ));
    std::fs::write(&file, "new\n").unwrap();
    assert!(line.report(vec![report(1)]).await.is_ok());
}

#[test]
fn the_pauses_grow_to_five_minutes() {
    let pauses: Vec<u64> = (1..=9).map(|n| pause(n).as_secs()).collect();
    assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
    assert_eq!(pause(u32::MAX).as_secs(), 300);
}

//! Every door of the recurring jobs for every caller (J6): nobody and other offices find nothing there, staff without the
//! right are refused or, where a page asks, told whom to ask.

use super::tests::{House, session_at};
use domain::Role;
use engine::{OfficeRow, people::accounts::default_office};
use serde_json::{Value, json};

/// Pages read these to tell whom to ask: an answer without a single job.
const TELL_WHOM_TO_ASK: [&str; 8] = [
    "jobs",
    "runs",
    "jobs_setting",
    "day_plan",
    "blocked",
    "hours",
    "systems",
    "procedures",
];

fn form() -> Value {
    json!({
        "kind": "exchange_rates", "description": "Rates", "companies": [], "run_as": "SERVER", "params": {}, "outputs": [],
        "schedule": schedule(), "estimate_minutes": 2
    })
}

fn schedule() -> Value {
    json!({"zone": "Europe/Oslo", "days": ["mon"], "at": ["07:30"]})
}

/// Each door with a body that only the rights decide about.
fn doors() -> Vec<(&'static str, Value)> {
    let day = "2027-01-04";
    vec![
        ("jobs", json!({"ask": {}})),
        ("job", json!({"id": 9999})),
        ("jobs_setting", json!({})),
        (
            "new_job",
            json!({"form": form(), "despite": null, "confirmed": true}),
        ),
        (
            "save_job",
            json!({"id": 9999, "version": 1, "form": form(), "despite": null, "confirmed": true}),
        ),
        (
            "do_job",
            json!({"id": 9999, "version": 1, "verb": "hold", "why": null}),
        ),
        ("runs", json!({"ask": {}})),
        ("run", json!({"id": 9999})),
        ("answer_run", json!({"id": 9999, "run_now": true})),
        ("job_list", json!({"kind": "exchange_rates"})),
        ("set_job_list", json!({"kind": "exchange_rates", "companies": []})),
        ("day_plan", json!({"day": day})),
        (
            "free_time",
            json!({"day": day, "job": 9999, "run": "07:00", "around": "08:00"}),
        ),
        (
            "spread_jobs",
            json!({"ask": {"day": day, "kind": "nets_integration", "from": "06:00", "to": "07:00", "shorter": 0}}),
        ),
        (
            "move_jobs",
            json!({"moves": [{"job": 9999, "version": 1, "from": "07:00", "to": "08:00", "gap": null, "set_gap": false}], "despite": null}),
        ),
        ("what_if", json!({"ask": {"holiday": day}})),
        ("blocked", json!({})),
        (
            "save_blocked",
            json!({"id": null, "form": {"reason": "Backup", "owner": "IT", "days": ["mon"], "from": "23:00", "minutes": 45}}),
        ),
        ("remove_blocked", json!({"id": 9999, "version": 1})),
        ("usual_blocked", json!({})),
        ("hours", json!({"country": null, "year": null})),
        ("set_hours", json!({"was": [420, 960], "new": [420, 990]})),
        (
            "save_calendar",
            json!({"name": "own", "version": null, "calendar": {}}),
        ),
        ("remove_calendar", json!({"name": "none", "version": 1})),
        ("systems", json!({})),
        ("system", json!({"id": 9999})),
        ("add_system", json!({"code": "nets_basis", "company": "D1"})),
        (
            "set_system",
            json!({"id": 9999, "version": 1, "active": true, "direct": true}),
        ),
        ("switch_system", json!({"id": 9999, "version": 1})),
        ("make_entries", json!({"id": 9999})),
        (
            "save_entry",
            json!({"job": 9999, "version": 1, "times": {"start": "07:00", "every": null, "end": null}, "despite": null}),
        ),
        ("switch_entry", json!({"job": 9999, "version": 1, "on": true})),
        ("procedures", json!({})),
        ("procedure", json!({"id": 9999})),
        ("start_replace", json!({"job": 9999})),
        ("start_release", json!({"modules": ["economy"]})),
        ("take_step", json!({"id": 9999, "jobs": [], "step": "create"})),
        ("undo_procedure", json!({"id": 9999})),
        ("preview_postponement", json!({"jobs": [9999], "date": day})),
        ("postpone", json!({"jobs": [9999], "date": day, "agreed": "Kari"})),
        ("why", json!({"job": 9999})),
        ("set_posting_ok", json!({"company": "D1"})),
        ("import_jobs", json!({"file": "{}", "dry": true})),
    ]
}

#[tokio::test]
async fn jobs_are_for_those_with_the_right_and_of_the_office() {
    let h = House::build().await;
    let office = h.desk.office;
    let elsewhere = h
        .desk
        .engine
        .add_office(OfficeRow {
            code: "elsewhere".into(),
            name: "Elsewhere".into(),
            ..default_office()
        })
        .await
        .unwrap();
    let employee = session_at(&h.desk, Some(office), Role::Employee, "e2@example.test").await;
    let owner = session_at(&h.desk, Some(office), Role::Operator, "o@example.test").await;
    let stranger = session_at(&h.desk, Some(elsewhere), Role::Admin, "a@example.test").await;
    for (door, mut body) in doors() {
        body["office"] = "gent".into();
        let of = |session: String| {
            let (h, body) = (&h, body.clone());
            async move { h.desk_call(&session, door, &body).await }
        };
        assert_eq!(of(String::new()).await, 401, "{door} for nobody");
        assert_eq!(
            of(stranger.clone()).await,
            404,
            "{door} for another office's admin"
        );
        let asks = TELL_WHOM_TO_ASK.contains(&door);
        assert_eq!(
            of(employee.clone()).await,
            if asks { 200 } else { 403 },
            "{door} for staff"
        );
        let open = of(owner.clone()).await;
        assert!(
            matches!(open, 200 | 404 | 409 | 422),
            "{door} for a module owner: {open}"
        );
    }
}

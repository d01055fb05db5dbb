//! The ends of all days and texts of sixty thousand characters, at every door that takes a day or a text to look for: they
//! are refused by the field's name, and nothing that reckons with them ever sees them (M3).

use super::tests::House;
use serde_json::{Value, json};

const DAYS: [&str; 5] = [
    "+262142-12-31",
    "-262143-01-01",
    "0000-01-01",
    "9999-12-31",
    "1989-12-31",
];

/// Each door that takes a day, and the field that holds it.
fn doors_with_a_day(day: &str) -> Vec<(&'static str, Value, String)> {
    let blocked = json!({"reason": "Backup", "owner": "IT", "date": day, "from": "23:00", "minutes": 45});
    let spread =
        json!({"day": day, "kind": "nets_integration", "from": "06:00", "to": "07:00", "shorter": 0});
    let closed = json!({"downtime": {"day": day, "from": "23:59", "minutes": 1440}});
    let around = json!({"day": day, "job": 9999, "run": "07:00", "around": "08:00"});
    let own = json!({"name": "own", "version": null, "calendar": {"days": {day: "Closed"}}});
    vec![
        ("day_plan", json!({"day": day}), "day".into()),
        ("free_time", around, "day".into()),
        ("what_if", json!({"ask": {"holiday": day}}), "ask.holiday".into()),
        ("what_if", json!({"ask": closed}), "ask.downtime.day".into()),
        ("spread_jobs", json!({"ask": spread}), "ask.day".into()),
        (
            "save_blocked",
            json!({"id": null, "form": blocked}),
            "form.date".into(),
        ),
        ("save_calendar", own, "calendar.days".into()),
        (
            "preview_postponement",
            json!({"jobs": [9999], "date": day}),
            "date".into(),
        ),
        (
            "postpone",
            json!({"jobs": [9999], "date": day, "agreed": "Kari"}),
            "date".into(),
        ),
    ]
}

/// Each door that takes a text to look for.
fn doors_with_a_text(text: &str) -> Vec<(&'static str, Value, String)> {
    let filter = json!({"states": ["failed"], "text": text});
    let audit = json!({"who": "", "what": "", "from": "", "to": "", "text": text, "before": null});
    let clients = json!({"standings": [], "text": text, "mine": false, "package": ""});
    let causes = json!({"turns": [], "package": "", "office": "", "text": text});
    vec![
        (
            "tasks",
            json!({"filter": filter, "after": null, "rows": 10}),
            "filter.text".into(),
        ),
        (
            "look_at_bulk",
            json!({"verb": "restart", "which": {"matching": filter}}),
            "which.matching.text".into(),
        ),
        ("search", json!({"text": text}), "text".into()),
        ("people", json!({"text": text}), "text".into()),
        ("dossiers_for", json!({"person": 1, "text": text}), "text".into()),
        ("audit", json!({"asked": audit}), "asked.text".into()),
        (
            "clients",
            json!({"asked": clients, "after": null}),
            "asked.text".into(),
        ),
        (
            "causes",
            json!({"filter": causes, "after": null}),
            "filter.text".into(),
        ),
        ("jobs", json!({"ask": {"text": text}}), "ask.text".into()),
    ]
}

async fn refused_by_name(h: &House, door: &str, mut body: Value, field: &str) {
    body["office"] = "gent".into();
    let (status, answer) = h.desk_answer(&h.support, door, &body).await;
    let shown: String = answer.to_string().chars().take(300).collect();
    assert_eq!(status, 422, "{door}: {shown}");
    let named = answer["errors"][0]["field"].as_str().unwrap_or_default();
    assert_eq!(named, field, "{door}: {shown}");
}

#[tokio::test]
async fn days_and_texts_out_of_bounds_are_refused_by_name() {
    let h = House::build().await;
    for (door, body, field) in DAYS.into_iter().flat_map(doors_with_a_day) {
        refused_by_name(&h, door, body, &field).await;
    }
    for text in ["%".repeat(60_000), "a".repeat(201)] {
        for (door, body, field) in doors_with_a_text(&text) {
            refused_by_name(&h, door, body, &field).await;
        }
    }
    // what is within them is taken
    for (door, mut body, _) in doors_with_a_text(&"%_é".repeat(60)) {
        body["office"] = "gent".into();
        let (status, answer) = h.desk_answer(&h.support, door, &body).await;
        assert_eq!(status, 200, "{door}: {answer}");
    }
}

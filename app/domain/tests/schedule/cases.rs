//! The cases that other engines and the countries' own lists agree on.

use super::{at, date};
use chrono::NaiveDate;
use domain::{
    calendar::{Calendars, Country},
    schedule::Schedule,
};
use serde_json::Value;
use std::{collections::BTreeMap, path::PathBuf};

/// A file of the shared cases; `None` where they are not at hand.
fn shared(name: &str) -> Option<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(name);
    let text = std::fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn the_shared_cases() {
    let Some(file) = shared("schedule_cases.json") else {
        return;
    };
    let cases = file["cases"].as_array().unwrap();
    assert!(cases.len() >= 64);
    for case in cases {
        let schedule = case["schedule"].to_string();
        let (id, after) = (&case["id"], case["after"].as_str().unwrap());
        let timetable = Schedule::from_json(&schedule)
            .and_then(|s| s.timetable(&Calendars::default()))
            .unwrap_or_else(|e| panic!("{id}: {e}"));
        let next = case.get("next").and_then(Value::as_array);
        let next = next.into_iter().flatten().enumerate();
        let nth = case.get("nth").and_then(Value::as_object);
        let nth = nth.into_iter().flatten().map(|(i, v)| (i.parse().unwrap(), v));
        let expected: Vec<_> = next.chain(nth).collect();
        assert!(!expected.is_empty(), "{id} expects nothing");
        for (i, instant) in expected {
            let found = timetable.after(at(after)).nth(i);
            let found = found.map(|at| timetable.zone().rfc3339(at));
            assert_eq!(found.as_deref(), instant.as_str(), "{id}, run {i}");
        }
    }
}

#[test]
fn the_shared_holidays() {
    let Some(file) = shared("holidays.json") else {
        return;
    };
    let rows = file["holidays"].as_array().unwrap();
    for country in Country::ALL {
        let mut listed = BTreeMap::<NaiveDate, usize>::new();
        let of_country = |r: &&Value| r["country"] == country.code() && r["category"] == "public";
        for row in rows.iter().filter(of_country) {
            // two holidays on one day share a row
            let names = row["english"].as_str().unwrap().split("; ").count();
            *listed.entry(date(row["date"].as_str().unwrap())).or_default() += names;
        }
        let mut ours = BTreeMap::<NaiveDate, usize>::new();
        for (date, _) in (2024..=2027).flat_map(|year| country.holidays(year)) {
            *ours.entry(date).or_default() += 1;
        }
        assert!(!listed.is_empty());
        assert_eq!(ours, listed, "{country:?}");
    }
}

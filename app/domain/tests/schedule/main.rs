//! When jobs run: the shared cases, every rule by example, and a slow model that asks each minute (J13, J24, C7).

mod bad;
mod cases;
mod minutes;
mod rules;

use chrono::{DateTime, Datelike, NaiveDate};
use domain::{
    Refusal,
    calendar::{Calendar, Calendars, Country},
    schedule::{Schedule, Timetable, Zone, answer_line},
};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

fn at(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A schedule with every day and Oslo's clock, unless the parts say otherwise.
fn json_of(parts: &Value) -> Value {
    let mut schedule =
        json!({"zone": "Europe/Oslo", "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]});
    for (name, value) in parts.as_object().unwrap() {
        schedule[name] = value.clone();
    }
    schedule
}

fn read(parts: &Value) -> Schedule {
    Schedule::from_json(&json_of(parts).to_string()).unwrap()
}

fn timetable(parts: &Value) -> Timetable {
    read(parts)
        .timetable(&calendars())
        .unwrap_or_else(|e| panic!("{parts}: {e}"))
}

/// The countries' calendars; `closed`: the office rests from 5 to 9 July 2027; `often`: it rests often.
fn calendars() -> Calendars {
    static ONCE: LazyLock<Calendars> = LazyLock::new(made);
    ONCE.clone()
}

fn made() -> Calendars {
    let mut all = Calendars::default();
    let days = (5..10).map(|d| (NaiveDate::from_ymd_opt(2027, 7, d).unwrap(), "Closed".into()));
    all.add(
        "closed",
        Calendar {
            country: None,
            days: days.collect(),
        },
    );
    let often = date("2004-01-01")
        .iter_days()
        .take(11_700)
        .filter(|d| d.num_days_from_ce() % 23 % 7 < 3);
    all.add(
        "often",
        Calendar {
            country: Some(Country::Nl),
            days: often.map(|d| (d, String::new())).collect(),
        },
    );
    all
}

#[track_caller]
fn runs(parts: &Value, after: &str, expected: &[&str]) {
    let timetable = timetable(parts);
    let next = timetable.after(at(after)).take(expected.len());
    let next: Vec<_> = next.map(|at| timetable.zone().rfc3339(at)).collect();
    assert_eq!(next, expected, "{parts}");
}

/// Expects that these are all the runs there are.
#[track_caller]
fn only_runs(parts: &Value, after: &str, expected: &[&str]) {
    runs(parts, after, expected);
    assert_eq!(
        timetable(parts).after(at(after)).count(),
        expected.len(),
        "{parts}"
    );
}

#[track_caller]
fn refused(parts: &Value) -> String {
    match Schedule::from_json(&json_of(parts).to_string()) {
        Ok(schedule) => match schedule.timetable(&calendars()) {
            Err(Refusal::Invalid(errors)) => {
                let each = errors.iter().map(|e| format!("{}: {}", e.field, e.message));
                each.collect::<Vec<_>>().join(" ")
            }
            other => panic!("{parts} gave {other:?}"),
        },
        Err(Refusal::Malformed(why)) => why,
        Err(other) => panic!("{parts} gave {other:?}"),
    }
}

#[test]
fn what_is_written_is_read_back_the_same() {
    for parts in [
        json!({"at": ["16:00", "07:30"]}),
        json!({"every": {"minutes": 30, "from": "07:00", "to": "16:00"}, "starts_on": "2027-01-01",
            "ends_on": "2027-12-31", "every_weeks": 2, "month_days": [1, -1],
            "holidays": {"calendar": "NO", "action": "previous_working_day"}, "not_before": "2027-02-01"}),
        json!({"at": ["07:30"], "not_before": "2027-02-01T07:00:00+01:00"}),
    ] {
        assert_eq!(serde_json::to_value(read(&parts)).unwrap(), json_of(&parts));
    }
}

#[test]
fn a_page_reckons_with_the_zone_it_was_given() {
    let schedule = read(&json!({"at": ["02:30"]}));
    let after = at("2027-03-01T00:00:00Z");
    let given = Zone::named("Europe/Oslo")
        .unwrap()
        .between(after, at("2027-05-01T00:00:00Z"));
    let page = schedule.timetable_in(Arc::new(given), &calendars()).unwrap();
    let server = schedule.timetable(&calendars()).unwrap();
    assert!(page.after(after).take(60).eq(server.after(after).take(60)));
    let other = Zone::named("Europe/London").unwrap();
    assert!(schedule.timetable_in(other, &calendars()).is_err());
}

#[test]
fn a_line_may_say_anything() {
    use proptest::prelude::*;
    let pieces = prop::collection::vec(
        prop::sample::select(vec![
            "{\"schedule\":",
            "{\"zone\":\"Europe/Oslo\"",
            ",\"days\":[\"mon\"]",
            ",\"at\":[\"07:00\"]",
            "}",
            ",\"after\":\"2027-01-01T00:00:00Z\"",
            ",\"count\":3",
            ",\"month_days\":[30,-31]",
            "[",
            "]",
            ",",
            "-1",
            "9e999",
            "\"\\ud800\"",
            ",\"every_weeks\":52",
            ",\"starts_on\":\"9998-12-31\"",
            "\u{0}",
            "ø",
        ]),
        0..14,
    );
    proptest!(|(pieces in pieces)| {
        let answer: Value = serde_json::from_str(&answer_line(&pieces.concat(), &calendars())).unwrap();
        prop_assert!(answer["next"].is_array() != answer["error"].is_string());
    });
}

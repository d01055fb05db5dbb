//! Schedules that make no sense, and bounds that lead nowhere.

use super::{at, calendars, read, refused, timetable};
use domain::schedule::Schedule;
use serde_json::{Value, json};
use std::time::Instant;

#[test]
fn each_impossible_schedule_is_refused_with_its_field() {
    let every = |every: Value| json!({"every": every});
    let ok = json!(["07:00"]);
    for (parts, said) in [
        (json!({"at": ok, "days": []}), "days: Name at least one day"),
        (
            json!({"at": ok, "days": ["mon", "tue", "mon"]}),
            "days[2]: mon stands twice",
        ),
        (json!({"at": ok, "days": ["Mon"]}), "unknown variant `Mon`"),
        (json!({"at": ok, "days": null}), "invalid type: null"),
        (json!({}), "at: Give clock times (at) or a grid"),
        (json!({"at": []}), "at: Name at least one clock time"),
        (json!({"at": ["07:00", "07:00"]}), "at[1]: 07:00 stands twice"),
        (json!({"at": vec!["07:00"; 100_000]}), "at: 100000 are too many"),
        (json!({"at": ["24:00"]}), "\"24:00\" is not a time of day"),
        (json!({"at": ["7:00"]}), "\"7:00\" is not a time of day"),
        (json!({"at": "07:00"}), "expected a sequence"),
        (
            json!({"at": ok, "every": {"minutes": 1, "from": "07:00", "to": "08:00"}}),
            "at: Give either",
        ),
        (
            every(json!({"minutes": 30, "to": "08:00"})),
            "every.from: Missing",
        ),
        (
            every(json!({"minutes": 30, "from": "08:00"})),
            "every.to: Missing",
        ),
        (
            every(json!({"from": "07:00", "to": "08:00"})),
            "every.minutes: Missing",
        ),
        (
            every(json!({"minutes": 0, "from": "07:00", "to": "08:00"})),
            "every.minutes: A number",
        ),
        (
            every(json!({"minutes": 1_000_000_000, "from": "07:00", "to": "08:00"})),
            "from 1 to 1440, not 1000000000",
        ),
        (
            every(json!({"minutes": -5, "from": "07:00", "to": "08:00"})),
            "-5",
        ),
        (
            every(json!({"minutes": 1e300, "from": "07:00", "to": "08:00"})),
            "1e+300",
        ),
        (
            every(json!({"minutes": 5, "from": "07:00", "to": "08:00", "until": 1})),
            "`until`",
        ),
        (
            json!({"at": ok, "month_days": []}),
            "month_days: Name at least one",
        ),
        (
            json!({"at": ok, "month_days": [0]}),
            "month_days[0]: A day from 1 to 31",
        ),
        (json!({"at": ok, "month_days": [1, 32]}), "month_days[1]:"),
        (json!({"at": ok, "month_days": [-32]}), "Not -32"),
        (json!({"at": ok, "month_days": [-1, -1]}), "-1 stands twice"),
        (
            json!({"at": ok, "month_days": [30], "starts_on": "2027-02-01", "ends_on": "2027-02-28"}),
            "days: It never runs",
        ),
        (
            json!({"at": ok, "days": ["mon"], "starts_on": "2027-01-05", "ends_on": "2027-01-10"}),
            "days: It never runs",
        ),
        (
            json!({"at": ok, "starts_on": "2027-02-30"}),
            "\"2027-02-30\" is not a day",
        ),
        (
            json!({"at": ok, "starts_on": "2027-1-5"}),
            "\"2027-1-5\" is not a day",
        ),
        (
            json!({"at": ok, "starts_on": "1969-12-31"}),
            "starts_on: A day from 1970",
        ),
        (
            json!({"at": ok, "ends_on": "9999-01-01"}),
            "ends_on: A day from 1970",
        ),
        (
            json!({"at": ok, "ends_on": "+262142-01-01"}),
            "ends_on: A day from 1970",
        ),
        (
            json!({"at": ok, "starts_on": "2027-02-02", "ends_on": "2027-02-01"}),
            "ends_on: The last day is before the first",
        ),
        (
            json!({"at": ok, "every_weeks": 0, "starts_on": "2027-02-01"}),
            "every_weeks: A number",
        ),
        (
            json!({"at": ok, "every_weeks": 53, "starts_on": "2027-02-01"}),
            "not 53",
        ),
        (
            json!({"at": ok, "every_weeks": 2}),
            "every_weeks: Needs starts_on",
        ),
        (
            json!({"at": ok, "zone": "Europe/Olso"}),
            "zone: \"Europe/Olso\" is not a zone",
        ),
        (json!({"at": ok, "zone": ""}), "zone: \"\" is not a zone"),
        (
            json!({"at": ok, "holidays": {"calendar": "SE", "action": "skip"}}),
            "There is no calendar \"SE\" (any more). Known are NO, DK, NL, BE, closed, often.",
        ),
        (
            json!({"at": ok, "holidays": {"calendar": "NO", "action": "rest"}}),
            "`rest`",
        ),
        (json!({"at": ok, "holidays": {"calendar": "NO"}}), "`action`"),
        (
            json!({"at": ok, "not_before": "soon"}),
            "\"soon\" is neither a day",
        ),
        (
            json!({"at": ok, "ends_on": "2027-02-01", "not_before": "2027-02-02"}),
            "not_before:",
        ),
        (json!({"at": ok, "colour": "red"}), "`colour`"),
    ] {
        let sentence = refused(&parts);
        assert!(sentence.contains(said), "{parts}: {sentence}");
    }
    // everything that is wrong is said at once
    let all = refused(&json!({"zone": "X", "days": [], "month_days": [0], "every": {"to": "07:00"}}));
    for field in [
        "zone:",
        "days:",
        "month_days[0]:",
        "every.minutes:",
        "every.from:",
    ] {
        assert!(all.contains(field), "{all}");
    }
    let twice = r#"{"zone":"UTC","zone":"UTC","days":["mon"],"at":["07:00"]}"#;
    assert!(
        Schedule::from_json(twice)
            .unwrap_err()
            .to_string()
            .contains("duplicate field")
    );
}

#[test]
fn the_search_ends_for_every_bound() {
    let rare = json!({"at": ["07:00"], "days": ["mon"], "month_days": [31], "every_weeks": 51, "starts_on": "2027-01-04"});
    let started = Instant::now();
    // rare and never are told apart, quickly
    if let Ok(timetable) = read(&rare).timetable(&calendars()) {
        for after in timetable.after(i64::MIN) {
            assert!(after > at("2027-01-04T00:00:00Z"));
        }
    }
    let daily = timetable(&json!({"at": ["07:00"]}));
    assert_eq!(daily.next(i64::MAX), None);
    assert_eq!(daily.next(i64::MIN), Some(at("1970-01-01T07:00:00+01:00")));
    assert_eq!(daily.next(at("9999-12-31T23:00:00Z")), None);
    assert!(daily.next(at("9998-12-01T00:00:00Z")).is_some());
    let far = timetable(&json!({"at": ["07:00"], "starts_on": "9998-12-31"}));
    assert_eq!(far.after(at("2027-01-01T00:00:00Z")).count(), 1);
    assert!(started.elapsed().as_secs() < 2, "{:?}", started.elapsed());
}

//! Each rule by example.

use super::{at, date, only_runs, read, refused, runs, timetable};
use domain::calendar::{Calendar, Calendars};
use serde_json::{Value, json};
use std::time::Instant;

#[test]
fn a_grid_is_anchored_at_from_and_to_is_inclusive() {
    let grid = json!({"every": {"minutes": 120, "from": "07:00", "to": "09:00"}});
    let days = [
        "2027-01-04T07:00:00+01:00",
        "2027-01-04T09:00:00+01:00",
        "2027-01-05T07:00:00+01:00",
    ];
    runs(&grid, "2027-01-03T12:00:00+01:00", &days);
    runs(&grid, "2027-01-04T06:59:59.999+01:00", &days);
    // the bound itself does not count, a run that took until 08:17 moves nothing
    runs(&grid, "2027-01-04T07:00:00+01:00", &days[1..]);
    runs(&grid, "2027-01-04T08:17:00+01:00", &days[1..]);
    runs(&grid, "2027-01-04T09:00:00.001+01:00", &days[2..]);
    let odd = json!({"every": {"minutes": 100, "from": "07:00", "to": "09:00"}});
    runs(
        &odd,
        days[0],
        &["2027-01-04T08:40:00+01:00", "2027-01-05T07:00:00+01:00"],
    );
    let point = json!({"every": {"minutes": 1, "from": "07:00", "to": "07:00"}});
    runs(&point, days[0], &[days[2]]);
}

#[test]
fn a_window_past_midnight_belongs_to_the_day_it_starts_on() {
    let night = json!({"days": ["fri"], "every": {"minutes": 90, "from": "22:00", "to": "01:00"}});
    let one = [
        "2027-01-08T22:00:00+01:00",
        "2027-01-08T23:30:00+01:00",
        "2027-01-09T01:00:00+01:00",
        "2027-01-15T22:00:00+01:00",
    ];
    runs(&night, "2027-01-04T00:00:00+01:00", &one);
    runs(&night, "2027-01-09T00:10:00+01:00", &one[2..]);
    // so do the first and the last day
    let mut bounded = night.clone();
    bounded["starts_on"] = json!("2027-01-08");
    bounded["ends_on"] = json!("2027-01-08");
    only_runs(&bounded, "2027-01-01T00:00:00Z", &one[..3]);
    bounded["starts_on"] = json!("2027-01-02");
    bounded["ends_on"] = json!("2027-01-07");
    assert!(refused(&bounded).contains("never runs"));
}

#[test]
fn a_grid_counts_elapsed_time_on_the_two_nights() {
    let night = |from, to| json!({"every": {"minutes": 40, "from": from, "to": to}});
    // 24 October is summer time: the window is an hour longer and has both passes
    runs(
        &night("01:30", "02:50"),
        "2026-10-24T12:00:00Z",
        &[
            "2026-10-25T01:30:00+02:00",
            "2026-10-25T02:10:00+02:00",
            "2026-10-25T02:50:00+02:00",
            "2026-10-25T02:30:00+01:00",
            "2026-10-26T01:30:00+01:00",
        ],
    );
    // from is skipped: the grid starts after the gap; to is skipped: it ends there
    runs(
        &night("02:30", "04:00"),
        "2027-03-27T12:00:00Z",
        &[
            "2027-03-28T03:00:00+02:00",
            "2027-03-28T03:40:00+02:00",
            "2027-03-29T02:30:00+02:00",
        ],
    );
    runs(
        &night("01:20", "02:30"),
        "2027-03-27T12:00:00Z",
        &[
            "2027-03-28T01:20:00+01:00",
            "2027-03-28T03:00:00+02:00",
            "2027-03-29T01:20:00+02:00",
        ],
    );
    // Saturday's window ends with the second 02:20, after the first 02:30 has opened Sunday's
    let round = json!({"every": {"minutes": 50, "from": "02:30", "to": "02:20"}});
    let timetable = timetable(&round);
    let runs: Vec<_> = timetable.after(at("2026-10-25T00:00:00Z")).take(5).collect();
    let minutes: Vec<_> = runs
        .iter()
        .map(|r| (r - at("2026-10-25T00:00:00Z")) / 60_000)
        .collect();
    assert_eq!(minutes, [30, 40, 80, 130, 180], "the second is Saturday's");
}

#[test]
fn two_runs_at_one_instant_are_one() {
    let times = json!({"at": ["02:00", "02:30", "03:00"]});
    runs(
        &times,
        "2027-03-27T12:00:00Z",
        &[
            "2027-03-28T03:00:00+02:00",
            "2027-03-29T02:00:00+02:00",
            "2027-03-29T02:30:00+02:00",
        ],
    );
    // Samoa had no 30 December 2011: both days' runs are at the first instant after it
    let apia = json!({"zone": "Pacific/Apia", "at": ["00:00"]});
    runs(
        &apia,
        "2011-12-29T12:00:00-10:00",
        &["2011-12-31T00:00:00+14:00", "2012-01-01T00:00:00+14:00"],
    );
}

#[test]
fn days_of_the_month_and_each_so_many_weeks() {
    let month = |days: Value| json!({"at": ["08:00"], "month_days": days});
    let t = |day: &str| format!("{day}T08:00:00Z");
    let check = |mut parts: Value, days: &[&str]| {
        parts["zone"] = json!("UTC");
        let expected: Vec<_> = days.iter().map(|d| t(d)).collect();
        let expected: Vec<_> = expected.iter().map(String::as_str).collect();
        runs(&parts, "2027-01-31T12:00:00Z", &expected);
    };
    // February 2028 has 29 days, months without a 30th are left out
    check(month(json!([30])), &["2027-03-30", "2027-04-30"]);
    check(month(json!([-1])), &["2027-02-28", "2027-03-31", "2027-04-30"]);
    check(month(json!([-31])), &["2027-03-01", "2027-05-01", "2027-07-01"]);
    check(
        month(json!([28, -1])),
        &["2027-02-28", "2027-03-28", "2027-03-31"],
    );
    let mut friday_13 = month(json!([13]));
    friday_13["days"] = json!(["fri"]);
    check(friday_13, &["2027-08-13", "2028-10-13", "2029-04-13"]);
    // weeks run from Monday and count from that of starts_on, a Saturday
    let weeks = json!({"at": ["08:00"], "days": ["mon", "sun"], "every_weeks": 3, "starts_on": "2027-02-06"});
    check(weeks, &["2027-02-07", "2027-02-22", "2027-02-28", "2027-03-15"]);
}

#[test]
fn first_and_last_day_are_inclusive() {
    let span = json!({"at": ["00:00", "23:59"], "starts_on": "2027-01-05", "ends_on": "2027-01-05"});
    only_runs(
        &span,
        "1990-01-01T00:00:00Z",
        &["2027-01-05T00:00:00+01:00", "2027-01-05T23:59:00+01:00"],
    );
}

#[test]
fn what_becomes_of_runs_on_holidays() {
    // 25 and 26 March 2027 are Maundy Thursday and Good Friday, 29 March is Easter Monday
    let with = |days: Value, action: &str| json!({"zone": "UTC", "at": ["08:00"], "days": days, "holidays": {"calendar": "NO", "action": action}});
    let (after, thursday) = ("2027-03-23T12:00:00Z", json!(["thu"]));
    let t = |day: u32| {
        format!(
            "2027-{:02}-{:02}T08:00:00Z",
            if day > 31 { 4 } else { 3 },
            (day - 1) % 31 + 1
        )
    };
    let check = |parts: Value, days: &[u32]| {
        let expected: Vec<_> = days.iter().map(|d| t(*d)).collect();
        runs(
            &parts,
            after,
            &expected.iter().map(String::as_str).collect::<Vec<_>>(),
        );
    };
    check(with(thursday.clone(), "run"), &[25, 32]);
    check(with(thursday.clone(), "skip"), &[32, 39]);
    check(with(thursday.clone(), "next_working_day"), &[30, 32]);
    check(with(thursday, "previous_working_day"), &[24, 32]);
    // moved onto a day that runs anyway it is one run; days of the weekend are no holidays and stay
    let daily = json!(["mon", "tue", "wed", "thu", "fri", "sat"]);
    check(with(daily.clone(), "next_working_day"), &[24, 27, 30, 31, 32]);
    check(with(daily.clone(), "skip"), &[24, 27, 30]);
    check(with(daily, "previous_working_day"), &[24, 27, 30]);
}

#[test]
fn a_moved_run_stays_within_first_and_last_day() {
    let christmas = |action: &str, bounds: Value| {
        let mut parts = json!({"zone": "UTC", "at": ["08:00"], "month_days": [25],
            "holidays": {"calendar": "DK", "action": action}});
        for (name, value) in bounds.as_object().unwrap() {
            parts[name] = value.clone();
        }
        parts
    };
    let after = "2026-12-20T00:00:00Z";
    runs(
        &christmas("next_working_day", json!({})),
        after,
        &["2026-12-28T08:00:00Z"],
    );
    runs(
        &christmas("next_working_day", json!({"ends_on": "2026-12-28"})),
        after,
        &["2026-12-28T08:00:00Z"],
    );
    only_runs(
        &christmas("next_working_day", json!({"ends_on": "2026-12-27"})),
        after,
        &[],
    );
    runs(
        &christmas("previous_working_day", json!({})),
        after,
        &["2026-12-24T08:00:00Z"],
    );
    runs(
        &christmas("previous_working_day", json!({"starts_on": "2026-12-25"})),
        after,
        &["2027-01-25T08:00:00Z"],
    );
}

#[test]
fn an_office_has_holidays_of_its_own() {
    let own = json!({"zone": "UTC", "at": ["08:00"], "days": ["tue"],
        "holidays": {"calendar": "closed", "action": "previous_working_day"}});
    let moved = ["2027-07-02T08:00:00Z", "2027-07-13T08:00:00Z"];
    runs(&own, "2027-06-30T00:00:00Z", &moved);
    // a removed calendar is said, not guessed
    let said = read(&own)
        .timetable(&Calendars::default())
        .unwrap_err()
        .to_string();
    assert!(
        said.contains("holidays.calendar") && said.contains("\"closed\""),
        "{said}"
    );
    // a calendar without a working day ends the search
    let first = date("2020-01-01").iter_days().take(40_000);
    let never = Calendar {
        country: None,
        days: first.map(|d| (d, String::new())).collect(),
    };
    let mut all = Calendars::default();
    all.add("closed", never);
    let timetable = read(&own).timetable(&all).unwrap();
    let started = Instant::now();
    assert_eq!(timetable.next(at("2027-06-30T00:00:00Z")), None);
    assert!(started.elapsed().as_millis() < 1000);
}

#[test]
fn a_postponed_schedule_resumes_by_itself() {
    let daily =
        |until: &str| json!({"every": {"minutes": 240, "from": "20:00", "to": "04:00"}, "not_before": until});
    // the day: the window that began the evening before is not its own
    runs(
        &daily("2027-01-04"),
        "2026-12-23T12:00:00Z",
        &["2027-01-04T20:00:00+01:00", "2027-01-05T00:00:00+01:00"],
    );
    // the instant: the grid stays where it was, the instant itself counts
    let resumed = [
        "2027-01-04T00:00:00+01:00",
        "2027-01-04T04:00:00+01:00",
        "2027-01-04T20:00:00+01:00",
    ];
    runs(&daily("2027-01-03T23:00:00Z"), "2026-12-23T12:00:00Z", &resumed);
    runs(
        &daily("2027-01-03T23:00:00.001Z"),
        "2026-12-23T12:00:00Z",
        &resumed[1..],
    );
    // what is over binds nobody
    runs(&daily("2026-01-04"), "2027-01-03T21:00:00Z", &resumed);
}

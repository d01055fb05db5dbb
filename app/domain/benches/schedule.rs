//! How many next runs a core reckons in a second (P11): for typical schedules one by one, and for a million mixed
//! entries as they are kept, all at once. Prints a line a figure: median (least to most) of its runs.
//!
//! `cargo bench -p domain`

use domain::{
    calendar::Calendars,
    schedule::{Schedule, Timetable},
};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const RUNS: usize = 5;
const ENTRIES: usize = 1_000_000;
/// 22 November 2026, 02:00 UTC.
const NOW: i64 = 1_795_312_800_000;

/// What the sources' jobs look like, with the parts after the zone.
const TYPICAL: [(&str, &str); 8] = [
    (
        "Mon-Fri 07:30",
        r#""days":["mon","tue","wed","thu","fri"],"at":["07:30"]"#,
    ),
    (
        "daily at 04:00 and 16:00",
        r#""days":["mon","tue","wed","thu","fri","sat","sun"],"at":["04:00","16:00"]"#,
    ),
    (
        "Mon-Fri each 30 min, 07:00 to 16:00",
        r#""days":["mon","tue","wed","thu","fri"],"every":{"minutes":30,"from":"07:00","to":"16:00"}"#,
    ),
    (
        "each 15 min past midnight",
        r#""days":["mon","tue","wed","thu","fri","sat","sun"],"every":{"minutes":15,"from":"20:00","to":"05:00"}"#,
    ),
    (
        "weekly, each other week",
        r#""days":["tue"],"at":["06:00"],"every_weeks":2,"starts_on":"2026-01-01""#,
    ),
    (
        "last of the month",
        r#""days":["mon","tue","wed","thu","fri","sat","sun"],"at":["23:30"],"month_days":[-1]"#,
    ),
    (
        "daily, holidays on the next working day",
        r#""days":["mon","tue","wed","thu","fri"],"at":["05:00"],"holidays":{"calendar":"NO","action":"next_working_day"}"#,
    ),
    (
        "15th, holidays on the working day before",
        r#""days":["mon","tue","wed","thu","fri","sat","sun"],"at":["05:00"],"month_days":[15],"holidays":{"calendar":"NL","action":"previous_working_day"}"#,
    ),
];

const ZONES: [&str; 4] = [
    "Europe/Oslo",
    "Europe/Copenhagen",
    "Europe/Amsterdam",
    "Europe/Brussels",
];

fn json(i: usize) -> String {
    format!(
        r#"{{"zone":"{}",{}}}"#,
        ZONES[i / TYPICAL.len() % 4],
        TYPICAL[i % TYPICAL.len()].1
    )
}

fn timetable(json: &str, calendars: &Calendars) -> Timetable {
    let schedule = Schedule::from_json(json).expect(json);
    schedule.timetable(calendars).expect(json)
}

/// Seconds that each of some runs took.
fn timed(mut work: impl FnMut()) -> Vec<f64> {
    let one = |_| {
        let started = Instant::now();
        work();
        started.elapsed().as_secs_f64()
    };
    let mut all: Vec<_> = (0..RUNS).map(one).collect();
    all.sort_by(f64::total_cmp);
    all
}

fn main() {
    let calendars = Calendars::default();
    println!("next runs a second on one core, median (least to most) of {RUNS}");
    for (i, (name, _)) in TYPICAL.iter().enumerate() {
        let timetable = timetable(&json(i), &calendars);
        let n = 200_000;
        let seconds = timed(|| {
            // from a different minute each time: following one run by the next would never look back
            for k in 0..n {
                black_box(timetable.next(NOW + k * 7_919_000));
            }
        });
        let a_second = |s: f64| n as f64 / s / 1e6;
        println!(
            "  {name:44} {:6.2} M ({:.2} to {:.2})",
            a_second(seconds[RUNS / 2]),
            a_second(seconds[RUNS - 1]),
            a_second(seconds[0])
        );
    }
    million(&calendars);
}

/// A million entries, each with the instant after which its next run is wanted.
fn million(calendars: &Calendars) {
    let after = |i: usize| NOW + (i as i64 * 7919 % 86_400) * 1000;
    let kept: Vec<_> = (0..ENTRIES).map(json).collect();
    let read: Vec<_> = kept.iter().map(|json| timetable(json, calendars)).collect();
    let ready = timed(|| {
        for (i, timetable) in read.iter().enumerate() {
            black_box(timetable.next(after(i)));
        }
    });
    let from_json = timed(|| {
        for (i, json) in kept.iter().enumerate() {
            black_box(timetable(json, calendars).next(after(i)));
        }
    });
    println!("{ENTRIES} mixed entries all recomputed (bar: 3 s)");
    for (name, seconds) in [
        ("from timetables in memory", ready),
        ("from their JSON, checked again", from_json),
    ] {
        let say = |s: f64| Duration::from_secs_f64(s).as_millis();
        println!(
            "  {name:44} {:6} ms ({} to {})",
            say(seconds[RUNS / 2]),
            say(seconds[0]),
            say(seconds[RUNS - 1])
        );
    }
}

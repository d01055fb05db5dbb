//! P12: planning 300 jobs in a day. Prints one line a figure: median (least to most) of its runs.
//!
//! `cargo bench -p domain --bench planner`; `NACHTWACHT_BENCH=quick` does fewer runs.

use chrono::{DateTime, TimeDelta, Utc};
use domain::planner::{
    Basis, Blocked, Day, Entry, Length, Window, clashes, find_free, gap_after, spread, what_if,
};
use std::{hint::black_box, time::Instant};

const JOBS: i64 = 300;
const WINDOWS: i64 = 10;
const MIDNIGHT: i64 = 1_795_042_800;

fn main() {
    let quick = std::env::var("NACHTWACHT_BENCH").is_ok_and(|v| v == "quick");
    let runs = if quick { 11 } else { 101 };
    // a run every four minutes on one server between the windows, a long one at the end: no six minutes are free
    let mut tidy = day(|i| i * 4 + i / 30 * 20);
    tidy.entries.push(entry(JOBS, 1393, 47));
    let empty = day(|_| 0);
    // all of them in working hours, most over each other
    let crowded = day(|i| 420 + i * 37 % 540);
    let jobs = empty.entries.clone();
    let nothing = Day {
        entries: vec![],
        ..empty.clone()
    };
    let new = entry(JOBS + 1, 0, 6);
    let all_day = tidy.limits();
    let morning = Window {
        until: tidy.from + TimeDelta::hours(8),
        ..all_day
    };
    let placed = spread(&nothing, &jobs, all_day);
    println!(
        "planner: {JOBS} jobs, {WINDOWS} blocked windows, one server; clashes in the crowded day: {}, in the tidy one: {}; \
         spread over the day: {} placed; over 8 h: {} left out",
        clashes(&crowded).len(),
        clashes(&tidy).len(),
        placed.placed.len(),
        spread(&nothing, &jobs, morning).left_out.len(),
    );
    let noon = tidy.from + TimeDelta::hours(12);
    line("clashes, tidy day", runs, || clashes(&tidy).len());
    line("clashes, crowded day", runs, || clashes(&crowded).len());
    let free = find_free(&tidy, &new, noon);
    println!(
        "find_free: {:?} after {} refusals",
        free.starts,
        free.refused.len()
    );
    line("find_free, no room all day", runs, || {
        find_free(&tidy, &new, noon).refused.len()
    });
    line("spread all over an empty day", runs, || {
        spread(&nothing, &jobs, all_day).placed.len()
    });
    line("spread all that start at midnight", runs, || {
        spread(&empty, &jobs, all_day).placed.len()
    });
    line("spread all over 8 h, most left out", runs, || {
        spread(&nothing, &jobs, morning).left_out.len()
    });
    let slow: Vec<Entry> = jobs.iter().map(|e| Entry { gap: 15, ..e.clone() }).collect();
    line("spread all with long gaps, and shorter ones tried", runs, || {
        spread(&nothing, &slow, all_day).shorter_gaps
    });
    line("what_if, crowded day", runs, || what_if(&crowded, &[]).stay.len());
}

/// Starts are minutes after midnight.
fn day(starts: impl Fn(i64) -> i64) -> Day {
    let midnight = DateTime::<Utc>::from_timestamp(MIDNIGHT, 0).expect("an instant");
    let window = |n: i64| Blocked {
        from: midnight + TimeDelta::minutes(n * 140 + 122),
        until: midnight + TimeDelta::minutes(n * 140 + 132),
        owner: "IT".into(),
        reason: "Backup".into(),
    };
    Day {
        from: midnight,
        until: midnight + TimeDelta::days(1),
        clock_change: None,
        entries: (0..JOBS).map(|i| entry(i, starts(i), 1)).collect(),
        blocked: (0..WINDOWS).map(window).collect(),
    }
}

fn entry(job: i64, start: i64, minutes: u32) -> Entry {
    let length = Length {
        minutes,
        basis: Basis::Learned { runs: 20 },
    };
    Entry {
        job,
        company: Some(job % 25),
        server: Some(1),
        module: "economy".into(),
        name: format!("Nets integration, company {}", job % 25),
        starts: DateTime::from_timestamp(MIDNIGHT + start * 60, 0).expect("an instant"),
        length,
        gap: gap_after(length),
        pinned: false,
        after: None,
        allowed: vec![],
    }
}

fn line<T>(what: &str, runs: usize, work: impl Fn() -> T) {
    let mut took: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    took.sort_by(f64::total_cmp);
    println!(
        "P12 {what}: {:.3} ms ({:.3} to {:.3})",
        took[runs / 2],
        took[0],
        took[runs - 1]
    );
}

//! What would be: a downtime, a holiday, a night in which the clocks change.

use super::{at, blocked, day, instant, rules, run};
use chrono::TimeDelta;
use domain::planner::{Change, ClockChange, Day, Entry, Rule, With, compare, find_free, what_if};

#[test]
fn a_downtime_shows_what_it_would_touch() {
    let today = day(vec![run(1, "12:00", 30), run(2, "12:30", 5), run(3, "15:00", 5)]);
    let downtime = blocked("14:55", "16:00", "Year-end");
    let shown = what_if(&today, &[Change::Block(downtime.clone())]);
    assert_eq!(rules(&shown.appear), [(Rule::Blocked, 3, 5)]);
    assert_eq!(shown.appear[0].with, With::Blocked(downtime));
    assert_eq!(rules(&shown.stay), [(Rule::TooClose, 2, 10)]);
    assert_eq!(shown.go, []);
    assert_eq!(today.blocked.len(), 3, "the day itself is as it was");
}

#[test]
fn a_holiday_takes_clashes_away_and_brings_others() {
    let follower = Entry {
        after: Some(500),
        ..run(100, "18:10", 10)
    };
    let today = day(vec![run(500, "18:00", 20), follower]);
    let shown = what_if(
        &today,
        &[Change::Without { job: 500 }, Change::Without { job: 7 }],
    );
    assert_eq!(
        rules(&shown.go),
        [(Rule::Overlap, 100, 10), (Rule::Early, 100, 10)]
    );
    assert_eq!(rules(&shown.appear), [(Rule::WithoutPredecessor, 100, 0)]);
    assert_eq!(shown.not_made, [Change::Without { job: 7 }]);
    let next_day = what_if(&today, &[Change::Add(run(8, "18:05", 2))]);
    assert_eq!(rules(&next_day.appear), [(Rule::Overlap, 8, 2)]);
}

#[test]
fn a_thought_moves_no_pinned_run() {
    let pinned = Entry {
        pinned: true,
        ..run(1, "06:00", 5)
    };
    let today = day(vec![pinned, run(2, "06:02", 5)]);
    let to = |job, from, to| Change::Move {
        job,
        starts: at(from),
        to: at(to),
    };
    let shown = what_if(&today, &[to(1, "06:00", "09:00"), to(2, "06:02", "06:08")]);
    assert_eq!(shown.not_made, [to(1, "06:00", "09:00")]);
    assert_eq!(shown.after.entries[0].starts, at("06:00"));
    assert_eq!(rules(&shown.go), [(Rule::Overlap, 2, 3)]);
    assert_eq!((shown.appear.len(), shown.stay.len()), (0, 0));
}

/// Sundays in Oslo: offsets before and after the night's change.
fn sunday(date: &str, offsets: [&str; 2], entries: &[(i64, &str)]) -> Day {
    let hours = |o: &str| o[..3].parse::<i32>().expect("an offset");
    let minutes = (hours(offsets[1]) - hours(offsets[0])) * 60;
    let local = |clock: &str, offset: &str| instant(&format!("{date}T{clock}:00{offset}"));
    let change = ClockChange {
        at: instant(&format!("{date}T01:00:00Z")),
        minutes,
    };
    let from = local("00:00", offsets[0]);
    let entry = |(job, starts): &(i64, &str)| Entry {
        starts: instant(&format!("{date}T{starts}")),
        company: Some(*job),
        server: Some(*job),
        ..run(*job, "00:00", 5)
    };
    Day {
        from,
        until: from + TimeDelta::minutes(i64::from(1440 - minutes)),
        clock_change: (minutes != 0).then_some(change),
        entries: entries.iter().map(entry).collect(),
        blocked: vec![],
    }
}

#[test]
fn a_skipped_clock_time_runs_into_the_next_one() {
    let usual = [(1, "02:30:00+01:00"), (2, "03:00:00+01:00")];
    let before = sunday("2027-03-21", ["+01:00", "+01:00"], &usual);
    let spring = [(1, "03:00:00+02:00"), (2, "03:00:00+02:00")];
    let night = sunday("2027-03-28", ["+01:00", "+02:00"], &spring);
    assert_eq!((night.until - night.from).num_hours(), 23);
    let shown = compare(&before, night);
    assert_eq!(rules(&shown.appear), [(Rule::SameTime, 2, 5)]);
    assert_eq!(shown.after.clock(shown.appear[0].run.starts), 180);
    assert_eq!((shown.go.len(), shown.stay.len()), (0, 0));
}

#[test]
fn a_doubled_hour_repeats_a_clash_of_two_grids_once_more() {
    let usual = [
        (1, "02:00:00+02:00"),
        (2, "02:00:00+02:00"),
        (3, "02:00:00+02:00"),
    ];
    let before = sunday("2027-10-24", ["+02:00", "+02:00"], &usual[..]);
    // two grids run in both passes, the third at its one clock time in the first
    let autumn = [
        (1, "02:00:00+02:00"),
        (2, "02:00:00+02:00"),
        (3, "02:00:00+02:00"),
        (1, "02:00:00+01:00"),
        (2, "02:00:00+01:00"),
    ];
    let night = sunday("2027-10-31", ["+02:00", "+01:00"], &autumn);
    assert_eq!((night.until - night.from).num_hours(), 25);
    let shown = compare(&before, night);
    assert_eq!(shown.stay.len(), 3);
    assert_eq!(rules(&shown.appear), [(Rule::SameTime, 2, 5)]);
    assert_eq!(shown.appear[0].run.starts, instant("2027-10-31T01:00:00Z"));
    assert_eq!(shown.go, []);
}

#[test]
fn the_hours_of_a_day_are_those_it_has() {
    let last = |day: &Day| find_free(day, &run(9, "00:00", 5), day.until).starts;
    let spring = sunday("2027-03-28", ["+01:00", "+02:00"], &[]);
    assert_eq!(last(&spring), Some(instant("2027-03-28T23:55:00+02:00")));
    let autumn = sunday("2027-10-31", ["+02:00", "+01:00"], &[]);
    assert_eq!(last(&autumn), Some(instant("2027-10-31T23:55:00+01:00")));
}

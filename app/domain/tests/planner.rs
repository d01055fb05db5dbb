//! The planner, case by case and on random plans. Here: lengths, gaps, and what is wrong with a day.

mod planning;

use domain::planner::{
    Basis, Day, ENOUGH_RUNS, Entry, Past, Rule, With, clashes, first_free, gap_after, learned,
};
use planning::{at, blocked, day, it_windows, partner, rules, run, window};

fn past(good: bool, minutes: u32) -> Past {
    Past {
        good,
        seconds: minutes * 60,
    }
}

#[test]
fn a_length_is_the_ninetieth_percentile_of_the_last_twenty_good_runs() {
    let mut runs: Vec<Past> = (1..=20).map(|m| past(true, m)).collect();
    runs.extend([past(true, 500), past(true, 500), past(true, 500)]);
    runs.insert(3, past(false, 999));
    let length = learned(&runs, 7);
    assert_eq!((length.minutes, length.basis), (18, Basis::Learned { runs: 20 }));
}

#[test]
fn too_few_good_runs_leave_the_estimate() {
    let mut runs = vec![past(true, 30); ENOUGH_RUNS - 1];
    runs.push(past(false, 30));
    let length = learned(&runs, 7);
    assert_eq!((length.minutes, length.basis), (7, Basis::Estimated));
    runs.push(past(true, 30));
    assert_eq!(learned(&runs, 7).basis, Basis::Learned { runs: ENOUGH_RUNS });
    assert_eq!(learned(&[], 0).minutes, 1, "nothing takes no time");
}

#[test]
fn a_part_of_a_minute_counts_as_one() {
    let runs = [Past {
        good: true,
        seconds: 61,
    }; 5];
    assert_eq!(learned(&runs, 1).minutes, 2);
}

#[test]
fn a_large_company_gets_a_longer_gap_than_the_small_ones() {
    let gap = |minutes| gap_after(run(1, "06:00", minutes).length);
    assert_eq!([1, 4, 9, 10, 12, 15].map(gap), [3, 3, 3, 4, 4, 5]);
    assert_eq!([18, 30, 55, 600].map(gap), [6, 10, 15, 15]);
    assert!((1..200).all(|m| gap(m) <= gap(m + 1)));
}

#[test]
fn every_job_stands_at_its_own_clock_time_on_whatever_server() {
    let elsewhere = Entry {
        company: Some(2),
        server: Some(2),
        ..run(2, "06:38", 4)
    };
    let found = clashes(&day(vec![run(1, "06:38", 10), elsewhere]));
    assert_eq!(rules(&found), [(Rule::SameTime, 2, 4)]);
    assert_eq!(partner(&found[0]), 1);
}

#[test]
fn runs_meet_on_a_server_and_in_a_company_and_nowhere_else() {
    let beside = |company, server| {
        let other = Entry {
            company,
            server,
            ..run(2, "06:05", 4)
        };
        rules(&clashes(&day(vec![run(1, "06:00", 10), other])))
    };
    let overlap = vec![(Rule::Overlap, 2, 4)];
    assert_eq!(beside(Some(1), Some(1)), overlap);
    assert_eq!(beside(Some(2), Some(1)), overlap, "one server");
    assert_eq!(beside(Some(1), Some(2)), overlap, "one company");
    assert_eq!(beside(None, Some(2)), overlap, "all companies");
    assert_eq!(beside(Some(2), None), overlap, "any server");
    assert_eq!(beside(Some(2), Some(2)), []);
}

#[test]
fn a_gap_is_kept_to_the_minute() {
    let next_at = |clock| rules(&clashes(&day(vec![run(1, "06:00", 18), run(2, clock, 4)])));
    assert_eq!(next_at("06:17"), [(Rule::Overlap, 2, 1)]);
    assert_eq!(next_at("06:18"), [(Rule::TooClose, 2, 6)]);
    assert_eq!(next_at("06:23"), [(Rule::TooClose, 2, 1)]);
    assert_eq!(next_at("06:24"), []);
}

#[test]
fn a_long_run_is_told_of_each_run_within_it() {
    let found = clashes(&day(vec![
        run(1, "18:00", 120),
        run(2, "18:30", 5),
        run(3, "19:00", 5),
        run(4, "20:16", 5),
    ]));
    assert_eq!(rules(&found), [(Rule::Overlap, 2, 5), (Rule::Overlap, 3, 5)]);
    assert!(found.iter().all(|c| partner(c) == 1));
}

#[test]
fn a_job_never_runs_beside_itself() {
    let found = clashes(&day(vec![run(1, "08:00", 35), run(1, "08:30", 35)]));
    assert_eq!(rules(&found), [(Rule::Overlap, 1, 5)]);
    assert_eq!(partner(&found[0]), 1);
}

#[test]
fn a_run_may_not_even_touch_a_blocked_window() {
    let touching = |clock| rules(&clashes(&day(vec![run(1, clock, 5)])));
    assert_eq!(touching("22:54"), []);
    assert_eq!(touching("22:55"), [(Rule::Blocked, 1, 1)]);
    assert_eq!(touching("22:58"), [(Rule::Blocked, 1, 3)]);
    assert_eq!(touching("23:45"), [(Rule::Blocked, 1, 1)]);
    assert_eq!(touching("23:46"), []);
    let found = clashes(&day(vec![run(1, "05:10", 30)]));
    assert_eq!(found.len(), 2, "it reaches from Tomcat into the broker's restart");
    assert_eq!(found[0].with, With::Blocked(it_windows()[0].clone()));
}

#[test]
fn a_blocked_window_that_ends_before_it_begins_blocks_nothing() {
    let odd = Day {
        blocked: vec![blocked("12:00", "11:00", "Typing error")],
        ..day(vec![run(1, "11:30", 60)])
    };
    assert_eq!(clashes(&odd), []);
    assert_eq!(
        first_free(&odd, &run(2, "14:00", 5), at("14:00")).starts,
        Some(at("14:00"))
    );
}

#[test]
fn a_follower_waits_for_the_last_run_before_it() {
    let follower = |clock| Entry {
        after: Some(500),
        company: Some(2),
        server: Some(2),
        ..run(100, clock, 10)
    };
    let with = |clock| {
        let found = clashes(&day(vec![
            run(500, "07:00", 40),
            run(500, "18:00", 40),
            follower(clock),
        ]));
        rules(&found)
    };
    assert_eq!(with("06:00"), [(Rule::Early, 100, 100)]);
    assert_eq!(with("07:15"), [(Rule::Early, 100, 25)]);
    assert_eq!(with("07:40"), []);
    assert_eq!(with("17:59"), []);
    assert_eq!(with("18:01"), [(Rule::Early, 100, 39)]);
    // two runs of it beside each other: the one that finishes last counts
    let twice = day(vec![
        run(500, "07:00", 40),
        run(500, "07:20", 5),
        follower("07:30"),
    ]);
    let late = clashes(&twice).into_iter().filter(|c| c.rule == Rule::Early);
    assert_eq!(rules(&late.collect::<Vec<_>>()), [(Rule::Early, 100, 10)]);
    let alone = clashes(&day(vec![follower("19:00")]));
    assert_eq!(rules(&alone), [(Rule::WithoutPredecessor, 100, 0)]);
    assert_eq!(alone[0].with, With::Job(500));
}

#[test]
fn a_run_stays_in_its_allowed_windows() {
    let nets = |clock| {
        let entry = Entry {
            allowed: vec![window("06:00", "06:30"), window("06:30", "07:00")],
            ..run(1, clock, 12)
        };
        clashes(&day(vec![entry]))
    };
    assert_eq!(nets("06:00"), []);
    assert_eq!(nets("06:25"), [], "windows that meet are one");
    assert_eq!(nets("06:48"), [], "to the last minute");
    let late = nets("06:50");
    assert_eq!(rules(&late), [(Rule::Outside, 1, 2)]);
    assert_eq!(late[0].with, With::Allowed(window("06:00", "07:00")));
    assert_eq!(rules(&nets("12:00")), [(Rule::Outside, 1, 12)]);
}

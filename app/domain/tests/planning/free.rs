//! Room for one more run.

use super::{at, day, partner, rules, run};
use domain::planner::{Entry, Rule, With, find_free, first_free};

#[test]
fn a_free_time_comes_with_the_reasons_against_each_nearer_one() {
    let today = day(vec![run(1, "06:00", 18), run(2, "06:24", 4), run(3, "06:38", 4)]);
    let free = first_free(&today, &run(9, "06:10", 5), at("06:10"));
    assert_eq!(free.starts, Some(at("06:45")));
    // 06:31 is past job 2, but five minutes and their gap do not fit before job 3
    assert_eq!(
        rules(&free.refused),
        [
            (Rule::Overlap, 9, 5),
            (Rule::SameTime, 9, 4),
            (Rule::TooClose, 3, 1)
        ]
    );
    let partners: Vec<i64> = free.refused.iter().map(partner).collect();
    assert_eq!(partners, [1, 2, 9]);
    let tried: Vec<_> = free.refused[..2].iter().map(|c| c.run.starts).collect();
    assert_eq!(tried, [at("06:10"), at("06:24")]);
    assert!(matches!(&free.refused[2].with, With::Run(own) if own.starts == at("06:31")));
}

#[test]
fn the_nearest_free_time_may_be_earlier() {
    let today = day(vec![run(1, "12:00", 30)]);
    let near = |clock| find_free(&today, &run(9, "09:00", 5), at(clock)).starts;
    assert_eq!(near("12:05"), Some(at("11:52")));
    assert_eq!(near("12:30"), Some(at("12:40")));
    assert_eq!(near("12:16"), Some(at("12:40")), "the later of two equally near");
    assert_eq!(near("11:52"), Some(at("11:52")));
    let free = find_free(&today, &run(9, "09:00", 5), at("12:15"));
    assert_eq!(free.starts, Some(at("11:52")));
    assert_eq!(rules(&free.refused), [(Rule::Overlap, 9, 5)]);
}

#[test]
fn a_run_is_not_in_its_own_way_but_another_run_of_its_job_is() {
    let today = day(vec![run(1, "08:00", 10), run(1, "08:30", 10)]);
    let free = first_free(&today, &run(1, "08:00", 10), at("08:05"));
    assert_eq!(free.starts, Some(at("08:05")));
    let free = first_free(&today, &run(1, "08:00", 10), at("08:17"));
    assert_eq!(free.starts, Some(at("08:44")));
}

#[test]
fn a_predecessor_is_not_put_behind_its_follower() {
    let follower = Entry {
        after: Some(500),
        ..run(100, "19:00", 10)
    };
    let today = day(vec![run(500, "18:00", 20), follower.clone()]);
    let free = find_free(&today, &run(500, "18:00", 20), at("21:00"));
    assert_eq!(
        free.starts,
        Some(at("18:33")),
        "20 minutes and 7 of gap before 19:00"
    );
    assert_eq!(free.refused[0].rule, Rule::Early);
    assert_eq!(free.refused[0].run.job, 100);
    let free = find_free(&today, &follower, at("17:00"));
    assert_eq!(free.starts, Some(at("18:27")));
}

#[test]
fn a_pinned_run_is_given_no_other_time() {
    let pinned = Entry {
        pinned: true,
        ..run(1, "06:00", 5)
    };
    let free = find_free(&day(vec![pinned.clone()]), &pinned, at("09:00"));
    assert_eq!(free.starts, None);
    assert_eq!(rules(&free.refused), [(Rule::Pinned, 1, 0)]);
}

#[test]
fn a_full_day_has_no_free_time_and_says_why() {
    let today = day(vec![run(1, "00:00", 1439)]);
    let free = find_free(&today, &run(2, "12:00", 5), at("12:00"));
    assert_eq!(free.starts, None);
    let seen: Vec<Rule> = free.refused.iter().map(|c| c.rule).collect();
    assert_eq!(seen, [Rule::Overlap, Rule::Outside, Rule::Outside]);
}

//! Several runs in one window.

use super::{at, day, rules, run, window};
use domain::planner::{Entry, Rule, clashes, spread};

#[test]
fn what_is_not_chosen_and_what_is_pinned_stays() {
    let pinned = Entry {
        pinned: true,
        ..run(2, "06:05", 5)
    };
    let today = day(vec![run(1, "06:20", 5), pinned.clone(), run(3, "09:00", 5)]);
    let chosen = [run(3, "09:00", 5), pinned, run(4, "00:00", 5)];
    let unaware = [run(2, "06:05", 5)];
    assert_eq!(
        spread(&today, &unaware, window("08:00", "09:00")).pinned,
        [2],
        "pinned in the day"
    );
    let plan = spread(&today, &chosen, window("06:00", "07:00"));
    assert_eq!(plan.pinned, [2]);
    let starts: Vec<_> = plan.placed.iter().map(|p| (p.job, p.starts)).collect();
    assert_eq!(starts, [(3, at("06:28")), (4, at("06:36"))]);
    let after = plan.onto(&today, &chosen);
    let mut times: Vec<_> = after.entries.iter().map(|e| (e.starts, e.job)).collect();
    times.sort_unstable();
    assert_eq!(
        times,
        [
            (at("06:05"), 2),
            (at("06:20"), 1),
            (at("06:28"), 3),
            (at("06:36"), 4)
        ]
    );
    assert_eq!(clashes(&after), []);
}

#[test]
fn a_run_that_does_not_fit_leaves_room_for_the_next() {
    let chosen = [run(1, "06:00", 20), run(2, "06:00", 50), run(3, "06:00", 10)];
    let plan = spread(&day(vec![]), &chosen, window("06:00", "07:00"));
    let placed: Vec<i64> = plan.placed.iter().map(|p| p.job).collect();
    assert_eq!(placed, [1, 3]);
    assert_eq!(plan.left_out[0].job, 2);
    // 20 + 7, 50 + 15, 10
    assert_eq!(plan.too_long, 42);
}

#[test]
fn the_dunning_area_goes_first_and_the_range_after_its_finish() {
    let range = Entry {
        after: Some(500),
        ..run(100, "18:00", 20)
    };
    let chosen = [range, run(500, "18:00", 30)];
    let plan = spread(&day(vec![]), &chosen, window("18:00", "20:00"));
    let placed: Vec<_> = plan.placed.iter().map(|p| (p.job, p.starts)).collect();
    assert_eq!(placed, [(500, at("18:00")), (100, at("18:40"))]);
    let plan = spread(&day(vec![]), &chosen, window("18:00", "18:25"));
    assert_eq!(
        plan.left_out.len(),
        2,
        "without the area the range has nothing to follow"
    );
    assert_eq!(
        rules(&plan.left_out[1].refused),
        [(Rule::WithoutPredecessor, 100, 0)]
    );
}

#[test]
fn blocked_windows_split_a_plan() {
    let chosen: Vec<Entry> = (1..=4).map(|job| run(job, "04:40", 12)).collect();
    let plan = spread(&day(vec![]), &chosen, window("04:40", "06:30"));
    let placed: Vec<_> = plan.placed.iter().map(|p| p.starts).collect();
    assert_eq!(placed, [at("04:40"), at("05:16"), at("05:46"), at("06:02")]);
    let why: Vec<Rule> = plan.placed[1].refused.iter().map(|c| c.rule).collect();
    assert_eq!(why, [Rule::Blocked]);
}

#[test]
fn shorter_gaps_are_offered_when_they_would_do() {
    let wide = |job| Entry {
        gap: 5,
        ..run(job, "06:00", 6)
    };
    let chosen: Vec<Entry> = (1..=6).map(wide).collect();
    let plan = spread(&day(vec![]), &chosen, window("06:00", "06:56"));
    assert_eq!((plan.too_long, plan.shorter_gaps), (5, Some(1)));
    assert_eq!(plan.left_out.len(), 1);
}

//! The contradictions of the source itself (J31).

use super::{at, day, partner, rules, run, window};
use domain::planner::{Entry, Rule, With, clashes, find_free, first_free, spread};

#[test]
fn invoice_status_at_23_stands_in_the_backup() {
    let status = run(41_190, "23:00", 5);
    let today = day(vec![status.clone()]);
    let found = clashes(&today);
    assert_eq!(rules(&found), [(Rule::Blocked, 41_190, 5)]);
    let With::Blocked(backup) = &found[0].with else {
        panic!("{found:?}")
    };
    assert_eq!((backup.owner.as_str(), backup.reason.as_str()), ("IT", "Backup"));
    assert_eq!(
        first_free(&today, &status, status.starts).starts,
        Some(at("23:46"))
    );
    assert_eq!(
        find_free(&today, &status, status.starts).starts,
        Some(at("22:54"))
    );
}

#[test]
fn posting_at_half_past_seven_meets_the_half_hourly_grid() {
    let posting = |job, clock: &str| Entry {
        company: None,
        ..run(job, clock, 6)
    };
    let grid = |from: u32| -> Vec<Entry> {
        let times = (from * 60..=16 * 60).step_by(30);
        times
            .map(|m| posting(41_207, &format!("{:02}:{:02}", m / 60, m % 60)))
            .collect()
    };
    let with_daily = |from| {
        let mut entries = grid(from);
        entries.push(posting(41_208, "07:30"));
        clashes(&day(entries))
    };
    let found = with_daily(7);
    assert_eq!(rules(&found), [(Rule::SameTime, 41_208, 6)]);
    assert_eq!((partner(&found[0]), found[0].run.starts), (41_207, at("07:30")));
    assert_eq!(
        with_daily(8),
        [],
        "working hours from 08:00 leave 07:30 to the daily run"
    );
}

/// Company 1 is large and so is 75; the others are the source's small ones.
fn nets() -> Vec<Entry> {
    let companies = [
        (1, 18),
        (2, 5),
        (3, 4),
        (4, 4),
        (5, 5),
        (6, 3),
        (7, 4),
        (8, 5),
        (75, 9),
        (80, 4),
        (90, 3),
        (95, 3),
    ];
    let entry = |(company, minutes)| Entry {
        company: Some(company),
        ..run(41_000 + company, "06:00", minutes)
    };
    companies.into_iter().map(entry).collect()
}

#[test]
fn twelve_nets_jobs_do_not_fit_between_six_and_seven() {
    let plan = spread(&day(vec![]), &nets(), window("06:00", "07:00"));
    let placed: Vec<_> = plan.placed.iter().map(|p| (p.job - 41_000, p.starts)).collect();
    assert_eq!(
        placed,
        [
            (1, at("06:00")),
            (2, at("06:24")),
            (3, at("06:32")),
            (4, at("06:39")),
            (5, at("06:46")),
            (6, at("06:54")),
        ]
    );
    let left: Vec<i64> = plan.left_out.iter().map(|l| l.job - 41_000).collect();
    assert_eq!(left, [7, 8, 75, 80, 90, 95]);
    assert!(
        plan.left_out
            .iter()
            .all(|l| l.refused.last().is_some_and(|c| c.rule == Rule::Outside))
    );
    // 67 minutes of work, 6 + 10 × 3 of gaps between them
    assert_eq!(plan.too_long, 43);
    assert_eq!(plan.ends, Some(at("07:43")));
    assert_eq!(
        plan.shorter_gaps, None,
        "the work alone is longer than the window"
    );
}

#[test]
fn the_nets_jobs_fit_where_the_planner_says() {
    let today = day(vec![]);
    let plan = spread(&today, &nets(), window("06:00", "07:43"));
    assert_eq!((plan.left_out.len(), plan.too_long), (0, 0));
    assert_eq!(plan.ends, Some(at("07:43")));
    assert_eq!(clashes(&plan.onto(&today, &nets())), []);
}

#[test]
fn all_at_six_is_a_clash_of_each_with_each() {
    let today = day(nets());
    let found = clashes(&today);
    assert_eq!(found.len(), 12 * 11 / 2);
    assert!(found.iter().all(|c| c.rule == Rule::SameTime));
    let plan = spread(&today, &nets(), window("06:00", "08:00"));
    assert_eq!(clashes(&plan.onto(&today, &nets())), []);
}

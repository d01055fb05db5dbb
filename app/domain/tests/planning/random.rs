//! Random plans (R21): what the planner places is held against a judge that tries each minute with plain words of
//! its own. `NACHTWACHT_PLANS` sets how many are tried.

use chrono::{DateTime, TimeDelta, Utc};
use domain::planner::{
    Basis, Blocked, Clash, Day, Entry, Length, Rule, SHORTEST_GAP, Window, With, clashes, find_free, spread,
};
use proptest::{prelude::*, test_runner::TestRunner};

/// The length of the days here: short, so that each of their minutes can be tried.
const MINUTES: i64 = 300;
const PLANS: u32 = 10_000;

fn midnight() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_020, 0).expect("an instant")
}

fn minute(m: i64) -> DateTime<Utc> {
    midnight() + TimeDelta::minutes(m)
}

fn window() -> impl Strategy<Value = Window> {
    (0..MINUTES, 0..150i64).prop_map(|(from, long)| Window {
        from: minute(from),
        until: minute((from + long).min(MINUTES)),
    })
}

fn seconds() -> impl Strategy<Value = i64> {
    prop_oneof![4 => Just(0), 1 => 1..60i64]
}

fn blocked() -> impl Strategy<Value = Blocked> {
    (-20..MINUTES, seconds(), -5..40i64).prop_map(|(from, s, long)| Blocked {
        from: minute(from) + TimeDelta::seconds(s),
        until: minute(from + long) + TimeDelta::seconds(s / 2),
        owner: "IT".into(),
        reason: "Backup".into(),
    })
}

prop_compose! {
    fn entry()(
        job in 1..7i64,
        company in prop::option::weighted(0.8, 1..4i64),
        server in prop::option::weighted(0.8, 1..3i64),
        start in -30..MINUTES + 30,
        s in seconds(),
        length in 0..25u32,
        gap in 0..8u32,
        pinned in prop::bool::weighted(0.15),
        after in prop::option::weighted(0.15, 1..7i64),
        allowed in prop_oneof![5 => Just(vec![]), 1 => prop::collection::vec(window(), 1..3)],
    ) -> Entry {
        Entry {
            job,
            company,
            server,
            module: String::new(),
            name: String::new(),
            starts: minute(start) + TimeDelta::seconds(s),
            length: Length { minutes: length, basis: Basis::Estimated },
            gap,
            pinned,
            after,
            allowed,
        }
    }
}

prop_compose! {
    fn day()(
        mut entries in prop::collection::vec(entry(), 0..10),
        blocked in prop::collection::vec(blocked(), 0..4),
    ) -> Day {
        entries.sort_by_key(|e| (e.job, e.starts));
        entries.dedup_by_key(|e| (e.job, e.starts));
        Day {
            from: midnight(),
            until: minute(MINUTES),
            clock_change: None,
            entries,
            blocked,
        }
    }
}

/// Some runs of a day and some new ones.
fn chosen() -> impl Strategy<Value = (Day, Vec<Entry>, Window)> {
    (
        day(),
        prop::collection::vec(entry(), 0..6),
        any::<u16>(),
        window(),
    )
        .prop_map(|(day, new, bits, window)| {
            let here = day.entries.iter().enumerate();
            let mut chosen: Vec<Entry> = here
                .filter(|(i, _)| bits >> i & 1 == 1)
                .map(|(_, e)| e.clone())
                .collect();
            for e in new {
                let known = |o: &&Entry| o.is(e.job, e.starts);
                if !day.entries.iter().chain(&chosen).any(|o| known(&o)) {
                    chosen.push(e);
                }
            }
            (day, chosen, window)
        })
}

fn try_plans<S: Strategy>(of: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let cases = std::env::var("NACHTWACHT_PLANS")
        .ok()
        .and_then(|v| v.parse().ok());
    let config = ProptestConfig {
        cases: cases.unwrap_or(PLANS),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let outcome = TestRunner::new(config).run(&of, test);
    outcome.unwrap_or_else(|e| panic!("{e}"));
}

// --- the judge: seconds since midnight, and nothing of the planner's but its data ---

fn second(at: DateTime<Utc>) -> i64 {
    (at - midnight()).num_seconds()
}

/// A run as it stands.
#[derive(Clone, Copy)]
struct Stand<'a> {
    of: &'a Entry,
    start: i64,
    finish: i64,
    clear: i64,
}

fn stand_at(of: &Entry, start: i64) -> Stand<'_> {
    let finish = start + 60 * i64::from(of.length.minutes.max(1));
    Stand {
        of,
        start,
        finish,
        clear: finish + 60 * i64::from(of.gap),
    }
}

fn stand(of: &Entry) -> Stand<'_> {
    stand_at(of, second(of.starts))
}

fn share_a_lane(a: &Entry, b: &Entry) -> bool {
    let on = |x: Option<i64>, y: Option<i64>| match (x, y) {
        (Some(x), Some(y)) => x == y,
        _ => true,
    };
    on(a.server, b.server) || on(a.company, b.company)
}

fn at_peace(a: &Stand, b: &Stand) -> bool {
    let apart = a.start >= b.clear || b.start >= a.clear;
    let same_minute = a.start.div_euclid(60) == b.start.div_euclid(60);
    !same_minute && (apart || !share_a_lane(a.of, b.of))
}

/// Closed at both ends.
fn touches(a: &Stand, (from, until): (i64, i64)) -> bool {
    from <= until && !(a.finish < from || a.start > until)
}

fn blocks(day: &Day) -> Vec<(i64, i64)> {
    let ends = |b: &Blocked| (second(b.from), second(b.until));
    day.blocked.iter().map(ends).collect()
}

fn span(w: &Window) -> (i64, i64) {
    (second(w.from), second(w.until))
}

/// Every minute that the run touches is a minute of one of the windows, which are whole minutes here.
fn inside(a: &Stand, windows: &[(i64, i64)]) -> bool {
    let covered = |s: i64| windows.iter().any(|(from, until)| *from <= s && s + 60 <= *until);
    windows.is_empty() || (a.start.div_euclid(60) * 60..a.finish).step_by(60).all(covered)
}

/// What `follower` waits for among `runs`.
fn waits_for<'a>(follower: &Stand, runs: &[Stand<'a>]) -> Vec<Stand<'a>> {
    let job = follower.of.after.filter(|a| *a != follower.of.job);
    let own: Vec<Stand> = runs.iter().filter(|r| Some(r.of.job) == job).copied().collect();
    let before: Vec<Stand> = own
        .iter()
        .filter(|r| r.start <= follower.start)
        .copied()
        .collect();
    if before.is_empty() {
        own.into_iter().min_by_key(|r| r.start).into_iter().collect()
    } else {
        before
    }
}

/// A place to stand: what stays around it, and the spans it must be in.
struct Ground<'a> {
    others: Vec<Stand<'a>>,
    blocked: Vec<(i64, i64)>,
    limits: Vec<Vec<(i64, i64)>>,
}

impl Ground<'_> {
    fn bears(&self, e: &Stand) -> bool {
        self.others.iter().all(|o| at_peace(e, o))
            && !self.blocked.iter().any(|b| touches(e, *b))
            && self.limits.iter().all(|l| inside(e, l))
            && self.in_order(e)
    }

    /// It waits for its predecessor, and no follower starts before it has finished.
    fn in_order(&self, e: &Stand) -> bool {
        let mut all = self.others.clone();
        all.push(*e);
        let late = waits_for(e, &all).iter().any(|p| p.finish > e.start);
        let follows_too_soon = |f: &Stand| {
            let mut waits = waits_for(f, &all).into_iter();
            waits.any(|p| std::ptr::eq(p.of, e.of) && p.finish > f.start)
        };
        !late && !self.others.iter().any(follows_too_soon)
    }
}

fn ground<'a>(day: &Day, others: impl Iterator<Item = &'a Entry>, e: &Entry) -> Ground<'a> {
    Ground {
        others: others.map(stand).collect(),
        blocked: blocks(day),
        limits: vec![vec![span(&day.limits())], e.allowed.iter().map(span).collect()],
    }
}

fn is_party(clash: &Clash, e: &Entry) -> bool {
    let own = |job, starts| e.is(job, starts);
    own(clash.run.job, clash.run.starts) || matches!(&clash.with, With::Run(p) if own(p.job, p.starts))
}

#[test]
fn a_free_time_is_the_nearest_that_a_judge_allows() {
    try_plans((day(), entry(), -10..MINUTES + 10), |(day, wish, around)| {
        let wish = Entry {
            pinned: false,
            ..wish
        };
        let free = find_free(&day, &wish, minute(around));
        let others = day.entries.iter().filter(|e| !e.is(wish.job, wish.starts));
        let ground = ground(&day, others, &wish);
        let nearest = (0..MINUTES + 20)
            .flat_map(|far| [around + far, around - far])
            .find(|m| ground.bears(&stand_at(&wish, m * 60)));
        prop_assert_eq!(free.starts, nearest.map(minute));
        prop_assert_eq!(free.refused.is_empty(), free.starts == Some(minute(around)));
        prop_assert!(free.refused.iter().all(|c| c.minutes > 0));
        let own = |c: &Clash| {
            let other = matches!(&c.with, With::Run(p) if p.job == wish.job);
            c.run.job == wish.job || other
        };
        prop_assert!(free.refused.iter().all(own));
        Ok(())
    });
}

#[test]
fn a_spread_breaks_no_rule_and_leaves_out_only_what_cannot_stand() {
    try_plans(chosen(), |(day, chosen, window)| {
        let plan = spread(&day, &chosen, window);
        let after = plan.onto(&day, &chosen);
        let moves = |e: &Entry| chosen.iter().any(|c| c.is(e.job, e.starts) && !c.pinned);
        for e in day.entries.iter().filter(|e| e.pinned || !moves(e)) {
            prop_assert!(after.entries.contains(e), "{:?} was moved", e);
        }
        let is_new = |c: &&Entry| c.pinned && !day.entries.iter().any(|e| e.is(c.job, c.starts));
        let stays = day.entries.iter().filter(|e| !moves(e));
        let mut standing: Vec<Entry> = stays.chain(chosen.iter().filter(is_new)).cloned().collect();
        let asked = |job, was| {
            let entry = chosen.iter().find(|c| c.is(job, was)).expect("it was chosen");
            prop_assert!(!entry.pinned);
            Ok(entry)
        };
        for p in &plan.placed {
            let e = asked(p.job, p.was)?.clone();
            let mut ground = ground(&day, standing.iter(), &e);
            ground.limits.push(vec![span(&window)]);
            prop_assert!(ground.bears(&stand_at(&e, second(p.starts))), "{:?}", p);
            standing.push(Entry {
                starts: p.starts,
                ..e
            });
        }
        let whole = plan.placed.len() + plan.left_out.len() + plan.pinned.len();
        prop_assert_eq!(whole, chosen.len());
        let last = plan.placed.last().map_or(0, |p| second(p.starts) / 60 + 1);
        for l in &plan.left_out {
            let e = asked(l.job, l.was)?;
            prop_assert!(!l.refused.is_empty());
            // with a predecessor or a follower, what was placed later may have made room
            let alone = standing.iter().chain(&chosen).all(|o| o.after != Some(e.job)) && e.after.is_none();
            let mut ground = ground(&day, standing.iter(), e);
            ground.limits.push(vec![span(&window)]);
            let room = (last..MINUTES).any(|m| ground.bears(&stand_at(e, m * 60)));
            prop_assert!(!(alone && room), "{:?} had room", e);
        }
        Ok(())
    });
}

#[test]
fn a_window_as_long_as_the_planner_says_is_long_enough() {
    try_plans(chosen(), |(day, chosen, window)| {
        let plain = |e: Entry| Entry {
            after: None,
            allowed: vec![],
            pinned: false,
            ..e
        };
        let mut day = day;
        day.entries = day.entries.into_iter().map(plain).collect();
        let chosen: Vec<Entry> = chosen.into_iter().map(plain).collect();
        let plan = spread(&day, &chosen, window);
        prop_assert_eq!(plan.too_long > 0, !plan.left_out.is_empty());
        let longer = Window {
            until: window.until + TimeDelta::minutes(plan.too_long),
            ..window
        };
        let endless = Day {
            until: longer.until.max(day.until),
            ..day.clone()
        };
        let all = spread(&endless, &chosen, longer);
        prop_assert_eq!((all.left_out.len(), all.too_long), (0, 0));
        if plan.too_long > 0 {
            prop_assert_eq!(all.ends, Some(longer.until));
        }
        let left_out = |by: u32| {
            let shorter = |e: &Entry| Entry {
                gap: e.gap.saturating_sub(by).max(e.gap.min(SHORTEST_GAP)),
                ..e.clone()
            };
            let chosen: Vec<Entry> = chosen.iter().map(shorter).collect();
            spread(&day, &chosen, window).left_out.len()
        };
        match plan.shorter_gaps {
            Some(by) => {
                prop_assert_eq!(left_out(by), 0);
                prop_assert!(left_out(by - 1) > 0, "fewer minutes do");
            }
            None => prop_assert!(plan.left_out.is_empty() || left_out(100) > 0),
        }
        Ok(())
    });
}

#[test]
fn every_clash_that_a_judge_sees_is_told_and_no_other() {
    try_plans(day(), |day| {
        let told = clashes(&day);
        let of = |rules: &[Rule]| told.iter().filter(|c| rules.contains(&c.rule)).count();
        let all: Vec<Stand> = day.entries.iter().map(stand).collect();
        let pairs = (0..all.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        let unrest = pairs.filter(|(i, j)| !at_peace(&all[*i], &all[*j])).count();
        prop_assert_eq!(of(&[Rule::SameTime, Rule::Overlap, Rule::TooClose]), unrest);
        let blocks = blocks(&day);
        let touched = |e: &Stand| blocks.iter().filter(|b| touches(e, **b)).count();
        prop_assert_eq!(of(&[Rule::Blocked]), all.iter().map(touched).sum::<usize>());
        let late = |e: &&Stand| waits_for(e, &all).iter().any(|p| p.finish > e.start);
        prop_assert_eq!(of(&[Rule::Early]), all.iter().filter(late).count());
        for e in &all {
            let said = |rule| told.iter().any(|c| c.rule == rule && is_party(c, e.of));
            let lonely = e.of.after.is_some_and(|a| a != e.of.job) && waits_for(e, &all).is_empty();
            prop_assert_eq!(said(Rule::WithoutPredecessor), lonely);
            let allowed: Vec<_> = e.of.allowed.iter().map(span).collect();
            prop_assert_eq!(said(Rule::Outside), !inside(e, &allowed));
        }
        Ok(())
    });
}

//! What is wrong with a day.

use super::{
    clash::{Clash, Rule, With},
    day::{Blocked, Day, Entry, Window},
    occupancy::{Occupancy, minutes, predecessor},
};
use std::collections::HashSet;

/// Everything that is wrong with a day, in the order of time (J3, J4, J5, J28, J31). Not only direct neighbours: a
/// run of an hour is told of each run that starts within it.
pub fn clashes(day: &Day) -> Vec<Clash> {
    let mut runs: Vec<(Occupancy, &Entry)> = day.entries.iter().map(|e| (e.into(), e)).collect();
    runs.sort_by_key(|(o, _)| (o.starts, o.job));
    let jobs: HashSet<i64> = day.entries.iter().map(|e| e.job).collect();
    let mut found = vec![];
    for (i, (run, entry)) in runs.iter().enumerate() {
        let near = runs[i + 1..]
            .iter()
            .map(|(o, _)| o)
            .take_while(|o| o.starts < run.clear);
        found.extend(near.filter_map(|later| run.against(later)));
        found.extend(day.blocked.iter().filter_map(|b| blocked(run, b)));
        found.extend(outside(run, &merged(&entry.allowed)));
        if let Some(job) = run.after {
            let known = jobs.contains(&job).then(|| runs.iter().map(|(o, _)| *o));
            let earlier = known.and_then(|runs| predecessor(runs, job, run.starts));
            found.extend(early(run, job, earlier.as_ref()));
        }
    }
    found.sort_by_key(|c| (c.run.starts, c.rule, c.run.job));
    found
}

/// The clash of a run with a blocked window.
pub(super) fn blocked(run: &Occupancy, window: &Blocked) -> Option<Clash> {
    let (from, until) = (window.from.timestamp(), window.until.timestamp());
    let touches = from <= until && run.finishes >= from && run.starts <= until;
    touches.then(|| Clash {
        rule: Rule::Blocked,
        run: run.party(),
        with: With::Blocked(window.clone()),
        minutes: minutes(run.finishes.min(until) - run.starts.max(from)).max(1),
    })
}

/// The clash of a run with the windows it must stay in; they are [`merged`].
pub(super) fn outside(run: &Occupancy, allowed: &[Window]) -> Option<Clash> {
    let shared = |w: &Window| run.finishes.min(w.until.timestamp()) - run.starts.max(w.from.timestamp());
    let best = allowed.iter().max_by_key(|w| shared(w))?;
    let lacking = run.finishes - run.starts - shared(best).max(0);
    (lacking > 0).then(|| Clash {
        rule: Rule::Outside,
        run: run.party(),
        with: With::Allowed(*best),
        minutes: minutes(lacking),
    })
}

/// The clash of a run with the job it comes after, given the run of it that counts.
pub(super) fn early(run: &Occupancy, job: i64, earlier: Option<&Occupancy>) -> Option<Clash> {
    let (rule, with, seconds) = match earlier {
        None => (Rule::WithoutPredecessor, With::Job(job), 0),
        Some(e) if e.finishes > run.starts => (Rule::Early, With::Run(e.party()), e.finishes - run.starts),
        Some(_) => return None,
    };
    Some(Clash {
        rule,
        run: run.party(),
        with,
        minutes: minutes(seconds),
    })
}

/// Windows in order, those that meet made one.
pub(super) fn merged(windows: &[Window]) -> Vec<Window> {
    let mut sorted = windows.to_vec();
    sorted.sort_by_key(|w| w.from);
    let mut whole: Vec<Window> = Vec::with_capacity(sorted.len());
    for w in sorted {
        match whole.last_mut() {
            Some(last) if w.from <= last.until => last.until = last.until.max(w.until),
            _ => whole.push(w),
        }
    }
    whole
}

//! What is wrong with a day, in numbers: pages say it in words.

use super::{
    day::{Blocked, Day, Entry, Window},
    occupancy::{Occupancy, minutes, predecessor},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The rule that a clash breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Two runs start in the same minute (J3). `minutes`: how long they run beside each other.
    SameTime,
    /// A run starts before an earlier one of its lane has finished; also before its own job's last run has (J29).
    /// `minutes`: how long they run beside each other.
    Overlap,
    /// A run starts after the earlier one's finish but inside the gap (J5). `minutes`: what the gap lacks.
    TooClose,
    /// A run touches a blocked window (J4). `minutes`: how many of them they share; a bare touch counts as 1.
    Blocked,
    /// A run starts before its predecessor has finished (J23). `minutes`: how much too early.
    Early,
    /// A run comes after a job that has no run this day. `minutes`: 0.
    WithoutPredecessor,
    /// A run leaves the window that it must stay in. `minutes`: how many of them lie outside.
    Outside,
    /// A person fixed the time: it is not to be moved. Only ever an answer to a wish. `minutes`: 0.
    Pinned,
}

/// A run that takes part in a clash. Its names are found by the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Party {
    /// The job.
    pub job: i64,
    /// The company; `None` for all.
    pub company: Option<i64>,
    /// When it starts.
    pub starts: DateTime<Utc>,
    /// When nine in ten such runs are done.
    pub finishes: DateTime<Utc>,
}

/// What a run clashes with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum With {
    /// Another run.
    Run(Party),
    /// A blocked window.
    Blocked(Blocked),
    /// The window it should be in: of several the one it fits best.
    Allowed(Window),
    /// A job that does not run this day.
    Job(i64),
    /// Only itself.
    Itself,
}

/// One broken rule, with both sides. Two runs may break two rules with each other: each has its own remedy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clash {
    /// The rule.
    pub rule: Rule,
    /// The run that is wrong: of two runs the later one, of a run and its predecessor the follower.
    pub run: Party,
    /// The other side.
    pub with: With,
    /// How many minutes it is about, see [`Rule`]. Never negative.
    pub minutes: i64,
}

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

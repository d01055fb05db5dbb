//! What a change would do to a day (J28): a holiday, a downtime, a night in which the clocks change.

use super::{
    clash::{Clash, Party, Rule, With},
    clashes::clashes,
    day::{Blocked, Day, Entry},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// One change of a day that is thought through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// No run of this job, pinned or not: a holiday skips it or puts it on another day.
    Without {
        /// The job.
        job: i64,
    },
    /// One more run: what a holiday puts on this day.
    Add(Entry),
    /// One run at another time.
    Move {
        /// The job.
        job: i64,
        /// When the run starts now.
        starts: DateTime<Utc>,
        /// When it would start.
        to: DateTime<Utc>,
    },
    /// One more blocked window: a downtime.
    Block(Blocked),
}

/// Two days side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The day with the changes.
    pub after: Day,
    /// Clashes that only the changed day has.
    pub appear: Vec<Clash>,
    /// Clashes that only the day as it was has.
    pub go: Vec<Clash>,
    /// Clashes of both, as the changed day has them.
    pub stay: Vec<Clash>,
    /// Changes that were not made: a pinned run is not moved, a run that is not there cannot be.
    pub not_made: Vec<Change>,
}

/// The day with the changes, made in the given order, beside the day as it is.
pub fn what_if(day: &Day, changes: &[Change]) -> Difference {
    let mut after = day.clone();
    let not_made: Vec<Change> = changes.iter().filter(|c| !make(&mut after, c)).cloned().collect();
    Difference {
        not_made,
        ..compare(day, after)
    }
}

/// Two days that the caller expanded, such as an ordinary Sunday and the one on which the clocks change.
///
/// Clashes are the same when they break the same rule at the same time on the wall clock ([`Day::clock`]) with the
/// same partner; how many minutes they are about may differ. A clash that a doubled hour repeats appears once.
pub fn compare(before: &Day, after: Day) -> Difference {
    let mut known: HashMap<Key, Vec<Clash>> = HashMap::new();
    for clash in clashes(before).into_iter().rev() {
        known.entry(key(before, &clash)).or_default().push(clash);
    }
    let (mut appear, mut stay) = (vec![], vec![]);
    for clash in clashes(&after) {
        match known.get_mut(&key(&after, &clash)).and_then(Vec::pop) {
            Some(_) => stay.push(clash),
            None => appear.push(clash),
        }
    }
    let mut go: Vec<Clash> = known.into_values().flatten().collect();
    go.sort_by_key(|c| (c.run.starts, c.rule, c.run.job));
    Difference {
        after,
        appear,
        go,
        stay,
        not_made: vec![],
    }
}

/// `false` when it cannot be made.
fn make(day: &mut Day, change: &Change) -> bool {
    match change {
        Change::Without { job } => {
            let before = day.entries.len();
            day.entries.retain(|e| e.job != *job);
            day.entries.len() < before
        }
        Change::Add(entry) => {
            day.entries.push(entry.clone());
            true
        }
        Change::Move { job, starts, to } => {
            let run = day.entries.iter_mut().find(|e| e.is(*job, *starts) && !e.pinned);
            run.map(|e| e.starts = *to).is_some()
        }
        Change::Block(window) => {
            day.blocked.push(window.clone());
            true
        }
    }
}

/// A run by its wall clock.
type Clocked = (i64, i64);

/// What makes two clashes of two days the same.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    rule: Rule,
    run: Clocked,
    with: Partner,
}

#[derive(PartialEq, Eq, Hash)]
enum Partner {
    Run(Clocked),
    Blocked(String, String),
    Allowed,
    Job(i64),
    Itself,
}

fn key(day: &Day, clash: &Clash) -> Key {
    let clocked = |p: &Party| (p.job, day.clock(p.starts));
    Key {
        rule: clash.rule,
        run: clocked(&clash.run),
        with: match &clash.with {
            With::Run(other) => Partner::Run(clocked(other)),
            With::Blocked(b) => Partner::Blocked(b.owner.clone(), b.reason.clone()),
            With::Allowed(_) => Partner::Allowed,
            With::Job(job) => Partner::Job(*job),
            With::Itself => Partner::Itself,
        },
    }
}

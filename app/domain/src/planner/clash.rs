//! One thing that is wrong with a day, in numbers: pages say it in words.

use super::day::{Blocked, Window};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

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

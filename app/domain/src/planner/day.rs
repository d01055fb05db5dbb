//! What a day is made of. All of it comes from the caller.

use super::learned::Length;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// A span of time in which something may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The last instant: a run may finish then.
    pub until: DateTime<Utc>,
}

/// A blocked window: no run may touch it (J4). One that ends before it begins blocks nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// The first instant that is blocked.
    pub from: DateTime<Utc>,
    /// The last instant that is blocked.
    pub until: DateTime<Utc>,
    /// Who keeps it: a person or a department.
    pub owner: String,
    /// What happens there.
    pub reason: String,
}

/// One planned run of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The job. With `starts` it names the run: a day has no two runs of a job at one instant.
    pub job: i64,
    /// The company it works for; `None` for all of them.
    pub company: Option<i64>,
    /// The server it runs on; `None` when it may be any.
    pub server: Option<i64>,
    /// The module it belongs to (J7).
    pub module: String,
    /// What people call it.
    pub name: String,
    /// When it starts; for a run that has no time yet, any instant.
    pub starts: DateTime<Utc>,
    /// How long it usually takes.
    pub length: Length,
    /// Minutes to keep free after it; [`super::gap_after`] gives the rule's.
    pub gap: u32,
    /// A person fixed its time: no plan moves it.
    pub pinned: bool,
    /// It starts after the finish of this job's last run before it (J23).
    pub after: Option<i64>,
    /// It must lie in one of these; anywhere when there are none.
    pub allowed: Vec<Window>,
}

impl Entry {
    /// When nine in ten such runs are done.
    pub fn finishes(&self) -> DateTime<Utc> {
        let length = TimeDelta::minutes(i64::from(self.length.minutes.max(1)));
        self.starts
            .checked_add_signed(length)
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// The same run of the same job.
    pub fn is(&self, job: i64, starts: DateTime<Utc>) -> bool {
        self.job == job && self.starts == starts
    }
}

/// The clocks of a day are put forward or back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockChange {
    /// The first instant of the new time.
    pub at: DateTime<Utc>,
    /// Minutes the clock jumps: 60 in spring, -60 in autumn.
    pub minutes: i32,
}

/// A day as it is planned.
///
/// Runs and windows of the days beside it may be given too: they are seen as neighbours of what stands near
/// midnight. What is proposed starts and finishes within the day, because what follows it is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// The first instant: local midnight.
    pub from: DateTime<Utc>,
    /// The next local midnight: 23, 24 or 25 hours on.
    pub until: DateTime<Utc>,
    /// When the clocks change in it.
    pub clock_change: Option<ClockChange>,
    /// Every run, in any order.
    pub entries: Vec<Entry>,
    /// Every blocked window, in any order.
    pub blocked: Vec<Blocked>,
}

impl Day {
    /// The minute that a clock on the wall shows at an instant of the day, counted from midnight: it repeats
    /// itself when clocks go back, and is negative on the day before.
    pub fn clock(&self, at: DateTime<Utc>) -> i64 {
        let change = self.clock_change.filter(|c| at >= c.at);
        let elapsed = at.signed_duration_since(self.from).num_seconds();
        elapsed.div_euclid(60) + change.map_or(0, |c| i64::from(c.minutes))
    }

    /// The day itself, as the limits of what is proposed.
    pub fn limits(&self) -> Window {
        Window {
            from: self.from,
            until: self.until,
        }
    }
}

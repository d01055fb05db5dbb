//! A run as the planner calculates with it: numbers only, so that hundreds are copied cheaply.

use super::{
    clash::{Clash, Party, Rule, With},
    day::Entry,
};
use chrono::{DateTime, Utc};

/// From its start until its lane is free again. Seconds since 1970 UTC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Occupancy {
    pub job: i64,
    pub company: Option<i64>,
    pub server: Option<i64>,
    pub after: Option<i64>,
    pub starts: i64,
    pub finishes: i64,
    /// When the next run of its lane may start.
    pub clear: i64,
}

impl From<&Entry> for Occupancy {
    fn from(e: &Entry) -> Self {
        let starts = e.starts.timestamp();
        let finishes = starts + i64::from(e.length.minutes.max(1)) * 60;
        Self {
            job: e.job,
            company: e.company,
            server: e.server,
            // a job after itself would wait for ever
            after: e.after.filter(|a| *a != e.job),
            starts,
            finishes,
            clear: finishes + i64::from(e.gap) * 60,
        }
    }
}

/// Both name the same thing, or one of them means any.
fn may_be_same(a: Option<i64>, b: Option<i64>) -> bool {
    a.is_none() || b.is_none() || a == b
}

impl Occupancy {
    /// The same run, starting at a minute since 1970.
    pub fn at(self, minute: i64) -> Self {
        let by = minute * 60 - self.starts;
        Self {
            starts: self.starts + by,
            finishes: self.finishes + by,
            clear: self.clear + by,
            ..self
        }
    }

    /// The minute it starts in.
    pub fn minute(&self) -> i64 {
        self.starts.div_euclid(60)
    }

    /// Minutes it runs.
    pub fn length(&self) -> i64 {
        (self.finishes - self.starts) / 60
    }

    /// Minutes it runs, and the gap after them.
    pub fn whole(&self) -> i64 {
        (self.clear - self.starts) / 60
    }

    /// In each other's way: a server or a company in common.
    pub fn meets(&self, other: &Self) -> bool {
        may_be_same(self.server, other.server) || may_be_same(self.company, other.company)
    }

    pub fn party(&self) -> Party {
        Party {
            job: self.job,
            company: self.company,
            starts: instant(self.starts),
            finishes: instant(self.finishes),
        }
    }

    /// What is wrong between this run and one that does not start before it.
    pub fn against(&self, later: &Self) -> Option<Clash> {
        let (rule, seconds) = self.between(later)?;
        Some(Clash {
            rule,
            run: later.party(),
            with: With::Run(self.party()),
            minutes: minutes(seconds),
        })
    }

    fn between(&self, later: &Self) -> Option<(Rule, i64)> {
        let beside = self.finishes.min(later.finishes) - later.starts;
        match () {
            () if self.minute() == later.minute() => Some((Rule::SameTime, beside)),
            () if !self.meets(later) => None,
            () if beside > 0 => Some((Rule::Overlap, beside)),
            () if later.starts < self.clear => Some((Rule::TooClose, self.clear - later.starts)),
            () => None,
        }
    }
}

/// The run of `job` that one starting at `starts` waits for: of those that do not start later the one that finishes
/// last, else the first of all. `runs` are in the order of their starts.
pub(super) fn predecessor(runs: impl Iterator<Item = Occupancy>, job: i64, starts: i64) -> Option<Occupancy> {
    let mut found: Option<Occupancy> = None;
    for run in runs.filter(|r| r.job == job) {
        if run.starts > starts {
            return found.or(Some(run));
        }
        found = found.filter(|f| f.finishes > run.finishes).or(Some(run));
    }
    found
}

/// Whole minutes, a part counts as one.
pub(super) fn minutes(seconds: i64) -> i64 {
    -(-seconds).div_euclid(60)
}

pub(super) fn instant(seconds: i64) -> DateTime<Utc> {
    let end = if seconds < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    };
    DateTime::from_timestamp(seconds, 0).unwrap_or(end)
}

//! How a job stands: what people decided, what its runs say, and the word for both (J25).

use serde::{Deserialize, Serialize};

/// What people, or a run that failed, decided about a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Made, but nobody has switched it on yet (C6).
    Inactive,
    /// It runs at its times.
    Active,
    /// Put aside on purpose (the source's "Venter"): it makes no new runs. A run that is under way goes on.
    OnHold,
    /// Its last run failed: it makes no new runs until somebody puts it back in the queue (J26).
    Stopped,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 4] = [Self::Inactive, Self::Active, Self::OnHold, Self::Stopped];

    /// The stored key.
    pub fn key(self) -> &'static str {
        ["inactive", "active", "on_hold", "stopped"][self as usize]
    }

    /// The standing of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }
}

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Due: its tasks are delivered and wait for the server.
    Planned,
    /// A connector works on at least one of its companies.
    Running,
    /// Every company is done.
    Finished,
    /// Some companies are done, others failed.
    FinishedWithErrors,
    /// No company is done.
    Error,
    /// It was not made in time, and will not be (J29).
    Missed,
    /// It was not made in time and moves money: a person says whether it still runs (J29).
    Asks,
    /// A person said that it shall not run.
    Skipped,
}

impl RunState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Planned,
        Self::Running,
        Self::Finished,
        Self::FinishedWithErrors,
        Self::Error,
        Self::Missed,
        Self::Asks,
        Self::Skipped,
    ];

    /// The stored key.
    pub fn key(self) -> &'static str {
        [
            "planned",
            "running",
            "finished",
            "finished_with_errors",
            "error",
            "missed",
            "asks",
            "skipped",
        ][self as usize]
    }

    /// The state of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }

    /// Its tasks are not all concluded: the job must not run beside it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Running)
    }
}

/// The state of a run by those of its companies: how many wait, run, are done, and failed.
pub fn run_state(waiting: u32, running: u32, done: u32, failed: u32) -> RunState {
    match (waiting, running, done, failed) {
        (_, 1.., ..) => RunState::Running,
        // one of several is done or failed: the run is under way
        (1.., 0, d, f) if d + f > 0 => RunState::Running,
        (1.., ..) => RunState::Planned,
        (0, 0, _, 0) => RunState::Finished,
        (0, 0, 0, _) => RunState::Error,
        _ => RunState::FinishedWithErrors,
    }
}

/// The one word for a job in the console (J25).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Stopped after a run that failed; it needs somebody.
    Error,
    /// Due for longer than it should wait, and not started.
    Overdue,
    /// A missed run waits for a person's word.
    Asks,
    /// The last run left companies out.
    FinishedWithErrors,
    /// A run is under way.
    Running,
    /// Due; waits for the server.
    Planned,
    /// Waits for its next time.
    Queued,
    /// Put aside on purpose.
    OnHold,
    /// Not switched on yet.
    Inactive,
    /// It has no further time.
    Finished,
}

impl JobStatus {
    /// Every status, those that need somebody first.
    pub const ALL: [Self; 10] = [
        Self::Error,
        Self::Overdue,
        Self::Asks,
        Self::FinishedWithErrors,
        Self::Running,
        Self::Planned,
        Self::Queued,
        Self::OnHold,
        Self::Inactive,
        Self::Finished,
    ];

    /// The key on the wire and in addresses.
    pub fn key(self) -> &'static str {
        [
            "error",
            "overdue",
            "asks",
            "finished_with_errors",
            "running",
            "planned",
            "queued",
            "on_hold",
            "inactive",
            "finished",
        ][self as usize]
    }

    /// The status of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }
}

/// A run that was due so many milliseconds ago and has not started is an alarm (J27).
pub const OVERDUE_MS: i64 = 10 * 60_000;

/// The word for a job: by what was decided, its last run (state and due time), its next time, and the time now.
pub fn job_status(
    standing: Standing,
    last: Option<(RunState, i64)>,
    next_at: Option<i64>,
    now: i64,
) -> JobStatus {
    let late = |due: i64| now - due > OVERDUE_MS;
    match (standing, last) {
        (_, Some((RunState::Running, _))) => JobStatus::Running,
        (_, Some((RunState::Planned, due))) if late(due) => JobStatus::Overdue,
        (_, Some((RunState::Planned, _))) => JobStatus::Planned,
        (Standing::Inactive, _) => JobStatus::Inactive,
        (Standing::OnHold, _) => JobStatus::OnHold,
        (Standing::Stopped, _) => JobStatus::Error,
        (Standing::Active, Some((RunState::Asks, _))) => JobStatus::Asks,
        (Standing::Active, _) if next_at.is_some_and(late) => JobStatus::Overdue,
        (Standing::Active, Some((RunState::FinishedWithErrors, _))) => JobStatus::FinishedWithErrors,
        (Standing::Active, _) if next_at.is_none() => JobStatus::Finished,
        (Standing::Active, _) => JobStatus::Queued,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_storage_and_wire() {
        for s in Standing::ALL {
            assert_eq!(Standing::from_key(s.key()), Some(s));
        }
        for s in RunState::ALL {
            assert_eq!(RunState::from_key(s.key()), Some(s));
        }
        for s in JobStatus::ALL {
            assert_eq!(JobStatus::from_key(s.key()), Some(s));
            assert_eq!(serde_json::to_value(s).unwrap(), s.key());
        }
    }

    #[test]
    fn a_run_is_what_its_companies_are() {
        for (companies, state) in [
            ((2, 0, 0, 0), RunState::Planned),
            ((1, 1, 0, 0), RunState::Running),
            ((1, 0, 1, 0), RunState::Running),
            ((1, 0, 0, 1), RunState::Running),
            ((0, 0, 2, 0), RunState::Finished),
            ((0, 0, 1, 1), RunState::FinishedWithErrors),
            ((0, 0, 0, 2), RunState::Error),
        ] {
            let (waiting, running, done, failed) = companies;
            assert_eq!(run_state(waiting, running, done, failed), state, "{companies:?}");
        }
    }

    #[test]
    fn a_job_in_a_word() {
        use {JobStatus as J, RunState as R, Standing as S};
        let (now, late) = (100 * OVERDUE_MS, 98 * OVERDUE_MS);
        for (standing, last, next, word) in [
            (S::Active, None, Some(now + 1), J::Queued),
            (S::Active, None, Some(late), J::Overdue),
            (S::Active, None, None, J::Finished),
            (S::Active, Some((R::Finished, late)), Some(now + 1), J::Queued),
            (
                S::Active,
                Some((R::FinishedWithErrors, late)),
                Some(now + 1),
                J::FinishedWithErrors,
            ),
            (S::Active, Some((R::Planned, now)), Some(now + 1), J::Planned),
            (S::Active, Some((R::Planned, late)), Some(now + 1), J::Overdue),
            (S::Active, Some((R::Asks, late)), Some(now + 1), J::Asks),
            (S::Stopped, Some((R::Error, late)), None, J::Error),
            // holding a job never ends its run
            (S::OnHold, Some((R::Running, late)), None, J::Running),
            (S::OnHold, Some((R::Finished, late)), None, J::OnHold),
            (S::Inactive, None, None, J::Inactive),
        ] {
            assert_eq!(
                job_status(standing, last, next, now),
                word,
                "{standing:?} {last:?} {next:?}"
            );
        }
    }
}

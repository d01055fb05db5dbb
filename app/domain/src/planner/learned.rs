//! How long a run usually takes and how long its lane stays empty after it (J5).

use serde::{Deserialize, Serialize};

/// Good runs that are looked at: what was long ago is another server, another release.
pub const LAST_RUNS: usize = 20;
/// Good runs without which the entered estimate stands: the slowest of fewer says too little.
pub const ENOUGH_RUNS: usize = 5;
/// Minutes kept free after the shortest run.
pub const SHORTEST_GAP: u32 = 3;
/// Minutes kept free after the longest run.
pub const LONGEST_GAP: u32 = 15;

/// A run that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// It finished without errors; others say nothing about how long the work takes.
    pub good: bool,
    /// From its real start to its finish.
    pub seconds: u32,
}

/// Where a length comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Nine in ten of so many good runs took no longer.
    Learned {
        /// At least [`ENOUGH_RUNS`], at most [`LAST_RUNS`].
        runs: usize,
    },
    /// A person entered it: fewer than [`ENOUGH_RUNS`] good runs are known.
    Estimated,
}

/// How long a run is expected to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Length {
    /// Whole minutes. The planner reads 0 as 1.
    pub minutes: u32,
    /// Learned or entered.
    pub basis: Basis,
}

/// The 90th percentile (nearest rank) of the last [`LAST_RUNS`] good runs, rounded up to whole minutes; `estimate`
/// minutes while fewer than [`ENOUGH_RUNS`] are known. `runs` come newest first. Never below a minute.
pub fn learned(runs: &[Past], estimate: u32) -> Length {
    let good = runs.iter().filter(|r| r.good).take(LAST_RUNS);
    let mut seconds: Vec<u32> = good.map(|r| r.seconds).collect();
    if seconds.len() < ENOUGH_RUNS {
        return Length {
            minutes: estimate.max(1),
            basis: Basis::Estimated,
        };
    }
    seconds.sort_unstable();
    let rank = (seconds.len() * 9).div_ceil(10);
    Length {
        minutes: seconds[rank - 1].div_ceil(60).max(1),
        basis: Basis::Learned { runs: seconds.len() },
    }
}

/// Minutes to keep free after a run of this length: a third of it, from [`SHORTEST_GAP`] to [`LONGEST_GAP`].
///
/// How large a company is shows in how long its own run takes. Up to a quarter of an hour that gives the 3 to 5
/// minutes of the source's small companies; company 1 with its 18 minutes keeps 6 free. It grows with the length
/// because what runs long is also late by more.
pub fn gap_after(length: Length) -> u32 {
    length.minutes.div_ceil(3).clamp(SHORTEST_GAP, LONGEST_GAP)
}

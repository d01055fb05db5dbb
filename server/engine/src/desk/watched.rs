//! What the watch remembers between its rounds.

use super::Engine;
use domain::{OfficeId, TaskId};
use std::{collections::HashMap, sync::PoisonError};

/// The oldest ready task of an office, and since when it has been that.
pub(crate) type Stuck = HashMap<OfficeId, (TaskId, u64)>;

/// What the watch remembers between its rounds.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    pub(crate) looked: u64,
    pub(crate) reminded: u64,
    /// Wall clock minus monotonic clock.
    pub(crate) apart: Option<i64>,
    /// When the clock jumped, and by how much.
    pub(crate) jumped: Option<(u64, i64)>,
    pub(crate) stuck: Stuck,
    /// Since when writing fails.
    pub(crate) failing: Option<i64>,
    pub(crate) disk: Option<(u64, u64)>,
}

impl Engine {
    pub(crate) fn pretended_space(&self) -> Option<(u64, u64)> {
        self.watched().disk
    }

    pub(crate) fn watched(&self) -> std::sync::MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

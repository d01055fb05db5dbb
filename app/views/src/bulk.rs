//! Work on many tasks at once (T18).

use domain::{
    filter::TaskFilter,
    task::{TaskId, TaskState},
};
use serde::{Deserialize, Serialize};

/// What many tasks are asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Restart.
    Restart,
    /// Cancel.
    Cancel,
    /// Give to Support.
    ToSupport,
    /// Give to the office.
    ToOffice,
}

impl Verb {
    /// Every verb.
    pub const ALL: [Self; 4] = [Self::Restart, Self::Cancel, Self::ToSupport, Self::ToOffice];

    /// The stored key.
    pub fn key(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Cancel => "cancel",
            Self::ToSupport => "to_support",
            Self::ToOffice => "to_office",
        }
    }

    /// The verb of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.key() == key)
    }

    /// A task in `state` could do it, if the person may.
    pub fn fits(self, state: TaskState) -> bool {
        match self {
            Self::Restart => state.is_stopped(),
            Self::Cancel => state.is_open(),
            Self::ToSupport => state == TaskState::ActionRequired,
            Self::ToOffice => state == TaskState::Failed,
        }
    }
}

/// Which tasks are meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// These.
    These(Vec<TaskId>),
    /// All that match, as they were when they were counted.
    Matching(TaskFilter),
}

/// What would be done, before anything is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlook {
    /// Tasks that can.
    pub can: u32,
    /// Tasks that cannot, because of where they stand or because the person may not.
    pub cannot: u32,
    /// There are more than one piece of work can take.
    pub too_many: bool,
    /// Number of the desk's last event when it was counted. What has changed since was not confirmed.
    pub as_of: i64,
}

/// How far it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Names it.
    pub id: i64,
    /// What was asked.
    pub verb: String,
    /// Tasks meant.
    pub total: u32,
    /// Tasks done.
    pub done: u32,
    /// Tasks refused, the first hundred: number, what it is about, code of the refusal.
    pub refused: Vec<(TaskId, String, String)>,
    /// Tasks refused, all of them.
    pub refused_total: u32,
    /// It is over.
    pub ended: bool,
    /// A person stopped it: what is neither done nor refused is left as it was.
    pub stopped: bool,
}

//! A task is one unit of work for a connector (T1). Its life is in [`crate::life`], its place in [`crate::lane`].

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// Names a task. Opaque to the outside: a string on the wire, a rising number inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(pub i64);

/// An office: the accounting firm, a tenant. Nothing of one office is visible to another.
pub type OfficeId = i64;
/// A dossier: one client company whose books the office keeps.
pub type DossierId = i64;
/// A connector: the agent that polls for tasks.
pub type ConnectorId = i64;

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TaskId {
    type Err = ();
    fn from_str(s: &str) -> Result<Self, ()> {
        // one spelling per id: no sign, no leading zero, nothing that i64 would forgive
        let plain =
            !s.is_empty() && s.len() <= 18 && s.bytes().all(|b| b.is_ascii_digit()) && !s.starts_with('0');
        if plain {
            s.parse().map(TaskId).map_err(|_| ())
        } else {
            Err(())
        }
    }
}

impl Serialize for TaskId {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TaskId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let s = String::deserialize(d)?;
        s.parse().map_err(|()| serde::de::Error::custom("not a task id"))
    }
}

/// Where a task stands. The keys are ours; the words people read are in the locales.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Waits for a connector. A claim moves it on.
    Queued,
    /// A connector works on it. Its report moves it on, or the end of its lease.
    Running,
    /// An office employee must act (orange). A restart or a cancel moves it on.
    ActionRequired,
    /// Support must act (red). A restart or a cancel moves it on.
    Failed,
    /// Done. Final.
    Succeeded,
    /// Called off by a person or an integration. Final.
    Cancelled,
}

impl TaskState {
    /// Every state, in the order of its stored number.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Running,
        Self::ActionRequired,
        Self::Failed,
        Self::Succeeded,
        Self::Cancelled,
    ];

    /// The stored number.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The state of a stored number; `None` if no program of ours wrote it.
    pub fn from_number(n: i64) -> Option<Self> {
        usize::try_from(n).ok().and_then(|n| Self::ALL.get(n).copied())
    }

    /// The key used on the wire and in URLs.
    pub fn key(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::ActionRequired => "action_required",
            Self::Failed => "failed",
            Self::Succeeded => "succeeded",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }

    /// Open tasks still have something to happen to them.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Succeeded | Self::Cancelled)
    }

    /// Stopped tasks wait for a person.
    pub fn is_stopped(self) -> bool {
        matches!(self, Self::ActionRequired | Self::Failed)
    }
}

/// What the catalogue says of a kind of task (T1). Data: `server/store/catalogue/kinds.json`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindRules {
    /// A failed task of this kind keeps the dossier's later tasks waiting (T8).
    pub holds: bool,
    /// Doing it twice does no harm, so a lost lease may simply be handed out again.
    pub repeatable: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_one_spelling() {
        assert_eq!("42".parse(), Ok(TaskId(42)));
        for bad in ["", "0", "-1", "+1", "007", "1 ", "1234567890123456789", "x"] {
            assert!(bad.parse::<TaskId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn states_survive_storage_and_wire() {
        for s in TaskState::ALL {
            assert_eq!(TaskState::from_number(i64::from(s.number())), Some(s));
            assert_eq!(TaskState::from_key(s.key()), Some(s));
        }
    }
}

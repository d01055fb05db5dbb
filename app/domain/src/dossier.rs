//! How far a dossier is: whether it was activated, and whether it is still worked in (T21). Pure; the writer keeps it
//! with the dossier, in the transaction that moves one of its activations.

use crate::task::TaskState;
use serde::{Deserialize, Serialize};

/// The key of the kind of task that activates a dossier.
pub const ACTIVATE: &str = "activate_dossier";

/// Whether the package has the dossier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// An activation succeeded, or it never needed one.
    #[default]
    Active,
    /// An activation waits or runs, and none has succeeded yet.
    Activating,
    /// None has succeeded: the last one stopped or was called off.
    NotActivated,
}

impl Activation {
    /// Every stage.
    pub const ALL: [Self; 3] = [Self::Active, Self::Activating, Self::NotActivated];

    /// The stored key.
    pub fn key(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Activating => "activating",
            Self::NotActivated => "not_activated",
        }
    }

    /// The stage of a key; what nobody wrote counts as active.
    pub fn from_key(key: &str) -> Self {
        Self::ALL.into_iter().find(|a| a.key() == key).unwrap_or_default()
    }

    /// Where it stands once one of its activations has come to `moved`, while `another` of them waits or runs. What has
    /// succeeded once stays: a later activation that fails takes nothing out of the package.
    #[must_use]
    pub fn after(self, moved: TaskState, another: bool) -> Self {
        match (self, moved) {
            (Self::Active, _) | (_, TaskState::Succeeded) => Self::Active,
            (_, TaskState::Queued | TaskState::Running) => Self::Activating,
            _ if another => Self::Activating,
            (_, TaskState::ActionRequired | TaskState::Failed | TaskState::Cancelled) => Self::NotActivated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_success_activates_and_nothing_undoes_it() {
        use Activation::{Activating, Active, NotActivated};
        for (from, moved, another, to) in [
            (Activating, TaskState::Succeeded, false, Active),
            (NotActivated, TaskState::Succeeded, false, Active),
            (Activating, TaskState::Running, false, Activating),
            (Activating, TaskState::ActionRequired, false, NotActivated),
            (Activating, TaskState::Failed, false, NotActivated),
            (Activating, TaskState::Cancelled, false, NotActivated),
            (Activating, TaskState::Cancelled, true, Activating),
            (NotActivated, TaskState::Queued, false, Activating),
            (Active, TaskState::Queued, true, Active),
            (Active, TaskState::Failed, false, Active),
            (Active, TaskState::Cancelled, false, Active),
        ] {
            assert_eq!(from.after(moved, another), to, "{from:?} {moved:?} {another}");
        }
    }

    #[test]
    fn a_stored_key_is_read_as_it_was_written() {
        for stage in Activation::ALL {
            assert_eq!(Activation::from_key(stage.key()), stage);
        }
    }
}

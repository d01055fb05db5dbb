//! A failure is a code with parameters (T7). What follows from it is the catalogue's word, not the engine's.

use crate::task::TaskState;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The lease ended and nobody knows whether the package did the work.
pub const OUTCOME_UNKNOWN: &str = "outcome_unknown";
/// Connectors gave the task back ten times in a row.
pub const KEEPS_BEING_RELEASED: &str = "keeps_being_released";

/// The connector's program broke while it carried the task out.
pub const ADAPTER_CRASHED: &str = "adapter_crashed";
/// The connector stopped work that went on for longer than it allows.
pub const RAN_TOO_LONG: &str = "ran_too_long";

/// Only the desk itself may say this.
pub fn is_reserved(code: &str) -> bool {
    code == OUTCOME_UNKNOWN || code == KEEPS_BEING_RELEASED
}

/// Why a task could not be carried out, as the connector said it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// Lower snake case, stable (`period_not_open`).
    pub code: String,
    /// What the instruction needs to be concrete (`{"period":"201802"}`).
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub params: Map<String, Value>,
    /// Free text for Support. Never shown as an instruction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Failure {
    /// A failure that only has a code: those that Nachtwacht itself finds.
    pub fn of(code: &str) -> Self {
        Self {
            code: code.into(),
            ..Self::default()
        }
    }
}

/// Who must act when a task has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// An office employee: orange.
    Office,
    /// The platform's own team: red.
    Support,
}

impl Audience {
    /// Where a stopped task stands that waits for them.
    pub fn state(self) -> TaskState {
        match self {
            Self::Office => TaskState::ActionRequired,
            Self::Support => TaskState::Failed,
        }
    }
}

/// What the catalogue says follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Worth another try before a person is asked.
    pub retry: bool,
    /// Who acts once trying is over.
    pub audience: Audience,
}

/// The verdict on a code that no catalogue entry knows: red, kept as it was said (M14).
pub const UNKNOWN: Verdict = Verdict {
    retry: false,
    audience: Audience::Support,
};

/// A code is lower snake case, 1 to 64 characters.
pub fn is_code(s: &str) -> bool {
    (1..=64).contains(&s.len())
        && s.starts_with(|c: char| c.is_ascii_lowercase())
        && s.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The parameters of a failure with what the desk knows of the task itself. What the connector said comes first.
pub fn failure_params(
    said: &Map<String, Value>,
    dossier_name: &str,
    dossier_code: &str,
    subject: Option<&str>,
    support_contact: &str,
) -> Map<String, Value> {
    let mut params = said.clone();
    let known = [
        ("dossier_name", Some(dossier_name)),
        ("dossier_code", Some(dossier_code)),
        ("entered_code", Some(dossier_code)),
        ("document_no", subject.map(crate::document::called)),
        ("support_contact", Some(support_contact)),
    ];
    for (name, value) in known {
        if let Some(value) = value {
            params.entry(name).or_insert_with(|| value.into());
        }
    }
    params
}

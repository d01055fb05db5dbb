//! What a search finds.

use domain::{people::Role, task::TaskState};
use serde::{Deserialize, Serialize};

/// A thing that has a page or a line of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    /// A dossier; its key is its code.
    Dossier,
    /// A task; its key is its number.
    Task,
    /// A recurring job; its key is its number.
    Job,
    /// A person of the office; the key is the e-mail address.
    Person,
    /// A connector; the key is its name.
    Connector,
    /// A cause; the key is the one that tells it from others.
    Cause,
    /// An instruction; the key is `package/code`.
    Instruction,
}

/// One thing found (C8).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// What it is.
    pub thing: Thing,
    /// Leads to it.
    pub key: String,
    /// What it is called; for a task without a subject, nothing.
    pub title: String,
    /// What tells it from others of that name.
    pub detail: String,
    /// Of a task: its kind. Of a dossier that was not activated yet: how far that is.
    pub kind: Option<String>,
    /// Of a task: where it stands.
    pub state: Option<TaskState>,
}

/// What a search found: at most eight of each thing, and who asked, for the pages that are open to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The reader's role.
    pub role: Role,
    /// In the order to show them in.
    pub hits: Vec<Hit>,
}

//! What the catalogue says of a kind of job (J1). Data: `server/store/catalogue/job_kinds.json`.

use super::Output;
use crate::schedule::Clock;
use serde::{Deserialize, Serialize};

/// The part of the package that a job belongs to (J7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Module {
    /// Økonomi.
    Economy,
    /// Fakturabehandling.
    Invoicing,
    /// Collection Management.
    Collection,
}

impl Module {
    /// Every module.
    pub const ALL: [Self; 3] = [Self::Economy, Self::Invoicing, Self::Collection];

    /// The stored key.
    pub fn key(self) -> &'static str {
        ["economy", "invoicing", "collection"][self as usize]
    }

    /// The module of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.key() == key)
    }
}

/// Which companies a job of the kind works for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// One company a job.
    Company,
    /// Those chosen.
    Companies,
    /// Those that the module rules list for the kind (J20, J22).
    List,
}

/// How the old job is put out of the way when it is replaced (J9, J21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplaceBy {
    /// From Queued to Waiting.
    Hold,
    /// The old order is cancelled before a new one can be placed.
    Cancel,
}

/// What the kind has to say about mailing its outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailAdvice {
    /// Nothing.
    Free,
    /// No recipient is a warning to be confirmed (J18).
    WarnWithout,
    /// A recipient is advised against: it would be too many mails (J21).
    Discouraged,
}

/// When a job of the kind usually runs: the form starts with it (J13).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suggested {
    /// At these clock times.
    At(Vec<Clock>),
    /// Every so many minutes within the office's working hours.
    WorkingHours(u32),
    /// Every so many minutes in this window (C7).
    Window { minutes: u32, from: Clock, to: Clock },
}

/// A kind of job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobKind {
    /// Its key. What it is called stands in the locales.
    pub code: String,
    /// The part of the package it belongs to.
    pub module: Module,
    /// Which companies.
    pub place: Place,
    /// Suits running regularly.
    pub regular: bool,
    /// An office of its kind must have it.
    pub must: bool,
    /// It is set up again after each main release (J2).
    pub after_release: bool,
    /// It moves money: a missed run asks before it runs late (J29).
    pub moves_money: bool,
    /// It posts many vouchers: while it runs for a large company, posting status is left alone (J27).
    #[serde(default)]
    pub posts: bool,
    /// How the old job is put out of the way.
    pub replace_by: ReplaceBy,
    /// So late it still runs.
    pub grace_minutes: u32,
    /// Minutes a run takes, before any is known.
    pub estimate_minutes: u32,
    /// The user its runs show.
    pub run_as: String,
    /// Its own fields, by key.
    #[serde(default)]
    pub params: Vec<String>,
    /// Its outputs, as they start.
    #[serde(default)]
    pub outputs: Vec<Output>,
    /// What it is called in the console, a [`super::pattern`].
    pub description: String,
    /// What is said about mail.
    pub email: EmailAdvice,
    /// When it usually runs.
    pub suggested: Suggested,
    /// Monday to Friday only.
    #[serde(default)]
    pub weekdays: bool,
    /// Its entry in a collection system, with `{system}` (C1); none for other kinds.
    #[serde(default)]
    pub entry: Option<String>,
    /// What a run counts, by key, in order (C4).
    #[serde(default)]
    pub counts: Vec<String>,
}

impl JobKind {
    /// It belongs to a collection system (C1).
    pub fn is_entry(&self) -> bool {
        self.entry.is_some()
    }
}

//! A recurring job: a definition that makes tasks for connectors at its times (rows J and C).
//!
//! A [`JobForm`] is what people write, by the rules of its [`JobKind`]. Each time it is due it becomes a run, unique by
//! job and due time, with one task a company. [`Standing`] is what people decide about a job, [`RunState`] what became
//! of a run, and [`JobStatus`] what the two say together. [`missed`] decides what becomes of a run that is late.

pub mod kind;
pub mod missed;
pub mod pattern;
mod status;

pub use kind::{EmailAdvice, JobKind, Module, Place, ReplaceBy, Suggested};
pub use status::{JobStatus, OVERDUE_MS, RunState, Standing, job_status, run_state};

use crate::schedule::Schedule;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names a job: rises by one with each new job, so that the newest stands at the bottom (J10).
pub type JobId = i64;

/// The kind of task that a run makes for each of its companies.
pub const RUN_JOB: &str = "run_job";

/// A job as people write it, and as it is exported (J12, J32).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobForm {
    /// Key of its kind.
    pub kind: String,
    /// What people recognise it by.
    pub description: String,
    /// Codes of its companies (dossiers). Empty: the list that the module rules keep for its kind (J20).
    #[serde(default)]
    pub companies: Vec<String>,
    /// Name of the connector that may run it, its server; `None`: any that can.
    #[serde(default)]
    pub server: Option<String>,
    /// The user that its runs show (J11).
    pub run_as: String,
    /// When it runs.
    pub schedule: Schedule,
    /// The kind's own fields, such as `ledger`, by key.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// Where each of its outputs goes.
    #[serde(default)]
    pub outputs: Vec<Output>,
    /// Minutes that a run takes, as long as too few runs are known.
    pub estimate_minutes: u32,
    /// Minutes to keep free after it; `None`: by rule.
    #[serde(default)]
    pub gap_minutes: Option<u32>,
    /// Its time is fixed: no plan moves it.
    #[serde(default)]
    pub pinned: bool,
    /// It runs after the finish of this job (J23).
    #[serde(default)]
    pub after: Option<JobId>,
}

/// One output of a run: which, where, and what the file is called (J19, J21, J23).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// Key of what it is: `report`, `proposal`, `notice`, `approval`.
    pub what: String,
    /// The server's folder for it, such as `REGNSKAP`.
    pub path: String,
    /// The file's name, a [`pattern`].
    pub file: String,
    /// `DEFAULT`, `PDF`, `TXT`, `CSV` or `XML`.
    pub format: String,
    /// Where a copy is mailed; empty for nobody.
    #[serde(default)]
    pub email: String,
}

/// Formats that an output can have.
pub const FORMATS: [&str; 5] = ["DEFAULT", "PDF", "TXT", "CSV", "XML"];

/// Most companies of one job.
pub const MOST_COMPANIES: usize = 500;

/// What a run did, counted: by key, such as `sent` (C4).
pub type Counted = BTreeMap<String, i64>;

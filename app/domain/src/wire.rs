//! What connectors and integrations say and hear: the types of the connector protocol, v1.

use crate::{
    refusal::{FieldError, Refusal},
    task::{TaskId, TaskState},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Most tasks in one `deliver`.
pub const MAX_DELIVER: usize = 1000;
/// Most tasks in one `claim`.
pub const MAX_CLAIM: u32 = 100;
/// Longest long poll, in seconds.
pub const MAX_WAIT_SECONDS: u32 = 55;
/// Largest body, in bytes.
pub const MAX_BODY: usize = 1 << 20;
/// Largest answer to a claim, in bytes: what does not fit any more is handed out at the next one.
pub const MAX_CLAIM_ANSWER: usize = 8 << 20;
/// Largest outcome that a connector sends, in bytes of JSON, so that a report always fits into a body.
pub const MAX_OUTCOME: usize = 256 << 10;
/// Longest rest that a connector may ask for, in seconds.
pub const MAX_RETRY_AFTER: u32 = 86_400;

/// One task to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewTask {
    /// A kind of the catalogue, such as `process_booking_proposal`.
    pub kind: String,
    /// The dossier's code. Unknown codes are refused, but for `activate_dossier`, which creates the dossier.
    pub dossier: String,
    /// What the connector needs to carry it out; an object. `document` may name a document that was brought before; `file_name`,
    /// at most 1,000 bytes, is a label and makes no other task of the same idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub payload: Option<Value>,
    /// What the task is about, a document say. Tasks of one subject run in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// An earlier task of the dossier to wait for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Delivering the same key again gives the first task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// Answer to one [`NewTask`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delivered {
    /// Names the task from now on.
    #[schema(value_type = String)]
    pub id: TaskId,
    /// Where it stands.
    pub status: TaskState,
    /// The key was used before: this is that task.
    pub duplicate: bool,
}

/// Answer to `deliver`: the tasks are on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeliverAnswer {
    /// In the order they were sent.
    pub tasks: Vec<Delivered>,
}

/// Answer to a document that was brought: it is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentAnswer {
    /// Names it: `payload.document` of a task.
    pub document: String,
    /// Of what is in it, in hexadecimal.
    pub sha256: String,
    /// How many there are.
    pub bytes: u64,
    /// It was there before.
    pub duplicate: bool,
}

/// Answer to `hello`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HelloAnswer {
    /// The connector's name.
    pub connector: String,
    /// The office's code.
    pub office: String,
    /// When to come again, with the jitter already in it.
    pub poll_seconds: u32,
    /// How long a lease lives without `extend`.
    pub lease_seconds: u32,
    /// How often to extend.
    pub extend_seconds: u32,
    /// For information only.
    pub server_time: String,
}

/// Answer to `enrol`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EnrolAnswer {
    /// The connector's token, shown this once.
    pub token: String,
}

/// The dossier of a claimed task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClaimedDossier {
    /// Its code in the package.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The package its books live in.
    pub package: String,
}

/// How an earlier attempt at the same task ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EarlierAttempt {
    /// Its number.
    pub attempt: u32,
    /// `failed`, `released`, `lease_over` or `closed`. After `lease_over`, look in the package before doing it again.
    pub outcome: String,
}

/// A task handed to a connector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClaimedTask {
    /// Names the task.
    #[schema(value_type = String)]
    pub id: TaskId,
    /// Its kind.
    pub kind: String,
    /// Proves that it was handed to you; send it with `extend` and `report`.
    pub lease: String,
    /// Number of this attempt, from 1.
    pub attempt: u32,
    /// For information only.
    pub delivered_at: String,
    /// Whose books.
    pub dossier: ClaimedDossier,
    /// What it is about.
    pub subject: Option<String>,
    /// What was delivered with it.
    #[schema(value_type = Object)]
    pub payload: Value,
    /// Attempts before this one.
    pub earlier: Vec<EarlierAttempt>,
    /// Codes of failures that a person has looked at and says are none: do it all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmed: Vec<String>,
}

/// Answer to `claim`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClaimAnswer {
    /// Oldest first.
    pub tasks: Vec<ClaimedTask>,
    /// When to come again.
    pub next_poll_seconds: u32,
}

/// A lease to extend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeaseRef {
    /// The task.
    pub task: String,
    /// Its lease, as `claim` gave it.
    pub lease: String,
}

/// What became of a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeaseState {
    /// Go on.
    Ok,
    /// Stop if you can; a success already reached stays one.
    Cancel,
    /// Not yours any more: stop.
    Stale,
}

/// Answer to one [`LeaseRef`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExtendedLease {
    /// The task.
    pub task: String,
    /// What became of its lease.
    pub state: LeaseState,
}

/// Answer to `extend`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExtendAnswer {
    /// In the order they were sent.
    pub leases: Vec<ExtendedLease>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done.
    Succeeded {
        /// What the package said, kept with the attempt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<Object>)]
        result: Option<Value>,
    },
    /// Not done.
    Failed {
        /// Lower snake case; the catalogue decides what follows.
        code: String,
        /// What the instruction needs to be concrete.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        #[schema(value_type = Object)]
        params: Map<String, Value>,
        /// Free text for Support.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// Given back unstarted. It rests before it is handed out again: 30 s × 2ⁿ, ± 20 %, at most 30 min.
    Released {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Rests so long instead: 1 to 86,400. From the fourth release in a row on no shorter than without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(minimum = 1, maximum = 86400)]
        retry_after_seconds: Option<u32>,
    },
}

/// One attempt's end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// The task.
    pub task: String,
    /// Its lease, as `claim` gave it.
    pub lease: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// A refusal of one item of a call; the others stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ItemError {
    /// As in the problem documents.
    pub code: String,
    /// What happened and what to do.
    pub detail: String,
    /// With `invalid`: the rules that were broken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// With `conflicting_report` and `stale_lease`: the number of the event that keeps what was said. It changed
    /// nothing, and it is on record: the report need not be kept any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<i64>,
}

impl ItemError {
    /// The refusal, without evidence.
    pub fn of(refusal: &Refusal) -> Self {
        Self {
            code: refusal.code().into(),
            detail: refusal.to_string(),
            errors: match refusal {
                Refusal::Invalid(_) => refusal.problem().for_programs().errors,
                _ => vec![],
            },
            evidence: None,
        }
    }
}

/// Answer to one [`Report`]: where the task now stands, or why the report was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reported {
    /// The task.
    pub task: String,
    /// Where it now stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<TaskState>,
    /// Why the report was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ItemError>,
}

/// Answer to `report`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportAnswer {
    /// In the order they were sent.
    pub reports: Vec<Reported>,
}

/// Answer to `drain`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DrainAnswer {
    /// Tasks this connector still has under lease.
    pub running: u32,
}

/// An attempt, as `task` tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AttemptAnswer {
    /// From 1.
    pub attempt: u32,
    /// The connector's name.
    pub connector: String,
    /// RFC 3339.
    pub claimed_at: String,
    /// RFC 3339; missing while it runs.
    pub ended_at: Option<String>,
    /// `running`, `succeeded`, `failed`, `released`, `lease_over` or `closed`.
    pub outcome: String,
    /// What was reported.
    #[schema(value_type = Option<Object>)]
    pub report: Option<Value>,
}

/// A task, as integrations see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TaskAnswer {
    /// Names the task.
    #[schema(value_type = String)]
    pub id: TaskId,
    /// Its kind.
    pub kind: String,
    /// The dossier's code.
    pub dossier: String,
    /// What it is about.
    pub subject: Option<String>,
    /// Where it stands.
    pub status: TaskState,
    /// A running task that was cancelled.
    pub cancel_asked: bool,
    /// RFC 3339.
    pub delivered_at: String,
    /// RFC 3339; missing while it is open.
    pub concluded_at: Option<String>,
    /// Every try.
    pub attempts: Vec<AttemptAnswer>,
    /// The failure it stopped with.
    #[schema(value_type = Option<Object>)]
    pub failure: Option<crate::failure::Failure>,
    /// What a person is asked to do, in the office's language.
    pub instruction: Option<String>,
    /// Why a queued task has not started: `next_visit`, `dossier_busy`, `held`, `resting`, `behind`, `for_earlier`, `no_connector`, `connector_asleep`, `connector_held`, `downtime`.
    pub waits_for: Option<String>,
    /// The task it waits for.
    #[schema(value_type = Option<String>)]
    pub waits_for_task: Option<TaskId>,
    /// Earliest and latest expected pick-up, in seconds from now.
    pub expected_pick_up_seconds: Option<[u32; 2]>,
}

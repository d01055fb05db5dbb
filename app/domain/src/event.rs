//! What happened to a task: the history that its state folds from (T15).

use crate::{
    failure::{Audience, Failure, KEEPS_BEING_RELEASED, OUTCOME_UNKNOWN},
    task::{TaskId, TaskState},
    wire::Outcome,
};
use serde::{Deserialize, Serialize};

/// One thing that happened. Stored for each step of each task, so its most frequent fields have short names there;
/// the long ones are read too, as the first desks wrote them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// It was delivered and has its place in line.
    Delivered,
    /// A connector took it.
    Claimed {
        #[serde(rename = "by", alias = "connector")]
        connector: i64,
        #[serde(rename = "n", alias = "attempt")]
        attempt: u32,
    },
    /// Done.
    Succeeded {
        #[serde(rename = "n", alias = "attempt")]
        attempt: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<serde_json::Value>,
    },
    /// The attempt failed and the task is tried again after `backoff_ms`.
    Retrying {
        #[serde(rename = "n", alias = "attempt")]
        attempt: u32,
        failure: Failure,
        backoff_ms: u64,
    },
    /// The attempt failed and the office must act.
    ActionRequired {
        #[serde(rename = "n", alias = "attempt")]
        attempt: u32,
        failure: Failure,
    },
    /// The attempt failed, or was lost, and Support must act.
    Failed {
        #[serde(rename = "n", alias = "attempt")]
        attempt: u32,
        failure: Failure,
    },
    /// Given back unstarted, and handed out again after `backoff_ms`.
    Released {
        #[serde(rename = "n", alias = "attempt")]
        attempt: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        #[serde(default, skip_serializing_if = "is_zero")]
        backoff_ms: u64,
    },
    /// No sign of life within the lease; the next connector sees the earlier attempt.
    LeaseOver {
        #[serde(rename = "n", alias = "attempt")]
        attempt: u32,
    },
    /// A person restarted it.
    Restarted { by: String },
    /// A person took the restart back before a connector had the task.
    Undone { by: String, to: TaskState },
    /// A stopped task changed hands, with what the one says to the other.
    HandedOver {
        by: String,
        to: Audience,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Support wrote the instruction for its code: the office can act now (M14).
    Instructed { by: String, version: u32 },
    /// Somebody at Support works on its cause.
    Taken { by: String },
    /// A person said that it cannot wait, and why (M5).
    Urgent { by: String, reason: String },
    /// A person put it off until a wall-clock millisecond, and why.
    Snoozed { by: String, until: i64, reason: String },
    /// A person corrected the dossier code (T9).
    Corrected {
        by: String,
        before: String,
        after: String,
    },
    /// A person looked at this failure and said that it is none: the next attempt is told so.
    Confirmed { by: String, code: String },
    /// Somebody called it off while it ran.
    CancelAsked {
        by: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Called off.
    Cancelled {
        by: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The running attempt ended without success after a cancel.
    CancelledRunning {
        #[serde(rename = "n", alias = "attempt")]
        attempt: u32,
        outcome: Outcome,
    },
    /// A second, different report of a concluded attempt. The first stands.
    Contradicted {
        #[serde(rename = "n", alias = "attempt")]
        attempt: u32,
        outcome: Outcome,
    },
    /// A report of an attempt that was not open any more, or of a lease that this desk did not grant (0). It changed
    /// nothing.
    Late {
        #[serde(rename = "by", alias = "connector")]
        connector: i64,
        #[serde(rename = "n", alias = "attempt")]
        attempt: u32,
        outcome: Outcome,
    },
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Happened {
    /// The name on the event stream.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Claimed { .. } => "claimed",
            Self::Succeeded { .. } => "succeeded",
            Self::Retrying { .. } => "retrying",
            Self::ActionRequired { .. } => "action_required",
            Self::Failed { .. } => "failed",
            Self::Released { .. } => "released",
            Self::LeaseOver { .. } => "lease_over",
            Self::Restarted { .. } => "restarted",
            Self::Undone { .. } => "undone",
            Self::HandedOver { .. } => "handed_over",
            Self::Instructed { .. } => "instructed",
            Self::Taken { .. } => "taken",
            Self::Urgent { .. } => "urgent",
            Self::Snoozed { .. } => "snoozed",
            Self::Corrected { .. } => "corrected",
            Self::Confirmed { .. } => "confirmed",
            Self::CancelAsked { .. } => "cancel_asked",
            Self::Cancelled { .. } | Self::CancelledRunning { .. } => "cancelled",
            Self::Contradicted { .. } => "contradicted",
            Self::Late { .. } => "late",
        }
    }

    /// What was said of an attempt that was over, if this is that.
    pub fn doubt(&self) -> Option<&Outcome> {
        match self {
            Self::Late { outcome, .. } | Self::Contradicted { outcome, .. } => Some(outcome),
            _ => None,
        }
    }

    /// What was reported, and for which attempt, if this came from a report.
    pub fn report(&self) -> Option<(u32, Outcome)> {
        let failed = |f: &Failure| Outcome::Failed {
            code: f.code.clone(),
            params: f.params.clone(),
            detail: f.detail.clone(),
        };
        Some(match self {
            Self::Succeeded { attempt, result } => (
                *attempt,
                Outcome::Succeeded {
                    result: result.clone(),
                },
            ),
            Self::Retrying { attempt, failure, .. } | Self::ActionRequired { attempt, failure } => {
                (*attempt, failed(failure))
            }
            Self::Failed { attempt, failure } if failure.code == KEEPS_BEING_RELEASED => (
                *attempt,
                Outcome::Released {
                    reason: failure.detail.clone(),
                    retry_after_seconds: None,
                },
            ),
            Self::Failed { attempt, failure } if failure.code != OUTCOME_UNKNOWN => {
                (*attempt, failed(failure))
            }
            Self::Released { attempt, reason, .. } => (
                *attempt,
                Outcome::Released {
                    reason: reason.clone(),
                    retry_after_seconds: None,
                },
            ),
            Self::CancelledRunning { attempt, outcome } => (*attempt, outcome.clone()),
            _ => return None,
        })
    }
}

/// A numbered event, as it is fanned out after the commit that wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Rises by one for each event of the desk.
    pub seq: i64,
    /// Whose.
    pub office: i64,
    /// Which task.
    pub task: TaskId,
    /// When, milliseconds since 1970 UTC.
    pub at: i64,
    /// What.
    pub happened: Happened,
}

/// The state that a task's events fold to (promise 6). Events come oldest first; `None` for no events.
pub fn fold<'a>(events: impl IntoIterator<Item = &'a Happened>) -> Option<TaskState> {
    events.into_iter().fold(None, |state, happened| match happened {
        Happened::Delivered
        | Happened::Retrying { .. }
        | Happened::LeaseOver { .. }
        | Happened::Released { .. }
        | Happened::Restarted { .. } => Some(TaskState::Queued),
        Happened::Claimed { .. } => Some(TaskState::Running),
        Happened::Succeeded { .. } => Some(TaskState::Succeeded),
        Happened::ActionRequired { .. } | Happened::Instructed { .. } => Some(TaskState::ActionRequired),
        Happened::Undone { to, .. } => Some(*to),
        Happened::HandedOver { to, .. } => Some(to.state()),
        Happened::Failed { .. } => Some(TaskState::Failed),
        Happened::Cancelled { .. } | Happened::CancelledRunning { .. } => Some(TaskState::Cancelled),
        Happened::Corrected { .. }
        | Happened::Confirmed { .. }
        | Happened::CancelAsked { .. }
        | Happened::Contradicted { .. }
        | Happened::Late { .. }
        | Happened::Taken { .. }
        | Happened::Urgent { .. }
        | Happened::Snoozed { .. } => state,
    })
}

/// The failures of a task that a person has said to be none, as far as that was not taken back. Events come oldest first.
pub fn confirmed<'a>(events: impl IntoIterator<Item = &'a Happened>) -> Vec<String> {
    let (mut codes, mut stood) = (vec![], 0);
    for happened in events {
        match happened {
            Happened::Confirmed { code, .. } => codes.push(code.clone()),
            Happened::ActionRequired { .. } | Happened::Failed { .. } => stood = codes.len(),
            // with the restart what was said for it is taken back
            Happened::Undone { .. } => codes.truncate(stood),
            _ => {}
        }
    }
    codes.dedup();
    codes
}

/// An attempt as its events tell it.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt<'a> {
    /// From 1.
    pub number: u32,
    /// Who made it.
    pub connector: i64,
    /// Place of its claim among the events.
    pub began: usize,
    /// Place of the event that ended it; `None` while it runs.
    pub ended: Option<usize>,
    /// `running`, `succeeded`, `failed`, `released`, `lease_over` or `closed`.
    pub outcome: &'a str,
}

/// The attempts that a task's events tell of. Events come oldest first.
pub fn attempts<'a>(events: impl IntoIterator<Item = &'a Happened>) -> Vec<Attempt<'static>> {
    let mut attempts: Vec<Attempt<'static>> = vec![];
    for (i, happened) in events.into_iter().enumerate() {
        if let Happened::Claimed { connector, attempt } = happened {
            attempts.push(Attempt {
                number: *attempt,
                connector: *connector,
                began: i,
                ended: None,
                outcome: "running",
            });
            continue;
        }
        let Some(last) = attempts.last_mut() else { continue };
        let outcome = match happened {
            Happened::Succeeded { .. } => "succeeded",
            Happened::Failed { failure, .. } if failure.code == OUTCOME_UNKNOWN => "lease_over",
            Happened::Retrying { .. } | Happened::ActionRequired { .. } | Happened::Failed { .. } => "failed",
            Happened::Released { .. } => "released",
            Happened::LeaseOver { .. } => "lease_over",
            Happened::CancelledRunning { .. } | Happened::Cancelled { .. } if last.ended.is_none() => {
                "closed"
            }
            _ => continue,
        };
        last.outcome = outcome;
        last.ended = Some(i);
    }
    attempts
}

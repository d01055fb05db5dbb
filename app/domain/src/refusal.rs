//! Each way the business says no, with its code, status and sentence (connector protocol, "Errors").

use crate::view::plan::InTheWay;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The code of a refusal by planned downtime.
pub const OUT_OF_SERVICE: &str = "temporarily_out_of_service";

/// One broken rule of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Where: a path such as `tasks[3].kind`.
    pub field: String,
    /// What is wrong with it and what would be right.
    pub message: String,
}

/// A refusal: nothing was done, and this is why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The body is not JSON.
    Malformed(String),
    /// Nobody, or somebody we do not know any more.
    Unauthenticated,
    /// Known, but not allowed to do this.
    Forbidden(String),
    /// No such thing in this office.
    NotFound,
    /// The lease is not the task's current one, or its attempt is closed.
    StaleLease,
    /// This attempt was already reported with another outcome.
    ConflictingReport,
    /// The task cannot go there from its state.
    WrongState(String),
    /// It would stand in the way of others in the plan of the day; with a reason it may (J3).
    Clash(Box<InTheWay>),
    /// It may be done, but what is listed must be read and confirmed first (J18).
    Unconfirmed(Vec<FieldError>),
    /// The body is over its limit.
    TooLarge,
    /// Well-formed, but it breaks a rule.
    Invalid(Vec<FieldError>),
    /// Too often; the number is how many seconds to wait.
    TooManyRequests(u32),
    /// It could not be written; nothing was done.
    StorageUnavailable,
    /// Planned downtime, and the caller is not exempt; nothing was queued (D15).
    OutOfService {
        /// Since when, milliseconds since 1970 UTC.
        since: i64,
        /// Seconds until the expected end, where one is known.
        retry_after: Option<u32>,
    },
    /// The server is going down; nothing was done.
    Draining,
    /// The browser cannot reach the server.
    Offline,
    /// Our own fault. The log knows more.
    Internal,
}

impl Refusal {
    /// One broken rule of one field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError {
            field: field.into(),
            message: message.into(),
        }])
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden(_) => 403,
            Self::NotFound => 404,
            Self::StaleLease
            | Self::ConflictingReport
            | Self::WrongState(_)
            | Self::Clash(_)
            | Self::Unconfirmed(_) => 409,
            Self::TooLarge => 413,
            Self::Invalid(_) => 422,
            Self::TooManyRequests(_) => 429,
            Self::StorageUnavailable | Self::OutOfService { .. } | Self::Draining | Self::Offline => 503,
            Self::Internal => 500,
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden(_) => "forbidden",
            Self::NotFound => "not_found",
            Self::StaleLease => "stale_lease",
            Self::ConflictingReport => "conflicting_report",
            Self::WrongState(_) => "wrong_state",
            Self::Clash(_) => "clash",
            Self::Unconfirmed(_) => "unconfirmed",
            Self::TooLarge => "too_large",
            Self::Invalid(_) => "invalid",
            Self::TooManyRequests(_) => "too_many_requests",
            Self::StorageUnavailable => "storage_unavailable",
            Self::OutOfService { .. } => OUT_OF_SERVICE,
            Self::Draining => "draining",
            Self::Offline => "offline",
            Self::Internal => "internal",
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "The body is not JSON",
            Self::Unauthenticated => "Not signed in",
            Self::Forbidden(_) => "Not allowed",
            Self::NotFound => "Not found",
            Self::StaleLease => "The lease is over",
            Self::ConflictingReport => "Already reported otherwise",
            Self::WrongState(_) => "Not possible in this state",
            Self::Clash(_) => "Clashes with the plan",
            Self::Unconfirmed(_) => "To be confirmed",
            Self::TooLarge => "Too large",
            Self::Invalid(_) => "Invalid",
            Self::TooManyRequests(_) => "Too many requests",
            Self::StorageUnavailable => "Storage unavailable",
            Self::OutOfService { .. } => "Temporarily out of service",
            Self::Draining => "Shutting down",
            Self::Offline => "No connection",
            Self::Internal => "Internal error",
        }
    }

    /// The problem document of RFC 9457 that says this refusal.
    pub fn problem(&self) -> Problem {
        Problem {
            r#type: "about:blank".into(),
            title: self.title().into(),
            status: self.status(),
            detail: self.to_string(),
            code: self.code().into(),
            errors: match self {
                Self::Invalid(errors) | Self::Unconfirmed(errors) => errors.clone(),
                _ => vec![],
            },
            clash: match self {
                Self::Clash(found) => Some(found.clone()),
                _ => None,
            },
            since: match self {
                Self::OutOfService { since, .. } => Some(crate::moment::rfc3339_utc(*since)),
                _ => None,
            },
            retry_after: match self {
                Self::OutOfService { retry_after, .. } => *retry_after,
                Self::TooManyRequests(s) => Some(*s),
                _ => None,
            },
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => write!(f, "The body could not be read as JSON: {why}."),
            Self::Unauthenticated => f.write_str("Send a token that is known and not revoked, or sign in."),
            Self::Forbidden(why) | Self::WrongState(why) => f.write_str(why),
            Self::Clash(found) => f.write_str(&found.sentence),
            Self::NotFound => f.write_str("There is no such thing in this office."),
            Self::StaleLease => f.write_str(
                "This lease is not the task's current one, or its attempt is closed. Stop working on the task.",
            ),
            Self::ConflictingReport => {
                f.write_str("This attempt was already reported with another outcome. The first one stands; both are kept.")
            }
            Self::TooLarge => f.write_str("The body is larger than 1 MiB."),
            Self::Invalid(errors) | Self::Unconfirmed(errors) => {
                for (i, e) in errors.iter().enumerate() {
                    write!(f, "{}{}: {}", if i > 0 { " " } else { "" }, e.field, e.message)?;
                }
                Ok(())
            }
            Self::TooManyRequests(s) => write!(f, "Too many requests. Try again in {s} seconds."),
            Self::StorageUnavailable => f.write_str("This could not be written to disk just now. Nothing was done."),
            Self::OutOfService { .. } => f.write_str(
                "Nachtwacht is temporarily out of service for planned maintenance. Nothing was queued: send it again afterwards.",
            ),
            Self::Draining => f.write_str("The server is shutting down. Nothing was done."),
            Self::Offline => f.write_str("The server cannot be reached just now."),
            Self::Internal => f.write_str("Something went wrong on our side. Nothing was done."),
        }
    }
}

impl std::error::Error for Refusal {}

/// `application/problem+json`, RFC 9457.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` tells the problems apart.
    pub r#type: String,
    /// The same words for every problem of this code.
    pub title: String,
    /// The HTTP status once more.
    pub status: u16,
    /// What happened this time and what to do.
    pub detail: String,
    /// Stable; programs decide by it.
    pub code: String,
    /// The broken rules, when the code is `invalid`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// What is in the way, when the code is `clash`; only pages meet it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    pub clash: Option<Box<InTheWay>>,
    /// Since when the desk is closed, RFC 3339 UTC, when the code is `temporarily_out_of_service`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Seconds to wait, where that is known: the header `Retry-After`.
    #[serde(skip)]
    #[schema(ignore)]
    pub retry_after: Option<u32>,
}

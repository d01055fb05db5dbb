//! Each way the business says no, with its code, status and sentence (connector protocol, "Errors").

use crate::rule::{NotAllowed, NotNow, Rule};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// The code of a refusal by planned downtime.
pub const OUT_OF_SERVICE: &str = "temporarily_out_of_service";

/// One broken rule of one field.
#[derive(Clone, Debug, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Where: a path such as `tasks[3].kind`.
    pub field: String,
    /// What is wrong with it and what would be right.
    pub message: String,
    /// The rule, where the message is not the words of somebody else; only pages meet it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "known")]
    #[schema(ignore)]
    pub rule: Option<Rule>,
}

impl FieldError {
    /// A field and the rule that it breaks.
    pub fn of(field: impl Into<String>, rule: Rule) -> Self {
        Self {
            field: field.into(),
            message: rule.to_string(),
            rule: Some(rule),
        }
    }

    /// A field and what is wrong with it in words that come from elsewhere: a parser, a schema, a file.
    pub fn said(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
            rule: None,
        }
    }

    /// The same of another field.
    #[must_use]
    pub fn at(self, field: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            ..self
        }
    }
}

/// What reads the same is the same: a caller of the API sees no more of it.
impl PartialEq for FieldError {
    fn eq(&self, other: &Self) -> bool {
        (&self.field, &self.message) == (&other.field, &other.message)
    }
}

/// A page that is older than the server does not know every reason.
fn known<'de, D: Deserializer<'de>, T: TryFrom<Vec<String>>>(from: D) -> Result<Option<T>, D::Error> {
    let words = Option::<Vec<String>>::deserialize(from)?;
    Ok(words.and_then(|w| T::try_from(w).ok()))
}

/// A refusal: nothing was done, and this is why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// What was sent cannot be read.
    Malformed(String),
    /// Nobody, or somebody we do not know any more.
    Unauthenticated,
    /// Known, but not allowed to do this.
    Forbidden(NotAllowed),
    /// No such thing in this office.
    NotFound,
    /// The lease is not the task's current one, or its attempt is closed.
    StaleLease,
    /// This attempt was already reported with another outcome.
    ConflictingReport,
    /// The task cannot go there from its state.
    WrongState(NotNow),
    /// It would stand in the way of others in the plan of the day; with a reason it may (J3).
    Clash {
        /// What it is, for those who have no page to say it in their language.
        sentence: String,
        /// A [`Problem::clash`].
        found: String,
    },
    /// It may be done, but what is listed must be read and confirmed first (J18).
    Unconfirmed(Vec<FieldError>),
    /// The body is over its limit.
    TooLarge,
    /// A document is over its limit.
    DocumentTooLarge,
    /// A document comes without saying how long it is.
    LengthRequired,
    /// Well-formed, but it breaks a rule.
    Invalid(Vec<FieldError>),
    /// Too often; the number is how many seconds to wait.
    TooManyRequests(u32),
    /// What is kept for the office is at its limit; somebody of the office must look through it first.
    Full,
    /// Too much at once for the machine; the number is how many seconds to wait.
    Busy(u32),
    /// It could not be read or written; nothing was done.
    StorageUnavailable,
    /// The disk is nearly full, or too much waits to be written; the number is how many seconds to wait.
    NoRoom(u32),
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
    /// Our own fault, which the log tells under this number.
    Broken(u64),
}

impl Refusal {
    /// One broken rule of one field.
    pub fn rule(field: impl Into<String>, rule: Rule) -> Self {
        Self::Invalid(vec![FieldError::of(field, rule)])
    }

    /// The same in words that come from elsewhere, as [`FieldError::said`].
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::said(field, message)])
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
            | Self::Clash { .. }
            | Self::Unconfirmed(_) => 409,
            Self::LengthRequired => 411,
            Self::TooLarge | Self::DocumentTooLarge => 413,
            Self::Invalid(_) => 422,
            Self::TooManyRequests(_) => 429,
            Self::StorageUnavailable
            | Self::Busy(_)
            | Self::NoRoom(_)
            | Self::OutOfService { .. }
            | Self::Draining
            | Self::Offline => 503,
            Self::Full => 507,
            Self::Internal | Self::Broken(_) => 500,
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
            Self::Clash { .. } => "clash",
            Self::Unconfirmed(_) => "unconfirmed",
            Self::TooLarge | Self::DocumentTooLarge => "too_large",
            Self::LengthRequired => "length_required",
            Self::Invalid(_) => "invalid",
            Self::TooManyRequests(_) => "too_many_requests",
            Self::Full => "full",
            Self::Busy(_) => "busy",
            Self::StorageUnavailable | Self::NoRoom(_) => "storage_unavailable",
            Self::OutOfService { .. } => OUT_OF_SERVICE,
            Self::Draining => "draining",
            Self::Offline => "offline",
            Self::Internal | Self::Broken(_) => "internal",
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "Not readable",
            Self::Unauthenticated => "Not signed in",
            Self::Forbidden(_) => "Not allowed",
            Self::NotFound => "Not found",
            Self::StaleLease => "The lease is over",
            Self::ConflictingReport => "Already reported otherwise",
            Self::WrongState(_) => "Not possible in this state",
            Self::Clash { .. } => "Clashes with the plan",
            Self::Unconfirmed(_) => "To be confirmed",
            Self::TooLarge | Self::DocumentTooLarge => "Too large",
            Self::LengthRequired => "Length required",
            Self::Invalid(_) => "Invalid",
            Self::TooManyRequests(_) => "Too many requests",
            Self::Full => "Full",
            Self::Busy(_) => "Busy",
            Self::StorageUnavailable | Self::NoRoom(_) => "Storage unavailable",
            Self::OutOfService { .. } => "Temporarily out of service",
            Self::Draining => "Shutting down",
            Self::Offline => "No connection",
            Self::Internal | Self::Broken(_) => "Internal error",
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
            not_now: match self {
                Self::WrongState(reason) => Some(reason.clone()),
                _ => None,
            },
            clash: match self {
                Self::Clash { found, .. } => Some(found.clone()),
                _ => None,
            },
            since: match self {
                Self::OutOfService { since, .. } => Some(crate::moment::rfc3339_utc(*since)),
                _ => None,
            },
            retry_after: match self {
                Self::OutOfService { retry_after, .. } => *retry_after,
                Self::TooManyRequests(s) | Self::Busy(s) | Self::NoRoom(s) => Some(*s),
                _ => None,
            },
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => write!(f, "What was sent could not be read: {why}."),
            Self::Unauthenticated => f.write_str("Send a token that is known and not revoked, or sign in."),
            Self::Forbidden(why) => why.fmt(f),
            Self::WrongState(why) => why.fmt(f),
            Self::Clash { sentence, .. } => f.write_str(sentence),
            Self::NotFound => f.write_str("There is no such thing in this office."),
            Self::StaleLease => f.write_str(
                "This lease is not the task's current one, or its attempt is closed. Stop working on the task.",
            ),
            Self::ConflictingReport => {
                f.write_str("This attempt was already reported with another outcome. The first one stands; both are kept.")
            }
            Self::TooLarge => f.write_str("The body is larger than this address takes."),
            Self::DocumentTooLarge => f.write_str("The document is larger than 25 MiB."),
            Self::LengthRequired => f.write_str("Say how long the document is: send Content-Length."),
            Self::Invalid(errors) | Self::Unconfirmed(errors) => {
                for (i, e) in errors.iter().enumerate() {
                    write!(f, "{}{}: {}", if i > 0 { " " } else { "" }, e.field, e.message)?;
                }
                Ok(())
            }
            Self::TooManyRequests(s) => write!(f, "Too many requests. Try again in {s} seconds."),
            Self::Full => f.write_str("The office has to look through what it was sent before it can take more. Nothing was kept. Send it without files, or by mail."),
            Self::Busy(s) => write!(f, "Too much at once just now. Nothing was done. Try again in {s} seconds."),
            Self::StorageUnavailable => f.write_str("This could not be read from or written to disk just now. Nothing was done."),
            Self::NoRoom(s) => write!(
                f,
                "There is no room for this just now: the disk is nearly full, or too much waits to be written. Nothing was done. Try again in {s} seconds."
            ),
            Self::OutOfService { .. } => f.write_str(
                "Nachtwacht is temporarily out of service for planned maintenance. Nothing was queued: send it again afterwards.",
            ),
            Self::Draining => f.write_str("The server is shutting down. Nothing was done."),
            Self::Offline => f.write_str("The server cannot be reached just now."),
            Self::Internal => f.write_str("Something went wrong on our side. Nothing was done."),
            Self::Broken(number) => write!(
                f,
                "Something went wrong on our side. Nothing was done. The log tells it under number {number}."
            ),
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
    /// The reason, when the code is `wrong_state`; only pages meet it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "known")]
    #[schema(ignore)]
    pub not_now: Option<NotNow>,
    /// What is in the way, when the code is `clash`: what the plan has there, as JSON, for the pages of jobs alone to
    /// read. As a type its reader would be in every page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    pub clash: Option<String>,
    /// Since when the desk is closed, RFC 3339 UTC, when the code is `temporarily_out_of_service`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Seconds to wait, where that is known: the header `Retry-After`, which pages do not see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    pub retry_after: Option<u32>,
}

impl Problem {
    /// As programs are told it: in words, without what is for pages alone.
    #[must_use]
    pub fn for_programs(mut self) -> Self {
        (self.not_now, self.retry_after) = (None, None);
        for error in &mut self.errors {
            error.rule = None;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(problem: &Problem) -> String {
        serde_json::to_string(problem).unwrap()
    }

    #[test]
    fn what_is_typed_is_for_pages_alone() {
        let problem = Refusal::rule(
            "code",
            Rule::CodeOf {
                who: "De Smet".into(),
            },
        )
        .problem();
        let errors = r#""errors":[{"field":"code","message":"is already the code of De Smet""#;
        assert!(told(&problem).ends_with(&format!(r#"{errors},"rule":["CodeOf","De Smet"]}}]}}"#)));
        assert!(told(&problem.clone().for_programs()).ends_with(&format!("{errors}}}]}}")));
        assert_eq!(
            serde_json::from_str::<Problem>(&told(&problem)).unwrap().errors[0].rule,
            problem.errors[0].rule
        );
        let problem = Refusal::WrongState(NotNow::JobOff).problem();
        let told_page = told(&problem);
        assert!(told_page.ends_with(r#""code":"wrong_state","not_now":["JobOff"]}"#));
        assert!(told(&problem.for_programs()).ends_with(r#""code":"wrong_state"}"#));
        let newer = told_page.replace("JobOff", "OfTomorrow");
        assert_eq!(serde_json::from_str::<Problem>(&newer).unwrap().not_now, None);
    }
}

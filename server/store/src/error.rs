//! The engine's error: the business said no, the disk did, or we made a mistake.

use domain::{Refusal, Rule};
use rusqlite::ErrorCode;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

/// Why a verb did nothing.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The business says no.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The disk could not be read or written. The sentence is for the log.
    #[error("storage: {0}")]
    Storage(String),
    /// Our own fault, or a row that no program of ours wrote: it concerns what was asked, and nothing beside it.
    #[error("number {number}: {why}")]
    Broken {
        /// What the caller is told, to find it in the log again.
        number: u64,
        /// For the log.
        why: String,
    },
}

/// A verb's answer.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Our own fault, under a new number.
    pub fn broken(why: impl Into<String>) -> Self {
        Self::Broken {
            number: number(),
            why: why.into(),
        }
    }

    /// What the caller is told.
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Refused(r) => r.clone(),
            Self::Storage(_) => Refusal::StorageUnavailable,
            Self::Broken { number, .. } => Refusal::Broken(*number),
        }
    }

    /// The business said no: nothing is wrong with the desk.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

/// Of a moment, and never the same twice.
fn number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = now.as_secs().saturating_mul(100) % 100_000_000_000;
    let last = LAST.fetch_max(now, Ordering::Relaxed).max(now);
    LAST.fetch_add(1, Ordering::Relaxed).max(last) + 1
}

/// SQLite's own words for a text, a pattern or a list that is longer than it takes: whoever sent it is told so.
fn is_too_large(code: Option<ErrorCode>, said: &str) -> bool {
    code == Some(ErrorCode::TooBig)
        || ["too complex", "too big", "too many SQL variables", "too large"]
            .iter()
            .any(|words| said.contains(words))
}

/// What only a disk, or a file on it, does.
fn is_of_the_disk(code: Option<ErrorCode>) -> bool {
    !matches!(
        code,
        None | Some(
            ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch
                | ErrorCode::ParameterOutOfRange
                | ErrorCode::ApiMisuse
                | ErrorCode::InternalMalfunction
                | ErrorCode::Unknown
        )
    )
}

fn of_sqlite(code: Option<ErrorCode>, said: String) -> Error {
    if is_too_large(code, &said) {
        Refusal::rule("body", Rule::TooLongToLookFor).into()
    } else if is_of_the_disk(code) {
        Error::Storage(said)
    } else {
        Error::broken(said)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(e: rusqlite::Error) -> Self {
        of_sqlite(e.sqlite_error_code(), e.to_string())
    }
}

impl From<sqlx::Error> for Error {
    fn from(e: sqlx::Error) -> Self {
        let said = e.to_string();
        match &e {
            sqlx::Error::Database(of) => {
                let number = of.code().and_then(|c| c.parse().ok());
                of_sqlite(number.map(|n| rusqlite::ffi::Error::new(n).code), said)
            }
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::broken(said),
            _ => Self::Storage(said),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(e: serde_json::Error) -> Self {
        Self::broken(format!("a stored value cannot be read: {e}"))
    }
}

/// What a failed insert means: for a value that must be there once and is there already, a refusal that names
/// its field.
pub fn taken(field: &'static str) -> impl FnOnce(rusqlite::Error) -> Error {
    move |e| match e.sqlite_error() {
        Some(s) if s.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE => {
            Refusal::rule(field, Rule::InUse).into()
        }
        _ => e.into(),
    }
}

//! The engine's error: the business said no, or the storage did.

use domain::Refusal;

/// Why a verb did nothing.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The business says no.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// It could not be read or written. The sentence is for the log.
    #[error("storage: {0}")]
    Storage(String),
}

/// A verb's answer.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// What the caller is told.
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Refused(r) => r.clone(),
            Self::Storage(_) => Refusal::StorageUnavailable,
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(e: rusqlite::Error) -> Self {
        Self::Storage(e.to_string())
    }
}

impl From<sqlx::Error> for Error {
    fn from(e: sqlx::Error) -> Self {
        Self::Storage(e.to_string())
    }
}

impl From<serde_json::Error> for Error {
    fn from(e: serde_json::Error) -> Self {
        Self::Storage(format!("a stored value cannot be read: {e}"))
    }
}

/// What a failed insert means: for a value that must be there once and is there already, a refusal that names
/// its field.
pub fn taken(field: &'static str) -> impl FnOnce(rusqlite::Error) -> Error {
    move |e| match e.sqlite_error() {
        Some(s) if s.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE => {
            Refusal::field(field, "is already in use").into()
        }
        _ => e.into(),
    }
}

//! Why a task could not be carried out.

use std::fmt;

use serde_json::{Map, Value};

/// Why a task could not be carried out.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Stable key of the kind of failure, for example `double_booking`.
    pub code: String,
    /// The figures and names of this case, for a translated message.
    pub params: Map<String, Value>,
    /// One English sentence, or the message of the package.
    pub detail: String,
}

impl Failure {
    pub(super) fn new(code: &str, detail: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            params: Map::new(),
            detail: detail.into(),
        }
    }

    pub(super) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.params.insert(key.to_owned(), value.into());
        self
    }

    /// The document cannot be booked as it is; `reason` is a stable key.
    pub(super) fn document(reason: &str, detail: impl Into<String>) -> Self {
        Self::new("document_invalid", detail).with("reason", reason)
    }

    /// A mandatory field of the document or of the payload is missing.
    pub(super) fn missing(field: &str) -> Self {
        Self::document(
            "missing_field",
            format!("The mandatory field {field} is missing or empty."),
        )
        .with("field", field)
    }

    /// The characters of the document cannot be read.
    pub fn unreadable(why: &engine::tasks::document::text::Unreadable) -> Self {
        Self::document("encoding", format!("The document cannot be read: {why}."))
            .with("found", why.encoding())
    }

    /// The books cannot be read or written as they are.
    pub(super) fn database(detail: impl AsRef<str>) -> Self {
        Self::new("database_error", shortened(detail.as_ref()))
    }

    /// The package does not run or does not answer in time.
    pub(super) fn unreachable(detail: impl AsRef<str>) -> Self {
        Self::new("package_unreachable", shortened(detail.as_ref()))
    }
}

/// Messages of the package can quote whole transactions; the beginning is enough.
fn shortened(message: &str) -> String {
    message.trim().chars().take(500).collect()
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.detail)
    }
}

impl std::error::Error for Failure {}

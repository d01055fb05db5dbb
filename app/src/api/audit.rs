//! For the pages: the audit log.

use super::{ApiError, Json};
use leptos::prelude::*;
use views::audit::{AuditAsked, AuditPage};

/// What people did in an office, newest first (S3).
#[server(name = AuditCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "audit")]
pub async fn audit(office: String, asked: AuditAsked) -> Result<AuditPage, ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?.audit(&viewer, &office, &asked).await?)
}

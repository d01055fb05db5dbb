//! For the pages: work on many tasks at once (T18).

use super::{ApiError, Json};
use leptos::prelude::*;
use views::bulk::{Outlook, Progress, Verb, Which};

/// What would be done.
#[server(name = LookAtBulkCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "look_at_bulk")]
pub async fn look_at_bulk(office: String, verb: Verb, which: Which) -> Result<Outlook, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .look_at_bulk(&viewer, office.id, verb, &which)
        .await?)
}

/// Begins what was counted and confirmed.
#[server(name = StartBulkCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "start_bulk")]
pub async fn start_bulk(
    office: String,
    verb: Verb,
    which: Which,
    counted: Outlook,
    note: String,
) -> Result<Progress, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .start_bulk(&viewer, office.id, verb, &which, &counted, Some(note))
        .await?)
}

/// How far it is.
#[server(name = BulkProgressCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "bulk_progress")]
pub async fn bulk_progress(office: String, id: i64) -> Result<Progress, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .bulk_progress(&viewer, office.id, id)
        .await?)
}

/// Stops it: what is done stays done, the rest is left as it is.
#[server(name = StopBulkCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "stop_bulk")]
pub async fn stop_bulk(office: String, id: i64) -> Result<Progress, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.stop_bulk(&viewer, office.id, id).await?)
}

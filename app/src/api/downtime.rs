//! For the pages: planned downtime (D1–D19).

use super::{ApiError, Json};
use domain::downtime::Notice;
use leptos::prelude::*;
use views::downtime::{DowntimePage, Draft, Preview};

/// What a person is shown of a downtime on every page of an office.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "downtime_notice")]
pub async fn downtime_notice(office: String) -> Result<Option<Notice>, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    let engine = crate::ssr::engine()?;
    if engine.downtimes().is_empty() {
        return Ok(None);
    }
    Ok(engine.downtime_notice(&viewer, office.id, &office.zone).await?)
}

/// The reader has read the pop-up.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "saw_downtime")]
pub async fn saw_downtime(id: i64) -> Result<(), ApiError> {
    let viewer = crate::ssr::viewer().await?;
    Ok(crate::ssr::engine()?.saw_downtime(&viewer, id).await?)
}

/// The page.
#[server(name = DowntimeCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "downtime")]
pub async fn downtime(office: String) -> Result<DowntimePage, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.downtime_page(&viewer, &office).await?)
}

/// What it would touch; nothing is changed. `id` is the one that is to be changed.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "preview_downtime")]
pub async fn preview_downtime(office: String, id: Option<i64>, draft: Draft) -> Result<Preview, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .preview_downtime(&viewer, &office, id, draft)
        .await?)
}

/// Announces one; with `shift` the jobs that can move are moved.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "announce_downtime")]
pub async fn announce_downtime(office: String, draft: Draft, shift: bool) -> Result<i64, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .announce_downtime(&viewer, &office, draft, shift)
        .await?)
}

/// Changes the one that still is as in `version`.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "change_downtime")]
pub async fn change_downtime(
    office: String,
    id: i64,
    version: i64,
    draft: Draft,
    shift: bool,
) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .change_downtime(&viewer, &office, id, version, draft, shift)
        .await?)
}

/// Opens again, or calls it off.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "lift_downtime")]
pub async fn lift_downtime(office: String, id: i64) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.lift_downtime(&viewer, &office, id).await?)
}

/// Lets an integration run on, or not.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "set_exempt")]
pub async fn set_exempt(office: String, id: i64, exempt: bool) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .set_exempt(&viewer, office.id, id, exempt)
        .await?)
}

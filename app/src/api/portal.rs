//! For the portal: what people outside see of their own affairs.

use super::{ApiError, Json};
use domain::downtime::Notice;
use leptos::prelude::*;
use views::portal::PortalPage;

/// The page.
#[server(name = PortalCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "portal")]
pub async fn portal() -> Result<PortalPage, ApiError> {
    let viewer = crate::ssr::viewer().await?;
    Ok(crate::ssr::engine()?.portal(&viewer).await?)
}

/// What the reader is shown of a downtime.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "portal_notice")]
pub async fn portal_notice() -> Result<Option<Notice>, ApiError> {
    let viewer = crate::ssr::viewer().await?;
    Ok(crate::ssr::engine()?.portal_notice(&viewer).await?)
}

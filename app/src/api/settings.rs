//! For the pages: settings of an office.

use super::{ApiError, Json};
use leptos::prelude::*;
use views::settings::{Settings, SettingsPage};

/// An office's settings, and the zones to choose from.
#[server(name = SettingsCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "settings")]
pub async fn settings(office: String) -> Result<SettingsPage, ApiError> {
    let (_, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?.settings(office.id).await?)
}

/// Sets what differs from what was read.
#[server(name = SaveSettingsCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "save_settings")]
pub async fn save_settings(office: String, was: Settings, new: Settings) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?
        .save_settings(viewer, office.id, was, new)
        .await?)
}

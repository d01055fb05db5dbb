//! For the pages: collection systems and their entries (C1–C7).

use super::{ApiError, Json};
use domain::job::JobId;
use leptos::prelude::*;
use views::collection::{SystemDetail, SystemsPage, Times};

/// Every collection system of an office. Who may not set up jobs sees none, and whom to ask.
#[server(name = SystemsCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "systems")]
pub async fn systems(office: String) -> Result<SystemsPage, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.systems(&viewer, &office).await?)
}

/// A system and its entries.
#[server(name = SystemCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "system")]
pub async fn system(office: String, id: i64) -> Result<SystemDetail, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.system(&viewer, &office, id).await?)
}

/// Adds a system for a company; gives its number.
#[server(name = AddSystemCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "add_system")]
pub async fn add_system(office: String, code: String, company: String) -> Result<i64, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .add_system(&viewer, office.id, &code, &company)
        .await?)
}

/// Opens or shuts the gates of a system that still is as in `version` (C2).
#[server(name = SetSystemCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "set_system")]
pub async fn set_system(
    office: String,
    id: i64,
    version: i64,
    active: bool,
    direct: bool,
) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .set_system(&viewer, office.id, id, version, active, direct)
        .await?)
}

/// Makes a system the active one of its company, and switches the other off (C3).
#[server(name = SwitchSystemCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "switch_system")]
pub async fn switch_system(office: String, id: i64, version: i64) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .switch_system(&viewer, office.id, id, version)
        .await?)
}

/// Makes the entries that are not there yet; gives how many (C5).
#[server(name = MakeEntriesCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "make_entries")]
pub async fn make_entries(office: String, id: i64) -> Result<u32, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.make_entries(&viewer, office.id, id).await?)
}

/// Changes the times of an entry that still is as in `version`; gives its new version (C7).
#[server(name = SaveEntryCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "save_entry")]
pub async fn save_entry(
    office: String,
    job: JobId,
    version: i64,
    times: Times,
    despite: Option<String>,
) -> Result<i64, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .save_entry(&viewer, office.id, job, version, times, despite)
        .await?)
}

/// Switches an entry on or off (C6).
#[server(name = SwitchEntryCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "switch_entry")]
pub async fn switch_entry(
    office: String,
    job: JobId,
    version: i64,
    on: bool,
    despite: Option<String>,
) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .switch_entry(&viewer, office.id, job, version, on, despite)
        .await?)
}

//! For the pages: a dossier is activated, named anew, put away and taken back (T21).

use super::{ApiError, Json};
use domain::{DossierId, TaskId};
use leptos::prelude::*;
use views::dossiers::{ActivateFrame, NewDossier};

/// What the form of an activation needs.
#[server(name = ActivateFrameCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "activate_frame")]
pub async fn activate_frame(office: String) -> Result<ActivateFrame, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.activate_frame(&viewer, &office).await?)
}

/// Queues the activation of a new dossier; the same key again is the same activation.
#[server(name = ActivateDossierCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "activate_dossier")]
pub async fn activate_dossier(office: String, new: NewDossier, key: String) -> Result<TaskId, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .activate_dossier(&viewer, office.id, new, &key)
        .await?)
}

/// Queues another activation of a dossier whose last one came to nothing.
#[server(name = ActivateAgainCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "activate_again")]
pub async fn activate_again(office: String, dossier: DossierId) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .activate_again(&viewer, office.id, dossier)
        .await?)
}

/// Gives a dossier another name.
#[server(name = RenameDossierCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "rename_dossier")]
pub async fn rename_dossier(office: String, dossier: DossierId, name: String) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?
        .rename_dossier(&viewer, office.id, dossier, &name)
        .await?)
}

/// Puts a dossier away, or takes it back.
#[server(name = ArchiveDossierCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "archive_dossier")]
pub async fn archive_dossier(office: String, dossier: DossierId, away: bool) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?
        .archive_dossier(&viewer, office.id, dossier, away)
        .await?)
}

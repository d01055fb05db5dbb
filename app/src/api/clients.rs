//! For the pages: Active clients (T11), one dossier (T12), and who manages one.

use super::{ApiError, Json};
use domain::{DossierId, TaskId};
use leptos::prelude::*;
use views::clients::{After, ChangedClients, Clients, ClientsAsked, ClientsFrame, DossierPage, DossierTab};

/// A page of Active clients, after a line or from the first.
#[server(name = ClientsCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "clients")]
pub async fn clients(office: String, asked: ClientsAsked, after: Option<After>) -> Result<Clients, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    let asked = short(asked);
    Ok(crate::ssr::engine()?
        .clients(&viewer, &office, &asked, after.as_ref())
        .await?)
}

/// How dossiers that changed now stand, by code.
#[server(name = ChangedClientsCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "changed_clients")]
pub async fn changed_clients(
    office: String,
    asked: ClientsAsked,
    codes: Vec<String>,
) -> Result<ChangedClients, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    let asked = short(asked);
    Ok(crate::ssr::engine()?
        .changed_clients(&viewer, &office, &asked, &codes)
        .await?)
}

/// What the tools of Active clients need.
#[server(name = ClientsFrameCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "clients_frame")]
pub async fn clients_frame(office: String) -> Result<ClientsFrame, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.clients_frame(&viewer, &office).await?)
}

/// One dossier with a tab of its page.
#[server(name = DossierCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "dossier")]
pub async fn dossier(
    office: String,
    code: String,
    tab: DossierTab,
    before: Option<TaskId>,
) -> Result<DossierPage, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .dossier(&viewer, &office, &code, tab, before)
        .await?)
}

/// Makes a person a manager of dossiers, or no longer; gives those that this changed.
#[server(name = SetManagerCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "set_manager")]
pub async fn set_manager(
    office: String,
    dossiers: Vec<DossierId>,
    person: i64,
    manages: bool,
) -> Result<Vec<DossierId>, ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?
        .set_manager(viewer, office.id, dossiers, person, manages)
        .await?)
}

/// A text from an address may be of any length.
#[cfg(feature = "ssr")]
fn short(asked: ClientsAsked) -> ClientsAsked {
    ClientsAsked {
        text: asked.text.chars().take(200).collect(),
        ..asked
    }
}

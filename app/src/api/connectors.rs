//! For the pages: the fleet of an office (T17), and what those do to it who run the office.

use super::{ApiError, Json};
use leptos::prelude::*;
use views::connectors::{FleetView, Holder, Shown};

/// The fleet. Not for staff who see only some dossiers.
#[server(name = FleetCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "fleet")]
pub async fn fleet(office: String) -> Result<FleetView, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    if !viewer.sees_every_dossier() {
        return Err(domain::Refusal::Forbidden(domain::NotAllowed::FleetFromStaff).into());
    }
    Ok(crate::ssr::engine()?.fleet(&viewer, &office).await?)
}

/// Adds a connector; gives the code that enrols it.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "add_connector")]
pub async fn add_connector(office: String, name: String) -> Result<Shown, ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?
        .new_connector(&viewer, office.id, &name)
        .await?)
}

/// Adds a system that delivers; gives its token.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "add_integration")]
pub async fn add_integration(office: String, name: String) -> Result<Shown, ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?
        .new_integration(&viewer, office.id, &name)
        .await?)
}

/// A new code that enrols a connector.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "enrol_code")]
pub async fn enrol_code(office: String, connector: i64) -> Result<Shown, ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?
        .new_enrol_code(&viewer, office.id, connector)
        .await?)
}

/// A new token; the old one stays valid for some hours.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "rotate")]
pub async fn rotate(office: String, holder: Holder, keep_hours: u32) -> Result<Shown, ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?
        .rotate(&viewer, office.id, holder, keep_hours)
        .await?)
}

/// Shuts a connector or an integration out.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "shut_out")]
pub async fn shut_out(office: String, holder: Holder) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?.shut_out(&viewer, office.id, holder).await?)
}

/// Holds a connector back with a reason; without one lets it go on.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "hold_connector")]
pub async fn hold_connector(office: String, connector: i64, reason: Option<String>) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    let engine = crate::ssr::engine()?;
    match reason {
        Some(reason) => engine.hold(&viewer, office.id, connector, &reason).await?,
        None => engine.let_go(&viewer, office.id, connector).await?,
    }
    Ok(())
}

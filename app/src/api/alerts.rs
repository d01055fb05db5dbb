//! For the pages: alerts (M1), and what a person is told (M13).

use super::{ApiError, Json};
use leptos::prelude::*;
use views::alerts::{AlertList, Notices};

/// The alerts of an office and of the whole desk. Not for staff who see only some dossiers.
#[server(name = AlertsCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "alerts")]
pub async fn alerts(office: String) -> Result<AlertList, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    if !viewer.sees_every_dossier() {
        return Err(domain::Refusal::Forbidden(domain::NotAllowed::AlertsFromStaff).into());
    }
    Ok(crate::ssr::engine()?.alerts(&office).await?)
}

/// What the person is told.
#[server(name = NoticesCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "notices")]
pub async fn notices(office: String) -> Result<Notices, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.notices(&viewer, &office).await?)
}

/// The person has seen these; with an empty list, all of the office.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "read_notices")]
pub async fn read_notices(office: String, ids: Vec<i64>) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .read_notices(&viewer, office.id, ids)
        .await?)
}

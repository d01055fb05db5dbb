//! For the public forms and the page of what they sent (D11).

use super::{ApiError, Json};
use domain::{TaskId, request::RequestsPage};
use leptos::prelude::*;

/// The name of an office that has public forms.
#[server(name = PublicOfficeCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "public/office")]
pub async fn public_office(code: String) -> Result<String, ApiError> {
    let found = crate::ssr::engine()?.public_office(&code);
    found
        .map(|(_, name)| name)
        .ok_or_else(|| domain::Refusal::NotFound.into())
}

/// What was sent to an office.
#[server(name = RequestsCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "requests")]
pub async fn requests(office: String) -> Result<RequestsPage, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.requests(&viewer, &office).await?)
}

/// Accepts a request; an intake becomes the activation of a dossier.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "accept_request")]
pub async fn accept_request(
    office: String,
    id: i64,
    code: String,
    package: String,
) -> Result<Option<TaskId>, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .accept_request(&viewer, office.id, id, code, package)
        .await?)
}

/// Declines a request.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "decline_request")]
pub async fn decline_request(office: String, id: i64) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .decline_request(&viewer, office.id, id)
        .await?)
}

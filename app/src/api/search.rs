//! For the pages: search.

use super::{ApiError, Json};
use domain::view::search::Found;
use leptos::prelude::*;

/// What a text finds, as far as the person may see it (C8).
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "search")]
pub async fn search(office: String, text: String) -> Result<Found, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    crate::ssr::engine()?
        .search(&viewer, &office, &text)
        .await
        .map_err(crate::ssr::refuse)
}

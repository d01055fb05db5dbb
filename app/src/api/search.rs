//! For the pages: search.

use super::{ApiError, Json};
use domain::typed::Words;
use leptos::prelude::*;
use views::search::Found;

/// What a text finds, as far as the person may see it (C8).
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "search")]
pub async fn search(office: String, text: Words) -> Result<Found, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .search(&viewer, &office, text.as_str())
        .await?)
}

//! For the pages: a file of dossiers as it was read, confirmed, and how far it is (X1.3, X1.4). The file itself comes in
//! at an address of its own, because it is no JSON.

use super::{ApiError, Json};
use leptos::prelude::*;
use views::import::{ImportLine, ImportPage};

/// The last files that were confirmed.
#[server(name = ImportsCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "imports")]
pub async fn imports(office: String) -> Result<Vec<ImportLine>, ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?.imports(&viewer, &office).await?)
}

/// A file as it now stands.
#[server(name = ImportCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "import")]
pub async fn import(office: String, id: i64) -> Result<ImportPage, ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?.import(&viewer, &office, id).await?)
}

/// Begins what was shown.
#[server(name = ConfirmImportCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "confirm_import")]
pub async fn confirm_import(office: String, id: i64) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?
        .confirm_import(&viewer, office.id, id)
        .await?)
}

/// Stops it: what is made stays.
#[server(name = StopImportCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "stop_import")]
pub async fn stop_import(office: String, id: i64) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?.stop_import(&viewer, office.id, id).await?)
}

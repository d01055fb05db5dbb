//! For the pages: causes, for Support (M3, M15).

use super::{ApiError, Json};
use leptos::prelude::*;
use views::causes::{CauseDetail, CauseDone, CauseFilter, CauseList, CausesAfter};

/// Causes across all offices. Instants are told in the office's zone.
#[server(name = CausesCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "causes")]
pub async fn causes(
    office: String,
    filter: CauseFilter,
    after: Option<CausesAfter>,
) -> Result<CauseList, ApiError> {
    let (viewer, zone) = crate::ssr::support_at(&office).await?;
    let text: String = filter.text.chars().take(200).collect();
    let filter = CauseFilter { text, ..filter };
    Ok(crate::ssr::engine()?
        .causes(&viewer, zone, &filter, after)
        .await?)
}

/// One cause with its tasks.
#[server(name = CauseCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "cause")]
pub async fn cause(office: String, key: String) -> Result<CauseDetail, ApiError> {
    let (viewer, zone) = crate::ssr::support_at(&office).await?;
    Ok(crate::ssr::engine()?.cause(&viewer, zone, &key).await?)
}

/// "I'm on it": the offices read who works on it.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "take_cause")]
pub async fn take_cause(key: String) -> Result<CauseDone, ApiError> {
    let viewer = crate::ssr::support().await?;
    Ok(crate::ssr::engine()?.take_cause(viewer, key).await?)
}

/// Restarts every task of a cause in every office, or one of them to test.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "restart_everywhere")]
pub async fn restart_everywhere(key: String, one: bool) -> Result<CauseDone, ApiError> {
    let viewer = crate::ssr::support().await?;
    Ok(crate::ssr::engine()?.restart_everywhere(viewer, key, one).await?)
}

/// Gives every red task of a cause to its office, with a note.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "hand_cause_over")]
pub async fn hand_cause_over(key: String, note: String) -> Result<CauseDone, ApiError> {
    let viewer = crate::ssr::support().await?;
    Ok(crate::ssr::engine()?.hand_cause_over(viewer, key, note).await?)
}

/// Somebody says that a cause is solved.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "solve_cause")]
pub async fn solve_cause(key: String) -> Result<(), ApiError> {
    let viewer = crate::ssr::support().await?;
    Ok(crate::ssr::engine()?.solve_cause(viewer, key).await?)
}

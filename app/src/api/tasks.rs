//! For the pages: Follow-up of tasks, a task's life, and what people do to tasks.

use super::{ApiError, Json};
use domain::{
    TaskId, TaskState,
    view::{Counts, TaskDetail, TaskList},
};
use leptos::prelude::*;

/// Follow-up of tasks (T13, T14). No states means failed and action required.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "tasks")]
pub async fn tasks(office: String, states: Vec<TaskState>, text: String) -> Result<TaskList, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    let text: String = text.chars().take(200).collect();
    let filter = engine::store::read::Filter {
        states,
        text: Some(text).filter(|t| !t.trim().is_empty()),
    };
    crate::ssr::engine()?
        .tasks(&viewer, &office, &filter)
        .await
        .map_err(crate::ssr::refuse)
}

/// How many tasks stand where, among those the person sees.
#[server(name = CountsCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "counts")]
pub async fn counts(office: String) -> Result<Counts, ApiError> {
    let (_, office) = crate::ssr::viewer_at(&office).await?;
    Ok(office.counts)
}

/// All that is known of a task (T15).
#[server(name = TaskDetailCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "task_detail")]
pub async fn task_detail(office: String, id: TaskId) -> Result<TaskDetail, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    crate::ssr::engine()?
        .task_detail(&viewer, &office, id)
        .await
        .map_err(crate::ssr::refuse)
}

/// Puts a stopped task back in the queue (M10).
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "restart")]
pub async fn restart(office: String, id: TaskId) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    let engine = crate::ssr::engine()?;
    engine
        .may_see(&viewer, office.id, id)
        .await
        .map_err(crate::ssr::refuse)?;
    let answers = engine
        .restart(viewer, office.id, vec![id])
        .await
        .map_err(crate::ssr::refuse)?;
    answers
        .into_iter()
        .collect::<Result<(), _>>()
        .map_err(ApiError::from)
}

/// Restarts every stopped task of the same cause that the person sees; gives how many were restarted.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "restart_cause")]
pub async fn restart_cause(office: String, id: TaskId) -> Result<u32, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    let engine = crate::ssr::engine()?;
    let ids = engine
        .same_cause(&viewer, office.id, id)
        .await
        .map_err(crate::ssr::refuse)?;
    let answers = engine
        .restart(viewer, office.id, ids)
        .await
        .map_err(crate::ssr::refuse)?;
    Ok(answers.iter().filter(|a| a.is_ok()).count() as u32)
}

/// Gives the task's dossier its right code and restarts the task, in one step (T9).
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "correct")]
pub async fn correct(office: String, id: TaskId, dossier_code: String) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    let engine = crate::ssr::engine()?;
    engine
        .may_see(&viewer, office.id, id)
        .await
        .map_err(crate::ssr::refuse)?;
    engine
        .correct(viewer, office.id, id, dossier_code)
        .await
        .map_err(crate::ssr::refuse)
}

/// Calls a task off; with `followers` those that waited for it too, otherwise they go on (T10).
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "cancel")]
pub async fn cancel(office: String, id: TaskId, followers: bool) -> Result<TaskState, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    let engine = crate::ssr::engine()?;
    let kind = engine
        .may_see(&viewer, office.id, id)
        .await
        .map_err(crate::ssr::refuse)?;
    if viewer.role == domain::Role::Employee && kind != "activate_dossier" {
        return Err(domain::Refusal::Forbidden("Staff can cancel activations only.".into()).into());
    }
    let by = engine::dispatch::cancel::By {
        person: viewer.person,
        name: viewer.name,
    };
    engine
        .cancel(by, office.id, id, None, followers)
        .await
        .map_err(crate::ssr::refuse)
}

//! For the pages: Follow-up of tasks, a task's life, and what people do to tasks.

use super::{ApiError, Json};
use domain::{TaskId, TaskState, failure::Audience, filter::TaskFilter};
use leptos::prelude::*;
use views::{Choices, Counts, TaskDetail, TaskList};

/// Follow-up of tasks (T13, T14): a page of it.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "tasks")]
pub async fn tasks(
    office: String,
    filter: TaskFilter,
    after: Option<TaskId>,
    rows: u32,
) -> Result<TaskList, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .tasks(&viewer, &office, &filter, after, rows)
        .await?)
}

/// What a filter can be made of.
#[server(name = ChoicesCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "choices")]
pub async fn choices(office: String) -> Result<Choices, ApiError> {
    let (_, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.choices(office.id).await?)
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
    Ok(crate::ssr::engine()?.task_detail(&viewer, &office, id).await?)
}

/// Puts a stopped task back in the queue (M10).
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "restart")]
pub async fn restart(office: String, id: TaskId) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::seen(&office, id).await?;
    let answers = crate::ssr::engine()?.restart(viewer, office, vec![id]).await?;
    answers
        .into_iter()
        .collect::<Result<(), _>>()
        .map_err(ApiError::from)
}

/// Says that the failure of a stopped task is none, and puts it back in the queue: "it is ours", "another document".
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "confirm")]
pub async fn confirm(office: String, id: TaskId) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::seen(&office, id).await?;
    Ok(crate::ssr::engine()?.confirm(viewer, office, id).await?)
}

/// Takes a restart back, until a connector has the task.
#[server(name = UndoCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "undo_restart")]
pub async fn undo_restart(office: String, id: TaskId) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::seen(&office, id).await?;
    Ok(crate::ssr::engine()?.undo_restart(viewer, office, id).await?)
}

/// Restarts every stopped task of the same cause that the person sees (M17), gradually when they are many; gives
/// how many are meant.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "restart_cause")]
pub async fn restart_cause(office: String, id: TaskId) -> Result<u32, ApiError> {
    use views::bulk::{Verb, Which};
    let (viewer, office) = crate::ssr::seen(&office, id).await?;
    let engine = crate::ssr::engine()?;
    let ids = engine.same_cause(&viewer, office, id).await?;
    let (verb, which) = (Verb::Restart, Which::These(ids));
    let counted = engine.look_at_bulk(&viewer, office, verb, &which).await?;
    let begun = engine
        .start_bulk(&viewer, office, verb, &which, &counted, None)
        .await?;
    Ok(begun.total)
}

/// Gives a stopped task to the other side, with a note: "I cannot do this" (T8).
#[server(name = HandOverCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "hand_over")]
pub async fn hand_over(office: String, id: TaskId, to: Audience, note: String) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::seen(&office, id).await?;
    Ok(crate::ssr::engine()?
        .hand_over(viewer, office, id, to, Some(note))
        .await?)
}

/// Says that a stopped task cannot wait, and why (M5).
#[server(name = UrgentCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "urgent")]
pub async fn urgent(office: String, id: TaskId, reason: String) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::seen(&office, id).await?;
    Ok(crate::ssr::engine()?.urgent(viewer, office, id, reason).await?)
}

/// Puts a stopped task off for some hours, and why.
#[server(name = SnoozeCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "snooze")]
pub async fn snooze(office: String, id: TaskId, hours: u32, reason: String) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::seen(&office, id).await?;
    let engine = crate::ssr::engine()?;
    let until = engine.now() + i64::from(hours) * 3_600_000;
    Ok(engine.snooze(viewer, office, id, until, reason).await?)
}

/// Gives the task's dossier its right code and restarts the task, in one step (T9).
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "correct")]
pub async fn correct(office: String, id: TaskId, dossier_code: String) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::seen(&office, id).await?;
    Ok(crate::ssr::engine()?
        .correct(viewer, office, id, dossier_code)
        .await?)
}

/// Calls a task off; with `followers` those that waited for it too, otherwise they go on (T10).
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "cancel")]
pub async fn cancel(office: String, id: TaskId, followers: bool) -> Result<TaskState, ApiError> {
    let (viewer, office) = crate::ssr::seen(&office, id).await?;
    Ok(crate::ssr::engine()?
        .cancel_by(viewer, office, id, followers)
        .await?)
}

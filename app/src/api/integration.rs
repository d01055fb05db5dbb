//! For integrations: deliver, task, cancel. The contract is the connector protocol.

use super::{ApiError, Json};
use domain::wire::{DeliverAnswer, NewTask, TaskAnswer};
use leptos::prelude::*;

/// Delivers 1 to 1000 tasks, all or none. Answered means durable.
#[server(input = Json, output = Json, prefix = "/api/v1", endpoint = "deliver")]
pub async fn deliver(tasks: Vec<NewTask>) -> Result<DeliverAnswer, ApiError> {
    let (_, office) = crate::ssr::integration()?;
    Ok(crate::ssr::engine()?.deliver(office, tasks).await?)
}

/// One task with its attempts, failure and what it waits for.
#[server(input = Json, output = Json, prefix = "/api/v1", endpoint = "task")]
pub async fn task(id: String) -> Result<TaskAnswer, ApiError> {
    let (_, office) = crate::ssr::integration()?;
    let id = id.parse().map_err(|()| domain::Refusal::NotFound)?;
    Ok(crate::ssr::engine()?.task(office, id).await?)
}

/// Calls a task off. A running one is marked; its connector is told at the next `extend`.
#[server(input = Json, output = Json, prefix = "/api/v1", endpoint = "cancel")]
pub async fn cancel(id: String, reason: String) -> Result<TaskAnswer, ApiError> {
    let (_, office) = crate::ssr::integration()?;
    let mut errors = vec![];
    domain::text::check(&mut errors, "reason", &reason, 500);
    if !errors.is_empty() {
        return Err(domain::Refusal::Invalid(errors).into());
    }
    let id = id.parse().map_err(|()| domain::Refusal::NotFound)?;
    let engine = crate::ssr::engine()?;
    let by = engine::tasks::dispatch::cancel::By {
        person: 0,
        name: "integration".into(),
    };
    engine.cancel(by, office, id, Some(reason), false).await?;
    Ok(engine.task(office, id).await?)
}

//! For the pages: recurring jobs and their runs (J10, J12, J25).

use super::{ApiError, Json};
use domain::{
    job::{JobForm, JobId},
    schedule::Schedule,
};
use leptos::prelude::*;
use views::jobs::{
    JobDetail, JobVerb, JobsAsk, JobsPage, JobsSetting, Preview, RunDetail, RunsAsk, RunsPage,
};

/// The console's list. Who may not set up jobs sees none, and whom to ask.
#[server(name = JobsCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "jobs")]
pub async fn jobs(office: String, ask: JobsAsk) -> Result<JobsPage, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.jobs(&viewer, &office, &ask).await?)
}

/// One job whole.
#[server(name = JobCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "job")]
pub async fn job(office: String, id: JobId) -> Result<JobDetail, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.job(&viewer, &office, id).await?)
}

/// What the form needs to know, and every kind.
#[server(name = JobsSettingCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "jobs_setting")]
pub async fn jobs_setting(office: String) -> Result<JobsSetting, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.jobs_setting(&viewer, &office).await?)
}

/// Sets up a job. `despite`: why it may stand where it clashes with others (J3). `confirmed`: warnings were read (J18).
#[server(name = NewJobCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "new_job")]
pub async fn new_job(
    office: String,
    form: JobForm,
    despite: Option<String>,
    confirmed: bool,
) -> Result<JobId, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .new_job(&viewer, office.id, form, despite, confirmed)
        .await?)
}

/// Changes a job that still is as it was in `version`; gives its new version.
#[server(name = SaveJobCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "save_job")]
pub async fn save_job(
    office: String,
    id: JobId,
    version: i64,
    form: JobForm,
    despite: Option<String>,
    confirmed: bool,
) -> Result<i64, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .save_job(&viewer, office.id, id, version, form, despite, confirmed)
        .await?)
}

/// Does something to a job that still is as it was in `version`.
#[server(name = DoJobCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "do_job")]
pub async fn do_job(
    office: String,
    id: JobId,
    version: i64,
    verb: JobVerb,
    why: Option<String>,
) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .do_job(&viewer, office.id, id, version, verb, why)
        .await?)
}

/// When a schedule would run, from now on.
#[server(name = PreviewCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "preview_schedule")]
pub async fn preview_schedule(office: String, schedule: Schedule) -> Result<Preview, ApiError> {
    let (_, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.preview_schedule(&office, &schedule).await?)
}

/// What jobs did, newest first.
#[server(name = RunsCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "runs")]
pub async fn runs(office: String, ask: RunsAsk) -> Result<RunsPage, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.runs(&viewer, &office, &ask).await?)
}

/// One run whole.
#[server(name = RunCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "run")]
pub async fn run(office: String, id: i64) -> Result<RunDetail, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.run(&viewer, &office, id).await?)
}

/// A person's word on a missed run that moves money: run it now, or skip it (J29).
#[server(name = AnswerRunCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "answer_run")]
pub async fn answer_run(office: String, id: i64, run_now: bool) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .answer_run(&viewer, office.id, id, run_now)
        .await?)
}

/// The companies that a kind keeps in its list, in the module rules (J20).
#[server(name = JobListCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "job_list")]
pub async fn job_list(office: String, kind: String) -> Result<Vec<String>, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.job_list(&viewer, office.id, &kind).await?)
}

/// Sets that list.
#[server(name = SetJobListCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "set_job_list")]
pub async fn set_job_list(office: String, kind: String, companies: Vec<String>) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .set_job_list(&viewer, office.id, &kind, companies)
        .await?)
}

//! For the pages: guided procedures, why a job does not run, and all jobs in a file (J2, J9, J24, J26, J27, J30, J32).

use super::{ApiError, Json};
use domain::{
    job::{JobId, Module},
    typed::Day,
};
use leptos::prelude::*;
use views::{
    procedures::{Board, Done, ImportReport, Move, PostponePreview, ProceduresPage},
    stuck::Why,
};

/// The procedures of an office, and what can be begun.
#[server(name = ProceduresCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "procedures")]
pub async fn procedures(office: String) -> Result<ProceduresPage, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.procedures(&viewer, &office).await?)
}

/// A procedure whole.
#[server(name = BoardCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "procedure")]
pub async fn board(office: String, id: i64) -> Result<Board, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.board(&viewer, &office, id).await?)
}

/// Begins the replacement of one job; gives the number of the procedure (J9).
#[server(name = StartReplaceCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "start_replace")]
pub async fn start_replace(office: String, job: JobId) -> Result<i64, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .start_replace(&viewer, office.id, job)
        .await?)
}

/// Begins to set up again all jobs of some modules (J2).
#[server(name = StartReleaseCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "start_release")]
pub async fn start_release(office: String, modules: Vec<Module>) -> Result<i64, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .start_release(&viewer, office.id, modules)
        .await?)
}

/// Moves jobs of a procedure on; without `jobs` all that have come so far.
#[server(name = TakeStepCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "take_step")]
pub async fn take_step(office: String, id: i64, jobs: Vec<JobId>, step: Move) -> Result<Done, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .take_step(&viewer, office.id, id, jobs, step)
        .await?)
}

/// Takes a procedure back.
#[server(name = UndoProcedureCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "undo_procedure")]
pub async fn undo_procedure(office: String, id: i64) -> Result<Done, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .undo_procedure(&viewer, office.id, id)
        .await?)
}

/// What putting jobs off to a new first day would do (J24).
#[server(name = PreviewPostponementCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "preview_postponement")]
pub async fn preview_postponement(
    office: String,
    jobs: Vec<JobId>,
    date: Day,
) -> Result<PostponePreview, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .preview_postponement(&viewer, &office, jobs, date.date())
        .await?)
}

/// Puts jobs off to a new first day; gives the number of the procedure (J24).
#[server(name = PostponeCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "postpone")]
pub async fn postpone(office: String, jobs: Vec<JobId>, date: Day, agreed: String) -> Result<i64, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .postpone(&viewer, office.id, jobs, date.date(), agreed)
        .await?)
}

/// Why a job does not run, and what to do (J30).
#[server(name = WhyCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "why")]
pub async fn why(office: String, job: JobId) -> Result<Why, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.why(&viewer, &office, job).await?)
}

/// Sets the posting status of a company back from PO to OK (J27).
#[server(name = SetPostingCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "set_posting_ok")]
pub async fn set_posting_ok(office: String, company: String) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .set_posting_ok(&viewer, office.id, &company)
        .await?)
}

/// Reads jobs from a file; `dry` only says what would become of each (J32).
#[server(name = ImportJobsCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "import_jobs")]
pub async fn import_jobs(office: String, file: String, dry: bool) -> Result<ImportReport, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .import_jobs(&viewer, &office, &file, dry)
        .await?)
}

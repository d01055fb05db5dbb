//! For the pages: the day plan, blocked windows, working hours and calendars (J3, J4, J5, J24, J28).

use super::{ApiError, Json};
use domain::{
    calendar::{Calendar, Country},
    job::JobId,
    schedule::Clock,
    typed::Day,
};
use leptos::prelude::*;
use views::plan::{
    BlockedForm, BlockedPage, DayPlan, FreeTime, HoursPage, Move, Moved, SpreadAsk, Spreading, WhatIf,
    WhatIfAnswer,
};

/// A day of the office as it is planned; today when none is named.
#[server(name = DayPlanCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "day_plan")]
pub async fn day_plan(office: String, day: Option<Day>) -> Result<DayPlan, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .day_plan(&viewer, &office, day.map(Day::date))
        .await?)
}

/// A free time for a job's run, nearest to a clock time.
#[server(name = FreeTimeCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "free_time")]
pub async fn free_time(
    office: String,
    day: Day,
    job: JobId,
    run: Clock,
    around: Clock,
) -> Result<FreeTime, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .free_time(&viewer, &office, day.date(), job, run, around)
        .await?)
}

/// The jobs of a kind in a window, one after the other. Nothing moves.
#[server(name = SpreadCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "spread_jobs")]
pub async fn spread_jobs(office: String, ask: SpreadAsk) -> Result<Spreading, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.spread_jobs(&viewer, &office, ask).await?)
}

/// Gives jobs other times, all or none. `despite`: why they may stand where they clash with others (J3).
#[server(name = MoveJobsCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "move_jobs")]
pub async fn move_jobs(office: String, moves: Vec<Move>, despite: Option<String>) -> Result<Moved, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .move_jobs(&viewer, office.id, moves, despite)
        .await?)
}

/// What a holiday, a downtime or a change of the clocks would do.
#[server(name = WhatIfCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "what_if")]
pub async fn what_if(office: String, ask: WhatIf) -> Result<WhatIfAnswer, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.what_if(&viewer, &office, ask).await?)
}

/// The blocked windows, and what touches each.
#[server(name = BlockedCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "blocked")]
pub async fn blocked(office: String) -> Result<BlockedPage, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.blocked(&viewer, &office).await?)
}

/// Writes a blocked window: a new one, or the one of a number and version.
#[server(name = SaveBlockedCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "save_blocked")]
pub async fn save_blocked(office: String, id: Option<(i64, i64)>, form: BlockedForm) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .save_blocked(&viewer, office.id, id, form)
        .await?)
}

/// Removes a blocked window.
#[server(name = RemoveBlockedCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "remove_blocked")]
pub async fn remove_blocked(office: String, id: i64, version: i64) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .remove_blocked(&viewer, office.id, id, version)
        .await?)
}

/// Adds the windows that IT usually keeps, to an office that has none.
#[server(name = UsualBlockedCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "usual_blocked")]
pub async fn usual_blocked(office: String) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?.usual_blocked(&viewer, office.id).await?)
}

/// Working hours, calendars, and the holidays of a country and year.
#[server(name = HoursCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "hours")]
pub async fn hours(
    office: String,
    country: Option<Country>,
    year: Option<i32>,
) -> Result<HoursPage, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .hours(&viewer, &office, country, year)
        .await?)
}

/// Sets the working hours, minutes from midnight, if they still are as they were read.
#[server(name = SetHoursCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "set_hours")]
pub async fn set_hours(office: String, was: (u32, u32), new: (u32, u32)) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .set_hours(&viewer, office.id, was, new)
        .await?)
}

/// Writes a calendar of the office's own: a new one, or the one of a version.
#[server(name = SaveCalendarCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "save_calendar")]
pub async fn save_calendar(
    office: String,
    name: String,
    version: Option<i64>,
    calendar: Calendar,
) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .save_calendar(&viewer, office.id, name, version, calendar)
        .await?)
}

/// Removes a calendar that no job uses.
#[server(name = RemoveCalendarCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "remove_calendar")]
pub async fn remove_calendar(office: String, name: String, version: i64) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    Ok(crate::ssr::engine()?
        .remove_calendar(&viewer, office.id, name, version)
        .await?)
}

//! Recurring jobs: setting them up, and what people do to them (J9–J13, J25, J26).
//!
//! [`act`](mod@act) holds and runs them, [`make`] turns what is due into runs, [`follow`] carries what becomes of their
//! tasks back, [`read`] is what the console sees. When it is time says the [scheduler](crate::jobs::scheduler).

mod act;
pub(crate) mod check;
pub mod collection;
pub(crate) mod follow;
mod gate;
pub(crate) mod make;
pub(crate) mod may;
mod past;
pub mod plan;
pub mod procedures;
mod read;
pub mod scheduler;
pub mod stuck;

pub(crate) use act::{act, delete, stand};
pub use past::PastRun;

use crate::desk::Engine;
use domain::{
    NotAllowed, NotNow, OfficeId, Refusal, Rule, Viewer,
    calendar::Calendars,
    job::{JobForm, JobId, RunState, Standing},
    schedule::{Schedule, Timetable},
    text,
};
use store::{
    error::Result,
    job::{self, JobRow},
    look::Look,
    run,
    state::known::Known,
    writer::Work,
};
use views::{OfficeView, jobs::JobVerb};

/// Where a new job comes from, if not from a form.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Origin {
    /// The collection system whose entry it is.
    pub system: Option<i64>,
    /// The job that it takes the place of.
    pub replaces: Option<JobId>,
}

impl Engine {
    /// Sets up a job that runs at its times from now on (J12).
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for whoever may not, [`Refusal::Invalid`] naming each broken rule, [`Refusal::Unconfirmed`]
    /// for what must be read first, [`Refusal::Clash`] where it would stand in the way of others.
    pub async fn new_job(
        &self,
        by: &Viewer,
        office: OfficeId,
        form: JobForm,
        despite: Option<String>,
        confirmed: bool,
    ) -> Result<JobId> {
        may_set_up(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                check::warn(w, &by, &form, confirmed)?;
                create(
                    w,
                    &by,
                    office,
                    &form,
                    Standing::Active,
                    Origin::default(),
                    despite.as_deref(),
                )
            })
            .await
    }

    /// Changes a job; gives its new version.
    ///
    /// # Errors
    /// As [`Engine::new_job`]; [`Refusal::NotFound`], [`Refusal::WrongState`] when somebody else changed it since `version`.
    #[allow(
        clippy::too_many_arguments,
        reason = "the parts of one form, not worth a type"
    )]
    pub async fn save_job(
        &self,
        by: &Viewer,
        office: OfficeId,
        id: JobId,
        version: i64,
        form: JobForm,
        despite: Option<String>,
        confirmed: bool,
    ) -> Result<i64> {
        may_set_up(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                let row = find(w.look(), office, id, Some(version))?;
                check::warn(w, &by, &form, confirmed)?;
                change(w, &by, row, &form, despite.as_deref())
            })
            .await
    }

    /// Does something to a job that still is as in `version`.
    ///
    /// # Errors
    /// As [`Engine::save_job`]; [`Refusal::WrongState`] where the job's state does not allow it.
    pub async fn do_job(
        &self,
        by: &Viewer,
        office: OfficeId,
        id: JobId,
        version: i64,
        verb: JobVerb,
        why: Option<String>,
    ) -> Result<()> {
        may_set_up(by)?;
        let why = why.map(|w| w.trim().to_owned()).filter(|w| !w.is_empty());
        if let Some(why) = &why {
            let mut errors = vec![];
            text::check(&mut errors, "why", why, 500);
            if !errors.is_empty() {
                return Err(Refusal::Invalid(errors).into());
            }
        }
        let by = by.clone();
        self.writer
            .run(move |w| {
                let row = find(w.look(), office, id, Some(version))?;
                act(w, &by, row, verb, why.as_deref())
            })
            .await
    }

    /// A person's word on a missed run that moves money (J29).
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::WrongState`] when it does not ask any more.
    pub async fn answer_run(&self, by: &Viewer, office: OfficeId, id: i64, run_now: bool) -> Result<()> {
        may_set_up(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                let asked = run::get(w.db, id)?.filter(|r| r.office == office);
                let asked = asked.ok_or(Refusal::NotFound)?;
                if asked.state != RunState::Asks {
                    return Err(Refusal::WrongState(NotNow::RunAnswered).into());
                }
                let row = find(w.look(), office, asked.job, None)?;
                if run_now {
                    may::not_beside_itself(w, row.id)?;
                    may::may_run(w, &row)?;
                    let kind = check::kind(w.look(), &row.form)?;
                    let companies = check::companies_of(w.look(), &row, &kind)?;
                    run::set_made(w.db, id, w.now, "late")?;
                    make::fill(w, &row, &kind, id, asked.due_at, &companies)?;
                } else {
                    run::set_skipped(w.db, id, w.now, &by.name)?;
                }
                w.state.touch_jobs(office);
                let answer = if run_now { "run_now" } else { "skip" };
                wrote(
                    w,
                    &by,
                    &row,
                    "answer_run",
                    None,
                    Some(format!("run {id}: {answer}")),
                )
            })
            .await
    }

    /// The companies of a kind's own list, by code (J20).
    ///
    /// # Errors
    /// [`Refusal::Forbidden`]; when they cannot be read.
    pub async fn job_list(&self, by: &Viewer, office: OfficeId, kind: &str) -> Result<Vec<String>> {
        may_set_up(by)?;
        let kind = kind.to_owned();
        let found = self.look(move |w| job::listed(w.db, office, &kind)).await?;
        Ok(found.into_iter().map(|c| c.code).collect())
    }

    /// Sets the companies of a kind's own list.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::Invalid`] for a kind without a list and for unknown companies.
    pub async fn set_job_list(
        &self,
        by: &Viewer,
        office: OfficeId,
        kind: &str,
        companies: Vec<String>,
    ) -> Result<()> {
        may_set_up(by)?;
        let (by, kind) = (by.clone(), kind.to_owned());
        self.writer
            .run(move |w| {
                let listed = w.state.catalogue.job_kind(&kind).map(|k| k.place);
                if listed != Some(domain::job::Place::List) {
                    return Err(Refusal::rule("kind", Rule::NoListOfCompanies).into());
                }
                let before = job::listed(w.db, office, &kind)?;
                let dossiers = check::dossiers(w, office, &companies)?;
                job::set_listed(w.db, office, &kind, &dossiers)?;
                w.state.touch_jobs(office);
                let before: Vec<String> = before.into_iter().map(|c| c.code).collect();
                w.audit(
                    Some(office),
                    by.person,
                    "job_list",
                    format!("kind {kind}"),
                    (Some(before.join(", ")), Some(companies.join(", "))),
                )
            })
            .await
    }

    /// The people of an office who may give the right to set up jobs, for those who lack it (J6).
    pub(crate) async fn whom_to_ask(&self, viewer: &Viewer, office: &OfficeView) -> Result<Vec<String>> {
        if viewer.role.sets_up_jobs() {
            return Ok(vec![]);
        }
        store::people::running(&self.readers, office.id).await
    }
}

/// Setting up jobs is a right of its own (J6).
pub(crate) fn may_set_up(by: &Viewer) -> Result<()> {
    if by.role.sets_up_jobs() {
        return Ok(());
    }
    Err(Refusal::Forbidden(NotAllowed::SettingUpJobs).into())
}

/// The calendars that an office's schedules can name.
pub(crate) fn calendars(known: &Known, office: OfficeId) -> Calendars {
    known.calendars.get(&office).cloned().unwrap_or_default()
}

/// A schedule, ready to reckon with.
pub(crate) fn timetable(
    known: &Known,
    office: OfficeId,
    schedule: &Schedule,
) -> std::result::Result<Timetable, Refusal> {
    match known.calendars.get(&office) {
        Some(calendars) => schedule.timetable(calendars),
        None => schedule.timetable(&Calendars::default()),
    }
}

/// When a job runs next after an instant; `None` for one that does not run by itself, or never again.
pub(crate) fn next_at(known: &Known, row: &JobRow, after: i64) -> Option<i64> {
    if row.standing != Standing::Active || row.deleted_at.is_some() {
        return None;
    }
    timetable(known, row.office, &row.form.schedule).ok()?.next(after)
}

/// A job of the office that is not deleted and still is as in `version`.
pub(crate) fn find(w: Look<'_>, office: OfficeId, id: JobId, version: Option<i64>) -> Result<JobRow> {
    let row = job::get(w.db, id)?.filter(|j| j.office == office && j.deleted_at.is_none());
    let row = row.ok_or(Refusal::NotFound)?;
    if version.is_some_and(|v| v != row.version) {
        return Err(Refusal::WrongState(NotNow::JobChanged).into());
    }
    Ok(row)
}

/// Writes a new job.
///
/// # Errors
/// As [`Engine::new_job`], warnings aside.
pub(crate) fn create(
    w: &mut Work<'_>,
    by: &Viewer,
    office: OfficeId,
    form: &JobForm,
    standing: Standing,
    origin: Origin,
    despite: Option<&str>,
) -> Result<JobId> {
    let checked = check::form(w, office, form, None)?;
    // an entry that is not switched on takes no time, and one that takes another's place takes that one's
    let takes_place = match origin.replaces {
        Some(old) => job::get(w.db, old)?.is_some_and(|old| old.form.schedule == form.schedule),
        None => false,
    };
    if standing == Standing::Active && !takes_place {
        may::clash(w, office, None, form, despite)?;
    }
    let mut row = JobRow {
        id: 0,
        office,
        standing,
        form: form.clone(),
        version: 1,
        server: checked.server,
        system: origin.system,
        replaces: origin.replaces,
        created_by: by.name.clone(),
        created_at: w.now,
        edited_by: by.name.clone(),
        edited_at: w.now,
        stood_by: Some(by.name.clone()),
        stood_why: despite.map(ToOwned::to_owned),
        stood_at: Some(w.now),
        requeued: 0,
        next_at: None,
        deleted_at: None,
    };
    row.next_at = next_at(w.state, &row, w.now);
    row.id = job::insert(w.db, &row)?;
    job::set_companies(w.db, row.id, &checked.dossiers)?;
    w.state.touch_jobs(office);
    let after = serde_json::to_string(form)?;
    wrote(
        w,
        by,
        &row,
        "new_job",
        despite.map(|d| format!("despite: {d}")),
        Some(after),
    )?;
    Ok(row.id)
}

/// Writes a changed job; gives its new version.
pub(crate) fn change(
    w: &mut Work<'_>,
    by: &Viewer,
    row: JobRow,
    form: &JobForm,
    despite: Option<&str>,
) -> Result<i64> {
    if row.form.kind != form.kind {
        return Err(Refusal::rule("kind", Rule::KindIsFixed).into());
    }
    check::form(w, row.office, form, Some(row.id))?;
    let was = check::whole(w.look(), &row)?;
    if was.schedule != form.schedule {
        may::clash(w, row.office, Some(row.id), form, despite)?;
    }
    rewrite(w, by, row, &was, form, despite)
}

/// Writes a changed job whose place in the plan was looked at; gives its new version.
///
/// # Errors
/// As [`change`], clashes aside.
pub(crate) fn rewrite(
    w: &mut Work<'_>,
    by: &Viewer,
    mut row: JobRow,
    was: &JobForm,
    form: &JobForm,
    despite: Option<&str>,
) -> Result<i64> {
    let checked = check::form(w, row.office, form, Some(row.id))?;
    row.form = form.clone();
    row.server = checked.server;
    row.version += 1;
    (row.edited_by, row.edited_at) = (by.name.clone(), w.now);
    row.next_at = next_at(w.state, &row, w.now);
    job::update(w.db, &row)?;
    job::set_companies(w.db, row.id, &checked.dossiers)?;
    w.state.touch_jobs(row.office);
    let (before, after) = (serde_json::to_string(was)?, serde_json::to_string(form)?);
    wrote(w, by, &row, "job", Some(before), Some(after))?;
    if let Some(why) = despite.filter(|d| !d.trim().is_empty()) {
        wrote(w, by, &row, "despite", None, Some(why.to_owned()))?;
    }
    Ok(row.version)
}

/// A line of the audit log about a job (S3, J32).
pub(crate) fn wrote(
    w: &Work<'_>,
    by: &Viewer,
    row: &JobRow,
    what: &str,
    before: Option<String>,
    after: Option<String>,
) -> Result<()> {
    w.audit(
        Some(row.office),
        by.person,
        what,
        format!("job {}", row.id),
        (before, after),
    )
}

//! Recurring jobs: setting them up, and what people do to them (J9–J13, J25, J26).
//!
//! [`make`] turns what is due into runs, [`follow`] carries what becomes of their tasks back, [`read`] is what the console
//! sees. When it is time says the [scheduler](crate::scheduler).

pub(crate) mod check;
pub(crate) mod follow;
pub(crate) mod make;
mod read;

use crate::{
    engine::Engine,
    error::Result,
    store::{
        event::{self, Audit},
        job::{self, JobRow},
        procedure::whole,
        run::{self, NewRun},
        state::State,
        writer::Work,
    },
};
use domain::{
    OfficeId, Refusal, Viewer,
    calendar::Calendars,
    job::{Counted, JobForm, JobId, RunState, Standing},
    schedule::{Schedule, Timetable},
    text,
    view::{OfficeView, jobs::JobVerb},
};

/// A run of the past that never was.
#[derive(Debug, Clone)]
pub struct PastRun {
    /// Its job.
    pub job: JobId,
    /// When it was due.
    pub due_at: i64,
    /// Milliseconds until it began.
    pub waited_ms: i64,
    /// How long it took.
    pub seconds: u32,
    /// What became of it.
    pub state: RunState,
    /// Why.
    pub note: Option<String>,
    /// The user it shows.
    pub run_as: String,
    /// What it did.
    pub counted: Counted,
}

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
                let row = find(w, office, id, Some(version))?;
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
                let row = find(w, office, id, Some(version))?;
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
                    return Err(
                        Refusal::WrongState("Somebody has answered for this run already.".into()).into(),
                    );
                }
                let row = find(w, office, asked.job, None)?;
                if run_now {
                    not_beside_itself(w, row.id)?;
                    check::may_run(w, &row)?;
                    let kind = check::kind(w, &row.form)?;
                    let companies = check::companies_of(w, &row, &kind)?;
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
        let found = self.writer.run(move |w| job::listed(w.db, office, &kind)).await?;
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
                    return Err(Refusal::field("kind", "keeps no list of companies").into());
                }
                let before = job::listed(w.db, office, &kind)?;
                let dossiers = check::dossiers(w, office, &companies)?;
                job::set_listed(w.db, office, &kind, &dossiers)?;
                w.state.touch_jobs(office);
                let before: Vec<String> = before.into_iter().map(|c| c.code).collect();
                let audit = Audit {
                    office: Some(office),
                    person: by.person,
                    what: "job_list",
                    subject: format!("kind {kind}"),
                    before: Some(before.join(", ")),
                    after: Some(companies.join(", ")),
                };
                event::audit(w.db, w.now, &audit)
            })
            .await
    }

    /// Adds runs of the past that never were, for a demo.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn add_past_runs(&self, office: OfficeId, past: Vec<PastRun>) -> Result<()> {
        self.writer
            .run(move |w| {
                for p in &past {
                    let new = NewRun {
                        office,
                        job: p.job,
                        due_at: p.due_at,
                        state: p.state,
                        stands_for: 1,
                        made: true,
                        note: p.note.as_deref(),
                        run_as: &p.run_as,
                        now: w.now,
                    };
                    let ended = p.due_at + p.waited_ms + i64::from(p.seconds) * 1000;
                    run::insert_past(w.db, &new, p.due_at + p.waited_ms, ended, &p.counted)?;
                }
                w.state.touch_jobs(office);
                Ok(())
            })
            .await
    }

    /// For a demo, benches and tests: lets jobs be due at instants.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn pretend_due(&self, jobs: Vec<(JobId, i64)>) -> Result<()> {
        self.writer
            .run(move |w| {
                jobs.iter()
                    .try_for_each(|(id, at)| job::set_next(w.db, *id, Some(*at)))
            })
            .await
    }

    /// For a demo and tests: marks a dossier as one whose postings take long, and sets the status of its last posting.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; when it cannot be written.
    pub async fn pretend_posting(
        &self,
        office: OfficeId,
        code: &str,
        large: bool,
        status: &'static str,
    ) -> Result<()> {
        let code = code.to_owned();
        self.writer
            .run(move |w| {
                let d = crate::store::dossier::by_code(w.db, office, &code)?.ok_or(Refusal::NotFound)?;
                crate::store::dossier::set_large(w.db, d.id, large)?;
                crate::store::dossier::set_posting(w.db, d.id, status, w.now)
            })
            .await
    }

    /// The people of an office who may give the right to set up jobs, for those who lack it (J6).
    ///
    /// # Errors
    /// When they cannot be read.
    pub(crate) async fn whom_to_ask(&self, viewer: &Viewer, office: &OfficeView) -> Result<Vec<String>> {
        if viewer.role.sets_up_jobs() {
            return Ok(vec![]);
        }
        crate::store::people::running(&self.readers, office.id).await
    }
}

/// Setting up jobs is a right of its own (J6).
///
/// # Errors
/// [`Refusal::Forbidden`].
pub(crate) fn may_set_up(by: &Viewer) -> Result<()> {
    if by.role.sets_up_jobs() {
        return Ok(());
    }
    Err(
        Refusal::Forbidden("Setting up jobs needs a right. Ask those who run the office for it.".into())
            .into(),
    )
}

/// The calendars that an office's schedules can name.
pub(crate) fn calendars(state: &State, office: OfficeId) -> Calendars {
    state.calendars.get(&office).cloned().unwrap_or_default()
}

/// A schedule, ready to reckon with.
///
/// # Errors
/// As [`Schedule::timetable`].
pub(crate) fn timetable(
    state: &State,
    office: OfficeId,
    schedule: &Schedule,
) -> std::result::Result<Timetable, Refusal> {
    match state.calendars.get(&office) {
        Some(calendars) => schedule.timetable(calendars),
        None => schedule.timetable(&Calendars::default()),
    }
}

/// When a job runs next after an instant; `None` for one that does not run by itself, or never again.
pub(crate) fn next_at(state: &State, row: &JobRow, after: i64) -> Option<i64> {
    if row.standing != Standing::Active || row.deleted_at.is_some() {
        return None;
    }
    timetable(state, row.office, &row.form.schedule).ok()?.next(after)
}

/// A job of the office that is not deleted and still is as in `version`.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::WrongState`].
pub(crate) fn find(w: &Work<'_>, office: OfficeId, id: JobId, version: Option<i64>) -> Result<JobRow> {
    let row = job::get(w.db, id)?.filter(|j| j.office == office && j.deleted_at.is_none());
    let row = row.ok_or(Refusal::NotFound)?;
    if version.is_some_and(|v| v != row.version) {
        let words = "Somebody else has changed this job since you opened it.";
        return Err(Refusal::WrongState(words.into()).into());
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
        check::clash(w, office, None, form, despite)?;
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
///
/// # Errors
/// As [`create`].
pub(crate) fn change(
    w: &mut Work<'_>,
    by: &Viewer,
    row: JobRow,
    form: &JobForm,
    despite: Option<&str>,
) -> Result<i64> {
    if row.form.kind != form.kind {
        return Err(Refusal::field("kind", "cannot change; set up a new job instead").into());
    }
    check::form(w, row.office, form, Some(row.id))?;
    let was = check::whole(w, &row)?;
    if was.schedule != form.schedule {
        check::clash(w, row.office, Some(row.id), form, despite)?;
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

/// Does a verb.
///
/// # Errors
/// [`Refusal::WrongState`] where the job's state does not allow it.
pub(crate) fn act(
    w: &mut Work<'_>,
    by: &Viewer,
    row: JobRow,
    verb: JobVerb,
    why: Option<&str>,
) -> Result<()> {
    let wrong = |words: &str| Err(Refusal::WrongState(words.into()).into());
    match (verb, row.standing) {
        (JobVerb::Activate, Standing::Inactive) => {
            check::may_activate(w, &row)?;
            stand(w, by, row, Standing::Active, why)
        }
        (JobVerb::Activate, _) => wrong("This job is switched on already."),
        (JobVerb::Hold, Standing::OnHold) => wrong("This job is on hold already."),
        (JobVerb::Hold, Standing::Inactive) => wrong("This job is not switched on."),
        (JobVerb::Hold, _) => stand(w, by, row, Standing::OnHold, why),
        (JobVerb::Queue, Standing::OnHold) => {
            check::may_activate(w, &row)?;
            stand(w, by, row, Standing::Active, why)
        }
        (JobVerb::Queue, Standing::Stopped) => queue_again(w, by, row, why),
        (JobVerb::Queue, _) => wrong("This job is in the queue already."),
        (JobVerb::RunNow, Standing::Inactive) => wrong("Switch this job on first."),
        (JobVerb::RunNow, _) => {
            run_now(w, &row, "by_hand")?;
            wrote(w, by, &row, "run_now", None, why.map(ToOwned::to_owned))
        }
        (JobVerb::Delete, _) => delete(w, by, row),
    }
}

/// Gives a job another standing.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn stand(
    w: &mut Work<'_>,
    by: &Viewer,
    mut row: JobRow,
    standing: Standing,
    why: Option<&str>,
) -> Result<()> {
    let was = row.standing;
    row.standing = standing;
    row.version += 1;
    (row.stood_by, row.stood_at) = (Some(by.name.clone()), Some(w.now));
    row.stood_why = why.map(ToOwned::to_owned);
    row.next_at = next_at(w.state, &row, w.now);
    job::update(w.db, &row)?;
    w.state.touch_jobs(row.office);
    let after = match why {
        Some(why) => format!("{}: {why}", standing.key()),
        None => standing.key().to_owned(),
    };
    wrote(w, by, &row, "job_standing", Some(was.key().into()), Some(after))
}

/// A stopped job goes back in the queue with today's date and its own clock time (J26): when that time is past, a run
/// is made at once; its times stay as they are.
fn queue_again(w: &mut Work<'_>, by: &Viewer, mut row: JobRow, why: Option<&str>) -> Result<()> {
    not_beside_itself(w, row.id)?;
    check::may_activate(w, &row)?;
    // queuing a job while another works for its company does harm: it may be running without being seen (J26)
    if why.is_none()
        && let Some(before) = crate::stuck::in_the_way(w, &row)?
    {
        let words = format!(
            "Job {before} works for a company of this job just now. Wait until it is over, or say why you do not."
        );
        return Err(Refusal::WrongState(words).into());
    }
    row.requeued += 1;
    let office_zone = w
        .state
        .offices
        .get(&row.office)
        .map_or("UTC", |o| o.zone.as_str());
    let zone = crate::reading::Zone::of(office_zone);
    let table = timetable(w.state, row.office, &row.form.schedule)?;
    let midnight = w.now - (w.now + i64::from(zone.moment(w.now).offset) * 60_000).rem_euclid(86_400_000);
    let passed_today = table.next(midnight - 1).is_some_and(|at| at <= w.now);
    let id = row.id;
    whole(w, false, |w| {
        stand(w, by, row, Standing::Active, why)?;
        if passed_today && let Some(row) = job::get(w.db, id)? {
            run_now(w, &row, "requeued")?;
        }
        Ok(())
    })
}

/// One run now.
fn run_now(w: &mut Work<'_>, row: &JobRow, note: &str) -> Result<()> {
    not_beside_itself(w, row.id)?;
    let kind = check::kind(w, &row.form)?;
    check::may_run(w, row)?;
    check::companies_of(w, row, &kind)?;
    // whole seconds, each of which a job has one run of at most; the last one stays the last
    let second = w.now - w.now.rem_euclid(1000);
    let due_at = match run::last(w.db, row.id)?.map(|l| l.due_at + 1000) {
        Some(next) if (second..second + 60_000).contains(&next) => next,
        _ => second,
    };
    match make::make(w, row, &kind, due_at, Some(note))? {
        Some(_) => Ok(()),
        None => Err(Refusal::WrongState("A run of this job was started just now.".into()).into()),
    }
}

/// Takes a job out of the console.
///
/// # Errors
/// [`Refusal::WrongState`] while a run of it is not over, or others run after it.
pub(crate) fn delete(w: &mut Work<'_>, by: &Viewer, mut row: JobRow) -> Result<()> {
    not_beside_itself(w, row.id)?;
    let followers = job::followers(w.db, row.id)?;
    if !followers.is_empty() {
        let names: Vec<String> = followers.iter().map(ToString::to_string).collect();
        let words = format!(
            "Jobs that run after this one must be changed first: {}.",
            names.join(", ")
        );
        return Err(Refusal::WrongState(words).into());
    }
    let was = serde_json::to_string(&check::whole(w, &row)?)?;
    row.deleted_at = Some(w.now);
    row.next_at = None;
    row.version += 1;
    (row.edited_by, row.edited_at) = (by.name.clone(), w.now);
    job::update(w.db, &row)?;
    w.state.touch_jobs(row.office);
    wrote(w, by, &row, "delete_job", Some(was), None)
}

/// A job never runs beside itself (J29).
///
/// # Errors
/// [`Refusal::WrongState`] while a run of it is not over.
pub(crate) fn not_beside_itself(w: &Work<'_>, id: JobId) -> Result<()> {
    if run::open(w.db, id)?.is_some() {
        let words = "A run of this job is not over yet. Wait until it is.";
        return Err(Refusal::WrongState(words.into()).into());
    }
    Ok(())
}

/// Of a job and the one that takes its place one is active at most (J9).
///
/// # Errors
/// [`Refusal::WrongState`] naming the other.
pub(crate) fn twin_is_not_active(w: &Work<'_>, row: &JobRow) -> Result<()> {
    let twin = match row.replaces {
        Some(old) => job::get(w.db, old)?,
        None => None,
    };
    let twin = twin.or(job::replacing(w.db, row.id)?);
    match twin.filter(|t| t.deleted_at.is_none() && t.standing == Standing::Active) {
        Some(t) => {
            let words = format!("Job {} takes the place of this one and is active.", t.id);
            Err(Refusal::WrongState(words).into())
        }
        None => Ok(()),
    }
}

/// A line of the audit log about a job (S3, J32).
///
/// # Errors
/// When it cannot be written.
pub(crate) fn wrote(
    w: &Work<'_>,
    by: &Viewer,
    row: &JobRow,
    what: &str,
    before: Option<String>,
    after: Option<String>,
) -> Result<()> {
    let audit = Audit {
        office: Some(row.office),
        person: by.person,
        what,
        subject: format!("job {}", row.id),
        before,
        after,
    };
    event::audit(w.db, w.now, &audit)
}

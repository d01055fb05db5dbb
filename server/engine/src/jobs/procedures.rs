//! Guided procedures: replacing a job, setting jobs up again after a release, putting them off over a holiday
//! (J2, J9, J24).
//!
//! What a procedure knows are rows, written in the transaction that changes the jobs: it goes on after a crash where it
//! was, and two people see the same. [`moves`] takes a job from step to step, [`compare`] holds old and new side by
//! side, [`postpone`] moves first days, [`carry`] writes all jobs into a file and reads them back.

mod boards;
mod carry;
mod compare;
mod moves;
mod postpone;

use crate::{desk::Engine, jobs::may_set_up};
use chrono::NaiveDate;
use domain::{
    NotNow, OfficeId, Refusal, Rule, Viewer,
    job::{JobId, Module, Standing},
    schedule::NotBefore,
};
use serde::{Deserialize, Serialize};
use store::{
    dossier,
    error::Result,
    job,
    look::Look,
    procedure::{self as rows, PartRow, ProcedureRow},
    writer::Work,
    zone::Zone,
};
use views::{
    jobs::Company,
    procedures::{LargeRun, ProcedureKind, Step},
};

/// Companies that a card names.
const NAMED: usize = 3;
/// Most jobs of one procedure.
pub(crate) const MOST: usize = 2000;

/// What a procedure is about, as it is stored.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct About {
    /// Modules that a release concerns.
    pub modules: Vec<Module>,
    /// The first day of a postponement.
    pub date: Option<NaiveDate>,
    /// Who agreed to it.
    pub agreed: Option<String>,
    /// The job, where it is one, with its description.
    pub job: Option<(JobId, String)>,
}

/// What an undo puts back, and what a person said about the comparison.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Before {
    /// How the old job stood.
    pub standing: Option<Standing>,
    /// Who had decided that.
    pub stood_by: Option<String>,
    pub stood_why: Option<String>,
    /// When.
    pub stood_at: Option<i64>,
    /// The differences are right.
    pub accepted: bool,
    /// Until when it was put off already.
    pub not_before: Option<NotBefore>,
    /// When it would have started.
    pub old_at: Option<i64>,
    /// When it starts instead.
    pub new_at: Option<i64>,
    /// Runs that fall away.
    pub skipped: u32,
}

impl Before {
    fn of(part: &PartRow) -> Self {
        let read = |b: &String| serde_json::from_str(b).ok();
        part.before.as_ref().and_then(read).unwrap_or_default()
    }
}

/// A procedure of the office that is not over.
fn find_open(w: Look<'_>, office: OfficeId, id: i64) -> Result<ProcedureRow> {
    let row = rows::get(w.db, id)?.filter(|p| p.office == office);
    let row = row.ok_or(Refusal::NotFound)?;
    if row.ended_at.is_some() {
        return Err(Refusal::WrongState(NotNow::ProcedureOver).into());
    }
    Ok(row)
}

fn wrote(
    w: &mut Work<'_>,
    by: &Viewer,
    office: OfficeId,
    id: i64,
    what: &str,
    after: Option<String>,
) -> Result<()> {
    w.state.touch_jobs(office);
    w.audit(
        Some(office),
        by.person,
        what,
        format!("procedure {id}"),
        (None, after),
    )
}

/// Ends a procedure in which nothing is left to do.
fn finish(w: &Work<'_>, id: i64) -> Result<()> {
    let (all, over) = rows::progress(w.db, id)?;
    if all == over {
        rows::end(w.db, id, false, w.now)?;
    }
    Ok(())
}

/// Today by the office's calendar.
pub(crate) fn today(w: Look<'_>, office: OfficeId) -> NaiveDate {
    let zone = w.known.offices.get(&office).map_or("UTC", |o| o.zone.as_str());
    Zone::of(zone).date(w.now)
}

fn about(row: &ProcedureRow) -> About {
    serde_json::from_str(&row.body).unwrap_or_default()
}

impl Engine {
    /// Begins the replacement of one job; gives the number of the procedure, of the one that it is in already if it is (J9).
    pub async fn start_replace(&self, by: &Viewer, office: OfficeId, id: JobId) -> Result<i64> {
        may_set_up(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                let row = crate::jobs::find(w.look(), office, id, None)?;
                if let Some(procedure) = rows::of_job(w.db, id, false)? {
                    return Ok(procedure);
                }
                let about = About {
                    job: Some((id, row.form.description)),
                    ..About::default()
                };
                begin(w, &by, office, ProcedureKind::Replace, &about, &[id])
            })
            .await
    }

    /// Begins to set up again, after a release, all jobs of some modules (J2).
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::Invalid`] when there are none.
    pub async fn start_release(&self, by: &Viewer, office: OfficeId, modules: Vec<Module>) -> Result<i64> {
        may_set_up(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                let mut jobs = vec![];
                for row in job::of_office(w.db, office)? {
                    let kind = w.state.catalogue.job_kind(&row.form.kind);
                    let concerned = kind.is_some_and(|k| k.after_release && modules.contains(&k.module));
                    if concerned && rows::of_job(w.db, row.id, false)?.is_none() {
                        jobs.push(row.id);
                    }
                }
                if jobs.is_empty() {
                    return Err(Refusal::rule("modules", Rule::NothingToRelease).into());
                }
                jobs.truncate(MOST);
                let about = About {
                    modules: modules.clone(),
                    ..About::default()
                };
                begin(w, &by, office, ProcedureKind::Release, &about, &jobs)
            })
            .await
    }

    /// Sets the posting status of a company back from PO to OK (J27).
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::WrongState`] while a large invoicing run is being
    /// posted, or when the status is OK already.
    pub async fn set_posting_ok(&self, by: &Viewer, office: OfficeId, company: &str) -> Result<()> {
        may_set_up(by)?;
        let (by, company) = (by.clone(), company.to_owned());
        self.writer
            .run(move |w| {
                let found = dossier::by_code(w.db, office, &company)?.ok_or(Refusal::NotFound)?;
                if !rows::posting(w.db, office)?.iter().any(|p| p.0 == company) {
                    return Err(Refusal::WrongState(NotNow::PostingOk).into());
                }
                if let Some(large) = large_run(w.look(), office, Zone::of("UTC"))? {
                    let (job, company) = (large.job, large.company.code);
                    return Err(Refusal::WrongState(NotNow::BeingPosted { job, company }).into());
                }
                dossier::set_posting(w.db, found.id, "ok", w.now)?;
                w.state.touch_jobs(office);
                w.audit(
                    Some(office),
                    by.person,
                    "posting",
                    format!("dossier {}", found.code),
                    (Some("PO".into()), Some("OK".into())),
                )
            })
            .await
    }
}

/// Writes a procedure whose jobs are all still to be done.
fn begin(
    w: &mut Work<'_>,
    by: &Viewer,
    office: OfficeId,
    kind: ProcedureKind,
    about: &About,
    jobs: &[JobId],
) -> Result<i64> {
    let body = serde_json::to_string(about)?;
    let id = rows::insert(w.db, office, kind, &body, &by.name, w.now)?;
    for job in jobs {
        let part = PartRow {
            job: *job,
            twin: None,
            step: Step::ToDo,
            before: None,
        };
        rows::put_part(w.db, id, &part)?;
    }
    let what = match kind {
        ProcedureKind::Replace | ProcedureKind::Release => format!("{}: {} jobs", kind.key(), jobs.len()),
        ProcedureKind::Postpone => format!("postpone: {}", about.date.unwrap_or_default()),
    };
    wrote(w, by, office, id, "procedure", Some(what))?;
    Ok(id)
}

/// The large invoicing run that is being posted, if there is one (J27).
pub(crate) fn large_run(w: Look<'_>, office: OfficeId, zone: Zone) -> Result<Option<LargeRun>> {
    let found = rows::large_running(w.db, office)?;
    let posts = |kind: &str| w.known.catalogue.job_kind(kind).is_some_and(|k| k.posts);
    Ok(found.into_iter().find(|l| posts(&l.kind)).map(|l| LargeRun {
        job: l.job,
        description: l.description,
        company: Company {
            code: l.code,
            name: l.name,
        },
        started: l.started_at.map(|at| zone.moment(at)),
    }))
}

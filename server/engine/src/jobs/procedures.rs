//! Guided procedures: replacing a job, setting jobs up again after a release, putting them off over a holiday
//! (J2, J9, J24).
//!
//! What a procedure knows are rows, written in the transaction that changes the jobs: it goes on after a crash where it
//! was, and two people see the same. [`moves`] takes a job from step to step, [`compare`] holds old and new side by
//! side, [`postpone`] moves first days, [`carry`] writes all jobs into a file and reads them back.

mod carry;
mod compare;
mod moves;
mod postpone;

use crate::{desk::Engine, jobs::may_set_up};
use chrono::NaiveDate;
use domain::{
    NotNow, OfficeId, Refusal, Rule, Viewer,
    job::{JobId, Module, ReplaceBy, Standing},
    schedule::NotBefore,
    view::{
        OfficeView,
        jobs::{Company, JobLine},
        procedures::{
            Board, Card, Choice, LargeRun, ModuleJobs, PostingLine, ProcedureKind, ProcedureLine,
            ProceduresPage, Step,
        },
    },
};
use serde::{Deserialize, Serialize};
use store::{
    dossier,
    error::Result,
    job,
    look::Look,
    procedure::{self as rows, PartRow, ProcedureRow},
    run,
    writer::Work,
    zone::Zone,
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

fn line(w: Look<'_>, row: &ProcedureRow, zone: Zone) -> Result<ProcedureLine> {
    let about = about(row);
    let (jobs, over) = rows::progress(w.db, row.id)?;
    let today = today(w, row.office);
    Ok(ProcedureLine {
        id: row.id,
        kind: row.kind,
        days_left: about.date.map(|d| (d - today).num_days()),
        modules: about.modules,
        date: about.date,
        agreed: about.agreed,
        job: about.job,
        by: row.started_by.clone(),
        at: zone.moment(row.started_at),
        ended: row.ended_at.map(|at| zone.moment(at)),
        undone: row.undone,
        jobs,
        over,
    })
}

/// A job as a card names it.
fn card(
    w: Look<'_>,
    row: &ProcedureRow,
    part: &PartRow,
    zone: Zone,
    viewer: &Viewer,
    people: &[String],
) -> Result<Option<Card>> {
    let Some(old) = job::get(w.db, part.job)? else {
        return Ok(None);
    };
    let kind = w.known.catalogue.job_kind(&old.form.kind);
    let twin = match part.twin {
        Some(id) => job::get(w.db, id)?.filter(|t| t.deleted_at.is_none()),
        None => None,
    };
    let before = Before::of(part);
    let names = |id: JobId| -> Result<Vec<Company>> {
        let mut found = vec![];
        for c in job::companies(w.db, id)?.into_iter().take(NAMED) {
            found.push(Company {
                name: dossier::get(w.db, c.id)?.name,
                code: c.code,
            });
        }
        Ok(found)
    };
    let compared = match &twin {
        Some(twin) if row.kind != ProcedureKind::Postpone && part.step != Step::Deleted => {
            compare::compare(w, &old, twin, kind, people, viewer.language)?
        }
        _ => vec![],
    };
    Ok(Some(Card {
        job: old.id,
        kind: old.form.kind.clone(),
        companies: names(old.id)?,
        company_count: job::companies(w.db, old.id)?.len() as u32,
        twin: part.twin,
        step: part.step,
        cancels: kind.is_some_and(|k| k.replace_by == ReplaceBy::Cancel),
        running: run::open(w.db, old.id)?.is_some(),
        twin_running: match &twin {
            Some(t) => run::open(w.db, t.id)?.is_some(),
            None => false,
        },
        compared,
        accepted: before.accepted,
        moved: (row.kind == ProcedureKind::Postpone).then(|| domain::view::procedures::Moved {
            job: old.id,
            description: old.form.description.clone(),
            old: before.old_at.map(|at| zone.moment(at)),
            new: before.new_at.map(|at| zone.moment(at)),
            skipped: before.skipped,
        }),
        description: old.form.description,
    }))
}

impl Engine {
    /// The procedures of an office, and what can be begun.
    pub async fn procedures(&self, viewer: &Viewer, office: &OfficeView) -> Result<ProceduresPage> {
        let ask = self.whom_to_ask(viewer, office).await?;
        if !viewer.role.sets_up_jobs() {
            return Ok(ProceduresPage {
                open: vec![],
                past: vec![],
                modules: vec![],
                jobs: vec![],
                posting: vec![],
                large_run: None,
                today: None,
                may_edit: false,
                ask,
            });
        }
        let all = self.job_lines(office).await?;
        let (id, zone) = (office.id, Zone::of(&office.zone));
        self.look(move |w| {
            let lines = |rows: Vec<ProcedureRow>| -> Result<Vec<ProcedureLine>> {
                rows.iter().map(|row| line(w, row, zone)).collect()
            };
            let open = lines(rows::open(w.db, id)?)?;
            let past = lines(rows::past(w.db, id)?)?;
            let mut modules: Vec<ModuleJobs> = vec![];
            for l in &all {
                if !w
                    .known
                    .catalogue
                    .job_kind(&l.kind)
                    .is_some_and(|k| k.after_release)
                {
                    continue;
                }
                let busy = rows::of_job(w.db, l.id, false)?.is_some();
                match modules.iter_mut().find(|m| m.module == l.module) {
                    Some(m) => (m.jobs, m.busy) = (m.jobs + 1, m.busy + u32::from(busy)),
                    None => modules.push(ModuleJobs {
                        module: l.module,
                        jobs: 1,
                        busy: u32::from(busy),
                    }),
                }
            }
            modules.sort_by_key(|m| m.module);
            let today = today(w, id);
            let posting = rows::posting(w.db, id)?
                .into_iter()
                .map(|(code, name, since, large)| PostingLine {
                    company: Company { code, name },
                    since: since.map(|at| zone.moment(at)),
                    large,
                });
            Ok(ProceduresPage {
                open,
                past,
                modules,
                jobs: all.iter().map(|l| choice(l, today)).collect(),
                posting: posting.collect(),
                large_run: large_run(w, id, zone)?,
                today: Some(today),
                may_edit: true,
                ask: vec![],
            })
        })
        .await
    }

    /// A procedure whole.
    pub async fn board(&self, viewer: &Viewer, office: &OfficeView, id: i64) -> Result<Board> {
        may_set_up(viewer)?;
        let (viewer, office_id, zone) = (viewer.clone(), office.id, Zone::of(&office.zone));
        self.look(move |w| {
            let row = rows::get(w.db, id)?.filter(|p| p.office == office_id);
            let row = row.ok_or(Refusal::NotFound)?;
            let people = rows::people(w.db, office_id)?;
            let mut cards = vec![];
            for part in rows::parts(w.db, id)? {
                cards.extend(card(w, &row, &part, zone, &viewer, &people)?);
            }
            Ok(Board {
                line: line(w, &row, zone)?,
                cards,
                may_edit: true,
            })
        })
        .await
    }

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

fn choice(l: &JobLine, today: NaiveDate) -> Choice {
    let until = l.schedule.as_ref().and_then(|s| match s.not_before {
        Some(NotBefore::Day(day)) if day > today => Some(day),
        _ => None,
    });
    Choice {
        id: l.id,
        kind: l.kind.clone(),
        description: l.description.clone(),
        companies: l.companies.clone(),
        next: l.next,
        until,
    }
}

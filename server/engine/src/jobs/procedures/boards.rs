//! What the pages of procedures show.

use super::{Before, NAMED, about, compare, large_run, today};
use crate::{desk::Engine, jobs::may_set_up};
use chrono::NaiveDate;
use domain::{
    Refusal, Viewer,
    job::{JobId, ReplaceBy},
    schedule::NotBefore,
};
use store::{
    dossier,
    error::Result,
    job,
    look::Look,
    procedure::{self as rows, PartRow, ProcedureRow},
    run,
    zone::Zone,
};
use views::{
    OfficeView,
    jobs::{Company, JobLine},
    procedures::{
        Board, Card, Choice, ModuleJobs, PostingLine, ProcedureKind, ProcedureLine, ProceduresPage, Step,
    },
};

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
        moved: (row.kind == ProcedureKind::Postpone).then(|| views::procedures::Moved {
            job: old.id,
            description: old.form.description.clone(),
            old: before.old_at.map(|at| zone.moment(at)),
            new: before.new_at.map(|at| zone.moment(at)),
            skipped: before.skipped,
        }),
        description: old.form.description,
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

//! What the pages of collection systems show.

use super::{entry_name, find};
use crate::jobs::gate::{gate, kind, rival};
use crate::{desk::Engine, jobs::may_set_up};
use domain::{
    Viewer,
    job::{Counted, JobId, JobStatus, Standing},
};
use store::{
    collection::{self as rows, SystemRow},
    error::Result,
    job, jobs as lines,
    look::Look,
};
use views::{
    OfficeView,
    collection::{EntryLine, SystemDetail, SystemLine, SystemsPage, Times},
    jobs::{Company, JobLine},
};

impl Engine {
    /// Every collection system of an office.
    pub async fn systems(&self, viewer: &Viewer, office: &OfficeView) -> Result<SystemsPage> {
        let ask = self.whom_to_ask(viewer, office).await?;
        let kinds = self.catalogue().systems().to_vec();
        if !viewer.role.sets_up_jobs() {
            return Ok(SystemsPage {
                systems: vec![],
                kinds: vec![],
                companies: vec![],
                may_edit: false,
                ask,
            });
        }
        let all = self.job_lines(office).await?;
        let companies = lines::dossiers(&self.readers, office.id).await?;
        let id = office.id;
        let systems = self
            .look(move |w| {
                let mut found = vec![];
                for row in rows::of_office(w.db, id)? {
                    let entries: Vec<JobId> = rows::entries(w.db, row.id)?.into_iter().map(|e| e.0).collect();
                    found.push(line(w, &row, &entries, &all)?);
                }
                Ok(found)
            })
            .await?;
        Ok(SystemsPage {
            systems,
            kinds,
            companies: companies
                .into_iter()
                .map(|(code, name)| Company { code, name })
                .collect(),
            may_edit: true,
            ask,
        })
    }

    /// A collection system and its entries.
    pub async fn system(&self, viewer: &Viewer, office: &OfficeView, id: i64) -> Result<SystemDetail> {
        may_set_up(viewer)?;
        let all = self.job_lines(office).await?;
        let office_id = office.id;
        let (line, mut entries, missing) = self
            .look(move |w| {
                let row = find(w, office_id, id, None)?;
                let made = rows::entries(w.db, id)?;
                let ids: Vec<JobId> = made.iter().map(|e| e.0).collect();
                let line = line(w, &row, &ids, &all)?;
                let mut entries = vec![];
                let mut missing = vec![];
                for k in w.known.catalogue.job_kinds().iter().filter(|k| k.is_entry()) {
                    let mut found = false;
                    for (job_id, _) in made.iter().filter(|(_, kind)| *kind == k.code) {
                        found = true;
                        let (Some(job), Some(l)) =
                            (job::get(w.db, *job_id)?, all.iter().find(|l| l.id == *job_id))
                        else {
                            continue;
                        };
                        entries.push(EntryLine {
                            job: job.id,
                            version: job.version,
                            kind: k.code.clone(),
                            description: job.form.description.clone(),
                            on: matches!(job.standing, Standing::Active | Standing::Stopped),
                            status: l.status,
                            times: Times::of(&job.form.schedule),
                            gate: gate(w, id, &k.code)?,
                            last: l.last.clone(),
                            counted: k.counts.iter().map(|c| (c.clone(), 0)).collect(),
                            next: l.next,
                        });
                    }
                    if !found {
                        missing.push(entry_name(k, &line.kind));
                    }
                }
                Ok((line, entries, missing))
            })
            .await?;
        for entry in &mut entries {
            let last = lines::last_of(&self.readers, entry.job, 1).await?;
            let said = last.first().and_then(|r| r.counted.as_deref());
            let said: Counted = said
                .and_then(|c| serde_json::from_str(c).ok())
                .unwrap_or_default();
            if said.is_empty() {
                entry.counted.clear();
            }
            for (key, n) in &mut entry.counted {
                *n = said.get(key).copied().unwrap_or(0);
            }
        }
        Ok(SystemDetail {
            line,
            entries,
            missing,
            may_edit: true,
        })
    }
}

fn line(w: Look<'_>, row: &SystemRow, entries: &[JobId], all: &[JobLine]) -> Result<SystemLine> {
    let own = || all.iter().filter(|l| entries.contains(&l.id));
    // one that is off is told of the other, too: the switch is offered before it is made active
    let rival = rival(w, row)?;
    Ok(SystemLine {
        id: row.id,
        kind: kind(w, &row.code),
        company: Company {
            code: row.company.clone(),
            name: row.name.clone(),
        },
        active: row.active,
        direct: row.direct,
        version: row.version,
        entries: entries.len() as u32,
        on: own()
            .filter(|l| l.standing == Standing::Active || l.standing == Standing::Stopped)
            .count() as u32,
        failing: own().filter(|l| needs_somebody(l.status)).count() as u32,
        rival,
    })
}

fn needs_somebody(status: JobStatus) -> bool {
    matches!(
        status,
        JobStatus::Error | JobStatus::Overdue | JobStatus::Asks | JobStatus::FinishedWithErrors
    )
}

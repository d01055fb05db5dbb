//! What becomes of a run as its tasks go on: told by the same transaction that moves the task.

use crate::mail;
use domain::{
    DossierId, TaskId, TaskState,
    event::Happened,
    job::{Counted, Output, RunState, Standing, run_state},
    mail::Letter,
};
use serde::Deserialize;
use std::collections::BTreeSet;
use store::{
    dossier,
    error::Result,
    job,
    run::{self, Became},
    writer::Work,
    zone::Zone,
};

/// Longest log that is kept of a company.
const LONGEST_LOG: usize = 4000;
/// So many sorts of things are counted of a company: those of all companies are summed up with each report.
const MOST_COUNTS: usize = 50;
/// ... and what each of them is called has so many bytes at most.
const LONGEST_COUNT: usize = 64;
/// Files of a company that a run names.
const MOST_OUTPUTS: usize = 100;
/// The failure that says that the last posting is not through (J27).
const POSTING: &str = "posting_not_through";

/// What a connector may say with a success. Whatever else it says is kept with the task.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Said {
    counts: Counted,
    outputs: Vec<Output>,
    log: String,
}

/// A task of a run has moved. Nothing for other tasks.
pub fn task_moved(work: &mut Work<'_>, task: TaskId, state: TaskState, happened: &Happened) -> Result<()> {
    let Some((id, company)) = run::of_task(work.db, task)? else {
        return Ok(());
    };
    let mut said = match happened {
        Happened::Succeeded { result: Some(r), .. } => Said::deserialize(r).unwrap_or_default(),
        Happened::Failed { failure, .. } | Happened::ActionRequired { failure, .. } => Said {
            log: failure.detail.clone().unwrap_or_else(|| failure.code.clone()),
            ..Said::default()
        },
        _ => Said::default(),
    };
    said.counts.retain(|what, _| what.len() <= LONGEST_COUNT);
    said.counts = said.counts.into_iter().take(MOST_COUNTS).collect();
    said.outputs.truncate(MOST_OUTPUTS);
    let log: String = said.log.chars().take(LONGEST_LOG).collect();
    let counted = (!said.counts.is_empty()).then(|| serde_json::to_string(&said.counts));
    let became = Became {
        state: match state {
            TaskState::Queued => "waiting",
            TaskState::Running => "running",
            TaskState::Succeeded => "done",
            TaskState::ActionRequired | TaskState::Failed | TaskState::Cancelled => "failed",
        },
        counted: counted.transpose()?,
        outputs: run::outputs_json(&said.outputs)?,
        log: (!log.is_empty()).then_some(&*log),
    };
    run::set_company(work.db, task, &became, work.now)?;
    note_posting(work, company, happened)?;
    sum_up(work, id)
}

/// Sums the run up, and tells its job when it is over.
fn sum_up(work: &mut Work<'_>, id: i64) -> Result<()> {
    let Some(row) = run::get(work.db, id)? else {
        return Ok(());
    };
    let ((waiting, running, done, failed), began, counts) = run::sum(work.db, id)?;
    let state = run_state(waiting, running, done, failed);
    let mut counted = Counted::new();
    for one in counts {
        for (key, n) in serde_json::from_str::<Counted>(&one).unwrap_or_default() {
            let sum = counted.entry(key).or_default();
            *sum = sum.checked_add(n).unwrap_or_else(|| {
                tracing::warn!(
                    run = id,
                    "a run has counted more than fits a number; the largest one stands for it"
                );
                sum.saturating_add(n)
            });
        }
    }
    // a task that is called off long after does not make its run longer
    let ended = row.ended_at.filter(|_| state == row.state);
    let ended = ended.or((!state.is_open()).then_some(work.now));
    run::set_state(work.db, id, state, began, ended, &counted)?;
    work.state.touch_jobs(row.office);
    if state != row.state && !state.is_open() {
        over(work, &row, state)?;
    }
    Ok(())
}

/// A run is over: one that failed stops its job, one that is whole lets a job go on that it had stopped (J26).
fn over(work: &mut Work<'_>, run: &run::RunRow, state: RunState) -> Result<()> {
    let Some(mut job) = job::get(work.db, run.job)?.filter(|j| j.deleted_at.is_none()) else {
        return Ok(());
    };
    report(work, &job, run.id, state)?;
    let last = run::last(work.db, run.job)?.is_some_and(|l| l.id == run.id);
    match (state, job.standing) {
        (RunState::Error, Standing::Active) if last => super::make::stop(work, &mut job, "error"),
        (RunState::Finished, standing) => {
            let by_itself = standing == Standing::Stopped && job.stood_by.is_none();
            if !by_itself && job.requeued == 0 {
                return Ok(());
            }
            job.requeued = 0;
            if by_itself && last {
                job.standing = Standing::Active;
                (job.stood_why, job.stood_at) = (None, Some(work.now));
                job.next_at = super::next_at(work.state, &job, work.now);
            }
            job::update(work.db, &job)
        }
        _ => Ok(()),
    }
}

/// To the addresses that its outputs name (S5, J18).
fn report(work: &Work<'_>, job: &job::JobRow, run: i64, state: RunState) -> Result<()> {
    let zone = work
        .state
        .offices
        .get(&job.office)
        .map_or("UTC", |o| o.zone.as_str());
    let letter = Letter::JobReport {
        description: job.form.description.clone(),
        run,
        state,
        ended: Zone::of(zone).moment(work.now),
    };
    let addresses = job.form.outputs.iter().flat_map(|o| o.email.split([',', ';']));
    let addresses: BTreeSet<String> = addresses
        .map(|a| a.trim().to_lowercase())
        .filter(|a| !a.is_empty())
        .collect();
    for address in addresses {
        mail::write_to_address(work, job.office, &address, &letter)?;
    }
    Ok(())
}

/// The company's posting status follows what its postings say (J27).
fn note_posting(work: &Work<'_>, id: DossierId, happened: &Happened) -> Result<()> {
    let status = match happened {
        Happened::Failed { failure, .. } | Happened::ActionRequired { failure, .. }
            if failure.code == POSTING =>
        {
            "po"
        }
        _ => return Ok(()),
    };
    dossier::set_posting(work.db, id, status, work.now)
}

//! Deliver: tasks get their place in line, all or none (T3, T6).

mod check;

use check::Check;
use domain::{
    DossierId, OfficeId, Refusal, Rule, TaskId, TaskState,
    dossier::Activation,
    event::Happened,
    lane::{Class, Slot},
    life::DELIVERED,
    task::ConnectorId,
    wire::{DeliverAnswer, Delivered, MAX_DELIVER, NewTask},
};
use store::door::closed;
use store::{document, dossier, error::Result, task, task::NewRow, writer::Work};

/// Whoever has brought as many tasks as an office may have open comes again after so many seconds.
const COME_AGAIN: u32 = 60;

/// What a document's file is called, bytes.
const LONGEST_LABEL: usize = 1000;

/// A task that has passed every check.
struct Plan {
    dossier: Place,
    kind: u16,
    payload: Option<String>,
    follows: Option<TaskId>,
    document: Option<i64>,
}

/// Where a task goes: a dossier that is there, or one that an activation in this delivery makes.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Known(DossierId, u16),
    New(usize),
}

struct NewDossier {
    code: String,
    name: String,
    package: String,
}

enum Answer {
    New(Plan),
    Duplicate(Delivered),
    /// Same key as an earlier task of this delivery.
    Again(usize),
}

/// Accepts tasks for `office`. Those of an `exempt` integration are handed out while it is closed (D14).
///
/// # Errors
/// [`Refusal::Invalid`] naming each broken rule, [`Refusal::WrongState`] when an idempotency key was used for
/// something else; then nothing was accepted.
pub fn deliver(
    work: &mut Work<'_>,
    office: OfficeId,
    tasks: &[NewTask],
    exempt: bool,
) -> Result<DeliverAnswer> {
    if tasks.is_empty() || tasks.len() > MAX_DELIVER {
        let to = MAX_DELIVER as i64;
        return Err(Refusal::rule("tasks", Rule::HoldsTasks { from: 1, to }).into());
    }
    let (open, most) = (work.state.open_tasks(office), work.state.quotas.open_tasks);
    if open.saturating_add(tasks.len() as u64) > most {
        tracing::warn!(office, open, "an office has as many open tasks as it may have");
        return Err(Refusal::TooManyRequests(COME_AGAIN).into());
    }
    let mut check = Check::default();
    let mut answers = Vec::with_capacity(tasks.len());
    for (i, t) in tasks.iter().enumerate() {
        answers.push(check.task(work, office, i, t, &answers, tasks)?);
    }
    if !check.errors.is_empty() {
        check.errors.truncate(100);
        return Err(Refusal::Invalid(check.errors).into());
    }
    let made = make_dossiers(work, office, &check.dossiers)?;
    let mut delivered: Vec<Delivered> = Vec::with_capacity(tasks.len());
    for (t, answer) in tasks.iter().zip(answers) {
        let d = match answer {
            Some(Answer::New(plan)) => accept(work, office, t, &plan, &made, exempt)?,
            Some(Answer::Duplicate(d)) => d,
            Some(Answer::Again(first)) => Delivered {
                duplicate: true,
                ..delivered[first].clone()
            },
            None => return Err(Refusal::Internal.into()),
        };
        delivered.push(d);
    }
    Ok(DeliverAnswer { tasks: delivered })
}

fn make_dossiers(work: &mut Work<'_>, office: OfficeId, new: &[NewDossier]) -> Result<Vec<(DossierId, u16)>> {
    let mut made = vec![];
    for d in new {
        let package = work.state.package(work.db, &d.package)?;
        let id = dossier::insert(work.db, office, &d.code, &d.name, package, work.now)?;
        work.state.add_dossier(office, package);
        made.push((id, package));
    }
    Ok(made)
}

fn accept(
    work: &mut Work<'_>,
    office: OfficeId,
    t: &NewTask,
    plan: &Plan,
    made: &[(DossierId, u16)],
    exempt: bool,
) -> Result<Delivered> {
    let (dossier, package) = match plan.dossier {
        Place::Known(id, package) => (id, package),
        Place::New(i) => made[i],
    };
    let id = TaskId(work.state.last_task + 1);
    work.state.last_task = id.0;
    let seq = work.write(office, id, Happened::Delivered)?;
    let closed = closed(&work.state.downtimes, Some(office), work.now);
    let meanwhile = closed.filter(|_| exempt).map(|d| d.id);
    let row = NewRow {
        seq,
        id,
        office,
        dossier,
        kind: plan.kind,
        now: work.now,
        subject: t.subject.as_deref(),
        follows: plan.follows,
        key: t.idempotency_key.as_deref(),
        payload: plan.payload.as_deref(),
        server: 0,
        meanwhile,
    };
    task::insert(work.db, &row)?;
    if let Some(document) = plan.document {
        document::name(work.db, id, document)?;
    }
    enter(work, &row, package);
    if meanwhile.is_some() {
        work.state.meanwhile.entry(office).or_default().insert(id);
    }
    if plan.kind == work.state.activate {
        let stage = match plan.dossier {
            Place::Known(id, _) => dossier::get(work.db, id)?.activation,
            Place::New(_) => Activation::Activating,
        };
        dossier::set_activation(work.db, dossier, stage.after(TaskState::Queued, true))?;
    }
    Ok(Delivered {
        id,
        status: TaskState::Queued,
        duplicate: false,
    })
}

/// A task that was written takes its place in its lane.
fn enter(work: &mut Work<'_>, row: &NewRow<'_>, package: u16) {
    work.state.count(row.office, None, TaskState::Queued);
    let kind = work.state.kinds.name(row.kind);
    let rules = work
        .state
        .catalogue
        .kind(kind)
        .map(|k| k.rules)
        .unwrap_or_default();
    let class = Class {
        office: row.office,
        package,
        kind: row.kind,
        server: row.server,
    };
    let slot = Slot {
        dossier: row.dossier,
        class,
        rules,
        life: DELIVERED,
        holder: 0,
        waits_for: 0,
        until: 0,
    };
    work.state.lanes.add(row.id, slot, row.subject, row.follows);
}

/// A task that a run makes for one of its companies.
#[derive(Debug)]
pub struct OfRun {
    /// Whose.
    pub office: OfficeId,
    /// The company.
    pub dossier: DossierId,
    /// Number of its package.
    pub package: u16,
    /// What people recognise it by; its own for each run, so that a run never waits for one that failed.
    pub subject: String,
    /// JSON.
    pub payload: String,
    /// The only connector that may take it; 0: any that can.
    pub server: ConnectorId,
}

/// Delivers a task of a run.
pub fn of_run(work: &mut Work<'_>, t: &OfRun) -> Result<TaskId> {
    let kind = work.state.run_job;
    let id = TaskId(work.state.last_task + 1);
    work.state.last_task = id.0;
    let seq = work.write(t.office, id, Happened::Delivered)?;
    let row = NewRow {
        seq,
        id,
        office: t.office,
        dossier: t.dossier,
        kind,
        now: work.now,
        subject: Some(&t.subject),
        follows: None,
        key: None,
        payload: Some(&t.payload),
        server: t.server,
        meanwhile: None,
    };
    task::insert(work.db, &row)?;
    enter(work, &row, t.package);
    Ok(id)
}

//! The verbs of tasks, each one operation of the writer: deliver, claim, extend, report, restart, correct, cancel.
//!
//! A verb looks at the lanes, asks [`domain::life::step`], writes the row and the event, and tells the lanes.

pub mod cancel;
pub mod claim;
pub mod deliver;
pub mod hand_over;
pub mod instruct;
pub mod lease;
pub mod report;
pub mod restart;

use domain::{
    NotNow, Refusal, TaskId, TaskState, Viewer,
    event::Happened,
    failure::Failure,
    lane::Slot,
    life::{Change, Life},
    people::may_act_on_red,
    task::ConnectorId,
};
use store::{cause, dossier, error::Result, failure, instruction, person, task, writer::Work};

/// Writes what happened to an open task: row, event, counts, lanes, and the lease's end or rest.
fn settle(
    work: &mut Work<'_>,
    id: TaskId,
    old: &Slot,
    change: &Change,
    holder: ConnectorId,
    happened: Happened,
) -> Result<()> {
    let (office, life) = (old.class.office, change.life);
    // only a run's own tasks cost it a look
    let of_run =
        (old.class.kind == work.state.run_job && old.life.state != life.state).then(|| happened.clone());
    let seq = work.write(office, id, happened)?;
    let stand = task::Stand {
        life: &life,
        holder,
        backoff_ms: change.backoff_ms,
        now: work.now,
        seq,
    };
    task::save(work.db, id, &stand)?;
    track_running(work, old, &life, holder);
    // whoever let its lease lapse is passed over no longer: it waits for nobody
    if life.state != TaskState::Queued
        && let Some(m) = work.state.fleet.get_mut(old.holder)
    {
        m.lapsed.remove(&id);
    }
    work.state.count(office, Some(old.life.state), life.state);
    let until = match life.state {
        TaskState::Running if old.life.state == TaskState::Running => old.until,
        TaskState::Running => work.mono + work.state.lease_ms(office),
        TaskState::Queued if change.backoff_ms > 0 => work.mono + change.backoff_ms,
        _ => 0,
    };
    work.state.lanes.change(id, life, holder, until);
    if old.class.kind == work.state.activate && old.life.state != life.state {
        activation_moved(work, old, life.state)?;
    }
    match of_run {
        Some(happened) => (work.hooks.run_moved)(work, id, life.state, &happened),
        None => Ok(()),
    }
}

/// Keeps with a dossier whether it was activated, when one of its activations has come to a state.
fn activation_moved(work: &Work<'_>, slot: &Slot, to: TaskState) -> Result<()> {
    let kind = work.state.activate;
    let line = work.state.lanes.line_of(slot.dossier, usize::MAX);
    let another = line
        .iter()
        .filter_map(|t| work.state.lanes.slot(*t))
        .any(|s| s.class.kind == kind && !s.life.state.is_stopped());
    let stage = dossier::get(work.db, slot.dossier)?.activation.after(to, another);
    dossier::set_activation(work.db, slot.dossier, stage)
}

/// Keeps the number of leases each connector holds.
fn track_running(work: &mut Work<'_>, old: &Slot, life: &Life, holder: ConnectorId) {
    let was = old.life.state == TaskState::Running;
    let is = life.state == TaskState::Running;
    if is
        && !was
        && let Some(m) = work.state.fleet.get_mut(holder)
    {
        m.running += 1;
    }
    if was
        && !is
        && let Some(m) = work.state.fleet.get_mut(old.holder)
    {
        m.running = m.running.saturating_sub(1);
    }
}

/// Writes the failure that a stopped task shows, and which cause it belongs to.
fn put_failure(work: &mut Work<'_>, id: TaskId, old: &Slot, shown: &Failure) -> Result<()> {
    let package = work.state.packages.name(old.class.package).to_owned();
    let kind = work.state.kinds.name(old.class.kind);
    // with what the desk knows: an instruction may tell causes apart by dossier, which no connector says
    let known = report::known(work, id, old, &shown.params)?;
    let instruction = work.state.catalogue.instruction(&package, &shown.code, kind);
    let key = instruction.map_or_else(
        || format!("{package}.{}", shown.code),
        |i| i.cause_key(&package, &known),
    );
    let version = instruction.map_or(0, |i| i.version);
    if let Some(i) = instruction {
        instruction::count_shown(work.db, &i.package, &i.code, i.version)?;
    }
    cause::count(work.db, &key, &package, &shown.code, old.class.office, work.now)?;
    failure::put(work.db, id, shown, &key, version)
}

/// A task that was restarted has succeeded: what it was shown has helped (M16).
fn count_helped(work: &mut Work<'_>, id: TaskId, old: &Slot) -> Result<()> {
    let Some((code, version)) = failure::take_aside(work.db, id)? else {
        return Ok(());
    };
    let package = work.state.packages.name(old.class.package);
    match work.state.catalogue.instructions.find(package, &code) {
        Some(i) => instruction::count_helped(work.db, &i.package, &code, version),
        None => Ok(()),
    }
}

/// Whether a person may do what is Support's to do about a task (`domain::people::may_act_on_red`).
fn acts_on_red(work: &Work<'_>, by: &Viewer) -> Result<bool> {
    // nobody looks for Support on Support's behalf
    Ok(by.is_support() || may_act_on_red(by, person::desk_has_support(work.db)?))
}

/// An open task of this office, or that there is none.
fn open_task(work: &Work<'_>, office: i64, id: TaskId) -> Result<Slot> {
    if let Some(slot) = work.state.lanes.slot(id).filter(|s| s.class.office == office) {
        return Ok(*slot);
    }
    match task::standing(work.db, id)?.filter(|t| t.office == office) {
        Some(t) => {
            let state = t.state.key().into();
            Err(Refusal::WrongState(NotNow::TaskIsAlready { state }).into())
        }
        None => Err(Refusal::NotFound.into()),
    }
}

/// The lease of an attempt. Opaque to connectors; the epoch makes leases from before a restore strangers.
fn lease(epoch: i64, id: TaskId, attempt: u32) -> String {
    format!("{epoch}-{id}-{attempt}")
}

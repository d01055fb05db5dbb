//! Restart, and correct + restart: a person did what was asked (M10, T9).

use super::{acts_on_red, open_task, settle};
use domain::{
    NotAllowed, NotNow, OfficeId, Refusal, Rule, TaskId, TaskState, Viewer,
    event::Happened,
    instruction::CONFIRM,
    life::{Command, step},
    text,
};
use store::{dossier, error::Result, failure, writer::Work};

/// Puts a stopped task back in the queue, at its old place.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::WrongState`] when it is not stopped, [`Refusal::Forbidden`] when it waits
/// for Support and the person is not Support.
pub fn restart(work: &mut Work<'_>, by: &Viewer, office: OfficeId, id: TaskId) -> Result<()> {
    let slot = open_task(work, office, id)?;
    if slot.life.state == TaskState::Failed && !acts_on_red(work, by)? {
        return Err(Refusal::Forbidden(NotAllowed::SupportRestarts).into());
    }
    let change = step(slot.life, slot.rules, Command::Restart)?;
    failure::set_aside(work.db, id, slot.life.state, work.now)?;
    settle(
        work,
        id,
        &slot,
        &change,
        slot.holder,
        Happened::Restarted { by: by.name.clone() },
    )?;
    work.audit(
        Some(office),
        by.person,
        "restart",
        format!("task {id}"),
        (
            Some(slot.life.state.key().into()),
            Some(change.life.state.key().into()),
        ),
    )
}

/// Says that the failure of a stopped task is none, and restarts it: the connector is told so (`confirmed`).
///
/// # Errors
/// As [`restart`]; [`Refusal::WrongState`] when the instruction for the failure leaves nothing to confirm.
pub fn confirm(work: &mut Work<'_>, by: &Viewer, office: OfficeId, id: TaskId) -> Result<()> {
    let slot = open_task(work, office, id)?;
    let nothing = || Refusal::WrongState(NotNow::NothingToConfirm);
    let (code, version) = failure::shown(work.db, id)?.ok_or_else(nothing)?;
    let (package, kind) = (
        work.state.packages.name(slot.class.package),
        work.state.kinds.name(slot.class.kind),
    );
    let shown = work.state.catalogue.as_shown(package, &code, kind, version);
    if !slot.life.state.is_stopped() || !shown.is_some_and(|i| i.editable.iter().any(|e| e == CONFIRM)) {
        return Err(nothing().into());
    }
    let confirmed = Happened::Confirmed {
        by: by.name.clone(),
        code: code.clone(),
    };
    work.append(office, id, confirmed)?;
    work.audit(
        Some(office),
        by.person,
        "confirm",
        format!("task {id}"),
        (Some(code), Some("confirmed".into())),
    )?;
    // who may not restart it has confirmed nothing either: the operation is undone
    restart(work, by, office, id)
}

/// Takes a restart back, as long as no connector has the task.
///
/// # Errors
/// As [`restart`]; [`Refusal::WrongState`] once a connector has had it.
pub fn undo(work: &mut Work<'_>, by: &Viewer, office: OfficeId, id: TaskId) -> Result<()> {
    let slot = open_task(work, office, id)?;
    let gone = || Refusal::WrongState(NotNow::NotRestarted);
    let to = failure::was(work.db, id)?.ok_or_else(gone)?;
    let change = step(slot.life, slot.rules, Command::Undo { to }).map_err(|_| gone())?;
    if to == TaskState::Failed && !acts_on_red(work, by)? {
        return Err(Refusal::Forbidden(NotAllowed::SupportPutsBack).into());
    }
    let happened = Happened::Undone {
        by: by.name.clone(),
        to,
    };
    settle(work, id, &slot, &change, slot.holder, happened)?;
    failure::put_back(work.db, id)?;
    work.audit(
        Some(office),
        by.person,
        "undo_restart",
        format!("task {id}"),
        (Some(slot.life.state.key().into()), Some(to.key().into())),
    )
}

/// Gives the task's dossier its right code and restarts the task, in one step.
///
/// # Errors
/// As [`restart`], and [`Refusal::Invalid`] when the code is not one or another dossier of the office has it.
pub fn correct(work: &mut Work<'_>, by: &Viewer, office: OfficeId, id: TaskId, code: &str) -> Result<()> {
    let slot = open_task(work, office, id)?;
    let code = code.trim();
    if !text::is_dossier_code(code) {
        return Err(Refusal::rule("dossier_code", Rule::NoCode).into());
    }
    if !slot.rules.holds || !slot.life.state.is_stopped() {
        return Err(Refusal::WrongState(NotNow::NoStoppedActivation).into());
    }
    let before = dossier::get(work.db, slot.dossier)?.code;
    if let Some(other) = dossier::by_code(work.db, office, code)?.filter(|d| d.id != slot.dossier) {
        return Err(Refusal::rule("dossier_code", Rule::CodeOf { who: other.name }).into());
    }
    step(slot.life, slot.rules, Command::Restart)?;
    if slot.life.state == TaskState::Failed && !acts_on_red(work, by)? {
        return Err(Refusal::Forbidden(NotAllowed::SupportRestarts).into());
    }
    dossier::set_code(work.db, slot.dossier, code)?;
    let corrected = Happened::Corrected {
        by: by.name.clone(),
        before: before.clone(),
        after: code.to_owned(),
    };
    work.append(office, id, corrected)?;
    work.audit(
        Some(office),
        by.person,
        "correct",
        format!("task {id}, dossier code"),
        (Some(before), Some(code.to_owned())),
    )?;
    restart(work, by, office, id)
}

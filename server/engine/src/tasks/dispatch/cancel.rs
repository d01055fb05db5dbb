//! Cancel: a task is called off, and its followers go with it or go on (T10).

use super::{open_task, settle};
use domain::{
    NotAllowed, OfficeId, Refusal, TaskId, TaskState, Viewer,
    event::Happened,
    life::{Command, step},
};
use store::{error::Result, failure, mark, writer::Work};

/// Who calls a task off.
#[derive(Debug, Clone)]
pub struct By {
    /// The person's number; 0 for an integration.
    pub person: i64,
    /// The person's or the integration's name.
    pub name: String,
}

/// Calls a task off. A running one is marked; its connector is told at the next `extend`. `followers`: also
/// call off the queued tasks that waited for it; otherwise they go on.
///
/// # Errors
/// [`domain::Refusal::NotFound`], or [`domain::Refusal::WrongState`] when it is concluded.
pub fn cancel(
    work: &mut Work<'_>,
    by: &By,
    office: OfficeId,
    id: TaskId,
    reason: Option<&str>,
    followers: bool,
) -> Result<TaskState> {
    let waiting = if followers {
        work.state.lanes.waiting_for(id)
    } else {
        vec![]
    };
    let state = one(work, by, office, id, reason)?;
    for follower in waiting {
        one(work, by, office, follower, reason)?;
    }
    Ok(state)
}

/// Employees may call off activations only (T10).
pub fn may(work: &Work<'_>, by: &Viewer, id: TaskId) -> Result<()> {
    let slot = work.state.lanes.slot(id).ok_or(Refusal::NotFound)?;
    if !by.role.sets_up_jobs() && work.state.kinds.name(slot.class.kind) != "activate_dossier" {
        return Err(Refusal::Forbidden(NotAllowed::ActivationsOnly).into());
    }
    Ok(())
}

fn one(
    work: &mut Work<'_>,
    by: &By,
    office: OfficeId,
    id: TaskId,
    reason: Option<&str>,
) -> Result<TaskState> {
    let slot = open_task(work, office, id)?;
    let change = step(slot.life, slot.rules, Command::Cancel)?;
    if change.life == slot.life {
        return Ok(slot.life.state);
    }
    let (name, reason) = (by.name.clone(), reason.map(ToOwned::to_owned));
    let happened = if change.life.state == TaskState::Running {
        Happened::CancelAsked { by: name, reason }
    } else {
        Happened::Cancelled { by: name, reason }
    };
    failure::clear(work.db, id)?;
    mark::clear(work.db, id)?;
    settle(work, id, &slot, &change, slot.holder, happened)?;
    if by.person > 0 {
        work.audit(
            Some(office),
            by.person,
            "cancel",
            format!("task {id}"),
            (
                Some(slot.life.state.key().into()),
                Some(change.life.state.key().into()),
            ),
        )?;
    }
    Ok(change.life.state)
}

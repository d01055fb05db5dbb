//! Leases: signs of life, and what time brings when they stop.

use super::{lease, put_failure, settle};
use domain::{
    FieldError, NotNow, Refusal, Rule, TaskId, TaskState,
    event::Happened,
    failure::{Failure, is_code},
    life::{Command, step},
    task::ConnectorId,
    text,
    wire::{ExtendAnswer, ExtendedLease, LeaseRef, LeaseState, MAX_DELIVER},
};
use store::{
    connector::{self, Hello},
    error::Result,
    writer::Work,
};

/// Notes that a connector called. In memory only: a poll that takes nothing writes nothing.
///
/// # Errors
/// [`Refusal::Unauthenticated`] when it is gone.
pub fn hear(work: &mut Work<'_>, connector: ConnectorId) -> Result<()> {
    let (now, mono) = (work.now, work.mono);
    let m = work
        .state
        .fleet
        .get_mut(connector)
        .ok_or(Refusal::Unauthenticated)?;
    (m.heard, m.heard_at) = (mono, now);
    Ok(())
}

/// A connector introduces itself.
///
/// # Errors
/// [`Refusal::Invalid`] naming each broken rule.
pub fn hello(work: &mut Work<'_>, connector: ConnectorId, hello: &Hello) -> Result<()> {
    let mut errors = vec![];
    text::check(&mut errors, "boot_id", &hello.boot_id, 100);
    text::check(&mut errors, "version", &hello.version, 100);
    for (field, list) in [
        ("packages", &hello.packages),
        ("kinds", &hello.kinds),
        ("recovers", &hello.recovers),
    ] {
        if list.len() > 100 || list.iter().any(|w| !is_code(w)) {
            errors.push(FieldError::of(field, Rule::HoldsKeys { most: 100 }));
        }
    }
    if !(1..=100).contains(&hello.max_parallel) {
        errors.push(FieldError::of("max_parallel", Rule::Between { from: 1, to: 100 }));
    }
    if !errors.is_empty() {
        return Err(Refusal::Invalid(errors).into());
    }
    hear(work, connector)?;
    let m = work
        .state
        .fleet
        .get_mut(connector)
        .ok_or(Refusal::Unauthenticated)?;
    if m.row.hello.as_ref() != Some(hello) {
        connector::save_hello(work.db, connector, hello)?;
    }
    m.greet(hello.clone());
    Ok(())
}

/// No more tasks for this start of a connector; gives how many it still holds.
///
/// # Errors
/// [`Refusal::WrongState`] when another start of it has said hello since.
pub fn drain(work: &mut Work<'_>, connector: ConnectorId, boot_id: &str) -> Result<u32> {
    hear(work, connector)?;
    let m = work
        .state
        .fleet
        .get_mut(connector)
        .ok_or(Refusal::Unauthenticated)?;
    if m.row.hello.as_ref().is_none_or(|h| h.boot_id != boot_id) {
        return Err(Refusal::WrongState(NotNow::StartedAgain).into());
    }
    m.draining = true;
    Ok(m.running)
}

/// Extends what still lives; says of each lease what became of it.
///
/// # Errors
/// [`Refusal::Invalid`] for too many leases.
pub fn extend(work: &mut Work<'_>, connector: ConnectorId, leases: &[LeaseRef]) -> Result<ExtendAnswer> {
    if leases.len() > MAX_DELIVER {
        let most = MAX_DELIVER as i64;
        return Err(Refusal::rule("leases", Rule::HoldsLeases { most }).into());
    }
    hear(work, connector)?;
    let leases = leases.iter().map(|l| ExtendedLease {
        task: l.task.clone(),
        state: extend_one(work, connector, l),
    });
    Ok(ExtendAnswer {
        leases: leases.collect(),
    })
}

fn extend_one(work: &mut Work<'_>, connector: ConnectorId, l: &LeaseRef) -> LeaseState {
    let Ok(id) = l.task.parse::<TaskId>() else {
        return LeaseState::Stale;
    };
    let Some(slot) = work.state.lanes.slot(id).copied() else {
        return LeaseState::Stale;
    };
    let current = slot.life.state == TaskState::Running
        && slot.holder == connector
        && lease(work.state.epoch, id, slot.life.attempts) == l.lease;
    if !current {
        return LeaseState::Stale;
    }
    let until = work.mono + work.state.lease_ms(slot.class.office);
    work.state.lanes.extend(id, until);
    if slot.life.cancel_asked {
        LeaseState::Cancel
    } else {
        LeaseState::Ok
    }
}

/// Does what is due: rested tasks may start, lost leases are taken back (promise 7: by the monotonic clock).
pub fn pass_time(work: &mut Work<'_>) -> Result<()> {
    work.state.lanes.wake(work.mono);
    while let Some(id) = work.state.lanes.lost_lease(work.mono) {
        take_back(work, id)?;
    }
    Ok(())
}

fn take_back(work: &mut Work<'_>, id: TaskId) -> Result<()> {
    let Some(slot) = work.state.lanes.slot(id).copied() else {
        return Ok(());
    };
    let kind = work.state.kinds.name(slot.class.kind);
    let package = work.state.packages.name(slot.class.package);
    let recovered = work.state.fleet.recovers(slot.class, kind, package);
    let change = step(slot.life, slot.rules, Command::LeaseOver { recovered })?;
    if let Some(m) = work.state.fleet.get_mut(slot.holder) {
        m.lapsed_at = m.lapsed_at.max(slot.until);
        if change.life.state == TaskState::Queued {
            m.lapsed.insert(id);
        }
    }
    let attempt = slot.life.attempts;
    let happened = match (change.own_failure, change.life.state) {
        (Some(code), _) => {
            let failure = Failure::of(code);
            put_failure(work, id, &slot, &failure)?;
            Happened::Failed { attempt, failure }
        }
        (None, TaskState::Cancelled) => Happened::Cancelled {
            by: String::new(),
            reason: None,
        },
        _ => Happened::LeaseOver { attempt },
    };
    settle(work, id, &slot, &change, slot.holder, happened)
}

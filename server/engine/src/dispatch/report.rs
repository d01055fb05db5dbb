//! Report: how an attempt ended, and what follows from it (T7).

use super::{lease, put_failure, settle};
use crate::{
    error::{Error, Result},
    store::{dossier, event, failure, mark, task, writer::Work},
};
use domain::{
    FieldError, OfficeId, Refusal, TaskId, TaskState,
    event::Happened,
    failure::{Failure, KEEPS_BEING_RELEASED, OUTCOME_UNKNOWN, UNKNOWN, Verdict, failure_params, is_code},
    lane::Slot,
    life::{Change, Command, Said, step},
    task::ConnectorId,
    text,
    wire::{ItemError, MAX_DELIVER, Outcome, Report, ReportAnswer, Reported},
};
use serde_json::{Map, Value};

/// Checks reports before anything is done with them.
///
/// # Errors
/// [`Refusal::Invalid`] naming each broken rule.
pub fn check(reports: &[Report]) -> Result<()> {
    let mut errors = vec![];
    if reports.is_empty() || reports.len() > MAX_DELIVER {
        errors.push(FieldError {
            field: "reports".into(),
            message: format!("must hold 1 to {MAX_DELIVER} reports"),
        });
    }
    for (i, r) in reports.iter().enumerate() {
        if let Outcome::Failed { code, .. } = &r.outcome
            && (code == OUTCOME_UNKNOWN || code == KEEPS_BEING_RELEASED)
        {
            let field = format!("reports[{i}].outcome.failed.code");
            let message = "is for the desk alone to say".into();
            errors.push(FieldError { field, message });
        } else if let Outcome::Failed { code, .. } = &r.outcome
            && !is_code(code)
        {
            let field = format!("reports[{i}].outcome.failed.code");
            errors.push(FieldError {
                field,
                message: "must be 1 to 64 characters in lower snake case".into(),
            });
        }
        if let Outcome::Released { reason: Some(reason) } = &r.outcome {
            text::check(
                &mut errors,
                &format!("reports[{i}].outcome.released.reason"),
                reason,
                500,
            );
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Invalid(errors).into())
    }
}

/// Takes reports one by one: a refused one does not stop the others.
///
/// # Errors
/// When storage fails; then none was taken.
pub fn report(
    work: &mut Work<'_>,
    office: OfficeId,
    connector: ConnectorId,
    reports: &[Report],
) -> Result<ReportAnswer> {
    super::lease::hear(work, connector)?;
    let mut answers = Vec::with_capacity(reports.len());
    for r in reports {
        let (status, error) = match one(work, office, connector, r) {
            Ok(status) => (Some(status), None),
            Err(Error::Refused(e)) => (
                None,
                Some(ItemError {
                    code: e.code().into(),
                    detail: e.to_string(),
                }),
            ),
            Err(e) => return Err(e),
        };
        answers.push(Reported {
            task: r.task.clone(),
            status,
            error,
        });
    }
    Ok(ReportAnswer { reports: answers })
}

fn one(work: &mut Work<'_>, office: OfficeId, connector: ConnectorId, r: &Report) -> Result<TaskState> {
    let id: TaskId = r.task.parse().map_err(|()| Refusal::NotFound)?;
    let slot = work
        .state
        .lanes
        .slot(id)
        .copied()
        .filter(|s| s.class.office == office);
    if let Some(slot) = slot
        && slot.life.open
        && slot.holder == connector
        && lease(work.state.epoch, id, slot.life.attempts) == r.lease
    {
        if let (Outcome::Failed { .. }, Some(m)) = (&r.outcome, work.state.fleet.get_mut(connector)) {
            m.diary.failed(work.mono);
        }
        return take(work, id, &slot, &r.outcome);
    }
    let task = task::standing(work.db, id)?
        .filter(|t| t.office == office)
        .ok_or(Refusal::NotFound)?;
    repeated(work, id, connector, r)?;
    Ok(task.state)
}

/// A report of an attempt that is closed: fine if it says what was said before.
fn repeated(work: &mut Work<'_>, id: TaskId, connector: ConnectorId, r: &Report) -> Result<()> {
    let events = event::of_task(work.db, id)?;
    let claims = events.iter().filter_map(|e| match e {
        Happened::Claimed { connector, attempt } => Some((*connector, *attempt)),
        _ => None,
    });
    let epoch = work.state.epoch;
    let mine = claims
        .filter(|(c, _)| *c == connector)
        .find(|(_, attempt)| lease(epoch, id, *attempt) == r.lease);
    let (_, attempt) = mine.ok_or(Refusal::StaleLease)?;
    let first = events
        .iter()
        .filter_map(Happened::report)
        .find(|(n, _)| *n == attempt);
    let (_, first) = first.ok_or(Refusal::StaleLease)?;
    if first == r.outcome {
        return Ok(());
    }
    let contradicted = Happened::Contradicted {
        attempt,
        outcome: r.outcome.clone(),
    };
    if !events.contains(&contradicted)
        && let Some(t) = task::standing(work.db, id)?
    {
        event::append(work, t.office, id, contradicted)?;
    }
    Err(Refusal::ConflictingReport.into())
}

fn take(work: &mut Work<'_>, id: TaskId, slot: &Slot, outcome: &Outcome) -> Result<TaskState> {
    let attempt = slot.life.attempts;
    let said = match outcome {
        Outcome::Succeeded { .. } => Said::Succeeded,
        Outcome::Released { .. } => Said::Released,
        Outcome::Failed { code, params, .. } => {
            Said::Failed(verdict(work, slot, code, &known(work, id, slot, params)?))
        }
    };
    let change = step(
        slot.life,
        slot.rules,
        Command::Report {
            attempt,
            said,
            jitter: jitter(id, attempt),
        },
    )?;
    if slot.life.state.is_stopped() {
        failure::clear(work.db, id)?;
        mark::clear(work.db, id)?;
    }
    // attempts of before a restart do not count as tries
    if change.life.state == TaskState::Succeeded && slot.life.attempts != u32::from(slot.life.tries) {
        super::count_helped(work, id, slot)?;
    }
    if change.life.state.is_stopped() {
        let shown = match outcome {
            Outcome::Failed { code, params, detail } => Failure {
                code: code.clone(),
                params: params.clone(),
                detail: detail.clone(),
            },
            _ => Failure::of(change.own_failure.unwrap_or(KEEPS_BEING_RELEASED)),
        };
        put_failure(work, id, slot, &shown)?;
    }
    settle(
        work,
        id,
        slot,
        &change,
        slot.holder,
        happened(&change, attempt, outcome),
    )?;
    Ok(change.life.state)
}

fn happened(change: &Change, attempt: u32, outcome: &Outcome) -> Happened {
    let failure = |o: &Outcome| match o {
        Outcome::Failed { code, params, detail } => Failure {
            code: code.clone(),
            params: params.clone(),
            detail: detail.clone(),
        },
        Outcome::Released { reason } => Failure {
            detail: reason.clone(),
            ..Failure::of(KEEPS_BEING_RELEASED)
        },
        Outcome::Succeeded { .. } => Failure::default(),
    };
    match (change.life.state, outcome) {
        (TaskState::Succeeded, Outcome::Succeeded { result }) => Happened::Succeeded {
            attempt,
            result: result.clone(),
        },
        (TaskState::Queued, Outcome::Released { reason }) => Happened::Released {
            attempt,
            reason: reason.clone(),
        },
        (TaskState::Queued, o) => Happened::Retrying {
            attempt,
            failure: failure(o),
            backoff_ms: change.backoff_ms,
        },
        (TaskState::ActionRequired, o) => Happened::ActionRequired {
            attempt,
            failure: failure(o),
        },
        (TaskState::Failed, o) => Happened::Failed {
            attempt,
            failure: failure(o),
        },
        (_, o) => Happened::CancelledRunning {
            attempt,
            outcome: o.clone(),
        },
    }
}

fn verdict(work: &Work<'_>, slot: &Slot, code: &str, params: &Map<String, Value>) -> Verdict {
    let package = work.state.packages.name(slot.class.package);
    let kind = work.state.kinds.name(slot.class.kind);
    let catalogue = &work.state.catalogue;
    match catalogue.instruction(package, code, kind) {
        Some(_) => catalogue.instructions.verdict(package, code, params),
        None => UNKNOWN,
    }
}

/// What a connector said of a failure, and what the desk knows of the task besides: an instruction can name the
/// dossier although the connector did not.
///
/// # Errors
/// When it cannot be read.
pub(super) fn known(
    work: &Work<'_>,
    id: TaskId,
    slot: &Slot,
    said: &Map<String, Value>,
) -> Result<Map<String, Value>> {
    let d = dossier::get(work.db, slot.dossier)?;
    let subject = task::handed(work.db, id)?.subject;
    let contact = work
        .state
        .offices
        .get(&slot.class.office)
        .map(|o| o.support_contact.as_str());
    Ok(failure_params(
        said,
        &d.name,
        &d.code,
        subject.as_deref(),
        contact.unwrap_or_default(),
    ))
}

/// 0 to 1000, spread evenly over tasks and attempts.
fn jitter(id: TaskId, attempt: u32) -> u16 {
    let mixed = (id.0 as u64 ^ u64::from(attempt).rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed >> 32) % 1001) as u16
}

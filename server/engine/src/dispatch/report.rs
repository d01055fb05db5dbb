//! Report: how an attempt ended, and what follows from it (T7).

use super::{lease, put_failure, settle};
use crate::{
    error::{Error, Result},
    store::{dossier, event, failure, task, writer::Work},
};
use domain::{
    FieldError, OfficeId, Refusal, TaskId, TaskState,
    event::Happened,
    failure::{Failure, KEEPS_BEING_RELEASED, UNKNOWN, Verdict, is_code},
    lane::Slot,
    life::{Change, Command, Said, step},
    task::ConnectorId,
    text,
    wire::{ItemError, MAX_DELIVER, Outcome, Report, ReportAnswer, Reported},
};
use serde_json::Value;

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
    let (said, shown) = match outcome {
        Outcome::Succeeded { .. } => (Said::Succeeded, None),
        Outcome::Released { .. } => (Said::Released, None),
        Outcome::Failed { code, params, detail } => {
            let mut shown = Failure {
                code: code.clone(),
                params: params.clone(),
                detail: detail.clone(),
            };
            enrich(work, id, slot, &mut shown)?;
            (Said::Failed(verdict(work, slot, &shown)), Some(shown))
        }
    };
    let jitter = jitter(id, attempt);
    let change = step(
        slot.life,
        slot.rules,
        Command::Report {
            attempt,
            said,
            jitter,
        },
    )?;
    let happened = happened(&change, attempt, outcome);
    if slot.life.state.is_stopped() {
        failure::clear(work.db, id)?;
    }
    if change.life.state.is_stopped() {
        let shown = shown.unwrap_or_else(|| Failure::of(change.own_failure.unwrap_or(KEEPS_BEING_RELEASED)));
        put_failure(work, id, slot, &shown)?;
    }
    settle(work, id, slot, &change, slot.holder, happened)?;
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

fn verdict(work: &Work<'_>, slot: &Slot, shown: &Failure) -> Verdict {
    let package = work.state.packages.name(slot.class.package);
    let kind = work.state.kinds.name(slot.class.kind);
    let catalogue = &work.state.catalogue;
    match catalogue.instruction(package, &shown.code, kind) {
        Some(_) => catalogue
            .instructions
            .verdict(package, &shown.code, &shown.params),
        None => UNKNOWN,
    }
}

/// Adds what the desk itself knows, so that an instruction can name the dossier although the connector did not.
fn enrich(work: &Work<'_>, id: TaskId, slot: &Slot, failure: &mut Failure) -> Result<()> {
    let d = dossier::get(work.db, slot.dossier)?;
    let subject = task::handed(work.db, id)?.subject;
    let contact = work
        .state
        .offices
        .get(&slot.class.office)
        .map(|o| o.support_contact.clone());
    let known = [
        ("dossier_name", Some(d.name)),
        ("dossier_code", Some(d.code.clone())),
        ("entered_code", Some(d.code)),
        ("document_no", subject),
        ("support_contact", contact),
    ];
    for (name, value) in known {
        if let Some(value) = value {
            failure.params.entry(name).or_insert(Value::String(value));
        }
    }
    Ok(())
}

/// 0 to 1000, spread evenly over tasks and attempts.
fn jitter(id: TaskId, attempt: u32) -> u16 {
    let mixed = (id.0 as u64 ^ u64::from(attempt).rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed >> 32) % 1001) as u16
}

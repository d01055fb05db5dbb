//! Report: how an attempt ended, and what follows from it (T7).

use super::{lease, put_failure, settle};
use domain::{
    FieldError, OfficeId, Refusal, Rule, TaskId, TaskState,
    event::Happened,
    failure::{Failure, KEEPS_BEING_RELEASED, UNKNOWN, Verdict, failure_params, is_code, is_reserved},
    lane::Slot,
    life::{Change, Command, Said, step},
    task::ConnectorId,
    text,
    wire::{ItemError, MAX_DELIVER, MAX_OUTCOME, MAX_RETRY_AFTER, Outcome, Report, ReportAnswer, Reported},
};
use serde_json::{Map, Value};
use std::collections::HashMap;
use store::{
    dossier,
    error::{Error, Result},
    event, failure, mark, notice, task,
    writer::Work,
};
use views::alerts::NoticeKind;

/// Late and contradicting reports that are kept with one task. More of them say nothing new.
const MOST_DOUBTS: usize = 20;
/// ... and bytes of them: all that happened to a task is read with each.
const MOST_DOUBT_BYTES: usize = 2 * MAX_OUTCOME;

/// One item of a call: a report, or one that cannot be read, of which only the task may be known.
pub type Item = std::result::Result<Report, (String, Refusal)>;

/// Checks how many reports come at once.
pub fn check_number(n: usize) -> Result<()> {
    if (1..=MAX_DELIVER).contains(&n) {
        return Ok(());
    }
    let to = MAX_DELIVER as i64;
    Err(Refusal::rule("reports", Rule::HoldsReports { from: 1, to }).into())
}

/// Checks what an attempt is said to have come to; what is wrong names its place after `at`.
pub fn check(at: &str, outcome: &Outcome) -> std::result::Result<(), Refusal> {
    let mut errors = vec![];
    let field = |name: &str| format!("{at}.{name}");
    match outcome {
        Outcome::Succeeded { result: Some(result) } if !result.is_object() => {
            errors.push(FieldError::of(field("succeeded.result"), Rule::NoObject));
        }
        Outcome::Failed { code, .. } if is_reserved(code) => {
            errors.push(FieldError::of(field("failed.code"), Rule::ForTheDesk));
        }
        Outcome::Failed { code, .. } if !is_code(code) => {
            errors.push(FieldError::of(field("failed.code"), Rule::NotSnakeCase));
        }
        Outcome::Released {
            reason,
            retry_after_seconds,
        } => {
            if let Some(reason) = reason {
                text::check(&mut errors, &field("released.reason"), reason, 500);
            }
            if retry_after_seconds.is_some_and(|s| !(1..=MAX_RETRY_AFTER).contains(&s)) {
                let to = MAX_RETRY_AFTER.into();
                errors.push(FieldError::of(
                    field("released.retry_after_seconds"),
                    Rule::Between { from: 1, to },
                ));
            }
        }
        _ => {}
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Invalid(errors))
    }
}

/// Takes reports one by one: a bad one does not stop the others.
///
/// # Errors
/// When storage fails; then none was taken.
pub fn report(
    work: &mut Work<'_>,
    office: OfficeId,
    connector: ConnectorId,
    items: &[Item],
) -> Result<ReportAnswer> {
    super::lease::hear(work, connector)?;
    let mut answers = Vec::with_capacity(items.len());
    let mut named: HashMap<&str, usize> = HashMap::new();
    for (i, item) in items.iter().enumerate() {
        let (Ok(Report { task, .. }) | Err((task, _))) = item;
        let times = named.entry(task).or_default();
        *times += 1;
        let (task, said) = match item {
            Ok(r) if *times > MOST_DOUBTS => (
                &r.task,
                no(Refusal::rule(
                    format!("reports[{i}].task"),
                    Rule::ReportedTooOften,
                )),
            ),
            Ok(r) => (
                &r.task,
                check(&format!("reports[{i}].outcome"), &r.outcome)
                    .map_or_else(no, |()| one(work, office, connector, r)),
            ),
            Err((task, refusal)) => (task, no(refusal.clone())),
        };
        let said = said?;
        answers.push(Reported {
            task: task.clone(),
            status: said.as_ref().ok().copied(),
            error: said.err(),
        });
    }
    Ok(ReportAnswer { reports: answers })
}

/// Where the task now stands, or why the report was refused.
type Answered = Result<std::result::Result<TaskState, ItemError>>;

fn no(refusal: Refusal) -> Answered {
    Ok(Err(ItemError::of(&refusal)))
}

/// Refused, but what it said is on record.
fn kept(refusal: &Refusal, evidence: Option<i64>) -> Answered {
    Ok(Err(ItemError {
        evidence,
        ..ItemError::of(refusal)
    }))
}

fn one(work: &mut Work<'_>, office: OfficeId, connector: ConnectorId, r: &Report) -> Answered {
    let Ok(id) = r.task.parse::<TaskId>() else {
        return no(Refusal::NotFound);
    };
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
        return match take(work, id, &slot, &r.outcome) {
            Ok(state) => Ok(Ok(state)),
            Err(Error::Refused(refusal)) => no(refusal),
            Err(e) => Err(e),
        };
    }
    match task::standing(work.db, id)?.filter(|t| t.office == office) {
        Some(task) => closed(work, (id, &task), connector, r),
        None => no(Refusal::NotFound),
    }
}

/// A report of an attempt that is closed: fine if it says what was said before. Otherwise it changes nothing, and what
/// it says is kept: nobody else knows what was done in the package.
fn closed(
    work: &mut Work<'_>,
    (id, task): (TaskId, &task::Standing),
    connector: ConnectorId,
    r: &Report,
) -> Answered {
    let events = event::of_task(work.db, id)?;
    let happened = || events.iter().map(|(.., h)| h);
    let epoch = work.state.epoch;
    let attempt = happened().find_map(|h| match h {
        Happened::Claimed {
            connector: c,
            attempt,
        } if *c == connector && lease(epoch, id, *attempt) == r.lease => Some(*attempt),
        _ => None,
    });
    let first = happened()
        .filter_map(Happened::report)
        .find(|(n, _)| Some(*n) == attempt);
    let (refusal, evidence) = match (attempt, first) {
        (_, Some((_, first))) if same(&first, &r.outcome) => return Ok(Ok(task.state)),
        (Some(attempt), Some(_)) => (
            Refusal::ConflictingReport,
            Happened::Contradicted {
                attempt,
                outcome: r.outcome.clone(),
            },
        ),
        (attempt, _) => (
            Refusal::StaleLease,
            Happened::Late {
                connector,
                attempt: attempt.unwrap_or(0),
                outcome: r.outcome.clone(),
            },
        ),
    };
    if let Some((seq, ..)) = events.iter().find(|(.., h)| *h == evidence) {
        return kept(&refusal, Some(*seq));
    }
    let doubtful = |h: &Happened| matches!(h.doubt(), Some(Outcome::Succeeded { .. }));
    // the first that says that it was done is told, whatever was said before
    let warn = doubtful(&evidence) && !happened().any(doubtful);
    let doubts: Vec<&Outcome> = happened().filter_map(Happened::doubt).collect();
    let all = doubts.iter().copied().chain([&r.outcome]);
    if !warn && (doubts.len() >= MOST_DOUBTS || all.map(size).sum::<usize>() > MOST_DOUBT_BYTES) {
        return kept(&refusal, None);
    }
    work.append(task.office, id, evidence)?;
    if warn {
        warn_of_double(work, id, task)?;
    }
    kept(&refusal, Some(work.state.seq))
}

/// How many bytes it is as JSON.
fn size(outcome: &Outcome) -> usize {
    serde_json::to_vec(outcome).map_or(usize::MAX / 64, |json| json.len())
}

/// A rest that is asked for is not kept with the task, and does not make another report of it.
fn same(first: &Outcome, again: &Outcome) -> bool {
    match (first, again) {
        (Outcome::Released { reason: a, .. }, Outcome::Released { reason: b, .. }) => a == b,
        _ => first == again,
    }
}

/// Work was done that the desk does not count: it may stand in the books twice. Those who manage the dossier and run the
/// office are told, once for a task.
fn warn_of_double(work: &Work<'_>, id: TaskId, task: &task::Standing) -> Result<()> {
    let name = dossier::get(work.db, task.dossier)?.name;
    let mut people = notice::managers(work.db, task.dossier)?;
    people.extend(notice::runners(work.db, task.office, true)?);
    people.sort_unstable();
    people.dedup();
    people.into_iter().try_for_each(|person| {
        let kind = NoticeKind::LateSuccess;
        notice::tell(
            work.db,
            person,
            task.office,
            work.now,
            kind,
            &id.to_string(),
            &name,
        )
    })
}

fn take(work: &mut Work<'_>, id: TaskId, slot: &Slot, outcome: &Outcome) -> Result<TaskState> {
    let attempt = slot.life.attempts;
    let said = match outcome {
        Outcome::Succeeded { .. } => Said::Succeeded,
        Outcome::Released {
            retry_after_seconds, ..
        } => Said::Released {
            rest_ms: retry_after_seconds.map(|s| u64::from(s) * 1000),
        },
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
        Outcome::Released { reason, .. } => Failure {
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
        (TaskState::Queued, Outcome::Released { reason, .. }) => Happened::Released {
            attempt,
            reason: reason.clone(),
            backoff_ms: change.backoff_ms,
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

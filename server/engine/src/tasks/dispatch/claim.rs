//! Claim: a connector takes the oldest tasks that may start (T3–T5).

use super::{lease, settle};
use domain::{
    FieldError, OfficeId, Refusal, Rule, TaskId, TaskState,
    downtime::{Door, Verdict, Who, of_office, verdict},
    event::Happened,
    lane::{Class, Lanes},
    life::{Command, step},
    moment::rfc3339_utc,
    task::ConnectorId,
    text,
    wire::{
        ClaimedDossier, ClaimedTask, EarlierAttempt, MAX_BODY, MAX_CLAIM, MAX_CLAIM_ANSWER, MAX_WAIT_SECONDS,
    },
};
use std::{borrow::Cow, collections::BTreeSet};
use store::{
    connector::{self, Claimed},
    error::{Error, Result},
    event,
    state::State,
    state::fleet::{Member, Others},
    task,
    writer::Work,
};

/// Checks what a claim asks for.
///
/// # Errors
/// [`Refusal::Invalid`] naming each broken rule.
pub fn check(request_id: &str, max: u32, wait_seconds: u32) -> Result<()> {
    let mut errors = vec![];
    text::check(&mut errors, "request_id", request_id, 100);
    if !(1..=MAX_CLAIM).contains(&max) {
        let to = MAX_CLAIM.into();
        errors.push(FieldError::of("max", Rule::Between { from: 1, to }));
    }
    if wait_seconds > MAX_WAIT_SECONDS {
        let to = MAX_WAIT_SECONDS.into();
        errors.push(FieldError::of("wait_seconds", Rule::Between { from: 0, to }));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Invalid(errors).into())
    }
}

/// A call that is not answered after so many milliseconds hangs.
const HANGS_MS: u64 = 1000;

/// A call for tasks.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Who calls.
    pub connector: ConnectorId,
    /// Names the call.
    pub request_id: &'a str,
    /// So many at most.
    pub max: u32,
    /// Monotonic millisecond at which it came in. One that hangs is no sign of life later than this.
    pub called_at: u64,
}

/// Whether a claim of this connector, which called at `called_at`, would find something now.
pub fn would_find(state: &State, connector: ConnectorId, called_at: u64, mono: u64) -> bool {
    let Some(m) = state.fleet.get(connector) else {
        return true;
    };
    if is_stopped(m, called_at) {
        // answered at once: who lives calls again
        return true;
    }
    // classes not yet worked out: let the claim itself look
    !m.holds_back()
        && m.known_classes().is_none_or(|classes| {
            let granted = granted(state, m.row.office, classes, state.now);
            first(state, m, &granted, mono).is_some()
        })
}

/// A call that hangs, and a lease of its caller has lapsed meanwhile: nobody may be there any more.
fn is_stopped(m: &Member, called_at: u64) -> bool {
    m.lapsed_at > called_at + HANGS_MS
}

/// The first task for a connector: one whose lease it let lapse only while no other could take it; while its office is
/// closed only one that an exempt integration has delivered since (D14).
fn first(state: &State, m: &Member, granted: &[Class], mono: u64) -> Option<TaskId> {
    let only = match granted_alone(state, m.row.office, state.now) {
        None if m.lapsed.is_empty() => return state.lanes.next(granted),
        Some(only) if only.is_empty() => return None,
        only => only,
    };
    let from = only.and_then(BTreeSet::first).copied().unwrap_or(TaskId(0));
    let office = state.offices.get(&m.row.office)?;
    let skips = |id: TaskId| {
        if only.is_some_and(|only| !only.contains(&id)) {
            return true;
        }
        let slot = state.lanes.slot(id).filter(|_| m.lapsed.contains(&id));
        slot.is_some_and(|slot| {
            let others = Others {
                class: slot.class,
                package: state.packages.name(slot.class.package),
                kind: state.kinds.name(slot.class.kind),
                now: state.now,
                mono,
            };
            state.fleet.passes_over(m, office, others)
        })
    };
    state.lanes.next_but(granted, from, skips)
}

/// The tasks that alone are granted once an office is closed; `None` while it is open.
fn granted_alone(state: &State, office: OfficeId, now: i64) -> Option<&BTreeSet<TaskId>> {
    static NONE: BTreeSet<TaskId> = BTreeSet::new();
    let closed = of_office(&state.downtimes, Some(office), now)
        .is_some_and(|d| verdict(Who::Connector, Door::Claim, d.phase(now)).is_no());
    closed.then(|| state.meanwhile.get(&office).unwrap_or(&NONE))
}

/// Of what a connector can take, what may be granted now: before a downtime only what usually ends in time.
fn granted<'a>(state: &State, office: OfficeId, classes: &'a [Class], now: i64) -> Cow<'a, [Class]> {
    let Some(d) = of_office(&state.downtimes, Some(office), now) else {
        return Cow::Borrowed(classes);
    };
    if verdict(Who::Connector, Door::Claim, d.phase(now)) != Verdict::Warn {
        return Cow::Borrowed(classes);
    }
    let left = (d.closes_at - now).max(0) as u64;
    let usual = |c: &Class| state.usual.get(&(c.office, c.package, c.kind));
    let ends = |c: &&Class| usual(c).is_none_or(|ms| *ms <= left);
    Cow::Owned(classes.iter().filter(ends).copied().collect())
}

/// Whether a task of this sort may be granted now at all.
pub(crate) fn is_granted(state: &State, id: TaskId, class: &Class, now: i64) -> bool {
    granted_alone(state, class.office, now).is_none_or(|only| only.contains(&id))
        && !granted(state, class.office, std::slice::from_ref(class), now).is_empty()
}

/// Hands up to `max` tasks to a connector; `None` when there is nothing for it now.
///
/// # Errors
/// [`Refusal::Unauthenticated`] when the connector is gone.
pub fn claim(work: &mut Work<'_>, call: Call<'_>) -> Result<Option<Vec<ClaimedTask>>> {
    let Call {
        connector,
        request_id,
        max,
        called_at,
    } = call;
    let mono = work.mono;
    // a call that hangs says nothing of whoever made it
    if work
        .state
        .fleet
        .get(connector)
        .is_none_or(|m| m.heard <= called_at)
    {
        super::lease::hear(work, connector)?;
        if let Some(m) = work.state.fleet.get_mut(connector) {
            m.diary.polled(mono);
        }
    }
    let member = work.state.fleet.get(connector).ok_or(Refusal::Unauthenticated)?;
    if let Some(earlier) = member.earlier_claim(request_id).cloned() {
        return again(work, connector, &earlier).map(Some);
    }
    let room = member
        .row
        .hello
        .as_ref()
        .map_or(0, |h| h.max_parallel.saturating_sub(member.running));
    if is_stopped(member, called_at) {
        return Ok(Some(vec![]));
    }
    if member.holds_back() || work.state.draining {
        return Ok(None);
    }
    let mut tasks = vec![];
    let mut size = 0;
    // one more always fits: no payload is larger than the body it came in
    while tasks.len() < max.min(room) as usize && size + MAX_BODY <= MAX_CLAIM_ANSWER {
        let Some(id) = next(work, connector) else { break };
        let (task, bytes) = take(work, connector, id)?;
        size += bytes;
        tasks.push(task);
    }
    if tasks.is_empty() {
        return Ok(None);
    }
    let claimed = Claimed {
        request_id: request_id.to_owned(),
        tasks: tasks.iter().map(|t| (t.id.0, t.attempt)).collect(),
    };
    let State { fleet, lanes, .. } = &mut *work.state;
    if let Some(m) = fleet.get_mut(connector) {
        m.diary.took(mono, tasks.len());
        let slot = m.keep_claim(claimed.clone(), |c| {
            c.tasks
                .iter()
                .any(|(id, attempt)| lives(lanes, connector, TaskId(*id), *attempt))
        });
        connector::save_claim(work.db, connector, slot, &claimed)?;
    }
    Ok(Some(tasks))
}

fn next(work: &mut Work<'_>, connector: ConnectorId) -> Option<TaskId> {
    let State {
        fleet,
        packages,
        kinds,
        ..
    } = &mut *work.state;
    let m = fleet.get_mut(connector)?;
    let office = m.row.office;
    m.work_out_classes(packages, kinds);
    let classes = work.state.fleet.get(connector)?.known_classes()?;
    let granted = granted(work.state, office, classes, work.now);
    first(work.state, work.state.fleet.get(connector)?, &granted, work.mono)
}

/// Hands one task over; gives also how many bytes its payload has.
fn take(work: &mut Work<'_>, connector: ConnectorId, id: TaskId) -> Result<(ClaimedTask, usize)> {
    let slot = *work
        .state
        .lanes
        .slot(id)
        .ok_or(Error::Storage("the lanes name a task that is not open".into()))?;
    let change = step(slot.life, slot.rules, Command::Claim)?;
    let attempt = change.life.attempts;
    settle(
        work,
        id,
        &slot,
        &change,
        connector,
        Happened::Claimed { connector, attempt },
    )?;
    told(work, id)
}

/// What the connector is told of a task that it holds.
fn told(work: &Work<'_>, id: TaskId) -> Result<(ClaimedTask, usize)> {
    let slot = *work.state.lanes.slot(id).ok_or(Refusal::NotFound)?;
    let row = task::handed(work.db, id)?;
    let attempt = slot.life.attempts;
    let events = if attempt > 1 {
        event::of_task(work.db, id)?
    } else {
        vec![]
    };
    let events: Vec<Happened> = events.into_iter().map(|(.., happened)| happened).collect();
    let bytes = row.payload.as_ref().map_or(0, String::len);
    let task = ClaimedTask {
        id,
        kind: work.state.kinds.name(slot.class.kind).to_owned(),
        lease: lease(work.state.epoch, id, attempt),
        attempt,
        delivered_at: rfc3339_utc(row.delivered_at),
        dossier: ClaimedDossier {
            code: row.code,
            name: row.name,
            package: work.state.packages.name(slot.class.package).to_owned(),
        },
        subject: row.subject,
        payload: match row.payload {
            Some(p) => serde_json::from_str(&p)?,
            None => serde_json::json!({}),
        },
        earlier: earlier(&events),
        confirmed: domain::event::confirmed(&events),
    };
    Ok((task, bytes))
}

/// The same leases again, as far as they still live.
fn again(work: &Work<'_>, connector: ConnectorId, claimed: &Claimed) -> Result<Vec<ClaimedTask>> {
    let ids = claimed.tasks.iter().map(|(id, attempt)| (TaskId(*id), *attempt));
    ids.filter(|(id, attempt)| lives(&work.state.lanes, connector, *id, *attempt))
        .map(|(id, _)| Ok(told(work, id)?.0))
        .collect()
}

/// The lease of this attempt is the task's current one and not over.
fn lives(lanes: &Lanes, connector: ConnectorId, id: TaskId, attempt: u32) -> bool {
    lanes.slot(id).is_some_and(|s| {
        s.life.state == TaskState::Running && s.life.attempts == attempt && s.holder == connector
    })
}

/// How the attempts before the last one ended.
fn earlier(events: &[Happened]) -> Vec<EarlierAttempt> {
    let mut attempts = domain::event::attempts(events);
    attempts.pop();
    attempts
        .into_iter()
        .map(|a| EarlierAttempt {
            attempt: a.number,
            outcome: a.outcome.to_owned(),
        })
        .collect()
}

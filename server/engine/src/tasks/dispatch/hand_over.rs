//! What people say of stopped tasks: "I cannot do this", "you can do this", urgent, not now (M5, T8).

use super::{acts_on_red, open_task, settle};
use domain::{
    FieldError, NotAllowed, NotNow, OfficeId, Refusal, Rule, TaskId, Viewer,
    event::Happened,
    failure::Audience,
    lane::Slot,
    life::{Command, step},
    text,
};
use store::{error::Result, failure, mark, writer::Work};

/// Longest reason or note, in characters.
pub const LONGEST_NOTE: usize = 1000;
/// Longest that a task can be put off.
const LONGEST_SNOOZE_MS: i64 = 30 * 86_400_000;

/// Gives a stopped task to the other side. The office may give what is its own to Support; Support may do both.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::WrongState`] when it is not stopped or is theirs already;
/// [`Refusal::Forbidden`] for office staff who give to the office; [`Refusal::Invalid`] for a note that is none.
pub fn hand_over(
    work: &mut Work<'_>,
    by: &Viewer,
    office: OfficeId,
    id: TaskId,
    to: Audience,
    note: Option<&str>,
) -> Result<()> {
    let slot = open_task(work, office, id)?;
    if to == Audience::Office && !acts_on_red(work, by)? {
        return Err(Refusal::Forbidden(NotAllowed::SupportHandsOver).into());
    }
    let note = note.map(str::trim).filter(|n| !n.is_empty());
    if let Some(note) = note {
        check("note", note)?;
    }
    let change = step(slot.life, slot.rules, Command::HandOver { to })?;
    if let Some(note) = note {
        mark::note(work.db, id, &by.name, note, work.now)?;
    }
    let happened = Happened::HandedOver {
        by: by.name.clone(),
        to,
        note: note.map(ToOwned::to_owned),
    };
    settle(work, id, &slot, &change, slot.holder, happened)?;
    let after = format!("{} {}", change.life.state.key(), note.unwrap_or_default());
    said(
        work,
        by,
        office,
        id,
        "hand_over",
        Some(slot.life.state.key().into()),
        after,
    )
}

/// A new instruction lets the office act on a red task (M14).
///
/// # Errors
/// [`Refusal::WrongState`] when it is not red.
pub fn instruct(work: &mut Work<'_>, by: &Viewer, id: TaskId, slot: &Slot, version: u32) -> Result<()> {
    let to = Audience::Office;
    let change = step(slot.life, slot.rules, Command::HandOver { to })?;
    failure::set_version(work.db, id, version)?;
    let happened = Happened::Instructed {
        by: by.name.clone(),
        version,
    };
    settle(work, id, slot, &change, slot.holder, happened)?;
    let (before, after) = (slot.life.state.key(), change.life.state.key());
    let after = format!("{after} version {version}");
    let office = slot.class.office;
    said(work, by, office, id, "instruction", Some(before.into()), after)
}

/// A stopped task cannot wait, and why (M5).
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::WrongState`] when it is not stopped, [`Refusal::Invalid`] without a reason.
pub fn urgent(work: &mut Work<'_>, by: &Viewer, office: OfficeId, id: TaskId, reason: &str) -> Result<()> {
    let reason = reason.trim();
    check("reason", reason)?;
    stopped(&open_task(work, office, id)?)?;
    mark::urgent(work.db, id, &by.name, reason, work.now)?;
    let happened = Happened::Urgent {
        by: by.name.clone(),
        reason: reason.to_owned(),
    };
    work.append(office, id, happened)?;
    said(work, by, office, id, "urgent", None, reason.to_owned())
}

/// A stopped task is put off until a wall-clock millisecond, and why. It comes back by itself.
///
/// # Errors
/// As [`urgent`], and [`Refusal::Invalid`] for a time that is past or more than 30 days away.
pub fn snooze(
    work: &mut Work<'_>,
    by: &Viewer,
    office: OfficeId,
    id: TaskId,
    until: i64,
    reason: &str,
) -> Result<()> {
    let reason = reason.trim();
    check("reason", reason)?;
    if until <= work.now || until > work.now + LONGEST_SNOOZE_MS {
        return Err(Refusal::rule("until", Rule::NotInThirtyDays).into());
    }
    stopped(&open_task(work, office, id)?)?;
    mark::snooze(work.db, id, &by.name, reason, until)?;
    let happened = Happened::Snoozed {
        by: by.name.clone(),
        until,
        reason: reason.to_owned(),
    };
    work.append(office, id, happened)?;
    said(work, by, office, id, "snooze", None, reason.to_owned())
}

/// A reason or a note has 1 to [`LONGEST_NOTE`] characters; it may have lines.
pub fn check(field: &str, words: &str) -> Result<()> {
    let mut errors: Vec<FieldError> = vec![];
    // people write lines
    let one_line = words.replace(['\n', '\r', '\t'], " ");
    text::check(&mut errors, field, &one_line, LONGEST_NOTE);
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Invalid(errors).into())
    }
}

fn stopped(slot: &Slot) -> Result<()> {
    if slot.life.state.is_stopped() {
        Ok(())
    } else {
        let state = slot.life.state.key().into();
        Err(Refusal::WrongState(NotNow::TaskIs { state }).into())
    }
}

fn said(
    work: &mut Work<'_>,
    by: &Viewer,
    office: OfficeId,
    id: TaskId,
    what: &str,
    before: Option<String>,
    after: String,
) -> Result<()> {
    work.audit(
        Some(office),
        by.person,
        what,
        format!("task {id}"),
        (before, Some(after.trim().to_owned())),
    )
}

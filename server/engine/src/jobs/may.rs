//! Whether a job may run now, be switched on, or stand at its time.

use super::{check::is_given, gate, plan::book::Book};
use domain::{
    NotNow, OfficeId, Refusal,
    job::{JobForm, JobId, Standing},
    text,
};
use store::{
    error::Result,
    job::{self, JobRow},
    look::Look,
    run,
    writer::Work,
};
use views::collection::Gate;

/// Whether the job's time is free (J3, J4) on the next days that it runs and when the clocks change. What was wrong
/// before is not asked about. With a reason it may stand where it clashes.
///
/// # Errors
/// [`Refusal::Clash`] with the first of what is in its way, and a free time; [`Refusal::Invalid`] for a reason that is
/// too long.
pub(crate) fn clash(
    w: &Work<'_>,
    office: OfficeId,
    id: Option<JobId>,
    form: &JobForm,
    despite: Option<&str>,
) -> Result<()> {
    if is_given(despite) {
        let mut errors = vec![];
        text::check(&mut errors, "despite", despite.unwrap_or_default(), 500);
        return match errors.is_empty() {
            true => Ok(()),
            false => Err(Refusal::Invalid(errors).into()),
        };
    }
    let book = Book::now(w.look(), office)?;
    let job = book.formed(w, office, id, form)?;
    match book.would_clash(&[job], w.now) {
        Some(found) => Err(found.refusal()?.into()),
        None => Ok(()),
    }
}

/// Why an entry of a collection system does not run now; `None` for other jobs, and when it does (C2, C3).
pub(crate) fn gate(w: Look<'_>, row: &JobRow) -> Result<Option<Gate>> {
    match row.system {
        Some(system) => gate::gate(w, system, &row.form.kind),
        None => Ok(None),
    }
}

/// An entry runs only while its collection system lets it (C2).
///
/// # Errors
/// [`Refusal::WrongState`] with the reason.
pub(crate) fn may_run(w: &Work<'_>, row: &JobRow) -> Result<()> {
    match gate(w.look(), row)? {
        Some(gate) => Err(Refusal::WrongState(gate::not_now(gate)).into()),
        None => Ok(()),
    }
}

/// Whether a job may be switched on.
///
/// # Errors
/// [`Refusal::WrongState`] with the reason.
pub(crate) fn may_activate(w: &Work<'_>, row: &JobRow) -> Result<()> {
    may_run(w, row)?;
    twin_is_not_active(w, row)
}

/// A job never runs beside itself (J29).
///
/// # Errors
/// [`Refusal::WrongState`] while a run of it is not over.
pub(crate) fn not_beside_itself(w: &Work<'_>, id: JobId) -> Result<()> {
    if run::open(w.db, id)?.is_some() {
        return Err(Refusal::WrongState(NotNow::RunNotOver).into());
    }
    Ok(())
}

/// Of a job and the one that takes its place one is active at most (J9).
///
/// # Errors
/// [`Refusal::WrongState`] naming the other.
pub(crate) fn twin_is_not_active(w: &Work<'_>, row: &JobRow) -> Result<()> {
    let twin = match row.replaces {
        Some(old) => job::get(w.db, old)?,
        None => None,
    };
    let twin = twin.or(job::replacing(w.db, row.id)?);
    match twin.filter(|t| t.deleted_at.is_none() && t.standing == Standing::Active) {
        Some(t) => Err(Refusal::WrongState(NotNow::TwinActive { job: t.id }).into()),
        None => Ok(()),
    }
}

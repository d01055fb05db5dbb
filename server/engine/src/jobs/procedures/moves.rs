//! From step to step: to do, created, checked, old one deleted; and back (J2, J9).
//!
//! Each job moves in a transaction of its own: whatever happens in between, of an old job and its new one exactly one has
//! the times.

use super::{Before, find_open, finish, wrote};
use crate::{
    desk::Engine,
    jobs::{self, Origin, check, may_set_up},
};
use domain::{
    NotNow, OfficeId, Refusal, Viewer,
    job::{JobId, ReplaceBy, Standing},
};
use store::{
    error::{Error, Result},
    job::{self, JobRow},
    procedure::{self as rows, PartRow, ProcedureRow},
    run,
    writer::Work,
};
use views::procedures::{Done, Move, Obstacle, ProcedureKind, Step};

/// Where a job must be for a move.
fn from(m: Move) -> &'static [Step] {
    match m {
        Move::Create | Move::LeaveOut => &[Step::ToDo],
        Move::Check | Move::Accept => &[Step::Created],
        Move::Delete => &[Step::Checked],
        Move::Undo => &[Step::Created, Step::Checked],
        Move::TakeIn => &[Step::LeftOut],
    }
}

impl Engine {
    /// Moves jobs of a procedure on; without `chosen` all that have come so far. Those that cannot are named with what is
    /// in their way; the others move all the same.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::WrongState`] when the procedure is over.
    pub async fn take_step(
        &self,
        by: &Viewer,
        office: OfficeId,
        id: i64,
        chosen: Vec<JobId>,
        m: Move,
    ) -> Result<Done> {
        may_set_up(by)?;
        let candidates = self
            .look(move |w| {
                let row = find_open(w, office, id)?;
                if row.kind == ProcedureKind::Postpone {
                    return Err(Refusal::WrongState(NotNow::NoSuchSteps).into());
                }
                let parts = rows::parts(w.db, id)?;
                let ready = parts.iter().filter(|p| from(m).contains(&p.step)).map(|p| p.job);
                Ok(if chosen.is_empty() {
                    ready.collect()
                } else {
                    chosen
                })
            })
            .await?;
        let mut done = Done {
            done: 0,
            left: vec![],
        };
        for job in candidates {
            let by = by.clone();
            let moved = self.writer.run(move |w| {
                let row = find_open(w.look(), office, id)?;
                one(w, &by, &row, job, m)
            });
            match moved.await {
                Ok(None) => done.done += 1,
                Ok(Some(obstacle)) => done.left.push((job, obstacle)),
                Err(Error::Refused(r)) => done.left.push((job, Obstacle::of(r))),
                Err(e) => return Err(e),
            }
        }
        Ok(done)
    }

    /// Takes a whole procedure back: jobs that were not deleted yet stand as before. Of a postponement all of it, in one.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::WrongState`] when it is over.
    pub async fn undo_procedure(&self, by: &Viewer, office: OfficeId, id: i64) -> Result<Done> {
        may_set_up(by)?;
        let who = by.clone();
        let postponed = self
            .writer
            .run(move |w| {
                let row = find_open(w.look(), office, id)?;
                if row.kind == ProcedureKind::Postpone {
                    return super::postpone::undo(w, &who, &row).map(Some);
                }
                Ok(None)
            })
            .await?;
        if let Some(n) = postponed {
            return Ok(Done {
                done: n,
                left: vec![],
            });
        }
        let done = self.take_step(by, office, id, vec![], Move::Undo).await?;
        if done.left.is_empty() {
            let by = by.clone();
            self.writer
                .run(move |w| {
                    find_open(w.look(), office, id)?;
                    let parts = rows::parts(w.db, id)?;
                    let deleted = parts.iter().any(|p| p.step == Step::Deleted);
                    for part in parts.iter().filter(|p| p.step == Step::ToDo) {
                        put(w, id, part, Step::LeftOut, None, &Before::default())?;
                    }
                    rows::end(w.db, id, !deleted, w.now)?;
                    wrote(w, &by, office, id, "undo_procedure", None)
                })
                .await?;
        }
        Ok(done)
    }
}

fn put(
    w: &Work<'_>,
    id: i64,
    part: &PartRow,
    step: Step,
    twin: Option<JobId>,
    before: &Before,
) -> Result<()> {
    let new = PartRow {
        job: part.job,
        twin,
        step,
        before: Some(serde_json::to_string(before)?),
    };
    rows::put_part(w.db, id, &new)
}

/// Moves one job, in the transaction that is open.
fn one(w: &mut Work<'_>, by: &Viewer, row: &ProcedureRow, id: JobId, m: Move) -> Result<Option<Obstacle>> {
    let part = rows::part_of(w.db, row.id, id)?.ok_or(Refusal::NotFound)?;
    if !from(m).contains(&part.step) {
        return Ok(Some(Obstacle::Moved));
    }
    w.state.touch_jobs(row.office);
    match m {
        Move::Create => create(w, by, row, &part),
        Move::Check | Move::Accept => check_twin(w, by, row, &part, m == Move::Accept),
        Move::Delete => delete(w, by, row, &part),
        Move::Undo => undo(w, by, row, &part),
        Move::LeaveOut => {
            put(w, row.id, &part, Step::LeftOut, None, &Before::default())?;
            finish(w, row.id)?;
            Ok(None)
        }
        Move::TakeIn => {
            put(w, row.id, &part, Step::ToDo, None, &Before::default())?;
            Ok(None)
        }
    }
}

/// Holds the old one, or cancels its order, and gives its times, users and outputs to a new one, in one.
fn create(w: &mut Work<'_>, by: &Viewer, row: &ProcedureRow, part: &PartRow) -> Result<Option<Obstacle>> {
    let old = jobs::find(w.look(), row.office, part.job, None)?;
    let cancels = check::kind(w.look(), &old.form)?.replace_by == ReplaceBy::Cancel;
    // holding never ends a run; an order is cancelled when none is under way
    if cancels && run::open(w.db, old.id)?.is_some() {
        return Ok(Some(Obstacle::Running));
    }
    let before = Before {
        standing: Some(old.standing),
        stood_by: old.stood_by.clone(),
        stood_why: old.stood_why.clone(),
        stood_at: old.stood_at,
        ..Before::default()
    };
    w.whole(false, |w| {
        let form = check::whole(w.look(), &old)?;
        let standing = match old.standing {
            Standing::Active | Standing::Stopped => Standing::Active,
            other => other,
        };
        let origin = Origin {
            system: old.system,
            replaces: Some(old.id),
        };
        if standing == Standing::Active {
            let how = if cancels { "order cancelled" } else { "on hold" };
            let why = format!("{how}: it is replaced (procedure {})", row.id);
            jobs::stand(w, by, old.clone(), Standing::OnHold, Some(&why))?;
        }
        let why = format!("takes the place of job {}", old.id);
        let twin = jobs::create(w, by, row.office, &form, standing, origin, Some(&why))?;
        lead(w, by, old.id, twin)?;
        put(w, row.id, part, Step::Created, Some(twin), &before)
    })?;
    Ok(None)
}

/// Jobs that run after one run after the other from now on.
fn lead(w: &mut Work<'_>, by: &Viewer, from: JobId, to: JobId) -> Result<()> {
    for id in job::followers(w.db, from)? {
        let Some(mut follower) = job::get(w.db, id)? else {
            continue;
        };
        if id == to {
            continue;
        }
        follower.form.after = Some(to);
        follower.version += 1;
        (follower.edited_by, follower.edited_at) = (by.name.clone(), w.now);
        job::update(w.db, &follower)?;
        let (was, is) = (format!("after {from}"), format!("after {to}"));
        jobs::wrote(w, by, &follower, "job", Some(was), Some(is))?;
    }
    Ok(())
}

fn twin_of(w: &Work<'_>, part: &PartRow) -> Result<Option<JobRow>> {
    match part.twin {
        Some(id) => Ok(job::get(w.db, id)?.filter(|t| t.deleted_at.is_none())),
        None => Ok(None),
    }
}

fn check_twin(
    w: &mut Work<'_>,
    by: &Viewer,
    row: &ProcedureRow,
    part: &PartRow,
    accept: bool,
) -> Result<Option<Obstacle>> {
    let Some(twin) = twin_of(w, part)? else {
        return Ok(Some(Obstacle::of(Refusal::WrongState(NotNow::TwinGone))));
    };
    let old = jobs::find(w.look(), row.office, part.job, None)?;
    let people = rows::people(w.db, row.office)?;
    let kind = w.state.catalogue.job_kind(&old.form.kind);
    let compared = super::compare::compare(w.look(), &old, &twin, kind, &people, by.language)?;
    let differ: Vec<&str> = compared
        .iter()
        .filter(|c| !c.good)
        .map(|c| c.what.as_str())
        .collect();
    if !accept && !differ.is_empty() {
        return Ok(Some(Obstacle::Differs));
    }
    let before = Before {
        accepted: !differ.is_empty(),
        ..Before::of(part)
    };
    put(w, row.id, part, Step::Checked, part.twin, &before)?;
    let what = if differ.is_empty() {
        format!("job {}", part.job)
    } else {
        format!("job {}: {}", part.job, differ.join(", "))
    };
    wrote(w, by, row.office, row.id, "check_twin", Some(what))?;
    Ok(None)
}

/// Deletes the old one, once every job of the procedure is checked or left out.
fn delete(w: &mut Work<'_>, by: &Viewer, row: &ProcedureRow, part: &PartRow) -> Result<Option<Obstacle>> {
    let waits = |p: &PartRow| !matches!(p.step, Step::Checked | Step::Deleted | Step::LeftOut);
    if rows::parts(w.db, row.id)?.iter().any(waits) {
        return Ok(Some(Obstacle::NotAllChecked));
    }
    let Some(mut twin) = twin_of(w, part)? else {
        return Ok(Some(Obstacle::of(Refusal::WrongState(NotNow::TwinGone))));
    };
    let old = job::get(w.db, part.job)?.filter(|j| j.deleted_at.is_none());
    if run::open(w.db, part.job)?.is_some() {
        return Ok(Some(Obstacle::Running));
    }
    w.whole(false, |w| {
        lead(w, by, part.job, twin.id)?;
        if let Some(old) = old {
            jobs::delete(w, by, old)?;
        }
        twin.replaces = None;
        job::update(w.db, &twin)?;
        rows::follow_twin(w.db, part.job, twin.id)?;
        put(w, row.id, part, Step::Deleted, Some(twin.id), &Before::of(part))?;
        finish(w, row.id)
    })?;
    Ok(None)
}

/// Deletes the new one and gives the old one its place back, in one.
fn undo(w: &mut Work<'_>, by: &Viewer, row: &ProcedureRow, part: &PartRow) -> Result<Option<Obstacle>> {
    let mut old = jobs::find(w.look(), row.office, part.job, None)?;
    let twin = twin_of(w, part)?;
    if let Some(twin) = &twin
        && run::open(w.db, twin.id)?.is_some()
    {
        return Ok(Some(Obstacle::Running));
    }
    let before = Before::of(part);
    w.whole(false, |w| {
        if let Some(twin) = twin {
            lead(w, by, twin.id, old.id)?;
            jobs::delete(w, by, twin)?;
        }
        let was = old.standing;
        if let Some(standing) = before.standing.filter(|s| *s != was) {
            old.standing = standing;
            (old.stood_by, old.stood_why, old.stood_at) =
                (before.stood_by, before.stood_why, before.stood_at);
            old.version += 1;
            old.next_at = jobs::next_at(w.state, &old, w.now);
            job::update(w.db, &old)?;
            let after = format!("{}: undone (procedure {})", standing.key(), row.id);
            jobs::wrote(w, by, &old, "job_standing", Some(was.key().into()), Some(after))?;
        }
        put(w, row.id, part, Step::ToDo, None, &Before::default())
    })?;
    Ok(None)
}

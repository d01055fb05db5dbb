//! A proposal is carried out when a person says so: one transaction, an audit row for each job, and what undoes it.

use super::book::{Book, Planned};
use crate::{
    desk::Engine,
    jobs::{self, check, find, may_set_up},
};
use domain::{
    NotNow, OfficeId, Refusal, Rule, Viewer,
    job::{JobForm, JobId},
    schedule::{Clock, Every, Schedule},
};
use store::{error::Result, job::JobRow, writer::Work};
use views::plan::{Move, Moved};

/// Most moves at once.
const MOST: usize = 500;

impl Engine {
    /// Gives jobs other times, all or none. Without a reason (`despite`) nothing is changed when a clash would be new.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::WrongState`] for a job that somebody changed meanwhile,
    /// one whose time is fixed, or that does not run then; [`Refusal::Invalid`].
    pub async fn move_jobs(
        &self,
        by: &Viewer,
        office: OfficeId,
        moves: Vec<Move>,
        despite: Option<String>,
    ) -> Result<Moved> {
        may_set_up(by)?;
        if moves.is_empty() || moves.len() > MOST {
            let to = MOST as i64;
            return Err(Refusal::rule("moves", Rule::Between { from: 1, to }).into());
        }
        let by = by.clone();
        self.writer
            .run(move |w| moving(w, &by, office, &moves, despite.as_deref()))
            .await
    }
}

struct Changed {
    row: JobRow,
    was: JobForm,
    form: JobForm,
}

fn moving(
    w: &mut Work<'_>,
    by: &Viewer,
    office: OfficeId,
    moves: &[Move],
    despite: Option<&str>,
) -> Result<Moved> {
    let mut all: Vec<Changed> = vec![];
    for m in moves {
        let at = match all.iter().position(|c| c.row.id == m.job) {
            Some(at) => at,
            None => {
                let row = find(w.look(), office, m.job, Some(m.version))?;
                let form = check::whole(w.look(), &row)?;
                all.push(Changed {
                    row,
                    was: form.clone(),
                    form,
                });
                all.len() - 1
            }
        };
        let changed = &mut all[at];
        if changed.form.pinned && m.from != m.to {
            return Err(Refusal::WrongState(NotNow::TimeFixed { job: m.job }).into());
        }
        changed.form.schedule = moved(&changed.form.schedule, m.job, m.from, m.to)?;
        if m.set_gap {
            changed.form.gap_minutes = m.gap;
        }
    }
    // an operation that refuses has written nothing
    for c in &all {
        check::form(w, office, &c.form, Some(c.row.id))?;
    }
    if !check::is_given(despite) {
        let book = Book::now(w.look(), office)?;
        let then: Vec<Planned> = all
            .iter()
            .map(|c| match book.job(c.row.id) {
                Some(job) => Ok(job
                    .with(c.form.schedule.clone(), &book.calendars)
                    .keeping(c.form.gap_minutes)),
                None => book.formed(w, office, Some(c.row.id), &c.form),
            })
            .collect::<Result<_>>()?;
        if let Some(found) = book.would_clash(&then, w.now) {
            return Ok(Moved::Clash(Box::new(found.problem), found.day));
        }
    }
    let mut versions: Vec<(JobId, i64, Option<u32>)> = vec![];
    for c in all {
        let (id, gap) = (c.row.id, c.was.gap_minutes);
        let version = jobs::rewrite(w, by, c.row, &c.was, &c.form, despite)?;
        versions.push((id, version, gap));
    }
    let undo = moves.iter().filter_map(|m| {
        let (_, version, gap) = versions.iter().find(|v| v.0 == m.job)?;
        Some(Move {
            job: m.job,
            version: *version,
            from: m.to,
            to: m.from,
            gap: *gap,
            set_gap: m.set_gap,
        })
    });
    Ok(Moved::Done(undo.collect()))
}

/// The schedule with one clock time replaced, or its grid shifted.
fn moved(schedule: &Schedule, job: JobId, from: Clock, to: Clock) -> Result<Schedule> {
    let gone = || {
        let time = from.to_string();
        Refusal::WrongState(NotNow::NotAtThatTime { job, time })
    };
    let mut schedule = schedule.clone();
    if let Some(at) = &mut schedule.at {
        let time = at.iter_mut().find(|t| **t == from).ok_or_else(gone)?;
        *time = to;
        at.sort_unstable();
        at.dedup();
    } else if let Some(every) = &mut schedule.every {
        let by = 1440 + u32::from(to.minutes()) - u32::from(from.minutes());
        *every = Every {
            from: every.from.map(|c| c.plus(by)),
            to: every.to.map(|c| c.plus(by)),
            ..*every
        };
    } else {
        return Err(gone().into());
    }
    Ok(schedule)
}

//! Holidays: chosen jobs start later, by date alone, and start again by themselves (J24).

use super::{About, Before, about, begin, today, wrote};
use crate::{
    desk::Engine,
    jobs::{self, may_set_up},
};
use chrono::{Datelike, NaiveDate, TimeDelta};
use domain::{
    FieldError, NotNow, OfficeId, Refusal, Rule, Viewer,
    job::{JobId, Standing},
    schedule::{NotBefore, Schedule},
    text,
};
use store::{
    error::Result,
    job::{self, JobRow},
    look::Look,
    procedure::{self as rows, PartRow, ProcedureRow},
    writer::Work,
    zone::Zone,
};
use views::{
    OfficeView,
    procedures::{DayWarning, Moved, PostponePreview, ProcedureKind, Step},
};

/// Most jobs at once.
const MOST: usize = 500;
/// Runs that fall away are counted up to so many.
const MOST_SKIPPED: usize = 20_000;
/// Days ahead that a holiday can be at most.
const FURTHEST: i64 = 366;

/// What a new first day does to one job.
struct Shift {
    old_at: Option<i64>,
    new_at: Option<i64>,
    skipped: u32,
}

fn shift(w: Look<'_>, row: &JobRow, date: NaiveDate) -> Result<Shift> {
    let later = Schedule {
        not_before: Some(NotBefore::Day(date)),
        ..row.form.schedule.clone()
    };
    let old = jobs::timetable(w.known, row.office, &row.form.schedule)?;
    let new = jobs::timetable(w.known, row.office, &later)?;
    let (old_at, new_at) = (old.next(w.now), new.next(w.now));
    let falls_away = |at: &i64| new_at.is_none_or(|new| *at < new);
    let skipped = old.after(w.now).take_while(falls_away).take(MOST_SKIPPED).count();
    Ok(Shift {
        old_at,
        new_at,
        skipped: skipped as u32,
    })
}

/// The country whose holidays an office keeps, by its zone.
fn country(zone: &str) -> Option<&'static str> {
    match zone {
        "Europe/Oslo" => Some("NO"),
        "Europe/Copenhagen" => Some("DK"),
        "Europe/Amsterdam" => Some("NL"),
        "Europe/Brussels" => Some("BE"),
        _ => None,
    }
}

fn warnings(w: Look<'_>, office: OfficeId, chosen: &[JobRow], date: NaiveDate) -> Vec<DayWarning> {
    let mut found = vec![];
    if date.weekday().num_days_from_monday() > 4 {
        found.push(DayWarning::Weekend);
    }
    let zone = w.known.offices.get(&office).map_or("", |o| o.zone.as_str());
    let named = chosen
        .iter()
        .filter_map(|j| j.form.schedule.holidays.as_ref().map(|h| h.calendar.as_str()));
    let calendars = jobs::calendars(w.known, office);
    let mut names: Vec<&str> = country(zone).into_iter().chain(named).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        if calendars.named(name).is_some_and(|c| c.holds(date)) {
            found.push(DayWarning::Holiday(name.to_owned()));
        }
    }
    found
}

/// The jobs, each of which can be put off until that day.
fn chosen(w: Look<'_>, office: OfficeId, ids: &[JobId], date: NaiveDate) -> Result<Vec<JobRow>> {
    let mut errors = vec![];
    let mut add = |field: &str, rule| errors.push(FieldError::of(field, rule));
    let today = today(w, office);
    if date <= today {
        add("date", Rule::NotAfterToday);
    } else if date > today + TimeDelta::days(FURTHEST) {
        add("date", Rule::NotWithinAYear);
    }
    if ids.is_empty() {
        add("jobs", Rule::NoJobNamed);
    }
    if ids.len() > MOST {
        add("jobs", Rule::AtMost { most: MOST as i64 });
    }
    let mut rows_found = vec![];
    for (i, id) in ids.iter().take(MOST).enumerate() {
        match job::get(w.db, *id)?.filter(|j| j.office == office && j.deleted_at.is_none()) {
            None => add(&format!("jobs[{i}]"), Rule::NoJobOf { job: *id }),
            Some(_) if ids[..i].contains(id) => {
                let what = id.to_string();
                add(&format!("jobs[{i}]"), Rule::Twice { what });
            }
            Some(_) if rows::of_job(w.db, *id, true)?.is_some() => {
                add(&format!("jobs[{i}]"), Rule::PutOffAlready { job: *id });
            }
            Some(row) => rows_found.push(row),
        }
    }
    if errors.is_empty() {
        Ok(rows_found)
    } else {
        errors.truncate(100);
        Err(Refusal::Invalid(errors).into())
    }
}

impl Engine {
    /// Closes the postponements whose day has come. What cannot be read costs its own office.
    ///
    /// # Errors
    /// The first, once every office has had its turn.
    pub(crate) async fn end_postponements(&self) -> Result<()> {
        let mut done = Ok(());
        for office in rows::postponing(&self.readers).await? {
            let closed = self.writer.run(move |w| close_returned(w, office)).await;
            done = done.and(closed);
        }
        done
    }

    /// What a postponement of jobs to a new first day would do.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::Invalid`] naming each broken rule.
    pub async fn preview_postponement(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        ids: Vec<JobId>,
        date: NaiveDate,
    ) -> Result<PostponePreview> {
        may_set_up(viewer)?;
        let (office, zone) = (office.id, Zone::of(&office.zone));
        self.look(move |w| {
            let found = chosen(w, office, &ids, date)?;
            let mut moved = vec![];
            for row in &found {
                let shift = shift(w, row, date)?;
                let off = row.standing != Standing::Active;
                moved.push(Moved {
                    job: row.id,
                    description: row.form.description.clone(),
                    old: shift.old_at.filter(|_| !off).map(|at| zone.moment(at)),
                    new: shift.new_at.filter(|_| !off).map(|at| zone.moment(at)),
                    skipped: if off { 0 } else { shift.skipped },
                });
            }
            Ok(PostponePreview {
                moved,
                warnings: warnings(w, office, &found, date),
            })
        })
        .await
    }

    /// Puts jobs off to a new first day, all in one; gives the number of the procedure. Their clock times stay.
    ///
    /// # Errors
    /// As [`Engine::preview_postponement`]; also without the name of who agreed.
    pub async fn postpone(
        &self,
        by: &Viewer,
        office: OfficeId,
        ids: Vec<JobId>,
        date: NaiveDate,
        agreed: String,
    ) -> Result<i64> {
        may_set_up(by)?;
        let mut errors = vec![];
        text::check(&mut errors, "agreed", &agreed, 200);
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors).into());
        }
        let by = by.clone();
        self.writer
            .run(move |w| {
                close_returned(w, office)?;
                let found = chosen(w.look(), office, &ids, date)?;
                let about = About {
                    date: Some(date),
                    agreed: Some(agreed.trim().to_owned()),
                    ..About::default()
                };
                w.whole(false, |w| {
                    let id = begin(w, &by, office, ProcedureKind::Postpone, &about, &[])?;
                    for row in found {
                        put_off(w, &by, id, row, date, &about)?;
                    }
                    Ok(id)
                })
            })
            .await
    }
}

fn put_off(
    w: &mut Work<'_>,
    by: &Viewer,
    id: i64,
    mut row: JobRow,
    date: NaiveDate,
    about: &About,
) -> Result<()> {
    let shift = shift(w.look(), &row, date)?;
    let active = row.standing == Standing::Active;
    let before = Before {
        not_before: row.form.schedule.not_before,
        old_at: shift.old_at.filter(|_| active),
        new_at: shift.new_at.filter(|_| active),
        skipped: if active { shift.skipped } else { 0 },
        ..Before::default()
    };
    let part = PartRow {
        job: row.id,
        twin: None,
        step: Step::Postponed,
        before: Some(serde_json::to_string(&before)?),
    };
    rows::put_part(w.db, id, &part)?;
    row.form.schedule.not_before = Some(NotBefore::Day(date));
    touch(w, by, &mut row)?;
    let agreed = about.agreed.clone().unwrap_or_default();
    let was = before.not_before.map(day);
    jobs::wrote(w, by, &row, "postpone", was, Some(format!("{date}: {agreed}")))
}

fn day(n: NotBefore) -> String {
    match n {
        NotBefore::Day(day) => day.to_string(),
        NotBefore::Instant(at) => at.to_rfc3339(),
    }
}

/// Writes a job whose schedule changed.
fn touch(w: &Work<'_>, by: &Viewer, row: &mut JobRow) -> Result<()> {
    row.version += 1;
    (row.edited_by, row.edited_at) = (by.name.clone(), w.now);
    row.next_at = jobs::next_at(w.state, row, w.now);
    job::update(w.db, row)
}

/// Takes a postponement back, all of it in one; gives how many jobs.
pub(super) fn undo(w: &mut Work<'_>, by: &Viewer, row: &ProcedureRow) -> Result<u32> {
    if has_returned(row, today(w.look(), row.office)) {
        return Err(Refusal::WrongState(NotNow::ProcedureOver).into());
    }
    w.whole(false, |w| {
        let mut n = 0;
        for part in rows::parts(w.db, row.id)? {
            let Some(mut job) = job::get(w.db, part.job)?.filter(|j| j.deleted_at.is_none()) else {
                continue;
            };
            let before = Before::of(&part);
            let was = job.form.schedule.not_before.map(day);
            job.form.schedule.not_before = before.not_before;
            touch(w, by, &mut job)?;
            jobs::wrote(w, by, &job, "postpone", was, before.not_before.map(day))?;
            let part = PartRow {
                step: Step::Returned,
                ..part
            };
            rows::put_part(w.db, row.id, &part)?;
            n += 1;
        }
        rows::end(w.db, row.id, true, w.now)?;
        wrote(w, by, row.office, row.id, "undo_procedure", None)?;
        Ok(n)
    })
}

/// A postponement whose day has come.
fn has_returned(row: &ProcedureRow, today: NaiveDate) -> bool {
    row.kind == ProcedureKind::Postpone && about(row).date.is_some_and(|d| d <= today)
}

/// Closes the postponements whose day has come: the jobs run again by their schedules, without anybody's doing.
fn close_returned(w: &mut Work<'_>, office: OfficeId) -> Result<()> {
    let today = today(w.look(), office);
    for row in rows::open(w.db, office)? {
        if !has_returned(&row, today) {
            continue;
        }
        for part in rows::parts(w.db, row.id)? {
            let part = PartRow {
                step: Step::Returned,
                ..part
            };
            rows::put_part(w.db, row.id, &part)?;
        }
        rows::end(w.db, row.id, false, w.now)?;
    }
    Ok(())
}

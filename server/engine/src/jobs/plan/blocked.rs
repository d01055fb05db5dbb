//! Blocked windows: who keeps them, why, and what touches them (J4).

use super::book::{Book, is_within};
use crate::{desk::Engine, jobs::may_set_up};
use domain::{
    FieldError, NotNow, OfficeId, Refusal, Rule, Viewer,
    schedule::{Clock, Weekday},
    text,
};
use store::{
    error::Result,
    plan::{self as rows, BlockedRow},
    writer::Work,
};
use views::{
    OfficeView,
    plan::{BlockedForm, BlockedLine, BlockedPage, Touch, clock, day_plus},
};

/// Most windows of an office.
const MOST: usize = 200;

impl Engine {
    /// The blocked windows of an office and what touches each.
    pub async fn blocked(&self, viewer: &Viewer, office: &OfficeView) -> Result<BlockedPage> {
        let ask = self.whom_to_ask(viewer, office).await?;
        if !viewer.role.sets_up_jobs() {
            return Ok(BlockedPage {
                lines: vec![],
                may_edit: false,
                ask,
            });
        }
        let (book, now) = (self.book(office).await?, self.now());
        let lines = super::reckon(move || {
            let today = book.zone.date(now);
            book.blocked
                .iter()
                .map(|b| BlockedLine {
                    id: b.id,
                    version: b.version,
                    form: b.form.clone(),
                    touches: touches(&book, b, today),
                })
                .collect()
        });
        Ok(BlockedPage {
            lines: lines.await?,
            may_edit: true,
            ask: vec![],
        })
    }

    /// Writes a blocked window, a new one or the one of a number that still is as in `version`. Jobs that touch it stay
    /// where they are, and are shown.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::Invalid`] naming each broken rule, [`Refusal::NotFound`], [`Refusal::WrongState`].
    pub async fn save_blocked(
        &self,
        by: &Viewer,
        office: OfficeId,
        id: Option<(i64, i64)>,
        form: BlockedForm,
    ) -> Result<()> {
        may_set_up(by)?;
        let form = checked(form)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                let before = match id {
                    Some((id, version)) => Some(find(w, office, id, version)?),
                    None if rows::blocked(w.db, office)?.len() >= MOST => {
                        let most = MOST as i64;
                        return Err(Refusal::rule("windows", Rule::AtMost { most }).into());
                    }
                    None => None,
                };
                let id = match &before {
                    Some(b) => {
                        rows::set_blocked(w.db, b.id, &form, b.version + 1)?;
                        b.id
                    }
                    None => rows::add_blocked(w.db, office, &form)?,
                };
                let before = before.map(|b| told(&b.form));
                wrote(w, &by, office, "blocked", id, before, Some(told(&form)))
            })
            .await
    }

    /// Removes a blocked window that still is as in `version`.
    pub async fn remove_blocked(&self, by: &Viewer, office: OfficeId, id: i64, version: i64) -> Result<()> {
        may_set_up(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                let b = find(w, office, id, version)?;
                rows::remove_blocked(w.db, id)?;
                wrote(w, &by, office, "remove_blocked", id, Some(told(&b.form)), None)
            })
            .await
    }

    /// Adds the windows that IT usually keeps, to an office that has none: backup, Tomcat, broker (J4).
    ///
    /// # Errors
    /// [`Refusal::Forbidden`]; [`Refusal::WrongState`] when it has some already.
    pub async fn usual_blocked(&self, by: &Viewer, office: OfficeId) -> Result<()> {
        may_set_up(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                if !rows::blocked(w.db, office)?.is_empty() {
                    return Err(Refusal::WrongState(NotNow::WindowsAlready).into());
                }
                for form in usual() {
                    let id = rows::add_blocked(w.db, office, &form)?;
                    wrote(w, &by, office, "blocked", id, None, Some(told(&form)))?;
                }
                Ok(())
            })
            .await
    }
}

/// What the source's IT keeps: each of them every day.
fn usual() -> impl Iterator<Item = BlockedForm> {
    let windows = [
        (23, 0, 45, "Backup"),
        (5, 0, 20, "Tomcat"),
        (5, 30, 15, "Restart of the broker"),
    ];
    windows
        .into_iter()
        .map(|(hour, minute, minutes, reason)| BlockedForm {
            reason: reason.to_owned(),
            owner: "IT".to_owned(),
            days: Weekday::ALL.to_vec(),
            date: None,
            from: Clock::new(hour, minute).unwrap_or_default(),
            minutes,
        })
}

fn find(w: &Work<'_>, office: OfficeId, id: i64, version: i64) -> Result<BlockedRow> {
    let row = rows::blocked_one(w.db, office, id)?.ok_or(Refusal::NotFound)?;
    if row.version != version {
        return Err(Refusal::WrongState(NotNow::WindowChanged).into());
    }
    Ok(row)
}

fn checked(mut form: BlockedForm) -> Result<BlockedForm> {
    let mut errors = vec![];
    text::check(&mut errors, "reason", &form.reason, 200);
    text::check(&mut errors, "owner", &form.owner, 200);
    let mut add = |field, rule| errors.push(FieldError::of(field, rule));
    match (form.days.is_empty(), form.date) {
        (true, None) => add("days", Rule::Empty),
        (false, Some(_)) => add("date", Rule::DateBesideDays),
        _ => {}
    }
    if !(1..=1440).contains(&form.minutes) {
        add("minutes", Rule::Between { from: 1, to: 1440 });
    }
    if !errors.is_empty() {
        return Err(Refusal::Invalid(errors).into());
    }
    form.days.sort_unstable();
    form.days.dedup();
    (form.reason, form.owner) = (form.reason.trim().to_owned(), form.owner.trim().to_owned());
    Ok(form)
}

/// As the audit log keeps it.
fn told(f: &BlockedForm) -> String {
    let days = match f.date {
        Some(date) => date.to_string(),
        None => f.days.iter().map(|d| d.key()).collect::<Vec<_>>().join(" "),
    };
    format!("{} {days}, {} min: {} ({})", f.from, f.minutes, f.reason, f.owner)
}

fn wrote(
    w: &mut Work<'_>,
    by: &Viewer,
    office: OfficeId,
    what: &str,
    id: i64,
    before: Option<String>,
    after: Option<String>,
) -> Result<()> {
    w.state.touch_jobs(office);
    w.audit(
        Some(office),
        by.person,
        what,
        format!("window {id}"),
        (before, after),
    )
}

/// The jobs whose runs touch a window within a week from today, or on its date.
fn touches(book: &Book, window: &BlockedRow, today: chrono::NaiveDate) -> Vec<Touch> {
    let alone = Book {
        blocked: vec![window.clone()],
        ..book.clone()
    };
    let days: Vec<chrono::NaiveDate> = match window.form.date {
        Some(date) if date < today => vec![],
        Some(date) => vec![date, day_plus(date, 1)],
        None => (0..7).map(|d| day_plus(today, d)).collect(),
    };
    let mut found: Vec<Touch> = vec![];
    for date in days {
        let day = alone.day(date);
        let mut entries: Vec<_> = day.entries.iter().filter(|e| is_within(&day, e.starts)).collect();
        entries.sort_by_key(|e| (e.starts, e.job));
        for e in entries {
            let hit = day
                .blocked
                .iter()
                .any(|b| e.starts <= b.until && e.finishes() >= b.from);
            if !hit || found.iter().any(|t| t.run.job == e.job) {
                continue;
            }
            if let Some(job) = book.job(e.job) {
                found.push(Touch {
                    run: job.side(clock(day.clock(e.starts) as i32)),
                    day: date,
                });
            }
        }
    }
    found
}

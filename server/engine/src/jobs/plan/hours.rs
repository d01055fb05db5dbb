//! Working hours, and calendars of the office's own (J13, J24).

use crate::{
    desk::Engine,
    jobs::{may_set_up, next_at},
};
use chrono::{Datelike, NaiveDate};
use domain::{
    FieldError, NotNow, OfficeId, Refusal, Rule, Viewer,
    calendar::{Calendar, Country},
    job::{JobForm, JobId},
    text,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{calendar as rows, error::Result, job, office as offices, plan, writer::Work};
use views::{
    OfficeView,
    plan::{CalendarLine, HoursPage, clock},
};

/// Most calendars of an office, and most own days of one.
const MOST: usize = 50;
const MOST_DAYS: usize = 500;

impl Engine {
    /// Working hours, calendars, and the holidays of a country and year; those of the office's own when none is named.
    pub async fn hours(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        country: Option<Country>,
        year: Option<i32>,
    ) -> Result<HoursPage> {
        let (id, now) = (office.id, self.now());
        let known = self.known();
        let row = known.offices.get(&id);
        let hours = row.map_or((420, 960), |o| (o.hours_from, o.hours_to));
        let bodies = plan::bodies(&self.readers, id).await?;
        let mut used: BTreeMap<String, Vec<(JobId, String)>> = BTreeMap::new();
        for (job, description, body) in bodies {
            if let Some(name) = calendar_of(&body) {
                used.entry(name).or_default().push((job, description));
            }
        }
        let mut calendars = vec![];
        for (name, version, country, days) in plan::calendars(&self.readers, id).await? {
            calendars.push(CalendarLine {
                version,
                country: country.as_deref().and_then(Country::from_code),
                days: serde_json::from_str(&days)?,
                used: used.remove(&name).unwrap_or_default(),
                name,
            });
        }
        let today = store::zone::Zone::of(&office.zone).date(now);
        let country = country.unwrap_or_else(|| country_of(&office.zone));
        let year = year.unwrap_or_else(|| today.year()).clamp(1990, 2100);
        let law = Calendar {
            country: Some(country),
            days: BTreeMap::new(),
        };
        let next = (0..=1).flat_map(|y| law.year(today.year() + y));
        Ok(HoursPage {
            hours,
            zone: office.zone.clone(),
            calendars,
            country,
            year,
            holidays: law.year(year),
            next: next.filter(|h| h.date >= today).take(3).collect(),
            may_edit: viewer.role.sets_up_jobs(),
            ask: self.whom_to_ask(viewer, office).await?,
        })
    }

    /// Sets the working hours, minutes from midnight, if they still are as they were read (`was`).
    pub async fn set_hours(
        &self,
        by: &Viewer,
        office: OfficeId,
        was: (u32, u32),
        new: (u32, u32),
    ) -> Result<()> {
        may_set_up(by)?;
        if new.0 > 1439 || new.1 > 1439 || new.0 >= new.1 {
            return Err(Refusal::rule("hours_to", Rule::LaterThanBeginning).into());
        }
        let by = by.clone();
        self.writer
            .run(move |w| {
                let row = w.state.offices.get(&office).ok_or(Refusal::NotFound)?;
                if (row.hours_from, row.hours_to) != was {
                    return Err(Refusal::WrongState(NotNow::HoursChanged).into());
                }
                let row = offices::OfficeRow {
                    hours_from: new.0,
                    hours_to: new.1,
                    ..row.clone()
                };
                offices::update(w.db, &row)?;
                w.state.put_office(row);
                w.state.touch_jobs(office);
                let told = |(from, to): (u32, u32)| format!("{} – {}", clock(from as i32), clock(to as i32));
                let (before, after) = (Some(told(was)), Some(told(new)));
                wrote(w, &by, office, "hours", "office hours".to_owned(), before, after)
            })
            .await
    }

    /// Writes a calendar of the office's own: a new one, or the one that still is as in `version`. Jobs that use it run by
    /// it from now on.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::Invalid`] naming each broken rule, [`Refusal::NotFound`], [`Refusal::WrongState`].
    pub async fn save_calendar(
        &self,
        by: &Viewer,
        office: OfficeId,
        name: String,
        version: Option<i64>,
        calendar: Calendar,
    ) -> Result<()> {
        may_set_up(by)?;
        let name = name.trim().to_owned();
        checked(&name, &calendar)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                let known = rows::version(w.db, office, &name)?;
                match (known, version) {
                    (Some(_), None) => return Err(Refusal::rule("name", Rule::InUse).into()),
                    (None, Some(_)) => return Err(Refusal::NotFound.into()),
                    (Some(now), Some(read)) if now != read => {
                        return Err(Refusal::WrongState(NotNow::CalendarChanged).into());
                    }
                    _ => {}
                }
                let own = w.state.calendars.get(&office);
                let before = own.and_then(|c| c.named(&name)).map(told);
                if before.is_none() && own.is_some_and(|c| c.names().count() >= MOST) {
                    return Err(Refusal::rule("name", Rule::AtMost { most: MOST as i64 }).into());
                }
                rows::put(w.db, office, &name, &calendar, known.unwrap_or(0) + 1)?;
                let after = told(&calendar);
                Arc::make_mut(&mut w.state.known.calendars)
                    .entry(office)
                    .or_default()
                    .add(name.clone(), calendar.clone());
                renew(w, office, &name)?;
                let subject = format!("calendar {name}");
                wrote(w, &by, office, "calendar", subject, before, Some(after))
            })
            .await
    }

    /// Removes a calendar that no job uses and that still is as in `version`.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::WrongState`] naming the jobs that use it.
    pub async fn remove_calendar(
        &self,
        by: &Viewer,
        office: OfficeId,
        name: String,
        version: i64,
    ) -> Result<()> {
        may_set_up(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                let known = rows::version(w.db, office, &name)?.ok_or(Refusal::NotFound)?;
                if known != version {
                    return Err(Refusal::WrongState(NotNow::CalendarChanged).into());
                }
                let mut users = job::of_office(w.db, office)?;
                users.retain(|j| uses(&j.form, &name));
                if !users.is_empty() {
                    let named = users
                        .iter()
                        .take(10)
                        .map(|j| format!("{} ({})", j.id, j.form.description));
                    let jobs = named.collect::<Vec<_>>().join(", ");
                    return Err(Refusal::WrongState(NotNow::CalendarUsed { jobs }).into());
                }
                let own = w.state.calendars.get(&office);
                let before = own.and_then(|c| c.named(&name)).map(told);
                rows::remove(w.db, office, &name)?;
                if let Some(own) = Arc::make_mut(&mut w.state.known.calendars).get_mut(&office) {
                    own.remove(&name);
                }
                let subject = format!("calendar {name}");
                wrote(w, &by, office, "remove_calendar", subject, before, None)
            })
            .await
    }
}

/// The country that a zone is in, as far as its holidays are known.
fn country_of(zone: &str) -> Country {
    match zone {
        "Europe/Copenhagen" | "Atlantic/Faroe" => Country::Dk,
        "Europe/Amsterdam" => Country::Nl,
        "Europe/Brussels" => Country::Be,
        _ => Country::No,
    }
}

fn uses(form: &JobForm, name: &str) -> bool {
    let holidays = form.schedule.holidays.as_ref();
    holidays.is_some_and(|h| h.calendar == name)
}

fn calendar_of(body: &str) -> Option<String> {
    let form: JobForm = serde_json::from_str(body).ok()?;
    form.schedule.holidays.map(|h| h.calendar)
}

/// The next times of the jobs that use a calendar. What is due already stays due.
fn renew(w: &mut Work<'_>, office: OfficeId, name: &str) -> Result<()> {
    for row in job::of_office(w.db, office)? {
        if uses(&row.form, name) && row.next_at.is_none_or(|at| at > w.now) {
            job::set_next(w.db, row.id, next_at(w.state, &row, w.now))?;
        }
    }
    Ok(())
}

fn checked(name: &str, calendar: &Calendar) -> Result<()> {
    let mut errors = vec![];
    text::check(&mut errors, "name", name, 64);
    let mut add = |field, rule| errors.push(FieldError::of(field, rule));
    if Country::from_code(name).is_some() {
        add("name", Rule::InUse);
    }
    if calendar.days.len() > MOST_DAYS {
        let most = MOST_DAYS as i64;
        add("days", Rule::AtMost { most });
    }
    let mut days = vec![];
    for (date, words) in calendar.days.iter().take(MOST_DAYS) {
        if !(1990..=2200).contains(&date.year()) {
            let years = Rule::Between { from: 1990, to: 2200 };
            days.push(FieldError::of(format!("days.{date}"), years));
        }
        text::check(&mut days, &format!("days.{date}"), words, 100);
    }
    errors.extend(days);
    errors.truncate(100);
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Invalid(errors).into())
    }
}

/// As the audit log keeps it.
fn told(calendar: &Calendar) -> String {
    let country = calendar.country.map(|c| c.code().to_owned());
    let day = |(date, name): (&NaiveDate, &String)| format!("{date} {name}");
    let all: Vec<String> = country.into_iter().chain(calendar.days.iter().map(day)).collect();
    all.join(", ")
}

fn wrote(
    w: &mut Work<'_>,
    by: &Viewer,
    office: OfficeId,
    what: &str,
    subject: String,
    before: Option<String>,
    after: Option<String>,
) -> Result<()> {
    w.state.touch_jobs(office);
    w.audit(Some(office), by.person, what, subject, (before, after))
}

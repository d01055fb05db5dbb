//! Active jobs and blocked windows, ready to be laid out on any day.

use crate::jobs::{calendars, check};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use domain::{
    OfficeId,
    calendar::Calendars,
    downtime::Downtime,
    job::{JobForm, JobId},
    planner::{Basis, Blocked, ClockChange, Day, Entry, Length, Past, first_free, gap_after, learned},
    schedule::{Schedule, Timetable, Zone as Clocks},
};
use std::collections::{HashMap, HashSet};
use store::{
    error::Result,
    look::Look,
    plan::{self as rows, BlockedRow, MovedRow, PlannedRaw},
    writer::Work,
    zone::Zone,
};
use views::{
    jobs::Company,
    plan::{Side, day_plus},
};

/// Runs so many milliseconds before a day still reach into it.
const BEFORE: i64 = 4 * 3_600_000;
/// Runs so many milliseconds after a day are still neighbours of its last ones.
const AFTER: i64 = 2 * 3_600_000;

/// A job as it is planned.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub id: JobId,
    pub version: i64,
    pub form: JobForm,
    /// The company, when it is exactly one.
    pub dossier: Option<i64>,
    pub company: Option<Company>,
    pub companies: u32,
    pub server: Option<i64>,
    pub server_name: Option<String>,
    pub length: Length,
    /// Minutes that half of the runs need.
    pub usual: u32,
    pub gap: u32,
    /// Its runs that downtimes moved.
    moved: Vec<MovedRow>,
    table: Option<Timetable>,
}

impl Planned {
    fn new(raw: PlannedRaw, form: JobForm, took: &[i64], calendars: &Calendars) -> Self {
        let past: Vec<Past> = took
            .iter()
            .map(|ms| Past {
                good: true,
                seconds: (ms.max(&0) / 1000) as u32,
            })
            .collect();
        let length = learned(&past, form.estimate_minutes);
        let one = raw.companies == 1;
        Self {
            id: raw.id,
            version: raw.version,
            dossier: raw.dossier.filter(|_| one),
            company: match (raw.code, raw.name) {
                (Some(code), Some(name)) if one => Some(Company { code, name }),
                _ => None,
            },
            companies: raw.companies,
            server: raw.server,
            server_name: raw.server_name,
            usual: usual(&past, length),
            gap: form.gap_minutes.unwrap_or_else(|| gap_after(length)),
            length,
            moved: vec![],
            table: form.schedule.timetable(calendars).ok(),
            form,
        }
    }

    /// It runs on a grid of minutes.
    pub fn repeats(&self) -> bool {
        self.form.schedule.every.is_some()
    }

    /// The same job with another schedule.
    pub fn with(&self, schedule: Schedule, calendars: &Calendars) -> Self {
        Self {
            table: schedule.timetable(calendars).ok(),
            form: JobForm {
                schedule,
                ..self.form.clone()
            },
            ..self.clone()
        }
    }

    /// The same job with another gap after it.
    pub fn keeping(mut self, gap: Option<u32>) -> Self {
        self.gap = gap.unwrap_or_else(|| gap_after(self.length));
        self.form.gap_minutes = gap;
        self
    }

    /// From how many runs its length is known.
    pub fn learned(&self) -> u32 {
        match self.length.basis {
            Basis::Learned { runs } => runs as u32,
            Basis::Estimated => 0,
        }
    }

    /// Its runs that are due by its schedule in a span of milliseconds, the end excluded.
    pub fn runs(&self, from: i64, until: i64) -> impl Iterator<Item = i64> {
        let runs = self.table.iter().flat_map(move |t| t.after(from - 1));
        runs.take_while(move |at| *at < until)
    }

    /// Its runs that start in a span of milliseconds, the end excluded: one that a downtime moved where it is now, and
    /// there it stays.
    fn entries(&self, from: i64, until: i64) -> impl Iterator<Item = Entry> {
        let is_moved = |at: &i64| self.moved.iter().any(|m| m.from_at == *at);
        let own = self.runs(from, until).filter(move |at| !is_moved(at));
        let moved = self
            .moved
            .iter()
            .filter(move |m| (from..until).contains(&m.to_at));
        // of a schedule that was changed meanwhile nothing was moved
        let moved = moved.filter(|m| self.runs(m.from_at, m.from_at + 1).next().is_some());
        let pinned = |m: &MovedRow| Entry {
            pinned: true,
            ..self.entry(m.to_at)
        };
        own.map(|at| self.entry(at)).chain(moved.map(pinned))
    }

    /// When a run that starts then would be due by the schedule; `None` when no downtime moved it there.
    pub fn moved_from(&self, at: i64) -> Option<i64> {
        let found = self.moved.iter().find(|m| m.to_at == at);
        found.map(|m| m.from_at)
    }

    fn entry(&self, at: i64) -> Entry {
        Entry {
            job: self.id,
            company: self.dossier,
            server: self.server,
            // names are found by the job
            module: String::new(),
            name: String::new(),
            starts: instant(at),
            length: self.length,
            gap: self.gap,
            pinned: self.form.pinned,
            after: self.form.after,
            allowed: vec![],
        }
    }

    /// For the pages, with what the clock shows when the run starts.
    pub fn side(&self, clock: String) -> Side {
        Side {
            job: self.id,
            kind: self.form.kind.clone(),
            description: self.form.description.clone(),
            company: self.company.clone(),
            companies: self.companies,
            clock,
            usual: self.usual,
            length: self.length.minutes,
        }
    }
}

/// The median, when the length is learned.
fn usual(past: &[Past], length: Length) -> u32 {
    let mut seconds: Vec<u32> = past.iter().map(|p| p.seconds).collect();
    seconds.sort_unstable();
    match (length.basis, seconds.get(seconds.len() / 2)) {
        (Basis::Learned { .. }, Some(s)) => s.div_ceil(60).clamp(1, length.minutes),
        _ => length.minutes,
    }
}

pub(super) fn instant(at: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at).unwrap_or_default()
}

/// An office's plan.
#[derive(Debug, Clone)]
pub(crate) struct Book {
    pub zone: Zone,
    pub calendars: Calendars,
    /// By number.
    pub jobs: Vec<Planned>,
    pub blocked: Vec<BlockedRow>,
    /// Planned downtimes: nothing starts in them.
    pub closed: Vec<Blocked>,
    pub clocks: Option<std::sync::Arc<Clocks>>,
}

impl Book {
    /// As it now is.
    pub fn now(w: Look<'_>, office: OfficeId) -> Result<Self> {
        let zone = w.known.offices.get(&office).map_or("UTC", |o| o.zone.as_str());
        let calendars = calendars(w.known, office);
        let mut past: HashMap<JobId, Vec<i64>> = HashMap::new();
        for (job, ms) in rows::took(w.db, office)? {
            past.entry(job).or_default().push(ms);
        }
        let (none, moved) = (vec![], rows::moved(w.db, office)?);
        let planned = |raw: PlannedRaw| {
            let form: JobForm = serde_json::from_str(&raw.body).ok()?;
            let took = past.get(&raw.id).unwrap_or(&none);
            let own = moved.iter().filter(|m| m.job == raw.id).copied().collect();
            Some(Planned {
                moved: own,
                ..Planned::new(raw, form, took, &calendars)
            })
        };
        let jobs = rows::planned(w.db, office)?;
        let book = Self {
            zone: Zone::of(zone),
            jobs: jobs.into_iter().filter_map(planned).collect(),
            blocked: rows::blocked(w.db, office)?,
            closed: vec![],
            clocks: Clocks::named(zone),
            calendars,
        };
        Ok(book.closed_by(&w.known.downtimes, office))
    }

    /// The plan with the downtimes that concern an office. One without an expected end is shown to the end of its day.
    pub fn closed_by(mut self, downtimes: &[Downtime], office: OfficeId) -> Self {
        let zone = self.zone;
        let windows = downtimes.iter().filter(|d| d.concerns(Some(office))).map(|d| {
            let midnight = || zone.instant(day_plus(zone.date(d.closes_at), 1), 0);
            Blocked {
                from: instant(d.closes_at),
                until: instant(d.expected_until.unwrap_or_else(midnight)),
                owner: "Nachtwacht".into(),
                reason: d.reason.0.first().map_or_else(String::new, |(_, t)| t.clone()),
            }
        });
        self.closed = windows.collect();
        self
    }

    /// The plan with this downtime among all that stand, before it moves anything.
    pub fn before(mut self, d: &Downtime, all: &[Downtime], office: OfficeId) -> Self {
        for job in &mut self.jobs {
            job.moved.retain(|m| m.downtime != d.id);
        }
        let mut all: Vec<Downtime> = all.iter().filter(|o| o.id != d.id).cloned().collect();
        all.push(d.clone());
        self.closed_by(&all, office)
    }

    /// The first free time of a job's run from an instant on, on one of these days. The run is put there.
    pub fn free_after(&self, days: &mut [Day], id: JobId, run: i64, from: i64) -> Option<i64> {
        let job = self.job(id)?;
        days.iter_mut().find_map(|day| {
            let at = first_free(day, &job.entry(run), instant(from)).starts?;
            day.entries.push(job.entry(at.timestamp_millis()));
            Some(at.timestamp_millis())
        })
    }

    /// A job as a form would have it; 0 is the number of one that is not written yet.
    pub fn formed(
        &self,
        w: &Work<'_>,
        office: OfficeId,
        id: Option<JobId>,
        form: &JobForm,
    ) -> Result<Planned> {
        let dossiers = check::dossiers(w, office, &form.companies)?;
        let server = form.server.as_ref().and_then(|name| {
            let mut all = w.state.fleet.of_office(office);
            all.find(|m| m.row.name == *name).map(|m| m.row.id)
        });
        let raw = PlannedRaw {
            id: id.unwrap_or(0),
            version: 0,
            body: String::new(),
            server,
            server_name: form.server.clone(),
            companies: dossiers.len() as u32,
            dossier: dossiers.first().copied(),
            code: form.companies.first().cloned(),
            name: form.companies.first().cloned(),
        };
        let took = match id {
            Some(id) => rows::took_of(w.db, id)?,
            None => vec![],
        };
        Ok(Planned::new(raw, form.clone(), &took, &self.calendars))
    }

    pub fn job(&self, id: JobId) -> Option<&Planned> {
        let found = self.jobs.binary_search_by_key(&id, |j| j.id);
        found.ok().map(|i| &self.jobs[i])
    }

    /// The book with some jobs as they would be.
    pub fn with(&self, changed: Vec<Planned>) -> Self {
        let mut all = self.clone();
        all.jobs.retain(|j| !changed.iter().any(|c| c.id == j.id));
        all.jobs.extend(changed);
        all.jobs.sort_by_key(|j| j.id);
        all
    }

    /// A day of the office with every run and blocked window, and those beside it that reach into it.
    pub fn day(&self, date: NaiveDate) -> Day {
        let mut day = self.empty(date);
        self.lay(&mut day, &self.jobs);
        day
    }

    /// A day with its blocked windows only.
    pub fn empty(&self, date: NaiveDate) -> Day {
        let (from, until) = (
            self.zone.instant(date, 0),
            self.zone.instant(day_plus(date, 1), 0),
        );
        let shift = self.clocks.as_ref().and_then(|c| c.shift_after(from - 1));
        let shift = shift.map(|s| s.at * 1000).filter(|at| *at < until);
        Day {
            from: instant(from),
            until: instant(until),
            clock_change: shift.map(|at| ClockChange {
                at: instant(at),
                minutes: i32::from(self.zone.moment(at).offset - self.zone.moment(at - 60_000).offset),
            }),
            entries: vec![],
            blocked: (-1..=1)
                .flat_map(|d| self.windows(day_plus(date, d)))
                .chain(self.closed.iter().cloned())
                .collect(),
        }
    }

    /// Puts the runs of jobs on a day.
    pub fn lay(&self, day: &mut Day, jobs: &[Planned]) {
        let from = day.from.timestamp_millis() - BEFORE;
        let until = day.until.timestamp_millis() + AFTER;
        for job in jobs {
            day.entries.extend(job.entries(from, until));
        }
    }

    /// The blocked windows that begin on a day.
    fn windows(&self, date: NaiveDate) -> Vec<Blocked> {
        let weekday = date.weekday().num_days_from_monday();
        let today = self.blocked.iter().filter(|b| match b.form.date {
            Some(only) => only == date,
            None => b.form.days.iter().any(|d| d.from_monday() == weekday),
        });
        today
            .map(|b| {
                let from = self.zone.instant(date, i64::from(b.form.from.minutes()));
                Blocked {
                    from: instant(from),
                    until: instant(from + i64::from(b.form.minutes) * 60_000),
                    owner: b.form.owner.clone(),
                    reason: b.form.reason.clone(),
                }
            })
            .collect()
    }

    /// The days that tell whether jobs stand in the way of others: the next seven on which they run, and the next two
    /// on which the clocks change.
    pub fn telling_days(&self, jobs: &[Planned], now: i64) -> Vec<NaiveDate> {
        let mut days: Vec<NaiveDate> = vec![];
        for job in jobs {
            let mut own: Vec<NaiveDate> = vec![];
            let runs = job.table.iter().flat_map(|t| t.after(now)).take(2000);
            for date in runs.map(|at| self.zone.date(at)) {
                if own.last() != Some(&date) {
                    own.push(date);
                }
                if own.len() == 7 {
                    break;
                }
            }
            days.extend(own);
        }
        days.extend(self.shifts(now).into_iter().take(2));
        days.sort_unstable();
        days.dedup();
        // many jobs with different days: a fortnight of days tells enough
        days.truncate(16);
        days
    }

    /// The next days on which the clocks change.
    pub fn shifts(&self, now: i64) -> Vec<NaiveDate> {
        let mut found = vec![];
        let mut after = now;
        while found.len() < 4
            && let Some(shift) = self.clocks.as_ref().and_then(|c| c.shift_after(after))
        {
            after = shift.at * 1000;
            found.push(self.zone.date(after));
        }
        found
    }
}

/// The instant of a day at which the clock first shows so many minutes from midnight.
pub(super) fn at_clock(day: &Day, wall: i64) -> DateTime<Utc> {
    let passed = match day.clock_change {
        Some(change) => {
            let at = (change.at - day.from).num_minutes();
            if wall < at {
                wall
            } else {
                (wall - i64::from(change.minutes)).max(at)
            }
        }
        None => wall,
    };
    day.from + TimeDelta::minutes(passed)
}

/// The first of these days with the runs and blocked windows of all of them at their clock times: a time that is free
/// on it is free on each.
pub(super) fn laid_over(days: &[&Day]) -> Day {
    let Some((first, rest)) = days.split_first() else {
        return Day {
            from: instant(0),
            until: instant(0),
            clock_change: None,
            entries: vec![],
            blocked: vec![],
        };
    };
    let mut all = (*first).clone();
    let mut known: HashSet<(JobId, DateTime<Utc>)> = all.entries.iter().map(|e| (e.job, e.starts)).collect();
    for day in rest {
        let over = |at: DateTime<Utc>| at_clock(first, day.clock(at));
        for entry in &day.entries {
            let starts = over(entry.starts);
            if known.insert((entry.job, starts)) {
                all.entries.push(Entry {
                    starts,
                    ..entry.clone()
                });
            }
        }
        for b in &day.blocked {
            let from = over(b.from);
            let window = Blocked {
                from,
                until: from + (b.until - b.from),
                ..b.clone()
            };
            if !all.blocked.contains(&window) {
                all.blocked.push(window);
            }
        }
    }
    all
}

/// A run starts within the day itself.
pub(super) fn is_within(day: &Day, at: DateTime<Utc>) -> bool {
    (day.from..day.until).contains(&at)
}

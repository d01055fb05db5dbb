//! Collection systems: the two gates, and their entries in the job queue (C1–C7).
//!
//! An entry is a [job](crate::jobs) with a system. It runs while its system is active and marked for direct
//! communication; [`gate`] is the one place that says whether.

mod pages;

use super::gate::{kind, rival};
use crate::{
    desk::Engine,
    jobs::{self, Origin, check, may_set_up},
};
use domain::{
    NotNow, OfficeId, Refusal, Rule, Viewer,
    job::{JobForm, JobId, JobKind, Standing, Suggested},
    schedule::{Clock, Every, Schedule, Weekday},
};
use store::{
    collection::{self as rows, SystemRow},
    dossier,
    error::Result,
    job,
    look::Look,
    writer::Work,
};
use views::{
    collection::{SystemKind, Times},
    jobs::JobVerb,
};

/// Why an entry may be made at a time that another job has: it is not switched on.
const NOT_ON: &str = "not switched on yet";

/// What an entry of a kind is called for a system (C1).
fn entry_name(kind: &JobKind, system: &SystemKind) -> String {
    kind.entry
        .as_deref()
        .unwrap_or(&kind.description)
        .replace("{system}", &system.short)
}

fn find(w: Look<'_>, office: OfficeId, id: i64, version: Option<i64>) -> Result<SystemRow> {
    let row = rows::get(w.db, id)?.filter(|s| s.office == office);
    let row = row.ok_or(Refusal::NotFound)?;
    if version.is_some_and(|v| v != row.version) {
        return Err(Refusal::WrongState(NotNow::SystemChanged).into());
    }
    Ok(row)
}

fn wrote(
    w: &mut Work<'_>,
    by: &Viewer,
    row: &SystemRow,
    what: &str,
    before: &str,
    after: &str,
) -> Result<()> {
    w.state.touch_jobs(row.office);
    w.audit(
        Some(row.office),
        by.person,
        what,
        format!("system {} {}", kind(w.look(), &row.code).name, row.company),
        (
            Some(before.to_owned()).filter(|b| !b.is_empty()),
            Some(after.to_owned()).filter(|a| !a.is_empty()),
        ),
    )
}

/// Writes both gates, with a line in the audit log for each that moved.
fn set(w: &mut Work<'_>, by: &Viewer, row: &SystemRow, active: bool, direct: bool) -> Result<()> {
    if (row.active, row.direct) == (active, direct) {
        return Ok(());
    }
    rows::set(w.db, row.id, active, direct)?;
    let word = |on: bool| if on { "on" } else { "off" };
    if row.active != active {
        wrote(w, by, row, "system_active", word(row.active), word(active))?;
    }
    if row.direct != direct {
        wrote(w, by, row, "system_direct", word(row.direct), word(direct))?;
    }
    Ok(())
}

/// The entry of a kind for a system as it starts, at the kind's usual times.
fn entry_form(w: &Work<'_>, row: &SystemRow, system: &SystemKind, k: &JobKind) -> JobForm {
    let office = w.state.offices.get(&row.office);
    let clock = |minutes: u32| Clock::new((minutes / 60) as u16, (minutes % 60) as u16);
    let (mut at, mut every) = (None, None);
    match &k.suggested {
        Suggested::At(times) => at = Some(times.clone()),
        Suggested::WorkingHours(minutes) => {
            every = Some(Every {
                minutes: Some(*minutes),
                from: clock(office.map_or(420, |o| o.hours_from)),
                to: clock(office.map_or(960, |o| o.hours_to)),
            });
        }
        Suggested::Window { minutes, from, to } => {
            every = Some(Every {
                minutes: Some(*minutes),
                from: Some(*from),
                to: Some(*to),
            });
        }
    }
    let week = [
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
        Weekday::Sat,
        Weekday::Sun,
    ];
    JobForm {
        kind: k.code.clone(),
        description: entry_name(k, system),
        companies: vec![row.company.clone()],
        server: None,
        run_as: k.run_as.clone(),
        schedule: Schedule {
            zone: office.map_or("UTC", |o| o.zone.as_str()).to_owned(),
            days: week[..if k.weekdays { 5 } else { 7 }].to_vec(),
            at,
            every,
            starts_on: None,
            ends_on: None,
            every_weeks: None,
            month_days: None,
            holidays: None,
            not_before: None,
        },
        params: std::collections::BTreeMap::new(),
        outputs: k.outputs.clone(),
        estimate_minutes: k.estimate_minutes,
        gap_minutes: None,
        pinned: false,
        after: None,
    }
}

impl Engine {
    /// Adds a system for a company; gives its number. Neither of its gates is open.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::Invalid`] for an unknown system or company, and one that the company has.
    pub async fn add_system(&self, by: &Viewer, office: OfficeId, code: &str, company: &str) -> Result<i64> {
        may_set_up(by)?;
        let (by, code, company) = (by.clone(), code.to_owned(), company.to_owned());
        self.writer
            .run(move |w| {
                if w.state.catalogue.system(&code).is_none() {
                    return Err(Refusal::rule("code", Rule::NoSystemKind).into());
                }
                let Some(d) = dossier::by_code(w.db, office, &company)? else {
                    return Err(Refusal::rule("company", Rule::NoCompany).into());
                };
                let id = rows::insert(w.db, office, d.id, &code)?;
                let row = find(w.look(), office, id, None)?;
                wrote(w, &by, &row, "add_system", "", &code)?;
                Ok(id)
            })
            .await
    }

    /// Opens or shuts the gates of a system that still is as in `version`.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::WrongState`] when somebody else changed it.
    pub async fn set_system(
        &self,
        by: &Viewer,
        office: OfficeId,
        id: i64,
        version: i64,
        active: bool,
        direct: bool,
    ) -> Result<()> {
        may_set_up(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                let row = find(w.look(), office, id, Some(version))?;
                set(w, &by, &row, active, direct)
            })
            .await
    }

    /// Makes a system the active one of its company and switches the other off, in one (C3).
    pub async fn switch_system(&self, by: &Viewer, office: OfficeId, id: i64, version: i64) -> Result<()> {
        may_set_up(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                let row = find(w.look(), office, id, Some(version))?;
                while let Some(other) = rival(w.look(), &row)? {
                    let other = find(w.look(), office, other.id, None)?;
                    set(w, &by, &other, false, other.direct)?;
                }
                set(w, &by, &row, true, row.direct)
            })
            .await
    }

    /// Makes the entries of a system that are not there yet, none of them switched on; gives how many (C5, C6).
    pub async fn make_entries(&self, by: &Viewer, office: OfficeId, id: i64) -> Result<u32> {
        may_set_up(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                let row = find(w.look(), office, id, None)?;
                let system = kind(w.look(), &row.code);
                let made = rows::entries(w.db, id)?;
                let kinds: Vec<JobKind> = w
                    .state
                    .catalogue
                    .job_kinds()
                    .iter()
                    .filter(|k| k.is_entry())
                    .cloned()
                    .collect();
                w.whole(false, |w| {
                    let mut n = 0;
                    for k in kinds
                        .iter()
                        .filter(|k| !made.iter().any(|(_, kind)| *kind == k.code))
                    {
                        let form = entry_form(w, &row, &system, k);
                        let origin = Origin {
                            system: Some(id),
                            replaces: None,
                        };
                        jobs::create(w, &by, office, &form, Standing::Inactive, origin, Some(NOT_ON))?;
                        n += 1;
                    }
                    Ok(n)
                })
            })
            .await
    }

    /// Changes the times of an entry that still is as in `version`; gives its new version (C7).
    ///
    /// # Errors
    /// As [`Engine::save_job`]; [`Refusal::Invalid`] for times that make no sense.
    pub async fn save_entry(
        &self,
        by: &Viewer,
        office: OfficeId,
        job: JobId,
        version: i64,
        times: Times,
        despite: Option<String>,
    ) -> Result<i64> {
        may_set_up(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                let row = entry(w, office, job, version)?;
                if times.runs().is_none() {
                    return Err(Refusal::rule("every", Rule::IntervalWithoutEnd).into());
                }
                let mut form = check::whole(w.look(), &row)?;
                times.put(&mut form.schedule);
                let off = (row.standing == Standing::Inactive).then_some(NOT_ON);
                let despite = despite.as_deref().or(off);
                jobs::change(w, &by, row, &form, despite)
            })
            .await
    }

    /// Switches an entry that still is as in `version` on or off (C6).
    ///
    /// # Errors
    /// As [`Engine::do_job`]; [`Refusal::WrongState`] with the reason while its system does not let it run (C2, C3).
    pub async fn switch_entry(
        &self,
        by: &Viewer,
        office: OfficeId,
        job: JobId,
        version: i64,
        on: bool,
        despite: Option<String>,
    ) -> Result<()> {
        may_set_up(by)?;
        let (by, despite) = (by.clone(), despite.filter(|d| !d.trim().is_empty()));
        self.writer
            .run(move |w| {
                let row = entry(w, office, job, version)?;
                match (row.standing, on) {
                    (Standing::Inactive, true) => {
                        jobs::act(w, &by, row, JobVerb::Activate, despite.as_deref())
                    }
                    (Standing::OnHold, true) => jobs::act(w, &by, row, JobVerb::Queue, despite.as_deref()),
                    (Standing::Active | Standing::Stopped, false) => {
                        jobs::stand(w, &by, row, Standing::Inactive, None)
                    }
                    _ => Ok(()),
                }
            })
            .await
    }
}

/// A job that is an entry of a system.
fn entry(w: &Work<'_>, office: OfficeId, id: JobId, version: i64) -> Result<job::JobRow> {
    let row = jobs::find(w.look(), office, id, Some(version))?;
    if row.system.is_none() {
        return Err(Refusal::NotFound.into());
    }
    Ok(row)
}

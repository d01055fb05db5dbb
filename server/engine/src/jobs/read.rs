//! What the console sees of jobs and runs.

mod runs;

use super::{calendars, check, find, may_set_up, timetable};
use crate::desk::Engine;
use domain::{
    Refusal, Viewer,
    job::{JobForm, JobId, JobStatus, Module, RunState, Standing, job_status},
    planner::{Basis, Past, learned},
    schedule::{Schedule, TimeWords},
};
use runs::run_line;
use std::{cmp::Reverse, collections::HashMap};
use store::{
    error::Result,
    jobs::{self as rows, JobRaw, RunRaw},
    zone::Zone,
};
use views::{
    OfficeView,
    jobs::{
        Company, Did, JobDetail, JobLine, JobSort, JobsAsk, JobsPage, JobsSetting, KindLine, LastRun, Night,
        Preview,
    },
};

/// Companies that a line names.
const NAMED: usize = 3;
/// Runs whose length a line draws.
const DRAWN: usize = 10;
/// Runs of one page.
const PAGE: u32 = 100;

impl Engine {
    /// The console's list.
    pub async fn jobs(&self, viewer: &Viewer, office: &OfficeView, ask: &JobsAsk) -> Result<JobsPage> {
        let ask_whom = self.whom_to_ask(viewer, office).await?;
        if !viewer.role.sets_up_jobs() {
            return Ok(JobsPage {
                lines: vec![],
                counts: vec![],
                total: 0,
                more: false,
                may_edit: false,
                ask: ask_whom,
            });
        }
        let mut lines = self.job_lines(office).await?;
        let more = lines.len() > rows::MOST as usize;
        lines.truncate(rows::MOST as usize);
        let total = lines.len() as u32;
        let counts = JobStatus::ALL.map(|s| (s, lines.iter().filter(|l| l.status == s).count() as u32));
        lines.retain(|l| matches(l, ask));
        sort(&mut lines, ask);
        Ok(JobsPage {
            lines,
            counts: counts.into_iter().filter(|(_, n)| *n > 0).collect(),
            total,
            more,
            may_edit: true,
            ask: vec![],
        })
    }

    /// Every job of an office as a line, by number; one more than [`rows::MOST`] at most.
    pub(crate) async fn job_lines(&self, office: &OfficeView) -> Result<Vec<JobLine>> {
        let raw = rows::of_office(&self.readers, office.id).await?;
        let mut companies: HashMap<JobId, Vec<Company>> = HashMap::new();
        for (job, code, name) in rows::companies(&self.readers, office.id).await? {
            companies.entry(job).or_default().push(Company { code, name });
        }
        let mut runs: HashMap<JobId, Vec<RunRaw>> = HashMap::new();
        for run in rows::last_of_each(&self.readers, office.id, DRAWN as u32).await? {
            runs.entry(run.job).or_default().push(run);
        }
        let (zone, now) = (Zone::of(&office.zone), self.now());
        let empty = vec![];
        let line = |j: JobRaw| {
            let runs = runs.get(&j.id).unwrap_or(&empty);
            let companies = companies.remove(&j.id).unwrap_or_default();
            self.job_line(j, companies, runs, zone, now)
        };
        Ok(raw.into_iter().map(line).collect())
    }

    fn job_line(
        &self,
        j: JobRaw,
        mut companies: Vec<Company>,
        runs: &[RunRaw],
        zone: Zone,
        now: i64,
    ) -> JobLine {
        let form: Option<JobForm> = serde_json::from_str(&j.body).ok();
        let catalogue = self.catalogue();
        let module = catalogue.job_kind(&j.kind).map_or(Module::Economy, |k| k.module);
        let standing = Standing::from_key(&j.standing).unwrap_or(Standing::OnHold);
        let last = runs.first();
        // what waits for another job is not overdue
        let due = j.next_at.map(|at| if j.waits { at.max(now) } else { at });
        let said = last.map(|r| (state_of(r), r.due_at));
        let company_count = companies.len() as u32;
        companies.truncate(NAMED);
        let drawn = runs.iter().take(DRAWN).rev().filter_map(|r| {
            let seconds = seconds(r, now)?;
            Some((seconds, state_of(r) == RunState::Finished))
        });
        JobLine {
            id: j.id,
            module,
            companies,
            company_count,
            schedule: form.as_ref().and_then(|f| f.schedule.summary()),
            run_as: j.run_as,
            server: j.server,
            status: job_status(standing, said, due, now),
            standing,
            last: last.map(|r| LastRun {
                run: r.id,
                due: zone.moment(r.due_at),
                started: r.started_at.map(|at| zone.moment(at)),
                state: state_of(r),
                seconds: seconds(r, now),
                failed: r.failed,
            }),
            next: j.next_at.map(|at| zone.moment(at)),
            durations: drawn.collect(),
            system_off: j.system_runs == Some(false),
            system: j.system,
            pinned: form.as_ref().is_some_and(|f| f.pinned),
            replaces: j.replaces,
            version: j.version,
            kind: j.kind,
            description: j.description,
        }
    }

    /// One job whole.
    pub async fn job(&self, viewer: &Viewer, office: &OfficeView, id: JobId) -> Result<JobDetail> {
        may_set_up(viewer)?;
        let raw = rows::one(&self.readers, office.id, id)
            .await?
            .ok_or(Refusal::NotFound)?;
        let runs = rows::last_of(&self.readers, id, 40).await?;
        let (procedure, replaced_by) = rows::around(&self.readers, id).await?;
        let office_id = office.id;
        let (row, form, kind, next) = self
            .look(move |w| {
                let row = find(w, office_id, id, None)?;
                let form = check::whole(w, &row)?;
                let kind = check::kind(w, &form)?;
                let table = timetable(w.known, office_id, &form.schedule).ok();
                let next = table.filter(|_| row.next_at.is_some()).map(|t| {
                    let first = row.next_at.unwrap_or(w.now);
                    std::iter::once(first)
                        .chain(t.after(first))
                        .take(10)
                        .collect::<Vec<_>>()
                });
                Ok((row, form, kind, next.unwrap_or_default()))
            })
            .await?;
        let (zone, now) = (Zone::of(&office.zone), self.now());
        let names: HashMap<String, String> = rows::dossiers(&self.readers, office.id)
            .await?
            .into_iter()
            .collect();
        let companies = form.companies.iter().map(|code| Company {
            code: code.clone(),
            name: names.get(code).cloned().unwrap_or_default(),
        });
        let line = self.job_line(raw, companies.collect(), &runs, zone, now);
        let past: Vec<Past> = runs.iter().filter_map(|r| past(r, now)).collect();
        let length = learned(&past, form.estimate_minutes);
        let known = match length.basis {
            Basis::Learned { runs } => runs as u32,
            Basis::Estimated => 0,
        };
        Ok(JobDetail {
            line,
            created: Did {
                by: row.created_by,
                at: zone.moment(row.created_at),
                why: None,
            },
            edited: Did {
                by: row.edited_by,
                at: zone.moment(row.edited_at),
                why: None,
            },
            stood: row.stood_at.map(|at| Did {
                by: row.stood_by.unwrap_or_default(),
                at: zone.moment(at),
                why: row.stood_why,
            }),
            next: next.into_iter().map(|at| zone.moment(at)).collect(),
            runs: runs.iter().take(20).map(|r| run_line(r, zone, now)).collect(),
            requeued: row.requeued,
            usual: (length.minutes, known),
            procedure,
            replaced_by,
            may_edit: true,
            form,
            kind,
        })
    }

    /// What the form needs to know, and every kind (J1).
    pub async fn jobs_setting(&self, viewer: &Viewer, office: &OfficeView) -> Result<JobsSetting> {
        let ask = self.whom_to_ask(viewer, office).await?;
        let may_edit = viewer.role.sets_up_jobs();
        let by_kind = rows::by_kind(&self.readers, office.id).await?;
        let listed = rows::listed(&self.readers, office.id).await?;
        let catalogue = self.catalogue();
        let kinds = catalogue.job_kinds().iter().map(|kind| {
            let found = by_kind.iter().find(|(k, ..)| *k == kind.code);
            KindLine {
                active: found.map_or(0, |f| f.1),
                jobs: found.map_or(0, |f| f.2),
                listed: listed.iter().find(|(k, _)| *k == kind.code).map_or(0, |f| f.1),
                kind: kind.clone(),
            }
        });
        let companies = if may_edit {
            rows::dossiers(&self.readers, office.id).await?
        } else {
            vec![]
        };
        let id = office.id;
        let known = self.known();
        let hours = known.offices.get(&id);
        let hours = hours.map_or((420, 960), |o| (o.hours_from, o.hours_to));
        let calendars = calendars(&known, id).names().map(ToOwned::to_owned).collect();
        let mut servers: Vec<String> = self
            .connectors(id)
            .await?
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        servers.sort();
        Ok(JobsSetting {
            kinds: kinds.collect(),
            companies: companies
                .into_iter()
                .map(|(code, name)| Company { code, name })
                .collect(),
            servers,
            calendars,
            zone: office.zone.clone(),
            hours,
            may_edit,
            ask,
        })
    }

    /// When a schedule would run from now on, and around the next two changes of the clocks.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming each broken rule.
    pub async fn preview_schedule(&self, office: &OfficeView, schedule: &Schedule) -> Result<Preview> {
        let (id, now) = (office.id, self.now());
        let calendars = calendars(&self.known(), id);
        let table = schedule.timetable(&calendars)?;
        let moment = |at: i64| table.zone().moment(at);
        let mut nights = vec![];
        let mut after = now;
        while nights.len() < 2
            && let Some(shift) = table.zone().shift_after(after)
        {
            after = shift.at * 1000;
            let before = moment(after - 60_000).offset;
            let around = after - 3 * 3_600_000;
            let runs = table
                .after(around - 1)
                .take_while(|at| *at <= after + 3 * 3_600_000);
            nights.push(Night {
                at: moment(after),
                minutes: i32::from(moment(after).offset - before),
                runs: runs.take(10).map(moment).collect(),
            });
        }
        Ok(Preview {
            next: table.after(now).take(10).map(moment).collect(),
            nights,
        })
    }
}

/// What was stored as JSON; nothing for what cannot be read any more.
fn read<T: serde::de::DeserializeOwned + Default>(json: Option<&str>) -> T {
    json.and_then(|j| serde_json::from_str(j).ok())
        .unwrap_or_default()
}

fn state_of(r: &RunRaw) -> RunState {
    RunState::from_key(&r.state).unwrap_or(RunState::Error)
}

/// Seconds from beginning to end, or to now.
fn seconds(r: &RunRaw, now: i64) -> Option<u32> {
    let end = r.ended_at.unwrap_or(now);
    Some(((end - r.started_at?).max(0) / 1000) as u32)
}

/// A run that is over, as the planner learns from it.
fn past(r: &RunRaw, now: i64) -> Option<Past> {
    r.ended_at?;
    Some(Past {
        good: state_of(r) == RunState::Finished,
        seconds: seconds(r, now)?,
    })
}

fn matches(l: &JobLine, ask: &JobsAsk) -> bool {
    let text = ask.text.trim().to_lowercase();
    let words = || {
        let companies = l.companies.iter().flat_map(|c| [&c.code, &c.name]);
        let own = [&l.description, &l.kind, &l.run_as];
        own.into_iter()
            .chain(companies)
            .any(|w| w.to_lowercase().contains(&text))
    };
    (ask.status.is_empty() || ask.status.contains(&l.status))
        && ask.module.is_none_or(|m| m == l.module)
        && ask.kind.as_ref().is_none_or(|k| *k == l.kind)
        && ask
            .company
            .as_ref()
            .is_none_or(|c| l.companies.iter().any(|own| own.code == *c))
        && (text.is_empty() || l.id.to_string().starts_with(&text) || words())
}

/// The first clock time of a day, in minutes; those without one last.
fn first_time(l: &JobLine) -> u16 {
    let first = l.schedule.as_ref().and_then(|s| match &s.times {
        TimeWords::At(at) => at.first().copied(),
        TimeWords::Every { from, .. } => Some(*from),
    });
    first.map_or(u16::MAX, domain::schedule::Clock::minutes)
}

fn sort(lines: &mut [JobLine], ask: &JobsAsk) {
    let last = |l: &JobLine| l.last.as_ref().map(|r| r.due.at);
    let next = |l: &JobLine| l.next.map_or(i64::MAX, |n| n.at);
    match ask.sort {
        JobSort::Number => lines.sort_by_key(|l| l.id),
        JobSort::Status => lines.sort_by_key(|l| (l.status, l.id)),
        JobSort::Description => lines.sort_by_key(|l| (l.description.to_lowercase(), l.id)),
        JobSort::Module => lines.sort_by(|a, b| (a.module, &a.kind, a.id).cmp(&(b.module, &b.kind, b.id))),
        JobSort::Schedule => lines.sort_by_key(|l| (first_time(l), l.id)),
        JobSort::RunAs => lines.sort_by_key(|l| (l.run_as.to_lowercase(), l.id)),
        JobSort::Last => lines.sort_by_key(|l| (Reverse(last(l)), l.id)),
        JobSort::Next => lines.sort_by_key(|l| (next(l), l.id)),
        JobSort::Duration => {
            lines.sort_by_key(|l| (Reverse(l.durations.last().map(|d| d.0)), l.id));
        }
    }
    if ask.descending {
        lines.reverse();
    }
}

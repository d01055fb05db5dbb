//! Why a job does not run: the checklist of the source, answered by the desk, and one recommendation (J26, J27, J30).

mod judge;

use crate::{
    desk::Engine,
    jobs::procedures::large_run,
    jobs::{self, may, may_set_up},
};
use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta};
use domain::{
    DossierId, OfficeId, Refusal, Viewer,
    job::{JobId, Place, RUN_JOB, RunState, job_status},
    planner::{Past, learned},
    schedule::{TimeWords, Weekday},
    task::ConnectorId,
};
use store::{
    error::Result,
    job::{self, JobRow},
    jobs as lines,
    look::{Look, Memory},
    run, stuck as rows,
    writer::Work,
    zone::Zone,
};
use views::{
    OfficeView,
    jobs::Company,
    stuck::{BusyRun, ServerLine, Why},
};

/// So many tries, then IT is told.
const TRIES: u32 = 2;
/// A run that takes so many times what it ever took is told to IT.
const FAR_LONGER: i64 = 2;
/// ... and at least so many minutes longer.
const LONGER_MINUTES: i64 = 10;
/// A run that was due so long ago and has not begun is an alarm.
const OVERDUE_MS: i64 = domain::job::OVERDUE_MS;

/// The job whose run works for a company of this one, if there is one.
pub(crate) fn in_the_way(w: &Work<'_>, row: &JobRow) -> Result<Option<JobId>> {
    let dossiers = companies(w.look(), row)?;
    let found = rows::before(w.db, row.office, row.id, &dossiers, None)?;
    Ok(found.into_iter().find(|b| b.started_at.is_some()).map(|b| b.job))
}

fn companies(w: Look<'_>, row: &JobRow) -> Result<Vec<DossierId>> {
    let listed = w
        .known
        .catalogue
        .job_kind(&row.form.kind)
        .is_some_and(|k| k.place == Place::List);
    let found = if listed {
        job::listed(w.db, row.office, &row.form.kind)?
    } else {
        job::companies(w.db, row.id)?
    };
    Ok(found.into_iter().map(|c| c.id).collect())
}

impl Engine {
    /// Looks at why a job does not run.
    pub async fn why(&self, viewer: &Viewer, office: &OfficeView, id: JobId) -> Result<Why> {
        may_set_up(viewer)?;
        let names = lines::dossiers(&self.readers, office.id).await?;
        let (office_id, zone) = (office.id, Zone::of(&office.zone));
        let (kept, bound) = self
            .look(move |w| jobs::find(w, office_id, id, None).map(|row| (row.office, row.server)))
            .await?;
        let servers = self.writer.memory(move |m| servers(m, kept, bound)).await?;
        self.look(move |w| {
            let row = jobs::find(w, office_id, id, None)?;
            let seen = Seen::new(w, row, servers, zone)?;
            let companies = job::companies(w.db, id)?.into_iter().take(10).map(|c| Company {
                name: names
                    .iter()
                    .find(|(code, _)| *code == c.code)
                    .map(|n| n.1.clone())
                    .unwrap_or_default(),
                code: c.code,
            });
            let companies = companies.collect();
            seen.why(w, companies)
        })
        .await
    }
}

/// What is known of a job that does not run.
struct Seen {
    row: JobRow,
    zone: Zone,
    now: i64,
    servers: Vec<ServerLine>,
    window: Option<(String, i64)>,
    own: Option<(RunState, BusyRun)>,
    before: Vec<BusyRun>,
    last: Option<run::RunRow>,
    posting: Vec<(Company, Option<i64>)>,
    system_off: bool,
    large: bool,
}

impl Seen {
    fn new(w: Look<'_>, row: JobRow, servers: Vec<ServerLine>, zone: Zone) -> Result<Self> {
        let dossiers = companies(w, &row)?;
        let own = match run::open(w.db, row.id)? {
            Some(open) => {
                let (made, started) = rows::times(w.db, open.id)?;
                Some((open.state, busy(w, row.id, made, started, zone)?))
            }
            None => None,
        };
        let mut before: Vec<BusyRun> = vec![];
        for b in rows::before(w.db, row.office, row.id, &dossiers, row.form.after)? {
            let company = Company {
                code: b.code,
                name: b.name,
            };
            match before.iter_mut().find(|f| f.job == b.job) {
                Some(found) => found.companies.push(company),
                None => {
                    let mut new = busy(w, b.job, b.made_at, b.started_at, zone)?;
                    new.companies.push(company);
                    before.push(new);
                }
            }
        }
        let posting = rows::posting(w.db, &dossiers)?;
        Ok(Self {
            servers,
            window: window(w, &row, zone)?,
            own,
            before,
            last: run::last(w.db, row.id)?,
            posting: posting
                .into_iter()
                .map(|(code, name, since)| (Company { code, name }, since))
                .collect(),
            system_off: may::gate(w, &row)?.is_some(),
            large: large_run(w, row.office, zone)?.is_some(),
            now: w.now,
            zone,
            row,
        })
    }

    fn why(self, w: Look<'_>, companies: Vec<Company>) -> Result<Why> {
        let said = self.last.as_ref().map(|l| (l.state, l.due_at));
        let clock = match self.row.form.schedule.summary().map(|s| s.times) {
            Some(TimeWords::At(at)) => at.first().map(ToString::to_string),
            Some(TimeWords::Every { from, .. }) => Some(from.to_string()),
            None => None,
        };
        let failed = matches!(
            self.last.as_ref().map(|l| l.state),
            Some(RunState::Error | RunState::FinishedWithErrors | RunState::Running)
        );
        let last_error = if failed {
            rows::last_error(w.db, self.row.id)?
        } else {
            None
        };
        Ok(Why {
            job: self.row.id,
            kind: self.row.form.kind.clone(),
            description: self.row.form.description.clone(),
            companies,
            run_as: self.row.form.run_as.clone(),
            status: job_status(self.row.standing, said, self.due_at(), self.now),
            clock,
            version: self.row.version,
            checks: self.checks(),
            advice: self.advice(),
            last_error,
            now: self.zone.moment(self.now),
            may_edit: true,
        })
    }
}

/// A run that is not over, with how long the job usually takes.
fn busy(w: Look<'_>, id: JobId, made_at: i64, started_at: Option<i64>, zone: Zone) -> Result<BusyRun> {
    let row = job::get(w.db, id)?.ok_or(Refusal::NotFound)?;
    let past: Vec<Past> = rows::past(w.db, id)?
        .into_iter()
        .map(|(seconds, good)| Past { good, seconds })
        .collect();
    let usual = learned(&past, row.form.estimate_minutes).minutes;
    let from = started_at.unwrap_or(w.now.max(made_at));
    Ok(BusyRun {
        job: id,
        description: row.form.description,
        companies: vec![],
        started: started_at.map(|at| zone.moment(at)),
        seconds: started_at.map_or(0, |at| ((w.now - at).max(0) / 1000) as u32),
        usual,
        // one that takes longer than usual is over at any moment
        expected: zone.moment((from + i64::from(usual) * 60_000).max(w.now)),
    })
}

/// The servers that may run a job, those that are well first.
fn servers(w: Memory<'_>, office: OfficeId, bound: Option<ConnectorId>) -> Vec<ServerLine> {
    let Some(office) = w.state.offices.get(&office) else {
        return vec![];
    };
    let fleet = &w.state.fleet;
    let may = fleet.of_office(office.id).filter(|m| match bound {
        Some(id) => m.row.id == id,
        None => m
            .row
            .hello
            .as_ref()
            .is_some_and(|h| h.kinds.iter().any(|k| k == RUN_JOB)),
    });
    let mut found: Vec<ServerLine> = may
        .map(|m| ServerLine {
            name: m.row.name.clone(),
            liveness: fleet.liveness(m, office, w.now, w.mono),
            ago: fleet
                .contact(m, office, w.now, w.mono)
                .age
                .map(|ms| (ms / 1000) as u32),
        })
        .collect();
    found.sort_by(|a, b| (b.liveness as u8, &a.name).cmp(&(a.liveness as u8, &b.name)));
    found
}

/// The blocked window that is now, and when it ends.
fn window(w: Look<'_>, row: &JobRow, zone: Zone) -> Result<Option<(String, i64)>> {
    let offset = i64::from(zone.moment(w.now).offset) * 60_000;
    let local = chrono::DateTime::from_timestamp_millis(w.now + offset)
        .unwrap_or_default()
        .naive_utc();
    for (reason, days, date, from, minutes) in rows::blocked(w.db, row.office)? {
        let days: Vec<Weekday> = serde_json::from_str(&days).unwrap_or_default();
        let date: Option<NaiveDate> = date.and_then(|d| d.parse().ok());
        // one that began yesterday may reach over midnight
        for ago in 0..=1 {
            let day = local.date() - TimeDelta::days(ago);
            let weekday = day.weekday().num_days_from_monday();
            let on = match date {
                Some(date) => date == day,
                None => days.iter().any(|d| d.from_monday() == weekday),
            };
            let begins = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(from);
            let ends = begins + TimeDelta::minutes(minutes);
            if on && begins <= local && local <= ends {
                let until = w.now + (ends - local).num_milliseconds();
                return Ok(Some((reason, until)));
            }
        }
    }
    Ok(None)
}

//! Why a job does not run: the checklist of the source, answered by the desk, and one recommendation (J26, J27, J30).

use crate::{
    desk::Engine,
    jobs::procedures::large_run,
    jobs::{self, may, may_set_up},
};
use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta};
use domain::{
    DossierId, OfficeId, Refusal, Viewer,
    fleet::Liveness,
    job::{JobId, Place, RUN_JOB, RunState, Standing, job_status},
    planner::{Past, learned},
    schedule::{TimeWords, Weekday},
    task::ConnectorId,
    view::{
        OfficeView,
        jobs::{Company, Did},
        stuck::{Advice, Alarm, BusyRun, Check, CheckLine, Mark, ServerLine, WaitFor, Why},
    },
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
        let row = self.look(move |w| jobs::find(w, office_id, id, None)).await?;
        let (kept, bound) = (row.office, row.server);
        let servers = self.writer.memory(move |m| servers(m, kept, bound)).await?;
        self.look(move |w| {
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

    /// When it is due; what waits for another job is not overdue.
    fn due_at(&self) -> Option<i64> {
        let waits = self.before.iter().any(|b| Some(b.job) == self.row.form.after);
        self.row
            .next_at
            .map(|at| if waits { at.max(self.now) } else { at })
    }

    /// Some server that may run it is alive.
    fn served(&self) -> bool {
        self.servers
            .iter()
            .any(|s| matches!(s.liveness, Liveness::Idle | Liveness::Working | Liveness::Late))
    }

    /// The time that it should have started at and has not, or starts at, and whether a run of it has begun.
    fn start(&self) -> (Option<i64>, bool) {
        match (&self.own, &self.last) {
            (Some((state, _)), Some(last)) => (Some(last.due_at), *state == RunState::Running),
            _ => (self.row.next_at, false),
        }
    }

    fn late(&self) -> i64 {
        let (at, begun) = self.start();
        match at {
            Some(at) if !begun => self.now - at,
            _ => 0,
        }
    }

    /// When the runs before it should be over.
    fn queue_over(&self) -> Option<i64> {
        self.before.iter().map(|b| b.expected.at).max()
    }

    fn advice(&self) -> Advice {
        let wait = |what: WaitFor, until: Option<i64>| {
            Advice::Wait(
                what,
                until.map(|at| self.zone.moment(at)),
                self.before.len() as u32,
            )
        };
        if let Some((state, own)) = &self.own {
            return match state {
                RunState::Running if self.far_longer(own) => Advice::Report(Alarm::Long),
                RunState::Running => wait(WaitFor::Itself, Some(own.expected.at)),
                _ => self.due(&wait),
            };
        }
        match self.row.standing {
            Standing::Inactive | Standing::Active if self.system_off => {
                Advice::OpenSystem(self.row.system.unwrap_or(0))
            }
            Standing::Inactive => Advice::SwitchOn,
            Standing::OnHold => Advice::Leave,
            Standing::Stopped if self.row.requeued >= TRIES => Advice::Report(Alarm::Tries),
            Standing::Stopped => Advice::QueueAgain {
                needs_reason: self.before.iter().any(|b| b.started.is_some()),
            },
            Standing::Active => match &self.last {
                Some(last) if last.state == RunState::Asks => Advice::Answer(last.id),
                _ if self.late() > OVERDUE_MS => self.due(&wait),
                _ if !self.posting.is_empty() && self.large => wait(WaitFor::Posting, None),
                _ if !self.posting.is_empty() => {
                    Advice::SetPosting(self.posting.iter().map(|(c, _)| c.clone()).collect())
                }
                _ => wait(WaitFor::Time, self.row.next_at),
            },
        }
    }

    /// It is due and has not begun.
    fn due(&self, wait: &dyn Fn(WaitFor, Option<i64>) -> Advice) -> Advice {
        if !self.served() {
            return Advice::Report(Alarm::Server);
        }
        if let Some((_, until)) = &self.window {
            return wait(WaitFor::Window, Some(*until));
        }
        if !self.before.is_empty() {
            return wait(WaitFor::Queue, self.queue_over());
        }
        if self.late() > OVERDUE_MS {
            return Advice::Report(Alarm::Overdue);
        }
        wait(WaitFor::Visit, None)
    }

    fn far_longer(&self, own: &BusyRun) -> bool {
        let (took, usual) = (i64::from(own.seconds) / 60, i64::from(own.usual));
        took > usual * FAR_LONGER && took > usual + LONGER_MINUTES
    }

    fn checks(&self) -> Vec<CheckLine> {
        let line = |mark, check| CheckLine { mark, check };
        let if_bad = |bad: bool, mark| if bad { mark } else { Mark::Good };
        let (at, begun) = self.start();
        let late = self.late();
        let explained = self.window.is_some() || !self.before.is_empty();
        let own_long = self
            .own
            .as_ref()
            .is_some_and(|(s, o)| *s == RunState::Running && self.far_longer(o));
        let busy = !self.before.is_empty() || self.own.as_ref().is_some_and(|(s, _)| *s == RunState::Running);
        let held = match self.row.standing {
            Standing::Active => if_bad(self.system_off, Mark::Bad),
            Standing::Stopped => Mark::Bad,
            Standing::OnHold | Standing::Inactive => Mark::Explains,
        };
        vec![
            line(
                if_bad(!self.served(), Mark::Bad),
                Check::Server(self.servers.clone()),
            ),
            line(
                if_bad(self.window.is_some(), Mark::Explains),
                Check::Blocked(
                    self.window
                        .as_ref()
                        .map(|(why, until)| (why.clone(), self.zone.moment(*until))),
                ),
            ),
            line(
                if own_long {
                    Mark::Bad
                } else {
                    if_bad(busy, Mark::Explains)
                },
                Check::Queue {
                    own: self.own.as_ref().map(|(_, o)| o.clone()),
                    before: self.before.clone(),
                },
            ),
            line(
                match late {
                    OVERDUE_MS.. if !explained => Mark::Bad,
                    1.. => Mark::Explains,
                    _ => Mark::Good,
                },
                Check::Start {
                    at: at.map(|at| self.zone.moment(at)),
                    late_ms: at.map_or(0, |at| self.now - at),
                    begun,
                },
            ),
            line(
                held,
                Check::Held {
                    standing: self.row.standing,
                    did: self.row.stood_at.map(|at| Did {
                        by: self.row.stood_by.clone().unwrap_or_default(),
                        at: self.zone.moment(at),
                        why: self.row.stood_why.clone(),
                    }),
                    system_off: self.system_off,
                },
            ),
            line(
                match self.row.requeued {
                    0 => Mark::Good,
                    TRIES.. => Mark::Bad,
                    _ => Mark::Explains,
                },
                Check::Requeued(self.row.requeued),
            ),
            line(
                if_bad(
                    !self.posting.is_empty(),
                    if self.large { Mark::Explains } else { Mark::Bad },
                ),
                Check::Posting(
                    self.posting
                        .iter()
                        .map(|(c, since)| (c.clone(), since.map(|at| self.zone.moment(at))))
                        .collect(),
                ),
            ),
        ]
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

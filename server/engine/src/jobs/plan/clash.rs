//! What is wrong with a day, and whether a change would make something wrong (J3, J4).

use super::book::{Book, Planned, at_clock, is_within, laid_over};
use chrono::{NaiveDate, TimeDelta};
use domain::{
    Language, Refusal,
    job::JobId,
    planner::{Clash, Day, Entry, Party, Rule, With, clashes, find_free, first_free},
    schedule::Clock,
};
use std::collections::HashSet;
use store::error::Result;
use views::plan::{Fix, InTheWay, Move, Other, Problem, Trouble, clock, day_words};

/// A clash that a change would make.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub problem: Problem,
    pub day: NaiveDate,
}

impl Found {
    /// As whoever wants the change is told.
    pub fn refusal(self) -> Result<Refusal> {
        let sentence = self.sentence();
        let found = InTheWay {
            day: self.day,
            problem: self.problem,
        };
        let found = serde_json::to_string(&found)?;
        Ok(Refusal::Clash { sentence, found })
    }

    /// For those who have no page to say it in their language.
    fn sentence(&self) -> String {
        let p = &self.problem;
        let day = day_words(self.day, Language::En);
        let name = |s: &views::plan::Side| match s.job {
            0 => format!("this job ({})", s.description),
            n => format!("job {n} ({})", s.description),
        };
        let (run, at) = (name(&p.run), &p.run.clock);
        let said = match (&p.with, p.rule) {
            (Other::Run(o), Rule::SameTime) => {
                format!("On {day} {run} and {} start in the same minute, {at}.", name(o))
            }
            (Other::Run(o), Rule::TooClose) => format!(
                "On {day} {run} starts at {at}, {} min too close to {} of {}.",
                p.minutes,
                name(o),
                o.clock
            ),
            (Other::Run(o), Rule::Early) => format!(
                "On {day} {run} starts at {at}, before {} of {} has finished.",
                name(o),
                o.clock
            ),
            (Other::Run(o), _) => format!(
                "On {day} {run} starts at {at}, while {} of {} runs: {} min beside each other.",
                name(o),
                o.clock,
                p.minutes
            ),
            (
                Other::Blocked {
                    reason,
                    owner,
                    from,
                    until,
                },
                _,
            ) => format!(
                "On {day} {run} of {at} touches the blocked window {from} to {until} ({reason}, {owner})."
            ),
            _ => format!("On {day} {run} of {at} does not fit into the plan."),
        };
        match &p.fix {
            Some(Fix::Move { change, .. }) => {
                format!("{said} Free time: {}. Or give a reason.", change.to)
            }
            _ => format!("{said} No free time was found. Choose another, or give a reason."),
        }
    }
}

impl Book {
    /// The first clash that changed jobs would bring about: one that is not there as it is.
    pub fn would_clash(&self, changed: &[Planned], now: i64) -> Option<Found> {
        let ids: HashSet<JobId> = changed.iter().map(|c| c.id).collect();
        let (before, rest): (Vec<Planned>, Vec<Planned>) =
            self.jobs.iter().cloned().partition(|j| ids.contains(&j.id));
        let after = self.with(changed.to_vec());
        let dates = after.telling_days(changed, now);
        let mut days = vec![];
        let mut found = None;
        for date in dates {
            let mut as_is = self.empty(date);
            self.lay(&mut as_is, &rest);
            let mut then = as_is.clone();
            self.lay(&mut as_is, &before);
            self.lay(&mut then, changed);
            if found.is_none() {
                let known: HashSet<Key> = clashes_of(&as_is, &ids).iter().map(|c| key(&as_is, c)).collect();
                let mut new = clashes_of(&then, &ids).into_iter();
                let new = new.find(|c| c.rule != Rule::WithoutPredecessor && !known.contains(&key(&then, c)));
                found = new.map(|clash| (clash, date, days.len()));
            }
            days.push(then);
        }
        let (clash, day, i) = found?;
        let mut problem = after.problem(&days[i], &clash, 1)?;
        if let [job] = changed {
            let at = own(&clash, job.id).map_or(clash.run.starts, |p| p.starts);
            problem.fix = after.place(job, &days[i], &days, at);
        }
        Some(Found { problem, day })
    }

    /// A clash as the pages show it. `times`: how often it is in the day.
    pub fn problem(&self, day: &Day, clash: &Clash, times: u32) -> Option<Problem> {
        let show = |at| clock(day.clock(at) as i32);
        let side = |p: &Party| Some(self.job(p.job)?.side(show(p.starts)));
        let with = match &clash.with {
            With::Run(p) => Other::Run(side(p)?),
            With::Blocked(b) => Other::Blocked {
                reason: b.reason.clone(),
                owner: b.owner.clone(),
                from: show(b.from),
                until: show(b.until),
            },
            With::Job(id) => Other::Job(*id),
            With::Allowed(_) | With::Itself => Other::Nothing,
        };
        let other = match &clash.with {
            With::Run(p) => p.job,
            With::Job(id) => *id,
            _ => 0,
        };
        Some(Problem {
            key: format!(
                "{:?}-{}-{other}-{}",
                clash.rule,
                clash.run.job,
                show(clash.run.starts)
            ),
            trouble: self.trouble(clash),
            rule: clash.rule,
            run: side(&clash.run)?,
            with,
            minutes: clash.minutes as u32,
            times,
            jobs: 0,
            fix: None,
        })
    }

    /// What only happens when a run takes long is probable; what the clock says is certain.
    pub fn trouble(&self, clash: &Clash) -> Trouble {
        let usual = |job| self.job(job).map_or(0, |j| i64::from(j.usual));
        let certain = match (&clash.with, clash.rule) {
            (_, Rule::SameTime | Rule::Outside) => true,
            (With::Blocked(b), _) => {
                let ends = clash.run.starts + TimeDelta::minutes(usual(clash.run.job));
                ends >= b.from
            }
            (With::Run(p), Rule::Early) => p.starts >= clash.run.starts,
            _ => false,
        };
        if certain {
            Trouble::Certain
        } else {
            Trouble::Probable
        }
    }

    /// A time for one job at which nothing is in its way on any of the days it runs. `around`: its run on `day`.
    pub fn place(
        &self,
        job: &Planned,
        day: &Day,
        days: &[Day],
        around: chrono::DateTime<chrono::Utc>,
    ) -> Option<Fix> {
        if job.form.pinned {
            return None;
        }
        let over = over(job.id, day, days);
        let from = minute_clock(day.clock(around))?;
        let to = if job.repeats() {
            let by = shift(job, &over)?;
            minute_clock(i64::from(from.minutes()) + by)?
        } else {
            let entry = over.entries.iter().find(|e| e.is(job.id, around))?.clone();
            // rather later than sooner: what it reads is there then, and the day's order stays
            let later = first_free(&over, &entry, around).starts;
            let free = later.or_else(|| find_free(&over, &entry, around).starts);
            minute_clock(over.clock(free?))?
        };
        Some(Fix::Move {
            change: Move {
                job: job.id,
                version: job.version,
                from,
                to,
                gap: None,
                set_gap: false,
            },
            company: job.company.as_ref().map(|c| c.code.clone()),
        })
    }
}

/// The day with those of the others on which the job runs.
pub(super) fn over(job: JobId, day: &Day, days: &[Day]) -> Day {
    let runs =
        |d: &&Day| d.from != day.from && d.entries.iter().any(|e| e.job == job && is_within(d, e.starts));
    let all: Vec<&Day> = std::iter::once(day).chain(days.iter().filter(runs)).collect();
    laid_over(&all)
}

/// The least number of minutes by which a grid is to be shifted so that none of its runs is in anybody's way.
fn shift(job: &Planned, over: &Day) -> Option<i64> {
    let every = job.form.schedule.every?;
    let (from, to) = (every.from?.minutes(), every.to?.minutes());
    let ids = HashSet::from([job.id]);
    let (own, others): (Vec<Entry>, Vec<Entry>) = over
        .entries
        .iter()
        .cloned()
        .partition(|e| e.job == job.id && is_within(over, e.starts));
    let others: Vec<Entry> = others.into_iter().filter(|e| e.job != job.id).collect();
    let furthest = i64::from(every.minutes?.min(60)) / 2;
    let tries = (1..=furthest).flat_map(|m| [m, -m]);
    let fits = |by: &i64| {
        let inside = |clock: u16| (0..1440).contains(&(i64::from(clock) + by));
        if !inside(from) || !inside(to) {
            return false;
        }
        let moved = own.iter().map(|e| Entry {
            starts: at_clock(over, over.clock(e.starts) + by),
            ..e.clone()
        });
        let mut day = Day {
            entries: moved.collect(),
            ..over.clone()
        };
        let spans = spans(&day, &ids);
        day.entries
            .extend(others.iter().filter(|e| is_near(e, &spans)).cloned());
        clashes_of(&day, &ids).is_empty()
    };
    tries.into_iter().find(fits)
}

/// Minutes from midnight as a clock time of the day.
pub(super) fn minute_clock(minutes: i64) -> Option<Clock> {
    let m = u16::try_from(minutes).ok()?;
    Clock::new(m / 60, m % 60)
}

/// The party of a clash that is this job's.
fn own(clash: &Clash, job: JobId) -> Option<&Party> {
    match &clash.with {
        _ if clash.run.job == job => Some(&clash.run),
        With::Run(p) if p.job == job => Some(p),
        _ => None,
    }
}

/// When the runs of some jobs and the gaps after them are, in seconds.
fn spans(day: &Day, jobs: &HashSet<JobId>) -> Vec<(i64, i64)> {
    let own = day.entries.iter().filter(|e| jobs.contains(&e.job));
    own.map(span).collect()
}

fn span(e: &Entry) -> (i64, i64) {
    let gap = i64::from(e.gap) * 60;
    (e.starts.timestamp(), e.finishes().timestamp() + gap)
}

fn is_near(e: &Entry, spans: &[(i64, i64)]) -> bool {
    let (from, until) = span(e);
    spans.iter().any(|(f, u)| from <= u + 60 && until + 60 >= *f)
}

/// The clashes of a day that some jobs take part in.
pub(super) fn clashes_of(day: &Day, jobs: &HashSet<JobId>) -> Vec<Clash> {
    let spans = spans(day, jobs);
    let before: HashSet<JobId> = day
        .entries
        .iter()
        .filter(|e| jobs.contains(&e.job))
        .filter_map(|e| e.after)
        .collect();
    let matters = |e: &&Entry| {
        jobs.contains(&e.job)
            || before.contains(&e.job)
            || e.after.is_some_and(|a| jobs.contains(&a))
            || is_near(e, &spans)
    };
    let part = Day {
        entries: day.entries.iter().filter(matters).cloned().collect(),
        ..day.clone()
    };
    let mut found = clashes(&part);
    found.retain(|c| {
        let other = match &c.with {
            With::Run(p) => Some(p),
            _ => None,
        };
        let theirs = jobs.contains(&c.run.job) || other.is_some_and(|p| jobs.contains(&p.job));
        let within = is_within(day, c.run.starts) || other.is_some_and(|p| is_within(day, p.starts));
        theirs && within
    });
    found
}

type Key = (Rule, JobId, i64, JobId, i64, String);

/// What makes two clashes the same: rule, runs by their clock times, window.
fn key(day: &Day, c: &Clash) -> Key {
    let (job, at, window) = match &c.with {
        With::Run(p) => (p.job, day.clock(p.starts), String::new()),
        With::Blocked(b) => (0, day.clock(b.from), b.reason.clone()),
        With::Job(id) => (*id, 0, String::new()),
        With::Allowed(_) | With::Itself => (0, 0, String::new()),
    };
    (c.rule, c.run.job, day.clock(c.run.starts), job, at, window)
}

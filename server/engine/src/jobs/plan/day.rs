//! The picture of a day, and proposals for it.

use super::{
    book::{Book, Planned, at_clock, is_within, laid_over},
    clash::{minute_clock, over},
};
use chrono::NaiveDate;
use domain::{
    job::JobId,
    planner::{Clash, Day, Entry, Rule, SHORTEST_GAP, Window, With, clashes, find_free, spread},
    schedule::Clock,
};
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};
use views::plan::{
    DayPlan, Fix, FreeTime, Move, Placing, PlanBlocked, PlanJob, PlanStart, Problem, SpreadAsk, Spreading,
    Trouble, clock, day_plus,
};

/// Problems that a page gets.
const MOST: usize = 200;
/// Problems for which a way out is looked for: those that a person reads first.
const SOLVED: usize = 12;
/// What makes clashes one problem: the rule (none for a crowd), two kinds or a kind and a window, and what else differs.
type Sort<'a> = (Option<Rule>, &'a str, &'a str, i64);

/// Clashes that are one problem.
struct Group<'a> {
    clash: &'a Clash,
    times: u32,
    jobs: HashSet<JobId>,
}

/// Jobs that a crowd has at least.
const CROWD: usize = 3;

impl Book {
    /// The day and the six after it.
    pub fn week(&self, date: NaiveDate) -> Vec<Day> {
        (0..7).map(|d| self.day(day_plus(date, d))).collect()
    }

    pub fn day_plan(&self, date: NaiveDate, now: i64) -> DayPlan {
        let week = self.week(date);
        let day = &week[0];
        let found = clashes(day);
        let problems = self.problems(&week, date, &found);
        let mut troubles: HashMap<(JobId, i64), Trouble> = HashMap::new();
        for clash in &found {
            let trouble = self.trouble(clash);
            let mut mark = |job, at: chrono::DateTime<chrono::Utc>| {
                let known = troubles.entry((job, at.timestamp())).or_default();
                *known = (*known).max(trouble);
            };
            mark(clash.run.job, clash.run.starts);
            // of two runs that are too close the later one is wrong; of two in one minute both are
            if let (With::Run(p), Rule::SameTime) = (&clash.with, clash.rule) {
                mark(p.job, p.starts);
            }
        }
        let minute = |at: chrono::DateTime<chrono::Utc>| (at - day.from).num_minutes() as i32;
        let mut starts: HashMap<JobId, Vec<PlanStart>> = HashMap::new();
        for e in day.entries.iter().filter(|e| is_within(day, e.starts)) {
            let trouble = troubles.get(&(e.job, e.starts.timestamp()));
            let moved_from = self
                .job(e.job)
                .and_then(|j| j.moved_from(e.starts.timestamp_millis()));
            starts.entry(e.job).or_default().push(PlanStart {
                minute: minute(e.starts),
                trouble: trouble.copied().unwrap_or_default(),
                moved_from: moved_from.map(|at| self.zone.moment(at)),
            });
        }
        for of_job in starts.values_mut() {
            of_job.sort_by_key(|s| s.minute);
        }
        let jobs = self
            .jobs
            .iter()
            .filter_map(|j| Some(plan_job(j, starts.remove(&j.id)?)));
        let minutes = (day.until - day.from).num_minutes() as u32;
        let blocked = day
            .blocked
            .iter()
            .filter(|b| b.until > day.from && b.from < day.until);
        DayPlan {
            day: date,
            today: self.zone.date(now) == date,
            now,
            from: self.zone.moment(day.from.timestamp_millis()),
            minutes,
            change: day.clock_change.map(|c| (minute(c.at) as u32, c.minutes)),
            jobs: jobs.collect(),
            blocked: blocked
                .map(|b| PlanBlocked {
                    reason: b.reason.clone(),
                    owner: b.owner.clone(),
                    from: minute(b.from),
                    until: minute(b.until),
                })
                .collect(),
            problems,
            may_edit: false,
            ask: vec![],
        }
    }

    /// What is wrong with the first day. Two kinds that meet are one problem however often they do, and jobs of one kind
    /// that follow each other too closely are one.
    fn problems(&self, week: &[Day], date: NaiveDate, found: &[Clash]) -> Vec<Problem> {
        let day = &week[0];
        let within = |c: &&Clash| {
            let other = matches!(&c.with, With::Run(p) if is_within(day, p.starts));
            is_within(day, c.run.starts) || other
        };
        let mut groups: Vec<Group<'_>> = vec![];
        let mut known: HashMap<Sort<'_>, usize> = HashMap::new();
        for clash in found.iter().filter(within) {
            let Some(sort) = self.sort_of(day, clash) else {
                continue;
            };
            let i = *known.entry(sort).or_insert(groups.len());
            if i == groups.len() {
                groups.push(Group {
                    clash,
                    times: 0,
                    jobs: HashSet::new(),
                });
            }
            groups[i].times += 1;
            groups[i].jobs.insert(clash.run.job);
            if let With::Run(p) = &clash.with {
                groups[i].jobs.insert(p.job);
            }
        }
        let mut all: Vec<(Problem, &Clash)> = vec![];
        for g in groups {
            let Some(problem) = self.problem(day, g.clash, g.times) else {
                continue;
            };
            let is_crowd = self.crowd_of(g.clash).is_some() && g.jobs.len() >= CROWD;
            let problem = Problem {
                jobs: if is_crowd { g.jobs.len() as u32 } else { 0 },
                ..problem
            };
            all.push((problem, g.clash));
        }
        for (p, clash) in all.iter_mut().filter(|(p, _)| p.jobs > 0) {
            p.fix = self.respaced(week, date, clash);
            if let Some(Fix::Spread { answer, .. }) = &p.fix {
                p.jobs = (answer.placed.len() + answer.left_out.len()) as u32;
                if !answer.left_out.is_empty() {
                    p.trouble = Trouble::Certain;
                }
            }
        }
        let lacks = |p: &Problem| match &p.fix {
            Some(Fix::Spread { answer, .. }) => (answer.needs.saturating_sub(answer.has), answer.too_long),
            _ => (0, 0),
        };
        all.sort_by_key(|(p, c)| {
            let weight = (p.trouble, p.rule == Rule::Blocked, lacks(p));
            (Reverse(weight), c.run.starts, c.run.job)
        });
        all.truncate(MOST);
        for (p, clash) in all.iter_mut().filter(|(p, _)| p.jobs == 0).take(SOLVED) {
            p.fix = self.fix(week, clash);
        }
        all.into_iter().map(|(p, _)| p).collect()
    }

    /// What makes clashes of a day one problem.
    fn sort_of<'a>(&'a self, day: &Day, clash: &'a Clash) -> Option<Sort<'a>> {
        let kind = |job| self.job(job).map(|j| j.form.kind.as_str());
        let own = kind(clash.run.job)?;
        Some(match (&clash.with, self.crowd_of(clash)) {
            (_, Some(kind)) => {
                let (from, _) = self.window(day, kind, clash);
                (None, kind, "", from)
            }
            (With::Run(p), None) => {
                let other = kind(p.job)?;
                (Some(clash.rule), own.min(other), own.max(other), 0)
            }
            (With::Blocked(w), None) => (Some(clash.rule), own, w.reason.as_str(), 0),
            (_, None) => (Some(clash.rule), own, "", clash.run.job),
        })
    }

    /// The kind of two jobs that follow each other too closely.
    fn crowd_of(&self, clash: &Clash) -> Option<&str> {
        let With::Run(p) = &clash.with else { return None };
        if !matches!(clash.rule, Rule::Overlap | Rule::TooClose) || p.job == clash.run.job {
            return None;
        }
        let (a, b) = (self.job(clash.run.job)?, self.job(p.job)?);
        let alike = a.form.kind == b.form.kind && a.repeats() == b.repeats();
        alike.then_some(a.form.kind.as_str())
    }

    fn respaced(&self, week: &[Day], date: NaiveDate, clash: &Clash) -> Option<Fix> {
        let job = self.job(clash.run.job).filter(|j| !j.repeats())?;
        let (from, to) = self.window(&week[0], &job.form.kind, clash);
        let ask = SpreadAsk {
            day: date,
            kind: job.form.kind.clone(),
            from: minute_clock(from)?,
            to: minute_clock(to)?,
            shorter: 0,
        };
        let answer = self.spreading(week, &ask);
        Some(Fix::Spread { ask, answer })
    }

    /// The full hours in which the runs of a kind around a clash start: those that follow within an hour belong together.
    /// Of grids it is the day.
    fn window(&self, day: &Day, kind: &str, around: &Clash) -> (i64, i64) {
        if self.job(around.run.job).is_some_and(Planned::repeats) {
            return (0, 1439);
        }
        let at = day.clock(around.run.starts);
        let starts = self.starts_of(day, kind);
        let (mut first, mut last) = (at, at);
        for s in starts.iter().rev().filter(|s| **s <= at) {
            if first - *s > 60 {
                break;
            }
            first = *s;
        }
        for s in starts.iter().filter(|s| **s >= at) {
            if *s - last > 60 {
                break;
            }
            last = *s;
        }
        let from = first.div_euclid(60) * 60;
        (from.max(0), ((last.div_euclid(60) + 1) * 60).min(1439))
    }

    fn starts_of(&self, day: &Day, kind: &str) -> Vec<i64> {
        let own = day.entries.iter().filter(|e| is_within(day, e.starts));
        let own = own.filter(|e| {
            self.job(e.job)
                .is_some_and(|j| j.form.kind == kind && !j.repeats())
        });
        let mut starts: Vec<i64> = own.map(|e| day.clock(e.starts)).collect();
        starts.sort_unstable();
        starts
    }

    /// The runs of a kind that start in a window of clock times, in order. Grids stay.
    fn chosen(&self, day: &Day, kind: &str, from: i64, to: i64) -> Vec<Entry> {
        let own = day.entries.iter().filter(|e| is_within(day, e.starts));
        let mut own: Vec<Entry> = own
            .filter(|e| (from..to).contains(&day.clock(e.starts)))
            .filter(|e| {
                self.job(e.job)
                    .is_some_and(|j| j.form.kind == kind && !j.repeats())
            })
            .cloned()
            .collect();
        own.sort_by_key(|e| (e.starts, e.job));
        own
    }

    fn fix(&self, week: &[Day], clash: &Clash) -> Option<Fix> {
        let day = &week[0];
        let job = self.job(clash.run.job)?;
        let other = match &clash.with {
            With::Run(p) => self.job(p.job).map(|j| (j, p.starts)),
            _ => None,
        };
        // a single run moves rather than a grid, and a fixed one not at all
        let prefers_other =
            |o: &Planned| job.form.pinned || (job.repeats() && !o.repeats() && !o.form.pinned);
        match other {
            Some((o, at)) if prefers_other(o) => self.place(o, day, week, at),
            _ => self.place(job, day, week, clash.run.starts),
        }
    }

    /// A free time for one run, nearest to a clock time, and why not sooner.
    pub fn free_time(&self, date: NaiveDate, job: JobId, run: Clock, around: Clock) -> Option<FreeTime> {
        let week = self.week(date);
        let job = self.job(job)?;
        let day = over(job.id, &week[0], &week);
        let starts = at_clock(&week[0], i64::from(run.minutes()));
        let entry = day.entries.iter().find(|e| e.is(job.id, starts))?.clone();
        let found = find_free(&day, &entry, at_clock(&day, i64::from(around.minutes())));
        let to = found.starts.and_then(|at| minute_clock(day.clock(at)));
        let refused = found.refused.iter().take(6);
        Some(FreeTime {
            change: to.map(|to| Move {
                job: job.id,
                version: job.version,
                from: run,
                to,
                gap: None,
                set_gap: false,
            }),
            refused: refused.filter_map(|c| self.problem(&day, c, 1)).collect(),
        })
    }

    /// The runs of a kind in a window, one after the other, on every day of the week that they run.
    pub fn spreading(&self, week: &[Day], ask: &SpreadAsk) -> Spreading {
        let day = &week[0];
        let (from, to) = (i64::from(ask.from.minutes()), i64::from(ask.to.minutes()));
        let mut chosen = self.chosen(day, &ask.kind, from, to);
        let ids: HashSet<JobId> = chosen.iter().map(|e| e.job).collect();
        let theirs = |d: &&Day| {
            let runs = |e: &Entry| ids.contains(&e.job) && is_within(d, e.starts);
            d.from != day.from && d.entries.iter().any(runs)
        };
        let days: Vec<&Day> = std::iter::once(day).chain(week.iter().filter(theirs)).collect();
        let all = laid_over(&days);
        let mut shortened = HashSet::new();
        for e in &mut chosen {
            let gap = e.gap.saturating_sub(ask.shorter).max(e.gap.min(SHORTEST_GAP));
            if gap != e.gap && !e.pinned {
                shortened.insert(e.job);
                e.gap = gap;
            }
        }
        let window = Window {
            from: at_clock(day, from),
            until: at_clock(day, to),
        };
        let plan = spread(&all, &chosen, window);
        let show = |at| clock(day.clock(at) as i32);
        let side = |job: JobId, was| Some(self.job(job)?.side(show(was)));
        let moves = plan.placed.iter().filter_map(|p| {
            let job = self.job(p.job)?;
            let entry = chosen.iter().find(|e| e.is(p.job, p.was))?;
            let set_gap = shortened.contains(&p.job);
            (p.was != p.starts || set_gap).then_some(Move {
                job: p.job,
                version: job.version,
                from: minute_clock(day.clock(p.was))?,
                to: minute_clock(day.clock(p.starts))?,
                gap: set_gap.then_some(entry.gap).or(job.form.gap_minutes),
                set_gap,
            })
        });
        let placed = plan.placed.iter().filter_map(|p| {
            Some(Placing {
                run: side(p.job, p.was)?,
                to: Some(show(p.starts)),
            })
        });
        let left_out = plan.left_out.iter().filter_map(|l| {
            Some(Placing {
                run: side(l.job, l.was)?,
                to: None,
            })
        });
        Spreading {
            moves: if plan.left_out.is_empty() {
                moves.collect()
            } else {
                vec![]
            },
            placed: placed.collect(),
            left_out: left_out.collect(),
            pinned: plan.pinned.len() as u32,
            needs: needs(&chosen),
            has: (to - from).max(0) as u32,
            too_long: plan.too_long as u32,
            ends: plan.ends.map(show),
            shorter: plan.shorter_gaps,
        }
    }
}

/// Minutes that runs need one after the other: the gap after the last may reach out of the window.
fn needs(chosen: &[Entry]) -> u32 {
    let whole: u32 = chosen.iter().map(|e| e.length.minutes + e.gap).sum();
    whole - chosen.last().map_or(0, |e| e.gap)
}

fn plan_job(j: &Planned, mut starts: Vec<PlanStart>) -> PlanJob {
    starts.sort_by_key(|s| s.minute);
    PlanJob {
        id: j.id,
        version: j.version,
        kind: j.form.kind.clone(),
        description: j.form.description.clone(),
        company: j.company.clone(),
        companies: j.companies,
        server: j.server_name.clone(),
        length: j.length.minutes,
        usual: j.usual,
        learned: j.learned(),
        gap: j.gap,
        pinned: j.form.pinned,
        repeats: j.repeats(),
        starts,
    }
}

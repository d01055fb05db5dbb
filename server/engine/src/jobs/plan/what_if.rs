//! What a holiday, a downtime or a change of the clocks would do (J28). Nothing is changed.

use super::book::{Book, at_clock, is_within};
use chrono::{NaiveDate, TimeDelta};
use domain::{
    calendar::Calendars,
    job::JobId,
    planner::{Blocked, Change, Clash, Day, Difference, compare, find_free, what_if},
    schedule::{Clock, HolidayAction, Holidays, Schedule},
};
use std::collections::{BTreeSet, HashMap, HashSet};
use views::plan::{Fate, FateLine, Problem, WhatIf, WhatIfAnswer, clock, day_plus};

/// Problems that an answer names.
const MOST: usize = 40;
/// A holiday moves a run by no more days.
const FURTHEST: i64 = 21;

impl Book {
    /// The answer; `None` where the clocks never change.
    pub fn what_if(&self, ask: &WhatIf, now: i64) -> Option<WhatIfAnswer> {
        match ask {
            WhatIf::Holiday(date) => Some(self.holiday(*date)),
            WhatIf::Downtime { day, from, minutes } => Some(self.downtime(*day, *from, *minutes)),
            WhatIf::Clocks(n) => self.clocks_change(*self.shifts(now).get(*n as usize)?),
        }
    }

    fn answer(&self, day: NaiveDate, lines: Vec<FateLine>, differences: &[Difference]) -> WhatIfAnswer {
        let mut known = HashSet::new();
        let problems = differences.iter().flat_map(|d| {
            let new = d.appear.iter().filter(|c| d.after.from <= c.run.starts);
            new.filter_map(|c| self.problem(&d.after, c, 1))
        });
        let appear: Vec<Problem> = problems
            .filter(|p| known.insert(p.key.clone()))
            .take(MOST)
            .collect();
        let gone = differences.iter().map(|d| {
            let inside = |c: &&Clash| d.after.from <= c.run.starts && c.run.starts < d.after.until;
            d.go.iter().filter(inside).count() as u32
        });
        WhatIfAnswer {
            day,
            clocks: None,
            lines,
            appear,
            gone: gone.sum(),
        }
    }

    fn holiday(&self, date: NaiveDate) -> WhatIfAnswer {
        let (from, until) = (
            self.zone.instant(date, 0),
            self.zone.instant(day_plus(date, 1), 0),
        );
        let mut with_day = self.calendars.clone();
        let mut plain = self.clone();
        let mut then = self.clone();
        let mut lines = vec![];
        let mut targets: BTreeSet<NaiveDate> = BTreeSet::new();
        for i in 0..self.jobs.len() {
            let job = &self.jobs[i];
            let without = job.with(
                Schedule {
                    holidays: None,
                    ..job.form.schedule.clone()
                },
                &self.calendars,
            );
            let runs: Vec<i64> = without.runs(from, until).collect();
            let kept = job.form.schedule.holidays.clone();
            plain.jobs[i] = without;
            let Some(first) = runs.first() else { continue };
            let side = job.side(self.zone.moment(*first).clock());
            let mut line = FateLine {
                run: side,
                fate: Fate::Stays,
                runs: runs.len() as u32,
                to: None,
                to_day: None,
            };
            if let Some(h) = kept.filter(|h| h.action != HolidayAction::Run) {
                let name = named(&mut with_day, &h.calendar, date);
                let step = match h.action {
                    HolidayAction::NextWorkingDay => 1,
                    HolidayAction::PreviousWorkingDay => -1,
                    HolidayAction::Run | HolidayAction::Skip => 0,
                };
                line.fate = if step == 0 { Fate::Goes } else { Fate::Moves };
                let calendar = with_day.named(&name).cloned().unwrap_or_default();
                let days = (1..=FURTHEST).map(|n| day_plus(date, n * step));
                if let Some(day) = days.filter(|_| step != 0).find(|d| calendar.is_working_day(*d)) {
                    let wall = (*first - from) / 60_000;
                    line.to = Some(self.zone.moment(self.zone.instant(day, wall)));
                    line.to_day = Some(day);
                    targets.insert(day);
                }
                let schedule = Schedule {
                    holidays: Some(Holidays { calendar: name, ..h }),
                    ..job.form.schedule.clone()
                };
                then.jobs[i] = job.with(schedule, &with_day);
            }
            lines.push(line);
        }
        targets.insert(date);
        let differences: Vec<Difference> = targets
            .iter()
            .map(|d| compare(&plain.day(*d), then.day(*d)))
            .collect();
        lines.sort_by_key(|l| l.fate == Fate::Stays);
        self.answer(date, lines, &differences)
    }

    fn downtime(&self, date: NaiveDate, from: Clock, minutes: u32) -> WhatIfAnswer {
        let day = self.day(date);
        let starts = at_clock(&day, i64::from(from.minutes()));
        let window = Blocked {
            from: starts,
            until: starts + TimeDelta::minutes(i64::from(minutes)),
            owner: String::new(),
            reason: String::new(),
        };
        let difference = what_if(&day, &[Change::Block(window.clone())]);
        let mut lines: Vec<FateLine> = vec![];
        let touches = |e: &&domain::planner::Entry| e.starts <= window.until && e.finishes() >= window.from;
        let mut entries: Vec<_> = day.entries.iter().filter(touches).collect();
        entries.sort_by_key(|e| (e.starts, e.job));
        for entry in entries {
            if let Some(line) = lines.iter_mut().find(|l| l.run.job == entry.job) {
                line.runs += 1;
                continue;
            }
            let Some(job) = self.job(entry.job) else { continue };
            let free = (!job.repeats() && is_within(&day, entry.starts))
                .then(|| find_free(&difference.after, entry, window.until).starts)
                .flatten();
            lines.push(FateLine {
                run: job.side(clock(day.clock(entry.starts) as i32)),
                fate: Fate::Hit,
                runs: 1,
                to: free.map(|at| self.zone.moment(at.timestamp_millis())),
                to_day: free.map(|_| date),
            });
        }
        WhatIfAnswer {
            // each line says it already
            appear: vec![],
            ..self.answer(date, lines, &[])
        }
    }

    fn clocks_change(&self, date: NaiveDate) -> Option<WhatIfAnswer> {
        let (usual, then) = (self.day(day_plus(date, -7)), self.day(date));
        let by = then.clock_change?.minutes;
        let (mut before, mut after) = (by_job(&usual), by_job(&then));
        let mut lines = vec![];
        for job in &self.jobs {
            let (b, a) = (
                before.remove(&job.id).unwrap_or_default(),
                after.remove(&job.id).unwrap_or_default(),
            );
            let walls = |runs: &[(i64, i64)]| runs.iter().map(|r| r.0).collect::<Vec<_>>();
            if walls(&b) == walls(&a) {
                continue;
            }
            let differs = a.iter().find(|r| !walls(&b).contains(&r.0));
            let gone = b.iter().find(|r| !walls(&a).contains(&r.0));
            let first = gone.or(differs).or(a.first()).or(b.first());
            let fate = match a.len().cmp(&b.len()) {
                std::cmp::Ordering::Greater => Fate::Adds,
                std::cmp::Ordering::Less => Fate::Goes,
                std::cmp::Ordering::Equal => Fate::Moves,
            };
            let to = differs.filter(|_| fate == Fate::Moves);
            lines.push(FateLine {
                run: job.side(clock(first.map_or(0, |f| f.0) as i32)),
                fate,
                runs: a.len().abs_diff(b.len()).max(1) as u32,
                to: to.map(|t| self.zone.moment(t.1)),
                to_day: to.map(|_| date),
            });
        }
        let answer = self.answer(date, lines, &[compare(&usual, then)]);
        Some(WhatIfAnswer {
            clocks: Some(by),
            ..answer
        })
    }
}

/// A calendar like the one of a name, with one day more; its name.
fn named(calendars: &mut Calendars, name: &str, date: NaiveDate) -> String {
    let own = format!("\u{1}{name}");
    if calendars.named(&own).is_none() {
        let mut calendar = calendars.named(name).cloned().unwrap_or_default();
        calendar.days.insert(date, String::new());
        calendars.add(own.clone(), calendar);
    }
    own
}

/// The runs of a day by job: minutes on the clock, and the instant.
fn by_job(day: &Day) -> HashMap<JobId, Vec<(i64, i64)>> {
    let mut all: HashMap<JobId, Vec<(i64, i64)>> = HashMap::new();
    for e in day.entries.iter().filter(|e| is_within(day, e.starts)) {
        let run = (day.clock(e.starts), e.starts.timestamp_millis());
        all.entry(e.job).or_default().push(run);
    }
    for runs in all.values_mut() {
        runs.sort_by_key(|r| r.1);
    }
    all
}

//! Several runs in one window, one after the other (J5, J17, J28).

use super::{
    bars::{Around, ceil},
    clash::Clash,
    clashes::early,
    day::{Day, Entry, Window},
    free::{Free, first_fit},
    learned::SHORTEST_GAP,
    occupancy::{Occupancy, instant, minutes},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A run that found its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// The job.
    pub job: i64,
    /// When the run started before, see [`Entry::starts`].
    pub was: DateTime<Utc>,
    /// When it starts in the plan.
    pub starts: DateTime<Utc>,
    /// Why not sooner after the one before it.
    pub refused: Vec<Clash>,
}

/// A run that has no place in the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The job.
    pub job: i64,
    /// When the run started before, see [`Entry::starts`].
    pub was: DateTime<Utc>,
    /// Every time that was tried, the last one past the window's end or without any time after it.
    pub refused: Vec<Clash>,
}

/// A plan for the chosen runs. It is a proposal: nothing has moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// In the order of their starts.
    pub placed: Vec<Placed>,
    /// In the given order. The plan does not count on them: what it placed may stand where they stood.
    pub left_out: Vec<LeftOut>,
    /// Chosen, but pinned: they stay where they are and the others keep clear of them.
    pub pinned: Vec<i64>,
    /// By how many minutes the window is too short for all of them; 0 when everything is placed, or when what is left
    /// out has no place in a longer window either.
    pub too_long: i64,
    /// When the last would finish in a window long enough. Counted with what the day knows: past midnight that is
    /// little.
    pub ends: Option<DateTime<Utc>>,
    /// If every gap were this many minutes shorter (none below [`SHORTEST_GAP`]), all would fit.
    pub shorter_gaps: Option<u32>,
}

impl Spread {
    /// The day if the plan were carried out: what was placed stands at its new time, new runs are added, and
    /// everything else is where it was, also what was left out. Its clashes are what would remain.
    pub fn onto(&self, day: &Day, chosen: &[Entry]) -> Day {
        let mut after = day.clone();
        for placed in &self.placed {
            let run = |e: &&Entry| e.is(placed.job, placed.was);
            let Some(entry) = chosen.iter().find(run) else {
                continue;
            };
            let entry = Entry {
                starts: placed.starts,
                ..entry.clone()
            };
            // looked up where nothing has moved yet: another run of the job may stand there by now
            match day.entries.iter().position(|e| run(&e)) {
                Some(i) => after.entries[i] = entry,
                None => after.entries.push(entry),
            }
        }
        after
    }
}

/// Places the chosen runs in `window`, each as early as the rules let it stand after the one before, in the given
/// order; only a run that comes after another chosen one lets that go first. A run starts and finishes within the
/// window; the gap after the last may reach out of it.
///
/// The chosen are proposed anew, whether they are in the day already (the same job and start) or not. Every other
/// run of the day stays where it is, and so does a chosen one that is pinned there or in `chosen`. One that does not
/// fit is left out and the next is tried. One whose predecessor was left out is left out too.
pub fn spread(day: &Day, chosen: &[Entry], window: Window) -> Spread {
    let board = Board::new(day, chosen);
    let plan = board.plan(window, true, 0);
    let mut result = Spread {
        placed: plan.placed,
        left_out: plan.left_out,
        pinned: board.pinned.clone(),
        too_long: 0,
        ends: plan.ends.map(instant),
        shorter_gaps: None,
    };
    if !result.left_out.is_empty() {
        let ends = board.plan(window, false, 0).ends;
        let beyond = ends.map_or(0, |e| e - window.until.timestamp());
        result.too_long = minutes(beyond.max(0));
        result.ends = ends.map(instant);
        result.shorter_gaps = board.shorter_gaps(window);
    }
    result
}

/// What does not change from one try to the next.
struct Board<'a> {
    day: &'a Day,
    /// What stays, in the order of the starts.
    fixed: Vec<Occupancy>,
    /// What is placed, in the order of placing.
    moving: Vec<&'a Entry>,
    pinned: Vec<i64>,
}

struct Plan {
    placed: Vec<Placed>,
    left_out: Vec<LeftOut>,
    /// The last finish, in seconds.
    ends: Option<i64>,
}

impl<'a> Board<'a> {
    fn new(day: &'a Day, chosen: &'a [Entry]) -> Self {
        let there = |c: &Entry| day.entries.iter().find(|e| e.is(c.job, c.starts));
        let (pinned, moving): (Vec<&Entry>, Vec<&Entry>) = chosen
            .iter()
            .partition(|c| c.pinned || there(c).is_some_and(|e| e.pinned));
        let stays = |e: &&Entry| !moving.iter().any(|m| e.is(m.job, m.starts));
        let mut fixed: Vec<Occupancy> = day.entries.iter().filter(stays).map(Occupancy::from).collect();
        let new = pinned.iter().filter(|p| there(p).is_none());
        fixed.extend(new.map(|p| Occupancy::from(*p)));
        fixed.sort_by_key(|o| o.starts);
        Self {
            day,
            fixed,
            moving: predecessors_first(moving),
            pinned: pinned.iter().map(|p| p.job).collect(),
        }
    }

    /// One try, with every gap shorter by some minutes. `bounded`: the window has an end, and the day too.
    fn plan(&self, window: Window, bounded: bool, shorter: u32) -> Plan {
        let endless = Window {
            until: DateTime::<Utc>::MAX_UTC,
            ..window
        };
        let window = [if bounded { window } else { endless }];
        let day = if bounded { vec![self.day.limits()] } else { vec![] };
        let mut runs = self.fixed.clone();
        let mut plan = Plan {
            placed: vec![],
            left_out: vec![],
            ends: None,
        };
        let mut last: Option<Occupancy> = None;
        for entry in &self.moving {
            let run = narrowed(entry, shorter);
            let free = if waits_in_vain(&run, &runs, &plan.left_out) {
                vain(&run)
            } else {
                let limits = [&window[..], &day, &entry.allowed];
                let around = Around::new(&runs, &self.day.blocked, &limits);
                first_fit(&around, run, follow(last, &run, window[0].from))
            };
            if let Some(starts) = free.starts {
                let run = run.at(starts.timestamp().div_euclid(60));
                let place = runs.partition_point(|o| o.starts <= run.starts);
                runs.insert(place, run);
                plan.ends = plan.ends.max(Some(run.finishes));
                last = Some(run);
            }
            plan.add(entry, free);
        }
        plan
    }

    /// The least by which all fit. Shorter gaps never make a run start later, so halving finds it.
    fn shorter_gaps(&self, window: Window) -> Option<u32> {
        let most = self
            .moving
            .iter()
            .map(|e| e.gap.saturating_sub(SHORTEST_GAP))
            .max()?;
        let fits = |by| self.plan(window, true, by).left_out.is_empty();
        if most == 0 || !fits(most) {
            return None;
        }
        let (mut least, mut enough) = (1, most);
        while least < enough {
            let half = least + (enough - least) / 2;
            if fits(half) {
                enough = half;
            } else {
                least = half + 1;
            }
        }
        Some(enough)
    }
}

impl Plan {
    fn add(&mut self, entry: &Entry, free: Free) {
        let (job, was, refused) = (entry.job, entry.starts, free.refused);
        match free.starts {
            Some(starts) => self.placed.push(Placed {
                job,
                was,
                starts,
                refused,
            }),
            None => self.left_out.push(LeftOut { job, was, refused }),
        }
    }
}

fn narrowed(entry: &Entry, shorter: u32) -> Occupancy {
    let run = Occupancy::from(entry);
    let gap = entry.gap.saturating_sub(shorter).max(entry.gap.min(SHORTEST_GAP));
    Occupancy {
        clear: run.finishes + i64::from(gap) * 60,
        ..run
    }
}

/// The first minute to try: behind the run placed last.
fn follow(last: Option<Occupancy>, run: &Occupancy, from: DateTime<Utc>) -> i64 {
    match last {
        None => ceil(from.timestamp()),
        Some(l) if l.meets(run) => ceil(l.clear),
        Some(l) => l.minute() + 1,
    }
}

/// Its predecessor is one of those left out, and no other run of that job stands.
fn waits_in_vain(run: &Occupancy, runs: &[Occupancy], left_out: &[LeftOut]) -> bool {
    run.after
        .is_some_and(|job| left_out.iter().any(|l| l.job == job) && !runs.iter().any(|o| o.job == job))
}

fn vain(run: &Occupancy) -> Free {
    Free {
        starts: None,
        refused: run
            .after
            .and_then(|job| early(run, job, None))
            .into_iter()
            .collect(),
    }
}

/// The given order, but a run that comes after another one of them stands behind it. A ring has no such order:
/// there the first of it goes first.
fn predecessors_first(mut left: Vec<&Entry>) -> Vec<&Entry> {
    let mut order = Vec::with_capacity(left.len());
    let mut to_come: HashMap<i64, usize> = HashMap::new();
    for entry in &left {
        *to_come.entry(entry.job).or_default() += 1;
    }
    while !left.is_empty() {
        let comes = |job| to_come.get(&job).is_some_and(|n| *n > 0);
        let waits = |e: &&Entry| e.after.is_some_and(|a| a != e.job && comes(a));
        let next = left.iter().position(|e| !waits(e)).unwrap_or(0);
        let entry = left.remove(next);
        to_come.entry(entry.job).and_modify(|n| *n -= 1);
        order.push(entry);
    }
    order
}

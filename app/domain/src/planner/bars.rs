//! The starts that a run may not have: every obstacle of the day, turned into a span of forbidden minutes.

use super::{
    clash::Clash,
    clashes::{blocked, early, merged, outside},
    day::{Blocked, Window},
    occupancy::{Occupancy, predecessor},
};

/// Beyond every minute that a calendar knows.
pub(super) const FAR: i64 = i64::MAX / 128;

/// What forbids a start.
#[derive(Clone, Copy, Debug)]
enum Obstacle {
    /// An occupancy, by its place in [`Around::runs`].
    Run(usize),
    /// A blocked window, by its place in [`Around::blocked`].
    Blocked(usize),
    /// One of the sets of windows the run must lie in, by its place in [`Around::limits`].
    Outside(usize),
    /// It would start before its predecessor has finished.
    Predecessor,
    /// This follower would start before it has finished.
    Follower(usize),
}

/// Minutes since 1970 at which the run may not start, both ends included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    pub from: i64,
    pub until: i64,
    obstacle: Obstacle,
}

impl Bar {
    /// The same bar if time ran backwards.
    pub fn mirrored(self) -> Self {
        Self {
            from: -self.until,
            until: -self.from,
            ..self
        }
    }
}

/// What stands around a run that looks for its place.
pub(super) struct Around<'a> {
    /// The runs that stay where they are, in the order of their starts.
    pub runs: &'a [Occupancy],
    pub blocked: &'a [Blocked],
    /// The run must lie within a window of each of these sets; an empty set allows everything.
    pub limits: Vec<Vec<Window>>,
}

impl<'a> Around<'a> {
    pub fn new(runs: &'a [Occupancy], blocked: &'a [Blocked], limits: &[&[Window]]) -> Self {
        Self {
            runs,
            blocked,
            limits: limits.iter().map(|set| merged(set)).collect(),
        }
    }

    /// Every span of forbidden starts of `run`, in no order; they may overlap each other.
    pub fn bars(&self, run: &Occupancy) -> Vec<Bar> {
        let mut bars = Vec::with_capacity(self.runs.len() + self.blocked.len() + 4);
        for (i, other) in self.runs.iter().enumerate() {
            let (from, until) = beside(run, other);
            add(&mut bars, from, until, Obstacle::Run(i));
        }
        for (i, window) in self.blocked.iter().enumerate() {
            let (from, until) = (window.from.timestamp(), window.until.timestamp());
            if from <= until {
                let first = ceil(from) - run.length();
                add(&mut bars, first, until.div_euclid(60), Obstacle::Blocked(i));
            }
        }
        for (i, windows) in self.limits.iter().enumerate() {
            without(&mut bars, windows, run.length(), Obstacle::Outside(i));
        }
        self.predecessors(run, &mut bars);
        self.followers(run, &mut bars);
        bars
    }

    fn predecessors(&self, run: &Occupancy, bars: &mut Vec<Bar>) {
        let Some(job) = run.after else { return };
        for (n, other) in self.runs.iter().filter(|o| o.job == job).enumerate() {
            // before the first of the day there is none to wait for but the first itself
            let from = if n == 0 { -FAR } else { ceil(other.starts) };
            let until = ceil(other.finishes) - 1;
            add(bars, from, until, Obstacle::Predecessor);
        }
    }

    fn followers(&self, run: &Occupancy, bars: &mut Vec<Bar>) {
        let waits = |o: &Occupancy| o.after == Some(run.job);
        let first = self.runs.iter().find(|o| o.job == run.job);
        for (i, follower) in self.runs.iter().enumerate().filter(|(_, o)| waits(o)) {
            // once another run of the job came before the follower, a later one does not concern it
            let until = first.map_or(FAR, |f| f.minute().max(follower.minute()));
            let from = follower.minute() - run.length() + 1;
            add(bars, from, until, Obstacle::Follower(i));
        }
    }

    /// Why `run`, as it stands, may not start there.
    pub fn why(&self, bar: &Bar, run: &Occupancy) -> Option<Clash> {
        match bar.obstacle {
            Obstacle::Run(i) => {
                let other = &self.runs[i];
                if other.starts <= run.starts {
                    other.against(run)
                } else {
                    run.against(other)
                }
            }
            Obstacle::Blocked(i) => blocked(run, &self.blocked[i]),
            Obstacle::Outside(i) => outside(run, &self.limits[i]),
            Obstacle::Predecessor => {
                let job = run.after?;
                let earlier = predecessor(self.runs.iter().copied(), job, run.starts);
                early(run, job, earlier.as_ref())
            }
            Obstacle::Follower(i) => early(&self.runs[i], run.job, Some(run)),
        }
    }
}

/// Forbidden starts beside another run: none may come so late that its gap reaches into the other, nor so early
/// that it starts inside the other's. Out of each other's way they only may not share a minute.
fn beside(run: &Occupancy, other: &Occupancy) -> (i64, i64) {
    if run.meets(other) {
        (other.minute() - run.whole() + 1, ceil(other.clear) - 1)
    } else {
        (other.minute(), other.minute())
    }
}

/// Forbids every start but those that leave a run of so many minutes inside one of `windows`.
fn without(bars: &mut Vec<Bar>, windows: &[Window], length: i64, obstacle: Obstacle) {
    if windows.is_empty() {
        return;
    }
    let mut next = -FAR;
    for w in windows {
        let first = ceil(w.from.timestamp());
        let last = w.until.timestamp().div_euclid(60) - length;
        if first <= last {
            add(bars, next, first - 1, obstacle);
            next = last + 1;
        }
    }
    add(bars, next, FAR, obstacle);
}

fn add(bars: &mut Vec<Bar>, from: i64, until: i64, obstacle: Obstacle) {
    if from <= until {
        bars.push(Bar {
            from,
            until,
            obstacle,
        });
    }
}

/// The first full minute that is not before an instant.
pub(super) fn ceil(seconds: i64) -> i64 {
    -(-seconds).div_euclid(60)
}

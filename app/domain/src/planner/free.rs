//! Room for one more run, and why it is not earlier (J28): first fit that knows how long the run takes.

use super::{
    bars::{Around, Bar, FAR, ceil},
    clash::{Clash, Rule, With},
    day::{Day, Entry, Window},
    occupancy::{Occupancy, instant},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The answer to a wish for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Free {
    /// A full minute that breaks no rule; `None` when the day has none.
    pub starts: Option<DateTime<Utc>>,
    /// Why not sooner: each time that was tried before it, with the obstacle that reaches furthest. One side of each
    /// clash is the run itself, as it would stand at that time.
    pub refused: Vec<Clash>,
}

/// The free time nearest to `around`; of two equally near the later one, for what a run reads is rather there then.
///
/// `refused` is in the order of distance: `around` first, then the times after and before it at which an obstacle
/// ends, as far as the answer lies. The entry's own place in the day is not in its way. A pinned entry is given no
/// time: the only refusal is [`Rule::Pinned`].
pub fn find_free(day: &Day, entry: &Entry, around: DateTime<Utc>) -> Free {
    if entry.pinned {
        return pinned(entry);
    }
    let (runs, run) = (others(day, entry), Occupancy::from(entry));
    let around_it = Around::new(&runs, &day.blocked, &[&[day.limits()], &entry.allowed]);
    let wish = ceil(around.timestamp());
    let bars = around_it.bars(&run);
    let later = sweep(bars.clone(), wish);
    let earlier = sweep(bars.into_iter().map(Bar::mirrored).collect(), -wish).mirrored();
    let distance = |minute: i64| (minute - wish).abs();
    let starts = match (later.found, earlier.found) {
        (Some(l), Some(e)) if distance(e) < distance(l) => Some(e),
        (l, e) => l.or(e),
    };
    // both sweeps begin at the wish
    let mut tried: Vec<(i64, Bar)> = later.tried;
    tried.extend(earlier.tried.into_iter().skip(1));
    tried.retain(|(minute, _)| starts.is_none_or(|s| distance(*minute) <= distance(s)));
    tried.sort_by_key(|(minute, _)| distance(*minute));
    Free {
        starts: starts.map(|m| instant(m * 60)),
        refused: reasons(&around_it, run, &tried),
    }
}

/// The first free time that is not before `from`; `refused` is in the order of time. Else as [`find_free`].
pub fn first_free(day: &Day, entry: &Entry, from: DateTime<Utc>) -> Free {
    if entry.pinned {
        return pinned(entry);
    }
    let runs = others(day, entry);
    let limits: [&[Window]; 2] = [&[day.limits()], &entry.allowed];
    let around = Around::new(&runs, &day.blocked, &limits);
    first_fit(&around, Occupancy::from(entry), ceil(from.timestamp()))
}

/// The first minute from `from` on at which `run` breaks no rule.
pub(super) fn first_fit(around: &Around, run: Occupancy, from: i64) -> Free {
    let swept = sweep(around.bars(&run), from);
    Free {
        starts: swept.found.map(|m| instant(m * 60)),
        refused: reasons(around, run, &swept.tried),
    }
}

fn pinned(entry: &Entry) -> Free {
    Free {
        starts: None,
        refused: vec![Clash {
            rule: Rule::Pinned,
            run: Occupancy::from(entry).party(),
            with: With::Itself,
            minutes: 0,
        }],
    }
}

/// Every run of the day but the entry's own, in the order of their starts.
fn others(day: &Day, entry: &Entry) -> Vec<Occupancy> {
    let others = day.entries.iter().filter(|e| !e.is(entry.job, entry.starts));
    let mut runs: Vec<Occupancy> = others.map(Occupancy::from).collect();
    runs.sort_by_key(|o| o.starts);
    runs
}

fn reasons(around: &Around, run: Occupancy, tried: &[(i64, Bar)]) -> Vec<Clash> {
    let why = |(minute, bar): &(i64, Bar)| around.why(bar, &run.at(*minute));
    tried.iter().filter_map(why).collect()
}

/// Minutes that were tried, and the bar across each.
struct Swept {
    found: Option<i64>,
    tried: Vec<(i64, Bar)>,
}

impl Swept {
    fn mirrored(self) -> Self {
        let turned = self
            .tried
            .into_iter()
            .map(|(minute, bar)| (-minute, bar.mirrored()));
        Self {
            found: self.found.map(|m| -m),
            tried: turned.collect(),
        }
    }
}

/// Steps from bar to bar until a minute is free. Costs one sort of the bars.
fn sweep(mut bars: Vec<Bar>, from: i64) -> Swept {
    bars.sort_unstable_by_key(|b| b.from);
    let mut tried = vec![];
    let mut minute = from;
    let mut reached = bars.iter().peekable();
    let mut across: Option<Bar> = None;
    while minute < FAR {
        while let Some(bar) = reached.next_if(|b| b.from <= minute) {
            across = across.filter(|a| a.until >= bar.until).or(Some(*bar));
        }
        let Some(bar) = across.filter(|a| a.until >= minute) else {
            return Swept {
                found: Some(minute),
                tried,
            };
        };
        tried.push((minute, bar));
        minute = bar.until + 1;
    }
    Swept { found: None, tried }
}

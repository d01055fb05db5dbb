//! What is known of connectors without asking them: how alive one is, when it comes, whether there are enough.
//!
//! Pure: spans of time come in, words and numbers go out (T16, T17, M1).

use serde::{Deserialize, Serialize};

/// How alive a connector is, by the age of its last call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Liveness {
    /// It missed three expected polls: lost, until it calls again.
    Silent,
    /// Later than the office's rhythm allows, but not yet given up.
    Late,
    /// Held back by a person, with a reason.
    Held,
    /// It was added and has never called.
    NeverSeen,
    /// It carries out tasks.
    Working,
    /// It calls in time and has nothing to do.
    Idle,
    /// Its token was revoked.
    ShutOut,
}

impl Liveness {
    /// Problems first: the order of lists.
    pub const ALL: [Self; 7] = [
        Self::Silent,
        Self::Late,
        Self::Held,
        Self::NeverSeen,
        Self::Working,
        Self::Idle,
        Self::ShutOut,
    ];

    /// The key in an address.
    pub fn key(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Late => "late",
            Self::Held => "held",
            Self::NeverSeen => "never_seen",
            Self::Working => "working",
            Self::Idle => "idle",
            Self::ShutOut => "shut_out",
        }
    }

    /// The word of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.key() == key)
    }
}

/// What decides how alive a connector is.
#[derive(Clone, Copy, Debug)]
pub struct Contact {
    /// Milliseconds since its last call; `None` when it never called.
    pub age: Option<u64>,
    /// Its token was revoked.
    pub revoked: bool,
    /// A person holds it back.
    pub held: bool,
    /// Tasks it has under lease.
    pub running: u32,
    /// It comes again after this many seconds at the latest.
    pub poll_to: u32,
    /// A lease lives this many seconds; one that works shows signs of life more often.
    pub lease_seconds: u32,
}

/// How alive a connector is. Silent is one that missed three expected polls.
pub fn liveness(c: &Contact) -> Liveness {
    let Some(age) = c.age else {
        return if c.revoked {
            Liveness::ShutOut
        } else {
            Liveness::NeverSeen
        };
    };
    match () {
        () if c.revoked => Liveness::ShutOut,
        () if c.held => Liveness::Held,
        () if age > silent_after(c) => Liveness::Silent,
        () if age > silent_after(c) / 2 => Liveness::Late,
        () if c.running > 0 => Liveness::Working,
        () => Liveness::Idle,
    }
}

/// Milliseconds without a call after which a connector counts as silent.
pub fn silent_after(c: &Contact) -> u64 {
    let polls = u64::from(c.poll_to) * 3000;
    // one whose hands are full does not ask for more, but keeps its leases alive
    if c.running > 0 {
        polls.max(u64::from(c.lease_seconds) * 1000)
    } else {
        polls
    }
}

/// Expected polls that did not come, by the age of the last call.
pub fn missed(age: u64, poll_to: u32) -> u64 {
    age / (u64::from(poll_to.max(1)) * 1000)
}

/// Free bytes below which a disk is too full, unless the operator says otherwise: one part in twenty, at least 1 GiB
/// and at most 5 GiB. A large disk is not full while years of work still fit on it.
pub fn low_disk(total: u64) -> u64 {
    (total / 20).clamp(1 << 30, 5 << 30)
}

/// Milliseconds that a bucket of the learned histograms stands for: 2^(b/4).
pub fn bucket_ms(bucket: i64) -> u64 {
    2f64.powf(bucket.clamp(0, 160) as f64 / 4.0).round() as u64
}

/// The value below which `percent` of a histogram of buckets lies, in milliseconds; `None` when it is empty.
/// Pairs are bucket and count, in any order.
pub fn percentile(histogram: &[(i64, i64)], percent: i64) -> Option<u64> {
    let mut sorted: Vec<_> = histogram.iter().filter(|(_, n)| *n > 0).copied().collect();
    sorted.sort_unstable();
    let total: i128 = sorted.iter().map(|(_, n)| i128::from(*n)).sum();
    let wanted = (total * i128::from(percent) + 99) / 100;
    let mut seen = 0;
    sorted
        .into_iter()
        .find(|(_, n)| {
            seen += i128::from(*n);
            seen >= wanted.max(1)
        })
        .map(|(bucket, _)| bucket_ms(bucket))
}

/// How long tasks of a sort usually take, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usual {
    /// Half of them are done by then.
    pub typical: u64,
    /// Nine in ten are.
    pub slow: u64,
}

/// What stands between a task and its pick-up.
#[derive(Clone, Copy, Debug)]
pub struct Backlog {
    /// Ready tasks before it that the same connectors can take.
    pub ahead: u32,
    /// Tasks that those connectors can run at once.
    pub hands: u32,
    /// Of these, the hands that are free.
    pub free: u32,
}

/// When a task is expected to be picked up, in seconds from now at the earliest and latest: the next visit, and
/// the rounds that the tasks before it take.
pub fn pick_up(visit: (u32, u32), poll: (u32, u32), b: Backlog, usual: Option<Usual>) -> (u32, u32) {
    let hands = b.hands.max(1);
    if b.ahead < b.free {
        return visit;
    }
    // each further round waits for a free hand: as long as a task takes, and until the next visit
    let rounds = 1 + (b.ahead - b.free.min(b.ahead)) / hands;
    let (quick, slow) = usual.map_or((0, 0), |u| (u.typical / 1000, u.slow / 1000));
    let add = |visit: u32, poll: u32, work: u64| {
        let round = u64::from(poll).max(work);
        (u64::from(visit) + u64::from(rounds) * round).min(u64::from(u32::MAX)) as u32
    };
    (
        add(visit.0, poll.0, quick),
        add(visit.1, poll.1, slow).max(visit.1),
    )
}

/// Five minutes of the past: what came in, and how much work it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Which five minutes since 1970 UTC.
    pub slot: i64,
    /// Tasks that were delivered.
    pub delivered: i64,
    /// Work that tasks took, in milliseconds.
    pub work_ms: i64,
}

/// Milliseconds of a slot.
pub const SLOT_MS: i64 = 300_000;
/// More tasks than this are replayed in bundles.
const MOST_STEPS: i64 = 20_000;

/// Whether there are enough connectors, judged by what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// Too little has happened to judge.
    TooEarly,
    /// The longest wait of the past is close to the poll rhythm itself.
    Enough {
        /// Connectors at work.
        connectors: u32,
        /// Longest wait, milliseconds.
        longest: u64,
    },
    /// One more would shorten the longest wait.
    OneMore {
        /// Connectors at work.
        connectors: u32,
        /// When the longest wait began, milliseconds since 1970 UTC.
        at: i64,
        /// Longest wait as it was, milliseconds.
        now: u64,
        /// The same with one more.
        then: u64,
    },
    /// One fewer would do as well.
    OneFewer {
        /// Connectors at work.
        connectors: u32,
        /// Longest wait with one fewer, milliseconds.
        longest: u64,
    },
}

/// Replays the past with `connectors` alike, one more and one fewer. `poll` is the office's range in seconds,
/// `hands` how many tasks one connector runs at once.
pub fn advise(load: &[Load], connectors: u32, poll: (u32, u32), hands: u32) -> Advice {
    let delivered: i64 = load.iter().map(|l| l.delivered).sum();
    if connectors == 0 || delivered < 20 {
        return Advice::TooEarly;
    }
    let waits = |n: u32| replay(load, n, poll, hands);
    let now = waits(connectors);
    let Some((at, longest)) = now.iter().copied().max_by_key(|(_, w)| *w) else {
        return Advice::TooEarly;
    };
    let more = waits(connectors + 1);
    let then = near(&more, at);
    let rhythm = u64::from(poll.1) * 1000;
    if longest > rhythm * 3 / 2 && then < longest * 4 / 5 {
        return Advice::OneMore {
            connectors,
            at,
            now: longest,
            then,
        };
    }
    let fewer = (connectors > 1).then(|| longest_of(&waits(connectors - 1)));
    match fewer {
        Some(f) if f <= rhythm => Advice::OneFewer {
            connectors,
            longest: f,
        },
        _ => Advice::Enough { connectors, longest },
    }
}

/// The longest wait within the hour around `at`.
fn near(waits: &[(i64, u64)], at: i64) -> u64 {
    let about = |t: i64| (t - at).abs() <= 3_600_000 / 2;
    let waits = waits.iter().filter(|(t, _)| about(*t));
    waits.map(|(_, w)| *w).max().unwrap_or(0)
}

fn longest_of(waits: &[(i64, u64)]) -> u64 {
    waits.iter().map(|(_, w)| *w).max().unwrap_or(0)
}

/// When each task (or bundle) came and how long it waited, both in milliseconds. Each connector comes once in a
/// poll's time, spread evenly, and takes what its free hands can carry.
pub fn replay(load: &[Load], connectors: u32, poll: (u32, u32), hands: u32) -> Vec<(i64, u64)> {
    let delivered: i64 = load.iter().map(|l| l.delivered).sum();
    let bundle = delivered / MOST_STEPS + 1;
    let step = i64::from(poll.0 + poll.1) * 500;
    let mut fleet: Vec<Vec<i64>> = vec![vec![i64::MIN; hands.max(1) as usize]; connectors.max(1) as usize];
    let mut visits: Vec<i64> = vec![];
    let mut waits = vec![];
    for (arrived, work, n) in arrivals(load, bundle) {
        if visits.is_empty() {
            let spread = step / i64::from(connectors.max(1));
            visits = (0..i64::from(connectors.max(1)))
                .map(|i| arrived + i * spread)
                .collect();
        }
        let (who, hand, at) = first_visit(&fleet, &visits, step, arrived);
        fleet[who][hand] = at + work * n;
        waits.push((arrived, (at - arrived) as u64));
    }
    waits
}

/// When tasks came, how long each takes, and how many of them: in the order of arrival.
fn arrivals(load: &[Load], bundle: i64) -> Vec<(i64, i64, i64)> {
    let mut sorted: Vec<_> = load.iter().filter(|l| l.delivered > 0).collect();
    sorted.sort_by_key(|l| l.slot);
    // work shows up when it is done, perhaps slots after the delivery: the mean of all is the fair guess
    let delivered: i64 = sorted.iter().map(|l| l.delivered).sum();
    let work = load.iter().map(|l| l.work_ms).sum::<i64>() / delivered.max(1);
    let mut all = vec![];
    for l in sorted {
        let bundles = (l.delivered + bundle - 1) / bundle;
        for i in 0..bundles {
            let at = l.slot * SLOT_MS + (2 * i + 1) * SLOT_MS / (2 * bundles);
            all.push((at, work, bundle.min(l.delivered - i * bundle)));
        }
    }
    all
}

/// The first visit after `arrived` of a connector with a free hand: which, which hand, when.
fn first_visit(fleet: &[Vec<i64>], first: &[i64], step: i64, arrived: i64) -> (usize, usize, i64) {
    let mut best = (0, 0, i64::MAX);
    for (who, hands) in fleet.iter().enumerate() {
        for (hand, free) in hands.iter().enumerate() {
            let from = arrived.max(*free);
            let late = (from - first[who]).max(0);
            let at = first[who] + (late + step - 1) / step * step;
            if at < best.2 {
                best = (who, hand, at);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    fn contact(age: Option<u64>) -> Contact {
        Contact {
            age,
            revoked: false,
            held: false,
            running: 0,
            poll_to: 600,
            lease_seconds: 120,
        }
    }

    #[test]
    fn liveness_is_the_age_of_the_last_call() {
        let of = |minutes: u64| liveness(&contact(Some(minutes * MINUTE)));
        assert_eq!(of(0), Liveness::Idle);
        assert_eq!(of(15), Liveness::Idle);
        assert_eq!(of(16), Liveness::Late);
        assert_eq!(of(30), Liveness::Late);
        assert_eq!(of(31), Liveness::Silent);
        assert_eq!(liveness(&contact(None)), Liveness::NeverSeen);
    }

    #[test]
    fn a_person_s_word_comes_before_the_clock() {
        let held = Contact {
            held: true,
            ..contact(Some(99 * MINUTE))
        };
        assert_eq!(liveness(&held), Liveness::Held);
        let out = Contact {
            revoked: true,
            ..held
        };
        assert_eq!(liveness(&out), Liveness::ShutOut);
        assert_eq!(
            liveness(&Contact {
                revoked: true,
                ..contact(None)
            }),
            Liveness::ShutOut
        );
    }

    #[test]
    fn one_that_works_need_not_poll_while_its_leases_live() {
        let busy = Contact {
            running: 1,
            poll_to: 8,
            ..contact(Some(50_000))
        };
        assert_eq!(liveness(&busy), Liveness::Working);
        assert_eq!(liveness(&Contact { running: 0, ..busy }), Liveness::Silent);
        assert_eq!(
            liveness(&Contact {
                age: Some(121_000),
                ..busy
            }),
            Liveness::Silent
        );
    }

    #[test]
    fn every_word_has_a_key_of_its_own() {
        for l in Liveness::ALL {
            assert_eq!(Liveness::from_key(l.key()), Some(l));
        }
        assert_eq!(Liveness::from_key("asleep"), None);
    }

    #[test]
    fn percentiles_of_buckets() {
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[(40, 0)], 50), None);
        // 2^10 = 1024 ms nine times, 2^20 once
        let h = [(80, 1), (40, 9)];
        assert_eq!(percentile(&h, 50), Some(1024));
        assert_eq!(percentile(&h, 90), Some(1024));
        assert_eq!(percentile(&h, 100), Some(1 << 20));
    }

    #[test]
    fn a_disk_is_low_by_its_share_within_bounds() {
        const GIB: u64 = 1 << 30;
        assert_eq!(low_disk(10 * GIB), GIB);
        assert_eq!(low_disk(60 * GIB), 3 * GIB);
        assert_eq!(low_disk(4000 * GIB), 5 * GIB);
    }

    #[test]
    fn pick_up_is_the_next_visit_when_a_hand_is_free() {
        let b = |ahead| Backlog {
            ahead,
            hands: 3,
            free: 3,
        };
        assert_eq!(pick_up((10, 20), (300, 600), b(2), None), (10, 20));
        // the fourth waits for another round
        assert_eq!(pick_up((10, 20), (300, 600), b(3), None), (310, 620));
        let usual = Usual {
            typical: 60_000,
            slow: 1_200_000,
        };
        assert_eq!(pick_up((10, 20), (300, 600), b(3), Some(usual)), (310, 1220));
    }

    /// A quiet day, and at nine `n` tasks of two minutes in half an hour.
    fn morning(n: i64) -> Vec<Load> {
        let nine = 12 * 9;
        (0..288)
            .map(|i| {
                let delivered = if (nine..nine + 6).contains(&i) { n / 6 } else { 1 };
                Load {
                    slot: 5_000_000 + i,
                    delivered,
                    work_ms: delivered * 120_000,
                }
            })
            .collect()
    }

    #[test]
    fn a_rush_asks_for_one_more_and_says_what_it_gains() {
        let Advice::OneMore {
            connectors,
            at,
            now,
            then,
        } = advise(&morning(60), 2, (300, 600), 3)
        else {
            panic!("{:?}", advise(&morning(60), 2, (300, 600), 3))
        };
        assert_eq!(connectors, 2);
        assert!(
            (9 * 12..9 * 12 + 12).contains(&(at / SLOT_MS - 5_000_000)),
            "{at}"
        );
        assert!(then < now && now > 15 * MINUTE, "{now} → {then}");
    }

    #[test]
    fn a_calm_week_is_enough_or_more_than_enough() {
        assert_eq!(advise(&[], 2, (300, 600), 3), Advice::TooEarly);
        assert_eq!(advise(&morning(6), 0, (300, 600), 3), Advice::TooEarly);
        assert!(matches!(
            advise(&morning(6), 1, (300, 600), 3),
            Advice::Enough { connectors: 1, .. }
        ));
        assert!(matches!(
            advise(&morning(6), 4, (300, 600), 3),
            Advice::OneFewer { connectors: 4, .. }
        ));
    }

    #[test]
    fn more_connectors_never_wait_longer_and_a_million_tasks_are_replayed_in_bundles() {
        let worst = |n| longest_of(&replay(&morning(60), n, (300, 600), 3));
        assert!(worst(1) >= worst(2) && worst(2) >= worst(4));
        let flood: Vec<Load> = (0..2016)
            .map(|slot| Load {
                slot,
                delivered: 500,
                work_ms: 1000,
            })
            .collect();
        assert!(replay(&flood, 2, (300, 600), 3).len() <= 25_000);
    }
}

//! The judge of the protocol's seven promises: random actions, and what must hold after each of them.
//!
//! The judge knows the rules as the protocol's page states them, not as the program computes them: it keeps a
//! flat list of tasks and their events and looks at all of them each time. What it judges is a [`Desk`]: the
//! pure core in memory (`app/domain/tests/promises.rs`) or the real store (`server/engine/tests/it/promises.rs`).
//!
//! `NACHTWACHT_SEEDS` sets how many histories are tried, `NACHTWACHT_FIRST_SEED` where to begin: a failure names
//! its seed, and the same seed gives the same history again.

use domain::{
    TaskState,
    event::{Happened, fold},
    failure::{Audience, OUTCOME_UNKNOWN},
    task::KindRules,
    view::Counts,
    wire::LeaseState,
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};
use std::collections::HashMap;

pub const DOSSIERS: u8 = 3;
pub const LEASE_MS: u64 = 120_000;
const REPEATED_CLAIMS: usize = 5;

/// One kind for each combination of rules that the catalogue has, and one that a connector recovers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Book,
    Delete,
    Synchronise,
    Activate,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Book, Self::Delete, Self::Synchronise, Self::Activate];

    #[allow(dead_code, reason = "only a real store asks for it")]
    pub fn key(self) -> &'static str {
        [
            "process_booking_proposal",
            "delete_booking_proposal",
            "synchronise_dossier",
            "activate_dossier",
        ][self as usize]
    }

    pub fn rules(self) -> KindRules {
        KindRules {
            holds: self == Self::Activate,
            repeatable: self == Self::Synchronise,
        }
    }
}

pub struct Connector {
    pub takes: &'static [Kind],
    pub recovers: &'static [Kind],
    pub max_parallel: u32,
}

/// One takes everything; the other less, two at a time, and looks before it deletes again.
pub const CONNECTORS: [Connector; 2] = [
    Connector {
        takes: &Kind::ALL,
        recovers: &[],
        max_parallel: 100,
    },
    Connector {
        takes: &[Kind::Book, Kind::Delete, Kind::Synchronise],
        recovers: &[Kind::Delete],
        max_parallel: 2,
    },
];

/// How a connector says an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    Succeeded,
    /// A code worth another try, Support's in the end.
    Retry,
    /// A code that the office acts on.
    Office,
    /// A code that nobody knows.
    Unknown,
    Released,
}

#[derive(Clone, Debug)]
pub struct New {
    pub dossier: u8,
    pub kind: Kind,
    pub subject: Option<u8>,
    pub after: Option<i64>,
    pub key: Option<u8>,
}

/// A place in a list whose length is not known yet.
type Pick = u16;

#[derive(Clone, Debug)]
pub enum Action {
    Deliver(Vec<Draft>),
    Claim {
        connector: u8,
        max: u8,
    },
    /// A connector that lost the answer asks again with the same request id.
    ClaimAgain {
        back: u8,
    },
    /// `back`: 0 is the last grant; older ones are late. `stranger`: the other connector sends it.
    Report {
        back: Pick,
        word: Word,
        stranger: bool,
    },
    Extend {
        connector: u8,
    },
    Pass {
        seconds: u16,
    },
    Jump {
        seconds: i32,
    },
    Restart {
        task: Pick,
    },
    /// Somebody takes a restart back; mostly of a task that was restarted once.
    Undo {
        task: Pick,
    },
    /// Mostly of a stopped task.
    HandOver {
        task: Pick,
        to: Audience,
    },
    /// Mostly of a stopped task.
    Mark {
        task: Pick,
        mark: Mark,
    },
    Cancel {
        task: Pick,
        followers: bool,
    },
    Reopen,
}

/// What people say of a stopped task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Urgent,
    Snoozed,
}

#[derive(Clone, Debug)]
pub struct Draft {
    dossier: u8,
    kind: Kind,
    subject: Option<u8>,
    after: Option<Pick>,
    key: Option<u8>,
}

fn draft() -> impl Strategy<Value = Draft> {
    let kind = prop_oneof![4 => Just(Kind::Book), 2 => Just(Kind::Delete), 3 => Just(Kind::Synchronise), 2 => Just(Kind::Activate)];
    let subject = prop::option::weighted(0.5, 0u8..2);
    let after = prop::option::weighted(0.2, any::<Pick>());
    let key = prop::option::weighted(0.2, 0u8..6);
    (0..DOSSIERS, kind, subject, after, key).prop_map(|(dossier, kind, subject, after, key)| Draft {
        dossier,
        kind,
        subject,
        after,
        key,
    })
}

fn action() -> impl Strategy<Value = Action> {
    let word = prop_oneof![
        4 => Just(Word::Succeeded),
        3 => Just(Word::Retry),
        3 => Just(Word::Office),
        2 => Just(Word::Unknown),
        3 => Just(Word::Released)
    ];
    // mostly the latest grants, so that most reports come in time
    let back = prop_oneof![6 => 0u16..3, 2 => 0u16..12];
    let seconds = prop_oneof![
        Just(1u16),
        Just(29),
        Just(40),
        Just(119),
        Just(121),
        Just(300),
        Just(2200)
    ];
    let audience = prop_oneof![Just(Audience::Office), Just(Audience::Support)];
    let mark = prop_oneof![Just(Mark::Urgent), Just(Mark::Snoozed)];
    prop_oneof![
        6 => prop::collection::vec(draft(), 1..4).prop_map(Action::Deliver),
        8 => (0u8..2, 1u8..4).prop_map(|(connector, max)| Action::Claim { connector, max }),
        1 => (0..REPEATED_CLAIMS as u8).prop_map(|back| Action::ClaimAgain { back }),
        10 => (back, word, prop::bool::weighted(0.06)).prop_map(|(back, word, stranger)| Action::Report { back, word, stranger }),
        2 => (0u8..2).prop_map(|connector| Action::Extend { connector }),
        4 => seconds.prop_map(|seconds| Action::Pass { seconds }),
        1 => (-100_000i32..100_000).prop_map(|seconds| Action::Jump { seconds }),
        3 => any::<Pick>().prop_map(|task| Action::Restart { task }),
        3 => any::<Pick>().prop_map(|task| Action::Undo { task }),
        2 => (any::<Pick>(), audience).prop_map(|(task, to)| Action::HandOver { task, to }),
        1 => (any::<Pick>(), mark).prop_map(|(task, mark)| Action::Mark { task, mark }),
        2 => (any::<Pick>(), any::<bool>()).prop_map(|(task, followers)| Action::Cancel { task, followers }),
        1 => Just(Action::Reopen),
    ]
}

/// A task handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub task: i64,
    pub attempt: u32,
    pub lease: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Took(TaskState),
    Stale,
    Conflict,
}

/// A task as it stands, with all that happened to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub id: i64,
    pub state: TaskState,
    pub events: Vec<Happened>,
    /// What a stopped task says it stopped with.
    pub shown: Option<String>,
    /// The failure of before a restart is kept, out of sight.
    pub set_aside: bool,
    /// Somebody said something of it that still holds.
    pub marked: bool,
    /// What was said, and since when the task stands where it stands.
    pub memo: String,
}

#[derive(Clone, Debug, PartialEq, Default)]
pub struct Picture {
    pub tasks: Vec<Seen>,
    pub counts: Counts,
}

/// What is judged. `connector` is a place in [`CONNECTORS`].
pub trait Desk {
    /// Number, and whether it was a duplicate; `None` when the delivery was refused.
    fn deliver(&mut self, tasks: &[New]) -> Option<Vec<(i64, bool)>>;
    fn claim(&mut self, connector: usize, request: &str, max: u32) -> Vec<Grant>;
    fn report(&mut self, connector: usize, task: i64, lease: &str, word: Word) -> Answer;
    fn extend(&mut self, connector: usize, leases: &[(i64, String)]) -> Vec<LeaseState>;
    /// Time passes, and what it brings is done.
    fn pass(&mut self, ms: u64);
    /// Somebody sets the wall clock.
    fn jump(&mut self, ms: i64);
    fn restart(&mut self, task: i64) -> bool;
    fn undo(&mut self, task: i64) -> bool;
    fn hand_over(&mut self, task: i64, to: Audience) -> bool;
    fn mark(&mut self, task: i64, mark: Mark) -> bool;
    fn cancel(&mut self, task: i64, followers: bool) -> bool;
    /// The program ends and starts again.
    fn reopen(&mut self);
    fn picture(&mut self) -> Picture;
    /// Why each queued task waits, and at which place; equal before and after a restart.
    fn lanes(&mut self, queued: &[i64]) -> Vec<String>;
    /// The connector of an event, as a place in [`CONNECTORS`].
    fn connector(&self, id: i64) -> usize;
}

/// What was delivered, and until when it rests or its lease lives.
#[derive(Clone, Debug)]
struct Fact {
    dossier: u8,
    kind: Kind,
    subject: Option<u8>,
    after: Option<i64>,
    until: u64,
}

/// Where a task's events say it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Standing {
    state: TaskState,
    tries: u8,
    releases: u8,
    attempts: u32,
    open: bool,
    cancel_asked: bool,
    rests: bool,
}

fn standing(events: &[Happened]) -> Standing {
    let state = TaskState::Queued;
    let start = Standing {
        state,
        tries: 0,
        releases: 0,
        attempts: 0,
        open: false,
        cancel_asked: false,
        rests: false,
    };
    events.iter().fold(start, |s, happened| {
        let to = |state| Standing {
            state,
            rests: false,
            ..s
        };
        let closed = |state| Standing {
            open: false,
            ..to(state)
        };
        match happened {
            Happened::Delivered => to(TaskState::Queued),
            Happened::Claimed { attempt, .. } => Standing {
                tries: s.tries.saturating_add(1),
                attempts: *attempt,
                open: true,
                ..to(TaskState::Running)
            },
            Happened::Succeeded { .. } => closed(TaskState::Succeeded),
            Happened::Retrying { .. } => Standing {
                releases: 0,
                rests: true,
                ..closed(TaskState::Queued)
            },
            Happened::ActionRequired { .. } => Standing {
                releases: 0,
                ..closed(TaskState::ActionRequired)
            },
            Happened::Failed { failure, .. } if failure.code == OUTCOME_UNKNOWN => to(TaskState::Failed),
            Happened::Failed { .. } => Standing {
                releases: 0,
                ..closed(TaskState::Failed)
            },
            Happened::Released { .. } => Standing {
                releases: s.releases + 1,
                tries: s.tries.saturating_sub(1),
                rests: true,
                ..closed(TaskState::Queued)
            },
            Happened::LeaseOver { .. } => to(TaskState::Queued),
            Happened::Restarted { .. } => Standing {
                tries: 0,
                releases: 0,
                cancel_asked: false,
                ..closed(TaskState::Queued)
            },
            Happened::CancelAsked { .. } => Standing {
                cancel_asked: true,
                ..s
            },
            Happened::Cancelled { .. } | Happened::CancelledRunning { .. } => closed(TaskState::Cancelled),
            // the restart closed the last attempt, and it stays closed
            Happened::Undone { to: stood, .. } => to(*stood),
            Happened::HandedOver { to: side, .. } => to(side.state()),
            Happened::Instructed { .. } => to(TaskState::ActionRequired),
            Happened::Corrected { .. }
            | Happened::Confirmed { .. }
            | Happened::Contradicted { .. }
            | Happened::Late { .. }
            | Happened::Taken { .. }
            | Happened::Urgent { .. }
            | Happened::Snoozed { .. } => s,
        }
    })
}

/// Says no with the name of the check that failed.
macro_rules! ensure {
    ($check:literal, $holds:expr, $($more:tt)+) => {
        if !$holds {
            return Err(format!("{}: {}", $check, format!($($more)+)));
        }
    };
}

#[derive(Default)]
struct Judge {
    facts: HashMap<i64, Fact>,
    order: Vec<i64>,
    keys: HashMap<u8, (i64, u8, Kind)>,
    grants: Vec<(usize, Grant)>,
    requests: Vec<(usize, String, Vec<Grant>)>,
    reports: HashMap<(i64, u32), Word>,
    asked: u32,
    mono: u64,
    last: Picture,
    /// What each restarted task showed before its last restart.
    before_restart: HashMap<i64, Seen>,
    /// How many events each task had when the program last started again.
    before_reopen: HashMap<i64, usize>,
}

impl Judge {
    fn seen(&self, id: i64) -> &Seen {
        self.last
            .tasks
            .iter()
            .find(|t| t.id == id)
            .expect("every delivered task is seen")
    }

    fn stands(&self, id: i64) -> Standing {
        standing(&self.seen(id).events)
    }

    fn pick(&self, pick: Pick) -> Option<i64> {
        (!self.order.is_empty()).then(|| self.order[usize::from(pick) % self.order.len()])
    }

    /// One of those that `fits`, three times out of four and if there are any; else any.
    fn pick_where(&self, pick: Pick, fits: impl Fn(&Seen) -> bool) -> Option<i64> {
        let fitting: Vec<i64> = self.last.tasks.iter().filter(|t| fits(t)).map(|t| t.id).collect();
        if fitting.is_empty() || pick.is_multiple_of(4) {
            return self.pick(pick);
        }
        Some(fitting[usize::from(pick) % fitting.len()])
    }

    /// Delivered to follow a task that is not concluded, or a later one of its subject.
    fn is_for_earlier(&self, states: &HashMap<i64, TaskState>, id: i64) -> bool {
        let fact = &self.facts[&id];
        let same_subject = |e: &i64| {
            let f = &self.facts[e];
            *e < id && f.dossier == fact.dossier && f.subject.is_some() && f.subject == fact.subject
        };
        fact.after.is_some_and(|a| states[&a].is_open())
            || self.order.iter().any(|e| same_subject(e) && states[e].is_open())
    }

    /// May not start because of its own dossier; the sentence names the promise that says so.
    fn in_the_way(&self, states: &HashMap<i64, TaskState>, id: i64) -> Option<String> {
        let fact = &self.facts[&id];
        let mates: Vec<i64> = self
            .order
            .iter()
            .copied()
            .filter(|m| *m != id && self.facts[m].dossier == fact.dossier)
            .collect();
        if let Some(m) = mates.iter().find(|m| states[m] == TaskState::Running) {
            return Some(format!("one running per dossier: {id} beside {m}"));
        }
        let holds = |m: &&i64| **m < id && states[m].is_stopped() && self.facts[m].kind.rules().holds;
        if let Some(m) = mates.iter().find(holds) {
            return Some(format!(
                "nothing starts after a failed holding task: {id} after {m}"
            ));
        }
        if self.is_for_earlier(states, id) {
            return Some(format!("a follower waits for what it follows: {id}"));
        }
        let before =
            |m: &&i64| **m < id && states[m] == TaskState::Queued && !self.is_for_earlier(states, **m);
        if let Some(m) = mates.iter().find(before) {
            return Some(format!("order of delivery within a dossier: {id} before {m}"));
        }
        (fact.until > self.mono).then(|| format!("a failed try rests before the next: {id}"))
    }

    fn states(&self) -> HashMap<i64, TaskState> {
        self.last.tasks.iter().map(|t| (t.id, t.state)).collect()
    }

    /// What holds at any time, and that nothing but `touched` changed since the last look.
    fn look(&mut self, new: Picture, touched: &[i64]) -> Result<(), String> {
        let mut counts = Counts::default();
        let mut running = HashMap::new();
        for t in &new.tasks {
            *counts.of(t.state) += 1;
            ensure!(
                "state is the fold of the events",
                fold(&t.events) == Some(t.state),
                "{t:?}"
            );
            ensure!(
                "state is what the events say",
                standing(&t.events).state == t.state,
                "{t:?}"
            );
            ensure!(
                "a stopped task says why, and no other",
                t.shown.is_some() == t.state.is_stopped(),
                "{t:?}"
            );
            ensure!(
                "only a task that goes on has something set aside",
                !t.set_aside || matches!(t.state, TaskState::Queued | TaskState::Running),
                "{t:?}"
            );
            ensure!(
                "only stopped tasks are marked",
                !t.marked || t.state.is_stopped(),
                "{t:?}"
            );
            if t.state == TaskState::Running {
                let other = running.insert(self.facts[&t.id].dossier, t.id);
                ensure!(
                    "one running per dossier",
                    other.is_none(),
                    "{} beside {other:?}",
                    t.id
                );
            }
        }
        ensure!(
            "counts are the rows",
            counts == new.counts,
            "{counts:?} and {:?}",
            new.counts
        );
        ensure!(
            "what was answered is there",
            new.tasks.len() == self.order.len(),
            "{} tasks of {}",
            new.tasks.len(),
            self.order.len()
        );
        for old in &self.last.tasks {
            let now = new.tasks.iter().find(|t| t.id == old.id);
            ensure!("what was answered is there", now.is_some(), "{} is gone", old.id);
            let now = now.expect("just looked");
            ensure!(
                "history only grows",
                now.events.starts_with(&old.events),
                "{old:?} became {now:?}"
            );
            if !old.state.is_open() {
                ensure!(
                    "concluded exactly once",
                    now.state == old.state,
                    "{old:?} became {now:?}"
                );
            }
            if !touched.contains(&old.id) {
                ensure!("nothing else changes", now == old, "{old:?} became {now:?}");
            }
        }
        self.last = new;
        Ok(())
    }

    /// Does one action on the desk and judges what came of it.
    fn act(&mut self, desk: &mut impl Desk, action: &Action) -> Result<(), String> {
        match action {
            Action::Deliver(drafts) => self.deliver(desk, drafts),
            Action::Claim { connector, max } => self.claim(desk, usize::from(*connector), u32::from(*max)),
            Action::ClaimAgain { back } => self.claim_again(desk, usize::from(*back)),
            Action::Report { back, word, stranger } => {
                self.report(desk, usize::from(*back), *word, *stranger)
            }
            Action::Extend { connector } => self.extend(desk, usize::from(*connector)),
            Action::Pass { seconds } => self.pass(desk, u64::from(*seconds) * 1000),
            Action::Jump { seconds } => {
                desk.jump(i64::from(*seconds) * 1000);
                desk.pass(0);
                let picture = desk.picture();
                ensure!(
                    "a wall clock's jump changes nothing",
                    picture == self.last,
                    "{picture:?}"
                );
                Ok(())
            }
            Action::Restart { task } => self.restart(desk, *task),
            Action::Undo { task } => self.undo(desk, *task),
            Action::HandOver { task, to } => self.hand_over(desk, *task, *to),
            Action::Mark { task, mark } => self.mark(desk, *task, *mark),
            Action::Cancel { task, followers } => self.cancel(desk, *task, *followers),
            Action::Reopen => self.reopen(desk),
        }
    }

    fn deliver(&mut self, desk: &mut impl Desk, drafts: &[Draft]) -> Result<(), String> {
        let after = |d: &Draft| {
            let mates: Vec<i64> = self
                .order
                .iter()
                .copied()
                .filter(|t| self.facts[t].dossier == d.dossier)
                .collect();
            d.after
                .filter(|_| !mates.is_empty())
                .map(|a| mates[usize::from(a) % mates.len()])
        };
        let tasks: Vec<New> = drafts
            .iter()
            .map(|d| New {
                dossier: d.dossier,
                kind: d.kind,
                subject: d.subject,
                after: after(d),
                key: d.key,
            })
            .collect();
        // what a key names: a task that is there, or the one at this place of the delivery
        let mut keys = self.keys.clone();
        let mut next = self.order.last().map_or(1, |l| l + 1);
        let mut expected = vec![];
        let mut refused = false;
        for t in &tasks {
            let known = t.key.and_then(|k| keys.get(&k).copied());
            match known {
                Some((id, dossier, kind)) if (dossier, kind) == (t.dossier, t.kind) => {
                    expected.push((id, true));
                }
                Some(_) => refused = true,
                None => {
                    expected.push((next, false));
                    if let Some(k) = t.key {
                        keys.insert(k, (next, t.dossier, t.kind));
                    }
                    next += 1;
                }
            }
        }
        let got = desk.deliver(&tasks);
        let expected = (!refused).then_some(expected);
        ensure!(
            "a key names one task",
            got == expected,
            "{got:?} instead of {expected:?} for {tasks:?}"
        );
        if let Some(expected) = expected {
            self.keys = keys;
            for (t, (id, duplicate)) in tasks.iter().zip(expected) {
                if !duplicate {
                    let fact = Fact {
                        dossier: t.dossier,
                        kind: t.kind,
                        subject: t.subject,
                        after: t.after,
                        until: 0,
                    };
                    self.facts.insert(id, fact);
                    self.order.push(id);
                }
            }
        }
        let picture = desk.picture();
        self.look(picture, &[])
    }

    fn room(&self, desk: &impl Desk, connector: usize) -> u32 {
        let holder = |t: &&Seen| {
            t.state == TaskState::Running
                && t.events.iter().rev().find_map(|e| match e {
                    Happened::Claimed { connector, .. } => Some(desk.connector(*connector)),
                    _ => None,
                }) == Some(connector)
        };
        let held = self.last.tasks.iter().filter(holder).count() as u32;
        CONNECTORS[connector].max_parallel.saturating_sub(held)
    }

    fn claim(&mut self, desk: &mut impl Desk, connector: usize, max: u32) -> Result<(), String> {
        self.asked += 1;
        let request = format!("request {}", self.asked);
        let room = self.room(desk, connector).min(max) as usize;
        let grants = desk.claim(connector, &request, max);
        ensure!(
            "no more than asked for and than it can run",
            grants.len() <= room,
            "{grants:?} of {room}"
        );
        let mut states = self.states();
        for g in &grants {
            ensure!(
                "only waiting tasks start",
                states[&g.task] == TaskState::Queued,
                "{g:?}"
            );
            if let Some(why) = self.in_the_way(&states, g.task) {
                return Err(why);
            }
            ensure!(
                "only matching tasks are handed out",
                self.takes(connector, g.task),
                "{g:?}"
            );
            let older = self.startable(desk, &states, connector).filter(|t| *t < g.task);
            ensure!(
                "across dossiers the oldest first",
                older.is_none(),
                "{} before {older:?}",
                g.task
            );
            let attempt = self.stands(g.task).attempts + 1;
            ensure!(
                "attempts are counted",
                g.attempt == attempt,
                "{g:?} should be {attempt}"
            );
            let used = self
                .grants
                .iter()
                .any(|(_, o)| o.task == g.task && o.lease == g.lease);
            ensure!("a lease is new", !used, "{g:?}");
            states.insert(g.task, TaskState::Running);
        }
        if grants.len() < room {
            let left = self.startable(desk, &states, connector);
            ensure!(
                "what may start is handed out",
                left.is_none(),
                "{left:?} was left"
            );
        }
        let touched: Vec<i64> = grants.iter().map(|g| g.task).collect();
        for g in &grants {
            self.facts.get_mut(&g.task).expect("delivered").until = self.mono + LEASE_MS;
            self.grants.push((connector, g.clone()));
        }
        if !grants.is_empty() {
            self.requests.push((connector, request, grants));
        }
        let picture = desk.picture();
        self.look(picture, &touched)?;
        let wrong = self.states() != states;
        ensure!(
            "a claim is a claim",
            !wrong,
            "{:?} instead of {states:?}",
            self.states()
        );
        Ok(())
    }

    fn takes(&self, connector: usize, task: i64) -> bool {
        CONNECTORS[connector].takes.contains(&self.facts[&task].kind)
    }

    /// It let the lease of this task lapse since the program started, and another could take it now: whether it is passed
    /// over is the desk's to say.
    fn may_be_left(&self, desk: &impl Desk, connector: usize, task: i64) -> bool {
        let events = &self.seen(task).events;
        let claimed = events.iter().rev().find_map(|e| match e {
            Happened::Claimed { connector, .. } => Some(desk.connector(*connector)),
            _ => None,
        });
        let mut others = (0..CONNECTORS.len()).filter(|c| *c != connector);
        let last = events
            .iter()
            .rposition(|e| !matches!(e, Happened::Contradicted { .. } | Happened::Late { .. }));
        let lapsed = |at: usize| {
            let before = self.before_reopen.get(&task).copied().unwrap_or(0);
            at >= before && matches!(events[at], Happened::LeaseOver { .. })
        };
        last.is_some_and(lapsed)
            && claimed == Some(connector)
            && others.any(|c| self.takes(c, task) && self.room(desk, c) > 0)
    }

    /// The oldest task that must start now for this connector.
    fn startable(&self, desk: &impl Desk, states: &HashMap<i64, TaskState>, connector: usize) -> Option<i64> {
        let may = |t: &&i64| {
            states[t] == TaskState::Queued
                && !self.may_be_left(desk, connector, **t)
                && self.takes(connector, **t)
                && self.in_the_way(states, **t).is_none()
        };
        self.order.iter().find(may).copied()
    }

    fn claim_again(&mut self, desk: &mut impl Desk, back: usize) -> Result<(), String> {
        let Some((connector, request, grants)) = self.requests.iter().rev().nth(back).cloned() else {
            return Ok(());
        };
        let lives = |g: &&Grant| {
            let s = self.stands(g.task);
            s.state == TaskState::Running && s.attempts == g.attempt
        };
        let expected: Vec<Grant> = grants.iter().filter(lives).cloned().collect();
        if expected.is_empty() {
            // such an answer may be forgotten: the request is then a new one
            return Ok(());
        }
        let got = desk.claim(connector, &request, 100);
        ensure!(
            "a repeated request gives the same leases",
            got == expected,
            "{got:?} instead of {expected:?}"
        );
        let picture = desk.picture();
        self.look(picture, &[])
    }

    fn report(
        &mut self,
        desk: &mut impl Desk,
        back: usize,
        word: Word,
        stranger: bool,
    ) -> Result<(), String> {
        let Some((holder, g)) = self.grants.iter().rev().nth(back).cloned() else {
            return Ok(());
        };
        let by = if stranger { 1 - holder } else { holder };
        let before = self.stands(g.task);
        let current = by == holder && before.open && before.attempts == g.attempt;
        let answer = desk.report(by, g.task, &g.lease, word);
        let picture = desk.picture();
        if current {
            let expected = after_report(&before, word);
            ensure!(
                "the current lease is heard",
                answer == Answer::Took(expected),
                "{answer:?} to {word:?} of {g:?}, {before:?}"
            );
            self.reports.insert((g.task, g.attempt), word);
            self.look(picture, &[g.task])?;
            let after = self.stands(g.task);
            ensure!(
                "a report does what the table says",
                after.state == expected,
                "{after:?} instead of {expected:?}"
            );
            let n = if word == Word::Released {
                before.releases + 1
            } else {
                before.tries
            };
            return self.rest(g.task, n);
        }
        let said = self.reports.get(&(g.task, g.attempt)).filter(|_| by == holder);
        let expected = match said {
            Some(first) if *first == word => Answer::Took(before.state),
            Some(_) => Answer::Conflict,
            None => Answer::Stale,
        };
        ensure!(
            "only the current lease changes anything",
            answer == expected,
            "{answer:?} instead of {expected:?} to {g:?}"
        );
        // what it says is kept, and that is all
        let on_record = matches!(expected, Answer::Conflict | Answer::Stale);
        self.look(
            picture,
            if on_record {
                std::slice::from_ref(&g.task)
            } else {
                &[]
            },
        )?;
        let after = self.stands(g.task);
        ensure!(
            "only the current lease changes anything",
            after == before,
            "{before:?} became {after:?}"
        );
        Ok(())
    }

    /// A task that is tried again, or was given back, rests 30 s × 2ⁿ, ± 20 %, at most 30 min.
    fn rest(&mut self, id: i64, n: u8) -> Result<(), String> {
        let rest = match self.seen(id).events.last() {
            Some(Happened::Retrying { backoff_ms, .. } | Happened::Released { backoff_ms, .. }) => {
                *backoff_ms
            }
            _ => 0,
        };
        if rest > 0 {
            let plain = (30_000u64 << (n.max(1) - 1)).min(1_800_000);
            let fits = (plain * 8 / 10..=plain * 12 / 10).contains(&rest);
            ensure!("the back-off doubles", fits, "{rest} ms after number {n}");
        }
        self.facts.get_mut(&id).expect("delivered").until = if rest > 0 { self.mono + rest } else { 0 };
        Ok(())
    }

    fn extend(&mut self, desk: &mut impl Desk, connector: usize) -> Result<(), String> {
        let mine: Vec<Grant> = self
            .grants
            .iter()
            .rev()
            .filter(|(c, _)| *c == connector)
            .take(6)
            .map(|(_, g)| g.clone())
            .collect();
        let expected: Vec<LeaseState> = mine
            .iter()
            .map(|g| {
                let s = self.stands(g.task);
                match s.state == TaskState::Running && s.attempts == g.attempt {
                    true if s.cancel_asked => LeaseState::Cancel,
                    true => LeaseState::Ok,
                    false => LeaseState::Stale,
                }
            })
            .collect();
        let leases: Vec<(i64, String)> = mine.iter().map(|g| (g.task, g.lease.clone())).collect();
        let got = desk.extend(connector, &leases);
        ensure!(
            "only the current lease is extended",
            got == expected,
            "{got:?} instead of {expected:?}"
        );
        for (g, state) in mine.iter().zip(expected) {
            if state != LeaseState::Stale {
                self.facts.get_mut(&g.task).expect("delivered").until = self.mono + LEASE_MS;
            }
        }
        let picture = desk.picture();
        self.look(picture, &[])
    }

    fn pass(&mut self, desk: &mut impl Desk, ms: u64) -> Result<(), String> {
        self.mono += ms;
        let lost: Vec<(i64, TaskState)> = self
            .last
            .tasks
            .iter()
            .filter(|t| t.state == TaskState::Running && self.facts[&t.id].until <= self.mono)
            .map(|t| (t.id, self.after_lease(t)))
            .collect();
        desk.pass(ms);
        let picture = desk.picture();
        let touched: Vec<i64> = lost.iter().map(|(id, _)| *id).collect();
        self.look(picture, &touched)?;
        for (id, expected) in lost {
            let now = self.seen(id).state;
            ensure!(
                "a lost lease does what the table says",
                now == expected,
                "{id} is {now:?} instead of {expected:?}"
            );
            self.facts.get_mut(&id).expect("delivered").until = 0;
        }
        Ok(())
    }

    fn after_lease(&self, t: &Seen) -> TaskState {
        let kind = self.facts[&t.id].kind;
        let asked = standing(&t.events).cancel_asked;
        let recovered = CONNECTORS.iter().any(|c| c.recovers.contains(&kind));
        match (asked, kind.rules().repeatable) {
            (true, true) => TaskState::Cancelled,
            (false, true) => TaskState::Queued,
            (false, false) if recovered => TaskState::Queued,
            _ => TaskState::Failed,
        }
    }

    fn restart(&mut self, desk: &mut impl Desk, pick: Pick) -> Result<(), String> {
        let Some(id) = self.pick_where(pick, |t| t.state.is_stopped()) else {
            return Ok(());
        };
        let before = self.seen(id).clone();
        let may = before.state.is_stopped();
        let done = desk.restart(id);
        ensure!(
            "stopped tasks restart, and no others",
            done == may,
            "{id}: {done}"
        );
        if may {
            self.facts.get_mut(&id).expect("delivered").until = 0;
        }
        let picture = desk.picture();
        self.look(picture, if may { std::slice::from_ref(&id) } else { &[] })?;
        if may {
            let after = self.stands(id);
            ensure!(
                "a restart starts over",
                (after.state, after.tries) == (TaskState::Queued, 0),
                "{after:?}"
            );
            ensure!(
                "a restart keeps what an undo needs",
                self.seen(id).set_aside,
                "{id}"
            );
            self.before_restart.insert(id, before);
        }
        Ok(())
    }

    /// Only a restart that nobody has acted upon can be undone, and then it is as if it had not been.
    fn undo(&mut self, desk: &mut impl Desk, pick: Pick) -> Result<(), String> {
        let restarted =
            |t: &Seen| t.state.is_open() && t.events.iter().any(|e| matches!(e, Happened::Restarted { .. }));
        let Some(id) = self.pick_where(pick, restarted) else {
            return Ok(());
        };
        let before = self.seen(id).clone();
        let last = before
            .events
            .iter()
            .rposition(|e| !matches!(e, Happened::Contradicted { .. } | Happened::Late { .. }));
        let may = last.is_some_and(|l| matches!(before.events[l], Happened::Restarted { .. }));
        let done = desk.undo(id);
        ensure!(
            "a restart can be undone until a connector has the task",
            done == may,
            "{before:?}: {done}"
        );
        let picture = desk.picture();
        self.look(picture, if may { std::slice::from_ref(&id) } else { &[] })?;
        if may {
            let (was, now) = (self.before_restart[&id].clone(), self.seen(id).clone());
            let stood = standing(&before.events[..last.unwrap_or(0)]).state;
            ensure!(
                "an undo puts back what was",
                (now.state, &now.shown, now.marked, &now.memo)
                    == (was.state, &was.shown, was.marked, &was.memo)
                    && now.state == stood
                    && !now.set_aside,
                "{was:?} became {now:?}"
            );
        }
        Ok(())
    }

    /// Stopped tasks change hands, and nothing but the hands changes.
    fn hand_over(&mut self, desk: &mut impl Desk, pick: Pick, to: Audience) -> Result<(), String> {
        let Some(id) = self.pick_where(pick, |t| t.state.is_stopped()) else {
            return Ok(());
        };
        let (before, stood) = (self.seen(id).clone(), self.stands(id));
        let there = match to {
            Audience::Office => TaskState::ActionRequired,
            Audience::Support => TaskState::Failed,
        };
        let may = before.state.is_stopped() && before.state != there;
        let done = desk.hand_over(id, to);
        ensure!(
            "a stopped task goes to the other side, and no other task",
            done == may,
            "{before:?} to {to:?}: {done}"
        );
        let picture = desk.picture();
        self.look(picture, if may { std::slice::from_ref(&id) } else { &[] })?;
        if may {
            let now = self.seen(id);
            ensure!(
                "who must act changes, and nothing else",
                self.stands(id)
                    == Standing {
                        state: there,
                        ..stood
                    }
                    && now.shown == before.shown,
                "{before:?} became {now:?}"
            );
        }
        Ok(())
    }

    fn mark(&mut self, desk: &mut impl Desk, pick: Pick, mark: Mark) -> Result<(), String> {
        let Some(id) = self.pick_where(pick, |t| t.state.is_stopped()) else {
            return Ok(());
        };
        let (before, stood) = (self.seen(id).clone(), self.stands(id));
        let may = before.state.is_stopped();
        let done = desk.mark(id, mark);
        ensure!(
            "stopped tasks are marked, and no others",
            done == may,
            "{before:?}: {done}"
        );
        let picture = desk.picture();
        self.look(picture, if may { std::slice::from_ref(&id) } else { &[] })?;
        let now = self.seen(id);
        ensure!(
            "a mark is kept and changes nothing else",
            self.stands(id) == stood && now.shown == before.shown && now.marked == may,
            "{before:?} became {now:?}"
        );
        Ok(())
    }

    /// The queued tasks that wait for `id`, or for one that does.
    fn waiting_for(&self, id: i64) -> Vec<i64> {
        let states = self.states();
        let holds = self.facts[&id].kind.rules().holds;
        let mut waiting = vec![id];
        for later in self
            .order
            .iter()
            .copied()
            .filter(|l| *l > id && states[l] == TaskState::Queued)
        {
            let (l, first) = (&self.facts[&later], &self.facts[&id]);
            let subject = |e: &i64| {
                let f = &self.facts[e];
                f.dossier == l.dossier && f.subject.is_some() && f.subject == l.subject
            };
            let follows = l.after.is_some_and(|a| waiting.contains(&a)) || waiting.iter().any(subject);
            if follows || (holds && l.dossier == first.dossier) {
                waiting.push(later);
            }
        }
        waiting.remove(0);
        waiting
    }

    fn cancel(&mut self, desk: &mut impl Desk, pick: Pick, followers: bool) -> Result<(), String> {
        let Some(id) = self.pick(pick) else { return Ok(()) };
        let before = self.stands(id);
        let may = before.state.is_open();
        let mut touched = if followers && may {
            self.waiting_for(id)
        } else {
            vec![]
        };
        let done = desk.cancel(id, followers);
        ensure!(
            "open tasks are cancelled, and no others",
            done == may,
            "{id}: {done}"
        );
        let gone = touched.clone();
        touched.push(id);
        let picture = desk.picture();
        self.look(picture, if may { &touched } else { &[] })?;
        for f in gone {
            let now = self.seen(f).state;
            ensure!(
                "followers go with it",
                now == TaskState::Cancelled,
                "{f} is {now:?}"
            );
        }
        let after = self.stands(id);
        let right = match before.state {
            TaskState::Running => after.state == TaskState::Running && after.cancel_asked,
            s if s.is_open() => after.state == TaskState::Cancelled,
            s => after.state == s,
        };
        ensure!(
            "a cancel does what the table says",
            right,
            "{before:?} became {after:?}"
        );
        Ok(())
    }

    fn reopen(&mut self, desk: &mut impl Desk) -> Result<(), String> {
        let queued: Vec<i64> = self
            .last
            .tasks
            .iter()
            .filter(|t| t.state == TaskState::Queued)
            .map(|t| t.id)
            .collect();
        let before = desk.lanes(&queued);
        let events = |t: &Seen| (t.id, t.events.len());
        self.before_reopen = self.last.tasks.iter().map(events).collect();
        desk.reopen();
        for t in &self.last.tasks {
            let fact = self.facts.get_mut(&t.id).expect("delivered");
            let s = standing(&t.events);
            // every lease starts afresh, and so does every rest
            fact.until = match t
                .events
                .iter()
                .rev()
                .find(|e| !matches!(e, Happened::Contradicted { .. } | Happened::Late { .. }))
            {
                _ if s.state == TaskState::Running => self.mono + LEASE_MS,
                Some(Happened::Retrying { backoff_ms, .. } | Happened::Released { backoff_ms, .. })
                    if s.rests =>
                {
                    self.mono + backoff_ms
                }
                _ => 0,
            };
        }
        let after = desk.lanes(&queued);
        ensure!(
            "a restart leaves the lanes as they were",
            before == after,
            "{before:?} became {after:?}"
        );
        let picture = desk.picture();
        self.look(picture, &[])
    }
}

/// Where a report by the current lease leads, as the protocol's table has it.
fn after_report(s: &Standing, word: Word) -> TaskState {
    match word {
        Word::Succeeded => TaskState::Succeeded,
        _ if s.cancel_asked => TaskState::Cancelled,
        Word::Released if s.releases + 1 >= 10 => TaskState::Failed,
        Word::Released => TaskState::Queued,
        Word::Retry if s.tries < 5 => TaskState::Queued,
        Word::Office => TaskState::ActionRequired,
        Word::Retry | Word::Unknown => TaskState::Failed,
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(otherwise)
}

/// Tries `histories` random histories of up to `length` actions, each on a new desk.
pub fn try_histories<D: Desk>(histories: u64, length: usize, mut new: impl FnMut() -> D) {
    let (first, histories) = (
        number("NACHTWACHT_FIRST_SEED", 1),
        number("NACHTWACHT_SEEDS", histories),
    );
    for seed in first..first + histories {
        let mut bytes = [0u8; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let config = Config {
            cases: 1,
            failure_persistence: None,
            max_shrink_iters: 2000,
            max_shrink_time: 60_000,
            ..Config::default()
        };
        let mut runner = TestRunner::new_with_rng(config, rng);
        let history = prop::collection::vec(action(), 1..=length);
        let new = std::cell::RefCell::new(&mut new);
        let outcome = runner.run(&history, |actions| {
            let mut desk = (new.borrow_mut())();
            let mut judge = Judge::default();
            for action in &actions {
                judge.act(&mut desk, action).map_err(TestCaseError::fail)?;
            }
            Ok(())
        });
        match outcome {
            Ok(()) => {}
            Err(TestError::Fail(why, actions)) => {
                let actions: Vec<String> = actions.iter().map(|a| format!("  {a:?}")).collect();
                panic!("seed {seed}: {why}\nafter\n{}", actions.join("\n"));
            }
            Err(e) => panic!("seed {seed}: {e}"),
        }
    }
}

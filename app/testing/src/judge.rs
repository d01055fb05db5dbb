//! What must hold: at any time ([`Judge::look`]), and of whom a task waits for. What must come of one action stands
//! beside, by who acts.

use crate::{
    actions::{Action, Pick},
    desk::{Desk, Grant, Kind, Picture, Seen, Word},
    model::{Fact, Standing, standing},
};
use domain::{TaskState, event::fold};
use std::collections::HashMap;
use views::Counts;

/// Says no with the name of the check that failed.
macro_rules! ensure {
    ($check:literal, $holds:expr, $($more:tt)+) => {
        if !$holds {
            return Err(format!("{}: {}", $check, format!($($more)+)));
        }
    };
}

mod connectors;
mod people;
mod time;

/// What it knows of a history so far.
#[derive(Default)]
pub struct Judge {
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
    pub fn act(&mut self, desk: &mut impl Desk, action: &Action) -> Result<(), String> {
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
}

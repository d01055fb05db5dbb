//! What must come of time that passes, and of a program that ends and starts again.

use super::Judge;
use crate::{
    desk::{CONNECTORS, Desk, LEASE_MS, Seen},
    model::standing,
};
use domain::{TaskState, event::Happened};

impl Judge {
    pub(super) fn pass(&mut self, desk: &mut impl Desk, ms: u64) -> Result<(), String> {
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

    pub(super) fn after_lease(&self, t: &Seen) -> TaskState {
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

    pub(super) fn reopen(&mut self, desk: &mut impl Desk) -> Result<(), String> {
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

//! What must come of deliveries, and of what connectors ask and say.

use super::Judge;
use crate::{
    actions::Draft,
    desk::{Answer, CONNECTORS, Desk, Grant, LEASE_MS, New, Seen, Word},
    model::{Fact, after_report},
};
use domain::{TaskState, event::Happened, wire::LeaseState};
use std::collections::HashMap;

impl Judge {
    pub(super) fn deliver(&mut self, desk: &mut impl Desk, drafts: &[Draft]) -> Result<(), String> {
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

    pub(super) fn room(&self, desk: &impl Desk, connector: usize) -> u32 {
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

    pub(super) fn claim(&mut self, desk: &mut impl Desk, connector: usize, max: u32) -> Result<(), String> {
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

    pub(super) fn takes(&self, connector: usize, task: i64) -> bool {
        CONNECTORS[connector].takes.contains(&self.facts[&task].kind)
    }

    /// It let the lease of this task lapse since the program started, and another could take it now: whether it is passed
    /// over is the desk's to say.
    pub(super) fn may_be_left(&self, desk: &impl Desk, connector: usize, task: i64) -> bool {
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
    pub(super) fn startable(
        &self,
        desk: &impl Desk,
        states: &HashMap<i64, TaskState>,
        connector: usize,
    ) -> Option<i64> {
        let may = |t: &&i64| {
            states[t] == TaskState::Queued
                && !self.may_be_left(desk, connector, **t)
                && self.takes(connector, **t)
                && self.in_the_way(states, **t).is_none()
        };
        self.order.iter().find(may).copied()
    }

    pub(super) fn claim_again(&mut self, desk: &mut impl Desk, back: usize) -> Result<(), String> {
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

    pub(super) fn report(
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
    pub(super) fn rest(&mut self, id: i64, n: u8) -> Result<(), String> {
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

    pub(super) fn extend(&mut self, desk: &mut impl Desk, connector: usize) -> Result<(), String> {
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
}

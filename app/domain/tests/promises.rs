//! The protocol's promises on the pure core: the lanes and the life of a task, with rows kept in a list.

use domain::{
    DossierId, TaskId, TaskState,
    event::Happened,
    failure::{Audience, Failure, UNKNOWN, Verdict},
    lane::{Class, Lanes, Slot, Wait},
    life::{Change, Command, DELIVERED, Life, Said, step},
    wire::LeaseState,
};
use std::collections::HashMap;
use testing::{Answer, CONNECTORS, Desk, Grant, Kind, LEASE_MS, Mark, New, Picture, Seen, Word};
use views::Counts;

/// What a store would keep of a task.
struct Row {
    kind: Kind,
    dossier: DossierId,
    subject: Option<String>,
    after: Option<TaskId>,
    life: Life,
    holder: i64,
    backoff_ms: u64,
    events: Vec<Happened>,
    /// What it stopped with; kept until it stops again or is concluded.
    failure: Option<String>,
    /// Where it stood when it was restarted.
    was: Option<TaskState>,
    marked: bool,
    /// It was, before its last restart.
    was_marked: bool,
    /// The first report of each attempt.
    said: HashMap<u32, Word>,
}

#[derive(Default)]
struct Core {
    lanes: Lanes,
    rows: Vec<Row>,
    keys: HashMap<u8, (usize, u8, Kind)>,
    claims: HashMap<String, Vec<(TaskId, u32)>>,
    mono: u64,
}

fn class(kind: Kind) -> Class {
    Class {
        server: 0,
        office: 1,
        package: 0,
        kind: kind as u16,
    }
}

impl Core {
    fn row(&mut self, id: TaskId) -> &mut Row {
        &mut self.rows[id.0 as usize - 1]
    }

    fn enter(&mut self, id: TaskId) {
        let mono = self.mono;
        let row = self.row(id);
        let until = match row.life.state {
            TaskState::Running => mono + LEASE_MS,
            TaskState::Queued if row.backoff_ms > 0 => mono + row.backoff_ms,
            _ => 0,
        };
        let slot = Slot {
            dossier: row.dossier,
            class: class(row.kind),
            rules: row.kind.rules(),
            life: row.life,
            holder: row.holder,
            waits_for: 0,
            until,
        };
        let (subject, after) = (row.subject.clone(), row.after);
        self.lanes.add(id, slot, subject.as_deref(), after);
    }

    fn settle(&mut self, id: TaskId, change: &Change, holder: i64, happened: Happened) {
        let mono = self.mono;
        let old = *self.lanes.slot(id).expect("only open tasks change");
        let until = match change.life.state {
            TaskState::Running if old.life.state == TaskState::Running => old.until,
            TaskState::Running => mono + LEASE_MS,
            TaskState::Queued if change.backoff_ms > 0 => mono + change.backoff_ms,
            _ => 0,
        };
        let row = self.row(id);
        (row.life, row.holder, row.backoff_ms) = (change.life, holder, change.backoff_ms);
        row.marked &= old.life.state.is_stopped() && change.life.state.is_stopped();
        match &happened {
            Happened::ActionRequired { failure, .. } | Happened::Failed { failure, .. } => {
                (row.failure, row.was) = (Some(failure.code.clone()), None);
            }
            Happened::Restarted { .. } => row.was = Some(old.life.state),
            // a late report of a stopped task
            _ if old.life.state.is_stopped() && !change.life.state.is_stopped() => row.failure = None,
            Happened::Succeeded { .. } | Happened::CancelAsked { .. } | Happened::Cancelled { .. } => {
                (row.failure, row.was) = (None, None);
            }
            _ => {}
        }
        row.events.push(happened);
        self.lanes.change(id, change.life, holder, until);
    }

    fn grant(&self, id: TaskId) -> Grant {
        let attempt = self.rows[id.0 as usize - 1].life.attempts;
        Grant {
            task: id.0,
            attempt,
            lease: attempt.to_string(),
        }
    }
}

impl Desk for Core {
    fn deliver(&mut self, tasks: &[New]) -> Option<Vec<(i64, bool)>> {
        let mut keys = self.keys.clone();
        let mut next = self.rows.len();
        let mut answers = vec![];
        for t in tasks {
            match t.key.and_then(|k| keys.get(&k).copied()) {
                Some((at, dossier, kind)) if (dossier, kind) == (t.dossier, t.kind) => {
                    answers.push((at as i64 + 1, true));
                }
                Some(_) => return None,
                None => {
                    if let Some(k) = t.key {
                        keys.insert(k, (next, t.dossier, t.kind));
                    }
                    next += 1;
                    answers.push((next as i64, false));
                }
            }
        }
        self.keys = keys;
        for (t, (id, _)) in tasks
            .iter()
            .zip(&answers)
            .filter(|(_, (_, duplicate))| !duplicate)
        {
            self.rows.push(Row {
                kind: t.kind,
                dossier: i64::from(t.dossier),
                subject: t.subject.map(|s| s.to_string()),
                after: t.after.map(TaskId),
                life: DELIVERED,
                holder: 0,
                backoff_ms: 0,
                events: vec![Happened::Delivered],
                failure: None,
                was: None,
                marked: false,
                was_marked: false,
                said: HashMap::new(),
            });
            self.enter(TaskId(*id));
        }
        Some(answers)
    }

    fn claim(&mut self, connector: usize, request: &str, max: u32) -> Vec<Grant> {
        if let Some(earlier) = self.claims.get(request) {
            let lives = |(id, attempt): &&(TaskId, u32)| {
                self.lanes
                    .slot(*id)
                    .is_some_and(|s| s.life.state == TaskState::Running && s.life.attempts == *attempt)
            };
            return earlier
                .iter()
                .filter(lives)
                .map(|(id, _)| self.grant(*id))
                .collect();
        }
        let classes: Vec<Class> = CONNECTORS[connector].takes.iter().map(|k| class(*k)).collect();
        let holder = connector as i64;
        let held = self
            .lanes
            .iter()
            .filter(|(_, s)| s.life.state == TaskState::Running && s.holder == holder)
            .count();
        let room = CONNECTORS[connector]
            .max_parallel
            .saturating_sub(held as u32)
            .min(max);
        let mut grants = vec![];
        while grants.len() < room as usize {
            let Some(id) = self.lanes.next(&classes) else {
                break;
            };
            let slot = *self.lanes.slot(id).expect("a head is open");
            let change = step(slot.life, slot.rules, Command::Claim).expect("a head is queued");
            let attempt = change.life.attempts;
            self.settle(
                id,
                &change,
                holder,
                Happened::Claimed {
                    connector: holder,
                    attempt,
                },
            );
            grants.push(self.grant(id));
        }
        let kept = grants.iter().map(|g| (TaskId(g.task), g.attempt)).collect();
        self.claims.insert(request.to_owned(), kept);
        grants
    }

    fn report(&mut self, connector: usize, task: i64, lease: &str, word: Word) -> Answer {
        let id = TaskId(task);
        let attempt: u32 = lease.parse().expect("our own leases");
        let retry = Verdict {
            retry: true,
            audience: Audience::Support,
        };
        let office = Verdict {
            retry: false,
            audience: Audience::Office,
        };
        let said = match word {
            Word::Succeeded => Said::Succeeded,
            Word::Retry => Said::Failed(retry),
            Word::Office => Said::Failed(office),
            Word::Unknown => Said::Failed(UNKNOWN),
            Word::Released => Said::Released { rest_ms: None },
        };
        let claimed = Happened::Claimed {
            connector: connector as i64,
            attempt,
        };
        let mine = self.row(id).events.contains(&claimed);
        let slot = self.lanes.slot(id).copied().filter(|_| mine);
        let change = slot.and_then(|s| {
            step(
                s.life,
                s.rules,
                Command::Report {
                    attempt,
                    said,
                    jitter: 500,
                },
            )
            .ok()
        });
        let (Some(slot), Some(change)) = (slot, change) else {
            return match self.row(id).said.get(&attempt).filter(|_| mine) {
                Some(first) if *first == word => Answer::Took(self.row(id).life.state),
                Some(_) => Answer::Conflict,
                None => Answer::Stale,
            };
        };
        self.row(id).said.insert(attempt, word);
        let failure = Failure::of(change.own_failure.unwrap_or("code"));
        let happened = match (change.life.state, word) {
            (TaskState::Succeeded, _) => Happened::Succeeded {
                attempt,
                result: None,
            },
            (TaskState::Queued, Word::Released) => Happened::Released {
                attempt,
                reason: None,
                backoff_ms: change.backoff_ms,
            },
            (TaskState::Queued, _) => Happened::Retrying {
                attempt,
                failure,
                backoff_ms: change.backoff_ms,
            },
            (TaskState::ActionRequired, _) => Happened::ActionRequired { attempt, failure },
            (TaskState::Failed, _) => Happened::Failed { attempt, failure },
            _ => Happened::Cancelled {
                by: String::new(),
                reason: None,
            },
        };
        self.settle(id, &change, slot.holder, happened);
        Answer::Took(change.life.state)
    }

    fn extend(&mut self, connector: usize, leases: &[(i64, String)]) -> Vec<LeaseState> {
        let one = |(task, lease): &(i64, String)| {
            let id = TaskId(*task);
            let current = self.lanes.slot(id).copied().filter(|s| {
                s.life.state == TaskState::Running
                    && s.holder == connector as i64
                    && s.life.attempts.to_string() == *lease
            });
            let Some(slot) = current else {
                return LeaseState::Stale;
            };
            self.lanes.extend(id, self.mono + LEASE_MS);
            if slot.life.cancel_asked {
                LeaseState::Cancel
            } else {
                LeaseState::Ok
            }
        };
        leases.iter().map(one).collect()
    }

    fn pass(&mut self, ms: u64) {
        self.mono += ms;
        self.lanes.wake(self.mono);
        while let Some(id) = self.lanes.lost_lease(self.mono) {
            let slot = *self.lanes.slot(id).expect("a lease is of an open task");
            let kind = self.row(id).kind;
            let recovered = CONNECTORS.iter().any(|c| c.recovers.contains(&kind));
            let change = step(slot.life, slot.rules, Command::LeaseOver { recovered }).expect("it runs");
            let attempt = slot.life.attempts;
            let happened = match (change.own_failure, change.life.state) {
                (Some(code), _) => Happened::Failed {
                    attempt,
                    failure: Failure::of(code),
                },
                (None, TaskState::Cancelled) => Happened::Cancelled {
                    by: String::new(),
                    reason: None,
                },
                _ => Happened::LeaseOver { attempt },
            };
            self.settle(id, &change, slot.holder, happened);
        }
    }

    fn jump(&mut self, _: i64) {}

    fn restart(&mut self, task: i64) -> bool {
        let id = TaskId(task);
        let Some(slot) = self.lanes.slot(id).copied() else {
            return false;
        };
        let Ok(change) = step(slot.life, slot.rules, Command::Restart) else {
            return false;
        };
        self.row(id).was_marked = self.row(id).marked;
        self.settle(
            id,
            &change,
            slot.holder,
            Happened::Restarted { by: String::new() },
        );
        true
    }

    fn undo(&mut self, task: i64) -> bool {
        let id = TaskId(task);
        let (Some(slot), Some(to)) = (self.lanes.slot(id).copied(), self.row(id).was) else {
            return false;
        };
        let Ok(change) = step(slot.life, slot.rules, Command::Undo { to }) else {
            return false;
        };
        let by = String::new();
        self.settle(id, &change, slot.holder, Happened::Undone { by, to });
        let row = self.row(id);
        (row.was, row.marked) = (None, row.was_marked);
        true
    }

    fn hand_over(&mut self, task: i64, to: Audience) -> bool {
        let id = TaskId(task);
        let Some(slot) = self.lanes.slot(id).copied() else {
            return false;
        };
        let Ok(change) = step(slot.life, slot.rules, Command::HandOver { to }) else {
            return false;
        };
        let (by, note) = (String::new(), None);
        self.settle(id, &change, slot.holder, Happened::HandedOver { by, to, note });
        true
    }

    fn mark(&mut self, task: i64, mark: Mark) -> bool {
        let row = self.row(TaskId(task));
        if !row.life.state.is_stopped() {
            return false;
        }
        let (by, reason) = (String::new(), String::new());
        row.marked = true;
        row.events.push(match mark {
            Mark::Urgent => Happened::Urgent { by, reason },
            Mark::Snoozed => Happened::Snoozed { by, until: 1, reason },
        });
        true
    }

    fn cancel(&mut self, task: i64, followers: bool) -> bool {
        let mut ids = vec![TaskId(task)];
        if followers {
            ids.extend(self.lanes.waiting_for(TaskId(task)));
        }
        for id in ids {
            let Some(slot) = self.lanes.slot(id).copied() else {
                return false;
            };
            let change = step(slot.life, slot.rules, Command::Cancel).expect("open tasks can be cancelled");
            let (by, reason) = (String::new(), None);
            if change.life.state != TaskState::Running {
                self.settle(id, &change, slot.holder, Happened::Cancelled { by, reason });
            } else if !slot.life.cancel_asked {
                self.settle(id, &change, slot.holder, Happened::CancelAsked { by, reason });
            }
        }
        true
    }

    fn reopen(&mut self) {
        self.lanes = Lanes::default();
        for i in 0..self.rows.len() {
            if self.rows[i].life.state.is_open() {
                self.enter(TaskId(i as i64 + 1));
            }
        }
    }

    fn picture(&mut self) -> Picture {
        let mut counts = Counts::default();
        let rows = self.rows.iter().zip(1..);
        let tasks: Vec<Seen> = rows
            .map(|(r, id)| Seen {
                id,
                state: r.life.state,
                events: r.events.clone(),
                shown: r.failure.clone().filter(|_| r.was.is_none()),
                set_aside: r.was.is_some(),
                marked: r.marked,
                memo: String::new(),
            })
            .collect();
        for t in &tasks {
            *counts.of(t.state) += 1;
        }
        Picture { tasks, counts }
    }

    fn lanes(&mut self, queued: &[i64]) -> Vec<String> {
        let one = |id: &i64| {
            let id = TaskId(*id);
            // a rest starts afresh with the program
            let wait = self.lanes.wait(id).map(|w| {
                if matches!(w, Wait::Resting(_)) {
                    Wait::NextVisit
                } else {
                    w
                }
            });
            let mut followers = self.lanes.followers(id).to_vec();
            followers.retain(|f| self.lanes.slot(*f).is_some());
            followers.sort_unstable();
            format!(
                "{id}: {wait:?} at {:?}, before {followers:?}",
                self.lanes.place(id)
            )
        };
        queued.iter().map(one).collect()
    }

    fn connector(&self, id: i64) -> usize {
        id as usize
    }
}

#[test]
fn the_pure_core_keeps_the_promises() {
    testing::try_histories(600, 120, Core::default);
}

/// Whatever a history leaves behind: once every task is called off, nothing of them is remembered (a leak would grow
/// until the next start).
#[test]
fn lanes_forget_every_task_that_is_concluded() {
    use domain::task::KindRules;
    let mut chance = 7_u64;
    let mut draw = move |n: u64| {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % n
    };
    for _ in 0..200 {
        let mut lanes = Lanes::default();
        for id in 1..=60_i64 {
            let (dossier, holds) = (1 + draw(5) as i64, draw(2) == 0);
            let class = Class {
                office: 1,
                package: draw(3) as u16,
                kind: draw(3) as u16,
                server: 0,
            };
            let slot = Slot {
                dossier,
                class,
                rules: KindRules {
                    holds,
                    repeatable: draw(2) == 0,
                },
                life: DELIVERED,
                holder: 0,
                waits_for: 0,
                until: 0,
            };
            let subject = ["a", "b", "c", "d"][draw(4) as usize];
            let after = (draw(3) == 0 && id > 1).then(|| TaskId(1 + draw(id as u64 - 1) as i64));
            let after = after.filter(|a| lanes.slot(*a).is_some_and(|s| s.dossier == dossier));
            lanes.add(TaskId(id), slot, (draw(2) == 0).then_some(subject), after);
            if draw(2) == 0
                && let Some(next) = lanes.next(&[class])
                && let Some(slot) = lanes.slot(next).copied()
                && let Ok(change) = step(slot.life, slot.rules, Command::Claim)
            {
                lanes.change(next, change.life, 1, 50);
                let report = Command::Report {
                    attempt: change.life.attempts,
                    said: if draw(2) == 0 {
                        Said::Succeeded
                    } else {
                        Said::Failed(UNKNOWN)
                    },
                    jitter: 0,
                };
                if let Ok(change) = step(change.life, slot.rules, report) {
                    lanes.change(next, change.life, 1, change.backoff_ms);
                }
            }
        }
        let open: Vec<_> = lanes.iter().map(|(id, s)| (id, *s)).collect();
        for (id, slot) in open {
            let life = Life {
                state: TaskState::Cancelled,
                ..slot.life
            };
            lanes.change(id, life, 0, 0);
        }
        assert_eq!(lanes.weight(), 0, "{lanes:?}");
    }
}

//! Lanes: the tasks of one dossier, in the order of delivery, one at a time (T3, T5, T8).
//!
//! [`Lanes`] is what the one writer keeps in memory about every open task: who may start next, which leases
//! run, which tasks rest after a failed try. It is derived: the rows on disk say the same and rebuild it.
//! Each operation costs O(log n) in the number of open tasks, whatever waits.

use crate::{
    life::Life,
    task::{ConnectorId, DossierId, KindRules, OfficeId, TaskId, TaskState},
};
use std::collections::{BTreeSet, HashMap, hash_map::DefaultHasher};
use std::hash::{Hash, Hasher};

/// What a connector must offer to be handed a task: numbers of the catalogue's package and kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Class {
    /// The dossier's office.
    pub office: OfficeId,
    /// The dossier's package.
    pub package: u16,
    /// The task's kind.
    pub kind: u16,
    /// The only connector that may take it; 0: any that offers the rest.
    pub server: ConnectorId,
}

/// An open task as the lanes know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its lane.
    pub dossier: DossierId,
    /// Who may take it.
    pub class: Class,
    /// What its kind allows.
    pub rules: KindRules,
    /// Where it stands.
    pub life: Life,
    /// Who has, or last had, its lease.
    pub holder: ConnectorId,
    /// Earlier tasks it still waits for (`after`, `subject`).
    pub waits_for: u8,
    /// Monotonic millisecond: when running, the end of the lease; when queued, the end of the rest.
    pub until: u64,
}

#[derive(Debug, Default)]
struct Lane {
    /// Queued and waiting for no other task.
    queued: BTreeSet<TaskId>,
    /// Queued, and waiting for another task.
    waiting: BTreeSet<TaskId>,
    running: Option<TaskId>,
    /// Stopped tasks whose kind holds the dossier.
    holders: BTreeSet<TaskId>,
    /// The one that stands in `ready`, and its class.
    head: Option<(TaskId, Class)>,
}

/// Why a queued task does not start yet (T16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Nothing is in the way: a connector takes it at its next visit.
    NextVisit,
    /// Another task of the dossier runs.
    DossierBusy(TaskId),
    /// A failed task holds the dossier.
    HeldBy(TaskId),
    /// It rests after a failed try until this monotonic millisecond.
    Resting(u64),
    /// It comes after this task of the dossier.
    Behind(TaskId),
    /// The task it was delivered to follow is not done.
    ForEarlier,
}

/// So many tasks of a class are passed over, not more: a claim must cost the same whatever waits.
const MOST_SKIPPED: usize = 200;

/// Every open task, by lane.
#[derive(Debug, Default)]
pub struct Lanes {
    slots: HashMap<TaskId, Slot>,
    lanes: HashMap<DossierId, Lane>,
    /// The heads of free lanes, oldest first, by who may take them.
    ready: HashMap<Class, BTreeSet<TaskId>>,
    /// Every queued task, ready or not, by who may take it.
    queued: HashMap<Class, BTreeSet<TaskId>>,
    rests: BTreeSet<(u64, TaskId)>,
    leases: BTreeSet<(u64, TaskId)>,
    followers: HashMap<TaskId, Vec<TaskId>>,
    /// The other way round, for tasks that were delivered to follow others.
    earlier: HashMap<TaskId, Vec<TaskId>>,
    /// The last open task of a subject.
    subjects: HashMap<(DossierId, u64), TaskId>,
    /// Each open task's subject, and the open task before it there.
    subject_of: HashMap<TaskId, (u64, Option<TaskId>)>,
}

impl Lanes {
    /// Open tasks.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// No open task.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The entries of all maps: none once every task is concluded, or memory grows for ever.
    pub fn weight(&self) -> usize {
        self.slots.len()
            + self.lanes.len()
            + self.ready.len()
            + self.queued.len()
            + self.rests.len()
            + self.leases.len()
            + self.followers.len()
            + self.earlier.len()
            + self.subjects.len()
            + self.subject_of.len()
    }

    /// An open task; `None` when it is concluded or never was.
    pub fn slot(&self, id: TaskId) -> Option<&Slot> {
        self.slots.get(&id)
    }

    /// Every open task, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (TaskId, &Slot)> {
        self.slots.iter().map(|(id, s)| (*id, s))
    }

    /// Adds a task at the end of its dossier's lane. It follows `after` and the last open task of `subject`.
    pub fn add(&mut self, id: TaskId, mut slot: Slot, subject: Option<&str>, after: Option<TaskId>) {
        let mut earlier: Vec<TaskId> = after.into_iter().filter(|a| self.slots.contains_key(a)).collect();
        if let Some(subject) = subject {
            let key = hash(subject);
            let last = self.subjects.insert((slot.dossier, key), id);
            earlier.extend(last.filter(|l| !earlier.contains(l)));
            self.subject_of.insert(id, (key, last));
        }
        slot.waits_for = earlier.len() as u8;
        for e in &earlier {
            self.followers.entry(*e).or_default().push(id);
        }
        if !earlier.is_empty() {
            self.earlier.insert(id, earlier);
        }
        self.slots.insert(id, slot);
        self.enter(id, &slot);
        self.refresh(slot.dossier);
    }

    /// Records what [`crate::life::step`] decided. `until` as in [`Slot::until`]. A concluded task leaves the
    /// lanes and frees its followers.
    pub fn change(&mut self, id: TaskId, life: Life, holder: ConnectorId, until: u64) {
        let Some(old) = self.slots.get(&id).copied() else {
            return;
        };
        self.leave(id, &old);
        let new = Slot {
            life,
            holder,
            until,
            ..old
        };
        if life.state.is_open() {
            self.slots.insert(id, new);
            self.enter(id, &new);
        } else {
            self.conclude(id, old.dossier);
        }
        self.refresh(old.dossier);
    }

    /// A running task showed signs of life: its lease now ends at `until`.
    pub fn extend(&mut self, id: TaskId, until: u64) {
        if let Some(slot) = self
            .slots
            .get_mut(&id)
            .filter(|s| s.life.state == TaskState::Running)
        {
            self.leases.remove(&(slot.until, id));
            slot.until = until;
            self.leases.insert((until, id));
        }
    }

    /// A dossier moved to another package: its queued tasks now suit other connectors.
    pub fn repackage(&mut self, dossier: DossierId, package: u16) {
        let ids: Vec<_> = self
            .slots
            .iter()
            .filter(|(_, s)| s.dossier == dossier)
            .map(|(id, _)| *id)
            .collect();
        for id in ids {
            if let Some(s) = self.slots.get_mut(&id) {
                let old = s.class;
                s.class.package = package;
                let moved = s.class;
                if take(&mut self.queued, &old, id) {
                    self.queued.entry(moved).or_default().insert(id);
                }
            }
        }
        self.refresh(dossier);
    }

    /// The oldest task that may start now and that one of `classes` can take.
    pub fn next(&self, classes: &[Class]) -> Option<TaskId> {
        classes
            .iter()
            .filter_map(|c| self.ready.get(c)?.first().copied())
            .min()
    }

    /// As [`Lanes::next`], but none before `from` and none that `skips`; of each class the first few are looked at.
    pub fn next_but(
        &self,
        classes: &[Class],
        from: TaskId,
        skips: impl Fn(TaskId) -> bool,
    ) -> Option<TaskId> {
        let first = |c: &Class| {
            self.ready
                .get(c)?
                .range(from..)
                .copied()
                .take(MOST_SKIPPED)
                .find(|id| !skips(*id))
        };
        classes.iter().filter_map(first).min()
    }

    /// Every sort of task that is queued: how many, and the oldest of them.
    pub fn backlog(&self) -> impl Iterator<Item = (Class, usize, TaskId)> {
        self.queued
            .iter()
            .filter_map(|(class, ids)| Some((*class, ids.len(), *ids.first()?)))
    }

    /// Every task under lease.
    pub fn running(&self) -> impl Iterator<Item = (TaskId, &Slot)> {
        self.leases
            .iter()
            .filter_map(|(_, id)| Some((*id, self.slots.get(id)?)))
    }

    /// The oldest task of an office that could start now.
    pub fn oldest_ready(&self, office: OfficeId, may: impl Fn(&Class) -> bool) -> Option<TaskId> {
        let ready = self.ready.iter().filter(|(c, _)| c.office == office && may(c));
        ready.filter_map(|(_, ids)| ids.first().copied()).min()
    }

    /// Tasks that could start now, are older than `id` and of one of `classes`; counted up to `most`.
    pub fn ready_before(&self, id: TaskId, classes: &[Class], most: usize) -> usize {
        let sets = classes.iter().filter_map(|c| self.ready.get(c));
        sets.map(|ids| ids.range(..id).take(most).count())
            .sum::<usize>()
            .min(most)
    }

    /// Lets tasks start whose rest is over at `mono`.
    pub fn wake(&mut self, mono: u64) {
        while let Some(&(until, id)) = self.rests.first() {
            if until > mono {
                break;
            }
            self.rests.pop_first();
            if let Some(slot) = self.slots.get_mut(&id) {
                slot.until = 0;
                let dossier = slot.dossier;
                self.refresh(dossier);
            }
        }
    }

    /// The running task whose lease ended first, if one ended by `mono`.
    pub fn lost_lease(&self, mono: u64) -> Option<TaskId> {
        self.leases
            .first()
            .filter(|(until, _)| *until <= mono)
            .map(|(_, id)| *id)
    }

    /// When something next happens by itself: a rest or a lease ends.
    pub fn next_deadline(&self) -> Option<u64> {
        let rest = self.rests.first().map(|(t, _)| *t);
        let lease = self.leases.first().map(|(t, _)| *t);
        rest.into_iter().chain(lease).min()
    }

    /// Tasks that follow `id` and wait for it.
    pub fn followers(&self, id: TaskId) -> &[TaskId] {
        self.followers.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Later queued tasks of the dossier that `id` keeps waiting because its kind holds it.
    pub fn held_behind(&self, id: TaskId) -> Vec<TaskId> {
        let Some(slot) = self.slots.get(&id) else {
            return vec![];
        };
        let Some(lane) = self.lanes.get(&slot.dossier) else {
            return vec![];
        };
        lane.queued
            .range(id..)
            .chain(lane.waiting.range(id..))
            .filter(|q| **q != id)
            .copied()
            .collect()
    }

    /// The queued tasks that wait for `id`, or for one that does: those that follow it and, when its kind holds
    /// the dossier, all later ones.
    pub fn waiting_for(&self, id: TaskId) -> Vec<TaskId> {
        let mut found = BTreeSet::new();
        let mut look: Vec<TaskId> = self.followers(id).to_vec();
        if self.slots.get(&id).is_some_and(|s| s.rules.holds) {
            look.extend(self.held_behind(id));
        }
        while let Some(next) = look.pop() {
            let queued = self
                .slots
                .get(&next)
                .is_some_and(|s| s.life.state == TaskState::Queued);
            if queued && found.insert(next) {
                look.extend(self.followers(next));
            }
        }
        found.into_iter().collect()
    }

    /// Why a queued task waits; `None` for any other task.
    pub fn wait(&self, id: TaskId) -> Option<Wait> {
        let slot = self
            .slots
            .get(&id)
            .filter(|s| s.life.state == TaskState::Queued)?;
        if slot.waits_for > 0 {
            return Some(Wait::ForEarlier);
        }
        let lane = self.lanes.get(&slot.dossier)?;
        if let Some(holder) = lane.holders.first().filter(|h| **h < id) {
            return Some(Wait::HeldBy(*holder));
        }
        if let Some(running) = lane.running {
            return Some(Wait::DossierBusy(running));
        }
        match lane.queued.first() {
            Some(first) if *first < id => Some(Wait::Behind(*first)),
            _ if slot.until > 0 => Some(Wait::Resting(slot.until)),
            _ => Some(Wait::NextVisit),
        }
    }

    /// Place of a queued task among its dossier's queued tasks, from 1.
    pub fn place(&self, id: TaskId) -> Option<u32> {
        let slot = self
            .slots
            .get(&id)
            .filter(|s| s.life.state == TaskState::Queued)?;
        let before = self
            .lanes
            .get(&slot.dossier)
            .map_or(0, |l| l.queued.range(..id).count());
        Some(before as u32 + 1)
    }

    /// How many queued tasks a dossier has.
    pub fn queued(&self, dossier: DossierId) -> usize {
        let lane = self.lanes.get(&dossier);
        lane.map_or(0, |l| l.queued.len() + l.waiting.len())
    }

    /// A dossier's running task, then its queued ones in the order of delivery; at most `most`.
    pub fn line_of(&self, dossier: DossierId, most: usize) -> Vec<TaskId> {
        let Some(lane) = self.lanes.get(&dossier) else {
            return vec![];
        };
        let mut queued: Vec<TaskId> = lane.queued.iter().take(most).copied().collect();
        queued.extend(lane.waiting.iter().take(most));
        queued.sort_unstable();
        lane.running.into_iter().chain(queued).take(most).collect()
    }

    /// The last open task that `id` waits for (`after`, `subject`).
    pub fn follows(&self, id: TaskId) -> Option<TaskId> {
        self.earlier
            .get(&id)?
            .iter()
            .copied()
            .filter(|e| self.slots.contains_key(e))
            .max()
    }

    fn enter(&mut self, id: TaskId, slot: &Slot) {
        let lane = self.lanes.entry(slot.dossier).or_default();
        match slot.life.state {
            TaskState::Queued => {
                if slot.waits_for == 0 {
                    &mut lane.queued
                } else {
                    &mut lane.waiting
                }
                .insert(id);
                self.queued.entry(slot.class).or_default().insert(id);
                if slot.until > 0 {
                    self.rests.insert((slot.until, id));
                }
            }
            TaskState::Running => {
                lane.running = Some(id);
                self.leases.insert((slot.until, id));
            }
            TaskState::ActionRequired | TaskState::Failed if slot.rules.holds => {
                lane.holders.insert(id);
            }
            _ => {}
        }
    }

    fn leave(&mut self, id: TaskId, slot: &Slot) {
        let Some(lane) = self.lanes.get_mut(&slot.dossier) else {
            return;
        };
        lane.queued.remove(&id);
        lane.waiting.remove(&id);
        lane.holders.remove(&id);
        take(&mut self.queued, &slot.class, id);
        if lane.running == Some(id) {
            lane.running = None;
        }
        self.rests.remove(&(slot.until, id));
        self.leases.remove(&(slot.until, id));
    }

    fn conclude(&mut self, id: TaskId, dossier: DossierId) {
        self.slots.remove(&id);
        self.earlier.remove(&id);
        let subject = self.subject_of.remove(&id);
        let before = subject.and_then(|(_, before)| before);
        if let Some((key, before)) = subject
            && self.subjects.get(&(dossier, key)) == Some(&id)
        {
            match before {
                Some(before) => self.subjects.insert((dossier, key), before),
                None => self.subjects.remove(&(dossier, key)),
            };
        }
        for follower in self.followers.remove(&id).unwrap_or_default() {
            let Some(slot) = self.slots.get_mut(&follower) else {
                continue;
            };
            // the next of the subject now comes after the one before: that one may have failed
            if let Some((_, link)) = self
                .subject_of
                .get_mut(&follower)
                .filter(|(_, link)| *link == Some(id))
            {
                *link = before;
                let others = before
                    .map(|b| self.followers.entry(b).or_default())
                    .filter(|o| !o.contains(&follower));
                if let Some(others) = others {
                    others.push(follower);
                    continue;
                }
            }
            slot.waits_for -= 1;
            if slot.waits_for == 0 && slot.life.state == TaskState::Queued {
                let lane = self.lanes.entry(dossier).or_default();
                lane.waiting.remove(&follower);
                lane.queued.insert(follower);
            }
        }
    }

    /// Finds the lane's head anew and puts it where claims look.
    fn refresh(&mut self, dossier: DossierId) {
        let Some(lane) = self.lanes.get_mut(&dossier) else {
            return;
        };
        let slots = &self.slots;
        let head = lane
            .queued
            .first()
            .copied()
            .filter(|_| lane.running.is_none())
            .and_then(|id| {
                let slot = slots.get(&id)?;
                let held = lane.holders.first().is_some_and(|h| *h < id);
                (!held && slot.until == 0).then_some((id, slot.class))
            });
        if head != lane.head {
            if let Some((id, class)) = lane.head {
                take(&mut self.ready, &class, id);
            }
            if let Some((id, class)) = head {
                self.ready.entry(class).or_default().insert(id);
            }
            lane.head = head;
        }
        let done = lane.queued.is_empty()
            && lane.waiting.is_empty()
            && lane.running.is_none()
            && lane.holders.is_empty();
        if done {
            self.lanes.remove(&dossier);
        }
    }
}

/// Takes a task out of its class's set, and the set away with the last one.
fn take(sets: &mut HashMap<Class, BTreeSet<TaskId>>, class: &Class, id: TaskId) -> bool {
    let Some(set) = sets.get_mut(class) else {
        return false;
    };
    let was_there = set.remove(&id);
    if set.is_empty() {
        sets.remove(class);
    }
    was_there
}

fn hash(subject: &str) -> u64 {
    let mut h = DefaultHasher::new();
    subject.hash(&mut h);
    h.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::life::{Command, DELIVERED, Said, step};

    const CLASS: Class = Class {
        server: 0,
        office: 1,
        package: 0,
        kind: 0,
    };

    fn slot(dossier: DossierId, holds: bool) -> Slot {
        let rules = KindRules {
            holds,
            repeatable: false,
        };
        Slot {
            dossier,
            class: CLASS,
            rules,
            life: DELIVERED,
            holder: 0,
            waits_for: 0,
            until: 0,
        }
    }

    fn put(lanes: &mut Lanes, id: i64, dossier: DossierId) {
        lanes.add(TaskId(id), slot(dossier, false), None, None);
    }

    fn go(lanes: &mut Lanes, id: TaskId, command: Command) {
        let s = *lanes.slot(id).expect("open");
        let change = step(s.life, s.rules, command).expect("allowed");
        lanes.change(id, change.life, 7, 0);
    }

    fn claim(lanes: &mut Lanes) -> Option<i64> {
        let id = lanes.next(&[CLASS])?;
        go(lanes, id, Command::Claim);
        Some(id.0)
    }

    fn fail(lanes: &mut Lanes, id: i64) {
        let verdict = crate::failure::UNKNOWN;
        go(
            lanes,
            TaskId(id),
            Command::Report {
                attempt: 1,
                said: Said::Failed(verdict),
                jitter: 0,
            },
        );
    }

    #[test]
    fn one_task_of_a_dossier_at_a_time_and_the_oldest_first() {
        let mut lanes = Lanes::default();
        for (id, dossier) in [(1, 10), (2, 10), (3, 20)] {
            put(&mut lanes, id, dossier);
        }
        assert_eq!(
            (claim(&mut lanes), claim(&mut lanes), claim(&mut lanes)),
            (Some(1), Some(3), None)
        );
        assert_eq!(lanes.wait(TaskId(2)), Some(Wait::DossierBusy(TaskId(1))));
        fail(&mut lanes, 1);
        assert_eq!(
            claim(&mut lanes),
            Some(2),
            "a failed task that does not hold lets the next one pass"
        );
    }

    #[test]
    fn a_failed_holding_task_holds_only_later_ones() {
        let mut lanes = Lanes::default();
        lanes.add(TaskId(1), slot(10, true), None, None);
        put(&mut lanes, 2, 10);
        assert_eq!(claim(&mut lanes), Some(1));
        fail(&mut lanes, 1);
        assert_eq!(claim(&mut lanes), None);
        assert_eq!(lanes.wait(TaskId(2)), Some(Wait::HeldBy(TaskId(1))));
        assert_eq!(lanes.held_behind(TaskId(1)), [TaskId(2)]);
        go(&mut lanes, TaskId(1), Command::Restart);
        assert_eq!(claim(&mut lanes), Some(1), "restarted, it keeps its place");
    }

    #[test]
    fn a_dossiers_line_is_the_running_task_and_the_queued_ones_in_order() {
        let mut lanes = Lanes::default();
        for id in 1..=3 {
            put(&mut lanes, id, 10);
        }
        lanes.add(TaskId(4), slot(10, false), None, Some(TaskId(2)));
        put(&mut lanes, 5, 10);
        put(&mut lanes, 6, 20);
        assert_eq!(claim(&mut lanes), Some(1));
        assert_eq!((lanes.queued(10), lanes.queued(20), lanes.queued(30)), (4, 1, 0));
        let line = |most| lanes.line_of(10, most).iter().map(|t| t.0).collect::<Vec<_>>();
        assert_eq!(line(9), [1, 2, 3, 4, 5]);
        assert_eq!(line(2), [1, 2]);
    }

    #[test]
    fn a_follower_waits_for_a_failed_subject() {
        let mut lanes = Lanes::default();
        lanes.add(TaskId(1), slot(10, false), Some("a.xml"), None);
        lanes.add(TaskId(2), slot(10, false), Some("a.xml"), None);
        put(&mut lanes, 3, 10);
        lanes.add(TaskId(4), slot(10, false), None, Some(TaskId(2)));
        assert_eq!(claim(&mut lanes), Some(1));
        fail(&mut lanes, 1);
        assert_eq!(lanes.wait(TaskId(2)), Some(Wait::ForEarlier));
        assert_eq!(claim(&mut lanes), Some(3));
        go(&mut lanes, TaskId(1), Command::Cancel);
        fail(&mut lanes, 3);
        assert_eq!(claim(&mut lanes), Some(2));
        go(
            &mut lanes,
            TaskId(2),
            Command::Report {
                attempt: 1,
                said: Said::Succeeded,
                jitter: 0,
            },
        );
        assert_eq!(claim(&mut lanes), Some(4));
    }

    #[test]
    fn a_resting_task_keeps_its_place() {
        let mut lanes = Lanes::default();
        put(&mut lanes, 1, 10);
        put(&mut lanes, 2, 10);
        assert_eq!(claim(&mut lanes), Some(1));
        let life = Life {
            state: TaskState::Queued,
            ..lanes.slot(TaskId(1)).unwrap().life
        };
        lanes.change(TaskId(1), life, 7, 500);
        assert_eq!((claim(&mut lanes), lanes.next_deadline()), (None, Some(500)));
        lanes.wake(499);
        assert_eq!(claim(&mut lanes), None);
        lanes.wake(500);
        assert_eq!(claim(&mut lanes), Some(1));
    }
}

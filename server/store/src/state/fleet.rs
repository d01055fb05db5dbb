//! The connectors as the writer knows them: what each can take, what it was given, when it was last heard of.

use super::Names;
use crate::{
    connector::{Claimed, ConnectorRow, Hello, KEPT_CLAIMS},
    office::OfficeRow,
};
use domain::fleet::{Contact, Liveness, liveness};
use domain::{OfficeId, TaskId, job::RUN_JOB, lane::Class, task::ConnectorId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// One connector.
#[derive(Debug, Clone)]
pub struct Member {
    /// What is on disk of it.
    pub row: ConnectorRow,
    /// No more tasks for this start of it.
    pub draining: bool,
    /// Tasks under lease.
    pub running: u32,
    /// Monotonic millisecond of the last call; 0 when it has not been heard of since the server started.
    pub heard: u64,
    /// Wall clock of the last call, for people; 0 when it never called.
    pub heard_at: i64,
    /// A long poll of it hangs until this monotonic millisecond.
    pub hangs_until: u64,
    /// It comes again as soon as it is answered: its last call for tasks waited for some.
    pub long_polls: bool,
    /// Its last hours.
    pub diary: Diary,
    /// Monotonic millisecond at which the last lease of it ended without a sign of life; 0 when none did.
    pub lapsed_at: u64,
    /// The tasks whose leases of it ended so: another is asked first.
    pub lapsed: BTreeSet<TaskId>,
    classes: Option<Vec<Class>>,
    claims: Vec<Option<Claimed>>,
    next_claim: u8,
}

/// Every connector of every office.
#[derive(Debug, Default, Clone)]
pub struct Fleet {
    /// By number, so that whoever lists them always finds the same order.
    members: BTreeMap<ConnectorId, Member>,
    /// Monotonic millisecond at which the server began to listen.
    began: u64,
}

/// The task that others are asked for, and when.
#[derive(Debug, Clone, Copy)]
pub struct Others<'a> {
    /// Its sort.
    pub class: Class,
    /// Key of its package.
    pub package: &'a str,
    /// Key of its kind.
    pub kind: &'a str,
    /// Wall clock.
    pub now: i64,
    /// Monotonic clock.
    pub mono: u64,
}

/// What a connector did lately. In memory only.
#[derive(Debug, Default, Clone)]
pub struct Diary {
    /// Minutes in which it polled, oldest first, with the tasks it took.
    minutes: VecDeque<(u64, u16)>,
    /// Hours in which it reported failures, oldest first, with how many.
    failures: VecDeque<(u64, u32)>,
    /// Monotonic millisecond of the last time it took something.
    pub took_at: u64,
}

/// The picture of the polls shows so many minutes.
pub const PICTURE: u64 = 180;
const MINUTE: u64 = 60_000;
const HOUR: u64 = 3_600_000;

impl Diary {
    /// It asked for tasks.
    pub fn polled(&mut self, mono: u64) {
        let minute = mono / MINUTE;
        if self.minutes.back().is_none_or(|(m, _)| *m != minute) {
            self.minutes.push_back((minute, 0));
        }
        while self.minutes.front().is_some_and(|(m, _)| *m + PICTURE <= minute) {
            self.minutes.pop_front();
        }
    }

    /// It was handed tasks.
    pub fn took(&mut self, mono: u64, tasks: usize) {
        self.polled(mono);
        self.took_at = mono;
        if let Some((_, taken)) = self.minutes.back_mut() {
            *taken = taken.saturating_add(u16::try_from(tasks).unwrap_or(u16::MAX));
        }
    }

    /// It reported a failure.
    pub fn failed(&mut self, mono: u64) {
        let hour = mono / HOUR;
        match self.failures.back_mut() {
            Some((h, n)) if *h == hour => *n += 1,
            _ => self.failures.push_back((hour, 1)),
        }
        while self.failures.front().is_some_and(|(h, _)| *h + 24 <= hour) {
            self.failures.pop_front();
        }
    }

    /// The minutes of the picture: how many ago, and tasks taken; newest first.
    pub fn ticks(&self, mono: u64) -> impl Iterator<Item = (u64, u16)> {
        let now = mono / MINUTE;
        self.minutes
            .iter()
            .rev()
            .map(move |(m, taken)| (now.saturating_sub(*m), *taken))
            .filter(|(ago, _)| *ago < PICTURE)
    }

    /// Failures of the last day.
    pub fn failures(&self, mono: u64) -> u32 {
        let now = mono / HOUR;
        let recent = self.failures.iter().filter(|(h, _)| *h + 24 > now);
        recent.map(|(_, n)| n).sum()
    }
}

impl Fleet {
    /// The fleet as it stands on disk.
    pub fn new(rows: Vec<ConnectorRow>, claims: Vec<(ConnectorId, u8, Claimed)>, mono: u64) -> Self {
        let mut fleet = Self {
            began: mono,
            ..Self::default()
        };
        for row in rows {
            fleet.add(row);
        }
        for (connector, slot, claimed) in claims {
            if let Some(m) = fleet.members.get_mut(&connector) {
                m.claims[usize::from(slot % KEPT_CLAIMS)] = Some(claimed);
            }
        }
        fleet
    }

    /// Adds a connector.
    pub fn add(&mut self, row: ConnectorRow) {
        let member = Member {
            draining: false,
            running: 0,
            heard: 0,
            heard_at: row.heard_at.unwrap_or(0),
            row,
            hangs_until: 0,
            long_polls: false,
            diary: Diary::default(),
            lapsed_at: 0,
            lapsed: BTreeSet::new(),
            classes: None,
            claims: vec![None; usize::from(KEPT_CLAIMS)],
            next_claim: 0,
        };
        self.members.insert(member.row.id, member);
    }

    /// A connector; `None` when there is none of that number.
    pub fn get(&self, id: ConnectorId) -> Option<&Member> {
        self.members.get(&id)
    }

    /// A connector, to be changed.
    pub fn get_mut(&mut self, id: ConnectorId) -> Option<&mut Member> {
        self.members.get_mut(&id)
    }

    /// The connectors of an office that are not shut out.
    pub fn of_office(&self, office: OfficeId) -> impl Iterator<Item = &Member> {
        self.members
            .values()
            .filter(move |m| m.row.office == office && !m.row.revoked)
    }

    /// Every connector of an office, also those that are shut out.
    pub fn ever_of_office(&self, office: OfficeId) -> impl Iterator<Item = &Member> {
        self.members.values().filter(move |m| m.row.office == office)
    }

    /// Every connector of every office, to be changed.
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        self.members.values_mut()
    }

    /// Every connector of every office.
    pub fn all(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// What decides how alive a connector is. One that has not called since the server began to listen is given
    /// the time since then: it could not call before.
    pub fn contact(&self, m: &Member, office: &OfficeRow, now: i64, mono: u64) -> Contact {
        let age = match (m.heard, m.heard_at) {
            (0, 0) => None,
            (0, at) => {
                let since = u64::try_from(now.saturating_sub(at)).unwrap_or(0);
                Some(since.min(mono.saturating_sub(self.began)))
            }
            (heard, _) => Some(mono.saturating_sub(heard.max(m.hangs_until.min(mono)))),
        };
        Contact {
            age,
            revoked: m.row.revoked,
            held: m.row.held.is_some(),
            running: m.running,
            poll_to: office.poll_to,
            lease_seconds: office.lease_seconds,
        }
    }

    /// How alive a connector is.
    pub fn liveness(&self, m: &Member, office: &OfficeRow, now: i64, mono: u64) -> Liveness {
        liveness(&self.contact(m, office, now, mono))
    }

    /// The connectors of a class's office, not shut out, that offer its package and kind, and that it is not kept from.
    pub fn able<'a>(
        &'a self,
        class: &'a Class,
        package: &'a str,
        kind: &'a str,
    ) -> impl Iterator<Item = &'a Member> {
        self.of_office(class.office)
            .filter(|m| class.server == 0 || class.server == m.row.id)
            .filter(move |m| m.row.hello.as_ref().is_some_and(|h| h.takes(package, kind)))
    }

    /// Whether a connector that let the lease of a task lapse is passed over, because another could take it now.
    pub fn passes_over(&self, m: &Member, office: &OfficeRow, others: Others<'_>) -> bool {
        let could = |o: &&Member| {
            let room = o.row.hello.as_ref().is_some_and(|h| o.running < h.max_parallel);
            let awake = self.liveness(o, office, others.now, others.mono) != Liveness::Silent;
            o.row.id != m.row.id && room && awake && !o.holds_back() && o.lapsed_at <= o.heard
        };
        self.able(&others.class, others.package, others.kind)
            .any(|o| could(&o))
    }

    /// Whether a connector of the office looks in the package before it does such a task again.
    pub fn recovers(&self, class: Class, kind: &str, package: &str) -> bool {
        self.of_office(class.office).any(|m| {
            m.row
                .hello
                .as_ref()
                .is_some_and(|h| h.recovers.iter().any(|k| k == kind) && h.takes(package, kind))
        })
    }

    /// Packages got new numbers: what each connector can take is worked out anew.
    pub fn forget_classes(&mut self) {
        for m in self.members.values_mut() {
            m.classes = None;
        }
    }

    /// Takes over what each connector can take, where its hello is the same.
    pub(super) fn keep_classes(&mut self, old: &Self) {
        for (id, m) in &mut self.members {
            if let Some(o) = old.members.get(id).filter(|o| o.row.hello == m.row.hello) {
                m.classes = o.classes.clone();
            }
        }
    }

    /// Takes over what only memory knew.
    pub fn keep_contacts(&mut self, old: &Self) {
        for (id, m) in &mut self.members {
            if let Some(o) = old.members.get(id) {
                (m.draining, m.heard, m.heard_at) = (o.draining, o.heard, o.heard_at);
                (m.hangs_until, m.long_polls) = (o.hangs_until, o.long_polls);
                m.diary = o.diary.clone();
                (m.lapsed_at, m.lapsed) = (o.lapsed_at, o.lapsed.clone());
            }
        }
        self.began = old.began;
    }
}

impl Member {
    /// It is given nothing new: it said so itself, a person did, or it is shut out.
    pub fn holds_back(&self) -> bool {
        self.draining || self.row.held.is_some() || self.row.revoked
    }

    /// Works out what it can take, if that has changed since the last time.
    pub fn work_out_classes(&mut self, packages: &Names, kinds: &Names) {
        if self.classes.is_none() {
            self.classes = Some(self.can_take(packages, kinds));
        }
    }

    /// What it can take, as numbers.
    pub fn can_take(&self, packages: &Names, kinds: &Names) -> Vec<Class> {
        if let Some(classes) = &self.classes {
            return classes.clone();
        }
        let (office, me) = (self.row.office, self.row.id);
        let Some(h) = &self.row.hello else { return vec![] };
        let run_job = kinds.number(RUN_JOB);
        let kinds: Vec<u16> = h.kinds.iter().filter_map(|k| kinds.number(k)).collect();
        let run_job = run_job.filter(|k| kinds.contains(k));
        let packages = h.packages.iter().filter_map(|p| packages.number(p));
        let class = |package, kind, server| Class {
            office,
            package,
            kind,
            server,
        };
        packages
            .flat_map(|package| {
                let any = kinds.iter().map(move |kind| class(package, *kind, 0));
                // a job may be bound to this server
                any.chain(run_job.map(move |kind| class(package, kind, me)))
            })
            .collect()
    }

    /// What it can take, if that was worked out since the last change.
    pub fn known_classes(&self) -> Option<&[Class]> {
        self.classes.as_deref()
    }

    /// It has said hello.
    pub fn greet(&mut self, hello: Hello) {
        if self.row.hello.as_ref().is_none_or(|h| h.boot_id != hello.boot_id) {
            self.draining = false;
        }
        self.row.hello = Some(hello);
        self.classes = None;
    }

    /// What an earlier claim with this request id was given.
    pub fn earlier_claim(&self, request_id: &str) -> Option<&Claimed> {
        self.claims.iter().flatten().find(|c| c.request_id == request_id)
    }

    /// Keeps an answer; gives its place in the ring. One that `lives`, by its leases, is overwritten last:
    /// after a restart nobody knows which answer is the oldest.
    pub fn keep_claim(&mut self, claimed: Claimed, lives: impl Fn(&Claimed) -> bool) -> u8 {
        let places = (0..KEPT_CLAIMS).map(|i| (self.next_claim + i) % KEPT_CLAIMS);
        let free = places
            .into_iter()
            .find(|i| !self.claims[usize::from(*i)].as_ref().is_some_and(&lives));
        let slot = free.unwrap_or(self.next_claim);
        self.claims[usize::from(slot)] = Some(claimed);
        self.next_claim = (slot + 1) % KEPT_CLAIMS;
        slot
    }
}

impl Hello {
    /// It can carry out tasks of this kind in this package.
    pub fn takes(&self, package: &str, kind: &str) -> bool {
        self.packages.iter().any(|p| p == package) && self.kinds.iter().any(|k| k == kind)
    }
}

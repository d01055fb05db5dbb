//! The connectors as the writer knows them: what each can take, what it was given, when it was last heard of.

use crate::store::connector::{Claimed, ConnectorRow, Hello, KEPT_CLAIMS};
use crate::store::state::Names;
use domain::{OfficeId, lane::Class, task::ConnectorId};
use std::collections::HashMap;

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
    /// Wall clock of the last call, for people.
    pub heard_at: i64,
    classes: Option<Vec<Class>>,
    claims: Vec<Option<Claimed>>,
    next_claim: u8,
}

/// Every connector of every office.
#[derive(Debug, Default, Clone)]
pub struct Fleet {
    members: HashMap<ConnectorId, Member>,
}

impl Fleet {
    /// The fleet as it stands on disk.
    pub fn new(rows: Vec<ConnectorRow>, claims: Vec<(ConnectorId, u8, Claimed)>) -> Self {
        let mut fleet = Self::default();
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
            row,
            draining: false,
            running: 0,
            heard: 0,
            heard_at: 0,
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

    /// Takes over what only memory knew.
    pub fn keep_contacts(&mut self, old: &Self) {
        for (id, m) in &mut self.members {
            if let Some(o) = old.members.get(id) {
                (m.draining, m.heard, m.heard_at) = (o.draining, o.heard, o.heard_at);
            }
        }
    }
}

impl Member {
    /// What it can take, as numbers.
    pub fn classes(&mut self, packages: &Names, kinds: &Names) -> &[Class] {
        let (office, hello) = (self.row.office, self.row.hello.as_ref());
        self.classes.get_or_insert_with(|| {
            let Some(h) = hello else { return vec![] };
            let kinds: Vec<u16> = h.kinds.iter().filter_map(|k| kinds.number(k)).collect();
            let packages = h.packages.iter().filter_map(|p| packages.number(p));
            packages
                .flat_map(|package| {
                    kinds.iter().map(move |kind| Class {
                        office,
                        package,
                        kind: *kind,
                    })
                })
                .collect()
        })
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

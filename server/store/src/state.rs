//! What the writer knows without asking the disk: lanes, counters, names and numbers, the fleet.
//!
//! All of it is derived from rows and rebuilt at start ([`State::read`]), so that neither the time nor the
//! pages written by a claim grow with the backlog.

pub mod fleet;
pub mod known;
mod read;

use self::{fleet::Fleet, known::Known};
use super::{downtime, office, person};
use crate::{db::Ask, error::Result, office::OfficeRow, quota::Quotas};
use domain::{OfficeId, Refusal, Rule, TaskId, TaskState, event::Event, lane::Lanes};
use rusqlite::{Connection, params};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use views::Counts;

/// Numbers of words that many rows carry.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Names {
    number: HashMap<String, u16>,
    name: Vec<String>,
}

impl Names {
    /// The number of a word, if any row carries it.
    pub fn number(&self, name: &str) -> Option<u16> {
        self.number.get(name).copied()
    }

    /// The word of a number; empty for a number that no row carries.
    pub fn name(&self, number: u16) -> &str {
        self.name.get(usize::from(number)).map_or("", String::as_str)
    }

    fn add(&mut self, number: u16, name: String) {
        self.number.insert(name.clone(), number);
        self.name
            .resize(self.name.len().max(usize::from(number) + 1), String::new());
        self.name[usize::from(number)] = name;
    }
}

/// After a restore: no task gets a number up to this one, among the numbers that a desk keeps about itself.
pub const TASK_FLOOR: &str = "task_floor";
/// The same for events.
pub const EVENT_FLOOR: &str = "event_floor";
/// The counts go to disk once in this many events.
const COUNTS_EVERY: i64 = 2000;

/// The writer's memory.
pub struct State {
    /// Every open task.
    pub lanes: Lanes,
    /// What everybody may know, once it is committed.
    pub known: Known,
    /// Numbers of kinds.
    pub kinds: Names,
    /// Numbers of packages.
    pub packages: Names,
    /// Every connector and when it was last heard of.
    pub fleet: Fleet,
    /// Rises with every restore from backup, so that leases of a former life are strangers.
    pub epoch: i64,
    /// The server is going down: nothing new is granted.
    pub draining: bool,
    /// Events of the open transaction, fanned out after its commit.
    pub events: Vec<Event>,
    /// How long they are, as they are written.
    pub event_bytes: usize,
    /// Number of the last event.
    pub seq: i64,
    /// Number of the last task.
    pub last_task: i64,
    /// Number of the kind that runs of jobs make tasks of.
    pub run_job: u16,
    /// Number of the kind that activates a dossier.
    pub activate: u16,
    /// Offices whose jobs or runs changed in the open transaction.
    pub jobs_of: Arc<BTreeSet<OfficeId>>,
    /// One of them changed in the open transaction.
    pub downtime_changed: bool,
    /// How long tasks take, milliseconds, by office, package and kind: nine of ten take no longer. Read only while a
    /// downtime is planned.
    pub usual: HashMap<downtime::Sort, u64>,
    /// Of offices that a downtime has closed, what exempt integrations have delivered since.
    pub meanwhile: HashMap<OfficeId, BTreeSet<TaskId>>,
    /// Wall clock of the last transaction.
    pub now: i64,
    /// Changes of rows that an operation itself has taken back.
    pub taken_back: u64,
    /// How far an office may grow by what others bring in.
    pub quotas: Quotas,
    /// How many dossiers each office has.
    pub dossiers: HashMap<OfficeId, u64>,
    /// The room that each office's documents take, bytes.
    pub documents: HashMap<OfficeId, i64>,
    /// The packages of each office that the catalogue does not know.
    pub strange: HashMap<OfficeId, BTreeSet<u16>>,
    counts: HashMap<OfficeId, Counts>,
    /// The event that the counts on disk are of.
    counts_seq: i64,
}

impl std::ops::Deref for State {
    type Target = Known;

    fn deref(&self) -> &Known {
        &self.known
    }
}

/// What the rows of the open transaction do not say of the memory at a moment.
pub(crate) struct Mark {
    known: Known,
    /// Number of the last event.
    pub seq: i64,
    events: usize,
    event_bytes: usize,
    jobs_of: Arc<BTreeSet<OfficeId>>,
    downtime_changed: bool,
}

impl State {
    /// What it holds that rows say too, as text: equal for equal memories. For tests.
    pub fn picture(&self) -> String {
        fn sorted<K: Ord + Copy, V>(map: &HashMap<K, V>) -> Vec<(K, &V)> {
            let mut all: Vec<_> = map.iter().map(|(k, v)| (*k, v)).collect();
            all.sort_unstable_by_key(|(k, _)| *k);
            all
        }
        let mut slots: Vec<_> = self.lanes.iter().collect();
        slots.sort_unstable_by_key(|(id, _)| *id);
        format!(
            "{slots:?} {} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            self.lanes.weight(),
            (
                self.seq,
                self.last_task,
                self.epoch,
                self.events.len(),
                self.event_bytes
            ),
            sorted(&self.counts),
            sorted(&self.offices),
            sorted(&self.dossiers),
            sorted(&self.documents),
            sorted(&self.strange),
            sorted(&self.calendars),
            sorted(&self.meanwhile),
            (&self.jobs_of, &self.downtimes, self.downtime_changed),
            (&self.kinds, &self.packages),
        )
    }

    /// Before an operation, for [`State::undo`].
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            known: self.known.clone(),
            seq: self.seq,
            events: self.events.len(),
            event_bytes: self.event_bytes,
            jobs_of: self.jobs_of.clone(),
            downtime_changed: self.downtime_changed,
        }
    }

    /// What is told after the commit, as it was at `mark`.
    pub(crate) fn forget(&mut self, mark: Mark) {
        self.known = mark.known;
        self.events.truncate(mark.events);
        self.event_bytes = mark.event_bytes;
        self.jobs_of = mark.jobs_of;
        self.downtime_changed = mark.downtime_changed;
    }

    /// Why an office may not have a dossier in this package, if so: only what the catalogue knows, or what a connector of
    /// the office says it serves, and of those `more` beside what it has.
    pub fn refuses_package(&self, office: OfficeId, code: &str, more: &BTreeSet<String>) -> Option<Rule> {
        if self.is_known(code) {
            return None;
        }
        let serves = |m: &fleet::Member| {
            let hello = m.row.hello.as_ref();
            hello.is_some_and(|h| h.packages.iter().any(|p| p == code))
        };
        if !self.fleet.of_office(office).any(serves) {
            return Some(Rule::NoPackage);
        }
        let (has, most) = (
            self.strange.get(&office).map_or(0, BTreeSet::len),
            self.quotas.packages,
        );
        let full = has + more.len() >= most && !more.contains(code) && self.is_strange(office, code);
        full.then_some(Rule::PackagesFull { most: most as i64 })
    }

    fn is_known(&self, code: &str) -> bool {
        self.catalogue.package_codes().any(|known| known == code)
    }

    /// Neither the catalogue knows this package nor has the office a dossier in it.
    pub fn is_strange(&self, office: OfficeId, code: &str) -> bool {
        let has = self.packages.number(code).zip(self.strange.get(&office));
        !self.is_known(code) && !has.is_some_and(|(n, has)| has.contains(&n))
    }

    /// An office has a dossier more.
    pub fn add_dossier(&mut self, office: OfficeId, package: u16) {
        let n = self.dossiers.entry(office).or_default();
        *n = n.saturating_add(1);
        self.note_strange(office, package);
    }

    fn note_strange(&mut self, office: OfficeId, package: u16) {
        if !self.is_known(self.packages.name(package)) {
            self.strange.entry(office).or_default().insert(package);
        }
    }

    /// The number of a package; a new one is written.
    ///
    /// # Errors
    /// When it cannot be written, or there are no more numbers.
    pub fn package(&mut self, db: &Connection, code: &str) -> Result<u16> {
        if let Some(n) = self.packages.number(code) {
            return Ok(n);
        }
        let n: i64 = db.query_row(
            "INSERT INTO package (code) VALUES (?1) RETURNING id",
            [code],
            |r| r.get(0),
        )?;
        let n = u16::try_from(n).map_err(|_| Refusal::rule("package", Rule::PackageNumbersFull))?;
        self.packages.add(n, code.to_owned());
        self.fleet.forget_classes();
        Ok(n)
    }

    /// Jobs or runs of an office changed: the pages that show them are told.
    pub fn touch_jobs(&mut self, office: OfficeId) {
        Arc::make_mut(&mut self.jobs_of).insert(office);
    }

    /// Somebody of Support may have come or gone.
    pub fn look_for_support(&mut self, db: &Connection) -> Result<()> {
        self.known.supported = person::desk_has_support(db)?;
        Ok(())
    }

    pub fn add_office(&mut self, office: OfficeRow) {
        self.counts.insert(office.id, Counts::default());
        self.put_office(office);
    }

    /// Puts what is changed in the place of what was known of an office.
    pub fn put_office(&mut self, office: OfficeRow) {
        Arc::make_mut(&mut self.known.offices).insert(office.id, office);
    }

    /// A task of `office` went from one state to another; `None` for a task that is new.
    pub fn count(&mut self, office: OfficeId, from: Option<TaskState>, to: TaskState) {
        if from == Some(to) {
            return;
        }
        let counts = self.counts.entry(office).or_default();
        if let Some(from) = from {
            let n = counts.of(from);
            *n = n.saturating_sub(1);
        }
        *counts.of(to) += 1;
    }

    /// Writes how many tasks are concluded, once enough has happened since the last time.
    pub fn save_counts(&mut self, db: &Connection) -> Result<()> {
        if self.seq - self.counts_seq < COUNTS_EVERY && !self.draining {
            return Ok(());
        }
        for (office, c) in &self.counts {
            office::save_counts(db, *office, c, self.seq)?;
        }
        self.counts_seq = self.seq;
        Ok(())
    }

    /// The counts of every office that an event of this group concerns.
    pub fn changed_counts(&self) -> HashMap<OfficeId, Counts> {
        self.events
            .iter()
            .map(|e| (e.office, self.counts(e.office)))
            .collect()
    }

    /// The counts of every office.
    pub fn all_counts(&self) -> HashMap<OfficeId, Counts> {
        self.counts.clone()
    }

    /// How many tasks of an office are not concluded.
    pub fn open_tasks(&self, office: OfficeId) -> u64 {
        let mut counts = self.counts(office);
        TaskState::ALL
            .into_iter()
            .filter(|state| state.is_open())
            .map(|state| *counts.of(state))
            .sum()
    }

    /// The counts of an office.
    pub fn counts(&self, office: OfficeId) -> Counts {
        self.counts.get(&office).copied().unwrap_or_default()
    }
}

/// A number that the desk keeps about itself.
pub fn meta(db: &Connection, key: &str) -> Result<Option<i64>> {
    db.one("SELECT value FROM meta WHERE key = ?1", [key], |r| r.get(0))
}

/// Keeps a number about the desk itself.
pub fn set_meta(db: &Connection, key: &str, value: i64) -> Result<()> {
    db.prepare_cached("INSERT INTO meta VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value")?
        .execute(params![key, value])?;
    Ok(())
}

//! What the writer knows without asking the disk: lanes, counters, names and numbers, the fleet.
//!
//! All of it is derived from rows and rebuilt at start ([`State::read`]), so that neither the time nor the
//! pages written by a claim grow with the backlog.

use super::{calendar, connector, document, downtime, event, office, person, sound, task, unsigned};
pub mod fleet;
pub mod known;

use self::{fleet::Fleet, known::Known};
use crate::{Catalogue, db::Ask, error::Result, office::OfficeRow, quota::Quotas};
use domain::{
    OfficeId, Refusal, Rule, TaskId, TaskState,
    dossier::ACTIVATE,
    event::Event,
    job::RUN_JOB,
    lane::{Lanes, Slot},
    view::Counts,
};
use rusqlite::{Connection, params};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

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
/// No task rests longer, milliseconds.
const LONGEST_REST: u64 = 86_400_000;
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
    /// Reads the memory from disk. Every lease starts afresh at `mono`.
    pub fn read(db: &Connection, catalogue: Arc<Catalogue>, quotas: Quotas, mono: u64) -> Result<Self> {
        let mut kinds: Vec<&str> = catalogue.kind_codes().collect();
        kinds.sort_unstable();
        for code in kinds {
            db.execute(
                "INSERT INTO kind (code) VALUES (?1) ON CONFLICT DO NOTHING",
                [code],
            )?;
        }
        let mut packages: Vec<&str> = catalogue.package_codes().collect();
        packages.sort_unstable();
        for code in packages {
            db.execute(
                "INSERT INTO package (code) VALUES (?1) ON CONFLICT DO NOTHING",
                [code],
            )?;
        }
        let mut state = Self {
            lanes: Lanes::default(),
            known: Known {
                offices: Arc::new(office::all(db)?),
                calendars: Arc::new(calendar::all(db)?),
                catalogue,
                tokens: Arc::new(connector::tokens(db)?),
                exempt: Arc::new(downtime::exempt(db)?),
                downtimes: Arc::new(downtime::open(db)?),
                supported: person::desk_has_support(db)?,
            },
            kinds: names(db, "SELECT id, code FROM kind")?,
            packages: names(db, "SELECT id, code FROM package")?,
            fleet: Fleet::new(connector::all(db)?, connector::claims(db)?, mono),
            epoch: meta(db, "epoch")?.unwrap_or(1),
            draining: false,
            events: vec![],
            event_bytes: 0,
            seq: last(db, "SELECT max(seq) FROM event WHERE seq < ?1", EVENT_FLOOR)?,
            last_task: last(db, "SELECT max(id) FROM task WHERE id < ?1", TASK_FLOOR)?,
            run_job: 0,
            activate: 0,
            jobs_of: Arc::default(),
            downtime_changed: false,
            usual: HashMap::new(),
            meanwhile: HashMap::new(),
            now: 0,
            taken_back: 0,
            quotas,
            dossiers: HashMap::new(),
            documents: document::rooms(db)?,
            strange: HashMap::new(),
            counts: HashMap::new(),
            counts_seq: 0,
        };
        state.run_job = state.kinds.number(RUN_JOB).unwrap_or(0);
        state.activate = state.kinds.number(ACTIVATE).unwrap_or(0);
        state.learn_usual(db)?;
        state.read_counts(db)?;
        state.read_dossiers(db)?;
        state.read_lanes(db, mono)?;
        for (id, downtime) in task::meanwhile(db)? {
            let office = state.lanes.slot(id).map(|s| s.class.office);
            if let Some(office) = office.filter(|_| state.downtimes.iter().any(|d| d.id == downtime)) {
                state.meanwhile.entry(office).or_default().insert(id);
            }
        }
        Ok(state)
    }

    /// Reads the memory anew after a group was undone; what only memory knows (who was heard of) is kept.
    pub fn again(&self, db: &Connection, committed: &Known, mono: u64) -> Result<Self> {
        let mut fresh = Self::read(db, committed.catalogue.clone(), self.quotas, mono)?;
        fresh.keep_from(self);
        // what was told may be of the group that was undone
        fresh.downtime_changed = fresh.downtimes != self.downtimes;
        Ok(fresh)
    }

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

    /// As it was at `mark`, read from the rows of the open transaction, which an operation has been taken out of again.
    pub(crate) fn undo(&mut self, db: &Connection, mark: Mark, mono: u64) -> Result<()> {
        let mut fresh = Self::read(db, mark.known.catalogue.clone(), self.quotas, mono)?;
        fresh.keep_from(self);
        fresh.events = std::mem::take(&mut self.events);
        fresh.forget(mark);
        *self = fresh;
        Ok(())
    }

    /// What is told after the commit, as it was at `mark`.
    pub(crate) fn forget(&mut self, mark: Mark) {
        self.known = mark.known;
        self.events.truncate(mark.events);
        self.event_bytes = mark.event_bytes;
        self.jobs_of = mark.jobs_of;
        self.downtime_changed = mark.downtime_changed;
    }

    /// Takes over what no row says: who was heard of, when leases and rests end.
    fn keep_from(&mut self, old: &Self) {
        self.fleet.keep_contacts(&old.fleet);
        if (&self.kinds, &self.packages) == (&old.kinds, &old.packages) {
            self.fleet.keep_classes(&old.fleet);
        }
        let same = |id: TaskId, new: &Slot| {
            let was = old.lanes.slot(id)?;
            (was.life == new.life && was.holder == new.holder && was.until != new.until).then_some(was.until)
        };
        let ends: Vec<_> = self
            .lanes
            .iter()
            .filter_map(|(id, slot)| Some((id, slot.life, slot.holder, same(id, slot)?)))
            .collect();
        for (id, life, holder, until) in ends {
            self.lanes.change(id, life, holder, until);
        }
        (self.draining, self.now, self.taken_back) = (old.draining, old.now, old.taken_back);
    }

    /// Reads how long tasks take, if a downtime is planned.
    pub fn learn_usual(&mut self, db: &Connection) -> Result<()> {
        self.usual.clear();
        if self.downtimes.is_empty() {
            return Ok(());
        }
        let mut histograms: HashMap<downtime::Sort, Vec<(i64, i64)>> = HashMap::new();
        for (sort, bucket, n) in downtime::took(db)? {
            histograms.entry(sort).or_default().push((bucket, n));
        }
        for (sort, histogram) in histograms {
            if let Some(ms) = domain::fleet::percentile(&histogram, 90) {
                self.usual.insert(sort, ms);
            }
        }
        Ok(())
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

    /// Concluded tasks: as written, and those of the events since.
    fn read_counts(&mut self, db: &Connection) -> Result<()> {
        self.counts = self.offices.keys().map(|o| (*o, Counts::default())).collect();
        self.counts_seq = office::read_counts(db, &mut self.counts)?;
        for (office, happened) in event::after(db, self.counts_seq)? {
            let to = domain::event::fold([&happened]).filter(|s| !s.is_open());
            if let Some(to) = to {
                *self.counts.entry(office).or_default().of(to) += 1;
            }
        }
        Ok(())
    }

    fn read_dossiers(&mut self, db: &Connection) -> Result<()> {
        let mut q = db.prepare("SELECT office, package, count(*) FROM dossier GROUP BY office, package")?;
        let mut rows = q.query([])?;
        while let Some(r) = rows.next()? {
            let read = || Ok((r.get(0)?, r.get(1)?, unsigned(r, 2)?));
            let Some((office, package, n)) = sound("dossier", read())? else {
                continue;
            };
            let all = self.dossiers.entry(office).or_default();
            *all = all.saturating_add(n);
            self.note_strange(office, package);
        }
        Ok(())
    }

    fn read_lanes(&mut self, db: &Connection, mono: u64) -> Result<()> {
        let (lanes, fleet, counts) = (&mut self.lanes, &mut self.fleet, &mut self.counts);
        let (known, kinds) = (&self.known, &self.kinds);
        let rules = |kind: u16| {
            known
                .catalogue
                .kind(kinds.name(kind))
                .map(|k| k.rules)
                .unwrap_or_default()
        };
        task::each_open(db, |open| {
            let mut slot = open.slot(rules(open.class.kind));
            slot.until = match slot.life.state {
                TaskState::Running => mono + known.lease_ms(slot.class.office),
                TaskState::Queued if open.backoff_ms > 0 => mono + open.backoff_ms.min(LONGEST_REST),
                _ => 0,
            };
            if slot.life.state == TaskState::Running
                && let Some(m) = fleet.get_mut(slot.holder)
            {
                m.running += 1;
            }
            *counts.entry(slot.class.office).or_default().of(slot.life.state) += 1;
            lanes.add(open.id, slot, open.subject, open.follows.map(TaskId));
        })
    }
}

fn names(db: &Connection, sql: &str) -> Result<Names> {
    let mut names = Names::default();
    let mut q = db.prepare(sql)?;
    let mut rows = q.query([])?;
    while let Some(r) = rows.next()? {
        let read = || Ok((r.get::<_, u16>(0)?, r.get::<_, String>(1)?));
        if let Some((number, name)) = sound("package or kind", read())? {
            names.add(number, name);
        }
    }
    Ok(names)
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

/// No number of a task or an event is larger: a row that no program of ours wrote must not use up all of them.
const LARGEST: i64 = 1 << 53;

/// The last number that was given; after a restore none of those that may have been given since the backup.
fn last(db: &Connection, sql: &str, floor: &str) -> Result<i64> {
    let given: Option<i64> = db.query_row(sql, [LARGEST], |r| r.get(0))?;
    let floor = meta(db, floor)?.filter(|n| *n < LARGEST);
    Ok(given.unwrap_or(0).max(floor.unwrap_or(0)))
}

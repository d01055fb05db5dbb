//! The memory, read from rows: at start, and where an operation or a group was undone.

use super::{EVENT_FLOOR, Mark, Names, State, TASK_FLOOR, fleet::Fleet, known::Known, meta};
use crate::{
    Catalogue, calendar, connector, document, downtime, error::Result, event, office, person, quota::Quotas,
    sound, task, unsigned,
};
use domain::{
    TaskId, TaskState,
    dossier::ACTIVATE,
    job::RUN_JOB,
    lane::{Lanes, Slot},
};
use rusqlite::Connection;
use std::{collections::HashMap, sync::Arc};
use views::Counts;

/// No task rests longer, milliseconds.
const LONGEST_REST: u64 = 86_400_000;
/// No number of a task or an event is larger: a row that no program of ours wrote must not use up all of them.
const LARGEST: i64 = 1 << 53;

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

    /// As it was at `mark`, read from the rows of the open transaction, which an operation has been taken out of again.
    pub(crate) fn undo(&mut self, db: &Connection, mark: Mark, mono: u64) -> Result<()> {
        let mut fresh = Self::read(db, mark.known.catalogue.clone(), self.quotas, mono)?;
        fresh.keep_from(self);
        fresh.events = std::mem::take(&mut self.events);
        fresh.forget(mark);
        *self = fresh;
        Ok(())
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

/// The last number that was given; after a restore none of those that may have been given since the backup.
fn last(db: &Connection, sql: &str, floor: &str) -> Result<i64> {
    let given: Option<i64> = db.query_row(sql, [LARGEST], |r| r.get(0))?;
    let floor = meta(db, floor)?.filter(|n| *n < LARGEST);
    Ok(given.unwrap_or(0).max(floor.unwrap_or(0)))
}

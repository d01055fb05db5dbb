//! The watch over the desk itself: alerts and reminders (M1, M13). Durations are measured on the monotonic clock.

use crate::{
    Engine, Result, downtime,
    reading::Zone,
    store::{
        alert::{self, AlertRaw, Finding},
        fleet as rows, job, mail,
        notice::{self, Due, NoticeRaw},
        read,
        writer::Work,
    },
};
use domain::{
    OfficeId, TaskId, Viewer,
    fleet::{Liveness, low_disk},
    job::OVERDUE_MS,
    lane::Class,
    task::ConnectorId,
    view::{
        OfficeView, TaskRow,
        alerts::{AlertKind, AlertLine, AlertList, NoticeGroup, NoticeKind, NoticeLine, Notices},
    },
};
use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::PoisonError,
};

/// The watch looks around this often, in milliseconds.
const EVERY: u64 = 10_000;
/// Reminders are looked for this often, and contacts written down.
const MINUTE: u64 = 60_000;
/// The clocks may part by this much between two rounds.
const JUMP: i64 = 30_000;
/// A jump of the clock is shown this long.
const JUMP_SHOWN: u64 = 600_000;
/// Reminders of one round.
const REMINDERS: u32 = 500;
/// Overdue jobs that are told one by one.
const MOST_OVERDUE: u32 = 100;
/// Alerts that are over and still shown.
const PAST: u32 = 50;

/// The oldest ready task of an office, and since when it has been that.
type Stuck = HashMap<OfficeId, (TaskId, u64)>;

/// What the watch remembers between its rounds.
#[derive(Debug, Default)]
pub struct Watched {
    looked: u64,
    reminded: u64,
    /// Wall clock minus monotonic clock.
    apart: Option<i64>,
    /// When the clock jumped, and by how much.
    jumped: Option<(u64, i64)>,
    stuck: Stuck,
    /// Since when writing fails.
    failing: Option<i64>,
    disk: Option<(u64, u64)>,
}

/// What only the watch itself sees.
struct Outside {
    /// Free bytes of a disk that fills.
    low: Option<u64>,
    jump: Option<i64>,
    stuck: Stuck,
    /// Writing failed since then and works again.
    healed: Option<i64>,
    /// A minute has passed: contacts are written down.
    minute: bool,
}

impl Engine {
    /// Looks for what is wrong with the desk itself. It may run at any time and twice.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub async fn watch(&self) -> Result<()> {
        let mono = self.clock.mono();
        self.compare_clocks(mono);
        let Some(mut outside) = self.look_outside(mono) else {
            return Ok(());
        };
        let minute = outside.minute;
        let stuck = self
            .writer
            .run(move |w| {
                let found = look(w, &mut outside)?;
                settle(w, &found)?;
                if let Some(since) = outside.healed {
                    let f = whole(AlertKind::Storage, String::new());
                    alert::begin(w.db, &f, since.min(w.now), Some(w.now))?;
                }
                if outside.minute {
                    note_contacts(w)?;
                }
                Ok(std::mem::take(&mut outside.stuck))
            })
            .await?;
        {
            let mut watched = self.watched();
            watched.looked = mono;
            watched.stuck = stuck;
            watched.failing = None;
            if minute {
                watched.reminded = mono;
            }
        }
        if minute { self.remind().await } else { Ok(()) }
    }

    /// Remembers whether writing works, by how a round went.
    pub(crate) async fn note_storage<T>(&self, round: &Result<T>) {
        if round.is_err() && self.ready().await.is_err() {
            let now = self.now();
            self.watched().failing.get_or_insert(now);
        }
    }

    /// For tests: lets the data folder's disk look as if it had so many bytes free and in all.
    pub fn pretend_disk(&self, free: u64, total: u64) {
        self.watched().disk = Some((free, total));
    }

    /// For tests: lets it look as if writing failed since now.
    pub fn pretend_storage_fails(&self) {
        self.watched().failing = Some(self.now());
    }

    fn watched(&self) -> std::sync::MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn compare_clocks(&self, mono: u64) {
        let apart = self.now() - mono as i64;
        let mut watched = self.watched();
        let by = apart - watched.apart.unwrap_or(apart);
        watched.apart = Some(apart);
        if by.abs() > JUMP {
            watched.jumped = Some((mono, by));
        }
    }

    /// `None` when it is too early to look again.
    fn look_outside(&self, mono: u64) -> Option<Outside> {
        let watched = self.watched();
        if watched.looked > 0 && mono < watched.looked + EVERY {
            return None;
        }
        let space = watched.disk.or_else(|| space(self.path()));
        Some(Outside {
            // a file system that tells nothing of its size is not judged
            low: space
                .filter(|(free, total)| {
                    *total > 0 && *free < self.low_disk.unwrap_or_else(|| low_disk(*total))
                })
                .map(|s| s.0),
            jump: watched
                .jumped
                .filter(|(at, _)| mono < at + JUMP_SHOWN)
                .map(|(_, by)| by),
            stuck: watched.stuck.clone(),
            healed: watched.failing,
            minute: watched.reminded == 0 || mono >= watched.reminded + MINUTE,
        })
    }

    /// Sends what reminders are due (M13), each once for each stop.
    async fn remind(&self) -> Result<()> {
        let due = notice::due(&self.readers, self.now(), REMINDERS).await?;
        if due.is_empty() {
            return Ok(());
        }
        self.writer
            .run(move |w| due.iter().try_for_each(|d| remind_of(w, d)))
            .await
    }

    /// The alerts of an office and of the whole desk (M1).
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn alerts(&self, office: &OfficeView) -> Result<AlertList> {
        let zone = Zone::of(&office.zone);
        let mut current = lines(alert::list(&self.readers, office.id, false, 200).await?, zone);
        if let Some(since) = self.watched().failing {
            current.insert(
                0,
                AlertLine {
                    kind: AlertKind::Storage,
                    name: String::new(),
                    detail: String::new(),
                    since: zone.moment(since),
                    ended: None,
                },
            );
        }
        Ok(AlertList {
            current,
            past: lines(alert::list(&self.readers, office.id, true, PAST).await?, zone),
            now: zone.moment(self.now()),
        })
    }

    /// What a person is told about an office (M13).
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn notices(&self, viewer: &Viewer, office: &OfficeView) -> Result<Notices> {
        let raw = notice::of_person(&self.readers, viewer.person, office.id).await?;
        let tasks = self.told_tasks(viewer, office, &raw).await?;
        let zone = Zone::of(&office.zone);
        let alerts = if viewer.sees_every_dossier() {
            self.alerts(office).await?.current.len() as u32
        } else {
            0
        };
        let mut groups: Vec<NoticeGroup> = vec![];
        for n in raw {
            let Some(kind) = NoticeKind::from_key(&n.kind) else {
                continue;
            };
            let task = notice::task_of(kind, &n.subject);
            // a task that they may not see any more is nobody's business of theirs
            let row = task.and_then(|t| tasks.get(&t));
            if task.is_some() && row.is_none() {
                continue;
            }
            let title = row.and_then(|r| r.cause.clone()).unwrap_or_default();
            let line = NoticeLine {
                id: n.id,
                at: zone.moment(n.at),
                task,
                name: n.detail,
                read: n.read_at.is_some(),
            };
            match groups.iter_mut().find(|g| g.kind == kind && g.title == title) {
                Some(g) => g.lines.push(line),
                None => groups.push(NoticeGroup {
                    kind,
                    title,
                    lines: vec![line],
                }),
            }
        }
        let unread = groups.iter().flat_map(|g| &g.lines).filter(|l| !l.read).count() as u32;
        Ok(Notices {
            unread,
            groups,
            alerts,
        })
    }

    /// A person has seen what they were told: these, or all with an empty list.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn read_notices(&self, viewer: &Viewer, office: OfficeId, ids: Vec<i64>) -> Result<()> {
        let person = viewer.person;
        self.writer
            .run(move |w| notice::mark_read(w.db, person, office, &ids, w.now))
            .await
    }

    async fn told_tasks(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        raw: &[NoticeRaw],
    ) -> Result<HashMap<TaskId, TaskRow>> {
        let of = |n: &NoticeRaw| notice::task_of(NoticeKind::from_key(&n.kind)?, &n.subject);
        let ids: Vec<TaskId> = raw.iter().filter_map(of).collect();
        let managed = if viewer.sees_every_dossier() {
            None
        } else {
            Some(self.managed(viewer.person).await?)
        };
        let rows = read::tasks_by_id(&self.readers, &ids).await?;
        let mine = rows
            .iter()
            .filter(|r| r.office == office.id && managed.as_ref().is_none_or(|m| m.contains(&r.dossier)));
        let zone = Zone::of(&office.zone);
        Ok(mine.map(|r| (TaskId(r.id), self.row(r, viewer, zone))).collect())
    }
}

fn lines(raw: Vec<AlertRaw>, zone: Zone) -> Vec<AlertLine> {
    let line = |r: AlertRaw| {
        let (name, detail) = serde_json::from_str(&r.detail).unwrap_or_default();
        Some(AlertLine {
            kind: AlertKind::from_key(&r.kind)?,
            name,
            detail,
            since: zone.moment(r.since),
            ended: r.ended_at.map(|at| zone.moment(at)),
        })
    };
    raw.into_iter().filter_map(line).collect()
}

/// Everything that is wrong now.
fn look(w: &Work<'_>, outside: &mut Outside) -> Result<Vec<Finding>> {
    let mut found = vec![];
    if let Some(free) = outside.low {
        found.push(whole(AlertKind::Disk, free.to_string()));
    }
    if let Some(by) = outside.jump {
        found.push(whole(AlertKind::Clock, by.to_string()));
    }
    silent(w, &mut found);
    orphaned(w, &mut found);
    overdue(w, &mut found)?;
    unmailed(w, &mut found)?;
    let mut still = Stuck::new();
    for office in w.state.offices.keys() {
        let Some(id) = oldest_ready(w, *office) else {
            continue;
        };
        let since = match outside.stuck.get(office) {
            Some((old, since)) if *old == id => *since,
            _ => w.mono,
        };
        still.insert(*office, (id, since));
        if let Some(f) = stuck(w, *office, id, since) {
            found.push(f);
        }
    }
    outside.stuck = still;
    Ok(found)
}

/// Something that concerns the whole desk.
fn whole(kind: AlertKind, detail: String) -> Finding {
    Finding {
        kind,
        office: None,
        subject: String::new(),
        name: String::new(),
        detail,
    }
}

fn silent(w: &Work<'_>, found: &mut Vec<Finding>) {
    for m in w.state.fleet.all() {
        let Some(office) = w.state.offices.get(&m.row.office) else {
            continue;
        };
        if w.state.fleet.liveness(m, office, w.now, w.mono) == Liveness::Silent {
            found.push(Finding {
                kind: AlertKind::SilentConnector,
                office: Some(office.id),
                subject: m.row.id.to_string(),
                name: m.row.name.clone(),
                detail: String::new(),
            });
        }
    }
}

fn orphaned(w: &Work<'_>, found: &mut Vec<Finding>) {
    for (class, n, _) in w.state.lanes.backlog() {
        if is_offered(w, &class) {
            continue;
        }
        let (package, kind) = (
            w.state.packages.name(class.package),
            w.state.kinds.name(class.kind),
        );
        found.push(Finding {
            kind: AlertKind::NoConnector,
            office: Some(class.office),
            subject: match class.server {
                0 => format!("{package}/{kind}"),
                server => format!("{package}/{kind}/{server}"),
            },
            name: w.state.catalogue.package_name(package).to_owned(),
            detail: format!("{kind} {n}"),
        });
    }
}

/// Jobs whose time has passed and that have not started (J27).
fn overdue(w: &Work<'_>, found: &mut Vec<Finding>) -> Result<()> {
    for (office, id, description) in job::overdue(w.db, w.now - OVERDUE_MS, MOST_OVERDUE)? {
        // it waits for the desk to open
        if downtime::closed(&w.state.downtimes, Some(office), w.now).is_some() {
            continue;
        }
        found.push(Finding {
            kind: AlertKind::OverdueJob,
            office: Some(office),
            subject: id.to_string(),
            name: description,
            detail: id.to_string(),
        });
    }
    Ok(())
}

fn unmailed(w: &Work<'_>, found: &mut Vec<Finding>) -> Result<()> {
    for (office, error) in mail::refused(w.db)? {
        found.push(Finding {
            kind: AlertKind::Mail,
            office: Some(office),
            subject: String::new(),
            name: error,
            detail: String::new(),
        });
    }
    Ok(())
}

/// A connector of the office that is not shut out takes tasks of this sort.
pub(crate) fn is_offered(w: &Work<'_>, class: &Class) -> bool {
    let (package, kind) = (
        w.state.packages.name(class.package),
        w.state.kinds.name(class.kind),
    );
    w.state.fleet.able(class, package, kind).next().is_some()
}

/// The oldest task of an office that a connector could take now.
fn oldest_ready(w: &Work<'_>, office: OfficeId) -> Option<TaskId> {
    if downtime::closed(&w.state.downtimes, Some(office), w.now).is_some() {
        return None;
    }
    let may = |class: &Class| {
        let (package, kind) = (
            w.state.packages.name(class.package),
            w.state.kinds.name(class.kind),
        );
        w.state.fleet.able(class, package, kind).any(|m| !m.holds_back())
    };
    w.state.lanes.oldest_ready(office, may)
}

/// The same task has stood first for three polls' time, and nothing was taken meanwhile.
fn stuck(w: &Work<'_>, office: OfficeId, id: TaskId, since: u64) -> Option<Finding> {
    let patience = u64::from(w.state.offices.get(&office)?.poll_to) * 3000;
    let took = w.state.fleet.of_office(office).map(|m| m.diary.took_at).max();
    let quiet_since = since.max(took.unwrap_or(0));
    (w.mono > quiet_since + patience).then(|| Finding {
        kind: AlertKind::StuckQueue,
        office: Some(office),
        subject: String::new(),
        name: id.to_string(),
        detail: String::new(),
    })
}

/// Writes what is new, and ends what is over.
fn settle(w: &Work<'_>, found: &[Finding]) -> Result<()> {
    let standing = alert::standing(w.db)?;
    for s in standing.iter().filter(|s| !found.iter().any(|f| s.is(f))) {
        alert::end(w.db, s.id, w.now)?;
    }
    for f in found.iter().filter(|f| !standing.iter().any(|s| s.is(f))) {
        alert::begin(w.db, f, w.now, None)?;
        if let (AlertKind::SilentConnector, Some(office)) = (f.kind, f.office) {
            for person in notice::runners(w.db, office, true)? {
                notice::tell(
                    w.db,
                    person,
                    office,
                    w.now,
                    NoticeKind::SilentConnector,
                    &f.subject,
                    &f.name,
                )?;
            }
        }
    }
    Ok(())
}

/// Writes down who called, so that a restart does not say "never seen".
fn note_contacts(w: &mut Work<'_>) -> Result<()> {
    let news: Vec<(ConnectorId, i64)> = w
        .state
        .fleet
        .all()
        .filter(|m| m.heard_at > 0 && m.row.heard_at != Some(m.heard_at))
        .map(|m| (m.row.id, m.heard_at))
        .collect();
    for (id, at) in news {
        rows::save_heard(w.db, id, at)?;
        if let Some(m) = w.state.fleet.get_mut(id) {
            m.row.heard_at = Some(at);
        }
    }
    Ok(())
}

/// Reminds the dossier's managers, or the admins when it has none or nobody listens.
fn remind_of(w: &Work<'_>, due: &Due) -> Result<()> {
    if !notice::note_reminder(w.db, due)? {
        return Ok(());
    }
    let admins = || notice::runners(w.db, due.office, false);
    let (kind, people) = if due.level == 1 {
        let managers = notice::managers(w.db, due.dossier)?;
        let people = if managers.is_empty() { admins()? } else { managers };
        (NoticeKind::Reminder, people)
    } else {
        (NoticeKind::Escalated, admins()?)
    };
    let people: HashSet<i64> = people.into_iter().collect();
    for person in people {
        notice::tell(
            w.db,
            person,
            due.office,
            w.now,
            kind,
            &due.task.to_string(),
            &due.name,
        )?;
    }
    Ok(())
}

/// Free bytes and all bytes of the file system that holds `path`.
pub(crate) fn space(path: &Path) -> Option<(u64, u64)> {
    let s = rustix::fs::statvfs(path).ok()?;
    Some((s.f_bavail * s.f_frsize, s.f_blocks * s.f_frsize))
}

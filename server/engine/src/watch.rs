//! The watch over the desk itself: alerts and reminders (M1, M13). Durations are measured on the monotonic clock.

pub mod audit;
pub mod digest;
mod findings;
pub mod metrics;
mod shown;
pub mod ticker;

pub(crate) use findings::is_offered;
use findings::{look, whole};

use crate::{Engine, desk::watched::Stuck};
use domain::{OfficeId, fleet::low_disk, task::ConnectorId};
use std::collections::HashSet;
use store::{
    Result,
    alert::{self, Finding, Standing},
    fleet as rows,
    notice::{self, Due},
    writer::Work,
};
use views::alerts::{AlertKind, MANY, NoticeKind};

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

/// What only the watch itself sees.
struct Outside {
    /// Free bytes of a disk that fills.
    low: Option<u64>,
    jump: Option<i64>,
    stuck: Stuck,
    /// The wall clock as the scheduler believes it: by a clock that is ahead every job would be overdue.
    now: i64,
    /// Writing failed since then and works again.
    healed: Option<i64>,
    /// Offices whose public forms are flooded.
    flooded: Vec<OfficeId>,
    /// A minute has passed: contacts are written down.
    minute: bool,
}

impl Engine {
    /// Looks for what is wrong with the desk itself. It may run at any time and twice.
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
        let (space, now) = (self.space(), self.believed_now());
        let watched = self.watched();
        if watched.looked > 0 && mono < watched.looked + EVERY {
            return None;
        }
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
            now,
            healed: watched.failing,
            flooded: self.guard.floods(mono),
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
}

/// Writes what is new, and ends what is over.
fn settle(w: &Work<'_>, found: &[Finding]) -> Result<()> {
    let standing = alert::standing(w.db)?;
    let is: HashSet<_> = found.iter().map(Finding::key).collect();
    let was: HashSet<_> = standing.iter().map(Standing::key).collect();
    for s in standing.iter().filter(|s| !is.contains(&s.key())) {
        alert::end(w.db, s.id, w.now)?;
    }
    for f in found.iter().filter(|f| f.subject == MANY) {
        alert::say(w.db, f)?;
    }
    for f in found.iter().filter(|f| !was.contains(&f.key())) {
        alert::begin(w.db, f, w.now, None)?;
        let kind = match f.kind {
            AlertKind::SilentConnector => NoticeKind::SilentConnector,
            AlertKind::MailLogIn => NoticeKind::MailLogIn,
            _ => continue,
        };
        if let Some(office) = f.office {
            for person in notice::runners(w.db, office, true)? {
                notice::tell(w.db, person, office, w.now, kind, &f.subject, &f.name)?;
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

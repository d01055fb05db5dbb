//! What people are to be told and were not yet. Each round may run at any time and twice: what a person was told is noted in
//! the transaction that puts it into the outbox.

use super::write_to;
use crate::desk::Engine;
use chrono::Datelike;
use domain::{
    OfficeId, TaskId, Viewer,
    mail::{Letter, TaskTold},
};
use std::collections::BTreeMap;
use store::{error::Result, link::LinkKind, mail as rows, read, zone::Zone};
use views::{TaskRow, alerts::NoticeKind};

/// So many tasks are named in one mail.
const NAMED: usize = 20;
/// Things looked at in one round.
const ROUND: u32 = 500;
/// A task that stops is told of a little later: one that is restarted at once needs nobody, and those that stop
/// together come in one mail.
const SETTLE_MS: i64 = 60_000;
/// What is older was told of, or is of no use as news.
const NEWS_MS: i64 = 24 * 3_600_000;
/// What was sent is forgotten after this.
const KEPT_MS: i64 = 60 * 24 * 3_600_000;
/// The digest comes at this hour of the office's clock; a desk that was down then sends it in the hours after.
const DIGEST_HOURS: std::ops::Range<u32> = 8..12;

impl Engine {
    /// Puts into the outbox what people are to be told and were not yet. It may run at any time and twice.
    pub async fn gather_mail(&self) -> Result<()> {
        let staff = rows::staff(&self.readers).await?;
        if staff.is_empty() {
            return Ok(());
        }
        self.gather_stopped().await?;
        self.gather_notices().await?;
        for (person, office) in staff {
            self.gather_digest(person, office).await?;
        }
        let now = self.now();
        self.writer
            .run(move |w| {
                rows::wipe_dead(w.db, "reset", now - LinkKind::Reset.life())?;
                rows::wipe_dead(w.db, "invitation", now - LinkKind::Invitation.life())?;
                rows::forget(w.db, now - KEPT_MS)
            })
            .await
    }

    /// Tasks that wait for an employee, to the dossier's managers: those that stopped together in one mail.
    async fn gather_stopped(&self) -> Result<()> {
        let now = self.now();
        let found = rows::stopped(&self.readers, now - NEWS_MS, now - SETTLE_MS, ROUND).await?;
        let mut by_person: BTreeMap<(i64, OfficeId), Vec<(TaskId, i64)>> = BTreeMap::new();
        for s in found {
            by_person
                .entry((s.person, s.office))
                .or_default()
                .push((TaskId(s.task), s.since));
        }
        for ((person, office), tasks) in by_person {
            let told = self.told(person, office, tasks.iter().map(|(t, _)| *t)).await?;
            self.writer
                .run(move |w| {
                    let mut new = vec![];
                    for (task, since) in &tasks {
                        if rows::note(w.db, person, &format!("task {task} {since}"), w.now)? {
                            new.extend(told.iter().find(|t| t.task == *task).cloned());
                        }
                    }
                    if !new.is_empty() {
                        write_to(w, office, person, &Letter::Action { tasks: new })?;
                    }
                    Ok(())
                })
                .await?;
        }
        Ok(())
    }

    /// What people were told in the console: reminders, and the desk's own troubles.
    async fn gather_notices(&self) -> Result<()> {
        let found = rows::notices(&self.readers, self.now() - NEWS_MS, ROUND).await?;
        let mut groups: BTreeMap<(i64, OfficeId, &'static str), Vec<rows::NoticeRaw>> = BTreeMap::new();
        for n in found {
            if let Some(kind) = NoticeKind::from_key(&n.kind) {
                groups
                    .entry((n.person, n.office, kind.key()))
                    .or_default()
                    .push(n);
            }
        }
        for ((person, office, kind), notices) in groups {
            let ids = notices.iter().filter_map(|n| n.subject.parse().ok()).map(TaskId);
            let tasks = self.told(person, office, ids).await?;
            let kind = NoticeKind::from_key(kind);
            self.writer
                .run(move |w| {
                    let mut new = false;
                    for n in &notices {
                        new |= rows::note(w.db, person, &format!("notice {}", n.id), w.now)?;
                    }
                    let name = notices.last().map(|n| n.detail.clone()).unwrap_or_default();
                    let letter = match kind {
                        _ if !new => return Ok(()),
                        Some(NoticeKind::Reminder) => Letter::Reminder { tasks: tasks.clone() },
                        Some(NoticeKind::Escalated) => Letter::Escalated { tasks: tasks.clone() },
                        Some(NoticeKind::SilentConnector) => Letter::SilentConnector { name },
                        // told in the console only: what it asks for is a look, not haste; and mail is what does not go
                        Some(NoticeKind::LateSuccess | NoticeKind::MailLogIn) | None => return Ok(()),
                    };
                    write_to(w, office, person, &letter).map(|_| ())
                })
                .await?;
        }
        Ok(())
    }

    /// What a working day begins with, for whoever has something to do.
    async fn gather_digest(&self, person: i64, office: OfficeId) -> Result<()> {
        let Some(card) = self.card(office) else {
            return Ok(());
        };
        let zone = Zone::of(&card.zone);
        let now = self.now();
        let (date, moment) = (zone.date(now), zone.moment(now));
        let hour = moment
            .clock()
            .get(..2)
            .and_then(|h| h.parse::<u32>().ok())
            .unwrap_or(0);
        if !DIGEST_HOURS.contains(&hour) || date.weekday().num_days_from_monday() > 4 {
            return Ok(());
        }
        let what = format!("digest {date}");
        if rows::was_told(&self.readers, person, &what).await? {
            return Ok(());
        }
        let Some(viewer) = self.as_viewer(person).await? else {
            return Ok(());
        };
        let counts = self.counts(&viewer, office).await?;
        let (needs, red) = (counts.action_required as u32, counts.failed as u32);
        // where there is no Support, nothing is with Support
        let (needs, with_support) = match (self.has_support(), self.acts_on_red(&viewer)) {
            (true, _) => (needs, red),
            (false, true) => (needs + red, 0),
            (false, false) => (needs, 0),
        };
        self.writer
            .run(move |w| {
                let fresh = rows::note(w.db, person, &what, w.now)?;
                // nothing to do is no news
                if !fresh || needs + with_support == 0 {
                    return Ok(());
                }
                let letter = Letter::Digest {
                    needs,
                    with_support,
                    tasks: vec![],
                };
                write_to(w, office, person, &letter).map(|_| ())
            })
            .await
    }

    async fn as_viewer(&self, person: i64) -> Result<Option<Viewer>> {
        self.look(move |w| store::person::by_number(w.db, person)).await
    }

    /// Tasks as a person is told of them, in their language.
    async fn told(
        &self,
        person: i64,
        office: OfficeId,
        ids: impl Iterator<Item = TaskId>,
    ) -> Result<Vec<TaskTold>> {
        let Some(viewer) = self.as_viewer(person).await? else {
            return Ok(vec![]);
        };
        let ids: Vec<TaskId> = ids.take(NAMED).collect();
        let zone = Zone::of(&self.card(office).map(|c| c.zone).unwrap_or_default());
        let rows = read::tasks_by_id(&self.readers, &ids).await?;
        let told = |r: TaskRow| TaskTold {
            task: r.id,
            what: r.cause.or(r.subject).unwrap_or(r.kind),
            dossier: r.dossier_name,
        };
        let mine = rows.iter().filter(|r| r.office == office);
        Ok(mine.map(|r| told(self.row(r, &viewer, zone))).collect())
    }
}

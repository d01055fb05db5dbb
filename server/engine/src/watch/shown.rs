//! What the console shows of it: alerts on their page, notices behind the bell.

use crate::Engine;
use domain::{OfficeId, TaskId, Viewer};
use std::collections::HashMap;
use store::{
    Result,
    alert::{self, AlertRaw},
    notice::{self, NoticeRaw},
    read,
    zone::Zone,
};
use views::{
    OfficeView, TaskRow,
    alerts::{AlertKind, AlertLine, AlertList, NoticeGroup, NoticeKind, NoticeLine, Notices},
};

/// Alerts that are over and still shown.
const PAST: u32 = 50;

impl Engine {
    /// The alerts of an office and of the whole desk (M1).
    pub async fn alerts(&self, office: &OfficeView) -> Result<AlertList> {
        let zone = Zone::of(&office.zone);
        let mut current = lines(alert::list(&self.readers, office.id, false, 200).await?, zone);
        // a full disk does not take how full it is
        if let Some((free, _)) = self.space() {
            for line in current.iter_mut().filter(|line| line.kind == AlertKind::Disk) {
                line.detail = free.to_string();
            }
        }
        let failing = self.watched().failing;
        if let Some(since) = failing {
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

//! The page of one dossier (T12): its line, and what each of its tabs shows.

use super::{MOST, TASKS};
use crate::tasks::waiting::wait_of;
use crate::{
    Engine,
    tasks::reading::{params, said},
};
use domain::{DossierId, OfficeId, Refusal, TaskId, Viewer, dossier::ACTIVATE};
use std::collections::HashMap;
use store::{
    clients::{self},
    error::Result,
    read,
    zone::Zone,
};
use views::{
    OfficeView, Waiting,
    clients::{ChangeLine, ClientsAsked, DossierBody, DossierPage, DossierTab, Standing, StoppedCause},
};

impl Engine {
    /// One dossier with a tab of its page; for the tab of all tasks, those before `before`.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is none of that code, or the viewer may not see it.
    pub async fn dossier(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        code: &str,
        tab: DossierTab,
        before: Option<TaskId>,
    ) -> Result<DossierPage> {
        let all = ClientsAsked::default();
        let raw = clients::by_code(&self.readers, office.id, viewer, &all, &[code.to_owned()]).await?;
        let line = self.client_lines(&raw, viewer, office).await?.pop();
        let line = line.ok_or(Refusal::NotFound)?;
        let body = match tab {
            DossierTab::Monitoring => self.monitoring(viewer, office, line.id).await?,
            DossierTab::Tasks => self.all_tasks(viewer, office, line.id, before).await?,
            DossierTab::Activation => self.activation(viewer, office, line.id).await?,
            DossierTab::History => DossierBody::History(self.changes(office, line.id).await?),
        };
        Ok(DossierPage {
            line,
            people: self.assignable(viewer, office.id).await?,
            body,
            support: viewer.is_support(),
            now: self.now(),
        })
    }

    async fn monitoring(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        dossier: DossierId,
    ) -> Result<DossierBody> {
        let ids = clients::stopped_of(&self.readers, office.id, dossier, TASKS as u32).await?;
        let zone = Zone::of(&office.zone);
        let mut raw = read::tasks_by_id(&self.readers, &ids).await?;
        raw.sort_by_key(|r| r.id);
        let catalogue = self.catalogue();
        let mut stopped: Vec<StoppedCause> = vec![];
        for r in &raw {
            let row = self.row(r, viewer, zone);
            let same = |c: &&mut StoppedCause| {
                c.tasks[0].cause_key == row.cause_key && c.tasks[0].state == row.state
            };
            if let Some(cause) = stopped.iter_mut().find(same) {
                cause.tasks.push(row);
                continue;
            }
            let instruction = self
                .instruction_for(viewer, &catalogue, r)
                .map(|i| i.render(&params(r, &said(r)), viewer.language));
            stopped.push(StoppedCause {
                instruction,
                tasks: vec![row],
            });
        }
        let support = viewer.is_support();
        let turn = |c: &StoppedCause| {
            let act = c.tasks[0].state == domain::TaskState::ActionRequired;
            if act { Standing::Act } else { Standing::Sup }.rank(support)
        };
        stopped.sort_by_key(turn);
        let waits = self.waits(dossier).await?;
        let ids: Vec<TaskId> = waits.iter().map(|(id, _)| *id).collect();
        let rows = self.rows(&ids, viewer, zone).await?;
        let mut why: HashMap<TaskId, Waiting> =
            waits.into_iter().filter_map(|(id, w)| Some((id, w?))).collect();
        let waiting = rows
            .into_iter()
            .map(|r| {
                let why = why.remove(&r.id);
                (r, why)
            })
            .collect();
        Ok(DossierBody::Monitoring { stopped, waiting })
    }

    /// The dossier's line, the running task first, with the reason to wait.
    async fn waits(&self, dossier: DossierId) -> Result<Vec<(TaskId, Option<Waiting>)>> {
        self.writer
            .memory(move |m| {
                let line = m.state.lanes.line_of(dossier, TASKS);
                line.into_iter().map(|id| (id, wait_of(m, id, None).0)).collect()
            })
            .await
    }

    /// The dossier's open tasks: those that the digest has not come to are never missing.
    async fn open_of(&self, office: OfficeId, dossier: DossierId) -> Result<Vec<TaskId>> {
        let mut open = clients::stopped_of(&self.readers, office, dossier, MOST as u32).await?;
        open.extend(
            self.writer
                .memory(move |m| m.state.lanes.line_of(dossier, MOST))
                .await?,
        );
        Ok(open)
    }

    async fn all_tasks(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        dossier: DossierId,
        before: Option<TaskId>,
    ) -> Result<DossierBody> {
        let before = before.map_or(i64::MAX, |t| t.0);
        let mut ids = clients::tasks_of(&self.readers, dossier, before, TASKS as u32 + 1).await?;
        let open = self.open_of(office.id, dossier).await?;
        ids.extend(open.into_iter().filter(|t| t.0 < before));
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids.dedup();
        let more = ids.len() > TASKS;
        ids.truncate(TASKS);
        let rows = self.rows(&ids, viewer, Zone::of(&office.zone)).await?;
        Ok(DossierBody::Tasks { rows, more })
    }

    async fn activation(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        dossier: DossierId,
    ) -> Result<DossierBody> {
        let mut ids = clients::early_of_kind(&self.readers, dossier, ACTIVATE).await?;
        ids.extend(self.open_of(office.id, dossier).await?);
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids.dedup();
        let mut rows = self.rows(&ids, viewer, Zone::of(&office.zone)).await?;
        rows.retain(|r| r.kind == ACTIVATE);
        Ok(DossierBody::Tasks { rows, more: false })
    }

    async fn changes(&self, office: &OfficeView, dossier: DossierId) -> Result<Vec<ChangeLine>> {
        let zone = Zone::of(&office.zone);
        let task = |subject: &str| -> Option<TaskId> {
            let number = subject.strip_prefix("task ")?;
            number.split(',').next()?.parse().ok()
        };
        let lines = clients::changes(&self.readers, office.id, dossier).await?;
        Ok(lines
            .into_iter()
            .map(|c| ChangeLine {
                at: zone.moment(c.at),
                who: c.name,
                task: task(&c.subject),
                what: c.what,
                before: c.before,
                after: c.after,
            })
            .collect())
    }
}

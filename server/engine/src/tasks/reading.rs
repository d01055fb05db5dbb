//! What the screens and integrations read: rows made into views for one reader. [`life`] is a task with all that happened
//! to it.

mod life;

use crate::{
    desk::Engine,
    desk::events::{LiveRow, Mark},
};
use domain::{
    OfficeId, Refusal, Role, TaskId, TaskState, Viewer,
    document::called,
    failure::failure_params,
    filter::TaskFilter,
    instruction::{Instruction, Param, ParamType},
};
use serde_json::{Map, Value};
use std::sync::Arc;
use store::{
    Catalogue,
    error::Result,
    office::OfficeRow,
    read::{self, TaskRaw},
    tasks::{self, Look},
    zone::Zone,
};
use views::{Choices, Counts, Desk, LiveChange, OfficeView, TaskList, TaskRow};

/// Lines of one page of Follow-up.
pub const PAGE: u32 = 200;
/// Most lines of one answer: a page that was reloaded asks for all it had shown.
const MOST_ROWS: u32 = 2000;

impl Engine {
    /// Who looks, and the offices they may look at; for a page whose reading began at `mark`.
    pub async fn desk(&self, viewer: &Viewer, mark: Mark) -> Result<Desk> {
        let mut offices = vec![];
        for row in self.offices_of(viewer) {
            offices.push(self.office_view(viewer, row).await?);
        }
        Ok(Desk {
            person: viewer.person,
            name: viewer.name.clone(),
            role: viewer.role,
            offices,
            seq: mark.seq,
            notice: mark.notice,
            now: self.now(),
        })
    }

    async fn office_view(&self, viewer: &Viewer, row: OfficeRow) -> Result<OfficeView> {
        Ok(OfficeView {
            counts: self.counts(viewer, row.id).await?,
            id: row.id,
            code: row.code,
            name: row.name,
            zone: row.zone,
        })
    }

    /// The office of a code, if the viewer may look at it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for any other, whether it exists or not.
    pub async fn office(&self, viewer: &Viewer, code: &str) -> Result<OfficeView> {
        match self.offices_of(viewer).into_iter().find(|o| o.code == code) {
            Some(row) => self.office_view(viewer, row).await,
            None => Err(Refusal::NotFound.into()),
        }
    }

    /// Follow-up of tasks (T14): one page, of at most [`PAGE`] lines, after a task or from the start.
    pub async fn tasks(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        filter: &TaskFilter,
        after: Option<TaskId>,
        limit: u32,
    ) -> Result<TaskList> {
        // read before the rows: an event between the two is then told twice rather than never
        let seq = read::last_seq(&self.readers).await?;
        let look = Look {
            office: office.id,
            viewer,
            filter,
            now: self.now(),
            after: after.map(|t| t.0),
            as_of: None,
        };
        let page = tasks::page(&self.readers, look, limit.clamp(1, MOST_ROWS)).await?;
        let zone = Zone::of(&office.zone);
        Ok(TaskList {
            rows: page.rows.iter().map(|r| self.row(r, viewer, zone)).collect(),
            next: page.next.map(TaskId),
            counts: self.counts(viewer, office.id).await?,
            seq,
            now: self.now(),
            support: viewer.role == Role::Support,
        })
    }

    /// What a filter can be made of in an office.
    pub async fn choices(&self, office: OfficeId) -> Result<Choices> {
        let catalogue = self.catalogue();
        let mut kinds: Vec<String> = catalogue.kind_codes().map(ToOwned::to_owned).collect();
        kinds.sort_unstable();
        let packages = read::packages(&self.readers, office).await?;
        let mut connectors: Vec<(i64, String)> = read::connector_names(&self.readers, office)
            .await?
            .into_iter()
            .collect();
        connectors.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(Choices {
            kinds,
            packages: packages
                .into_iter()
                .map(|p| (p.clone(), catalogue.package_name(&p).to_owned()))
                .collect(),
            connectors,
            codes: read::failure_codes(&self.readers, office).await?,
        })
    }

    /// Stopped tasks of the same cause and state as `id` that the viewer sees, `id` included.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as [`Engine::task_detail`].
    pub async fn same_cause(&self, viewer: &Viewer, office: OfficeId, id: TaskId) -> Result<Vec<TaskId>> {
        let raw = read::task(&self.readers, office, Some(viewer), id)
            .await?
            .ok_or(Refusal::NotFound)?;
        let Some(key) = &raw.cause_key else {
            return Ok(vec![id]);
        };
        read::same_cause(&self.readers, office, viewer, key, state(&raw)).await
    }

    /// The viewer may see this task.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] otherwise.
    pub async fn may_see(&self, viewer: &Viewer, office: OfficeId, id: TaskId) -> Result<String> {
        let raw = read::task(&self.readers, office, Some(viewer), id)
            .await?
            .ok_or(Refusal::NotFound)?;
        Ok(raw.kind)
    }

    /// Events of an office after `seq`, oldest first; at most `limit`.
    pub async fn events_after(
        &self,
        office: OfficeId,
        seq: i64,
        limit: u32,
    ) -> Result<Vec<domain::event::Event>> {
        let rows = read::events_after(&self.readers, office, seq, limit).await?;
        rows.into_iter()
            .map(|(seq, task, at, what)| {
                Ok(domain::event::Event {
                    seq,
                    office,
                    task: TaskId(task),
                    at,
                    happened: serde_json::from_str(&what)?,
                })
            })
            .collect()
    }

    /// Number of the last event.
    pub async fn last_seq(&self) -> Result<i64> {
        read::last_seq(&self.readers).await
    }

    /// Whether this desk has told of an event. Of one that was told after the backup that it began from, it has not.
    pub async fn knows_event(&self, seq: i64) -> Result<bool> {
        Ok(seq <= 0 || read::is_event(&self.readers, seq).await?)
    }

    /// The dossiers that a person manages.
    pub async fn managed(&self, person: i64) -> Result<Vec<i64>> {
        read::managed(&self.readers, person).await
    }

    /// Lines that changed after `seq`, for a viewer who was away; `None` when there are more than `limit` events.
    pub async fn changes_after(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        seq: i64,
        limit: u32,
    ) -> Result<Option<Vec<LiveChange>>> {
        let events = read::events_after(&self.readers, office.id, seq, limit).await?;
        if events.len() >= limit as usize {
            return Ok(None);
        }
        let ids: std::collections::BTreeSet<TaskId> =
            events.iter().map(|(_, task, ..)| TaskId(*task)).collect();
        let ids: Vec<TaskId> = ids.into_iter().collect();
        let managed = if viewer.sees_every_dossier() {
            vec![]
        } else {
            self.managed(viewer.person).await?
        };
        let zone = Zone::of(&office.zone);
        let counts = self.counts(viewer, office.id).await?;
        let raw = read::tasks_by_id(&self.readers, &ids).await?;
        let seen = raw
            .iter()
            .filter(|r| viewer.sees_every_dossier() || managed.contains(&r.dossier));
        Ok(Some(
            seen.map(|r| LiveChange {
                row: self.row(r, viewer, zone),
                counts: Some(counts),
            })
            .collect(),
        ))
    }

    /// How many tasks stand where, among those the viewer sees. For people who see only some dossiers, open
    /// tasks alone are counted.
    pub async fn counts(&self, viewer: &Viewer, office: OfficeId) -> Result<Counts> {
        if viewer.sees_every_dossier() {
            return Ok(self.writer.counts(office));
        }
        let mut counts = Counts::default();
        for (state, n) in read::counts_of(&self.readers, office, viewer.person).await? {
            if let Some(state) = TaskState::from_number(state) {
                *counts.of(state) = n as u64;
            }
        }
        Ok(counts)
    }

    /// A changed line as JSON for one viewer. Viewers of the same language and rights share it.
    pub fn dress(&self, live: &LiveRow, viewer: &Viewer, zone: Zone) -> Arc<str> {
        let rights = if self.acts_on_red(viewer) {
            0
        } else if viewer.sees_every_dossier() {
            1
        } else {
            2
        };
        let dress = &live.dresses[viewer.language as usize * 3 + rights];
        dress
            .get_or_init(|| {
                let counts = viewer.sees_every_dossier().then_some(live.counts);
                let change = LiveChange {
                    row: self.row(&live.raw, viewer, zone),
                    counts,
                };
                serde_json::to_string(&change).unwrap_or_default().into()
            })
            .clone()
    }

    /// The instruction of a task for one reader. One that lacks a value is a riddle: it is for whoever acts on red tasks,
    /// and nobody else is shown it (M9).
    pub(crate) fn instruction_for<'a>(
        &self,
        viewer: &Viewer,
        catalogue: &'a Catalogue,
        raw: &TaskRaw,
    ) -> Option<&'a Instruction> {
        let shown = instruction_of(catalogue, raw)?;
        (self.acts_on_red(viewer) || missing(shown, raw).is_empty()).then_some(shown)
    }

    /// A line of Follow-up for one viewer.
    pub fn row(&self, raw: &TaskRaw, viewer: &Viewer, zone: Zone) -> TaskRow {
        let state = state(raw);
        let catalogue = self.catalogue();
        let cause = raw
            .failure_code
            .as_ref()
            .filter(|_| state.is_stopped())
            .map(|code| {
                let instruction = self.instruction_for(viewer, &catalogue, raw);
                instruction.map_or_else(
                    || code.clone(),
                    |i| i.render(&params(raw, &said(raw)), viewer.language).title,
                )
            });
        TaskRow {
            id: TaskId(raw.id),
            seq: raw.seq,
            kind: raw.kind.clone(),
            state,
            cancel_asked: raw.cancel_asked,
            subject: raw.subject.as_deref().map(|s| called(s).to_owned()),
            dossier_code: raw.code.clone(),
            dossier_name: raw.name.clone(),
            package: catalogue.package_name(&raw.package).to_owned(),
            package_code: raw.package.clone(),
            delivered: zone.moment(raw.delivered_at),
            since: zone.moment(raw.changed_at),
            cause,
            cause_key: raw.cause_key.clone().unwrap_or_default(),
            urgent: raw.urgent_at.is_some(),
            snoozed: raw.snoozed_until.map(|at| zone.moment(at)),
            taken: raw.taken_by.clone(),
            remind_hours: raw.remind_hours as u32,
            may_restart: match state {
                TaskState::ActionRequired => true,
                TaskState::Failed => self.acts_on_red(viewer),
                _ => false,
            },
        }
    }
}

/// The instruction that the task was shown.
pub(crate) fn instruction_of<'a>(catalogue: &'a Catalogue, raw: &TaskRaw) -> Option<&'a Instruction> {
    let (code, version) = (raw.failure_code.as_deref()?, raw.failure_version.unwrap_or(0));
    catalogue.as_shown(&raw.package, code, &raw.kind, version as u32)
}

/// The values that an instruction lacks to be concrete. Whom to ask may have been taken back since the office was shown it.
pub(crate) fn missing<'a>(i: &'a Instruction, raw: &TaskRaw) -> Vec<&'a str> {
    let known = params(raw, &said(raw));
    let was_whole = state(raw) == TaskState::ActionRequired;
    let lacks =
        |p: &&Param| !(p.r#type.fits(known.get(&p.name)) || was_whole && p.r#type == ParamType::Contact);
    i.params.iter().filter(lacks).map(|p| p.name.as_str()).collect()
}

pub(crate) fn state(raw: &TaskRaw) -> TaskState {
    TaskState::from_number(raw.state).unwrap_or(TaskState::Failed)
}

/// What the connector said of the failure.
pub(crate) fn said(raw: &TaskRaw) -> Map<String, Value> {
    raw.failure_params
        .as_deref()
        .and_then(|p| serde_json::from_str(p).ok())
        .unwrap_or_default()
}

/// That, with what the desk knows of the task itself.
pub(crate) fn params(raw: &TaskRaw, said: &Map<String, Value>) -> Map<String, Value> {
    failure_params(
        said,
        &raw.name,
        &raw.code,
        raw.subject.as_deref(),
        &raw.support_contact,
    )
}

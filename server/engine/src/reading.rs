//! What the screens and integrations read: rows made into views for one reader.

use crate::{
    Catalogue,
    engine::Engine,
    error::Result,
    events::{LiveRow, Mark},
    store::{
        read::{self, TaskRaw},
        tasks::{self, Look},
    },
};
use chrono::{DateTime, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use domain::{
    Language, Moment, OfficeId, Refusal, Role, TaskId, TaskState, Viewer,
    event::{Happened, attempts},
    failure::{Audience, Failure, failure_params},
    filter::TaskFilter,
    instruction::{Instruction, Rendered},
    moment::rfc3339_utc,
    view::{
        AttemptLine, Choices, Counts, Desk, Expected, HistoryLine, LiveChange, OfficeView, TaskDetail,
        TaskList, TaskRow, Waiting, Words,
    },
    wire::{AttemptAnswer, TaskAnswer},
};
use serde_json::{Map, Value};
use std::{collections::HashMap, sync::Arc};

/// Lines of one page of Follow-up.
pub const PAGE: u32 = 200;
/// Most lines of one answer: a page that was reloaded asks for all it had shown.
const MOST_ROWS: u32 = 2000;

/// Tells instants in an office's zone.
#[derive(Debug, Clone, Copy)]
pub struct Zone(Tz);

impl Zone {
    /// The zone of an IANA name; UTC for one that nobody knows.
    pub fn of(name: &str) -> Self {
        Self(name.parse().unwrap_or(Tz::UTC))
    }

    /// An instant with the zone's offset at it.
    pub fn moment(self, at: i64) -> Moment {
        let offset = Utc.timestamp_millis_opt(at).single().map_or(0, |t| {
            self.0
                .offset_from_utc_datetime(&t.naive_utc())
                .fix()
                .local_minus_utc()
                / 60
        });
        Moment {
            at,
            offset: offset as i16,
        }
    }

    /// The first instant at which the zone's clock shows so many minutes past a day's midnight, or the first after it
    /// when the clock skips them.
    pub fn instant(self, day: NaiveDate, minutes: i64) -> i64 {
        let wanted = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes);
        // no clock is put forward by more than a day
        let found = (0..=1440).find_map(|m| {
            let local = self.0.from_local_datetime(&(wanted + TimeDelta::minutes(m)));
            local.earliest()
        });
        found.map_or_else(|| wanted.and_utc().timestamp_millis(), |t| t.timestamp_millis())
    }

    /// The day of an instant by the zone's calendar.
    pub fn date(self, at: i64) -> NaiveDate {
        let local = DateTime::from_timestamp_millis(at + i64::from(self.moment(at).offset) * 60_000);
        local.unwrap_or_default().date_naive()
    }

    /// The day of an instant by the zone's calendar, counted from 1970-01-01.
    pub fn day(self, at: i64) -> i64 {
        let offset = i64::from(self.moment(at).offset);
        (at + offset * 60_000).div_euclid(86_400_000)
    }
}

/// What only the writer knows of a task.
struct LaneView {
    waiting: Option<Waiting>,
    place: Option<u32>,
    expected: Option<Expected>,
    holds: Vec<TaskId>,
}

impl Engine {
    /// Who looks, and the offices they may look at; for a page whose reading began at `mark`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn desk(&self, viewer: &Viewer, mark: Mark) -> Result<Desk> {
        let mut offices = vec![];
        for row in read::offices(&self.readers, viewer, None).await? {
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

    async fn office_view(&self, viewer: &Viewer, row: read::OfficeRow) -> Result<OfficeView> {
        let (id, code, name, zone) = row;
        Ok(OfficeView {
            counts: self.counts(viewer, id).await?,
            id,
            code,
            name,
            zone,
        })
    }

    /// The office of a code, if the viewer may look at it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for any other, whether it exists or not.
    pub async fn office(&self, viewer: &Viewer, code: &str) -> Result<OfficeView> {
        match read::offices(&self.readers, viewer, Some(code)).await?.pop() {
            Some(row) => self.office_view(viewer, row).await,
            None => Err(Refusal::NotFound.into()),
        }
    }

    /// Follow-up of tasks (T14): one page, of at most [`PAGE`] lines, after a task or from the start.
    ///
    /// # Errors
    /// When it cannot be read.
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
    ///
    /// # Errors
    /// When it cannot be read.
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

    /// All that is known of a task (T15).
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the viewer may not see it or it is not there.
    pub async fn task_detail(&self, viewer: &Viewer, office: &OfficeView, id: TaskId) -> Result<TaskDetail> {
        let raw = read::task(&self.readers, office.id, Some(viewer), id)
            .await?
            .ok_or(Refusal::NotFound)?;
        let zone = Zone::of(&office.zone);
        let events = self.history(id).await?;
        let names = read::connector_names(&self.readers, office.id).await?;
        let lanes = self.lane_view(&raw).await?;
        let row = self.row(&raw, viewer, zone);
        let said = said(&raw);
        let params = params(&raw, &said);
        let catalogue = self.catalogue();
        let instruction = match instruction_of(&catalogue, &raw) {
            Some(i) => Some(Rendered {
                used: self.used(i).await?,
                ..i.render(&params, viewer.language)
            }),
            None => None,
        };
        let same_cause = match (&raw.cause_key, row.may_restart) {
            (Some(key), true) => read::same_cause(&self.readers, office.id, viewer, key, row.state)
                .await?
                .len() as u32,
            _ => 0,
        };
        let concluded = !row.state.is_open();
        let may_cancel = !concluded && (viewer.role.sets_up_jobs() || raw.kind == "activate_dossier");
        let lines = self.lines(&raw, &events, &names, zone, viewer.language);
        Ok(TaskDetail {
            again: failed_again(&events, raw.failure_code.as_deref()),
            failure_code: raw.failure_code.as_ref().map(|c| format!("{}.{c}", raw.package)),
            failure_params: said
                .iter()
                .map(|(k, v)| {
                    (
                        k.clone(),
                        v.as_str().map_or_else(|| v.to_string(), ToOwned::to_owned),
                    )
                })
                .collect(),
            failure_detail: raw.failure_detail.clone(),
            connector: events.iter().rev().find_map(|(_, h)| match h {
                Happened::Claimed { connector, .. } => names.get(connector).cloned(),
                _ => None,
            }),
            attempts: attempt_lines(&events, &names, zone),
            history: lines,
            waiting: lanes.waiting,
            place: lanes.place,
            expected: lanes.expected,
            holds: lanes.holds,
            same_cause,
            may_cancel,
            may_undo: raw.undo_to.is_some_and(|to| {
                viewer.may_act_on_red() || TaskState::from_number(to) != Some(TaskState::Failed)
            }),
            may_hand_to: match row.state {
                TaskState::ActionRequired => Some(Audience::Support),
                TaskState::Failed if viewer.may_act_on_red() => Some(Audience::Office),
                _ => None,
            },
            urgent: words(&raw.urgent_by, &raw.urgent_reason, raw.urgent_at, zone),
            snooze: words(&raw.snoozed_by, &raw.snooze_reason, raw.snoozed_until, zone),
            note: words(&raw.note_by, &raw.note, raw.note_at, zone),
            instruction,
            row,
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

    /// A task as integrations see it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn task(&self, office: OfficeId, id: TaskId) -> Result<TaskAnswer> {
        let raw = read::task(&self.readers, office, None, id)
            .await?
            .ok_or(Refusal::NotFound)?;
        let events = self.history(id).await?;
        let names = read::connector_names(&self.readers, office).await?;
        let lanes = self.lane_view(&raw).await?;
        let language = self
            .writer
            .run(move |w| Ok(w.state.offices.get(&office).map(|o| o.language.clone())))
            .await?;
        let language = language.and_then(|l| Language::from_tag(&l)).unwrap_or_default();
        let said = said(&raw);
        let params = params(&raw, &said);
        let stopped = state(&raw).is_stopped();
        let answer = |a: domain::event::Attempt<'_>| {
            let report = a
                .ended
                .and_then(|i| events[i].1.report())
                .and_then(|(_, o)| serde_json::to_value(o).ok());
            AttemptAnswer {
                attempt: a.number,
                connector: names.get(&a.connector).cloned().unwrap_or_default(),
                claimed_at: rfc3339_utc(events[a.began].0),
                ended_at: a.ended.map(|i| rfc3339_utc(events[i].0)),
                outcome: a.outcome.to_owned(),
                report,
            }
        };
        Ok(TaskAnswer {
            id,
            kind: raw.kind.clone(),
            dossier: raw.code.clone(),
            subject: raw.subject.clone(),
            status: state(&raw),
            cancel_asked: raw.cancel_asked,
            delivered_at: rfc3339_utc(raw.delivered_at),
            concluded_at: (!state(&raw).is_open()).then(|| rfc3339_utc(raw.changed_at)),
            attempts: attempts(events.iter().map(|(_, h)| h))
                .into_iter()
                .map(answer)
                .collect(),
            failure: stopped.then(|| Failure {
                code: raw.failure_code.clone().unwrap_or_default(),
                params: said.clone(),
                detail: raw.failure_detail.clone(),
            }),
            instruction: instruction_of(&self.catalogue(), &raw)
                .filter(|i| i.audience == Audience::Office)
                .map(|i| {
                    let r = i.render(&params, language);
                    let steps = r.steps.iter().map(|s| domain::view::words(s));
                    std::iter::once(r.title.clone())
                        .chain(steps)
                        .collect::<Vec<_>>()
                        .join("\n")
                }),
            expected_pick_up_seconds: match &lanes.waiting {
                Some(Waiting::NextVisit { from, to }) => Some([*from, *to]),
                _ => None,
            },
            waits_for_task: lanes
                .waiting
                .as_ref()
                .and_then(Waiting::task)
                .or(self.followed(id).await?),
            waits_for: lanes.waiting.map(|w| w.key().to_owned()),
        })
    }

    /// Events of an office after `seq`, oldest first; at most `limit`.
    ///
    /// # Errors
    /// When it cannot be read.
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
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn last_seq(&self) -> Result<i64> {
        read::last_seq(&self.readers).await
    }

    /// Whether this desk has told of an event. Of one that was told after the backup that it began from, it has not.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn knows_event(&self, seq: i64) -> Result<bool> {
        Ok(seq <= 0 || read::is_event(&self.readers, seq).await?)
    }

    /// The dossiers that a person manages.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn managed(&self, person: i64) -> Result<Vec<i64>> {
        read::managed(&self.readers, person).await
    }

    /// Lines that changed after `seq`, for a viewer who was away; `None` when there are more than `limit` events.
    ///
    /// # Errors
    /// When it cannot be read.
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
    ///
    /// # Errors
    /// When it cannot be read.
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
        let rights = if viewer.may_act_on_red() {
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

    /// A line of Follow-up for one viewer.
    pub fn row(&self, raw: &TaskRaw, viewer: &Viewer, zone: Zone) -> TaskRow {
        let state = state(raw);
        let catalogue = self.catalogue();
        let cause = raw
            .failure_code
            .as_ref()
            .filter(|_| state.is_stopped())
            .map(|code| {
                let instruction = instruction_of(&catalogue, raw);
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
            subject: raw.subject.clone(),
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
                TaskState::Failed => viewer.may_act_on_red(),
                _ => false,
            },
        }
    }

    async fn history(&self, id: TaskId) -> Result<Vec<(i64, Happened)>> {
        let rows = read::events(&self.readers, id).await?;
        rows.into_iter()
            .map(|(_, at, what)| Ok((at, serde_json::from_str(&what)?)))
            .collect()
    }

    async fn lane_view(&self, raw: &TaskRaw) -> Result<LaneView> {
        let id = TaskId(raw.id);
        let usual = if state(raw) == TaskState::Queued {
            self.usual(raw.office, &raw.package, &raw.kind).await?
        } else {
            None
        };
        self.writer
            .run(move |w| {
                let (waiting, expected) = crate::connectors::wait_of(w, id, usual);
                Ok(LaneView {
                    waiting,
                    expected,
                    place: w.state.lanes.place(id),
                    holds: w.state.lanes.waiting_for(id),
                })
            })
            .await
    }

    /// The open task that `id` was delivered to follow.
    async fn followed(&self, id: TaskId) -> Result<Option<TaskId>> {
        self.writer.run(move |w| Ok(w.state.lanes.follows(id))).await
    }

    fn lines(
        &self,
        raw: &TaskRaw,
        events: &[(i64, Happened)],
        names: &HashMap<i64, String>,
        zone: Zone,
        language: Language,
    ) -> Vec<HistoryLine> {
        let mut before = events.first().map_or(0, |(at, _)| *at);
        let mut lines = vec![];
        for (at, happened) in events {
            let (who, note) = self.who_and_note(raw, happened, names, language);
            let attempt = match happened {
                Happened::Claimed { attempt, .. } => Some(*attempt),
                _ => None,
            };
            lines.push(HistoryLine {
                at: zone.moment(*at),
                what: happened.name().to_owned(),
                who,
                attempt,
                note,
                took: at - before,
            });
            before = *at;
        }
        lines.reverse();
        lines
    }

    fn who_and_note(
        &self,
        raw: &TaskRaw,
        happened: &Happened,
        names: &HashMap<i64, String>,
        language: Language,
    ) -> (Option<String>, Option<String>) {
        let catalogue = self.catalogue();
        let cause = |f: &Failure| {
            let params = params(raw, &f.params);
            let instruction = catalogue.instruction(&raw.package, &f.code, &raw.kind);
            Some(instruction.map_or_else(|| f.code.clone(), |i| i.render(&params, language).title))
        };
        match happened {
            Happened::Claimed { connector, .. } => (names.get(connector).cloned(), None),
            Happened::Retrying { failure, .. }
            | Happened::ActionRequired { failure, .. }
            | Happened::Failed { failure, .. } => (None, cause(failure)),
            Happened::Released { reason, .. } => (None, reason.clone()),
            Happened::Restarted { by }
            | Happened::Undone { by, .. }
            | Happened::Instructed { by, .. }
            | Happened::Taken { by } => (Some(by.clone()), None),
            Happened::HandedOver { by, note, .. } => (Some(by.clone()), note.clone()),
            Happened::Urgent { by, reason } | Happened::Snoozed { by, reason, .. } => {
                (Some(by.clone()), Some(reason.clone()))
            }
            Happened::Corrected { by, before, after } => {
                (Some(by.clone()), Some(format!("{before} → {after}")))
            }
            Happened::CancelAsked { by, reason } | Happened::Cancelled { by, reason } => {
                (Some(by.clone()).filter(|b| !b.is_empty()), reason.clone())
            }
            _ => (None, None),
        }
    }
}

/// The instruction that the task was shown.
pub(crate) fn instruction_of<'a>(catalogue: &'a Catalogue, raw: &TaskRaw) -> Option<&'a Instruction> {
    let (code, version) = (raw.failure_code.as_deref()?, raw.failure_version.unwrap_or(0));
    catalogue.as_shown(&raw.package, code, &raw.kind, version as u32)
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

/// The task stopped with this code before, and was restarted in between.
fn failed_again(events: &[(i64, Happened)], code: Option<&str>) -> bool {
    let Some(code) = code else { return false };
    let stops = |h: &Happened| matches!(h, Happened::ActionRequired { failure, .. } | Happened::Failed { failure, .. } if failure.code == code);
    let Some(last) = events.iter().rposition(|(_, h)| stops(h)) else {
        return false;
    };
    let before = &events[..last];
    let restart = before
        .iter()
        .rposition(|(_, h)| matches!(h, Happened::Restarted { .. }));
    restart.is_some_and(|r| before[..r].iter().any(|(_, h)| stops(h)))
}

/// What somebody said, when they did.
fn words(by: &Option<String>, text: &Option<String>, at: Option<i64>, zone: Zone) -> Option<Words> {
    Some(Words {
        by: by.clone()?,
        text: text.clone()?,
        at: zone.moment(at?),
    })
}

fn attempt_lines(events: &[(i64, Happened)], names: &HashMap<i64, String>, zone: Zone) -> Vec<AttemptLine> {
    let line = |a: domain::event::Attempt<'_>| {
        let claimed = events[a.began].0;
        let result = a.ended.and_then(|i| match &events[i].1 {
            Happened::Succeeded { result, .. } => result
                .as_ref()
                .map(|r| r.to_string().chars().take(2000).collect()),
            _ => None,
        });
        AttemptLine {
            number: a.number,
            connector: names.get(&a.connector).cloned().unwrap_or_default(),
            claimed: zone.moment(claimed),
            took: a.ended.map(|i| events[i].0 - claimed),
            outcome: a.outcome.to_owned(),
            result,
        }
    };
    attempts(events.iter().map(|(_, h)| h))
        .into_iter()
        .map(line)
        .collect()
}

//! One task with its whole life: for the panel and the page of a task (T18), and for integrations.

use super::{instruction_of, missing, params, said, state};
use crate::{desk::Engine, tasks::waiting::wait_of};
use domain::{
    OfficeId, Refusal, TaskId, TaskState, Viewer,
    event::{Happened, attempts},
    failure::{Audience, Failure},
    instruction::Rendered,
    moment::rfc3339_utc,
    wire::{AttemptAnswer, Outcome, TaskAnswer},
};
use serde_json::{Map, Value};
use std::collections::HashMap;
use store::{
    error::Result,
    event,
    read::{self, TaskRaw},
    zone::Zone,
};
use views::{AttemptLine, Expected, Held, HistoryLine, OfficeView, TaskDetail, Waiting, Words};

/// So many of the tasks that one keeps waiting are named.
const MOST_NAMED: usize = 20;

/// What only memory has of a task.
struct LaneView {
    waiting: Option<Waiting>,
    place: Option<u32>,
    expected: Option<Expected>,
    holds: Vec<TaskId>,
    /// The open task that it was delivered to follow.
    follows: Option<TaskId>,
}

impl Engine {
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
        let instruction = match self.instruction_for(viewer, &catalogue, &raw) {
            Some(i) => Some(Rendered {
                used: self.used(i).await?,
                ..i.render(&params, viewer.language)
            }),
            None => None,
        };
        let lacking = instruction_of(&catalogue, &raw).map_or_else(Vec::new, |i| missing(i, &raw));
        let failure_params = lines_of(&said, &lacking);
        let same_cause = match (&raw.cause_key, row.may_restart) {
            (Some(key), true) => read::same_cause(&self.readers, office.id, viewer, key, row.state)
                .await?
                .len() as u32,
            _ => 0,
        };
        let concluded = !row.state.is_open();
        let may_cancel = !concluded && (viewer.role.sets_up_jobs() || raw.kind == "activate_dossier");
        let lines = self.lines(viewer, &raw, &events, &names, zone);
        let mut held = vec![];
        for id in lanes.holds.iter().take(MOST_NAMED) {
            if let Some(t) = read::task(&self.readers, office.id, Some(viewer), *id).await? {
                held.push(Held {
                    id: *id,
                    kind: t.kind,
                    subject: t.subject,
                });
            }
        }
        Ok(TaskDetail {
            again: failed_again(&events, raw.failure_code.as_deref()),
            failure_code: raw.failure_code.as_ref().map(|c| format!("{}.{c}", raw.package)),
            failure_params,
            failure_detail: raw.failure_detail.clone(),
            document: store::document::file_name(&self.readers, id).await?,
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
            held,
            same_cause,
            may_cancel,
            may_undo: raw.undo_to.is_some_and(|to| {
                self.acts_on_red(viewer) || TaskState::from_number(to) != Some(TaskState::Failed)
            }),
            may_hand_to: match row.state {
                TaskState::ActionRequired => Some(Audience::Support),
                TaskState::Failed if self.acts_on_red(viewer) => Some(Audience::Office),
                _ => None,
            },
            urgent: words(&raw.urgent_by, &raw.urgent_reason, raw.urgent_at, zone),
            snooze: words(&raw.snoozed_by, &raw.snooze_reason, raw.snoozed_until, zone),
            note: words(&raw.note_by, &raw.note, raw.note_at, zone),
            instruction,
            row,
        })
    }

    /// A task as integrations see it.
    pub async fn task(&self, office: OfficeId, id: TaskId) -> Result<TaskAnswer> {
        let raw = read::task(&self.readers, office, None, id)
            .await?
            .ok_or(Refusal::NotFound)?;
        let events = self.history(id).await?;
        let names = read::connector_names(&self.readers, office).await?;
        let lanes = self.lane_view(&raw).await?;
        let language = self.card(office).map(|c| c.language).unwrap_or_default();
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
                .filter(|i| i.audience == Audience::Office && missing(i, &raw).is_empty())
                .map(|i| {
                    let r = i.render(&params, language);
                    let steps = r.steps.iter().map(|s| views::words(s));
                    std::iter::once(r.title.clone())
                        .chain(steps)
                        .collect::<Vec<_>>()
                        .join("\n")
                }),
            expected_pick_up_seconds: lanes.expected.map(|e| [e.from, e.to]),
            waits_for_task: lanes.waiting.as_ref().and_then(Waiting::task).or(lanes.follows),
            waits_for: lanes.waiting.map(|w| w.key().to_owned()),
        })
    }

    async fn history(&self, id: TaskId) -> Result<Vec<(i64, Happened)>> {
        let events = self.look(move |w| event::of_task(w.db, id)).await?;
        Ok(events.into_iter().map(|(_, at, what)| (at, what)).collect())
    }

    async fn lane_view(&self, raw: &TaskRaw) -> Result<LaneView> {
        let id = TaskId(raw.id);
        let usual = if state(raw) == TaskState::Queued {
            self.usual(raw.office, &raw.package, &raw.kind).await?
        } else {
            None
        };
        self.writer
            .memory(move |m| {
                let (waiting, expected) = wait_of(m, id, usual);
                LaneView {
                    waiting,
                    expected,
                    place: m.state.lanes.place(id),
                    holds: m.state.lanes.waiting_for(id),
                    follows: m.state.lanes.follows(id),
                }
            })
            .await
    }

    fn lines(
        &self,
        viewer: &Viewer,
        raw: &TaskRaw,
        events: &[(i64, Happened)],
        names: &HashMap<i64, String>,
        zone: Zone,
    ) -> Vec<HistoryLine> {
        let mut before = events.first().map_or(0, |(at, _)| *at);
        let mut lines = vec![];
        for (at, happened) in events {
            let (who, note) = self.who_and_note(viewer, raw, happened, names);
            let attempt = match happened {
                Happened::Claimed { attempt, .. } => Some(*attempt),
                Happened::Late { attempt, .. } => Some(*attempt).filter(|n| *n > 0),
                _ => None,
            };
            lines.push(HistoryLine {
                at: zone.moment(*at),
                what: what(happened).to_owned(),
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
        viewer: &Viewer,
        raw: &TaskRaw,
        happened: &Happened,
        names: &HashMap<i64, String>,
    ) -> (Option<String>, Option<String>) {
        let catalogue = self.catalogue();
        let cause = |f: &Failure| {
            let params = params(raw, &f.params);
            let instruction = catalogue.instruction(&raw.package, &f.code, &raw.kind);
            let shown = instruction.filter(|i| self.acts_on_red(viewer) || i.lacks(&params).is_none());
            Some(shown.map_or_else(|| f.code.clone(), |i| i.render(&params, viewer.language).title))
        };
        match happened {
            Happened::Claimed { connector, .. } => (names.get(connector).cloned(), None),
            Happened::Late {
                connector, outcome, ..
            } => (
                names.get(connector).cloned(),
                match outcome {
                    Outcome::Failed { code, .. } => Some(code.clone()),
                    Outcome::Released { reason, .. } => reason.clone(),
                    Outcome::Succeeded { .. } => None,
                },
            ),
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
            Happened::Confirmed { by, .. } => (Some(by.clone()), None),
            Happened::CancelAsked { by, reason } | Happened::Cancelled { by, reason } => {
                (Some(by.clone()).filter(|b| !b.is_empty()), reason.clone())
            }
            _ => (None, None),
        }
    }
}

/// A failure's parameters, one a line; what the instruction lacks is marked as its texts mark it.
fn lines_of(said: &Map<String, Value>, lacking: &[&str]) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), ToOwned::to_owned);
    let line = |(name, value): (&String, &Value)| {
        let mark = if lacking.contains(&name.as_str()) {
            " …"
        } else {
            ""
        };
        (
            name.clone(),
            format!("{}{mark}", text(value)).trim_start().to_owned(),
        )
    };
    let unsaid = lacking.iter().filter(|name| !said.contains_key(**name));
    let unsaid = unsaid.map(|name| ((*name).to_owned(), "…".to_owned()));
    said.iter().map(line).chain(unsaid).collect()
}

/// The name by which the page tells it: of a late report also what it says.
fn what(happened: &Happened) -> &'static str {
    match happened {
        Happened::Late { outcome, .. } => match outcome {
            Outcome::Succeeded { .. } => "late_succeeded",
            Outcome::Failed { .. } => "late_failed",
            Outcome::Released { .. } => "late_released",
        },
        _ => happened.name(),
    }
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

//! What the console sees of runs: a page of them, and one whole.

use super::{PAGE, read, seconds, state_of};
use crate::desk::Engine;
use crate::jobs::may_set_up;
use domain::{Moment, Refusal, TaskId, TaskState, Viewer, job::Counted};
use store::{
    error::Result,
    jobs::{self as rows, RunRaw},
    zone::Zone,
};
use views::{
    OfficeView,
    jobs::{Company, RunCompanyLine, RunDetail, RunLine, RunsAsk, RunsPage},
};

impl Engine {
    /// What jobs did, newest first.
    pub async fn runs(&self, viewer: &Viewer, office: &OfficeView, ask: &RunsAsk) -> Result<RunsPage> {
        let ask_whom = self.whom_to_ask(viewer, office).await?;
        if !viewer.role.sets_up_jobs() {
            return Ok(RunsPage {
                lines: vec![],
                more: false,
                may_edit: false,
                ask: ask_whom,
            });
        }
        let states: Vec<&str> = ask.state.iter().map(|s| s.key()).collect();
        let states = serde_json::to_string(&states)?;
        let mut raw = rows::runs(&self.readers, office.id, &states, ask.job, ask.before, PAGE + 1).await?;
        let more = raw.len() > PAGE as usize;
        raw.truncate(PAGE as usize);
        let (zone, now) = (Zone::of(&office.zone), self.now());
        Ok(RunsPage {
            lines: raw.iter().map(|r| run_line(r, zone, now)).collect(),
            more,
            may_edit: true,
            ask: vec![],
        })
    }

    /// One run whole.
    pub async fn run(&self, viewer: &Viewer, office: &OfficeView, id: i64) -> Result<RunDetail> {
        may_set_up(viewer)?;
        let raw = rows::run(&self.readers, office.id, id)
            .await?
            .ok_or(Refusal::NotFound)?;
        let zone = Zone::of(&office.zone);
        let companies = rows::run_companies(&self.readers, id)
            .await?
            .into_iter()
            .map(|c| RunCompanyLine {
                company: Company {
                    code: c.code,
                    name: c.name,
                },
                task: TaskId(c.task),
                state: TaskState::from_number(c.state).unwrap_or(TaskState::Failed),
                started: c.started_at.map(|at| zone.moment(at)),
                ended: c.ended_at.map(|at| zone.moment(at)),
                counted: read(c.counted.as_deref()),
                outputs: read(c.outputs.as_deref()),
                log: c.log.unwrap_or_default(),
            });
        Ok(RunDetail {
            line: run_line(&raw, zone, self.now()),
            companies: companies.collect(),
            may_edit: true,
        })
    }
}

pub(super) fn run_line(r: &RunRaw, zone: Zone, now: i64) -> RunLine {
    let moment = |at: Option<i64>| -> Option<Moment> { at.map(|at| zone.moment(at)) };
    RunLine {
        id: r.id,
        job: r.job,
        kind: r.kind.clone(),
        description: r.description.clone(),
        due: zone.moment(r.due_at),
        state: state_of(r),
        started: moment(r.started_at),
        ended: moment(r.ended_at),
        seconds: seconds(r, now),
        stands_for: r.stands_for,
        note: r.note.clone(),
        companies: (r.companies, r.done, r.failed),
        counted: read::<Counted>(r.counted.as_deref()),
        run_as: r.run_as.clone(),
    }
}

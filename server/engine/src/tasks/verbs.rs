//! What is asked of tasks from outside, each one operation of the writer.

use super::dispatch::{self, cancel::By};
use crate::{Engine, desk::room::What};
use domain::{
    OfficeId, Refusal, TaskId, TaskState, Viewer,
    failure::Audience,
    moment::rfc3339_utc,
    task::ConnectorId,
    wire::{ClaimAnswer, DeliverAnswer, ExtendAnswer, HelloAnswer, LeaseRef, NewTask, Report, ReportAnswer},
};
use std::time::Duration;
use store::{
    connector::Hello,
    error::{Error, Result},
    office::OfficeRow,
};

impl Engine {
    /// Accepts tasks. See [`dispatch::deliver::deliver`].
    ///
    /// # Errors
    /// As there, and [`Refusal::NoRoom`] while the disk is nearly full.
    pub async fn deliver(&self, office: OfficeId, tasks: Vec<NewTask>) -> Result<DeliverAnswer> {
        self.room_for(What::Delivery)?;
        let exempt = store::door::here().is_some_and(|at| at.who == domain::downtime::Who::ExemptIntegration);
        self.writer
            .run(move |w| dispatch::deliver::deliver(w, office, &tasks, exempt))
            .await
    }

    /// A connector introduces itself.
    pub async fn hello(&self, connector: ConnectorId, hello: Hello) -> Result<HelloAnswer> {
        let now = self.now();
        self.writer
            .run(move |w| {
                dispatch::lease::hello(w, connector, &hello)?;
                let m = w.state.fleet.get(connector).ok_or(Refusal::Unauthenticated)?;
                let office = w
                    .state
                    .offices
                    .get(&m.row.office)
                    .ok_or(Refusal::Unauthenticated)?;
                Ok(HelloAnswer {
                    connector: m.row.name.clone(),
                    office: office.code.clone(),
                    poll_seconds: poll_seconds((office.poll_from, office.poll_to), connector, w.mono),
                    lease_seconds: office.lease_seconds,
                    extend_seconds: (office.lease_seconds / 4).max(1),
                    server_time: rfc3339_utc(now),
                })
            })
            .await
    }

    /// Hands tasks to a connector, waiting for some when asked to.
    ///
    /// # Errors
    /// As [`dispatch::claim::check`] and [`dispatch::claim::claim`]; [`Refusal::TooManyRequests`] when too many calls of it
    /// wait already.
    pub async fn claim(
        &self,
        office: OfficeId,
        connector: ConnectorId,
        request_id: String,
        max: u32,
        wait_seconds: u32,
    ) -> Result<ClaimAnswer> {
        dispatch::claim::check(&request_id, max, wait_seconds)?;
        let _place = (wait_seconds > 0)
            .then(|| self.waiting.take(connector))
            .transpose()?;
        let wait = Duration::from_secs(u64::from(wait_seconds));
        let called_at = self.clock.mono();
        let hangs_until = called_at + u64::from(wait_seconds) * 1000;
        let of_office = |o: &OfficeRow| (o.poll_from, o.poll_to);
        let poll = self.known().offices.get(&office).map_or((300, 600), of_office);
        let tasks = self
            .writer
            .run_patiently(
                wait,
                vec![],
                move |state, mono| dispatch::claim::would_find(state, connector, called_at, mono),
                move |w| {
                    let call = dispatch::claim::Call {
                        connector,
                        request_id: &request_id,
                        max,
                        called_at,
                    };
                    let tasks = dispatch::claim::claim(w, call)?;
                    if let Some(m) = w.state.fleet.get_mut(connector) {
                        m.hangs_until = if tasks.is_some() { 0 } else { hangs_until };
                        m.long_polls = wait_seconds > 0;
                    }
                    Ok(tasks)
                },
            )
            .await?;
        let next_poll_seconds = poll_seconds(poll, connector, self.clock.mono());
        Ok(ClaimAnswer {
            tasks,
            next_poll_seconds,
        })
    }

    /// For tests: until which monotonic millisecond a long poll of a connector hangs; 0 for none.
    pub async fn hangs(&self, connector: ConnectorId) -> Result<u64> {
        self.writer
            .memory(move |m| m.state.fleet.get(connector).map_or(0, |m| m.hangs_until))
            .await
    }

    /// Signs of life.
    pub async fn extend(&self, connector: ConnectorId, leases: Vec<LeaseRef>) -> Result<ExtendAnswer> {
        self.writer
            .run(move |w| dispatch::lease::extend(w, connector, &leases))
            .await
    }

    /// How attempts ended.
    pub async fn report(
        &self,
        office: OfficeId,
        connector: ConnectorId,
        reports: Vec<Report>,
    ) -> Result<ReportAnswer> {
        self.report_items(office, connector, reports.into_iter().map(Ok).collect())
            .await
    }

    /// How attempts ended; what cannot be read is refused by itself.
    pub async fn report_items(
        &self,
        office: OfficeId,
        connector: ConnectorId,
        items: Vec<dispatch::report::Item>,
    ) -> Result<ReportAnswer> {
        dispatch::report::check_number(items.len())?;
        self.writer
            .run(move |w| dispatch::report::report(w, office, connector, &items))
            .await
    }

    /// No more tasks for this start of a connector; gives how many it still holds.
    pub async fn drain_connector(&self, connector: ConnectorId, boot_id: String) -> Result<u32> {
        self.writer
            .run(move |w| dispatch::lease::drain(w, connector, &boot_id))
            .await
    }

    /// Restarts tasks one by one; gives for each whether it was restarted or why not.
    ///
    /// # Errors
    /// When storage fails; then none was restarted.
    pub async fn restart(
        &self,
        by: Viewer,
        office: OfficeId,
        ids: Vec<TaskId>,
    ) -> Result<Vec<std::result::Result<(), Refusal>>> {
        self.writer
            .run(move |w| {
                let mut answers = Vec::with_capacity(ids.len());
                for id in &ids {
                    answers.push(match dispatch::restart::restart(w, &by, office, *id) {
                        Ok(()) => Ok(()),
                        Err(Error::Refused(r)) => Err(r),
                        Err(e) => return Err(e),
                    });
                }
                Ok(answers)
            })
            .await
    }

    /// Takes a restart back. See [`dispatch::restart::undo`].
    pub async fn undo_restart(&self, by: Viewer, office: OfficeId, id: TaskId) -> Result<()> {
        self.writer
            .run(move |w| dispatch::restart::undo(w, &by, office, id))
            .await
    }

    /// Gives a stopped task to the other side. See [`dispatch::hand_over::hand_over`].
    pub async fn hand_over(
        &self,
        by: Viewer,
        office: OfficeId,
        id: TaskId,
        to: Audience,
        note: Option<String>,
    ) -> Result<()> {
        self.writer
            .run(move |w| dispatch::hand_over::hand_over(w, &by, office, id, to, note.as_deref()))
            .await
    }

    /// Marks a stopped task as urgent. See [`dispatch::hand_over::urgent`].
    pub async fn urgent(&self, by: Viewer, office: OfficeId, id: TaskId, reason: String) -> Result<()> {
        self.writer
            .run(move |w| dispatch::hand_over::urgent(w, &by, office, id, &reason))
            .await
    }

    /// Puts a stopped task off. See [`dispatch::hand_over::snooze`].
    pub async fn snooze(
        &self,
        by: Viewer,
        office: OfficeId,
        id: TaskId,
        until: i64,
        reason: String,
    ) -> Result<()> {
        self.writer
            .run(move |w| dispatch::hand_over::snooze(w, &by, office, id, until, &reason))
            .await
    }

    /// Corrects the dossier code and restarts, in one step.
    pub async fn correct(&self, by: Viewer, office: OfficeId, id: TaskId, code: String) -> Result<()> {
        self.writer
            .run(move |w| dispatch::restart::correct(w, &by, office, id, &code))
            .await
    }

    /// Says that a task's failure is none and restarts it. See [`dispatch::restart::confirm`].
    pub async fn confirm(&self, by: Viewer, office: OfficeId, id: TaskId) -> Result<()> {
        self.writer
            .run(move |w| dispatch::restart::confirm(w, &by, office, id))
            .await
    }

    /// A person calls a task off, and with `followers` those that wait for it.
    pub async fn cancel_by(
        &self,
        by: Viewer,
        office: OfficeId,
        id: TaskId,
        followers: bool,
    ) -> Result<TaskState> {
        self.writer
            .run(move |w| {
                if w.state.lanes.slot(id).is_some() {
                    dispatch::cancel::may(w, &by, id)?;
                }
                let by = By {
                    person: by.person,
                    name: by.name.clone(),
                };
                dispatch::cancel::cancel(w, &by, office, id, None, followers)
            })
            .await
    }

    /// Calls a task off, and with `followers` those that wait for it.
    pub async fn cancel(
        &self,
        by: By,
        office: OfficeId,
        id: TaskId,
        reason: Option<String>,
        followers: bool,
    ) -> Result<TaskState> {
        self.writer
            .run(move |w| dispatch::cancel::cancel(w, &by, office, id, reason.as_deref(), followers))
            .await
    }
}

/// When to come again: within the office's range, spread by connector and moment.
fn poll_seconds((from, to): (u32, u32), connector: ConnectorId, mono: u64) -> u32 {
    let mixed = (connector as u64 ^ mono.rotate_left(17)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    from + (mixed % u64::from(to - from + 1)) as u32
}

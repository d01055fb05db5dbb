//! What is made of it: each check with its mark, and the one thing to do.

use super::{FAR_LONGER, LONGER_MINUTES, OVERDUE_MS, Seen, TRIES};
use domain::{
    fleet::Liveness,
    job::{RunState, Standing},
};
use views::{
    jobs::Did,
    stuck::{Advice, Alarm, BusyRun, Check, CheckLine, Mark, WaitFor},
};

impl Seen {
    /// When it is due; what waits for another job is not overdue.
    pub(super) fn due_at(&self) -> Option<i64> {
        let waits = self.before.iter().any(|b| Some(b.job) == self.row.form.after);
        self.row
            .next_at
            .map(|at| if waits { at.max(self.now) } else { at })
    }

    /// Some server that may run it is alive.
    fn served(&self) -> bool {
        self.servers
            .iter()
            .any(|s| matches!(s.liveness, Liveness::Idle | Liveness::Working | Liveness::Late))
    }

    /// The time that it should have started at and has not, or starts at, and whether a run of it has begun.
    fn start(&self) -> (Option<i64>, bool) {
        match (&self.own, &self.last) {
            (Some((state, _)), Some(last)) => (Some(last.due_at), *state == RunState::Running),
            _ => (self.row.next_at, false),
        }
    }

    fn late(&self) -> i64 {
        let (at, begun) = self.start();
        match at {
            Some(at) if !begun => self.now - at,
            _ => 0,
        }
    }

    /// When the runs before it should be over.
    fn queue_over(&self) -> Option<i64> {
        self.before.iter().map(|b| b.expected.at).max()
    }

    pub(super) fn advice(&self) -> Advice {
        let wait = |what: WaitFor, until: Option<i64>| {
            Advice::Wait(
                what,
                until.map(|at| self.zone.moment(at)),
                self.before.len() as u32,
            )
        };
        if let Some((state, own)) = &self.own {
            return match state {
                RunState::Running if self.far_longer(own) => Advice::Report(Alarm::Long),
                RunState::Running => wait(WaitFor::Itself, Some(own.expected.at)),
                _ => self.due(&wait),
            };
        }
        match self.row.standing {
            Standing::Inactive | Standing::Active if self.system_off => {
                Advice::OpenSystem(self.row.system.unwrap_or(0))
            }
            Standing::Inactive => Advice::SwitchOn,
            Standing::OnHold => Advice::Leave,
            Standing::Stopped if self.row.requeued >= TRIES => Advice::Report(Alarm::Tries),
            Standing::Stopped => Advice::QueueAgain {
                needs_reason: self.before.iter().any(|b| b.started.is_some()),
            },
            Standing::Active => match &self.last {
                Some(last) if last.state == RunState::Asks => Advice::Answer(last.id),
                _ if self.late() > OVERDUE_MS => self.due(&wait),
                _ if !self.posting.is_empty() && self.large => wait(WaitFor::Posting, None),
                _ if !self.posting.is_empty() => {
                    Advice::SetPosting(self.posting.iter().map(|(c, _)| c.clone()).collect())
                }
                _ => wait(WaitFor::Time, self.row.next_at),
            },
        }
    }

    /// It is due and has not begun.
    fn due(&self, wait: &dyn Fn(WaitFor, Option<i64>) -> Advice) -> Advice {
        if !self.served() {
            return Advice::Report(Alarm::Server);
        }
        if let Some((_, until)) = &self.window {
            return wait(WaitFor::Window, Some(*until));
        }
        if !self.before.is_empty() {
            return wait(WaitFor::Queue, self.queue_over());
        }
        if self.late() > OVERDUE_MS {
            return Advice::Report(Alarm::Overdue);
        }
        wait(WaitFor::Visit, None)
    }

    fn far_longer(&self, own: &BusyRun) -> bool {
        let (took, usual) = (i64::from(own.seconds) / 60, i64::from(own.usual));
        took > usual * FAR_LONGER && took > usual + LONGER_MINUTES
    }

    fn held(&self) -> Mark {
        match self.row.standing {
            Standing::Active if !self.system_off => Mark::Good,
            Standing::Active | Standing::Stopped => Mark::Bad,
            Standing::OnHold | Standing::Inactive => Mark::Explains,
        }
    }

    pub(super) fn checks(&self) -> Vec<CheckLine> {
        let line = |mark, check| CheckLine { mark, check };
        let if_bad = |bad: bool, mark| if bad { mark } else { Mark::Good };
        let (at, begun) = self.start();
        let late = self.late();
        let explained = self.window.is_some() || !self.before.is_empty();
        let own_long = self
            .own
            .as_ref()
            .is_some_and(|(s, o)| *s == RunState::Running && self.far_longer(o));
        let busy = !self.before.is_empty() || self.own.as_ref().is_some_and(|(s, _)| *s == RunState::Running);
        vec![
            line(
                if_bad(!self.served(), Mark::Bad),
                Check::Server(self.servers.clone()),
            ),
            line(
                if_bad(self.window.is_some(), Mark::Explains),
                Check::Blocked(
                    self.window
                        .as_ref()
                        .map(|(why, until)| (why.clone(), self.zone.moment(*until))),
                ),
            ),
            line(
                if own_long {
                    Mark::Bad
                } else {
                    if_bad(busy, Mark::Explains)
                },
                Check::Queue {
                    own: self.own.as_ref().map(|(_, o)| o.clone()),
                    before: self.before.clone(),
                },
            ),
            line(
                match late {
                    OVERDUE_MS.. if !explained => Mark::Bad,
                    1.. => Mark::Explains,
                    _ => Mark::Good,
                },
                Check::Start {
                    at: at.map(|at| self.zone.moment(at)),
                    late_ms: at.map_or(0, |at| self.now - at),
                    begun,
                },
            ),
            line(
                self.held(),
                Check::Held {
                    standing: self.row.standing,
                    did: self.row.stood_at.map(|at| Did {
                        by: self.row.stood_by.clone().unwrap_or_default(),
                        at: self.zone.moment(at),
                        why: self.row.stood_why.clone(),
                    }),
                    system_off: self.system_off,
                },
            ),
            line(
                match self.row.requeued {
                    0 => Mark::Good,
                    TRIES.. => Mark::Bad,
                    _ => Mark::Explains,
                },
                Check::Requeued(self.row.requeued),
            ),
            line(
                if_bad(
                    !self.posting.is_empty(),
                    if self.large { Mark::Explains } else { Mark::Bad },
                ),
                Check::Posting(
                    self.posting
                        .iter()
                        .map(|(c, since)| (c.clone(), since.map(|at| self.zone.moment(at))))
                        .collect(),
                ),
            ),
        ]
    }
}

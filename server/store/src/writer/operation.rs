//! What can be asked of the writer: something once, something that may wait, and either by a door.

use super::{super::state::State, Work};
use crate::{
    door::{self, AtDoor},
    error::{Error, Result},
};
use domain::Refusal;
use tokio::sync::oneshot;

/// One thing to do inside the writer.
pub(super) trait Operation: Send {
    /// Does it; `false` keeps it waiting for the next group (a long poll with nothing to take).
    fn run(&mut self, work: &mut Work<'_>) -> std::result::Result<bool, Error>;
    /// When a waiting operation gives up, on the monotonic clock.
    fn deadline(&self) -> u64;
    /// Whether a waiting operation would find something now.
    fn is_ready(&self, state: &State, mono: u64) -> bool;
    /// Whether the business has said no to it.
    fn is_refused(&self) -> bool;
    /// Answers the caller.
    fn answer(self: Box<Self>, failed: Option<Error>);
}

/// An operation that runs as soon as it comes, and is answered.
pub(super) struct Once<T, F> {
    pub(super) f: F,
    pub(super) out: Option<Result<T>>,
    pub(super) reply: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: FnMut(&mut Work<'_>) -> Result<T> + Send> Operation for Once<T, F> {
    fn run(&mut self, work: &mut Work<'_>) -> std::result::Result<bool, Error> {
        // also for a caller who has gone: a browser that leads on to the next page has still been pressed
        match (self.f)(work) {
            Err(e) if !e.is_refusal() => Err(e),
            out => {
                self.out = Some(out);
                Ok(true)
            }
        }
    }

    fn deadline(&self) -> u64 {
        0
    }

    fn is_ready(&self, _: &State, _: u64) -> bool {
        true
    }

    fn is_refused(&self) -> bool {
        matches!(self.out, Some(Err(_)))
    }

    fn answer(self: Box<Self>, failed: Option<Error>) {
        let out = failed.map_or(self.out, |e| Some(Err(e)));
        // a caller that has gone away no longer wants the answer
        let _ = self
            .reply
            .send(out.unwrap_or(Err(Error::Storage("the operation did not run".into()))));
    }
}

/// An operation of somebody who came in by a door that a downtime closes. Whether it does is decided here, in the
/// transaction: no write of a caller who is shut out is committed after the latch.
pub(super) struct ByDoor {
    pub(super) at: AtDoor,
    pub(super) op: Box<dyn Operation>,
    pub(super) refused: Option<Refusal>,
}

impl Operation for ByDoor {
    fn run(&mut self, work: &mut Work<'_>) -> std::result::Result<bool, Error> {
        self.refused = door::refuses(&work.state.downtimes, self.at, work.now);
        if self.refused.is_some() {
            return Ok(true);
        }
        self.op.run(work)
    }

    fn deadline(&self) -> u64 {
        self.op.deadline()
    }

    fn is_ready(&self, state: &State, mono: u64) -> bool {
        self.op.is_ready(state, mono)
    }

    fn is_refused(&self) -> bool {
        self.refused.is_some() || self.op.is_refused()
    }

    fn answer(self: Box<Self>, failed: Option<Error>) {
        self.op.answer(failed.or(self.refused.map(Error::Refused)));
    }
}

/// An operation that may wait: `attempt` answers `None` for "nothing yet".
pub(super) struct Patient<T, F, R> {
    pub(super) attempt: F,
    pub(super) ready: R,
    pub(super) deadline: u64,
    pub(super) out: Option<Result<T>>,
    pub(super) empty: Option<T>,
    pub(super) reply: oneshot::Sender<Result<T>>,
}

impl<T, F, R> Operation for Patient<T, F, R>
where
    T: Send,
    F: FnMut(&mut Work<'_>) -> Result<Option<T>> + Send,
    R: Fn(&State, u64) -> bool + Send,
{
    fn run(&mut self, work: &mut Work<'_>) -> std::result::Result<bool, Error> {
        // nobody listens any more: a task handed to nobody would only wait for its lease to end
        if self.reply.is_closed() {
            return Ok(true);
        }
        match (self.attempt)(work) {
            Err(e) if !e.is_refusal() => Err(e),
            Ok(None) if work.mono < self.deadline && !work.state.draining => Ok(false),
            Ok(None) => {
                // run again after its group was undone, it has its empty answer already
                self.out = self.empty.take().map(Ok).or(self.out.take());
                Ok(true)
            }
            Ok(Some(out)) => {
                self.out = Some(Ok(out));
                Ok(true)
            }
            Err(e) => {
                self.out = Some(Err(e));
                Ok(true)
            }
        }
    }

    fn deadline(&self) -> u64 {
        self.deadline
    }

    fn is_ready(&self, state: &State, mono: u64) -> bool {
        self.reply.is_closed() || (self.ready)(state, mono)
    }

    fn is_refused(&self) -> bool {
        matches!(self.out, Some(Err(_)))
    }

    fn answer(self: Box<Self>, failed: Option<Error>) {
        let out = failed.map_or(self.out, |e| Some(Err(e)));
        let _ = self
            .reply
            .send(out.unwrap_or(Err(Error::Refused(domain::Refusal::Draining))));
    }
}

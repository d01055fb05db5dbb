//! Who came by which door, and whether it is closed to them now.

use crate::error::{Error, Result};
use domain::{
    OfficeId, Refusal,
    downtime::{Door, Downtime, Phase, Who, of_office, verdict},
};
use std::future::Future;
use tokio::task::JoinHandle;

/// Who came in by which door, and of which office.
#[derive(Debug, Clone, Copy)]
pub struct AtDoor {
    pub who: Who,
    /// By which door.
    pub door: Door,
    /// Whose; `None` for those of no office.
    pub office: Option<OfficeId>,
}

tokio::task_local! {
    static HERE: AtDoor;
}

/// Does what a caller asked for: every write of it is judged by the door they came by, at the moment it is written.
pub async fn at_door<F: Future>(at: AtDoor, asked: F) -> F::Output {
    HERE.scope(at, asked).await
}

/// By which door the caller came whose work this is; `None` for the program's own.
pub fn here() -> Option<AtDoor> {
    HERE.try_with(|at| *at).ok()
}

/// Begins work that nobody need wait for, by the door that its caller came by: what is spawned by itself would be
/// nobody's, and go on after the latch.
pub fn spawn<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    #[allow(clippy::disallowed_methods, reason = "the one place that keeps the door")]
    match here() {
        Some(at) => tokio::spawn(at_door(at, work)),
        None => tokio::spawn(work),
    }
}

/// Does work to its end, also when nobody waits for the answer any more.
///
/// # Errors
/// What the work refuses with.
pub async fn spawn_kept<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    spawn(work).await.map_err(|e| Error::broken(e.to_string()))?
}

/// Whether a downtime keeps this from being done, and what the caller is told.
pub fn refuses(downtimes: &[Downtime], at: AtDoor, now: i64) -> Option<Refusal> {
    let closed = closed(downtimes, at.office, now)?;
    verdict(at.who, at.door, Phase::Closed)
        .is_refused()
        .then(|| out_of_service(closed, now))
}

/// What a caller is told.
pub fn out_of_service(closed: &Downtime, now: i64) -> Refusal {
    Refusal::OutOfService {
        since: closed.closed_at.unwrap_or(closed.closes_at),
        retry_after: closed.retry_after(now),
    }
}

/// The downtime that an office is closed by.
pub fn closed(downtimes: &[Downtime], office: Option<OfficeId>, now: i64) -> Option<&Downtime> {
    of_office(downtimes, office, now).filter(|d| d.phase(now) == Phase::Closed)
}

/// The next moment at which something closes, milliseconds since 1970 UTC.
pub fn next_closing(downtimes: &[Downtime]) -> Option<i64> {
    let coming = downtimes.iter().filter(|d| d.closed_at.is_none());
    coming.map(|d| d.closes_at).min()
}

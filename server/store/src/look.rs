//! What only looks works with: it may run inside the writer, by its own transaction and memory, or beside it.

use crate::{
    alive,
    error::{Error, Result},
    state::{State, known::Known},
};
use rusqlite::Connection;

/// What a look works with: the rows of one moment, and what everybody knows.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// The open transaction.
    pub db: &'a Connection,
    /// What everybody may know.
    pub known: &'a Known,
    /// Wall clock, milliseconds since 1970 UTC.
    pub now: i64,
}

/// The writer's memory at a moment.
#[derive(Clone, Copy)]
pub struct Memory<'a> {
    /// What it knows.
    pub state: &'a State,
    /// Wall clock, milliseconds since 1970 UTC.
    pub now: i64,
    /// Monotonic clock, milliseconds.
    pub mono: u64,
}

/// Runs what may wait, for a disk or for a lock, where it keeps no other from running.
pub(crate) async fn beside<T: Send + 'static>(f: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(f).await;
    done.unwrap_or_else(|e| {
        Err(Error::broken(match e.try_into_panic() {
            Ok(panic) => alive::said(&*panic),
            Err(e) => e.to_string(),
        }))
    })
}

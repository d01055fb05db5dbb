//! How many calls for tasks wait, so that one token cannot hang thousands of them.

use domain::{Refusal, task::ConnectorId};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use store::error::Result;

/// Most calls of one connector that wait at once: each is looked at in every commit. One is what it needs; those whose line
/// was cut count until they end.
const MOST_WAITING: u32 = 32;
/// Who has so many comes again after this many seconds.
const COME_AGAIN: u32 = 5;

/// How many calls of each connector wait.
#[derive(Debug, Default)]
pub struct Waiting(Mutex<HashMap<ConnectorId, u32>>);

/// A call that waits; dropped, it does not any more.
#[derive(Debug)]
pub struct Place<'a>(&'a Waiting, ConnectorId);

impl Waiting {
    /// One more of this connector.
    pub fn take(&self, connector: ConnectorId) -> Result<Place<'_>> {
        let mut all = self.all();
        let n = all.entry(connector).or_default();
        if *n >= MOST_WAITING {
            return Err(Refusal::TooManyRequests(COME_AGAIN).into());
        }
        *n += 1;
        Ok(Place(self, connector))
    }

    fn all(&self) -> MutexGuard<'_, HashMap<ConnectorId, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut all = self.0.all();
        if let Some(n) = all.get_mut(&self.1) {
            *n -= 1;
            if *n == 0 {
                all.remove(&self.1);
            }
        }
    }
}

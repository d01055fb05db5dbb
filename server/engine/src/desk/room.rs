//! Whether there is room on the disk (H5). What strangers and other systems bring in is refused first, while what
//! connectors have to say of work that is done still goes through.

use crate::Engine;
use domain::{Refusal, fleet::low_disk};
use std::path::Path;
use store::Result;

/// Whoever finds no room comes again after so many seconds.
const COME_AGAIN: u32 = 60;

/// What somebody wants to bring in, the least needed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A public form with its files.
    Form,
    /// A document of a client.
    HandIn,
    /// A document that a task will name.
    Document,
    /// Tasks of a system of the office.
    Delivery,
}

impl Engine {
    /// Whether there is room for this now. From one call of the system, without a look at the database.
    pub fn room_for(&self, what: What) -> Result<()> {
        // a file system that tells nothing of its size is not judged
        let Some((free, total)) = self.space().filter(|(_, total)| *total > 0) else {
            return Ok(());
        };
        if free < reserve(total, self.low_disk, what) {
            return Err(Refusal::NoRoom(COME_AGAIN).into());
        }
        Ok(())
    }

    /// Free bytes and all bytes of the data folder's disk, now.
    pub(crate) fn space(&self) -> Option<(u64, u64)> {
        self.pretended_space().or_else(|| space(self.path()))
    }
}

/// Free bytes and all bytes of the file system that holds `path`.
pub(crate) fn space(path: &Path) -> Option<(u64, u64)> {
    let s = rustix::fs::statvfs(path).ok()?;
    Some((s.f_bavail * s.f_frsize, s.f_blocks * s.f_frsize))
}

/// What is kept free for those that come after `what`: never more than one part in twenty, so that a small disk can be
/// used too, nor more than where the alert begins. Deliveries may use half of it, leases and reports all.
fn reserve(total: u64, told: Option<u64>, what: What) -> u64 {
    let kept = told.unwrap_or_else(|| low_disk(total)).min(total / 20);
    match what {
        What::Form | What::HandIn | What::Document => kept,
        What::Delivery => kept / 2,
    }
}

//! Lines of the log that a failure would repeat with every call: told once in a while, with how many were left out. A
//! log often lies on the very disk that is full.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

/// One line in so many seconds.
const EVERY: u64 = 30;

/// The place of one such line.
#[derive(Debug, Default)]
pub struct Seldom {
    said_at: AtomicU64,
    unsaid: AtomicU64,
}

impl Seldom {
    /// Not said yet.
    pub const fn new() -> Self {
        Self {
            said_at: AtomicU64::new(0),
            unsaid: AtomicU64::new(0),
        }
    }

    /// Says it, with how many were left out since the last time; or leaves it out.
    pub fn say(&self, line: impl FnOnce(u64)) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        self.say_at(now, line);
    }

    fn say_at(&self, now: u64, line: impl FnOnce(u64)) {
        let last = self.said_at.load(Ordering::Relaxed);
        // a clock that was set back is no reason to be silent
        let is_due = last == 0 || now >= last + EVERY || now < last;
        let mine = || {
            self.said_at
                .compare_exchange(last, now.max(1), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        };
        if is_due && mine() {
            line(self.unsaid.swap(0, Ordering::Relaxed));
        } else {
            self.unsaid.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_that_repeats_is_told_once_in_a_while_with_a_count() {
        let (line, mut said) = (Seldom::new(), vec![]);
        for call in 0..600 {
            line.say_at(1_000 + call / 10, |unsaid| said.push((call, unsaid)));
        }
        assert_eq!(said, [(0, 0), (300, 299)]);
        line.say_at(10, |unsaid| said.push((600, unsaid)));
        assert_eq!(said.last(), Some(&(600, 299)), "the clock was set back");
    }
}

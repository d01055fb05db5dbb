//! The two clocks. The wall clock informs people; durations on the monotonic clock decide (promise 7).

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    sync::{Mutex, PoisonError},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// A minute, in milliseconds.
pub const MINUTE_MS: i64 = 60_000;
/// An hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// A day.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// Tells the time to whoever must not read it.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since 1970 UTC. May jump.
    fn now(&self) -> i64;
    /// Milliseconds since some fixed moment. Never goes back. Starts at 1 or later.
    fn mono(&self) -> u64;
    /// A jump ahead of the wall clock is time that has passed, and no mistake of the clock: a rehearsal may say so.
    fn passed(&self) -> bool {
        false
    }
}

/// The machine's clocks.
#[derive(Debug)]
pub struct SystemClock(Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }

    fn mono(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).map_or(u64::MAX, |ms| ms.saturating_add(1))
    }
}

/// The machine's clocks, with the wall clock moved by as many milliseconds as a file says: to rehearse a downtime, and
/// what a clock that is set does; with `passed` behind the number, what a time that has passed does. A second number
/// behind it lets so many milliseconds pass for leases, rests and polls as well: the monotonic clock never goes back.
#[derive(Debug)]
pub struct RehearsalClock {
    machine: SystemClock,
    file: PathBuf,
    /// What the file said last, and the machine's monotonic millisecond at which it was read.
    said: Mutex<(i64, u64)>,
    passed: AtomicBool,
    /// So far the monotonic clock is ahead of the machine's.
    ahead: AtomicU64,
}

/// No clock is moved farther: a century, milliseconds.
const FARTHEST: i64 = 100 * 365 * 86_400_000;
/// The file is read again after so many milliseconds.
const READ_AGAIN: u64 = 20;

impl RehearsalClock {
    /// Moved by what `file` says.
    pub fn new(file: PathBuf) -> Self {
        Self {
            machine: SystemClock::default(),
            file,
            said: Mutex::new((0, 0)),
            passed: AtomicBool::new(false),
            ahead: AtomicU64::new(0),
        }
    }

    /// By how much the wall clock is moved.
    fn look(&self) -> i64 {
        let machine = self.machine.mono();
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.1 == 0 || machine >= said.1 + READ_AGAIN {
            // half a number is read while the file is written: what it said before stands until the next look
            let read = fs::read_to_string(&self.file).unwrap_or_default();
            let mut words = read.split_whitespace();
            let moved = words.next().and_then(|n| n.parse().ok()).unwrap_or(said.0);
            let moved = moved.clamp(-FARTHEST, FARTHEST);
            self.passed
                .store(words.next() == Some("passed"), Ordering::Relaxed);
            if let Some(ahead) = words.next().and_then(|n| n.parse::<u64>().ok()) {
                self.ahead
                    .fetch_max(ahead.min(FARTHEST as u64), Ordering::Relaxed);
            }
            *said = (moved, machine);
        }
        said.0
    }
}

impl Clock for RehearsalClock {
    fn now(&self) -> i64 {
        let moved = self.look();
        self.machine.now() + moved
    }

    fn mono(&self) -> u64 {
        self.look();
        self.machine.mono() + self.ahead.load(Ordering::Relaxed)
    }

    fn passed(&self) -> bool {
        self.passed.load(Ordering::Relaxed)
    }
}

/// A clock that a test moves by hand.
#[derive(Debug)]
pub struct HandClock {
    now: AtomicI64,
    mono: AtomicU64,
}

impl Default for HandClock {
    fn default() -> Self {
        Self {
            now: AtomicI64::new(1_795_000_000_000),
            mono: AtomicU64::new(1),
        }
    }
}

impl HandClock {
    /// Lets `ms` milliseconds pass on both clocks.
    pub fn pass(&self, ms: u64) {
        self.now.fetch_add(ms as i64, Ordering::SeqCst);
        self.mono.fetch_add(ms, Ordering::SeqCst);
    }

    /// Sets the wall clock alone, as an administrator or NTP would.
    pub fn jump(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    fn mono(&self) -> u64 {
        self.mono.load(Ordering::SeqCst)
    }
}

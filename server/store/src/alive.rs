//! Whether the desk is alive (S6): the writer and each loop has a heart, and one that stops makes the program end, or
//! say that it is not live, so that whoever watches over it starts it anew.
//!
//! A panic ends the program at once: a desk whose scheduler is gone looks well and does nothing. A loop that hangs
//! cannot be told from one that works hard but by its time: `GET /health/live` is red until it beats again.

use std::{
    any::Any,
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// A loop that has not beaten for so long hangs.
const PATIENCE: Duration = Duration::from_secs(60);

const HANGS: u8 = 1;
const PANICS: u8 = 2;

/// What the program does about a loop that has ended by a panic.
pub type End = fn(name: &str, why: &str);

/// The hearts of one desk.
pub struct Hearts {
    began: Instant,
    patience: Duration,
    end: End,
    all: Mutex<Vec<Arc<Heart>>>,
}

/// The heart of the writer, or of one loop.
#[derive(Debug)]
pub struct Heart {
    name: &'static str,
    began: Instant,
    /// Milliseconds since then.
    beat_at: AtomicU64,
    /// It waits for something that may never come, and need not beat.
    rests: AtomicBool,
    /// It will never beat again, and should.
    stopped: AtomicBool,
    /// What a rehearsal lets it do at its next beat: [`HANGS`] or [`PANICS`].
    pretends: AtomicU8,
    end: End,
}

impl Default for Hearts {
    fn default() -> Self {
        Self::new(PATIENCE)
    }
}

impl Hearts {
    /// Hearts that are given so long between two beats.
    pub fn new(patience: Duration) -> Self {
        Self {
            began: Instant::now(),
            patience,
            end: end_program,
            all: Mutex::default(),
        }
    }

    /// For tests: a panic of a loop is told to `end` instead of ending the program.
    #[must_use]
    pub fn ended_by(self, end: End) -> Self {
        Self { end, ..self }
    }

    /// A new heart, which has just beaten.
    pub fn heart(&self, name: &'static str) -> Arc<Heart> {
        let heart = Arc::new(Heart {
            name,
            began: self.began,
            beat_at: AtomicU64::new(0),
            rests: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
            pretends: AtomicU8::new(0),
            end: self.end,
        });
        heart.beat();
        self.all().push(heart.clone());
        heart
    }

    /// Runs a loop as long as it goes on by itself. It may end; when it panics, the program does.
    pub fn keep<F>(&self, name: &'static str, make: impl FnOnce(Arc<Heart>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let heart = self.heart(name);
        #[allow(
            clippy::disallowed_methods,
            reason = "a loop is nobody's work: it has no door"
        )]
        let going = tokio::spawn(make(heart.clone()));
        #[allow(clippy::disallowed_methods, reason = "as above")]
        tokio::spawn(async move {
            match going.await {
                // its engine is gone
                Ok(()) => heart.rest(),
                Err(e) if e.is_panic() => heart.broke(&*e.into_panic()),
                // the runtime is going down
                Err(_) => heart.rest(),
            }
        });
    }

    /// The first that hangs or has stopped.
    ///
    /// # Errors
    /// Its name.
    pub fn beat(&self) -> Result<(), &'static str> {
        let all = self.all();
        let still = all.iter().find(|heart| heart.is_still(self.patience));
        still.map_or(Ok(()), |heart| Err(heart.name))
    }

    /// For tests and rehearsals: lets a part hang from its next beat on, or panic when its name ends in `!`.
    pub fn pretend(&self, name: &str) {
        let (name, what) = name
            .strip_suffix('!')
            .map_or((name, HANGS), |name| (name, PANICS));
        let all = self.all();
        for heart in all.iter().filter(|heart| heart.name == name) {
            heart.pretends.store(what, Ordering::Relaxed);
        }
    }

    fn all(&self) -> MutexGuard<'_, Vec<Arc<Heart>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heart {
    /// A sign of life of a thread.
    pub fn beat(&self) {
        self.rests.store(false, Ordering::Relaxed);
        while self.pretends_hanging() {
            std::thread::sleep(Duration::from_secs(1));
        }
        self.beat_at.store(self.age(), Ordering::Relaxed);
    }

    /// A sign of life of a task.
    pub async fn pulse(&self) {
        self.rests.store(false, Ordering::Relaxed);
        if self.pretends_hanging() {
            std::future::pending::<()>().await;
        }
        self.beat();
    }

    fn pretends_hanging(&self) -> bool {
        let what = self.pretends.load(Ordering::Relaxed);
        assert!(what != PANICS, "as a rehearsal asks");
        what == HANGS
    }

    /// It waits for others, who may take as long as they like.
    pub fn rest(&self) {
        self.rests.store(true, Ordering::Relaxed);
    }

    /// It has ended by a panic.
    pub fn broke(&self, panic: &(dyn Any + Send)) {
        self.stopped.store(true, Ordering::Relaxed);
        (self.end)(self.name, &said(panic));
    }

    fn is_still(&self, patience: Duration) -> bool {
        let quiet = self.age().saturating_sub(self.beat_at.load(Ordering::Relaxed));
        let late = u128::from(quiet) > patience.as_millis() && !self.rests.load(Ordering::Relaxed);
        late || self.stopped.load(Ordering::Relaxed)
    }

    fn age(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Says why, and ends at once: what is not on disk was not answered, and nothing else is worth saving.
pub fn end_program(name: &str, why: &str) {
    tracing::error!(
        part = name,
        panic = why,
        "a part of the desk has ended; the program ends, to be started anew"
    );
    std::process::abort();
}

/// What a panic says.
pub fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".into())
}

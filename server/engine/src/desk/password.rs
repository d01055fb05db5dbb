//! Passwords: their rules, and their hashes.

mod rules;

use crate::desk::Engine;
use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier, password_hash::SaltString};
use domain::{FieldError, Refusal, Rule};
use std::{
    sync::Arc,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    thread::available_parallelism,
    time::Instant,
};
use store::error::{Error, Result};
use tokio::sync::Semaphore;

/// Fewest characters of a password.
pub const SHORTEST: usize = 10;
/// Most characters of one: hashing more would only cost time.
pub const LONGEST: usize = 256;
/// So many wait in a line for their turn to be hashed; who comes then is told to come again.
const MOST_WAITING: usize = 16;
/// Nobody is told to come again later than this, in seconds.
const LATEST: u64 = 60;

/// How much work a password hash is.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Memory in KiB.
    pub memory: u32,
    pub passes: u32,
}

impl Default for Effort {
    /// argon2id, 64 MiB, three passes, one lane.
    fn default() -> Self {
        Self {
            memory: 64 * 1024,
            passes: 3,
        }
    }
}

/// Adds a [`FieldError`] for a password that is too short or too long, or that whoever guesses tries first: one of the most
/// used ones, a row of the keyboard, or what stands in `about`: the person's name, address and office.
pub fn check(errors: &mut Vec<FieldError>, password: &str, about: &[&str]) {
    let rule = if password.chars().count() < SHORTEST {
        Rule::AtLeastCharacters {
            least: SHORTEST as i64,
        }
    } else if is_too_long(password) {
        Rule::AtMostCharacters { most: LONGEST as i64 }
    } else if rules::is_common(password) {
        Rule::CommonPassword
    } else if rules::is_about(password, about) {
        Rule::PasswordAboutYou
    } else {
        return;
    };
    errors.push(FieldError::of("password", rule));
}

/// Longer than any password here: nobody has it, and it is not looked at.
pub(crate) fn is_too_long(password: &str) -> bool {
    // in bytes first: what is far too long is not counted
    password.len() > 4 * LONGEST || password.chars().count() > LONGEST
}

/// Who asks for a hash: however many strangers come, those who are known have turns of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asking {
    /// By a browser or an address that the account has been signed in by, or signed in.
    Known,
    /// Anybody.
    Stranger,
}

/// Where hashes are worked out: each takes memory and a core, so only so many at a time, and few wait.
#[derive(Debug)]
pub(crate) struct Hashing {
    effort: Effort,
    known: Line,
    strangers: Line,
    /// How long the last one took, in milliseconds.
    took: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Line {
    turns: Arc<Semaphore>,
    at_once: usize,
    /// At work and waiting.
    inside: AtomicUsize,
}

impl Line {
    fn new(at_once: usize) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(at_once)),
            at_once,
            inside: AtomicUsize::new(0),
        }
    }
}

/// One place among those at work and those who wait.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Hashing {
    pub(crate) fn new(effort: Effort) -> Self {
        let cores = available_parallelism().map_or(2, usize::from);
        Self {
            effort,
            known: Line::new(cores.div_ceil(2)),
            strangers: Line::new(cores.div_ceil(2)),
            took: Arc::default(),
        }
    }

    fn place<'a>(&self, line: &'a Line) -> Result<Place<'a>> {
        let place = Place(&line.inside);
        let before = line.inside.fetch_add(1, Relaxed);
        if before < line.at_once + MOST_WAITING {
            return Ok(place);
        }
        let whole = (before / line.at_once) as u64 * self.took.load(Relaxed);
        let seconds = whole.div_ceil(1000).clamp(1, LATEST);
        Err(Refusal::Busy(seconds as u32).into())
    }

    /// Does `work` when its turn has come.
    async fn run<T: Send + 'static>(
        &self,
        asking: Asking,
        work: impl FnOnce(Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T> {
        let line = match asking {
            Asking::Known => &self.known,
            Asking::Stranger => &self.strangers,
        };
        let _place = self.place(line)?;
        let failed = |e: &dyn std::fmt::Display| Error::Storage(e.to_string());
        let turn = line.turns.clone().acquire_owned().await;
        let turn = turn.map_err(|e| failed(&e))?;
        let Effort { memory, passes } = self.effort;
        let took = self.took.clone();
        let done = tokio::task::spawn_blocking(move || {
            let began = Instant::now();
            let params = argon2::Params::new(memory, passes, 1, None).unwrap_or_default();
            let out = work(Argon2::new(
                argon2::Algorithm::Argon2id,
                argon2::Version::V0x13,
                params,
            ));
            took.store(began.elapsed().as_millis() as u64, Relaxed);
            // held to the end, also when nobody waits for the answer any more
            drop(turn);
            out
        });
        done.await.map_err(|e| failed(&e))
    }
}

impl Engine {
    /// A PHC string for the new password of somebody who has shown a link, or the old one.
    ///
    /// # Errors
    /// [`Refusal::Busy`] when too many wait for theirs; when there is no memory or randomness for it.
    pub async fn hash_password(&self, password: String) -> Result<String> {
        self.hash(Asking::Known, password).await
    }

    async fn hash(&self, asking: Asking, password: String) -> Result<String> {
        let hashed = self.hashing.run(asking, move |argon| {
            let mut salt = [0u8; 16];
            getrandom::fill(&mut salt).map_err(|e| e.to_string())?;
            let salt = SaltString::encode_b64(&salt).map_err(|e| e.to_string())?;
            argon
                .hash_password(password.as_bytes(), &salt)
                .map(|h| h.to_string())
                .map_err(|e| e.to_string())
        });
        hashed.await?.map_err(Error::Storage)
    }

    /// Takes as long for an unknown person as for a wrong password.
    pub(crate) async fn verify(
        &self,
        asking: Asking,
        password: String,
        stored: Option<String>,
    ) -> Result<bool> {
        let Some(stored) = stored else {
            self.hash(asking, password).await?;
            return Ok(false);
        };
        let checked = self.hashing.run(asking, move |argon| {
            PasswordHash::new(&stored).is_ok_and(|h| argon.verify_password(password.as_bytes(), &h).is_ok())
        });
        checked.await
    }
}

//! How often somebody may ask: generous, so that no honest client ever meets it. What guessing costs is limited where
//! it is guessed.

use domain::{Caller, ClientAddress, Refusal};
use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Calls of one token: so many a second, and a minute's worth of a full queue at once.
const OF_TOKEN: (u32, u32) = (2_000, 50_000);
/// Pages and calls of one client's address, of a whole office perhaps.
const OF_CLIENT: (u32, u32) = (200, 5_000);
/// When so many are known, those who have not come for long are forgotten.
const KNOWN: usize = 10_000;

/// Who asked how often.
pub struct Rates {
    tokens: Rate<Caller>,
    clients: Rate<IpAddr>,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            tokens: Rate::new(OF_TOKEN),
            clients: Rate::new(OF_CLIENT),
        }
    }
}

impl Rates {
    /// A call with a good token.
    ///
    /// # Errors
    /// [`Refusal::TooManyRequests`].
    pub fn of_token(&self, caller: Caller) -> Result<(), Refusal> {
        self.tokens.take(caller, Instant::now())
    }

    /// Any other call, or a page.
    ///
    /// # Errors
    /// [`Refusal::TooManyRequests`].
    pub fn of_client(&self, client: ClientAddress) -> Result<(), Refusal> {
        self.clients.take(client.key(), Instant::now())
    }
}

/// Each question takes a step; who is too many steps ahead of the time waits.
struct Rate<K> {
    step: Duration,
    ahead: Duration,
    known: Mutex<Known<K>>,
}

struct Known<K> {
    /// Until when each has taken its steps.
    until: HashMap<K, Instant>,
    /// When there are so many, those whose time is past are forgotten.
    most: usize,
}

impl<K: Hash + Eq> Rate<K> {
    fn new((a_second, at_once): (u32, u32)) -> Self {
        let step = Duration::from_secs(1) / a_second;
        let known = Known {
            until: HashMap::new(),
            most: KNOWN,
        };
        Self {
            step,
            ahead: step * at_once,
            known: Mutex::new(known),
        }
    }

    fn take(&self, key: K, now: Instant) -> Result<(), Refusal> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.until.len() >= known.most {
            known.until.retain(|_, until| *until > now);
            known.until.shrink_to(KNOWN);
            // when that leaves many, it is not tried again at once
            known.most = KNOWN.max(2 * known.until.len());
        }
        let until = known.until.entry(key).or_insert(now);
        let next = (*until).max(now) + self.step;
        let wait = (next - now).saturating_sub(self.ahead);
        if wait.is_zero() {
            *until = next;
            return Ok(());
        }
        Err(Refusal::TooManyRequests(wait.as_secs_f64().ceil().max(1.0) as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_who_asks_too_often_waits_and_nobody_else() {
        let (rate, now) = (Rate::new((1, 3)), Instant::now());
        for _ in 0..3 {
            rate.take("busy", now).unwrap();
        }
        let Err(Refusal::TooManyRequests(seconds)) = rate.take("busy", now) else {
            panic!("a fourth");
        };
        assert_eq!(seconds, 1);
        rate.take("quiet", now).unwrap();
        // what was said is true, and not a moment more
        let then = now + Duration::from_secs(1);
        rate.take("busy", then).unwrap();
        assert!(rate.take("busy", then).is_err());
    }

    #[test]
    fn who_has_gone_is_forgotten() {
        let (rate, began) = (Rate::new((1000, 1)), Instant::now());
        for n in 0..5 * KNOWN as u64 {
            rate.take(n, began + Duration::from_millis(n)).unwrap();
        }
        let known = rate.known.lock().unwrap().until.len();
        assert!(known <= KNOWN, "{known}");
    }
}

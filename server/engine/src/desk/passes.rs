//! Who calls with which token, as the disk says it, in memory: each call asks here, and answers that last are told when
//! something changes.

use super::Engine;
use domain::{Caller, Refusal};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};
use store::{
    error::Result,
    secret::{self, Hash},
};
use tokio::sync::watch;

/// What a change of tokens on disk means for those in memory.
#[derive(Clone, Copy)]
pub(crate) enum Change {
    /// One more.
    Add(Hash, Caller),
    /// One that replaces the caller's others at a wall-clock millisecond.
    Replace(Hash, Caller, i64),
    /// The caller has none any more.
    Forget(Caller),
}

impl Change {
    pub(crate) fn apply(self, tokens: &mut HashMap<Hash, (Caller, Option<i64>)>) {
        match self {
            Self::Add(hash, caller) => {
                tokens.insert(hash, (caller, None));
            }
            Self::Replace(hash, caller, until) => {
                let others = tokens.values_mut().filter(|(holder, _)| *holder == caller);
                others.for_each(|(_, valid)| *valid = Some(valid.map_or(until, |v| v.min(until))));
                tokens.insert(hash, (caller, None));
            }
            Self::Forget(caller) => tokens.retain(|_, (holder, _)| *holder != caller),
        }
    }
}

/// Who calls with which token, and until when it is valid.
pub(crate) struct Tokens {
    known: RwLock<HashMap<Hash, (Caller, Option<i64>)>>,
    changed: watch::Sender<()>,
}

impl Tokens {
    pub(crate) fn new(known: HashMap<Hash, (Caller, Option<i64>)>) -> Arc<Self> {
        Arc::new(Self {
            known: RwLock::new(known),
            changed: watch::Sender::default(),
        })
    }

    pub(crate) fn change(&self, change: Change) {
        change.apply(&mut self.known.write().unwrap_or_else(PoisonError::into_inner));
        self.changed.send_replace(());
    }

    fn caller(&self, hash: &Hash, now: i64) -> Option<Caller> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let (caller, until) = known.get(hash)?;
        until.is_none_or(|u| u > now).then_some(*caller)
    }
}

/// A token that was good when its holder came; for answers that last.
pub struct Pass {
    /// Whose it is.
    pub caller: Caller,
    hash: Hash,
    changed: watch::Receiver<()>,
}

impl Pass {
    /// Some token has changed since this was asked last.
    pub async fn changed(&mut self) {
        // the desk is gone with whoever changes tokens
        if self.changed.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Engine {
    /// Who calls with `token`, or that we do not know them (any more).
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`].
    pub fn caller(&self, token: &str) -> Result<Caller> {
        let hash = secret::hash(token).ok_or(Refusal::Unauthenticated)?;
        let caller = self.tokens.caller(&hash, self.clock.now());
        caller.ok_or_else(|| Refusal::Unauthenticated.into())
    }

    /// As [`Engine::caller`], for an answer that lasts.
    ///
    /// # Errors
    /// As there.
    pub fn pass(&self, token: &str) -> Result<Pass> {
        let hash = secret::hash(token).ok_or(Refusal::Unauthenticated)?;
        // first, so that no change falls between
        let changed = self.tokens.changed.subscribe();
        let caller = self.tokens.caller(&hash, self.clock.now());
        let caller = caller.ok_or(Refusal::Unauthenticated)?;
        Ok(Pass {
            caller,
            hash,
            changed,
        })
    }

    /// Whether a pass is still good: its token has neither been withdrawn nor run out.
    pub fn is_good(&self, pass: &Pass) -> bool {
        self.tokens.caller(&pass.hash, self.clock.now()) == Some(pass.caller)
    }
}

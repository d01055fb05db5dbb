//! Who calls with which token, as the disk says it, in memory: each call asks here, and answers that last are told when
//! something changes.

use super::Engine;
use domain::{Caller, Refusal};
use std::sync::Arc;
use store::{
    error::Result,
    secret::{self, Hash},
    state::known::Known,
};
use tokio::sync::watch;

/// A token that was good when its holder came; for answers that last.
pub struct Pass {
    /// Whose it is.
    pub caller: Caller,
    hash: Hash,
    changed: watch::Receiver<Arc<Known>>,
}

impl Pass {
    /// Something has changed since this was asked last that may be its token.
    pub async fn changed(&mut self) {
        // the desk is gone with its writer
        if self.changed.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Engine {
    /// Who calls with `token`, or that we do not know them (any more).
    pub fn caller(&self, token: &str) -> Result<Caller> {
        let hash = secret::hash(token).ok_or(Refusal::Unauthenticated)?;
        let caller = self.known().caller(&hash, self.clock.now());
        caller.ok_or_else(|| Refusal::Unauthenticated.into())
    }

    /// As [`Engine::caller`], for an answer that lasts.
    pub fn pass(&self, token: &str) -> Result<Pass> {
        let hash = secret::hash(token).ok_or(Refusal::Unauthenticated)?;
        // first, so that no change falls between
        let changed = self.writer.follow_known();
        let caller = self.known().caller(&hash, self.clock.now());
        let caller = caller.ok_or(Refusal::Unauthenticated)?;
        Ok(Pass {
            caller,
            hash,
            changed,
        })
    }

    /// Whether a pass is still good: its token has neither been withdrawn nor run out.
    pub fn is_good(&self, pass: &Pass) -> bool {
        self.known().caller(&pass.hash, self.clock.now()) == Some(pass.caller)
    }
}

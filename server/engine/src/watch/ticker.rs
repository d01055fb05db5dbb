//! What the desk does by itself. Each part reads the database, acts, and is idempotent: it may run twice or late.

use crate::Engine;
use std::{sync::Arc, time::Duration};
use store::{Result, seldom::Seldom};

const STEP: Duration = Duration::from_secs(1);

/// Ticks once a second as long as the engine lives.
pub fn start(engine: &Arc<Engine>) {
    let weak = Arc::downgrade(engine);
    engine.hearts.keep("ticker", |heart| async move {
        let mut beat = tokio::time::interval(STEP);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            beat.tick().await;
            heart.pulse().await;
            let Some(engine) = weak.upgrade() else { return };
            if let Err(e) = engine.tick().await {
                static FAILED: Seldom = Seldom::new();
                FAILED.say(|unsaid| tracing::error!(error = %e, unsaid, "a tick failed"));
            }
        }
    });
}

impl Engine {
    /// One round: what was learned, what is wrong, what many were asked to do.
    pub async fn tick(&self) -> Result<()> {
        let tidied = if self.guard.tick(self.clock.mono()) {
            self.forget_declined().await.and(self.end_postponements().await)
        } else {
            Ok(())
        };
        let learned = self.digest().await;
        let watched = self.watch().await;
        let carried = self.carry_on_bulk().await;
        let swept = self.carry_on_sweeps().await;
        let imported = self.carry_on_imports().await;
        let cleared = self.clear_documents_at_times().await;
        let round = learned
            .and(watched)
            .and(carried)
            .and(swept)
            .and(imported)
            .and(cleared)
            .and(tidied);
        self.note_storage(&round).await;
        round
    }
}

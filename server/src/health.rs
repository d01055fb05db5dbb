//! Is it alive, and can it take work.

use axum::{extract::State, http::StatusCode};
use engine::{Engine, seldom::Seldom};
use std::sync::Arc;

/// The process answers, the writer and every loop beat. From memory alone: a full disk is not dead.
pub async fn live(State(engine): State<Arc<Engine>>) -> (StatusCode, String) {
    match engine.hearts.beat() {
        Ok(()) => (StatusCode::OK, "live".into()),
        Err(part) => {
            static STOPPED: Seldom = Seldom::new();
            STOPPED.say(|unsaid| tracing::error!(part, unsaid, "a part of the desk has stopped"));
            (StatusCode::SERVICE_UNAVAILABLE, format!("{part} has stopped"))
        }
    }
}

/// A write goes through.
pub async fn ready(State(engine): State<Arc<Engine>>) -> (StatusCode, &'static str) {
    match engine.ready().await {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(e) => {
            static NOT_READY: Seldom = Seldom::new();
            NOT_READY.say(|unsaid| tracing::error!(error = %e, unsaid, "not ready"));
            (StatusCode::SERVICE_UNAVAILABLE, "storage unavailable")
        }
    }
}

//! Is it alive, and can it take work.

use axum::{extract::State, http::StatusCode};
use engine::Engine;
use std::sync::Arc;

/// The process answers.
pub async fn live() -> &'static str {
    "live"
}

/// A write goes through.
pub async fn ready(State(engine): State<Arc<Engine>>) -> (StatusCode, &'static str) {
    match engine.ready().await {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(e) => {
            tracing::error!(error = %e, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "storage unavailable")
        }
    }
}

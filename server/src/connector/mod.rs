//! A connector: one poll loop in two homes, inside the server and as `nachtwacht connector`.
//!
//! [`poll`] asks for tasks and keeps their leases alive; an [`Adapter`] carries one task out; [`line`] is the way
//! to the desk; [`reports`] tells it what was done until it has recorded it, and [`outbox`] keeps that on disk.

mod command;
#[cfg(test)]
mod fake_desk;
mod fit;
pub mod hledger;
mod line;
mod outbox;
mod poll;
mod real;
mod reports;
mod simulate;

pub use line::{Line, Remote, Trouble, write_secret};
pub use poll::{Connector, Home};
pub use simulate::Simulate;

use crate::config;
use domain::wire::{ClaimedTask, Outcome};
use futures::future::BoxFuture;
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinHandle};

/// Carries tasks out in one package or several.
pub trait Adapter: Send + Sync + 'static {
    /// Kinds of task that it can carry out.
    fn kinds(&self) -> Vec<String>;

    /// Kinds that it looks for in the package before it does them again.
    fn recovers(&self) -> Vec<String>;

    /// Brings what the task needs, before anything is done; else what is to be told of it. Dropping that stops it.
    fn prepare<'a>(&'a self, task: &'a ClaimedTask) -> BoxFuture<'a, Result<ClaimedTask, Outcome>> {
        Box::pin(async { Ok(task.clone()) })
    }

    /// Carries one task out.
    fn carry_out<'a>(&'a self, task: &'a ClaimedTask) -> BoxFuture<'a, Outcome>;

    /// Whether dropping that stops the work. Else it bounds itself, and its outcome is told however late it is: somebody must
    /// know what was done.
    fn stops(&self) -> bool {
        true
    }
}

/// Every kind of the catalogue.
pub fn every_kind() -> Vec<String> {
    [
        "process_booking_proposal",
        "delete_booking_proposal",
        "synchronise_dossier",
        "activate_dossier",
        "run_job",
    ]
    .map(str::to_owned)
    .into()
}

/// An outcome that failed.
pub fn failed(code: &str, detail: impl Into<String>) -> Outcome {
    Outcome::Failed {
        code: code.into(),
        params: serde_json::Map::new(),
        detail: Some(detail.into()),
    }
}

/// `nachtwacht connector`: polls until SIGTERM, then finishes what runs.
///
/// # Errors
/// A sentence for the person at the console.
pub async fn run_alone(options: config::Connector) -> Result<(), String> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new("info"))
        .with_writer(std::io::stderr)
        .init();
    let mut remote = Remote::new(options.remote);
    if let Some((code, file)) = &options.enrol {
        // the line that enrolled it starts it again as well: the code is used, the token is there
        if let Err(used) = remote.enrol(code, file).await {
            remote.keep(kept_token(file).ok_or(used)?);
        }
    }
    let adapter: Arc<dyn Adapter> = match options.adapter {
        config::Adapter::Hledger {
            books,
            program,
            time_limit,
        } => Arc::new(real::Real::new(
            books,
            program,
            time_limit,
            Line::Remote(remote.clone()),
        )),
        config::Adapter::Command {
            program,
            time_limit,
            kinds,
        } => Arc::new(command::Command {
            program,
            time_limit,
            kinds: if kinds.is_empty() { every_kind() } else { kinds },
            line: Line::Remote(remote.clone()),
        }),
        config::Adapter::Simulate { seed } => Arc::new(Simulate {
            seed,
            failing: vec![],
        }),
    };
    let (stop, stopped) = watch::channel(false);
    let home = Home {
        line: Line::Remote(remote),
        adapter,
        packages: options.packages,
        max_parallel: options.max_parallel,
        long_poll: options.long_poll,
        outbox: options.state,
        patience: options.patience,
    };
    let running = tokio::spawn(Connector::new(home)?.run(stopped));
    crate::stop::asked_to_stop().await;
    tracing::info!("stopping: what runs is finished first");
    let _ = stop.send(true);
    finish(vec![running], Duration::from_secs(600)).await;
    Ok(())
}

/// The token that an earlier start was given.
fn kept_token(file: &std::path::Path) -> Option<String> {
    let token = std::fs::read_to_string(file).ok()?;
    let token = token.trim();
    (!token.is_empty()).then(|| token.to_owned())
}

/// Waits for connectors to finish, at most `grace`.
pub async fn finish(homes: Vec<JoinHandle<()>>, grace: Duration) {
    let all = futures::future::join_all(homes);
    if tokio::time::timeout(grace, all).await.is_err() {
        tracing::warn!("a connector did not finish in time; its leases will end by themselves");
    }
}

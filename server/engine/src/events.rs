//! What the browsers watch: one read per change, whatever the number of viewers.

use crate::store::{
    read::{self, TaskRaw},
    writer::Committed,
};
use domain::{DossierId, OfficeId, TaskId, event::Event, view::Counts};
use sqlx::SqlitePool;
use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
};
use tokio::sync::broadcast;

/// Most commits that a slow viewer may lag behind before it has to read afresh.
const BUFFER: usize = 1024;

/// A changed line, shared by all viewers; each dress of it is made once.
#[derive(Debug)]
pub struct LiveRow {
    /// Whose.
    pub office: OfficeId,
    /// Which books.
    pub dossier: DossierId,
    /// As read after the commit.
    pub raw: TaskRaw,
    /// The office's counts after the commit.
    pub counts: Counts,
    /// JSON by language and rights.
    pub dresses: [OnceLock<Arc<str>>; 15],
}

/// What one commit changed.
#[derive(Debug, Clone)]
pub struct LiveBatch {
    /// Every event, for integrations.
    pub events: Arc<Vec<Event>>,
    /// Every line that changed, as it stood after the commit.
    pub rows: Arc<Vec<LiveRow>>,
    /// Offices whose jobs or runs changed.
    pub jobs_of: Arc<BTreeSet<OfficeId>>,
    /// A downtime was announced, changed, lifted, or its moment came.
    pub downtime: bool,
}

/// The fan-out to browsers and integrations.
#[derive(Clone)]
pub struct Live {
    sender: broadcast::Sender<LiveBatch>,
}

impl Live {
    /// Starts to follow the writer.
    pub fn start(readers: SqlitePool, mut committed: broadcast::Receiver<Arc<Committed>>) -> Self {
        let (sender, _) = broadcast::channel(BUFFER);
        let live = Self {
            sender: sender.clone(),
        };
        tokio::spawn(async move {
            loop {
                match committed.recv().await {
                    Ok(commit) if sender.receiver_count() > 0 => match batch(&readers, &commit).await {
                        // the last viewer may have left meanwhile
                        Ok(batch) => drop(sender.send(batch)),
                        Err(e) => tracing::error!(error = %e, "a change could not be read for the viewers"),
                    },
                    Ok(_) => {}
                    Err(broadcast::error::RecvError::Lagged(n)) => {
                        tracing::warn!(commits = n, "viewers missed changes");
                    }
                    Err(broadcast::error::RecvError::Closed) => return,
                }
            }
        });
        live
    }

    /// Everything from now on.
    pub fn watch(&self) -> broadcast::Receiver<LiveBatch> {
        self.sender.subscribe()
    }
}

async fn batch(readers: &SqlitePool, commit: &Committed) -> crate::Result<LiveBatch> {
    let ids: BTreeSet<TaskId> = commit.events.iter().map(|e| e.task).collect();
    let ids: Vec<TaskId> = ids.into_iter().collect();
    let rows = read::tasks_by_id(readers, &ids).await?;
    let rows = rows.into_iter().map(|raw| LiveRow {
        office: raw.office,
        dossier: raw.dossier,
        counts: commit.counts.get(&raw.office).copied().unwrap_or_default(),
        raw,
        dresses: Default::default(),
    });
    Ok(LiveBatch {
        events: Arc::new(commit.events.clone()),
        rows: Arc::new(rows.collect()),
        jobs_of: Arc::new(commit.jobs_of.clone()),
        downtime: commit.downtime,
    })
}

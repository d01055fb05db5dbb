//! The adapter of the real package: hands tasks to [`super::hledger`] on a thread of their own.

use super::{
    Adapter, Line, Trouble, failed,
    hledger::{Failure, Hledger, Work},
};
use domain::{
    document::sha256_of,
    failure::ADAPTER_CRASHED,
    wire::{ClaimedTask, Outcome},
};
use futures::future::BoxFuture;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// What it carries out.
const KINDS: [&str; 4] = [
    "process_booking_proposal",
    "delete_booking_proposal",
    "synchronise_dossier",
    "activate_dossier",
];

/// hledger as a package.
pub struct Real {
    hledger: Arc<Hledger>,
    /// Where documents beside tasks are fetched.
    line: Line,
}

impl Real {
    /// Books in a folder, kept by a program.
    pub fn new(books: PathBuf, program: PathBuf, time_limit: Duration, line: Line) -> Self {
        let hledger = Hledger {
            books,
            program,
            time_limit,
        };
        Self {
            hledger: Arc::new(hledger),
            line,
        }
    }

    /// The task with its document in place of the document's name.
    async fn with_document(&self, mut task: ClaimedTask) -> Result<ClaimedTask, Outcome> {
        let Some(id) = beside(&task) else {
            return Ok(task);
        };
        let bytes = self
            .line
            .document(id)
            .await
            .map_err(|trouble| unfetched(&trouble))?;
        match engine::tasks::document::text::of(&bytes) {
            Ok(text) => {
                task.payload["document"] = text.into();
                Ok(task)
            }
            Err(why) => Err(outcome(Failure::unreadable(&why))),
        }
    }
}

/// The document that stands beside a task.
pub fn beside(task: &ClaimedTask) -> Option<&str> {
    let named = task.payload.get("document").and_then(|d| d.as_str());
    named.filter(|id| sha256_of(id).is_some())
}

/// What becomes of a task whose document did not come.
pub fn unfetched(trouble: &Trouble) -> Outcome {
    let why = format!("The document could not be fetched: {trouble}");
    match trouble {
        Trouble::Refused(_) => failed("document_missing", why),
        // given back: the next visit finds the desk again
        Trouble::Away(_) | Trouble::Later(..) => Outcome::Released {
            reason: Some(shortened(&why)),
            retry_after_seconds: Some(trouble.rest().as_secs() as u32).filter(|s| *s > 0),
        },
    }
}

fn shortened(reason: &str) -> String {
    reason
        .chars()
        .filter(|c| !domain::text::is_control(*c))
        .take(500)
        .collect()
}

fn outcome(f: Failure) -> Outcome {
    Outcome::Failed {
        code: f.code,
        params: f.params,
        detail: Some(f.detail).filter(|d| !d.is_empty()),
    }
}

impl Adapter for Real {
    /// Bookkeeping only: it runs no jobs.
    fn kinds(&self) -> Vec<String> {
        KINDS.map(str::to_owned).into()
    }

    /// Every booking carries its task's number and is looked for first.
    fn recovers(&self) -> Vec<String> {
        self.kinds()
    }

    /// A change of the books that has begun goes on by itself.
    fn stops(&self) -> bool {
        false
    }

    fn prepare<'a>(&'a self, task: &'a ClaimedTask) -> BoxFuture<'a, Result<ClaimedTask, Outcome>> {
        Box::pin(self.with_document(task.clone()))
    }

    fn carry_out<'a>(&'a self, task: &'a ClaimedTask) -> BoxFuture<'a, Outcome> {
        let (hledger, task) = (self.hledger.clone(), task.clone());
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || {
                let id = task.id.to_string();
                hledger.carry_out(&Work {
                    task: &id,
                    kind: &task.kind,
                    dossier_code: &task.dossier.code,
                    dossier_name: &task.dossier.name,
                    payload: &task.payload,
                    confirmed: &task.confirmed,
                })
            });
            match done.await {
                Ok(Ok(result)) => Outcome::Succeeded { result: Some(result) },
                Ok(Err(f)) => outcome(f),
                Err(e) => failed(ADAPTER_CRASHED, format!("The work on the books broke off: {e}.")),
            }
        })
    }
}

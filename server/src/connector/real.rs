//! The adapter of the real package: hands tasks to [`super::hledger`] on a thread of their own.

use super::{
    Adapter, every_kind, failed,
    hledger::{Hledger, Work},
};
use domain::wire::{ClaimedTask, Outcome};
use futures::future::BoxFuture;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// hledger as a package.
pub struct Real(Arc<Hledger>);

impl Real {
    /// Books in a folder, kept by a program.
    pub fn new(books: PathBuf, program: PathBuf, time_limit: Duration) -> Self {
        Self(Arc::new(Hledger {
            books,
            program,
            time_limit,
        }))
    }
}

impl Adapter for Real {
    fn kinds(&self) -> Vec<String> {
        every_kind()
    }

    /// Every booking carries its task's number and is looked for first.
    fn recovers(&self) -> Vec<String> {
        every_kind()
    }

    fn carry_out<'a>(&'a self, task: &'a ClaimedTask) -> BoxFuture<'a, Outcome> {
        let (hledger, task) = (self.0.clone(), task.clone());
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || {
                let id = task.id.to_string();
                hledger.carry_out(&Work {
                    task: &id,
                    kind: &task.kind,
                    dossier_code: &task.dossier.code,
                    dossier_name: &task.dossier.name,
                    payload: &task.payload,
                })
            });
            match done.await {
                Ok(Ok(result)) => Outcome::Succeeded { result: Some(result) },
                Ok(Err(f)) => Outcome::Failed {
                    code: f.code,
                    params: f.params,
                    detail: Some(f.detail).filter(|d| !d.is_empty()),
                },
                Err(e) => failed("database_error", format!("The work on the books broke off: {e}.")),
            }
        })
    }
}

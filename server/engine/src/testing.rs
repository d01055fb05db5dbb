//! Builders for tests, benches and the demo: a desk in a folder, an office, a connector that takes everything.

use crate::{
    accounts::{Effort, default_office},
    clock::{Clock, HandClock},
    engine::{Engine, Options},
    error::Result,
    store::{connector::Hello, office::OfficeRow},
};
use domain::{
    OfficeId, Role, Viewer,
    language::Language,
    task::ConnectorId,
    wire::{ClaimedTask, NewTask, Outcome, Report},
};
use serde_json::json;
use std::{path::Path, sync::Arc};

/// A desk with one office, one connector that takes everything, and a clock moved by hand.
pub struct TestDesk {
    /// The desk.
    pub engine: Arc<Engine>,
    /// Its clock.
    pub clock: Arc<HandClock>,
    /// The office.
    pub office: OfficeId,
    /// The connector.
    pub connector: ConnectorId,
}

/// Every kind, every package, a hundred at once.
pub fn takes_everything() -> Hello {
    let words = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
    Hello {
        boot_id: "boot".into(),
        version: "1".into(),
        packages: words(&[
            "exact_online",
            "wings",
            "expert_m",
            "adsolut",
            "winbooks",
            "hledger",
        ]),
        kinds: words(&[
            "process_booking_proposal",
            "delete_booking_proposal",
            "synchronise_dossier",
            "activate_dossier",
        ]),
        recovers: vec![],
        max_parallel: 100,
    }
}

/// A task of `kind` for a dossier.
pub fn new_task(kind: &str, dossier: &str) -> NewTask {
    let payload = (kind == "activate_dossier")
        .then(|| json!({"name": format!("Dossier {dossier}"), "package": "adsolut"}));
    NewTask {
        kind: kind.into(),
        dossier: dossier.into(),
        payload,
        subject: None,
        after: None,
        idempotency_key: None,
    }
}

/// A failure with `code`.
pub fn failed(code: &str) -> Outcome {
    Outcome::Failed {
        code: code.into(),
        params: serde_json::Map::new(),
        detail: Some("as the test says".into()),
    }
}

/// Support, who may do everything to a task.
pub fn support() -> Viewer {
    Viewer {
        person: 1,
        name: "Support".into(),
        role: Role::Support,
        office: None,
        language: Language::En,
    }
}

impl TestDesk {
    /// Opens a desk in `dir`.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub async fn open(dir: &Path) -> Result<Self> {
        let clock = Arc::new(HandClock::default());
        let engine = open(dir, clock.clone()).await?;
        let office = engine
            .add_office(OfficeRow {
                code: "gent".into(),
                name: "Gent".into(),
                ..default_office()
            })
            .await?;
        let connector = engine.add_connector(office, "Gent 1").await?;
        engine.hello(connector, takes_everything()).await?;
        Ok(Self {
            engine,
            clock,
            office,
            connector,
        })
    }

    /// Adds dossiers `D1` … `Dn` in Adsolut.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn dossiers(&self, n: usize) -> Result<()> {
        for i in 1..=n {
            self.engine
                .add_dossier(self.office, &format!("D{i}"), &format!("Dossier {i}"), "adsolut")
                .await?;
        }
        Ok(())
    }

    /// Delivers tasks and gives their numbers.
    ///
    /// # Errors
    /// As [`Engine::deliver`].
    pub async fn deliver(&self, tasks: Vec<NewTask>) -> Result<Vec<i64>> {
        Ok(self
            .engine
            .deliver(self.office, tasks)
            .await?
            .tasks
            .iter()
            .map(|t| t.id.0)
            .collect())
    }

    /// Claims up to `max` tasks without waiting.
    ///
    /// # Errors
    /// As [`Engine::claim`].
    pub async fn claim(&self, max: u32) -> Result<Vec<ClaimedTask>> {
        let request = format!("r{}", crate::secret::new("nwr_"));
        Ok(self
            .engine
            .claim(self.office, self.connector, request, max, 0)
            .await?
            .tasks)
    }

    /// Reports one outcome.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn report(&self, task: &ClaimedTask, outcome: Outcome) -> Result<domain::wire::Reported> {
        let report = Report {
            task: task.id.to_string(),
            lease: task.lease.clone(),
            outcome,
        };
        Ok(self
            .engine
            .report(self.office, self.connector, vec![report])
            .await?
            .reports
            .remove(0))
    }
}

/// Opens a desk in `dir` with tiny password hashes.
///
/// # Errors
/// As [`Engine::open`].
pub async fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Arc<Engine>> {
    Engine::open(Options {
        dir: dir.to_owned(),
        clock,
        effort: Effort { memory: 8, passes: 1 },
    })
    .await
}

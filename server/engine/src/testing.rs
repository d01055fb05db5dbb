//! Builders for tests, benches and the demo: a desk in a folder, an office, a connector that takes everything.

use crate::{
    Engine, Options,
    people::accounts::{Effort, default_office},
    people::factor::{self, totp},
};
use domain::{
    OfficeId, Role, Viewer,
    language::Language,
    task::ConnectorId,
    wire::{ClaimedTask, NewTask, Outcome, Report},
};
use serde_json::json;
use std::{path::Path, sync::Arc};
pub use store::testing::fill;
use store::{
    alive::Hearts,
    clock::{Clock, HandClock},
    connector::Hello,
    error::Result,
    office::OfficeRow,
    person::NewPerson,
    quota::Quotas,
};

/// A desk with one office, one connector that takes everything, and a clock moved by hand.
pub struct TestDesk {
    /// The desk.
    pub engine: Arc<Engine>,
    pub clock: Arc<HandClock>,
    pub office: OfficeId,
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
            "visma_enterprise",
        ]),
        kinds: words(&[
            "process_booking_proposal",
            "delete_booking_proposal",
            "synchronise_dossier",
            "activate_dossier",
            "run_job",
        ]),
        recovers: vec![],
        max_parallel: 100,
        unaccepted_reports: 0,
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

/// An activation of a dossier in a package.
pub fn activation(dossier: &str, package: &str) -> NewTask {
    NewTask {
        payload: Some(json!({"name": format!("Dossier {dossier}"), "package": package})),
        ..new_task("activate_dossier", dossier)
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
    pub async fn open(dir: &Path) -> Result<Self> {
        let clock = Arc::new(HandClock::default());
        let engine = open(dir, clock.clone()).await?;
        let office = engine.add_office(gent()).await?;
        // as on a desk at work: somebody of Support is there
        engine
            .add_person(NewPerson {
                office: None,
                email: "support@desk.example".into(),
                name: "Support".into(),
                role: Role::Support,
                language: Language::En,
                password_hash: Some("none".into()),
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

    /// Opens the desk of `dir` once more, with its first office and connector, as after a restart.
    pub async fn again(dir: &Path, clock: Arc<HandClock>) -> Result<Self> {
        let engine = open(dir, clock.clone()).await?;
        let office = engine.office_number("gent").await?.unwrap_or_default();
        let connectors = engine.connectors(office).await?;
        let connector = connectors.first().map_or(0, |c| c.1);
        engine.hello(connector, takes_everything()).await?;
        Ok(Self {
            engine,
            clock,
            office,
            connector,
        })
    }

    /// Adds dossiers `D1` … `Dn` in Adsolut.
    pub async fn dossiers(&self, n: usize) -> Result<()> {
        for i in 1..=n {
            self.engine
                .add_dossier(self.office, &format!("D{i}"), &format!("Dossier {i}"), "adsolut")
                .await?;
        }
        Ok(())
    }

    /// Delivers tasks and gives their numbers.
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
    pub async fn claim(&self, max: u32) -> Result<Vec<ClaimedTask>> {
        let request = format!("r{}", store::secret::new("nwr_"));
        Ok(self
            .engine
            .claim(self.office, self.connector, request, max, 0)
            .await?
            .tasks)
    }

    /// Reports one outcome.
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

/// Sets a second factor up for whoever holds a session; gives the session's new secret, and the factor's.
pub async fn enrol(engine: &Engine, session: &str) -> Result<(String, Vec<u8>)> {
    let secret = factor::pending(&engine.vault, session);
    let session = engine
        .set_up_factor(session, &app_code(&secret, engine.now()))
        .await?;
    Ok((session, secret))
}

/// What an app that was given the secret shows at an instant.
pub fn app_code(secret: &[u8], at: i64) -> String {
    format!("{:06}", totp::code(secret, totp::step(at)))
}

/// Opens a desk in `dir` with tiny password hashes.
pub async fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Arc<Engine>> {
    Engine::open(options(dir, clock)).await
}

/// The desk of `dir` with tiny password hashes.
pub fn options(dir: &Path, clock: Arc<dyn Clock>) -> Options {
    Options {
        dir: dir.to_owned(),
        clock,
        effort: Effort { memory: 8, passes: 1 },
        low_disk: None,
        bases: vec!["https://desk.gent.example".into()],
        mail_inner: false,
        hearts: Hearts::default(),
        quotas: Quotas::default(),
    }
}

/// A clock that is moved by hand.
pub fn clock() -> Arc<HandClock> {
    Arc::default()
}

/// The office of most tests.
pub fn gent() -> OfficeRow {
    OfficeRow {
        code: "gent".into(),
        name: "Gent".into(),
        ..default_office()
    }
}

/// What the writer's memory holds that rows say too, as text: equal for equal memories.
pub async fn memory(engine: &Engine) -> Result<String> {
    engine.writer.memory(|m| m.state.picture()).await
}

//! Builders for tests, benches and the demo: a desk in a folder, an office, a connector that takes everything.

use crate::{
    accounts::{Effort, default_office},
    alive::Hearts,
    clock::{Clock, HandClock},
    engine::{Engine, Options},
    error::Result,
    factor::{self, totp},
    quota::Quotas,
    store::{connector::Hello, office::OfficeRow, person::NewPerson},
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
    ///
    /// # Errors
    /// As [`Engine::open`].
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
    ///
    /// # Errors
    /// As [`Engine::open`].
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

/// Sets a second factor up for whoever holds a session; gives the session's new secret, and the factor's.
///
/// # Errors
/// As [`Engine::set_up_factor`].
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
///
/// # Errors
/// As [`Engine::open`].
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

/// Writes `n` tasks of a thousand dossiers straight into the file of a desk that nobody has open: of each thousand
/// ten wait, two are orange, two red, the others done, one a second. For benches only: the events say nothing of
/// how they came there.
pub fn fill(dir: &Path, office: &str, n: i64) -> Result<()> {
    let db = rusqlite::Connection::open(dir.join(crate::store::FILE))?;
    db.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL;")?;
    let office: i64 = db.query_row("SELECT id FROM office WHERE code = ?1", [office], |r| r.get(0))?;
    let (package, kind): (i64, i64) = db.query_row(
        "SELECT (SELECT id FROM package WHERE code = 'adsolut'), (SELECT id FROM kind WHERE code = 'process_booking_proposal')",
        [],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )?;
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)";
    db.execute(
        &format!("{numbers} INSERT INTO dossier (office, code, name, package, created_at) SELECT ?2, 'X' || i, 'Filled ' || i, ?3, 0 FROM n"),
        rusqlite::params![1000, office, package],
    )?;
    let (task, seq, first, now): (i64, i64, i64, i64) = db.query_row(
        "SELECT ifnull((SELECT max(id) FROM task), 0), ifnull((SELECT max(seq) FROM event), 0), (SELECT min(id) FROM dossier WHERE code = 'X1'),
           ifnull((SELECT max(at) FROM event), 0)",
        [],
        |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)),
    )?;
    let p = rusqlite::params![n, office, kind, task, seq, first, now];
    let state =
        "CASE WHEN i % 1000 < 10 THEN 0 WHEN i % 1000 < 12 THEN 2 WHEN i % 1000 < 14 THEN 3 ELSE 4 END";
    db.execute(
        &format!(
            "{numbers} INSERT INTO task (id, office, dossier, kind, state, tries, attempts, releases, open, cancel_asked, backoff_ms, holder,
               last_seq, delivered_at, changed_at, follows, subject, idempotency_key)
             SELECT ?4 + i, ?2, ?6 + i % 1000, ?3, {state}, 1, 1, 0, 0, 0, 0, 1, ?5 + i, ?7 - (?1 - i) * 1000, ?7 - (?1 - i) * 1000,
               NULL, 'doc' || i || '.pdf', NULL FROM n"
        ),
        p,
    )?;
    db.execute(
        &format!(
            "{numbers} INSERT INTO event (seq, office, task, at, before, what)
             SELECT ?5 + i, ?2, ?4 + i, ?7 - (?1 - i) * 1000, NULL, CASE {state} WHEN 0 THEN '\"delivered\"' WHEN 4 THEN '{{\"succeeded\":{{\"n\":1}}}}'
               WHEN 2 THEN '{{\"action_required\":{{\"n\":1,\"failure\":{{\"code\":\"period_not_open\"}}}}}}'
               ELSE '{{\"failed\":{{\"n\":1,\"failure\":{{\"code\":\"database_error\"}}}}}}' END FROM n WHERE ?3 = ?3 AND ?6 = ?6"
        ),
        p,
    )?;
    db.execute_batch(
        "INSERT OR IGNORE INTO failure (task, code, params, cause_key, version)
           SELECT id, iif(state = 2, 'period_not_open', 'database_error'), '{\"period\":\"201802\"}', iif(state = 2, 'adsolut.period_not_open', 'adsolut.database_error'), 1
           FROM task WHERE state IN (2, 3);
         INSERT OR IGNORE INTO task_of_dossier (dossier, task) SELECT dossier, id FROM task;
         INSERT INTO task_words (rowid, words) SELECT id, char(57344 + office % 3200) || ' ' || char(60544 + dossier % 3200) || ' ' || subject
           FROM task WHERE subject LIKE 'doc%.pdf';
         INSERT INTO meta (key, value) SELECT 'digested', max(seq) FROM event WHERE 1 ON CONFLICT DO UPDATE SET value = excluded.value;
         PRAGMA wal_checkpoint(TRUNCATE);",
    )?;
    Ok(())
}

//! The protocol's promises on the real store: the same judge as the core's, on a database file that is closed
//! and opened again at random.

use ::testing::{Answer, CONNECTORS, DOSSIERS, Desk, Grant, Kind, Mark, New, Picture, Seen, Word};
use domain::{
    Caller, OfficeId, TaskId, TaskState,
    event::Happened,
    failure::Audience,
    task::ConnectorId,
    wire::{LeaseRef, LeaseState, NewTask, Outcome, Report},
};
use engine::{Engine, Error, Hello, OfficeRow, clock::HandClock, tasks::dispatch::cancel::By, testing};
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use views::Waiting;

struct Store<'a> {
    runtime: &'a Runtime,
    dir: TempDir,
    clock: Arc<HandClock>,
    engine: Option<Arc<Engine>>,
    office: OfficeId,
    connectors: Vec<ConnectorId>,
    reader: Connection,
    /// Events read so far, by task.
    events: BTreeMap<i64, Vec<Happened>>,
    seq: i64,
}

fn hello(c: &::testing::Connector) -> Hello {
    let keys = |kinds: &[Kind]| kinds.iter().map(|k| k.key().to_owned()).collect();
    Hello {
        boot_id: "boot".into(),
        version: "1".into(),
        packages: vec!["wings".into()],
        kinds: keys(c.takes),
        recovers: keys(c.recovers),
        max_parallel: c.max_parallel,
        unaccepted_reports: 0,
    }
}

fn outcome(word: Word) -> Outcome {
    match word {
        Word::Succeeded => Outcome::Succeeded {
            result: Some(json!({"number": 7})),
        },
        Word::Retry => testing::failed("package_unreachable"),
        Word::Office => testing::failed("database_version_outdated"),
        Word::Unknown => testing::failed("moon_in_the_wrong_phase"),
        Word::Released => Outcome::Released {
            reason: Some("busy".into()),
            retry_after_seconds: None,
        },
    }
}

impl<'a> Store<'a> {
    fn new(runtime: &'a Runtime) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(HandClock::default());
        let (engine, office, connectors) = runtime.block_on(async {
            let engine = testing::open(dir.path(), clock.clone()).await.expect("opens");
            let row = OfficeRow {
                code: "gent".into(),
                name: "Gent".into(),
                ..engine::people::accounts::default_office()
            };
            let office = engine.add_office(row).await.expect("an office");
            for d in 0..DOSSIERS {
                let added = engine
                    .add_dossier(office, &format!("D{d}"), &format!("Dossier {d}"), "wings")
                    .await;
                added.expect("a dossier");
            }
            let mut connectors = vec![];
            for (i, c) in CONNECTORS.iter().enumerate() {
                let id = engine
                    .add_connector(office, &format!("Gent {i}"))
                    .await
                    .expect("a connector");
                engine.hello(id, hello(c)).await.expect("hello");
                connectors.push(id);
            }
            (engine, office, connectors)
        });
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let reader = Connection::open_with_flags(engine.path(), flags).expect("a reader");
        Self {
            runtime,
            dir,
            clock,
            engine: Some(engine),
            office,
            connectors,
            reader,
            events: BTreeMap::new(),
            seq: 0,
        }
    }

    /// What a refusal must leave as it is: the file, which says whether anybody committed anything, and the memory.
    fn stands(&self) -> (i64, String) {
        let version = self.reader.query_row("PRAGMA data_version", [], |r| r.get(0));
        let memory = self.runtime.block_on(testing::memory(&self.engine()));
        (version.expect("a number"), memory.expect("the writer answers"))
    }

    /// Does it; one that is refused has written nothing, in rows and in memory.
    fn ask<T>(&self, verb: impl Future<Output = Result<T, Error>>) -> Option<T> {
        let before = self.stands();
        let answer = said_yes(self.runtime.block_on(verb));
        if answer.is_none() {
            assert_eq!(self.stands(), before, "a refusal wrote");
        }
        answer
    }

    fn engine(&self) -> Arc<Engine> {
        self.engine.clone().expect("open but while it is opened again")
    }
}

/// Whether the business said yes; a storage failure is never part of a history.
fn said_yes<T>(answer: Result<T, Error>) -> Option<T> {
    match answer {
        Ok(t) => Some(t),
        Err(Error::Refused(_)) => None,
        Err(e) => panic!("{e}"),
    }
}

impl Desk for Store<'_> {
    fn deliver(&mut self, tasks: &[New]) -> Option<Vec<(i64, bool)>> {
        let payload = |t: &New| json!({"name": format!("Dossier {}", t.dossier), "package": "wings"});
        let new = |t: &New| NewTask {
            kind: t.kind.key().into(),
            dossier: format!("D{}", t.dossier),
            payload: (t.kind == Kind::Activate).then(|| payload(t)),
            subject: t.subject.map(|s| format!("{s}.xml")),
            after: t.after.map(|a| a.to_string()),
            idempotency_key: t.key.map(|k| format!("key {k}")),
        };
        let engine = self.engine();
        let answer = self.ask(engine.deliver(self.office, tasks.iter().map(new).collect()));
        Some(answer?.tasks.iter().map(|d| (d.id.0, d.duplicate)).collect())
    }

    fn claim(&mut self, connector: usize, request: &str, max: u32) -> Vec<Grant> {
        let claim = self.engine();
        let claim = claim.claim(
            self.office,
            self.connectors[connector],
            request.to_owned(),
            max,
            0,
        );
        let tasks = self.ask(claim).expect("a claim is answered").tasks;
        tasks
            .into_iter()
            .map(|t| Grant {
                task: t.id.0,
                attempt: t.attempt,
                lease: t.lease,
            })
            .collect()
    }

    fn report(&mut self, connector: usize, task: i64, lease: &str, word: Word) -> Answer {
        let report = Report {
            task: task.to_string(),
            lease: lease.to_owned(),
            outcome: outcome(word),
        };
        let engine = self.engine();
        let answer = self.ask(engine.report(self.office, self.connectors[connector], vec![report]));
        let reported = answer.expect("reports are answered one by one").reports.remove(0);
        match (reported.status, reported.error.as_ref().map(|e| e.code.as_str())) {
            (Some(state), None) => Answer::Took(state),
            (None, Some("stale_lease")) => Answer::Stale,
            (None, Some("conflicting_report")) => Answer::Conflict,
            _ => panic!("{reported:?}"),
        }
    }

    fn extend(&mut self, connector: usize, leases: &[(i64, String)]) -> Vec<LeaseState> {
        let leases = leases.iter().map(|(task, lease)| LeaseRef {
            task: task.to_string(),
            lease: lease.clone(),
        });
        let engine = self.engine();
        self.ask(engine.extend(self.connectors[connector], leases.collect()))
            .expect("answered")
            .leases
            .iter()
            .map(|l| l.state)
            .collect()
    }

    fn pass(&mut self, ms: u64) {
        self.clock.pass(ms);
        // any operation does first what time has brought
        self.runtime.block_on(self.engine().ready()).expect("ready");
    }

    fn jump(&mut self, ms: i64) {
        use engine::Clock;
        // the instants that people read stay after 1970
        let ms = ms.max(-self.clock.now() / 2);
        self.clock.jump(ms);
    }

    fn restart(&mut self, task: i64) -> bool {
        let engine = self.engine();
        let restart = async {
            let mut each = engine
                .restart(testing::support(), self.office, vec![TaskId(task)])
                .await?;
            each.remove(0).map_err(Error::Refused)
        };
        self.ask(restart).is_some()
    }

    fn undo(&mut self, task: i64) -> bool {
        let (engine, by, id) = (self.engine(), testing::support(), TaskId(task));
        self.ask(engine.undo_restart(by, self.office, id)).is_some()
    }

    fn hand_over(&mut self, task: i64, to: Audience) -> bool {
        let (engine, by, id) = (self.engine(), testing::support(), TaskId(task));
        let note = (task % 2 == 0).then(|| "This is yours.".to_owned());
        self.ask(engine.hand_over(by, self.office, id, to, note))
            .is_some()
    }

    fn mark(&mut self, task: i64, mark: Mark) -> bool {
        let (engine, by, id) = (self.engine(), testing::support(), TaskId(task));
        let (reason, until) = ("The return is due.".to_owned(), engine.now() + 60_000);
        let marks = async {
            match mark {
                Mark::Urgent => engine.urgent(by, self.office, id, reason).await,
                Mark::Snoozed => engine.snooze(by, self.office, id, until, reason).await,
            }
        };
        self.ask(marks).is_some()
    }

    fn cancel(&mut self, task: i64, followers: bool) -> bool {
        let by = By {
            person: 0,
            name: "the platform".into(),
        };
        let engine = self.engine();
        self.ask(engine.cancel(by, self.office, TaskId(task), None, followers))
            .is_some()
    }

    fn reopen(&mut self) {
        self.engine = None;
        let engine = self
            .runtime
            .block_on(testing::open(self.dir.path(), self.clock.clone()));
        self.engine = Some(engine.expect("opens again"));
    }

    fn picture(&mut self) -> Picture {
        let mut picture = Picture::default();
        let mut query = self
            .reader
            .prepare_cached("SELECT seq, task, what FROM event WHERE seq > $1 ORDER BY seq")
            .expect("sql");
        let mut rows = query.query([self.seq]).expect("sql");
        while let Some(r) = rows.next().expect("a row") {
            self.seq = r.get(0).expect("a number");
            let what: String = r.get(2).expect("a text");
            let happened = serde_json::from_str(&what).expect("an event");
            self.events
                .entry(r.get(1).expect("a number"))
                .or_default()
                .push(happened);
        }
        let mut query = self
            .reader
            .prepare_cached(
                "SELECT t.id, t.state, iif(f.restarted_at IS NULL, f.code || ' ' || f.cause_key || ' ' || f.version, NULL),
                   f.restarted_at IS NOT NULL, m.task IS NOT NULL,
                   concat_ws('|', t.changed_at, m.urgent_reason, m.urgent_at, m.snooze_reason, m.snoozed_until, m.note, m.note_at)
                 FROM task t LEFT JOIN failure f ON f.task = t.id LEFT JOIN mark m ON m.task = t.id ORDER BY t.id",
            )
            .expect("sql");
        let mut rows = query.query([]).expect("sql");
        while let Some(r) = rows.next().expect("a row") {
            let (id, state): (i64, i64) = (r.get(0).expect("a number"), r.get(1).expect("a number"));
            let events = self.events.get(&id).cloned().unwrap_or_default();
            picture.tasks.push(Seen {
                id,
                state: TaskState::from_number(state).expect("a state"),
                events,
                shown: r.get(2).expect("a text or nothing"),
                set_aside: r.get(3).expect("yes or no"),
                marked: r.get(4).expect("yes or no"),
                memo: r.get(5).expect("a text"),
            });
        }
        let (office, support) = (self.office, testing::support());
        let engine = self.engine();
        picture.counts = self
            .runtime
            .block_on(engine.counts(&support, office))
            .expect("counts");
        picture
    }

    fn lanes(&mut self, queued: &[i64]) -> Vec<String> {
        let engine = self.engine();
        let support = testing::support();
        self.runtime.block_on(async {
            let office = engine.office(&support, "gent").await.expect("the office");
            let mut lines = vec![];
            for id in queued {
                let detail = engine
                    .task_detail(&support, &office, TaskId(*id))
                    .await
                    .expect("a task");
                let waiting = match detail.waiting {
                    // a rest starts afresh with the program, and nobody has been heard of yet
                    Some(
                        Waiting::Resting(_)
                        | Waiting::GivenBack(_)
                        | Waiting::NextVisit { .. }
                        | Waiting::Asleep(_),
                    ) => "next visit or resting".to_owned(),
                    other => format!("{other:?}"),
                };
                lines.push(format!(
                    "{id}: {waiting} at {:?}, before {:?}",
                    detail.place, detail.holds
                ));
            }
            lines
        })
    }

    fn connector(&self, id: i64) -> usize {
        self.connectors
            .iter()
            .position(|c| *c == id)
            .expect("one of ours")
    }
}

#[test]
fn the_store_keeps_the_promises() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    ::testing::try_histories(60, 80, || Store::new(&runtime));
}

#[test]
fn a_token_names_its_connector_also_after_a_restart() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let mut store = Store::new(&runtime);
    let caller = Caller::Connector {
        id: store.connectors[0],
        office: store.office,
    };
    let token = runtime
        .block_on(store.engine().new_token(caller))
        .expect("a token");
    store.reopen();
    assert_eq!(store.engine().caller(&token).expect("known"), caller);
}

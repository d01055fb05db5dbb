//! The scheduler (P11): a round with a million jobs stored and a thousand due, a round with nothing due, and how late
//! runs are on disk while 3,300 a second come due.
//!
//! `cargo bench -p engine --bench jobs`; `NACHTWACHT_BENCH=quick` does it with twenty thousand.

use domain::{
    Language, Role, Viewer,
    job::{JobForm, JobId},
};
use engine::{Clock, Engine, OfficeRow, SystemClock, people::accounts::default_office, testing};
use rusqlite::{Connection, params};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

const DUE: i64 = 1000;
const STARTS_A_SECOND: i64 = 3300;
const SECONDS: i64 = 5;

fn main() {
    let quick = std::env::var("NACHTWACHT_BENCH").is_ok_and(|v| v == "quick");
    let stored: i64 = if quick { 20_000 } else { 1_000_000 };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let dir = tempfile::tempdir_in(Path::new(env!("CARGO_TARGET_TMPDIR"))).expect("a folder");
    let open = || {
        runtime
            .block_on(testing::open(dir.path(), Arc::new(SystemClock::default())))
            .expect("opens")
    };
    let engine = open();
    let first = runtime.block_on(one_job(&engine));
    let path = engine.path().to_owned();
    drop(engine);
    multiply(&path, first, stored);
    let engine = open();
    runtime.block_on(engine.renew_times()).expect("times");

    let mut idle = vec![];
    for _ in 0..21 {
        let began = Instant::now();
        runtime.block_on(engine.schedule_round()).expect("a round");
        idle.push(began.elapsed());
    }
    say("a round with nothing due", stored, &mut idle);

    let mut busy = vec![];
    for round in 0..5 {
        let from = first + 1 + round * DUE;
        let now = engine.now();
        runtime.block_on(make_due(&engine, from..from + DUE, |_| now - 1));
        let began = Instant::now();
        let done = runtime.block_on(engine.schedule_round()).expect("a round");
        busy.push(began.elapsed());
        assert_eq!(i64::from(done), DUE);
    }
    say("a round with 1,000 due", stored, &mut busy);
    lateness(&runtime, &engine, first + 10_000);
}

fn say(what: &str, stored: i64, times: &mut [Duration]) {
    times.sort_unstable();
    let ms = |d: Duration| d.as_secs_f64() * 1000.0;
    let (least, middle, most) = (times[0], times[times.len() / 2], times[times.len() - 1]);
    println!(
        "{what}, {stored} jobs stored: {:.2} ms ({:.2} to {:.2})",
        ms(middle),
        ms(least),
        ms(most)
    );
}

/// How long after its due time each run was on disk, as its row says.
fn lateness(runtime: &tokio::runtime::Runtime, engine: &Arc<Engine>, first: JobId) {
    let total = STARTS_A_SECOND * SECONDS;
    let begin = engine.now() + 3000;
    let due = move |i: i64| begin + i * 1000 / STARTS_A_SECOND;
    runtime.block_on(make_due(engine, first..first + total, due));
    {
        let _guard = runtime.enter();
        engine::jobs::scheduler::start(engine);
    }
    let deadline = Instant::now() + Duration::from_secs(SECONDS as u64 + 60);
    let db = Connection::open(engine.path()).expect("opens");
    let made = || -> i64 {
        db.query_row(
            "SELECT count(*) FROM run WHERE job >= ?1 AND job < ?2",
            params![first, first + total],
            |r| r.get(0),
        )
        .expect("a count")
    };
    while made() < total && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(500));
    }
    let mut late: Vec<i64> = db
        .prepare("SELECT made_at - due_at FROM run WHERE job >= ?1 AND job < ?2 ORDER BY 1")
        .expect("sql")
        .query_map(params![first, first + total], |r| r.get(0))
        .expect("rows")
        .collect::<rusqlite::Result<_>>()
        .expect("rows");
    late.sort_unstable();
    let at = |share: f64| late[((late.len() - 1) as f64 * share) as usize];
    println!(
        "runs made at {STARTS_A_SECOND} a second for {SECONDS} s: {} of {total}, late by p50 {} ms, p99 {} ms, most {} ms",
        late.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

async fn make_due(engine: &Engine, jobs: std::ops::Range<JobId>, at: impl Fn(i64) -> i64) {
    let first = jobs.start;
    let due: Vec<(JobId, i64)> = jobs.map(|id| (id, at(id - first))).collect();
    for chunk in due.chunks(500) {
        engine.pretend_due(chunk.to_vec()).await.expect("written");
    }
}

async fn one_job(engine: &Engine) -> JobId {
    let row = OfficeRow {
        code: "agder".into(),
        name: "Agder".into(),
        zone: "Europe/Oslo".into(),
        ..default_office()
    };
    let office = engine.add_office(row).await.expect("an office");
    engine
        .add_dossier(office, "1", "Company 1", "visma_enterprise")
        .await
        .expect("a company");
    let owner = Viewer {
        person: 0,
        name: "Ingrid".into(),
        role: Role::Operator,
        office: Some(office),
        language: Language::En,
    };
    let form: JobForm = serde_json::from_str(
        r#"{"kind": "incoming_invoices", "description": "Incoming invoices", "companies": ["1"], "run_as": "SERVER",
            "schedule": {"zone": "Europe/Oslo", "days": ["mon"], "at": ["03:00"], "starts_on": "2199-01-01"},
            "params": {"integration": "Aksesspunkt"}, "estimate_minutes": 5}"#,
    )
    .expect("a form");
    let made = engine.new_job(&owner, office, form, None, true).await;
    made.expect("a job")
}

/// Copies of a job, each for a company of its own, none due before long.
fn multiply(path: &Path, first: JobId, n: i64) {
    let db = Connection::open(path).expect("opens");
    db.execute_batch("PRAGMA synchronous = OFF; BEGIN IMMEDIATE")
        .expect("begins");
    let far = SystemClock::default().now() + 365 * 86_400_000;
    db.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         INSERT INTO dossier (office, code, name, package, created_at) SELECT d.office, 'C' || i, 'Company C' || i, d.package, 0
           FROM n, (SELECT office, package FROM dossier WHERE code = '1') d",
        [n],
    )
    .expect("companies");
    db.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         INSERT INTO job (id, office, kind, standing, body, description, run_as, version, created_by, created_at, edited_by, edited_at, next_at)
         SELECT ?2 + i, office, kind, standing, body, description, run_as, 1, created_by, 0, edited_by, 0, ?3 + i FROM n, (SELECT * FROM job WHERE id = ?2)",
        params![n, first, far],
    )
    .expect("jobs");
    db.execute(
        "INSERT INTO job_company (job, dossier) SELECT j.id, d.id FROM job j JOIN dossier d ON d.code = 'C' || (j.id - ?1) AND d.office = j.office WHERE j.id > ?1",
        [first],
    )
    .expect("their companies");
    db.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);")
        .expect("commits");
}

//! What the digest takes in a second, what the desk's own work loses by it, and how long a search takes with a
//! million tasks stored.
//!
//! `cargo bench -p engine --bench search`; `NACHTWACHT_BENCH=quick` does it with twenty thousand.

use domain::{Language, Role, Viewer};
use engine::{Engine, OfficeRow, SystemClock, people::accounts::default_office, testing};
use rusqlite::{Connection, params};
use std::{path::Path, sync::Arc, time::Instant};
use views::OfficeView;

const DOSSIERS: i64 = 20_000;
/// As typed by people: rare and common words, beginnings of them, a number, nothing of the kind.
const TYPED: [&str; 10] = [
    "i",
    "in",
    "invo",
    "invoice",
    "invoice 2026",
    "supplier 77",
    "2026-0500000",
    "500000",
    "bak",
    "qqqq",
];

fn main() {
    let quick = std::env::var("NACHTWACHT_BENCH").is_ok_and(|v| v == "quick");
    let tasks = if quick { 20_000 } else { 1_000_000 };
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
    let row = OfficeRow {
        code: "gent".into(),
        name: "Gent".into(),
        ..default_office()
    };
    let office = runtime.block_on(engine.add_office(row)).expect("an office");
    let path = engine.path().to_owned();
    drop(engine);
    fill(&path, office, tasks);
    let engine = open();
    runtime.block_on(digest(&engine, tasks));
    for (name, viewer) in viewers(office) {
        runtime.block_on(search(&engine, name, &viewer));
    }
}

/// Finished tasks with their three events, and a person who manages forty dossiers.
fn fill(path: &Path, office: i64, tasks: i64) {
    let db = Connection::open(path).expect("opens");
    db.execute_batch("BEGIN IMMEDIATE").expect("begins");
    let mut dossier = db
        .prepare(
            "INSERT INTO dossier (id, office, code, name, package, created_at) VALUES (?1, ?2, ?3, ?4, 1, 0)",
        )
        .expect("sql");
    for i in 1..=DOSSIERS {
        let name = format!(
            "{} {i}",
            ["Bakkerij", "Garage", "Notariaat", "Apotheek"][i as usize % 4]
        );
        dossier
            .execute(params![i, office, format!("C{i}"), name])
            .expect("a dossier");
    }
    db.execute_batch(
        "INSERT INTO person (id, office, email, name, role, language, created_at) VALUES (7, 1, 'e@x', 'Emma', 'employee', 'en', 0);
         INSERT INTO dossier_manager SELECT 7, id FROM dossier WHERE id % 500 = 1",
    )
    .expect("a person");
    let mut task = db
        .prepare(
            "INSERT INTO task VALUES (?1, ?2, ?3, 1, 4, 1, 1, 0, 0, 0, 0, 1, ?1 * 3, 1000 * ?1, 1000 * ?1 + 3000, NULL, ?4, ?5)",
        )
        .expect("sql");
    let mut event = db
        .prepare("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        .expect("sql");
    for i in 1..=tasks {
        let subject = format!("Invoice 2026-{i:07} of Supplier {}", i % 997);
        let of = params![i, office, i % DOSSIERS + 1, subject, format!("scan-{i:x}")];
        task.execute(of).expect("a task");
        let told = [
            "\"delivered\"",
            "{\"claimed\":{\"by\":1,\"n\":1}}",
            "{\"succeeded\":{\"n\":1}}",
        ];
        for (n, what) in told.iter().enumerate() {
            let (seq, n) = (i * 3 - 2 + n as i64, n as i64);
            let before = (n > 0).then_some(seq - 1);
            event
                .execute(params![seq, office, i, 1000 * i + n * 1500, before, what])
                .expect("an event");
        }
    }
    db.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("commits");
}

async fn digest(engine: &Arc<Engine>, tasks: i64) {
    let began = Instant::now();
    let db = Connection::open(engine.path()).expect("opens");
    let mut longest = 0.0f64;
    loop {
        let round = Instant::now();
        engine.digest().await.expect("digests");
        longest = longest.max(round.elapsed().as_secs_f64());
        let to: i64 = db
            .query_row("SELECT value FROM meta WHERE key = 'digested'", [], |r| r.get(0))
            .expect("a number");
        if to == tasks * 3 {
            break;
        }
    }
    let rate = (tasks * 3) as f64 / began.elapsed().as_secs_f64();
    println!(
        "{:<64} {rate:>9.0}",
        "digest: events a second, nothing else going on"
    );
    println!("{:<64} {:>9.0} ms", "digest: longest round", longest * 1000.0);
}

fn viewers(office: i64) -> [(&'static str, Viewer); 2] {
    let employee = Viewer {
        person: 7,
        name: "Emma".into(),
        role: Role::Employee,
        office: Some(office),
        language: Language::En,
    };
    [
        ("Support", testing::support()),
        ("an employee of 40 dossiers", employee),
    ]
}

async fn search(engine: &Arc<Engine>, who: &str, viewer: &Viewer) {
    let office: OfficeView = engine.office(viewer, "gent").await.expect("an office");
    for typed in TYPED {
        let mut times = vec![];
        let mut hits = 0;
        for _ in 0..5 {
            let began = Instant::now();
            hits = engine
                .search(viewer, &office, typed)
                .await
                .expect("searches")
                .hits
                .len();
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        times.sort_by(f64::total_cmp);
        println!(
            "search by {who}: {typed:<20} {hits:>3} hits {:>8.1} ms ({:.1} to {:.1})",
            times[2], times[0], times[4]
        );
    }
}

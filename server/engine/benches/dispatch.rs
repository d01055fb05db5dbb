//! The figures P1, P4, P5 and P6 of the engine, each beside what bare SQLite does on the same machine in the same
//! run. Prints one line a figure: median (least to most) of its runs.
//!
//! `cargo bench -p engine`; `NACHTWACHT_BENCH=quick` does a small version of everything in under a minute,
//! `NACHTWACHT_BENCH=peers` one run of what `tools/peers` compares.

#![allow(clippy::disallowed_methods, reason = "nobody comes in by a door here")]

use domain::{
    OfficeId,
    wire::{ClaimedTask, NewTask, Outcome, Report},
};
use engine::{
    Engine, OfficeRow, SystemClock,
    people::accounts::default_office,
    testing::{self, new_task, takes_everything},
};
use rusqlite::{Connection, StatementStatus, params};
use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const KIND: &str = "process_booking_proposal";
const GROUP: usize = 100;
/// SQLite's, and so the store's.
const PAGE: f64 = 4096.0;

/// How much of everything.
struct Scale {
    runs: usize,
    span: Duration,
    callers: &'static [usize],
    backlogs: &'static [usize],
    dossiers: usize,
    samples: usize,
    finished: usize,
}

const FULL: Scale = Scale {
    runs: 5,
    span: Duration::from_millis(1500),
    callers: &[1, 8, 64, 512],
    backlogs: &[1_000, 10_000, 100_000, 1_000_000],
    dossiers: 100_000,
    samples: 40,
    finished: 20_000,
};

const QUICK: Scale = Scale {
    runs: 2,
    span: Duration::from_millis(150),
    callers: &[1, 8, 64, 512],
    backlogs: &[1_000, 20_000],
    dossiers: 2_000,
    samples: 10,
    finished: 2_000,
};

/// One run: the peers have theirs between two of ours.
const PEERS: Scale = Scale {
    runs: 1,
    callers: &[1, 8, 64],
    backlogs: &[],
    finished: 10_000,
    ..FULL
};

fn main() {
    let asked = std::env::var("NACHTWACHT_BENCH").unwrap_or_default();
    let quick = asked == "quick";
    let scale = match asked.as_str() {
        "quick" => QUICK,
        "peers" => PEERS,
        _ => FULL,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    println!(
        "SQLite {}, {} cores{}",
        rusqlite::version(),
        cores(),
        if quick { ", quick: figures mean little" } else { "" }
    );
    let commit = throughput(&runtime, &scale);
    by_hundreds(&runtime, &scale);
    if !scale.backlogs.is_empty() {
        backlog(&runtime, &scale);
    }
    pick_up(&runtime, &scale, commit);
    bytes(&runtime, &scale);
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Figures of several runs.
#[derive(Default)]
struct Runs(Vec<f64>);

impl Runs {
    fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }

    fn line(&self, name: &str, unit: &str) {
        let (least, most) = self
            .0
            .iter()
            .fold((f64::MAX, f64::MIN), |(l, m), x| (l.min(*x), m.max(*x)));
        println!(
            "{name:<64} {} {unit} ({} to {})",
            short(self.median()),
            short(least),
            short(most)
        );
    }
}

fn short(x: f64) -> String {
    match x.abs() {
        100.0.. => format!("{x:>9.0}"),
        10.0.. => format!("{x:>9.1}"),
        _ => format!("{x:>9.3}"),
    }
}

fn verdict(name: &str, value: f64, bar: f64, at_least: bool, unit: &str) {
    let met = if at_least { value >= bar } else { value <= bar };
    let (sign, word) = (
        if at_least { "≥" } else { "≤" },
        if met { "met" } else { "MISSED" },
    );
    println!("{name:<64} {} {unit}, bar {sign} {bar}: {word}", short(value));
}

fn folder() -> TempDir {
    // beside the build, on a real disk: a folder in memory would flatter every durable figure
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tempfile::tempdir_in(target).expect("a folder")
}

/// An engine with one office, some connectors that take everything, and dossiers C0, C1, …
struct Desk {
    engine: Arc<Engine>,
    office: OfficeId,
    connectors: Vec<i64>,
    dir: TempDir,
}

fn open(runtime: &Runtime, dir: &Path) -> Arc<Engine> {
    runtime
        .block_on(testing::open(dir, Arc::new(SystemClock::default())))
        .expect("opens")
}

fn desk(runtime: &Runtime, connectors: usize, dossiers: usize) -> Desk {
    let dir = folder();
    let engine = open(runtime, dir.path());
    let (office, connectors) = runtime.block_on(async {
        let row = OfficeRow {
            code: "gent".into(),
            name: "Gent".into(),
            ..default_office()
        };
        let office = engine.add_office(row).await.expect("an office");
        let mut ids = vec![];
        for i in 0..connectors {
            let id = engine
                .add_connector(office, &format!("Gent {i}"))
                .await
                .expect("a connector");
            engine.hello(id, takes_everything()).await.expect("hello");
            ids.push(id);
        }
        (office, ids)
    });
    let db = bare(engine.path());
    let package: i64 = db
        .query_row("SELECT id FROM package WHERE code = 'adsolut'", [], |r| r.get(0))
        .expect("a package");
    db.execute_batch("BEGIN IMMEDIATE").expect("begins");
    for i in 0..dossiers {
        db.prepare_cached(
            "INSERT INTO dossier (office, code, name, package, created_at) VALUES (?1, ?2, ?3, ?4, 0)",
        )
        .expect("sql")
        .execute(params![office, format!("C{i}"), format!("Dossier {i}"), package])
        .expect("a dossier");
    }
    db.execute_batch("COMMIT").expect("commits");
    Desk {
        engine,
        office,
        connectors,
        dir,
    }
}

/// A connection set up like the writer's.
fn bare(path: &Path) -> Connection {
    let db = Connection::open(path).expect("opens");
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;
         PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA cache_size = -65536;
         PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864;",
    )
    .expect("settings");
    db.set_prepared_statement_cache_capacity(64);
    db
}

async fn report_all(desk: &Desk, connector: i64, tasks: &[ClaimedTask]) {
    let done = |t: &ClaimedTask| Report {
        task: t.id.to_string(),
        lease: t.lease.clone(),
        outcome: Outcome::Succeeded { result: None },
    };
    let answer = desk
        .engine
        .report(desk.office, connector, tasks.iter().map(done).collect())
        .await
        .expect("reported");
    assert!(
        answer.reports.iter().all(|r| r.error.is_none()),
        "every report counts"
    );
}

// ---- P1: durable cycles ----

fn throughput(runtime: &Runtime, scale: &Scale) -> f64 {
    let (mut sync, mut single, mut grouped) = (Runs::default(), Runs::default(), Runs::default());
    let mut ours: Vec<Runs> = scale.callers.iter().map(|_| Runs::default()).collect();
    for _ in 0..scale.runs {
        sync.0.push(syncs(scale.span));
        single.0.push(single_commits(scale.span));
        grouped.0.push(grouped_cycles(runtime, scale.span));
        for (runs, callers) in ours.iter_mut().zip(scale.callers) {
            runs.0.push(cycles(runtime, *callers, 1, scale.span));
        }
    }
    println!("\nP1: deliver → claim → report, each call answered after its commit");
    sync.line("fdatasync of one page, bare", "a second");
    single.line("commits of one small insert, bare SQLite", "a second");
    grouped.line(
        "cycles in groups of 100, the same statements, bare SQLite",
        "a second",
    );
    for (runs, callers) in ours.iter().zip(scale.callers) {
        runs.line(&format!("cycles at {callers} callers"), "a second");
    }
    let at = |n: usize| {
        scale
            .callers
            .iter()
            .position(|c| *c == n)
            .map_or(0.0, |i| ours[i].median())
    };
    println!("one caller's cycle is three commits, so three times its cycles are compared with bare commits");
    verdict(
        "at 1 caller, commits of bare single commits",
        300.0 * at(1) / single.median(),
        80.0,
        true,
        "%",
    );
    if scale.callers.contains(&512) {
        verdict(
            "at 512 callers, cycles of bare groups of 100",
            100.0 * at(512) / grouped.median(),
            60.0,
            true,
            "%",
        );
    }
    1.0 / single.median()
}

// ---- P2: the same, a hundred tasks a call ----

fn by_hundreds(runtime: &Runtime, scale: &Scale) {
    let runs = (0..scale.runs).map(|_| cycles(runtime, 8, GROUP, scale.span));
    println!("\nP2: the same, {GROUP} tasks a call");
    Runs(runs.collect()).line("cycles by hundreds at 8 callers", "a second");
}

fn syncs(span: Duration) -> f64 {
    let dir = folder();
    let mut file = File::create(dir.path().join("file")).expect("a file");
    file.write_all(&vec![1u8; 4096 * 1024]).expect("written");
    file.sync_all().expect("synced");
    rate(span, |n| {
        file.seek(SeekFrom::Start(n % 1024 * 4096)).expect("seeks");
        file.write_all(&[n as u8; 4096]).expect("written");
        file.sync_data().expect("synced");
        1
    })
}

fn single_commits(span: Duration) -> f64 {
    let dir = folder();
    let db = bare(&dir.path().join("bare.db"));
    db.execute_batch(
        "CREATE TABLE small (id INTEGER PRIMARY KEY, a INTEGER NOT NULL, b TEXT NOT NULL) STRICT",
    )
    .expect("sql");
    rate(span, |n| {
        db.prepare_cached("BEGIN IMMEDIATE")
            .expect("sql")
            .execute([])
            .expect("begins");
        let mut insert = db
            .prepare_cached("INSERT INTO small (a, b) VALUES (?1, ?2)")
            .expect("sql");
        insert
            .execute(params![n as i64, "some small thing"])
            .expect("inserted");
        db.prepare_cached("COMMIT")
            .expect("sql")
            .execute([])
            .expect("commits");
        1
    })
}

/// What `one` counts, a second.
fn rate(span: Duration, mut one: impl FnMut(u64) -> u64) -> f64 {
    let start = Instant::now();
    let (mut n, mut counted) = (0, 0);
    while start.elapsed() < span {
        counted += one(n);
        n += 1;
    }
    counted as f64 / start.elapsed().as_secs_f64()
}

const FIND_DOSSIER: &str = "SELECT id, code, name, package FROM dossier WHERE office = ?1 AND code = ?2";
const INSERT_TASK: &str = "INSERT INTO task (id, office, dossier, kind, state, tries, attempts, releases, open, cancel_asked, backoff_ms,
    holder, last_seq, delivered_at, changed_at, follows, subject, idempotency_key)
    VALUES (?1, ?2, ?3, ?4, 0, 0, 0, 0, 0, 0, 0, 0, ?9, ?5, ?5, ?6, ?7, ?8)";
const INSERT_EVENT: &str = "INSERT INTO event (seq, office, task, at, before, what)
    VALUES (?1, ?2, ?3, ?4, (SELECT last_seq FROM task WHERE id = ?3), ?5)";
const SAVE_TASK: &str =
    "UPDATE task SET state = ?2, tries = ?3, attempts = ?4, releases = ?5, open = ?6, cancel_asked = ?7,
    backoff_ms = ?8, holder = ?9, changed_at = ?10, last_seq = ?11 WHERE id = ?1";
const HANDED: &str = "SELECT t.subject, t.delivered_at, p.body, d.code, d.name
    FROM task t JOIN dossier d ON d.id = t.dossier LEFT JOIN payload p ON p.task = t.id WHERE t.id = ?1";
const SAVE_CLAIM: &str =
    "INSERT INTO claim_request (connector, slot, request_id, tasks) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (connector, slot) DO UPDATE SET request_id = excluded.request_id, tasks = excluded.tasks";
/// The statements of the three verbs without the engine: 100 deliveries a commit, 100 claims, 100 reports.
fn grouped_cycles(runtime: &Runtime, span: Duration) -> f64 {
    let desk = desk(runtime, 1, GROUP);
    let (path, office, connector) = (desk.engine.path().to_owned(), desk.office, desk.connectors[0]);
    let Desk { engine, dir, .. } = desk;
    drop(engine);
    let db = bare(&path);
    let now = 1_795_000_000_000i64;
    let (mut seq, mut id) = (0i64, 0i64);
    let run = |sql: &str, p: &[&dyn rusqlite::ToSql]| {
        db.prepare_cached(sql).expect("sql").execute(p).expect("runs")
    };
    let cycles = rate(span, |_| {
        let ids: Vec<i64> = (1..=GROUP as i64).map(|i| id + i).collect();
        id += GROUP as i64;
        run("BEGIN IMMEDIATE", &[]);
        for (i, task) in ids.iter().enumerate() {
            let mut find = db.prepare_cached(FIND_DOSSIER).expect("sql");
            let dossier: i64 = find
                .query_row(params![office, format!("C{i}")], |r| r.get(0))
                .expect("a dossier");
            seq += 1;
            run(INSERT_EVENT, params![seq, office, task, now, r#""delivered""#]);
            run(
                INSERT_TASK,
                params![
                    task,
                    office,
                    dossier,
                    1,
                    now,
                    None::<i64>,
                    None::<String>,
                    None::<String>,
                    seq
                ],
            );
        }
        run("COMMIT", &[]);
        run("BEGIN IMMEDIATE", &[]);
        for task in &ids {
            seq += 1;
            run(
                INSERT_EVENT,
                params![seq, office, task, now, r#"{"claimed":{"by":1,"n":1}}"#],
            );
            run(
                SAVE_TASK,
                params![task, 1, 1, 1, 0, true, false, 0, connector, now, seq],
            );
            let mut handed = db.prepare_cached(HANDED).expect("sql");
            let code: String = handed.query_row([task], |r| r.get(3)).expect("a task");
            assert!(!code.is_empty());
            run(
                SAVE_CLAIM,
                params![connector, task % 32, "12-123456", format!("[[{task},1]]")],
            );
        }
        run("COMMIT", &[]);
        run("BEGIN IMMEDIATE", &[]);
        for task in &ids {
            seq += 1;
            run(
                INSERT_EVENT,
                params![seq, office, task, now, r#"{"succeeded":{"n":1}}"#],
            );
            run(
                SAVE_TASK,
                params![task, 4, 1, 1, 0, false, false, 0, connector, now, seq],
            );
        }
        run("COMMIT", &[]);
        GROUP as u64
    });
    drop(dir);
    cycles
}

/// Cycles a second of so many callers, `at_once` in a call; each has its own dossiers and takes whatever is oldest.
fn cycles(runtime: &Runtime, callers: usize, at_once: usize, span: Duration) -> f64 {
    // a connector runs at most a hundred at once, and waits with at most 32 calls
    let tasks = callers * at_once;
    let connectors = tasks.div_ceil(100).max(callers.div_ceil(32));
    let desk = Arc::new(desk(runtime, connectors, tasks));
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let elapsed = runtime.block_on(async {
        let start = Instant::now();
        let mut tasks = vec![];
        for caller in 0..callers {
            let (desk, stop, done) = (desk.clone(), stop.clone(), done.clone());
            let connector = desk.connectors[caller % desk.connectors.len()];
            let mine = (0..at_once).map(|n| new_task(KIND, &format!("C{}", caller * at_once + n)));
            let mine: Vec<NewTask> = mine.collect();
            tasks.push(tokio::spawn(async move {
                for n in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    desk.engine
                        .deliver(desk.office, mine.clone())
                        .await
                        .expect("delivered");
                    let request = format!("{caller}-{n}");
                    let claimed = desk
                        .engine
                        .claim(desk.office, connector, request, at_once as u32, 1)
                        .await
                        .expect("claimed")
                        .tasks;
                    report_some(&desk, connector, &claimed).await;
                    done.fetch_add(claimed.len() as u64, Ordering::Relaxed);
                }
            }));
        }
        tokio::time::sleep(span).await;
        stop.store(true, Ordering::Relaxed);
        let counted = (done.load(Ordering::Relaxed), start.elapsed());
        for t in tasks {
            t.await.expect("a caller ends well");
        }
        counted
    });
    elapsed.0 as f64 / elapsed.1.as_secs_f64()
}

async fn report_some(desk: &Desk, connector: i64, tasks: &[ClaimedTask]) {
    if !tasks.is_empty() {
        report_all(desk, connector, tasks).await;
    }
}

// ---- P4: a backlog costs nothing ----

/// What the writer does for tasks at one size of backlog.
struct AtBacklog {
    waiting: usize,
    steps: i64,
    frames: Runs,
    claim_ms: Runs,
    group_ms: Runs,
}

fn backlog(runtime: &Runtime, scale: &Scale) {
    println!(
        "\nP4: {} dossiers, 1 % held, one with up to 50,000 waiting",
        scale.dossiers
    );
    let mut all: Vec<AtBacklog> = vec![];
    for waiting in scale.backlogs {
        let desk = desk(runtime, 1, scale.dossiers);
        let desk = fill(runtime, desk, *waiting, true);
        let at = at_backlog(runtime, scale, &desk, *waiting);
        println!(
            "{:<64} {:>9} steps",
            format!("SQLite VM steps of a claim's statements at {waiting} waiting"),
            at.steps
        );
        at.frames.line(
            &format!("WAL frames a task and cycle, groups of 100, at {waiting} waiting"),
            "frames",
        );
        at.claim_ms
            .line(&format!("claim of one, p50 at {waiting} waiting"), "ms");
        at.group_ms
            .line(&format!("cycle of 100 tasks, p50 at {waiting} waiting"), "ms");
        if Some(waiting) == scale.backlogs.last() {
            restart(runtime, scale, desk, *waiting);
        }
        all.push(at);
    }
    let (first, last) = (&all[0], &all[all.len() - 1]);
    let names = (first.waiting, last.waiting);
    verdict(
        &format!("VM steps, {} waiting beside {}", names.1, names.0),
        last.steps as f64 / first.steps as f64,
        1.0,
        false,
        "×",
    );
    verdict(
        &format!("WAL frames a task at {}", names.1),
        last.frames.median(),
        0.4,
        false,
        "frames",
    );
    verdict(
        "WAL frames, most waiting beside least",
        last.frames.median() / first.frames.median(),
        1.2,
        false,
        "×",
    );
    verdict(
        "claim p50, most waiting beside least",
        last.claim_ms.median() / first.claim_ms.median(),
        2.0,
        false,
        "×",
    );
    held_beside_none(runtime, scale);
}

/// The other dossiers' speed with and without held ones, run in turns.
fn held_beside_none(runtime: &Runtime, scale: &Scale) {
    let waiting = scale.backlogs[scale.backlogs.len() / 2];
    let desks = [true, false].map(|held| fill(runtime, desk(runtime, 1, scale.dossiers), waiting, held));
    let mut runs = [Runs::default(), Runs::default()];
    for _ in 0..scale.runs * 4 {
        for (desk, runs) in desks.iter().zip(&mut runs) {
            let start = Instant::now();
            for n in 0..5 {
                runtime.block_on(group_cycle(desk, n, scale.dossiers));
            }
            runs.0.push(start.elapsed().as_secs_f64() * 200.0);
        }
    }
    runs[0].line(
        &format!("cycle of 100 with held dossiers, {waiting} waiting"),
        "ms",
    );
    runs[1].line(&format!("cycle of 100 without, {waiting} waiting"), "ms");
    verdict(
        "others slowed by the held ones",
        100.0 * (runs[0].median() / runs[1].median() - 1.0),
        5.0,
        false,
        "%",
    );
}

/// Writes a backlog straight to the file and opens the desk again.
fn fill(runtime: &Runtime, desk: Desk, waiting: usize, held: bool) -> Desk {
    let Desk {
        engine,
        office,
        connectors,
        dir,
    } = desk;
    let path = engine.path().to_owned();
    drop(engine);
    let db = bare(&path);
    let kind = |code: &str| {
        db.query_row("SELECT id FROM kind WHERE code = ?1", [code], |r| {
            r.get::<_, i64>(0)
        })
        .expect("a kind")
    };
    let (book, activate) = (kind(KIND), kind("activate_dossier"));
    let dossiers: Vec<i64> = db
        .prepare("SELECT id FROM dossier ORDER BY id")
        .and_then(|mut q| q.query_map([], |r| r.get(0))?.collect())
        .expect("dossiers");
    db.execute_batch("PRAGMA synchronous = OFF; BEGIN IMMEDIATE")
        .expect("begins");
    let mut id = 0i64;
    let mut put = |dossier: i64, kind: i64, failed: bool| {
        id += 1;
        let none = None::<String>;
        let run = |sql: &str, p: &[&dyn rusqlite::ToSql]| {
            db.prepare_cached(sql).expect("sql").execute(p).expect("runs")
        };
        run(INSERT_EVENT, params![id, office, id, 0, r#""delivered""#]);
        run(
            INSERT_TASK,
            params![id, office, dossier, kind, 0, None::<i64>, none, none, id],
        );
        if failed {
            run(
                SAVE_TASK,
                params![id, 3, 1, 1, 0, false, false, 0, connectors[0], 0, id],
            );
            run(
                "INSERT INTO failure (task, code, params, detail, cause_key) VALUES (?1, 'unheard_of', '{}', NULL, 'adsolut.unheard_of')",
                params![id],
            );
        }
    };
    if held {
        for dossier in dossiers.iter().step_by(100) {
            put(*dossier, activate, true);
        }
    }
    // the crowded dossier is not a held one
    let crowd = (waiting / 2).min(50_000);
    for _ in 0..crowd {
        put(dossiers[1], book, false);
    }
    for n in 0..waiting - crowd {
        put(dossiers[n % dossiers.len()], book, false);
    }
    db.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("commits");
    drop(db);
    Desk {
        engine: open(runtime, dir.path()),
        office,
        connectors,
        dir,
    }
}

/// Delivers a hundred, claims a hundred of the oldest, reports them: three commits.
async fn group_cycle(desk: &Desk, n: usize, dossiers: usize) {
    let task = |i: usize| new_task(KIND, &format!("C{}", (n * 7919 + i * 104_729 + 2) % dossiers));
    let tasks: Vec<NewTask> = (0..GROUP).map(task).collect();
    desk.engine.deliver(desk.office, tasks).await.expect("delivered");
    let request = format!("{n}-{}", desk.engine.last_seq().await.expect("a number"));
    let claimed = desk
        .engine
        .claim(desk.office, desk.connectors[0], request, GROUP as u32, 0)
        .await
        .expect("claimed")
        .tasks;
    assert!(!claimed.is_empty(), "there is work");
    report_all(desk, desk.connectors[0], &claimed).await;
}

fn at_backlog(runtime: &Runtime, scale: &Scale, desk: &Desk, waiting: usize) -> AtBacklog {
    let (mut frames, mut claim_ms, mut group_ms) = (Runs::default(), Runs::default(), Runs::default());
    for run in 0..scale.runs {
        let (mut written, mut finished) = (0u64, 0u64);
        let mut times = Runs::default();
        for n in 0..10 {
            let (before, start) = (log_frames(desk), Instant::now());
            runtime.block_on(group_cycle(desk, run * 10 + n, scale.dossiers));
            times.0.push(start.elapsed().as_secs_f64() * 1000.0);
            let after = log_frames(desk);
            // the log starts over after a checkpoint; that cycle is left out
            if after >= before {
                written += after - before;
                finished += GROUP as u64;
            }
        }
        frames.0.push(written as f64 / finished.max(1) as f64);
        group_ms.0.push(times.median());
        let mut times = Runs::default();
        for n in 0..scale.samples {
            let request = format!("one {run}-{n}");
            let start = Instant::now();
            let claim = desk.engine.claim(desk.office, desk.connectors[0], request, 1, 0);
            let claimed = runtime.block_on(claim).expect("claimed").tasks;
            times.0.push(start.elapsed().as_secs_f64() * 1000.0);
            assert_eq!(claimed.len(), 1, "there is work");
            runtime.block_on(report_all(desk, desk.connectors[0], &claimed));
        }
        claim_ms.0.push(times.median());
    }
    AtBacklog {
        waiting,
        steps: vm_steps(desk),
        frames,
        claim_ms,
        group_ms,
    }
}

/// Frames in the log, from the header of its index.
fn log_frames(desk: &Desk) -> u64 {
    let mut header = [0u8; 20];
    let shm = PathBuf::from(format!("{}-shm", desk.engine.path().display()));
    File::open(shm)
        .and_then(|mut f| f.read_exact(&mut header))
        .expect("the log's index");
    u64::from(u32::from_ne_bytes([
        header[16], header[17], header[18], header[19],
    ]))
}

/// SQLite VM steps of the statements that one claim runs, on a second connection, undone afterwards.
fn vm_steps(desk: &Desk) -> i64 {
    let db = bare(desk.engine.path());
    let waits: i64 = db
        .query_row("SELECT min(id) FROM task WHERE state = 0", [], |r| r.get(0))
        .expect("a task");
    let seq: i64 = db
        .query_row("SELECT max(seq) + 1 FROM event", [], |r| r.get(0))
        .expect("a number");
    db.execute_batch("BEGIN IMMEDIATE").expect("begins");
    let connector = desk.connectors[0];
    let mut steps = 0;
    let mut count = |sql: &str, p: &[&dyn rusqlite::ToSql]| {
        let mut q = db.prepare(sql).expect("sql");
        let mut rows = q.query(p).expect("runs");
        while rows.next().expect("runs").is_some() {}
        drop(rows);
        steps += i64::from(q.get_status(StatementStatus::VmStep));
    };
    count(
        INSERT_EVENT,
        params![seq, desk.office, waits, 0, r#"{"claimed":{"by":1,"n":1}}"#],
    );
    count(
        SAVE_TASK,
        params![waits, 1, 1, 1, 0, true, false, 0, connector, 0, seq],
    );
    count(HANDED, params![waits]);
    count(SAVE_CLAIM, params![connector, 0, "request", "[[1,1]]"]);
    db.execute_batch("ROLLBACK").expect("undone");
    steps
}

/// From opening the file to the first claim answered (P6).
fn restart(runtime: &Runtime, scale: &Scale, desk: Desk, waiting: usize) {
    let Desk {
        engine,
        office,
        connectors,
        dir,
    } = desk;
    let mut engine = Some(engine);
    let mut times = Runs::default();
    for run in 0..scale.runs {
        drop(engine.take());
        std::thread::sleep(Duration::from_millis(300));
        let start = Instant::now();
        let again = open(runtime, dir.path());
        let claim = again.claim(office, connectors[0], format!("restart {run}"), 1, 0);
        assert_eq!(runtime.block_on(claim).expect("claimed").tasks.len(), 1);
        times.0.push(start.elapsed().as_secs_f64());
        engine = Some(again);
    }
    times.line(
        &format!("P6: restart with {waiting} waiting, open to first claim answered"),
        "s",
    );
    verdict("P6: restart", times.median(), 3.0, false, "s");
    println!(
        "{:<64} {}",
        format!("memory of this process with {waiting} waiting"),
        memory()
    );
}

fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    line.map_or_else(|| "not known here".into(), |l| l.trim().to_owned())
}

// ---- P5: pick-up on an idle queue ----

/// The pause before each delivery, so that the queue and the machine are idle.
const PAUSE: Duration = Duration::from_millis(3);

fn pick_up(runtime: &Runtime, scale: &Scale, commit: f64) {
    let desk = Arc::new(desk(runtime, 1, 1));
    let dir = folder();
    let db = bare(&dir.path().join("bare.db"));
    db.execute_batch("CREATE TABLE small (id INTEGER PRIMARY KEY, b TEXT NOT NULL) STRICT")
        .expect("sql");
    let (mut runs, mut commits) = (Runs::default(), Runs::default());
    for run in 0..scale.runs {
        let mut times = Runs::default();
        let mut single = Runs::default();
        for n in 0..scale.samples {
            // in turns, so that both meet the same machine: after a pause it wakes slowly
            std::thread::sleep(PAUSE);
            let start = Instant::now();
            db.execute("INSERT INTO small (b) VALUES ('some small thing')", [])
                .expect("inserted");
            single.0.push(start.elapsed().as_secs_f64());
            times.0.push(runtime.block_on(async {
                let (waiting, connector) = (desk.clone(), desk.connectors[0]);
                let poll = tokio::spawn(async move {
                    let answer = waiting
                        .engine
                        .claim(waiting.office, connector, format!("{run}-{n}"), 1, 55)
                        .await
                        .expect("claimed");
                    (Instant::now(), answer.tasks)
                });
                tokio::time::sleep(PAUSE).await;
                let start = Instant::now();
                desk.engine
                    .deliver(desk.office, vec![new_task(KIND, "C0")])
                    .await
                    .expect("delivered");
                let (answered, tasks) = poll.await.expect("answered");
                report_all(&desk, connector, &tasks).await;
                (answered - start).as_secs_f64()
            }));
        }
        runs.0.push(times.median() * 1000.0);
        commits.0.push(times.median() / single.median());
    }
    println!("\nP5: from the call that delivers to the long poll's answer, nothing else going on");
    println!(
        "{:<64} {} ms",
        "one bare commit, by P1's run",
        short(commit * 1000.0)
    );
    runs.line("pick-up, p50", "ms");
    commits.line(
        "pick-up, p50, in bare commits after the same idle pause",
        "commits",
    );
    verdict("pick-up", commits.median(), 3.0, false, "commits");
}

// ---- P6: bytes ----

fn bytes(runtime: &Runtime, scale: &Scale) {
    let desk = desk(runtime, 1, 1000);
    for n in 0..scale.finished / GROUP {
        runtime.block_on(group_cycle(&desk, n, 1000));
    }
    // two of a hundred may have met a busy dossier: finish them
    loop {
        let claim = desk.engine.claim(
            desk.office,
            desk.connectors[0],
            format!("rest {:?}", Instant::now()),
            100,
            0,
        );
        let rest = runtime.block_on(claim).expect("claimed").tasks;
        if rest.is_empty() {
            break;
        }
        runtime.block_on(report_all(&desk, desk.connectors[0], &rest));
    }
    let path = desk.engine.path().to_owned();
    drop(desk.engine);
    let db = bare(&path);
    let finished: i64 = db
        .query_row("SELECT count(*) FROM task WHERE state = 4", [], |r| r.get(0))
        .expect("a number");
    let copy = desk.dir.path().join("copy.db");
    db.execute("VACUUM INTO ?1", [copy.to_string_lossy()])
        .expect("copied");
    println!("\nP6: bytes a finished small task, of {finished}, in a vacuumed copy");
    let whole = fs::metadata(&copy).expect("a file").len() as f64 / finished as f64;
    let hot = alone(&db, desk.dir.path(), "task") / finished as f64;
    let events = alone(&db, desk.dir.path(), "event") / finished as f64;
    verdict("hot table with its indexes", hot, 200.0, false, "bytes");
    println!(
        "{:<64} {} bytes",
        "its three events, with their index",
        short(events)
    );
    println!(
        "{:<64} {} bytes",
        "the whole file, dossiers and all",
        short(whole)
    );
}

/// Bytes of one table with its indexes, in a file of its own.
fn alone(db: &Connection, dir: &Path, table: &str) -> f64 {
    let path = dir.join(format!("{table}.db"));
    let new = Connection::open(&path).expect("a file");
    let tables: Vec<String> = db
        .prepare("SELECT sql FROM sqlite_schema WHERE tbl_name = ?1 AND sql IS NOT NULL ORDER BY type DESC")
        .and_then(|mut q| q.query_map([table], |r| r.get(0))?.collect())
        .expect("its making");
    new.execute_batch("PRAGMA foreign_keys = OFF").expect("settings");
    for sql in tables {
        new.execute_batch(&sql).expect("made");
    }
    new.execute("ATTACH ?1 AS desk", [db.path().unwrap_or_default()])
        .expect("attached");
    new.execute_batch(&format!(
        "INSERT INTO main.{table} SELECT * FROM desk.{table}; DETACH desk; VACUUM"
    ))
    .expect("copied");
    // the schema's own page is not the table's
    let pages: f64 = new
        .query_row("PRAGMA main.page_count", [], |r| r.get(0))
        .expect("a number");
    drop(new);
    (pages - 1.0) * PAGE
}

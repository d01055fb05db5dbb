//! P3 and P13: the desk over HTTP against the desk in process, idle memory, start to ready.
//!
//! `cargo bench -p server` (part of `make bench`). `NACHTWACHT_BENCH=quick` does fewer rounds.

mod desk;

use desk::{Sandbox, Server, done, line, median};
use domain::wire::Report;
use engine::testing::TestDesk;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const PORT: u16 = 3987;

fn main() {
    let quick = std::env::var("NACHTWACHT_BENCH").is_ok_and(|v| v == "quick");
    let (runs, seconds) = if quick { (2, 1.0) } else { (5, 4.0) };
    let dir = tempfile::tempdir().expect("a folder");

    let (mut ready, mut idle) = (vec![], vec![]);
    for run in 0..runs {
        let started = Instant::now();
        let server = Server::start(PORT, &dir.path().join(format!("empty{run}")), &[]);
        ready.push(started.elapsed().as_secs_f64() * 1000.0);
        thread::sleep(Duration::from_secs(2));
        idle.push(server.memory_mib());
    }
    line("P13 start to ready, ms (bar: 500)", &mut ready);
    line("P13 idle memory, MiB (bar: 32)", &mut idle);

    let mut inside: Vec<f64> = (0..runs).map(|_| in_process(seconds)).collect();
    line(
        "P1  cycles/s in process, 512 callers, one task at a time",
        &mut inside,
    );
    let server = Server::start(PORT, &dir.path().join("demo"), &["--demo"]);
    let desk = Sandbox::open(PORT, &dir.path().join("demo"));
    desk.prepare(1000);
    let mut hundred: Vec<f64> = (0..runs).map(|_| desk.load(2, 100, seconds)).collect();
    let mut single: Vec<f64> = (0..runs).map(|_| desk.load(32, 1, seconds)).collect();
    drop(server);
    line(
        "P3  cycles/s over HTTP, 2 connectors taking 100 at a time",
        &mut hundred,
    );
    line(
        "P3  cycles/s over HTTP, 32 callers taking 1 at a time",
        &mut single,
    );
    let base = median(&mut inside);
    println!(
        "P3  of P1 at 512: {:.0} % by hundreds (bar: 40 %), {:.0} % one by one (bar: 10 %)",
        100.0 * median(&mut hundred) / base,
        100.0 * median(&mut single) / base
    );
}

/// Whole cycles a second of 512 callers on a desk in this process, each call answered after its commit.
fn in_process(seconds: f64) -> f64 {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let dir = tempfile::tempdir().expect("a folder");
        let desk = Arc::new(TestDesk::open(dir.path()).await.expect("a desk"));
        desk.dossiers(600).await.expect("dossiers");
        for n in 0..8 {
            let id = desk
                .engine
                .add_connector(desk.office, &format!("bench {n}"))
                .await
                .expect("a connector");
            desk.engine
                .hello(id, engine::testing::takes_everything())
                .await
                .expect("hello");
        }
        let (cycles, until) = (
            Arc::new(AtomicU64::new(0)),
            Instant::now() + Duration::from_secs_f64(seconds),
        );
        let callers = (0..512).map(|n| {
            let (desk, cycles) = (desk.clone(), cycles.clone());
            tokio::spawn(async move {
                let connector = desk.connector + 1 + n % 8;
                let task = engine::testing::new_task("synchronise_dossier", &format!("D{}", n + 1));
                while Instant::now() < until {
                    desk.engine
                        .deliver(desk.office, vec![task.clone()])
                        .await
                        .expect("delivered");
                    let request = engine::secret::new("req_");
                    let tasks = desk
                        .engine
                        .claim(desk.office, connector, request, 1, 0)
                        .await
                        .expect("claimed")
                        .tasks;
                    let reports: Vec<Report> = tasks.iter().map(done).collect();
                    if !reports.is_empty() {
                        cycles.fetch_add(reports.len() as u64, Ordering::Relaxed);
                        desk.engine
                            .report(desk.office, connector, reports)
                            .await
                            .expect("reported");
                    }
                }
            })
        });
        let callers: Vec<_> = callers.collect();
        for caller in callers {
            caller.await.expect("a caller");
        }
        cycles.load(Ordering::Relaxed) as f64 / seconds
    })
}

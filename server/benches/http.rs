//! P3 and P13: the desk over HTTP against the desk in process, idle memory, start to ready.
//!
//! `cargo bench -p server` (part of `make bench`). `NACHTWACHT_BENCH=quick` does fewer rounds.

use domain::wire::{ClaimedTask, Outcome, Report};
use engine::testing::TestDesk;
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
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
        let server = Server::start(&dir.path().join(format!("empty{run}")), &[]);
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
    let server = Server::start(&dir.path().join("demo"), &["--demo"]);
    let desk = Sandbox::open(&dir.path().join("demo/demo.json"));
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

fn line(what: &str, figures: &mut [f64]) {
    let middle = median(figures);
    println!(
        "{what}: median {middle:.1}, min {:.1}, max {:.1}, n {}",
        figures[0],
        figures[figures.len() - 1],
        figures.len()
    );
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
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

fn done(task: &ClaimedTask) -> Report {
    Report {
        task: task.id.to_string(),
        lease: task.lease.clone(),
        outcome: Outcome::Succeeded { result: None },
    }
}

struct Server(Child);

impl Server {
    fn start(data: &Path, more: &[&str]) -> Self {
        let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site-release");
        let child = Command::new(env!("CARGO_BIN_EXE_nachtwacht"))
            .args(["serve", "--listen", &format!("127.0.0.1:{PORT}"), "--data"])
            .arg(data)
            .arg("--site")
            .arg(site)
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let server = Self(child.expect("the server starts"));
        let agent = ureq::agent();
        for _ in 0..2000 {
            if agent
                .get(&format!("http://127.0.0.1:{PORT}/health/ready"))
                .call()
                .is_ok()
            {
                return server;
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("the server is not ready after ten seconds; has `make build` made target/site-release?");
    }

    fn memory_mib(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap_or_default();
        let kib = status
            .lines()
            .find_map(|l| l.strip_prefix("VmRSS:"))
            .and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
        kib.unwrap_or(f64::NAN) / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // gone already is as good
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[derive(Clone)]
struct Sandbox {
    connectors: Vec<String>,
    integration: String,
}

impl Sandbox {
    fn open(demo: &Path) -> Self {
        let demo: Value = serde_json::from_str(&fs::read_to_string(demo).expect("demo.json")).expect("JSON");
        let sandbox = &demo["sandbox"];
        let text = |v: &Value| v.as_str().expect("a token").to_owned();
        let connectors = sandbox["connector_tokens"]
            .as_array()
            .expect("tokens")
            .iter()
            .map(text)
            .collect();
        Self {
            connectors,
            integration: text(&sandbox["integration_token"]),
        }
    }

    fn prepare(&self, dossiers: usize) {
        let agent = ureq::agent();
        for token in &self.connectors {
            call(
                &agent,
                token,
                "hello",
                &json!({"boot_id": "bench", "version": "1", "packages": ["hledger"],
                "kinds": ["synchronise_dossier", "activate_dossier"], "recovers": [], "max_parallel": 100}),
            );
        }
        let new = |n: usize| json!({"kind": "activate_dossier", "dossier": format!("B{n}"), "payload": {"name": format!("Bench {n}"), "package": "hledger"}});
        let tasks: Vec<Value> = (0..dossiers).map(new).collect();
        call(&agent, &self.integration, "deliver", &json!({"tasks": tasks}));
        while self.take_and_report(&agent, &self.connectors[0], 100) > 0 {}
    }

    /// Cycles a second of `callers`, each delivering, claiming and reporting `batch` tasks at a time.
    fn load(&self, callers: usize, batch: usize, seconds: f64) -> f64 {
        let (cycles, until) = (
            AtomicU64::new(0),
            Instant::now() + Duration::from_secs_f64(seconds),
        );
        thread::scope(|s| {
            for n in 0..callers {
                let cycles = &cycles;
                s.spawn(move || {
                    let agent = ureq::agent();
                    let first = n * 1000 / callers;
                    let task = |i: usize| json!({"kind": "synchronise_dossier", "dossier": format!("B{}", first + i)});
                    let tasks = json!({"tasks": (0..batch).map(task).collect::<Vec<Value>>()});
                    while Instant::now() < until {
                        call(&agent, &self.integration, "deliver", &tasks);
                        let done = self.take_and_report(&agent, &self.connectors[n % self.connectors.len()], batch);
                        cycles.fetch_add(done as u64, Ordering::Relaxed);
                    }
                });
            }
        });
        cycles.load(Ordering::Relaxed) as f64 / seconds
    }

    fn take_and_report(&self, agent: &ureq::Agent, token: &str, max: usize) -> usize {
        let request = engine::secret::new("req_");
        let claimed = call(agent, token, "claim", &json!({"request_id": request, "max": max}));
        let tasks: Vec<ClaimedTask> = serde_json::from_value(claimed["tasks"].clone()).expect("tasks");
        if tasks.is_empty() {
            return 0;
        }
        let reports: Vec<Report> = tasks.iter().map(done).collect();
        call(agent, token, "report", &json!({"reports": reports}));
        reports.len()
    }
}

fn call(agent: &ureq::Agent, token: &str, name: &str, body: &Value) -> Value {
    let url = format!("http://127.0.0.1:{PORT}/api/v1/{name}");
    let request = agent
        .post(&url)
        .header("Authorization", &format!("Bearer {token}"))
        .content_type("application/json");
    let mut answer = request.send(body.to_string()).expect(name);
    serde_json::from_str(&answer.body_mut().read_to_string().expect("text")).expect("JSON")
}

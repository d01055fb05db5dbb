//! What the benches share: a server, its sandbox, and how figures are told.
#![allow(
    dead_code,
    reason = "each bench is compiled with its own copy and uses a part of it"
)]

use domain::wire::{ClaimedTask, Outcome, Report};
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

/// Prints a figure with its spread.
pub fn line(what: &str, figures: &mut [f64]) {
    let middle = median(figures);
    println!(
        "{what}: median {middle:.1}, min {:.1}, max {:.1}, n {}",
        figures[0],
        figures[figures.len() - 1],
        figures.len()
    );
}

/// The one in the middle.
pub fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The figure that `part` per cent of them do not exceed.
pub fn percentile(figures: &mut [f64], part: f64) -> f64 {
    figures.sort_by(f64::total_cmp);
    let at = (figures.len() as f64 * part / 100.0).ceil() as usize;
    figures.get(at.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// Carried out.
pub fn done(task: &ClaimedTask) -> Report {
    Report {
        task: task.id.to_string(),
        lease: task.lease.clone(),
        outcome: Outcome::Succeeded { result: None },
    }
}

/// The release server on a folder of its own; gone when dropped.
pub struct Server(Child);

impl Server {
    /// Starts it and waits until it is ready.
    pub fn start(port: u16, data: &Path, more: &[&str]) -> Self {
        let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site-release");
        let child = Command::new(env!("CARGO_BIN_EXE_nachtwacht"))
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"])
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
                .get(&format!("http://127.0.0.1:{port}/health/ready"))
                .call()
                .is_ok()
            {
                return server;
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("the server is not ready after ten seconds; has `make build` made target/site-release?");
    }

    /// Resident memory.
    pub fn memory_mib(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap_or_default();
        let kib = status
            .lines()
            .find_map(|l| l.strip_prefix("VmRSS:"))
            .and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
        kib.unwrap_or(f64::NAN) / 1024.0
    }

    /// Time on a processor since it was started.
    pub fn cpu_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap_or_default();
        let after = stat.rsplit(')').next().unwrap_or_default();
        // user and system, in hundredths
        let ticks = after.split_whitespace().skip(11).take(2);
        ticks.filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // gone already is as good
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The demo's office `sandbox`.
#[derive(Clone)]
pub struct Sandbox {
    port: u16,
    connectors: Vec<String>,
    /// Delivers.
    pub integration: String,
    links: Value,
}

impl Sandbox {
    /// Reads its keys from the server's data folder.
    pub fn open(port: u16, data: &Path) -> Self {
        let demo: Value =
            serde_json::from_str(&fs::read_to_string(data.join("demo.json")).expect("demo.json"))
                .expect("JSON");
        let sandbox = &demo["sandbox"];
        let text = |v: &Value| v.as_str().expect("a token").to_owned();
        let connectors = sandbox["connector_tokens"]
            .as_array()
            .expect("tokens")
            .iter()
            .map(text)
            .collect();
        Self {
            port,
            connectors,
            integration: text(&sandbox["integration_token"]),
            links: demo["sign_in"].clone(),
        }
    }

    /// Signs in as a role of the demo; gives the cookie.
    pub fn sign_in(&self, role: &str) -> String {
        let link = self.links[role]
            .as_str()
            .and_then(|l| l.rsplit('/').next())
            .expect("a link");
        let agent: ureq::Agent = ureq::Agent::config_builder().max_redirects(0).build().into();
        let answer = agent
            .post(format!("http://127.0.0.1:{}/api/desk/use_link", self.port))
            .content_type("application/x-www-form-urlencoded")
            .send(format!("link={link}"))
            .expect("signed in");
        let cookie = answer
            .headers()
            .get("set-cookie")
            .and_then(|c| c.to_str().ok())
            .expect("a session");
        cookie.split(';').next().expect("a cookie").to_owned()
    }

    /// Calls a server function as a page does.
    pub fn ask(&self, agent: &ureq::Agent, cookie: &str, name: &str, body: &Value) -> Value {
        let mut answer = agent
            .post(format!("http://127.0.0.1:{}/api/desk/{name}", self.port))
            .header("Cookie", cookie)
            .content_type("application/json")
            .send(body.to_string())
            .expect(name);
        serde_json::from_str(&answer.body_mut().read_to_string().expect("text")).expect("JSON")
    }

    /// Makes dossiers and two connectors that take their tasks.
    pub fn prepare(&self, dossiers: usize) {
        let agent = ureq::agent();
        for token in &self.connectors {
            call(
                self.port,
                &agent,
                token,
                "hello",
                &json!({"boot_id": "bench", "version": "1", "packages": ["hledger"],
                "kinds": ["synchronise_dossier", "activate_dossier"], "recovers": [], "max_parallel": 100}),
            );
        }
        let new = |n: usize| json!({"kind": "activate_dossier", "dossier": format!("B{n}"), "payload": {"name": format!("Bench {n}"), "package": "hledger"}});
        let tasks: Vec<Value> = (0..dossiers).map(new).collect();
        call(
            self.port,
            &agent,
            &self.integration,
            "deliver",
            &json!({"tasks": tasks}),
        );
        while self.take_and_report(&agent, &self.connectors[0], 100) > 0 {}
    }

    /// Cycles a second of `callers`, each delivering, claiming and reporting `batch` tasks at a time.
    pub fn load(&self, callers: usize, batch: usize, seconds: f64) -> f64 {
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
                        call(self.port, &agent, &self.integration, "deliver", &tasks);
                        let done = self.take_and_report(&agent, &self.connectors[n % self.connectors.len()], batch);
                        cycles.fetch_add(done as u64, Ordering::Relaxed);
                    }
                });
            }
        });
        cycles.load(Ordering::Relaxed) as f64 / seconds
    }

    /// About `rate` cycles a second by `callers`, one task at a time, as long as `going`.
    pub fn load_at(&self, callers: usize, rate: f64, going: &AtomicBool) {
        let pause = Duration::from_secs_f64(callers as f64 / rate.max(1.0));
        thread::scope(|s| {
            for n in 0..callers {
                s.spawn(move || {
                    let agent = ureq::agent();
                    let task = json!({"kind": "synchronise_dossier", "dossier": format!("B{n}")});
                    while going.load(Ordering::Relaxed) {
                        let next = Instant::now() + pause;
                        call(
                            self.port,
                            &agent,
                            &self.integration,
                            "deliver",
                            &json!({"tasks": [task]}),
                        );
                        self.take_and_report(&agent, &self.connectors[n % self.connectors.len()], 1);
                        thread::sleep(next.saturating_duration_since(Instant::now()));
                    }
                });
            }
        });
    }

    fn take_and_report(&self, agent: &ureq::Agent, token: &str, max: usize) -> usize {
        let request = engine::secret::new("req_");
        let claimed = call(
            self.port,
            agent,
            token,
            "claim",
            &json!({"request_id": request, "max": max}),
        );
        let tasks: Vec<ClaimedTask> = serde_json::from_value(claimed["tasks"].clone()).expect("tasks");
        if tasks.is_empty() {
            return 0;
        }
        let reports: Vec<Report> = tasks.iter().map(done).collect();
        call(self.port, agent, token, "report", &json!({"reports": reports}));
        reports.len()
    }
}

/// One call of the protocol.
pub fn call(port: u16, agent: &ureq::Agent, token: &str, name: &str, body: &Value) -> Value {
    let url = format!("http://127.0.0.1:{port}/api/v1/{name}");
    let request = agent
        .post(&url)
        .header("Authorization", &format!("Bearer {token}"))
        .content_type("application/json");
    let mut answer = request.send(body.to_string()).expect(name);
    serde_json::from_str(&answer.body_mut().read_to_string().expect("text")).expect("JSON")
}

//! The desk's figures for Prometheus (S6), at an address of their own: they are of all offices together, and for those
//! who keep the program running.

use axum::{
    Router,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use domain::{TaskState, downtime::Door, fleet::Liveness};
use engine::{Engine, watch::metrics::Figures};
use std::{
    fmt::{Display, Write},
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use views::alerts::AlertKind;

/// Answers of one door and one class of status.
#[derive(Debug, Default)]
struct Sum {
    answers: AtomicU64,
    micros: AtomicU64,
}

/// What was answered since the start, by door and by the first digit of the status.
#[derive(Debug, Default)]
pub struct Answers([[Sum; 5]; Door::ALL.len()]);

impl Answers {
    /// Counts an answer at a door, and how long it took until it began.
    pub fn count(&self, door: Door, status: StatusCode, took: Duration) {
        let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
        if let Some(place) = Door::ALL.iter().position(|d| *d == door) {
            let sum = &self.0[place][class];
            sum.answers.fetch_add(1, Ordering::Relaxed);
            sum.micros.fetch_add(took.as_micros() as u64, Ordering::Relaxed);
        }
    }
}

/// `GET /metrics`, and nothing else.
pub fn router(engine: Arc<Engine>, answers: Arc<Answers>) -> Router {
    let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let page = async move || {
        let figures = engine.figures().await;
        let text = page(&figures, &answers, started.as_secs_f64());
        (
            [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
            text,
        )
            .into_response()
    };
    Router::new().route("/metrics", get(page))
}

/// The text format of Prometheus. Every label is one of our own keys, so that none needs escaping.
struct Page(String);

impl Page {
    /// Begins a family.
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (n, (label, of)) in labels.iter().enumerate() {
            let _ = write!(self.0, "{}{label}=\"{of}\"", if n == 0 { '{' } else { ',' });
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "gauge", help);
        self.sample(name, &[], value);
    }

    fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "counter", help);
        self.sample(name, &[], value);
    }
}

fn page(f: &Figures, answers: &Answers, started: f64) -> String {
    let mut p = Page(String::with_capacity(8192));
    let version = env!("CARGO_PKG_VERSION");
    p.family("nachtwacht_build_info", "gauge", "The program that runs.");
    p.sample("nachtwacht_build_info", &[("version", version)], 1);
    let ready = "A write goes through (1), or storage fails (0).";
    p.gauge("nachtwacht_ready", ready, u8::from(f.ready));
    p.family("nachtwacht_tasks", "gauge", "Tasks by state.");
    let mut tasks = f.tasks;
    for state in TaskState::ALL {
        p.sample("nachtwacht_tasks", &[("state", state.key())], *tasks.of(state));
    }
    if f.ready {
        of_writer(&mut p, f);
    }
    if let Some((waiting, stopped)) = f.mails {
        p.gauge("nachtwacht_mails_waiting", "Mails that wait to be sent.", waiting);
        let left = "Mails that were given up, until a person asks for another try.";
        p.gauge("nachtwacht_mails_stopped", left, stopped);
    }
    p.gauge(
        "nachtwacht_downtimes_closed",
        "Planned downtimes that close something now.",
        f.closed,
    );
    p.gauge(
        "nachtwacht_event_streams",
        "Event streams of browsers and integrations.",
        f.streams,
    );
    storage(&mut p, f);
    requests(&mut p, answers);
    process(&mut p, started);
    p.0
}

/// What is known only while a write goes through.
fn of_writer(p: &mut Page, f: &Figures) {
    p.counter(
        "nachtwacht_events_total",
        "Number of the last event of a task.",
        f.last_event,
    );
    p.family(
        "nachtwacht_connectors",
        "gauge",
        "Connectors by how alive they are.",
    );
    for (alive, n) in Liveness::ALL.iter().zip(f.connectors) {
        p.sample("nachtwacht_connectors", &[("liveness", alive.key())], n);
    }
    p.family("nachtwacht_alerts", "gauge", "Alerts that stand, by kind.");
    for (kind, n) in AlertKind::ALL.iter().zip(f.alerts) {
        p.sample("nachtwacht_alerts", &[("kind", kind.key())], n);
    }
}

fn storage(p: &mut Page, f: &Figures) {
    let name = "nachtwacht_commit_seconds";
    p.family(
        name,
        "summary",
        "Commits, and the time they took until they were on disk.",
    );
    p.sample("nachtwacht_commit_seconds_sum", &[], seconds(f.writes.micros));
    p.sample("nachtwacht_commit_seconds_count", &[], f.writes.commits);
    let operations = "Operations that were committed.";
    p.counter("nachtwacht_operations_total", operations, f.writes.operations);
    let undone = "Groups of operations that could not be committed.";
    p.counter("nachtwacht_groups_undone_total", undone, f.writes.undone);
    let (file, log) = f.file_bytes;
    p.gauge("nachtwacht_database_bytes", "Size of the database file.", file);
    p.gauge(
        "nachtwacht_database_log_bytes",
        "Size of its write-ahead log.",
        log,
    );
    if let Some((free, all)) = f.disk_bytes {
        p.gauge(
            "nachtwacht_disk_free_bytes",
            "Free bytes on the disk of the data folder.",
            free,
        );
        p.gauge(
            "nachtwacht_disk_bytes",
            "Size of the disk of the data folder.",
            all,
        );
    }
}

fn requests(p: &mut Page, answers: &Answers) {
    let name = "nachtwacht_http_request_seconds";
    p.family(name, "summary", "Requests, and the time until their answer began, by door and class of status. A claim may wait for tasks.");
    for (door, classes) in Door::ALL.iter().zip(&answers.0) {
        for (class, sum) in ["1xx", "2xx", "3xx", "4xx", "5xx"].into_iter().zip(classes) {
            let answers = sum.answers.load(Ordering::Relaxed);
            if answers > 0 {
                let labels = [("door", door.key()), ("status", class)];
                let micros = sum.micros.load(Ordering::Relaxed);
                p.sample("nachtwacht_http_request_seconds_sum", &labels, seconds(micros));
                p.sample("nachtwacht_http_request_seconds_count", &labels, answers);
            }
        }
    }
}

/// By the names that all programs use.
fn process(p: &mut Page, started: f64) {
    p.gauge(
        "process_start_time_seconds",
        "When the program started, in seconds since 1970.",
        started,
    );
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    let kib = resident.and_then(|r| r.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    if let Some(kib) = kib {
        p.gauge(
            "process_resident_memory_bytes",
            "Memory that the program uses.",
            kib * 1024,
        );
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        p.gauge("process_open_fds", "Open files and connections.", open.count());
    }
}

fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_what_prometheus_reads() {
        let answers = Answers::default();
        answers.0[0][1].answers.fetch_add(3, Ordering::Relaxed);
        answers.0[0][1].micros.fetch_add(1_500_000, Ordering::Relaxed);
        let mut figures = Figures {
            ready: true,
            ..Figures::default()
        };
        figures.tasks.failed = 7;
        let text = page(&figures, &answers, 1.5);
        for line in [
            "# TYPE nachtwacht_tasks gauge",
            "nachtwacht_ready 1",
            "nachtwacht_tasks{state=\"failed\"} 7",
            "nachtwacht_alerts{kind=\"silent_connector\"} 0",
            "nachtwacht_http_request_seconds_sum{door=\"page\",status=\"2xx\"} 1.5",
            "nachtwacht_http_request_seconds_count{door=\"page\",status=\"2xx\"} 3",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
        // each family is told once, and each line is a name, labels and a number
        let families: Vec<&str> = text.lines().filter(|l| l.starts_with("# TYPE")).collect();
        let mut once = families.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), families.len());
        for line in text.lines().filter(|l| !l.starts_with('#')) {
            let (_, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
        // what is not known is not told as nothing
        let silent = page(&Figures::default(), &answers, 1.5);
        assert!(silent.contains("nachtwacht_ready 0\n"));
        assert!(!silent.contains("nachtwacht_connectors"));
        assert!(!silent.contains("nachtwacht_mails"));
    }
}

//! P7 and P8: a change to other viewers while the queue runs at half load; Follow-up with a million tasks stored.
//!
//! `cargo bench -p server --bench console` (part of `make bench`). `NACHTWACHT_BENCH=quick` does less.

mod desk;

use desk::{Sandbox, Server, call, line, percentile};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

const PORT: u16 = 3988;

fn main() {
    let quick = std::env::var("NACHTWACHT_BENCH").is_ok_and(|v| v == "quick");
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("demo");
    let server = Server::start(PORT, &data, &["--demo", "--streams", "1000"]);
    let desk = Sandbox::open(PORT, &data);
    desk.prepare(1000);
    let cookie = desk.sign_in("support");
    let most = if quick { 100 } else { 1000 };
    for viewers in [1, 100, 1000].into_iter().filter(|n| *n <= most) {
        watched(&desk, &cookie, viewers, if quick { 20 } else { 100 });
    }
    drop(server);
    let tasks = if quick { 100_000 } else { 1_000_000 };
    engine::testing::fill(&data, "sandbox", tasks).expect("tasks are written");
    let server = Server::start(PORT, &data, &["--demo"]);
    follow_up(&desk, &cookie, tasks, if quick { 20 } else { 100 });
    drop(server);
}

/// P7: from before the delivery is sent until each viewer has read the change.
fn watched(desk: &Sandbox, cookie: &str, viewers: usize, changes: usize) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let sent: Arc<Mutex<HashMap<String, Instant>>> = Arc::default();
    let took: Arc<Mutex<Vec<f64>>> = Arc::default();
    let open = Arc::new(AtomicU64::new(0));
    for _ in 0..viewers {
        runtime.spawn(view(cookie.to_owned(), sent.clone(), took.clone(), open.clone()));
    }
    while open.load(Ordering::Relaxed) < viewers as u64 {
        thread::sleep(Duration::from_millis(10));
    }
    let going = AtomicBool::new(true);
    let rate = desk.load(8, 1, 2.0) / 2.0;
    thread::scope(|s| {
        let background = s.spawn(|| desk.load_at(4, rate, &going));
        let agent = ureq::agent();
        for n in 0..changes {
            let subject = format!("mark-{viewers}-{n}");
            sent.lock()
                .expect("a lock")
                .insert(subject.clone(), Instant::now());
            let task = json!({"kind": "synchronise_dossier", "dossier": "B999", "subject": subject});
            call(
                PORT,
                &agent,
                &desk.integration,
                "deliver",
                &json!({"tasks": [task]}),
            );
            thread::sleep(Duration::from_millis(50));
        }
        thread::sleep(Duration::from_secs(2));
        going.store(false, Ordering::Relaxed);
        background.join().expect("the load");
    });
    let mut took = took.lock().expect("a lock").clone();
    let heard = took.len();
    println!(
        "P7  change to viewer at {viewers} viewers, {rate:.0} cycles/s beside, ms (bar p99: {}): p50 {:.1}, p99 {:.1}, max {:.1}, heard {heard} of {}",
        if viewers > 100 { 1000 } else { 250 },
        percentile(&mut took, 50.0),
        percentile(&mut took, 99.0),
        percentile(&mut took, 100.0),
        viewers * changes,
    );
}

async fn view(
    cookie: String,
    sent: Arc<Mutex<HashMap<String, Instant>>>,
    took: Arc<Mutex<Vec<f64>>>,
    open: Arc<AtomicU64>,
) {
    let mut stream = TcpStream::connect(("127.0.0.1", PORT)).await.expect("connected");
    let request = format!(
        "GET /api/desk/live?office=sandbox HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nCookie: {cookie}\r\nAccept: text/event-stream\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("asked");
    let mut lines = BufReader::new(stream).lines();
    let mut counted = false;
    let mut heard = HashSet::new();
    while let Ok(Some(line)) = lines.next_line().await {
        if !counted && line.starts_with(": open") || line.starts_with(":open") {
            counted = true;
            open.fetch_add(1, Ordering::Relaxed);
        }
        let Some(at) = line.find("\"mark-") else { continue };
        let subject = line[at + 1..].split('"').next().unwrap_or_default();
        // the first that is told of it, not what happens to the task later
        if heard.insert(subject.to_owned())
            && let Some(began) = sent.lock().expect("a lock").get(subject)
        {
            took.lock()
                .expect("a lock")
                .push(began.elapsed().as_secs_f64() * 1000.0);
        }
    }
}

/// P8: the page as a browser gets it, and each filter as the page asks for it.
fn follow_up(desk: &Sandbox, cookie: &str, tasks: i64, times: usize) {
    let agent = ureq::agent();
    let page = |path: &str| {
        let mut took: Vec<f64> = (0..times)
            .map(|_| {
                let began = Instant::now();
                let mut answer = agent
                    .get(format!("http://127.0.0.1:{PORT}{path}"))
                    .header("Cookie", cookie)
                    .call()
                    .expect("a page");
                answer.body_mut().read_to_vec().expect("its body");
                began.elapsed().as_secs_f64() * 1000.0
            })
            .collect();
        (percentile(&mut took, 50.0), percentile(&mut took, 99.0))
    };
    let (p50, p99) = page("/o/sandbox/tasks");
    println!("P8  Follow-up page, {tasks} tasks stored, ms: p50 {p50:.1} (bar 15), p99 {p99:.1} (bar 60)");
    let stopped = json!(["failed", "action_required"]);
    let all = json!([
        "queued",
        "running",
        "action_required",
        "failed",
        "succeeded",
        "cancelled"
    ]);
    for (name, states, more) in [
        ("default", &stopped, json!({})),
        ("done", &json!(["succeeded"]), json!({})),
        (
            "cancelled, of which there are none",
            &json!(["cancelled"]),
            json!({}),
        ),
        ("stopped, by a word", &stopped, json!({"text": "12345"})),
        ("all, by a word", &all, json!({"text": "doc12345"})),
        ("all, by a word that nothing has", &all, json!({"text": "zebra"})),
        ("all, of a dossier", &all, json!({"dossier": "X17"})),
        (
            "all, of a package that has none",
            &all,
            json!({"package": "wings"}),
        ),
        (
            "done, of a kind that has none",
            &json!(["succeeded"]),
            json!({"kind": "delete_booking_proposal"}),
        ),
        (
            "stopped, by code and age",
            &stopped,
            json!({"code": "period_not_open", "age": "hour"}),
        ),
    ] {
        let mut filter = json!({"states": states});
        filter
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        let body = json!({"office": "sandbox", "filter": filter, "after": null, "rows": 200});
        let mut took: Vec<f64> = (0..times)
            .map(|_| {
                let began = Instant::now();
                desk.ask(&agent, cookie, "tasks", &body);
                began.elapsed().as_secs_f64() * 1000.0
            })
            .collect();
        line(&format!("P8  filter: {name}, ms (bar 150)"), &mut took);
    }
    let body = json!({"office": "sandbox", "filter": {"states": all}, "after": null, "rows": 1000});
    let mut took: Vec<f64> = (0..times)
        .map(|_| {
            let began = Instant::now();
            let rows: Value = desk.ask(&agent, cookie, "tasks", &body);
            assert!(rows["rows"].as_array().is_some_and(|r| r.len() == 1000));
            began.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    line("P8  a list of 1,000 lines, ms", &mut took);
}

use super::*;
use crate::connector::fake_desk::{Call, FakeDesk, page};
use axum::response::IntoResponse;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tempfile::TempDir;

/// An adapter that does one thing.
enum Does {
    Breaks,
    Hangs,
    Works,
    /// Cannot be stopped, and ends when it is told.
    GoesOn(Arc<Notify>),
    /// Neither, but what it needs does not come.
    Lacks,
}

impl Adapter for Does {
    fn kinds(&self) -> Vec<String> {
        vec!["synchronise_dossier".into()]
    }

    fn recovers(&self) -> Vec<String> {
        vec![]
    }

    fn carry_out<'a>(&'a self, _: &'a ClaimedTask) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match self {
                Self::Breaks => panic!("the moon is full"),
                Self::Hangs => std::future::pending().await,
                Self::Lacks => panic!("it has begun"),
                Self::Works => Outcome::Succeeded { result: None },
                Self::GoesOn(end) => {
                    end.notified().await;
                    Outcome::Succeeded { result: None }
                }
            }
        })
    }

    fn prepare<'a>(&'a self, task: &'a ClaimedTask) -> BoxFuture<'a, Result<ClaimedTask, Outcome>> {
        Box::pin(async {
            match self {
                Self::Lacks => std::future::pending().await,
                _ => Ok(task.clone()),
            }
        })
    }

    fn stops(&self) -> bool {
        !matches!(self, Self::GoesOn(_) | Self::Lacks)
    }
}

fn task(id: u32) -> Value {
    json!({"id": id.to_string(), "kind": "synchronise_dossier", "lease": format!("1-{id}-1"), "attempt": 1,
        "delivered_at": "", "dossier": {"code": "A", "name": "A", "package": "hledger"}, "subject": null,
        "payload": {}, "earlier": []})
}

/// Hands out one task, and then none.
fn one_task(desk: &FakeDesk, then: impl Fn(&Call) -> Option<axum::response::Response> + Send + 'static) {
    let mut tasks = vec![task(7)];
    desk.answers(move |c| match c.name.as_str() {
        "claim" => {
            let tasks = std::mem::take(&mut tasks);
            Some(axum::Json(json!({"tasks": tasks, "next_poll_seconds": 1})).into_response())
        }
        _ => then(c),
    });
}

/// Leases are short.
fn quick() -> axum::response::Response {
    let hello = json!({"connector": "c", "office": "o", "poll_seconds": 1, "lease_seconds": 3, "extend_seconds": 1, "server_time": ""});
    axum::Json(hello).into_response()
}

struct AtWork {
    _dir: TempDir,
    stop: watch::Sender<bool>,
    work: tokio::task::JoinHandle<()>,
}

fn run(desk: &FakeDesk, adapter: Does, patience: Patience) -> AtWork {
    let dir = tempfile::tempdir().unwrap();
    let (stop, stopped) = watch::channel(false);
    let home = Home {
        line: Line::Remote(desk.remote("t", None)),
        adapter: Arc::new(adapter),
        packages: vec!["hledger".into()],
        max_parallel: 2,
        long_poll: false,
        outbox: dir.path().join("state"),
        patience,
    };
    let work = tokio::spawn(Connector::new(home).unwrap().run(stopped));
    AtWork {
        _dir: dir,
        stop,
        work,
    }
}

impl AtWork {
    async fn end(self) {
        self.stop.send(true).unwrap();
        self.work.await.unwrap();
    }
}

fn outcome(call: &Call) -> &Value {
    &call.body["reports"][0]["outcome"]
}

#[tokio::test]
async fn an_adapter_that_breaks_is_reported_in_words() {
    let desk = FakeDesk::start().await;
    one_task(&desk, |_| None);
    let c = run(&desk, Does::Breaks, Patience::default());
    let told = desk.until("report", |_| true).await;
    assert_eq!(outcome(&told)["failed"]["code"], "adapter_crashed");
    let detail = outcome(&told)["failed"]["detail"].as_str().unwrap();
    assert!(detail.contains("the moon is full"), "{detail}");
    // nothing runs any more: it can end
    c.end().await;
}

#[tokio::test]
async fn work_that_does_not_end_is_stopped_and_reported_in_words() {
    let desk = FakeDesk::start().await;
    one_task(&desk, |_| None);
    let c = run(&desk, Does::Hangs, Patience::of_all(Duration::from_millis(50)));
    let told = desk.until("report", |_| true).await;
    assert_eq!(outcome(&told)["failed"]["code"], "ran_too_long");
    c.end().await;
}

#[tokio::test]
async fn what_comes_of_work_that_outlives_its_lease_and_cannot_be_stopped_is_told() {
    let desk = FakeDesk::start().await;
    let mut again = task(7);
    again["lease"] = "1-7-2".into();
    let mut handed = vec![again, task(7)];
    let mut is_over = false;
    desk.answers(move |c| match c.name.as_str() {
        "hello" => Some(quick()),
        // of the first the lease is over; it is handed out again then
        "extend" => {
            let leases = c.body["leases"].as_array().unwrap().iter();
            let states: Vec<Value> = leases
                .map(|l| {
                    is_over |= l["lease"] == "1-7-1";
                    json!({"task": l["task"], "state": if l["lease"] == "1-7-1" { "stale" } else { "ok" }})
                })
                .collect();
            Some(axum::Json(json!({ "leases": states })).into_response())
        }
        "claim" => {
            let tasks: Vec<Value> = if handed.len() == 2 || is_over {
                handed.pop().into_iter().collect()
            } else {
                vec![]
            };
            Some(axum::Json(json!({"tasks": tasks, "next_poll_seconds": 1})).into_response())
        }
        _ => None,
    });
    let end = Arc::new(Notify::new());
    let c = run(
        &desk,
        Does::GoesOn(end.clone()),
        Patience::of_all(Duration::from_millis(50)),
    );
    // the one that is over takes a hand still: with both full nothing more is asked for, and only the other is extended
    let second = json!([{"task": "7", "lease": "1-7-2"}]);
    desk.until("extend", |c| c.body["leases"] == second).await;
    let (claims, extends) = (desk.calls("claim").len(), desk.calls("extend").len());
    desk.until("extend", |_| desk.calls("extend").len() > extends + 1)
        .await;
    assert_eq!(desk.calls("claim").len(), claims);
    assert_eq!(
        desk.calls("claim")
            .iter()
            .map(|c| &c.body["max"])
            .max_by_key(|m| m.as_u64()),
        Some(&json!(2))
    );
    assert_eq!(desk.calls("claim").pop().unwrap().body["max"], 1);
    assert!(desk.calls("report").is_empty());
    for _ in 0..2 {
        end.notify_one();
        tokio::task::yield_now().await;
    }
    for lease in ["1-7-1", "1-7-2"] {
        let of = |c: &Call| {
            c.body["reports"]
                .as_array()
                .unwrap()
                .iter()
                .any(|r| r["lease"] == lease)
        };
        let told = desk.until("report", of).await;
        assert!(outcome(&told).get("succeeded").is_some(), "{told:?}");
    }
    c.end().await;
}

#[tokio::test]
async fn what_is_only_being_prepared_is_stopped_when_its_lease_is_over() {
    let desk = FakeDesk::start().await;
    one_task(&desk, |c| match c.name.as_str() {
        "hello" => Some(quick()),
        "extend" => Some(axum::Json(json!({"leases": [{"task": "7", "state": "stale"}]})).into_response()),
        _ => None,
    });
    let c = run(&desk, Does::Lacks, Patience::default());
    desk.until("claim", |c| c.body["max"] == 1).await;
    desk.until("extend", |_| true).await;
    // its hand is free again, and nothing is told of what was not done
    let claims = desk.calls("claim").len();
    desk.until("claim", |_| desk.calls("claim").len() > claims + 1)
        .await;
    assert_eq!(desk.calls("claim").pop().unwrap().body["max"], 2);
    assert!(desk.calls("report").is_empty());
    c.end().await;
}

#[tokio::test]
async fn work_that_cannot_be_stopped_is_kept_for_a_desk_that_comes_back() {
    let desk = FakeDesk::start().await;
    one_task(&desk, |c| match c.name.as_str() {
        "hello" => Some(quick()),
        "extend" => Some(page(503, "")),
        _ => None,
    });
    let end = Arc::new(Notify::new());
    let c = run(&desk, Does::GoesOn(end.clone()), Patience::default());
    // longer than the lease, and it is asked for all the same
    desk.until("extend", |_| desk.calls("extend").len() > 4).await;
    let last = desk.calls("extend").pop().unwrap();
    assert_eq!(last.body["leases"], json!([{"task": "7", "lease": "1-7-1"}]));
    end.notify_one();
    desk.until("report", |_| true).await;
    c.end().await;
}

#[tokio::test]
async fn reports_that_are_not_accepted_are_told_and_told_again_when_they_are() {
    let desk = FakeDesk::start().await;
    one_task(&desk, |c| (c.name == "report").then(|| page(404, "<html>")));
    let c = run(&desk, Does::Works, Patience::default());
    let hello = desk.until("hello", |c| c.body["unaccepted_reports"] == 1).await;
    assert_eq!(hello.body["boot_id"], desk.calls("hello")[0].body["boot_id"]);
    desk.answers(|_| None);
    let told = desk.calls("report").len();
    // stopping tries once more at once
    c.end().await;
    assert_eq!(desk.calls("report").len(), told + 1);
    let last = desk.calls("hello").pop().unwrap();
    assert_eq!(last.body.get("unaccepted_reports"), None, "none is left");
}

#[tokio::test]
async fn the_lease_of_work_that_cannot_be_reported_is_kept_alive() {
    let desk = FakeDesk::start().await;
    one_task(&desk, |c| match c.name.as_str() {
        "report" => Some(page(404, "<html>")),
        "hello" => Some(quick()),
        _ => None,
    });
    let c = run(&desk, Does::Works, Patience::default());
    desk.until("report", |_| true).await;
    let extended = desk.until("extend", |_| true).await;
    assert_eq!(extended.body["leases"], json!([{"task": "7", "lease": "1-7-1"}]));
    c.end().await;
}

#[tokio::test]
async fn a_claim_is_asked_again_under_its_name_until_its_answer_is_read() {
    let desk = FakeDesk::start().await;
    let mut asked = 0;
    desk.answers(move |c| {
        asked += usize::from(c.name == "claim");
        (c.name == "claim" && asked <= 3).then(|| page(200, "not an answer"))
    });
    let c = run(&desk, Does::Works, Patience::default());
    let id = |c: &Call| c.body["request_id"].as_str().unwrap().to_owned();
    let first = id(&desk.until("claim", |_| true).await);
    let other = desk.until("claim", |c| id(c) != first).await;
    let ids: Vec<String> = desk.calls("claim").iter().map(id).collect();
    assert_eq!(
        ids.iter().filter(|i| **i == first).count(),
        4,
        "three lost, one read: {ids:?}"
    );
    assert_ne!(id(&other), first);
    c.end().await;
}

#[tokio::test]
async fn a_large_answer_is_read_whole() {
    let desk = FakeDesk::start().await;
    let mut tasks: Vec<Value> = (1..=2)
        .map(|n| {
            let mut t = task(n);
            t["payload"] = json!({"document": "x".repeat(8 << 20)});
            t
        })
        .collect();
    desk.answers(move |c| {
        let tasks = (c.name == "claim").then(|| std::mem::take(&mut tasks))?;
        Some(axum::Json(json!({"tasks": tasks, "next_poll_seconds": 1})).into_response())
    });
    let c = run(&desk, Does::Works, Patience::default());
    for n in ["1", "2"] {
        desk.until("report", |c| {
            let reports = c.body["reports"].as_array().unwrap();
            reports.iter().any(|r| r["task"] == n)
        })
        .await;
    }
    c.end().await;
}

/// The names of the calls so far, but for reports.
fn names(desk: &FakeDesk) -> Vec<String> {
    desk.all()
        .into_iter()
        .map(|c| c.name)
        .filter(|n| n != "report")
        .collect()
}

#[tokio::test]
async fn a_desk_that_was_away_is_said_hello_to_before_it_is_asked_for_tasks() {
    let desk = FakeDesk::start().await;
    let mut away = true;
    desk.answers(move |c| (c.name == "claim" && std::mem::take(&mut away)).then(|| page(502, "gone")));
    let c = run(&desk, Does::Works, Patience::default());
    desk.until("claim", |_| names(&desk).len() >= 4).await;
    assert_eq!(names(&desk)[..4], ["hello", "claim", "hello", "claim"]);
    let (hellos, claims) = (desk.calls("hello"), desk.calls("claim"));
    assert_eq!(hellos[0].body, hellos[1].body, "it is the same connector still");
    assert_eq!(claims[0].body["request_id"], claims[1].body["request_id"]);
    c.end().await;
}

#[tokio::test]
async fn a_desk_that_says_when_to_come_again_is_left_alone_until_then() {
    let desk = FakeDesk::start().await;
    let later = || {
        let mut answer = page(429, "{}");
        let seconds = axum::http::HeaderValue::from_static("2");
        answer.headers_mut().insert("retry-after", seconds);
        answer
    };
    let mut refused = vec!["report", "claim"];
    let mut tasks = vec![task(7)];
    desk.answers(move |c| match c.name.as_str() {
        "claim" if !tasks.is_empty() => {
            let tasks = std::mem::take(&mut tasks);
            Some(axum::Json(json!({"tasks": tasks, "next_poll_seconds": 0})).into_response())
        }
        name => {
            let at = refused.iter().position(|r| *r == name)?;
            refused.remove(at);
            Some(later())
        }
    });
    let c = run(&desk, Does::Works, Patience::default());
    let again = async |name: &str, n: usize| {
        desk.until(name, |_| desk.calls(name).len() >= n).await;
        Instant::now()
    };
    let (claimed, told) = tokio::join!(again("claim", 2), again("report", 1));
    let (claims, tells) = tokio::join!(again("claim", 3), again("report", 2));
    for waited in [claims - claimed, tells - told] {
        assert!(waited >= Duration::from_millis(1900), "{waited:?}");
    }
    c.end().await;
}

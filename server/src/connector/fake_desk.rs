//! A desk for tests: it answers each call as a test says, and remembers what it was asked.

use super::Remote;
use crate::config;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header::AUTHORIZATION},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::sync::Notify;

/// One call that came in.
#[derive(Clone, Debug)]
pub struct Call {
    pub name: String,
    pub token: String,
    pub body: Value,
}

type Answer = Box<dyn FnMut(&Call) -> Option<Response> + Send>;

struct Inner {
    answer: Mutex<Answer>,
    calls: Mutex<Vec<Call>>,
    came: Notify,
}

/// The desk. What a test does not answer itself is answered as a good desk would.
#[derive(Clone)]
pub struct FakeDesk {
    inner: Arc<Inner>,
    pub url: String,
}

impl FakeDesk {
    pub async fn start() -> Self {
        let inner = Arc::new(Inner {
            answer: Mutex::new(Box::new(|_| None)),
            calls: Mutex::default(),
            came: Notify::new(),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, app.into_make_service()).await });
        Self { inner, url }
    }

    /// From now on it answers so; `None` for a good answer.
    pub fn answers(&self, how: impl FnMut(&Call) -> Option<Response> + Send + 'static) {
        *self.inner.answer.lock().unwrap() = Box::new(how);
    }

    /// From now on every call of this name gets this.
    pub fn refuses(&self, name: &'static str, status: u16, body: &'static str) {
        self.answers(move |c| (c.name == name).then(|| page(status, body)));
    }

    pub fn calls(&self, name: &str) -> Vec<Call> {
        let calls: MutexGuard<'_, Vec<Call>> = self.inner.calls.lock().unwrap();
        calls.iter().filter(|c| c.name == name).cloned().collect()
    }

    pub fn all(&self) -> Vec<Call> {
        self.inner.calls.lock().unwrap().clone()
    }

    /// Waits for a call of this name that is as wanted.
    pub async fn until(&self, name: &str, wanted: impl Fn(&Call) -> bool) -> Call {
        let found = async {
            loop {
                let came = self.inner.came.notified();
                if let Some(call) = self.calls(name).into_iter().find(|c| wanted(c)) {
                    return call;
                }
                came.await;
            }
        };
        let found = tokio::time::timeout(Duration::from_secs(20), found).await;
        found.unwrap_or_else(|_| panic!("no such {name}: {:?}", self.calls(name)))
    }

    pub fn remote(&self, token: &str, token_file: Option<PathBuf>) -> Remote {
        Remote::new(config::Remote {
            url: self.url.clone(),
            token: token.into(),
            token_file,
        })
    }
}

pub fn page(status: u16, body: &str) -> Response {
    (StatusCode::from_u16(status).unwrap(), body.to_owned()).into_response()
}

async fn answer(State(desk): State<Arc<Inner>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let token = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok());
    let call = Call {
        name: uri.path().trim_start_matches("/api/v1/").to_owned(),
        token: token.unwrap_or_default().trim_start_matches("Bearer ").to_owned(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    let said = (desk.answer.lock().unwrap())(&call);
    let said = said.unwrap_or_else(|| axum::Json(good(&call)).into_response());
    desk.calls.lock().unwrap().push(call);
    desk.came.notify_waiters();
    said
}

fn good(call: &Call) -> Value {
    match call.name.as_str() {
        "hello" => json!({"connector": "c", "office": "o", "poll_seconds": 1, "lease_seconds": 120,
            "extend_seconds": 30, "server_time": ""}),
        "claim" => json!({"tasks": [], "next_poll_seconds": 1}),
        "report" => {
            let reports = call.body["reports"].as_array().cloned().unwrap_or_default();
            let status = |r: &Value| json!({"task": r["task"], "status": "succeeded"});
            json!({"reports": reports.iter().map(status).collect::<Vec<_>>()})
        }
        _ => json!({"running": 0, "leases": []}),
    }
}

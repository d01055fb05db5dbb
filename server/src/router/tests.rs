//! The router as a whole: every door for every caller, statuses, problem documents, forged requests.

use super::{Manner, router};
use crate::{address::CALLS, site::Site};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use domain::{Caller, Language, Role};
use engine::{
    NewPerson, OfficeRow,
    people::accounts::default_office,
    testing::{TestDesk, new_task},
};
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) struct House {
    pub(crate) app: Router,
    pub(crate) desk: TestDesk,
    pub(crate) connector: String,
    pub(crate) integration: String,
    pub(super) employee: String,
    pub(super) support: String,
    /// A task of an office that none of the callers above but Support belongs to.
    foreign_task: String,
    foreign_integration: String,
    _dir: tempfile::TempDir,
}

impl House {
    pub(crate) async fn build() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("site/pkg")).unwrap();
        std::fs::write(dir.path().join("site/pkg/nachtwacht.css"), "body{}").unwrap();
        std::fs::write(dir.path().join("secret"), "not for you").unwrap();
        let desk = TestDesk::open(&dir.path().join("data")).await.unwrap();
        desk.dossiers(2).await.unwrap();
        let engine = &desk.engine;
        let connector = engine
            .new_token(Caller::Connector {
                id: desk.connector,
                office: desk.office,
            })
            .await
            .unwrap();
        let integration = token(&desk, desk.office, "ours").await;
        let other = engine
            .add_office(OfficeRow {
                code: "other".into(),
                name: "Other".into(),
                ..default_office()
            })
            .await
            .unwrap();
        engine
            .add_dossier(other, "D1", "Theirs", "adsolut")
            .await
            .unwrap();
        let foreign = engine
            .deliver(other, vec![new_task("synchronise_dossier", "D1")])
            .await
            .unwrap();
        let foreign_integration = token(&desk, other, "theirs").await;
        let employee = session(&desk, Some(desk.office), Role::Employee).await;
        let support = session(&desk, None, Role::Support).await;
        let site = Site::open(Some(&dir.path().join("site"))).unwrap();
        let app = router(
            desk.engine.clone(),
            site,
            Manner::default(),
            std::sync::Arc::default(),
        )
        .unwrap();
        let foreign_task = foreign.tasks[0].id.to_string();
        Self {
            app,
            desk,
            connector,
            integration,
            employee,
            support,
            foreign_task,
            foreign_integration,
            _dir: dir,
        }
    }

    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (StatusCode, String, String) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self
            .app
            .clone()
            .oneshot(request.body(Body::from(body.to_owned())).unwrap())
            .await
            .unwrap();
        let status = answer.status();
        let kind = answer
            .headers()
            .get("content-type")
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let stream = kind.starts_with("text/event-stream");
        let body = if stream {
            Vec::new().into()
        } else {
            to_bytes(answer.into_body(), 1 << 22).await.unwrap()
        };
        (status, kind, String::from_utf8_lossy(&body).into_owned())
    }

    /// A page's status, and where it leads if it leads on, else what it holds.
    pub(super) async fn follow(&self, page: &str, cookie: &str) -> (StatusCode, String) {
        let request = Request::builder()
            .uri(page)
            .header("cookie", cookie)
            .header("accept", "text/html");
        let request = request.body(Body::empty()).unwrap();
        let answer = self.app.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        match answer.headers().get("location") {
            Some(to) => (status, to.to_str().unwrap().to_owned()),
            None => {
                let body = to_bytes(answer.into_body(), 1 << 22).await.unwrap();
                (status, String::from_utf8_lossy(&body).into_owned())
            }
        }
    }

    /// The cookies that a plain form is answered with.
    pub(super) async fn cookies(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<String> {
        let mut request = Request::builder().method("POST").uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let answer = self.app.clone().oneshot(request).await.unwrap();
        let set = answer.headers().get_all("set-cookie").iter();
        set.map(|c| c.to_str().unwrap().to_owned()).collect()
    }

    /// From now on as behind a TLS proxy.
    pub(super) fn over_tls(&mut self) {
        let site = Site::open(Some(&self._dir.path().join("site"))).unwrap();
        let manner = Manner {
            secure: true,
            ..Manner::default()
        };
        self.app = router(self.desk.engine.clone(), site, manner, std::sync::Arc::default()).unwrap();
    }

    async fn call(&self, token: &str, name: &str, body: &Value) -> (u16, Value) {
        let bearer = format!("Bearer {token}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        let (status, _, body) = self
            .send("POST", &format!("/api/v1/{name}"), &headers, &body.to_string())
            .await;
        (status.as_u16(), serde_json::from_str(&body).unwrap_or_default())
    }

    /// A page as Support sees it.
    pub(super) async fn page(&self, path: &str) -> (u16, String) {
        let cookie = format!("nw_session={}", self.support);
        let (status, _, html) = self.send("GET", path, &[("cookie", &cookie)], "").await;
        (status.as_u16(), html)
    }

    pub(super) async fn desk_call(&self, session: &str, name: &str, body: &Value) -> u16 {
        self.desk_answer(session, name, body).await.0
    }

    pub(super) async fn desk_answer(&self, session: &str, name: &str, body: &Value) -> (u16, Value) {
        let cookie = format!("nw_session={session}");
        let headers = [
            ("cookie", cookie.as_str()),
            ("content-type", "application/json"),
            ("sec-fetch-site", "same-origin"),
        ];
        let (status, _, answer) = self
            .send("POST", &format!("/api/desk/{name}"), &headers, &body.to_string())
            .await;
        (status.as_u16(), serde_json::from_str(&answer).unwrap_or_default())
    }
}

pub(crate) async fn token(desk: &TestDesk, office: i64, name: &str) -> String {
    let id = desk.engine.add_integration(office, name).await.unwrap();
    desk.engine
        .new_token(Caller::Integration { id, office })
        .await
        .unwrap()
}

async fn session(desk: &TestDesk, office: Option<i64>, role: Role) -> String {
    session_at(desk, office, role, &format!("{}@example.test", role.key())).await
}

/// Signs somebody new in, as the demo's links do: whatever their role no second factor is asked, and moving the clock ends
/// nothing.
pub(super) async fn session_at(desk: &TestDesk, office: Option<i64>, role: Role, email: &str) -> String {
    let person = NewPerson {
        office,
        email: email.into(),
        name: "P".into(),
        role,
        language: Language::En,
        password_hash: None,
    };
    let id = desk.engine.add_person(person).await.unwrap();
    let link = desk.engine.new_link(id, true).await.unwrap();
    desk.engine.use_link(&link).await.unwrap()
}

#[tokio::test]
async fn every_door_opens_to_its_callers_only() {
    let h = House::build().await;
    for (name, door, _) in CALLS
        .iter()
        .filter(|(n, ..)| !matches!(*n, "openapi.json" | "events" | "enrol") && !n.starts_with("documents"))
    {
        for (who, token, mine) in [
            ("nobody", "", ""),
            (
                "a stranger",
                "nwc_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "",
            ),
            ("a person", h.employee.as_str(), ""),
            ("a connector", h.connector.as_str(), "Connector"),
            ("an integration", h.integration.as_str(), "Integration"),
        ] {
            let (status, answer) = h.call(token, name, &json!({})).await;
            // an empty body breaks a rule: who gets that far was let in
            let expected = if mine.is_empty() {
                401
            } else if format!("{door:?}") == mine {
                422
            } else {
                403
            };
            assert_eq!(status, expected, "{name} for {who}: {answer}");
            assert_eq!(answer["status"], expected, "{name} for {who}");
        }
    }
}

#[tokio::test]
async fn another_office_looks_like_nothing() {
    let h = House::build().await;
    for (name, body) in [
        ("task", json!({"id": h.foreign_task})),
        ("cancel", json!({"id": h.foreign_task, "reason": "x"})),
    ] {
        let (status, foreign) = h.call(&h.integration, name, &body).await;
        let mut none = body.clone();
        none["id"] = "999999".into();
        assert_eq!(
            (status, foreign),
            h.call(&h.integration, name, &none).await,
            "{name}"
        );
        assert_eq!(status, 404);
    }
    assert_eq!(
        h.call(&h.foreign_integration, "task", &json!({"id": h.foreign_task}))
            .await
            .0,
        200
    );
    for name in ["task_detail", "restart", "restart_cause"] {
        for office in ["gent", "other", "nowhere"] {
            let body = json!({"office": office, "id": h.foreign_task});
            assert_eq!(
                h.desk_call(&h.employee, name, &body).await,
                404,
                "{name} at {office}"
            );
        }
    }
    let body = json!({"office": "other", "id": h.foreign_task});
    assert_eq!(
        h.desk_call(&h.support, "task_detail", &body).await,
        200,
        "Support sees every office"
    );
    assert_eq!(h.desk_call("", "task_detail", &body).await, 401);
}

#[tokio::test]
async fn an_employee_sees_only_managed_dossiers() {
    let h = House::build().await;
    let ids = h
        .desk
        .deliver(vec![
            new_task("synchronise_dossier", "D1"),
            new_task("synchronise_dossier", "D2"),
        ])
        .await
        .unwrap();
    let d1 = h
        .desk
        .engine
        .task(h.desk.office, domain::TaskId(ids[0]))
        .await
        .unwrap();
    assert_eq!(d1.dossier, "D1");
    let person = h
        .desk
        .engine
        .person_number("employee@example.test")
        .await
        .unwrap()
        .unwrap();
    h.desk.engine.add_manager(1, person).await.unwrap();
    let ask = |id: i64| json!({"office": "gent", "id": id.to_string()});
    assert_eq!(h.desk_call(&h.employee, "task_detail", &ask(ids[0])).await, 200);
    assert_eq!(h.desk_call(&h.employee, "task_detail", &ask(ids[1])).await, 404);
    assert_eq!(
        h.desk_call(
            &h.employee,
            "cancel",
            &json!({"office": "gent", "id": ids[0].to_string(), "followers": false})
        )
        .await,
        403
    );
}

#[tokio::test]
async fn what_is_not_a_call_is_said_in_json() {
    let h = House::build().await;
    let bearer = format!("Bearer {}", h.integration);
    let auth = [("authorization", bearer.as_str())];
    let problem = |(status, kind, body): (StatusCode, String, String)| {
        assert_eq!(kind, "application/problem+json", "{body}");
        let code = serde_json::from_str::<Value>(&body).unwrap()["code"]
            .as_str()
            .unwrap()
            .to_owned();
        (status.as_u16(), code)
    };
    let post = |path: &'static str, body: &'static str| h.send("POST", path, &auth, body);
    assert_eq!(
        problem(post("/api/v1/nothing", "{}").await),
        (404, "not_found".into())
    );
    assert_eq!(
        problem(post("/api/nothing", "{}").await),
        (404, "not_found".into())
    );
    assert_eq!(
        problem(post("/api/v1/deliver", "{").await),
        (400, "malformed".into())
    );
    assert_eq!(
        problem(post("/api/v1/deliver", "[]").await),
        (422, "invalid".into())
    );
    assert_eq!(
        problem(h.send("GET", "/api/v1/deliver", &auth, "").await),
        (405, "method_not_allowed".into())
    );
    let large = format!("{{\"tasks\":\"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(
        problem(h.send("POST", "/api/v1/deliver", &auth, &large).await),
        (413, "too_large".into())
    );
    let html = [
        ("authorization", bearer.as_str()),
        ("accept", "text/html"),
        ("referer", "http://evil.example/"),
    ];
    assert_eq!(
        h.send("POST", "/api/v1/deliver", &html, "{}").await.0,
        422,
        "no redirect for callers that ask for HTML"
    );
}

#[tokio::test]
async fn programs_are_told_in_words_and_pages_by_type_as_well() {
    let h = House::build().await;
    let bearer = format!("Bearer {}", h.integration);
    let auth = [("authorization", bearer.as_str())];
    let tasks = r#"{"tasks":[{"kind":"no_such_kind","dossier":"A"}]}"#;
    let (_, _, body) = h.send("POST", "/api/v1/deliver", &auth, tasks).await;
    assert_eq!(
        body,
        r#"{"type":"about:blank","title":"Invalid","status":422,"detail":"tasks[0].kind: is not a kind of task that this desk knows","code":"invalid","errors":[{"field":"tasks[0].kind","message":"is not a kind of task that this desk knows"}]}"#
    );
    let (_, of_page) = h.desk_answer(&h.support, "jobs", &json!({})).await;
    assert_eq!(of_page["errors"][0]["message"], "is missing");
    assert_eq!(of_page["errors"][0]["rule"], json!(["Missing"]));
}

#[tokio::test]
async fn a_change_must_come_from_our_page() {
    let h = House::build().await;
    let cookie = format!("nw_session={}", h.support);
    let body = json!({"office": "gent", "id": "1"}).to_string();
    for (headers, expected) in [
        (vec![("sec-fetch-site", "cross-site")], 403),
        (vec![("sec-fetch-site", "same-site")], 403),
        (
            vec![("origin", "http://evil.example"), ("host", "desk.example")],
            403,
        ),
        (vec![("sec-fetch-site", "same-origin")], 404),
    ] {
        let mut headers = headers;
        headers.extend([("cookie", cookie.as_str()), ("content-type", "application/json")]);
        assert_eq!(
            h.send("POST", "/api/desk/restart", &headers, &body).await.0,
            expected
        );
    }
}

#[tokio::test]
async fn files_come_from_the_site_and_nowhere_else() {
    let h = House::build().await;
    let (status, kind, body) = h.send("GET", "/pkg/nachtwacht.css", &[], "").await;
    assert_eq!(
        (status.as_u16(), kind.as_str(), body.as_str()),
        (200, "text/css; charset=utf-8", "body{}")
    );
    for path in [
        "/../secret",
        "/pkg/../../secret",
        "/%2e%2e/secret",
        "//etc/passwd",
        "/no-such-page",
    ] {
        let (status, _, body) = h.send("GET", path, &[], "").await;
        assert_eq!(status, 404, "{path}");
        assert!(!body.contains("not for you"), "{path}");
    }
}

#[tokio::test]
async fn health_says_whether_a_write_goes_through() {
    let h = House::build().await;
    assert_eq!(h.send("GET", "/health/live", &[], "").await.0, 200);
    assert_eq!(h.send("GET", "/health/ready", &[], "").await.0, 200);
}

/// What the published document forbids is refused (N5).
#[tokio::test]
async fn the_server_is_as_strict_as_its_document() {
    let h = House::build().await;
    let long = |n: usize| "x".repeat(n + 1);
    let hello = json!({"boot_id": "b", "version": "1", "packages": [], "kinds": [], "recovers": [], "max_parallel": 1});
    let task = json!({"kind": "synchronise_dossier", "dossier": "D1"});
    let claim = json!({"request_id": "r", "max": 1});
    let report = |outcome: Value| json!({"reports": [{"task": "1", "lease": "l", "outcome": outcome}]});
    let with = |body: &Value, field: &str, value: Value| {
        let mut body = body.clone();
        body[field] = value;
        body
    };
    let tasks = |field: &str, value: Value| ("deliver", json!({"tasks": [with(&task, field, value)]}));
    let mut asked = vec![
        ("claim", with(&claim, "more", 1.into())),
        ("claim", with(&claim, "request_id", "".into())),
        ("claim", with(&claim, "request_id", long(100).into())),
        ("cancel", json!({"id": h.foreign_task, "reason": " "})),
        ("cancel", json!({"id": h.foreign_task, "reason": long(500)})),
        ("report", report(json!({"succeeded": {"result": [null, null]}}))),
        ("report", report(json!({"succeeded": {"result": "text"}}))),
        ("report", report(json!({"succeeded": {"result": 5}}))),
        ("report", report(json!({"succeeded": {"more": 1}}))),
        ("report", report(json!({"failed": {"code": "Closed Period"}}))),
        ("report", report(json!({"failed": {"code": ""}}))),
        ("report", report(json!({"released": {"reason": ""}}))),
        ("report", report(json!({"released": {"reason": long(500)}}))),
        (
            "extend",
            json!({"leases": [{"task": "1", "lease": "l", "more": 1}]}),
        ),
        tasks("more", 1.into()),
        tasks("kind", "".into()),
        tasks("dossier", ".hidden".into()),
        tasks("dossier", long(32).into()),
        tasks("subject", "a\nb".into()),
        tasks("subject", long(200).into()),
        tasks("idempotency_key", "".into()),
        tasks("payload", json!([])),
    ];
    for field in ["boot_id", "version"] {
        asked.push(("hello", with(&hello, field, " ".into())));
        asked.push(("hello", with(&hello, field, long(100).into())));
    }
    for field in ["packages", "kinds", "recovers"] {
        asked.push(("hello", with(&hello, field, json!(["No Key"]))));
        asked.push(("hello", with(&hello, field, json!(vec!["key"; 101]))));
    }
    for (call, body) in asked {
        let of_connector = matches!(call, "claim" | "report" | "extend" | "hello");
        let token = if of_connector {
            &h.connector
        } else {
            &h.integration
        };
        let (status, answer) = h.call(token, call, &body).await;
        if call == "report" && status == 200 {
            // each report stands for itself
            assert_eq!(
                answer["reports"][0]["error"]["code"], "invalid",
                "{body}: {answer}"
            );
        } else {
            assert_eq!(status, 422, "{call} {body}: {answer}");
        }
    }
    for (call, body) in [
        ("hello", hello),
        ("claim", claim),
        ("report", report(json!({"succeeded": {}}))),
    ] {
        assert_eq!(h.call(&h.connector, call, &body).await.0, 200, "{call}");
    }
}

//! Documents by HTTP: who may, what is refused in which words, and that what comes out is what went in.

use super::tests::House;
use axum::{
    body::{Body, Bytes, to_bytes},
    http::{Request, StatusCode},
};
use engine::{tasks::document::sha256, testing::new_task};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tower::ServiceExt;

async fn ask(
    h: &House,
    method: &str,
    path: &str,
    token: &str,
    headers: &[(&str, String)],
    body: Body,
) -> (u16, Value, Bytes) {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let answer = h.app.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    let status = answer.status();
    let kind = answer
        .headers()
        .get("content-type")
        .map(|v| v.to_str().unwrap().to_owned());
    let body = to_bytes(answer.into_body(), 1 << 26).await.unwrap();
    if status != StatusCode::OK {
        assert_eq!(kind.as_deref(), Some("application/problem+json"));
    }
    (
        status.as_u16(),
        serde_json::from_slice(&body).unwrap_or_default(),
        body,
    )
}

async fn put(h: &House, token: &str, bytes: &[u8]) -> (u16, Value) {
    let length = [
        ("content-length", bytes.len().to_string()),
        ("content-type", "application/pdf".into()),
    ];
    let (status, answer, _) = ask(
        h,
        "PUT",
        "/api/v1/documents",
        token,
        &length,
        Body::from(bytes.to_vec()),
    )
    .await;
    (status, answer)
}

async fn get(h: &House, token: &str, id: &str) -> (u16, Bytes) {
    let path = format!("/api/v1/documents/{id}");
    let (status, _, bytes) = ask(h, "GET", &path, token, &[], Body::empty()).await;
    (status, bytes)
}

#[tokio::test]
async fn an_integration_brings_a_document_and_the_connector_at_work_fetches_it() {
    let h = House::build().await;
    let large: Vec<u8> = (0..3_000_000u32).map(|i| (i % 251) as u8).collect();
    let (status, answer) = put(&h, &h.integration, &large).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["sha256"], sha256(&large));
    assert_eq!(
        (&answer["bytes"], &answer["duplicate"]),
        (&json!(3_000_000), &json!(false))
    );
    let id = answer["document"].as_str().unwrap();
    assert_eq!(put(&h, &h.integration, &large).await.1["duplicate"], true);
    let mut task = new_task("process_booking_proposal", "D1");
    task.payload = Some(json!({"document": id}));
    h.desk.deliver(vec![task]).await.unwrap();
    assert_eq!(get(&h, &h.connector, id).await.0, 404, "nobody has the task");
    h.desk.claim(1).await.unwrap();
    assert_eq!(get(&h, &h.connector, id).await, (200, Bytes::from(large)));
    assert_eq!(get(&h, &h.integration, id).await.0, 403);
    assert_eq!(get(&h, "", id).await.0, 401);
    assert_eq!(get(&h, &h.connector, "doc_none").await.0, 404);
    assert_eq!(put(&h, &h.connector, b"x").await.0, 403);
    assert_eq!(put(&h, "", b"x").await.0, 401);
}

/// A body of so many bytes, and how many of them were taken.
fn long(bytes: usize) -> (Body, Arc<AtomicUsize>) {
    const CHUNK: usize = 1 << 16;
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = taken.clone();
    let chunks = stream::iter(0..bytes / CHUNK).map(move |_| {
        counted.fetch_add(CHUNK, Ordering::Relaxed);
        Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; CHUNK]))
    });
    (Body::from_stream(chunks), taken)
}

#[tokio::test]
async fn what_is_refused_is_let_in_first_so_that_its_sender_reads_the_answer() {
    let h = House::build().await;
    let size = 26 << 20;
    let said = |n: usize| vec![("content-length", n.to_string())];
    let integration = h.integration.clone();
    for (method, path, token, headers, status, code) in [
        (
            "PUT",
            "/api/v1/documents",
            integration.as_str(),
            said(size),
            413,
            "too_large",
        ),
        (
            "PUT",
            "/api/v1/documents",
            integration.as_str(),
            vec![],
            411,
            "length_required",
        ),
        (
            "PUT",
            "/api/v1/documents",
            "nwi_unknown",
            said(size),
            401,
            "unauthenticated",
        ),
        (
            "PUT",
            "/api/v1/nothing",
            integration.as_str(),
            said(size),
            404,
            "not_found",
        ),
        (
            "POST",
            "/api/v1/deliver",
            integration.as_str(),
            said(size),
            413,
            "too_large",
        ),
    ] {
        let (body, taken) = long(size);
        let (found, answer, _) = ask(&h, method, path, token, &headers, body).await;
        assert_eq!(
            (found, &answer["code"]),
            (status, &json!(code)),
            "{method} {path}: {answer}"
        );
        assert_eq!(taken.load(Ordering::Relaxed), size, "{method} {path}");
    }
    for (method, path, status) in [
        ("POST", "/forms/gent/nonsense/send", 404),
        ("POST", "/forms/nowhere/client/send", 404),
        ("POST", "/api/desk/hand-in", 401),
        ("POST", "/api/desk/import-dossiers", 401),
        ("POST", "/api/desk/nothing", 401),
        ("PUT", "/sign-in", 405),
        ("POST", "/pkg/nothing.js", 404),
        ("POST", "/nowhere", 404),
    ] {
        let (body, taken) = long(size);
        let request = Request::builder().method(method).uri(path);
        let request = request.header("content-length", size).body(body).unwrap();
        let answer = h.app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status, "{method} {path}");
        assert_eq!(taken.load(Ordering::Relaxed), size, "{method} {path}");
    }
}

/// What a person of the office is given by an address.
async fn download(h: &House, session: &str, path: &str) -> (u16, Option<String>, Bytes) {
    let request = Request::builder()
        .uri(path)
        .header("cookie", format!("nw_session={session}"));
    let answer = h
        .app
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let named = answer
        .headers()
        .get("content-disposition")
        .map(|v| v.to_str().unwrap().to_owned());
    let status = answer.status().as_u16();
    (
        status,
        named,
        to_bytes(answer.into_body(), 1 << 26).await.unwrap(),
    )
}

#[tokio::test]
async fn the_delivered_document_can_be_downloaded_unchanged_by_who_may_see_its_task() {
    let h = House::build().await;
    let large = vec![7u8; 1_000_000];
    let (_, kept) = put(&h, &h.integration, &large).await;
    let task = |payload: Value| {
        let mut task = new_task("process_booking_proposal", "D1");
        task.payload = Some(payload);
        task
    };
    let tasks = vec![
        task(json!({"document": kept["document"], "file_name": "Årsregnskap.pdf"})),
        task(json!({"document": "<a>Å</a>", "file_name": "a.xml"})),
        task(json!({"document_base64": "JVBERg==", "type": "application/pdf"})),
        task(json!({"amount": 1})),
    ];
    let ids = h.desk.deliver(tasks).await.unwrap();
    let path = |n: usize| format!("/api/desk/document/gent/{}", ids[n]);
    let named = |name: &str| Some(format!("attachment; filename={name}"));
    assert_eq!(
        download(&h, &h.support, &path(0)).await,
        (
            200,
            named("\"_rsregnskap.pdf\"; filename*=UTF-8''%C3%85rsregnskap.pdf"),
            large.into()
        )
    );
    assert_eq!(
        download(&h, &h.support, &path(1)).await,
        (200, named("\"a.xml\""), "<a>Å</a>".into())
    );
    assert_eq!(
        download(&h, &h.support, &path(2)).await,
        (200, named("\"document.pdf\""), "%PDF".into())
    );
    assert_eq!(download(&h, &h.support, &path(3)).await.0, 404);
    // an employee who does not manage the dossier, and nobody
    assert_eq!(download(&h, &h.employee, &path(0)).await.0, 404);
    assert_eq!(download(&h, "", &path(0)).await.0, 401);
}

//! Answers that last end when their holder is shut out, and there are not too many of one holder.

use super::tests::{House, session_at};
use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use domain::{Caller, Role};
use futures::StreamExt;
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;
use tower::ServiceExt;
use views::connectors;

/// The most that the clause allows.
const WITHIN: Duration = Duration::from_secs(15);

/// An open stream: its answer's head, and its body.
async fn open(h: &House, path: &str, header: (&str, &str)) -> (StatusCode, HeaderMap, Body) {
    let request = Request::get(path).header(header.0, header.1);
    let answer = h.app.clone().oneshot(request.body(Body::empty()).unwrap());
    let (parts, body) = answer.await.unwrap().into_parts();
    (parts.status, parts.headers, body)
}

async fn events(h: &House, token: &str) -> (StatusCode, HeaderMap, Body) {
    open(h, "/api/v1/events", ("authorization", &format!("Bearer {token}"))).await
}

/// Reads on until the stream ends.
async fn ended(body: Body) {
    let mut pieces = body.into_data_stream();
    while pieces.next().await.is_some() {}
}

async fn number(h: &House) -> i64 {
    let number = h.desk.engine.integration_number(h.desk.office, "ours").await;
    number.unwrap().unwrap()
}

#[tokio::test]
async fn who_knows_of_an_event_that_cannot_be_reads_afresh() {
    let h = House::build().await;
    for strange in ["9223372036854775808", "9223372036854775807", "x"] {
        let request = Request::get("/api/v1/events")
            .header("authorization", format!("Bearer {}", h.integration))
            .header("last-event-id", strange);
        let answer = h.app.clone().oneshot(request.body(Body::empty()).unwrap());
        let mut pieces = answer.await.unwrap().into_body().into_data_stream();
        let first = timeout(WITHIN, pieces.next()).await.expect("at once").unwrap();
        let first = String::from_utf8(first.unwrap().to_vec()).unwrap();
        assert!(first.contains("event: reset"), "{strange}: {first}");
    }
}

#[tokio::test]
async fn who_is_shut_out_by_an_admin_hears_no_more() {
    let h = House::build().await;
    let admin = session_at(&h.desk, Some(h.desk.office), Role::Admin, "a@example.test").await;
    let (status, _, body) = events(&h, &h.integration).await;
    assert_eq!(status, 200);
    let listening = tokio::spawn(ended(body));
    let holder = connectors::Holder::Integration(number(&h).await);
    let shut = h
        .desk_call(&admin, "shut_out", &json!({"office": "gent", "holder": holder}))
        .await;
    assert_eq!(shut, 200);
    assert_eq!(events(&h, &h.integration).await.0, 401, "its next call");
    timeout(WITHIN, listening)
        .await
        .expect("the stream ends")
        .unwrap();
}

#[tokio::test]
async fn a_token_that_was_replaced_or_has_run_out_hears_no_more() {
    let h = House::build().await;
    let caller = Caller::Integration {
        id: number(&h).await,
        office: h.desk.office,
    };
    let (.., body) = events(&h, &h.integration).await;
    let listening = tokio::spawn(ended(body));
    let new = h.desk.engine.rotate_token(caller, 0).await.unwrap();
    timeout(WITHIN, listening)
        .await
        .expect("the old one's ends")
        .unwrap();
    let (.., body) = events(&h, &new).await;
    let listening = tokio::spawn(ended(body));
    let newer = h.desk.engine.rotate_token(caller, 3_600_000).await.unwrap();
    assert_eq!(events(&h, &new).await.0, 200, "good for an hour");
    h.desk.clock.pass(3_600_001);
    assert_eq!(events(&h, &new).await.0, 401);
    // whatever the clock says, it is looked at again within the time
    timeout(WITHIN, listening)
        .await
        .expect("the hour is over")
        .unwrap();
    assert_eq!(events(&h, &newer).await.0, 200);
}

#[tokio::test]
async fn a_claim_that_waits_is_answered_when_its_connector_is_shut_out() {
    let h = House::build().await;
    let caller = Caller::Connector {
        id: h.desk.connector,
        office: h.desk.office,
    };
    let bearer = format!("Bearer {}", h.connector);
    let body = json!({"request_id": "r", "max": 1, "wait_seconds": 55}).to_string();
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let claim = h.send("POST", "/api/v1/claim", &headers, &body);
    let shut = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        h.desk.engine.revoke(caller).await.unwrap();
    };
    let (answer, ()) = timeout(WITHIN, async { tokio::join!(claim, shut) })
        .await
        .expect("answered");
    assert_eq!(answer.0, 401);
}

#[tokio::test]
async fn one_holder_has_so_many_streams_and_a_closed_one_makes_room() {
    let h = House::build().await;
    let cookie = format!("nw_session={}", h.support);
    let desk = || open(&h, "/api/desk/live?office=gent", ("cookie", &cookie));
    let mut held = vec![];
    for _ in 0..10 {
        let (status, headers, body) = desk().await;
        assert_eq!(status, 200);
        assert_eq!(headers["x-accel-buffering"], "no", "nginx passes each piece on");
        held.push(body);
    }
    let (status, headers, _) = desk().await;
    assert_eq!(status, 429);
    assert!(headers.contains_key("retry-after"));
    assert_eq!(events(&h, &h.integration).await.0, 200, "another's are another's");
    held.pop();
    assert_eq!(desk().await.0, 200);
}

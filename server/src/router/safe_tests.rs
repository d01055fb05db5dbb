//! No answer goes out without what keeps a browser safe: every route, with each status that it can be made to say.

use super::tests::House;
use crate::address::CALLS;
use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use std::collections::BTreeSet;
use tower::ServiceExt;

/// What is asked: method, address, headers, body.
type Asked<'a> = (&'a str, String, Vec<(&'a str, &'a str)>, String);

async fn answer(h: &House, (method, path, headers, body): &Asked<'_>) -> (StatusCode, HeaderMap) {
    let mut request = Request::builder().method(*method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.clone())).unwrap();
    let answer = h.app.clone().oneshot(request).await.unwrap();
    (answer.status(), answer.headers().clone())
}

#[tokio::test]
async fn every_answer_of_every_route_is_safe_in_a_browser() {
    let h = House::build().await;
    let cookie = format!("nw_session={}", h.support);
    let (connector, integration) = (
        format!("Bearer {}", h.connector),
        format!("Bearer {}", h.integration),
    );
    let json = ("content-type", "application/json");
    let signed_in = ("cookie", cookie.as_str());
    let mut asked: Vec<Asked> = vec![];
    for path in [
        "/sign-in",
        "/sign-in/nws_AAAA",
        "/forgot",
        "/o/gent/tasks",
        "/o/nowhere/tasks",
        "/forms/gent/intake",
        "/no-such-page",
        "/pkg/nachtwacht.css",
        "/pkg/none.js",
        "/health/live",
        "/health/ready",
        "/api/desk/live?office=gent",
        "/api/desk/live?office=nowhere",
        "/api/desk/live",
        "/api/desk/export/tasks.csv?office=gent",
        "/api/desk/export/none.csv?office=gent",
        "/api/desk/jobs-export?office=gent",
        "/api/desk/request-file/gent/1/1",
        "/api/nothing",
    ] {
        for headers in [vec![], vec![signed_in]] {
            for method in ["GET", "HEAD", "POST", "DELETE", "OPTIONS"] {
                asked.push((method, path.into(), headers.clone(), String::new()));
            }
        }
    }
    for (call, ..) in CALLS {
        let path = format!("/api/v1/{call}");
        for bearer in ["", "Bearer nwc_x", &connector, &integration] {
            for body in ["{}", "{"] {
                let headers = vec![json, ("authorization", bearer)];
                asked.push(("POST", path.clone(), headers, body.into()));
            }
            asked.push((
                "GET",
                path.clone(),
                vec![("authorization", bearer)],
                String::new(),
            ));
        }
    }
    let forged = vec![signed_in, json, ("sec-fetch-site", "cross-site")];
    asked.push(("POST", "/api/desk/who".into(), forged, "{}".into()));
    let large = vec![json, ("authorization", integration.as_str())];
    asked.push(("POST", "/api/v1/deliver".into(), large, "x".repeat(1 << 21)));
    asked.push(("POST", "/forms/gent/intake/send".into(), vec![], "x".into()));
    let page = vec![
        ("accept", "text/html"),
        ("content-type", "multipart/form-data; boundary=x"),
    ];
    asked.push(("POST", "/forms/gent/intake/send".into(), page, "x".into()));

    let mut seen = BTreeSet::new();
    for one in &asked {
        let (status, headers) = answer(&h, one).await;
        seen.insert(status.as_u16());
        let what = format!("{status} of {} {} {:?}", one.0, one.1, one.2);
        let says = |name: &str| {
            let value = headers.get(name).unwrap_or_else(|| panic!("{name}: {what}"));
            value.to_str().unwrap().to_owned()
        };
        assert_eq!(says("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(says("x-frame-options"), "DENY", "{what}");
        assert_eq!(says("referrer-policy"), "same-origin", "{what}");
        assert_eq!(says("cross-origin-opener-policy"), "same-origin", "{what}");
        assert_eq!(says("cross-origin-resource-policy"), "same-origin", "{what}");
        assert!(says("permissions-policy").contains("camera=()"), "{what}");
        let kept = says("cache-control");
        assert!(
            kept.contains("no-store") || kept.contains("no-cache"),
            "{kept}: {what}"
        );
        let policy = says("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'") || policy.contains("sandbox"),
            "{policy}: {what}"
        );
        let is_page = headers
            .get("content-type")
            .is_some_and(|v| v.as_bytes().starts_with(b"text/html"));
        if !is_page {
            assert!(policy.contains("default-src 'none'"), "{policy}: {what}");
        }
        assert!(!headers.contains_key("strict-transport-security"), "{what}");
    }
    for status in [200, 400, 401, 403, 404, 405, 413, 422] {
        assert!(seen.contains(&status), "{status} of {seen:?}");
    }
}

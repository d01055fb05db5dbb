//! The gate: every request passes here first. Who may call which door of the API, forged requests, size.

use crate::router::Reach;
use app::ssr::problem_headers;
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Caller, Refusal, refusal::Problem, wire::MAX_BODY};

/// Who may call a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Everybody: the door has a lock of its own.
    Open,
    /// Connectors.
    Connector,
    /// Integrations.
    Integration,
}

/// The doors of the API, by the name of the call.
pub const DOORS: [(&str, Door); 11] = [
    ("openapi.json", Door::Open),
    ("enrol", Door::Open),
    ("hello", Door::Connector),
    ("claim", Door::Connector),
    ("extend", Door::Connector),
    ("report", Door::Connector),
    ("drain", Door::Connector),
    ("deliver", Door::Integration),
    ("task", Door::Integration),
    ("cancel", Door::Integration),
    ("events", Door::Integration),
];

/// Lets a request through, or answers it.
pub async fn gate(State(state): State<Reach>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let passed = match path.strip_prefix("/api/v1/") {
        Some(call) => may_call(&state, call, request.headers()),
        None if path.starts_with("/api/") => from_our_page(&request),
        None => Ok(()),
    };
    if let Err(refusal) = passed {
        return problem(&refusal);
    }
    let request = match measured(request).await {
        Ok(request) => request,
        Err(refusal) => return problem(&refusal),
    };
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    answer
}

fn may_call(state: &Reach, call: &str, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some((_, door)) = DOORS.iter().find(|(name, _)| *name == call) else {
        return Err(Refusal::NotFound);
    };
    if *door == Door::Open {
        return Ok(());
    }
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "));
    let caller = state
        .engine
        .caller(bearer.unwrap_or_default().trim())
        .map_err(|e| e.refusal())?;
    match (door, caller) {
        (Door::Connector, Caller::Integration { .. }) => {
            Err(Refusal::Forbidden("This call is for connectors.".into()))
        }
        (Door::Integration, Caller::Connector { .. }) => {
            Err(Refusal::Forbidden("This call is for integrations.".into()))
        }
        _ => Ok(()),
    }
}

/// A change must come from a page of ours: cookies are sent along with forged requests too.
fn from_our_page(request: &Request) -> Result<(), Refusal> {
    if request.method() == Method::GET || request.method() == Method::HEAD {
        return Ok(());
    }
    let text = |name| {
        request
            .headers()
            .get(name)
            .and_then(|v: &HeaderValue| v.to_str().ok())
    };
    let ours = match (text("sec-fetch-site"), text("origin"), text("host")) {
        (Some(site), ..) => matches!(site, "same-origin" | "none"),
        (None, Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, o)| o == host),
        // no browser sends neither: a script with a session of its own
        (None, None, _) => true,
        _ => false,
    };
    if ours {
        Ok(())
    } else {
        Err(Refusal::Forbidden("This request came from another site.".into()))
    }
}

/// Reads the body of a call, up to the limit, and makes sure that the answer is JSON.
async fn measured(request: Request) -> Result<Request, Refusal> {
    if request.method() != Method::POST || !request.uri().path().starts_with("/api/") {
        return Ok(request);
    }
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.map_err(|_| Refusal::TooLarge)?;
    if parts.uri.path().starts_with("/api/v1/") {
        // a caller that asks for HTML would be answered by a redirect
        parts
            .headers
            .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        parts.headers.remove(header::REFERER);
    }
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// A refusal as an HTTP answer.
pub fn problem(refusal: &Refusal) -> Response {
    answer(&refusal.problem())
}

/// 405 for a method that an address does not know.
pub fn wrong_method() -> Response {
    answer(&Problem {
        r#type: "about:blank".into(),
        title: "Method not allowed".into(),
        status: 405,
        detail: "This address is called by another method; every call but the event stream is POST.".into(),
        code: "method_not_allowed".into(),
        errors: vec![],
        clash: None,
    })
}

fn answer(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_string(problem).unwrap_or_default();
    let mut answer = (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
    answer.headers_mut().extend(problem_headers(problem));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(&str, &str)]) -> bool {
        let mut request = axum::http::Request::builder()
            .method("POST")
            .uri("/api/desk/restart");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        from_our_page(&request.body(Body::empty()).expect("a request")).is_ok()
    }

    #[test]
    fn forged_requests_are_refused() {
        assert!(asked(&[("sec-fetch-site", "same-origin")]));
        assert!(asked(&[
            ("origin", "https://desk.example"),
            ("host", "desk.example")
        ]));
        assert!(!asked(&[("sec-fetch-site", "cross-site")]));
        assert!(!asked(&[("sec-fetch-site", "same-site")]));
        assert!(!asked(&[
            ("origin", "https://evil.example"),
            ("host", "desk.example")
        ]));
        assert!(!asked(&[("origin", "null"), ("host", "desk.example")]));
    }
}

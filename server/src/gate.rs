//! The gate: every request passes here first. Who may call which door of the API, forged requests, size, and whether a
//! downtime has closed the door (`domain::downtime`, the truth table).

use crate::router::Reach;
use app::ssr::{maintenance, problem_headers, viewer_of};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{
    Caller, OfficeId, Refusal, Viewer,
    downtime::{Door, Phase, Verdict, Who},
    refusal::Problem,
    wire::MAX_BODY,
};
use engine::{
    Engine,
    downtime::{AtDoor, at_door, out_of_service},
};

/// Who may make a call of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callers {
    /// Everybody: the call has a lock of its own.
    Open,
    /// Connectors.
    Connector,
    /// Integrations.
    Integration,
}

/// The calls of the API: the name, who may call it, and the door that it is to a downtime.
pub const CALLS: [(&str, Callers, Door); 11] = [
    ("openapi.json", Callers::Open, Door::File),
    ("enrol", Callers::Open, Door::Greeting),
    ("hello", Callers::Connector, Door::Greeting),
    ("claim", Callers::Connector, Door::Claim),
    ("extend", Callers::Connector, Door::Report),
    ("report", Callers::Connector, Door::Report),
    ("drain", Callers::Connector, Door::Greeting),
    ("deliver", Callers::Integration, Door::Delivery),
    ("task", Callers::Integration, Door::Delivery),
    ("cancel", Callers::Integration, Door::Delivery),
    ("events", Callers::Integration, Door::Stream),
];

/// The door that an address is.
pub fn door(path: &str) -> Door {
    let call = path.strip_prefix("/api/v1/");
    let known = call.and_then(|call| CALLS.iter().find(|(name, ..)| *name == call));
    known.map_or_else(|| door_of(path), |(_, _, door)| *door)
}

/// The door that an address is, of those outside the API.
fn door_of(path: &str) -> Door {
    let begins = |with: &[&str]| with.iter().any(|w| path.starts_with(w));
    match path {
        "/api/desk/sign_in" | "/api/desk/sign_out" | "/sign-in" => Door::SignIn,
        "/api/desk/use_link"
        | "/api/desk/look_at_link"
        | "/api/desk/first_admin"
        | "/api/desk/ask_reset"
        | "/forgot" => Door::Activation,
        "/api/desk/live" => Door::Stream,
        _ if begins(&["/health/"]) => Door::Health,
        _ if begins(&["/pkg/", "/fonts/", "/favicon", "/robots.txt"]) => Door::File,
        _ if begins(&["/sign-in/", "/first-admin/"]) => Door::Activation,
        _ if begins(&["/forms/", "/api/desk/public/"]) => Door::PublicForm,
        _ if begins(&["/api/"]) => Door::Call,
        _ => Door::Page,
    }
}

/// Lets a request through, or answers it.
pub async fn gate(State(state): State<Reach>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let passed = match path.strip_prefix("/api/v1/") {
        Some(call) => may_call(&state, call, request.headers()),
        None if path.starts_with("/api/") => from_our_page(&request).map(|()| None),
        None => Ok(None),
    };
    let at = match passed {
        Ok(at) => at,
        Err(refusal) => return problem(&refusal),
    };
    let request = match measured(request).await {
        Ok(request) => request,
        Err(refusal) => return problem(&refusal),
    };
    let mut answer = through(&state, at, request, next).await;
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

/// Past the downtime: lets the request go on, or answers it. Without one planned nothing is looked up.
async fn through(state: &Reach, at: Option<AtDoor>, request: Request, next: Next) -> Response {
    let engine = &state.engine;
    let planned = engine.downtimes();
    if planned.is_empty() {
        return next.run(request).await;
    }
    let door = door_of(request.uri().path());
    let (parts, body) = request.into_parts();
    let mut viewer = None;
    let at = match at {
        Some(at) => at,
        None if matches!(door, Door::Page | Door::Call | Door::Stream) => {
            viewer = match viewer_of(&parts, engine).await {
                Ok(viewer) => viewer,
                // the desk cannot say who it is: closed is closed
                Err(_) if door == Door::Page => {
                    match planned.iter().find(|d| d.phase(engine.now()) == Phase::Closed) {
                        Some(closed) => return maintenance::page(engine, &parts, None, closed),
                        None => None,
                    }
                }
                // nor can it say who would be let in
                Err(_) => return problem(&Refusal::StorageUnavailable),
            };
            person_at(viewer.as_ref(), door)
        }
        None => person_at(None, door),
    };
    let request = Request::from_parts(parts.clone(), body);
    match engine.verdict(at) {
        (Verdict::Pass | Verdict::Warn | Verdict::Wait, _) | (_, None) => {
            at_door(at, next.run(request)).await
        }
        (Verdict::MaintenancePage, Some(closed)) => {
            maintenance::page(engine, &parts, viewer.as_ref(), &closed)
        }
        (Verdict::Problem, Some(closed)) => problem(&out_of_service(&closed, engine.now())),
    }
}

/// A person, or nobody, at a door.
fn person_at(viewer: Option<&Viewer>, door: Door) -> AtDoor {
    AtDoor {
        who: viewer.map_or(Who::Nobody, |v| v.role.into()),
        door,
        office: viewer.and_then(|v| v.office),
    }
}

/// An integration at a door.
pub fn integration_at(engine: &Engine, id: i64, office: OfficeId, door: Door) -> AtDoor {
    AtDoor {
        who: if engine.is_exempt(id) {
            Who::ExemptIntegration
        } else {
            Who::OtherIntegration
        },
        door,
        office: Some(office),
    }
}

/// Whether this call is for whoever makes it, and by which door they come; none for a call that is for everybody.
fn may_call(state: &Reach, call: &str, headers: &HeaderMap) -> Result<Option<AtDoor>, Refusal> {
    let Some((_, callers, door)) = CALLS.iter().find(|(name, ..)| *name == call) else {
        return Err(Refusal::NotFound);
    };
    if *callers == Callers::Open {
        return Ok(Some(person_at(None, *door)));
    }
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "));
    let caller = state
        .engine
        .caller(bearer.unwrap_or_default().trim())
        .map_err(|e| e.refusal())?;
    match (callers, caller) {
        (Callers::Connector, Caller::Integration { .. }) => {
            Err(Refusal::Forbidden("This call is for connectors.".into()))
        }
        (Callers::Integration, Caller::Connector { .. }) => {
            Err(Refusal::Forbidden("This call is for integrations.".into()))
        }
        (_, Caller::Connector { office, .. }) => Ok(Some(AtDoor {
            who: Who::Connector,
            door: *door,
            office: Some(office),
        })),
        (_, Caller::Integration { id, office }) => Ok(Some(integration_at(&state.engine, id, office, *door))),
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
        since: None,
        retry_after: None,
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

//! The gate: every request passes here first. Who may call which door of the API, forged requests, size, and whether a
//! downtime has closed the door (`domain::downtime`, the truth table).

use crate::{
    address::{Callers, door_of, is_file, known},
    admission::Admission,
    body,
    caller::{bearer, integration_at, person_at},
    client::PublicHost,
    problem::problem,
    reach::Reach,
    uploads::SMALL,
};
use app::ssr::{maintenance, viewer_of};
use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use domain::{
    Caller, ClientAddress, NotAllowed, Refusal,
    downtime::{Door, Phase, Verdict, Who},
    wire::MAX_BODY,
};
use engine::downtime::{AtDoor, at_door, out_of_service};
use std::pin::pin;

/// Lets a request through, or answers it.
pub async fn gate(state: Reach, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let passed = match path.strip_prefix("/api/v1/") {
        Some(call) => may_call(&state, call, &request),
        None => may_ask(&state, &request).map(|()| None),
    };
    let pass = match passed {
        Ok(pass) => pass,
        Err(refusal) => return problem(&refusal),
    };
    let request = match for_somebody(&state, request).await {
        Ok(request) => request,
        Err(refusal) => return problem(&refusal),
    };
    let request = match measured(request).await {
        Ok(request) => request,
        Err(refusal) => return problem(&refusal),
    };
    let at = pass.as_ref().map(|(at, _)| *at);
    let answer = through(&state, at, request, next);
    match pass {
        Some((_, Some(admission))) => while_admitted(admission, answer).await,
        _ => answer.await,
    }
}

/// An answer that may be long in coming, as long as its caller may wait for it.
async fn while_admitted(mut admission: Admission, answer: impl Future<Output = Response>) -> Response {
    let mut answer = pin!(answer);
    loop {
        tokio::select! {
            answer = &mut answer => return answer,
            _ = admission.due() => {
                // a downtime answers a claim in its own way
                if !admission.is_known() {
                    return problem(&Refusal::Unauthenticated);
                }
            }
        }
    }
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
            viewer = match viewer_of(&parts, &state.desk).await {
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

fn client(request: &Request) -> ClientAddress {
    let named = request.extensions().get::<ClientAddress>();
    named.copied().unwrap_or_default()
}

/// Whether a page, or a call of one, may be asked for.
fn may_ask(state: &Reach, request: &Request) -> Result<(), Refusal> {
    let path = request.uri().path();
    if matches!(door_of(path), Door::File | Door::Health) {
        return Ok(());
    }
    state.rates.of_client(client(request))?;
    if path.starts_with("/api/") {
        from_our_page(request)?;
    }
    Ok(())
}

/// Whether this call is for whoever makes it, by which door they come, and what lets them wait for an answer.
fn may_call(
    state: &Reach,
    call: &str,
    request: &Request,
) -> Result<Option<(AtDoor, Option<Admission>)>, Refusal> {
    let Some((_, callers, door)) = known(call) else {
        state.rates.of_client(client(request))?;
        return Err(Refusal::NotFound);
    };
    if *callers == Callers::Open {
        state.rates.of_client(client(request))?;
        return Ok(Some((person_at(None, *door), None)));
    }
    let token = bearer(request.headers());
    // only who waits has to hear of a token that is withdrawn meanwhile
    let known = match *door {
        Door::Claim => state.engine.pass(token).map(|pass| (pass.caller, Some(pass))),
        _ => state.engine.caller(token).map(|caller| (caller, None)),
    };
    let (caller, pass) = match known {
        Ok(known) => known,
        Err(e) => {
            state.rates.of_client(client(request))?;
            return Err(e.refusal());
        }
    };
    state.rates.of_token(caller)?;
    let at = called(state, *callers, caller, *door)?;
    let admission = pass.map(|pass| Admission::of_program(state.engine.clone(), pass, *door));
    Ok(Some((at, admission)))
}

/// By which door a program comes that calls.
fn called(state: &Reach, callers: Callers, caller: Caller, door: Door) -> Result<AtDoor, Refusal> {
    match (callers, caller) {
        (Callers::Connector, Caller::Integration { .. }) => {
            Err(Refusal::Forbidden(NotAllowed::ForConnectors))
        }
        (Callers::Integration, Caller::Connector { .. }) => {
            Err(Refusal::Forbidden(NotAllowed::ForIntegrations))
        }
        (_, Caller::Connector { office, .. }) => Ok(AtDoor {
            who: Who::Connector,
            door,
            office: Some(office),
        }),
        (_, Caller::Integration { id, office }) => Ok(integration_at(&state.engine, id, office, door)),
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
        (None, Some(origin), host) => {
            let from = origin.split_once("://").map_or("", |(_, from)| from);
            // a proxy may ask by another name than it was asked by
            let public = request.extensions().get::<PublicHost>();
            host == Some(from) || public.is_some_and(|p| p.0 == from)
        }
        // no browser sends neither: a script with a session of its own
        (None, None, _) => true,
    };
    if ours {
        Ok(())
    } else {
        Err(Refusal::Forbidden(NotAllowed::FromElsewhere))
    }
}

/// What is large is read for somebody who has signed in only: it lies in memory until it is whole.
async fn for_somebody(state: &Reach, request: Request) -> Result<Request, Refusal> {
    let small = request.body().size_hint().upper().is_some_and(|n| n <= SMALL);
    let path = request.uri().path();
    if small || is_file(path) || !path.starts_with("/api/") || path.starts_with("/api/v1/") {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    match viewer_of(&parts, &state.desk).await {
        Ok(Some(_)) => Ok(Request::from_parts(parts, body)),
        Ok(None) => Err(Refusal::Unauthenticated),
        Err(_) => Err(Refusal::StorageUnavailable),
    }
}

/// Reads the body of a call, up to the limit, and makes sure that the answer is JSON.
async fn measured(request: Request) -> Result<Request, Refusal> {
    let path = request.uri().path();
    if request.method() != Method::POST || !path.starts_with("/api/") || is_file(path) {
        return Ok(request);
    }
    // what anybody may call is short
    let open = path
        .strip_prefix("/api/v1/")
        .and_then(known)
        .is_some_and(|(_, callers, _)| *callers == Callers::Open);
    let most = if open { SMALL as usize } else { MAX_BODY };
    let (mut parts, body) = request.into_parts();
    let body = body::read(body, most).await?;
    if parts.uri.path().starts_with("/api/v1/") {
        // a caller that asks for HTML would be answered by a redirect
        parts
            .headers
            .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        parts.headers.remove(header::REFERER);
    }
    Ok(Request::from_parts(parts, Body::from(body)))
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
        // an older browser behind a proxy that asks by a name of its own
        let by_proxy = [("origin", "https://desk.example"), ("host", "127.0.0.1:3100")];
        assert!(!asked(&by_proxy));
        let mut request = axum::http::Request::post("/api/desk/sign_in")
            .header("origin", "https://desk.example")
            .header("host", "127.0.0.1:3100")
            .body(Body::empty())
            .expect("a request");
        request.extensions_mut().insert(PublicHost("desk.example".into()));
        assert!(from_our_page(&request).is_ok());
    }
}

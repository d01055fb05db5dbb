//! What is refused, as an answer of HTTP.

use app::ssr::problem_headers;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Refusal, refusal::Problem};

/// A refusal as an HTTP answer.
pub fn problem(refusal: &Refusal) -> Response {
    let told = refusal.problem();
    answer(&told, &told.clone().for_programs())
}

/// The same for a form of the desk's own pages, which say it in the reader's words.
pub fn problem_of_form(refusal: &Refusal) -> Response {
    let told = refusal.problem();
    answer(&told, &told)
}

/// 405 for a method that an address does not know.
pub fn wrong_method() -> Response {
    of_http(
        405,
        "Method not allowed",
        "method_not_allowed",
        "This address is called by another method; every call but the event stream is POST.",
    )
}

/// 400 for a request of HTTP/1.1 without a host, or with two.
pub fn no_host() -> Response {
    of_http(
        400,
        "Bad request",
        "malformed",
        "Say to which host you speak: send Host, once.",
    )
}

/// 408 for a body that does not come.
pub fn too_slow() -> Response {
    of_http(
        408,
        "Request timeout",
        "request_timeout",
        "The body came too slowly. Nothing was done.",
    )
}

/// What HTTP itself refuses.
fn of_http(status: u16, title: &str, code: &str, detail: &str) -> Response {
    let told = Problem {
        r#type: "about:blank".into(),
        title: title.into(),
        status,
        detail: detail.into(),
        code: code.into(),
        errors: vec![],
        not_now: None,
        clash: None,
        since: None,
        retry_after: None,
    };
    answer(&told, &told)
}

/// The headers of a problem, and the document that says it.
fn answer(problem: &Problem, document: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_string(document).unwrap_or_default();
    let mut answer = (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
    answer.headers_mut().extend(problem_headers(problem));
    answer
}

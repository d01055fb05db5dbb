//! What a sender without scripts sees whose form was refused (D11).

use super::maintenance::{escape, reads};
use crate::i18n::td_string;
use crate::{api::ApiError, pages::refusals::error_in};
use axum::{
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::Refusal;

/// What is wrong, and the way back, where what was typed still stands.
pub fn page(parts: &Parts, refusal: Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let reads = reads(parts, None).unwrap_or_default();
    let l = reads;
    let said = escape(&error_in(l, &ApiError::from(refusal)));
    let (title, back) = (
        td_string!(l, requests.not_sent),
        td_string!(l, requests.not_sent_back),
    );
    let lang = reads.tag();
    let html = format!(
        "<!doctype html><html lang=\"{lang}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} · Nachtwacht</title><h1>{title}</h1><p>{said}</p><p>{back}</p></html>"
    );
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

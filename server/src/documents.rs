//! `PUT /api/v1/documents` and `GET /api/v1/documents/{id}`: documents that are too large for a payload, or no text. They
//! go through in parts: nobody's memory holds a whole one.

use crate::{download::attached, problem::problem, reach::Reach};
use app::ssr::viewer_of;
use axum::{
    body::{Body, Bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{
    Caller, NotAllowed, OfficeId, Refusal, document::MOST_DOCUMENT, request::file_name, wire::DocumentAnswer,
};
use engine::{
    Engine,
    tasks::document::{Delivered, Outgoing},
};
use futures::{StreamExt, stream};
use std::sync::Arc;

/// Takes a document in.
pub async fn put(State(reach): State<Reach>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match take(&reach.engine, &parts.headers, body).await {
        Ok(answer) => (StatusCode::OK, axum::Json(answer)).into_response(),
        Err(refusal) => problem(&refusal),
    }
}

async fn take(engine: &Engine, headers: &HeaderMap, body: Body) -> Result<DocumentAnswer, Refusal> {
    let Caller::Integration { office, .. } = caller(engine, headers)? else {
        return Err(Refusal::Forbidden(NotAllowed::ForIntegrations));
    };
    let mut body = body.into_data_stream();
    let begun = match length(headers) {
        Some(length) if length <= MOST_DOCUMENT => engine.begin_document(office, length, kind(headers)).await,
        Some(_) => Err(Refusal::DocumentTooLarge.into()),
        None => Err(Refusal::LengthRequired.into()),
    };
    let mut document = begun.map_err(|e| e.refusal())?;
    loop {
        let came = match body.next().await {
            Some(Ok(bytes)) => engine.go_on(&mut document, &bytes).await,
            Some(Err(e)) => Err(Refusal::Malformed(e.to_string()).into()),
            None => return engine.finish_document(document).await.map_err(|e| e.refusal()),
        };
        if let Err(e) = came {
            engine.forget_document(document).await;
            return Err(e.refusal());
        }
    }
}

fn length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn kind(headers: &HeaderMap) -> &str {
    let said = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    said.unwrap_or("application/octet-stream")
}

/// Hands a document out to the connector that has the lease of a task about it.
pub async fn get(State(reach): State<Reach>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let found = async {
        let Caller::Connector {
            id: connector,
            office,
        } = caller(&reach.engine, &headers)?
        else {
            return Err(Refusal::Forbidden(NotAllowed::ForConnectors));
        };
        find(&reach.engine, office, connector, &id).await
    };
    match found.await {
        Ok(document) => answer(reach.engine.clone(), document),
        Err(refusal) => problem(&refusal),
    }
}

async fn find(engine: &Engine, office: OfficeId, connector: i64, id: &str) -> Result<Outgoing, Refusal> {
    engine
        .document_for(office, connector, id)
        .await
        .map_err(|e| e.refusal())
}

/// The document of a task, to be kept and not to be run, for those of the office who may see the task.
pub async fn of_task(
    State(reach): State<Reach>,
    Path((office, task)): Path<(String, String)>,
    parts: Parts,
) -> Response {
    let found = async {
        let viewer = viewer_of(&parts, &reach.desk)
            .await
            .map_err(|_| Refusal::StorageUnavailable)?
            .ok_or(Refusal::Unauthenticated)?;
        let task = task.parse().map_err(|()| Refusal::NotFound)?;
        let office = reach
            .engine
            .office(&viewer, &office)
            .await
            .map_err(|e| e.refusal())?;
        let document = reach.engine.document_of(&viewer, office.id, task).await;
        document.map_err(|e| e.refusal())
    };
    let (name, mut given) = match found.await {
        Ok((name, Delivered::Beside(document))) => (name, answer(reach.engine.clone(), document)),
        Ok((name, Delivered::Inside(bytes, kind))) => {
            let mut answer = bytes.into_response();
            let kind = HeaderValue::from_str(&kind);
            let any = HeaderValue::from_static("application/octet-stream");
            answer
                .headers_mut()
                .insert(header::CONTENT_TYPE, kind.unwrap_or(any));
            (name, answer)
        }
        Err(refusal) => return problem(&refusal),
    };
    let headers = given.headers_mut();
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let named = attached(&file_name(&name, kind));
    headers.insert(header::CONTENT_DISPOSITION, named);
    let nothing_runs = HeaderValue::from_static("default-src 'none'; sandbox");
    headers.insert(header::CONTENT_SECURITY_POLICY, nothing_runs);
    given
}

/// A document as an answer, part by part.
fn answer(engine: Arc<Engine>, document: Outgoing) -> Response {
    let kind = HeaderValue::from_str(&document.kind);
    let length = document.bytes;
    let parts = stream::unfold((engine, document, 0), |(engine, document, n)| async move {
        match engine.part(&document, n).await {
            Ok(Some(part)) => Some((Ok(Bytes::from(part)), (engine, document, n + 1))),
            Ok(None) => None,
            // the length says that something is missing
            Err(e) => Some((Err(std::io::Error::other(e.to_string())), (engine, document, n))),
        }
    });
    let mut answer = Body::from_stream(parts).into_response();
    let headers = answer.headers_mut();
    let any = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, kind.unwrap_or(any));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    answer
}

fn caller(engine: &Engine, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "));
    engine
        .caller(bearer.unwrap_or_default().trim())
        .map_err(|e| e.refusal())
}

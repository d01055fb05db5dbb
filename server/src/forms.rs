//! Public forms as they are sent, with their files; and the files as staff fetch them (D11).

use crate::{gate, router::Reach};
use app::ssr::{not_sent, viewer_of};
use axum::{
    extract::{FromRequest, Multipart, Path, Request, State},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Language, Refusal,
    request::{MOST_BYTES, MOST_FILES, MOST_FORM, NewFile, NewRequest, RequestKind},
};
use futures::StreamExt;
use std::collections::HashMap;

/// Takes a form in. A page with scripts gets JSON; one without is led on.
pub async fn send(
    State(reach): State<Reach>,
    Path((office, kind)): Path<(String, String)>,
    request: Request,
) -> Response {
    let wants_page = wants_page(request.headers());
    let (parts, body) = request.into_parts();
    let request = Request::from_parts(parts.clone(), body);
    let sent = match RequestKind::from_key(&kind) {
        Some(kind) => match read(request, &reach).await {
            Ok(new) => reach
                .engine
                .send_request(&office, kind, new)
                .await
                .map_err(|e| e.refusal()),
            Err(refusal) => Err(refusal),
        },
        None => Err(Refusal::NotFound),
    };
    match sent {
        Ok(id) if wants_page => Redirect::to(&format!("/forms/{office}/{kind}?sent={id}")).into_response(),
        Ok(id) => axum::Json(serde_json::json!({ "id": id })).into_response(),
        Err(refusal) if wants_page => not_sent::page(&parts, refusal),
        Err(refusal) => gate::problem(&refusal),
    }
}

fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok());
    accept.is_some_and(|a| a.contains("text/html"))
}

/// A form as it came: its fields, and the files of the field `files`.
struct Form {
    fields: HashMap<String, String>,
    files: Vec<NewFile>,
}

impl Form {
    /// Reads it, up to the limits.
    async fn read(request: Request, reach: &Reach) -> Result<Self, Refusal> {
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
        if length.is_some_and(|n: usize| n > MOST_FORM) {
            drain(request).await;
            return Err(Refusal::TooLarge);
        }
        let malformed = |e: &dyn std::fmt::Display| Refusal::Malformed(e.to_string());
        let mut form = Multipart::from_request(request, reach)
            .await
            .map_err(|e| malformed(&e))?;
        let (mut fields, mut files) = (HashMap::new(), vec![]);
        let mut left = MOST_FORM;
        while let Some(mut field) = form.next_field().await.map_err(|e| malformed(&e))? {
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().map(ToOwned::to_owned);
            let mut bytes = vec![];
            while let Some(chunk) = field.chunk().await.map_err(|e| malformed(&e))? {
                left = left.checked_sub(chunk.len()).ok_or(Refusal::TooLarge)?;
                bytes.extend_from_slice(&chunk);
            }
            match file {
                // a field of files in which nothing was chosen
                Some(file) if file.is_empty() && bytes.is_empty() => {}
                // one more than allowed says that there are too many
                Some(file) if name == "files" && files.len() <= MOST_FILES => {
                    bytes.truncate(MOST_BYTES + 1);
                    files.push(NewFile {
                        name: tidy(&file),
                        bytes,
                    });
                }
                Some(_) => {}
                None => {
                    let text = String::from_utf8(bytes).map_err(|e| malformed(&e))?;
                    fields.insert(name, text);
                }
            }
        }
        Ok(Self { fields, files })
    }

    fn text(&mut self, name: &str) -> String {
        self.fields.remove(name).unwrap_or_default()
    }
}

/// Lets what is too large come in, and forgets it: a browser that is still sending would not read the answer. Up to a
/// point: whoever sends more than that is no browser with a photograph.
async fn drain(request: Request) {
    let mut body = request.into_body().into_data_stream();
    let mut left = 8 * MOST_FORM;
    while let Some(Ok(chunk)) = body.next().await {
        match left.checked_sub(chunk.len()) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

/// A public form. What it does not have is passed over.
async fn read(request: Request, reach: &Reach) -> Result<NewRequest, Refusal> {
    let cookies = request
        .headers()
        .get(header::COOKIE)
        .and_then(|v| v.to_str().ok());
    let language = cookies
        .and_then(|c| c.split(';').find_map(|p| p.trim().strip_prefix("nw_language=")))
        .and_then(Language::from_tag);
    let mut form = Form::read(request, reach).await?;
    Ok(NewRequest {
        name: form.text("name"),
        email: form.text("email"),
        phone: form.text("phone"),
        company: form.text("company"),
        number: form.text("number"),
        message: form.text("message"),
        trap: form.text("website"),
        files: form.files,
        language: language.unwrap_or_default(),
    })
}

/// A name that stays one: no folders, nothing that moves the cursor.
fn tidy(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .filter(|c| !domain::text::is_control(*c) && *c != '"')
        .take(100)
        .collect();
    if plain.trim().is_empty() {
        "file".into()
    } else {
        plain
    }
}

/// Takes a client's document in (the portal).
pub async fn hand_in(State(reach): State<Reach>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let wants_page = wants_page(&parts.headers);
    let viewer = match viewer_of(&parts, &reach.engine).await {
        Ok(Some(viewer)) => viewer,
        Ok(None) => return gate::problem(&Refusal::Unauthenticated),
        Err(_) => return gate::problem(&Refusal::StorageUnavailable),
    };
    let done = async {
        let mut form = Form::read(Request::from_parts(parts.clone(), body), &reach).await?;
        let file = form
            .files
            .pop()
            .ok_or_else(|| Refusal::field("files", "must not be empty"))?;
        if !form.files.is_empty() {
            return Err(Refusal::field("files", "must be one at a time"));
        }
        let dossier = form.text("dossier");
        let task = reach.engine.hand_in(&viewer, &dossier, file).await;
        task.map_err(|e| e.refusal())
    };
    match done.await {
        Ok(_) if wants_page => Redirect::to("/portal").into_response(),
        Ok(task) => axum::Json(serde_json::json!({ "task": task })).into_response(),
        Err(refusal) if wants_page => not_sent::page(&parts, refusal),
        Err(refusal) => gate::problem(&refusal),
    }
}

/// A file of a request, to be kept and not to be run.
pub async fn file(
    State(reach): State<Reach>,
    Path((office, id, n)): Path<(String, i64, i64)>,
    parts: Parts,
) -> Response {
    let found = async {
        let viewer = viewer_of(&parts, &reach.engine)
            .await
            .map_err(|_| Refusal::StorageUnavailable)?
            .ok_or(Refusal::Unauthenticated)?;
        let office = reach
            .engine
            .office(&viewer, &office)
            .await
            .map_err(|e| e.refusal())?;
        let file = reach.engine.request_file(&viewer, office.id, id, n).await;
        file.map_err(|e| e.refusal())
    };
    match found.await {
        Err(refusal) => gate::problem(&refusal),
        Ok((name, kind, bytes)) => {
            let plain: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
            let as_file = HeaderValue::from_str(&format!("attachment; filename=\"{plain}\""));
            let mut answer = bytes.into_response();
            let headers = answer.headers_mut();
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_str(&kind).unwrap_or(HeaderValue::from_static("application/octet-stream")),
            );
            headers.insert(
                header::CONTENT_DISPOSITION,
                as_file.unwrap_or(HeaderValue::from_static("attachment")),
            );
            headers.insert(
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static("default-src 'none'; sandbox"),
            );
            answer
        }
    }
}

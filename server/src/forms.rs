//! Public forms as they are sent, with their files; and the files as staff fetch them (D11).

use crate::{
    download::attached,
    problem::{problem, problem_of_form},
    reach::Reach,
    uploads::To,
};
use app::ssr::{not_sent, viewer_of};
use axum::{
    extract::{FromRequest, Multipart, Path, Request, State, multipart::MultipartError},
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    ClientAddress, Language, Refusal, Rule,
    request::{MOST_BYTES, MOST_FILES, MOST_FORM, NewFile, NewRequest, RequestKind, file_name},
};
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
    match take_in(&reach, &office, &kind, request).await {
        Ok(id) if wants_page => Redirect::to(&format!("/forms/{office}/{kind}?sent={id}")).into_response(),
        Ok(id) => axum::Json(serde_json::json!({ "id": id })).into_response(),
        Err(refusal) if wants_page => not_sent::page(&parts, refusal),
        Err(refusal) => problem_of_form(&refusal),
    }
}

async fn take_in(reach: &Reach, office: &str, kind: &str, request: Request) -> Result<i64, Refusal> {
    let kind = RequestKind::from_key(kind).ok_or(Refusal::NotFound)?;
    let client = client_of(request.extensions());
    // before anything of it is read
    let admitted = reach.engine.admit_form(office, client);
    let office = admitted.map_err(|e| e.refusal())?;
    let to = To::Office(office);
    let came = reach
        .uploads
        .read((client, to), request, async |r| read(r, reach).await)
        .await;
    if matches!(came, Err(Refusal::Busy(_))) {
        reach.engine.no_place_for_form(office);
    }
    let (new, _place) = came?;
    let sent = reach.engine.send_request(office, kind, new).await;
    sent.map_err(|e| e.refusal())
}

pub(crate) fn client_of(extensions: &Extensions) -> ClientAddress {
    extensions.get::<ClientAddress>().copied().unwrap_or_default()
}

/// A page without scripts asks for a page.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
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
        if length(&request).is_some_and(|n| n > MOST_FORM) {
            return Err(Refusal::TooLarge);
        }
        let mut form = Multipart::from_request(request, reach)
            .await
            .map_err(|e| Refusal::Malformed(e.to_string()))?;
        let (mut fields, mut files) = (HashMap::new(), vec![]);
        let mut left = MOST_FORM;
        while let Some(mut field) = form.next_field().await.map_err(|e| unread(&e))? {
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().map(ToOwned::to_owned);
            let mut bytes = vec![];
            while let Some(chunk) = field.chunk().await.map_err(|e| unread(&e))? {
                left = left.checked_sub(chunk.len()).ok_or(Refusal::TooLarge)?;
                bytes.extend_from_slice(&chunk);
            }
            match file {
                // a field of files in which nothing was chosen
                Some(file) if file.is_empty() && bytes.is_empty() => {}
                // one more than allowed says that there are too many
                Some(file) if name == "files" && files.len() <= MOST_FILES => {
                    bytes.truncate(MOST_BYTES + 1);
                    files.push(NewFile { name: file, bytes });
                }
                Some(_) => {}
                None => {
                    let text = String::from_utf8(bytes);
                    let text = text.map_err(|_| Refusal::rule(&name, Rule::NotUtf8))?;
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

/// Why a form could not be read to its end.
pub(crate) fn unread(e: &MultipartError) -> Refusal {
    if e.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Refusal::TooLarge
    } else {
        Refusal::Malformed(e.to_string())
    }
}

/// How many bytes a request says that it has.
fn length(request: &Request) -> Option<usize> {
    let said = request.headers().get(header::CONTENT_LENGTH)?;
    said.to_str().ok()?.parse().ok()
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

/// Takes a client's document in (the portal).
pub async fn hand_in(State(reach): State<Reach>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let wants_page = wants_page(&parts.headers);
    let viewer = match viewer_of(&parts, &reach.desk).await {
        Ok(Some(viewer)) => viewer,
        Ok(None) => return problem(&Refusal::Unauthenticated),
        Err(_) => return problem(&Refusal::StorageUnavailable),
    };
    let done = async {
        reach
            .engine
            .admit_hand_in(viewer.person)
            .map_err(|e| e.refusal())?;
        let sender = (client_of(&parts.extensions), To::Portals);
        let request = Request::from_parts(parts.clone(), body);
        let came = reach
            .uploads
            .read(sender, request, async |r| Form::read(r, &reach).await)
            .await;
        let (mut form, _place) = came?;
        let mut file = form
            .files
            .pop()
            .ok_or_else(|| Refusal::rule("files", Rule::Empty))?;
        file.name = file_name(&file.name, Some(file.kind().unwrap_or("application/xml")));
        if !form.files.is_empty() {
            return Err(Refusal::rule("files", Rule::OneAtATime));
        }
        let dossier = form.text("dossier");
        let task = reach.engine.hand_in(&viewer, &dossier, file).await;
        task.map_err(|e| e.refusal())
    };
    match done.await {
        Ok(task) if wants_page => Redirect::to(&format!("/portal?sent={task}")).into_response(),
        Ok(task) => axum::Json(serde_json::json!({ "task": task })).into_response(),
        Err(refusal) if wants_page => not_sent::page(&parts, refusal),
        Err(refusal) => problem_of_form(&refusal),
    }
}

/// A file of a request, to be kept and not to be run.
pub async fn file(
    State(reach): State<Reach>,
    Path((office, id, n)): Path<(String, i64, i64)>,
    parts: Parts,
) -> Response {
    let found = async {
        let viewer = viewer_of(&parts, &reach.desk)
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
        Err(refusal) => problem(&refusal),
        Ok((name, kind, bytes)) => {
            // those of before are called as their senders liked
            let name = file_name(&name, Some(&kind));
            let mut answer = bytes.into_response();
            let headers = answer.headers_mut();
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_str(&kind).unwrap_or(HeaderValue::from_static("application/octet-stream")),
            );
            headers.insert(header::CONTENT_DISPOSITION, attached(&name));
            headers.insert(
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static("default-src 'none'; sandbox"),
            );
            answer
        }
    }
}

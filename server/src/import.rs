//! A file of dossiers as it comes in (X1.3): too large for the calls of the pages, and no JSON.

use crate::{
    forms::{client_of, unread, wants_page},
    problem::problem_of_form,
    reach::Reach,
    uploads::To,
};
use app::ssr::{not_sent, viewer_of};
use axum::{
    body::Bytes,
    extract::{FromRequest, Multipart, Request, State},
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
};
use domain::{NotAllowed, Refusal, Rule};
use views::import::MOST_FILE;

/// With what a form says around it.
pub const MOST: usize = MOST_FILE + (64 << 10);

/// Reads a file of dossiers; gives its number. A page without scripts is led on.
pub async fn dossiers(State(reach): State<Reach>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let wants_page = wants_page(&parts.headers);
    let taken = take(&reach, &parts, Request::from_parts(parts.clone(), body)).await;
    match taken {
        Ok((office, id)) if wants_page => {
            Redirect::to(&format!("/o/{office}/clients/import?file={id}")).into_response()
        }
        Ok((_, id)) => axum::Json(serde_json::json!({ "id": id })).into_response(),
        Err(refusal) if wants_page => not_sent::page(&parts, refusal),
        Err(refusal) => problem_of_form(&refusal),
    }
}

async fn take(reach: &Reach, parts: &Parts, request: Request) -> Result<(String, i64), Refusal> {
    let viewer = viewer_of(parts, &reach.desk)
        .await
        .map_err(|_| Refusal::StorageUnavailable)?
        .ok_or(Refusal::Unauthenticated)?;
    if !viewer.runs_office() {
        return Err(Refusal::Forbidden(NotAllowed::RunningTheOffice));
    }
    let sender = (client_of(&parts.extensions), To::Portals);
    let came = reach
        .uploads
        .read(sender, request, async |r| read(r, reach).await)
        .await;
    let ((office, file), _place) = came?;
    let office = reach
        .engine
        .office(&viewer, &office)
        .await
        .map_err(|e| e.refusal())?;
    let (name, bytes) = file.ok_or_else(|| Refusal::rule("file", Rule::Empty))?;
    let read = reach
        .engine
        .read_import(&viewer, office.id, name, bytes.into())
        .await;
    Ok((office.code, read.map_err(|e| e.refusal())?))
}

/// The office's code, and the file with its name.
async fn read(request: Request, reach: &Reach) -> Result<(String, Option<(String, Bytes)>), Refusal> {
    let mut form = Multipart::from_request(request, reach)
        .await
        .map_err(|e| Refusal::Malformed(e.to_string()))?;
    let (mut office, mut file) = (String::new(), None);
    while let Some(field) = form.next_field().await.map_err(|e| unread(&e))? {
        match (
            field.name(),
            field.file_name().map(|n| domain::request::file_name(n, None)),
        ) {
            (Some("office"), None) => office = field.text().await.map_err(|e| unread(&e))?,
            (Some("file"), Some(name)) => {
                file = Some((name, field.bytes().await.map_err(|e| unread(&e))?));
            }
            _ => {}
        }
    }
    Ok((office, file))
}

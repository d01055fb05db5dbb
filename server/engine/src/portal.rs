//! The portal: people outside see how their own affairs do, and hand in documents, which become booking proposals.

use crate::{
    engine::Engine,
    error::{Error, Result},
    reading::Zone,
    secret,
    store::portal as rows,
};
use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use domain::{
    FieldError, OfficeId, Refusal, Role, TaskId, TaskState, Viewer,
    downtime::Notice,
    request::{NewFile, RequestState},
    view::portal::{Applied, Doing, Handed, MOST_DOCUMENT, PortalDossier, PortalPage},
    wire::NewTask,
};
use serde_json::json;

impl Engine {
    /// What somebody outside sees.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for those of the desk.
    pub async fn portal(&self, viewer: &Viewer) -> Result<PortalPage> {
        let office = outside(viewer)?;
        let card = self.card(office).ok_or(Refusal::NotFound)?;
        let zone = Zone::of(&card.zone);
        let (mut dossiers, mut handed, mut applied) = (vec![], vec![], vec![]);
        if viewer.role == Role::Client {
            for d in rows::dossiers(&self.readers, office, viewer.person).await? {
                let doing = match (d.stopped, d.open) {
                    (0, 0) => Doing::Fine,
                    (0, _) => Doing::Working,
                    _ => Doing::LookedAfter,
                };
                dossiers.push(PortalDossier {
                    code: d.code,
                    name: d.name,
                    doing,
                    done: d.done_at.map(|t| zone.moment(t)),
                });
            }
            for h in rows::handed(&self.readers, office, viewer.person).await? {
                handed.push(Handed {
                    task: TaskId(h.id),
                    file: h.subject.unwrap_or_default(),
                    dossier: h.name,
                    state: TaskState::from_number(h.state).unwrap_or(TaskState::Queued),
                    at: zone.moment(h.delivered_at),
                });
            }
        } else {
            for (id, state, at) in rows::applied(&self.readers, office, viewer.person).await? {
                applied.push(Applied {
                    id,
                    state: RequestState::from_key(&state).unwrap_or(RequestState::New),
                    at: zone.moment(at),
                });
            }
        }
        Ok(PortalPage {
            person: viewer.person,
            name: viewer.name.clone(),
            role: viewer.role,
            office: card.name,
            contact: card.contact,
            dossiers,
            handed,
            applied,
            now: zone.moment(self.now()),
        })
    }

    /// What somebody outside is shown of a downtime.
    ///
    /// # Errors
    /// As [`Engine::portal`].
    pub async fn portal_notice(&self, viewer: &Viewer) -> Result<Option<Notice>> {
        let office = outside(viewer)?;
        let card = self.card(office).ok_or(Refusal::NotFound)?;
        self.downtime_notice(viewer, office, &card.zone).await
    }

    /// Takes a document in for one of the client's dossiers; the same document again is the same booking proposal.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`] for a dossier that is not theirs, [`Refusal::Invalid`] for a file that
    /// is none, too large or of a type that is not taken.
    pub async fn hand_in(&self, viewer: &Viewer, dossier: &str, file: NewFile) -> Result<TaskId> {
        let office = outside(viewer)?;
        if viewer.role != Role::Client {
            return Err(Refusal::Forbidden("Only clients hand in documents.".into()).into());
        }
        let mine = rows::dossiers(&self.readers, office, viewer.person).await?;
        if mine.iter().all(|d| d.code != dossier) {
            return Err(Refusal::NotFound.into());
        }
        let payload = payload(&file)?;
        // by what is in it: a second click is no second booking
        let what = secret::fingerprint(&file.bytes);
        let key = format!("{} {dossier} {what}", rows::key(viewer.person));
        if let Some(task) = rows::by_key(&self.readers, office, &key).await? {
            return Ok(TaskId(task));
        }
        let task = NewTask {
            kind: "process_booking_proposal".into(),
            dossier: dossier.to_owned(),
            payload: Some(payload),
            subject: Some(file.name),
            after: None,
            idempotency_key: Some(key),
        };
        let answer = self.deliver(office, vec![task]).await?;
        let first = answer.tasks.first();
        first
            .map(|t| t.id)
            .ok_or_else(|| Error::Storage("nothing was delivered".into()))
    }
}

fn outside(viewer: &Viewer) -> Result<OfficeId> {
    let office = viewer.office.filter(|_| viewer.role.is_outside());
    office.ok_or_else(|| Refusal::Forbidden("This is for people outside the office.".into()).into())
}

/// What the connector gets: an invoice in XML as text, anything else as it is.
fn payload(file: &NewFile) -> Result<serde_json::Value> {
    let wrong = |message: &str| {
        Error::Refused(Refusal::Invalid(vec![FieldError {
            field: "files".into(),
            message: message.into(),
        }]))
    };
    if file.bytes.is_empty() {
        return Err(wrong("must not be empty"));
    }
    if file.bytes.len() > MOST_DOCUMENT {
        return Err(wrong("must be smaller than 700 kB"));
    }
    let text = std::str::from_utf8(&file.bytes).ok();
    if let Some(xml) = text.filter(|t| t.trim_start_matches('\u{feff}').trim_start().starts_with('<')) {
        return Ok(json!({"document": xml, "file_name": file.name}));
    }
    let kind = file
        .kind()
        .ok_or_else(|| wrong("must be XML, PDF, PNG or JPEG"))?;
    Ok(json!({"document_base64": BASE64.encode(&file.bytes), "type": kind, "file_name": file.name}))
}

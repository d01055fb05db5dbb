//! The portal: people outside see how their own affairs do, and hand in documents, which become booking proposals.

use crate::{
    desk::Engine,
    desk::room::What,
    tasks::document::{sha256, text},
};
use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use domain::{
    NotAllowed, OfficeId, Refusal, Role, Rule, TaskId, TaskState, Viewer,
    document::{MOST_INLINE, called, subject},
    dossier::Activation,
    downtime::Notice,
    request::{NewFile, RequestState},
    wire::NewTask,
};
use serde_json::json;
use std::borrow::Cow;
use store::{
    clock::DAY_MS,
    error::{Error, Result},
    portal as rows, secret,
    zone::Zone,
};
use views::portal::{Applied, Doing, Handed, MOST_DOCUMENT, PortalDossier, PortalPage};

/// Whoever has handed in as much as they may in a day comes again after so many seconds.
const COME_AGAIN: u32 = 3600;

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
                let doing = Doing::of(Activation::from_key(&d.activation), d.stopped > 0, d.open > 0);
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
                    file: called(h.subject.as_deref().unwrap_or_default()).to_owned(),
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
            return Err(Refusal::Forbidden(NotAllowed::ClientsOnly).into());
        }
        let mine = rows::dossiers(&self.readers, office, viewer.person).await?;
        if mine.iter().all(|d| d.code != dossier) {
            return Err(Refusal::NotFound.into());
        }
        self.room_for(What::HandIn)?;
        let inline = payload(&file)?;
        // by what is in it: a second click is no second booking
        let what = secret::fingerprint(&file.bytes);
        let key = format!("{} {dossier} {what}", rows::key(viewer.person));
        if let Some(task) = rows::by_key(&self.readers, office, &key).await? {
            return Ok(TaskId(task));
        }
        let since = self.now() - DAY_MS;
        if rows::handed_since(&self.readers, office, viewer.person, since).await? >= self.quotas.hand_ins {
            return Err(Refusal::TooManyRequests(COME_AGAIN).into());
        }
        let sha256 = sha256(&file.bytes);
        let payload = match inline {
            Content::Inline(payload) => payload,
            Content::Beside(kind) => {
                let kept = self.keep_document(office, &file.bytes, kind).await?;
                json!({"document": kept.document, "type": kind, "file_name": file.name})
            }
        };
        let task = NewTask {
            kind: "process_booking_proposal".into(),
            dossier: dossier.to_owned(),
            payload: Some(payload),
            subject: Some(subject(&file.name, &sha256)),
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
    office.ok_or_else(|| Refusal::Forbidden(NotAllowed::OutsideOnly).into())
}

/// Where a document goes.
enum Content {
    /// Into the payload: an invoice in XML as text, anything else as it is.
    Inline(serde_json::Value),
    /// Beside it, byte for byte; its type.
    Beside(&'static str),
}

fn payload(file: &NewFile) -> Result<Content> {
    let wrong = |rule| Error::Refused(Refusal::rule("files", rule));
    let NewFile { bytes, name } = file;
    if bytes.is_empty() {
        return Err(wrong(Rule::Empty));
    }
    if bytes.len() > MOST_DOCUMENT {
        return Err(wrong(Rule::FileTooLarge));
    }
    let small = bytes.len() <= MOST_INLINE;
    if text::is_xml(bytes) {
        let xml = text::of(bytes).map_err(|why| Refusal::field("files", format!("cannot be read: {why}")))?;
        return Ok(match xml {
            Cow::Borrowed(xml) if small => Content::Inline(json!({"document": xml, "file_name": name})),
            // what other characters it is in, it says itself
            _ => Content::Beside("application/xml"),
        });
    }
    let kind = file.kind().ok_or_else(|| wrong(Rule::NotXmlPdfOrImage))?;
    Ok(if small {
        Content::Inline(json!({"document_base64": BASE64.encode(bytes), "type": kind, "file_name": name}))
    } else {
        Content::Beside(kind)
    })
}

//! Documents beside tasks: an invoice with its PDF inside is larger than a payload may be. An integration brings one in
//! parts; a task names it by what is in it; the connector that holds the task's lease fetches it.

pub mod text;

use crate::{Engine, desk::room::What};
use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use domain::{
    NotNow, OfficeId, Refusal, Rule, TaskId, Viewer,
    document::{MOST_DOCUMENT, MOST_OF_OFFICE, PART, id_of, sha256_of},
    task::ConnectorId,
    wire::DocumentAnswer,
};
use sha2::{Digest, Sha256};
use std::{fmt::Write, sync::atomic::Ordering};
use store::{Error, Result, document as rows, look::Memory, writer::Work};

/// A document that does not come on for so long never will, milliseconds.
const BROKEN_OFF: i64 = 3_600_000;
/// One that no task names for so long is not needed, milliseconds.
const UNNAMED: i64 = 7 * 24 * 3_600_000;
/// Bytes of an office's documents beyond which those that are worked off give way, at most [`CLEARED`] a minute.
const KEPT_OF_OFFICE: i64 = MOST_OF_OFFICE / 5 * 4;
/// One that was brought since is kept, milliseconds: its next task may be on its way.
const JUST_BROUGHT: i64 = 3_600_000;
/// So many are cleared away at once.
const CLEARED: u32 = 200;
/// ... and looked for so often, milliseconds.
const CLEAR_EVERY: u64 = 60_000;

/// A document that comes in.
#[derive(Debug)]
pub struct Incoming {
    id: i64,
    office: OfficeId,
    expected: usize,
    come: usize,
    parts: i64,
    hash: Sha256,
    part: Vec<u8>,
}

/// A document that goes out, part by part.
#[derive(Debug, Clone)]
pub struct Outgoing {
    id: i64,
    /// How many bytes it has.
    pub bytes: u64,
    /// What it was said to be.
    pub kind: String,
}

/// A document as it was delivered.
#[derive(Debug)]
pub enum Delivered {
    /// In the payload: itself and its type.
    Inside(Vec<u8>, String),
    Beside(Outgoing),
}

impl Engine {
    /// Makes room for a document of `bytes`.
    ///
    /// # Errors
    /// [`Refusal::DocumentTooLarge`]; [`Refusal::Invalid`] for an empty one; [`Refusal::WrongState`] when the office has
    /// no room for it.
    pub async fn begin_document(&self, office: OfficeId, bytes: usize, kind: &str) -> Result<Incoming> {
        if bytes > MOST_DOCUMENT {
            return Err(Refusal::DocumentTooLarge.into());
        }
        if bytes == 0 {
            return Err(Refusal::rule("body", Rule::Empty).into());
        }
        self.room_for(What::Document)?;
        let mut errors = vec![];
        domain::text::check(&mut errors, "Content-Type", kind, 100);
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors).into());
        }
        let kind = kind.to_owned();
        let id = self
            .writer
            .run(move |w| {
                let taken = w.state.documents.get(&office).copied().unwrap_or(0);
                if taken.saturating_add(rows::room_of(bytes as i64)) > MOST_OF_OFFICE {
                    return Err(Refusal::WrongState(NotNow::DocumentsFull {
                        gib: MOST_OF_OFFICE >> 30,
                    })
                    .into());
                }
                let id = rows::begin(w.db, office, bytes, &kind, w.now)?;
                take_room(w, office, rows::room_of(bytes as i64));
                Ok(id)
            })
            .await?;
        Ok(Incoming {
            id,
            office,
            expected: bytes,
            come: 0,
            parts: 0,
            hash: Sha256::new(),
            part: vec![],
        })
    }

    /// Takes in what has come of it.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when it is more than was said; when it cannot be written.
    pub async fn go_on(&self, document: &mut Incoming, mut bytes: &[u8]) -> Result<()> {
        document.come += bytes.len();
        if document.come > document.expected {
            return Err(Refusal::Malformed("more came than Content-Length says".into()).into());
        }
        document.hash.update(bytes);
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PART - document.part.len()));
            document.part.extend_from_slice(now);
            bytes = later;
            if document.part.len() == PART {
                self.write_part(document).await?;
            }
        }
        Ok(())
    }

    async fn write_part(&self, document: &mut Incoming) -> Result<()> {
        let (id, n, part) = (document.id, document.parts, std::mem::take(&mut document.part));
        document.parts += 1;
        self.writer.run(move |w| rows::add(w.db, id, n, &part)).await
    }

    /// It is there. The same one once more in one office is the one that was there before.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when it is less than was said; when it cannot be written.
    pub async fn finish_document(&self, mut document: Incoming) -> Result<DocumentAnswer> {
        if document.come < document.expected {
            self.forget_document(document).await;
            return Err(Refusal::Malformed("less came than Content-Length says".into()).into());
        }
        if !document.part.is_empty() {
            self.write_part(&mut document).await?;
        }
        let sha256 = hexadecimal(&document.hash.finalize());
        let (id, office, hash) = (document.id, document.office, sha256.clone());
        let duplicate = self
            .writer
            .run(move |w| match rows::by_hash(w.db, office, &hash)? {
                Some((kept, _)) => {
                    rows::touch(w.db, kept, w.now)?;
                    remove(w, id).map(|()| true)
                }
                None => rows::finish(w.db, id, &hash).map(|()| false),
            })
            .await?;
        Ok(DocumentAnswer {
            document: id_of(&sha256),
            sha256,
            bytes: document.expected as u64,
            duplicate,
        })
    }

    /// Keeps a document that is there whole.
    pub async fn keep_document(&self, office: OfficeId, bytes: &[u8], kind: &str) -> Result<DocumentAnswer> {
        let mut document = self.begin_document(office, bytes.len(), kind).await?;
        self.go_on(&mut document, bytes).await?;
        self.finish_document(document).await
    }

    /// It broke off. What cannot be cleared away now goes within the hour.
    pub async fn forget_document(&self, document: Incoming) {
        if let Err(e) = self.writer.run(move |w| remove(w, document.id)).await {
            tracing::warn!(error = %e, "a document that broke off is cleared away later");
        }
    }

    /// A document for the connector that holds the lease of a task that names it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for everybody else.
    pub async fn document_for(&self, office: OfficeId, connector: ConnectorId, id: &str) -> Result<Outgoing> {
        let sha256 = sha256_of(id).ok_or(Refusal::NotFound)?.to_owned();
        let held = move |m: Memory<'_>| {
            let held = m.state.lanes.running().filter(|(_, s)| s.holder == connector);
            held.map(|(task, _)| task).collect::<Vec<TaskId>>()
        };
        let held = self.writer.memory(held).await?;
        let found = self
            .look(move |w| {
                let (document, _) = rows::by_hash(w.db, office, &sha256)?.ok_or(Refusal::NotFound)?;
                for task in held {
                    if rows::names(w.db, task, document)? {
                        return Ok(document);
                    }
                }
                Err(Refusal::NotFound.into())
            })
            .await?;
        self.outgoing(found).await
    }

    /// The document of a task, as it was delivered, for who may see the task: what its file is called, and itself.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when they may not, or it has none.
    pub async fn document_of(
        &self,
        viewer: &Viewer,
        office: OfficeId,
        task: TaskId,
    ) -> Result<(String, Delivered)> {
        self.may_see(viewer, office, task).await?;
        let name = rows::file_name(&self.readers, task)
            .await?
            .ok_or(Refusal::NotFound)?;
        let payload = rows::payload(&self.readers, task)
            .await?
            .ok_or(Refusal::NotFound)?;
        let payload: serde_json::Value = serde_json::from_str(&payload)?;
        let field = |name: &str| payload.get(name).and_then(serde_json::Value::as_str);
        if let Some(hash) = named(&payload).and_then(sha256_of) {
            let hash = hash.to_owned();
            let found = self.look(move |w| rows::by_hash(w.db, office, &hash)).await?;
            let (found, _) = found.ok_or(Refusal::NotFound)?;
            return Ok((name, Delivered::Beside(self.outgoing(found).await?)));
        }
        let (bytes, kind) = match (field("document"), field("document_base64")) {
            (Some(text), _) => (text.as_bytes().to_vec(), "application/xml"),
            (None, Some(coded)) => {
                let bytes = BASE64.decode(coded).map_err(|_| Refusal::NotFound)?;
                (bytes, field("type").unwrap_or("application/octet-stream"))
            }
            (None, None) => return Err(Refusal::NotFound.into()),
        };
        Ok((name, Delivered::Inside(bytes, kind.to_owned())))
    }

    async fn outgoing(&self, document: i64) -> Result<Outgoing> {
        let head = rows::head(&self.readers, document).await?;
        let (bytes, kind) = head.ok_or(Refusal::NotFound)?;
        Ok(Outgoing {
            id: document,
            bytes: bytes as u64,
            kind,
        })
    }

    /// Its part of a number; `None` behind the last.
    pub async fn part(&self, document: &Outgoing, n: i64) -> Result<Option<Vec<u8>>> {
        rows::part(&self.readers, document.id, n).await
    }

    /// The whole of it, for who needs it at once.
    pub async fn whole(&self, document: &Outgoing) -> Result<Vec<u8>> {
        let mut whole = Vec::with_capacity(document.bytes as usize);
        let mut n = 0;
        while let Some(part) = self.part(document, n).await? {
            whole.extend_from_slice(&part);
            n += 1;
        }
        if whole.len() as u64 == document.bytes {
            Ok(whole)
        } else {
            Err(Error::Storage("a document lacks a part".into()))
        }
    }

    /// Every minute, [`Engine::clear_documents`].
    pub(crate) async fn clear_documents_at_times(&self) -> Result<()> {
        let now = self.clock.mono();
        let due = self.documents_due.load(Ordering::Relaxed);
        if now < due {
            return Ok(());
        }
        self.documents_due.store(now + CLEAR_EVERY, Ordering::Relaxed);
        self.clear_documents().await
    }

    /// Clears away what broke off, what nothing names, and of an office whose room is nearly full the oldest that are worked
    /// off: their tasks are over, and what was to be done with them stands in the package.
    pub async fn clear_documents(&self) -> Result<()> {
        let now = self.now();
        let forgotten = rows::forgotten(&self.readers, now - BROKEN_OFF, now - UNNAMED, CLEARED).await?;
        self.clear(forgotten, i64::MAX).await?;
        for (office, over) in self.writer.memory(too_full).await? {
            let old = rows::worked_off(&self.readers, office, now - JUST_BROUGHT, CLEARED).await?;
            self.clear(old, over).await?;
        }
        Ok(())
    }

    /// Takes these away, one in a commit, until so much room is given back.
    async fn clear(&self, left: Vec<rows::Left>, mut over: i64) -> Result<()> {
        for document in left {
            if over <= 0 {
                break;
            }
            let cleared = self.writer.run(move |w| {
                let may = rows::may_go(w.db, document)?;
                if may {
                    remove(w, document.0)?;
                }
                Ok(may)
            });
            if cleared.await? {
                over -= rows::room_of(document.1);
            }
        }
        Ok(())
    }
}

/// Offices that keep more than they may, and how much more.
fn too_full(m: Memory<'_>) -> Vec<(OfficeId, i64)> {
    let all = m.state.documents.iter();
    let over = all.map(|(office, taken)| (*office, *taken - KEPT_OF_OFFICE));
    over.filter(|(_, over)| *over > 0).collect()
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // a String takes whatever is written to it
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Takes a document away, and gives its room back.
fn remove(w: &mut Work<'_>, document: i64) -> Result<()> {
    if let Some((office, bytes)) = rows::remove(w.db, document)? {
        take_room(w, office, -rows::room_of(bytes));
    }
    Ok(())
}

fn take_room(w: &mut Work<'_>, office: OfficeId, bytes: i64) {
    let taken = w.state.documents.entry(office).or_default();
    *taken = taken.saturating_add(bytes);
}

/// The document that a payload names.
pub(crate) fn named(payload: &serde_json::Value) -> Option<&str> {
    payload
        .get("document")
        .and_then(serde_json::Value::as_str)
        .filter(|id| sha256_of(id).is_some())
}

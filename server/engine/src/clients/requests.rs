//! What people outside ask for by a public form becomes a request; staff accept it into an activation, or decline (D11).

use crate::{desk::Engine, desk::room::What, mail::check_email, tasks::dispatch::deliver};
use domain::{
    Language, NotAllowed, NotNow, OfficeId, Refusal, Rule, TaskId, Viewer,
    request::{NewRequest, RequestKind, RequestLine, RequestState, RequestsPage, code_of},
    text,
    wire::NewTask,
};
use store::{
    error::{Error, Result},
    request::{self as rows},
    writer::Work,
    zone::Zone,
};
use views::OfficeView;

/// So many requests may wait for a decision; what is more is told to come again later.
const MOST_WAITING: i64 = 1000;
/// ... of those that programs sent, before these are not taken any more.
const MOST_AUTOMATIC: i64 = 500;
/// So many bytes of files are kept for an office, of requests that wait, and as many of those that it has declined.
const MOST_KEPT: i64 = 1 << 30;
/// Files of a declined request are kept so long.
const DECLINED_KEPT_MS: i64 = 28 * 86_400_000;
/// Requests whose files are forgotten in one commit.
const FORGET_AT_ONCE: u32 = 20;
/// The page shows so many.
const SHOWN: u32 = 200;

impl Engine {
    /// An office that has public forms, by its code: number, name.
    pub fn public_office(&self, code: &str) -> Option<(OfficeId, String)> {
        let known = self.known();
        let found = known.offices.values().find(|o| o.code == code)?;
        Some((found.id, found.name.clone()))
    }

    /// Takes a form in; gives the request's number, by which its sender can ask after it.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming each broken rule; [`Refusal::Full`] when too many wait, or their files are too large
    /// together: the office is told.
    pub async fn send_request(&self, office: OfficeId, kind: RequestKind, new: NewRequest) -> Result<i64> {
        self.room_for(What::Form)?;
        let mut errors = vec![];
        new.check(kind, &mut errors);
        check_email(&mut errors, &new.email);
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors).into());
        }
        let sent = self.writer.run(move |w| {
            let waits = rows::waiting(w.db, office)?;
            // what programs send stops first: the last places are for people
            let most = if new.trap.is_empty() {
                MOST_WAITING
            } else {
                MOST_AUTOMATIC
            };
            if waits >= most {
                return Err(Refusal::Full.into());
            }
            if !new.files.is_empty() && rows::bytes(w.db, office)? + new.bytes() as i64 > MOST_KEPT {
                return Err(Refusal::Full.into());
            }
            rows::insert(w.db, office, kind, &new, w.now)
        });
        let sent = sent.await;
        if matches!(sent, Err(Error::Refused(Refusal::Full))) {
            self.guard.flooded(office, self.clock.mono());
        }
        sent
    }

    /// Forgets the files of what was declined long ago, and of more than may be kept; a few at a time. It may run at any time and twice.
    pub async fn forget_declined(&self) -> Result<()> {
        let before = self.now() - DECLINED_KEPT_MS;
        let ids = rows::to_forget(&self.readers, before, MOST_KEPT, FORGET_AT_ONCE).await?;
        if ids.is_empty() {
            return Ok(());
        }
        self.writer.run(move |w| rows::forget_files(w.db, &ids)).await
    }

    /// The requests of an office.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for those who do not see every dossier.
    pub async fn requests(&self, viewer: &Viewer, office: &OfficeView) -> Result<RequestsPage> {
        may(viewer)?;
        let zone = Zone::of(&office.zone);
        let raw = rows::list(&self.readers, office.id, SHOWN).await?;
        let files = rows::files(&self.readers, office.id).await?;
        let mut lines = vec![];
        for r in raw {
            let (Some(kind), Some(state)) =
                (RequestKind::from_key(&r.kind), RequestState::from_key(&r.state))
            else {
                continue;
            };
            let code = if state == RequestState::New && kind == RequestKind::Intake {
                self.free_code(office.id, &r.company).await?
            } else {
                String::new()
            };
            lines.push(RequestLine {
                files: files
                    .iter()
                    .filter(|f| f.0 == r.id)
                    .map(|(_, n, name, bytes)| (*n, name.clone(), *bytes))
                    .collect(),
                decided: r
                    .decided_at
                    .zip(r.decided_by)
                    .map(|(at, by)| (zone.moment(at), by)),
                made: zone.moment(r.made_at),
                task: r.task.map(TaskId),
                language: Language::from_tag(&r.language).unwrap_or_default(),
                id: r.id,
                kind,
                state,
                name: r.name,
                email: r.email,
                phone: r.phone,
                company: r.company,
                number: r.number,
                message: r.message,
                code,
                automatic: r.automatic,
            });
        }
        let catalogue = self.catalogue();
        let mut packages: Vec<(String, String)> = catalogue
            .package_codes()
            .map(|code| (code.to_owned(), catalogue.package_name(code).to_owned()))
            .collect();
        packages.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(RequestsPage {
            lines,
            packages,
            now: zone.moment(self.now()),
        })
    }

    async fn free_code(&self, office: OfficeId, company: &str) -> Result<String> {
        let code = code_of(company);
        let taken = rows::codes(&self.readers, office, &code).await?;
        let is_free = |c: &String| !taken.iter().any(|(t,)| t == c);
        let numbered = (2..1000).map(|n| format!("{code}{n}"));
        Ok(std::iter::once(code.clone())
            .chain(numbered)
            .find(is_free)
            .unwrap_or(code))
    }

    /// A file of a request: name, type, bytes.
    pub async fn request_file(
        &self,
        viewer: &Viewer,
        office: OfficeId,
        id: i64,
        n: i64,
    ) -> Result<(String, String, Vec<u8>)> {
        may(viewer)?;
        let found = rows::file(&self.readers, office, id, n).await?;
        found.ok_or_else(|| Refusal::NotFound.into())
    }

    /// Accepts a request. An intake becomes the activation of a new dossier of this code, in this package.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`]; [`Refusal::WrongState`] when somebody else has decided;
    /// [`Refusal::Invalid`] for a code that is none or is taken, or a package that nobody knows.
    pub async fn accept_request(
        &self,
        by: &Viewer,
        office: OfficeId,
        id: i64,
        code: String,
        package: String,
    ) -> Result<Option<TaskId>> {
        may(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                let (kind, company) = undecided(w, office, id)?;
                let task = match kind {
                    RequestKind::Application => None,
                    RequestKind::Intake => Some(activate(w, office, id, &code, &company, &package)?),
                };
                rows::decide(w.db, id, "accepted", &by.name, task.map(|t| t.0), w.now)?;
                wrote(
                    w,
                    &by,
                    office,
                    id,
                    "accept_request",
                    task.map(|t| format!("task {t}")),
                )?;
                Ok(task)
            })
            .await
    }

    /// Declines a request.
    pub async fn decline_request(&self, by: &Viewer, office: OfficeId, id: i64) -> Result<()> {
        may(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                undecided(w, office, id)?;
                rows::decide(w.db, id, "declined", &by.name, None, w.now)?;
                wrote(w, &by, office, id, "decline_request", None)
            })
            .await
    }
}

fn may(viewer: &Viewer) -> Result<()> {
    if viewer.sees_every_dossier() {
        Ok(())
    } else {
        Err(Refusal::Forbidden(NotAllowed::EveryDossier).into())
    }
}

fn undecided(w: &Work<'_>, office: OfficeId, id: i64) -> Result<(RequestKind, String)> {
    rows::undecided(w.db, office, id)?
        .ok_or(Refusal::NotFound)?
        .ok_or_else(|| Refusal::WrongState(NotNow::RequestDecided).into())
}

/// Delivers the activation; the same request never becomes two.
fn activate(
    w: &mut Work<'_>,
    office: OfficeId,
    id: i64,
    code: &str,
    company: &str,
    package: &str,
) -> Result<TaskId> {
    let code = code.trim();
    if !text::is_dossier_code(code) {
        return Err(Refusal::rule("code", Rule::NoCodeOfRequest).into());
    }
    if w.state.catalogue.package_codes().all(|p| p != package) {
        return Err(Refusal::rule("package", Rule::NotKnown).into());
    }
    if store::dossier::by_code(w.db, office, code)?.is_some() {
        return Err(Refusal::rule("code", Rule::TakenInOffice).into());
    }
    let task = NewTask {
        kind: "activate_dossier".into(),
        dossier: code.to_owned(),
        payload: Some(serde_json::json!({"name": company, "package": package})),
        subject: None,
        after: None,
        idempotency_key: Some(format!("request {id}")),
    };
    let answer = deliver::deliver(w, office, std::slice::from_ref(&task), false)?;
    let first = answer.tasks.first();
    first
        .map(|t| t.id)
        .ok_or_else(|| Error::Storage("nothing was delivered".into()))
}

fn wrote(
    w: &Work<'_>,
    by: &Viewer,
    office: OfficeId,
    id: i64,
    what: &str,
    after: Option<String>,
) -> Result<()> {
    w.audit(
        Some(office),
        by.person,
        what,
        format!("request {id}"),
        (None, after),
    )
}

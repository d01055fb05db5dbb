//! What staff do with a dossier itself: activate it (T21), name it anew, put it away and take it back.

use crate::{Engine, tasks::dispatch::deliver};
use domain::{
    DossierId, FieldError, NotAllowed, NotNow, OfficeId, Refusal, Rule, TaskId, TaskState, Viewer,
    dossier::{ACTIVATE, Activation},
    text,
    wire::NewTask,
};
use serde_json::json;
use std::collections::BTreeSet;
use store::{
    Result,
    dossier::{self, Dossier},
    error::Error,
    look::Memory,
    task,
    writer::Work,
};
use views::{
    OfficeView,
    dossiers::{ActivateFrame, NewDossier, PackageChoice},
};

impl Engine {
    /// What the form of an activation needs.
    pub async fn activate_frame(&self, viewer: &Viewer, office: &OfficeView) -> Result<ActivateFrame> {
        let at = office.id;
        let served = self.writer.memory(move |m| served(m, at)).await?;
        let catalogue = self.catalogue();
        let keys: BTreeSet<&str> = catalogue
            .package_codes()
            .chain(served.iter().map(String::as_str))
            .collect();
        let mut packages: Vec<PackageChoice> = keys
            .into_iter()
            .map(|key| PackageChoice {
                key: key.to_owned(),
                name: catalogue.package_name(key).to_owned(),
                served: served.contains(key),
            })
            .collect();
        packages.sort_by_key(|p| (!p.served, p.name.to_lowercase()));
        Ok(ActivateFrame {
            packages,
            runs_office: viewer.runs_office(),
        })
    }

    /// Queues the activation of a new dossier and makes the asker its manager. `key` names what was typed once: the
    /// same again is the same activation.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming each field that is wrong: no code or one that is taken, no name, a package that no
    /// connector of the office serves; then nothing is queued. [`Refusal::WrongState`] for another dossier by the same key.
    pub async fn activate_dossier(
        &self,
        by: &Viewer,
        office: OfficeId,
        new: NewDossier,
        key: &str,
    ) -> Result<TaskId> {
        let mut errors = vec![];
        text::check(&mut errors, "key", key, 64);
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors).into());
        }
        let key = format!("console {} {key}", by.person);
        let by = by.clone();
        self.writer
            .run(move |w| activate(w, &by, office, &new, &key))
            .await
    }

    /// Queues another activation of a dossier whose last one came to nothing. One that waits or runs is enough.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a dossier that the asker does not see, [`Refusal::WrongState`] when it is activated or
    /// its activation stopped and waits to be restarted, [`Refusal::Invalid`] when nobody serves its package.
    pub async fn activate_again(&self, by: &Viewer, office: OfficeId, id: DossierId) -> Result<()> {
        let by = by.clone();
        self.writer.run(move |w| again(w, &by, office, id)).await
    }

    /// Gives a dossier another name.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for those who do not run the office, [`Refusal::NotFound`], [`Refusal::Invalid`] for no name.
    pub async fn rename_dossier(
        &self,
        by: &Viewer,
        office: OfficeId,
        id: DossierId,
        name: &str,
    ) -> Result<()> {
        let (by, name) = (running(by)?, name.trim().to_owned());
        let mut errors = vec![];
        text::check(&mut errors, "name", &name, 200);
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors).into());
        }
        self.writer
            .run(move |w| {
                let d = dossier::of_office(w.db, office, id)?.ok_or(Refusal::NotFound)?;
                if d.name == name {
                    return Ok(());
                }
                dossier::set_name(w.db, id, &name)?;
                let change = (Some(d.name), Some(name.clone()));
                wrote(w, &by, office, &d.code, "rename_dossier", change)
            })
            .await
    }

    /// Puts a dossier away, or takes it back. Twice is once.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for those who do not run the office, [`Refusal::NotFound`], [`Refusal::Invalid`] while it
    /// has open tasks.
    pub async fn archive_dossier(
        &self,
        by: &Viewer,
        office: OfficeId,
        id: DossierId,
        away: bool,
    ) -> Result<()> {
        let by = running(by)?;
        self.writer
            .run(move |w| {
                let d = dossier::of_office(w.db, office, id)?.ok_or(Refusal::NotFound)?;
                if d.archived == away {
                    return Ok(());
                }
                let open = dossier::open_tasks(w.db, office, id)?;
                if away && open > 0 {
                    return Err(Refusal::rule("dossier", Rule::OpenTasks { open: open.into() }).into());
                }
                dossier::set_archived(w.db, id, away.then_some(w.now))?;
                let what = if away {
                    "archive_dossier"
                } else {
                    "restore_dossier"
                };
                wrote(w, &by, office, &d.code, what, (None, Some(d.name)))
            })
            .await
    }
}

fn running(by: &Viewer) -> Result<Viewer> {
    if by.runs_office() {
        Ok(by.clone())
    } else {
        Err(Refusal::Forbidden(NotAllowed::RunningTheOffice).into())
    }
}

/// Packages in which a connector of the office can activate a dossier.
pub(crate) fn served(m: Memory<'_>, office: OfficeId) -> BTreeSet<String> {
    let hello = m
        .state
        .fleet
        .of_office(office)
        .filter_map(|m| m.row.hello.as_ref());
    let able = hello.filter(|h| h.kinds.iter().any(|k| k == ACTIVATE));
    able.flat_map(|h| h.packages.iter().cloned()).collect()
}

fn activate(w: &mut Work<'_>, by: &Viewer, office: OfficeId, new: &NewDossier, key: &str) -> Result<TaskId> {
    let new = NewDossier {
        code: new.code.trim().to_owned(),
        name: new.name.trim().to_owned(),
        package: new.package.clone(),
    };
    let task = activation(&new, Some(key.to_owned()));
    // what was sent before is the same: its code is taken by itself
    if let Some(before) = task::by_key(w.db, office, key)? {
        let payload = task.payload.as_ref().map(ToString::to_string);
        let same = dossier::get(w.db, before.dossier)?.code == new.code && before.payload == payload;
        return match same {
            true => Ok(before.id),
            false => Err(Refusal::WrongState(NotNow::FormSent).into()),
        };
    }
    let errors = check(w, by, office, &new)?;
    if !errors.is_empty() {
        return Err(Refusal::Invalid(errors).into());
    }
    make(
        w,
        by,
        office,
        &new,
        task,
        (by.office == Some(office)).then_some(by.person),
    )
}

/// Each field that is wrong.
fn check(w: &Work<'_>, by: &Viewer, office: OfficeId, new: &NewDossier) -> Result<Vec<FieldError>> {
    let mut errors = vec![];
    let mut wrong = |field, rule| errors.push(FieldError::of(field, rule));
    if !text::is_dossier_code(&new.code) {
        wrong("code", Rule::NoCode);
    } else if let Some(d) = dossier::by_code(w.db, office, &new.code)? {
        wrong("code", taken_by(w, by, &d)?);
    }
    if !served(w.memory(), office).contains(&new.package) {
        wrong("package", Rule::Unserved);
    }
    text::check(&mut errors, "name", &new.name, 200);
    Ok(errors)
}

/// Whose code it is, as far as the asker may know.
fn taken_by(w: &Work<'_>, by: &Viewer, d: &Dossier) -> Result<Rule> {
    let sees = by.sees_every_dossier() || dossier::manages(w.db, by.person, d.id)?;
    Ok(match (sees, d.archived) {
        (true, false) => Rule::CodeOf { who: d.name.clone() },
        (true, true) => Rule::CodeOfArchived { who: d.name.clone() },
        (false, _) => Rule::TakenInOffice,
    })
}

/// The task that activates it.
pub(crate) fn activation(new: &NewDossier, key: Option<String>) -> NewTask {
    NewTask {
        kind: ACTIVATE.into(),
        dossier: new.code.clone(),
        payload: Some(json!({"name": new.name, "package": new.package})),
        subject: None,
        after: None,
        idempotency_key: key,
    }
}

/// Delivers the activation of a new dossier that has passed every check, gives it its manager and writes who asked.
pub(crate) fn make(
    w: &mut Work<'_>,
    by: &Viewer,
    office: OfficeId,
    new: &NewDossier,
    task: NewTask,
    manager: Option<i64>,
) -> Result<TaskId> {
    let id = delivered(w, office, task)?;
    if let (Some(person), Some(d)) = (manager, dossier::by_code(w.db, office, &new.code)?) {
        dossier::add_manager(w.db, d.id, person)?;
    }
    let after = format!("{} · {}", new.name, new.package);
    wrote(w, by, office, &new.code, "activate_dossier", (None, Some(after)))?;
    Ok(id)
}

fn delivered(w: &mut Work<'_>, office: OfficeId, task: NewTask) -> Result<TaskId> {
    let answer = deliver::deliver(w, office, std::slice::from_ref(&task), false).map_err(at_fields)?;
    let first = answer.tasks.first();
    first
        .map(|t| t.id)
        .ok_or_else(|| Error::Storage("nothing was delivered".into()))
}

/// What a delivery says of its task, said of the form's fields.
fn at_fields(e: Error) -> Error {
    let at_field = |e: FieldError| {
        let package = e.field.ends_with("package");
        e.at(if package { "package" } else { "code" })
    };
    match e {
        Error::Refused(Refusal::Invalid(errors)) => {
            Refusal::Invalid(errors.into_iter().map(at_field).collect()).into()
        }
        other => other,
    }
}

fn again(w: &mut Work<'_>, by: &Viewer, office: OfficeId, id: DossierId) -> Result<()> {
    let d = dossier::of_office(w.db, office, id)?.ok_or(Refusal::NotFound)?;
    if !by.sees_every_dossier() && !dossier::manages(w.db, by.person, id)? {
        return Err(Refusal::NotFound.into());
    }
    let stopped = dossier::stopped_kind(w.db, office, id, w.state.activate)?;
    match d.activation {
        Activation::Activating => return Ok(()),
        Activation::NotActivated if !stopped && !d.archived => {}
        _ => {
            return Err(Refusal::WrongState(NotNow::NotToActivate).into());
        }
    }
    let package = w.state.packages.name(d.package).to_owned();
    if !served(w.memory(), office).contains(&package) {
        return Err(Refusal::rule("package", Rule::Unserved).into());
    }
    let new = NewDossier {
        code: d.code,
        name: d.name,
        package,
    };
    delivered(w, office, activation(&new, None))?;
    wrote(
        w,
        by,
        office,
        &new.code,
        "activate_dossier",
        (None, Some(TaskState::Queued.key().into())),
    )
}

fn wrote(
    w: &Work<'_>,
    by: &Viewer,
    office: OfficeId,
    code: &str,
    what: &str,
    (before, after): (Option<String>, Option<String>),
) -> Result<()> {
    w.audit(
        Some(office),
        by.person,
        what,
        format!("dossier {code}"),
        (before, after),
    )
}

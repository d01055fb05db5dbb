//! Whether tasks may come in: each by itself, and beside those that it comes with.

use super::{Answer, LONGEST_LABEL, NewDossier, Place, Plan};
use crate::tasks::document::named;
use domain::{
    FieldError, NotNow, OfficeId, Refusal, Rule, TaskId,
    job::RUN_JOB,
    text,
    wire::{Delivered, NewTask},
};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use store::{document, dossier, error::Result, task, writer::Work};

#[derive(Default)]
pub(super) struct Check {
    pub(super) errors: Vec<FieldError>,
    pub(super) dossiers: Vec<NewDossier>,
    pub(super) by_code: HashMap<String, Place>,
    pub(super) by_key: HashMap<String, usize>,
    /// Packages that neither the catalogue nor the office had before.
    pub(super) strange: BTreeSet<String>,
}

impl Check {
    fn error(&mut self, i: usize, field: &str, rule: Rule) {
        self.errors
            .push(FieldError::of(format!("tasks[{i}].{field}"), rule));
    }

    /// Checks one task; `None` when it broke a rule, which then stands in `errors`.
    pub(super) fn task(
        &mut self,
        work: &Work<'_>,
        office: OfficeId,
        i: usize,
        t: &NewTask,
        before: &[Option<Answer>],
        tasks: &[NewTask],
    ) -> Result<Option<Answer>> {
        let errors = self.errors.len();
        for (field, value, max) in [
            ("subject", &t.subject, 200),
            ("idempotency_key", &t.idempotency_key, 200),
        ] {
            if let Some(value) = value {
                text::check(&mut self.errors, &format!("tasks[{i}].{field}"), value, max);
            }
        }
        if t.payload.as_ref().is_some_and(|p| !p.is_object()) {
            self.error(i, "payload", Rule::NoObject);
        }
        let label = t
            .payload
            .as_ref()
            .and_then(|p| p.get("file_name"))
            .and_then(Value::as_str);
        if label.is_some_and(|name| name.len() > LONGEST_LABEL) {
            let most = LONGEST_LABEL as i64;
            self.error(i, "payload.file_name", Rule::AtMostBytes { most });
        }
        let kind = work.state.catalogue.kind(&t.kind);
        // a job's runs are made by the desk alone
        let kind = kind.filter(|k| k.code != RUN_JOB);
        let Some((kind, number)) = kind.zip(work.state.kinds.number(&t.kind)) else {
            self.error(i, "kind", Rule::NoTaskKind);
            return Ok(None);
        };
        let Some(place) = self.place(work, office, i, t, kind.creates_dossier)? else {
            return Ok(None);
        };
        let follows = match &t.after {
            None => None,
            Some(after) => self.follows(work, office, i, after, place)?,
        };
        let named = t.payload.as_ref().and_then(named);
        let hash = named.map(|id| domain::document::sha256_of(id).unwrap_or_default());
        let document = match hash {
            None => None,
            Some(hash) => document::by_hash(work.db, office, hash)?.map(|(id, _)| id),
        };
        if self.errors.len() > errors {
            return Ok(None);
        }
        let payload = t
            .payload
            .as_ref()
            .filter(|p| p.as_object().is_some_and(|o| !o.is_empty()))
            .map(Value::to_string);
        let plan = Plan {
            dossier: place,
            kind: number,
            payload,
            follows,
            document,
        };
        let answer = match &t.idempotency_key {
            None => Some(Answer::New(plan)),
            Some(key) => self.by_key(work, office, i, key, plan, before, tasks)?,
        };
        // of a task that is there already the document may have gone
        if named.is_some() && document.is_none() && matches!(answer, Some(Answer::New(_))) {
            self.error(i, "payload.document", Rule::NoDocument);
            return Ok(None);
        }
        Ok(answer)
    }

    fn place(
        &mut self,
        work: &Work<'_>,
        office: OfficeId,
        i: usize,
        t: &NewTask,
        creates: bool,
    ) -> Result<Option<Place>> {
        if !text::is_dossier_code(&t.dossier) {
            self.error(i, "dossier", Rule::NoCode);
            return Ok(None);
        }
        let known = match self.by_code.get(&t.dossier) {
            Some(place) => Some(*place),
            None => match dossier::by_code(work.db, office, &t.dossier)? {
                Some(d) if d.archived => {
                    self.error(i, "dossier", Rule::Archived);
                    return Ok(None);
                }
                found => found.map(|d| Place::Known(d.id, d.package)),
            },
        };
        if !creates {
            if known.is_none() {
                self.error(i, "dossier", Rule::NoDossier);
            }
            return Ok(known);
        }
        let Some(new) = self.new_dossier(i, t) else {
            return Ok(None);
        };
        let package = match known {
            None => {
                if !self.may_be_new(work, office, i, &new) {
                    return Ok(None);
                }
                let place = Place::New(self.dossiers.len());
                self.dossiers.push(new);
                self.by_code.insert(t.dossier.clone(), place);
                return Ok(Some(place));
            }
            Some(Place::Known(_, package)) => work.state.packages.name(package).to_owned(),
            Some(Place::New(n)) => self.dossiers[n].package.clone(),
        };
        if package != new.package {
            self.error(i, "payload.package", Rule::OtherPackage { package });
            return Ok(None);
        }
        Ok(known)
    }

    /// Whether the office may have this dossier beside those that it has and those of this delivery.
    fn may_be_new(&mut self, work: &Work<'_>, office: OfficeId, i: usize, new: &NewDossier) -> bool {
        let state = &work.state;
        if let Some(why) = state.refuses_package(office, &new.package, &self.strange) {
            self.error(i, "payload.package", why);
            return false;
        }
        let (has, most) = (
            state.dossiers.get(&office).copied().unwrap_or(0),
            state.quotas.dossiers,
        );
        if has.saturating_add(self.dossiers.len() as u64) >= most {
            let most = most as i64;
            self.error(i, "dossier", Rule::DossiersFull { most });
            return false;
        }
        if state.is_strange(office, &new.package) {
            self.strange.insert(new.package.clone());
        }
        true
    }

    fn new_dossier(&mut self, i: usize, t: &NewTask) -> Option<NewDossier> {
        let errors = self.errors.len();
        let field = |name: &str| {
            t.payload
                .as_ref()
                .and_then(|p| p.get(name))
                .and_then(Value::as_str)
        };
        let name = field("name").unwrap_or_default();
        let package = field("package").unwrap_or_default();
        text::check(&mut self.errors, &format!("tasks[{i}].payload.name"), name, 200);
        if !domain::failure::is_code(package) {
            self.error(i, "payload.package", Rule::NoPackageKey);
        }
        let new = NewDossier {
            code: t.dossier.clone(),
            name: name.to_owned(),
            package: package.to_owned(),
        };
        (self.errors.len() == errors).then_some(new)
    }

    fn follows(
        &mut self,
        work: &Work<'_>,
        office: OfficeId,
        i: usize,
        after: &str,
        place: Place,
    ) -> Result<Option<TaskId>> {
        let earlier = match after.parse::<TaskId>() {
            Ok(id) => task::standing(work.db, id)?
                .filter(|t| t.office == office)
                .map(|t| (id, t.dossier)),
            Err(()) => None,
        };
        match (earlier, place) {
            (Some((id, dossier)), Place::Known(here, _)) if dossier == here => Ok(Some(id)),
            _ => {
                self.error(i, "after", Rule::NoEarlierTask);
                Ok(None)
            }
        }
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "the parts of one check, not worth a type"
    )]
    fn by_key(
        &mut self,
        work: &Work<'_>,
        office: OfficeId,
        i: usize,
        key: &str,
        plan: Plan,
        before: &[Option<Answer>],
        tasks: &[NewTask],
    ) -> Result<Option<Answer>> {
        let other = || Refusal::WrongState(NotNow::KeyUsed { task: i as i64 });
        if let Some(first) = self.by_key.get(key).copied() {
            let same = match &before[first] {
                Some(Answer::New(p)) => {
                    p.dossier == plan.dossier
                        && p.kind == plan.kind
                        && same(p.payload.as_deref(), plan.payload.as_deref())
                }
                _ => {
                    tasks[first].kind == tasks[i].kind
                        && tasks[first].dossier == tasks[i].dossier
                        && tasks[first].payload == tasks[i].payload
                }
            };
            return if same {
                Ok(Some(Answer::Again(first)))
            } else {
                Err(other().into())
            };
        }
        self.by_key.insert(key.to_owned(), i);
        let Some(first) = task::by_key(work.db, office, key)? else {
            return Ok(Some(Answer::New(plan)));
        };
        let here = matches!(plan.dossier, Place::Known(id, _) if id == first.dossier);
        if !here || first.kind != plan.kind || !same(first.payload.as_deref(), plan.payload.as_deref()) {
            return Err(other().into());
        }
        Ok(Some(Answer::Duplicate(Delivered {
            id: first.id,
            status: first.state,
            duplicate: true,
        })))
    }
}

/// Whether two payloads ask for the same. A file's name is a label: the same document under another name is no other.
fn same(a: Option<&str>, b: Option<&str>) -> bool {
    let bare = |payload: &str| match serde_json::from_str(payload) {
        Ok(Value::Object(mut fields)) => {
            fields.remove("file_name");
            Some(fields)
        }
        _ => None,
    };
    match (a, b) {
        (Some(a), Some(b)) if a != b => bare(a).is_some_and(|a| bare(b).is_some_and(|b| a == b)),
        (a, b) => a == b,
    }
}

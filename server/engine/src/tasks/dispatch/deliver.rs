//! Deliver: tasks get their place in line, all or none (T3, T6).

use crate::tasks::document::named;
use domain::{
    DossierId, FieldError, NotNow, OfficeId, Refusal, Rule, TaskId, TaskState,
    dossier::Activation,
    event::Happened,
    job::RUN_JOB,
    lane::{Class, Slot},
    life::DELIVERED,
    task::ConnectorId,
    text,
    wire::{DeliverAnswer, Delivered, MAX_DELIVER, NewTask},
};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use store::door::closed;
use store::{document, dossier, error::Result, task, task::NewRow, writer::Work};

/// Whoever has brought as many tasks as an office may have open comes again after so many seconds.
const COME_AGAIN: u32 = 60;

/// What a document's file is called, bytes.
const LONGEST_LABEL: usize = 1000;

/// A task that has passed every check.
struct Plan {
    dossier: Place,
    kind: u16,
    payload: Option<String>,
    follows: Option<TaskId>,
    document: Option<i64>,
}

/// Where a task goes: a dossier that is there, or one that an activation in this delivery makes.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Known(DossierId, u16),
    New(usize),
}

struct NewDossier {
    code: String,
    name: String,
    package: String,
}

enum Answer {
    New(Plan),
    Duplicate(Delivered),
    /// Same key as an earlier task of this delivery.
    Again(usize),
}

#[derive(Default)]
struct Check {
    errors: Vec<FieldError>,
    dossiers: Vec<NewDossier>,
    by_code: HashMap<String, Place>,
    by_key: HashMap<String, usize>,
    /// Packages that neither the catalogue nor the office had before.
    strange: BTreeSet<String>,
}

/// Accepts tasks for `office`. Those of an `exempt` integration are handed out while it is closed (D14).
///
/// # Errors
/// [`Refusal::Invalid`] naming each broken rule, [`Refusal::WrongState`] when an idempotency key was used for
/// something else; then nothing was accepted.
pub fn deliver(
    work: &mut Work<'_>,
    office: OfficeId,
    tasks: &[NewTask],
    exempt: bool,
) -> Result<DeliverAnswer> {
    if tasks.is_empty() || tasks.len() > MAX_DELIVER {
        let to = MAX_DELIVER as i64;
        return Err(Refusal::rule("tasks", Rule::HoldsTasks { from: 1, to }).into());
    }
    let (open, most) = (work.state.open_tasks(office), work.state.quotas.open_tasks);
    if open.saturating_add(tasks.len() as u64) > most {
        tracing::warn!(office, open, "an office has as many open tasks as it may have");
        return Err(Refusal::TooManyRequests(COME_AGAIN).into());
    }
    let mut check = Check::default();
    let mut answers = Vec::with_capacity(tasks.len());
    for (i, t) in tasks.iter().enumerate() {
        answers.push(check.task(work, office, i, t, &answers, tasks)?);
    }
    if !check.errors.is_empty() {
        check.errors.truncate(100);
        return Err(Refusal::Invalid(check.errors).into());
    }
    let made = make_dossiers(work, office, &check.dossiers)?;
    let mut delivered: Vec<Delivered> = Vec::with_capacity(tasks.len());
    for (t, answer) in tasks.iter().zip(answers) {
        let d = match answer {
            Some(Answer::New(plan)) => accept(work, office, t, &plan, &made, exempt)?,
            Some(Answer::Duplicate(d)) => d,
            Some(Answer::Again(first)) => Delivered {
                duplicate: true,
                ..delivered[first].clone()
            },
            None => return Err(Refusal::Internal.into()),
        };
        delivered.push(d);
    }
    Ok(DeliverAnswer { tasks: delivered })
}

fn make_dossiers(work: &mut Work<'_>, office: OfficeId, new: &[NewDossier]) -> Result<Vec<(DossierId, u16)>> {
    let mut made = vec![];
    for d in new {
        let package = work.state.package(work.db, &d.package)?;
        let id = dossier::insert(work.db, office, &d.code, &d.name, package, work.now)?;
        work.state.add_dossier(office, package);
        made.push((id, package));
    }
    Ok(made)
}

fn accept(
    work: &mut Work<'_>,
    office: OfficeId,
    t: &NewTask,
    plan: &Plan,
    made: &[(DossierId, u16)],
    exempt: bool,
) -> Result<Delivered> {
    let (dossier, package) = match plan.dossier {
        Place::Known(id, package) => (id, package),
        Place::New(i) => made[i],
    };
    let id = TaskId(work.state.last_task + 1);
    work.state.last_task = id.0;
    let seq = work.write(office, id, Happened::Delivered)?;
    let closed = closed(&work.state.downtimes, Some(office), work.now);
    let meanwhile = closed.filter(|_| exempt).map(|d| d.id);
    let row = NewRow {
        seq,
        id,
        office,
        dossier,
        kind: plan.kind,
        now: work.now,
        subject: t.subject.as_deref(),
        follows: plan.follows,
        key: t.idempotency_key.as_deref(),
        payload: plan.payload.as_deref(),
        server: 0,
        meanwhile,
    };
    task::insert(work.db, &row)?;
    if let Some(document) = plan.document {
        document::name(work.db, id, document)?;
    }
    enter(work, &row, package);
    if meanwhile.is_some() {
        work.state.meanwhile.entry(office).or_default().insert(id);
    }
    if plan.kind == work.state.activate {
        let stage = match plan.dossier {
            Place::Known(id, _) => dossier::get(work.db, id)?.activation,
            Place::New(_) => Activation::Activating,
        };
        dossier::set_activation(work.db, dossier, stage.after(TaskState::Queued, true))?;
    }
    Ok(Delivered {
        id,
        status: TaskState::Queued,
        duplicate: false,
    })
}

/// A task that was written takes its place in its lane.
fn enter(work: &mut Work<'_>, row: &NewRow<'_>, package: u16) {
    work.state.count(row.office, None, TaskState::Queued);
    let kind = work.state.kinds.name(row.kind);
    let rules = work
        .state
        .catalogue
        .kind(kind)
        .map(|k| k.rules)
        .unwrap_or_default();
    let class = Class {
        office: row.office,
        package,
        kind: row.kind,
        server: row.server,
    };
    let slot = Slot {
        dossier: row.dossier,
        class,
        rules,
        life: DELIVERED,
        holder: 0,
        waits_for: 0,
        until: 0,
    };
    work.state.lanes.add(row.id, slot, row.subject, row.follows);
}

/// A task that a run makes for one of its companies.
#[derive(Debug)]
pub struct OfRun {
    /// Whose.
    pub office: OfficeId,
    /// The company.
    pub dossier: DossierId,
    /// Number of its package.
    pub package: u16,
    /// What people recognise it by; its own for each run, so that a run never waits for one that failed.
    pub subject: String,
    /// JSON.
    pub payload: String,
    /// The only connector that may take it; 0: any that can.
    pub server: ConnectorId,
}

/// Delivers a task of a run.
pub fn of_run(work: &mut Work<'_>, t: &OfRun) -> Result<TaskId> {
    let kind = work.state.run_job;
    let id = TaskId(work.state.last_task + 1);
    work.state.last_task = id.0;
    let seq = work.write(t.office, id, Happened::Delivered)?;
    let row = NewRow {
        seq,
        id,
        office: t.office,
        dossier: t.dossier,
        kind,
        now: work.now,
        subject: Some(&t.subject),
        follows: None,
        key: None,
        payload: Some(&t.payload),
        server: t.server,
        meanwhile: None,
    };
    task::insert(work.db, &row)?;
    enter(work, &row, t.package);
    Ok(id)
}

impl Check {
    fn error(&mut self, i: usize, field: &str, rule: Rule) {
        self.errors
            .push(FieldError::of(format!("tasks[{i}].{field}"), rule));
    }

    /// Checks one task; `None` when it broke a rule, which then stands in `errors`.
    fn task(
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

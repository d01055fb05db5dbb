//! What a job must be before it is written, and before it runs: each broken rule is named.

use domain::{
    DossierId, FieldError, NotNow, OfficeId, Refusal, Rule, Viewer,
    job::{EmailAdvice, FORMATS, JobForm, JobId, JobKind, MOST_COMPANIES, Place, RUN_JOB, pattern},
    task::ConnectorId,
    text,
};
use std::collections::{BTreeMap, HashSet};
use store::{
    dossier,
    error::Result,
    job::{self, CompanyRow, JobRow},
    look::Look,
    writer::Work,
};

/// What the desk knows of a form that passed.
#[derive(Debug)]
pub(crate) struct Checked {
    /// Its companies.
    pub dossiers: Vec<DossierId>,
    /// The connector it is bound to.
    pub server: Option<ConnectorId>,
}

#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn add(&mut self, field: impl Into<String>, rule: Rule) {
        self.0.push(FieldError::of(field, rule));
    }
}

/// The kind of a job.
///
/// # Errors
/// [`Refusal::Invalid`] for one that the catalogue does not know.
pub(crate) fn kind(w: Look<'_>, form: &JobForm) -> Result<JobKind> {
    let kind = w.known.catalogue.job_kind(&form.kind).cloned();
    kind.ok_or_else(|| Refusal::rule("kind", Rule::NoJobKind).into())
}

/// Checks a form, of a new job or of the job `id`.
///
/// # Errors
/// [`Refusal::Invalid`] naming each broken rule.
pub(crate) fn form(w: &Work<'_>, office: OfficeId, form: &JobForm, id: Option<JobId>) -> Result<Checked> {
    let kind = kind(w.look(), form)?;
    let mut e = Errors::default();
    text::check(&mut e.0, "description", &form.description, 200);
    text::check(&mut e.0, "run_as", &form.run_as, 64);
    if !(1..=1440).contains(&form.estimate_minutes) {
        e.add("estimate_minutes", Rule::Between { from: 1, to: 1440 });
    }
    if form.gap_minutes.is_some_and(|g| g > 240) {
        e.add("gap_minutes", Rule::Between { from: 0, to: 240 });
    }
    params(&mut e, &kind, form);
    outputs(&mut e, &kind, form);
    if let Err(Refusal::Invalid(errors)) = super::timetable(w.state, office, &form.schedule) {
        for err in errors {
            let field = format!("schedule.{}", err.field);
            e.0.push(err.at(field));
        }
    }
    let dossiers = places(w, office, &kind, form, &mut e)?;
    let server = server(w, office, form, &mut e);
    if let Some(after) = form.after {
        predecessor(w, office, after, id, &mut e)?;
    }
    if e.0.is_empty() {
        Ok(Checked { dossiers, server })
    } else {
        e.0.truncate(100);
        Err(Refusal::Invalid(e.0).into())
    }
}

fn params(e: &mut Errors, kind: &JobKind, form: &JobForm) {
    for key in form.params.keys().filter(|k| !kind.params.contains(k)) {
        e.add(format!("params.{key}"), Rule::NoFieldOfKind);
    }
    for key in &kind.params {
        let value = form.params.get(key).map_or("", String::as_str);
        text::check(&mut e.0, &format!("params.{key}"), value, 64);
    }
}

/// What a pattern is called for each company, as folders compare names.
fn names(form: &JobForm, file: &str) -> HashSet<String> {
    let filled = |company: &str| {
        let mut values: BTreeMap<&str, String> =
            form.params.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
        values.insert("company", company.to_owned());
        // each run has others
        values.extend(["job", "date", "time"].map(|field| (field, format!("0{field}"))));
        pattern::fill(file, &values).to_lowercase()
    };
    if form.companies.is_empty() {
        return HashSet::from([filled("0company")]);
    }
    form.companies.iter().map(|c| filled(c)).collect()
}

fn outputs(e: &mut Errors, kind: &JobKind, form: &JobForm) {
    let wanted: Vec<&str> = kind.outputs.iter().map(|o| o.what.as_str()).collect();
    let given: Vec<&str> = form.outputs.iter().map(|o| o.what.as_str()).collect();
    if wanted != given {
        let wanted = if wanted.is_empty() {
            "none".into()
        } else {
            wanted.join(", ")
        };
        e.add("outputs", Rule::OutputsInOrder { outputs: wanted });
        return;
    }
    let mut files: HashSet<(&str, String)> = HashSet::new();
    for (i, o) in form.outputs.iter().enumerate() {
        if o.path.trim().is_empty() {
            e.add(format!("outputs[{i}].path"), Rule::PathMissing);
        } else if let Err(why) = pattern::check_path(&o.path) {
            e.add(format!("outputs[{i}].path"), why);
        }
        if let Err(why) = pattern::check(&o.file, kind.params.iter().map(String::as_str)) {
            e.add(format!("outputs[{i}].file"), why);
        } else if !names(form, &o.file)
            .into_iter()
            .all(|name| files.insert((&o.path, name)))
        {
            e.add(format!("outputs[{i}].file"), Rule::FileOfOtherOutput);
        }
        if !FORMATS.contains(&o.format.as_str()) {
            e.add(
                format!("outputs[{i}].format"),
                Rule::OneOf {
                    known: FORMATS.join(", "),
                },
            );
        }
        if !o.email.is_empty() {
            let mut errors = vec![];
            crate::mail::check_email(&mut errors, &o.email);
            for err in errors {
                e.0.push(err.at(format!("outputs[{i}].email")));
            }
        }
    }
}

fn places(
    w: &Work<'_>,
    office: OfficeId,
    kind: &JobKind,
    form: &JobForm,
    e: &mut Errors,
) -> Result<Vec<DossierId>> {
    match (kind.place, form.companies.len()) {
        (Place::List, 0) => return Ok(vec![]),
        (Place::List, _) => e.add("companies", Rule::CompaniesOfList),
        (Place::Company, n) if n != 1 => e.add("companies", Rule::OneCompany),
        (Place::Companies, n) if !(1..=MOST_COMPANIES).contains(&n) => {
            let to = MOST_COMPANIES as i64;
            e.add("companies", Rule::CompaniesBetween { from: 1, to });
        }
        _ => match dossiers(w, office, &form.companies) {
            Ok(found) => return Ok(found),
            Err(store::Error::Refused(Refusal::Invalid(errors))) => e.0.extend(errors),
            Err(other) => return Err(other),
        },
    }
    Ok(vec![])
}

/// Dossiers of an office by their codes.
///
/// # Errors
/// [`Refusal::Invalid`] naming each that the office does not have or that stands twice.
pub(crate) fn dossiers(w: &Work<'_>, office: OfficeId, codes: &[String]) -> Result<Vec<DossierId>> {
    let mut e = Errors::default();
    let mut found = vec![];
    if codes.len() > MOST_COMPANIES {
        let most = MOST_COMPANIES as i64;
        return Err(Refusal::rule("companies", Rule::AtMost { most }).into());
    }
    for (i, code) in codes.iter().enumerate() {
        match dossier::by_code(w.db, office, code)? {
            Some(d) if found.contains(&d.id) => {
                let what = code.clone();
                e.add(format!("companies[{i}]"), Rule::Twice { what });
            }
            Some(d) => found.push(d.id),
            None => {
                let code = code.clone();
                e.add(format!("companies[{i}]"), Rule::NoSuchCompany { code });
            }
        }
    }
    if e.0.is_empty() {
        Ok(found)
    } else {
        e.0.truncate(100);
        Err(Refusal::Invalid(e.0).into())
    }
}

fn server(w: &Work<'_>, office: OfficeId, form: &JobForm, e: &mut Errors) -> Option<ConnectorId> {
    let name = form.server.as_ref()?;
    let found = w.state.fleet.of_office(office).find(|m| m.row.name == *name);
    let Some(m) = found else {
        e.add("server", Rule::NoConnector);
        return None;
    };
    let knows = |h: &store::connector::Hello| h.kinds.iter().any(|k| k == RUN_JOB);
    if m.row.hello.as_ref().is_some_and(|h| !knows(h)) {
        e.add("server", Rule::RunsNoJobs);
    }
    Some(m.row.id)
}

/// It is there, and does not itself wait for this job.
fn predecessor(
    w: &Work<'_>,
    office: OfficeId,
    after: JobId,
    id: Option<JobId>,
    e: &mut Errors,
) -> Result<()> {
    let mut next = Some(after);
    let mut seen = HashSet::new();
    while let Some(job_id) = next {
        if Some(job_id) == id {
            e.add("after", Rule::WaitsForItself);
            return Ok(());
        }
        if !seen.insert(job_id) {
            return Ok(());
        }
        let Some(row) = job::get(w.db, job_id)?.filter(|j| j.office == office && j.deleted_at.is_none())
        else {
            e.add("after", Rule::NoJob);
            return Ok(());
        };
        next = row.form.after;
    }
    Ok(())
}

/// What must be read and confirmed before a form is taken: mail without a recipient, or with one where that is advised
/// against (J18, J21), and a person as the user of a job (J11).
///
/// # Errors
/// [`Refusal::Unconfirmed`] with a key for each.
pub(crate) fn warn(w: &Work<'_>, by: &Viewer, form: &JobForm, confirmed: bool) -> Result<()> {
    if confirmed {
        return Ok(());
    }
    let kind = kind(w.look(), form)?;
    let mut e = Errors::default();
    let mailed = form.outputs.iter().any(|o| !o.email.is_empty());
    match kind.email {
        EmailAdvice::WarnWithout if !mailed => e.add("outputs", Rule::EmailMissing),
        EmailAdvice::Discouraged if mailed => e.add("outputs", Rule::EmailDiscouraged),
        _ => {}
    }
    if form.run_as.trim().eq_ignore_ascii_case(by.name.trim()) {
        e.add("run_as", Rule::RunAsPerson);
    }
    if e.0.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Unconfirmed(e.0).into())
    }
}

/// A reason was given.
pub(crate) fn is_given(despite: Option<&str>) -> bool {
    despite.is_some_and(|d| !d.trim().is_empty())
}

/// The companies that a run would be for.
///
/// # Errors
/// [`Refusal::WrongState`] when there are none.
pub(crate) fn companies_of(w: Look<'_>, row: &JobRow, kind: &JobKind) -> Result<Vec<CompanyRow>> {
    let found = match kind.place {
        Place::List => job::listed(w.db, row.office, &kind.code)?,
        Place::Company | Place::Companies => job::companies(w.db, row.id)?,
    };
    if found.is_empty() {
        return Err(Refusal::WrongState(NotNow::NoCompany).into());
    }
    Ok(found)
}

/// A job's form with its companies and the name of its server.
pub(crate) fn whole(w: Look<'_>, row: &JobRow) -> Result<JobForm> {
    let companies = job::companies(w.db, row.id)?;
    let server = row
        .server
        .map(|id| store::connector::name(w.db, id))
        .transpose()?;
    Ok(JobForm {
        companies: companies.into_iter().map(|c| c.code).collect(),
        server: server.flatten(),
        ..row.form.clone()
    })
}

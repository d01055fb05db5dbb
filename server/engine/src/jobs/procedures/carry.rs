//! All jobs of an office in a file, and back from it (J32).
//!
//! The file is JSON with a line for each job. A dry run does all of the import and takes it back, so that it says what
//! the import does.

use crate::{
    desk::Engine,
    jobs::{self, Origin, check, may_set_up},
};
use domain::{
    FieldError, OfficeId, Refusal, Rule, Viewer,
    job::{JobForm, JobId, Standing},
};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use store::{
    collection, dossier,
    error::{Error, Result},
    job::{self, JobRow},
    look::Look,
    writer::Work,
};
use views::{
    OfficeView,
    procedures::{Fate, ImportLine, ImportReport},
};

/// What the file says it is.
const MARK: &str = "jobs";
/// The form of the file.
const VERSION: u32 = 1;
/// Why an imported job may stand where it clashes: it does not run.
const IMPORTED: &str = "imported";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    nachtwacht: String,
    version: u32,
    office: String,
    jobs: Vec<Carried>,
}

/// A job in the file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Carried {
    number: JobId,
    standing: Standing,
    #[serde(default)]
    system: Option<CarriedSystem>,
    form: JobForm,
}

/// The collection system whose entry a job is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CarriedSystem {
    code: String,
    company: String,
}

fn carried(w: Look<'_>, row: &JobRow) -> Result<Carried> {
    let system = match row.system {
        Some(id) => collection::get(w.db, id)?,
        None => None,
    };
    Ok(Carried {
        number: row.id,
        standing: row.standing,
        system: system.map(|s| CarriedSystem {
            code: s.code,
            company: s.company,
        }),
        form: check::whole(w, row)?,
    })
}

impl Engine {
    /// Every job of an office as a file, a line each.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`].
    pub async fn export_jobs(&self, viewer: &Viewer, office: &OfficeView) -> Result<String> {
        may_set_up(viewer)?;
        let id = office.id;
        let lines = self
            .look(move |w| {
                let mut lines = vec![];
                for row in job::of_office(w.db, id)? {
                    lines.push(serde_json::to_string(&carried(w, &row)?)?);
                }
                Ok(lines)
            })
            .await?;
        let code = serde_json::to_string(&office.code)?;
        let jobs = if lines.is_empty() {
            String::new()
        } else {
            format!("\n{}\n", lines.join(",\n"))
        };
        Ok(format!(
            "{{\"nachtwacht\":\"{MARK}\",\"version\":{VERSION},\"office\":{code},\"jobs\":[{jobs}]}}\n"
        ))
    }

    /// Reads jobs from a file; `dry` only says what would become of each.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`]; [`Refusal::Invalid`] naming line and reason for a file that is broken, and for one with
    /// broken jobs unless it is `dry`: then nothing is written.
    pub async fn import_jobs(
        &self,
        by: &Viewer,
        office: &OfficeView,
        text: &str,
        dry: bool,
    ) -> Result<ImportReport> {
        may_set_up(by)?;
        let file = read(text)?;
        let lines: Vec<u32> = file.jobs.iter().map(|j| line_of(text, j.number)).collect();
        let same_office = file.office == office.code;
        let (by, office) = (by.clone(), office.id);
        self.writer
            .run(move |w| {
                let import = |w: &mut Work<'_>| {
                    let mut import = Import::new(w, office, same_office)?;
                    let report = import.all(w, &by, &file.jobs, &lines)?;
                    let broken = report.iter().filter(|l| l.fate == Fate::Broken);
                    let errors: Vec<FieldError> = broken
                        .map(|l| {
                            let each = l.wrong.iter().map(|e| format!("{} {}", e.field, e.message));
                            let each: Vec<String> = each.map(|e| e.trim_start().to_owned()).collect();
                            let words = format!("job {}: {}", l.number, each.join("; "));
                            FieldError::said(format!("line {}", l.line), words)
                        })
                        .take(100)
                        .collect();
                    if !dry && !errors.is_empty() {
                        return Err(Refusal::Invalid(errors).into());
                    }
                    if !dry {
                        let n = report.iter().filter(|l| l.fate != Fate::Same).count();
                        w.audit(
                            Some(office),
                            by.person,
                            "import_jobs",
                            format!("office {office}"),
                            (None, Some(format!("{n} of {}", report.len()))),
                        )?;
                    }
                    Ok(ImportReport {
                        lines: report,
                        written: !dry,
                    })
                };
                w.whole(dry, import)
            })
            .await
    }
}

/// The file's jobs, or line and reason.
fn read(text: &str) -> Result<File> {
    let file: File = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|e| {
        let words = e.to_string();
        let words = words.split(" at line ").next().unwrap_or_default().to_owned();
        Refusal::field(format!("line {}", e.line()), words)
    })?;
    if file.nachtwacht != MARK {
        return Err(Refusal::rule("line 1", Rule::NoFileOfJobs).into());
    }
    if file.version != VERSION {
        let (version, reads) = (file.version.into(), VERSION.into());
        return Err(Refusal::rule("line 1", Rule::FileOfOtherVersion { version, reads }).into());
    }
    if file.jobs.len() > super::MOST {
        let most = super::MOST as i64;
        return Err(Refusal::rule("line 1", Rule::AtMostJobs { most }).into());
    }
    Ok(file)
}

/// The line on which a job's number stands; 0 when it cannot be told.
fn line_of(text: &str, number: JobId) -> u32 {
    let number = number.to_string();
    let holds = |line: &str| {
        line.split("\"number\"").skip(1).any(|rest| {
            let rest = rest.trim_start().trim_start_matches(':').trim_start();
            rest.strip_prefix(number.as_str())
                .is_some_and(|r| !r.starts_with(|c: char| c.is_ascii_digit()))
        })
    };
    text.lines().position(holds).map_or(0, |n| n as u32 + 1)
}

/// An import under way.
struct Import {
    office: OfficeId,
    /// Numbers in the file are numbers here.
    same_office: bool,
    here: Vec<(JobRow, Carried)>,
    /// Jobs here that were found in the file.
    taken: HashSet<JobId>,
    /// From numbers in the file to numbers here.
    map: HashMap<JobId, JobId>,
}

impl Import {
    fn new(w: &Work<'_>, office: OfficeId, same_office: bool) -> Result<Self> {
        let mut here = vec![];
        for row in job::of_office(w.db, office)? {
            let as_file = carried(w.look(), &row)?;
            here.push((row, as_file));
        }
        Ok(Self {
            office,
            same_office,
            here,
            taken: HashSet::new(),
            map: HashMap::new(),
        })
    }

    /// The job here that one of the file is: by number, or in another office by kind, description and companies.
    fn find(&self, job: &Carried) -> Option<usize> {
        let free = |(row, _): &&(JobRow, Carried)| !self.taken.contains(&row.id);
        let by_number = |(row, _): &(JobRow, Carried)| {
            self.same_office && row.id == job.number && row.form.kind == job.form.kind
        };
        let alike = |(_, c): &(JobRow, Carried)| {
            c.form.kind == job.form.kind
                && c.form.description == job.form.description
                && c.form.companies == job.form.companies
        };
        let place = |f: &dyn Fn(&(JobRow, Carried)) -> bool| self.here.iter().position(|h| free(&h) && f(h));
        place(&by_number).or_else(|| place(&alike))
    }

    fn all(
        &mut self,
        w: &mut Work<'_>,
        by: &Viewer,
        jobs: &[Carried],
        lines: &[u32],
    ) -> Result<Vec<ImportLine>> {
        let mut report = vec![];
        let mut found = vec![];
        let mut numbers = HashSet::new();
        for job in jobs {
            let place = self.find(job);
            if let Some(i) = place {
                self.taken.insert(self.here[i].0.id);
                self.map.insert(job.number, self.here[i].0.id);
            }
            found.push(place);
        }
        for ((job, line), place) in jobs.iter().zip(lines).zip(&found) {
            let mut said = ImportLine {
                number: job.number,
                line: *line,
                description: job.form.description.clone(),
                fate: Fate::New,
                here: None,
                why: vec![],
                wrong: vec![],
            };
            let done = if numbers.insert(job.number) {
                self.one(w, by, job, *place, &mut said)
            } else {
                Err(Refusal::rule("number", Rule::TwiceInFile).into())
            };
            note(done, &mut said)?;
            report.push(said);
        }
        for (job, said) in jobs.iter().zip(&mut report) {
            if matches!(said.fate, Fate::New | Fate::Changed)
                && let (Some(after), Some(id)) = (job.form.after, said.here)
            {
                let done = self.follow(w, by, id, after);
                note(done, said)?;
            }
        }
        Ok(report)
    }

    fn one(
        &mut self,
        w: &mut Work<'_>,
        by: &Viewer,
        job: &Carried,
        place: Option<usize>,
        said: &mut ImportLine,
    ) -> Result<()> {
        let form = JobForm {
            after: None,
            ..job.form.clone()
        };
        let aside = match job.standing {
            Standing::Inactive => Standing::Inactive,
            _ => Standing::OnHold,
        };
        let Some(i) = place else {
            said.fate = Fate::New;
            let system = self.system(w, by, job)?;
            let origin = Origin {
                system,
                replaces: None,
            };
            let id = jobs::create(w, by, self.office, &form, aside, origin, Some(IMPORTED))?;
            self.map.insert(job.number, id);
            said.here = Some(id);
            return Ok(());
        };
        let (row, mine) = self.here[i].clone();
        said.here = Some(row.id);
        said.why = self.differences(&mine, job)?;
        if said.why.is_empty() {
            said.fate = Fate::Same;
            return Ok(());
        }
        said.fate = Fate::Changed;
        if mine.system != job.system {
            return Err(Refusal::rule("system", Rule::OtherSystem).into());
        }
        let id = row.id;
        if said.why.iter().any(|d| d != "standing") {
            jobs::change(w, by, row, &form, Some(IMPORTED))?;
        }
        if let Some(row) = job::get(w.db, id)?
            && row.standing != aside
        {
            jobs::stand(w, by, row, aside, Some(IMPORTED))?;
        }
        Ok(())
    }

    /// Which parts differ, by key. A job that was put aside here is not another one for that.
    fn differences(&self, mine: &Carried, theirs: &Carried) -> Result<Vec<String>> {
        let mut theirs = theirs.clone();
        theirs.form.after = theirs.form.after.map(|a| self.map.get(&a).copied().unwrap_or(a));
        let (a, b) = (
            serde_json::to_value(&mine.form)?,
            serde_json::to_value(&theirs.form)?,
        );
        let parts = a.as_object().into_iter().flatten();
        let mut found: Vec<String> = parts
            .filter(|(k, v)| b.get(k) != Some(v))
            .map(|(k, _)| k.clone())
            .collect();
        if mine.standing != theirs.standing {
            found.push("standing".into());
        }
        if mine.system != theirs.system {
            found.push("system".into());
        }
        Ok(found)
    }

    /// The system of an entry; one that is not here yet is added, with both gates shut.
    fn system(&self, w: &mut Work<'_>, by: &Viewer, job: &Carried) -> Result<Option<i64>> {
        let Some(wanted) = &job.system else {
            return Ok(None);
        };
        let Some(company) = dossier::by_code(w.db, self.office, &wanted.company)? else {
            return Err(Refusal::rule("system.company", Rule::NoCompany).into());
        };
        let here = collection::of_company(w.db, company.id)?;
        if let Some(found) = here.into_iter().find(|s| s.code == wanted.code) {
            return Ok(Some(found.id));
        }
        if w.state.catalogue.system(&wanted.code).is_none() {
            return Err(Refusal::rule("system.code", Rule::NoSystemKind).into());
        }
        let id = collection::insert(w.db, self.office, company.id, &wanted.code)?;
        w.audit(
            Some(self.office),
            by.person,
            "add_system",
            format!("system {} {}", wanted.code, wanted.company),
            (None, Some(IMPORTED.into())),
        )?;
        Ok(Some(id))
    }

    /// Lets a job run after the one that it ran after in the file.
    fn follow(&self, w: &mut Work<'_>, by: &Viewer, id: JobId, after: JobId) -> Result<()> {
        let there = |id: &JobId| self.here.iter().any(|(row, _)| row.id == *id);
        let target = self.map.get(&after).copied();
        let target = target.or(Some(after).filter(|a| self.same_office && there(a)));
        let Some(target) = target else {
            return Err(Refusal::rule("after", Rule::AfterNowhere { job: after }).into());
        };
        let mut row = jobs::find(w.look(), self.office, id, None)?;
        row.form.after = Some(target);
        let form = check::whole(w.look(), &row)?;
        check::form(w, self.office, &form, Some(id))?;
        job::update(w.db, &row)?;
        jobs::wrote(w, by, &row, "job", None, Some(format!("after {target}")))
    }
}

/// What was refused makes the job broken; what could not be stored ends the import.
fn note(done: Result<()>, said: &mut ImportLine) -> Result<()> {
    match done {
        Ok(()) => Ok(()),
        Err(Error::Refused(Refusal::Invalid(errors))) => {
            said.fate = Fate::Broken;
            (said.why, said.wrong) = (vec![], errors);
            Ok(())
        }
        Err(Error::Refused(other)) => {
            said.fate = Fate::Broken;
            (said.why, said.wrong) = (vec![], vec![FieldError::said("", other.to_string())]);
            Ok(())
        }
        Err(e) => Err(e),
    }
}

//! A file of dossiers (X1.3, X1.4): read and shown first, made once it is confirmed, bit by bit, and never twice.
//!
//! Activations are released gradually, like work on many tasks: so many of one package wait for a connector at a time,
//! so that the day's work of the others is not kept waiting behind hundreds of them.

mod check;
mod decode;
mod read;

use crate::{
    Engine,
    clients::dossiers::{self, served},
    desk::room::What,
    tasks::bulk,
};
use check::{Facts, judge};
use domain::{NotAllowed, NotNow, OfficeId, Refusal, Rule, TaskId, Viewer, downtime::Door};
use store::{
    Result,
    door::{self, AtDoor},
    dossier,
    error::Error,
    import::{self as rows, Import, Line},
    person,
    writer::Work,
    zone::Zone,
};
use views::{
    OfficeView,
    dossiers::NewDossier,
    import::{Findings, ImportLine, ImportPage, MOST_FILE},
};

/// Most lines written in one operation of the writer.
const CHUNK: usize = 1_000;
/// Most lines made in one operation of the writer.
const STEP: i64 = 100;
/// A file that nobody confirmed is kept so long.
const KEPT_MS: i64 = 86_400_000;
/// Lines of a file shown before it is confirmed.
const SAMPLE: u32 = 10;
/// Files shown that were confirmed before.
const LAST: u32 = 5;
/// The refusal of a line that can be made later.
const LATER: &str = "too_many_requests";

impl Engine {
    /// Reads a file of dossiers and keeps what was found in it; gives its number. Nothing is made.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for those who do not run the office, [`Refusal::Invalid`] for what is no such file.
    pub async fn read_import(
        &self,
        by: &Viewer,
        office: OfficeId,
        file: String,
        bytes: Vec<u8>,
    ) -> Result<i64> {
        may(by)?;
        self.room_for(What::HandIn)?;
        if bytes.len() > MOST_FILE {
            return Err(Refusal::rule("file", Rule::ImportTooLarge).into());
        }
        self.forget_imports(office).await?;
        let facts = self.facts(office).await?;
        // a hundred thousand lines take a moment: not on a thread that others wait for
        let judged = tokio::task::spawn_blocking(move || {
            let rows = read::rows(&decode::decode(&bytes))?;
            Ok::<_, Refusal>(judge(rows, &facts))
        });
        let (lines, found) = judged.await.map_err(|e| Error::Storage(e.to_string()))??;
        let (said, total) = (serde_json::to_string(&found)?, lines.len());
        let of = Import {
            id: 0,
            office,
            person: by.person,
        };
        let id = self
            .writer
            .run(move |w| rows::insert(w.db, &of, &file, total, &said, w.now))
            .await?;
        for chunk in lines.chunks(CHUNK) {
            let chunk = chunk.to_vec();
            self.writer
                .run(move |w| rows::insert_lines(w.db, id, &chunk))
                .await?;
        }
        self.writer.run(move |w| rows::set_open(w.db, id, w.now)).await?;
        Ok(id)
    }

    async fn forget_imports(&self, office: OfficeId) -> Result<()> {
        let forget = move |w: &mut Work<'_>| rows::forget(w.db, office, w.now - KEPT_MS, CHUNK);
        while self.writer.run(forget).await? {}
        Ok(())
    }

    async fn facts(&self, office: OfficeId) -> Result<Facts> {
        let mut facts = Facts::default();
        for (code, name, package) in rows::to_come(&self.readers, office).await? {
            facts.dossiers.insert(code, (name, package, false));
        }
        for (code, name, package, archived) in rows::dossiers(&self.readers, office).await? {
            facts.dossiers.insert(code, (name, package, archived));
        }
        for (id, email) in rows::people(&self.readers, office).await? {
            facts.people.insert(email, id);
        }
        facts.served = self.writer.memory(move |m| served(m, office)).await?;
        let catalogue = self.catalogue();
        let keys = catalogue
            .package_codes()
            .chain(facts.served.iter().map(String::as_str));
        for key in keys {
            facts
                .packages
                .insert(catalogue.package_name(key).to_lowercase(), key.to_owned());
            facts.packages.insert(key.to_lowercase(), key.to_owned());
        }
        Ok(facts)
    }

    /// A file as it now stands.
    pub async fn import(&self, viewer: &Viewer, office: &OfficeView, id: i64) -> Result<ImportPage> {
        may(viewer)?;
        let raw = rows::get(&self.readers, office.id, id)
            .await?
            .ok_or(Refusal::NotFound)?;
        let catalogue = self.catalogue();
        let mut findings: Findings = serde_json::from_str(&raw.said)?;
        for (package, _) in &mut findings.unserved {
            *package = catalogue.package_name(package).to_owned();
        }
        let (mut sample, mut progress) = (vec![], None);
        match raw.confirmed_at {
            Some(at) => {
                let mut far = rows::progress(&self.readers, id).await?;
                if !raw.goes_on {
                    // what a person stopped is not to come any more
                    far.to_come = 0;
                }
                progress = Some((Zone::of(&office.zone).moment(at), far));
            }
            None => {
                for (line, code, name, package, manager) in rows::sample(&self.readers, id, SAMPLE).await? {
                    let package = catalogue.package_name(&package).to_owned();
                    sample.push((line as u32, code, name, package, manager.unwrap_or_default()));
                }
            }
        }
        Ok(ImportPage {
            id,
            file: raw.file,
            total: raw.total as u32,
            sample,
            findings,
            progress,
            stopped_by: raw.stopped_by,
        })
    }

    /// The last files that were confirmed.
    pub async fn imports(&self, viewer: &Viewer, office: &OfficeView) -> Result<Vec<ImportLine>> {
        may(viewer)?;
        let zone = Zone::of(&office.zone);
        let lines = rows::confirmed(&self.readers, office.id, LAST).await?;
        let line = |(id, file, at, by, n): (i64, String, i64, String, i64)| {
            (id, file, zone.moment(at), by, n as u32)
        };
        Ok(lines.into_iter().map(line).collect())
    }

    /// Begins what was shown. Twice is once.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::WrongState`] when there is nothing to make.
    pub async fn confirm_import(&self, by: &Viewer, office: OfficeId, id: i64) -> Result<()> {
        may(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                let (total, confirmed) = rows::standing(w.db, office, id)?.ok_or(Refusal::NotFound)?;
                if confirmed {
                    return Ok(());
                }
                if total == 0 {
                    return Err(Refusal::WrongState(NotNow::NothingToActivate).into());
                }
                rows::confirm(w.db, id, by.person, w.now)?;
                wrote(w, &by, office, id, format!("{total} dossiers"))?;
                let of = Import {
                    id,
                    office,
                    person: by.person,
                };
                carry_on(w, &of)
            })
            .await
    }

    /// Stops it: what is made stays, the rest is not made.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::WrongState`] when it is over or has not begun.
    pub async fn stop_import(&self, by: &Viewer, office: OfficeId, id: i64) -> Result<()> {
        may(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                rows::standing(w.db, office, id)?.ok_or(Refusal::NotFound)?;
                if !rows::goes_on(w.db, id)? {
                    return Err(Refusal::WrongState(NotNow::OverAlready).into());
                }
                rows::end(w.db, id, Some(&by.name), w.now)?;
                wrote(w, &by, office, id, "stopped".into())
            })
            .await
    }

    /// Goes on with the files that were confirmed.
    pub async fn carry_on_imports(&self) -> Result<()> {
        for open in rows::open(&self.readers).await? {
            self.writer.run(move |w| carry_on(w, &open)).await?;
        }
        Ok(())
    }
}

fn may(by: &Viewer) -> Result<()> {
    if by.runs_office() {
        Ok(())
    } else {
        Err(Refusal::Forbidden(NotAllowed::RunningTheOffice).into())
    }
}

fn carry_on(w: &mut Work<'_>, of: &Import) -> Result<()> {
    // stopped since it was read
    if !rows::goes_on(w.db, of.id)? {
        return Ok(());
    }
    let by =
        person::by_number(w.db, of.person)?.filter(|by| by.runs_office() && by.may_see_office(of.office));
    // it goes on when the desk is open again
    let at = by.as_ref().map(|by| AtDoor {
        who: by.role.into(),
        door: Door::Call,
        office: by.office,
    });
    if at.is_some_and(|at| door::refuses(&w.state.downtimes, at, w.now).is_some()) {
        return Ok(());
    }
    rows::sift_waiting(w.db, of.id)?;
    let mut left = STEP;
    for (package, waiting) in rows::packages(w.db, of.id)? {
        let room = (bulk::RELEASED - waiting).clamp(0, left);
        for line in rows::next(w.db, of.id, &package, room)? {
            left -= 1;
            let became = match &by {
                Some(by) => one(w, by, of, &line)?,
                None => Err("forbidden"),
            };
            // the office has as many open tasks as it may: it goes on when there is room again
            if became == Err(LATER) {
                return Ok(());
            }
            rows::settle(w.db, of.id, line.line, became)?;
        }
    }
    if rows::packages(w.db, of.id)?.is_empty() {
        rows::end(w.db, of.id, None, w.now)?;
    }
    Ok(())
}

/// Makes the dossier of a line, unless its code has become somebody's since it was read.
fn one(
    w: &mut Work<'_>,
    by: &Viewer,
    of: &Import,
    line: &Line,
) -> Result<std::result::Result<TaskId, &'static str>> {
    if dossier::by_code(w.db, of.office, &line.code)?.is_some() {
        return Ok(Err("taken"));
    }
    let new = NewDossier {
        code: line.code.clone(),
        name: line.name.clone(),
        package: line.package.clone(),
    };
    let task = dossiers::activation(&new, Some(format!("import {} {}", of.id, line.line)));
    // who has left since manages nothing
    let manager = match line.manager {
        Some(person) if person::works_at(w.db, of.office, person)? => Some(person),
        _ => None,
    };
    match dossiers::make(w, by, of.office, &new, task, manager) {
        Ok(task) => Ok(Ok(task)),
        Err(Error::Refused(r)) => Ok(Err(r.code())),
        Err(e) => Err(e),
    }
}

fn wrote(w: &Work<'_>, by: &Viewer, office: OfficeId, id: i64, after: String) -> Result<()> {
    w.audit(
        Some(office),
        by.person,
        "import_dossiers",
        format!("import {id}"),
        (None, Some(after)),
    )
}

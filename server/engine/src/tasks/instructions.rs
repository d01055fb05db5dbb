//! Writing instructions, once for all tasks of a code (M14, M16).

use crate::{
    Engine,
    tasks::dispatch::instruct,
    tasks::reading::{params, said},
    tasks::sweep,
};
use domain::{
    FieldError, Refusal, Rule, TaskId, Viewer,
    failure::{Audience, is_code},
    instruction::{CONFIRM, Instruction, Used},
};
use serde_json::Value;
use std::collections::HashSet;
use store::{
    Catalogue, Result,
    door::spawn_kept,
    instruction as rows, read,
    sweep::{Sweep, What},
    zone::Zone,
};
use views::instructions::{Editing, Failing, InstructionRow, VersionRow, Written, WrittenNow};

/// Most steps, alternatives and parameters.
const MOST_PARTS: usize = 50;
/// So many stopped tasks are looked at for what failures carried.
const LOOKED_AT: u32 = 1000;
/// So many of them stand in the preview.
const PREVIEWED: usize = 3;

impl Engine {
    /// The catalogue: every instruction in its last version, by package and code.
    pub async fn instructions(&self, viewer: &Viewer, zone: Zone) -> Result<Vec<InstructionRow>> {
        let uses = rows::uses(&self.readers, None).await?;
        let writers = rows::writers(&self.readers, None).await?;
        let catalogue = self.catalogue();
        let mut list: Vec<InstructionRow> = catalogue
            .instructions
            .iter()
            .map(|i| {
                let id = (i.package.clone(), i.code.clone(), i.version);
                InstructionRow {
                    package_name: package_name(&catalogue, &i.package),
                    title: i.title_in(viewer.language),
                    for_office: i.audience == Audience::Office,
                    version: i.version,
                    complete_in: i.complete_in(),
                    used: uses.get(&id).copied().unwrap_or_default(),
                    written: writers.get(&id).map(|w| written(w, zone)),
                    package: id.0,
                    code: id.1,
                }
            })
            .collect();
        list.sort_by(|a, b| (&a.package_name, &a.code).cmp(&(&b.package_name, &b.code)));
        Ok(list)
    }

    /// What the editor of one instruction needs; also for one that is yet to be written.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a package that nobody knows or a code that is none.
    pub async fn editing(&self, zone: Zone, package: &str, code: &str) -> Result<Editing> {
        let catalogue = self.catalogue();
        if !is_package(&catalogue, package) || !is_code(code) {
            return Err(Refusal::NotFound.into());
        }
        let uses = rows::uses(&self.readers, Some(code)).await?;
        let writers = rows::writers(&self.readers, Some(code)).await?;
        let mut versions: Vec<VersionRow> = catalogue
            .instructions
            .versions(package, code)
            .map(|i| {
                let id = (i.package.clone(), i.code.clone(), i.version);
                VersionRow {
                    instruction: i.clone(),
                    used: uses.get(&id).copied().unwrap_or_default(),
                    written: writers.get(&id).map(|w| written(w, zone)),
                }
            })
            .collect();
        versions.reverse();
        let (failing, seen, red) = self.failures(package, code).await?;
        let mut kinds: Vec<String> = catalogue.kind_codes().map(ToOwned::to_owned).collect();
        kinds.sort_unstable();
        Ok(Editing {
            package: package.to_owned(),
            code: code.to_owned(),
            package_name: package_name(&catalogue, package),
            versions,
            failing,
            red,
            seen,
            kinds,
        })
    }

    /// Stopped tasks with a code for the preview, what they carried, and how many of them are red.
    async fn failures(&self, package: &str, code: &str) -> Result<(Vec<Failing>, Vec<(String, Value)>, u32)> {
        let stopped = rows::failing(&self.readers, package, code, LOOKED_AT).await?;
        let red = stopped.iter().filter(|(.., red)| *red).count() as u32;
        let ids: Vec<TaskId> = stopped
            .iter()
            .take(MOST_PARTS)
            .map(|(id, ..)| TaskId(*id))
            .collect();
        let raw = read::tasks_by_id(&self.readers, &ids).await?;
        let mut seen: Vec<(String, Value)> = vec![];
        let mut see = |name: &String, value: &Value| {
            if !seen.iter().any(|(n, _)| n == name) {
                seen.push((name.clone(), value.clone()));
            }
        };
        for r in &raw {
            said(r).iter().for_each(|(n, v)| see(n, v));
        }
        for r in &raw {
            params(r, &said(r)).iter().for_each(|(n, v)| see(n, v));
        }
        let office = |id: i64| stopped.iter().find(|(t, ..)| *t == id).map(|(_, o, _)| o.clone());
        let failing = raw.iter().take(PREVIEWED).map(|r| Failing {
            task: TaskId(r.id),
            office: office(r.id).unwrap_or_default(),
            dossier: r.name.clone(),
            kind: r.kind.clone(),
            params: params(r, &said(r)),
        });
        let failing = failing.collect();
        Ok((failing, seen, red))
    }

    /// How often the task's own version of an instruction helped.
    pub(crate) async fn used(&self, i: &Instruction) -> Result<Option<Used>> {
        let uses = rows::uses(&self.readers, Some(&i.code)).await?;
        Ok(uses.get(&(i.package.clone(), i.code.clone(), i.version)).copied())
    }

    /// Writes a new version, or a new instruction: all open red tasks with its code turn orange and carry it, and
    /// failures are judged by it from now on. `read` is the version that it was written from, 0 for a new one.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming each hole; [`Refusal::WrongState`] when somebody else wrote a version meanwhile.
    pub async fn write_instruction(&self, by: Viewer, read: u32, i: Instruction) -> Result<WrittenNow> {
        let catalogue = self.catalogue();
        check(&catalogue, &i)?;
        let i = Instruction {
            package_name: package_name(&catalogue, &i.package),
            ..i
        };
        let (writer, in_hand) = (self.writer.clone(), self.in_hand.clone());
        // goes on when nobody waits for the answer any more: what is written is also what tasks are judged by
        spawn_kept(async move {
            let (held, version) = sweep::begin(&writer, &in_hand, move |w| {
                let version = instruct::write(w, &by, read, &i)?;
                let what = What::Instruct {
                    package: i.package.clone(),
                    code: i.code.clone(),
                };
                let by = by.clone();
                Ok((Sweep { by, what }, version))
            })
            .await?;
            let swept = sweep::finish(&writer, &held).await?;
            Ok(WrittenNow {
                version,
                turned: swept.done,
                dossiers: swept.dossiers.len() as u32,
                stay: swept.stay,
                lacks: swept.lacks,
            })
        })
        .await
    }
}

fn written((by, at): &(String, i64), zone: Zone) -> Written {
    Written {
        by: by.clone(),
        at: zone.moment(*at),
    }
}

fn is_package(catalogue: &Catalogue, package: &str) -> bool {
    package == "*" || catalogue.package_codes().any(|p| p == package)
}

fn package_name(catalogue: &Catalogue, package: &str) -> String {
    if package == "*" {
        return String::new();
    }
    catalogue.package_name(package).to_owned()
}

/// Every rule that a written instruction breaks, at its field.
fn check(catalogue: &Catalogue, i: &Instruction) -> Result<()> {
    let mut errors: Vec<FieldError> = i
        .holes()
        .iter()
        .map(|h| {
            let language = h.language.map(|l| format!(".{}", l.tag())).unwrap_or_default();
            FieldError::said(format!("{}{language}", h.place), h.to_string())
        })
        .collect();
    let names: HashSet<&str> = i.params.iter().map(|p| p.name.as_str()).collect();
    let parts = [i.steps.len(), i.params.len(), i.alternatives.len()];
    let ways = i.alternatives.iter().map(|a| a.steps.len());
    for (broken, name, rule) in [
        (!is_package(catalogue, &i.package), "package", Rule::NotKnown),
        (!is_code(&i.code), "code", Rule::CodeNotSnakeCase),
        (
            i.task_kinds.is_empty() || i.task_kinds.iter().any(|k| catalogue.kind(k).is_none()),
            "task_kinds",
            Rule::NoInstructedKind,
        ),
        (
            names.len() < i.params.len() || names.iter().any(|n| !is_code(n)),
            "params",
            Rule::ParamNames,
        ),
        (
            i.group_by
                .iter()
                .any(|g| g != "code" && !names.contains(g.as_str())),
            "group_by",
            Rule::GroupNames,
        ),
        (
            i.editable.iter().any(|e| e != "dossier_code" && e != CONFIRM),
            "editable",
            Rule::NotEditable,
        ),
        (
            parts.into_iter().chain(ways).any(|n| n > MOST_PARTS),
            "steps",
            Rule::AtMost {
                most: MOST_PARTS as i64,
            },
        ),
        (
            i.alternatives.iter().any(|a| a.steps.is_empty()),
            "alternatives",
            Rule::WayWithoutStep,
        ),
    ] {
        if broken {
            errors.push(FieldError::of(name, rule));
        }
    }
    if errors.is_empty() {
        return Ok(());
    }
    errors.truncate(100);
    Err(Refusal::Invalid(errors).into())
}

//! The catalogue: kinds of task, packages, instructions. Data, read at start; a hole refuses the start.

use crate::error::{Error, Result};
use domain::{
    Rule, instruction,
    job::{FORMATS, JobKind, pattern},
    task::KindRules,
};
use serde::Deserialize;
use std::collections::HashMap;
use views::collection::SystemKind;

/// A kind of task (T1).
#[derive(Clone, Debug, Deserialize)]
pub struct Kind {
    /// Its key on the wire.
    pub code: String,
    /// What it allows.
    #[serde(flatten)]
    pub rules: KindRules,
    /// Its payload names a dossier that need not exist yet.
    #[serde(default)]
    pub creates_dossier: bool,
}

#[derive(Clone, Debug, Deserialize)]
struct Package {
    code: String,
    name: String,
}

/// What a kind of job proposes must pass its own checks.
fn check_job_kind(k: &JobKind) -> std::result::Result<(), String> {
    let params = k.params.iter().map(String::as_str);
    let said = |rule: Rule| rule.to_string();
    pattern::check(
        &k.description.replace("{system}", "BS").replace(['/', ':'], "-"),
        params.clone(),
    )
    .map_err(said)?;
    for o in &k.outputs {
        pattern::check(&o.file, params.clone()).map_err(said)?;
        pattern::check_path(&o.path).map_err(said)?;
        if !FORMATS.contains(&o.format.as_str()) {
            return Err(format!("{} is no format", o.format));
        }
    }
    Ok(())
}

/// Everything the catalogue holds.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    kinds: HashMap<String, Kind>,
    packages: HashMap<String, String>,
    job_kinds: Vec<JobKind>,
    systems: Vec<SystemKind>,
    /// What people must do, by package and code.
    pub instructions: instruction::Catalogue,
}

impl Catalogue {
    /// The catalogue that the program carries.
    ///
    /// # Errors
    /// [`Error::Storage`] naming each hole.
    pub fn built_in() -> Result<Self> {
        let systems = serde_json::from_str(include_str!("../catalogue/collection_systems.json"))
            .map_err(|e| Error::Storage(format!("The collection systems file cannot be read: {e}.")))?;
        let rest = Self::read(
            include_str!("../catalogue/kinds.json"),
            include_str!("../catalogue/packages.json"),
            include_str!("../catalogue/instructions.json"),
            include_str!("../catalogue/job_kinds.json"),
        )?;
        Ok(Self { systems, ..rest })
    }

    /// Reads a catalogue from its four files.
    ///
    /// # Errors
    /// [`Error::Storage`] naming each hole.
    pub fn read(kinds: &str, packages: &str, instructions: &str, job_kinds: &str) -> Result<Self> {
        let broken = |what: &str, e: serde_json::Error| {
            Error::Storage(format!("The {what} file cannot be read: {e}."))
        };
        let kinds: Vec<Kind> = serde_json::from_str(kinds).map_err(|e| broken("kinds", e))?;
        let packages: Vec<Package> = serde_json::from_str(packages).map_err(|e| broken("packages", e))?;
        let instructions =
            instruction::Catalogue::read(instructions).map_err(|holes| Error::Storage(holes.join("\n")))?;
        let kinds: HashMap<_, _> = kinds.into_iter().map(|k| (k.code.clone(), k)).collect();
        let packages: HashMap<_, _> = packages.into_iter().map(|p| (p.code, p.name)).collect();
        for i in instructions.iter() {
            if let Some(kind) = i.task_kinds.iter().find(|k| !kinds.contains_key(*k)) {
                return Err(Error::Storage(format!(
                    "{}.{} names the unknown kind {kind}.",
                    i.package, i.code
                )));
            }
            if i.package != "*" && !packages.contains_key(&i.package) {
                return Err(Error::Storage(format!(
                    "{}.{} names an unknown package.",
                    i.package, i.code
                )));
            }
        }
        let job_kinds: Vec<JobKind> = serde_json::from_str(job_kinds).map_err(|e| broken("job kinds", e))?;
        for k in &job_kinds {
            check_job_kind(k).map_err(|why| Error::Storage(format!("The job kind {}: {why}.", k.code)))?;
        }
        Ok(Self {
            kinds,
            packages,
            job_kinds,
            systems: vec![],
            instructions,
        })
    }

    /// The kind of a key.
    pub fn kind(&self, code: &str) -> Option<&Kind> {
        self.kinds.get(code)
    }

    /// The kind of job of a key.
    pub fn job_kind(&self, code: &str) -> Option<&JobKind> {
        self.job_kinds.iter().find(|k| k.code == code)
    }

    /// Every kind of job, in the catalogue's order.
    pub fn job_kinds(&self) -> &[JobKind] {
        &self.job_kinds
    }

    /// The collection system of a key.
    pub fn system(&self, code: &str) -> Option<&SystemKind> {
        self.systems.iter().find(|s| s.code == code)
    }

    /// Every collection system that can be added, in the catalogue's order.
    pub fn systems(&self) -> &[SystemKind] {
        &self.systems
    }

    /// Every kind's key.
    pub fn kind_codes(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(String::as_str)
    }

    /// Every package's key.
    pub fn package_codes(&self) -> impl Iterator<Item = &str> {
        self.packages.keys().map(String::as_str)
    }

    /// The package as people call it; its key when the catalogue does not know it.
    pub fn package_name<'a>(&'a self, code: &'a str) -> &'a str {
        self.packages.get(code).map_or(code, String::as_str)
    }

    /// The instruction for a failure of a task of `kind`, in the version that the task was shown.
    pub fn as_shown(
        &self,
        package: &str,
        code: &str,
        kind: &str,
        version: u32,
    ) -> Option<&instruction::Instruction> {
        self.instructions
            .as_shown(package, code, version)
            .filter(|i| i.task_kinds.iter().any(|k| k == kind))
    }

    /// The instruction for a failure of a task of `kind`, in its last version.
    pub fn instruction(&self, package: &str, code: &str, kind: &str) -> Option<&instruction::Instruction> {
        self.instructions
            .find(package, code)
            .filter(|i| i.task_kinds.iter().any(|k| k == kind))
    }
}

//! The catalogue: kinds of task, packages, instructions. Data, read at start; a hole refuses the start.

use crate::error::{Error, Result};
use domain::{instruction, task::KindRules};
use serde::Deserialize;
use std::collections::HashMap;

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

/// Everything the catalogue holds.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    kinds: HashMap<String, Kind>,
    packages: HashMap<String, String>,
    /// What people must do, by package and code.
    pub instructions: instruction::Catalogue,
}

impl Catalogue {
    /// The catalogue that the program carries.
    ///
    /// # Errors
    /// [`Error::Storage`] naming each hole.
    pub fn built_in() -> Result<Self> {
        Self::read(
            include_str!("../catalogue/kinds.json"),
            include_str!("../catalogue/packages.json"),
            include_str!("../catalogue/instructions.json"),
        )
    }

    /// Reads a catalogue from its three files.
    ///
    /// # Errors
    /// [`Error::Storage`] naming each hole.
    pub fn read(kinds: &str, packages: &str, instructions: &str) -> Result<Self> {
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
        Ok(Self {
            kinds,
            packages,
            instructions,
        })
    }

    /// The kind of a key.
    pub fn kind(&self, code: &str) -> Option<&Kind> {
        self.kinds.get(code)
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

    /// The instruction for a failure of a task of `kind`.
    pub fn instruction(&self, package: &str, code: &str, kind: &str) -> Option<&instruction::Instruction> {
        self.instructions
            .find(package, code)
            .filter(|i| i.task_kinds.iter().any(|k| k == kind))
    }
}

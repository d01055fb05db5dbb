//! All instructions, found by package and code.

use super::{Hole, Instruction, Why};
use crate::failure::{Audience, UNKNOWN, Verdict};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// All instructions, found by package and code: the last version of each, and those before it.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    instructions: Vec<Instruction>,
    /// Place of the last version.
    index: HashMap<(String, String), usize>,
}

#[derive(Deserialize)]
struct File {
    instructions: Vec<Instruction>,
}

impl Catalogue {
    /// Reads and checks a catalogue file.
    ///
    /// # Errors
    /// Sentences that name each hole: a language, a parameter or a step that is missing.
    pub fn read(json: &str) -> Result<Self, Vec<String>> {
        let file: File = serde_json::from_str(json)
            .map_err(|e| vec![format!("The instruction file cannot be read: {e}.")])?;
        let holes: Vec<String> = file.instructions.iter().flat_map(sentences).collect();
        if !holes.is_empty() {
            return Err(holes);
        }
        let mut catalogue = Self::default();
        for i in file.instructions {
            let key = (i.package.clone(), i.code.clone());
            if catalogue
                .index
                .insert(key, catalogue.instructions.len())
                .is_some()
            {
                return Err(vec![format!(
                    "{}.{} stands twice in the instruction file.",
                    i.package, i.code
                )]);
            }
            catalogue.instructions.push(i);
        }
        Ok(catalogue)
    }

    /// Every instruction in its last version.
    pub fn iter(&self) -> impl Iterator<Item = &Instruction> {
        self.index.values().map(|i| &self.instructions[*i])
    }

    /// Every version of an instruction, oldest first.
    pub fn versions<'a>(&'a self, package: &'a str, code: &'a str) -> impl Iterator<Item = &'a Instruction> {
        self.instructions
            .iter()
            .filter(move |i| i.package == package && i.code == code)
    }

    /// Adds a new version, or a new instruction.
    ///
    /// # Errors
    /// Sentences that name each hole.
    pub fn add(&mut self, i: Instruction) -> Result<(), Vec<String>> {
        let holes = sentences(&i);
        if !holes.is_empty() {
            return Err(holes);
        }
        self.index
            .insert((i.package.clone(), i.code.clone()), self.instructions.len());
        self.instructions.push(i);
        Ok(())
    }

    /// The instruction as a task was shown it; the last one when that version is not known any more.
    pub fn as_shown(&self, package: &str, code: &str, version: u32) -> Option<&Instruction> {
        let last = self.find(package, code)?;
        let of = |package: &str| {
            self.instructions
                .iter()
                .find(|i| i.version == version && i.code == code && i.package == package)
        };
        Some(of(package).or_else(|| of("*")).unwrap_or(last))
    }

    /// How many versions it knows of all instructions together. It only ever grows.
    pub fn len(&self) -> usize {
        self.instructions.len()
    }

    /// It knows none.
    pub fn is_empty(&self) -> bool {
        self.instructions.is_empty()
    }

    /// The number that the next version of an instruction for `code` gets. It rises over all packages, so that a
    /// number that a task was shown names one text, also where a package's own text took the place of the common one.
    pub fn next_version(&self, code: &str) -> u32 {
        let of_code = self.instructions.iter().filter(|i| i.code == code);
        of_code.map(|i| i.version).max().unwrap_or(0) + 1
    }

    /// The instruction for a code in a package, else for the code in any package, else none: Support.
    pub fn find(&self, package: &str, code: &str) -> Option<&Instruction> {
        [package, "*"]
            .iter()
            .find_map(|p| self.index.get(&((*p).to_owned(), code.to_owned())))
            .map(|i| &self.instructions[*i])
    }

    /// What follows from `code`. An instruction that cannot be made concrete, because a parameter is missing,
    /// would leave the office with a riddle: it goes to Support.
    pub fn verdict(&self, package: &str, code: &str, params: &Map<String, Value>) -> Verdict {
        self.find(package, code).map_or(UNKNOWN, |i| Verdict {
            retry: i.auto_retry.is_some(),
            audience: if i.lacks(params).is_some() {
                Audience::Support
            } else {
                i.audience
            },
        })
    }
}

/// What is missing in an instruction, each as a sentence with its name.
fn sentences(i: &Instruction) -> Vec<String> {
    let holes = i.holes();
    let sentence = |h: &Hole| {
        let colon = if h.why == Why::NoStep { "" } else { ":" };
        format!("{}.{}{colon} {h}", i.package, i.code)
    };
    holes.iter().map(sentence).collect()
}

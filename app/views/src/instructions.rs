//! The instruction catalogue and its editor, for Support (M14, M16).

use domain::{
    instruction::{Instruction, Used},
    language::Language,
    moment::Moment,
    task::TaskId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Who wrote a version, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Who.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// One instruction in the catalogue, in its last version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstructionRow {
    /// Key of the package; `*` for any.
    pub package: String,
    /// The package as people call it; empty for any.
    pub package_name: String,
    /// The failure's code.
    pub code: String,
    /// In the reader's language, its parameters in braces.
    pub title: String,
    /// The office acts; otherwise Support.
    pub for_office: bool,
    /// The last version.
    pub version: u32,
    /// The languages in which nothing is missing.
    pub complete_in: Vec<Language>,
    /// How often this version helped.
    pub used: Used,
    /// Who wrote it; `None` for one that came with the program.
    pub written: Option<Written>,
}

/// One version of an instruction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionRow {
    /// The whole text.
    pub instruction: Instruction,
    /// How often it helped.
    pub used: Used,
    /// Who wrote it; `None` for one that came with the program.
    pub written: Option<Written>,
}

/// A task that stopped with the code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failing {
    /// Names it.
    pub task: TaskId,
    /// Its office's name.
    pub office: String,
    /// Its dossier's name.
    pub dossier: String,
    /// Key of its kind.
    pub kind: String,
    /// What the connector said, with what the desk knows of the task itself.
    pub params: Map<String, Value>,
}

/// What the editor of one instruction needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Editing {
    /// Key of the package; `*` for any.
    pub package: String,
    /// The failure's code.
    pub code: String,
    /// The package as people call it; empty for any.
    pub package_name: String,
    /// Newest first; none for an instruction that is to be written.
    pub versions: Vec<VersionRow>,
    /// Up to three stopped tasks with the code, for the preview.
    pub failing: Vec<Failing>,
    /// Stopped tasks with the code that wait for Support.
    pub red: u32,
    /// Every parameter that is known: what the failures carried, then what the desk knows of each task. With an example.
    pub seen: Vec<(String, Value)>,
    /// Keys of all kinds of task.
    pub kinds: Vec<String>,
}

/// What writing an instruction did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenNow {
    /// The number of the new version.
    pub version: u32,
    /// Tasks that turned orange.
    pub turned: u32,
    /// In so many dossiers.
    pub dossiers: u32,
    /// Tasks that stay red, because they lack a parameter that the instruction needs.
    pub stay: u32,
    /// The parameter that the first of them lacks.
    pub lacks: Option<String>,
}

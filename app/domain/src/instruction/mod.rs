//! Instructions: what a person must do about a failure, in five languages (M9–M12).
//!
//! The texts are data, written by Support; this is their reader. A template knows `{name}` and
//! `{name, select, key {text} other {text}}`; how a value reads follows from the parameter's type.

mod catalogue;
mod holes;
mod render;
mod template;
#[cfg(test)]
mod tests;

pub use catalogue::Catalogue;
pub use holes::{Hole, Place, Why};

use crate::failure::Audience;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What [`Instruction::editable`] holds where a person may say that the failure is none.
pub const CONFIRM: &str = "confirm";

/// One text in each language, by tag.
pub type Texts = BTreeMap<String, String>;

/// How a parameter's value reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParamType {
    /// A name; shown strong.
    #[serde(rename = "text")]
    Text,
    /// A code that people copy.
    #[serde(rename = "code")]
    Code,
    /// A code that may be missing.
    #[serde(rename = "code?")]
    OptionalCode,
    /// `201802`: "2018-02", in prose "February 2018".
    #[serde(rename = "yearmonth")]
    YearMonth,
    /// Several of them.
    #[serde(rename = "yearmonth_list")]
    YearMonths,
    /// Yes or no; only chooses between texts.
    #[serde(rename = "bool")]
    Bool,
    /// Whom to ask.
    #[serde(rename = "contact")]
    Contact,
}

/// A parameter that the texts may name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// As it stands in braces.
    pub name: String,
    /// How its value reads.
    pub r#type: ParamType,
    /// For the editor's preview and the tests.
    #[serde(default)]
    pub example: Value,
}

/// Another way to the same end: what it is called, and its steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// Verb first.
    pub title: Texts,
    /// What to do, in order.
    pub steps: Vec<Texts>,
}

/// What follows from one code in one package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instruction {
    /// Package key, or `*` for any.
    pub package: String,
    /// The package as people call it.
    pub package_name: String,
    /// The failure's code.
    pub code: String,
    /// The kinds of task it speaks of.
    pub task_kinds: Vec<String>,
    /// Who acts.
    pub audience: Audience,
    /// Whether a restart is the end of the instruction.
    pub restartable: bool,
    /// Present when the cause is transient: tried again before a person is asked.
    #[serde(default)]
    pub auto_retry: Option<Value>,
    /// What tells one cause from another, besides package and code.
    #[serde(default)]
    pub group_by: Vec<String>,
    /// What the texts may name.
    #[serde(default)]
    pub params: Vec<Param>,
    /// Verb first.
    pub title: Texts,
    /// What is wrong, in one sentence.
    pub cause: Texts,
    /// What to do, in order.
    #[serde(default)]
    pub steps: Vec<Texts>,
    /// What happens next.
    #[serde(default)]
    pub after: Option<Texts>,
    /// When the steps are not the way.
    #[serde(default)]
    pub escalate: Option<Texts>,
    /// Other ways that lead to the same end (M16).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Alternative>,
    /// What may be corrected at the failed task before the restart (T9).
    #[serde(default)]
    pub editable: Vec<String>,
    /// Rises when Support writes it anew; a task keeps the one it was shown.
    #[serde(default = "first_version")]
    pub version: u32,
}

fn first_version() -> u32 {
    1
}

/// A piece of a rendered text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// Plain words.
    Text(String),
    /// A value that matters.
    Strong(String),
    /// A value to copy.
    Code(String),
}

impl Piece {
    /// The words without their dress.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(s) | Self::Strong(s) | Self::Code(s) => s,
        }
    }
}

/// The words of `pieces` in one line.
pub fn plain(pieces: &[Piece]) -> String {
    pieces.iter().map(Piece::text).collect()
}

/// An instruction made concrete for one task and one reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// Verb first.
    pub title: String,
    /// What is wrong.
    pub cause: Vec<Piece>,
    /// What to do.
    pub steps: Vec<Vec<Piece>>,
    /// What happens next.
    pub after: Option<Vec<Piece>>,
    /// When the steps are not the way.
    pub escalate: Option<Vec<Piece>>,
    /// Other ways that lead to the same end.
    #[serde(default)]
    pub alternatives: Vec<Way>,
    /// The package as people call it; `None` for an instruction of any package.
    pub package_name: Option<String>,
    /// What may be corrected before the restart.
    pub editable: Vec<String>,
    /// Which version of the text this is.
    pub version: u32,
    /// How often this version helped; `None` while that is not known.
    #[serde(default)]
    pub used: Option<Used>,
}

/// Another way, made concrete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// Verb first.
    pub title: String,
    /// What to do.
    pub steps: Vec<Vec<Piece>>,
}

/// How often an instruction was shown, and how often the task then succeeded (M16).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Tasks that stopped with it.
    pub shown: u32,
    /// Those that were restarted and succeeded.
    pub helped: u32,
}

impl Used {
    /// So few tasks say nothing of an instruction.
    const ENOUGH: u32 = 5;

    /// It has been shown often enough to tell.
    pub fn tells(self) -> bool {
        self.shown >= Self::ENOUGH
    }
}

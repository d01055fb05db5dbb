//! Causes across offices, for Support (M15).

use domain::{
    moment::Moment,
    task::{TaskId, TaskState},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How a cause stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    /// Red, and nobody has said that they work on it.
    New,
    /// Red, and somebody works on it.
    Working,
    /// Orange: the office has an instruction.
    Instructed,
    /// Orange: Support gave its tasks to the office.
    WithOffice,
    /// Nothing of it is open, and nobody has said that it is solved.
    Quiet,
    /// Somebody said so.
    Solved,
}

impl Stand {
    /// The key in addresses and in the page.
    pub fn key(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Working => "working",
            Self::Instructed => "instructed",
            Self::WithOffice => "with_office",
            Self::Quiet => "quiet",
            Self::Solved => "solved",
        }
    }
}

/// Whose turn it is: what the chips of the list choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Some of its tasks are red.
    Red,
    /// All of its open tasks are orange.
    Orange,
    /// It has no open tasks.
    Done,
}

impl Turn {
    /// Every turn, Support's first.
    pub const ALL: [Self; 3] = [Self::Red, Self::Orange, Self::Done];

    /// The key in the address.
    pub fn key(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Orange => "orange",
            Self::Done => "done",
        }
    }

    /// The turn of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.key() == key)
    }
}

/// What the list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseFilter {
    /// Whose turn; empty for red and orange.
    pub turns: Vec<Turn>,
    /// Key of a package; empty for all.
    #[serde(deserialize_with = "domain::typed::read_words")]
    pub package: String,
    /// Code of an office; empty for all.
    #[serde(deserialize_with = "domain::typed::read_words")]
    pub office: String,
    /// Part of a title, code or key.
    #[serde(deserialize_with = "domain::typed::read_words")]
    pub text: String,
}

/// One cause: package, code, and what tells one from another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CauseRow {
    /// Names it.
    pub key: String,
    /// Key of the package.
    pub package: String,
    /// The package as people call it.
    pub package_name: String,
    /// The failure's code.
    pub code: String,
    /// Title of its instruction, made concrete; `None` for a code without one.
    pub title: Option<String>,
    /// How it stands.
    pub stand: Stand,
    /// Open tasks that wait for Support.
    pub red: u32,
    /// Open tasks that wait for an office.
    pub orange: u32,
    /// Dossiers of its open tasks.
    pub dossiers: u32,
    /// Names of the offices of its open tasks.
    pub offices: Vec<String>,
    /// Open tasks that somebody marked as urgent.
    pub urgent: u32,
    /// It stopped a task for the first time.
    pub first: Moment,
    /// And the last time.
    pub last: Moment,
    /// How often it stopped a task, on each of the last 14 days, today last.
    pub trend: Vec<u32>,
    /// Who works on it, since when.
    pub taken: Option<(String, Moment)>,
    /// Who said that it is solved, and when.
    pub solved: Option<(String, Moment)>,
    /// It came back then, after it was solved then.
    pub came_back: Option<(Moment, Moment)>,
}

impl CauseRow {
    /// Whose turn it is.
    pub fn turn(&self) -> Turn {
        match (self.red, self.orange) {
            (0, 0) => Turn::Done,
            (0, _) => Turn::Orange,
            _ => Turn::Red,
        }
    }

    /// Open tasks.
    pub fn open(&self) -> u32 {
        self.red + self.orange
    }
}

/// Where a page of causes ended: the next one begins after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CausesAfter {
    /// The order is of this moment, milliseconds.
    pub at: i64,
    /// The last cause was not urgent.
    pub calm: bool,
    /// Whose turn it was.
    pub turn: Turn,
    /// Its weight at `at`: dossiers × seconds; for one without open tasks the last time in seconds.
    pub weight: i64,
    /// Its key.
    pub key: String,
}

/// The list of causes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CauseList {
    /// Urgent first, then red, then by dossiers and age.
    pub rows: Vec<CauseRow>,
    /// Present when there are more.
    pub next: Option<CausesAfter>,
    /// How many causes are whose turn, in the order of [`Turn::ALL`], whatever turns are shown.
    pub counts: [u32; 3],
    /// Key and name of every package that has a cause.
    pub packages: Vec<(String, String)>,
    /// Code and name of every office.
    pub offices: Vec<(String, String)>,
    /// When a cause was last solved, and by whom.
    pub last_solved: Option<(String, Moment)>,
    /// The server's clock, milliseconds since 1970 UTC.
    pub now: i64,
}

/// A task of a cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CauseTask {
    /// Names it.
    pub id: TaskId,
    /// Where it stands.
    pub state: TaskState,
    /// Key of its kind.
    pub kind: String,
    /// What it is about.
    pub subject: Option<String>,
    /// The dossier's name.
    pub dossier: String,
    /// Since when it stands there.
    pub since: Moment,
    /// Why it cannot wait, if somebody said so.
    pub urgent: Option<String>,
}

/// The tasks of a cause in one office.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CauseOffice {
    /// The office's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Urgent first, then the oldest.
    pub tasks: Vec<CauseTask>,
}

/// A cause with its tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CauseDetail {
    /// Its line.
    pub row: CauseRow,
    /// The first hundred open tasks, by office.
    pub offices: Vec<CauseOffice>,
    /// What the connector said of one of them.
    pub params: Map<String, Value>,
    /// The same, free text.
    pub detail: Option<String>,
    /// The package under which an instruction for the code is written, if there is one.
    pub instruction: Option<String>,
    /// The server's clock, milliseconds since 1970 UTC.
    pub now: i64,
}

/// What became of something done to all tasks of a cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseDone {
    /// Tasks it was done to.
    pub done: u32,
    /// Tasks that had moved on meanwhile.
    pub moved_on: u32,
}

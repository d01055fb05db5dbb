//! Guided procedures (J2, J9, J24): replacing jobs, setting them up again after a release, putting them off over a holiday.

use crate::jobs::Company;
use chrono::Datelike;
pub use chrono::NaiveDate;
use domain::language::Language;
use domain::{
    FieldError, NotNow, Refusal,
    job::{JobId, Module},
    moment::Moment,
};
use serde::{Deserialize, Serialize};

/// `Mon 4 Jan 2027`.
pub fn day_words(date: NaiveDate, language: Language) -> String {
    let weekday = language.weekday_short(date.weekday().num_days_from_monday());
    let month = language.month_short(date.month0());
    format!("{weekday} {} {month} {}", date.day(), date.year())
}

/// What a procedure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProcedureKind {
    /// One job gets a new one in its place (J9).
    Replace,
    /// All jobs of some modules do, after a release (J2).
    Release,
    /// Some jobs start later, over a holiday (J24).
    Postpone,
}

impl ProcedureKind {
    /// The stored key.
    pub fn key(self) -> &'static str {
        ["replace", "release", "postpone"][self as usize]
    }

    /// The kind of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Replace, Self::Release, Self::Postpone]
            .into_iter()
            .find(|k| k.key() == key)
    }
}

/// How far a job has come in its procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Nothing has been done yet.
    ToDo,
    /// The old job is on hold, the new one has its place.
    Created,
    /// The new one was compared with the old one, and is as it should be.
    Checked,
    /// The old one is gone.
    Deleted,
    /// It stays as it is.
    LeftOut,
    /// It starts later.
    Postponed,
    /// It starts at its times again.
    Returned,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 7] = [
        Self::ToDo,
        Self::Created,
        Self::Checked,
        Self::Deleted,
        Self::LeftOut,
        Self::Postponed,
        Self::Returned,
    ];

    /// The stored key.
    pub fn key(self) -> &'static str {
        [
            "to_do",
            "created",
            "checked",
            "deleted",
            "left_out",
            "postponed",
            "returned",
        ][self as usize]
    }

    /// The step of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }

    /// Nothing more is to be done for the job.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Deleted | Self::LeftOut | Self::Returned)
    }
}

/// A procedure in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcedureLine {
    /// Its number.
    pub id: i64,
    /// What it is about.
    pub kind: ProcedureKind,
    /// Modules that a release concerns.
    pub modules: Vec<Module>,
    /// The first day of a postponement.
    pub date: Option<NaiveDate>,
    /// Who agreed to it.
    pub agreed: Option<String>,
    /// Number and description of the job, where it is one.
    pub job: Option<(JobId, String)>,
    /// Who began it.
    pub by: String,
    /// When.
    pub at: Moment,
    /// When it was over.
    pub ended: Option<Moment>,
    /// It was taken back.
    pub undone: bool,
    /// How many jobs it has.
    pub jobs: u32,
    /// How many of them are over.
    pub over: u32,
    /// Days until a postponement ends.
    pub days_left: Option<i64>,
}

/// A module and how many of its jobs are set up again after a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleJobs {
    /// Which.
    pub module: Module,
    /// Jobs that can be.
    pub jobs: u32,
    /// Jobs that are in a procedure already.
    pub busy: u32,
}

/// A job that can be put off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Its number.
    pub id: JobId,
    /// Key of its kind.
    pub kind: String,
    /// What people recognise it by.
    pub description: String,
    /// The first of its companies.
    pub companies: Vec<Company>,
    /// When it starts next.
    pub next: Option<Moment>,
    /// It is put off already, until this day.
    pub until: Option<NaiveDate>,
}

/// A company whose last posting is not through (J27).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostingLine {
    /// Which.
    pub company: Company,
    /// Since when.
    pub since: Option<Moment>,
    /// It takes long to post.
    pub large: bool,
}

/// A large invoicing run that is being posted: posting status is left alone meanwhile (J27).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LargeRun {
    /// Its job.
    pub job: JobId,
    /// What people recognise that by.
    pub description: String,
    /// The large company.
    pub company: Company,
    /// When it began.
    pub started: Option<Moment>,
}

/// The page's first view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProceduresPage {
    /// Those that are not over, oldest first.
    pub open: Vec<ProcedureLine>,
    /// The last that are over, newest first.
    pub past: Vec<ProcedureLine>,
    /// What a release can concern.
    pub modules: Vec<ModuleJobs>,
    /// Jobs that can be put off or replaced.
    pub jobs: Vec<Choice>,
    /// Companies with posting status PO.
    pub posting: Vec<PostingLine>,
    /// Why that cannot be set back now.
    pub large_run: Option<LargeRun>,
    /// Today in the office's zone.
    pub today: Option<NaiveDate>,
    /// The reader may do all this.
    pub may_edit: bool,
    /// Whom to ask for that right.
    pub ask: Vec<String>,
}

/// One line of the comparison of an old job with its new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// What: `status`, `start`, `interval`, `run_as`, `outputs`, `description`.
    pub what: String,
    /// In the old one.
    pub old: String,
    /// In the new one.
    pub new: String,
    /// It is as it should be.
    pub good: bool,
    /// Why not, by key: `not_queued`, `differs`, `person`, `pattern`.
    pub why: Option<String>,
}

/// One job of a procedure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The old job.
    pub job: JobId,
    /// Key of its kind.
    pub kind: String,
    /// What people recognise it by.
    pub description: String,
    /// The first of its companies.
    pub companies: Vec<Company>,
    /// How many it works for.
    pub company_count: u32,
    /// The new job.
    pub twin: Option<JobId>,
    /// How far it has come.
    pub step: Step,
    /// The old order is cancelled before a new one is placed (J21).
    pub cancels: bool,
    /// A run of the old job is under way: holding leaves it alone, deleting waits for it.
    pub running: bool,
    /// A run of the new job is under way.
    pub twin_running: bool,
    /// Old and new side by side, once there is a new one.
    pub compared: Vec<Compared>,
    /// A person took the differences for right.
    pub accepted: bool,
    /// For a postponement: the start before, the start after, runs that fall away.
    pub moved: Option<Moved>,
}

/// What a postponement does to one job (J24).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The job.
    pub job: JobId,
    /// What people recognise it by.
    pub description: String,
    /// When it would start.
    pub old: Option<Moment>,
    /// When it starts instead.
    pub new: Option<Moment>,
    /// Runs between the two that fall away.
    pub skipped: u32,
}

/// What a day is, beside an ordinary one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayWarning {
    /// A Saturday or Sunday.
    Weekend,
    /// A holiday of the named calendar.
    Holiday(String),
}

/// What a postponement would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostponePreview {
    /// Each job.
    pub moved: Vec<Moved>,
    /// What to know about the new first day.
    pub warnings: Vec<DayWarning>,
}

/// A procedure whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    /// As in the list.
    pub line: ProcedureLine,
    /// Each job, by number.
    pub cards: Vec<Card>,
    /// The reader may go on with it.
    pub may_edit: bool,
}

/// What a person does to jobs of a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// Put the old one on hold and give the new one its place, in one.
    Create,
    /// Take it as checked when nothing differs.
    Check,
    /// Take the differences for right.
    Accept,
    /// Delete the old one.
    Delete,
    /// Take the new one away; the old one stands as before, in one.
    Undo,
    /// Leave the job as it is.
    LeaveOut,
    /// It is to be done after all.
    TakeIn,
}

/// Why a job did not come on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// A run is under way.
    Running,
    /// Something differs.
    Differs,
    /// Others are not checked yet.
    NotAllChecked,
    /// Somebody else did it, or it moved on.
    Moved,
    /// The desk refused.
    Refused {
        /// What the job's state does not allow.
        not_now: Option<NotNow>,
        /// In the API's words.
        words: String,
    },
}

impl Obstacle {
    /// What refuses a move.
    pub fn of(refusal: Refusal) -> Self {
        let words = refusal.to_string();
        let not_now = match refusal {
            Refusal::WrongState(reason) => Some(reason),
            _ => None,
        };
        Self::Refused { not_now, words }
    }
}

/// What became of a move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// How many jobs came on.
    pub done: u32,
    /// Those that did not.
    pub left: Vec<(JobId, Obstacle)>,
}

/// What an import makes of one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is not here: it comes with a new number, put aside.
    New,
    /// It is here just so: nothing happens.
    Same,
    /// It is here otherwise: it becomes as in the file, put aside.
    Changed,
    /// It cannot be taken, and so nothing can.
    Broken,
}

/// One job of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportLine {
    /// Its number in the file.
    pub number: JobId,
    /// Its line in the file.
    pub line: u32,
    /// What people recognise it by.
    pub description: String,
    /// What becomes of it.
    pub fate: Fate,
    /// Its number here, once that is known.
    pub here: Option<JobId>,
    /// What changes.
    pub why: Vec<String>,
    /// Why it is broken; a reason of the whole job has no field.
    pub wrong: Vec<FieldError>,
}

/// What an import does, or would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Each job, in the file's order.
    pub lines: Vec<ImportLine>,
    /// It was done.
    pub written: bool,
}

//! What the screens show. Made on the server for one reader: texts are in the reader's language, instants
//! carry the office's offset.

pub mod alerts;
pub mod audit;
pub mod bulk;
pub mod causes;
pub mod clients;
pub mod collection;
pub mod connectors;
pub mod dossiers;
pub mod downtime;
pub mod factor;
pub mod import;
pub mod instructions;
pub mod jobs;
pub mod offices;
pub mod people;
pub mod plan;
pub mod portal;
pub mod procedures;
pub mod search;
pub mod settings;
pub mod stuck;

use domain::{
    failure::Audience,
    instruction::{Piece, Rendered},
    lane::Wait,
    moment::Moment,
    people::Role,
    task::{OfficeId, TaskId, TaskState},
};
use serde::{Deserialize, Serialize};

/// Why a queued task has not started, as a person reads it (T16).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// A connector takes it, in this many seconds at the earliest and latest.
    NextVisit { from: u32, to: u32 },
    /// Another task of the dossier runs.
    DossierBusy(TaskId),
    /// A failed task holds the dossier.
    HeldBy(TaskId),
    /// It is tried again in this many seconds.
    Resting(u32),
    /// A connector gave it back unstarted; it is tried again in this many seconds.
    GivenBack(u32),
    /// It comes after this task of the dossier.
    Behind(TaskId),
    /// The task it was delivered to follow is not done.
    ForEarlier,
    /// No connector of the office can take tasks of this kind and package.
    NoConnector,
    /// Those that can have not called for so many seconds.
    Asleep(u32),
    /// Those that can are held back by a person.
    OnHold,
    /// The desk is closed, or closes before it would be done.
    Closed,
}

impl Waiting {
    /// The key on the wire.
    pub fn key(&self) -> &'static str {
        match self {
            Self::NextVisit { .. } => "next_visit",
            Self::DossierBusy(_) => "dossier_busy",
            Self::HeldBy(_) => "held",
            Self::Resting(_) | Self::GivenBack(_) => "resting",
            Self::Behind(_) => "behind",
            Self::ForEarlier => "for_earlier",
            Self::NoConnector => "no_connector",
            Self::Asleep(_) => "connector_asleep",
            Self::OnHold => "connector_held",
            Self::Closed => "downtime",
        }
    }

    /// The task that is waited for, where it is one.
    pub fn task(&self) -> Option<TaskId> {
        match self {
            Self::DossierBusy(t) | Self::HeldBy(t) | Self::Behind(t) => Some(*t),
            _ => None,
        }
    }

    /// What the lanes know, with what the fleet knows.
    pub fn from_lane(wait: Wait, visit: Option<(u32, u32)>, mono: u64) -> Self {
        match (wait, visit) {
            (_, None) => Self::NoConnector,
            (Wait::NextVisit, Some((from, to))) => Self::NextVisit { from, to },
            (Wait::DossierBusy(t), _) => Self::DossierBusy(t),
            (Wait::HeldBy(t), _) => Self::HeldBy(t),
            (Wait::Resting(until), _) => Self::Resting((until.saturating_sub(mono) / 1000) as u32),
            (Wait::Behind(t), _) => Self::Behind(t),
            (Wait::ForEarlier, _) => Self::ForEarlier,
        }
    }
}

/// A task that another keeps waiting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Which.
    pub id: TaskId,
    /// Its kind.
    pub kind: String,
    /// What it is about.
    pub subject: Option<String>,
}

/// When a queued task is expected to be picked up, and by what that is judged (T16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// Seconds from now at the earliest.
    pub from: u32,
    /// ... and at the latest.
    pub to: u32,
    /// Tasks of all dossiers that its connectors take before it.
    pub ahead: u32,
    /// Milliseconds that tasks of its sort usually take; `None` while that is not known.
    pub usual: Option<u64>,
}

/// One line of Follow-up of tasks (T14).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskRow {
    /// Names the task.
    pub id: TaskId,
    /// Number of the last event: a row never gives way to an older one.
    pub seq: i64,
    /// Key of the kind.
    pub kind: String,
    /// Where it stands.
    pub state: TaskState,
    /// A running task that was cancelled.
    pub cancel_asked: bool,
    /// What it is about.
    pub subject: Option<String>,
    /// The dossier's code.
    pub dossier_code: String,
    /// The dossier's name.
    pub dossier_name: String,
    /// The package as people call it.
    pub package: String,
    /// The package's key.
    pub package_code: String,
    /// Delivered.
    pub delivered: Moment,
    /// Since when it stands where it stands.
    pub since: Moment,
    /// Title of the instruction, or the name of the cause; `None` unless it is stopped.
    pub cause: Option<String>,
    /// Tells one cause from another; empty unless it is stopped.
    pub cause_key: String,
    /// The reader may restart it.
    pub may_restart: bool,
    /// Somebody said that it cannot wait (M5).
    pub urgent: bool,
    /// Somebody put it off until then.
    pub snoozed: Option<Moment>,
    /// Who at Support works on its cause.
    pub taken: Option<String>,
    /// An instruction of its office that waits for longer than so many hours has waited long (M13).
    pub remind_hours: u32,
}

/// What somebody said of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Who.
    pub by: String,
    /// What.
    pub text: String,
    /// When; for something put off, until when.
    pub at: Moment,
}

/// How many tasks of an office stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Waiting for a connector.
    pub queued: u64,
    /// Being worked on.
    pub running: u64,
    /// Orange.
    pub action_required: u64,
    /// Red.
    pub failed: u64,
    /// Done.
    pub succeeded: u64,
    /// Called off.
    pub cancelled: u64,
}

impl Counts {
    /// The number of one state.
    pub fn of(&mut self, state: TaskState) -> &mut u64 {
        match state {
            TaskState::Queued => &mut self.queued,
            TaskState::Running => &mut self.running,
            TaskState::ActionRequired => &mut self.action_required,
            TaskState::Failed => &mut self.failed,
            TaskState::Succeeded => &mut self.succeeded,
            TaskState::Cancelled => &mut self.cancelled,
        }
    }
}

/// Follow-up of tasks, as first read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskList {
    /// The page's rows: stopped tasks by cause, others newest first.
    pub rows: Vec<TaskRow>,
    /// The next page begins after this task; `None` at the end.
    pub next: Option<TaskId>,
    /// For the chips.
    pub counts: Counts,
    /// The event this picture is of; the live stream goes on from here.
    pub seq: i64,
    /// The server's clock, milliseconds since 1970 UTC.
    pub now: i64,
    /// The reader is Support: red is their turn, orange is not.
    pub support: bool,
}

/// What a filter can be made of in an office.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// Keys of kinds.
    pub kinds: Vec<String>,
    /// Keys and names of packages.
    pub packages: Vec<(String, String)>,
    /// Numbers and names of connectors.
    pub connectors: Vec<(i64, String)>,
    /// Codes that tasks stand stopped with.
    pub codes: Vec<String>,
}

/// One step in the life of a task (T15).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryLine {
    /// When.
    pub at: Moment,
    /// Which of [`domain::event::Happened`]'s names.
    pub what: String,
    /// Who: a connector's or a person's name.
    pub who: Option<String>,
    /// Number of the attempt, for a claim.
    pub attempt: Option<u32>,
    /// More: a failure's title, a reason, a corrected value.
    pub note: Option<String>,
    /// Milliseconds since the step before.
    pub took: i64,
}

/// One try.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptLine {
    /// From 1.
    pub number: u32,
    /// The connector's name.
    pub connector: String,
    /// When it was taken.
    pub claimed: Moment,
    /// How long it took, in milliseconds; `None` while it runs.
    pub took: Option<i64>,
    /// `running`, `succeeded`, `failed`, `released`, `lease_over` or `closed`.
    pub outcome: String,
    /// What the package answered, shortened.
    pub result: Option<String>,
}

/// A task with all that is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskDetail {
    /// Its line.
    pub row: TaskRow,
    /// What to do; `None` unless it is stopped and the catalogue knows the code.
    pub instruction: Option<Rendered>,
    /// `package.code` of the failure.
    pub failure_code: Option<String>,
    /// The failure's parameters, one a line.
    pub failure_params: Vec<(String, String)>,
    /// What the connector said.
    pub failure_detail: Option<String>,
    /// What the file of its document is called, where it has one.
    pub document: Option<String>,
    /// It has failed with the same code before, restarted in between.
    pub again: bool,
    /// Why it waits, when queued.
    pub waiting: Option<Waiting>,
    /// Place among the dossier's waiting tasks, from 1, when queued.
    pub place: Option<u32>,
    /// What is expected of it, when it can be told.
    pub expected: Option<Expected>,
    /// Later tasks that this one keeps waiting.
    pub holds: Vec<TaskId>,
    /// The first of them, to be named.
    pub held: Vec<Held>,
    /// Open tasks of the same cause that the reader may restart, this one included.
    pub same_cause: u32,
    /// The reader may cancel it.
    pub may_cancel: bool,
    /// Its restart can still be undone.
    pub may_undo: bool,
    /// Whom the reader may give it to.
    pub may_hand_to: Option<Audience>,
    /// Why it cannot wait.
    pub urgent: Option<Words>,
    /// Why it was put off, and until when.
    pub snooze: Option<Words>,
    /// What the one side said to the other when it changed hands.
    pub note: Option<Words>,
    /// The last connector that had it.
    pub connector: Option<String>,
    /// Newest first.
    pub history: Vec<HistoryLine>,
    /// Oldest first.
    pub attempts: Vec<AttemptLine>,
}

/// The office a screen is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeView {
    /// Its number.
    pub id: OfficeId,
    /// Its code, as it stands in the path.
    pub code: String,
    /// Its name.
    pub name: String,
    /// IANA name of its zone.
    pub zone: String,
    /// How many tasks the person sees stand where.
    pub counts: Counts,
}

/// Who is looking, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    /// The person's number.
    pub person: i64,
    /// The person's name.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// The offices they may look at.
    pub offices: Vec<OfficeView>,
    /// The event this picture is of; the live stream goes on from here.
    pub seq: i64,
    /// The last notice of jobs and downtimes before the page was read; the stream tells what came after it.
    pub notice: u64,
    /// The server's clock, milliseconds since 1970 UTC.
    pub now: i64,
}

/// What the live stream tells a browser: a line that changed, and the counts after it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveChange {
    /// The line as it now is.
    pub row: TaskRow,
    /// The office's counts; `None` for people who see only some dossiers: theirs must be asked for.
    pub counts: Option<Counts>,
}

/// Words for a rendered piece list, for places that only take plain text.
pub fn words(pieces: &[Piece]) -> String {
    domain::instruction::plain(pieces)
}

//! Why a job does not run, and what to do about it (J26, J27, J30).

use crate::jobs::{Company, Did};
use domain::{
    fleet::Liveness,
    job::{JobId, JobStatus, Standing},
    moment::Moment,
};
use serde::{Deserialize, Serialize};

/// How a line of the checklist reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// All is well.
    Good,
    /// It explains the delay; nobody need act.
    Explains,
    /// Somebody must act.
    Bad,
}

/// A server that may run the job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerLine {
    /// Its name.
    pub name: String,
    /// How alive it is.
    pub liveness: Liveness,
    /// Seconds since its last call; `None` when it never called.
    pub ago: Option<u32>,
}

/// A run that is under way or waits, of this job or one before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusyRun {
    /// Its job.
    pub job: JobId,
    /// What people recognise that by.
    pub description: String,
    /// Companies that both work for.
    pub companies: Vec<Company>,
    /// When it began; `None` while it waits.
    pub started: Option<Moment>,
    /// Seconds since then.
    pub seconds: u32,
    /// Minutes that nine of ten take.
    pub usual: u32,
    /// When it should be over by that.
    pub expected: Moment,
}

/// One line of the checklist, in the order in which they are looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Is the server calling in?
    Server(Vec<ServerLine>),
    /// Is this a blocked window? Which, and until when.
    Blocked(Option<(String, Moment)>),
    /// Is a long job before it, or its own run under way?
    Queue {
        /// Its own run.
        own: Option<BusyRun>,
        /// Runs of others that work for its companies.
        before: Vec<BusyRun>,
    },
    /// Is its start time passed? That time, and milliseconds by which it is passed.
    Start {
        /// The time that it should have started at, or starts at.
        at: Option<Moment>,
        /// Milliseconds since then; 0 or less: it is still to come.
        late_ms: i64,
        /// A run of that time has begun or is over.
        begun: bool,
    },
    /// Is it on hold on purpose, stopped, or not switched on?
    Held {
        /// What was decided.
        standing: Standing,
        /// By whom, when and why; nobody: a run did.
        did: Option<Did>,
        /// Its collection system does not let it run.
        system_off: bool,
    },
    /// How often was it put back in the queue already?
    Requeued(u32),
    /// Posting status PO of its companies, with the instant since when.
    Posting(Vec<(Company, Option<Moment>)>),
}

/// A line with its mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckLine {
    /// How it reads.
    pub mark: Mark,
    /// What was looked at, and what was found.
    pub check: Check,
}

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitFor {
    /// Its own run.
    Itself,
    /// A run before it.
    Queue,
    /// The end of a blocked window.
    Window,
    /// The next visit of the server.
    Visit,
    /// The large invoicing run that is being posted.
    Posting,
    /// Its next time: nothing is wrong.
    Time,
}

/// Why IT is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// The server does not call in.
    Server,
    /// It is queued, its start time is passed, and nothing explains it (J27).
    Overdue,
    /// It was put back twice and failed again.
    Tries,
    /// Its run takes far longer than it ever did.
    Long,
}

/// The one recommendation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// Wait: for what, until when by what is known, how many are before it.
    Wait(WaitFor, Option<Moment>, u32),
    /// Put it back in the queue with today's date; its clock time stays.
    QueueAgain {
        /// A run explains the delay: only with a reason.
        needs_reason: bool,
    },
    /// Set posting status PO of these companies back to OK.
    SetPosting(Vec<Company>),
    /// Tell IT.
    Report(Alarm),
    /// Leave it: it was put aside on purpose.
    Leave,
    /// Switch it on, if it is wanted.
    SwitchOn,
    /// Make its collection system active and mark it for direct communication.
    OpenSystem(i64),
    /// A missed run waits for an answer.
    Answer(i64),
}

/// Why a job does not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// The job.
    pub job: JobId,
    /// Key of its kind.
    pub kind: String,
    /// What people recognise it by.
    pub description: String,
    /// Its companies, the first ten.
    pub companies: Vec<Company>,
    /// The user that its runs show.
    pub run_as: String,
    /// The one word.
    pub status: JobStatus,
    /// Its clock time, for "the clock time stays".
    pub clock: Option<String>,
    /// Rises with each change.
    pub version: i64,
    /// The checklist.
    pub checks: Vec<CheckLine>,
    /// What to do.
    pub advice: Advice,
    /// What the last run that failed said.
    pub last_error: Option<String>,
    /// When this was looked at.
    pub now: Moment,
    /// The reader may act on it.
    pub may_edit: bool,
}

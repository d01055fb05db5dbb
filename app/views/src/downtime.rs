//! The page of planned downtime (D1, D2, D16, D19).

use domain::{
    downtime::{Phase, Reason},
    job::JobId,
    moment::Moment,
    people::Role,
    task::TaskId,
};
use serde::{Deserialize, Serialize};

/// What an admin asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// For every office; Support only.
    pub platform: bool,
    /// The day on which it closes, `2026-11-20`, in the office's zone.
    pub day: String,
    /// ... and the clock time, `12:00`.
    pub clock: String,
    /// The day on which it is expected to open again; empty where nobody knows.
    pub until_day: String,
    /// ... and the clock time.
    pub until_clock: String,
    /// Why.
    pub reason: Reason,
}

/// A downtime that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its number.
    pub id: i64,
    /// Rises with each change.
    pub version: i64,
    /// It is every office's.
    pub platform: bool,
    /// How far it is.
    pub phase: Phase,
    /// When it was announced.
    pub announced: Moment,
    /// Who did.
    pub by: String,
    /// From when on the pop-up shows.
    pub warned: Moment,
    /// The moment.
    pub closes: Moment,
    /// When it is expected to end.
    pub expected: Option<Moment>,
    /// When it did close.
    pub closed: Option<Moment>,
    /// It should be over by now.
    pub overrun: bool,
    /// As it would be typed.
    pub draft: Draft,
    /// The reader may change and lift it.
    pub may_edit: bool,
}

/// A downtime that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Its number.
    pub id: i64,
    /// It was every office's.
    pub platform: bool,
    /// Who announced it.
    pub by: String,
    /// The planned moment.
    pub closes: Moment,
    /// The expected end.
    pub expected: Option<Moment>,
    /// When it closed; `None` when it was called off before.
    pub closed: Option<Moment>,
    /// When it was opened again, or called off.
    pub lifted: Moment,
    /// By whom.
    pub lifted_by: String,
    /// Why, in the reader's language where it was written in it.
    pub reason: String,
    /// Planned length, milliseconds.
    pub planned_ms: Option<i64>,
    /// Real length, milliseconds.
    pub real_ms: Option<i64>,
    /// Lines of the audit log of this office while it was closed.
    pub changes: i64,
}

/// An integration and whether it runs on (D14).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exemption {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// It runs on.
    pub exempt: bool,
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DowntimePage {
    /// The office's and the platform's, where they stand.
    pub standing: Vec<Standing>,
    /// What is over, the latest first.
    pub past: Vec<Past>,
    /// The office's integrations.
    pub integrations: Vec<Exemption>,
    /// People who are signed in now and would be shut out.
    pub signed_in: u32,
    /// The zone that times are in.
    pub zone: String,
    /// The server's clock.
    pub now: Moment,
    /// The reader may announce one for every office.
    pub may_close_all: bool,
}

/// What a downtime would touch (D16).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The moment.
    pub closes: Moment,
    /// The clock shows this time twice that night; the first is meant.
    pub doubled: bool,
    /// The expected end.
    pub expected: Option<Moment>,
    /// Who is signed in and would be shut out.
    pub people: Vec<(String, Role)>,
    /// Tasks that run now.
    pub running: Vec<RunningLine>,
    /// Jobs that fall due meanwhile.
    pub jobs: Vec<DueLine>,
    /// Integrations that are told to come again.
    pub refused: Vec<String>,
    /// Seconds until it closes.
    pub left: i64,
}

/// A task that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningLine {
    /// The task.
    pub task: TaskId,
    /// Key of its kind.
    pub kind: String,
    /// The dossier's code.
    pub dossier: String,
    /// Since when.
    pub since: Moment,
}

/// A job that falls due while it is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueLine {
    /// The job.
    pub job: JobId,
    /// What it is called.
    pub description: String,
    /// Its first run in the window.
    pub first: Moment,
    /// How many runs are in it.
    pub runs: u32,
    /// Where its first run could go: after the expected end, at a free time. `None` for one that repeats, or stands.
    pub to: Option<Moment>,
    /// What becomes of it otherwise: a person is asked, because it moves money.
    pub asks: bool,
}

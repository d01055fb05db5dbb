//! The fleet as its page shows it (T17).

use super::Words;
use domain::{
    fleet::{Advice, Liveness},
    moment::Moment,
    task::{ConnectorId, TaskId},
};
use serde::{Deserialize, Serialize};

/// One minute of a connector's calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// Whole minutes ago.
    pub ago: u16,
    /// Tasks taken in it.
    pub taken: u16,
}

/// A task that a connector carries out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doing {
    /// Which.
    pub task: TaskId,
    /// Key of its kind.
    pub kind: String,
    /// Whose books.
    pub dossier: String,
}

/// One connector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnectorLine {
    /// Names it.
    pub id: ConnectorId,
    /// What it is called.
    pub name: String,
    /// How alive it is.
    pub liveness: Liveness,
    /// Its last call; `None` when it never called.
    pub heard: Option<Moment>,
    /// Milliseconds since then, by the server's clock.
    pub age: u64,
    /// Expected polls that did not come.
    pub missed: u64,
    /// Its next visit, in seconds from now at the earliest and latest.
    pub next: (u32, u32),
    /// The minutes of the last three hours in which it called, newest first.
    pub ticks: Vec<Tick>,
    /// What it carries out; the first few.
    pub doing: Vec<Doing>,
    /// Tasks it has under lease.
    pub running: u32,
    /// Tasks it can run at once.
    pub hands: u32,
    /// Queued tasks of the sorts that it takes.
    pub waiting: u64,
    /// Milliseconds since the oldest of them was delivered.
    pub oldest: Option<i64>,
    /// As it says of itself; empty before its first call.
    pub version: String,
    /// Packages it reaches, as people call them.
    pub packages: Vec<String>,
    /// Keys of the kinds that it carries out.
    pub kinds: Vec<String>,
    /// Failed reports in the last day, since the server started.
    pub errors: u32,
    /// Reports of finished work that it holds because nobody took them.
    pub unaccepted: u32,
    /// Who holds it back, why and since when.
    pub held: Option<Words>,
    /// Another connector of the office has a later version.
    pub outdated: bool,
}

/// Waiting tasks of a sort that no connector of the office takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orphans {
    /// The package as people call it.
    pub package: String,
    /// Key of the kind.
    pub kind: String,
    /// How many wait.
    pub waiting: u64,
    /// The oldest of them.
    pub oldest: TaskId,
    /// Milliseconds since it was delivered.
    pub age: i64,
}

/// How long tasks waited for their first attempt, in one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delay {
    /// When the hour began.
    pub hour: Moment,
    /// Half of them waited no longer, milliseconds.
    pub typical: u64,
    /// Nine in ten waited no longer, milliseconds.
    pub slow: u64,
}

/// A system that delivers tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrationLine {
    /// Names it.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// Its token was revoked then.
    pub revoked: Option<Moment>,
}

/// The page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FleetView {
    /// Problems first.
    pub connectors: Vec<ConnectorLine>,
    /// What nobody takes, oldest first.
    pub orphans: Vec<Orphans>,
    /// Whether there are enough.
    pub advice: Advice,
    /// When the longest wait of the past began, if the advice speaks of one.
    pub advice_at: Option<Moment>,
    /// The last 24 hours, as far as something waited in them.
    pub delays: Vec<Delay>,
    /// Systems that deliver; only for those who run the office.
    pub integrations: Vec<IntegrationLine>,
    /// The reader runs the office.
    pub may_run: bool,
}

/// What can be given a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// A connector, by number.
    Connector(ConnectorId),
    /// An integration, by number.
    Integration(i64),
}

/// A secret, shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Whose it is.
    pub holder: Holder,
    /// What it is called.
    pub name: String,
    /// A code that enrols once, within 15 minutes; otherwise a token.
    pub enrols: bool,
    /// The secret itself.
    pub secret: String,
}

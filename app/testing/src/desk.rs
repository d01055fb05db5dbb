//! What is judged, as the judge sees it: who calls, what they say, what is answered and shown. Nothing is judged here.

use domain::{TaskState, event::Happened, failure::Audience, task::KindRules, wire::LeaseState};
use views::Counts;

/// How many dossiers the tasks are of.
pub const DOSSIERS: u8 = 3;
/// How long a lease lives without being extended.
pub const LEASE_MS: u64 = 120_000;

/// One kind for each combination of rules that the catalogue has, and one that a connector recovers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Book,
    Delete,
    Synchronise,
    Activate,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Book, Self::Delete, Self::Synchronise, Self::Activate];

    /// Its key in the catalogue.
    pub fn key(self) -> &'static str {
        [
            "process_booking_proposal",
            "delete_booking_proposal",
            "synchronise_dossier",
            "activate_dossier",
        ][self as usize]
    }

    /// Its rules in the catalogue.
    pub fn rules(self) -> KindRules {
        KindRules {
            holds: self == Self::Activate,
            repeatable: self == Self::Synchronise,
        }
    }
}

/// What a connector says that it can.
pub struct Connector {
    pub takes: &'static [Kind],
    pub recovers: &'static [Kind],
    pub max_parallel: u32,
}

/// One takes everything; the other less, two at a time, and looks before it deletes again.
pub const CONNECTORS: [Connector; 2] = [
    Connector {
        takes: &Kind::ALL,
        recovers: &[],
        max_parallel: 100,
    },
    Connector {
        takes: &[Kind::Book, Kind::Delete, Kind::Synchronise],
        recovers: &[Kind::Delete],
        max_parallel: 2,
    },
];

/// How a connector says an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    Succeeded,
    /// A code worth another try, Support's in the end.
    Retry,
    /// A code that the office acts on.
    Office,
    /// A code that nobody knows.
    Unknown,
    Released,
}

/// A task to deliver.
#[derive(Clone, Debug)]
pub struct New {
    pub dossier: u8,
    pub kind: Kind,
    pub subject: Option<u8>,
    pub after: Option<i64>,
    pub key: Option<u8>,
}

/// What people say of a stopped task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Urgent,
    Snoozed,
}

/// A task handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub task: i64,
    pub attempt: u32,
    pub lease: String,
}

/// What a report is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Took(TaskState),
    Stale,
    Conflict,
}

/// A task as it stands, with all that happened to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub id: i64,
    pub state: TaskState,
    pub events: Vec<Happened>,
    /// What a stopped task says it stopped with.
    pub shown: Option<String>,
    /// The failure of before a restart is kept, out of sight.
    pub set_aside: bool,
    /// Somebody said something of it that still holds.
    pub marked: bool,
    /// What was said, and since when the task stands where it stands.
    pub memo: String,
}

/// The whole desk at one moment.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Picture {
    pub tasks: Vec<Seen>,
    pub counts: Counts,
}

/// What is judged. `connector` is a place in [`CONNECTORS`].
pub trait Desk {
    /// Number, and whether it was a duplicate; `None` when the delivery was refused.
    fn deliver(&mut self, tasks: &[New]) -> Option<Vec<(i64, bool)>>;
    fn claim(&mut self, connector: usize, request: &str, max: u32) -> Vec<Grant>;
    fn report(&mut self, connector: usize, task: i64, lease: &str, word: Word) -> Answer;
    fn extend(&mut self, connector: usize, leases: &[(i64, String)]) -> Vec<LeaseState>;
    /// Time passes, and what it brings is done.
    fn pass(&mut self, ms: u64);
    /// Somebody sets the wall clock.
    fn jump(&mut self, ms: i64);
    fn restart(&mut self, task: i64) -> bool;
    fn undo(&mut self, task: i64) -> bool;
    fn hand_over(&mut self, task: i64, to: Audience) -> bool;
    fn mark(&mut self, task: i64, mark: Mark) -> bool;
    fn cancel(&mut self, task: i64, followers: bool) -> bool;
    /// The program ends and starts again.
    fn reopen(&mut self);
    fn picture(&mut self) -> Picture;
    /// Why each queued task waits, and at which place; equal before and after a restart.
    fn lanes(&mut self, queued: &[i64]) -> Vec<String>;
    /// The connector of an event, as a place in [`CONNECTORS`].
    fn connector(&self, id: i64) -> usize;
}

//! The portal: what people outside see of their own affairs, and nothing else.

use domain::{
    dossier::Activation,
    moment::Moment,
    people::Role,
    request::RequestState,
    task::{TaskId, TaskState},
};
use serde::{Deserialize, Serialize};

/// Most bytes of a document that is handed in: a telephone's photographs have three or four million.
pub const MOST_DOCUMENT: usize = 10_000_000;

/// How a dossier does, as its client reads it. Whose turn it is inside the office is the office's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// All flows.
    Fine,
    /// Something is being worked on.
    Working,
    /// The office or Support looks after something.
    LookedAfter,
}

impl Doing {
    /// How a dossier does that has stopped tasks, or ones that wait or run. One that was not activated is no fine one.
    pub fn of(activation: Activation, stopped: bool, open: bool) -> Self {
        match (stopped, open, activation) {
            (true, ..) | (false, false, Activation::NotActivated) => Self::LookedAfter,
            (false, true, _) | (false, false, Activation::Activating) => Self::Working,
            (false, false, Activation::Active) => Self::Fine,
        }
    }
}

/// One dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalDossier {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How it does.
    pub doing: Doing,
    /// When something was done for it last.
    pub done: Option<Moment>,
}

/// A document that was handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    /// The booking proposal that it became.
    pub task: TaskId,
    /// The file's name.
    pub file: String,
    /// The dossier's name.
    pub dossier: String,
    /// How far it is.
    pub state: TaskState,
    /// When it was handed in.
    pub at: Moment,
}

/// An application that somebody sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Its number.
    pub id: i64,
    /// Where it stands.
    pub state: RequestState,
    /// When it was sent.
    pub at: Moment,
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalPage {
    /// The reader's number.
    pub person: i64,
    /// ... and name.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// The office.
    pub office: String,
    /// Whom to ask.
    pub contact: String,
    /// A client's dossiers.
    pub dossiers: Vec<PortalDossier>,
    /// What they handed in, the latest first.
    pub handed: Vec<Handed>,
    /// A candidate's applications.
    pub applied: Vec<Applied>,
    /// The server's clock.
    pub now: Moment,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_activated_is_looked_after_and_not_fine() {
        assert_eq!(Doing::of(Activation::Active, false, false), Doing::Fine);
        assert_eq!(Doing::of(Activation::Active, false, true), Doing::Working);
        assert_eq!(Doing::of(Activation::Active, true, true), Doing::LookedAfter);
        assert_eq!(Doing::of(Activation::Activating, false, true), Doing::Working);
        assert_eq!(
            Doing::of(Activation::NotActivated, false, false),
            Doing::LookedAfter
        );
    }
}

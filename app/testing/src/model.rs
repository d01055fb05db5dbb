//! The protocol's tables as its page has them: where a task's events say it stands, and where a report leads it.
//! Nothing of the program's own reckoning may be used here.

use crate::desk::{Kind, Word};
use domain::{TaskState, event::Happened, failure::OUTCOME_UNKNOWN};

/// What was delivered, and until when it rests or its lease lives.
#[derive(Clone, Debug)]
pub struct Fact {
    pub dossier: u8,
    pub kind: Kind,
    pub subject: Option<u8>,
    pub after: Option<i64>,
    pub until: u64,
}

/// Where a task's events say it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub state: TaskState,
    pub tries: u8,
    pub releases: u8,
    pub attempts: u32,
    pub open: bool,
    pub cancel_asked: bool,
    pub rests: bool,
}

/// What the events say.
pub fn standing(events: &[Happened]) -> Standing {
    let state = TaskState::Queued;
    let start = Standing {
        state,
        tries: 0,
        releases: 0,
        attempts: 0,
        open: false,
        cancel_asked: false,
        rests: false,
    };
    events.iter().fold(start, |s, happened| {
        let to = |state| Standing {
            state,
            rests: false,
            ..s
        };
        let closed = |state| Standing {
            open: false,
            ..to(state)
        };
        match happened {
            Happened::Delivered => to(TaskState::Queued),
            Happened::Claimed { attempt, .. } => Standing {
                tries: s.tries.saturating_add(1),
                attempts: *attempt,
                open: true,
                ..to(TaskState::Running)
            },
            Happened::Succeeded { .. } => closed(TaskState::Succeeded),
            Happened::Retrying { .. } => Standing {
                releases: 0,
                rests: true,
                ..closed(TaskState::Queued)
            },
            Happened::ActionRequired { .. } => Standing {
                releases: 0,
                ..closed(TaskState::ActionRequired)
            },
            Happened::Failed { failure, .. } if failure.code == OUTCOME_UNKNOWN => to(TaskState::Failed),
            Happened::Failed { .. } => Standing {
                releases: 0,
                ..closed(TaskState::Failed)
            },
            Happened::Released { .. } => Standing {
                releases: s.releases + 1,
                tries: s.tries.saturating_sub(1),
                rests: true,
                ..closed(TaskState::Queued)
            },
            Happened::LeaseOver { .. } => to(TaskState::Queued),
            Happened::Restarted { .. } => Standing {
                tries: 0,
                releases: 0,
                cancel_asked: false,
                ..closed(TaskState::Queued)
            },
            Happened::CancelAsked { .. } => Standing {
                cancel_asked: true,
                ..s
            },
            Happened::Cancelled { .. } | Happened::CancelledRunning { .. } => closed(TaskState::Cancelled),
            // the restart closed the last attempt, and it stays closed
            Happened::Undone { to: stood, .. } => to(*stood),
            Happened::HandedOver { to: side, .. } => to(side.state()),
            Happened::Instructed { .. } => to(TaskState::ActionRequired),
            Happened::Corrected { .. }
            | Happened::Confirmed { .. }
            | Happened::Contradicted { .. }
            | Happened::Late { .. }
            | Happened::Taken { .. }
            | Happened::Urgent { .. }
            | Happened::Snoozed { .. } => s,
        }
    })
}

/// Where a report by the current lease leads, as the protocol's table has it.
pub fn after_report(s: &Standing, word: Word) -> TaskState {
    match word {
        Word::Succeeded => TaskState::Succeeded,
        _ if s.cancel_asked => TaskState::Cancelled,
        Word::Released if s.releases + 1 >= 10 => TaskState::Failed,
        Word::Released => TaskState::Queued,
        Word::Retry if s.tries < 5 => TaskState::Queued,
        Word::Office => TaskState::ActionRequired,
        Word::Retry | Word::Unknown => TaskState::Failed,
    }
}

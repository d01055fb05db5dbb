//! What may happen to a desk, drawn at random; how often, too, stands here and nowhere else.

use crate::desk::{DOSSIERS, Kind, Mark, Word};
use domain::failure::Audience;
use proptest::prelude::*;

/// How many of the last claims may be repeated.
const REPEATED_CLAIMS: usize = 5;

/// A place in a list whose length is not known yet.
pub type Pick = u16;

/// One thing that somebody does, or that happens.
#[derive(Clone, Debug)]
pub enum Action {
    Deliver(Vec<Draft>),
    Claim {
        connector: u8,
        max: u8,
    },
    /// A connector that lost the answer asks again with the same request id.
    ClaimAgain {
        back: u8,
    },
    /// `back`: 0 is the last grant; older ones are late. `stranger`: the other connector sends it.
    Report {
        back: Pick,
        word: Word,
        stranger: bool,
    },
    Extend {
        connector: u8,
    },
    Pass {
        seconds: u16,
    },
    Jump {
        seconds: i32,
    },
    Restart {
        task: Pick,
    },
    /// Somebody takes a restart back; mostly of a task that was restarted once.
    Undo {
        task: Pick,
    },
    /// Mostly of a stopped task.
    HandOver {
        task: Pick,
        to: Audience,
    },
    /// Mostly of a stopped task.
    Mark {
        task: Pick,
        mark: Mark,
    },
    Cancel {
        task: Pick,
        followers: bool,
    },
    Reopen,
}

/// A task to deliver, of which is not known yet what it follows.
#[derive(Clone, Debug)]
pub struct Draft {
    pub dossier: u8,
    pub kind: Kind,
    pub subject: Option<u8>,
    pub after: Option<Pick>,
    pub key: Option<u8>,
}

fn draft() -> impl Strategy<Value = Draft> {
    let kind = prop_oneof![4 => Just(Kind::Book), 2 => Just(Kind::Delete), 3 => Just(Kind::Synchronise), 2 => Just(Kind::Activate)];
    let subject = prop::option::weighted(0.5, 0u8..2);
    let after = prop::option::weighted(0.2, any::<Pick>());
    let key = prop::option::weighted(0.2, 0u8..6);
    (0..DOSSIERS, kind, subject, after, key).prop_map(|(dossier, kind, subject, after, key)| Draft {
        dossier,
        kind,
        subject,
        after,
        key,
    })
}

/// Any action, the usual ones more often.
pub fn action() -> impl Strategy<Value = Action> {
    let word = prop_oneof![
        4 => Just(Word::Succeeded),
        3 => Just(Word::Retry),
        3 => Just(Word::Office),
        2 => Just(Word::Unknown),
        3 => Just(Word::Released)
    ];
    // mostly the latest grants, so that most reports come in time
    let back = prop_oneof![6 => 0u16..3, 2 => 0u16..12];
    let seconds = prop_oneof![
        Just(1u16),
        Just(29),
        Just(40),
        Just(119),
        Just(121),
        Just(300),
        Just(2200)
    ];
    let audience = prop_oneof![Just(Audience::Office), Just(Audience::Support)];
    let mark = prop_oneof![Just(Mark::Urgent), Just(Mark::Snoozed)];
    prop_oneof![
        6 => prop::collection::vec(draft(), 1..4).prop_map(Action::Deliver),
        8 => (0u8..2, 1u8..4).prop_map(|(connector, max)| Action::Claim { connector, max }),
        1 => (0..REPEATED_CLAIMS as u8).prop_map(|back| Action::ClaimAgain { back }),
        10 => (back, word, prop::bool::weighted(0.06)).prop_map(|(back, word, stranger)| Action::Report { back, word, stranger }),
        2 => (0u8..2).prop_map(|connector| Action::Extend { connector }),
        4 => seconds.prop_map(|seconds| Action::Pass { seconds }),
        1 => (-100_000i32..100_000).prop_map(|seconds| Action::Jump { seconds }),
        3 => any::<Pick>().prop_map(|task| Action::Restart { task }),
        3 => any::<Pick>().prop_map(|task| Action::Undo { task }),
        2 => (any::<Pick>(), audience).prop_map(|(task, to)| Action::HandOver { task, to }),
        1 => (any::<Pick>(), mark).prop_map(|(task, mark)| Action::Mark { task, mark }),
        2 => (any::<Pick>(), any::<bool>()).prop_map(|(task, followers)| Action::Cancel { task, followers }),
        1 => Just(Action::Reopen),
    ]
}

//! What a person has typed and chosen beside a task. It outlives each reading of the task: others may change it, or
//! one of its dossier, while somebody types.

use crate::components::ask::Typing;
use leptos::prelude::*;

/// Unsent words and choices, all about one task.
#[derive(Clone, Copy)]
pub struct Draft {
    /// The note to the other side.
    pub passing: Typing,
    /// Why it cannot wait.
    pub urgent: Typing,
    /// Why not now.
    pub off: Typing,
    /// Not for so many hours.
    pub hours: RwSignal<u32>,
    /// The followers are cancelled too.
    pub followers: RwSignal<bool>,
    /// The dossier's right code; `None` as long as nobody has typed one.
    pub code: RwSignal<Option<String>>,
    /// Why that code was refused.
    pub wrong_code: RwSignal<Option<String>>,
}

impl Draft {
    /// Nothing typed.
    pub fn new() -> Self {
        Self {
            passing: Typing::default(),
            urgent: Typing::default(),
            off: Typing::default(),
            hours: RwSignal::new(24),
            followers: RwSignal::new(false),
            code: RwSignal::new(None),
            wrong_code: RwSignal::new(None),
        }
    }

    /// Another task: what was typed of the one before must not be sent for this one.
    pub fn clear(self) {
        for typing in [self.passing, self.urgent, self.off] {
            typing.clear();
        }
        self.hours.set(24);
        self.followers.set(false);
        self.code.set(None);
        self.wrong_code.set(None);
    }
}

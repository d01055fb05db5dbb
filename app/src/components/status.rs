//! A status: shape, colour and word, each enough by itself (M6).

use crate::{components::supported::red_word, i18n::*};
use domain::TaskState;
use leptos::prelude::*;

/// Colour class of a state.
pub fn tone(state: TaskState) -> &'static str {
    match state {
        TaskState::ActionRequired => "act",
        TaskState::Failed => "sup",
        TaskState::Running => "run",
        TaskState::Queued | TaskState::Succeeded | TaskState::Cancelled => "soft",
    }
}

/// The shape of a state.
#[component]
pub fn Shape(#[prop(into)] state: Signal<TaskState>) -> impl IntoView {
    move || shape(state.get())
}

/// The shape of a state that does not change.
pub fn shape(state: TaskState) -> impl IntoView {
    let class = format!("s {}", tone(state));
    let shape = match state {
            TaskState::ActionRequired => view! {
                <path fill="currentColor" d="M8 1.2c.55 0 1 .27 1.27.75l5.9 10.5c.55.98-.15 2.15-1.27 2.15H2.1c-1.12 0-1.82-1.17-1.27-2.15l5.9-10.5C7 1.47 7.45 1.2 8 1.2z" />
                <path class="cut" d="M8 5.7v3.6M8 11.8v.01" />
            }.into_any(),
            TaskState::Failed => view! {
                <path fill="currentColor" d="M5.1.9h5.8l4.2 4.2v5.8l-4.2 4.2H5.1L.9 10.9V5.1z" />
                <path class="cut" d="M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6" />
            }.into_any(),
            TaskState::Running => view! {
                <circle cx="8" cy="8" r="6" stroke="currentColor" stroke-opacity=".28" stroke-width="2.2" fill="none" />
                <path d="M8 2a6 6 0 0 1 6 6" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" fill="none" />
                <circle cx="8" cy="8" r="2" fill="currentColor" />
            }.into_any(),
            TaskState::Queued => view! { <circle class="line" cx="8" cy="8" r="6.2" /><path class="line" d="M8 4.6V8l2.3 1.5" /> }.into_any(),
            TaskState::Succeeded => view! { <circle class="line" cx="8" cy="8" r="6.2" /><path class="line" d="M5.3 8.2l1.9 1.9 3.6-3.9" /> }.into_any(),
            TaskState::Cancelled => view! { <circle class="line" cx="8" cy="8" r="6.2" /><path class="line" d="M5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2" /> }.into_any(),
        };
    view! { <svg class=class viewBox="0 0 16 16" aria-hidden="true">{shape}</svg> }
}

/// The word for a state.
#[component]
pub fn Word(#[prop(into)] state: Signal<TaskState>) -> impl IntoView {
    let i18n = use_i18n();
    move || state_word(i18n, state.get())
}

/// The word of a state.
pub fn state_word(i18n: I18n, state: TaskState) -> &'static str {
    match state {
        TaskState::Queued => t_string!(i18n, state.queued),
        TaskState::Running => t_string!(i18n, state.running),
        TaskState::ActionRequired => t_string!(i18n, state.action_required),
        TaskState::Failed => red_word(i18n),
        TaskState::Succeeded => t_string!(i18n, state.succeeded),
        TaskState::Cancelled => t_string!(i18n, state.cancelled),
    }
}

/// Shape and word in a pill. The office's own status is said in the words of its instruction (M9).
#[component]
pub fn Pill(state: TaskState, cancel_asked: bool) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <span class=format!("pill {}", tone(state)) data-testid="status">
            <Shape state />
            {if cancel_asked && state == TaskState::Running {
                word!(i18n, state.cancel_asked).into_any()
            } else if state == TaskState::ActionRequired {
                word!(i18n, state.action_required_long).into_any()
            } else {
                view! { <Word state /> }.into_any()
            }}
        </span>
    }
}

/// The word for a kind of task; its key for a kind that has no word yet.
pub fn kind_word(i18n: I18n, kind: &str) -> String {
    match kind {
        "process_booking_proposal" => t_string!(i18n, kind.process_booking_proposal).to_owned(),
        "delete_booking_proposal" => t_string!(i18n, kind.delete_booking_proposal).to_owned(),
        "synchronise_dossier" => t_string!(i18n, kind.synchronise_dossier).to_owned(),
        "activate_dossier" => t_string!(i18n, kind.activate_dossier).to_owned(),
        "run_job" => t_string!(i18n, kind.run_job).to_owned(),
        other => other.replace('_', " "),
    }
}

/// A cause as people read it. One that has no instruction yet has only its code for a name: it reads as words.
pub fn cause_words(cause: &str) -> String {
    let is_code = cause.contains('_') && !cause.contains(char::is_whitespace);
    if !is_code {
        return cause.to_owned();
    }
    let words = cause.replace('_', " ");
    let mut letters = words.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

//! How a dossier stands: shape, colour and word, each enough by itself (M2, M4, M6).

use crate::{
    components::{status::Shape, supported::red_in},
    i18n::*,
};
use domain::{Language, TaskState};
use leptos::prelude::*;
use views::clients::Standing;

/// The shape: a black circle with a tick, an orange triangle, a red octagon; of a dossier that nobody works in, that of a
/// task which waits or was called off.
#[component]
pub fn StandingShape(#[prop(into)] standing: Signal<Standing>) -> impl IntoView {
    move || match standing.get() {
        Standing::Act => view! { <Shape state=TaskState::ActionRequired /> }.into_any(),
        Standing::Sup => view! { <Shape state=TaskState::Failed /> }.into_any(),
        Standing::Flow => view! {
            <svg class="s flow" viewBox="0 0 16 16" aria-hidden="true">
                <circle cx="8" cy="8" r="7" fill="currentColor" />
                <path class="cut" d="M5 8.2l2.1 2.1 4-4.3" />
            </svg>
        }
        .into_any(),
        Standing::Starting => view! { <Shape state=TaskState::Queued /> }.into_any(),
        Standing::Off | Standing::Archived => view! { <Shape state=TaskState::Cancelled /> }.into_any(),
    }
}

/// The word.
pub fn standing_word(i18n: I18n, standing: Standing) -> String {
    standing_in(i18n.language(), standing).to_owned()
}

/// The word in a language.
pub fn standing_in(l: Language, standing: Standing) -> &'static str {
    match standing {
        Standing::Act => td_string!(l, state.action_required),
        Standing::Sup => red_in(l),
        Standing::Flow => td_string!(l, clients.flowing),
        Standing::Starting => td_string!(l, dossiers.starting),
        Standing::Off => td_string!(l, dossiers.off),
        Standing::Archived => td_string!(l, dossiers.archived),
    }
}

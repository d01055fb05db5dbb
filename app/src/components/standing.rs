//! How a dossier stands: shape, colour and word, each enough by itself (M2, M4, M6).

use crate::{components::status::Shape, i18n::*};
use domain::{TaskState, view::clients::Standing};
use leptos::prelude::*;
use leptos_i18n::{I18nContext, t_string};

/// The shape: a black circle with a tick, an orange triangle, a red octagon.
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
    }
}

/// The word.
pub fn standing_word(i18n: I18nContext<Locale>, standing: Standing) -> String {
    match standing {
        Standing::Act => t_string!(i18n, state.action_required),
        Standing::Sup => t_string!(i18n, state.failed),
        Standing::Flow => t_string!(i18n, clients.flowing),
    }
    .to_owned()
}

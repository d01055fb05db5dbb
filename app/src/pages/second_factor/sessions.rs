//! Where somebody outside is signed in: their portal has no profile (S9).

use crate::{
    api::{factor::factor, people::end_session},
    browser,
    components::{say, word},
    i18n::*,
    pages::{error_words, profile::Time},
};
use domain::view::people::SessionLine;
use leptos::prelude::*;
use leptos_i18n::t_string;

/// Each session with its device, and the buttons that end one or all others.
#[component]
pub(super) fn Sessions(first: Vec<SessionLine>) -> impl IntoView {
    let i18n = use_i18n();
    let sessions = RwSignal::new(first);
    let said = RwSignal::new(String::new());
    let ending = Action::new(move |id: &Option<String>| {
        let id = id.clone();
        async move {
            let ended = end_session(id).await;
            // in place: what is unfolded stays so
            if let Ok(Some(p)) = factor().await {
                sessions.set(p.sessions);
            }
            match ended {
                // the button that had the focus is gone
                Ok(()) => browser::focus("#sessions"),
                Err(e) => said.set(error_words(i18n, &e)),
            }
        }
    });
    let others = move || {
        (sessions.with(Vec::len) > 1).then(|| {
            view! {
                <button type="button" class="btn" disabled=ending.pending() on:click=move |_| { ending.dispatch(None); }>{word!(i18n, profile.end_others)}</button>
            }
        })
    };
    let line = move |s: SessionLine| {
        let (device, id) = (StoredValue::new(s.device), StoredValue::new(s.id));
        let named = move || match device.get_value() {
            known if known.is_empty() => t_string!(i18n, profile.unknown).to_owned(),
            known => known,
        };
        let end = if s.this {
            view! { <span class="pill run">{word!(i18n, profile.this)}</span> }.into_any()
        } else {
            let end = move |_| {
                ending.dispatch(Some(id.get_value()));
            };
            view! {
                <button type="button" class="btn sm" aria-label=word!(i18n, profile.end_named, device = named()) disabled=ending.pending() on:click=end>
                    {word!(i18n, profile.end)}
                </button>
            }
            .into_any()
        };
        view! {
            <li>
                <div><b>{say(named)}</b> <p class="muted">{word!(i18n, profile.seen)} " " <Time at=s.seen.unwrap_or(s.created) /></p></div>
                {end}
            </li>
        }
    };
    view! {
        <details class="factor-more">
            <summary id="sessions">{word!(i18n, profile.sessions)}</summary>
            <ul class="sessions">{move || sessions.get().into_iter().map(line).collect_view()}</ul>
            {others}
            <p role="alert" class="wrong">{move || said.get()}</p>
        </details>
    }
}

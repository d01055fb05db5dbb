//! Where somebody outside is signed in: their portal has no profile (S9).

use crate::{
    api::people::EndSessionCall,
    components::word,
    i18n::*,
    pages::{error_words, profile::Time},
    ssr::plain::refused,
};
use leptos::{prelude::*, server_fn::ServerFn};
use views::people::SessionLine;

/// Each session with its device, and the buttons that end one or all others; the page's script makes the calls.
#[component]
pub(super) fn Sessions(sessions: Vec<SessionLine>) -> impl IntoView {
    let i18n = use_i18n();
    let call = EndSessionCall::url();
    let wrong = refused(call)().map(|e| error_words(i18n, &e));
    let others = (sessions.len() > 1).then(|| {
        view! {
            <button type="button" class="btn" data-call=call data-with="{\"id\":null}" data-then="#sessions">{word!(i18n, profile.end_others)}</button>
        }
    });
    let line = move |s: SessionLine| {
        let device = if s.device.is_empty() {
            t_string!(i18n, profile.unknown).to_owned()
        } else {
            s.device
        };
        let named = device.clone();
        let end = if s.this {
            view! { <span class="pill run">{word!(i18n, profile.this)}</span> }.into_any()
        } else {
            view! {
                <button
                    type="button"
                    class="btn sm"
                    aria-label=word!(i18n, profile.end_named, device = named.clone())
                    data-call=call
                    data-with=serde_json::json!({ "id": s.id }).to_string()
                    data-then="#sessions"
                >
                    {word!(i18n, profile.end)}
                </button>
            }
            .into_any()
        };
        view! {
            <li>
                <div><b>{device}</b> <p class="muted">{word!(i18n, profile.seen)} " " <Time at=s.seen.unwrap_or(s.created) /></p></div>
                {end}
            </li>
        }
    };
    view! {
        <details class="factor-more">
            <summary id="sessions">{word!(i18n, profile.sessions)}</summary>
            <ul class="sessions">{sessions.into_iter().map(line).collect_view()}</ul>
            {others}
            <p role="alert" class="wrong">{wrong}</p>
        </details>
    }
}

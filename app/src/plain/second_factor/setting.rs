//! Setting a second factor up: the picture, the key in words, the first code.

use super::{CodeField, Other, other_trouble, sessions::Sessions, wrong_code};
use crate::{
    api::factor::SetUpFactor,
    components::{say, word},
    i18n::*,
    ssr::plain::{refused, sign_in::GoesOn},
};
use leptos::{prelude::*, server_fn::ServerFn};
use views::factor::{FactorPage, Qr};

/// White around a QR code, in modules (ISO/IEC 18004).
const QUIET: u32 = 4;

/// Three steps.
#[component]
pub(super) fn Setting(p: FactorPage) -> impl IntoView {
    let i18n = use_i18n();
    let sessions = p.sessions;
    let refused = refused(SetUpFactor::url());
    let must = p.must;
    let lead = say(move || {
        let words = if must {
            t_string!(i18n, factor.set_must)
        } else {
            t_string!(i18n, factor.set_may)
        };
        words.to_owned()
    });
    // of somebody who has one already there is nothing to draw
    let given = p.set_up.map(|g| {
        view! {
            <Picture picture=g.picture />
            <details class="factor-more">
                <summary>{word!(i18n, factor.by_hand)}</summary>
                <p><code class="key" data-testid="key">{g.key}</code></p>
                <p><a href=g.address>{word!(i18n, factor.open_app)}</a></p>
            </details>
        }
    });
    let away = if p.waits {
        view! { <Other /> }.into_any()
    } else {
        view! { <a href="/">{word!(i18n, factor.later)}</a> }.into_any()
    };
    view! {
        <h1>{word!(i18n, factor.set_title)}</h1>
        <p class="soft">{lead}</p>
        {p.demo.then(|| view! { <p class="soft">{word!(i18n, factor.demo)}</p> })}
        <ol class="factor-steps">
            <li>{word!(i18n, factor.step_app)}</li>
            <li>{word!(i18n, factor.step_scan)} {given}</li>
            <li>
                {word!(i18n, factor.step_code)}
                <form method="post" action=SetUpFactor::url() class="stack-form">
                    <GoesOn />
                    <CodeField id="code" error=wrong_code(i18n, refused) label=Signal::derive(move || t_string!(i18n, factor.code).to_owned()) />
                    <p role="alert" class="wrong">{say(move || refused().map(|e| other_trouble(i18n, &e)).unwrap_or_default())}</p>
                    <button class="btn pri lg" data-testid="set-up">{word!(i18n, factor.set_submit)}</button>
                </form>
            </li>
        </ol>
        {(!sessions.is_empty()).then(|| view! { <Sessions sessions /> })}
        {away}
    }
}

/// Dark on white, whatever the theme: readers need it so.
#[component]
fn Picture(picture: Qr) -> impl IntoView {
    let i18n = use_i18n();
    let whole = picture.size + 2 * QUIET;
    view! {
        <svg
            class="qr"
            role="img"
            aria-label=word!(i18n, factor.picture)
            viewBox=format!("-{QUIET} -{QUIET} {whole} {whole}")
            shape-rendering="crispEdges"
        >
            <path class="white" d=format!("M-{QUIET} -{QUIET}h{whole}v{whole}h-{whole}z") />
            <path class="dark" d=picture.path />
        </svg>
    }
}

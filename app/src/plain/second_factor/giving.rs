//! Giving the code after the password.

use super::{CodeField, Other, other_trouble, rest_words, wrong_code};
use crate::{
    api::factor::SecondFactor as Give,
    components::{say, word},
    i18n::*,
    ssr::plain::{refused, sign_in::GoesOn},
};
use leptos::{prelude::*, server_fn::ServerFn};
use views::factor::FactorPage;

/// The code of the app; below it, closed, the recovery code.
#[component]
pub(super) fn Giving(p: FactorPage) -> impl IntoView {
    let i18n = use_i18n();
    // one call: the address tells which of the two forms was refused
    let (by_app, by_recovery) = (Give::url(), format!("{}?recovery", Give::url()));
    let (refused, refused_recovery) = (refused(by_app), refused(&by_recovery));
    let name = p.name;
    let rest = p.rest;
    let trouble = say(move || match (refused(), rest) {
        (Some(e), _) => other_trouble(i18n, &e),
        (None, Some(minutes)) => rest_words(i18n, minutes),
        (None, None) => String::new(),
    });
    view! {
        <h1>{word!(i18n, factor.code_title)}</h1>
        <p class="soft">{word!(i18n, factor.code_lead, name = name.clone())}</p>
        <form method="post" action=by_app class="stack-form">
            <GoesOn />
            <CodeField id="code" error=wrong_code(i18n, refused) label=Signal::derive(move || t_string!(i18n, factor.code).to_owned()) />
            <p role="alert" class="wrong">{trouble}</p>
            <button class="btn pri lg" data-testid="give-code">{word!(i18n, factor.submit)}</button>
        </form>
        <details class="factor-more" open=refused_recovery().is_some()>
            <summary>{word!(i18n, factor.lost)}</summary>
            <form method="post" action=by_recovery class="stack-form">
                <GoesOn />
                <CodeField
                    id="recovery"
                    letters=true
                    error=wrong_code(i18n, refused_recovery)
                    label=Signal::derive(move || t_string!(i18n, factor.recovery).to_owned())
                    hint=Signal::derive(move || t_string!(i18n, factor.recovery_hint).to_owned())
                />
                <p role="alert" class="wrong">{say(move || refused_recovery().map(|e| other_trouble(i18n, &e)).unwrap_or_default())}</p>
                <button class="btn lg" data-testid="give-recovery">{word!(i18n, factor.submit)}</button>
                <p class="muted">{word!(i18n, factor.ask)}</p>
            </form>
        </details>
        <Other />
    }
}

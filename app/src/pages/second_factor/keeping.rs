//! Who has a second factor: new recovery codes, another phone, none any more.

use super::{CodeField, other_trouble, sessions::Sessions, wrong_code};
use crate::{
    api::factor::{LeaveFactor, RenewCodes},
    components::{form::Field, say, typed::wrong_with, word},
    i18n::*,
};
use domain::view::factor::FactorPage;
use leptos::{form::ActionForm, prelude::*};
use leptos_i18n::t_string;

/// Both forms.
#[component]
pub(super) fn Keeping(p: FactorPage, leaving: ServerAction<LeaveFactor>) -> impl IntoView {
    let i18n = use_i18n();
    let first = p.sessions;
    let (left, must) = (p.left, p.must);
    view! {
        <h1>{word!(i18n, factor.title)}</h1>
        <p class="soft">{word!(i18n, factor.on_lead)} " " {say(move || t_string!(i18n, factor.left, count = left).to_string())}</p>
        <Renewing />
        <Leaving must has_password=p.has_password leaving />
        {(!first.is_empty()).then(|| view! { <Sessions first /> })}
        <a href="/">{word!(i18n, factor.back)}</a>
    }
}

#[component]
fn Renewing() -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<RenewCodes>::new();
    let refused = move || action.value().get().and_then(Result::err);
    view! {
        <details class="factor-more">
            <summary>{word!(i18n, factor.renew)}</summary>
            <ActionForm action attr:class="stack-form">
                <p class="soft">{word!(i18n, factor.renew_lead)}</p>
                <CodeField id="renew-code" letters=true error=wrong_code(i18n, refused) label=Signal::derive(move || t_string!(i18n, factor.any_code).to_owned()) />
                <p role="alert" class="wrong">{say(move || refused().map(|e| other_trouble(i18n, &e)).unwrap_or_default())}</p>
                <button class="btn lg" data-testid="renew-codes" disabled=move || action.pending().get()>{word!(i18n, factor.renew_submit)}</button>
            </ActionForm>
        </details>
    }
}

#[component]
fn Leaving(must: bool, has_password: bool, leaving: ServerAction<LeaveFactor>) -> impl IntoView {
    let i18n = use_i18n();
    let refused = move || leaving.value().get().and_then(Result::err);
    let (what, lead) = (
        move || {
            let words = if must {
                t_string!(i18n, factor.moving)
            } else {
                t_string!(i18n, factor.leave)
            };
            words.to_owned()
        },
        move || {
            let words = if must {
                t_string!(i18n, factor.moving_lead)
            } else {
                t_string!(i18n, factor.leave_lead)
            };
            words.to_owned()
        },
    );
    let password = has_password.then(|| {
        view! {
            <Field
                name="password"
                kind="password"
                autocomplete="current-password"
                error=wrong_with(i18n, refused, "old")
                label=Signal::derive(move || t_string!(i18n, factor.password).to_owned())
            />
        }
    });
    view! {
        <details class="factor-more">
            <summary>{say(what)}</summary>
            <ActionForm action=leaving attr:class="stack-form">
                <p class="soft">{say(lead)}</p>
                {password}
                <CodeField id="leave-code" letters=true error=wrong_code(i18n, refused) label=Signal::derive(move || t_string!(i18n, factor.any_code).to_owned()) />
                <p role="alert" class="wrong">{say(move || refused().map(|e| other_trouble(i18n, &e)).unwrap_or_default())}</p>
                <button class="btn lg" data-testid="leave-factor" disabled=move || leaving.pending().get()>{say(what)}</button>
            </ActionForm>
        </details>
    }
}

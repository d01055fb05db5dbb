//! Who has a second factor: new recovery codes, another phone, none any more.

use super::{CodeField, other_trouble, sessions::Sessions, wrong_code};
use crate::{
    api::factor::{LeaveFactor, RenewCodes},
    components::{say, typed::wrong_with, word},
    i18n::*,
    ssr::plain::{field::Field, refused},
};
use leptos::{prelude::*, server_fn::ServerFn};
use views::factor::FactorPage;

/// Both forms.
#[component]
pub(super) fn Keeping(p: FactorPage) -> impl IntoView {
    let i18n = use_i18n();
    let sessions = p.sessions;
    let (left, must) = (p.left, p.must);
    view! {
        <h1>{word!(i18n, factor.title)}</h1>
        <p class="soft">{word!(i18n, factor.on_lead)} " " {say(move || t_string!(i18n, factor.left, count = left).to_string())}</p>
        <Renewing />
        <Leaving must has_password=p.has_password />
        {(!sessions.is_empty()).then(|| view! { <Sessions sessions /> })}
        <a href="/">{word!(i18n, factor.back)}</a>
    }
}

#[component]
fn Renewing() -> impl IntoView {
    let i18n = use_i18n();
    let refused = refused(RenewCodes::url());
    view! {
        <details class="factor-more" open=refused().is_some()>
            <summary>{word!(i18n, factor.renew)}</summary>
            <form method="post" action=RenewCodes::url() class="stack-form">
                <p class="soft">{word!(i18n, factor.renew_lead)}</p>
                <CodeField id="renew-code" letters=true error=wrong_code(i18n, refused) label=Signal::derive(move || t_string!(i18n, factor.any_code).to_owned()) />
                <p role="alert" class="wrong">{say(move || refused().map(|e| other_trouble(i18n, &e)).unwrap_or_default())}</p>
                <button class="btn lg" data-testid="renew-codes">{word!(i18n, factor.renew_submit)}</button>
            </form>
        </details>
    }
}

#[component]
fn Leaving(must: bool, has_password: bool) -> impl IntoView {
    let i18n = use_i18n();
    let refused = refused(LeaveFactor::url());
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
        <details class="factor-more" open=refused().is_some()>
            <summary>{say(what)}</summary>
            <form method="post" action=LeaveFactor::url() class="stack-form">
                <p class="soft">{say(lead)}</p>
                {password}
                <CodeField id="leave-code" letters=true error=wrong_code(i18n, refused) label=Signal::derive(move || t_string!(i18n, factor.any_code).to_owned()) />
                <p role="alert" class="wrong">{say(move || refused().map(|e| other_trouble(i18n, &e)).unwrap_or_default())}</p>
                <button class="btn lg" data-testid="leave-factor">{say(what)}</button>
            </form>
        </details>
    }
}

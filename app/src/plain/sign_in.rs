//! Signing in, with a password or by a link.

use super::{field::Field, refused};
use crate::{
    api::{
        accounts::{LinkFor, SignIn as SignInCall, UseLink, look_at_link},
        factor::factor,
    },
    components::{language::LanguageChoice, say, typed::wrong_with, word},
    i18n::*,
    pages::{error_words, sign_in::role_word},
};
use domain::{
    Role,
    text::{in_query, on_to},
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::{
    components::Redirect,
    hooks::{use_location, use_params_map},
};

/// The frame of the pages before the desk.
#[component]
pub fn Alone(children: Children) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <main id="main" class="alone" data-offline=word!(i18n, error.offline)>
            <div class="card pad">
                <p class="brand">
                    <span class="mk" aria-hidden="true">
                        <svg viewBox="0 0 16 16"><path d="M2 4h6M5 8h8M9 12h5" /></svg>
                    </span>
                    "Nachtwacht"
                </p>
                {children()}
            </div>
            <LanguageChoice on_choose=|_| {} />
        </main>
    }
}

/// Where the person wants to go on, as the address says.
pub fn wanted() -> Memo<String> {
    // raw: the framework's own map of the query decodes a value twice on the server
    let raw = use_location().search;
    Memo::new(move |_| raw.with(|raw| in_query(raw, "to")))
}

/// Keeps in a form where the person wants to go on.
#[component]
pub fn GoesOn() -> impl IntoView {
    let to = wanted();
    view! { <input type="hidden" name="to" value=say(move || to.get()) /> }
}

/// `/sign-in`.
#[component]
pub fn SignIn() -> impl IntoView {
    let i18n = use_i18n();
    let to = wanted();
    let wrong = refused(SignInCall::url())().map(|e| match e.code() {
        "unauthenticated" => t_string!(i18n, sign_in.wrong).to_owned(),
        _ => error_words(i18n, &e),
    });
    // whoever has given their password is led on
    let half = Resource::new_blocking(|| (), |()| factor());
    view! {
        <Title text=word!(i18n, sign_in.title) />
        <Alone>
            <Suspense>
                {move || Suspend::new(async move {
                    let waits = half.await.ok().flatten().is_some_and(|p| p.waits);
                    waits.then(|| view! { <Redirect path=on_to("/second-factor", &to.get_untracked()) /> })
                })}
            </Suspense>
            <h1>{word!(i18n, sign_in.title)}</h1>
            <p class="soft">{word!(i18n, sign_in.lead)}</p>
            <form method="post" action=SignInCall::url() class="stack-form">
                <GoesOn />
                <Field name="email" kind="email" autocomplete="username" label=Signal::derive(move || t_string!(i18n, sign_in.email).to_owned()) />
                <Field name="password" kind="password" autocomplete="current-password" label=Signal::derive(move || t_string!(i18n, sign_in.password).to_owned()) />
                <p role="alert" class="wrong">{wrong}</p>
                <button class="btn pri lg" data-testid="sign-in">{word!(i18n, sign_in.submit)}</button>
            </form>
            <a href=say(move || on_to("/forgot", &to.get()))>{word!(i18n, mail.forgot)}</a>
        </Alone>
    }
}

/// `/sign-in/:link`. Opening it uses nothing up: programs that look at links in mails sign nobody in.
#[component]
pub fn SignInByLink() -> impl IntoView {
    let i18n = use_i18n();
    let link = Memo::new({
        let params = use_params_map();
        move |_| params.read().get("link").unwrap_or_default()
    });
    let found = Resource::new_blocking(move || link.get(), look_at_link);
    let dead = move || {
        crate::ssr::page_status(404);
        view! {
            <h1>{word!(i18n, error.not_found_title)}</h1>
            <p class="soft">{word!(i18n, sign_in.link_dead)}</p>
            <a class="btn lg" href="/sign-in">{word!(i18n, sign_in.title)}</a>
        }
    };
    let refused = refused(UseLink::url());
    let plain = move |name: String, role: Role| {
        let (shown, button) = (name.clone(), name);
        view! {
            <h1>{word!(i18n, sign_in.link_title, name = shown.clone())}</h1>
            <p class="soft">{word!(i18n, sign_in.link_lead, role = role_word(i18n, role))}</p>
            <form method="post" action=UseLink::url() class="stack-form">
                <GoesOn />
                <input type="hidden" name="link" value=say(move || link.get()) />
                <button class="btn pri lg" data-testid="sign-in">{word!(i18n, sign_in.link_submit, name = button.clone())}</button>
            </form>
        }
    };
    let choosing = move |name: String, role: Role| {
        view! {
            <h1>{word!(i18n, sign_in.link_title, name = name.clone())}</h1>
            <p class="soft">{word!(i18n, sign_in.set_lead, role = role_word(i18n, role))}</p>
            <form method="post" action=UseLink::url() class="stack-form">
                <GoesOn />
                <input type="hidden" name="link" value=say(move || link.get()) />
                <Field
                    name="password"
                    kind="password"
                    autocomplete="new-password"
                    error=wrong_with(i18n, refused, "password")
                    label=Signal::derive(move || t_string!(i18n, sign_in.password).to_owned())
                    hint=Signal::derive(move || t_string!(i18n, first.password_hint).to_owned())
                />
                <p role="alert" class="wrong">{say(move || match refused() {
                    Some(e) if e.code() == "not_found" => t_string!(i18n, sign_in.link_dead).to_owned(),
                    Some(e) if e.code() != "invalid" => error_words(i18n, &e),
                    _ => String::new(),
                })}</p>
                <button class="btn pri lg" data-testid="sign-in">{word!(i18n, sign_in.set_submit)}</button>
            </form>
        }
    };
    view! {
        <Title text=word!(i18n, sign_in.title) />
        <Alone>
            <Suspense>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok(LinkFor::Person { name, role, sets_password: true }) => choosing(name, role).into_any(),
                        Ok(LinkFor::Person { name, role, .. }) => plain(name, role).into_any(),
                        Ok(LinkFor::FirstAdmin) => view! { <Redirect path=format!("/first-admin/{}", link.get_untracked()) /> }.into_any(),
                        Err(_) => dead().into_any(),
                    }
                })}
            </Suspense>
        </Alone>
    }
}

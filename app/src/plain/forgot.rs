//! `/forgot` and `/forms/unsubscribe/:link`: what people do from a mail or without a password (S5). The address says how
//! it went, so that it is said to a browser without scripts too.

use super::{
    field::Field,
    refused,
    sign_in::{Alone, GoesOn, wanted},
};
use crate::{
    api::mail::{AskReset, Unsubscribe as UnsubscribeCall},
    components::{say, typed::wrong_with, word},
    i18n::*,
    pages::error_words,
};
use domain::text::on_to;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// Asks for a new password.
#[component]
pub fn Forgot() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let to = wanted();
    let refused = refused(AskReset::url());
    // the address is still of the time before, when this one is refused
    let done = move || query.read().get("sent").is_some() && refused().is_none();
    let wrong = say(move || match refused() {
        Some(e) if e.code() != "invalid" => error_words(i18n, &e),
        _ => String::new(),
    });
    view! {
        <Title text=word!(i18n, mail.forgot) />
        <Alone>
            <h1>{word!(i18n, mail.forgot)}</h1>
            <p class="soft">{word!(i18n, mail.forgot_lead)}</p>
            <form method="post" action=AskReset::url() class="stack-form">
                <GoesOn />
                <Field
                    name="email"
                    kind="email"
                    autocomplete="username"
                    error=wrong_with(i18n, refused, "email")
                    label=Signal::derive(move || t_string!(i18n, sign_in.email).to_owned())
                />
                <p role="alert" class="wrong">{wrong}</p>
                <p role="status" class="said">{say(move || if done() { t_string!(i18n, mail.forgot_done).to_owned() } else { String::new() })}</p>
                <button class="btn pri lg">{word!(i18n, mail.forgot_submit)}</button>
            </form>
            <a href=say(move || on_to("/sign-in", &to.get()))>{word!(i18n, sign_in.title)}</a>
        </Alone>
    }
}

/// Ends a subscription. Opening the link ends nothing: programs that look at links in mails must not.
#[component]
pub fn Unsubscribe() -> impl IntoView {
    let i18n = use_i18n();
    let params = use_params_map();
    let link = move || params.read().get("link").unwrap_or_default();
    let query = use_query_map();
    let done = move || query.read().get("done").is_some();
    let wrong = refused(UnsubscribeCall::url())().map(|e| error_words(i18n, &e));
    view! {
        <Title text=word!(i18n, mail.unsub_title) />
        <Alone>
            <h1>{word!(i18n, mail.unsub_title)}</h1>
            <form method="post" action=UnsubscribeCall::url() class="stack-form">
                <input type="hidden" name="link" value=say(link) />
                <p role="alert" class="wrong">{wrong}</p>
                <p role="status" class="said">{say(move || if done() { t_string!(i18n, mail.unsub_done).to_owned() } else { String::new() })}</p>
                <button class="btn pri lg">{word!(i18n, mail.unsub_submit)}</button>
            </form>
        </Alone>
    }
}

//! `/first-admin/:link`: the first person makes the office and becomes its admin.

use super::{error_words, sign_in::Alone};
use crate::components::{say, word};
use crate::{
    api::accounts::{FirstAdmin as FirstAdminCall, LinkFor, look_at_link},
    components::{form::Field, language::reading, typed::wrong_with},
    i18n::*,
};
use leptos::{form::ActionForm, prelude::*};
use leptos_i18n::t_string;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// A form for office, name, e-mail address and password.
#[component]
pub fn FirstAdmin() -> impl IntoView {
    let i18n = use_i18n();
    let params = use_params_map();
    let link = Memo::new(move |_| params.read().get("link").unwrap_or_default());
    let found = Resource::new_blocking(move || link.get(), look_at_link);
    let action = ServerAction::<FirstAdminCall>::new();
    let refused = move || action.value().get().and_then(Result::err);
    let error = move |field: &'static str| wrong_with(i18n, refused, field);
    let form = move || {
        view! {
            <h1>{word!(i18n, first.title)}</h1>
            <p class="soft">{word!(i18n, first.lead)}</p>
            <ActionForm action attr:class="stack-form">
                <input type="hidden" name="link" value=say(move || link.get()) />
                <input type="hidden" name="language" value=say(move || reading(i18n).tag().to_owned()) />
                <Field name="office" autocomplete="organization" error=error("office") label=Signal::derive(move || t_string!(i18n, first.office).to_owned()) />
                <Field name="name" autocomplete="name" error=error("name") label=Signal::derive(move || t_string!(i18n, first.name).to_owned()) />
                <Field name="email" kind="email" autocomplete="username" error=error("email") label=Signal::derive(move || t_string!(i18n, sign_in.email).to_owned()) />
                <Field
                    name="password"
                    kind="password"
                    autocomplete="new-password"
                    error=error("password")
                    label=Signal::derive(move || t_string!(i18n, sign_in.password).to_owned())
                    hint=Signal::derive(move || t_string!(i18n, first.password_hint).to_owned())
                />
                <p role="alert" class="wrong">{say(move || refused().filter(|e| e.code() != "invalid").map(|e| error_words(i18n, &e)).unwrap_or_default())}</p>
                <button class="btn pri lg" data-testid="sign-in">{word!(i18n, first.submit)}</button>
            </ActionForm>
        }
    };
    view! {
        <Title text=word!(i18n, first.title) />
        <Alone>
            <Suspense>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok(LinkFor::FirstAdmin) => form().into_any(),
                        _ => {
                            crate::ssr::page_status(404);
                            view! {
                                <h1>{word!(i18n, error.not_found_title)}</h1>
                                <p class="soft">{word!(i18n, sign_in.link_dead)}</p>
                                <a class="btn lg" href="/sign-in">{word!(i18n, sign_in.title)}</a>
                            }.into_any()
                        }
                    }
                })}
            </Suspense>
        </Alone>
    }
}

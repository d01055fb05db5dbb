//! `/first-admin/:link`: the first person makes the office and becomes its admin, and names the first of Support
//! (X1.1, X1.2); `/first-admin/support/:link` then shows that one's own link.

use super::{field::Field, refused, sign_in::Alone};
use crate::{
    api::accounts::{FirstAdmin as FirstAdminCall, LinkFor, look_at_link, zones},
    components::{
        form::LanguageField,
        icon::{Glyph, Icon},
        language::reading,
        say,
        typed::wrong_with,
        word,
    },
    i18n::*,
    pages::error_words,
};
use domain::Role;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// Where nobody says another zone; the page's script says that of the browser.
const ZONE: &str = "Europe/Brussels";

fn link_of_path() -> Memo<String> {
    let params = use_params_map();
    Memo::new(move |_| params.read().get("link").unwrap_or_default())
}

#[component]
fn DeadLink() -> impl IntoView {
    let i18n = use_i18n();
    crate::ssr::page_status(404);
    view! {
        <h1>{word!(i18n, error.not_found_title)}</h1>
        <p class="soft">{word!(i18n, sign_in.link_dead)}</p>
        <a class="btn lg" href="/sign-in">{word!(i18n, sign_in.title)}</a>
    }
}

/// The page of the printed link.
#[component]
pub fn FirstAdmin() -> impl IntoView {
    let i18n = use_i18n();
    let link = link_of_path();
    let found = Resource::new_blocking(move || link.get(), look_at_link);
    let places = Resource::new_blocking(|| (), |()| zones());
    view! {
        <Title text=word!(i18n, first.title) />
        <Alone>
            <Suspense>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok(LinkFor::FirstAdmin) => view! { <Start link zones=places.await.unwrap_or_default() /> }.into_any(),
                        _ => view! { <DeadLink /> }.into_any(),
                    }
                })}
            </Suspense>
        </Alone>
    }
}

/// Asks for the office, the admin and Support.
#[component]
fn Start(link: Memo<String>, zones: Vec<String>) -> impl IntoView {
    let i18n = use_i18n();
    let refused = refused(FirstAdminCall::url());
    let error = move |field: &'static str| wrong_with(i18n, refused, field);
    view! {
        <h1>{word!(i18n, first.title)}</h1>
        <p class="soft">{word!(i18n, first.lead)}</p>
        <form method="post" action=FirstAdminCall::url() class="stack-form first">
            <input type="hidden" name="link" value=say(move || link.get()) />
            <input type="hidden" name="language" value=say(move || reading(i18n).tag().to_owned()) />
            <fieldset>
                <legend>{word!(i18n, first.your_office)}</legend>
                <Field name="office" autocomplete="organization" error=error("office") label=Signal::derive(move || t_string!(i18n, first.office).to_owned()) />
                <Field
                    name="code"
                    autocomplete="off"
                    error=error("code")
                    label=Signal::derive(move || t_string!(i18n, offices.code).to_owned())
                    hint=Signal::derive(move || t_string!(i18n, offices.code_hint).to_owned())
                />
                <Field name="zone" autocomplete="off" value=ZONE list="zones" error=error("zone") label=Signal::derive(move || t_string!(i18n, offices.zone).to_owned()) />
                <datalist id="zones">{zones.into_iter().map(|z| view! { <option value=z></option> }).collect_view()}</datalist>
                <LanguageField name="office_language" label=Signal::derive(move || t_string!(i18n, offices.language).to_owned()) />
            </fieldset>
            <fieldset>
                <legend>{word!(i18n, first.you)}</legend>
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
            </fieldset>
            <fieldset>
                <legend>{word!(i18n, role.support)}</legend>
                <p class="soft">{word!(i18n, first.support_why)}</p>
                <Field name="support_name" autocomplete="off" optional=true error=error("support_name") label=Signal::derive(move || t_string!(i18n, first.support_name).to_owned()) />
                <Field
                    name="support_email"
                    kind="email"
                    autocomplete="off"
                    optional=true
                    error=error("support_email")
                    label=Signal::derive(move || t_string!(i18n, first.support_email).to_owned())
                    hint=Signal::derive(move || t_string!(i18n, first.support_email_hint).to_owned())
                />
                <label class="tick">
                    <input type="checkbox" name="alone" value="true" />
                    <span>{word!(i18n, first.alone)}</span>
                </label>
                <p class="soft">{word!(i18n, first.alone_then)}</p>
            </fieldset>
            <p role="alert" class="wrong">{say(move || match refused() {
                Some(e) if e.code() == "not_found" => t_string!(i18n, sign_in.link_dead).to_owned(),
                Some(e) if e.code() == "invalid" => t_string!(i18n, first.look).to_owned(),
                Some(e) => error_words(i18n, &e),
                None => String::new(),
            })}</p>
            <button class="btn pri lg" data-testid="sign-in">{word!(i18n, first.submit)}</button>
        </form>
    }
}

/// The link of the first person of Support. Nothing is mailed yet: it is handed on by hand.
#[component]
pub fn FirstSupport() -> impl IntoView {
    let i18n = use_i18n();
    let link = link_of_path();
    let found = Resource::new_blocking(move || link.get(), look_at_link);
    view! {
        <Title text=word!(i18n, first.done_title) />
        <Alone>
            <Suspense>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok(LinkFor::Person { name, role: Role::Support, .. }) => {
                            let origin = crate::ssr::origin().unwrap_or_default();
                            let address = format!("{origin}/sign-in/{}", link.get_untracked());
                            view! {
                                <h1>{word!(i18n, first.done_title)}</h1>
                                <p class="soft">{word!(i18n, first.done_lead, name = name.clone())}</p>
                                <div class="secret">
                                    <code tabindex="0">{address.clone()}</code>
                                    <button type="button" class="btn sm" data-copy=address data-copied=word!(i18n, connectors.copied)>
                                        <Glyph icon=Icon::Copy />
                                        <span>{word!(i18n, connectors.copy)}</span>
                                    </button>
                                </div>
                                <p class="soft">{word!(i18n, first.done_twice)}</p>
                                <a class="btn pri lg" href="/" rel="external">{word!(i18n, first.go_on)}</a>
                            }.into_any()
                        }
                        _ => view! { <DeadLink /> }.into_any(),
                    }
                })}
            </Suspense>
        </Alone>
    }
}

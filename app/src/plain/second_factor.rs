//! `/second-factor` and `/recovery-codes`: the second half of signing in, and setting it up (S9).

mod codes;
mod giving;
mod keeping;
mod sessions;
mod setting;

use super::sign_in::{Alone, wanted};
use crate::{
    api::{ApiError, accounts::SignOut, factor::factor},
    components::{say, typed::rule_words, word},
    i18n::*,
    pages::error_words,
};
use domain::text::on_to;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::components::Redirect;

pub use codes::RecoveryCodes;

/// `/second-factor`: what the person has to do there depends on how they stand.
#[component]
pub fn SecondFactor() -> impl IntoView {
    let i18n = use_i18n();
    let found = Resource::new_blocking(|| (), |()| factor());
    let to = wanted();
    view! {
        <Title text=word!(i18n, factor.title) />
        <Alone>
            <Suspense>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok(None) => view! { <Redirect path=on_to("/sign-in", &to.get_untracked()) /> }.into_any(),
                        Ok(Some(p)) if p.waits && p.on => view! { <giving::Giving p /> }.into_any(),
                        Ok(Some(p)) if p.on => view! { <keeping::Keeping p /> }.into_any(),
                        Ok(Some(p)) => view! { <setting::Setting p /> }.into_any(),
                        Err(e) => view! { <p role="alert" class="wrong">{error_words(i18n, &e)}</p> }.into_any(),
                    }
                })}
            </Suspense>
        </Alone>
    }
}

/// Where a code is typed. Phones offer digits, and the code that they have just been sent or made.
#[component]
fn CodeField(
    /// Id on the page.
    id: &'static str,
    /// What to type.
    #[prop(into)]
    label: Signal<String>,
    /// Letters as well: a recovery code.
    #[prop(default = false)]
    letters: bool,
    /// A rule to know beforehand.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// What is wrong with what was typed.
    #[prop(into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let note = format!("{id}-note");
    let described = note.clone();
    view! {
        <div class="line-field">
            <label for=id>{label}</label>
            <span class="field">
                <input
                    id=id
                    name="code"
                    type="text"
                    class="mono"
                    inputmode=if letters { "text" } else { "numeric" }
                    autocomplete=if letters { "off" } else { "one-time-code" }
                    autocapitalize="characters"
                    spellcheck="false"
                    maxlength="40"
                    required
                    aria-describedby=described
                    aria-invalid=say(move || error.get().is_some().to_string())
                />
            </span>
            <small id=note class:error=move || error.get().is_some()>{say(move || error.get().unwrap_or_else(|| hint.get()))}</small>
        </div>
    }
}

/// What is wrong with a code that was typed.
fn wrong_code(
    i18n: I18n,
    refused: impl Fn() -> Option<ApiError> + Send + Sync + 'static,
) -> Signal<Option<String>> {
    Signal::derive(move || {
        let e = refused()?;
        let found = e.0.errors.iter().find(|f| f.field == "code")?;
        Some(rule_words(i18n, found))
    })
}

/// Why nothing came of it, beside a wrong code: for how long there is a rest, the password, the desk itself.
fn other_trouble(i18n: I18n, e: &ApiError) -> String {
    match e.code() {
        "invalid" => String::new(),
        "too_many_requests" => rest_words(i18n, e.wait_seconds().unwrap_or(60).div_ceil(60)),
        _ => error_words(i18n, e),
    }
}

fn rest_words(i18n: I18n, minutes: u32) -> String {
    t_string!(i18n, factor.rest, count = minutes).to_string()
}

/// Leads away for whoever is not the person that the page speaks to.
#[component]
fn Other() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <form method="post" action=SignOut::url()>
            <button class="btn ghost">{word!(i18n, factor.other)}</button>
        </form>
    }
}

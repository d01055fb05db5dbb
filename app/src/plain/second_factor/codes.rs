//! The recovery codes, until their owner has kept them.

use crate::{
    api::factor::{PutCodesAway, recovery_codes},
    components::word,
    i18n::*,
    pages::error_words,
    ssr::plain::sign_in::{Alone, GoesOn},
};
use domain::text::for_url;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::components::Redirect;

/// `/recovery-codes`.
#[component]
pub fn RecoveryCodes() -> impl IntoView {
    let i18n = use_i18n();
    let found = Resource::new_blocking(|| (), |()| recovery_codes());
    view! {
        <Title text=word!(i18n, factor.codes_title) />
        <Alone>
            <Suspense>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok(Some(codes)) => view! { <Shown codes /> }.into_any(),
                        Ok(None) => view! { <Gone /> }.into_any(),
                        Err(e) if e.code() == "unauthenticated" => view! { <Redirect path="/sign-in" /> }.into_any(),
                        Err(e) => view! { <p role="alert" class="wrong">{error_words(i18n, &e)}</p> }.into_any(),
                    }
                })}
            </Suspense>
        </Alone>
    }
}

#[component]
fn Shown(codes: Vec<String>) -> impl IntoView {
    let i18n = use_i18n();
    let text = format!("Nachtwacht\n\n{}\n", codes.join("\n"));
    let file = format!("data:text/plain;charset=utf-8,{}", for_url(&text));
    view! {
        <h1>{word!(i18n, factor.codes_title)}</h1>
        <p class="soft">{word!(i18n, factor.codes_lead)}</p>
        <ol class="codes" data-testid="recovery-codes">
            {codes.into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect_view()}
        </ol>
        <div class="bar">
            <button type="button" class="btn" data-copy=text data-copied=word!(i18n, factor.copied)><span>{word!(i18n, factor.copy)}</span></button>
            <button type="button" class="btn" data-print>{word!(i18n, factor.print)}</button>
            <a class="btn" download="nachtwacht-recovery-codes.txt" href=file>{word!(i18n, factor.download)}</a>
        </div>
        <form method="post" action=PutCodesAway::url()>
            <GoesOn />
            <button class="btn pri lg" data-testid="kept">{word!(i18n, factor.kept)}</button>
        </form>
    }
}

#[component]
fn Gone() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <h1>{word!(i18n, factor.codes_title)}</h1>
        <p class="soft">{word!(i18n, factor.codes_gone)}</p>
        <a class="btn lg" href="/second-factor">{word!(i18n, factor.title)}</a>
        <a href="/">{word!(i18n, factor.back)}</a>
    }
}

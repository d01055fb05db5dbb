//! No such page, or none for this person.

use crate::components::word;
use crate::i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;

/// Says so, with 404 and a way home.
#[component]
pub fn NotFound() -> impl IntoView {
    crate::ssr::page_status(404);
    let i18n = use_i18n();
    view! {
        <Title text=word!(i18n, error.not_found_title) />
        <main id="main" class="alone">
            <div class="card pad">
                <h1>{word!(i18n, error.not_found_title)}</h1>
                <p class="soft">{word!(i18n, error.not_found)}</p>
                <a class="btn pri lg" href="/" rel="external">{word!(i18n, error.home)}</a>
            </div>
        </main>
    }
}

/// The same inside a page's frame, which has its own heading.
#[component]
pub fn Missing() -> impl IntoView {
    crate::ssr::page_status(404);
    let i18n = use_i18n();
    view! {
        <div class="empty">
            <h2>{word!(i18n, error.not_found_title)}</h2>
            <p class="soft">{word!(i18n, error.not_found)}</p>
            <a class="btn" href="/" rel="external">{word!(i18n, error.home)}</a>
        </div>
    }
}

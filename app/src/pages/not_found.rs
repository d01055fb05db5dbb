//! No such page, or none for this person.

use crate::i18n::*;
use leptos::prelude::*;
use leptos_i18n::{t, t_string};
use leptos_meta::Title;

/// Says so, with 404 and a way home.
#[component]
pub fn NotFound() -> impl IntoView {
    crate::ssr::page_status(404);
    let i18n = use_i18n();
    view! {
        <Title text=move || t_string!(i18n, error.not_found_title) />
        <main id="main" class="alone">
            <div class="card pad">
                <h1>{t!(i18n, error.not_found_title)}</h1>
                <p class="soft">{t!(i18n, error.not_found)}</p>
                <a class="btn pri lg" href="/">{t!(i18n, error.home)}</a>
            </div>
        </main>
    }
}

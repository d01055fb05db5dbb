//! The pages and the server functions. Features: `hydrate` for the browser, `ssr` for the server.

#![recursion_limit = "256"]

pub mod api;
mod components;
pub mod i18n;
pub mod live;
mod pages;

// each side has its own half; the other compiles a stand-in that does nothing
#[cfg_attr(feature = "hydrate", path = "browser.rs")]
#[cfg_attr(not(feature = "hydrate"), path = "no_browser.rs")]
pub mod browser;
#[cfg_attr(feature = "ssr", path = "ssr.rs")]
#[cfg_attr(not(feature = "ssr"), path = "no_ssr.rs")]
pub mod ssr;

use crate::{i18n::I18n, pages::lazy};
use domain::Language;
use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::{
    Lazy, SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

/// Where a person's choice of language is kept.
pub const LANGUAGE_COOKIE: &str = "nw_language";
/// Where a person's choice of light or dark is kept for the first paint.
pub const THEME_COOKIE: &str = "nw_theme";
/// Where it is kept that single letters are no shortcuts.
pub const SHORTCUTS_COOKIE: &str = "nw_shortcuts";

/// Keeps what is pressed and chosen before the program has come, for `browser/early.rs`; and the focus, ever after.
const EARLY: &str = concat!(include_str!("browser/early.js"), include_str!("browser/focus.js"));

/// The document around the console.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    document(EARLY, Some(options), App)
}

/// A document with a script of its own, and with the browser's program where it has `options`.
fn document<V: IntoView>(
    script: &'static str,
    options: Option<LeptosOptions>,
    body: impl FnOnce() -> V,
) -> impl IntoView {
    ssr::page_policy(options.is_some());
    let language = ssr::language();
    view! {
        <!DOCTYPE html>
        <html lang=language.map(Language::tag) data-theme=ssr::theme() data-no-support=(ssr::supported() == Some(false)).then_some("")>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="preload" href="/fonts/inter-latin-opsz-normal.woff2" r#as="font" type="font/woff2" crossorigin="anonymous" />
                <link rel="stylesheet" href="/pkg/nachtwacht.css" />
                <script nonce=ssr::nonce()>{script}</script>
                {options.map(|options| view! { <link rel="preload" href=language.map(i18n::file) r#as="fetch" crossorigin="anonymous" /> <HydrationScripts options /> })}
                <MetaTags />
            </head>
            <body>{body()}</body>
        </html>
    }
}

/// A page's title.
fn titled(page: String) -> String {
    if page.is_empty() {
        "Nachtwacht".to_owned()
    } else {
        format!("{page} · Nachtwacht")
    }
}

/// Every page of the console, by address; `plain` has the others. All are rendered whole on the server, so that they read
/// before any script runs.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    // a page names itself when its part of the program is there; until then the name stays
    let first = browser::title();
    let title = move || {
        let now = browser::title();
        if now.is_empty() { first.clone() } else { now }
    };
    I18n::provide();
    view! {
        <Title text=title formatter=titled />
        <Router>
            <Routes fallback=pages::not_found::NotFound>
                <ParentRoute path=path!("/o/:office") view=pages::office::Office ssr=SsrMode::Async>
                    <Route path=path!("clients") view={Lazy::<lazy::clients::Route>::new()} />
                    <Route path=path!("clients/activate") view={Lazy::<lazy::activate::Route>::new()} />
                    <Route path=path!("clients/import") view={Lazy::<lazy::import::Route>::new()} />
                    <Route path=path!("dossiers/:code") view={Lazy::<lazy::dossier::Route>::new()} />
                    <Route path=path!("tasks") view={Lazy::<lazy::tasks::Route>::new()} />
                    <Route path=path!("tasks/:id") view={Lazy::<lazy::task::Route>::new()} />
                    <Route path=path!("jobs") view={Lazy::<lazy::jobs::Route>::new()} />
                    <Route path=path!("jobs/runs") view={Lazy::<lazy::runs::Route>::new()} />
                    <Route path=path!("jobs/runs/:run") view={Lazy::<lazy::runs::Route>::new()} />
                    <Route path=path!("jobs/kinds") view={Lazy::<lazy::kinds::Route>::new()} />
                    <Route path=path!("jobs/blocked") view={Lazy::<lazy::blocked::Route>::new()} />
                    <Route path=path!("jobs/hours") view={Lazy::<lazy::hours::Route>::new()} />
                    <Route path=path!("jobs/:id") view={Lazy::<lazy::job::Route>::new()} />
                    <Route path=path!("collection") view={Lazy::<lazy::collection::Route>::new()} />
                    <Route path=path!("collection/:id") view={Lazy::<lazy::collection::Route>::new()} />
                    <Route path=path!("procedures") view={Lazy::<lazy::procedures::Route>::new()} />
                    <Route path=path!("procedures/:id") view={Lazy::<lazy::procedures::Route>::new()} />
                    <Route path=path!("causes") view={Lazy::<lazy::causes::Route>::new()} />
                    <Route path=path!("instructions") view={Lazy::<lazy::instructions::Route>::new()} />
                    <Route path=path!("instructions/:package/:code") view={Lazy::<lazy::instruction::Route>::new()} />
                    <Route path=path!("connectors") view={Lazy::<lazy::connectors::Route>::new()} />
                    <Route path=path!("alerts") view={Lazy::<lazy::alerts::Route>::new()} />
                    <Route path=path!("offices") view={Lazy::<lazy::offices::Route>::new()} />
                    <Route path=path!("users") view={Lazy::<lazy::users::Route>::new()} />
                    <Route path=path!("downtime") view={Lazy::<lazy::downtime::Route>::new()} />
                    <Route path=path!("requests") view={Lazy::<lazy::requests::Route>::new()} />
                    <Route path=path!("mail") view={Lazy::<lazy::mail::Route>::new()} />
                    <Route path=path!("audit") view={Lazy::<lazy::audit::Route>::new()} />
                    <Route path=path!("settings") view={Lazy::<lazy::settings::Route>::new()} />
                    <Route path=path!("profile") view={Lazy::<lazy::profile::Route>::new()} />
                </ParentRoute>
            </Routes>
        </Router>
    }
}

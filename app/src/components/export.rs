//! The way to take a list along (S8).

use super::icon::{Glyph, Icon};
use crate::i18n::*;
use leptos::prelude::*;

/// A link that saves a list as CSV: the whole list as it is filtered, not only what is on the screen.
#[component]
pub fn Export(
    /// Which list: `tasks`, `clients`, `audit`, `connectors`, `users`, `causes`, `jobs`, `runs`.
    list: &'static str,
    /// The office's code.
    #[prop(into)]
    office: Signal<String>,
    /// What the page's address asks for, without the question mark.
    #[prop(optional, into)]
    filter: Signal<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    let href = move || {
        format!(
            "/api/desk/export/{list}.csv?office={}&{}",
            office.get(),
            filter.get()
        )
    };
    view! {
        <a class="btn sm export" href=href download="" rel="external" title=word!(i18n, search.export)>
            <Glyph icon=Icon::Download />
            <span>{word!(i18n, search.export)}</span>
        </a>
    }
}

//! The way from the console to the page to sign in at, and what else it shares with the pages without it.

use crate::i18n::*;
use domain::{Role, text::on_to};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The page to sign in at, from where one comes back to the page that is open.
pub(crate) fn sign_in_from_here() -> Signal<String> {
    let here = use_location();
    Signal::derive(move || {
        let (path, query) = (here.pathname.get(), here.search.get());
        let query = query.trim_start_matches('?');
        let mark = if query.is_empty() { "" } else { "?" };
        on_to("/sign-in", &format!("{path}{mark}{query}"))
    })
}

/// Leads to the page to sign in at, and from there back.
#[component]
pub(crate) fn ToSignIn() -> impl IntoView {
    let path = untrack(|| sign_in_from_here().get());
    crate::ssr::redirect(&path);
    crate::browser::leave(&path);
}

/// A person's role in words.
pub fn role_word(i18n: I18n, role: Role) -> &'static str {
    match role {
        Role::Support => t_string!(i18n, role.support),
        Role::Admin => t_string!(i18n, role.admin),
        Role::Operator => t_string!(i18n, role.operator),
        Role::Employee => t_string!(i18n, role.employee),
        Role::Client => t_string!(i18n, role.client),
        Role::Candidate => t_string!(i18n, role.candidate),
    }
}

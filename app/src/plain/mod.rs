//! The pages for strangers: HTML with a small script, `plain.js`, and nothing of the browser's program. Whatever route
//! stands here is such a page; none of them is in the program. One file is one route.

mod field;
mod first_admin;
mod forgot;
mod form;
mod home;
mod portal;
mod second_factor;
mod sign_in;

use crate::{api::ApiError, document, i18n::*, pages::not_found::NotFound, titled};
use leptos::{prelude::*, server::ServerActionError, server_fn::error::ServerFnUrlError};
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

/// What these pages do beyond HTML.
const SCRIPT: &str = concat!(include_str!("plain.js"), include_str!("../browser/focus.js"));

/// The document around these pages.
pub fn shell() -> impl IntoView {
    // no program takes the page over: what it has read need not be told twice
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    document(SCRIPT, None, Plain)
}

/// Every page for strangers, by address.
#[component]
pub fn Plain() -> impl IntoView {
    provide_meta_context();
    I18n::provide();
    view! {
        <Title formatter=titled />
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/") view=home::Home ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=sign_in::SignIn ssr=SsrMode::Async />
                <Route path=path!("/sign-in/:link") view=sign_in::SignInByLink ssr=SsrMode::Async />
                <Route path=path!("/second-factor") view=second_factor::SecondFactor ssr=SsrMode::Async />
                <Route path=path!("/recovery-codes") view=second_factor::RecoveryCodes ssr=SsrMode::Async />
                <Route path=path!("/portal") view=portal::Portal ssr=SsrMode::Async />
                <Route path=path!("/forgot") view=forgot::Forgot ssr=SsrMode::Async />
                <Route path=path!("/forms/unsubscribe/:link") view=forgot::Unsubscribe ssr=SsrMode::Async />
                <Route path=path!("/forms/:office/:kind") view=form::PublicForm ssr=SsrMode::Async />
                <Route path=path!("/first-admin/support/:link") view=first_admin::FirstSupport ssr=SsrMode::Async />
                <Route path=path!("/first-admin/:link") view=first_admin::FirstAdmin ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}

/// Why what was sent to `to` was refused. The script asks for the page again with the refusal in its address, and a
/// browser without scripts is led there.
fn refused(to: &str) -> impl Fn() -> Option<ApiError> + Copy + Send + Sync + use<> {
    let said = use_context::<ServerActionError>().filter(|e| e.path() == to);
    let refused = said.map(|e| ServerFnUrlError::<ApiError>::decode_err(e.err()));
    let refused = StoredValue::new(refused);
    move || refused.get_value()
}

#[cfg(test)]
mod tests {
    use super::SCRIPT;

    #[test]
    fn the_script_is_small() {
        assert!(SCRIPT.len() <= 15 * 1024, "{} bytes", SCRIPT.len());
    }
}

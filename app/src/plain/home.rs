//! `/`: leads each person to where they wanted to go, or to where their work is. Every way of signing in ends here.

use super::sign_in::wanted;
use crate::api::accounts::who;
use domain::{
    Role,
    text::{on_to, own_path},
};
use leptos::prelude::*;
use leptos_router::components::Redirect;

/// Where the work of a role begins.
fn start(role: Role) -> &'static str {
    match role {
        Role::Support => "causes",
        Role::Admin => "clients",
        Role::Operator | Role::Employee | Role::Client | Role::Candidate => "tasks",
    }
}

/// To sign in, to the page of `?to=`, or to where the person's work begins.
#[component]
pub fn Home() -> impl IntoView {
    let who = Resource::new_blocking(|| (), |()| who());
    let to = wanted();
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let to = to.get_untracked();
                let path = match who.await.map(|desk| (desk.role, desk.offices.into_iter().next())) {
                    Ok(_) if own_path(&to).is_some() => to,
                    Ok((role, _)) if role.is_outside() => "/portal".to_owned(),
                    Ok((role, Some(office))) => format!("/o/{}/{}", office.code, start(role)),
                    _ => on_to("/sign-in", &to),
                };
                view! { <Redirect path /> }
            })}
        </Suspense>
    }
}

//! `/`: leads each person to where their work is.

use crate::api::accounts::who;
use domain::Role;
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

/// To sign in, or to where the person's work begins.
#[component]
pub fn Home() -> impl IntoView {
    let who = Resource::new_blocking(|| (), |()| who());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let path = match who.await.map(|desk| (desk.role, desk.offices.into_iter().next())) {
                    Ok((role, _)) if role.is_outside() => "/portal".to_owned(),
                    Ok((role, Some(office))) => format!("/o/{}/{}", office.code, start(role)),
                    _ => "/sign-in".to_owned(),
                };
                view! { <Redirect path /> }
            })}
        </Suspense>
    }
}

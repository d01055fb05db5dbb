//! `/`: leads each person to where their work is.

use crate::api::accounts::who;
use leptos::prelude::*;
use leptos_router::components::Redirect;

/// To sign in, or to Follow-up of the person's first office.
#[component]
pub fn Home() -> impl IntoView {
    let who = Resource::new_blocking(|| (), |()| who());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let path = match who.await.map(|desk| desk.offices.into_iter().next()) {
                    Ok(Some(office)) => format!("/o/{}/tasks", office.code),
                    _ => "/sign-in".to_owned(),
                };
                view! { <Redirect path /> }
            })}
        </Suspense>
    }
}

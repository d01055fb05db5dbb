//! `/o/:office/clients/import`: a file of dossiers, read first and activated once it is confirmed (X1.3, X1.4). Which file
//! stands in the address, so that it is still there after a reload.

mod found;
mod going;
mod upload;

use self::{found::Found, going::Going, upload::Upload};
use super::{here::Here, not_found::Missing, page::Page, unread::once_read};
use crate::{
    api::imports::{import, imports},
    i18n::*,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use views::import::ImportPage;

/// The page.
#[component]
pub fn Import() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.read().get("file"));
    let title = Signal::derive(move || t_string!(i18n, import.title).to_owned());
    let back = Signal::derive(move || Some(format!("/o/{}/clients", here.office.get())));
    let part = move || match asked.get() {
        None => view! { <Choose /> }.into_any(),
        Some(file) => match file.parse() {
            Ok(id) => view! { <File id /> }.into_any(),
            Err(_) => view! { <Missing /> }.into_any(),
        },
    };
    view! {
        <Page title back>
            <div class="narrow importing">{part}</div>
        </Page>
    }
}

/// The address of a file's page; without a number of the one where it is chosen.
fn address(office: &str, id: Option<i64>) -> String {
    let query = id.map(|id| format!("?file={id}")).unwrap_or_default();
    format!("/o/{office}/clients/import{query}")
}

#[component]
fn Choose() -> impl IntoView {
    let here = expect_context::<Here>();
    let before = Resource::new_blocking(
        move || (here.office.get(), here.reread.get()),
        |(office, _)| imports(office),
    );
    once_read(before, move |before| view! { <Upload before /> })
}

#[component]
fn File(id: i64) -> impl IntoView {
    let here = expect_context::<Here>();
    let again = RwSignal::new(0u32);
    let page = Resource::new_blocking(
        move || (here.office.get(), here.reread.get(), again.get()),
        move |(office, ..)| import(office, id),
    );
    once_read(page, move |page: ImportPage| match page.progress {
        None => view! { <Found page again /> }.into_any(),
        Some(_) => view! { <Going page /> }.into_any(),
    })
}

//! `/o/:office/clients`: Active clients (T11). The address is the filter.

mod list;
mod strip;
mod tools;

use self::{list::Listed, strip::Strip, tools::Tools};
use super::{begin::Begin, here::Here, not_found::Missing, page::Top, unread::Unread};
use crate::{
    api::{
        ApiError,
        clients::{clients, clients_frame},
    },
    components::word,
    i18n::*,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{NavigateOptions, hooks::use_query_map, params::ParamsMap};
use std::collections::BTreeSet;
use views::clients::{Clients as Page, ClientsAsked, ClientsFrame, Summary};

type List = Resource<Result<Page, ApiError>>;

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Board {
    /// What the address asks for.
    asked: Memo<ClientsAsked>,
    /// The list as read.
    list: List,
    /// What stands above the list, as last told.
    told: RwSignal<Option<Summary>>,
    /// Dossiers that would stand elsewhere, come or go, if the list were read again.
    moved: RwSignal<BTreeSet<i64>>,
    /// The selected dossiers.
    picked: RwSignal<BTreeSet<i64>>,
}

fn read(query: &ParamsMap) -> ClientsAsked {
    ClientsAsked::read(|name| query.get(name))
}

fn address(asked: &ClientsAsked, office: &str) -> String {
    let query = asked.query();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/o/{office}/clients{mark}{query}")
}

/// Changes the address without a step in the history, and without moving the page.
fn in_place() -> NavigateOptions {
    NavigateOptions {
        replace: true,
        scroll: false,
        ..Default::default()
    }
}

/// The page.
#[component]
pub fn Clients() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(read));
    let reload = RwSignal::new(0u32);
    let list: List = Resource::new_blocking(
        move || {
            (
                here.office.get(),
                asked.get(),
                reload.get(),
                here.reread.get(),
                here.live.stale.get(),
            )
        },
        |(office, asked, ..)| clients(office, asked, None),
    );
    let frame: Resource<Result<ClientsFrame, ApiError>> =
        Resource::new_blocking(move || here.office.get(), clients_frame);
    let board = Board {
        asked,
        list,
        told: RwSignal::default(),
        moved: RwSignal::default(),
        picked: RwSignal::default(),
    };
    let title = Signal::derive(move || t_string!(i18n, clients.title).to_owned());
    let new = Signal::derive(move || board.moved.with(BTreeSet::len));
    let news = Signal::derive(move || t_string!(i18n, clients.changed, count = new.get()).to_string());
    view! {
        <Title text=title />
        <div class="main">
            <Top title new news show=move |()| reload.update(|n| *n += 1) />
            <main id="main" class="page" class:selecting=move || board.picked.with(|p| !p.is_empty()) tabindex="-1">
                <Begin />
                <Suspense>
                    {move || Suspend::new(async move {
                        frame.await.ok().map(|frame| view! { <Strip board /> <Tools board frame /> })
                    })}
                </Suspense>
                <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
                    {move || Suspend::new(async move {
                        let list = list.await;
                        let people = frame.await.map(|f| f.people).unwrap_or_default();
                        match list {
                            Ok(list) => view! { <Listed list people board /> }.into_any(),
                            Err(e) if e.code() == "not_found" => view! { <Missing /> }.into_any(),
                            Err(e) => view! { <Unread e /> }.into_any(),
                        }
                    })}
                </Transition>
            </main>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_asked_and_nonsense_nothing() {
        let map = |pairs: &[(&str, &str)]| {
            let mut map = ParamsMap::new();
            for (k, v) in pairs {
                map.insert((*k).to_owned(), (*v).to_owned());
            }
            map
        };
        let asked = read(&map(&[
            ("status", "sup,act,sup,nonsense"),
            ("q", "a&b"),
            ("mine", "1"),
        ]));
        assert_eq!(
            address(&asked, "gent"),
            "/o/gent/clients?status=act,sup&q=a%26b&mine=1"
        );
        let none = read(&map(&[("status", "x"), ("mine", "yes"), ("sort", "up")]));
        assert_eq!(none, ClientsAsked::default());
        assert_eq!(address(&none, "gent"), "/o/gent/clients");
    }
}

//! The filter of Active clients. Each chip is a link: the address is the filter.

use super::{Board, address, in_place};
use crate::components::export::Export;
use crate::{
    components::{
        icon::{Glyph, Icon},
        say, word,
    },
    i18n::*,
    pages::office::Here,
};
use domain::view::clients::{ClientsAsked, ClientsFrame, Standing, Summary};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use std::time::Duration;

/// So long nobody types before the list is asked for.
const PAUSE: Duration = Duration::from_millis(200);

/// The bar. It gives way to the selection's while something is selected.
#[component]
pub(super) fn Tools(board: Board, frame: ClientsFrame) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let attention = vec![Standing::Act, Standing::Sup];
    let (pressed, wanted) = (attention.clone(), attention.clone());
    view! {
        <form class="bar chips cfb" role="search" method="get" on:submit=|ev| ev.prevent_default() aria-label=word!(i18n, clients.filter)>
            <Text board />
            <Chip
                board
                key="all"
                on=|a| a.standings.is_empty() && !a.mine
                then=|a| ClientsAsked { standings: vec![], mine: false, ..a }
                of=Summary::all
            >
                {word!(i18n, clients.all)}
            </Chip>
            <Chip
                board
                key="attention"
                on=move |a| a.standings == pressed
                then=move |a| {
                    let standings = if a.standings == wanted { vec![] } else { wanted.clone() };
                    ClientsAsked { standings, ..a }
                }
                of=|s| s.action + s.support
            >
                {word!(i18n, clients.attention)}
            </Chip>
            {frame.every.then(|| view! {
                <Chip board key="mine" on=|a| a.mine then=|a| ClientsAsked { mine: !a.mine, ..a } of=|s| s.mine>
                    {word!(i18n, clients.mine)}
                </Chip>
            })}
            <Packages board packages=frame.packages />
            <span class="sp"></span>
            <Export list="clients" office=here.office filter=Signal::derive(move || board.asked.with(ClientsAsked::query)) />
        </form>
    }
}

/// A filter with the number of dossiers that it finds.
#[component]
fn Chip(
    board: Board,
    key: &'static str,
    on: impl Fn(&ClientsAsked) -> bool + Send + Sync + 'static,
    then: impl Fn(ClientsAsked) -> ClientsAsked + Send + Sync + 'static,
    of: fn(&Summary) -> u32,
    children: Children,
) -> impl IntoView {
    let here = expect_context::<Here>();
    let href = say(move || address(&then(board.asked.get()), &here.office.get()));
    let pressed = move || board.asked.with(&on).then_some("true");
    view! {
        <a class="chip" aria-current=pressed href=href data-noscroll data-chip=key>
            {children()}
            <span class="num">
                <Transition>
                    {move || Suspend::new(async move {
                        board.list.await.ok().map(|list| {
                            say(move || board.told.with(|t| t.as_ref().map_or_else(|| of(&list.summary), of)).to_string())
                        })
                    })}
                </Transition>
            </span>
        </a>
    }
}

/// Part of a name or code. While somebody types, what is typed stands, whatever the address has come to.
#[component]
fn Text(board: Board) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let typed = RwSignal::new(board.asked.with_untracked(|a| a.text.clone()));
    let typing = RwSignal::new(false);
    Effect::new(move |_| {
        let text = board.asked.with(|a| a.text.clone());
        if !typing.get_untracked() {
            typed.set(text);
        }
    });
    let navigate = use_navigate();
    let later = StoredValue::new(None::<TimeoutHandle>);
    let search = move |ev| {
        let text = event_target_value(&ev);
        typed.set(text.clone());
        let navigate = navigate.clone();
        let go = move || {
            let asked = ClientsAsked {
                text: text.clone(),
                ..board.asked.get_untracked()
            };
            navigate(&address(&asked, &here.office.get_untracked()), in_place());
        };
        // a word is asked for once, not letter by letter
        later.update_value(|handle| {
            if let Some(handle) = handle.take() {
                handle.clear();
            }
            *handle = set_timeout_with_handle(go, PAUSE).ok();
        });
    };
    view! {
        <label class="field search">
            <Glyph icon=Icon::Search />
            <span class="vh">{word!(i18n, clients.search)}</span>
            <input
                type="search"
                name="q"
                maxlength="200"
                autocomplete="off"
                placeholder=word!(i18n, clients.search)
                value=typed.get_untracked()
                prop:value=typed
                on:input=search
                on:focus=move |_| typing.set(true)
                on:blur=move |_| typing.set(false)
            />
        </label>
    }
}

/// The package to show.
#[component]
fn Packages(board: Board, packages: Vec<(String, String)>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let navigate = use_navigate();
    let choose = move |ev| {
        let asked = ClientsAsked {
            package: event_target_value(&ev),
            ..board.asked.get_untracked()
        };
        navigate(&address(&asked, &here.office.get_untracked()), in_place());
    };
    let chosen = move || board.asked.with(|a| a.package.clone());
    let option = move |(code, name): (String, String)| {
        let value = code.clone();
        view! { <option value=value selected=move || chosen() == code>{name}</option> }
    };
    view! {
        <label class="chip pick" class:on=move || !chosen().is_empty()>
            <Glyph icon=Icon::Filter />
            <span class="vh">{word!(i18n, clients.package)}</span>
            <select name="package" prop:value=chosen on:change=choose>
                <option value="" selected=move || chosen().is_empty()>{word!(i18n, clients.any_package)}</option>
                {packages.into_iter().map(option).collect_view()}
            </select>
        </label>
    }
}

//! The filter of Active clients. Each chip is a link: the address is the filter.

use super::{Board, address, in_place};
use crate::components::export::Export;
use crate::{
    components::{
        icon::{Glyph, Icon},
        say,
        standing::standing_word,
        word,
    },
    i18n::*,
    pages::here::Here,
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use std::time::Duration;
use views::clients::{ClientsAsked, ClientsFrame, Standing, Summary};

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
            {[Standing::Starting, Standing::Off, Standing::Archived].map(|standing| view! { <Rare board standing /> }).into_iter().collect_view()}
            <Packages board packages=frame.packages />
            <span class="sp"></span>
            <Begin runs_office=!frame.people.is_empty() />
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

/// Leads to the form that activates a dossier, and for those who run the office to the one for a whole file.
#[component]
pub(super) fn Begin(runs_office: bool) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let way = move |path: &'static str| say(move || format!("/o/{}/clients/{path}", here.office.get()));
    view! {
        {runs_office.then(|| view! { <a class="btn begin" href=way("import")>{word!(i18n, dossiers.import)}</a> })}
        <a class="btn pri begin" href=way("activate")>
            <Glyph icon=Icon::Plus />
            {word!(i18n, dossiers.activate)}
        </a>
    }
}

/// A filter for dossiers that nobody works in: there where there are some.
#[component]
fn Rare(board: Board, standing: Standing) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let on = Memo::new(move |_| board.asked.with(|a| a.standings == [standing]));
    let href = move || {
        let standings = if on.get() { vec![] } else { vec![standing] };
        address(
            &ClientsAsked {
                standings,
                ..board.asked.get()
            },
            &here.office.get(),
        )
    };
    let of = move |s: &Summary| match standing {
        Standing::Starting => s.starting,
        Standing::Off => s.off,
        _ => s.archived,
    };
    // no signal of its own: while the list is read again the chip stands on, when its own would be gone
    let shown = move |first: Summary| {
        let at_first = of(&first);
        let n = move || board.told.with(|t| t.as_ref().map_or(at_first, of));
        view! {
            <a class="chip" class:hidden=move || n() == 0 && !on.get() aria-current=move || on.get().then_some("true") href=say(href) data-noscroll data-chip=standing.key()>
                {say(move || standing_word(i18n, standing))}
                <span class="num">{say(move || n().to_string())}</span>
            </a>
        }
    };
    view! {
        <Transition>
            {move || Suspend::new(async move { board.list.await.ok().map(|list| shown(list.summary)) })}
        </Transition>
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
    let forget = move || {
        later.update_value(|handle| {
            if let Some(handle) = handle.take() {
                handle.clear();
            }
        });
    };
    // whoever has left this page is not brought back to it
    on_cleanup(forget);
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
        forget();
        later.set_value(set_timeout_with_handle(go, PAUSE).ok());
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

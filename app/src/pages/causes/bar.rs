//! The filter of the causes: each choice is a link or changes the address.

use super::{Asked, Fresh, in_place};
use crate::components::export::Export;
use crate::{
    api::ApiError,
    components::{
        icon::{Glyph, Icon},
        say,
        status::Word,
        word,
    },
    i18n::*,
    pages::here::Here,
};
use domain::TaskState;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use views::causes::{CauseList, Turn};

type List = Resource<Result<CauseList, ApiError>>;

#[component]
pub(super) fn FilterBar(asked: Memo<Asked>, list: List, fresh: Fresh) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let navigate = use_navigate();
    let ask =
        Callback::new(move |asked: Asked| navigate(&asked.address(&here.office.get_untracked()), in_place()));
    let search = move |ev| {
        let mut now = asked.get_untracked();
        now.filter.text = event_target_value(&ev);
        ask.run(now);
    };
    let chips = Turn::ALL.map(|turn| view! { <Chip turn asked list fresh /> });
    view! {
        <form class="bar fb wraps" role="search" method="get" on:submit=|ev| ev.prevent_default()>
            <label class="field search">
                <Glyph icon=Icon::Search />
                <span class="vh">{word!(i18n, causes.search)}</span>
                <input type="search" name="q" maxlength="200" prop:value=move || asked.get().filter.text value=asked.get_untracked().filter.text on:change=search placeholder=word!(i18n, causes.search) />
            </label>
            <input type="hidden" name="show" value=say(move || asked.with(Asked::show)) />
            <div class="chipset" role="group" aria-label=word!(i18n, causes.filter)>{chips.into_iter().collect_view()}</div>
            <Suspense>
                {move || Suspend::new(async move {
                    list.await.ok().map(|list| view! { <Choices packages=list.packages offices=list.offices asked ask /> })
                })}
            </Suspense>
            <Export list="causes" office=here.office />
        </form>
    }
}

#[component]
fn Chip(turn: Turn, asked: Memo<Asked>, list: List, fresh: Fresh) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let href = say(move || asked.get().toggled(turn).address(&here.office.get()));
    let on = move || asked.with(|a| a.filter.turns.contains(&turn)).then_some("true");
    let name = match turn {
        Turn::Red => view! { <Word state=TaskState::Failed /> }.into_any(),
        Turn::Orange => view! { <Word state=TaskState::ActionRequired /> }.into_any(),
        Turn::Done => view! { {word!(i18n, causes.nothing_open)} }.into_any(),
    };
    let at = turn as usize;
    let number = move || {
        let told = fresh.list.with(|l| l.as_ref().map(|l| l.counts[at]));
        Suspend::new(async move {
            let n = match told {
                Some(n) => n,
                None => list.await.map_or(0, |l| l.counts[at]),
            };
            n.to_string()
        })
    };
    view! {
        <a class="chip" aria-current=on href=href data-noscroll data-chip=turn.key()>
            {name} " " <span class="num"><Suspense>{number}</Suspense></span>
        </a>
    }
}

/// The choice of package and of office.
#[component]
fn Choices(
    packages: Vec<(String, String)>,
    offices: Vec<(String, String)>,
    asked: Memo<Asked>,
    ask: Callback<Asked>,
) -> impl IntoView {
    let i18n = use_i18n();
    let options = |choices: Vec<(String, String)>, chosen: String| {
        let option = move |(key, name): (String, String)| {
            let selected = key == chosen;
            view! { <option value=key selected=selected>{name}</option> }
        };
        choices.into_iter().map(option).collect_view()
    };
    let now = asked.get_untracked().filter;
    let choose_package = move |ev| {
        let mut now = asked.get_untracked();
        now.filter.package = event_target_value(&ev);
        ask.run(now);
    };
    let choose_office = move |ev| {
        let mut now = asked.get_untracked();
        now.filter.office = event_target_value(&ev);
        ask.run(now);
    };
    view! {
        <label class="field">
            <span class="vh">{word!(i18n, causes.package)}</span>
            <select name="package" on:change=choose_package prop:value=move || asked.get().filter.package>
                <option value="">{word!(i18n, causes.packages)}</option>
                {options(packages, now.package)}
            </select>
        </label>
        <label class="field">
            <span class="vh">{word!(i18n, causes.office)}</span>
            <select name="of" on:change=choose_office prop:value=move || asked.get().filter.office>
                <option value="">{word!(i18n, causes.offices)}</option>
                {options(offices, now.office)}
            </select>
        </label>
    }
}

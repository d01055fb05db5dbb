//! `/o/:office/collection`: collection systems and their entries (C1–C7).

mod entries;
mod system;

use super::{
    follow::follow_jobs,
    here::Here,
    not_found::Missing,
    page::Page,
    profile::{Said, SaidLine},
    refusals::why_not,
    unread::{Unread, once_read},
};
use crate::{
    api::collection::{add_system, system, systems},
    components::{
        icon::{Glyph, Icon},
        say, word,
    },
    i18n::*,
};
use domain::Rule;
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_params_map};
use system::OneSystem;
use views::collection::{SystemLine, SystemsPage};

/// The page.
#[component]
pub fn Collection() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let params = use_params_map();
    let chosen = Memo::new(move |_| params.read().get("id"));
    let title = Signal::derive(move || t_string!(i18n, collection.title).to_owned());
    let back = Signal::derive(move || {
        let office = here.office.get();
        chosen.get().map(|_| format!("/o/{office}/collection"))
    });
    view! {
        <Page title back>
            {move || match chosen.get() {
                None => view! { <AllSystems /> }.into_any(),
                Some(id) => view! { <Chosen id=id.parse().unwrap_or(0) /> }.into_any(),
            }}
        </Page>
    }
}

#[component]
fn AllSystems() -> impl IntoView {
    let here = expect_context::<Here>();
    let first = Resource::new_blocking(
        move || (here.office.get(), here.reread.get()),
        |(office, _)| systems(office),
    );
    view! {
        {once_read(first, |page| {
            if page.may_edit {
                view! { <Known page /> }.into_any()
            } else {
                view! { <NoRight ask=page.ask /> }.into_any()
            }
        })}
    }
}

#[component]
fn Chosen(id: i64) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let first = Resource::new_blocking(
        move || (here.office.get(), here.reread.get()),
        move |(office, _)| system(office, id),
    );
    view! {
        <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(detail) => view! { <OneSystem detail /> }.into_any(),
                    Err(e) if e.code() == "not_found" => view! { <Missing /> }.into_any(),
                    Err(e) if e.code() == "forbidden" => view! { <NoRight ask=vec![] /> }.into_any(),
                    Err(e) => view! { <Unread e /> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// Whom to ask, for those who may not set up jobs (J6).
#[component]
pub(super) fn NoRight(ask: Vec<String>) -> impl IntoView {
    let i18n = use_i18n();
    let ask = ask.join(", ");
    view! {
        <div class="empty">
            <h2>{word!(i18n, procedures.no_right)}</h2>
            <p class="soft">
                {if ask.is_empty() {
                    word!(i18n, procedures.forbidden)
                } else {
                    word!(i18n, procedures.ask, names = ask.clone())
                }}
            </p>
        </div>
    }
}

#[component]
fn Known(page: SystemsPage) -> impl IntoView {
    let i18n = use_i18n();
    let data = RwSignal::new(page);
    follow_jobs(data, RwSignal::new(0), systems);
    let lines = move || data.with(|d| d.systems.clone());
    let empty = move || {
        data.with(|d| d.systems.is_empty()).then(|| {
            view! { <div class="empty"><h2>{word!(i18n, collection.empty_title)}</h2><p class="soft">{word!(i18n, collection.empty)}</p></div> }
        })
    };
    view! {
        <p class="soft lead">{word!(i18n, collection.lead)}</p>
        <section class="card systems-list" aria-label=word!(i18n, collection.title)>
            <table class="stack" role="table" aria-label=word!(i18n, collection.title)>
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">{word!(i18n, collection.system)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, collection.company)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, collection.active)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, collection.direct)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, collection.entries)}</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For each=lines key=|l| (l.id, l.version, l.entries, l.on, l.failing, l.rival.is_some()) let:line><Row line /></For>
                </tbody>
            </table>
            {empty}
        </section>
        <Add data />
    }
}

#[component]
fn Row(line: SystemLine) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let id = line.id;
    let href = say(move || format!("/o/{}/collection/{id}", here.office.get()));
    let (entries, on, failing) = (line.entries, line.on, line.failing);
    let said = say(move || match entries {
        0 => t_string!(i18n, collection.no_entries).to_owned(),
        _ => t_string!(i18n, collection.on_of, on = on, all = entries).to_string(),
    });
    let rival = line.rival.filter(|_| line.active).map(|r| {
        view! { <small class="act">{word!(i18n, collection.both_active, name = r.name.clone())}</small> }
    });
    view! {
        <tr role="row" data-system=line.kind.code>
            <th role="rowheader" scope="row"><a href=href>{line.kind.name}</a> {rival}</th>
            <td role="cell">{line.company.code} " " <span class="muted">{line.company.name}</span></td>
            <td role="cell"><OnOff on=line.active label=Signal::derive(move || t_string!(i18n, collection.active).to_owned()) /></td>
            <td role="cell"><OnOff on=line.direct label=Signal::derive(move || t_string!(i18n, collection.direct).to_owned()) /></td>
            <td role="cell">
                {said}
                {(failing > 0).then(|| view! { " " <span class="act">{word!(i18n, collection.failing, count = failing)}</span> })}
            </td>
        </tr>
    }
}

/// On or off, in shape and word; the label is only seen where the columns have no heads.
#[component]
fn OnOff(on: bool, label: Signal<String>) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <span class="onoff" class:soft=!on>
            <span class="only-m muted">{label} ": "</span>
            <i class:on=on aria-hidden="true"></i>
            {say(move || if on { t_string!(i18n, collection.on) } else { t_string!(i18n, collection.off) }.to_owned())}
        </span>
    }
}

/// Adds a system for a company.
#[component]
fn Add(data: RwSignal<SystemsPage>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (code, company) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let said = Said::default();
    let go = use_navigate();
    let adding = Action::new(move |()| {
        let go = go.clone();
        async move {
            said.set(None);
            let office = here.office.get_untracked();
            match add_system(office.clone(), code.get_untracked(), company.get_untracked()).await {
                Ok(id) => go(&format!("/o/{office}/collection/{id}"), Default::default()),
                Err(e) if e.0.errors.iter().any(|e| e.rule == Some(Rule::InUse)) => {
                    said.set(Some(Err(t_string!(i18n, collection.taken).to_owned())));
                }
                Err(e) if e.code() == "invalid" => {
                    said.set(Some(Err(t_string!(i18n, collection.choose_both).to_owned())));
                }
                Err(e) => said.set(Some(Err(why_not(i18n, &e)))),
            }
        }
    });
    let kinds = data.with_untracked(|d| d.kinds.clone());
    let companies = data.with_untracked(|d| d.companies.clone());
    view! {
        <section class="card" aria-labelledby="add-system">
            <header><h2 id="add-system">{word!(i18n, collection.add)}</h2></header>
            <form class="pad row-form" on:submit=move |ev| { ev.prevent_default(); adding.dispatch(()); }>
                <div class="line-field">
                    <label for="system-kind">{word!(i18n, collection.system)}</label>
                    <span class="field">
                        <select id="system-kind" on:change=move |ev| code.set(event_target_value(&ev))>
                            <option value="">{word!(i18n, collection.choose)}</option>
                            {kinds.into_iter().map(|k| view! { <option value=k.code>{k.name}</option> }).collect_view()}
                        </select>
                    </span>
                </div>
                <div class="line-field">
                    <label for="system-company">{word!(i18n, collection.company)}</label>
                    <span class="field">
                        <select id="system-company" on:change=move |ev| company.set(event_target_value(&ev))>
                            <option value="">{word!(i18n, collection.choose)}</option>
                            {companies.into_iter().map(|c| view! { <option value=c.code.clone()>{format!("{} {}", c.code, c.name)}</option> }).collect_view()}
                        </select>
                    </span>
                </div>
                <button class="btn" disabled=adding.pending()><Glyph icon=Icon::Plus /> {word!(i18n, collection.add_button)}</button>
            </form>
            <SaidLine said />
        </section>
    }
}

//! One person: role, access, and the dossiers that they manage.

use super::{AccessPill, Dossiers, List, Made, Shared, inviting::RoleChoice};
use crate::{
    api::{
        ApiError,
        people::{renew_link, set_access, set_managed, set_role},
    },
    components::{
        dialog::Sure,
        icon::{Glyph, Icon},
        language::reading,
        word,
    },
    i18n::*,
    pages::{error_words, here::Here},
};
use domain::NotNow;
use leptos::prelude::*;
use std::collections::BTreeMap;
use views::people::{Access, ManagedLine, PersonLine};

/// Most dossiers that a search shows.
const SHOWN: usize = 100;

/// One person: who they are, what they may do.
#[component]
pub(super) fn Chosen(
    id: i64,
    list: List,
    dossiers: Dossiers,
    sought: RwSignal<String>,
    shared: Shared,
) -> impl IntoView {
    let i18n = use_i18n();
    // what is ticked and not saved yet
    let changes = RwSignal::new(BTreeMap::<i64, bool>::new());
    let find = move |list: Vec<PersonLine>| list.into_iter().find(|p| p.id == id);
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match list.await.ok().and_then(find) {
                    Some(p) => view! { <Rights p shared /> }.into_any(),
                    None => view! { <p class="muted choose">{word!(i18n, users.none)}</p> }.into_any(),
                }
            })}
        </Transition>
        <section class="sec form" aria-labelledby="managed">
            <h3 id="managed">{word!(i18n, users.managed)}</h3>
            <p class="soft">{word!(i18n, users.managed_lead)}</p>
            <label class="field">
                <Glyph icon=Icon::Search />
                <span class="vh">{word!(i18n, users.managed_search)}</span>
                <input
                    type="search"
                    maxlength="200"
                    prop:value=sought
                    placeholder=word!(i18n, users.managed_search)
                    on:input=move |ev| sought.set(event_target_value(&ev))
                />
            </label>
            <Transition>
                {move || Suspend::new(async move {
                    match dossiers.await {
                        Ok(rows) => view! { <Managed id rows changes shared /> }.into_any(),
                        Err(e) => view! { <p role="alert" class="wrong">{error_words(i18n, &e)}</p> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

/// In words why rights stay as they are.
fn rights_words(i18n: I18n, e: &ApiError) -> String {
    match e.code() {
        "wrong_state" if e.0.not_now == Some(NotNow::AccessEnded) => {
            t_string!(i18n, users.access_ended).to_owned()
        }
        "wrong_state" => t_string!(i18n, users.last_admin).to_owned(),
        _ => error_words(i18n, e),
    }
}

#[component]
fn Rights(p: PersonLine, shared: Shared) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (id, access) = (p.id, p.access);
    let name = StoredValue::new(p.name.clone());
    let email = StoredValue::new(p.email.clone());
    let role = RwSignal::new(p.role);
    let told = move |r: Result<(), ApiError>| {
        shared.said.set(Some(match r {
            Ok(()) => Ok(t_string!(i18n, users.saved).to_owned()),
            Err(e) => Err(rights_words(i18n, &e)),
        }));
        shared.reload.update(|n| *n += 1);
    };
    let office = move || here.office.get_untracked();
    let saving =
        Action::new(move |()| async move { told(set_role(office(), id, role.get_untracked()).await) });
    let opening = Action::new(move |open: &bool| {
        let open = *open;
        async move { told(set_access(office(), id, open).await) }
    });
    let renewing = Action::new(move |()| async move {
        match renew_link(office(), id).await {
            Ok(None) => {
                let words = t_string!(i18n, factor.mailed, email = email.get_value()).to_string();
                shared.said.set(Some(Ok(words)));
                shared.reload.update(|n| *n += 1);
            }
            Ok(Some(path)) => {
                shared.said.set(None);
                shared.made.set(Some(Made {
                    name: name.get_value(),
                    path,
                }));
                shared.reload.update(|n| *n += 1);
            }
            Err(e) => shared.said.set(Some(Err(error_words(i18n, &e)))),
        }
    });
    let rights = match (p.me, access) {
        (true, _) => view! { <p class="soft">{word!(i18n, users.own)}</p> }.into_any(),
        (false, Access::Left) => view! {
            <div><button type="button" class="btn" disabled=opening.pending() on:click=move |_| { opening.dispatch(true); }>{word!(i18n, users.give)}</button></div>
        }
        .into_any(),
        (false, _) => view! {
            <form class="row-form" on:submit=move |ev| { ev.prevent_default(); saving.dispatch(()); }>
                <RoleChoice id="role" role />
                <button class="btn" disabled=saving.pending()>{word!(i18n, users.save_role)}</button>
            </form>
            <section class="sec form" aria-labelledby="link">
                <h3 id="link">{word!(i18n, users.sign_in)}</h3>
                {p.link_until.map(|at| view! { <p class="soft">{word!(i18n, users.link_until, time = at.full(reading(i18n)))}</p> })}
                <p class="soft">{word!(i18n, users.renew_lead)}</p>
                <div class="bar">
                    <button type="button" class="btn" disabled=renewing.pending() on:click=move |_| { renewing.dispatch(()); }>{word!(i18n, users.renew)}</button>
                    <Sure
                        name="end"
                        verb=Signal::derive(word!(i18n, users.end))
                        title=word!(i18n, users.end_title, name = name.get_value())
                        lead=word!(i18n, users.end_lead)
                        keep=word!(i18n, users.keep)
                        busy=opening.pending()
                        on_yes=move |()| { opening.dispatch(false); }
                    />
                </div>
            </section>
            <super::factor::Factor id name=p.name.clone() on=p.has_factor shared />
        }
        .into_any(),
    };
    view! {
        <div>
            <AccessPill access />
            <h2 tabindex="-1" dir="auto">{p.name}</h2>
            <p class="lead wrap">{p.email} " · " <span lang=p.language.tag()>{p.language.own_name()}</span></p>
        </div>
        {rights}
    }
}

/// Dossiers to tick; what is ticked is kept over searches until it is saved.
#[component]
fn Managed(
    id: i64,
    rows: Vec<ManagedLine>,
    changes: RwSignal<BTreeMap<i64, bool>>,
    shared: Shared,
) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let saving = Action::new(move |()| async move {
        let wanted = changes.get_untracked();
        let of = |on: bool| {
            wanted
                .iter()
                .filter(|(_, v)| **v == on)
                .map(|(d, _)| *d)
                .collect::<Vec<_>>()
        };
        match set_managed(here.office.get_untracked(), id, of(true), of(false)).await {
            Ok(()) => {
                changes.set(BTreeMap::new());
                shared.said.set(Some(Ok(t_string!(i18n, users.saved).to_owned())));
                shared.reload.update(|n| *n += 1);
            }
            Err(e) => shared.said.set(Some(Err(error_words(i18n, &e)))),
        }
    });
    let set = move |dossier: i64, was: bool, on: bool| {
        changes.update(|c| {
            if was == on {
                c.remove(&dossier);
            } else {
                c.insert(dossier, on);
            }
        });
    };
    let full = rows.len() >= SHOWN;
    let shown = StoredValue::new(rows.iter().map(|r| (r.id, r.managed)).collect::<Vec<_>>());
    let all = move |on: bool| {
        for (dossier, was) in shown.get_value() {
            set(dossier, was, on);
        }
    };
    if rows.is_empty() {
        return view! { <p class="soft">{word!(i18n, users.no_dossiers)}</p> }.into_any();
    }
    view! {
        <div class="bar">
            <button type="button" class="btn sm" on:click=move |_| all(true)>{word!(i18n, users.tick_all)}</button>
            <button type="button" class="btn sm" on:click=move |_| all(false)>{word!(i18n, users.untick_all)}</button>
        </div>
        <ul class="ticks" aria-labelledby="managed">
            {rows
                .into_iter()
                .map(|r| {
                    let on = move || changes.with(|c| c.get(&r.id).copied().unwrap_or(r.managed));
                    view! {
                        <li>
                            <label>
                                <input type="checkbox" checked=r.managed prop:checked=on on:change=move |ev| set(r.id, r.managed, event_target_checked(&ev)) />
                                <span dir="auto">{r.name}</span>
                                <span class="code">{r.code}</span>
                            </label>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
        {full.then(|| view! { <p class="muted">{word!(i18n, users.first, n = SHOWN)}</p> })}
        {move || (!changes.with(BTreeMap::is_empty)).then(|| view! {
            <div>
                <button type="button" class="btn pri" disabled=saving.pending() on:click=move |_| { saving.dispatch(()); }>
                    {word!(i18n, users.managed_save, count = changes.with(BTreeMap::len))}
                </button>
            </div>
        })}
    }
    .into_any()
}

//! `/o/:office/users`: users and rights. Left the list, right one person, or the invitation of a new one.

use super::{
    error_words,
    office::{Here, Top},
    profile::{Said, SaidLine, Time, trouble},
    sign_in::role_word,
};
use crate::components::export::Export;
use crate::components::{say, word};
use crate::{
    api::{
        ApiError,
        people::{dossiers_for, invite, people, renew_link, set_access, set_managed, set_role},
    },
    browser,
    components::{
        icon::{Glyph, Icon},
        language::reading,
        typed::{Typed, wrong_with},
    },
    i18n::*,
};
use domain::{
    Language, Role,
    view::people::{Access, Invitation, ManagedLine, PersonLine},
};
use leptos::{html, prelude::*};
use leptos_i18n::{I18nContext, t_string};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};
use std::collections::BTreeMap;

/// The roles that an office gives.
const ROLES: [Role; 5] = [
    Role::Admin,
    Role::Operator,
    Role::Employee,
    Role::Client,
    Role::Candidate,
];
/// Most dossiers that a search shows.
const SHOWN: usize = 100;

/// What the address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    text: String,
    person: Option<i64>,
    invite: bool,
}

impl Asked {
    fn read(query: &ParamsMap) -> Self {
        Self {
            text: query.get("q").unwrap_or_default(),
            person: query.get("person").and_then(|p| p.parse().ok()),
            invite: query.get("invite").is_some(),
        }
    }

    fn address(&self, office: &str) -> String {
        let mut parts = vec![];
        if !self.text.is_empty() {
            parts.push(format!("q={}", domain::text::for_url(&self.text)));
        }
        if let Some(person) = self.person {
            parts.push(format!("person={person}"));
        }
        if self.invite {
            parts.push("invite=1".to_owned());
        }
        format!("/o/{office}/users?{}", parts.join("&"))
    }
}

/// A link that was just made, and for whom. It is shown this once.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Made {
    name: String,
    path: String,
}

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Shared {
    said: Said,
    made: RwSignal<Option<Made>>,
    reload: RwSignal<u32>,
}

type List = Resource<Result<Vec<PersonLine>, ApiError>>;
type Dossiers = Resource<Result<Vec<ManagedLine>, ApiError>>;

/// The page.
#[component]
pub fn Users() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(Asked::read));
    let shared = Shared {
        said: Said::default(),
        made: RwSignal::new(None),
        reload: RwSignal::new(0),
    };
    let text = Memo::new(move |_| asked.get().text);
    let list: List = Resource::new_blocking(
        move || (here.office.get(), text.get(), shared.reload.get()),
        |(office, text, _)| people(office, text),
    );
    let person = Memo::new(move |_| asked.get().person);
    let sought = RwSignal::new(String::new());
    let dossiers: Dossiers = Resource::new_blocking(
        move || (here.office.get(), person.get(), sought.get(), shared.reload.get()),
        |(office, person, text, _)| async move {
            match person {
                Some(person) => dossiers_for(office, person, text).await,
                None => Ok(vec![]),
            }
        },
    );
    // what is said of one person is no news of another
    Effect::new(move |before: Option<Option<i64>>| {
        let now = person.get();
        if before.is_some_and(|b| b != now) {
            shared.said.set(None);
            shared.made.set(None);
            sought.set(String::new());
        }
        now
    });
    let title = Signal::derive(move || t_string!(i18n, users.title).to_owned());
    let chosen = Memo::new(move |_| asked.with(|a| a.person.is_some() || a.invite));
    let back = Signal::derive(move || {
        let asked = Asked {
            person: None,
            invite: false,
            ..asked.get()
        };
        chosen.get().then(|| asked.address(&here.office.get()))
    });
    view! {
        <Title text=title />
        <div class="main">
            <Top title back />
            <main id="main" class="page flush" tabindex="-1">
                <div class="split" class:chosen=chosen>
                    <div class="lp">
                        <FilterBar asked />
                        <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
                            {move || Suspend::new(async move {
                                match list.await {
                                    Ok(list) => view! { <Listed list asked /> }.into_any(),
                                    Err(e) => view! { <div class="pad">{trouble(&e)}</div> }.into_any(),
                                }
                            })}
                        </Transition>
                    </div>
                    <aside class="dp" id="detail" aria-label=word!(i18n, users.detail)>
                        <SaidLine said=shared.said />
                        <MadeLink made=shared.made />
                        {move || match (asked.get().invite, person.get()) {
                            (true, _) => view! { <Invite shared /> }.into_any(),
                            (false, None) => view! { <p class="muted choose">{word!(i18n, users.choose)}</p> }.into_any(),
                            (false, Some(id)) => view! { <Chosen id list dossiers sought shared /> }.into_any(),
                        }}
                    </aside>
                </div>
            </main>
        </div>
    }
}

#[component]
fn FilterBar(asked: Memo<Asked>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let navigate = use_navigate();
    let search = move |ev| {
        let asked = Asked {
            text: event_target_value(&ev),
            ..asked.get_untracked()
        };
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..Default::default()
        };
        navigate(&asked.address(&here.office.get_untracked()), options);
    };
    let inviting = say(move || {
        let asked = Asked {
            invite: true,
            person: None,
            ..asked.get()
        };
        asked.address(&here.office.get())
    });
    view! {
        <form class="bar fb" role="search" method="get" on:submit=|ev| ev.prevent_default()>
            <label class="field search wide">
                <Glyph icon=Icon::Search />
                <span class="vh">{word!(i18n, users.search)}</span>
                <input
                    type="search"
                    name="q"
                    maxlength="200"
                    value=asked.get_untracked().text
                    prop:value=move || asked.get().text
                    on:change=search
                    placeholder=word!(i18n, users.search)
                />
            </label>
            <span class="sp"></span>
            <Export list="users" office=here.office filter=Signal::derive(move || format!("q={}", asked.with(|a| domain::text::for_url(&a.text)))) />
            <a class="btn pri" href=inviting data-noscroll><Glyph icon=Icon::Plus /> {word!(i18n, users.invite)}</a>
        </form>
    }
}

fn access_word(i18n: I18nContext<Locale>, access: Access) -> String {
    match access {
        Access::Active => t_string!(i18n, users.active),
        Access::Invited => t_string!(i18n, users.invited),
        Access::Left => t_string!(i18n, users.left),
    }
    .to_owned()
}

#[component]
fn AccessPill(access: Access) -> impl IntoView {
    let i18n = use_i18n();
    let class = match access {
        Access::Active => "muted",
        Access::Invited => "pill plan",
        Access::Left => "pill soft",
    };
    view! { <span class=class>{say(move || access_word(i18n, access))}</span> }
}

#[component]
fn Listed(list: Vec<PersonLine>, asked: Memo<Asked>) -> impl IntoView {
    let i18n = use_i18n();
    if list.is_empty() {
        return view! { <div class="empty"><p class="soft">{word!(i18n, users.none)}</p></div> }.into_any();
    }
    view! {
        <div class="tw">
            <table class="stack people" role="table" aria-label=word!(i18n, users.title)>
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">{word!(i18n, users.name)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, users.role)}</th>
                        <th role="columnheader" scope="col" class="n p3">{word!(i18n, users.dossiers)}</th>
                        <th role="columnheader" scope="col" class="p2">{word!(i18n, users.language)}</th>
                        <th role="columnheader" scope="col" class="p4">{word!(i18n, users.seen)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, users.access)}</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{list.into_iter().map(|p| view! { <Row p asked /> }).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Row(p: PersonLine, asked: Memo<Asked>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (id, role, dossiers, email) = (p.id, p.role, p.dossiers, p.email.clone());
    let href = say(move || {
        let asked = Asked {
            person: Some(id),
            invite: false,
            ..asked.get()
        };
        asked.address(&here.office.get())
    });
    let selected = move || asked.with(|a| a.person == Some(id) && !a.invite);
    let count = move || match role {
        Role::Employee | Role::Client => dossiers.to_string(),
        _ => t_string!(i18n, users.all).to_owned(),
    };
    view! {
        <tr role="row" data-person=email aria-selected=say(move || selected().to_string())>
            <th role="rowheader" scope="row" class="whole">
                <a href=href dir="auto" aria-current=move || selected().then_some("true") data-noscroll>{p.name}</a>
                {p.me.then(|| view! { " " <span class="muted">"("{word!(i18n, users.me)}")"</span> })}
                <small class="muted">{p.email}</small>
            </th>
            <td role="cell">{say(move || role_word(i18n, role).to_owned())}</td>
            <td role="cell" class="n p3 hide-m">{say(count)}</td>
            <td role="cell" class="p2 hide-m" lang=p.language.tag()>{p.language.own_name()}</td>
            <td role="cell" class="p4 muted nowrap">
                <span class="only-m">{word!(i18n, users.seen)} ": "</span>
                {match p.seen {
                    Some(at) => view! { <Time at /> }.into_any(),
                    None => word!(i18n, users.never).into_any(),
                }}
            </td>
            <td role="cell"><AccessPill access=p.access /></td>
        </tr>
    }
}

/// The link that was just made, with a button that copies it.
#[component]
fn MadeLink(made: RwSignal<Option<Made>>) -> impl IntoView {
    let i18n = use_i18n();
    let copied = RwSignal::new(false);
    move || {
        let Made { name, path } = made.get()?;
        copied.set(false);
        let address = format!("{}{path}", browser::origin());
        let shown = address.clone();
        Some(view! {
            <section class="made" aria-labelledby="made" data-testid="made-link">
                <h2 id="made">{word!(i18n, users.link_title, name = name.clone())}</h2>
                <p class="soft">{word!(i18n, users.link_lead)}</p>
                <p class="code wrap" data-testid="link">{shown}</p>
                <button type="button" class="btn pri" on:click=move |_| { browser::copy(&address); copied.set(true); }>
                    <Glyph icon=Icon::Copy />
                    {say(move || if copied.get() { t_string!(i18n, users.copied) } else { t_string!(i18n, users.copy) }.to_owned())}
                </button>
            </section>
        })
    }
}

#[component]
fn RoleChoice(id: &'static str, role: RwSignal<Role>) -> impl IntoView {
    let i18n = use_i18n();
    let choose = move |ev| {
        if let Some(chosen) = Role::from_key(&event_target_value(&ev)) {
            role.set(chosen);
        }
    };
    view! {
        <div class="line-field">
            <label for=id>{word!(i18n, users.role)}</label>
            <span class="field">
                <select id=id prop:value=move || role.get().key() on:change=choose>
                    {ROLES
                        .into_iter()
                        .map(|r| view! { <option value=r.key() selected=role.get_untracked() == r>{say(move || role_word(i18n, r).to_owned())}</option> })
                        .collect_view()}
                </select>
            </span>
        </div>
    }
}

#[component]
fn Invite(shared: Shared) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (name, email) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let role = RwSignal::new(Role::Employee);
    let language = RwSignal::new(reading(i18n));
    let refused = RwSignal::new(None::<ApiError>);
    let inviting = Action::new(move |()| async move {
        refused.set(None);
        shared.said.set(None);
        let new = Invitation {
            name: name.get_untracked(),
            email: email.get_untracked(),
            role: role.get_untracked(),
            language: language.get_untracked(),
        };
        match invite(here.office.get_untracked(), new.clone()).await {
            Ok(path) => {
                shared.made.set(Some(Made { name: new.name, path }));
                name.set(String::new());
                email.set(String::new());
                shared.reload.update(|n| *n += 1);
            }
            Err(e) if e.code() == "invalid" => refused.set(Some(e)),
            Err(e) => shared.said.set(Some(Err(error_words(i18n, &e)))),
        }
    });
    let choose = move |ev| language.set(Language::from_tag(&event_target_value(&ev)).unwrap_or_default());
    view! {
        <div>
            <h2 tabindex="-1">{word!(i18n, users.invite)}</h2>
            <p class="lead">{word!(i18n, users.invite_lead)}</p>
        </div>
        <form class="form" novalidate on:submit=move |ev| { ev.prevent_default(); inviting.dispatch(()); }>
            <Typed id="invite-name" value=name label=Signal::derive(move || t_string!(i18n, users.name).to_owned()) error=wrong_with(i18n, move || refused.get(), "name") />
            <Typed id="invite-email" kind="email" value=email label=Signal::derive(move || t_string!(i18n, sign_in.email).to_owned()) error=wrong_with(i18n, move || refused.get(), "email") />
            <RoleChoice id="invite-role" role />
            <div class="line-field">
                <label for="invite-language">{word!(i18n, users.language)}</label>
                <span class="field">
                    <select id="invite-language" prop:value=move || language.get().tag() on:change=choose>
                        {Language::ALL
                            .into_iter()
                            .map(|l| view! { <option value=l.tag() lang=l.tag() selected=language.get_untracked() == l>{l.own_name()}</option> })
                            .collect_view()}
                    </select>
                </span>
            </div>
            <div><button class="btn pri lg" disabled=inviting.pending()>{word!(i18n, users.make)}</button></div>
        </form>
    }
}

/// One person: who they are, what they may do.
#[component]
fn Chosen(
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
fn rights_words(i18n: I18nContext<Locale>, e: &ApiError) -> String {
    match e.code() {
        "wrong_state" if e.0.detail.starts_with("Their access") => {
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
            Ok(path) => {
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
                    <Ending name=p.name.clone() on_end=move |()| { opening.dispatch(false); } />
                </div>
            </section>
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

/// The button that ends somebody's access, and the dialog that says what it means.
#[component]
fn Ending(name: String, #[prop(into)] on_end: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let dialog = NodeRef::<html::Dialog>::new();
    let close = move || {
        if let Some(d) = dialog.get_untracked() {
            d.close();
        }
    };
    let open = move |_| {
        if let Some(d) = dialog.get_untracked() {
            // already open: nothing more to do
            let _ = d.show_modal();
        }
    };
    view! {
        <button type="button" class="btn ghost" on:click=open><Glyph icon=Icon::Cancel /> {word!(i18n, users.end)}</button>
        <dialog node_ref=dialog aria-labelledby="end-title">
            <h2 id="end-title">{word!(i18n, users.end_title, name = name.clone())}</h2>
            <p>{word!(i18n, users.end_lead)}</p>
            <div class="acts">
                <button type="button" class="btn pri lg" data-testid="confirm-end" on:click=move |_| { close(); on_end.run(()); }>{word!(i18n, users.end)}</button>
                <button type="button" class="btn lg" on:click=move |_| close()>{word!(i18n, users.keep)}</button>
            </div>
        </dialog>
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

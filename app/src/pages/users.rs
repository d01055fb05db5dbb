//! `/o/:office/users`: users and rights. Left the list, right one person, or the invitation of a new one.

mod factor;
mod inviting;
mod person;

use inviting::{Invite, MadeLink};
use person::Chosen;

use super::{
    here::Here,
    page::Top,
    profile::{Said, SaidLine, Time, trouble},
    sign_in::role_word,
};
use crate::components::export::Export;
use crate::components::{say, word};
use crate::{
    api::{
        ApiError,
        people::{dossiers_for, people},
    },
    components::icon::{Glyph, Icon},
    i18n::*,
};
use domain::Role;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};
use views::people::{Access, ManagedLine, PersonLine};

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
        |(office, text, _)| people(office, text.into()),
    );
    let person = Memo::new(move |_| asked.get().person);
    let sought = RwSignal::new(String::new());
    let dossiers: Dossiers = Resource::new_blocking(
        move || (here.office.get(), person.get(), sought.get(), shared.reload.get()),
        |(office, person, text, _)| async move {
            match person {
                Some(person) => dossiers_for(office, person, text.into()).await,
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

fn access_word(i18n: I18n, access: Access) -> String {
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

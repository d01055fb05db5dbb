//! `/o/:office/offices`: for Support, the offices of the desk and the people of Support (X1.2).

mod adding;

use super::{
    error_words,
    here::Here,
    page::Page,
    profile::{Said, SaidLine, Time, trouble},
};
use crate::components::word;
use crate::{
    api::{
        ApiError,
        offices::{offices, renew_support_link, support_access},
    },
    components::{
        icon::{Glyph, Icon},
        say,
    },
    i18n::*,
};
use adding::{Adding, Asked};
use leptos::prelude::*;
use views::{
    offices::{OfficeLine, OfficesPage},
    people::{Access, PersonLine},
};

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Shared {
    /// What the dialog asks or shows.
    asked: RwSignal<Option<Asked>>,
    said: Said,
    reload: RwSignal<u32>,
}

/// The page.
#[component]
pub fn Offices() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let shared = Shared {
        asked: RwSignal::new(None),
        said: Said::default(),
        reload: RwSignal::new(0),
    };
    provide_context(shared);
    let found = Resource::new_blocking(
        move || (here.office.get(), shared.reload.get()),
        |(office, _)| offices(office),
    );
    let title = Signal::derive(move || t_string!(i18n, offices.title).to_owned());
    view! {
        <Page title>
            <SaidLine said=shared.said />
            <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok(page) => view! { <Known page /> }.into_any(),
                        Err(e) if e.code() == "forbidden" => {
                            crate::ssr::page_status(403);
                            view! { <div class="empty"><p class="soft">{word!(i18n, causes.not_for_you)}</p></div> }.into_any()
                        }
                        Err(e) => trouble(&e),
                    }
                })}
            </Transition>
        </Page>
    }
}

#[component]
fn Known(page: OfficesPage) -> impl IntoView {
    let i18n = use_i18n();
    let shared = expect_context::<Shared>();
    let OfficesPage {
        offices,
        support,
        zones,
    } = page;
    let add = move |asked: Asked| {
        move |_| {
            shared.said.set(None);
            shared.asked.set(Some(asked.clone()));
        }
    };
    view! {
        <div class="bar chips">
            <span class="sp"></span>
            <button type="button" class="btn pri" on:click=add(Asked::Office)><Glyph icon=Icon::Plus /> {word!(i18n, offices.add)}</button>
        </div>
        <div class="card">
            <div class="tw">
                <table class="stack people" role="table" aria-label=word!(i18n, offices.list)>
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader" scope="col">{word!(i18n, offices.office)}</th>
                            <th role="columnheader" scope="col">{word!(i18n, offices.admins)}</th>
                            <th role="columnheader" scope="col" class="n p3">{word!(i18n, offices.people)}</th>
                            <th role="columnheader" scope="col" class="n">{word!(i18n, offices.dossiers)}</th>
                            <th role="columnheader" scope="col" class="p2">{word!(i18n, offices.zone)}</th>
                            <th role="columnheader" scope="col" class="p2">{word!(i18n, offices.language)}</th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{offices.into_iter().map(|o| view! { <Office o /> }).collect_view()}</tbody>
                </table>
            </div>
        </div>
        <section class="sec folks" aria-labelledby="support">
            <div class="bar">
                <div>
                    <h2 id="support">{word!(i18n, role.support)}</h2>
                    <p class="soft">{word!(i18n, offices.support_lead)}</p>
                </div>
                <span class="sp"></span>
                <button type="button" class="btn" on:click=add(Asked::Support)><Glyph icon=Icon::Plus /> {word!(i18n, offices.invite_support)}</button>
            </div>
            <div class="card">
                <div class="tw">
                    <table class="stack people folk" role="table" aria-label=word!(i18n, role.support)>
                        <thead role="rowgroup">
                            <tr role="row">
                                <th role="columnheader" scope="col">{word!(i18n, users.name)}</th>
                                <th role="columnheader" scope="col" class="p4">{word!(i18n, users.seen)}</th>
                                <th role="columnheader" scope="col">{word!(i18n, users.access)}</th>
                                <th role="columnheader" scope="col"><span class="vh">{word!(i18n, connectors.th_actions)}</span></th>
                            </tr>
                        </thead>
                        <tbody role="rowgroup">{support.into_iter().map(|p| view! { <Somebody p /> }).collect_view()}</tbody>
                    </table>
                </div>
            </div>
        </section>
        <Adding zones />
    }
}

/// An office; its name leads there. Another office has another stream: its page is loaded whole.
#[component]
fn Office(o: OfficeLine) -> impl IntoView {
    let i18n = use_i18n();
    let admins = o.admins.join(", ");
    let waits = o.waits_for_admin.then(|| {
        let none = o.admins.is_empty();
        view! {
            " "
            <span class="pill plan">{if none { word!(i18n, offices.no_admin) } else { word!(i18n, offices.waits) }}</span>
        }
    });
    let (code, href) = (o.code.clone(), format!("/o/{}/clients", o.code));
    view! {
        <tr role="row" data-office=code>
            <th role="rowheader" scope="row" class="whole">
                <a href=href rel="external" dir="auto">{o.name}</a>
                <small class="muted mono">{o.code}</small>
            </th>
            <td role="cell" class="wrap"><span dir="auto">{admins}</span>{waits}</td>
            <td role="cell" class="n p3 hide-m">{o.people}</td>
            <td role="cell" class="n"><span class="only-m">{word!(i18n, offices.dossiers)} ": "</span>{o.dossiers}</td>
            <td role="cell" class="p2 hide-m">{o.zone}</td>
            <td role="cell" class="p2 hide-m" lang=o.language.tag()>{o.language.own_name()}</td>
        </tr>
    }
}

/// A person of Support, with what can be done to their access.
#[component]
fn Somebody(p: PersonLine) -> impl IntoView {
    let i18n = use_i18n();
    let shared = expect_context::<Shared>();
    let id = p.id;
    let name = StoredValue::new(p.name.clone());
    let failed = move |e: &ApiError| shared.said.set(Some(Err(error_words(i18n, e))));
    let opening = Action::new(move |open: &bool| {
        let open = *open;
        async move {
            match support_access(id, open).await {
                Ok(()) => {
                    shared.said.set(Some(Ok(t_string!(i18n, users.saved).to_owned())));
                    shared.reload.update(|n| *n += 1);
                }
                Err(e) => failed(&e),
            }
        }
    });
    let renewing = Action::new(move |()| async move {
        match renew_support_link(id).await {
            Ok(path) => {
                shared.asked.set(Some(Asked::Made {
                    name: name.get_value(),
                    path,
                }));
                shared.reload.update(|n| *n += 1);
            }
            Err(e) => failed(&e),
        }
    });
    let (class, access) = match p.access {
        Access::Active => ("muted", word!(i18n, users.active)),
        Access::Invited => ("pill plan", word!(i18n, users.invited)),
        Access::Left => ("pill soft", word!(i18n, users.left)),
    };
    let verbs = match (p.me, p.access) {
        (true, _) => ().into_any(),
        (false, Access::Left) => view! {
            <button type="button" class="btn sm" disabled=opening.pending() on:click=move |_| { opening.dispatch(true); }>{word!(i18n, users.give)}</button>
        }
        .into_any(),
        (false, _) => view! {
            <button type="button" class="btn sm" disabled=renewing.pending() on:click=move |_| { renewing.dispatch(()); }>{word!(i18n, users.renew)}</button>
            <button type="button" class="btn sm ghost" disabled=opening.pending() on:click=move |_| { opening.dispatch(false); }>{word!(i18n, users.end)}</button>
        }
        .into_any(),
    };
    let email = p.email.clone();
    view! {
        <tr role="row" data-person=email>
            <th role="rowheader" scope="row" class="whole">
                <span dir="auto">{p.name}</span>
                {p.me.then(|| view! { " " <span class="muted">"("{word!(i18n, users.me)}")"</span> })}
                <small class="muted">{p.email}</small>
            </th>
            <td role="cell" class="p4 muted nowrap">
                <span class="only-m">{word!(i18n, users.seen)} ": "</span>
                {match p.seen {
                    Some(at) => view! { <Time at /> }.into_any(),
                    None => say(move || t_string!(i18n, users.never).to_owned()).into_any(),
                }}
            </td>
            <td role="cell"><span class=class>{access}</span></td>
            <td role="cell"><div class="bar end">{verbs}</div></td>
        </tr>
    }
}

//! `/portal`: people outside see how their own affairs do, and hand in documents.

use super::{
    countdown::{Countdown, Unsaved},
    office::Here,
    sign_in::{ToSignIn, role_word},
};
use crate::{
    api::{
        ApiError,
        accounts::{SignOut, set_language},
        portal::{portal, portal_notice},
    },
    components::{
        icon::{Glyph, Icon},
        language::{LanguageChoice, reading},
        say,
        typed::wrong_with,
        word,
    },
    i18n::*,
    live::Live,
};
use domain::{
    Role, TaskState,
    refusal::Problem,
    request::RequestState,
    view::portal::{Applied, Doing, Handed, PortalDossier, PortalPage},
};
use leptos::{html, prelude::*, server_fn::ServerFn, task::spawn_local};
use leptos_i18n::{I18nContext, t_string};
use leptos_meta::Title;
use leptos_router::components::Redirect;

/// The page is read again this often, milliseconds: there is no stream for people outside.
const LOOK_MS: u32 = 15_000;

/// The page.
#[component]
pub fn Portal() -> impl IntoView {
    let i18n = use_i18n();
    let here = Here {
        office: Memo::new(|_| String::new()),
        live: Live::new(),
        reread: RwSignal::new(0),
        alerts: RwSignal::new(0),
        marked: RwSignal::new(0),
    };
    provide_context(here);
    let first = Resource::new_blocking(|| (), |()| portal());
    let notice = Resource::new_blocking(move || here.live.downtime.get(), |_| portal_notice());
    Effect::new(move |_| {
        crate::browser::say_ready();
        crate::browser::every(LOOK_MS, move || here.live.downtime.update(|n| *n += 1));
    });
    let language = move |l| {
        spawn_local(async move {
            // the cookie has it already: this only keeps it for the next browser
            let _ = set_language(l).await;
        });
    };
    view! {
        <Title text=word!(i18n, portal.title) />
        <Transition>{move || Suspend::new(async move { notice.await.ok().flatten().map(|notice| view! { <Countdown notice /> }) })}</Transition>
        <Suspense>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(page) => view! { <Unsaved person=page.person /> <Known page /> }.into_any(),
                    Err(e) if e.code() == "unauthenticated" => view! { <ToSignIn /> }.into_any(),
                    Err(_) => view! { <Redirect path="/" /> }.into_any(),
                }
            })}
        </Suspense>
        <footer class="portal-foot"><LanguageChoice on_choose=language /></footer>
    }
}

#[component]
fn Known(page: PortalPage) -> impl IntoView {
    let i18n = use_i18n();
    let data = RwSignal::new(page.clone());
    let again = move || {
        spawn_local(async move {
            if let Ok(page) = portal().await {
                let _ = data.try_set(page);
            }
        });
    };
    Effect::new(move |_| crate::browser::every(LOOK_MS, again));
    let (office, contact, role) = (page.office.clone(), page.contact.clone(), page.role);
    let client = role == Role::Client;
    let parts = if client {
        view! { <Books data again=Callback::new(move |()| again()) /> }.into_any()
    } else {
        view! { <Applications data /> }.into_any()
    };
    view! {
        <header class="portal-top">
            <p class="brand">
                <span class="mk" aria-hidden="true"><svg viewBox="0 0 16 16"><path d="M2 4h6M5 8h8M9 12h5" /></svg></span>
                <bdi>{page.office}</bdi>
            </p>
            <span class="muted"><bdi>{page.name}</bdi> " · " {say(move || role_word(i18n, role).to_owned())}</span>
            <a class="btn ghost" href="/second-factor">{word!(i18n, factor.title)}</a>
            <form method="post" action=SignOut::url()>
                <button class="btn ghost icon" aria-label=word!(i18n, app.sign_out)><Glyph icon=Icon::SignOut /></button>
            </form>
        </header>
        <main id="main" class="portal" tabindex="-1">
            <h1>{say(move || t_string!(i18n, portal.at, office = office.clone()).to_string())}</h1>
            {parts}
            <p class="soft">{say(move || t_string!(i18n, portal.ask, contact = contact.clone()).to_string())}</p>
        </main>
    }
}

/// A client's dossiers, and what they hand in.
#[component]
fn Books(data: RwSignal<PortalPage>, again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let now = move || data.with(|d| d.now.at);
    // what is being typed stays while the page is read again
    let any = Memo::new(move |_| data.with(|d| !d.dossiers.is_empty()));
    let one = move |d: PortalDossier| {
        let (doing, done) = (d.doing, d.done);
        let (icon, class) = match doing {
            Doing::Fine => (Icon::Tick, "soft"),
            Doing::Working => (Icon::Restart, "run"),
            Doing::LookedAfter => (Icon::Alert, "act"),
        };
        let last = done.map(|at| {
            let words = say(move || {
                let near = at.near(now(), reading(i18n));
                t_string!(i18n, portal.done, when = near).to_string()
            });
            view! { <span class="muted">{words}</span> }
        });
        view! {
            <li data-dossier=d.code data-doing=format!("{doing:?}")>
                <span class=class><Glyph icon /></span>
                <div><b><bdi>{d.name}</bdi></b><p class="soft">{say(move || doing_word(i18n, doing))}</p>{last}</div>
            </li>
        }
    };
    let list = move || {
        let all = data.with(|d| d.dossiers.clone());
        if all.is_empty() {
            let contact = data.with_untracked(|d| d.contact.clone());
            return view! { <p class="pad soft">{say(move || t_string!(i18n, portal.no_dossiers, contact = contact.clone()).to_string())}</p> }.into_any();
        }
        view! { <ul class="doing">{all.into_iter().map(one).collect_view()}</ul> }.into_any()
    };
    let handed = move || {
        let all = data.with(|d| d.handed.clone());
        if all.is_empty() {
            return view! { <p class="pad soft">{word!(i18n, portal.none)}</p> }.into_any();
        }
        let line = |h: Handed| {
            let (state, at) = (h.state, h.at);
            view! {
                <li data-task=h.task.to_string()>
                    <div><b><bdi>{h.file}</bdi></b> <p class="muted"><bdi>{h.dossier}</bdi> " · " {say(move || at.full(reading(i18n)))}</p></div>
                    <span class="soft">{say(move || state_word(i18n, state))}</span>
                </li>
            }
        };
        view! { <ul class="handed">{all.into_iter().map(line).collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="card" aria-labelledby="po-books">
            <header><h2 id="po-books">{word!(i18n, portal.dossiers)}</h2></header>
            {list}
        </section>
        {move || any.get().then(|| view! { <HandIn data again /> })}
        <section class="card" aria-labelledby="po-handed">
            <header><h2 id="po-handed">{word!(i18n, portal.handed)}</h2></header>
            {handed}
        </section>
    }
}

/// Sends a document.
#[component]
fn HandIn(data: RwSignal<PortalPage>, again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let form = NodeRef::<html::Form>::new();
    let refused = RwSignal::new(None::<ApiError>);
    let (busy, done) = (RwSignal::new(false), RwSignal::new(false));
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let Some(form) = form.get_untracked().filter(|_| !busy.get_untracked()) else {
            return;
        };
        busy.set(true);
        done.set(false);
        refused.set(None);
        let sent = form.clone();
        crate::browser::send_form(&form, "/api/desk/hand-in", move |answer| {
            busy.set(false);
            match answer {
                Ok(_) => {
                    done.set(true);
                    sent.reset();
                    again.run(());
                }
                Err(said) => {
                    let read = said.and_then(|a| serde_json::from_str::<Problem>(&a).ok());
                    let problem = read.unwrap_or_else(|| domain::Refusal::Offline.problem());
                    if problem.code == domain::refusal::OUT_OF_SERVICE {
                        crate::browser::closed();
                    }
                    refused.set(Some(ApiError(Box::new(problem))));
                }
            }
        });
    };
    let wrong = wrong_with(i18n, move || refused.get(), "files");
    let other = say(move || {
        let e = refused.get().filter(|e| e.code() != "invalid");
        e.map(|e| match e.code() {
            "too_large" => t_string!(i18n, portal.rule_size).to_owned(),
            _ => super::error_words(i18n, &e),
        })
        .unwrap_or_default()
    });
    let dossiers = data.with_untracked(|d| d.dossiers.clone());
    view! {
        <section class="card" aria-labelledby="po-hand">
            <header><h2 id="po-hand">{word!(i18n, portal.hand)}</h2></header>
            <form node_ref=form class="pad stack-form" method="post" enctype="multipart/form-data" action="/api/desk/hand-in" on:submit=submit>
                <p class="soft">{word!(i18n, portal.hand_lead)}</p>
                <div class="line-field">
                    <label for="dossier">{word!(i18n, portal.dossier)}</label>
                    <span class="field">
                        <select id="dossier" name="dossier">
                            {dossiers.into_iter().map(|d| view! { <option value=d.code>{d.name}</option> }).collect_view()}
                        </select>
                    </span>
                </div>
                <div class="line-field">
                    <label for="files">{word!(i18n, portal.file)}</label>
                    <input id="files" name="files" type="file" required accept=".xml,application/xml,application/pdf,image/png,image/jpeg" aria-describedby="files-note" />
                    <small id="files-note" class="error">{say(move || wrong.get().unwrap_or_default())}</small>
                </div>
                <p role="alert" class="wrong">{other}</p>
                <p role="status" class="said">{say(move || if done.get() { t_string!(i18n, portal.thanks).to_owned() } else { String::new() })}</p>
                <div><button class="btn pri lg" disabled=busy>{word!(i18n, portal.send)}</button></div>
            </form>
        </section>
    }
}

/// A candidate's applications.
#[component]
fn Applications(data: RwSignal<PortalPage>) -> impl IntoView {
    let i18n = use_i18n();
    let list = move || {
        let all = data.with(|d| d.applied.clone());
        if all.is_empty() {
            return view! { <p class="pad soft">{word!(i18n, portal.no_applied)}</p> }.into_any();
        }
        let line = |a: Applied| {
            let (state, at) = (a.state, a.at);
            let words = say(move || {
                match state {
                    RequestState::New => t_string!(i18n, portal.a_new),
                    RequestState::Accepted => t_string!(i18n, portal.a_accepted),
                    RequestState::Declined => t_string!(i18n, portal.a_declined),
                }
                .to_owned()
            });
            view! { <li><div><b>{words}</b> <p class="muted">{say(move || at.full(reading(i18n)))}</p></div></li> }
        };
        view! { <ul class="handed">{all.into_iter().map(line).collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="card" aria-labelledby="po-applied">
            <header><h2 id="po-applied">{word!(i18n, portal.applied)}</h2></header>
            {list}
        </section>
    }
}

fn doing_word(i18n: I18nContext<Locale>, doing: Doing) -> String {
    match doing {
        Doing::Fine => t_string!(i18n, portal.fine),
        Doing::Working => t_string!(i18n, portal.working),
        Doing::LookedAfter => t_string!(i18n, portal.looked),
    }
    .to_owned()
}

/// Whose turn it is inside the office is the office's business.
fn state_word(i18n: I18nContext<Locale>, state: TaskState) -> String {
    match state {
        TaskState::Queued => t_string!(i18n, portal.s_waits),
        TaskState::Running => t_string!(i18n, portal.s_works),
        TaskState::ActionRequired | TaskState::Failed => t_string!(i18n, portal.s_office),
        TaskState::Succeeded => t_string!(i18n, portal.s_done),
        TaskState::Cancelled => t_string!(i18n, portal.s_off),
    }
    .to_owned()
}

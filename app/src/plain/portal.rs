//! `/portal`: people outside see how their own affairs do, and hand in documents.

use super::refused;
use crate::{
    api::{
        accounts::{SetLanguage, SignOut},
        downtime::SawDowntime,
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
    pages::{
        countdown::{Countdown, SAID, said_words},
        error_words,
        here::Here,
        sign_in::{ToSignIn, role_word},
    },
};
use domain::{
    Role, TaskState,
    downtime::{LAST_DAY_MS, Notice},
    request::RequestState,
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};
use std::collections::BTreeMap;
use views::portal::{Applied, Doing, Handed, PortalDossier, PortalPage};

/// The page's script asks for the page again this often, milliseconds: there is no stream for people outside.
const LOOK_MS: u32 = 15_000;

/// Where a document is handed in.
const HAND_IN: &str = "/api/desk/hand-in";

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
    let notice = Resource::new_blocking(|| (), |()| portal_notice());
    // the cookie keeps the language for this browser, the call for the next
    let keeps = SetLanguage::url();
    view! {
        <Title text=word!(i18n, portal.title) />
        <Suspense>{move || Suspend::new(async move { notice.await.ok().flatten().map(|notice| view! { <Told notice /> }) })}</Suspense>
        <Suspense>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(page) => view! { <Known page /> }.into_any(),
                    Err(e) if e.code() == "unauthenticated" => view! { <ToSignIn /> }.into_any(),
                    Err(_) => view! { <Redirect path="/" /> }.into_any(),
                }
            })}
        </Suspense>
        <footer class="portal-foot" data-language=keeps><LanguageChoice on_choose=|_| {} /></footer>
    }
}

/// The strip of a downtime, and what the page's script needs to count down.
#[component]
fn Told(notice: Notice) -> impl IntoView {
    let i18n = use_i18n();
    let said: BTreeMap<i64, String> = SAID.into_iter().map(|n| (n, said_words(i18n, n))).collect();
    let counts = notice.phase.is_coming().then(|| {
        view! {
            <template
                data-closes=notice.closes.at
                data-now=notice.now
                data-said=serde_json::json!(said).to_string()
                data-shuts=notice.shuts_out
                data-pops=(!notice.seen).then_some(LAST_DAY_MS)
                data-seen=SawDowntime::url()
                data-with=serde_json::json!({ "id": notice.id }).to_string()
            ></template>
        }
    });
    view! {
        {counts}
        <Countdown notice />
    }
}

#[component]
fn Known(page: PortalPage) -> impl IntoView {
    let i18n = use_i18n();
    let (office, contact, role) = (page.office.clone(), page.contact.clone(), page.role);
    let (title, shown, name) = (office.clone(), office, page.name.clone());
    let parts = if role == Role::Client {
        view! { <Books page /> }.into_any()
    } else {
        view! { <Applications applied=page.applied /> }.into_any()
    };
    view! {
        <header class="portal-top">
            <p class="brand">
                <span class="mk" aria-hidden="true"><svg viewBox="0 0 16 16"><path d="M2 4h6M5 8h8M9 12h5" /></svg></span>
                <bdi>{shown}</bdi>
            </p>
            <span class="muted"><bdi>{name}</bdi> " · " {say(move || role_word(i18n, role).to_owned())}</span>
            <a class="btn ghost" href="/second-factor">{word!(i18n, factor.title)}</a>
            <form method="post" action=SignOut::url()>
                <button class="btn ghost icon" aria-label=word!(i18n, app.sign_out)><Glyph icon=Icon::SignOut /></button>
            </form>
        </header>
        <main id="main" class="portal" tabindex="-1" data-look=LOOK_MS data-offline=word!(i18n, error.offline)>
            <h1>{say(move || t_string!(i18n, portal.at, office = title.clone()).to_string())}</h1>
            {parts}
            <p class="soft">{say(move || t_string!(i18n, portal.ask, contact = contact.clone()).to_string())}</p>
        </main>
    }
}

/// A client's dossiers, and what they hand in.
#[component]
fn Books(page: PortalPage) -> impl IntoView {
    let i18n = use_i18n();
    let now = page.now.at;
    let hand = (!page.dossiers.is_empty()).then(|| view! { <HandIn dossiers=page.dossiers.clone() /> });
    let one = move |d: PortalDossier| {
        let (doing, done) = (d.doing, d.done);
        let (icon, class) = match doing {
            Doing::Fine => (Icon::Tick, "soft"),
            Doing::Working => (Icon::Restart, "run"),
            Doing::LookedAfter => (Icon::Alert, "act"),
        };
        let last = done.map(|at| {
            let words = say(move || {
                let near = at.near(now, reading(i18n));
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
    let list = if page.dossiers.is_empty() {
        let contact = page.contact;
        view! { <p class="pad soft">{say(move || t_string!(i18n, portal.no_dossiers, contact = contact.clone()).to_string())}</p> }.into_any()
    } else {
        view! { <ul class="doing">{page.dossiers.into_iter().map(one).collect_view()}</ul> }.into_any()
    };
    let handed = if page.handed.is_empty() {
        view! { <p class="pad soft">{word!(i18n, portal.none)}</p> }.into_any()
    } else {
        let line = |h: Handed| {
            let (state, at) = (h.state, h.at);
            view! {
                <li data-task=h.task.to_string()>
                    <div><b><bdi>{h.file}</bdi></b> <p class="muted"><bdi>{h.dossier}</bdi> " · " {say(move || at.full(reading(i18n)))}</p></div>
                    <span class="soft">{say(move || state_word(i18n, state))}</span>
                </li>
            }
        };
        view! { <ul class="handed">{page.handed.into_iter().map(line).collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="card" aria-labelledby="po-books">
            <header><h2 id="po-books">{word!(i18n, portal.dossiers)}</h2></header>
            {list}
        </section>
        {hand}
        <section class="card" aria-labelledby="po-handed">
            <header><h2 id="po-handed">{word!(i18n, portal.handed)}</h2></header>
            {handed}
        </section>
    }
}

/// Sends a document.
#[component]
fn HandIn(dossiers: Vec<PortalDossier>) -> impl IntoView {
    let i18n = use_i18n();
    let refused = refused(HAND_IN);
    let wrong = wrong_with(i18n, refused, "files");
    let other = refused()
        .filter(|e| e.code() != "invalid")
        .map(|e| match e.code() {
            "too_large" => t_string!(i18n, portal.rule_size).to_owned(),
            _ => error_words(i18n, &e),
        });
    let sent = use_query_map().with_untracked(|q| q.get("sent").is_some());
    let done = sent.then(|| t_string!(i18n, portal.thanks).to_owned());
    view! {
        <section class="card" aria-labelledby="po-hand">
            <header><h2 id="po-hand">{word!(i18n, portal.hand)}</h2></header>
            <form class="pad stack-form" method="post" enctype="multipart/form-data" action=HAND_IN>
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
                <p role="status" class="said">{done}</p>
                <div><button class="btn pri lg">{word!(i18n, portal.send)}</button></div>
            </form>
        </section>
    }
}

/// A candidate's applications.
#[component]
fn Applications(applied: Vec<Applied>) -> impl IntoView {
    let i18n = use_i18n();
    let list = if applied.is_empty() {
        view! { <p class="pad soft">{word!(i18n, portal.no_applied)}</p> }.into_any()
    } else {
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
        view! { <ul class="handed">{applied.into_iter().map(line).collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="card" aria-labelledby="po-applied">
            <header><h2 id="po-applied">{word!(i18n, portal.applied)}</h2></header>
            {list}
        </section>
    }
}

fn doing_word(i18n: I18n, doing: Doing) -> String {
    match doing {
        Doing::Fine => t_string!(i18n, portal.fine),
        Doing::Working => t_string!(i18n, portal.working),
        Doing::LookedAfter => t_string!(i18n, portal.looked),
    }
    .to_owned()
}

/// Whose turn it is inside the office is the office's business.
fn state_word(i18n: I18n, state: TaskState) -> String {
    match state {
        TaskState::Queued => t_string!(i18n, portal.s_waits),
        TaskState::Running => t_string!(i18n, portal.s_works),
        TaskState::ActionRequired | TaskState::Failed => t_string!(i18n, portal.s_office),
        TaskState::Succeeded => t_string!(i18n, portal.s_done),
        TaskState::Cancelled => t_string!(i18n, portal.s_off),
    }
    .to_owned()
}

//! `/o/:office`: the frame of an office's pages: who is looking, the way around, the live stream.

use super::{
    countdown::{Unsaved, downtime_told, strip},
    here::Here,
    search::Search,
    sign_in::{ToSignIn, role_word, sign_in_from_here},
    ways::{Below, Ways},
};
use crate::components::{say, word};
use crate::{
    api::{
        ApiError,
        accounts::{SignOut, set_language, who},
        tasks::counts,
    },
    components::{
        icon::{Glyph, Icon},
        language::LanguageChoice,
    },
    i18n::*,
    live::{Link, Live},
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::{components::Outlet, hooks::use_params_map};
use views::Desk;

type Who = Resource<Result<Desk, ApiError>>;

/// The frame. What must be read first stands in places of its own: the page beside it reads its own things, and
/// a page inside a place that is still being read would be made several times over.
#[component]
pub fn Office() -> impl IntoView {
    let i18n = use_i18n();
    let params = use_params_map();
    let office = Memo::new(move |_| params.read().get("office").unwrap_or_default());
    let here = Here {
        office,
        live: Live::new(),
        reread: RwSignal::new(0),
        alerts: RwSignal::new(0),
        marked: RwSignal::new(0),
    };
    provide_context(here);
    let who: Who = Resource::new_blocking(|| (), |()| who());
    let downtime = downtime_told(here);
    follow(here, who);
    let say_language = Action::new(move |language: &domain::Language| {
        let language = *language;
        async move {
            // the cookie already has it: this only keeps it for the next browser
            let _ = set_language(language).await;
            here.reread.update(|n| *n += 1);
        }
    });
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match who.await {
                    Err(e) if e.code() == "unauthenticated" => Some(view! { <ToSignIn /> }),
                    _ => None,
                }
            })}
        </Suspense>
        <a class="skip" href="#main" rel="external">{word!(i18n, app.skip)}</a>
        <Transition>{move || Suspend::new(async move { downtime.await.ok().flatten().map(strip::shown) })}</Transition>
        <Suspense>{move || Suspend::new(async move { who.await.ok().map(|desk| view! { <Unsaved person=desk.person /> }) })}</Suspense>
        <div class="app">
            <aside class="side" aria-label=word!(i18n, app.sidebar)>
                <Suspense>{move || Suspend::new(async move { who.await.ok().map(|desk| view! { <Offices desk code=office.get_untracked() /> }) })}</Suspense>
                <Search />
                <Suspense>{move || Suspend::new(async move { who.await.ok().map(|desk| view! { <Ways desk /> }) })}</Suspense>
                <Suspense>{move || Suspend::new(async move { who.await.ok().map(|desk| view! { <Person desk /> }) })}</Suspense>
                <LanguageChoice on_choose=move |l| { say_language.dispatch(l); } />
            </aside>
            <Outlet />
        </div>
        <Suspense>{move || Suspend::new(async move { who.await.ok().map(|desk| view! { <Below desk /> }) })}</Suspense>
    }
}

/// Follows the stream once it is known from where on, and asks for counts that the stream does not tell.
fn follow(here: Here, who: Who) {
    Effect::new(move |following: Option<bool>| {
        let office = here.office.get();
        let found = who
            .get()
            .and_then(Result::ok)
            .and_then(|d| Some((d.offices.iter().find(|o| o.code == office)?.counts, d)));
        if let Some((counts, desk)) = found.filter(|_| following != Some(true)) {
            here.live.counts.update(|c| *c = c.or(Some(counts)));
            crate::browser::follow(here.live, &office, &desk);
            return true;
        }
        following.unwrap_or(false)
    });
    let from_here = sign_in_from_here();
    let signed_in = Action::new(move |()| async move {
        if matches!(crate::api::accounts::who().await, Err(e) if e.code() == "unauthenticated") {
            crate::browser::leave(&from_here.get_untracked());
        }
    });
    // a stream that ends may have ended because the session did
    Effect::new(move |_| {
        if matches!(here.live.link.get(), Link::Off(_)) {
            signed_in.dispatch(());
        }
    });
    let recount = Action::new(move |office: &String| {
        let office = office.clone();
        async move {
            if let Ok(counts) = counts(office).await {
                here.live.counts.set(Some(counts));
            }
        }
    });
    Effect::new(move |_| {
        if here.live.recount.get() > 0 && !recount.pending().get_untracked() {
            recount.dispatch(here.office.get_untracked());
        }
    });
}

/// Who is signed in, and the way out.
#[component]
fn Person(desk: Desk) -> impl IntoView {
    let i18n = use_i18n();
    let initials: String = desk
        .name
        .split_whitespace()
        .filter_map(|w| w.chars().next())
        .take(2)
        .collect();
    let role = desk.role;
    let here = expect_context::<Here>();
    let profile = say(move || format!("/o/{}/profile", here.office.get()));
    view! {
        <div class="who">
            <span class="av" aria-hidden="true">{initials}</span>
            <a class="grow" href=profile>
                <b class="b">{desk.name}</b>
                <br />
                <span class="muted">{say(move || role_word(i18n, role).to_owned())}</span>
            </a>
            <form method="post" action=SignOut::url()>
                <button class="btn ghost icon" aria-label=word!(i18n, app.sign_out)>
                    <Glyph icon=Icon::SignOut />
                </button>
            </form>
        </div>
    }
}

/// The office's name; a choice of offices for those who see several.
#[component]
fn Offices(desk: Desk, code: String) -> impl IntoView {
    let i18n = use_i18n();
    let mark = || view! { <span class="mk" aria-hidden="true"><svg viewBox="0 0 16 16"><path d="M2 4h6M5 8h8M9 12h5" /></svg></span> };
    let name = desk
        .offices
        .iter()
        .find(|o| o.code == code)
        .map(|o| o.name.clone())
        .unwrap_or_default();
    if desk.offices.len() < 2 {
        return view! { <p class="org">{mark()} <span><b>{name}</b><small>"Nachtwacht"</small></span></p> }
            .into_any();
    }
    let others = desk.offices.into_iter().map(|o| {
        let here = o.code == code;
        view! { <li><a href=format!("/o/{}/tasks", o.code) rel="external" aria-current=here.then_some("true")>{o.name}</a></li> }
    });
    view! {
        <details class="offices">
            <summary class="org">
                <span class="vh">{word!(i18n, app.office)}</span>
                {mark()} <span><b>{name}</b><small>"Nachtwacht"</small></span> <Glyph icon=Icon::Down />
            </summary>
            <ul>{others.collect_view()}</ul>
        </details>
    }
    .into_any()
}

//! `/o/:office`: the frame of an office's pages: who is looking, the way around, the live stream.

use super::sign_in::role_word;
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
use domain::{Role, view::Desk};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_i18n::t_string;
use leptos_router::{
    components::{Outlet, Redirect},
    hooks::use_params_map,
};

/// What an office's pages share.
#[derive(Clone, Copy)]
pub struct Here {
    /// The office's code.
    pub office: Memo<String>,
    /// What the stream tells.
    pub live: Live,
    /// Rises when texts must be read again, in another language.
    pub reread: RwSignal<u32>,
}

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
    };
    provide_context(here);
    let who: Who = Resource::new_blocking(|| (), |()| who());
    follow(here, who);
    let say_language = Action::new(move |language: &domain::Language| {
        let language = *language;
        async move {
            // the cookie already has it: this only keeps it for the next browser
            let _ = set_language(language).await;
            here.reread.update(|n| *n += 1);
        }
    });
    let tasks = say(move || format!("/o/{}/tasks", office.get()));
    let tasks_below = say(move || format!("/o/{}/tasks", office.get()));
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match who.await {
                    Err(e) if e.code() == "unauthenticated" => Some(view! { <Redirect path="/sign-in" /> }),
                    _ => None,
                }
            })}
        </Suspense>
        <a class="skip" href="#main" rel="external">{word!(i18n, app.skip)}</a>
        <div class="app">
            <aside class="side" aria-label=word!(i18n, app.sidebar)>
                <Suspense>{move || Suspend::new(async move { who.await.ok().map(|desk| view! { <Offices desk code=office.get_untracked() /> }) })}</Suspense>
                <nav class="nav" aria-label=word!(i18n, app.main_nav)>
                    <h2>{word!(i18n, nav.follow_up)}</h2>
                    <ul>
                        <li>
                            <a href=tasks aria-current="page">
                                <Glyph icon=Icon::Tasks />
                                {word!(i18n, nav.tasks)}
                                <Badge who class="n" />
                            </a>
                        </li>
                    </ul>
                </nav>
                <Suspense>{move || Suspend::new(async move { who.await.ok().map(|desk| view! { <Person desk /> }) })}</Suspense>
                <LanguageChoice on_choose=move |l| { say_language.dispatch(l); } />
            </aside>
            <Outlet />
        </div>
        <nav class="tabbar" aria-label=word!(i18n, nav.follow_up)>
            <a href=tasks_below aria-current="page">
                <Glyph icon=Icon::Tasks />
                {word!(i18n, nav.tasks)}
                <Badge who class="dot" />
            </a>
        </nav>
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
            crate::browser::follow(here.live, &office, desk.seq, desk.now);
            return true;
        }
        following.unwrap_or(false)
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
    view! {
        <div class="who">
            <span class="av" aria-hidden="true">{initials}</span>
            <span class="grow">
                <b class="b">{desk.name}</b>
                <br />
                <span class="muted">{say(move || role_word(i18n, role).to_owned())}</span>
            </span>
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
            <summary class="org" aria-label=word!(i18n, app.office)>
                {mark()} <span><b>{name}</b><small>"Nachtwacht"</small></span> <Glyph icon=Icon::Down />
            </summary>
            <ul>{others.collect_view()}</ul>
        </details>
    }
    .into_any()
}

/// How many tasks need this person; nothing when none does.
#[component]
fn Badge(who: Who, class: &'static str) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let shown = move |desk: Desk| {
        let support = desk.role == Role::Support;
        let office = here.office.get();
        let read = desk
            .offices
            .into_iter()
            .find(|o| o.code == office)
            .map(|o| o.counts);
        let counts = here.live.counts.get().or(read).unwrap_or_default();
        let n = if support {
            counts.failed
        } else {
            counts.action_required
        };
        (n > 0).then(|| {
            view! {
                <span class=format!("{class} {}", if support { "sup" } else { "act" })>
                    <span aria-hidden="true">{n.to_string()}</span>
                    <span class="vh">{word!(i18n, nav.need_action, count = n)}</span>
                </span>
            }
        })
    };
    view! {
        <Suspense>
            {move || {
                // read here, so that a change is followed
                here.live.counts.track();
                Suspend::new(async move { who.await.ok().map(shown) })
            }}
        </Suspense>
    }
}

/// The top bar: the page's heading, what is new, how live it is.
#[component]
pub fn Top(
    /// The page's heading.
    #[prop(into)]
    title: Signal<String>,
    /// Where the arrow leads on a phone; none for no arrow.
    #[prop(into)]
    back: Signal<Option<String>>,
    /// Lines that arrived since the page was read.
    #[prop(optional, into)]
    new: Signal<usize>,
    /// Shows them.
    #[prop(optional, into)]
    show: Option<Callback<()>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let shown = move || {
        let show = show.filter(|_| new.get() > 0)?;
        let n = new.get();
        Some(view! {
            <button class="news" aria-keyshortcuts="." on:click=move |_| show.run(())>
                {word!(i18n, live.arrived, count = n)} <span aria-hidden="true">"·"</span> {word!(i18n, live.show)}
            </button>
        })
    };
    let link = say(move || match here.live.link.get() {
        Link::On => t_string!(i18n, live.on).to_owned(),
        Link::Connecting => t_string!(i18n, live.connecting).to_owned(),
        Link::Off(time) => t_string!(i18n, live.off, time = time).to_string(),
    });
    view! {
        <header class="top">
            {move || back.get().map(|href| view! {
                <a class="btn ghost icon back" href=href aria-label=t_string!(i18n, app.back)><Glyph icon=Icon::Back /></a>
            })}
            <h1>{title}</h1>
            <div class="r">
                {shown}
                <span class="live" class:off=move || here.live.link.get() != Link::On role="status" data-testid="live"><i></i>{link}</span>
            </div>
        </header>
        {move || match here.live.link.get() {
            Link::Off(time) => Some(view! { <p class="offline">{t_string!(i18n, live.off_banner, time = time).to_string()}</p> }),
            _ => None,
        }}
    }
}

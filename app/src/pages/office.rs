//! `/o/:office`: the frame of an office's pages: who is looking, the way around, the live stream.

use super::{not_found::NotFound, sign_in::role_word};
use crate::components::{say, word};
use crate::{
    api::{
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
use domain::{
    Role,
    view::{Desk, OfficeView},
};
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
    /// The reader is Support: red is their turn, orange is not.
    pub support: RwSignal<bool>,
}

/// Reads who is looking, then shows the page inside the frame.
#[component]
pub fn Office() -> impl IntoView {
    let params = use_params_map();
    let office = Memo::new(move |_| params.read().get("office").unwrap_or_default());
    let here = Here {
        office,
        live: Live::new(),
        reread: RwSignal::new(0),
        support: RwSignal::new(false),
    };
    provide_context(here);
    let who = Resource::new_blocking(|| (), |()| who());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match who.await {
                    Ok(desk) => match desk.offices.iter().find(|o| o.code == office.get_untracked()).cloned() {
                        Some(office) => view! { <Frame desk office /> }.into_any(),
                        None => view! { <NotFound /> }.into_any(),
                    },
                    Err(e) if e.code() == "unauthenticated" => view! { <Redirect path="/sign-in" /> }.into_any(),
                    Err(_) => view! { <NotFound /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Frame(desk: Desk, office: OfficeView) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    crate::browser::follow(here.live, &office.code, desk.seq, desk.now);
    here.live.counts.set(Some(office.counts));
    here.support.set(desk.role == Role::Support);
    let code = office.code.clone();
    let recounting = Resource::new(
        move || here.live.recount.get(),
        move |n| {
            let code = code.clone();
            async move { if n > 0 { counts(code).await.ok() } else { None } }
        },
    );
    Effect::new(move |_| {
        if let Some(Some(counts)) = recounting.get() {
            here.live.counts.set(Some(counts));
        }
    });
    let tasks = format!("/o/{}/tasks", office.code);
    let initials: String = desk
        .name
        .split_whitespace()
        .filter_map(|w| w.chars().next())
        .take(2)
        .collect();
    let role = desk.role;
    let say_language = Action::new(move |language: &domain::Language| {
        let language = *language;
        async move {
            // the cookie already has it: this only keeps it for the next browser
            let _ = set_language(language).await;
            here.reread.update(|n| *n += 1);
        }
    });
    let need = move || {
        here.live.counts.get().map_or(0, |c| {
            if here.support.get() {
                c.failed
            } else {
                c.action_required
            }
        })
    };
    let tone = if desk.role == Role::Support {
        "n sup"
    } else {
        "n act"
    };
    let tabbar = view! {
        <nav class="tabbar" aria-label=word!(i18n, nav.follow_up)>
            <a href=tasks.clone() aria-current="page">
                <Glyph icon=Icon::Tasks />
                {word!(i18n, nav.tasks)}
                <Badge count=Signal::derive(need) class="dot" />
            </a>
        </nav>
    }
    .into_any();
    view! {
        <a class="skip" href="#main">{word!(i18n, app.skip)}</a>
        <div class="app">
            <aside class="side" aria-label=word!(i18n, app.sidebar)>
                <Offices desk=desk.clone() office=office.clone() />
                <nav class="nav" aria-label=word!(i18n, app.main_nav)>
                    <h2>{word!(i18n, nav.follow_up)}</h2>
                    <ul>
                        <li>
                            <a href=tasks.clone() aria-current="page">
                                <Glyph icon=Icon::Tasks />
                                {word!(i18n, nav.tasks)}
                                <Badge count=Signal::derive(need) class=tone />
                            </a>
                        </li>
                    </ul>
                </nav>
                <div class="who">
                    <span class="av" aria-hidden="true">{initials}</span>
                    <span class="grow">
                        <b class="b">{desk.name.clone()}</b>
                        <br />
                        <span class="muted">{say(move || role_word(i18n, role).to_owned())}</span>
                    </span>
                    <form method="post" action=SignOut::url()>
                        <button class="btn ghost icon" aria-label=word!(i18n, app.sign_out)>
                            <Glyph icon=Icon::SignOut />
                        </button>
                    </form>
                </div>
                <LanguageChoice on_choose=move |l| { say_language.dispatch(l); } />
            </aside>
            <Outlet />
        </div>
        {tabbar}
    }
}

/// The office's name; a choice of offices for those who see several.
#[component]
fn Offices(desk: Desk, office: OfficeView) -> impl IntoView {
    let i18n = use_i18n();
    let mark = || view! { <span class="mk" aria-hidden="true"><svg viewBox="0 0 16 16"><path d="M2 4h6M5 8h8M9 12h5" /></svg></span> };
    let name = office.name.clone();
    if desk.offices.len() < 2 {
        return view! { <p class="org">{mark()} <span><b>{name}</b><small>"Nachtwacht"</small></span></p> }
            .into_any();
    }
    let others = desk.offices.into_iter().map(|o| {
        let here = o.code == office.code;
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
fn Badge(count: Signal<u64>, class: &'static str) -> impl IntoView {
    let i18n = use_i18n();
    move || {
        (count.get() > 0).then(|| {
            let n = count.get();
            view! {
                <span class=class>
                    <span aria-hidden="true">{n}</span>
                    <span class="vh">{word!(i18n, nav.need_action, count = n)}</span>
                </span>
            }
        })
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

//! `/o/:office`: the frame of an office's pages: who is looking, the way around, the live stream.

use super::{
    bell::Bell,
    countdown::{Countdown, Unsaved, downtime_told},
    search::{Find, Search},
    sign_in::role_word,
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
use domain::{
    Role,
    view::{Counts, Desk},
};
use leptos::{html, prelude::*, server_fn::ServerFn};
use leptos_i18n::{I18nContext, t_string};
use leptos_meta::Title;
use leptos_router::{
    components::{Outlet, Redirect},
    hooks::{use_location, use_navigate, use_params_map},
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
    /// Alerts that stand, as the bell last heard.
    pub alerts: RwSignal<u32>,
    /// The bell must look again: something in it was seen. Rises each time.
    pub marked: RwSignal<u32>,
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
                    Err(e) if e.code() == "unauthenticated" => Some(view! { <Redirect path="/sign-in" /> }),
                    _ => None,
                }
            })}
        </Suspense>
        <a class="skip" href="#main" rel="external">{word!(i18n, app.skip)}</a>
        <Transition>{move || Suspend::new(async move { downtime.await.ok().flatten().map(|notice| view! { <Countdown notice /> }) })}</Transition>
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

/// A page of an office.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Clients,
    Tasks,
    Requests,
    Causes,
    Jobs,
    Collection,
    Procedures,
    Instructions,
    Connectors,
    Alerts,
    Users,
    Downtime,
    Audit,
    Settings,
}

/// The ways around, in their groups.
pub(super) const FOLLOW_UP: [Way; 4] = [Way::Clients, Way::Tasks, Way::Requests, Way::Causes];
pub(super) const AUTOMATION: [Way; 3] = [Way::Jobs, Way::Collection, Way::Procedures];
pub(super) const PLATFORM: [Way; 7] = [
    Way::Connectors,
    Way::Alerts,
    Way::Instructions,
    Way::Users,
    Way::Downtime,
    Way::Audit,
    Way::Settings,
];

impl Way {
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Tasks => "tasks",
            Self::Requests => "requests",
            Self::Causes => "causes",
            Self::Jobs => "jobs",
            Self::Collection => "collection",
            Self::Procedures => "procedures",
            Self::Instructions => "instructions",
            Self::Connectors => "connectors",
            Self::Alerts => "alerts",
            Self::Users => "users",
            Self::Downtime => "downtime",
            Self::Audit => "audit",
            Self::Settings => "settings",
        }
    }

    /// Shown to those who may go there.
    pub(super) fn is_open_to(self, role: Role) -> bool {
        match self {
            Self::Clients | Self::Tasks => true,
            Self::Causes | Self::Instructions => role == Role::Support,
            Self::Connectors | Self::Alerts | Self::Requests => role.sets_up_jobs(),
            Self::Jobs | Self::Collection | Self::Procedures => role.sets_up_jobs(),
            Self::Users | Self::Downtime | Self::Audit | Self::Settings => role.runs_office(),
        }
    }

    pub(super) fn icon(self) -> Icon {
        match self {
            Self::Clients => Icon::Clients,
            Self::Tasks => Icon::Tasks,
            Self::Requests => Icon::Instructions,
            Self::Causes => Icon::Causes,
            Self::Jobs => Icon::Jobs,
            Self::Collection => Icon::Collection,
            Self::Procedures => Icon::Procedures,
            Self::Instructions => Icon::Instructions,
            Self::Connectors => Icon::Connectors,
            Self::Alerts => Icon::Alert,
            Self::Users => Icon::Users,
            Self::Downtime => Icon::Power,
            Self::Audit => Icon::Audit,
            Self::Settings => Icon::Settings,
        }
    }

    pub(super) fn word(self, i18n: I18nContext<Locale>) -> String {
        match self {
            Self::Clients => t_string!(i18n, nav.clients),
            Self::Tasks => t_string!(i18n, nav.tasks),
            Self::Requests => t_string!(i18n, nav.requests),
            Self::Causes => t_string!(i18n, nav.causes),
            Self::Jobs => t_string!(i18n, nav.jobs),
            Self::Collection => t_string!(i18n, nav.collection),
            Self::Procedures => t_string!(i18n, nav.procedures),
            Self::Instructions => t_string!(i18n, nav.instructions),
            Self::Connectors => t_string!(i18n, nav.connectors),
            Self::Alerts => t_string!(i18n, nav.alerts),
            Self::Users => t_string!(i18n, nav.users),
            Self::Downtime => t_string!(i18n, nav.downtime),
            Self::Audit => t_string!(i18n, nav.audit),
            Self::Settings => t_string!(i18n, nav.settings),
        }
        .to_owned()
    }
}

/// One way, marked when the person is there.
#[component]
fn WayLink(way: Way, counts: Counts, role: Role, badge: &'static str) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let path = use_location().pathname;
    let href = say(move || format!("/o/{}/{}", here.office.get(), way.path()));
    let current = move || {
        let path = path.get();
        let place = path.split('/').nth(3).unwrap_or_default();
        // a dossier is reached by way of the clients
        (place == way.path() || (way == Way::Clients && place == "dossiers")).then_some("page")
    };
    let counted = (way == Way::Tasks).then(|| view! { <Badge counts role class=badge /> });
    let alarmed = (way == Way::Alerts).then(|| view! { <AlertBadge class=badge /> });
    view! {
        <a href=href aria-current=current>
            <Glyph icon=way.icon() />
            {say(move || way.word(i18n))}
            {counted}
            {alarmed}
        </a>
    }
}

/// The ways around that are open to a role.
#[component]
fn Ways(desk: Desk) -> impl IntoView {
    let i18n = use_i18n();
    let (role, counts) = (desk.role, counts_here(&desk));
    let group = move |ways: &[Way]| {
        ways.iter()
            .filter(|w| w.is_open_to(role))
            .map(|way| view! { <li><WayLink way=*way counts role badge="n" /></li> })
            .collect_view()
    };
    let automation = AUTOMATION.iter().any(|w| w.is_open_to(role)).then(|| {
        view! { <h2>{word!(i18n, nav.automation)}</h2><ul>{group(&AUTOMATION)}</ul> }
    });
    let platform = PLATFORM.iter().any(|w| w.is_open_to(role)).then(|| {
        view! { <h2>{word!(i18n, nav.platform)}</h2><ul>{group(&PLATFORM)}</ul> }
    });
    view! {
        <nav class="nav" aria-label=word!(i18n, app.main_nav)>
            <h2>{word!(i18n, nav.follow_up)}</h2>
            <ul>{group(&FOLLOW_UP)}</ul>
            {automation}
            {platform}
        </nav>
    }
}

/// The bar below on a phone: the first three ways, and the rest behind a button.
#[component]
fn Below(desk: Desk) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (role, counts) = (desk.role, counts_here(&desk));
    let mut work: Vec<Way> = FOLLOW_UP.into_iter().chain(AUTOMATION).collect();
    // what comes in now and then makes room for what is looked at all day
    work.sort_by_key(|w| *w == Way::Requests);
    let mut ways: Vec<Way> = work
        .into_iter()
        .chain(PLATFORM)
        .filter(|w| w.is_open_to(role))
        .collect();
    let rest = ways.split_off(ways.len().min(3));
    let code = here.office.get_untracked();
    let others = desk.offices.len() > 1;
    let offices = desk.offices.into_iter().map(move |o| {
        let current = (o.code == code).then_some("true");
        // another office has another stream: its page is loaded whole
        view! { <a href=format!("/o/{}/tasks", o.code) rel="external" aria-current=current><bdi>{o.name}</bdi></a> }
    });
    let offices = others.then(|| {
        view! { <div class="offices-m" role="group" aria-label=word!(i18n, app.office)>{offices.collect_view()}</div> }
    });
    let profile = say(move || format!("/o/{}/profile", here.office.get()));
    let menu = NodeRef::<html::Details>::new();
    close_on_the_way(menu);
    view! {
        <nav class="tabbar" aria-label=word!(i18n, nav.follow_up)>
            {ways.into_iter().map(|way| view! { <WayLink way counts role badge="dot" /> }).collect_view()}
            <details class="rest" node_ref=menu>
                <summary>
                    <Glyph icon=Icon::More />
                    {word!(i18n, nav.more)}
                </summary>
                <div>
                    {rest.into_iter().map(|way| view! { <WayLink way counts role badge="dot" /> }).collect_view()}
                    <a href=profile>
                        <Glyph icon=Icon::Users />
                        {word!(i18n, nav.profile)}
                    </a>
                    {offices}
                </div>
            </details>
        </nav>
    }
}

/// What is folded out does not stay so over the next page.
pub(super) fn close_on_the_way(menu: NodeRef<html::Details>) {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if let Some(menu) = menu.get_untracked().filter(|_| before.is_some_and(|b| b != now)) {
            menu.set_open(false);
        }
        now
    });
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
    let go = use_navigate();
    let signed_in = Action::new(move |()| {
        let go = go.clone();
        async move {
            if matches!(crate::api::accounts::who().await, Err(e) if e.code() == "unauthenticated") {
                go("/sign-in", Default::default());
            }
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

/// The counts of the office that is looked at, as they were first read.
fn counts_here(desk: &Desk) -> Counts {
    let office = expect_context::<Here>().office.get_untracked();
    desk.offices
        .iter()
        .find(|o| o.code == office)
        .map(|o| o.counts)
        .unwrap_or_default()
}

/// How many tasks need this person; nothing when none does.
#[component]
fn Badge(counts: Counts, role: Role, class: &'static str) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let support = role == Role::Support;
    move || {
        let counts = here.live.counts.get().unwrap_or(counts);
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
    }
}

/// How many alerts stand; nothing when all is well.
#[component]
fn AlertBadge(class: &'static str) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    move || {
        let n = here.alerts.get();
        (n > 0).then(|| {
            view! {
                <span class=format!("{class} sup") data-testid="alerts-n">
                    <span aria-hidden="true">{n}</span>
                    <span class="vh">{word!(i18n, alerts.standing, count = n as usize)}</span>
                </span>
            }
        })
    }
}

/// A page with its heading in the top bar.
#[component]
pub fn Page(
    /// The page's heading.
    #[prop(into)]
    title: Signal<String>,
    /// Where the arrow leads on a phone; none for no arrow.
    #[prop(optional, into)]
    back: Signal<Option<String>>,
    /// What stands below it.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title />
        <div class="main">
            <Top title back />
            <main id="main" class="page" tabindex="-1">{children()}</main>
        </div>
    }
}

/// The top bar: the page's heading, what is new, how live it is.
#[component]
pub fn Top(
    /// The page's heading.
    #[prop(into)]
    title: Signal<String>,
    /// Where the arrow leads on a phone; none for no arrow.
    #[prop(optional, into)]
    back: Signal<Option<String>>,
    /// Lines that arrived since the page was read.
    #[prop(optional, into)]
    new: Signal<usize>,
    /// What they are called, where it is not simply new ones.
    #[prop(optional, into)]
    news: Option<Signal<String>>,
    /// Shows them.
    #[prop(optional, into)]
    show: Option<Callback<()>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    here.live.begin();
    // a page whose part of the program comes last answers last
    Effect::new(|_| crate::browser::say_ready());
    let shown = move || {
        let show = show.filter(|_| new.get() > 0)?;
        let n = new.get();
        let said = news.map_or_else(
            || word!(i18n, live.arrived, count = n),
            |news| say(move || news.get()),
        );
        Some(view! {
            <button class="news" aria-keyshortcuts="." on:click=move |_| show.run(())>
                {said} <span aria-hidden="true">"·"</span> {word!(i18n, live.show)}
            </button>
        })
    };
    let news_said = announce(here, new, news);
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
                <span class="vh" role="status" data-testid="news-said">{say(move || news_said.get())}</span>
                <span class="live" class:off=move || here.live.link.get() != Link::On role="status" data-testid="live"><i></i>{link}</span>
                <Find />
                <Bell />
            </div>
        </header>
        {move || match here.live.link.get() {
            Link::Off(time) => Some(view! { <p class="offline">{t_string!(i18n, live.off_banner, time = time).to_string()}</p> }),
            _ => None,
        }}
    }
}

/// So long a screen reader is left alone after it was told what is new.
const QUIET_MS: i64 = 15_000;

/// What a screen reader is told of lines that wait to be shown: at most once in a while, and not line by line.
fn announce(here: Here, new: Signal<usize>, news: Option<Signal<String>>) -> RwSignal<String> {
    let i18n = use_i18n();
    let words = RwSignal::new(String::new());
    let (due, last) = (StoredValue::new(false), StoredValue::new(0_i64));
    let tell = move || {
        // the page may be gone by then
        if due.try_set_value(false).is_some() {
            return;
        }
        let n = new.get_untracked();
        last.set_value(here.live.now.get_untracked());
        words.set(match news {
            _ if n == 0 => String::new(),
            Some(news) => news.get_untracked(),
            None => t_string!(i18n, live.arrived, count = n).to_string(),
        });
    };
    Effect::new(move |before: Option<usize>| {
        let n = new.get();
        if n > before.unwrap_or(0) && !due.get_value() {
            due.set_value(true);
            let rest = QUIET_MS - (here.live.now.get_untracked() - last.get_value());
            set_timeout(
                tell,
                std::time::Duration::from_millis(rest.clamp(1_000, QUIET_MS) as u64),
            );
        }
        n
    });
    words
}

//! The ways around an office: beside the page on a desk, below it on a phone.

use super::here::Here;
use crate::{
    components::{
        icon::{Glyph, Icon},
        say, word,
    },
    i18n::*,
};
use domain::Role;
use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;
use views::{Counts, Desk};

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
    Offices,
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

pub(super) const PLATFORM: [Way; 8] = [
    Way::Connectors,
    Way::Alerts,
    Way::Instructions,
    Way::Offices,
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
            Self::Offices => "offices",
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
            Self::Causes | Self::Instructions | Self::Offices => role == Role::Support,
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
            Self::Offices => Icon::Clients,
            Self::Connectors => Icon::Connectors,
            Self::Alerts => Icon::Alert,
            Self::Users => Icon::Users,
            Self::Downtime => Icon::Power,
            Self::Audit => Icon::Audit,
            Self::Settings => Icon::Settings,
        }
    }

    pub(super) fn word(self, i18n: I18n) -> String {
        match self {
            Self::Clients => t_string!(i18n, nav.clients),
            Self::Tasks => t_string!(i18n, nav.tasks),
            Self::Requests => t_string!(i18n, nav.requests),
            Self::Causes => t_string!(i18n, nav.causes),
            Self::Jobs => t_string!(i18n, nav.jobs),
            Self::Collection => t_string!(i18n, nav.collection),
            Self::Procedures => t_string!(i18n, nav.procedures),
            Self::Instructions => t_string!(i18n, nav.instructions),
            Self::Offices => t_string!(i18n, nav.offices),
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
pub(super) fn Ways(desk: Desk) -> impl IntoView {
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
pub(super) fn Below(desk: Desk) -> impl IntoView {
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

/// The counts of the office that is looked at, as they were first read.
pub(super) fn counts_here(desk: &Desk) -> Counts {
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

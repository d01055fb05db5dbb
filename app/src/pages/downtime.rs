//! `/o/:office/downtime`: the desk is closed for a while, announced beforehand, and opened again by hand (D1, D2, D10).

mod form;
mod seen;

use super::{countdown::when, follow::follow_jobs, here::Here, page::Page, unread::once_read};
use crate::{
    api::downtime::{downtime, set_exempt},
    components::{
        icon::{Glyph, Icon},
        language::reading,
        say, word,
    },
    i18n::*,
};
use domain::{downtime::Phase, moment::span};
use form::Settings;
use leptos::{prelude::*, task::spawn_local};
use seen::Seen;
use views::downtime::{DowntimePage, Exemption, Past, Standing};

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub(super) struct Desk {
    /// As the server has it.
    pub data: RwSignal<DowntimePage>,
    /// Rises when it must be read again.
    pub again: RwSignal<u32>,
    /// What became of the last thing that was asked.
    pub said: RwSignal<Option<Result<String, String>>>,
}

/// The page.
#[component]
pub fn Downtime() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let first = Resource::new_blocking(
        move || (here.office.get(), here.reread.get()),
        |(office, _)| downtime(office),
    );
    let title = Signal::derive(move || t_string!(i18n, downtime.title).to_owned());
    view! {
        <Page title>
            {once_read(first, |page| view! { <Known page /> })}
        </Page>
    }
}

#[component]
fn Known(page: DowntimePage) -> impl IntoView {
    let desk = Desk {
        data: RwSignal::new(page),
        again: RwSignal::new(0),
        said: RwSignal::new(None),
    };
    provide_context(desk);
    follow_jobs(desk.data, desk.again, downtime);
    let stages = move || {
        let standing = desk.data.with(|d| d.standing.clone());
        if standing.is_empty() {
            view! { <Open /> }.into_any()
        } else {
            standing
                .into_iter()
                .map(|s| view! { <Stages standing=s /> })
                .collect_view()
                .into_any()
        }
    };
    view! {
        <div class="dt">
            <div class="col">
                {stages}
                <Settings />
            </div>
            <div class="col">
                <Seen />
                <Doors />
            </div>
        </div>
        <History />
    }
}

/// Nothing is planned.
#[component]
fn Open() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <section class="card" aria-labelledby="dt-stages">
            <header>
                <h2 id="dt-stages">{word!(i18n, downtime.title)}</h2>
                <div class="r"><span class="pill" data-testid="downtime-state">{word!(i18n, downtime.p_none)}</span></div>
            </header>
            <p class="pad soft">{word!(i18n, downtime.none_lead)}</p>
        </section>
    }
}

/// How far a downtime is.
#[component]
fn Stages(standing: Standing) -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let now = move || desk.data.with(|d| d.now.at);
    let (phase, overrun) = (standing.phase, standing.overrun);
    let (pill, state) = match (phase, overrun) {
        (Phase::Closed, true) => ("pill act", word!(i18n, downtime.p_overrun)),
        (Phase::Closed, false) => ("pill act", word!(i18n, downtime.p_closed)),
        _ => ("pill act", word!(i18n, downtime.p_coming)),
    };
    let reached = match phase {
        Phase::Closed => 3,
        Phase::LastDay => 2,
        _ => 1,
    };
    let stage = move |n: usize, name: Box<dyn Fn() -> String + Send + Sync>, at: Option<domain::Moment>| {
        let class = match n {
            _ if n < reached => "on",
            _ if n == reached => "now",
            _ => "",
        };
        let at = say(move || match at {
            Some(at) => when(i18n, at, now()),
            None => t_string!(i18n, downtime.s_by_hand).to_owned(),
        });
        view! { <li class=class aria-current=(n == reached).then_some("step")><div><b>{name}</b><span>{at}</span></div></li> }
    };
    let again = standing.expected;
    let near = say(move || {
        again.map_or_else(String::new, |t| {
            let near = t.near(now(), reading(i18n));
            format!(" · {}", t_string!(i18n, downtime.bar_back, when = near))
        })
    });
    let id = format!("dt-stages-{}", standing.id);
    let named = id.clone();
    view! {
        <section class="card" aria-labelledby=named data-downtime=standing.id>
            <header>
                <h2 id=id>{word!(i18n, downtime.title)} {standing.platform.then(|| view! { " · " {word!(i18n, downtime.p_platform)} })}</h2>
                <div class="r"><span class=pill data-testid="downtime-state"><Glyph icon=Icon::Power />{state}</span></div>
            </header>
            <ol class="steps" aria-label=word!(i18n, downtime.stages)>
                {stage(0, word!(i18n, downtime.s_planned), Some(standing.announced))}
                {stage(1, word!(i18n, downtime.s_warned), Some(standing.warned))}
                {stage(2, word!(i18n, downtime.s_closes), Some(standing.closed.unwrap_or(standing.closes)))}
                {stage(3, word!(i18n, downtime.s_again), None)}
            </ol>
            <p class="pad soft">
                <bdi>{standing.by.clone()}</bdi>{near}
                {(!standing.may_edit).then(|| view! { " " {word!(i18n, downtime.only_support)} })}
            </p>
        </section>
    }
}

/// What works on and what stops, and the integrations that are let through (D11–D15).
#[component]
fn Doors() -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let line = |icon: Icon, words: Box<dyn Fn() -> String + Send + Sync>| view! { <li><Glyph icon /><span>{words}</span></li> };
    let integrations = move || {
        let all = desk.data.with(|d| d.integrations.clone());
        if all.is_empty() {
            view! { <p class="pad soft">{word!(i18n, downtime.exempt_none)}</p> }.into_any()
        } else {
            let lines = all
                .into_iter()
                .map(|integration| view! { <li><Exempt integration /></li> });
            view! { <ul class="pad exempt">{lines.collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <section class="card" aria-label=word!(i18n, downtime.keeps)>
            <div class="two">
                <div>
                    <h3>{word!(i18n, downtime.keeps)}</h3>
                    <ul>
                        {line(Icon::Tick, word!(i18n, downtime.k_forms))}
                        {line(Icon::Tick, word!(i18n, downtime.k_activate))}
                        {line(Icon::Tick, word!(i18n, downtime.k_alerts))}
                    </ul>
                </div>
                <div>
                    <h3>{word!(i18n, downtime.stops)}</h3>
                    <ul class="stops">
                        {line(Icon::Stop, word!(i18n, downtime.x_screens))}
                        {line(Icon::Stop, word!(i18n, downtime.x_connectors))}
                        {line(Icon::Stop, word!(i18n, downtime.x_api))}
                    </ul>
                </div>
            </div>
        </section>
        <section class="card" aria-labelledby="dt-exempt">
            <header><h2 id="dt-exempt">{word!(i18n, downtime.exempt_title)}</h2></header>
            <p class="pad soft">{word!(i18n, downtime.exempt_lead)}</p>
            {integrations}
        </section>
    }
}

#[component]
fn Exempt(integration: Exemption) -> impl IntoView {
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let (id, exempt) = (integration.id, integration.exempt);
    let switch = move |ev| {
        let wanted = event_target_checked(&ev);
        spawn_local(async move {
            // what it then is, is read again
            let _ = set_exempt(here.office.get_untracked(), id, wanted).await;
            desk.again.update(|n| *n += 1);
        });
    };
    view! {
        <label class="sw">
            <input type="checkbox" role="switch" checked=exempt prop:checked=exempt on:change=switch />
            <span><bdi>{integration.name}</bdi></span>
        </label>
    }
}

/// What is over, with its planned and its real length (D19).
#[component]
fn History() -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let body = move || {
        let past = desk.data.with(|d| d.past.clone());
        if past.is_empty() {
            return view! { <p class="pad soft">{word!(i18n, downtime.h_none)}</p> }.into_any();
        }
        view! {
            <div class="scroll">
                <table class="past">
                    <thead>
                        <tr>
                            <th scope="col">{word!(i18n, downtime.h_closed)}</th>
                            <th scope="col">{word!(i18n, downtime.h_lifted)}</th>
                            <th scope="col">{word!(i18n, downtime.h_planned)}</th>
                            <th scope="col">{word!(i18n, downtime.h_real)}</th>
                            <th scope="col">{word!(i18n, downtime.h_changes)}</th>
                            <th scope="col">{word!(i18n, downtime.reason)}</th>
                        </tr>
                    </thead>
                    <tbody>{past.into_iter().map(|past| view! { <PastLine past /> }).collect_view()}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="card" aria-labelledby="dt-past">
            <header><h2 id="dt-past">{word!(i18n, downtime.history)}</h2></header>
            {body}
        </section>
    }
}

#[component]
fn PastLine(past: Past) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let full = move |at: domain::Moment| say(move || at.full(reading(i18n)));
    let closed = match past.closed {
        Some(at) => view! { <time datetime=at.rfc3339()>{full(at)}</time> }.into_any(),
        None => view! { <span class="muted">{full(past.closes)} ", " {word!(i18n, downtime.h_off)}</span> }
            .into_any(),
    };
    let planned = match past.planned_ms {
        Some(ms) => say(move || span(ms, reading(i18n))).into_any(),
        None => word!(i18n, downtime.h_unknown).into_any(),
    };
    let real = past.real_ms.map(|ms| say(move || span(ms, reading(i18n))));
    let changes = past.closed.map(|from| {
        let (office, from, to) = (here.office.get_untracked(), from.rfc3339(), past.lifted.rfc3339());
        let day = |at: &str| at.get(..10).unwrap_or_default().to_owned();
        let href = format!("/o/{office}/audit?from={}&to={}", day(&from), day(&to));
        view! { <a href=href>{past.changes}</a> }
    });
    view! {
        <tr data-past=past.id>
            <th scope="row">{closed}{past.platform.then(|| view! { <br /><span class="muted">{word!(i18n, downtime.p_platform)}</span> })}</th>
            <td><time datetime=past.lifted.rfc3339()>{full(past.lifted)}</time><br /><bdi class="muted">{past.lifted_by}</bdi></td>
            <td class="n">{planned}</td>
            <td class="n" data-testid="real-length">{real}</td>
            <td class="n">{changes}</td>
            <td dir="auto">{past.reason}</td>
        </tr>
    }
}

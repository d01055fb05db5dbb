//! The cards around the list: who is silent, how long tasks wait, what nobody takes, whether there are enough.

use super::{
    super::here::Here,
    verbs::{Asked, Desk},
};
use crate::{
    components::{
        fleet::{Delays, Life},
        icon::{Glyph, Icon},
        language::reading,
        say,
        status::kind_word,
        word,
    },
    i18n::*,
};
use domain::{
    fleet::{Advice, Liveness},
    moment::span,
};
use leptos::prelude::*;
use views::connectors::{FleetView, Holder};

/// More silent connectors than this are in the list alone.
const MOST: usize = 3;

/// A card for each silent connector: what waits for it, and what to check.
#[component]
pub fn SilentCards(data: RwSignal<FleetView>) -> impl IntoView {
    let ids = Memo::new(move |_| {
        data.with(|d| {
            let silent = d.connectors.iter().filter(|c| c.liveness == Liveness::Silent);
            silent.map(|c| c.id).take(MOST).collect::<Vec<_>>()
        })
    });
    view! { <For each=move || ids.get() key=|id| *id let:id><SilentCard id data /></For> }
}

#[component]
fn SilentCard(id: i64, data: RwSignal<FleetView>) -> impl IntoView {
    let i18n = use_i18n();
    let line = move || {
        data.with(|d| {
            d.connectors
                .iter()
                .find(|c| c.id == id)
                .map(|c| (c.name.clone(), c.age, c.waiting))
        })
    };
    let title = say(move || {
        let (name, age, _) = line().unwrap_or_default();
        t_string!(
            i18n,
            connectors.silent_title,
            name = name,
            time = span(age as i64, reading(i18n))
        )
        .to_string()
    });
    let waits = say(move || match line().unwrap_or_default().2 {
        0 => t_string!(i18n, connectors.silent_calm).to_owned(),
        n => t_string!(i18n, connectors.silent_waits, count = n as usize).to_string(),
    });
    view! {
        <section class="card alertc" data-testid="silent">
            <Life liveness=Liveness::Silent />
            <div>
                <h2>{title}</h2>
                <p>{waits}</p>
                <details>
                    <summary class="btn pri">{word!(i18n, connectors.checklist)}</summary>
                    <ol class="checks">
                        <li>{word!(i18n, connectors.check_1)}</li>
                        <li>{word!(i18n, connectors.check_2)}</li>
                        <li>{word!(i18n, connectors.check_3)}</li>
                        <li>{word!(i18n, connectors.check_4)}</li>
                    </ol>
                </details>
            </div>
        </section>
    }
}

/// A card for each connector that holds reports which nobody takes (T6): how many, and what to check.
#[component]
pub fn UnacceptedCards(data: RwSignal<FleetView>) -> impl IntoView {
    let ids = Memo::new(move |_| {
        data.with(|d| {
            let held = d.connectors.iter().filter(|c| c.unaccepted > 0);
            held.map(|c| c.id).take(MOST).collect::<Vec<_>>()
        })
    });
    view! { <For each=move || ids.get() key=|id| *id let:id><UnacceptedCard id data /></For> }
}

#[component]
fn UnacceptedCard(id: i64, data: RwSignal<FleetView>) -> impl IntoView {
    let i18n = use_i18n();
    let title = say(move || {
        let line = data.with(|d| {
            let line = d.connectors.iter().find(|c| c.id == id);
            line.map(|c| (c.name.clone(), c.unaccepted as usize))
        });
        let (name, n) = line.unwrap_or_default();
        t_string!(i18n, reports.title, count = n, name = name).to_string()
    });
    view! {
        <section class="card alertc" data-testid="unaccepted-card">
            <Life liveness=Liveness::Silent />
            <div>
                <h2>{title}</h2>
                <p>{word!(i18n, reports.lead)}</p>
                <details>
                    <summary class="btn pri">{word!(i18n, connectors.checklist)}</summary>
                    <ol class="checks">
                        <li>{word!(i18n, reports.check_token)}</li>
                        <li>{word!(i18n, reports.check_proxy)}</li>
                        <li>{word!(i18n, reports.check_refused)}</li>
                    </ol>
                </details>
            </div>
        </section>
    }
}

/// How long tasks waited for their pick-up.
#[component]
pub fn DelayCard(data: RwSignal<FleetView>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let delays = Memo::new(move |_| data.with(|d| d.delays.clone()));
    // the hour of the axis moves with the last hour that has something in it until the clock is known
    let now = move |last: i64| here.live.now.get_untracked().max(last);
    view! {
        <section class="card delay" aria-labelledby="delay">
            <header>
                <h2 id="delay">{word!(i18n, connectors.delay_title)}</h2>
                <p class="legend" aria-hidden="true"><span><i></i>{word!(i18n, connectors.typical)}</span><span><i class="d"></i>{word!(i18n, connectors.slowest)}</span></p>
            </header>
            {move || {
                let delays = delays.get();
                let last = delays.last().map_or(0, |d| d.hour.at);
                view! { <Delays delays now=now(last) /> }
            }}
        </section>
    }
}

/// Sorts of tasks that no connector of the office takes.
#[component]
pub fn Orphaned(data: RwSignal<FleetView>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let orphans = Memo::new(move |_| data.with(|d| d.orphans.clone()));
    let line = move |o: views::connectors::Orphans| {
        let (kind, n, age) = (o.kind, o.waiting as usize, o.age);
        let name = say(move || format!("{} · {}", kind_word(i18n, &kind), o.package));
        let waits = say(move || {
            t_string!(
                i18n,
                connectors.orphans_line,
                count = n,
                time = span(age, reading(i18n))
            )
            .to_string()
        });
        let href = format!("/o/{}/tasks/{}", here.office.get_untracked(), o.oldest);
        view! { <li><a href=href>{name}</a> <span class="soft">{waits}</span></li> }
    };
    move || {
        let orphans = orphans.get();
        (!orphans.is_empty()).then(|| {
            view! {
                <section class="card alertc" data-testid="orphans">
                    <Life liveness=Liveness::Silent />
                    <div>
                        <h2>{word!(i18n, connectors.orphans_title)}</h2>
                        <ul class="orphans">{orphans.into_iter().map(line).collect_view()}</ul>
                        <p>{word!(i18n, connectors.orphans_todo)}</p>
                    </div>
                </section>
            }
        })
    }
}

/// Whether there are enough connectors, by a replay of the last week.
#[component]
pub fn Adviser(data: RwSignal<FleetView>) -> impl IntoView {
    let i18n = use_i18n();
    let advice = Memo::new(move |_| data.with(|d| (d.advice, d.advice_at)));
    let words = say(move || {
        let time = |ms: u64| span(ms as i64, reading(i18n));
        match advice.get() {
            (Advice::TooEarly, _) => t_string!(i18n, connectors.advice_early).to_owned(),
            (Advice::Enough { connectors, longest }, _) => t_string!(
                i18n,
                connectors.advice_enough,
                count = connectors as usize,
                time = time(longest)
            )
            .to_string(),
            (
                Advice::OneMore {
                    connectors,
                    now,
                    then,
                    ..
                },
                at,
            ) => {
                let at = at
                    .map(|m| format!("{} {}", reading(i18n).weekday_short(weekday(m)), m.clock()))
                    .unwrap_or_default();
                t_string!(
                    i18n,
                    connectors.advice_more,
                    n = connectors + 1,
                    has = connectors,
                    at = at,
                    then = time(then),
                    was = time(now)
                )
                .to_string()
            }
            (Advice::OneFewer { longest, .. }, _) => {
                t_string!(i18n, connectors.advice_fewer, time = time(longest)).to_string()
            }
        }
    });
    view! {
        <section class="card advice" aria-labelledby="advice" data-testid="advice">
            <h2 id="advice">{word!(i18n, connectors.advice_title)}</h2>
            <p class="soft">{words}</p>
            <p class="muted">{word!(i18n, connectors.advice_how)}</p>
        </section>
    }
}

/// Days since Monday, in the office's zone. The first of 1970 was a Thursday.
fn weekday(m: domain::Moment) -> u32 {
    let days = (m.at + i64::from(m.offset) * 60_000).div_euclid(86_400_000);
    (days + 3).rem_euclid(7) as u32
}

/// Systems that deliver. Only for those who run the office.
#[component]
pub fn Integrations(data: RwSignal<FleetView>) -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let list = Memo::new(move |_| data.with(|d| d.integrations.clone()));
    let row = move |i: views::connectors::IntegrationLine| {
        let (holder, revoked) = (Holder::Integration(i.id), i.revoked);
        let named = StoredValue::new(i.name.clone());
        let stands = say(move || match revoked {
            Some(at) => t_string!(i18n, connectors.shut_out_since, at = at.full(reading(i18n))).to_string(),
            None => t_string!(i18n, connectors.active).to_owned(),
        });
        let verbs = revoked.is_none().then(|| {
            view! {
                <button type="button" class="btn sm" on:click=move |_| desk.ask(Asked::Rotate(holder, named.get_value()))>{word!(i18n, connectors.rotate)}</button>
                <button type="button" class="btn sm ghost" on:click=move |_| desk.ask(Asked::ShutOut(holder, named.get_value()))>{word!(i18n, connectors.revoke)}</button>
            }
        });
        view! { <li data-integration=named.get_value()><b>{i.name}</b> <span class="muted">{stands}</span> <span class="r">{verbs}</span></li> }
    };
    let empty = move || {
        list.with(Vec::is_empty)
            .then(|| view! { <p class="muted pad">{word!(i18n, connectors.integrations_none)}</p> })
    };
    data.with_untracked(|d| d.may_run).then(|| {
        view! {
            <section class="card systems" aria-labelledby="systems">
                <header>
                    <div>
                        <h2 id="systems">{word!(i18n, connectors.integrations)}</h2>
                        <p class="muted">{word!(i18n, connectors.integrations_lead)}</p>
                    </div>
                    <div class="r">
                        <button type="button" class="btn" on:click=move |_| desk.ask(Asked::AddIntegration)>
                            <Glyph icon=Icon::Plus />
                            {word!(i18n, connectors.add_integration)}
                        </button>
                    </div>
                </header>
                <ul>{move || list.get().into_iter().map(row).collect_view()}</ul>
                {empty}
            </section>
        }
    })
}

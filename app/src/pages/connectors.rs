//! `/o/:office/connectors`: the fleet (T17).

mod cards;
mod command;
mod verbs;

use super::{begin::ToBegin, error_words, follow::follow_jobs, here::Here, page::Page, unread::once_read};
use crate::components::export::Export;
use crate::{
    api::{ApiError, connectors::fleet},
    components::{
        fleet::{Life, Polls, advice, tone, word as life_word},
        icon::{Glyph, Icon},
        language::reading,
        say,
        status::kind_word,
        word,
    },
    i18n::*,
};
use cards::{Adviser, DelayCard, Integrations, Orphaned, SilentCards, UnacceptedCards};
use domain::{Rule, fleet::Liveness, moment::span};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use verbs::{Asked, Desk, Verbs};
use views::connectors::{ConnectorLine, FleetView, Holder};

/// The page is read again this often, in milliseconds of the server's clock.
const EVERY: i64 = 5_000;

/// The page.
#[component]
pub fn Connectors() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let first = Resource::new_blocking(
        move || (here.office.get(), here.reread.get()),
        |(office, _)| fleet(office),
    );
    let desk = Desk::new();
    provide_context(desk);
    asked_by_address(desk);
    let title = Signal::derive(move || t_string!(i18n, connectors.title).to_owned());
    view! {
        <Page title>
            <p class="said" role="status" class:vh=move || desk.said.with(Option::is_none) class:wrong=move || desk.said.with(|s| matches!(s, Some(Err(_))))>
                {say(move || desk.said.get().map(|s| s.unwrap_or_else(|e| e)).unwrap_or_default())}
            </p>
            {once_read(first, |fleet| view! { <Known fleet /> })}
            <Verbs />
        </Page>
    }
}

/// The address may ask to add something: the first steps of an office lead here so.
fn asked_by_address(desk: Desk) {
    let query = use_query_map();
    Effect::new(move |_| match query.read().get("add").as_deref() {
        Some("connector") => desk.ask(Asked::AddConnector),
        Some("integration") => desk.ask(Asked::AddIntegration),
        _ => {}
    });
}

/// The fleet as first read; it is read again in place, so that nothing jumps and no menu closes.
#[component]
fn Known(fleet: FleetView) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let data = RwSignal::new(fleet);
    keep_up(data);
    Effect::new(move |_| desk.fleet.set(Some(data.get())));
    let silent =
        Memo::new(move |_| data.with(|d| d.connectors.iter().any(|c| c.liveness == Liveness::Silent)));
    view! {
        <div class="topg">
            <div class="stackg">
                <SilentCards data />
                <UnacceptedCards data />
                {move || (!silent.get()).then(|| view! { <Adviser data /> })}
            </div>
            <DelayCard data />
        </div>
        <Orphaned data />
        <Bar data />
        <List data />
        {move || silent.get().then(|| view! { <Adviser data /> })}
        <Integrations data />
    }
}

/// Reads the fleet again every few seconds too: nobody tells when a connector calls.
fn keep_up(data: RwSignal<FleetView>) {
    let here = expect_context::<Here>();
    let again = expect_context::<Desk>().again;
    let beat = Memo::new(move |_| here.live.now.get() / EVERY);
    Effect::new(move |before: Option<()>| {
        // a memo that is only tracked is never worked out
        let _ = beat.get();
        if before.is_some() {
            again.update(|n| *n += 1);
        }
    });
    follow_jobs(data, again, fleet);
}

/// The status that the address asks for; `old` for connectors of an old version.
fn asked() -> Memo<String> {
    let query = use_query_map();
    Memo::new(move |_| {
        let status = query.with(|q| q.get("status").unwrap_or_default());
        let known = status == "old" || Liveness::from_key(&status).is_some();
        if known { status } else { String::new() }
    })
}

fn shows(c: &ConnectorLine, status: &str) -> bool {
    match status {
        "" => true,
        "old" => c.outdated,
        _ => c.liveness.key() == status,
    }
}

/// The chips by status, and the way to add one.
#[component]
fn Bar(data: RwSignal<FleetView>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let status = asked();
    let chip = move |key: &'static str, n: usize, name: String| {
        let href = say(move || {
            let office = here.office.get();
            match key {
                "" => format!("/o/{office}/connectors"),
                _ => format!("/o/{office}/connectors?status={key}"),
            }
        });
        let current = move || (status.get() == key).then_some("true");
        view! { <a class="chip" href=href aria-current=current data-noscroll data-chip=key>{name} <span class="num">{n}</span></a> }
    };
    let chips = move || {
        data.with(|d| {
            let count = |key: &str| d.connectors.iter().filter(|c| shows(c, key)).count();
            let mut all = vec![chip("", count(""), t_string!(i18n, connectors.all).to_owned())];
            for l in Liveness::ALL {
                let n = count(l.key());
                if n > 0 || status.with(|s| s == l.key()) {
                    all.push(chip(l.key(), n, life_word(i18n, l).to_owned()));
                }
            }
            let old = count("old");
            if old > 0 {
                all.push(chip("old", old, t_string!(i18n, connectors.outdated).to_owned()));
            }
            all
        })
    };
    let add = data.with_untracked(|d| d.may_run).then(|| {
        view! {
            <button type="button" class="btn" on:click=move |_| desk.ask(Asked::AddConnector)>
                <Glyph icon=Icon::Plus />
                {word!(i18n, connectors.add)}
            </button>
        }
    });
    view! {
        <div class="bar chips">
            <nav class="chipset" aria-label=word!(i18n, connectors.filter)>{chips}</nav>
            <span class="sp"></span>
            <Export list="connectors" office=here.office />
            {add}
        </div>
    }
}

/// The connectors. Those on the page keep their place; new ones come below.
#[component]
fn List(data: RwSignal<FleetView>) -> impl IntoView {
    let i18n = use_i18n();
    let status = asked();
    let order = Memo::new(move |before: Option<&Vec<i64>>| {
        data.with(|d| {
            let is_there = |id: &i64| d.connectors.iter().any(|c| c.id == *id);
            let mut ids: Vec<i64> = before.into_iter().flatten().copied().filter(is_there).collect();
            let new = d.connectors.iter().map(|c| c.id).filter(|id| !ids.contains(id));
            let new: Vec<i64> = new.collect();
            ids.extend(new);
            ids
        })
    });
    let ids = Memo::new(move |_| {
        let status = status.get();
        let matches = |id: &i64| data.with(|d| d.connectors.iter().any(|c| c.id == *id && shows(c, &status)));
        order.get().into_iter().filter(matches).collect::<Vec<_>>()
    });
    let empty = move || {
        let none = data.with(|d| d.connectors.is_empty());
        ids.with(Vec::is_empty).then(|| {
            if none {
                view! { <div class="empty"><h2>{word!(i18n, connectors.empty_title)}</h2><p class="soft">{word!(i18n, connectors.empty)}</p><ToBegin /></div> }.into_any()
            } else {
                view! { <div class="empty"><p class="soft">{word!(i18n, connectors.no_match)}</p></div> }.into_any()
            }
        })
    };
    let head = move |class: &'static str, text: Box<dyn Fn() -> String + Send + Sync>| {
        view! { <th role="columnheader" scope="col" class=class>{text}</th> }
    };
    view! {
        <section class="card fleet" aria-label=word!(i18n, connectors.title)>
            <table class="stack" role="table" aria-label=word!(i18n, connectors.list)>
                <thead role="rowgroup">
                    <tr role="row">
                        {head("", word!(i18n, connectors.th_status))} {head("", word!(i18n, connectors.th_name))}
                        {head("p3", word!(i18n, connectors.th_polls))} {head("", word!(i18n, connectors.th_seen))}
                        {head("p4", word!(i18n, connectors.th_doing))} {head("n", word!(i18n, connectors.th_waiting))}
                        {head("n", word!(i18n, connectors.th_oldest))} {head("p2", word!(i18n, connectors.th_version))}
                        <th role="columnheader" scope="col"><span class="vh">{word!(i18n, connectors.th_actions)}</span></th>
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For each=move || ids.get() key=|id| *id let:id><Row id data /></For>
                </tbody>
            </table>
            {empty}
        </section>
    }
}

/// One connector. Its cells change in place.
#[component]
fn Row(id: i64, data: RwSignal<FleetView>) -> impl IntoView {
    let i18n = use_i18n();
    let line = Memo::new(move |before: Option<&Option<ConnectorLine>>| {
        let now = data.with(|d| d.connectors.iter().find(|c| c.id == id).cloned());
        now.or_else(|| before.cloned().flatten())
    });
    let part = move |f: fn(&ConnectorLine) -> String| {
        say(move || line.with(|l| l.as_ref().map(f).unwrap_or_default()))
    };
    let liveness = Memo::new(move |_| line.with(|l| l.as_ref().map_or(Liveness::ShutOut, |l| l.liveness)));
    let ticks = Memo::new(move |_| line.with(|l| l.as_ref().map(|l| l.ticks.clone()).unwrap_or_default()));
    let status = move || {
        let l = liveness.get();
        let todo = advice(i18n, l);
        view! {
            <span class=format!("st {}", tone(l)) data-testid="liveness" data-liveness=l.key()><Life liveness=l /> {life_word(i18n, l)}</span>
            {(!todo.is_empty()).then(|| view! { <small class="todo-line">{todo}</small> })}
        }
    };
    let oldest = say(move || {
        line.with(|l| match l.as_ref().and_then(|l| l.oldest) {
            Some(ms) => span(ms, reading(i18n)),
            None => t_string!(i18n, connectors.none).to_owned(),
        })
    });
    let alarmed = move || {
        liveness.get() == Liveness::Silent && line.with(|l| l.as_ref().is_some_and(|l| l.waiting > 0))
    };
    let menu = data
        .with_untracked(|d| d.may_run)
        .then(|| view! { <Menu id data liveness /> });
    view! {
        <tr role="row" data-connector=part(|l| l.name.clone())>
            <td role="cell" class="f0">{status}</td>
            <th role="rowheader" scope="row" class="f1">
                <b>{part(|l| l.name.clone())}</b>
                <small class="pk muted">{part(|l| l.packages.join(", "))}</small>
            </th>
            <td role="cell" class="f2 p3">{move || view! { <Polls ticks=ticks.get() silent=liveness.get() == Liveness::Silent /> }}</td>
            <td role="cell" class="f3"><Seen line liveness /></td>
            <td role="cell" class="f4 p4"><DoingNow line /></td>
            <td role="cell" class="f5 n"><b>{part(|l| l.waiting.to_string())}</b> <span class="only-m">" " {word!(i18n, connectors.th_waiting)}</span></td>
            <td role="cell" class="f6 n" class:sup=alarmed><span class="only-m">{word!(i18n, connectors.th_oldest)} " "</span> {oldest}</td>
            <td role="cell" class="f7 p2 mono">{part(|l| l.version.clone())}</td>
            <td role="cell" class="f8">{menu}</td>
        </tr>
    }
}

/// When it last called, and when it comes again.
#[component]
fn Seen(line: Memo<Option<ConnectorLine>>, liveness: Memo<Liveness>) -> impl IntoView {
    let i18n = use_i18n();
    let seconds = move |s: u32| span(i64::from(s) * 1000, reading(i18n));
    let seen = say(move || {
        line.with(|l| match l.as_ref().filter(|l| l.heard.is_some()) {
            Some(l) => t_string!(i18n, connectors.ago, time = span(l.age as i64, reading(i18n))).to_string(),
            None => t_string!(i18n, connectors.never).to_owned(),
        })
    });
    let then = Memo::new(move |_| {
        line.with(|l| {
            let Some(l) = l.as_ref() else { return String::new() };
            match (l.liveness, &l.held) {
                (Liveness::Held, Some(h)) if h.by.is_empty() => {
                    t_string!(i18n, connectors.held_restored).to_owned()
                }
                (Liveness::Held, Some(h)) => t_string!(
                    i18n,
                    connectors.held_by,
                    by = h.by.clone(),
                    reason = h.text.clone()
                )
                .to_string(),
                (Liveness::Silent | Liveness::Late, _) if l.missed > 0 => {
                    t_string!(i18n, connectors.missed, count = l.missed as usize).to_string()
                }
                (Liveness::Idle | Liveness::Working, _) => match l.next {
                    (0, to) => t_string!(i18n, connectors.next_soon, to = seconds(to)).to_string(),
                    (from, to) => {
                        t_string!(i18n, connectors.next, from = seconds(from), to = seconds(to)).to_string()
                    }
                },
                _ => String::new(),
            }
        })
    });
    let at = move |f: fn(domain::Moment, domain::Language) -> String| {
        say(move || {
            line.with(|l| {
                l.as_ref()
                    .and_then(|l| l.heard)
                    .map(|m| f(m, reading(i18n)))
                    .unwrap_or_default()
            })
        })
    };
    let errors = say(move || {
        line.with(|l| match l.as_ref().map_or(0, |l| l.errors) {
            0 => String::new(),
            n => t_string!(i18n, connectors.errors, count = n as usize).to_string(),
        })
    });
    let unaccepted = say(move || {
        line.with(|l| match l.as_ref().map_or(0, |l| l.unaccepted) {
            0 => String::new(),
            n => t_string!(i18n, reports.line, count = n as usize).to_string(),
        })
    });
    view! {
        <time class:sup=move || liveness.get() == Liveness::Silent datetime=at(|m, _| m.rfc3339()) title=at(domain::Moment::full)>{seen}</time>
        <small class="muted trunc" title=say(move || then.get())>{say(move || then.get())}</small>
        <small class="muted">{errors}</small>
        <small class="sup" data-testid="unaccepted">{unaccepted}</small>
    }
}

/// What it carries out, with links.
#[component]
fn DoingNow(line: Memo<Option<ConnectorLine>>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let doing = Memo::new(move |_| {
        line.with(|l| {
            l.as_ref()
                .map(|l| (l.doing.clone(), l.running, l.hands))
                .unwrap_or_default()
        })
    });
    move || {
        let (doing, running, hands) = doing.get();
        let hands = (hands > 0)
            .then(|| view! { <small class="muted">{word!(i18n, connectors.hands, n = hands)}</small> });
        if running == 0 {
            return view! { <span class="muted">{word!(i18n, connectors.nothing)}</span> {hands} }.into_any();
        }
        let more = running.saturating_sub(1);
        let first = doing.into_iter().next().map(|d| {
            let (kind, dossier, task) = (d.kind, d.dossier, d.task);
            view! {
                <a class="trunc" href=format!("/o/{}/tasks/{task}", here.office.get_untracked())>
                    {say(move || format!("{}, {dossier}", kind_word(i18n, &kind)))}
                </a>
            }
        });
        view! {
            {first}
            {(more > 0).then(|| view! { <small class="muted">{word!(i18n, connectors.more_tasks, n = more)}</small> })}
            {hands}
        }
        .into_any()
    }
}

/// What can be done to one connector.
#[component]
fn Menu(id: i64, data: RwSignal<FleetView>, liveness: Memo<Liveness>) -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let name = data.with_untracked(|d| {
        let found = d.connectors.iter().find(|c| c.id == id);
        found.map(|c| c.name.clone()).unwrap_or_default()
    });
    let menu = NodeRef::<leptos::html::Details>::new();
    let ask = move |asked: Asked| {
        if let Some(m) = menu.get_untracked() {
            m.set_open(false);
        }
        desk.ask(asked);
    };
    let (label, named) = (name.clone(), StoredValue::new(name));
    let holder = Holder::Connector(id);
    move || {
        let hold = if liveness.get() == Liveness::Held {
            view! { <button type="button" on:click=move |_| ask(Asked::LetGo(id))>{word!(i18n, connectors.let_go)}</button> }.into_any()
        } else {
            view! { <button type="button" on:click=move |_| ask(Asked::Hold(id, named.get_value()))>{word!(i18n, connectors.hold)}</button> }.into_any()
        };
        (liveness.get() != Liveness::ShutOut).then(|| {
            view! {
                <details class="menu" node_ref=menu>
                    <summary class="btn sm icon"><Glyph icon=Icon::More /><span class="vh">{let label = label.clone(); word!(i18n, connectors.actions, name = label.clone())}</span></summary>
                    <div>
                        {hold}
                        <button type="button" on:click=move |_| ask(Asked::Enrol(id))>{word!(i18n, connectors.enrol)}</button>
                        <button type="button" on:click=move |_| ask(Asked::Rotate(holder, named.get_value()))>{word!(i18n, connectors.rotate)}</button>
                        <button type="button" class="sup" on:click=move |_| ask(Asked::ShutOut(holder, named.get_value()))>{word!(i18n, connectors.revoke)}</button>
                    </div>
                </details>
            }
        })
    }
}

/// What went wrong with a name, in the reader's words.
fn name_words(i18n: I18n, e: &ApiError) -> String {
    if e.0.errors.iter().any(|e| e.rule == Some(Rule::TakenInOffice)) {
        return t_string!(i18n, connectors.taken).to_owned();
    }
    error_words(i18n, e)
}

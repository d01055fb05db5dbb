//! `/o/:office/tasks/:id`: a task's whole life on one page (T15), and the panel beside Follow-up.

mod actions;
mod draft;
mod said;

use super::{
    error_words,
    here::Here,
    late::late,
    not_found::{Missing, NotFound},
    page::Top,
    unread::Unread,
};
use crate::components::{say, word};
use crate::{
    api::{ApiError, tasks::task_detail},
    browser,
    components::{
        history::{Attempts, History},
        instruction::{Others, Pieces, Steps},
        language::reading,
        status::{Pill, cause_words, kind_word},
        supported::{red_task, supported},
    },
    i18n::*,
};
use actions::Actions;
use domain::{TaskId, TaskState, moment::span};
use draft::Draft;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use said::Marks;
use views::{Expected, TaskDetail, TaskRow, Waiting};

/// The page.
#[component]
pub fn Task() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").and_then(|id| id.parse::<TaskId>().ok()));
    let back = Signal::derive(move || Some(format!("/o/{}/tasks", here.office.get())));
    let title = Signal::derive(move || t_string!(i18n, task.whole_life).to_owned());
    browser::on_key(browser::press);
    view! {
        <Title text=title />
        <div class="main">
            <Top title back />
            <main id="main" class="page" tabindex="-1">
                {move || match id.get() {
                    Some(id) => view! { <article class="dp life"><Detail id=Signal::derive(move || id) whole=true /></article> }.into_any(),
                    None => view! { <NotFound /> }.into_any(),
                }}
            </main>
        </div>
    }
}

late! { task: panel(id: Signal<TaskId>) = beside }

/// What Follow-up shows beside its list.
fn beside(id: Signal<TaskId>) -> impl IntoView {
    view! { <Detail id /> }
}

/// Fetches what opens on Follow-up before somebody wants it.
pub(super) fn fetch_panel() {
    #[cfg(target_family = "wasm")]
    crate::browser::when_idle(|| leptos::task::spawn_local(panel::fetch()));
}

/// All that is known of a task, and what a person may do to it.
#[component]
pub fn Detail(
    /// Which one.
    #[prop(into)]
    id: Signal<TaskId>,
    /// With attempts: the page of its own.
    #[prop(default = false)]
    whole: bool,
) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    // read again when this task changes, or another of its dossier: that may be what it waits for
    let dossier = RwSignal::new(String::new());
    let version = Memo::new(move |_| {
        let concerns = |r: &&TaskRow| r.id == id.get() || dossier.with(|d| *d == r.dossier_code);
        here.live
            .rows
            .with(|rows| rows.values().filter(concerns).map(|r| r.seq).max())
    });
    let detail = Resource::new_blocking(
        move || {
            (
                here.office.get(),
                id.get(),
                version.get(),
                here.reread.get(),
                here.live.stale.get(),
            )
        },
        |(office, id, ..)| task_detail(office, id),
    );
    let said = RwSignal::new(None::<Result<String, ApiError>>);
    let draft = Draft::new();
    Effect::new(move |before: Option<TaskId>| {
        let now = id.get();
        if before.is_some_and(|b| b != now) {
            said.set(None);
            draft.clear();
        }
        now
    });
    view! {
        <p class="said" role="status" class:vh=move || said.with(Option::is_none) class:wrong=move || said.with(|s| matches!(s, Some(Err(_))))>
            {say(move || said.get().map(|s| s.unwrap_or_else(|e| error_words(i18n, &e))).unwrap_or_default())}
        </p>
        <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
            {move || Suspend::new(async move {
                match detail.await {
                    Ok(d) => view! { <Known d said draft whole dossier /> }.into_any(),
                    Err(e) if whole && e.code() == "not_found" => view! { <Missing /> }.into_any(),
                    Err(e) => view! { <Unread e /> }.into_any(),
                }
            })}
        </Transition>
    }
}

type Said = RwSignal<Option<Result<String, ApiError>>>;

#[component]
fn Known(d: TaskDetail, said: Said, draft: Draft, whole: bool, dossier: RwSignal<String>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let id = d.row.id;
    let code = d.row.dossier_code.clone();
    Effect::new(move |_| dossier.set(code.clone()));
    Effect::new(|_| browser::arrive("#detail h2, .dp.life h2"));
    let heading = {
        let (cause, kind, package) = (
            d.row.cause.clone(),
            d.row.kind.clone(),
            d.instruction.as_ref().and_then(|i| i.package_name.clone()),
        );
        move || match (&cause, &package) {
            (Some(cause), Some(package)) => format!("{} · {package}", cause_words(cause)),
            (Some(cause), None) => cause_words(cause),
            _ => kind_word(i18n, &kind),
        }
    };
    let lead = d
        .instruction
        .as_ref()
        .map(|i| view! { <p class="lead"><Pieces pieces=i.cause.clone() /></p> });
    let again = d
        .again
        .then(|| view! { <p class="lead again">{word!(i18n, task.again)}</p> });
    let holds = d.holds.len();
    let holding = (d.row.state.is_stopped() && holds > 0)
        .then(|| view! { <p class="holds">{word!(i18n, task.holds, count = holds)}</p> });
    let life = (!whole).then(|| {
        view! { <a class="more" href=say(move || format!("/o/{}/tasks/{id}", here.office.get()))>{word!(i18n, task.whole_life)}</a> }
    });
    let attempts = (whole && !d.attempts.is_empty()).then(|| {
        view! { <section class="sec"><h3>{word!(i18n, task.attempts)}</h3><Attempts attempts=d.attempts.clone() /></section> }
    });
    view! {
        <div data-shown=id.to_string()>
            <Pill state=d.row.state cancel_asked=d.row.cancel_asked />
            <h2 tabindex="-1">{heading}</h2>
            {lead}
            {again}
        </div>
        <Marks d=d.clone() />
        <WhatToDo d=d.clone() said draft />
        {holding}
        <Waits d=d.clone() />
        <Facts d=d.clone() />
        {attempts}
        <section class="sec">
            <h3>{word!(i18n, task.history)}</h3>
            <History lines=d.history.clone() />
            {life}
        </section>
        <Technical d />
    }
}

/// The instruction with its buttons: who acts, the steps, the restart.
#[component]
fn WhatToDo(d: TaskDetail, said: Said, draft: Draft) -> impl IntoView {
    let i18n = use_i18n();
    let state = d.row.state;
    let instruction = d.instruction.clone();
    let steps = instruction
        .as_ref()
        .filter(|i| !i.steps.is_empty())
        .map(|i| i.steps.clone());
    let may = d.row.may_restart;
    let support = (state == TaskState::Failed).then(|| {
        // what an instruction says of Support holds only where there is one
        let after = instruction
            .as_ref()
            .filter(|_| supported())
            .and_then(|i| i.after.clone());
        match after {
            Some(pieces) => view! { <p class="calm"><Pieces pieces /></p> }.into_any(),
            None => view! { <p class="calm">{say(move || red_task(i18n, may).to_owned())}</p> }.into_any(),
        }
    });
    let has_actions = d.row.may_restart || d.may_cancel || d.may_undo || state.is_stopped();
    let version = instruction.as_ref().map_or(0, |i| i.version);
    let kept = format!("nw.steps.{}.{version}", d.row.id);
    let class = if state.is_stopped() {
        format!("todo {}", crate::components::status::tone(state))
    } else {
        "todo".to_owned()
    };
    (steps.is_some() || support.is_some() || has_actions).then(|| {
        view! {
            <section class=class aria-labelledby="what-to-do">
                <h3 id="what-to-do">{word!(i18n, task.what_to_do)}</h3>
                {steps.map(|steps| view! { <Steps steps kept=kept.clone() /> })}
                {instruction.clone().map(|instruction| view! { <Others instruction kept=kept /> })}
                {support}
                {instruction.as_ref().and_then(|i| i.escalate.clone()).map(|pieces| view! { <p class="escalate"><Pieces pieces /></p> })}
                <Actions d said draft instruction />
            </section>
        }
    })
}

/// Why a task waits, in words.
pub(super) fn waiting_words(i18n: I18n, w: &Waiting) -> String {
    let language = reading(i18n);
    let seconds = |s: u32| span(i64::from(s) * 1000, language);
    match w {
        Waiting::NextVisit { from: 0, to } => t_string!(i18n, wait.soon, to = seconds(*to)).to_string(),
        Waiting::NextVisit { from, to } => {
            t_string!(i18n, wait.next_visit, from = seconds(*from), to = seconds(*to)).to_string()
        }
        Waiting::DossierBusy(id) => t_string!(i18n, wait.dossier_busy, id = id.to_string()).to_string(),
        Waiting::HeldBy(id) => t_string!(i18n, wait.held, id = id.to_string()).to_string(),
        Waiting::Resting(s) => t_string!(i18n, wait.resting, time = seconds(*s)).to_string(),
        Waiting::GivenBack(s) => t_string!(i18n, reports.given_back, time = seconds(*s)).to_string(),
        Waiting::Behind(id) => t_string!(i18n, wait.behind, id = id.to_string()).to_string(),
        Waiting::ForEarlier => t_string!(i18n, wait.for_earlier).to_owned(),
        Waiting::NoConnector => t_string!(i18n, wait.no_connector).to_owned(),
        Waiting::Asleep(s) => t_string!(i18n, wait.asleep, time = seconds(*s)).to_string(),
        Waiting::OnHold => t_string!(i18n, wait.on_hold).to_owned(),
        Waiting::Closed => t_string!(i18n, wait.closed).to_owned(),
    }
}

/// When it is expected to be picked up, and what that is judged by (T16).
fn expected_words(i18n: I18n, e: Expected) -> String {
    let language = reading(i18n);
    let seconds = |s: u32| span(i64::from(s) * 1000, language);
    let mut words = vec![match e {
        Expected { from: 0, to, .. } => t_string!(i18n, wait.expected_soon, to = seconds(to)).to_string(),
        Expected { from, to, .. } => {
            t_string!(i18n, wait.expected, from = seconds(from), to = seconds(to)).to_string()
        }
    }];
    if e.ahead > 0 {
        words.push(t_string!(i18n, wait.ahead, count = e.ahead as usize).to_string());
    }
    if let Some(ms) = e.usual {
        words.push(t_string!(i18n, wait.usual, time = span(ms as i64, language)).to_string());
    }
    words.join(" ")
}

/// Why it waits, and that there is nothing to do about it (T4).
#[component]
fn Waits(d: TaskDetail) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (place, expected) = (d.place, d.expected);
    d.waiting.map(move |w| {
        let other = w.task();
        let calm = !matches!(
            w,
            Waiting::HeldBy(_) | Waiting::NoConnector | Waiting::Asleep(_)
        );
        // when is said once, with what it is judged by
        let said = matches!(w, Waiting::NextVisit { .. }) && expected.is_some();
        view! {
            <section class="waits" data-testid="waits">
                {match other {
                    Some(t) => view! { <p><a href=say(move || format!("/o/{}/tasks/{t}", here.office.get()))>{say(move || waiting_words(i18n, &w))}</a></p> }.into_any(),
                    None if said => ().into_any(),
                    None => view! { <p>{say(move || waiting_words(i18n, &w))}</p> }.into_any(),
                }}
                {expected.map(|e| view! { <p data-testid="expected">{say(move || expected_words(i18n, e))}</p> })}
                <p class="muted">
                    {place.map(|n| word!(i18n, wait.place, n = n))} " "
                    {calm.then(|| word!(i18n, wait.nothing_to_do))}
                </p>
            </section>
        }
    })
}

#[component]
fn Facts(d: TaskDetail) -> impl IntoView {
    let i18n = use_i18n();
    let row = d.row;
    let kind = row.kind.clone();
    let delivered = row.delivered;
    let here = expect_context::<Here>();
    let id = row.id;
    // as it was delivered
    let document = d.document.map(|name| {
        let file = name.clone();
        let address = say(move || format!("/api/desk/document/{}/{id}", here.office.get()));
        view! { <dt>{word!(i18n, document.file)}</dt><dd class="wrap"><a href=address download=file rel="external"><bdi>{name}</bdi></a></dd> }
    });
    view! {
        <section class="sec">
            <h3>{word!(i18n, task.facts)}</h3>
            <dl class="kv">
                <dt>{word!(i18n, task.number)}</dt>
                <dd class="num">{row.id.to_string()}</dd>
                <dt>{word!(i18n, task.kind)}</dt>
                <dd>{say(move || kind_word(i18n, &kind))}</dd>
                {row.subject.map(|s| view! { <dt>{word!(i18n, task.document)}</dt><dd class="wrap"><bdi>{s}</bdi></dd> })}
                {document}
                <dt>{word!(i18n, task.dossier)}</dt>
                <dd class="wrap"><bdi>{row.dossier_name}</bdi> " " <span class="code">{row.dossier_code}</span></dd>
                <dt>{word!(i18n, task.package)}</dt>
                <dd>{row.package}</dd>
                <dt>{word!(i18n, task.delivered)}</dt>
                <dd><time datetime=delivered.rfc3339()>{say(move || delivered.full(reading(i18n)))}</time></dd>
                {d.connector.map(|c| view! { <dt>{word!(i18n, task.connector)}</dt><dd>{c}</dd> })}
            </dl>
        </section>
    }
}

/// For Support: the code, its parameters, what the connector said.
#[component]
fn Technical(d: TaskDetail) -> impl IntoView {
    let i18n = use_i18n();
    // where nobody else looks, what the package said is all that there is to go by
    let open = d.row.may_restart && d.row.state == TaskState::Failed && !supported();
    d.failure_code.map(|code| {
        view! {
            <details open=open>
                <summary>{word!(i18n, task.technical)}</summary>
                <p class="code">{code}</p>
                <dl class="kv code">
                    {d.failure_params.into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd class="wrap">{value}</dd> }).collect_view()}
                </dl>
                {d.failure_detail.map(|detail| view! { <pre class="code">{detail}</pre> })}
            </details>
        }
    })
}

//! `/o/:office/tasks/:id`: a task's whole life on one page (T15), and the panel beside Follow-up.

use super::{
    error_words,
    not_found::{Missing, NotFound},
    office::{Here, Top},
};
use crate::components::{say, word};
use crate::{
    api::{
        ApiError,
        tasks::{cancel, correct, restart, restart_cause, task_detail},
    },
    browser,
    components::{
        history::{Attempts, History},
        icon::{Glyph, Icon},
        instruction::{Pieces, Steps},
        language::reading,
        status::{Pill, kind_word},
    },
    i18n::*,
};
use domain::{
    TaskId, TaskState,
    instruction::Rendered,
    moment::span,
    view::{TaskDetail, TaskRow, Waiting},
};
use leptos::{html, prelude::*};
use leptos_i18n::{I18nContext, t_string};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

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
    Effect::new(move |before: Option<TaskId>| {
        let now = id.get();
        if before.is_some_and(|b| b != now) {
            said.set(None);
        }
        now
    });
    view! {
        <p class="said" role="status" class:wrong=move || said.with(|s| matches!(s, Some(Err(_))))>
            {say(move || said.get().map(|s| s.unwrap_or_else(|e| error_words(i18n, &e))).unwrap_or_default())}
        </p>
        <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
            {move || Suspend::new(async move {
                match detail.await {
                    Ok(d) => view! { <Known d said whole dossier /> }.into_any(),
                    Err(e) if whole && e.code() == "not_found" => view! { <Missing /> }.into_any(),
                    Err(e) => view! { <p role="alert" class="wrong">{error_words(i18n, &e)}</p> }.into_any(),
                }
            })}
        </Transition>
    }
}

type Said = RwSignal<Option<Result<String, ApiError>>>;

#[component]
fn Known(d: TaskDetail, said: Said, whole: bool, dossier: RwSignal<String>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let id = d.row.id;
    let code = d.row.dossier_code.clone();
    Effect::new(move |_| dossier.set(code.clone()));
    let heading = {
        let (cause, kind, package) = (
            d.row.cause.clone(),
            d.row.kind.clone(),
            d.instruction.as_ref().and_then(|i| i.package_name.clone()),
        );
        move || match (&cause, &package) {
            (Some(cause), Some(package)) => format!("{cause} · {package}"),
            (Some(cause), None) => cause.clone(),
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
        <div>
            <Pill state=d.row.state cancel_asked=d.row.cancel_asked />
            <h2 tabindex="-1">{heading}</h2>
            {lead}
            {again}
        </div>
        <WhatToDo d=d.clone() said />
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
fn WhatToDo(d: TaskDetail, said: Said) -> impl IntoView {
    let i18n = use_i18n();
    let state = d.row.state;
    let instruction = d.instruction.clone();
    let steps = instruction
        .as_ref()
        .filter(|i| !i.steps.is_empty())
        .map(|i| i.steps.clone());
    let support = (state == TaskState::Failed).then(|| {
        let after = instruction.as_ref().and_then(|i| i.after.clone());
        match after {
            Some(pieces) => view! { <p class="calm"><Pieces pieces /></p> }.into_any(),
            None => view! { <p class="calm">{word!(i18n, task.with_support)}</p> }.into_any(),
        }
    });
    let has_actions = d.row.may_restart || d.may_cancel;
    let class = if state.is_stopped() {
        format!("todo {}", crate::components::status::tone(state))
    } else {
        "todo".to_owned()
    };
    (steps.is_some() || support.is_some() || has_actions).then(|| {
        view! {
            <section class=class aria-labelledby="what-to-do">
                <h3 id="what-to-do">{word!(i18n, task.what_to_do)}</h3>
                {steps.map(|steps| view! { <Steps steps /> })}
                {support}
                {instruction.as_ref().and_then(|i| i.escalate.clone()).map(|pieces| view! { <p class="escalate"><Pieces pieces /></p> })}
                <Actions d said instruction />
            </section>
        }
    })
}

#[component]
fn Actions(d: TaskDetail, said: Said, instruction: Option<Rendered>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let id = d.row.id;
    let done =
        move |r: Result<(), ApiError>| said.set(Some(r.map(|()| t_string!(i18n, task.restarted).to_owned())));
    let restarting =
        Action::new(move |()| async move { done(restart(here.office.get_untracked(), id).await) });
    let restarting_all = Action::new(move |()| async move {
        done(restart_cause(here.office.get_untracked(), id).await.map(|_| ()));
    });
    let may = d.row.may_restart;
    let editable = may && instruction.is_some_and(|i| i.editable.iter().any(|e| e == "dossier_code"));
    let same = d.same_cause;
    let busy = move || restarting.pending().get() || restarting_all.pending().get();
    let plain = (may && !editable).then(|| {
        view! {
            <button class="btn pri lg" aria-keyshortcuts="R" disabled=busy on:click=move |_| { restarting.dispatch(()); }>
                <Glyph icon=Icon::Restart />
                {word!(i18n, task.restart)}
                <kbd aria-hidden="true">"R"</kbd>
            </button>
        }
    });
    let all = (may && !editable && same > 1).then(|| {
        view! {
            <button class="btn lg" aria-keyshortcuts="Shift+R" disabled=busy on:click=move |_| { restarting_all.dispatch(()); }>
                {word!(i18n, tasks.restart_all, n = same)}
                <kbd aria-hidden="true">"Shift R"</kbd>
            </button>
        }
    });
    let correction = editable.then(|| view! { <Correction d=d.clone() said /> });
    let after = may.then(|| view! { <p class="after">{word!(i18n, task.after_restart)}</p> });
    let cancelling = d.may_cancel.then(|| view! { <Cancelling d=d.clone() said /> });
    view! {
        {correction}
        <div class="acts">{plain} {all} {cancelling}</div>
        {after}
    }
}

/// The right code and the restart in one step (T9).
#[component]
fn Correction(d: TaskDetail, said: Said) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let id = d.row.id;
    let suggested = d
        .failure_params
        .iter()
        .find(|(name, _)| name == "suggested_code")
        .map(|(_, v)| v.clone());
    let code = RwSignal::new(suggested.unwrap_or(d.row.dossier_code));
    let wrong = RwSignal::new(None::<String>);
    let saving = Action::new(move |()| async move {
        match correct(here.office.get_untracked(), id, code.get_untracked()).await {
            Ok(()) => said.set(Some(Ok(t_string!(i18n, task.restarted).to_owned()))),
            Err(e) => wrong.set(Some(error_words(i18n, &e))),
        }
    });
    view! {
        <form
            class="correct"
            on:submit=move |ev| {
                ev.prevent_default();
                wrong.set(None);
                saving.dispatch(());
            }
        >
            <label for="dossier-code">{word!(i18n, task.dossier_code)}</label>
            <span class="field">
                <input
                    id="dossier-code"
                    class="mono"
                    autocomplete="off"
                    maxlength="32"
                    aria-describedby="dossier-code-note"
                    aria-invalid=say(move || wrong.get().is_some().to_string())
                    prop:value=code
                    on:input=move |ev| code.set(event_target_value(&ev))
                />
            </span>
            <small id="dossier-code-note" class="wrong" role="alert">{wrong}</small>
            <button class="btn pri lg" disabled=move || saving.pending().get()>
                <Glyph icon=Icon::Restart />
                {word!(i18n, task.save_and_restart)}
            </button>
        </form>
    }
}

/// The cross, and the dialog that says what it means for the followers (T10).
#[component]
fn Cancelling(d: TaskDetail, said: Said) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let id = d.row.id;
    let dialog = NodeRef::<html::Dialog>::new();
    let followers = RwSignal::new(false);
    let activation = d.row.kind == "activate_dossier";
    let word = move || {
        if activation {
            t_string!(i18n, task.cancel_activation)
        } else {
            t_string!(i18n, task.cancel)
        }
    };
    let close = move || {
        if let Some(d) = dialog.get_untracked() {
            d.close();
        }
    };
    let cancelling = Action::new(move |()| async move {
        let r = cancel(here.office.get_untracked(), id, followers.get_untracked()).await;
        said.set(Some(r.map(|_| t_string!(i18n, state.cancelled).to_owned())));
    });
    let (kind, dossier) = (d.row.kind.clone(), d.row.dossier_name.clone());
    let title = move || {
        t_string!(
            i18n,
            task.cancel_title,
            kind = kind_word(i18n, &kind),
            dossier = dossier.clone()
        )
        .to_string()
    };
    let waiting = d.holds.clone();
    let choice = (!waiting.is_empty()).then(|| {
        let n = waiting.len();
        view! {
            <fieldset>
                <legend>{word!(i18n, task.cancel_followers, count = n)}</legend>
                <label><input type="radio" name="followers" checked on:change=move |_| followers.set(false) /> {word!(i18n, task.followers_release)}</label>
                <label><input type="radio" name="followers" on:change=move |_| followers.set(true) /> {word!(i18n, task.followers_cancel)}</label>
            </fieldset>
        }
    });
    let running = d.row.state == TaskState::Running;
    view! {
        <button
            class="btn lg ghost"
            aria-keyshortcuts="C"
            on:click=move |_| {
                if let Some(d) = dialog.get_untracked() {
                    // already open: nothing more to do
                    let _ = d.show_modal();
                }
            }
        >
            <Glyph icon=Icon::Cancel />
            {word}
        </button>
        <dialog node_ref=dialog aria-labelledby="cancel-title">
            <h2 id="cancel-title">{title}</h2>
            <p>{if running { word!(i18n, task.cancel_running) } else { word!(i18n, task.cancel_lead) }}</p>
            {choice}
            <div class="acts">
                <button class="btn pri lg" data-testid="confirm-cancel" on:click=move |_| { close(); cancelling.dispatch(()); }>{word}</button>
                <button class="btn lg" on:click=move |_| close()>{word!(i18n, task.keep)}</button>
            </div>
        </dialog>
    }
}

fn waiting_words(i18n: I18nContext<Locale>, w: &Waiting) -> String {
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
        Waiting::Behind(id) => t_string!(i18n, wait.behind, id = id.to_string()).to_string(),
        Waiting::ForEarlier => t_string!(i18n, wait.for_earlier).to_owned(),
        Waiting::NoConnector => t_string!(i18n, wait.no_connector).to_owned(),
    }
}

/// Why it waits, and that there is nothing to do about it (T4).
#[component]
fn Waits(d: TaskDetail) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let place = d.place;
    d.waiting.map(move |w| {
        let other = w.task();
        let calm = !matches!(w, Waiting::HeldBy(_) | Waiting::NoConnector);
        view! {
            <section class="waits" data-testid="waits">
                {match other {
                    Some(t) => view! { <p><a href=say(move || format!("/o/{}/tasks/{t}", here.office.get()))>{say(move || waiting_words(i18n, &w))}</a></p> }.into_any(),
                    None => view! { <p>{say(move || waiting_words(i18n, &w))}</p> }.into_any(),
                }}
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
    view! {
        <section class="sec">
            <h3>{word!(i18n, task.facts)}</h3>
            <dl class="kv">
                <dt>{word!(i18n, task.number)}</dt>
                <dd class="num">{row.id.to_string()}</dd>
                <dt>{word!(i18n, task.kind)}</dt>
                <dd>{say(move || kind_word(i18n, &kind))}</dd>
                {row.subject.map(|s| view! { <dt>{word!(i18n, task.document)}</dt><dd class="wrap">{s}</dd> })}
                <dt>{word!(i18n, task.dossier)}</dt>
                <dd class="wrap">{row.dossier_name} " " <span class="code">{row.dossier_code}</span></dd>
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
    d.failure_code.map(|code| {
        view! {
            <details>
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

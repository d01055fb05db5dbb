//! What stopped in a dossier and what to do about it, then what waits, or that there is nothing to do (T12, M18).

use super::{Around, head::last_done};
use crate::{
    api::{dossiers::activate_again, tasks::restart},
    components::{
        icon::{Glyph, Icon},
        instruction::{Pieces, Steps},
        language::reading,
        say,
        standing::StandingShape,
        status::{Shape, Word, kind_word, tone},
        supported::red_task,
        word,
    },
    i18n::*,
    pages::{here::Here, task::waiting_words},
};
use domain::{TaskId, TaskState, moment::span};
use leptos::prelude::*;
use views::{
    TaskRow, Waiting,
    clients::{ClientLine, Standing, StoppedCause},
};

/// The tab.
#[component]
pub(super) fn Monitoring(
    line: ClientLine,
    stopped: Vec<StoppedCause>,
    waiting: Vec<(TaskRow, Option<Waiting>)>,
    now: i64,
    around: Around,
) -> impl IntoView {
    let i18n = use_i18n();
    let stage = line.standing;
    let calm = match stage {
        Standing::Starting | Standing::Off | Standing::Archived => {
            Some(view! { <Stage id=line.id standing=stage around /> }.into_any())
        }
        _ => (stopped.is_empty() && waiting.is_empty()).then(|| view! { <Calm line now /> }.into_any()),
    };
    let queue = (!waiting.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="waiting" data-testid="waiting">
                <h3 id="waiting">{word!(i18n, dossier.waiting)}</h3>
                <p class="note">{word!(i18n, dossier.waiting_note)}</p>
                <ul class="lines">{waiting.into_iter().map(|(row, why)| view! { <Queued row why /> }).collect_view()}</ul>
            </section>
        }
    });
    let causes = (!stopped.is_empty()).then(|| {
        let cause = |(i, cause)| view! { <Cause cause first=i == 0 now around /> };
        view! { <div class="causes">{stopped.into_iter().enumerate().map(cause).collect_view()}</div> }
    });
    view! { <h2 class="vh">{word!(i18n, dossier.monitoring)}</h2> {causes} {calm} {queue} }
}

/// Why nobody works in the dossier, and the way on.
#[component]
fn Stage(id: i64, standing: Standing, around: Around) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let again = Action::new(move |()| async move {
        let done = activate_again(here.office.get_untracked(), id).await;
        let words = done.map(|()| t_string!(i18n, dossiers.again_said).to_owned());
        around.said.set(Some(words));
        around.again.update(|n| *n += 1);
    });
    let button = (standing == Standing::Off).then(|| {
        view! {
            <div>
                <button type="button" class="btn pri" disabled=again.pending() on:click=move |_| { again.dispatch(()); }>{word!(i18n, dossiers.again)}</button>
            </div>
        }
    });
    let title = say(move || {
        match standing {
            Standing::Starting => t_string!(i18n, dossiers.starting_title),
            Standing::Off => t_string!(i18n, dossiers.off_title),
            _ => t_string!(i18n, dossiers.archived_title),
        }
        .to_owned()
    });
    let more = say(move || {
        match standing {
            Standing::Starting => t_string!(i18n, dossiers.starting_more),
            Standing::Off => t_string!(i18n, dossiers.off_more),
            _ => t_string!(i18n, dossiers.archived_more),
        }
        .to_owned()
    });
    view! {
        <section class="card calm" data-testid="stage">
            <h3>
                <StandingShape standing />
                {title}
            </h3>
            <p class="soft">{more}</p>
            {button}
        </section>
    }
}

/// Nothing to do, in words.
#[component]
fn Calm(line: ClientLine, now: i64) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let done = last_done(&line);
    let last = move || match done() {
        Some(at) => {
            let time = span(here.live.now.get().max(now) - at, reading(i18n));
            t_string!(i18n, dossier.last_done, time = time).to_string()
        }
        None => t_string!(i18n, dossier.none_done).to_owned(),
    };
    view! {
        <section class="card calm" data-testid="calm">
            <h3>
                <StandingShape standing=Standing::Flow />
                {word!(i18n, dossier.all_done)}
            </h3>
            <p class="soft">{word!(i18n, dossier.nothing)} " " {say(last)}</p>
        </section>
    }
}

/// Tasks that stopped with one cause: what to do, once, and the restart of each.
#[component]
fn Cause(cause: StoppedCause, first: bool, now: i64, around: Around) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let StoppedCause { instruction, tasks } = cause;
    let (state, key_of) = (tasks[0].state, tasks[0].cause_key.clone());
    let title = tasks[0].cause.clone().unwrap_or_default();
    let editable = instruction.as_ref().is_some_and(|i| !i.editable.is_empty());
    let restarting = Action::new(move |ids: &Vec<TaskId>| {
        let ids = ids.clone();
        async move {
            let mut done = 0;
            for id in ids {
                match restart(here.office.get_untracked(), id).await {
                    Ok(()) => done += 1,
                    Err(e) => return around.said.set(Some(Err(e))),
                }
            }
            let words = t_string!(i18n, dossier.restarted, count = done).to_string();
            around.said.set(Some(Ok(words)));
        }
    });
    let may = |t: &TaskRow| t.may_restart && !editable;
    let ids: Vec<TaskId> = tasks.iter().filter(|t| may(t)).map(|t| t.id).collect();
    let n = ids.len();
    let all = (n > 1).then(|| {
        let ids = ids.clone();
        view! {
            <button type="button" class="btn sm" disabled=restarting.pending() on:click=move |_| { restarting.dispatch(ids.clone()); }>
                <Glyph icon=Icon::Restart />
                {word!(i18n, tasks.restart_all, n = n)}
            </button>
        }
    });
    let mine = tasks.iter().any(|t| t.may_restart);
    let support = (state == TaskState::Failed)
        .then(|| view! { <p class="lead">{say(move || red_task(i18n, mine).to_owned())}</p> });
    let lead = instruction
        .as_ref()
        .map(|i| view! { <p class="lead"><Pieces pieces=i.cause.clone() /></p> });
    let steps = instruction
        .filter(|i| !i.steps.is_empty())
        .map(|i| view! { <Steps steps=i.steps /> });
    let line = |(i, row): (usize, TaskRow)| {
        let (id, mine) = (row.id, may(&row));
        let key = (first && i == 0).then_some("R");
        let button = mine.then(|| {
            view! {
                <button
                    type="button"
                    class="btn sm"
                    aria-label=say(move || t_string!(i18n, dossier.restart_one, id = id.to_string()).to_string())
                    aria-keyshortcuts=key
                    disabled=restarting.pending()
                    on:click=move |_| { restarting.dispatch(vec![id]); }
                >
                    <Glyph icon=Icon::Restart />
                    {word!(i18n, task.restart)}
                </button>
            }
        });
        let open = editable.then(|| {
            view! { <a class="btn sm" href=say(move || format!("/o/{}/tasks?task={id}", here.office.get()))>{word!(i18n, dossier.open_task)}</a> }
        });
        view! { <TaskLine row now>{button} {open}</TaskLine> }
    };
    view! {
        <section class=format!("todo {}", tone(state)) data-cause=key_of>
            <header>
                <Shape state />
                <h3>{title}</h3>
                {all}
            </header>
            {lead}
            {support}
            {steps}
            <ul class="lines">{tasks.into_iter().enumerate().map(line).collect_view()}</ul>
        </section>
    }
}

/// One task: how it stands, what it is about, since when.
#[component]
pub(super) fn TaskLine(
    row: TaskRow,
    now: i64,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (id, state, since) = (row.id, row.state, row.since);
    let kind = row.kind;
    let cause = row.cause.unwrap_or_default();
    let words = move || {
        if cause.is_empty() {
            None
        } else {
            Some(cause.clone())
        }
    };
    view! {
        <li data-task=id.to_string() data-state=state.key()>
            <Shape state />
            <a href=say(move || format!("/o/{}/tasks/{id}", here.office.get()))>
                <span class="vh"><Word state /> ": "</span>
                <b>{say(move || kind_word(i18n, &kind))}</b>
                " "
                <span class="code">{row.subject.unwrap_or_default()}</span>
            </a>
            <span class="why">{words().map_or_else(|| view! { <Word state /> }.into_any(), IntoAny::into_any)}</span>
            <time class="muted" datetime=since.rfc3339() title=say(move || since.full(reading(i18n)))>
                {say(move || span(here.live.now.get().max(now) - since.at, reading(i18n)))}
            </time>
            {children.map(|c| c())}
        </li>
    }
}

/// A task that runs or waits, and why.
#[component]
fn Queued(row: TaskRow, why: Option<Waiting>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (id, state) = (row.id, row.state);
    let kind = row.kind;
    let why = match why {
        Some(why) => view! { <span class="why">{say(move || waiting_words(i18n, &why))}</span> }.into_any(),
        None => view! { <span class="why"><Word state /></span> }.into_any(),
    };
    view! {
        <li data-task=id.to_string() data-state=state.key()>
            <Shape state />
            <a href=say(move || format!("/o/{}/tasks/{id}", here.office.get()))>
                <span class="vh"><Word state /> ": "</span>
                <b>{say(move || kind_word(i18n, &kind))}</b>
                " "
                <span class="code">{row.subject.unwrap_or_default()}</span>
            </a>
            {why}
        </li>
    }
}

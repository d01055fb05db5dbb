//! `/o/:office/tasks`: Follow-up of tasks. Left the status, right the instruction (T14). The address is the filter.

use super::{
    error_words,
    not_found::Missing,
    office::{Here, Top},
    task::Detail,
};
use crate::components::{say, word};
use crate::{
    api::{
        ApiError,
        tasks::{restart_cause, tasks},
    },
    browser,
    components::{
        icon::{Glyph, Icon},
        status::{Shape, Word},
        task_row::Line,
    },
    i18n::*,
};
use domain::{
    TaskId, TaskState,
    view::{TaskList, TaskRow},
};
use leptos::prelude::*;
use leptos_i18n::t_string;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};
use std::collections::HashSet;

/// What the address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    states: Vec<TaskState>,
    text: String,
    task: Option<TaskId>,
}

impl Asked {
    /// Nonsense in an address is left out; nothing left means the default: failed and action required.
    fn read(query: &ParamsMap) -> Self {
        let named = query.get("status").unwrap_or_default();
        let mut states: Vec<TaskState> = named.split(',').filter_map(TaskState::from_key).collect();
        if states.is_empty() {
            states = vec![TaskState::Failed, TaskState::ActionRequired];
        }
        Self {
            states,
            text: query.get("q").unwrap_or_default(),
            task: query.get("task").and_then(|t| t.parse().ok()),
        }
    }

    fn status(&self) -> String {
        self.states.iter().map(|s| s.key()).collect::<Vec<_>>().join(",")
    }

    fn address(&self, office: &str) -> String {
        let mut address = format!("/o/{office}/tasks?status={}", self.status());
        if !self.text.is_empty() {
            address.push_str(&format!("&q={}", domain::text::for_url(&self.text)));
        }
        if let Some(task) = self.task {
            address.push_str(&format!("&task={task}"));
        }
        address
    }

    fn toggled(&self, state: TaskState) -> Self {
        let mut states = self.states.clone();
        match states.iter().position(|s| *s == state) {
            Some(i) if states.len() > 1 => drop(states.remove(i)),
            Some(_) => {}
            None => states.push(state),
        }
        Self {
            states,
            ..self.clone()
        }
    }
}

/// The page.
#[component]
pub fn Tasks() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(Asked::read));
    let reload = RwSignal::new(0u32);
    let filter = Memo::new(move |_| asked.with(|a| (a.states.clone(), a.text.clone())));
    let list = Resource::new_blocking(
        move || {
            (
                here.office.get(),
                filter.get(),
                reload.get(),
                here.reread.get(),
                here.live.stale.get(),
            )
        },
        |(office, (states, text), ..)| tasks(office, states, text),
    );
    let shown = RwSignal::new(HashSet::<TaskId>::new());
    let new = Memo::new(move |_| {
        let states = filter.get().0;
        here.live.rows.with(|rows| {
            shown.with(|shown| {
                rows.values()
                    .filter(|r| !shown.contains(&r.id) && states.contains(&r.state))
                    .count()
            })
        })
    });
    let selected = Memo::new(move |_| asked.get().task);
    let back = Signal::derive(move || {
        selected.get().map(|_| {
            Asked {
                task: None,
                ..asked.get()
            }
            .address(&here.office.get())
        })
    });
    let title = Signal::derive(move || t_string!(i18n, tasks.title).to_owned());
    view! {
        <Title text=title />
        <div class="main">
            <Top title back new show=move |()| reload.update(|n| *n += 1) />
            <main id="main" class="page flush" tabindex="-1">
                <div class="split" class:chosen=move || selected.get().is_some()>
                    <div class="lp">
                        <FilterBar asked list />
                        <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
                            {move || Suspend::new(async move {
                                match list.await {
                                    Ok(list) => view! { <Listed list asked shown /> }.into_any(),
                                    Err(e) if e.code() == "not_found" => view! { <Missing /> }.into_any(),
                                    Err(e) => view! { <p role="alert" class="wrong pad">{error_words(i18n, &e)}</p> }.into_any(),
                                }
                            })}
                        </Transition>
                    </div>
                    <aside class="dp" id="detail" aria-label=word!(i18n, tasks.detail)>
                        {move || match selected.get() {
                            Some(_) => view! { <Detail id=Signal::derive(move || selected.get().unwrap_or(TaskId(0))) /> }.into_any(),
                            None => view! { <p class="muted choose">{word!(i18n, tasks.choose)}</p> }.into_any(),
                        }}
                    </aside>
                </div>
            </main>
        </div>
    }
}

#[component]
fn FilterBar(asked: Memo<Asked>, list: Resource<Result<TaskList, ApiError>>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let chip = move |state: TaskState, counted: bool| {
        let href = say(move || asked.get().toggled(state).address(&here.office.get()));
        let on = move || asked.get().states.contains(&state);
        let word = move || match state {
            TaskState::Failed => view! { {word!(i18n, state.failed_chip)} }.into_any(),
            _ => view! { <Word state /> }.into_any(),
        };
        view! {
            <a class="chip" role="button" aria-pressed=say(move || on().to_string()) href=href data-noscroll data-chip=state.key()>
                {word}
                {counted.then(|| view! { <Number state list /> })}
            </a>
        }
    };
    let navigate = use_navigate();
    let search = move |ev| {
        let text = event_target_value(&ev);
        let address = Asked {
            text,
            ..asked.get_untracked()
        }
        .address(&here.office.get_untracked());
        navigate(
            &address,
            NavigateOptions {
                replace: true,
                scroll: false,
                ..Default::default()
            },
        );
    };
    view! {
        <form class="bar fb" role="search" method="get">
            <label class="field search">
                <Glyph icon=Icon::Search />
                <span class="vh">{word!(i18n, tasks.search)}</span>
                <input type="search" name="q" maxlength="200" prop:value=move || asked.get().text value=asked.get_untracked().text on:change=search placeholder=word!(i18n, tasks.search) />
            </label>
            <input type="hidden" name="status" value=say(move || asked.with(Asked::status)) />
            <div class="chipset" role="group" aria-label=word!(i18n, tasks.filter)>
                {chip(TaskState::Failed, true)} {chip(TaskState::ActionRequired, true)} {chip(TaskState::Queued, true)} {chip(TaskState::Running, true)}
                {chip(TaskState::Succeeded, false)} {chip(TaskState::Cancelled, false)}
            </div>
        </form>
    }
}

/// How many tasks stand in a state: what the stream last told, or what the page was read with.
#[component]
fn Number(state: TaskState, list: Resource<Result<TaskList, ApiError>>) -> impl IntoView {
    let here = expect_context::<Here>();
    view! {
        <span class="num">
            <Suspense>
                {move || {
                    let told = here.live.counts.get();
                    Suspend::new(async move {
                        let counts = match told {
                            Some(counts) => Some(counts),
                            None => list.await.ok().map(|l| l.counts),
                        };
                        counts.unwrap_or_default().of(state).to_string()
                    })
                }}
            </Suspense>
        </span>
    }
}

/// Lines of one cause, or of one state.
struct Group {
    state: TaskState,
    cause: Option<String>,
    rows: Vec<TaskRow>,
}

fn groups(rows: Vec<TaskRow>, support: bool) -> Vec<Group> {
    let mut groups: Vec<(String, Group)> = vec![];
    for row in rows {
        let key = if row.state.is_stopped() {
            format!("{}{}", row.state.key(), row.cause_key)
        } else {
            row.state.key().to_owned()
        };
        match groups.iter_mut().find(|(k, _)| *k == key) {
            Some((_, g)) => g.rows.push(row),
            None => groups.push((
                key,
                Group {
                    state: row.state,
                    cause: row.cause.clone(),
                    rows: vec![row],
                },
            )),
        }
    }
    // the reader's own turn comes first, then the other's, then nobody's
    let turn = |s: TaskState| match s {
        TaskState::ActionRequired => u8::from(support),
        TaskState::Failed => u8::from(!support),
        TaskState::Running => 2,
        TaskState::Queued => 3,
        _ => 4,
    };
    groups.sort_by_key(|(_, g)| turn(g.state));
    groups.into_iter().map(|(_, g)| g).collect()
}

#[component]
fn Listed(list: TaskList, asked: Memo<Asked>, shown: RwSignal<HashSet<TaskId>>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    shown.set(list.rows.iter().map(|r| r.id).collect());
    let (more, n) = (list.more, list.rows.len());
    let groups = groups(list.rows, list.support);
    let order: Vec<TaskId> = groups.iter().flat_map(|g| g.rows.iter().map(|r| r.id)).collect();
    let navigate = use_navigate();
    browser::on_key(move |key, shift| {
        let step = match key {
            "j" | "J" | "ArrowDown" => 1,
            "k" | "K" | "ArrowUp" => -1,
            _ => return browser::press(key, shift),
        };
        let at = asked
            .get_untracked()
            .task
            .and_then(|t| order.iter().position(|o| *o == t));
        let to = at.map_or(0, |i| (i as i64 + step).clamp(0, order.len() as i64 - 1) as usize);
        if let Some(task) = order.get(to) {
            let address = Asked {
                task: Some(*task),
                ..asked.get_untracked()
            }
            .address(&here.office.get_untracked());
            navigate(
                &address,
                NavigateOptions {
                    replace: true,
                    scroll: false,
                    ..Default::default()
                },
            );
        }
    });
    if groups.is_empty() {
        let default = asked.get_untracked().text.is_empty()
            && asked.get_untracked().states.iter().all(|s| s.is_stopped());
        return view! {
            <div class="empty">
                {if default {
                    view! {
                        <h2><Shape state=TaskState::Succeeded /> {word!(i18n, tasks.nothing_title)}</h2>
                        <p class="soft">{word!(i18n, tasks.nothing)}</p>
                    }.into_any()
                } else {
                    view! { <p class="soft">{word!(i18n, tasks.no_match)}</p> }.into_any()
                }}
            </div>
        }
        .into_any();
    }
    view! {
        <h2 class="vh">{word!(i18n, nav.tasks)}</h2>
        {groups.into_iter().map(|group| view! { <Grouped group asked /> }).collect_view()}
        {more.then(|| view! { <p class="muted pad">{word!(i18n, tasks.more, n = n)}</p> })}
    }
    .into_any()
}

#[component]
fn Grouped(group: Group, asked: Memo<Asked>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let Group { state, cause, rows } = group;
    let first = rows[0].clone();
    let tasks = rows.len();
    let dossiers = rows.iter().map(|r| &r.dossier_code).collect::<HashSet<_>>().len();
    let restarting = Action::new(move |id: &TaskId| {
        let id = *id;
        // what became of each line shows on the lines themselves
        async move { drop(restart_cause(here.office.get_untracked(), id).await) }
    });
    let all = (first.may_restart && tasks > 1).then(|| {
        view! {
            <button type="button" class="btn sm r" disabled=restarting.pending() on:click=move |_| { restarting.dispatch(first.id); }>
                <Glyph icon=Icon::Restart />
                {word!(i18n, tasks.restart_all, n = tasks)}
            </button>
        }
    });
    let heading = match cause {
        Some(cause) => cause.into_any(),
        None => view! { <Word state /> }.into_any(),
    };
    let package = state
        .is_stopped()
        .then(|| view! { {first.package.clone()} " · " });
    view! {
        <section class="grp">
            <header>
                <Shape state />
                <h3>{heading}</h3>
                <span class="muted">
                    {package} {word!(i18n, tasks.in_tasks, count = tasks)} " "
                    {word!(i18n, tasks.in_dossiers, count = dossiers)}
                </span>
                {all}
            </header>
            <ul>
                {rows
                    .into_iter()
                    .map(|base| {
                        let id = base.id;
                        let row = Memo::new(move |_| {
                            let later = here.live.rows.with(|rows| rows.get(&id).filter(|r| r.seq > base.seq).cloned());
                            later.unwrap_or_else(|| base.clone())
                        });
                        let href = Signal::derive(move || Asked { task: Some(id), ..asked.get() }.address(&here.office.get()));
                        let selected = Signal::derive(move || asked.with(|a| a.task == Some(id)));
                        let gone = Signal::derive(move || asked.with(|a| !a.states.contains(&row.with(|r| r.state))));
                        view! { <Line row href selected gone now=here.live.now /> }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}

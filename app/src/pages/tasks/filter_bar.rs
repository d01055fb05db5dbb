//! The filter of Follow-up (T13): words, states, and the rest behind a button. A plain form, so that it works before
//! the page is live.

use super::{Asked, Board};
use crate::components::{say, word};
use crate::{
    api::ApiError,
    components::{
        export::Export,
        icon::{Glyph, Icon},
        status::{Word, kind_word},
    },
    i18n::*,
    pages::here::Here,
};
use domain::{
    TaskState,
    filter::{Age, TaskFilter},
};
use leptos::prelude::*;
use views::{Choices, TaskList};

type Read<T> = Resource<Result<T, ApiError>>;

/// The bar. It gives way to the work on many while lines are chosen.
#[component]
pub fn FilterBar(board: Board, list: Read<TaskList>, choices: Read<Choices>) -> impl IntoView {
    let i18n = use_i18n();
    let asked = board.asked;
    let chip = move |state: TaskState, counted: bool| {
        let href = say(move || board.href(|a| a.filter = a.filter.toggled(state)));
        let on = move || asked.with(|a| a.filter.shown().contains(&state));
        let word = move || match state {
            TaskState::Failed => view! { {word!(i18n, state.failed_chip)} }.into_any(),
            _ => view! { <Word state /> }.into_any(),
        };
        view! {
            <a class="chip" aria-current=move || on().then_some("true") href=href data-noscroll data-chip=state.key()>
                {word}
                {counted.then(|| view! { <Number state list /> })}
            </a>
        }
    };
    let search = move |ev| {
        let text = event_target_value(&ev);
        board.show(|a| a.filter.text = text);
    };
    view! {
        <form class="bar fb" role="search" method="get" on:submit=|ev| ev.prevent_default() class:hidden=move || board.many.get() && board.picked.with(|p| !p.ids.is_empty())>
            <label class="field search">
                <Glyph icon=Icon::Search />
                <span class="vh">{word!(i18n, tasks.search)}</span>
                <input type="search" name="q" maxlength="200" prop:value=move || asked.get().filter.text value=asked.get_untracked().filter.text on:change=search placeholder=word!(i18n, tasks.search) />
            </label>
            <input type="hidden" name="status" value=say(move || asked.with(|a| a.filter.shown().iter().map(|s| s.key()).collect::<Vec<_>>().join(","))) />
            <div class="chipset" role="group" aria-label=word!(i18n, tasks.filter)>
                {chip(TaskState::Failed, true)} {chip(TaskState::ActionRequired, true)} {chip(TaskState::Queued, true)} {chip(TaskState::Running, true)}
                {chip(TaskState::Succeeded, false)} {chip(TaskState::Cancelled, false)}
            </div>
            <details class="filters">
                <summary class="chip">
                    <Glyph icon=Icon::Filter />
                    {word!(i18n, tasks.more_filters)}
                </summary>
                <div class="card">
                    <Suspense>{move || Suspend::new(async move { choices.await.ok().map(|choices| view! { <More board choices /> }) })}</Suspense>
                </div>
            </details>
            <Export list="tasks" office=board.office filter=Signal::derive(move || asked.with(|a| a.filter.query())) />
        </form>
        <Suspense>{move || Suspend::new(async move { choices.await.ok().map(|choices| view! { <Tokens board choices /> }) })}</Suspense>
    }
}

/// How many tasks stand in a state: what the stream last told, or what the page was read with.
#[component]
fn Number(state: TaskState, list: Read<TaskList>) -> impl IntoView {
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

type Getter = fn(&TaskFilter) -> String;
type Setter = fn(&mut TaskFilter, String);

/// One thing that a filter can ask for beside words and states.
#[derive(Clone, Copy)]
struct Part {
    name: &'static str,
    get: Getter,
    set: Setter,
}

const PARTS: [Part; 6] = [
    Part {
        name: "dossier",
        get: |f| f.dossier.clone(),
        set: |f, v| f.dossier = v,
    },
    Part {
        name: "package",
        get: |f| f.package.clone(),
        set: |f, v| f.package = v,
    },
    Part {
        name: "kind",
        get: |f| f.kind.clone(),
        set: |f, v| f.kind = v,
    },
    Part {
        name: "code",
        get: |f| f.code.clone(),
        set: |f, v| f.code = v,
    },
    Part {
        name: "connector",
        get: |f| f.connector.map(|c| c.to_string()).unwrap_or_default(),
        set: |f, v| f.connector = v.parse().ok(),
    },
    Part {
        name: "age",
        get: |f| f.age.map_or("", Age::key).to_owned(),
        set: |f, v| f.age = Age::from_key(&v),
    },
];

fn part_word(i18n: I18n, name: &str) -> String {
    match name {
        "dossier" => t_string!(i18n, task.dossier),
        "package" => t_string!(i18n, task.package),
        "kind" => t_string!(i18n, task.kind),
        "code" => t_string!(i18n, tasks.code),
        "connector" => t_string!(i18n, task.connector),
        _ => t_string!(i18n, tasks.age),
    }
    .to_owned()
}

fn age_word(i18n: I18n, age: &str) -> String {
    match Age::from_key(age) {
        Some(Age::Hour) => t_string!(i18n, tasks.older_hour),
        Some(Age::Day) => t_string!(i18n, tasks.older_day),
        Some(Age::Week) => t_string!(i18n, tasks.older_week),
        None => "",
    }
    .to_owned()
}

/// What a value reads as.
fn value_word(i18n: I18n, choices: &Choices, name: &str, value: &str) -> String {
    let found = match name {
        "package" => choices
            .packages
            .iter()
            .find(|(k, _)| k == value)
            .map(|(_, n)| n.clone()),
        "kind" => Some(kind_word(i18n, value)),
        "connector" => choices
            .connectors
            .iter()
            .find(|(id, _)| id.to_string() == value)
            .map(|(_, n)| n.clone()),
        "age" => Some(age_word(i18n, value)),
        _ => None,
    };
    found.unwrap_or_else(|| value.to_owned())
}

/// The fields behind the button.
#[component]
fn More(board: Board, choices: Choices) -> impl IntoView {
    let i18n = use_i18n();
    let asked = board.asked;
    let known = StoredValue::new(choices.clone());
    let field = move |part: Part, options: Vec<String>| {
        let now = move || asked.with(|a| (part.get)(&a.filter));
        let options = options
            .into_iter()
            .map(|value| {
                let (chosen, shown) = (value.clone(), value.clone());
                view! {
                    <option value=value selected=move || now() == chosen>
                        {say(move || known.with_value(|c| value_word(i18n, c, part.name, &shown)))}
                    </option>
                }
            })
            .collect_view();
        view! {
            <label class="line-field">
                <span>{say(move || part_word(i18n, part.name))}</span>
                <span class="field">
                    <select name=part.name prop:value=now on:change=move |ev| { let v = event_target_value(&ev); board.show(|a| (part.set)(&mut a.filter, v)); }>
                        <option value="">{word!(i18n, tasks.any)}</option>
                        {options}
                    </select>
                </span>
            </label>
        }
    };
    let [dossier, package, kind, code, connector, age] = PARTS;
    let of = |list: &[(String, String)]| list.iter().map(|(k, _)| k.clone()).collect::<Vec<_>>();
    let (packages, kinds, codes) = (
        of(&choices.packages),
        choices.kinds.clone(),
        choices.codes.clone(),
    );
    let connectors: Vec<String> = choices.connectors.iter().map(|(id, _)| id.to_string()).collect();
    let ages = Age::ALL.iter().map(|a| a.key().to_owned()).collect();
    view! {
        <label class="line-field">
            <span>{word!(i18n, task.dossier)}</span>
            <span class="field">
                <input
                    name="dossier"
                    maxlength="32"
                    autocomplete="off"
                    prop:value=move || asked.with(|a| (dossier.get)(&a.filter))
                    on:change=move |ev| { let v = event_target_value(&ev); board.show(|a| (dossier.set)(&mut a.filter, v.trim().to_owned())); }
                />
            </span>
        </label>
        {field(package, packages)} {field(kind, kinds)} {field(code, codes)} {field(connector, connectors)} {field(age, ages)}
    }
}

/// What the filter asks for beside words and states, each with a cross that takes it away.
#[component]
fn Tokens(board: Board, choices: Choices) -> impl IntoView {
    let i18n = use_i18n();
    let choices = StoredValue::new(choices);
    let shown = move || {
        PARTS
            .into_iter()
            .filter_map(|part| {
                let value = board.asked.with(|a| (part.get)(&a.filter));
                if value.is_empty() {
                    return None;
                }
                let href = board.href(|a| (part.set)(&mut a.filter, String::new()));
                let words = say(move || {
                    let value = choices.with_value(|c| value_word(i18n, c, part.name, &value));
                    format!("{}: {value}", part_word(i18n, part.name))
                });
                Some(view! {
                    <li>
                        <a class="chip token" href=href data-noscroll data-token=part.name>
                            {words}
                            <span class="vh">{word!(i18n, tasks.take_away)}</span>
                            <Glyph icon=Icon::Cancel />
                        </a>
                    </li>
                })
            })
            .collect_view()
    };
    let any = move || {
        board
            .asked
            .with(|a| PARTS.iter().any(|p| !(p.get)(&a.filter).is_empty()))
    };
    let clear = move || {
        board.href(|a| {
            *a = Asked {
                filter: TaskFilter::default(),
                rows: super::FIRST,
                ..Asked::default()
            };
        })
    };
    move || {
        any().then(|| {
            view! {
                <div class="bar fb tokens">
                    <ul class="bar" aria-label=word!(i18n, tasks.filter_is)>{shown}</ul>
                    <a href=clear data-noscroll>{word!(i18n, tasks.clear)}</a>
                </div>
            }
        })
    }
}

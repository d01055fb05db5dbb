//! The lines of Follow-up: by cause where they are stopped, by state where not. Lines change where they stand and
//! never move by themselves; more come at the end.

use super::{
    Board,
    bulk_bar::begin,
    groups::{Group, Key, groups, order, pick},
    stretch::{STRETCH, Stretch},
};
use crate::components::{say, word};
use crate::{
    api::{bulk::look_at_bulk, tasks::tasks},
    browser,
    components::{
        icon::{Glyph, Icon},
        status::{Shape, Word, cause_words},
    },
    i18n::*,
    pages::{begin::ToBegin, error_words, here::Here},
};
use domain::{TaskId, TaskState};
use leptos::prelude::*;
use std::{collections::HashSet, sync::Arc};
use views::{
    TaskList, TaskRow,
    bulk::{Verb, Which},
};

/// The list as it was read, and what is read after it.
#[component]
pub fn Listed(list: TaskList, board: Board, more: More) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let support = list.support;
    let empty = list.rows.is_empty();
    let read_at = list.now;
    let now = here.live.now.get_untracked().max(read_at);
    // the stream may have told of a line after it was read
    board.lines.update_value(std::collections::HashMap::clear);
    board.rows.set(list.rows.into_iter().map(Arc::new).collect());
    board.next.set(list.next);
    board.support.set(support);
    let grouped = Memo::new(move |_| board.rows.with(|rows| groups(rows, support, now)));
    walk(board, grouped);
    browser::on_print(move |printing| board.printing.set(printing));
    if empty && list.next.is_none() {
        return view! { <Nothing board /> }.into_any();
    }
    view! {
        <h2 class="vh">{word!(i18n, nav.tasks)}</h2>
        <For each=move || grouped.get() key=|g| g.key.clone() let:group>
            <Grouped key=group.key cause=group.cause package=group.package grouped board read_at />
        </For>
        <Further board more />
    }
    .into_any()
}

/// J and K walk along the lines, X chooses. (Escape is the frame's.)
fn walk(board: Board, grouped: Memo<Vec<Group>>) {
    let order = move || grouped.with_untracked(|g| order(g));
    browser::on_key(move |key, shift| {
        let task = board.asked.get_untracked().task;
        let step = match key {
            "j" | "J" | "ArrowDown" => 1,
            "k" | "K" | "ArrowUp" => -1,
            "x" | "X" => {
                if let Some(task) = task {
                    pick(board, &order(), task, shift);
                }
                return;
            }
            // on a button or a link it is theirs
            "Enter" if browser::nothing_focused() => {
                if let Some(task) = task {
                    browser::to_panel(&task.to_string());
                }
                return;
            }
            _ => return press_for(board, task, key, shift),
        };
        let order = order();
        let at = task.and_then(|t| order.iter().position(|o| *o == t));
        let to = at.map_or(0, |i| (i as i64 + step).clamp(0, order.len() as i64 - 1) as usize);
        if let Some(task) = order.get(to) {
            board.show(|a| a.task = Some(*task));
            browser::reveal(&format!("li.tr[data-task='{task}']"));
        }
    });
}

/// A key is for the task that is chosen: it waits until the panel shows that one, and not the one before.
fn press_for(board: Board, task: Option<TaskId>, key: &str, shift: bool) {
    browser::press_when(key, shift, move || {
        let now = board.asked.try_get_untracked()?.task;
        let shown = now.is_none_or(|id| browser::shown_in_panel(&id.to_string()));
        (now == task).then_some(shown)
    });
}

/// Nothing to show: nothing to do, or nothing that matches (M18).
#[component]
fn Nothing(board: Board) -> impl IntoView {
    let i18n = use_i18n();
    if board.asked.with_untracked(|a| a.filter.is_default()) {
        view! {
            <div class="empty">
                <h2><Shape state=TaskState::Succeeded /> {word!(i18n, tasks.nothing_title)}</h2>
                <p class="soft">{word!(i18n, tasks.nothing)}</p>
                <ToBegin />
            </div>
        }
        .into_any()
    } else {
        let default = say(move || format!("/o/{}/tasks", board.office.get()));
        view! {
            <div class="empty">
                <p class="soft">{word!(i18n, tasks.no_match)}</p>
                <p><a href=default data-noscroll>{word!(i18n, tasks.clear)}</a></p>
            </div>
        }
        .into_any()
    }
}

/// Reading the next page. It lives as long as the page: the list may be read anew meanwhile.
#[derive(Clone, Copy)]
pub struct More {
    reading: Action<(), ()>,
    failed: RwSignal<String>,
}

impl More {
    pub fn new(board: Board) -> Self {
        let i18n = use_i18n();
        let failed = RwSignal::new(String::new());
        let reading = Action::new(move |()| async move {
            let (asked, office) = (board.asked.get_untracked(), board.office.get_untracked());
            let mut after = board.next.get_untracked();
            let found = loop {
                let found = tasks(office.clone(), asked.filter.clone(), after, super::FURTHER).await;
                // a list that was read again meanwhile ends elsewhere, or has no more
                match board.next.try_get_untracked() {
                    Some(next) if next == after => break found,
                    Some(Some(next)) => after = Some(next),
                    _ => return,
                }
            };
            match found {
                Ok(list) => {
                    failed.set(String::new());
                    board.rows.update(|rows| {
                        let shown: HashSet<TaskId> = rows.iter().map(|r| r.id).collect();
                        rows.extend(
                            list.rows
                                .into_iter()
                                .filter(|r| !shown.contains(&r.id))
                                .map(Arc::new),
                        );
                    });
                    board.next.set(list.next);
                    let rows = board.rows.with_untracked(Vec::len) as u32;
                    board.show(|a| a.rows = rows);
                }
                Err(e) => failed.set(error_words(i18n, &e)),
            }
        });
        Self { reading, failed }
    }
}

/// The way to the next page, which is put at the end.
#[component]
fn Further(board: Board, more: More) -> impl IntoView {
    let i18n = use_i18n();
    let More { reading, failed } = more;
    move || {
        board.next.get().map(|_| {
            view! {
                <p class="further">
                    <button type="button" class="btn" disabled=reading.pending() on:click=move |_| { reading.dispatch(()); }>
                        {word!(i18n, tasks.further)}
                    </button>
                    <span class="wrong" role="alert">{failed}</span>
                </p>
            }
        })
    }
}

#[component]
fn Grouped(
    key: Key,
    cause: Option<String>,
    package: String,
    grouped: Memo<Vec<Group>>,
    board: Board,
    read_at: i64,
) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (_, off, state, _) = key.clone();
    let before = grouped.with_untracked(|all| {
        let groups = all.iter().take_while(|g| g.key != key);
        groups.map(|g| g.rows.len()).sum::<usize>()
    });
    let rows = Memo::new(move |_| {
        grouped.with(|all| {
            all.iter()
                .find(|g| g.key == key)
                .map(|g| g.rows.clone())
                .unwrap_or_default()
        })
    });
    let tasks = Memo::new(move |_| rows.with(Vec::len));
    let stretches = Memo::new(move |_| tasks.get().div_ceil(STRETCH));
    let dossiers = Memo::new(move |_| {
        rows.with(|r| {
            r.iter()
                .map(|r| r.dossier_code.as_str())
                .collect::<HashSet<_>>()
                .len()
        })
    });
    let taken = rows.with_untracked(|r| r.first().and_then(|r| r.taken.clone()));
    let may_restart = rows.with_untracked(|r| r.first().is_some_and(|r| r.may_restart)) && !off;
    // lines that the stream has told of since stand here as they were read
    let still = Memo::new(move |_| -> Vec<TaskId> {
        here.live.rows.with(|told| {
            let now = |r: &TaskRow| {
                told.get(&r.id)
                    .filter(|t| t.seq > r.seq)
                    .map_or(r.state, |t| t.state)
            };
            rows.with(|rows| rows.iter().filter(|r| now(r) == state).map(|r| r.id).collect())
        })
    });
    let refused = RwSignal::new(String::new());
    let restarting = Action::new(move |ids: &Vec<TaskId>| {
        let ids = ids.clone();
        async move {
            let (verb, which) = (Verb::Restart, Which::These(ids));
            let begun = match look_at_bulk(board.office.get_untracked(), verb, which.clone()).await {
                Ok(counted) => begin(board, verb, which, counted, String::new()).await,
                Err(e) => Err(e),
            };
            match begun {
                Ok(()) => refused.set(String::new()),
                Err(e) => refused.set(error_words(i18n, &e)),
            }
        }
    });
    let count = Memo::new(move |_| still.with(Vec::len));
    // many a group has a button of these words: its heading says which
    let named = rows.with_untracked(|r| r.first().map(|r| format!("group-{}", r.id)));
    let described = named.clone();
    let all = move || {
        let described = described.clone();
        (may_restart && count.get() > 1).then(|| {
            view! {
                <button type="button" class="btn sm r" aria-describedby=described disabled=restarting.pending() on:click=move |_| { restarting.dispatch(still.get_untracked()); }>
                    <Glyph icon=Icon::Restart />
                    {word!(i18n, tasks.restart_all, n = count.get())}
                </button>
            }
        })
    };
    let heading = match cause {
        Some(cause) => cause_words(&cause).into_any(),
        None => view! { <Word state /> }.into_any(),
    };
    let package = state.is_stopped().then(|| view! { {package} " · " });
    // one task is in one dossier: the line below names it
    let spread = move || {
        (tasks.get() > 1).then(|| view! { " " {word!(i18n, tasks.in_dossiers, count = dossiers.get())} })
    };
    let taken = taken.map(|who| view! { " · " {word!(i18n, tasks.taken, who = who.clone())} });
    let off = off.then(|| view! { <span class="pill soft">{word!(i18n, tasks.put_off)}</span> });
    view! {
        <section class="grp">
            <header>
                <Shape state />
                <h3 id=named>{heading}</h3>
                {off}
                <span class="muted">
                    {package} {word!(i18n, tasks.in_tasks, count = tasks.get())} {spread} {taken}
                </span>
                {all}
            </header>
            <p class="wrong" role="alert">{refused}</p>
            <For each=move || 0..stretches.get() key=|n| *n let:n>
                <Stretch rows n before grouped board read_at />
            </For>
        </section>
    }
}

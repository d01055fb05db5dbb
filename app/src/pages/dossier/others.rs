//! The tabs of a dossier that look back: its tasks, its activation, what people changed.

use super::{Around, monitoring::TaskLine};
use crate::{
    components::{language::reading, say, word},
    i18n::*,
    pages::here::Here,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use views::{
    TaskRow,
    clients::{ChangeLine, DossierTab},
};

/// Tasks, newest first.
#[component]
pub(super) fn Tasks(
    rows: Vec<TaskRow>,
    more: bool,
    tab: DossierTab,
    now: i64,
    around: Around,
) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let activation = tab == DossierTab::Activation;
    let later = use_query_map().with_untracked(|q| q.get("before").is_some()) && !activation;
    let last = rows.last().map(|r| r.id);
    let older = last.filter(|_| more).map(|last| {
        let href = say(move || around.address(&here.office.get(), DossierTab::Tasks, Some(last)));
        view! { <a class="btn sm" href=href>{word!(i18n, dossier.older)}</a> }
    });
    let newest = later.then(|| {
        let href = say(move || around.address(&here.office.get(), DossierTab::Tasks, None));
        view! { <a class="btn sm" href=href>{word!(i18n, dossier.newest)}</a> }
    });
    let pager = (more || later).then(|| view! { <div class="pager">{newest} {older}</div> });
    let none = rows.is_empty().then(|| {
        let words = if activation {
            word!(i18n, dossier.no_activation)
        } else {
            word!(i18n, dossier.no_tasks)
        };
        view! { <p class="note pad">{words}</p> }
    });
    let heading = if activation {
        word!(i18n, dossier.activation)
    } else {
        word!(i18n, dossier.task_list)
    };
    view! {
        <section class="card" aria-labelledby="listed" data-testid="tasks">
            <h2 id="listed" class="vh">{heading}</h2>
            {none}
            <ul class="lines">{rows.into_iter().map(|row| view! { <TaskLine row now /> }).collect_view()}</ul>
            {pager}
        </section>
    }
}

/// The word for what a person did; its key for a verb that has no word here.
fn verb(i18n: I18n, what: &str) -> String {
    match what {
        "restart" => t_string!(i18n, dossier.did_restart),
        "undo_restart" => t_string!(i18n, dossier.did_undo_restart),
        "confirm" => t_string!(i18n, confirm.happened),
        "correct" => t_string!(i18n, dossier.did_correct),
        "cancel" => t_string!(i18n, dossier.did_cancel),
        "hand_over" => t_string!(i18n, dossier.did_hand_over),
        "urgent" => t_string!(i18n, dossier.did_urgent),
        "snooze" => t_string!(i18n, dossier.did_snooze),
        "add_manager" => t_string!(i18n, dossier.did_add_manager),
        "remove_manager" => t_string!(i18n, dossier.did_remove_manager),
        "activate_dossier" => t_string!(i18n, dossier.did_activate_dossier),
        "rename_dossier" => t_string!(i18n, dossier.did_rename_dossier),
        "archive_dossier" => t_string!(i18n, dossier.did_archive_dossier),
        "restore_dossier" => t_string!(i18n, dossier.did_restore_dossier),
        other => return other.replace('_', " "),
    }
    .to_owned()
}

/// A stored value in the reader's words: states have some, the rest stands as it is.
fn value(i18n: I18n, value: &str) -> String {
    match domain::TaskState::from_key(value) {
        Some(state) => crate::components::status::state_word(i18n, state).to_owned(),
        None if value.is_empty() => "–".to_owned(),
        None => value.to_owned(),
    }
}

/// What people changed, newest first.
#[component]
pub(super) fn Changes(lines: Vec<ChangeLine>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let none = lines
        .is_empty()
        .then(|| view! { <p class="note pad">{word!(i18n, dossier.no_changes)}</p> });
    let line = move |c: ChangeLine| {
        let (what, at) = (c.what, c.at);
        let task = c.task.map(|id| {
            let words = say(move || t_string!(i18n, dossier.task, id = id.to_string()).to_string());
            view! { " · " <a href=say(move || format!("/o/{}/tasks/{id}", here.office.get()))>{words}</a> }
        });
        let change = (c.before.is_some() || c.after.is_some()).then(|| {
            let (before, after) = (c.before.unwrap_or_default(), c.after.unwrap_or_default());
            view! { <span class="muted">{say(move || format!("{} → {}", value(i18n, &before), value(i18n, &after)))}</span> }
        });
        view! {
            <li>
                <span>
                    <b class="b">{say(move || verb(i18n, &what))}</b>
                    " · "
                    {c.who.unwrap_or_else(|| "Nachtwacht".to_owned())}
                    {task}
                </span>
                <time class="muted" datetime=at.rfc3339()>{say(move || at.full(reading(i18n)))}</time>
                {change}
            </li>
        }
    };
    view! {
        <section class="card" aria-labelledby="changes" data-testid="changes">
            <h2 id="changes" class="vh">{word!(i18n, dossier.history)}</h2>
            {none}
            <ul class="changes">{lines.into_iter().map(line).collect_view()}</ul>
        </section>
    }
}

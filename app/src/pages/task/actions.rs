//! What a person may do to the task in the panel: restart and undo, correct, cancel, pass on, urgent, not now.

use super::{
    Said,
    draft::Draft,
    said::{PassOn, PutOff, Urgent},
};
use crate::components::{say, word};
use crate::{
    api::{
        ApiError,
        tasks::{cancel, confirm, correct, restart, restart_cause, undo_restart},
    },
    components::{
        dialog::{DialogRef, close, show},
        icon::{Glyph, Icon},
        status::kind_word,
    },
    i18n::*,
    pages::{error_words, here::Here},
};
use domain::{
    TaskState,
    instruction::{CONFIRM, Rendered},
};
use leptos::prelude::*;
use views::{Held, TaskDetail};

/// The buttons below the steps.
#[component]
pub fn Actions(d: TaskDetail, said: Said, draft: Draft, instruction: Option<Rendered>) -> impl IntoView {
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
    let offers = |what: &str| {
        may && instruction
            .as_ref()
            .is_some_and(|i| i.editable.iter().any(|e| e == what))
    };
    let (editable, confirmable) = (offers("dossier_code"), offers(CONFIRM));
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
    let confirming = Action::new(move |()| async move {
        let r = confirm(here.office.get_untracked(), id).await;
        said.set(Some(r.map(|()| t_string!(i18n, confirm.done).to_owned())));
    });
    let code = d.failure_code.clone().unwrap_or_default();
    let none = confirmable.then(|| {
        view! {
            <button class="btn lg" data-testid="confirm" disabled=move || busy() || confirming.pending().get() on:click=move |_| { confirming.dispatch(()); }>
                <Glyph icon=Icon::Tasks />
                {say(move || none_words(i18n, &code).to_owned())}
            </button>
        }
    });
    let undoing = Action::new(move |()| async move {
        let r = undo_restart(here.office.get_untracked(), id).await;
        said.set(Some(r.map(|()| t_string!(i18n, task.undone).to_owned())));
    });
    let undo = d.may_undo.then(|| {
        view! {
            <button class="btn lg" aria-keyshortcuts="Z" disabled=undoing.pending() on:click=move |_| { undoing.dispatch(()); }>
                {word!(i18n, task.undo)}
                <kbd aria-hidden="true">"Z"</kbd>
            </button>
        }
    });
    let others = d.row.state.is_stopped().then(|| {
        view! {
            <div class="others">
                <PassOn d=d.clone() said draft /> <Urgent d=d.clone() said draft /> <PutOff d=d.clone() said draft />
            </div>
        }
    });
    let correction = editable.then(|| view! { <Correction d=d.clone() said draft /> });
    let after = may.then(|| view! { <p class="after">{word!(i18n, task.after_restart)}</p> });
    let cancelling = d
        .may_cancel
        .then(|| view! { <Cancelling d=d.clone() said draft /> });
    view! {
        {correction}
        <div class="acts">{undo} {plain} {none} {all} {cancelling}</div>
        {after}
        {others}
    }
}

/// How a person says that a failure is none.
fn none_words(i18n: I18n, code: &str) -> &'static str {
    match code.rsplit('.').next() {
        Some("buyer_differs") => t_string!(i18n, confirm.ours),
        Some("double_booking") => t_string!(i18n, confirm.another),
        Some("advance_invoice") => t_string!(i18n, confirm.advance),
        _ => t_string!(i18n, confirm.other),
    }
}

/// The right code and the restart in one step (T9).
#[component]
fn Correction(d: TaskDetail, said: Said, draft: Draft) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let id = d.row.id;
    let suggested = d
        .failure_params
        .iter()
        .find(|(name, _)| name == "suggested_code")
        .map(|(_, v)| v.clone());
    let proposed = suggested.unwrap_or(d.row.dossier_code);
    let wrong = draft.wrong_code;
    let code = Memo::new(move |_| draft.code.get().unwrap_or_else(|| proposed.clone()));
    let saving = Action::new(move |()| async move {
        match correct(here.office.get_untracked(), id, code.get_untracked()).await {
            Ok(()) => {
                draft.code.set(None);
                said.set(Some(Ok(t_string!(i18n, task.restarted).to_owned())));
            }
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
                    on:input=move |ev| draft.code.set(Some(event_target_value(&ev)))
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
fn Cancelling(d: TaskDetail, said: Said, draft: Draft) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let id = d.row.id;
    let dialog = DialogRef::new();
    let followers = draft.followers;
    let activation = d.row.kind == "activate_dossier";
    let word = move || {
        if activation {
            t_string!(i18n, task.cancel_activation)
        } else {
            t_string!(i18n, task.cancel)
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
    let (held, n) = (d.held, d.holds.len());
    let choice = (n > 0).then(|| {
        let line = |h: Held| {
            let subject = h.subject.map(|s| view! { " · " <bdi>{s}</bdi> });
            view! { <li>{say(move || kind_word(i18n, &h.kind))} {subject}</li> }
        };
        view! {
            <fieldset>
                <legend>{word!(i18n, task.cancel_followers, count = n)}</legend>
                <ul>{held.into_iter().map(line).collect_view()}</ul>
                <label><input type="radio" name="followers" prop:checked=move || !followers.get() on:change=move |_| followers.set(false) /> {word!(i18n, task.followers_release)}</label>
                <label><input type="radio" name="followers" prop:checked=followers on:change=move |_| followers.set(true) /> {word!(i18n, task.followers_cancel)}</label>
            </fieldset>
        }
    });
    let running = d.row.state == TaskState::Running;
    view! {
        <button
            class="btn lg ghost"
            aria-keyshortcuts="C"
            on:click=move |_| show(dialog)
        >
            <Glyph icon=Icon::Cancel />
            {word}
        </button>
        <dialog node_ref=dialog aria-labelledby="cancel-title">
            <h2 id="cancel-title">{title}</h2>
            <p>{if running { word!(i18n, task.cancel_running) } else { word!(i18n, task.cancel_lead) }}</p>
            {choice}
            <div class="acts">
                <button class="btn pri lg" data-testid="confirm-cancel" on:click=move |_| { close(dialog); cancelling.dispatch(()); }>{word}</button>
                <button class="btn lg" on:click=move |_| close(dialog)>{word!(i18n, task.keep)}</button>
            </div>
        </dialog>
    }
}

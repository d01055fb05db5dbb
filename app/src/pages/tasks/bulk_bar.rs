//! Work on many tasks at once (T18): what is chosen, what would be done, how far it is, what was refused.

use super::{Board, Picked};
use crate::components::{say, word};
use crate::{
    api::{
        ApiError,
        bulk::{bulk_progress, look_at_bulk, start_bulk, stop_bulk},
    },
    browser,
    components::{
        dialog::{DialogRef, close, show},
        icon::{Glyph, Icon},
        supported::supported,
    },
    i18n::*,
    pages::{error_words, late::late},
};
use leptos::prelude::*;
use views::bulk::{Outlook, Progress, Verb, Which};

late! { task:
    bar(board: Board) = chosen,
    watched(board: Board) = progress,
}

fn verb_word(i18n: I18n, verb: Verb, n: u32) -> String {
    match verb {
        Verb::Restart => t_string!(i18n, bulk.restart, count = n).to_string(),
        Verb::Cancel => t_string!(i18n, bulk.cancel, count = n).to_string(),
        Verb::ToSupport if !supported() => t_string!(i18n, alone.pass).to_owned(),
        Verb::ToSupport => t_string!(i18n, bulk.to_support, count = n).to_string(),
        Verb::ToOffice => t_string!(i18n, bulk.to_office, count = n).to_string(),
    }
}

/// The tasks that are chosen now.
fn which(board: Board) -> Which {
    let picked = board.picked.get_untracked();
    if picked.all {
        Which::Matching(board.asked.get_untracked().filter)
    } else {
        let mut ids: Vec<_> = picked.ids.into_iter().collect();
        ids.sort_unstable();
        Which::These(ids)
    }
}

/// Begins work on many, and shows how far it is.
///
/// # Errors
/// As the server refuses it: then nothing is begun.
pub async fn begin(
    board: Board,
    verb: Verb,
    which: Which,
    counted: Outlook,
    note: String,
) -> Result<(), ApiError> {
    let progress = start_bulk(board.office.get_untracked(), verb, which, counted, note).await?;
    board.show(|a| a.bulk = Some(progress.id));
    Ok(())
}

/// Stands in the place of the filter while lines are chosen.
fn chosen(board: Board) -> impl IntoView {
    let i18n = use_i18n();
    Effect::new(move |_| board.many.set(true));
    let dialog = DialogRef::new();
    let asking = RwSignal::new(Verb::Restart);
    let outlook = RwSignal::new(None::<Result<Outlook, ApiError>>);
    let looking = Action::new(move |verb: &Verb| {
        let (verb, which) = (*verb, which(board));
        asking.set(verb);
        outlook.set(None);
        async move {
            outlook.set(Some(
                look_at_bulk(board.office.get_untracked(), verb, which).await,
            ));
            show(dialog);
        }
    });
    let n = move || board.picked.with(|p| p.ids.len());
    let more = move || {
        board.next.with(Option::is_some).then(|| {
            let all = board.picked.with(|p| p.all);
            view! {
                <label class="all">
                    <input type="checkbox" prop:checked=all on:change=move |ev| { let on = event_target_checked(&ev); board.picked.update(|p| p.all = on); } />
                    {word!(i18n, bulk.all_matching)}
                </label>
            }
        })
    };
    let button = move |verb: Verb| {
        view! {
            <button type="button" class="btn sm" class:hidden=move || verb == Verb::ToOffice && !board.support.get() data-bulk=verb.key() disabled=looking.pending() on:click=move |_| { looking.dispatch(verb); }>
                {say(move || short_word(i18n, verb))}
            </button>
        }
    };
    let shown = move || {
        board.rows.with_untracked(|rows| {
            rows.iter()
                .map(|r| r.id)
                .collect::<std::collections::HashSet<_>>()
        })
    };
    view! {
        <div class="bar fb many" role="region" aria-label=word!(i18n, bulk.title) class:hidden=move || n() == 0>
            <b role="status">{say(move || if board.picked.with(|p| p.all) { t_string!(i18n, bulk.all_chosen).to_owned() } else { t_string!(i18n, bulk.chosen, count = n()).to_string() })}</b>
            <button type="button" class="btn sm ghost" on:click=move |_| board.picked.update(|p| p.ids = shown())>{word!(i18n, bulk.all_shown)}</button>
            {more}
            {Verb::ALL.map(button).into_iter().collect_view()}
            <button type="button" class="btn sm ghost" data-escape=move || (n() > 0).then_some("") on:click=move |_| board.picked.set(Picked::default())>{word!(i18n, bulk.none)}</button>
        </div>
        <Ask board dialog verb=asking outlook />
    }
}

fn short_word(i18n: I18n, verb: Verb) -> String {
    match verb {
        Verb::Restart => t_string!(i18n, bulk.restart_short),
        Verb::Cancel => t_string!(i18n, bulk.cancel_short),
        Verb::ToSupport if !supported() => t_string!(i18n, alone.pass),
        Verb::ToSupport => t_string!(i18n, bulk.to_support_short),
        Verb::ToOffice => t_string!(i18n, bulk.to_office_short),
    }
    .to_owned()
}

/// What would be done, before it is: the number stands on the button.
#[component]
fn Ask(
    board: Board,
    dialog: DialogRef,
    verb: RwSignal<Verb>,
    outlook: RwSignal<Option<Result<Outlook, ApiError>>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let note = RwSignal::new(String::new());
    let wrong = RwSignal::new(String::new());
    let starting = Action::new(move |()| {
        let (verb, which) = (verb.get_untracked(), which(board));
        async move {
            let counted = outlook.get_untracked().and_then(Result::ok).unwrap_or_default();
            match begin(board, verb, which, counted, note.get_untracked()).await {
                Ok(()) => {
                    close(dialog);
                    wrong.set(String::new());
                    note.set(String::new());
                    board.picked.set(Picked::default());
                }
                Err(e) => wrong.set(error_words(i18n, &e)),
            }
        }
    });
    let can = move || outlook.with(|o| o.as_ref().and_then(|o| o.as_ref().ok()).map_or(0, |o| o.can));
    let cannot = move || outlook.with(|o| o.as_ref().and_then(|o| o.as_ref().ok()).map_or(0, |o| o.cannot));
    let failed = move || {
        outlook.with(|o| match o {
            Some(Err(e)) => error_words(i18n, e),
            Some(Ok(o)) if o.too_many => t_string!(i18n, bulk.too_many).to_owned(),
            _ => wrong.get(),
        })
    };
    let slowly = move || verb.get() == Verb::Restart && can() > 20;
    let said = move || verb.get() != Verb::Restart;
    view! {
        <dialog node_ref=dialog aria-labelledby="bulk-title" class="ask">
            <h2 id="bulk-title">{say(move || verb_word(i18n, verb.get(), can()))}</h2>
            <p class="soft" class:hidden=move || cannot() == 0>{say(move || t_string!(i18n, bulk.cannot, count = cannot()).to_string())}</p>
            <p class="soft" class:hidden=move || !slowly()>{word!(i18n, bulk.slowly)}</p>
            <label class="line-field" class:hidden=move || !said()>
                <span>{word!(i18n, bulk.note)}</span>
                <textarea rows="3" maxlength="1000" prop:value=note on:input=move |ev| note.set(event_target_value(&ev))></textarea>
            </label>
            <p class="wrong" role="alert">{say(failed)}</p>
            <div class="acts">
                <button type="button" class="btn pri lg" data-testid="confirm-bulk" disabled=move || can() == 0 || starting.pending().get() on:click=move |_| { starting.dispatch(()); }>
                    {say(move || verb_word(i18n, verb.get(), can()))}
                </button>
                <button type="button" class="btn lg" on:click=move |_| close(dialog)>{word!(i18n, app.close)}</button>
            </div>
        </dialog>
    }
}

/// How far the work is that the address names. It is in the address, so that it is still there after a reload.
fn progress(board: Board) -> impl IntoView {
    let i18n = use_i18n();
    let progress = RwSignal::new(None::<Progress>);
    let id = Memo::new(move |_| board.asked.with(|a| a.bulk));
    let over = RwSignal::new(false);
    let looking = Action::new(move |asked: &i64| {
        let asked = *asked;
        async move {
            let answer = bulk_progress(board.office.get_untracked(), asked).await;
            // the address may name another by now
            if id.get_untracked() != Some(asked) {
                return;
            }
            match answer {
                Ok(now) => {
                    over.set(now.ended);
                    progress.set(Some(now));
                }
                // what was told last stands until it can be asked again
                Err(e) => over.set(matches!(e.code(), "not_found" | "forbidden" | "unauthenticated")),
            }
        }
    });
    let stopping = Action::new(move |asked: &i64| {
        let asked = *asked;
        async move {
            // refused: the next look tells why
            if let Ok(now) = stop_bulk(board.office.get_untracked(), asked).await {
                over.set(now.ended);
                progress.set(Some(now));
            }
        }
    });
    Effect::new(move |_| {
        over.set(false);
        progress.set(None);
        if let Some(id) = id.get() {
            looking.dispatch(id);
        }
    });
    browser::every(1000, move || {
        let due = !over.get_untracked() && !looking.pending().get_untracked();
        if let Some(id) = id.get_untracked().filter(|_| due) {
            looking.dispatch(id);
        }
    });
    let refused = move |p: &Progress| {
        let lines = p.refused.iter().map(|(task, about, code)| {
            let href = board.href(|a| a.task = Some(*task));
            view! {
                <li>
                    <a href=href data-noscroll>{task.to_string()}</a> " " {about.clone()} " · "
                    {match code.as_str() {
                        "wrong_state" => word!(i18n, error.stale),
                        "forbidden" => word!(i18n, error.forbidden),
                        _ => word!(i18n, error.not_found),
                    }}
                </li>
            }
        });
        let n = p.refused_total;
        (n > 0).then(|| {
            view! { <details><summary>{word!(i18n, bulk.refused, count = n)}</summary><ul>{lines.collect_view()}</ul></details> }
        })
    };
    move || {
        progress.get().map(|p| {
            let (done, total, ended) = (p.done, p.total, p.ended);
            let end = board.href(|a| a.bulk = None);
            let id = p.id;
            let hint = (!ended).then(|| {
                view! {
                    <span class="soft">{word!(i18n, bulk.going_on)}</span> " "
                    <button type="button" class="btn sm" data-testid="stop-bulk" disabled=stopping.pending() on:click=move |_| { stopping.dispatch(id); }>{word!(i18n, bulk.stop)}</button>
                }
            });
            view! {
                <section class="watched" data-testid="bulk" data-ended=ended.to_string()>
                    <p role="status">
                        <b>{word!(i18n, bulk.done, n = done, total = total)}</b> " " {hint}
                    </p>
                    <progress max=total.to_string() value=(done + p.refused_total).to_string() aria-label=word!(i18n, bulk.title)></progress>
                    {refused(&p)}
                    <a class="btn sm ghost icon" href=end data-noscroll aria-label=word!(i18n, app.close)><Glyph icon=Icon::Cancel /></a>
                </section>
            }
        })
    }
}

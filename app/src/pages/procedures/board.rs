//! A procedure as a board: what is to do, created, checked, and where the old one is gone (J2, J9); or what was put off
//! (J24).

use super::{
    super::{
        follow::follow_jobs,
        profile::{Said, SaidLine},
        refusals::why_not,
    },
    Desk,
    cards::OneCard,
    line_title,
    postpone::MovedTable,
};
use crate::{
    api::procedures::{board, take_step, undo_procedure},
    components::{
        dialog::{DialogRef, close, show},
        language::reading,
        say, word,
    },
    i18n::*,
    pages::here::Here,
};
use domain::job::JobId;
use leptos::prelude::*;
use std::collections::HashMap;
use views::procedures::{Board, Card, Done, Move, Obstacle, ProcedureKind, Step, day_words};

/// The board as first read; it is read again in place.
#[component]
pub fn OneBoard(board: Board) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let id = board.line.id;
    let kind = board.line.kind;
    let said = Said::default();
    let again = RwSignal::new(0u32);
    let data = RwSignal::new(board);
    follow_jobs(data, again, move |office| self::board(office, id));
    let left = RwSignal::new(HashMap::<JobId, Obstacle>::new());
    let told = move |done: Result<Done, crate::api::ApiError>| {
        match done {
            Ok(done) => {
                left.set(done.left.iter().cloned().collect());
                said.set(match done.left.len() {
                    0 => Some(Ok(
                        t_string!(i18n, procedures.came_on, count = done.done).to_string()
                    )),
                    n => Some(Err(t_string!(
                        i18n,
                        procedures.some_left,
                        done = done.done,
                        left = n
                    )
                    .to_string())),
                });
            }
            Err(e) => said.set(Some(Err(why_not(i18n, &e)))),
        }
        again.update(|n| *n += 1);
    };
    let moves = Action::new(move |(jobs, step): &(Vec<JobId>, Move)| {
        let (jobs, step) = (jobs.clone(), *step);
        async move {
            said.set(None);
            told(take_step(here.office.get_untracked(), id, jobs, step).await);
        }
    });
    let undoing = Action::new(move |()| async move {
        said.set(None);
        told(undo_procedure(here.office.get_untracked(), id).await);
    });
    provide_context(Desk { data, left, moves });
    let over = Memo::new(move |_| data.with(|d| d.line.ended.is_some()));
    let title = say(move || data.with(|d| line_title(i18n, &d.line)));
    let facts = say(move || {
        data.with(|d| {
            let mut said = vec![
                t_string!(
                    i18n,
                    procedures.begun,
                    by = d.line.by.clone(),
                    at = d.line.at.full(reading(i18n))
                )
                .to_string(),
            ];
            if let Some(agreed) = &d.line.agreed {
                said.push(t_string!(i18n, procedures.agreed_by, name = agreed.clone()).to_string());
            }
            if let Some(at) = d.line.ended {
                let at = at.full(reading(i18n));
                said.push(if d.line.undone {
                    t_string!(i18n, procedures.s_undone, at = at).to_string()
                } else {
                    t_string!(i18n, procedures.s_done, at = at).to_string()
                });
            }
            said.join(" · ")
        })
    });
    let dialog = DialogRef::new();
    view! {
        <section class="card board-head" aria-labelledby="procedure-title">
            <header>
                <div class="grow">
                    <h2 id="procedure-title">{title}</h2>
                    <p class="muted">{facts}</p>
                </div>
                <div class="r">
                    {move || (!over.get()).then(|| view! {
                        <button type="button" class="btn" data-testid="undo-all" disabled=undoing.pending() on:click=move |_| show(dialog)>{word!(i18n, procedures.undo_all)}</button>
                    })}
                </div>
            </header>
            {(kind != ProcedureKind::Postpone).then(|| view! { <Phases /> })}
        </section>
        <SaidLine said />
        {if kind == ProcedureKind::Postpone {
            view! { <Postponed data /> }.into_any()
        } else {
            view! { <Columns /> }.into_any()
        }}
        <dialog node_ref=dialog class="ask" aria-labelledby="undo-title">
            <h2 id="undo-title">{word!(i18n, procedures.undo_title)}</h2>
            <p class="soft">{say(move || if kind == ProcedureKind::Postpone { t_string!(i18n, procedures.undo_postponed) } else { t_string!(i18n, procedures.undo_lead) }.to_owned())}</p>
            <div class="acts">
                <button type="button" class="btn pri lg" data-testid="undo-confirm" on:click=move |_| { close(dialog); undoing.dispatch(()); }>{word!(i18n, procedures.undo_all)}</button>
                <button type="button" class="btn lg" on:click=move |_| close(dialog)>{word!(i18n, procedures.go_on)}</button>
            </div>
        </dialog>
    }
}

fn in_step(cards: &[Card], step: Step) -> usize {
    cards.iter().filter(|c| c.step == step).count()
}

/// How far it is, and a button for each phase: it acts on all that passed the one before.
#[component]
fn Phases() -> impl IntoView {
    let i18n = use_i18n();
    let Desk { data, moves, .. } = expect_context::<Desk>();
    let n = move |step: Step| data.with(|d| in_step(&d.cards, step));
    let all = move || data.with(|d| d.cards.len());
    let over = move || data.with(|d| d.cards.iter().filter(|c| c.step.is_over()).count());
    let ended = Memo::new(move |_| data.with(|d| d.line.ended.is_some()));
    let match_words = say(move || {
        let (created, differ) = data.with(|d| {
            let created: Vec<&Card> = d.cards.iter().filter(|c| c.step == Step::Created).collect();
            let differ = created
                .iter()
                .filter(|c| c.compared.iter().any(|l| !l.good))
                .count();
            (created.len(), differ)
        });
        match (created, differ) {
            (0, _) => String::new(),
            (all, 0) => t_string!(i18n, procedures.all_match, count = all).to_string(),
            (all, differ) => t_string!(
                i18n,
                procedures.some_differ,
                good = all - differ,
                all = all,
                differ = differ
            )
            .to_string(),
        }
    });
    let may_delete = move || {
        data.with(|d| {
            let waits = |c: &Card| !matches!(c.step, Step::Checked | Step::Deleted | Step::LeftOut);
            !d.cards.iter().any(waits) && in_step(&d.cards, Step::Checked) > 0
        })
    };
    let dialog = DialogRef::new();
    let pending = moves.pending();
    view! {
        <div class="phases">
            <p class="progress">
                <progress max=all value=over aria-label=word!(i18n, procedures.progress)></progress>
                <span class="num">{say(move || t_string!(i18n, procedures.s_progress, over = over() as u32, all = all() as u32).to_string())}</span>
            </p>
            {move || (!ended.get()).then(|| view! {
                <div class="bar">
                    <button type="button" class="btn" class:pri=move || n(Step::ToDo) != 0 data-testid="create" disabled=move || n(Step::ToDo) == 0 || pending.get() on:click=move |_| { moves.dispatch((vec![], Move::Create)); }>{say(move || t_string!(i18n, procedures.hold_create, count = n(Step::ToDo)).to_string())}</button>
                    <button type="button" class="btn" class:pri=move || n(Step::ToDo) == 0 && n(Step::Created) != 0 data-testid="check" disabled=move || n(Step::Created) == 0 || pending.get() on:click=move |_| { moves.dispatch((vec![], Move::Check)); }>{say(move || t_string!(i18n, procedures.check, count = n(Step::Created)).to_string())}</button>
                    <button type="button" class="btn" class:pri=may_delete data-testid="delete" disabled=move || !may_delete() || pending.get() aria-describedby="delete-when" on:click=move |_| show(dialog)>{say(move || t_string!(i18n, procedures.delete, count = n(Step::Checked)).to_string())}</button>
                    <span id="delete-when" class="muted">{say(move || if may_delete() { String::new() } else { t_string!(i18n, procedures.delete_when).to_owned() })}</span>
                </div>
            })}
            <p class="soft" role="status" data-testid="match">{match_words}</p>
        </div>
        <dialog node_ref=dialog class="ask" aria-labelledby="delete-title">
            <h2 id="delete-title">{say(move || t_string!(i18n, procedures.delete_title, count = n(Step::Checked)).to_string())}</h2>
            <p class="soft">{word!(i18n, procedures.delete_lead)}</p>
            <div class="acts">
                <button type="button" class="btn pri lg" data-testid="delete-confirm" on:click=move |_| { close(dialog); moves.dispatch((vec![], Move::Delete)); }>{say(move || t_string!(i18n, procedures.delete, count = n(Step::Checked)).to_string())}</button>
                <button type="button" class="btn lg" on:click=move |_| close(dialog)>{word!(i18n, procedures.keep_them)}</button>
            </div>
        </dialog>
    }
}

fn step_word(i18n: I18n, step: Step) -> &'static str {
    match step {
        Step::ToDo => t_string!(i18n, procedures.step_to_do),
        Step::Created => t_string!(i18n, procedures.step_created),
        Step::Checked => t_string!(i18n, procedures.step_checked),
        Step::Deleted => t_string!(i18n, procedures.step_deleted),
        Step::LeftOut => t_string!(i18n, procedures.step_left_out),
        Step::Postponed => t_string!(i18n, procedures.step_postponed),
        Step::Returned => t_string!(i18n, procedures.step_returned),
    }
}

/// The columns. Jobs that are left out stand below.
#[component]
fn Columns() -> impl IntoView {
    let i18n = use_i18n();
    let Desk { data, .. } = expect_context::<Desk>();
    let column = move |step: Step| {
        let ids = Memo::new(move |_| {
            data.with(|d| {
                d.cards
                    .iter()
                    .filter(|c| c.step == step)
                    .map(|c| c.job)
                    .collect::<Vec<_>>()
            })
        });
        let heading = format!("column-{}", step.key());
        let named = heading.clone();
        view! {
            <section class="column" aria-labelledby=named data-column=step.key() hidden=move || step == Step::LeftOut && ids.with(Vec::is_empty)>
                <h3 id=heading>{say(move || step_word(i18n, step).to_owned())} " " <span class="num muted">{move || ids.with(Vec::len)}</span></h3>
                <ul><For each=move || ids.get() key=|id| *id let:id><OneCard id /></For></ul>
            </section>
        }
    };
    view! {
        <div class="board">
            {[Step::ToDo, Step::Created, Step::Checked, Step::Deleted, Step::LeftOut].map(column).collect_view()}
        </div>
    }
}

/// What was put off, and when it starts again.
#[component]
fn Postponed(data: RwSignal<Board>) -> impl IntoView {
    let i18n = use_i18n();
    let moved =
        Memo::new(move |_| data.with(|d| d.cards.iter().filter_map(|c| c.moved.clone()).collect::<Vec<_>>()));
    let words = say(move || {
        data.with(|d| {
            let day = d
                .line
                .date
                .map(|d| day_words(d, reading(i18n)))
                .unwrap_or_default();
            match (d.line.ended, d.line.undone) {
                (Some(_), true) => t_string!(i18n, procedures.taken_back).to_owned(),
                (Some(_), false) => t_string!(i18n, procedures.returned, day = day).to_string(),
                _ => t_string!(i18n, procedures.start_again, count = d.cards.len(), day = day).to_string(),
            }
        })
    });
    view! {
        <section class="card" aria-labelledby="moved-title" data-testid="postponed">
            <header><div class="grow"><h2 id="moved-title">{words}</h2><p class="muted">{word!(i18n, procedures.by_itself)}</p></div></header>
            {move || view! { <MovedTable moved=moved.get() /> }}
        </section>
    }
}

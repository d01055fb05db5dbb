//! `/o/:office/procedures`: guided procedures (J2, J9, J24), help for a job that does not run, posting status, and all
//! jobs in a file (J26, J27, J30, J32).

mod board;
mod cards;
mod file;
mod posting;
mod postpone;
mod start;

use super::{
    collection::NoRight,
    follow::follow_jobs,
    here::Here,
    not_found::Missing,
    page::Page,
    unread::{Unread, once_read},
    why::Why,
};
use crate::{
    api::{
        ApiError,
        procedures::{board as read_board, procedures, why},
    },
    components::{
        icon::{Glyph, Icon},
        job::module_word,
        language::reading,
        say, word,
    },
    i18n::*,
};
use board::OneBoard;
use domain::job::JobId;
use file::FileTab;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use posting::PostingTab;
use start::Start;
use std::collections::HashMap;
use views::procedures::{Board, Move, Obstacle};
use views::{
    procedures::{ProcedureKind, ProcedureLine, ProceduresPage, day_words},
    stuck::Why as Found,
};

/// What the board and its cards share.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The board as last read.
    pub data: RwSignal<Board>,
    /// What is in the way of jobs, by number, as the last move told.
    pub left: RwSignal<HashMap<JobId, Obstacle>>,
    /// Moves jobs: those named, or all that have come so far.
    pub moves: Action<(Vec<JobId>, Move), ()>,
}

/// The page.
#[component]
pub fn Procedures() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let params = use_params_map();
    let chosen = Memo::new(move |_| params.read().get("id"));
    let title = Signal::derive(move || t_string!(i18n, procedures.title).to_owned());
    let back = Signal::derive(move || {
        let office = here.office.get();
        chosen.get().map(|_| format!("/o/{office}/procedures"))
    });
    view! {
        <Page title back>
            {move || match chosen.get() {
                None => view! { <All /> }.into_any(),
                Some(id) => view! { <Chosen id=id.parse().unwrap_or(0) /> }.into_any(),
            }}
        </Page>
    }
}

#[component]
fn Chosen(id: i64) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let first = Resource::new_blocking(
        move || (here.office.get(), here.reread.get()),
        move |(office, _)| read_board(office, id),
    );
    view! {
        <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(board) => view! { <OneBoard board /> }.into_any(),
                    Err(e) if e.code() == "not_found" => view! { <Missing /> }.into_any(),
                    Err(e) if e.code() == "forbidden" => view! { <NoRight ask=vec![] /> }.into_any(),
                    Err(e) => view! { <Unread e /> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn All() -> impl IntoView {
    let here = expect_context::<Here>();
    let query = use_query_map();
    let job = Memo::new(move |_| query.with(|q| q.get("job").and_then(|j| j.parse::<JobId>().ok())));
    let first = Resource::new_blocking(
        move || (here.office.get(), job.get(), here.reread.get()),
        |(office, job, _)| async move {
            let page = procedures(office.clone()).await?;
            let help = match job.filter(|_| page.may_edit) {
                Some(job) => Some((job, why(office, job).await)),
                None => None,
            };
            Ok::<_, ApiError>((page, help))
        },
    );
    view! {
        {once_read(first, |(page, help)| {
            if page.may_edit {
                view! { <Known page help /> }.into_any()
            } else {
                view! { <NoRight ask=page.ask /> }.into_any()
            }
        })}
    }
}

/// The parts of the page, by the word in the address.
const TABS: [&str; 4] = ["", "postpone", "posting", "file"];

fn tab_word(i18n: I18n, tab: &str) -> String {
    match tab {
        "postpone" => t_string!(i18n, procedures.tab_postpone),
        "posting" => t_string!(i18n, procedures.tab_posting),
        "file" => t_string!(i18n, procedures.tab_file),
        _ => t_string!(i18n, procedures.tab_guided),
    }
    .to_owned()
}

#[component]
fn Known(page: ProceduresPage, help: Option<(JobId, Result<Found, ApiError>)>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let data = RwSignal::new(page);
    follow_jobs(data, RwSignal::new(0), procedures);
    let query = use_query_map();
    let tab = Memo::new(move |_| {
        let asked = query.with(|q| q.get("tab").unwrap_or_default());
        TABS.into_iter().find(|t| *t == asked).unwrap_or("")
    });
    let help = StoredValue::new(help);
    let job = help.with_value(|h| h.as_ref().map(|(job, _)| *job));
    let po = Memo::new(move |_| data.with(|d| d.posting.len()));
    let tabs = TABS.map(|t| {
        let href = say(move || match t {
            "" => format!("/o/{}/procedures", here.office.get()),
            t => format!("/o/{}/procedures?tab={t}", here.office.get()),
        });
        let count = move || {
            let shown = t == "posting" && po.get() > 0;
            shown.then(|| view! { " " <span class="pill act">{po.get()}</span> })
        };
        view! {
            <a href=href aria-current=move || (tab.get() == t && job.is_none()).then_some("page")>{say(move || tab_word(i18n, t))} {count}</a>
        }
    });
    view! {
        <nav class="tabs inpage" aria-label=word!(i18n, procedures.tabs)>{tabs.collect_view()}</nav>
        {move || match (help.get_value(), tab.get()) {
            (Some((id, first)), _) => view! { <Why id first=Some(first) /> }.into_any(),
            (_, "postpone") => view! { <postpone::Postpone data /> }.into_any(),
            (_, "posting") => view! { <PostingTab data /> }.into_any(),
            (_, "file") => view! { <FileTab /> }.into_any(),
            _ => view! { <Guided data /> }.into_any(),
        }}
    }
}

#[component]
fn Guided(data: RwSignal<ProceduresPage>) -> impl IntoView {
    let i18n = use_i18n();
    let open = Memo::new(move |_| data.with(|d| d.open.clone()));
    let past = Memo::new(move |_| data.with(|d| d.past.clone()));
    view! {
        {move || open.get().into_iter().filter(|l| l.kind == ProcedureKind::Postpone && l.days_left.is_some_and(|d| d <= 1)).map(|line| view! { <Reminder line /> }).collect_view()}
        <section class="card" aria-labelledby="open-procedures">
            <header><h2 id="open-procedures">{word!(i18n, procedures.open)}</h2></header>
            {move || open.with(Vec::is_empty).then(|| view! { <p class="pad soft">{word!(i18n, procedures.none_open)}</p> })}
            <ul class="plist">{move || open.get().into_iter().map(|line| view! { <Item line /> }).collect_view()}</ul>
        </section>
        <Start data />
        {move || (!past.with(Vec::is_empty)).then(|| view! {
            <section class="card" aria-labelledby="past-procedures">
                <header><h2 id="past-procedures">{word!(i18n, procedures.past)}</h2></header>
                <ul class="plist">{past.get().into_iter().map(|line| view! { <Item line /> }).collect_view()}</ul>
            </section>
        })}
    }
}

/// A postponement that is about to end says so (J24).
#[component]
fn Reminder(line: ProcedureLine) -> impl IntoView {
    let i18n = use_i18n();
    let (jobs, date) = (line.jobs, line.date);
    view! {
        <p class="note plan" data-testid="reminder">
            <Glyph icon=Icon::Jobs />
            {say(move || {
                let day = date.map(|d| day_words(d, reading(i18n))).unwrap_or_default();
                t_string!(i18n, procedures.reminder, count = jobs, day = day).to_string()
            })}
        </p>
    }
}

/// What a procedure is called.
fn line_title(i18n: I18n, line: &ProcedureLine) -> String {
    match line.kind {
        ProcedureKind::Replace => {
            let name = line.job.as_ref().map(|(_, d)| d.clone()).unwrap_or_default();
            t_string!(i18n, procedures.t_replace, name = name).to_string()
        }
        ProcedureKind::Release => {
            let modules: Vec<String> = line.modules.iter().map(|m| module_word(i18n, *m)).collect();
            t_string!(i18n, procedures.t_release, modules = modules.join(", ")).to_string()
        }
        ProcedureKind::Postpone => {
            let day = line.date.map(|d| day_words(d, reading(i18n))).unwrap_or_default();
            t_string!(i18n, procedures.t_postpone, day = day).to_string()
        }
    }
}

#[component]
fn Item(line: ProcedureLine) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let id = line.id;
    let line = StoredValue::new(line);
    let href = say(move || format!("/o/{}/procedures/{id}", here.office.get()));
    let state = say(move || {
        line.with_value(|l| match (l.ended, l.undone, l.kind) {
            (Some(at), true, _) => {
                t_string!(i18n, procedures.s_undone, at = at.full(reading(i18n))).to_string()
            }
            (Some(at), ..) => t_string!(i18n, procedures.s_done, at = at.full(reading(i18n))).to_string(),
            (None, _, ProcedureKind::Postpone) => {
                t_string!(i18n, procedures.s_postponed, count = l.jobs).to_string()
            }
            (None, ..) => t_string!(i18n, procedures.s_progress, over = l.over, all = l.jobs).to_string(),
        })
    });
    let begun = say(move || {
        line.with_value(|l| {
            t_string!(
                i18n,
                procedures.begun,
                by = l.by.clone(),
                at = l.at.full(reading(i18n))
            )
            .to_string()
        })
    });
    view! {
        <li data-procedure=id>
            <a href=href>{say(move || line.with_value(|l| line_title(i18n, l)))}</a>
            <span class="muted">{begun}</span>
            <span class="r">{state}</span>
        </li>
    }
}

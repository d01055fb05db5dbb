//! `/o/:office/tasks`: Follow-up of tasks. Left the status, right the instruction (T14). The address is the state:
//! filter, chosen task, how far the list is shown, and the work on many that is being watched.

mod bulk_bar;
mod filter_bar;
mod groups;
mod list;
mod stretch;

use super::{here::Here, late::ever, not_found::Missing, page::Top, task::panel, unread::Unread};
use crate::components::word;
use crate::{
    api::tasks::{choices, tasks},
    browser,
    i18n::*,
};
use bulk_bar::{bar, watched};
use domain::{TaskId, filter::TaskFilter};
use filter_bar::FilterBar;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};
use list::{Listed, More};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use views::TaskRow;

/// Lines of the first page: more than four screens, and no more for whoever only looks in.
const FIRST: u32 = 100;
/// Lines of each further page.
const FURTHER: u32 = 200;
/// Most lines that an address brings back.
const MOST: u32 = 2_000;

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Asked {
    filter: TaskFilter,
    task: Option<TaskId>,
    /// Work on many tasks whose progress is shown.
    bulk: Option<i64>,
    /// Lines that were shown.
    rows: u32,
}

impl Asked {
    /// Nonsense in an address is left out.
    fn read(query: &ParamsMap) -> Self {
        let number = |name| query.get(name).and_then(|v| v.parse().ok());
        Self {
            filter: TaskFilter::read(|name| query.get(name)),
            task: query.get("task").and_then(|t| t.parse().ok()),
            bulk: query.get("bulk").and_then(|t| t.parse().ok()),
            rows: number("rows").unwrap_or(FIRST).clamp(FIRST, MOST),
        }
    }

    fn address(&self, office: &str) -> String {
        let mut address = format!("/o/{office}/tasks?{}", self.filter.query());
        if let Some(task) = self.task {
            address.push_str(&format!("&task={task}"));
        }
        if let Some(bulk) = self.bulk {
            address.push_str(&format!("&bulk={bulk}"));
        }
        if self.rows > FIRST {
            address.push_str(&format!("&rows={}", self.rows));
        }
        address
    }
}

/// Where to, and how.
type Go = Box<dyn Fn(&str, NavigateOptions) + Send + Sync>;

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Board {
    office: Memo<String>,
    asked: Memo<Asked>,
    /// The lines shown, in order, as they were read.
    rows: RwSignal<Vec<Arc<TaskRow>>>,
    /// Each line that is drawn, as it now is.
    lines: StoredValue<HashMap<TaskId, RwSignal<TaskRow>>>,
    /// Where the next page begins.
    next: RwSignal<Option<TaskId>>,
    /// The reader is Support.
    support: RwSignal<bool>,
    /// Chosen for work on many.
    picked: RwSignal<Picked>,
    /// The bar of the work on many is there.
    many: RwSignal<bool>,
    /// The page is being printed: every line is drawn.
    printing: RwSignal<bool>,
    /// Where to.
    go: StoredValue<Go>,
}

/// Lines chosen for work on many.
#[derive(Clone, Debug, Default, PartialEq)]
struct Picked {
    ids: HashSet<TaskId>,
    /// Not only these but all that match.
    all: bool,
    /// The last one, from where a range goes.
    last: Option<TaskId>,
}

impl Board {
    /// Goes to another state of the page; the one of before is not for the back button.
    fn show(&self, change: impl FnOnce(&mut Asked)) {
        self.lead(change, true);
    }

    /// Opens a task's panel; the back button leads back.
    fn open(&self, task: TaskId) {
        self.lead(|a| a.task = Some(task), false);
    }

    fn lead(&self, change: impl FnOnce(&mut Asked), replace: bool) {
        let mut asked = self.asked.get_untracked();
        change(&mut asked);
        let address = asked.address(&self.office.get_untracked());
        let how = NavigateOptions {
            replace,
            scroll: false,
            ..Default::default()
        };
        self.go.with_value(|go| go(&address, how));
    }

    /// The address of another state of the page; follows the address.
    fn href(&self, change: impl FnOnce(&mut Asked)) -> String {
        let mut asked = self.asked.get();
        change(&mut asked);
        asked.address(&self.office.get())
    }

    /// A line that is drawn, as it now is and as the stream changes it.
    fn line(&self, row: TaskRow) -> RwSignal<TaskRow> {
        let (lines, id) = (self.lines, row.id);
        let line = RwSignal::new(row);
        lines.update_value(|l| {
            l.insert(id, line);
        });
        on_cleanup(move || {
            lines.try_update_value(|l| {
                if l.get(&id) == Some(&line) {
                    l.remove(&id);
                }
            });
        });
        line
    }
}

/// The page.
#[component]
pub fn Tasks() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let query = use_query_map();
    let navigate = use_navigate();
    let asked = Memo::new(move |_| query.with(Asked::read));
    let board = Board {
        office: here.office,
        asked,
        rows: RwSignal::default(),
        lines: StoredValue::default(),
        next: RwSignal::default(),
        support: RwSignal::default(),
        picked: RwSignal::default(),
        many: RwSignal::default(),
        printing: RwSignal::default(),
        go: StoredValue::new(Box::new(navigate)),
    };
    let reload = RwSignal::new(0u32);
    // an address without a status asks for the same as one that names the usual two: the list is not read again when
    // a task is chosen
    let filter = Memo::new(move |_| {
        asked.with(|a| TaskFilter {
            states: a.filter.shown().to_vec(),
            ..a.filter.clone()
        })
    });
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
        move |(office, filter, ..)| async move {
            loop {
                let rows = asked.get_untracked().rows;
                let list = tasks(office.clone(), filter.clone(), None, rows).await;
                // more was shown meanwhile: a shorter list would take that away again
                if asked.try_get_untracked().is_none_or(|now| now.rows <= rows) {
                    return list;
                }
            }
        },
    );
    let choices = Resource::new_blocking(move || here.office.get(), choices);
    let more = More::new(board);
    follow_lines(here, board);
    let listed = Memo::new(move |_| -> HashSet<TaskId> {
        board.rows.with(|rows| rows.iter().map(|r| r.id).collect())
    });
    here.live.keep(move |row| {
        listed.with_untracked(|l| l.contains(&row.id)) || filter.with_untracked(|f| belongs(f, row))
    });
    let new = Memo::new(move |_| {
        let filter = filter.get();
        let new = |r: &&TaskRow| listed.with(|l| !l.contains(&r.id)) && belongs(&filter, r);
        here.live.rows.with(|rows| rows.values().filter(new).count())
    });
    let selected = Memo::new(move |_| asked.get().task);
    Effect::new(move |before: Option<Option<TaskId>>| {
        let now = selected.get();
        match (before.flatten(), now) {
            (Some(task), None) => browser::leave_panel(&format!("li.tr[data-task='{task}'] a")),
            _ => browser::rewind_panel(),
        }
        now
    });
    let back = Signal::derive(move || selected.get().map(|_| board.href(|a| a.task = None)));
    let title = Signal::derive(move || t_string!(i18n, tasks.title).to_owned());
    let reading = move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> };
    let picking = ever(move || board.picked.with(|p| !p.ids.is_empty()));
    let watching = ever(move || asked.with(|a| a.bulk.is_some()));
    super::task::fetch_panel();
    view! {
        <Title text=title />
        <div class="main">
            <Top title back new show=move |()| reload.update(|n| *n += 1) />
            <main id="main" class="page flush" tabindex="-1">
                <div class="split" class:chosen=move || selected.get().is_some()>
                    <div class="lp">
                        <FilterBar board list choices />
                        {move || picking.get().then(|| bar::shown(board))}
                        {move || watching.get().then(|| watched::shown(board))}
                        <Transition fallback=reading>
                            {move || Suspend::new(async move {
                                match list.await {
                                    Ok(list) => view! { <Listed list board more /> }.into_any(),
                                    Err(e) if e.code() == "not_found" => view! { <Missing /> }.into_any(),
                                    Err(e) => view! { <Unread e /> }.into_any(),
                                }
                            })}
                        </Transition>
                    </div>
                    <aside class="dp" id="detail" aria-label=word!(i18n, tasks.detail) on:click=|_| browser::stay_in_panel()>
                        {move || match selected.get() {
                            Some(_) => view! { <Suspense fallback=reading>{panel::shown(Signal::derive(move || selected.get().unwrap_or(TaskId(0))))}</Suspense> }.into_any(),
                            None => view! { <p class="muted choose">{word!(i18n, tasks.choose)}</p> }.into_any(),
                        }}
                    </aside>
                </div>
            </main>
        </div>
    }
}

/// A line that was not read with the list would be in it. What only the server knows of a task is not asked here.
fn belongs(filter: &TaskFilter, row: &TaskRow) -> bool {
    filter.shown().contains(&row.state)
        && (filter.dossier.is_empty() || filter.dossier == row.dossier_code)
        && (filter.kind.is_empty() || filter.kind == row.kind)
        && (filter.package.is_empty() || filter.package == row.package_code)
        && filter.text.is_empty()
        && filter.code.is_empty()
        && filter.connector.is_none()
        && filter.age.is_none()
}

/// Lines that are drawn change in place as the stream tells.
fn follow_lines(here: Here, board: Board) {
    Effect::new(move |_| {
        here.live.told.with(|told| {
            board.lines.with_value(|lines| {
                for row in told.iter() {
                    if let Some(line) = lines.get(&row.id) {
                        line.update(|old| {
                            if old.seq < row.seq {
                                *old = row.clone();
                            }
                        });
                    }
                }
            });
        });
    });
}

//! `/o/:office/jobs`: the job console: the day plan and every job (J10, J28).

pub mod desk;
pub mod row;

use super::{day_plan::DayPlan, follow::keep_up, here::Here, not_found::Missing, page::Page, unread::Unread};
use crate::{
    api::jobs::jobs,
    components::{
        export::Export,
        icon::{Glyph, Icon},
        job::{job_kind_word, module_word, status_word},
        job_tabs::JobTabs,
        say, word,
    },
    i18n::*,
};
use desk::{Desk, Verbs};
use domain::{
    job::{JobId, JobStatus, Module},
    text::for_url,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};
use row::Row;
use views::jobs::{JobSort, JobsAsk, JobsPage};

/// What of the address is the plan's.
const PLAN: [&str; 3] = ["day", "zoom", "family"];

/// The columns that are sorted by, and the classes of their cells.
const COLUMNS: [(JobSort, &str); 8] = [
    (JobSort::Number, ""),
    (JobSort::Status, ""),
    (JobSort::Description, ""),
    (JobSort::Schedule, ""),
    (JobSort::RunAs, "p2"),
    (JobSort::Last, "p4"),
    (JobSort::Next, ""),
    (JobSort::Duration, "p3"),
];

/// The page.
#[component]
pub fn Jobs() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|q| JobsAsk::read(|name| q.get(name))));
    let first = Resource::new_blocking(
        move || (here.office.get(), here.reread.get()),
        move |(office, _)| jobs(office, asked.get_untracked()),
    );
    let desk = Desk::new();
    provide_context(desk);
    let title = Signal::derive(move || t_string!(i18n, jobs.title).to_owned());
    view! {
        <Page title>
            <JobTabs />
            <p class="said" role="status" class:vh=move || desk.said.with(Option::is_none) class:wrong=move || desk.said.with(|s| matches!(s, Some(Err(_))))>
                {say(move || desk.said.get().map(|s| s.unwrap_or_else(|e| e)).unwrap_or_default())}
            </p>
            <DayPlan />
            <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
                {move || Suspend::new(async move {
                    match first.await {
                        Ok(page) if !page.may_edit => view! { <NoRight ask=page.ask /> }.into_any(),
                        Ok(page) => view! { <Known page asked /> }.into_any(),
                        Err(e) if e.code() == "not_found" => view! { <Missing /> }.into_any(),
                        Err(e) => view! { <Unread e /> }.into_any(),
                    }
                })}
            </Transition>
            <Verbs />
        </Page>
    }
}

/// Who may not set up jobs is told whom to ask (J6).
#[component]
pub fn NoRight(
    /// The people who give the right.
    ask: Vec<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    let whom = say(move || match ask.as_slice() {
        [] => t_string!(i18n, jobs.no_right_nobody).to_owned(),
        [one] => t_string!(i18n, jobs.no_right, names = one.clone()).to_string(),
        [most @ .., last] => {
            let names = format!("{} {} {last}", most.join(", "), t_string!(i18n, jobs.or));
            t_string!(i18n, jobs.no_right, names = names).to_string()
        }
    });
    view! {
        <div class="empty" data-testid="no-right">
            <h2>{word!(i18n, jobs.no_right_title)}</h2>
            <p class="soft">{whom}</p>
        </div>
    }
}

/// The console as first read; it is read again in place.
#[component]
fn Known(page: JobsPage, asked: Memo<JobsAsk>) -> impl IntoView {
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let data = RwSignal::new(page);
    // what the order on the screen was asked with
    let sorted = RwSignal::new(asked.get_untracked());
    keep_up(
        move || (here.office.get(), asked.get()),
        desk.again,
        |(office, ask): (String, JobsAsk)| jobs(office, ask),
        move |(_, ask): (String, JobsAsk), found: JobsPage| {
            data.set(found);
            sorted.set(ask);
        },
    );
    Effect::new(move |_| desk.page.set(Some(data.get())));
    view! {
        <Bar data asked />
        <List data asked sorted />
    }
}

/// Where a changed question leads. What the plan of the day shows stays.
fn address(office: &str, ask: &JobsAsk, query: Memo<ParamsMap>) -> String {
    let plan = query.with(|q| {
        let kept = PLAN
            .iter()
            .filter_map(|key| Some(format!("{key}={}", for_url(&q.get(key)?))));
        kept.collect::<Vec<_>>()
    });
    let parts: Vec<String> = plan
        .into_iter()
        .chain([ask.query()])
        .filter(|p| !p.is_empty())
        .collect();
    if parts.is_empty() {
        format!("/o/{office}/jobs")
    } else {
        format!("/o/{office}/jobs?{}", parts.join("&"))
    }
}

/// The chips by status, the filter by kind, the search, and the way to a new job.
#[component]
fn Bar(data: RwSignal<JobsPage>, asked: Memo<JobsAsk>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (navigate, query) = (use_navigate(), use_query_map());
    let go = move |ask: JobsAsk| {
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..Default::default()
        };
        navigate(&untrack(|| address(&here.office.get(), &ask, query)), options);
    };
    let shown = Memo::new(move |_| {
        let asked = asked.with(|a| a.status.clone());
        data.with(|d| {
            let is = |s: &JobStatus| asked.contains(s) || d.counts.iter().any(|(c, _)| c == s);
            JobStatus::ALL.into_iter().filter(is).collect::<Vec<_>>()
        })
    });
    let count = move |status: Option<JobStatus>| {
        data.with(|d| match status {
            None => d.total,
            Some(s) => d.counts.iter().find(|(c, _)| *c == s).map_or(0, |c| c.1),
        })
    };
    let chip = move |status: Option<JobStatus>| {
        let href = say(move || {
            let ask = JobsAsk {
                status: status.into_iter().collect(),
                ..asked.get()
            };
            address(&here.office.get(), &ask, query)
        });
        let current = move || {
            asked
                .with(|a| a.status.iter().copied().eq(status))
                .then_some("true")
        };
        let name = say(move || {
            status.map_or_else(|| t_string!(i18n, jobs.all).to_owned(), |s| status_word(i18n, s))
        });
        view! {
            <a class="chip" href=href aria-current=current data-noscroll data-chip=status.map_or("all", JobStatus::key)>
                {name} " " <span class="num">{move || count(status)}</span>
            </a>
        }
    };
    let kinds = Memo::new(move |before: Option<&Vec<(Module, String)>>| {
        // kinds that were once shown stay to be chosen, whatever is filtered
        let mut all: Vec<(Module, String)> = before.cloned().unwrap_or_default();
        data.with(|d| {
            for l in &d.lines {
                if !all.iter().any(|(_, k)| *k == l.kind) {
                    all.push((l.module, l.kind.clone()));
                }
            }
        });
        all.sort();
        all
    });
    let chosen = move || {
        asked.with(|a| {
            a.kind
                .clone()
                .or(a.module.map(|m| format!("module:{}", m.key())))
                .unwrap_or_default()
        })
    };
    let choose = {
        let go = go.clone();
        move |ev| {
            let value = event_target_value(&ev);
            let module = value.strip_prefix("module:").and_then(Module::from_key);
            let kind = (module.is_none() && !value.is_empty()).then_some(value);
            go(JobsAsk {
                module,
                kind,
                ..asked.get_untracked()
            });
        }
    };
    let option = move |(module, kind): (Module, String)| {
        let of = kind.clone();
        let is = move || chosen() == kind;
        let value = of.clone();
        view! { <option value=value selected=is>{say(move || format!("{} · {}", module_word(i18n, module), job_kind_word(i18n, &of)))}</option> }
    };
    let modules = move |m: Module| {
        let value = format!("module:{}", m.key());
        let is = {
            let value = value.clone();
            move || chosen() == value
        };
        view! { <option value=value.clone() selected=is>{say(move || module_word(i18n, m))}</option> }
    };
    let new = say(move || format!("/o/{}/jobs/new", here.office.get()));
    view! {
        <div class="bar jobbar">
            <nav class="chipset chips" aria-label=word!(i18n, jobs.filter)>
                {chip(None)}
                <For each=move || shown.get() key=|s| *s let:s>{chip(Some(s))}</For>
            </nav>
            <span class="sp"></span>
            <label class="field kinds">
                <span class="vh">{word!(i18n, jobs.kind_filter)}</span>
                <select on:change=choose prop:value=chosen>
                    <option value="" selected=move || chosen().is_empty()>{word!(i18n, jobs.all_kinds)}</option>
                    {Module::ALL.map(modules).collect_view()}
                    <For each=move || kinds.get() key=|k| k.1.clone() let:k>{option(k)}</For>
                </select>
            </label>
            <label class="field search">
                <Glyph icon=Icon::Search />
                <span class="vh">{word!(i18n, jobs.search)}</span>
                <input
                    type="search"
                    name="q"
                    maxlength="200"
                    value=asked.get_untracked().text
                    prop:value=move || asked.with(|a| a.text.clone())
                    on:input=move |ev| go(JobsAsk { text: event_target_value(&ev), ..asked.get_untracked() })
                    placeholder=word!(i18n, jobs.search)
                />
            </label>
            <Export list="jobs" office=here.office filter=Signal::derive(move || asked.with(JobsAsk::query)) />
            <a class="btn pri" href=new><Glyph icon=Icon::Plus /> {word!(i18n, jobs.new_job)}</a>
        </div>
    }
}

/// The jobs. Those on the page keep their place until something else is asked for; new ones come below.
#[component]
fn List(data: RwSignal<JobsPage>, asked: Memo<JobsAsk>, sorted: RwSignal<JobsAsk>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let order = Memo::new(move |before: Option<&(JobsAsk, Vec<JobId>)>| {
        let ask = sorted.get();
        let now: Vec<JobId> = data.with(|d| d.lines.iter().map(|l| l.id).collect());
        let kept = before
            .filter(|b| b.0 == ask)
            .map(|b| b.1.clone())
            .unwrap_or_default();
        let mut ids: Vec<JobId> = kept.into_iter().filter(|id| now.contains(id)).collect();
        let new: Vec<JobId> = now.into_iter().filter(|id| !ids.contains(id)).collect();
        ids.extend(new);
        (ask, ids)
    });
    let query = use_query_map();
    let head = move |(sort, class): (JobSort, &'static str)| {
        let at = move || asked.with(|a| a.sort == sort);
        let down = move || asked.with(|a| a.descending);
        let href = say(move || {
            let ask = asked.get();
            let descending = ask.sort == sort && !ask.descending;
            address(
                &here.office.get(),
                &JobsAsk {
                    sort,
                    descending,
                    ..ask
                },
                query,
            )
        });
        let sorted = move || match (at(), down()) {
            (true, false) => Some("ascending"),
            (true, true) => Some("descending"),
            (false, _) => None,
        };
        let arrow = move || {
            if !at() {
                ""
            } else if down() {
                "↓"
            } else {
                "↑"
            }
        };
        view! {
            <th role="columnheader" scope="col" class=class aria-sort=sorted>
                <a href=href data-noscroll data-sort=sort.key()>{say(move || column(i18n, sort))} <span class="arrow" aria-hidden="true">{arrow}</span></a>
            </th>
        }
    };
    let ids = Memo::new(move |_| order.with(|o| o.1.clone()));
    let empty = move || {
        let (none, some) = (data.with(|d| d.total == 0), asked.with(JobsAsk::is_filter));
        let clear = say(move || format!("/o/{}/jobs", here.office.get()));
        let kinds = say(move || format!("/o/{}/jobs/kinds", here.office.get()));
        ids.with(Vec::is_empty).then(|| match none && !some {
            true => view! {
                <div class="empty">
                    <h2>{word!(i18n, jobs.empty_title)}</h2>
                    <p class="soft">{word!(i18n, jobs.empty)}</p>
                    <a class="btn" href=kinds>{word!(i18n, job.tab_kinds)}</a>
                </div>
            }
            .into_any(),
            false => view! {
                <div class="empty">
                    <p class="soft">{word!(i18n, jobs.no_match)}</p>
                    <a class="btn" href=clear>{word!(i18n, jobs.clear)}</a>
                </div>
            }
            .into_any(),
        })
    };
    view! {
        <section class="card joblist" aria-label=word!(i18n, jobs.list)>
            <table class="stack" role="table" aria-label=word!(i18n, jobs.list) aria-busy=say(move || (asked.get() != sorted.get()).to_string())>
                <thead role="rowgroup">
                    <tr role="row">
                        {COLUMNS.map(head).collect_view()}
                        <th role="columnheader" scope="col"><span class="vh">{word!(i18n, jobs.th_actions)}</span></th>
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For each=move || ids.get() key=|id| *id let:id><Row id data /></For>
                </tbody>
            </table>
            {empty}
            {move || data.with(|d| d.more).then(|| view! { <p class="muted pad">{word!(i18n, jobs.more)}</p> })}
        </section>
    }
}

/// A column's name.
fn column(i18n: I18n, sort: JobSort) -> String {
    match sort {
        JobSort::Number => t_string!(i18n, jobs.th_number),
        JobSort::Status => t_string!(i18n, jobs.th_status),
        JobSort::Description => t_string!(i18n, jobs.th_job),
        JobSort::Module => t_string!(i18n, jobs.module),
        JobSort::Schedule => t_string!(i18n, jobs.th_schedule),
        JobSort::RunAs => t_string!(i18n, jobs.th_run_as),
        JobSort::Last => t_string!(i18n, jobs.th_last),
        JobSort::Next => t_string!(i18n, jobs.th_next),
        JobSort::Duration => t_string!(i18n, jobs.th_duration),
    }
    .to_owned()
}

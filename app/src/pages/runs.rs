//! `/o/:office/jobs/runs`: what jobs did, and `…/runs/:run`: one run whole (J25, J29).

mod one;

pub use one::Answer;

use super::{
    follow::keep_up,
    here::Here,
    jobs::{NoRight, desk::Desk},
    not_found::Missing,
    page::Top,
    unread::Unread,
};
use crate::{
    api::jobs::runs,
    components::{
        export::Export,
        job::{Counts, RunAs, RunMark, job_kind_word, note_in, run_word},
        job_tabs::JobTabs,
        language::reading,
        say, word,
    },
    i18n::*,
};
use domain::{
    job::{JobId, RunState},
    moment::span,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map, use_query_map},
};
use views::jobs::{RunLine, RunsAsk, RunsPage};

/// States in the order of their chips: those that need somebody first.
const CHIPS: [RunState; 8] = [
    RunState::Asks,
    RunState::Missed,
    RunState::Error,
    RunState::FinishedWithErrors,
    RunState::Running,
    RunState::Planned,
    RunState::Finished,
    RunState::Skipped,
];

/// How many runs arrived since the page was read, and how they are shown.
#[derive(Clone, Copy)]
struct News {
    n: RwSignal<usize>,
    show: RwSignal<u32>,
}

/// The page.
#[component]
pub fn Runs() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let params = use_params_map();
    let run = Memo::new(move |_| params.read().get("run"));
    let desk = Desk::new();
    provide_context(desk);
    let news = News {
        n: RwSignal::new(0),
        show: RwSignal::new(0),
    };
    let title = Signal::derive(move || match run.get() {
        Some(id) => t_string!(i18n, jobs.run_title, id = id).to_string(),
        None => t_string!(i18n, jobs.runs_title).to_owned(),
    });
    let back = Signal::derive(move || {
        Some(format!(
            "/o/{}/jobs{}",
            here.office.get(),
            if run.get().is_some() { "/runs" } else { "" }
        ))
    });
    let show = Callback::new(move |()| news.show.update(|n| *n += 1));
    let new = Signal::derive(move || news.n.get());
    view! {
        <Title text=title />
        <div class="main">
            <Top title back new show />
            <main id="main" class="page" tabindex="-1">
                <JobTabs />
                <p class="said" role="status" class:vh=move || desk.said.with(Option::is_none) class:wrong=move || desk.said.with(|s| matches!(s, Some(Err(_))))>
                    {say(move || desk.said.get().map(|s| s.unwrap_or_else(|e| e)).unwrap_or_default())}
                </p>
                {move || match run.get() {
                    Some(id) => view! { <one::One id /> }.into_any(),
                    None => view! { <All news /> }.into_any(),
                }}
            </main>
        </div>
    }
}

/// The list.
#[component]
fn All(news: News) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|q| RunsAsk::read(|name| q.get(name))));
    let first = Resource::new_blocking(
        move || (here.office.get(), here.reread.get()),
        move |(office, _)| runs(office, asked.get_untracked()),
    );
    on_cleanup(move || _ = news.n.try_set(0));
    view! {
        <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(page) if !page.may_edit => view! { <NoRight ask=page.ask /> }.into_any(),
                    Ok(page) => view! { <Known page asked news /> }.into_any(),
                    Err(e) if e.code() == "not_found" => view! { <Missing /> }.into_any(),
                    Err(e) => view! { <Unread e /> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// The runs as first read. Those on the page change in place; new ones wait until they are asked for.
#[component]
fn Known(page: RunsPage, asked: Memo<RunsAsk>, news: News) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let shown = RwSignal::new(page.lines.clone());
    let more = RwSignal::new(page.more);
    let latest = RwSignal::new(page);
    let last_ask = StoredValue::new(asked.get_untracked());
    keep_up(
        move || (here.office.get(), asked.get()),
        desk.again,
        |(office, ask): (String, RunsAsk)| runs(office, ask),
        move |(_, ask): (String, RunsAsk), found: RunsPage| {
            if last_ask.get_value() != ask {
                last_ask.set_value(ask);
                shown.set(found.lines.clone());
                more.set(found.more);
            } else {
                shown.update(|s| {
                    for line in s.iter_mut() {
                        if let Some(now) = found.lines.iter().find(|l| l.id == line.id) {
                            *line = now.clone();
                        }
                    }
                });
            }
            let new = shown.with_untracked(|s| {
                found
                    .lines
                    .iter()
                    .filter(|l| !s.iter().any(|x| x.id == l.id) && s.first().is_none_or(|f| l.id > f.id))
                    .count()
            });
            news.n.set(new);
            latest.set(found);
        },
    );
    Effect::new(move |before: Option<u32>| {
        let now = news.show.get();
        if before.is_some_and(|b| b != now) {
            let found = latest.get_untracked();
            shown.update(|s| {
                let oldest = found.lines.last().map_or(0, |l| l.id);
                s.retain(|l| l.id < oldest);
                s.splice(0..0, found.lines);
            });
            news.n.set(0);
        }
        now
    });
    let fetching = RwSignal::new(false);
    let older = move |_| {
        if fetching.get_untracked() {
            return;
        }
        fetching.set(true);
        let before = shown.with_untracked(|s| s.last().map(|l| l.id));
        let ask = RunsAsk {
            before,
            ..asked.get_untracked()
        };
        spawn_local(async move {
            let answer = runs(here.office.get_untracked(), ask.clone()).await;
            if fetching.try_set(false).is_some() || asked.get_untracked() != (RunsAsk { before: None, ..ask })
            {
                return;
            }
            match answer {
                Ok(page) => {
                    shown.update(|s| s.extend(page.lines));
                    more.set(page.more);
                }
                Err(e) => desk.said.set(Some(Err(super::error_words(i18n, &e)))),
            }
        });
    };
    let ids = Memo::new(move |_| shown.with(|s| s.iter().map(|l| l.id).collect::<Vec<_>>()));
    view! {
        <Bar asked />
        <section class="card joblist runlist" aria-label=word!(i18n, jobs.runs_list)>
            <table class="stack" role="table" aria-label=word!(i18n, jobs.runs_list)>
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">{word!(i18n, jobs.th_status)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, jobs.th_job)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, jobs.th_due)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, jobs.th_started)}</th>
                        <th role="columnheader" scope="col" class="p4">{word!(i18n, jobs.th_duration)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, jobs.th_companies)}</th>
                        <th role="columnheader" scope="col" class="p3">{word!(i18n, jobs.th_counts)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, jobs.th_note)}</th>
                        <th role="columnheader" scope="col" class="p2">{word!(i18n, jobs.th_run_as)}</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For each=move || ids.get() key=|id| *id let:id><Line id shown /></For>
                </tbody>
            </table>
            {move || ids.with(Vec::is_empty).then(|| view! { <div class="empty"><p class="soft">{word!(i18n, jobs.runs_empty)}</p></div> })}
            {move || more.get().then(|| view! { <p class="pad"><button type="button" class="btn" disabled=fetching on:click=older>{word!(i18n, jobs.older)}</button></p> })}
        </section>
    }
}

fn address(office: &str, ask: &RunsAsk) -> String {
    match ask.query() {
        q if q.is_empty() => format!("/o/{office}/jobs/runs"),
        q => format!("/o/{office}/jobs/runs?{q}"),
    }
}

/// The chips by state, and the filter by job.
#[component]
fn Bar(asked: Memo<RunsAsk>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let navigate = use_navigate();
    let chip = move |state: Option<RunState>| {
        let href = say(move || {
            let ask = RunsAsk {
                state: state.into_iter().collect(),
                ..asked.get()
            };
            address(&here.office.get(), &ask)
        });
        let current = move || {
            asked
                .with(|a| a.state.iter().copied().eq(state))
                .then_some("true")
        };
        let name =
            say(move || state.map_or_else(|| t_string!(i18n, jobs.all).to_owned(), |s| run_word(i18n, s)));
        view! { <a class="chip" href=href aria-current=current data-noscroll data-chip=state.map_or("all", RunState::key)>{name}</a> }
    };
    let job = move |ev| {
        let text = event_target_value(&ev);
        let job: Option<JobId> = text.trim().trim_start_matches('#').parse().ok();
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..Default::default()
        };
        navigate(
            &address(
                &here.office.get_untracked(),
                &RunsAsk {
                    job,
                    ..asked.get_untracked()
                },
            ),
            options,
        );
    };
    view! {
        <div class="bar jobbar">
            <nav class="chipset chips" aria-label=word!(i18n, jobs.filter)>
                {chip(None)}
                {CHIPS.map(|s| chip(Some(s))).collect_view()}
            </nav>
            <span class="sp"></span>
            <label class="field jobno">
                <span class="muted">{word!(i18n, jobs.job_filter)}</span>
                <input type="search" name="job" inputmode="numeric" maxlength="12" value=asked.get_untracked().job.map(|j| j.to_string()) prop:value=move || asked.with(|a| a.job.map(|j| j.to_string()).unwrap_or_default()) on:change=job />
            </label>
            <Export list="runs" office=here.office filter=Signal::derive(move || asked.with(RunsAsk::query)) />
        </div>
    }
}

/// When a run began, and how long after its time.
pub fn began(i18n: I18n, due: i64, started: Option<domain::Moment>) -> String {
    let Some(s) = started else {
        return t_string!(i18n, jobs.not_started).to_owned();
    };
    let after = match s.at - due {
        late if late < 60_000 => t_string!(i18n, jobs.on_time).to_owned(),
        late => t_string!(i18n, jobs.later_by, time = span(late, reading(i18n))).to_string(),
    };
    // the day is that of the plan, unless it was much later
    let at = if s.at - due < 12 * 3_600_000 {
        s.clock()
    } else {
        s.full(reading(i18n))
    };
    format!("{at}, {after}")
}

/// One run. Its cells change in place.
#[component]
fn Line(id: i64, shown: RwSignal<Vec<RunLine>>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let line = Memo::new(move |before: Option<&Option<RunLine>>| {
        let now = shown.with(|s| s.iter().find(|l| l.id == id).cloned());
        now.or_else(|| before.cloned().flatten())
    });
    let state = Memo::new(move |_| line.with(|l| l.as_ref().map_or(RunState::Planned, |l| l.state)));
    let part =
        move |f: fn(&RunLine) -> String| say(move || line.with(|l| l.as_ref().map(f).unwrap_or_default()));
    let href = say(move || format!("/o/{}/jobs/runs/{id}", here.office.get()));
    let job = say(move || {
        format!(
            "/o/{}/jobs/{}",
            here.office.get(),
            line.with(|l| l.as_ref().map_or(0, |l| l.job))
        )
    });
    let due = say(move || line.with(|l| l.as_ref().map(|l| l.due.full(reading(i18n))).unwrap_or_default()));
    let start = say(move || {
        line.with(|l| {
            l.as_ref()
                .map(|l| began(i18n, l.due.at, l.started))
                .unwrap_or_default()
        })
    });
    let took = say(move || {
        line.with(|l| {
            l.as_ref()
                .and_then(|l| l.seconds)
                .map(|s| span(i64::from(s) * 1000, reading(i18n)))
                .unwrap_or_default()
        })
    });
    let companies = move || {
        let (all, done, failed) = line.with(|l| l.as_ref().map(|l| l.companies).unwrap_or_default());
        view! {
            {(all > 0).then(|| say(move || t_string!(i18n, jobs.done_of, done = done, all = all).to_string()))}
            {(failed > 0).then(|| view! { " " <b class="act">{word!(i18n, jobs.failed_n, count = failed as usize)}</b> })}
        }
    };
    let counted =
        Memo::new(move |_| line.with(|l| l.as_ref().map(|l| l.counted.clone()).unwrap_or_default()));
    let note = say(move || {
        line.with(|l| {
            let Some(l) = l else { return String::new() };
            let mut said: Vec<String> = l
                .note
                .iter()
                .map(|n| note_in(i18n.language(), l.state, n))
                .collect();
            if l.stands_for > 1 {
                said.push(t_string!(i18n, jobs.stands_for, count = l.stands_for as usize).to_string());
            }
            said.join(", ")
        })
    });
    let run_as = Memo::new(move |_| line.with(|l| l.as_ref().map(|l| l.run_as.clone()).unwrap_or_default()));
    let kind = say(move || {
        line.with(|l| {
            l.as_ref()
                .map(|l| job_kind_word(i18n, &l.kind))
                .unwrap_or_default()
        })
    });
    view! {
        <tr role="row" data-run=id>
            <td role="cell" class="j0"><RunMark state /></td>
            <th role="rowheader" scope="row" class="j1">
                <a href=job><b>{kind}</b> " " <span class="code">{part(|l| l.job.to_string())}</span></a>
                <small class="muted trunc">{part(|l| l.description.clone())}</small>
            </th>
            <td role="cell" class="j3"><a class="quiet" href=href>{due}</a></td>
            <td role="cell" class="j5 soft">{start}</td>
            <td role="cell" class="hide-m p4 soft">{took}</td>
            <td role="cell" class="j6">{companies}</td>
            <td role="cell" class="j2 p3">{move || view! { <Counts counted=counted.get() /> }}</td>
            <td role="cell" class="j7 soft">{note}</td>
            <td role="cell" class="hide-m p2 soft">{move || view! { <RunAs user=run_as.get() /> }}</td>
        </tr>
    }
}

//! One line of the console. Its cells change in place.

use super::{
    super::here::Here,
    desk::{Chosen, Desk, act},
};
use crate::{
    components::{
        job::{JobState, RunAs, job_kind_word, module_word},
        language::reading,
        say,
        schedule_words::schedule_in,
        word,
    },
    i18n::*,
};
use domain::{
    job::{JobId, JobStatus, RunState},
    moment::span,
};
use leptos::prelude::*;
use views::jobs::{JobLine, JobVerb, JobsPage};

type Line = Memo<Option<JobLine>>;

/// One job.
#[component]
pub fn Row(id: JobId, data: RwSignal<JobsPage>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let line: Line = Memo::new(move |before: Option<&Option<JobLine>>| {
        let now = data.with(|d| d.lines.iter().find(|l| l.id == id).cloned());
        now.or_else(|| before.cloned().flatten())
    });
    let status = Memo::new(move |_| line.with(|l| l.as_ref().map_or(JobStatus::Inactive, |l| l.status)));
    let href = say(move || format!("/o/{}/jobs/{id}", here.office.get()));
    let kind = say(move || {
        line.with(|l| {
            l.as_ref()
                .map(|l| job_kind_word(i18n, &l.kind))
                .unwrap_or_default()
        })
    });
    let of = say(move || line.with(|l| l.as_ref().map(|l| whose(i18n, l)).unwrap_or_default()));
    let what = say(move || {
        line.with(|l| {
            let Some(l) = l else { return String::new() };
            let mut said = vec![module_word(i18n, l.module), l.description.clone()];
            said.extend(
                l.system
                    .as_ref()
                    .map(|s| t_string!(i18n, jobs.entry_of, system = s.clone()).to_string()),
            );
            said.extend(l.pinned.then(|| t_string!(i18n, jobs.pinned).to_owned()));
            said.join(" · ")
        })
    });
    let said = Memo::new(move |_| line.with(|l| l.as_ref().and_then(|l| l.schedule.clone())));
    let schedule = move || match said.get() {
        Some(s) => {
            let (times, rest) = schedule_in(i18n.language(), &s);
            view! { {times} <small class="muted">{rest}</small> }.into_any()
        }
        None => view! { <span class="act">{word!(i18n, jobs.no_schedule)}</span> }.into_any(),
    };
    let run_as = Memo::new(move |_| line.with(|l| l.as_ref().map(|l| l.run_as.clone()).unwrap_or_default()));
    let off = move || {
        line.with(|l| l.as_ref().is_some_and(|l| l.system_off))
            .then(|| view! { <small class="act">{word!(i18n, jobs.system_off)}</small> })
    };
    view! {
        <tr role="row" data-job=id>
            <td role="cell" class="j9 code">{id}</td>
            <td role="cell" class="j0"><JobState status />{off}</td>
            <th role="rowheader" scope="row" class="j1">
                <a href=href><b>{kind}</b> " " <span class="muted co">{of}</span></a>
                " " <span class="code only-m">{id}</span>
                <small class="muted trunc">{what}</small>
            </th>
            <td role="cell" class="j3 soft">{schedule}</td>
            <td role="cell" class="j4 soft hide-m p2">{move || view! { <RunAs user=run_as.get() /> }}</td>
            <td role="cell" class="j5 p4"><span class="only-m muted">{word!(i18n, jobs.th_last)} ": "</span> <Last line /></td>
            <td role="cell" class="j6"><span class="only-m muted">{word!(i18n, jobs.th_next)} ": "</span> <Next line status /></td>
            <td role="cell" class="j7 hide-m p3"><Durations line /></td>
            <td role="cell" class="j8"><Action id line status data /></td>
        </tr>
    }
}

/// Whose job it is, in words: `company 8`, `12 companies`.
pub fn whose(i18n: I18n, l: &JobLine) -> String {
    match l.companies.as_slice() {
        [] => t_string!(i18n, jobs.company_list).to_owned(),
        [one] if l.company_count < 2 => t_string!(i18n, jobs.company_is, code = one.code.clone()).to_string(),
        _ => t_string!(i18n, jobs.companies_n, count = l.company_count as usize).to_string(),
    }
}

/// The last run: when, how long, and what went wrong.
#[component]
fn Last(line: Line) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let last = Memo::new(move |_| line.with(|l| l.as_ref().and_then(|l| l.last.clone())));
    move || {
        let Some(last) = last.get() else {
            return view! { <span class="muted">{word!(i18n, jobs.never_ran)}</span> }.into_any();
        };
        let due = last.due;
        let (state, seconds, failed) = (last.state, last.seconds, last.failed);
        let text = say(move || {
            let now = here.live.now.get();
            let (at, speech) = (due.near(now, reading(i18n)), reading(i18n));
            let took = seconds.map(|s| span(i64::from(s) * 1000, speech));
            match (state, took) {
                (RunState::Running, Some(_)) => {
                    let began = last.started.map_or(now, |s| s.at);
                    t_string!(i18n, jobs.running_for, time = span((now - began).max(0), speech)).to_string()
                }
                (RunState::FinishedWithErrors, _) => {
                    format!(
                        "{at}, {}",
                        t_string!(i18n, jobs.failed_n, count = failed as usize)
                    )
                }
                (RunState::Error, Some(time)) => {
                    t_string!(i18n, jobs.after_time, at = at, time = time).to_string()
                }
                (RunState::Finished, Some(time)) => {
                    t_string!(i18n, jobs.took, at = at, time = time).to_string()
                }
                (RunState::Missed | RunState::Skipped | RunState::Asks, _) => {
                    format!(
                        "{at}, {}",
                        crate::components::job::run_word(i18n, state).to_lowercase()
                    )
                }
                _ => at,
            }
        });
        let href = say(move || format!("/o/{}/jobs/runs/{}", here.office.get(), last.run));
        view! { <a class="quiet" href=href title=say(move || due.full(reading(i18n)))>{text}</a> }.into_any()
    }
}

/// When it runs next, or what stands in its way.
#[component]
fn Next(line: Line, status: Memo<JobStatus>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let class = move || match status.get() {
        JobStatus::Error => "sup b",
        JobStatus::Overdue | JobStatus::Asks => "act b",
        _ => "",
    };
    let text = say(move || {
        line.with(|l| {
            let Some(l) = l else { return String::new() };
            let now = here.live.now.get();
            let speech = reading(i18n);
            let due = l
                .last
                .as_ref()
                .filter(|r| r.state == RunState::Planned)
                .map(|r| r.due)
                .or(l.next);
            match (status.get(), l.next) {
                (JobStatus::Error, _) => t_string!(i18n, jobs.next_stopped).to_owned(),
                (JobStatus::Asks, _) => t_string!(i18n, jobs.next_asks).to_owned(),
                (JobStatus::Overdue, _) => {
                    let late = due.map_or(0, |d| now - d.at);
                    t_string!(i18n, jobs.next_late, time = span(late.max(0), speech)).to_string()
                }
                (JobStatus::Running | JobStatus::Planned, _) => t_string!(i18n, jobs.next_now).to_owned(),
                (_, Some(at)) => at.near(now, speech),
                (_, None) => t_string!(i18n, jobs.next_none).to_owned(),
            }
        })
    });
    let full = say(move || {
        line.with(|l| {
            l.as_ref()
                .and_then(|l| l.next)
                .map(|n| n.full(reading(i18n)))
                .unwrap_or_default()
        })
    });
    view! { <span class=class title=full>{text}</span> }
}

/// The length of the last ten runs as bars; the words say the same.
#[component]
fn Durations(line: Line) -> impl IntoView {
    let i18n = use_i18n();
    let durations =
        Memo::new(move |_| line.with(|l| l.as_ref().map(|l| l.durations.clone()).unwrap_or_default()));
    let label = say(move || {
        let speech = reading(i18n);
        let said = durations.with(|d| {
            let one = |(s, good): &(u32, bool)| {
                let time = span(i64::from(*s) * 1000, speech);
                if *good {
                    time
                } else {
                    t_string!(i18n, jobs.failed_mark, time = time).to_string()
                }
            };
            d.iter().map(one).collect::<Vec<_>>()
        });
        match said.is_empty() {
            true => t_string!(i18n, jobs.durations_none).to_owned(),
            false => t_string!(i18n, jobs.durations, times = said.join(", ")).to_string(),
        }
    });
    let bars = move || {
        durations.with(|d| {
            let most = d.iter().map(|d| d.0).max().unwrap_or(1).max(1);
            let from = 10 - d.len().min(10);
            let bar = |(i, (s, good)): (usize, &(u32, bool))| {
                let height = (f64::from(*s) / f64::from(most) * 17.0).max(2.0);
                let (x, y) = (format!("{:.1}", (from + i) as f64 * 5.2 + 0.4), format!("{:.1}", 20.0 - height));
                view! { <rect class=if *good { "" } else { "bad act" } x=x y=y width="3.8" height=format!("{height:.1}") rx=".8" /> }
            };
            d.iter().enumerate().map(bar).collect_view()
        })
    };
    view! { <svg class="bars" width="53" height="20" viewBox="0 0 53 20" role="img" aria-label=label>{bars}</svg> }
}

/// The one thing that is usually done next.
#[component]
fn Action(id: JobId, line: Line, status: Memo<JobStatus>, data: RwSignal<JobsPage>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let replaced = Memo::new(move |_| data.with(|d| d.lines.iter().any(|l| l.replaces == Some(id))));
    let named = move |action: String| {
        let name = line.with(|l| l.as_ref().map(|l| l.description.clone()).unwrap_or_default());
        t_string!(i18n, jobs.a_of, action = action, job = name).to_string()
    };
    let chosen = move || {
        line.with_untracked(|l| {
            l.as_ref().map(|l| Chosen {
                id,
                version: l.version,
                name: l.description.clone(),
            })
        })
    };
    let open = move |why: bool| {
        let href = say(move || {
            format!(
                "/o/{}/jobs/{id}{}",
                here.office.get(),
                if why { "?why=1" } else { "" }
            )
        });
        let text = move || {
            if why {
                t_string!(i18n, jobs.a_why)
            } else {
                t_string!(i18n, jobs.a_open)
            }
            .to_owned()
        };
        view! { <a class="btn sm" href=href aria-label=say(move || named(text()))>{say(text)}</a> }.into_any()
    };
    move || match status.get() {
        JobStatus::Error => {
            let queue = move |_| {
                if let Some(job) = chosen() {
                    act(desk, here, i18n, job, JobVerb::Queue, None);
                }
            };
            let text = move || t_string!(i18n, jobs.a_queue_again).to_owned();
            view! { <button type="button" class="btn sm" disabled=desk.busy aria-label=say(move || named(text())) on:click=queue>{say(text)}</button> }
                .into_any()
        }
        JobStatus::OnHold if replaced.get() => {
            let ask = move |_| {
                if let Some(job) = chosen() {
                    desk.ask(job, JobVerb::Delete);
                }
            };
            let text = move || t_string!(i18n, jobs.a_delete).to_owned();
            view! { <button type="button" class="btn sm" aria-label=say(move || named(text())) on:click=ask>{say(text)}</button> }.into_any()
        }
        JobStatus::Overdue => open(true),
        _ => open(false),
    }
}

//! The day as a list in the order of time: what the picture shows, for ears and for small screens.

use super::Desk;
use crate::components::job::job_kind_word;
use crate::components::plan::who;
use crate::{
    components::{say, word},
    i18n::*,
};
use leptos::prelude::*;
use views::plan::{DayPlan, PlanJob, PlanStart};

/// Runs of a kind that follow within so many minutes are told together.
const TOGETHER: i32 = 60;

/// A run and its job.
type Run<'a> = (&'a PlanStart, &'a PlanJob);

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    minute: i32,
    title: String,
    says: String,
    blocked: bool,
}

fn lines(i18n: I18n, plan: &DayPlan) -> Vec<Line> {
    let mut kinds: Vec<&str> = plan.jobs.iter().map(|j| j.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut all: Vec<Line> = vec![];
    for kind in kinds {
        for grid in [false, true] {
            let of_kind = |j: &&PlanJob| j.kind == kind && j.repeats == grid;
            let jobs: Vec<&PlanJob> = plan.jobs.iter().filter(of_kind).collect();
            let mut runs: Vec<Run<'_>> = jobs
                .iter()
                .flat_map(|j| j.starts.iter().map(|s| (s, *j)))
                .collect();
            runs.sort_by_key(|r| (r.0.minute, r.1.id));
            let mut rest = &runs[..];
            while let Some((first, _)) = rest.first().copied() {
                let apart = |w: &[Run<'_>]| w[1].0.minute - w[0].0.minute > TOGETHER;
                let n = match grid {
                    true => rest.len(),
                    false => rest.windows(2).position(apart).map_or(rest.len(), |i| i + 1),
                };
                let (these, more) = rest.split_at(n);
                all.push(Line {
                    minute: first.minute,
                    title: job_kind_word(i18n, kind),
                    says: together(i18n, plan, these, grid),
                    blocked: false,
                });
                rest = more;
            }
        }
    }
    all.extend(plan.blocked.iter().map(|b| Line {
        minute: b.from.max(0),
        title: t_string!(i18n, plan.blocked_line, reason = b.reason.clone()).to_string(),
        says: String::new(),
        blocked: true,
    }));
    all.sort_by_key(|l| l.minute);
    all
}

fn together(i18n: I18n, plan: &DayPlan, runs: &[Run<'_>], grid: bool) -> String {
    let mut jobs: Vec<i64> = runs.iter().map(|r| r.1.id).collect();
    jobs.sort_unstable();
    jobs.dedup();
    let named = match (runs.first(), jobs.len()) {
        (Some((_, j)), 1) => who(i18n, j.company.as_ref(), j.companies),
        (_, n) => who(i18n, None, n as u32),
    };
    let until = runs
        .iter()
        .map(|(s, j)| s.minute + j.length as i32)
        .max()
        .unwrap_or(0);
    let until = plan.clock(until);
    let said = if grid {
        let n = t_string!(i18n, plan.runs, count = runs.len()).to_string();
        t_string!(i18n, plan.every, who = named, runs = n, time = until).to_string()
    } else {
        t_string!(i18n, plan.until, who = named, time = until).to_string()
    };
    match runs.iter().filter(|(s, _)| s.moved_from.is_some()).count() {
        0 => said,
        n => t_string!(i18n, plan.some_moved, runs = said, n = n).to_string(),
    }
}

/// The list. On a wide screen it is there for ears only.
#[component]
pub fn Agenda() -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let all = Memo::new(move |_| {
        let _ = i18n.language();
        desk.data.with(|d| lines(i18n, d))
    });
    let list = move || {
        all.get()
            .into_iter()
            .map(|l| {
                let clock = desk.data.with_untracked(|d| d.clock(l.minute));
                let says = (!l.says.is_empty()).then(|| view! { <br /><span class="muted">{l.says}</span> });
                view! { <li class:blk=l.blocked><time>{clock}</time><span><b>{l.title}</b>{says}</span></li> }
            })
            .collect_view()
    };
    let empty = move || {
        all.with(Vec::is_empty)
            .then(|| view! { <p class="soft none">{say(move || t_string!(i18n, plan.none).to_owned())}</p> })
    };
    view! {
        <ol class="agenda" aria-label=word!(i18n, plan.list)>{list}</ol>
        <div class="only-m">{empty}</div>
    }
}

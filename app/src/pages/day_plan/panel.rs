//! The run in hand: where it would stand beside the others, a typed time, a free one, and the button that moves it.

use super::{Desk, clock_of};
use crate::components::job::job_kind_word;
use crate::components::plan::{problem_text, who};
use crate::{
    api::plan::free_time,
    components::{say, word},
    i18n::*,
    pages::{error_words, here::Here},
};
use domain::{job::JobId, schedule::Clock};
use leptos::prelude::*;
use views::plan::{DayPlan, Move, PlanJob, Problem};

/// Where a run would stand beside the others: `4 min after company 1`. Of the same kind the company is enough.
pub(super) fn describe(i18n: I18n, plan: &DayPlan, job: JobId, from: i32, to: i32) -> String {
    let Some(own) = plan.jobs.iter().find(|j| j.id == job) else {
        return String::new();
    };
    let ends = to + own.length as i32;
    if let Some(b) = plan.blocked.iter().find(|b| to <= b.until && ends >= b.from) {
        return t_string!(i18n, plan.inside, reason = b.reason.clone()).to_string();
    }
    let name = |j: &PlanJob| {
        let who = who(i18n, j.company.as_ref(), j.companies);
        if j.kind == own.kind {
            who
        } else {
            t_string!(i18n, plan.name_of, kind = job_kind_word(i18n, &j.kind), who = who).to_string()
        }
    };
    let others = plan
        .jobs
        .iter()
        .flat_map(|j| j.starts.iter().map(move |s| (j, s.minute)));
    let others = others.filter(|(j, s)| !(j.id == job && *s == from));
    let mut before: Option<(i32, &PlanJob)> = None;
    let mut after: Option<(i32, &PlanJob)> = None;
    for (j, s) in others {
        let done = s + j.length as i32;
        if s <= to && before.is_none_or(|b| done > b.0) {
            before = Some((done, j));
        }
        if s > to && after.is_none_or(|a| s < a.0) {
            after = Some((s, j));
        }
    }
    let mut said = vec![];
    if let Some((done, j)) = before {
        said.push(if done > to {
            t_string!(i18n, plan.beside_n, n = done.min(ends) - to, name = name(j)).to_string()
        } else {
            t_string!(i18n, plan.after_n, n = to - done, name = name(j)).to_string()
        });
    }
    if let Some((s, j)) = after.filter(|a| a.0 < ends + own.gap as i32) {
        said.push(if s < ends {
            t_string!(i18n, plan.beside_n, n = ends - s, name = name(j)).to_string()
        } else {
            t_string!(i18n, plan.before_n, n = s - ends, name = name(j)).to_string()
        });
    }
    said.join(", ")
}

/// Moves the run in hand.
pub(super) fn take(desk: Desk) {
    let Some(c) = desk.chosen.get_untracked() else {
        return;
    };
    let change = desk.data.with_untracked(|d| {
        let job = d.jobs.iter().find(|j| j.id == c.job)?;
        Some(Move {
            job: c.job,
            version: job.version,
            from: clock_of(d.wall(c.from)),
            to: clock_of(d.wall(c.to)),
            gap: None,
            set_gap: false,
        })
    });
    if let Some(change) = change.filter(|m| m.from != m.to) {
        desk.take(vec![change]);
    }
}

/// The run in hand, when there is one.
#[component]
pub fn Held() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let held = Memo::new(move |_| desk.chosen.with(|c| c.map(|c| (c.job, c.from))));
    move || held.get().map(|(job, from)| view! { <InHand job from /> })
}

#[component]
fn InHand(job: JobId, from: i32) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let own = move || desk.data.with(|d| d.jobs.iter().find(|j| j.id == job).cloned());
    let to = Memo::new(move |_| desk.chosen.get().map_or(from, |c| c.to));
    let reasons = RwSignal::new(None::<(bool, Vec<Problem>)>);
    let wrong = RwSignal::new(String::new());
    let seeking = Action::new(move |()| async move {
        let (day, run, around) = desk.data.with_untracked(|d| {
            let clock = |m: i32| clock_of(d.wall(m));
            (d.day, clock(from), clock(to.get_untracked()))
        });
        wrong.set(String::new());
        match free_time(here.office.get_untracked(), day.into(), job, run, around).await {
            Ok(found) => {
                if let Some(m) = &found.change {
                    let to = desk.data.with_untracked(|d| d.passed(i32::from(m.to.minutes())));
                    desk.chosen.update(|c| {
                        if let Some(c) = c {
                            c.to = to;
                        }
                    });
                }
                reasons.set(Some((found.change.is_some(), found.refused)));
            }
            Err(e) => wrong.set(error_words(i18n, &e)),
        }
    });
    let name = say(move || {
        own().map_or(String::new(), |j| {
            let who = who(i18n, j.company.as_ref(), j.companies);
            t_string!(i18n, plan.name_of, kind = job_kind_word(i18n, &j.kind), who = who).to_string()
        })
    });
    let said = say(move || {
        desk.data.with(|d| {
            let own = d.jobs.iter().find(|j| j.id == job);
            let who = own.map_or(String::new(), |j| who(i18n, j.company.as_ref(), j.companies));
            let mut chars = who.chars();
            let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
            let near = describe(i18n, d, job, from, to.get());
            let all = [format!("{first}{}", chars.as_str()), d.clock(to.get()), near];
            all.into_iter()
                .filter(|t| !t.is_empty())
                .collect::<Vec<_>>()
                .join(", ")
        })
    });
    let shown = move || desk.data.with(|d| d.clock(to.get()));
    let typed = move |ev| {
        if let Some(clock) = Clock::read(&event_target_value(&ev)) {
            let to = desk.data.with_untracked(|d| d.passed(i32::from(clock.minutes())));
            desk.chosen.update(|c| {
                if let Some(c) = c {
                    c.to = to;
                }
            });
        }
    };
    let pinned = own().is_some_and(|j| j.pinned);
    let grid = own().is_some_and(|j| j.repeats);
    let why = move || {
        reasons.get().map(|(found, refused)| {
            let list = refused.into_iter().map(|p| view! { <li>{say(move || problem_text(i18n, &p))}</li> }).collect_view();
            view! {
                {(!found).then(|| view! { <p class="wrong">{word!(i18n, plan.no_free)}</p> })}
                <details class="whynot"><summary>{word!(i18n, plan.why_not)}</summary><ol>{list}</ol></details>
            }
        })
    };
    let href = say(move || format!("/o/{}/jobs/{job}", here.office.get()));
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        take(desk);
    };
    view! {
        <form class="inhand" aria-label=word!(i18n, plan.proposal) on:submit=submit>
            <div class="what">
                <b>{name}</b> <a href=href>{word!(i18n, plan.open_job, job = job)}</a>
                <p role="status" data-testid="proposal">{said}</p>
                {pinned.then(|| view! { <p class="soft">{word!(i18n, plan.fixed)}</p> })}
                {grid.then(|| view! { <p class="soft">{word!(i18n, plan.grid)}</p> })}
                <p class="wrong" role="alert">{wrong}</p>
                {why}
            </div>
            <label class="field">
                <span class="muted">{word!(i18n, plan.new_time)}</span>
                <input type="time" required data-testid="new-time" value=shown prop:value=shown on:change=typed disabled=pinned />
            </label>
            <button type="button" class="btn" disabled=move || pinned || seeking.pending().get() on:click=move |_| { seeking.dispatch(()); }>{word!(i18n, plan.find_free)}</button>
            <button class="btn pri" disabled=move || pinned || to.get() == from || desk.moving.pending().get()>{word!(i18n, plan.move_to, time = shown())}</button>
            <button type="button" class="btn ghost" on:click=move |_| desk.chosen.set(None)>{word!(i18n, plan.cancel)}</button>
        </form>
    }
}

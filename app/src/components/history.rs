//! What happened to a task, newest first, and its attempts (T15).

use crate::components::say;
use crate::{
    components::{language::reading, status::Shape},
    i18n::*,
};
use domain::{TaskState, moment::span};
use leptos::prelude::*;
use views::{AttemptLine, HistoryLine};

fn word(i18n: I18n, what: &str) -> &'static str {
    match what {
        "delivered" => t_string!(i18n, happened.delivered),
        "claimed" => t_string!(i18n, happened.claimed),
        "succeeded" => t_string!(i18n, happened.succeeded),
        "retrying" => t_string!(i18n, happened.retrying),
        "action_required" => t_string!(i18n, happened.action_required),
        "failed" => t_string!(i18n, happened.failed),
        "released" => t_string!(i18n, happened.released),
        "lease_over" => t_string!(i18n, happened.lease_over),
        "restarted" => t_string!(i18n, happened.restarted),
        "undone" => t_string!(i18n, happened.undone),
        "handed_over" => t_string!(i18n, happened.handed_over),
        "instructed" => t_string!(i18n, happened.instructed),
        "taken" => t_string!(i18n, happened.taken),
        "urgent" => t_string!(i18n, happened.urgent),
        "snoozed" => t_string!(i18n, happened.snoozed),
        "confirmed" => t_string!(i18n, confirm.happened),
        "corrected" => t_string!(i18n, happened.corrected),
        "cancel_asked" => t_string!(i18n, happened.cancel_asked),
        "cancelled" => t_string!(i18n, happened.cancelled),
        "late_succeeded" => t_string!(i18n, reports.late_succeeded),
        "late_failed" => t_string!(i18n, reports.late_failed),
        "late_released" => t_string!(i18n, reports.late_released),
        _ => t_string!(i18n, happened.contradicted),
    }
}

fn shape(what: &str) -> TaskState {
    match what {
        "claimed" => TaskState::Running,
        "succeeded" => TaskState::Succeeded,
        "action_required" | "instructed" => TaskState::ActionRequired,
        "failed" | "lease_over" | "contradicted" | "late_succeeded" => TaskState::Failed,
        "cancelled" | "cancel_asked" => TaskState::Cancelled,
        _ => TaskState::Queued,
    }
}

/// The steps of a task's life, newest first.
#[component]
pub fn History(lines: Vec<HistoryLine>) -> impl IntoView {
    let i18n = use_i18n();
    let line = move |l: HistoryLine| {
        let what = l.what.clone();
        let took = (l.took >= 1000).then(|| view! { <small class="muted">{say(move || t_string!(i18n, task.took, time = span(l.took, reading(i18n))).to_string())}</small> });
        view! {
            <li>
                <Shape state=shape(&l.what) />
                <span>
                    <b>{say(move || word(i18n, &what).to_owned())}</b>
                    {l.who.map(|who| view! { " " {word!(i18n, happened.claimed_by, who = who.clone())} })}
                    {l.note.map(|note| view! { <br /> {note} })}
                </span>
                <span class="when">
                    <time class="muted" datetime=l.at.rfc3339() title=say(move || l.at.full(reading(i18n)))>{l.at.clock()}</time>
                    {took}
                </span>
            </li>
        }
    };
    view! { <ol class="hist">{lines.into_iter().map(line).collect_view()}</ol> }
}

fn outcome(i18n: I18n, outcome: &str) -> &'static str {
    match outcome {
        "running" => t_string!(i18n, outcome.running),
        "succeeded" => t_string!(i18n, outcome.succeeded),
        "failed" => t_string!(i18n, outcome.failed),
        "released" => t_string!(i18n, outcome.released),
        "lease_over" => t_string!(i18n, outcome.lease_over),
        _ => t_string!(i18n, outcome.closed),
    }
}

/// Every try: who, when, how long, how it ended, what the package said.
#[component]
pub fn Attempts(attempts: Vec<AttemptLine>) -> impl IntoView {
    let i18n = use_i18n();
    let line = move |a: AttemptLine| {
        let (ended, number) = (a.outcome.clone(), a.number);
        let took = move || match a.took {
            Some(ms) => t_string!(i18n, task.took, time = span(ms, reading(i18n))).to_string(),
            None => t_string!(i18n, task.runs).to_owned(),
        };
        view! {
            <li>
                <b>{word!(i18n, task.attempt, n = number)}</b>
                <span>{say(move || outcome(i18n, &ended).to_owned())} " · " {a.connector} " · " {took}</span>
                <time class="muted" datetime=a.claimed.rfc3339()>{say(move || a.claimed.full(reading(i18n)))}</time>
                {a.result.map(|r| view! { <pre class="code">{r}</pre> })}
            </li>
        }
    };
    view! { <ol class="tries">{attempts.into_iter().map(line).collect_view()}</ol> }
}

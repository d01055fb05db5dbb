//! One job of a procedure: where it is, old and new side by side, what can be done with it.

use super::{super::refusals::not_now_words, Desk};
use crate::{
    components::{
        job::{job_kind_word, status_word},
        say, word,
    },
    i18n::*,
    pages::here::Here,
};
use domain::job::{JobId, JobStatus, Standing};
use leptos::prelude::*;
use views::procedures::{Card, Compared, Move, Obstacle, Step};

fn obstacle_words(i18n: I18n, o: &Obstacle) -> String {
    match o {
        Obstacle::Running => t_string!(i18n, procedures.o_running).to_owned(),
        Obstacle::Differs => t_string!(i18n, procedures.o_differs).to_owned(),
        Obstacle::NotAllChecked => t_string!(i18n, procedures.delete_when).to_owned(),
        Obstacle::Moved => t_string!(i18n, procedures.o_moved).to_owned(),
        Obstacle::Refused { not_now, words } => not_now_words(i18n, not_now.as_ref(), words),
    }
}

fn what_word(i18n: I18n, what: &str) -> &'static str {
    match what {
        "status" => t_string!(i18n, procedures.cmp_status),
        "start" => t_string!(i18n, procedures.cmp_start),
        "interval" => t_string!(i18n, procedures.cmp_interval),
        "run_as" => t_string!(i18n, procedures.cmp_run_as),
        "outputs" => t_string!(i18n, procedures.cmp_outputs),
        "params" => t_string!(i18n, jobs.f_params),
        "server" => t_string!(i18n, jobs.f_server),
        _ => t_string!(i18n, procedures.cmp_description),
    }
}

fn why_word(i18n: I18n, why: &str) -> &'static str {
    match why {
        "not_queued" => t_string!(i18n, procedures.d_not_queued),
        "person" => t_string!(i18n, procedures.d_person),
        "pattern" => t_string!(i18n, procedures.d_pattern),
        _ => t_string!(i18n, procedures.d_differs),
    }
}

/// A value as people call it: a standing is a key.
fn value(i18n: I18n, what: &str, value: &str) -> String {
    let standing = Standing::from_key(value).filter(|_| what == "status");
    match standing {
        Some(Standing::Active) => status_word(i18n, JobStatus::Queued),
        Some(Standing::OnHold) => status_word(i18n, JobStatus::OnHold),
        Some(Standing::Inactive) => status_word(i18n, JobStatus::Inactive),
        Some(Standing::Stopped) => status_word(i18n, JobStatus::Error),
        None => value.to_owned(),
    }
}

/// The card of a job.
#[component]
pub fn OneCard(id: JobId) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let Desk { data, left, moves } = expect_context::<Desk>();
    let card = Memo::new(move |before: Option<&Option<Card>>| {
        let now = data.with(|d| d.cards.iter().find(|c| c.job == id).cloned());
        now.or_else(|| before.cloned().flatten())
    });
    let with =
        move |f: fn(&Card) -> String| say(move || card.with(|c| c.as_ref().map(f).unwrap_or_default()));
    let step = Memo::new(move |_| card.with(|c| c.as_ref().map_or(Step::ToDo, |c| c.step)));
    let ended = Memo::new(move |_| data.with(|d| d.line.ended.is_some()));
    let differs =
        Memo::new(move |_| card.with(|c| c.as_ref().is_some_and(|c| c.compared.iter().any(|l| !l.good))));
    let twin = Memo::new(move |_| card.with(|c| c.as_ref().and_then(|c| c.twin)));
    let compared =
        Memo::new(move |_| card.with(|c| c.as_ref().map(|c| c.compared.clone()).unwrap_or_default()));
    let kind = say(move || {
        card.with(|c| {
            c.as_ref()
                .map(|c| job_kind_word(i18n, &c.kind))
                .unwrap_or_default()
        })
    });
    let act = move |step: Move| {
        move |_| {
            moves.dispatch((vec![id], step));
        }
    };
    let button = move |key: &'static str, words: Box<dyn Fn() -> String + Send + Sync>, step: Move| {
        view! { <button type="button" class="btn sm" data-act=key disabled=moves.pending() on:click=act(step)>{words}</button> }
    };
    let notes = move || {
        let mut all: Vec<String> = vec![];
        card.with(|c| {
            let Some(c) = c else { return };
            if c.cancels && c.step <= Step::Created {
                all.push(t_string!(i18n, procedures.cancels).to_owned());
            }
            if c.running && !c.step.is_over() {
                all.push(
                    match c.step {
                        Step::ToDo if c.cancels => t_string!(i18n, procedures.cancel_waits),
                        Step::ToDo => t_string!(i18n, procedures.hold_leaves),
                        _ => t_string!(i18n, procedures.delete_waits),
                    }
                    .to_owned(),
                );
            }
            if c.accepted {
                all.push(t_string!(i18n, procedures.accepted).to_owned());
            }
        });
        all.into_iter()
            .map(|words| view! { <small class="muted">{words}</small> })
            .collect_view()
    };
    view! {
        <li class="jobcard" class:differs=move || differs.get() && step.get() == Step::Created data-card=id>
            <p>
                <b>{with(|c| c.description.clone())}</b>
                <small class="muted">{kind} " · " {with(|c| {
                    let codes: Vec<&str> = c.companies.iter().map(|c| c.code.as_str()).collect();
                    match c.company_count as usize {
                        n if n > codes.len() => format!("{} +{}", codes.join(", "), n - codes.len()),
                        _ => codes.join(", "),
                    }
                })}</small>
            </p>
            <p class="code">
                <a href=say(move || format!("/o/{}/jobs/{id}", here.office.get()))>{id}</a>
                {move || twin.get().map(|t| view! { " → " <a href=say(move || format!("/o/{}/jobs/{t}", here.office.get()))>{t}</a> })}
            </p>
            {notes}
            {move || (!compared.with(Vec::is_empty)).then(|| view! { <Comparison compared /> })}
            <small class="act" role="status">{say(move || left.with(|l| l.get(&id).map(|o| obstacle_words(i18n, o)).unwrap_or_default()))}</small>
            {move || (!ended.get()).then(|| match step.get() {
                Step::ToDo => view! { <p class="bar">{button("create", word!(i18n, procedures.create_this), Move::Create)} {button("leave", word!(i18n, procedures.leave_out), Move::LeaveOut)}</p> }.into_any(),
                Step::Created => view! {
                    <p class="bar">
                        {move || if differs.get() { button("accept", word!(i18n, procedures.accept), Move::Accept) } else { button("check", word!(i18n, procedures.check_this), Move::Check) }}
                        {button("undo", word!(i18n, procedures.undo), Move::Undo)}
                    </p>
                }.into_any(),
                Step::Checked => view! { <p class="bar">{button("undo", word!(i18n, procedures.undo), Move::Undo)}</p> }.into_any(),
                Step::LeftOut => view! { <p class="bar">{button("take", word!(i18n, procedures.take_in), Move::TakeIn)}</p> }.into_any(),
                _ => ().into_any(),
            })}
        </li>
    }
}

/// Old and new, side by side. What differs is bold and says why.
#[component]
fn Comparison(compared: Memo<Vec<Compared>>) -> impl IntoView {
    let i18n = use_i18n();
    let bad = Memo::new(move |_| compared.with(|c| c.iter().filter(|l| !l.good).count()));
    let summary = say(move || match bad.get() {
        0 => t_string!(i18n, procedures.no_difference).to_owned(),
        n => t_string!(i18n, procedures.differences, count = n).to_string(),
    });
    let rows = move || {
        compared
            .get()
            .into_iter()
            .map(|l| {
                let l = StoredValue::new(l);
                let good = l.with_value(|l| l.good);
                let part = move |f: fn(&Compared) -> &String| {
                    say(move || l.with_value(|l| value(i18n, &l.what, f(l))))
                };
                view! {
                    <tr role="row" class:bad=!good data-compared=l.with_value(|l| l.what.clone())>
                        <th role="rowheader" scope="row">{say(move || l.with_value(|l| what_word(i18n, &l.what).to_owned()))}</th>
                        <td role="cell">{part(|l| &l.old)}</td>
                        <td role="cell">{part(|l| &l.new)} <small>{say(move || l.with_value(|l| l.why.as_ref().map(|w| why_word(i18n, w).to_owned()).unwrap_or_default()))}</small></td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <details open=move || bad.get() != 0>
            <summary>{summary}</summary>
            <table class="compare" role="table" aria-label=word!(i18n, procedures.comparison)>
                <thead role="rowgroup"><tr role="row">
                    <th role="columnheader" scope="col"><span class="vh">{word!(i18n, procedures.cmp_what)}</span></th>
                    <th role="columnheader" scope="col">{word!(i18n, procedures.old)}</th>
                    <th role="columnheader" scope="col">{word!(i18n, procedures.the_new)}</th>
                </tr></thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </details>
    }
}

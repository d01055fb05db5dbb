//! One run whole: each company with its task, its outputs, and what the server said.

use super::{
    super::{
        follow::keep_up,
        here::Here,
        jobs::desk::{Desk, verb_words},
        not_found::Missing,
        unread::Unread,
    },
    began,
};
use crate::{
    api::jobs::{answer_run, run},
    components::{
        job::{Counts, RunMark, job_kind_word, note_in},
        language::reading,
        say,
        status::{Shape, Word},
        word,
    },
    i18n::*,
};
use domain::{Moment, Refusal, job::RunState};
use leptos::{prelude::*, task::spawn_local};
use views::jobs::{RunCompanyLine, RunDetail};

/// The run of a number.
#[component]
pub fn One(id: String) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let id = StoredValue::new(id);
    let first = Resource::new_blocking(
        move || (here.office.get(), here.reread.get()),
        move |(office, _)| async move {
            match id.get_value().parse() {
                Ok(id) => run(office, id).await,
                Err(_) => Err(Refusal::NotFound.into()),
            }
        },
    );
    view! {
        <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(detail) => view! { <Known detail /> }.into_any(),
                    Err(e) if e.code() == "not_found" => view! { <Missing /> }.into_any(),
                    Err(e) => view! { <Unread e /> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Known(detail: RunDetail) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let id = detail.line.id;
    let data = RwSignal::new(detail);
    keep_up(
        move || here.office.get(),
        desk.again,
        move |office: String| run(office, id),
        move |_, found| data.set(found),
    );
    let state = Memo::new(move |_| data.with(|d| d.line.state));
    let due = data.with_untracked(|d| d.line.due);
    let job = say(move || format!("/o/{}/jobs/{}", here.office.get(), data.with(|d| d.line.job)));
    let kind = say(move || data.with(|d| job_kind_word(i18n, &d.line.kind)));
    let name = say(move || data.with(|d| d.line.description.clone()));
    let at = move |m: Option<Moment>| m.map(|m| m.full(reading(i18n))).unwrap_or_default();
    let counted = Memo::new(move |_| data.with(|d| d.line.counted.clone()));
    let note = say(move || {
        data.with(|d| {
            d.line
                .note
                .as_ref()
                .map(|n| note_in(i18n.language(), d.line.state, n))
                .unwrap_or_default()
        })
    });
    let times = say(move || {
        data.with(|d| {
            if d.line.stands_for > 1 {
                t_string!(i18n, jobs.stands_for, count = d.line.stands_for as usize).to_string()
            } else {
                String::new()
            }
        })
    });
    let companies = Memo::new(move |_| data.with(|d| d.companies.clone()));
    view! {
        <section class="card jobnow" aria-labelledby="h-run">
            <div class="pad form">
                <h2 id="h-run" class="vh">{word!(i18n, jobs.run_title, id = id)}</h2>
                <p class="big"><RunMark state /> <b dir="auto"><a href=job>{name}</a></b></p>
                <dl class="people3">
                    <div><dt>{word!(i18n, jobs.th_kind_short)}</dt><dd>{kind}</dd></div>
                    <div><dt>{word!(i18n, jobs.th_due)}</dt><dd>{say(move || due.full(reading(i18n)))}</dd></div>
                    <div><dt>{word!(i18n, jobs.th_started)}</dt><dd>{say(move || data.with(|d| began(i18n, d.line.due.at, d.line.started)))}</dd></div>
                    <div><dt>{word!(i18n, jobs.ended)}</dt><dd>{say(move || at(data.with(|d| d.line.ended)))}</dd></div>
                    <div><dt>{word!(i18n, jobs.ran_as)}</dt><dd data-who="run-as">{say(move || data.with(|d| d.line.run_as.clone()))}</dd></div>
                    <div><dt>{word!(i18n, jobs.th_counts)}</dt><dd data-testid="counts">{move || view! { <Counts counted=counted.get() /> }}</dd></div>
                    <div hidden=move || data.with(|d| d.line.note.is_none() && d.line.stands_for <= 1)><dt>{word!(i18n, jobs.th_note)}</dt><dd data-testid="note">{note} " " {times}</dd></div>
                </dl>
                {move || (state.get() == RunState::Asks).then(|| view! { <Answer run=id due /> })}
            </div>
        </section>
        {move || match companies.get() {
            // what is kept of older runs may be their sum alone
            none if none.is_empty() => {
                let never = matches!(state.get(), RunState::Missed | RunState::Asks | RunState::Skipped | RunState::Error);
                never
                    .then(|| view! { <div class="card pad"><p class="soft">{word!(i18n, jobs.no_companies)}</p></div> })
                    .into_any()
            }
            some => view! { <Companies some /> }.into_any(),
        }}
    }
}

#[component]
fn Companies(some: Vec<RunCompanyLine>) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <section class="card joblist runlist" aria-label=word!(i18n, jobs.th_companies)>
            <table class="stack" role="table" aria-label=word!(i18n, jobs.th_companies)>
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">{word!(i18n, jobs.company)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, jobs.th_status)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, jobs.th_counts)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, jobs.th_outputs)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, jobs.th_log)}</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{some.into_iter().map(|c| view! { <Company c /> }).collect_view()}</tbody>
            </table>
        </section>
    }
}

#[component]
fn Company(c: RunCompanyLine) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (task, state) = (c.task.0, c.state);
    let href = say(move || format!("/o/{}/tasks/{task}", here.office.get()));
    let code = c.company.code.clone();
    let outputs = c.outputs.into_iter().map(|o| {
        let what = o.what.clone();
        view! {
            <li data-output=o.what>
                <span class="muted">{say(move || crate::components::job::output_word(i18n, &what))}</span> " "
                <span class="mono">{format!("{}/{}", o.path, o.file)}</span> " " <span class="muted">{o.format}</span>
                {(!o.email.is_empty()).then(|| view! { " → " <span dir="auto">{o.email.clone()}</span> })}
            </li>
        }
    });
    view! {
        <tr role="row" data-company=code>
            <th role="rowheader" scope="row" class="j1"><b dir="auto">{c.company.name}</b> " " <span class="code">{c.company.code}</span></th>
            <td role="cell" class="j0">
                <span class="st"><Shape state /> <Word state /></span>
                <small><a href=href>{word!(i18n, jobs.to_task, id = task)}</a></small>
            </td>
            <td role="cell" class="j2"><Counts counted=c.counted /></td>
            <td role="cell" class="j3"><ul class="files">{outputs.collect_view()}</ul></td>
            <td role="cell" class="j5 logtext"><span class="wrap" dir="auto">{c.log}</span></td>
        </tr>
    }
}

/// A missed run that moves money: a person says what becomes of it (J29).
#[component]
pub fn Answer(
    /// Its number.
    run: i64,
    /// When it was due.
    due: Moment,
) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let say_so = move |run_now: bool| {
        if desk.busy.get_untracked() {
            return;
        }
        desk.busy.set(true);
        desk.said.set(None);
        spawn_local(async move {
            let said = match answer_run(here.office.get_untracked(), run, run_now).await {
                Ok(()) if run_now => Ok(t_string!(i18n, jobs.did_answer).to_owned()),
                Ok(()) => Ok(t_string!(i18n, jobs.did_skip).to_owned()),
                Err(e) => Err(verb_words(i18n, &e)),
            };
            let _ = desk.said.try_set(Some(said));
            let _ = desk.busy.try_set(false);
            let _ = desk.again.try_update(|n| *n += 1);
        });
    };
    view! {
        <section class="todo act between" data-testid="asks">
            <h3>{word!(i18n, jobs.missed_asks, at = due.full(reading(i18n)))}</h3>
            <p class="soft">{word!(i18n, jobs.missed_asks_lead)}</p>
            <div class="acts">
                <button type="button" class="btn pri" disabled=desk.busy on:click=move |_| say_so(true)>{word!(i18n, jobs.v_run_now)}</button>
                <button type="button" class="btn" disabled=desk.busy on:click=move |_| say_so(false)>{word!(i18n, jobs.skip)}</button>
            </div>
        </section>
    }
}

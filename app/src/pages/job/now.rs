//! A job that is there: what it does now, and beside it the form (J7, J11, J25).

use super::{
    super::{
        follow::keep_up,
        here::Here,
        jobs::desk::{Chosen, Desk, act},
        runs::Answer,
        why::{ReplaceJob, Why},
    },
    Help,
    draft::{Draft, tidy},
    form::{Context, Form},
    needs_help,
    saving::Saving,
};
use crate::{
    api::jobs::job,
    components::{
        job::{Counts, JobState, RunMark, advice, job_kind_does, job_kind_word, note_in, stood_word},
        language::reading,
        say, word,
    },
    i18n::*,
};
use domain::{
    Moment,
    job::{JobForm, JobId, RunState, Standing},
    moment::span,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use views::jobs::{Did, JobDetail, JobLine, JobVerb, JobsSetting, RunLine};

/// The job as first read; it is read again in place. What is typed stays.
#[component]
pub fn Known(
    detail: JobDetail,
    help: Option<Help>,
    setting: JobsSetting,
    all: Vec<JobLine>,
) -> impl IntoView {
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let id = detail.line.id;
    let draft = Draft::new(&setting.zone, setting.hours);
    draft.load(&detail.form, Some(&detail.kind));
    let version = RwSignal::new(detail.line.version);
    let base = RwSignal::new(Some(tidy(detail.form.clone())));
    let theirs = RwSignal::new(None::<(JobForm, Did)>);
    let kind = StoredValue::new(detail.kind.clone());
    let data = RwSignal::new(detail);
    keep_up(
        move || here.office.get(),
        desk.again,
        move |office: String| job(office, id),
        move |_, found: JobDetail| {
            let (was, now) = (base.get_untracked(), tidy(found.form.clone()));
            let typed = untrack(move || draft.form());
            if found.line.version >= version.get_untracked() {
                if was.as_ref() == Some(&now) || typed == now {
                    base.set(Some(now));
                    version.set(found.line.version);
                    theirs.set(None);
                } else if was == Some(typed) {
                    // nothing was typed here: theirs is what is shown
                    draft.load(&now, Some(&found.kind));
                    base.set(Some(now));
                    version.set(found.line.version);
                } else {
                    theirs.set(Some((now, found.edited.clone())));
                }
            }
            data.set(found);
        },
    );
    let load = move |take: bool| {
        if let Some((form, _)) = theirs.get_untracked() {
            if take {
                kind.with_value(|k| draft.load(&form, Some(k)));
            }
            base.set(Some(form));
            version.set(data.with_untracked(|d| d.line.version));
            theirs.set(None);
        }
    };
    // asked for, or a job that needs somebody: it stays when the job is mended meanwhile
    let query = use_query_map();
    let helped = Memo::new(move |before: Option<&bool>| {
        before == Some(&true)
            || query.with(|q| q.get("why").is_some())
            || data.with(|d| needs_help(d.line.status))
    });
    let help = StoredValue::new(help);
    let saving = Saving {
        draft,
        refused: RwSignal::new(vec![]),
        job: Some((id, version)),
        base,
    };
    view! {
        <Context draft kinds=setting.kinds.clone() companies=setting.companies.clone() number=Some(id) />
        <Status data />
        {move || helped.get().then(|| view! { <Why id first=help.get_value() /> })}
        <Theirs theirs on_load=Callback::new(load) />
        <div class="jobgrid">
            <Form saving setting all />
            <Aside data />
        </div>
    }
}

/// Somebody else saved meanwhile.
#[component]
fn Theirs(theirs: RwSignal<Option<(JobForm, Did)>>, on_load: Callback<bool>) -> impl IntoView {
    let i18n = use_i18n();
    move || {
        theirs.get().map(|(_, did)| {
            let (who, at) = (did.by, did.at);
            view! {
                <section class="todo act between" role="alert" data-testid="theirs">
                    <h3>{word!(i18n, jobs.theirs_title)}</h3>
                    <p class="soft">{word!(i18n, jobs.theirs, who = who.clone(), at = at.clock())}</p>
                    <div class="acts">
                        <button type="button" class="btn pri" on:click=move |_| on_load.run(true)>{word!(i18n, jobs.load_theirs)}</button>
                        <button type="button" class="btn" on:click=move |_| on_load.run(false)>{word!(i18n, jobs.keep_mine)}</button>
                    </div>
                </section>
            }
        })
    }
}

/// Status, what it means, why it stands so, and what can be done.
#[component]
fn Status(data: RwSignal<JobDetail>) -> impl IntoView {
    let i18n = use_i18n();
    let status = Memo::new(move |_| data.with(|d| d.line.status));
    let name = say(move || data.with(|d| d.line.description.clone()));
    let what = say(move || {
        data.with(|d| {
            format!(
                "{}. {}",
                job_kind_word(i18n, &d.line.kind),
                job_kind_does(i18n, &d.line.kind)
            )
        })
    });
    let stood = Memo::new(move |_| data.with(|d| d.stood.clone()));
    let why = move || {
        stood.get().map(|s| {
            let at = s.at;
            let said = say(move || {
                let who = if s.by.is_empty() {
                    t_string!(i18n, jobs.the_desk).to_owned()
                } else {
                    s.by.clone()
                };
                let who =
                    t_string!(i18n, jobs.who_and_when, who = who, at = at.full(reading(i18n))).to_string();
                match s.why.as_deref().map(|w| stood_word(i18n, w)) {
                    Some(why) => format!("{why} ({who})"),
                    None => who,
                }
            });
            view! { <p class="soft" data-testid="stood"><b>{word!(i18n, jobs.why)}": "</b> {said}</p> }
        })
    };
    let requeued = move || {
        let n = data.with(|d| d.requeued as usize);
        (n > 0).then(
            || view! { <p class="act" data-testid="requeued">{word!(i18n, jobs.requeued_n, count = n)}</p> },
        )
    };
    let off = move || {
        data.with(|d| d.line.system_off)
            .then(|| view! { <p class="act">{say(move || t_string!(i18n, jobs.e_system).to_owned())}</p> })
    };
    let asks = Memo::new(move |_| {
        data.with(|d| {
            d.runs
                .iter()
                .find(|r| r.state == RunState::Asks)
                .map(|r| (r.id, r.due))
        })
    });
    view! {
        <section class="card jobnow" id="now" aria-labelledby="h-now">
            <div class="pad form">
                <h2 id="h-now" class="vh">{word!(i18n, jobs.now)}</h2>
                <p class="big"><JobState status /> <b dir="auto">{name}</b></p>
                <p class="soft">{what}</p>
                <p data-testid="advice">{say(move || advice(i18n, status.get()))}</p>
                {why} {requeued} {off}
                {move || asks.get().map(|(run, due)| view! { <Answer run due /> })}
                <Buttons data />
            </div>
        </section>
    }
}

/// What can be done as the job stands.
#[component]
fn Buttons(data: RwSignal<JobDetail>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let stands = Memo::new(move |_| {
        data.with(|d| {
            (
                d.line.standing,
                d.line.last.as_ref().is_some_and(|l| l.state.is_open()),
            )
        })
    });
    let chosen = move || {
        data.with_untracked(|d| Chosen {
            id: d.line.id,
            version: d.line.version,
            name: d.line.description.clone(),
        })
    };
    let at_once = move |verb: JobVerb| move |_| act(desk, here, i18n, chosen(), verb, None);
    let first = move |verb: JobVerb| move |_| desk.ask(chosen(), verb);
    move || {
        let (standing, open) = stands.get();
        let activate = (standing == Standing::Inactive).then(|| {
            view! { <button type="button" class="btn pri" disabled=desk.busy on:click=at_once(JobVerb::Activate)>{word!(i18n, jobs.v_activate)}</button> }
        });
        let queue = (matches!(standing, Standing::OnHold) || (standing == Standing::Stopped && !open)).then(|| {
            let stopped = standing == Standing::Stopped;
            let text = say(move || if stopped { t_string!(i18n, jobs.a_queue_again) } else { t_string!(i18n, jobs.v_queue) }.to_owned());
            view! { <button type="button" class="btn pri" disabled=desk.busy on:click=at_once(JobVerb::Queue)>{text}</button> }
        });
        let hold = matches!(standing, Standing::Active | Standing::Stopped).then(|| {
            let text = say(move || {
                if open {
                    t_string!(i18n, jobs.v_hold_open)
                } else {
                    t_string!(i18n, jobs.v_hold)
                }
                .to_owned()
            });
            view! { <button type="button" class="btn" on:click=first(JobVerb::Hold)>{text}</button> }
        });
        let run = (standing != Standing::Inactive && !open).then(|| {
            view! { <button type="button" class="btn" disabled=desk.busy on:click=at_once(JobVerb::RunNow)>{word!(i18n, jobs.v_run_now)}</button> }
        });
        let delete = (!open).then(|| {
            view! { <button type="button" class="btn" on:click=first(JobVerb::Delete)>{word!(i18n, jobs.v_delete)}</button> }
        });
        let replace = matches!(standing, Standing::Active | Standing::Stopped).then(|| {
            let id = data.with_untracked(|d| d.line.id);
            view! { <ReplaceJob id /> }
        });
        view! { <div class="bar" data-testid="verbs">{activate} {queue} {hold} {run} {replace} {delete}</div> }
    }
}

/// What stands beside the form: people, the next runs, the last ones.
#[component]
fn Aside(data: RwSignal<JobDetail>) -> impl IntoView {
    let i18n = use_i18n();
    let next = Memo::new(move |_| data.with(|d| d.next.clone()));
    let planned = move || {
        match next.get() {
        none if none.is_empty() => view! { <p class="soft">{word!(i18n, jobs.none_planned)}</p> }.into_any(),
        some => view! { <ol class="instants" data-testid="next-ten">{some.into_iter().map(|at| view! { <At at /> }).collect_view()}</ol> }.into_any(),
    }
    };
    view! {
        <aside class="jobaside" aria-label=word!(i18n, jobs.now)>
            <section class="card" aria-labelledby="h-people"><h2 id="h-people" class="vh">{word!(i18n, jobs.created)}</h2><People data /></section>
            <section class="card" aria-labelledby="h-next">
                <header><h2 id="h-next">{word!(i18n, jobs.next_ten)}</h2></header>
                <div class="pad">{planned}</div>
            </section>
            <LastRuns data />
        </aside>
    }
}

#[component]
fn At(at: Moment) -> impl IntoView {
    let i18n = use_i18n();
    view! { <li><time datetime=at.rfc3339()>{say(move || at.full(reading(i18n)))}</time></li> }
}

/// Who made it, who changed it, and whom its runs show, beside each other (J11); how long it takes; what it belongs to.
#[component]
fn People(data: RwSignal<JobDetail>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let did = move |f: fn(&JobDetail) -> &Did| {
        say(move || {
            data.with(|d| {
                let did = f(d);
                t_string!(
                    i18n,
                    jobs.who_and_when,
                    who = did.by.clone(),
                    at = did.at.full(reading(i18n))
                )
                .to_string()
            })
        })
    };
    let usual = say(move || {
        let (minutes, known) = data.with(|d| d.usual);
        let time = span(i64::from(minutes) * 60_000, reading(i18n));
        match known {
            0 => t_string!(i18n, jobs.usual_entered, time = time).to_string(),
            n => t_string!(i18n, jobs.usual_learned, time = time, n = n).to_string(),
        }
    });
    let twin = move |label: Box<dyn Fn() -> String + Send + Sync>, id: Option<JobId>| {
        id.map(|id| {
            let href = say(move || format!("/o/{}/jobs/{id}", here.office.get()));
            view! { <div><dt>{label}</dt><dd><a class="mono" href=href>{id}</a></dd></div> }
        })
    };
    view! {
        <dl class="pad people3" data-testid="people">
            <div><dt>{word!(i18n, jobs.created)}</dt><dd data-who="created">{did(|d| &d.created)}</dd></div>
            <div><dt>{word!(i18n, jobs.edited)}</dt><dd data-who="edited">{did(|d| &d.edited)}</dd></div>
            <div><dt>{word!(i18n, jobs.shows_as)}</dt><dd data-who="run-as">{say(move || data.with(|d| d.line.run_as.clone()))}</dd></div>
            <div><dt>{word!(i18n, jobs.usual)}</dt><dd data-testid="usual">{usual}</dd></div>
            {move || twin(word!(i18n, jobs.replaces), data.with(|d| d.line.replaces))}
            {move || twin(word!(i18n, jobs.replaced_by), data.with(|d| d.replaced_by))}
            {move || data.with(|d| d.procedure).map(|p| {
                let href = say(move || format!("/o/{}/procedures/{p}", here.office.get()));
                view! { <div><dt class="vh">{word!(i18n, jobs.in_procedure)}</dt><dd><a href=href>{word!(i18n, jobs.in_procedure)}</a></dd></div> }
            })}
        </dl>
    }
}

/// The last runs with what they did.
#[component]
fn LastRuns(data: RwSignal<JobDetail>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let runs = Memo::new(move |_| data.with(|d| d.runs.iter().take(10).cloned().collect::<Vec<_>>()));
    let all = say(move || {
        format!(
            "/o/{}/jobs/runs?job={}",
            here.office.get(),
            data.with(|d| d.line.id)
        )
    });
    let line = move |r: RunLine| {
        let (id, due, state, note, failed) = (r.id, r.due, r.state, r.note.clone(), r.companies.2);
        let href = say(move || format!("/o/{}/jobs/runs/{id}", here.office.get()));
        let took = r
            .seconds
            .map(|s| say(move || span(i64::from(s) * 1000, reading(i18n))));
        view! {
            <li data-run=id>
                <a href=href><RunMark state /> <time datetime=due.rfc3339()>{say(move || due.full(reading(i18n)))}</time></a>
                <span class="soft">
                    {took} " " <Counts counted=r.counted />
                    {(failed > 0).then(|| view! { " " <span class="act">{word!(i18n, jobs.failed_n, count = failed as usize)}</span> })}
                    {note.map(|n| view! { " " <span class="muted">{say(move || note_in(i18n.language(), state, &n))}</span> })}
                </span>
            </li>
        }
    };
    view! {
        <section class="card" aria-labelledby="h-last">
            <header><h2 id="h-last">{word!(i18n, jobs.last_runs)}</h2><span class="r"><a class="link" href=all>{word!(i18n, jobs.all_runs)}</a></span></header>
            {move || match runs.get() {
                none if none.is_empty() => view! { <p class="soft pad">{word!(i18n, jobs.no_runs)}</p> }.into_any(),
                some => view! { <ul class="runlines">{some.into_iter().map(line).collect_view()}</ul> }.into_any(),
            }}
        </section>
    }
}

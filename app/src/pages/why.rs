//! Why a job does not run: the checklist, and one recommendation with its button (J26, J27, J30). `<Why id first />`
//! keeps what it shows fresh by itself.

mod words;

use words::{advice_words, answer, mark_word, question, report};

use super::{
    follow::follow_jobs,
    here::Here,
    profile::{Said, SaidLine},
    refusals::why_not,
    unread::Unread,
};
use crate::{
    api::{
        ApiError,
        jobs::do_job,
        procedures::{set_posting_ok, start_replace, why},
    },
    browser,
    components::{
        icon::{Glyph, Icon},
        job::JobState,
        say, word,
    },
    i18n::*,
};
use domain::job::JobId;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;
use views::{
    jobs::{Company, JobVerb},
    stuck::{Advice, Alarm, Check, CheckLine, Mark, Why as Found},
};

/// The help for one job, as the page read it; a job that needs help later is read when it does. The place in which a
/// page is read makes nothing that is read on its own: the server would number it otherwise than the browser does.
#[component]
pub fn Why(
    /// The job.
    id: JobId,
    /// What the page read.
    first: Option<Result<Found, ApiError>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let found = RwSignal::new(first);
    Effect::new(move |before: Option<u32>| {
        let now = here.reread.get();
        if found.with_untracked(Option::is_none) || before.is_some_and(|b| b != now) {
            let office = here.office.get_untracked();
            spawn_local(async move {
                let answer = why(office, id).await;
                // the page may be left meanwhile
                let _ = found.try_set(Some(answer));
            });
        }
        now
    });
    move || match found.get() {
        None => view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }.into_any(),
        Some(Ok(found)) => view! { <Known found /> }.into_any(),
        Some(Err(e)) if e.code() == "not_found" => {
            view! { <p class="wrong" role="alert">{word!(i18n, stuck.no_job)}</p> }.into_any()
        }
        Some(Err(e)) => view! { <Unread e /> }.into_any(),
    }
}

/// The button that begins to replace a job by a new one (J9).
#[component]
pub fn ReplaceJob(id: JobId) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let go = use_navigate();
    let said = Said::default();
    let starting = Action::new(move |()| {
        let go = go.clone();
        async move {
            let office = here.office.get_untracked();
            match start_replace(office.clone(), id).await {
                Ok(procedure) => go(&format!("/o/{office}/procedures/{procedure}"), Default::default()),
                Err(e) => said.set(Some(Err(why_not(i18n, &e)))),
            }
        }
    });
    view! {
        <button type="button" class="btn" disabled=starting.pending() on:click=move |_| { starting.dispatch(()); }>{word!(i18n, procedures.replace_button)}</button>
        <SaidLine said />
    }
}

#[component]
fn Known(found: Found) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let id = found.job;
    let again = RwSignal::new(0u32);
    let data = RwSignal::new(found);
    follow_jobs(data, again, move |office| why(office, id));
    // what the clock brings is looked at every half minute
    let beat = Memo::new(move |_| here.live.now.get() / 30_000);
    Effect::new(move |before: Option<i64>| {
        let now = beat.get();
        if before.is_some_and(|b| b != now) {
            again.update(|n| *n += 1);
        }
        now
    });
    let checks = Memo::new(move |_| data.with(|d| d.checks.clone()));
    let status = Memo::new(move |_| data.with(|d| d.status));
    let title = say(move || data.with(|d| d.description.clone()));
    view! {
        <section class="card why" aria-labelledby="why-title" data-testid="why">
            <header>
                <div class="grow">
                    <h2 id="why-title">{title} " " <span class="code">{id}</span></h2>
                    <p class="muted">{word!(i18n, stuck.lead)}</p>
                </div>
                <div class="r"><JobState status /> <ReplaceJob id /></div>
            </header>
            <ol class="checklist">
                {move || checks.get().into_iter().map(|line| view! { <CheckItem line /> }).collect_view()}
            </ol>
            <Recommended data again />
        </section>
    }
}

fn mark(m: Mark) -> AnyView {
    match m {
        Mark::Good => view! { <svg class="s soft" viewBox="0 0 16 16" aria-hidden="true"><circle class="line" cx="8" cy="8" r="6.2" /><path class="line" d="M5.3 8.2l1.9 1.9 3.6-3.9" /></svg> }.into_any(),
        Mark::Explains => view! { <svg class="s plan" viewBox="0 0 16 16" aria-hidden="true"><circle class="line" cx="8" cy="8" r="6.2" /><path class="line" d="M8 4.6V8l2.3 1.5" /></svg> }.into_any(),
        Mark::Bad => view! { <svg class="s act" viewBox="0 0 16 16" aria-hidden="true"><path fill="currentColor" d="M8 1.2c.55 0 1 .27 1.27.75l5.9 10.5c.55.98-.15 2.15-1.27 2.15H2.1c-1.12 0-1.82-1.17-1.27-2.15l5.9-10.5C7 1.47 7.45 1.2 8 1.2z" /><path class="cut" d="M8 5.7v3.6M8 11.8v.01" /></svg> }.into_any(),
    }
}

#[component]
fn CheckItem(line: CheckLine) -> impl IntoView {
    let i18n = use_i18n();
    let (m, check) = (line.mark, StoredValue::new(line.check));
    let key = check.with_value(|c| match c {
        Check::Server(_) => "server",
        Check::Blocked(_) => "blocked",
        Check::Queue { .. } => "queue",
        Check::Start { .. } => "start",
        Check::Held { .. } => "held",
        Check::Requeued(_) => "requeued",
        Check::Posting(_) => "posting",
    });
    view! {
        <li data-check=key data-mark=match m { Mark::Good => "good", Mark::Explains => "explains", Mark::Bad => "bad" }>
            {mark(m)}
            <span>
                <b>{say(move || question(i18n, &check.get_value()).to_owned())}</b>
                <span class="vh">" " {say(move || mark_word(i18n, m).to_owned())}</span>
                <span class="answer">{say(move || answer(i18n, &check.get_value()))}</span>
            </span>
        </li>
    }
}

/// The one recommendation, with its button.
#[component]
fn Recommended(data: RwSignal<Found>, again: RwSignal<u32>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let said = Said::default();
    let reason = RwSignal::new(String::new());
    let advice = Memo::new(move |_| data.with(|d| d.advice.clone()));
    let queue = Action::new(move |()| async move {
        said.set(None);
        let (id, version) = data.with_untracked(|d| (d.job, d.version));
        let why = Some(reason.get_untracked()).filter(|r| !r.trim().is_empty());
        let done = do_job(here.office.get_untracked(), id, version, JobVerb::Queue, why).await;
        said.set(Some(match done {
            Ok(()) => {
                reason.set(String::new());
                Ok(t_string!(i18n, stuck.queued).to_owned())
            }
            Err(e) => Err(why_not(i18n, &e)),
        }));
        again.update(|n| *n += 1);
    });
    let posting = Action::new(move |companies: &Vec<Company>| {
        let companies = companies.clone();
        async move {
            said.set(None);
            let mut done = Ok(());
            for c in companies {
                done = set_posting_ok(here.office.get_untracked(), c.code).await;
                if done.is_err() {
                    break;
                }
            }
            said.set(Some(match done {
                Ok(()) => Ok(t_string!(i18n, stuck.posting_set).to_owned()),
                Err(e) => Err(why_not(i18n, &e)),
            }));
            again.update(|n| *n += 1);
        }
    });
    let copied = RwSignal::new(false);
    let text = Memo::new(move |_| data.with(|d| report(i18n, d, &here.office.get())));
    let copy = move |_| {
        browser::copy(&text.get_untracked());
        copied.set(true);
    };
    let with_reason = move |label: &'static str| {
        view! {
            <form class="row-form" on:submit=move |ev| { ev.prevent_default(); queue.dispatch(()); }>
                <label class="line-field"><span>{word!(i18n, stuck.reason)}</span>
                    <span class="field"><input type="text" name="reason" maxlength="500" required prop:value=reason on:input=move |ev| reason.set(event_target_value(&ev)) /></span>
                </label>
                <button class="btn" data-testid=label disabled=move || reason.with(|r| r.trim().is_empty()) || queue.pending().get()>{word!(i18n, stuck.queue_despite)}</button>
            </form>
        }
    };
    let button = move || {
        match advice.get() {
        Advice::QueueAgain { needs_reason: false } => view! {
            <button type="button" class="btn pri lg" data-testid="queue-again" disabled=queue.pending() on:click=move |_| { queue.dispatch(()); }><Glyph icon=Icon::Restart /> {word!(i18n, stuck.queue_again)}</button>
        }
        .into_any(),
        Advice::QueueAgain { needs_reason: true } => view! {
            <button type="button" class="btn lg" data-testid="queue-again" disabled=true>{word!(i18n, stuck.queue_again)}</button>
            {with_reason("queue-despite")}
        }
        .into_any(),
        Advice::SetPosting(companies) => view! {
            <button type="button" class="btn pri lg" data-testid="set-posting" disabled=posting.pending() on:click=move |_| { posting.dispatch(companies.clone()); }>{word!(i18n, stuck.set_ok)}</button>
        }
        .into_any(),
        Advice::Report(alarm) => {
            let tries = (alarm == Alarm::Tries).then(|| view! {
                <details><summary>{word!(i18n, stuck.try_more)}</summary>{with_reason("queue-despite")}</details>
            });
            view! {
                <pre class="report" data-testid="report" tabindex="0" aria-label=word!(i18n, stuck.r_label)>{move || text.get()}</pre>
                <p class="bar">
                    <button type="button" class="btn pri lg" data-testid="copy-report" on:click=copy><Glyph icon=Icon::Copy /> {word!(i18n, stuck.copy)}</button>
                    <span role="status" class="muted">{say(move || if copied.get() { t_string!(i18n, stuck.copied).to_owned() } else { String::new() })}</span>
                </p>
                {tries}
            }
            .into_any()
        }
        Advice::OpenSystem(id) => view! {
            <a class="btn" href=say(move || format!("/o/{}/collection/{id}", here.office.get()))>{word!(i18n, stuck.open_system)}</a>
        }
        .into_any(),
        Advice::Answer(run) => view! {
            <a class="btn" href=say(move || format!("/o/{}/jobs/runs/{run}", here.office.get()))>{word!(i18n, stuck.open_run)}</a>
        }
        .into_any(),
        _ => ().into_any(),
    }
    };
    let alarm = move || advice.with(|a| matches!(a, Advice::Report(_)));
    let key = move || {
        advice.with(|a| match a {
            Advice::Wait(..) => "wait",
            Advice::QueueAgain { .. } => "queue",
            Advice::SetPosting(_) => "posting",
            Advice::Report(_) => "report",
            Advice::Leave => "leave",
            Advice::SwitchOn => "on",
            Advice::OpenSystem(_) => "system",
            Advice::Answer(_) => "answer",
        })
    };
    view! {
        <div class="advised" class:alarm=alarm data-testid="advice" data-advice=key>
            <h3>{say(move || data.with(|d| advice_words(i18n, d).0))}</h3>
            <p>{say(move || data.with(|d| advice_words(i18n, d).1))}</p>
            {button}
            <SaidLine said />
        </div>
    }
}

//! Why a job does not run: the checklist, and one recommendation with its button (J26, J27, J30). `<Why id first />`
//! keeps what it shows fresh by itself.

use super::{
    follow::{follow_jobs, why_not},
    office::Here,
    profile::{Said, SaidLine},
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
        fleet::word as life_word,
        icon::{Glyph, Icon},
        job::{JobState, job_kind_word, status_word},
        language::reading,
        say, word,
    },
    i18n::*,
};
use domain::{
    job::{JobId, Standing},
    moment::span,
    view::{
        jobs::{Company, JobVerb},
        stuck::{Advice, Alarm, BusyRun, Check, CheckLine, Mark, WaitFor, Why as Found},
    },
};
use leptos::{prelude::*, task::spawn_local};
use leptos_i18n::{I18nContext, t_string};
use leptos_router::hooks::use_navigate;

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

fn mark_word(i18n: I18nContext<Locale>, m: Mark) -> &'static str {
    match m {
        Mark::Good => t_string!(i18n, stuck.good),
        Mark::Explains => t_string!(i18n, stuck.explains),
        Mark::Bad => t_string!(i18n, stuck.bad),
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

fn question(i18n: I18nContext<Locale>, check: &Check) -> &'static str {
    match check {
        Check::Server(_) => t_string!(i18n, stuck.q_server),
        Check::Blocked(_) => t_string!(i18n, stuck.q_blocked),
        Check::Queue { .. } => t_string!(i18n, stuck.q_queue),
        Check::Start { .. } => t_string!(i18n, stuck.q_start),
        Check::Held { .. } => t_string!(i18n, stuck.q_held),
        Check::Requeued(_) => t_string!(i18n, stuck.q_requeued),
        Check::Posting(_) => t_string!(i18n, stuck.q_posting),
    }
}

fn codes(companies: &[Company]) -> String {
    let codes: Vec<&str> = companies.iter().map(|c| c.code.as_str()).collect();
    codes.join(", ")
}

fn busy_words(i18n: I18nContext<Locale>, b: &BusyRun) -> String {
    let l = reading(i18n);
    let usual = span(i64::from(b.usual) * 60_000, l);
    match b.started {
        Some(_) => {
            let took = span(i64::from(b.seconds) * 1000, l);
            t_string!(
                i18n,
                stuck.runs,
                name = b.description.clone(),
                job = b.job,
                took = took,
                usual = usual
            )
            .to_string()
        }
        None => t_string!(
            i18n,
            stuck.waits,
            name = b.description.clone(),
            job = b.job,
            usual = usual
        )
        .to_string(),
    }
}

fn answer(i18n: I18nContext<Locale>, check: &Check) -> String {
    let l = reading(i18n);
    match check {
        Check::Server(servers) if servers.is_empty() => t_string!(i18n, stuck.no_server).to_owned(),
        Check::Server(servers) => {
            let each = servers.iter().map(|s| {
                let word = life_word(i18n, s.liveness);
                match s.ago {
                    Some(ago) => {
                        let ago = span(i64::from(ago) * 1000, l);
                        t_string!(i18n, stuck.server, name = s.name.clone(), word = word, ago = ago)
                            .to_string()
                    }
                    None => format!("{}: {word}.", s.name),
                }
            });
            each.collect::<Vec<_>>().join(" ")
        }
        Check::Blocked(None) => t_string!(i18n, stuck.not_blocked).to_owned(),
        Check::Blocked(Some((why, until))) => {
            t_string!(i18n, stuck.blocked, why = why.clone(), until = until.clock()).to_string()
        }
        Check::Queue { own, before } => {
            let mut said: Vec<String> = own
                .iter()
                .map(|o| t_string!(i18n, stuck.own, run = busy_words(i18n, o)).to_string())
                .collect();
            said.extend(before.iter().map(|b| {
                t_string!(
                    i18n,
                    stuck.before,
                    companies = codes(&b.companies),
                    run = busy_words(i18n, b)
                )
                .to_string()
            }));
            if said.is_empty() {
                t_string!(i18n, stuck.nothing_before).to_owned()
            } else {
                said.join(" ")
            }
        }
        Check::Start { at: None, .. } => t_string!(i18n, stuck.no_start).to_owned(),
        Check::Start {
            at: Some(at),
            late_ms,
            begun,
        } => {
            let at = at.full(l);
            match (*begun, *late_ms) {
                (true, _) => t_string!(i18n, stuck.begun, at = at).to_string(),
                (_, 1..) => t_string!(i18n, stuck.passed, at = at, ago = span(*late_ms, l)).to_string(),
                _ => t_string!(i18n, stuck.to_come, at = at).to_string(),
            }
        }
        Check::Held {
            standing,
            did,
            system_off,
        } => {
            let (by, at, why) = did
                .as_ref()
                .map(|d| (d.by.clone(), d.at.full(l), d.why.clone().unwrap_or_default()))
                .unwrap_or_default();
            let words = match standing {
                _ if *system_off => t_string!(i18n, stuck.system_off).to_owned(),
                Standing::Active => t_string!(i18n, stuck.not_held).to_owned(),
                Standing::Inactive => t_string!(i18n, stuck.inactive).to_owned(),
                Standing::OnHold => t_string!(i18n, stuck.held, by = by, at = at).to_string(),
                Standing::Stopped => t_string!(i18n, stuck.stopped, at = at).to_string(),
            };
            if *standing == Standing::OnHold && !why.is_empty() {
                format!("{words} “{why}”")
            } else {
                words
            }
        }
        Check::Requeued(0) => t_string!(i18n, stuck.not_requeued).to_owned(),
        Check::Requeued(n) => t_string!(i18n, stuck.requeued, count = *n).to_string(),
        Check::Posting(none) if none.is_empty() => t_string!(i18n, stuck.posting_ok).to_owned(),
        Check::Posting(some) => {
            let each = some.iter().map(|(c, since)| match since {
                Some(at) => {
                    t_string!(i18n, stuck.po_since, company = c.code.clone(), at = at.full(l)).to_string()
                }
                None => t_string!(i18n, stuck.po, company = c.code.clone()).to_string(),
            });
            each.collect::<Vec<_>>().join(" ")
        }
    }
}

/// Heading and sentence of the recommendation.
fn advice_words(i18n: I18nContext<Locale>, found: &Found) -> (String, String) {
    let l = reading(i18n);
    let clock = found.clock.clone().unwrap_or_default();
    let own = |s: &'static str| s.to_owned();
    match &found.advice {
        Advice::Wait(what, until, place) => {
            let until = until.map(|u| u.full(l));
            let text = match (what, until) {
                (WaitFor::Itself, Some(at)) => t_string!(i18n, stuck.w_itself, at = at).to_string(),
                (WaitFor::Queue, Some(at)) => {
                    t_string!(i18n, stuck.w_queue, place = place + 1, at = at).to_string()
                }
                (WaitFor::Window, Some(at)) => t_string!(i18n, stuck.w_window, at = at).to_string(),
                (WaitFor::Time, Some(at)) => t_string!(i18n, stuck.w_time, at = at).to_string(),
                (WaitFor::Posting, _) => own(t_string!(i18n, stuck.w_posting)),
                (WaitFor::Time, None) => own(t_string!(i18n, stuck.w_no_time)),
                _ => own(t_string!(i18n, stuck.w_visit)),
            };
            let head = match what {
                WaitFor::Time => t_string!(i18n, stuck.h_fine),
                _ => t_string!(i18n, stuck.h_wait),
            };
            (own(head), text)
        }
        Advice::QueueAgain { needs_reason: false } => (
            own(t_string!(i18n, stuck.h_queue)),
            t_string!(i18n, stuck.a_queue, clock = clock).to_string(),
        ),
        Advice::QueueAgain { needs_reason: true } => (
            own(t_string!(i18n, stuck.h_wait)),
            own(t_string!(i18n, stuck.a_queue_busy)),
        ),
        Advice::SetPosting(companies) => (
            own(t_string!(i18n, stuck.h_posting)),
            t_string!(i18n, stuck.a_posting, companies = codes(companies)).to_string(),
        ),
        Advice::Report(alarm) => (
            own(t_string!(i18n, stuck.h_report)),
            own(match alarm {
                Alarm::Server => t_string!(i18n, stuck.a_server),
                Alarm::Overdue => t_string!(i18n, stuck.a_overdue),
                Alarm::Tries => t_string!(i18n, stuck.a_tries),
                Alarm::Long => t_string!(i18n, stuck.a_long),
            }),
        ),
        Advice::Leave => (
            own(t_string!(i18n, stuck.h_leave)),
            own(t_string!(i18n, stuck.a_leave)),
        ),
        Advice::SwitchOn => (own(t_string!(i18n, stuck.h_on)), own(t_string!(i18n, stuck.a_on))),
        Advice::OpenSystem(_) => (
            own(t_string!(i18n, stuck.h_system)),
            own(t_string!(i18n, stuck.a_system)),
        ),
        Advice::Answer(_) => (
            own(t_string!(i18n, stuck.h_answer)),
            own(t_string!(i18n, stuck.a_answer)),
        ),
    }
}

/// What IT is told: all facts, as text.
fn report(i18n: I18nContext<Locale>, found: &Found, office: &str) -> String {
    let mut lines = vec![
        t_string!(
            i18n,
            stuck.r_title,
            name = found.description.clone(),
            job = found.job
        )
        .to_string(),
        format!(
            "{}: {} · {}: {} · {}",
            t_string!(i18n, stuck.r_office),
            office,
            t_string!(i18n, stuck.r_kind),
            job_kind_word(i18n, &found.kind),
            status_word(i18n, found.status)
        ),
        format!(
            "{}: {} · {}: {}",
            t_string!(i18n, stuck.r_companies),
            codes(&found.companies),
            t_string!(i18n, stuck.r_user),
            found.run_as
        ),
        format!(
            "{}: {}",
            t_string!(i18n, stuck.r_now),
            found.now.full(reading(i18n))
        ),
    ];
    for c in &found.checks {
        lines.push(format!(
            "- {} {}",
            question(i18n, &c.check),
            answer(i18n, &c.check)
        ));
    }
    if let Some(said) = &found.last_error {
        lines.push(format!("{}: {said}", t_string!(i18n, stuck.r_error)));
    }
    lines.join("\n")
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

//! What comes next on a desk that is not at work yet: five steps that tick themselves, on Active clients, for those who
//! run the office. It goes when the first task is done.

use super::{follow::keep_up, here::Here};
use crate::{
    api::offices::begun,
    components::{
        icon::{Glyph, Icon},
        say, word,
    },
    i18n::*,
};
use leptos::{prelude::*, task::spawn_local};
use views::offices::Begun;

/// It is looked at again this often, in milliseconds of the server's clock: nobody tells when a connector calls.
const EVERY: i64 = 3_000;

/// The steps, as long as they are not all done when the page is opened.
#[component]
pub(super) fn Begin() -> impl IntoView {
    let here = expect_context::<Here>();
    let first = Resource::new_blocking(move || here.office.get(), begun);
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let found = first.await.ok().flatten();
                found.filter(|b| !b.is_over()).map(|b| view! { <Steps first=b /> })
            })}
        </Suspense>
    }
}

/// A step: its words, where it leads, and the words of the way there.
#[derive(Clone, Copy)]
struct Step {
    name: fn(I18n) -> &'static str,
    lead: fn(I18n) -> &'static str,
    path: &'static str,
    go: fn(I18n) -> &'static str,
}

const STEPS: [Step; 5] = [
    Step {
        name: |i| t_string!(i, begin.s_office),
        lead: |i| t_string!(i, begin.s_office_lead),
        path: "settings",
        go: |i| t_string!(i, nav.settings),
    },
    Step {
        name: |i| t_string!(i, begin.s_connector),
        lead: |i| t_string!(i, begin.s_connector_lead),
        path: "connectors?add=connector",
        go: |i| t_string!(i, begin.s_connector_go),
    },
    Step {
        name: |i| t_string!(i, begin.s_dossiers),
        lead: |i| t_string!(i, begin.s_dossiers_lead),
        path: "clients/activate",
        go: |i| t_string!(i, begin.s_dossiers_go),
    },
    Step {
        name: |i| t_string!(i, begin.s_integration),
        lead: |i| t_string!(i, begin.s_integration_lead),
        path: "connectors?add=integration",
        go: |i| t_string!(i, begin.s_integration_go),
    },
    Step {
        name: |i| t_string!(i, begin.s_task),
        lead: |i| t_string!(i, begin.s_task_lead),
        path: "tasks?status=queued,running,action_required,failed,succeeded",
        go: |i| t_string!(i, begin.s_task_go),
    },
];

#[component]
fn Steps(first: Begun) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let data = RwSignal::new(first);
    watch(data);
    let done = move |n: usize| data.with(|b| b.steps()[n]);
    let next = Memo::new(move |_| data.with(|b| b.steps().iter().position(|done| !done)));
    let count = move || data.with(|b| b.steps().iter().filter(|done| **done).count());
    let over = Memo::new(move |_| count() == STEPS.len());
    let line = move |(n, step): (usize, Step)| {
        let state = move || match (done(n), next.get() == Some(n)) {
            (true, _) => "done",
            (false, true) => "next",
            (false, false) => "later",
        };
        let mark = move || match done(n) {
            true => view! { <Glyph icon=Icon::Tick /> }.into_any(),
            false => (n + 1).to_string().into_any(),
        };
        let word = say(move || {
            match state() {
                "done" => t_string!(i18n, begin.done),
                "next" => t_string!(i18n, begin.next),
                _ => t_string!(i18n, begin.later),
            }
            .to_owned()
        });
        let class = move || if state() == "next" { "btn pri" } else { "btn" };
        view! {
            <li data-step=state aria-current=move || (state() == "next").then_some("step")>
                <span class="no" aria-hidden="true">{mark}</span>
                <div>
                    <h3>{say(move || (step.name)(i18n).to_owned())} " " <span class="pill soft">{word}</span></h3>
                    <p class="soft">{say(move || (step.lead)(i18n).to_owned())}</p>
                </div>
                <a class=class class:hidden=move || done(n) && (n > 0) href=say(move || format!("/o/{}/{}", here.office.get(), step.path))>
                    {say(move || (step.go)(i18n).to_owned())}
                </a>
            </li>
        }
    };
    view! {
        <section class="card begin" aria-labelledby="begin" data-testid="begin">
            <div class="bar">
                <div>
                    <h2 id="begin">{word!(i18n, begin.title)}</h2>
                    <p class="soft">{word!(i18n, begin.lead)}</p>
                </div>
                <span class="sp"></span>
                <p class="muted" role="status">
                    {say(move || match over.get() {
                        true => t_string!(i18n, begin.all_done).to_owned(),
                        false => t_string!(i18n, begin.of, n = count(), all = STEPS.len()).to_string(),
                    })}
                </p>
            </div>
            <ol class="begin-steps">{STEPS.into_iter().enumerate().map(line).collect_view()}</ol>
        </section>
    }
}

/// Looks again every few seconds and whenever a task changes, until all is done.
fn watch(data: RwSignal<Begun>) {
    let here = expect_context::<Here>();
    let again = RwSignal::new(0u32);
    let beat = Memo::new(move |_| (here.live.now.get() / EVERY, here.live.counts.get()));
    Effect::new(move |before: Option<()>| {
        // a memo that is only tracked is never worked out
        let _ = beat.get();
        if before.is_some() && !data.with_untracked(|b| b.is_over()) {
            again.update(|n| *n += 1);
        }
    });
    keep_up(
        move || here.office.get(),
        again,
        begun,
        move |_, found| {
            if let Some(found) = found {
                data.set(found);
            }
        },
    );
}

/// For an empty page of an office that is not at work yet: where what comes first is told. It stands inside places that
/// are being read, so it asks only once the page is live.
#[component]
pub(super) fn ToBegin() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let wanted = RwSignal::new(false);
    Effect::new(move |_| {
        let office = here.office.get();
        spawn_local(async move {
            let found = begun(office).await.ok().flatten();
            // the page may be left meanwhile
            let _ = wanted.try_set(found.is_some_and(|b| !b.is_over()));
        });
    });
    move || {
        wanted.get().then(|| {
            view! { <p><a href=say(move || format!("/o/{}/clients", here.office.get()))>{word!(i18n, begin.to_start)}</a></p> }
        })
    }
}

//! How far a confirmed file is, live.

use super::address;
use crate::{
    api::imports::{import, stop_import},
    browser,
    components::{language::reading, say, word},
    i18n::*,
    pages::here::Here,
};
use leptos::prelude::*;
use views::import::{ImportPage, ImportProgress};

type Words = Box<dyn Fn() -> String + Send + Sync>;

/// It is asked again this often, milliseconds.
const LOOK_MS: u32 = 1_000;

#[component]
pub(super) fn Going(page: ImportPage) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (id, total, file) = (page.id, page.total, page.file.clone());
    let now = RwSignal::new(page);
    let far = Signal::derive(move || now.with(|p| p.progress.map(|(_, far)| far).unwrap_or_default()));
    let over = move || far.get().is_over();
    let looking = Action::new(move |()| async move {
        // what was told last stands until it can be asked again
        if let Ok(page) = import(here.office.get_untracked(), id).await {
            let _ = now.try_set(page);
        }
    });
    let stopping = Action::new(move |()| async move {
        // refused: the next look tells why
        let _ = stop_import(here.office.get_untracked(), id).await;
        looking.dispatch(());
    });
    browser::every(LOOK_MS, move || {
        if !far.get_untracked().is_over() && browser::is_seen() && !looking.pending().get_untracked() {
            looking.dispatch(());
        }
    });
    let began = now.with_untracked(|p| p.progress.map(|(at, _)| at));
    let stopped_by = move || now.with(|p| p.stopped_by.clone());
    let said = say(move || match (stopped_by(), over()) {
        (Some(who), _) => t_string!(i18n, import.stopped_by, who = who).to_string(),
        (None, true) => t_string!(i18n, import.over).to_owned(),
        (None, false) => t_string!(i18n, import.going).to_owned(),
    });
    let stop = move || {
        (far.get().to_come > 0).then(|| {
            view! {
                <button type="button" class="btn lg" data-testid="stop-import" disabled=stopping.pending() on:click=move |_| { stopping.dispatch(()); }>
                    {word!(i18n, import.stop)}
                </button>
            }
        })
    };
    view! {
        <section class="card" aria-labelledby="going" data-testid="import" data-over=move || over().to_string()>
            <header>
                <h2 id="going"><bdi>{file}</bdi></h2>
                <div class="r"><span class="muted">{say(move || began.map(|at| at.full(reading(i18n))).unwrap_or_default())}</span></div>
            </header>
            <div class="pad stack-form">
                <p class="far" role="status" data-testid="far">
                    <b>{say(move || t_string!(i18n, import.done, n = far.get().active, total = total).to_string())}</b>
                </p>
                <progress max=total.to_string() value=move || ended(far.get()).to_string() aria-label=word!(i18n, import.progress)></progress>
                <p class="soft">{said}</p>
                <Parts far />
                <div class="bar">
                    {stop}
                    <a class="btn lg" href=say(move || format!("/o/{}/clients", here.office.get()))>{word!(i18n, import.to_clients)}</a>
                    <a class="btn lg" href=say(move || address(&here.office.get(), None))>{word!(i18n, import.another)}</a>
                </div>
            </div>
        </section>
    }
}

fn ended(far: ImportProgress) -> u32 {
    far.active + far.stopped + far.cancelled + far.left_out
}

/// Where those stand that are not activated.
#[component]
fn Parts(far: Signal<ImportProgress>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let part = move |key: &'static str, of: fn(ImportProgress) -> u32, name: Words| {
        view! {
            <div class:hidden=move || of(far.get()) == 0 data-part=key>
                <dt>{name}</dt>
                <dd>{say(move || of(far.get()).to_string())}</dd>
            </div>
        }
    };
    let stopped = move || format!("/o/{}/tasks?kind=activate_dossier", here.office.get());
    view! {
        <dl class="parts">
            {part("waiting", |f| f.waiting, word!(i18n, import.waiting))}
            {part("to_come", |f| f.to_come, word!(i18n, import.to_come))}
            <div class:hidden=move || far.get().stopped == 0 data-part="stopped">
                <dt><a href=say(stopped)>{word!(i18n, import.stopped_n)}</a></dt>
                <dd>{say(move || far.get().stopped.to_string())}</dd>
            </div>
            {part("cancelled", |f| f.cancelled, word!(i18n, import.cancelled_n))}
            {part("left_out", |f| f.left_out, word!(i18n, import.left_out_n))}
        </dl>
    }
}

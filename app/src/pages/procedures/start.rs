//! What can be begun: setting up again after a release, replacing one job, putting jobs off.

use super::super::{
    profile::{Said, SaidLine},
    refusals::why_not,
};
use crate::{
    api::procedures::{start_release, start_replace},
    components::{
        icon::{Glyph, Icon},
        job::module_word,
        say, word,
    },
    i18n::*,
    pages::here::Here,
};
use domain::job::Module;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use views::procedures::ProceduresPage;

/// The three cards.
#[component]
pub fn Start(data: RwSignal<ProceduresPage>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    view! {
        <div class="starts">
            <Release data />
            <Replace data />
            <section class="card start" aria-labelledby="start-postpone">
                <h2 id="start-postpone">{word!(i18n, procedures.postpone_title)}</h2>
                <p class="soft">{word!(i18n, procedures.postpone_lead)}</p>
                <a class="btn" href=say(move || format!("/o/{}/procedures?tab=postpone", here.office.get()))>{word!(i18n, procedures.postpone_open)} <Glyph icon=Icon::Forward /></a>
            </section>
        </div>
    }
}

/// After a release (J2).
#[component]
fn Release(data: RwSignal<ProceduresPage>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let modules = data.with_untracked(|d| d.modules.clone());
    let chosen = RwSignal::new(
        modules
            .iter()
            .filter(|m| m.jobs > m.busy)
            .map(|m| m.module)
            .collect::<Vec<Module>>(),
    );
    let said = Said::default();
    let go = use_navigate();
    let starting = Action::new(move |()| {
        let go = go.clone();
        async move {
            said.set(None);
            let office = here.office.get_untracked();
            match start_release(office.clone(), chosen.get_untracked()).await {
                Ok(id) => go(&format!("/o/{office}/procedures/{id}"), Default::default()),
                Err(e) if e.code() == "invalid" => {
                    said.set(Some(Err(t_string!(i18n, procedures.release_none).to_owned())));
                }
                Err(e) => said.set(Some(Err(why_not(i18n, &e)))),
            }
        }
    });
    let boxes = move || {
        let modules = data.with(|d| d.modules.clone());
        if modules.is_empty() {
            return view! { <p class="muted">{word!(i18n, procedures.release_no_jobs)}</p> }.into_any();
        }
        modules
            .into_iter()
            .map(|m| {
                let module = m.module;
                let left = m.jobs - m.busy;
                view! {
                    <label>
                        <input
                            type="checkbox"
                            name=module.key()
                            disabled=left == 0
                            prop:checked=move || chosen.with(|c| c.contains(&module))
                            checked=chosen.with_untracked(|c| c.contains(&module))
                            on:change=move |ev| {
                                let on = event_target_checked(&ev);
                                chosen.update(|c| { c.retain(|m| *m != module); if on { c.push(module); } });
                            }
                        />
                        <span>{say(move || module_word(i18n, module))} " " <span class="muted">{word!(i18n, procedures.jobs, count = left)}</span></span>
                    </label>
                }
            })
            .collect_view()
            .into_any()
    };
    view! {
        <section class="card start" aria-labelledby="start-release">
            <h2 id="start-release">{word!(i18n, procedures.release_title)}</h2>
            <p class="soft">{word!(i18n, procedures.release_lead)}</p>
            <form on:submit=move |ev| { ev.prevent_default(); starting.dispatch(()); }>
                <fieldset class="choice"><legend>{word!(i18n, procedures.modules)}</legend>{boxes}</fieldset>
                <button class="btn" data-testid="start-release" disabled=move || chosen.with(Vec::is_empty) || starting.pending().get()>{word!(i18n, procedures.release_start)}</button>
            </form>
            <SaidLine said />
        </section>
    }
}

/// One job (J9).
#[component]
fn Replace(data: RwSignal<ProceduresPage>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let job = RwSignal::new(String::new());
    let said = Said::default();
    let go = use_navigate();
    let starting = Action::new(move |()| {
        let go = go.clone();
        async move {
            said.set(None);
            let office = here.office.get_untracked();
            let typed = job.get_untracked();
            let number = typed
                .split_whitespace()
                .next()
                .and_then(|n| n.parse().ok())
                .unwrap_or(0);
            match start_replace(office.clone(), number).await {
                Ok(id) => go(&format!("/o/{office}/procedures/{id}"), Default::default()),
                Err(e) if e.code() == "not_found" => {
                    said.set(Some(Err(t_string!(i18n, procedures.replace_unknown).to_owned())));
                }
                Err(e) => said.set(Some(Err(why_not(i18n, &e)))),
            }
        }
    });
    let options = move || {
        let jobs = data.with(|d| d.jobs.clone());
        jobs.into_iter()
            .map(|j| view! { <option value=format!("{} {}", j.id, j.description)></option> })
            .collect_view()
    };
    view! {
        <section class="card start" aria-labelledby="start-replace">
            <h2 id="start-replace">{word!(i18n, procedures.replace_title)}</h2>
            <p class="soft">{word!(i18n, procedures.replace_lead)}</p>
            <form on:submit=move |ev| { ev.prevent_default(); starting.dispatch(()); }>
                <label class="line-field"><span>{word!(i18n, procedures.replace_job)}</span>
                    <span class="field"><input type="text" name="job" list="jobs-to-replace" autocomplete="off" required prop:value=job on:input=move |ev| job.set(event_target_value(&ev)) /></span>
                </label>
                <datalist id="jobs-to-replace">{options}</datalist>
                <button class="btn" disabled=starting.pending()>{word!(i18n, procedures.replace_start)}</button>
            </form>
            <SaidLine said />
        </section>
    }
}

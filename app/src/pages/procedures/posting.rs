//! Companies whose last posting is not through, and the guarded way back to OK (J27).

use super::super::{
    profile::{Said, SaidLine},
    refusals::why_not,
};
use crate::{
    api::procedures::set_posting_ok,
    components::{language::reading, say, word},
    i18n::*,
    pages::here::Here,
};
use leptos::prelude::*;
use views::procedures::ProceduresPage;

/// The list.
#[component]
pub fn PostingTab(data: RwSignal<ProceduresPage>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let said = Said::default();
    let large = Memo::new(move |_| data.with(|d| d.large_run.clone()));
    let lines = Memo::new(move |_| data.with(|d| d.posting.clone()));
    let setting = Action::new(move |company: &String| {
        let company = company.clone();
        async move {
            said.set(None);
            said.set(Some(
                match set_posting_ok(here.office.get_untracked(), company.clone()).await {
                    Ok(()) => Ok(t_string!(i18n, procedures.posting_set, company = company).to_string()),
                    Err(e) => Err(why_not(i18n, &e)),
                },
            ));
        }
    });
    let items = move || {
        lines
            .get()
            .into_iter()
            .map(|l| {
                let code = l.company.code.clone();
                let named = StoredValue::new(l.company.code.clone());
                view! {
                    <li data-company=named.get_value()>
                        <b>{l.company.code}</b> " " {l.company.name}
                        {l.large.then(|| view! { " " <span class="pill soft">{word!(i18n, procedures.large)}</span> })}
                        <span class="muted">{say(move || l.since.map(|at| t_string!(i18n, procedures.po_since, at = at.full(reading(i18n))).to_string()).unwrap_or_default())}</span>
                        <span class="r">
                            <button type="button" class="btn sm" disabled=move || large.get().is_some() || setting.pending().get() aria-label=word!(i18n, procedures.set_ok_of, company = named.get_value()) on:click=move |_| { setting.dispatch(code.clone()); }>{word!(i18n, procedures.set_ok)}</button>
                        </span>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <section class="card" aria-labelledby="posting-title">
            <header>
                <div class="grow">
                    <h2 id="posting-title">{word!(i18n, procedures.posting_title)}</h2>
                    <p class="muted">{word!(i18n, procedures.posting_lead)}</p>
                </div>
            </header>
            {move || large.get().map(|l| view! {
                <p class="note act" data-testid="large-run">{say(move || t_string!(i18n, procedures.large_run, name = l.description.clone(), job = l.job, company = l.company.code.clone()).to_string())}</p>
            })}
            {move || lines.with(Vec::is_empty).then(|| view! { <p class="pad soft">{word!(i18n, procedures.posting_none)}</p> })}
            <ul class="plist">{items}</ul>
            <SaidLine said />
        </section>
    }
}

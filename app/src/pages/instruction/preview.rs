//! How the draft reads: by the same code as on a task, with the values of real tasks.

use super::draft::Draft;
use crate::{
    components::{
        instruction::{Others, Pieces, Steps},
        language::reading,
        say, word,
    },
    i18n::*,
};
use domain::{Language, failure::Audience, instruction::Rendered};
use leptos::prelude::*;
use serde_json::{Map, Value};
use views::instructions::Failing;

#[component]
pub(super) fn Preview(draft: Draft, failing: Vec<Failing>) -> impl IntoView {
    let i18n = use_i18n();
    let language = RwSignal::new(draft.language.get_untracked());
    // who writes in a language reads in it
    Effect::new(move |_| language.set(draft.language.get()));
    let chosen = RwSignal::new(failing.first().map(|_| 0usize));
    let samples = StoredValue::new(failing.clone());
    let rendered = Memo::new(move |_| {
        let task = chosen
            .get()
            .and_then(|n| samples.with_value(|s| s.get(n).map(|f| f.params.clone())));
        draft.text.with(|t| {
            let examples = || -> Map<String, Value> {
                let given = t.params.iter().filter(|p| !p.example.is_null());
                given.map(|p| (p.name.clone(), p.example.clone())).collect()
            };
            t.tidied().render(&task.unwrap_or_else(examples), language.get())
        })
    });
    let tone = move || match draft.text.with(|t| t.audience) {
        Audience::Office => "todo act",
        Audience::Support => "todo sup",
    };
    let options = failing.into_iter().enumerate().map(|(n, f)| {
        let (id, dossier) = (f.task.to_string(), f.dossier);
        let words = move || {
            t_string!(
                i18n,
                instructions.sample_task,
                id = id.clone(),
                dossier = dossier.clone()
            )
            .to_string()
        };
        view! { <option value=n.to_string() selected=n == 0>{say(words)}</option> }
    });
    let languages = Language::ALL.map(|l| {
        view! { <option value=l.tag() lang=l.tag() selected=move || language.get() == l>{l.own_name()}</option> }
    });
    view! {
        <section class="card pad" aria-labelledby="preview" data-testid="preview">
            <h2 id="preview">{word!(i18n, instructions.preview)}</h2>
            <div class="bar">
                <label class="field">
                    <span class="vh">{word!(i18n, instructions.preview_language)}</span>
                    <select
                        prop:value=move || language.get().tag()
                        on:change=move |ev| language.set(Language::from_tag(&event_target_value(&ev)).unwrap_or_else(|| reading(i18n)))
                    >
                        {languages.into_iter().collect_view()}
                    </select>
                </label>
                <label class="field">
                    <span class="vh">{word!(i18n, instructions.sample)}</span>
                    <select on:change=move |ev| chosen.set(event_target_value(&ev).parse().ok())>
                        {options.collect_view()}
                        <option value="">{word!(i18n, instructions.examples)}</option>
                    </select>
                </label>
            </div>
            <div class="shown" lang=move || language.get().tag() dir="auto">
                {move || view! { <Shown r=rendered.get() tone=tone() /> }}
            </div>
        </section>
    }
}

#[component]
fn Shown(r: Rendered, tone: &'static str) -> impl IntoView {
    let i18n = use_i18n();
    let others = r.clone();
    view! {
        <p class="preview-title" dir="auto">{r.title}</p>
        <p class="lead" dir="auto"><Pieces pieces=r.cause /></p>
        <div class=tone>
            <h3>{word!(i18n, task.what_to_do)}</h3>
            <Steps steps=r.steps />
            <Others instruction=others />
            {r.escalate.map(|pieces| view! { <p class="escalate"><Pieces pieces /></p> })}
        </div>
        {r.after.map(|pieces| view! { <p class="muted"><Pieces pieces /></p> })}
    }
}

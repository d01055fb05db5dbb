//! Fields of the editor: one text, the languages, whom and what the instruction is for.

use super::draft::Draft;
use crate::{
    components::{language::reading, say, status::kind_word, word},
    i18n::*,
};
use domain::{
    Language,
    failure::Audience,
    instruction::{Instruction, Place},
};
use leptos::prelude::*;

/// One text in the language that is being written, with what is wrong with it below.
#[component]
pub(super) fn TextField(draft: Draft, place: Place, #[prop(into)] label: Signal<String>) -> impl IntoView {
    let i18n = use_i18n();
    let id = format!("text-{}", place.to_string().replace(' ', "-"));
    let note = format!("{id}-note");
    let line = matches!(place, Place::Title | Place::WayTitle(_));
    let write = move |ev| {
        let text: String = event_target_value(&ev);
        // a title is one line
        draft.set(place, if line { text.replace('\n', " ") } else { text });
    };
    let wrong = Memo::new(move |_| draft.wrong(i18n, place));
    view! {
        <div class="line-field text">
            <label for=id.clone()>{label}</label>
            <textarea
                id=id
                rows=if line { "1" } else { "2" }
                dir="auto"
                lang=move || draft.language.get().tag()
                aria-describedby=note.clone()
                aria-invalid=say(move || wrong.with(|w| !w.is_empty()).to_string())
                prop:value=move || draft.get(place)
                on:input=write
            ></textarea>
            <small id=note class="error">{wrong}</small>
        </div>
    }
}

/// The language that is being written, with how much of each is done.
#[component]
pub(super) fn Languages(draft: Draft) -> impl IntoView {
    let i18n = use_i18n();
    let chip = move |language: Language| {
        let done = say(move || {
            let (done, all) = draft.done(language);
            format!("{done}/{all}")
        });
        let on = say(move || (draft.language.get() == language).to_string());
        view! {
            <button type="button" class="chip" lang=language.tag() aria-pressed=on data-language=language.tag() on:click=move |_| draft.language.set(language)>
                {language.own_name()} " " <span class="num">{done}</span>
            </button>
        }
    };
    let copy = move || {
        (draft.language.get() != Language::En).then(|| {
            view! { <button type="button" class="btn sm ghost" on:click=move |_| draft.copy_english()>{word!(i18n, instructions.copy)}</button> }
        })
    };
    view! {
        <div class="bar">
            <div class="chipset" role="group" aria-label=word!(i18n, instructions.language)>{Language::ALL.map(chip).into_iter().collect_view()}</div>
            {copy}
        </div>
    }
}

/// A box to tick that is a field of the draft.
#[component]
pub(super) fn Tick(
    draft: Draft,
    /// Whether it is ticked.
    is: fn(&Instruction, &str) -> bool,
    /// Ticks it or not.
    set: fn(&mut Instruction, &str, bool),
    /// What it is about.
    #[prop(into)]
    name: String,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    let about = name.clone();
    view! {
        <label class="tick">
            <input
                type="checkbox"
                prop:checked=move || draft.text.with(|t| is(t, &name))
                on:change=move |ev| draft.change(|t| set(t, &about, event_target_checked(&ev)))
            />
            {label}
        </label>
    }
}

/// Puts a name into a list, or takes it out.
pub(super) fn put(list: &mut Vec<String>, name: &str, there: bool) {
    list.retain(|n| n != name);
    if there {
        list.push(name.to_owned());
    }
}

/// Who acts, on which kinds of task.
#[component]
pub(super) fn About(draft: Draft, kinds: Vec<String>) -> impl IntoView {
    let i18n = use_i18n();
    let radio = move |audience: Audience| {
        let label = match audience {
            Audience::Office => word!(i18n, instructions.for_office),
            Audience::Support => word!(i18n, instructions.for_support),
        };
        view! {
            <label class="tick">
                <input
                    type="radio"
                    name="audience"
                    prop:checked=move || draft.text.with(|t| t.audience == audience)
                    on:change=move |_| draft.change(|t| t.audience = audience)
                />
                {label}
            </label>
        }
    };
    let kind = move |key: String| {
        let name = key.clone();
        let label = Signal::derive(move || {
            // follows the language
            reading(i18n);
            kind_word(i18n, &name)
        });
        view! { <Tick draft is=|t, k| t.task_kinds.iter().any(|o| o == k) set=|t, k, on| put(&mut t.task_kinds, k, on) name=key label /> }
    };
    let wrong = move || {
        let none = draft.tried.get() && draft.text.with(|t| t.task_kinds.is_empty());
        none.then(|| t_string!(i18n, instructions.why_kind))
    };
    view! {
        <fieldset class="row">
            <legend>{word!(i18n, instructions.audience)}</legend>
            {radio(Audience::Office)} {radio(Audience::Support)}
        </fieldset>
        <fieldset class="row">
            <legend>{word!(i18n, instructions.kinds)}</legend>
            {kinds.into_iter().map(kind).collect_view()}
            <small class="wrong">{wrong}</small>
        </fieldset>
        <Tick
            draft
            is=|t, k| t.editable.iter().any(|o| o == k)
            set=|t, k, on| put(&mut t.editable, k, on)
            name="dossier_code"
            label=word!(i18n, instructions.editable)
        />
    }
}

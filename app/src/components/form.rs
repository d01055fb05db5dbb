//! Form fields.

use crate::{
    components::{language::reading, say},
    i18n::*,
};
use domain::Language;
use leptos::{html, prelude::*};

/// A labelled input with an optional hint and error below it.
#[component]
pub fn Field(
    /// Name in the form and id on the page.
    name: &'static str,
    /// What to type.
    #[prop(into)]
    label: Signal<String>,
    /// `text`, `email` or `password`.
    #[prop(default = "text")]
    kind: &'static str,
    /// For the browser's helper.
    autocomplete: &'static str,
    /// A rule to know beforehand.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// What is wrong with what was typed.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// It may be left empty.
    #[prop(optional)]
    optional: bool,
    /// What is typed, where the page has a say in it.
    #[prop(optional)]
    value: Option<RwSignal<String>>,
    /// Id of a list of values to choose from.
    #[prop(optional)]
    list: Option<&'static str>,
) -> impl IntoView {
    let note = format!("{name}-note");
    let described = note.clone();
    let initial = value.map(|v| v.get_untracked());
    let node = NodeRef::<html::Input>::new();
    let keep = move |ev| {
        if let Some(value) = value {
            value.set(event_target_value(&ev));
        }
    };
    // a field in which the page has no say keeps what is typed to itself
    if let Some(value) = value {
        let begun = value.get_untracked();
        Effect::new(move |before: Option<()>| {
            let now = value.get();
            let Some(input) = node.get().filter(|i| i.value() != now) else {
                return;
            };
            // what was typed before the page was live counts
            if before.is_none() && input.value() != begun {
                value.set(input.value());
            } else {
                input.set_value(&now);
            }
        });
    }
    view! {
        <div class="line-field">
            <label for=name>{label}</label>
            <span class="field">
                <input
                    id=name
                    name=name
                    type=kind
                    autocomplete=autocomplete
                    required=!optional
                    list=list
                    value=initial
                    node_ref=node
                    on:input=keep
                    aria-describedby=described
                    aria-invalid=say(move || error.get().is_some().to_string())
                />
            </span>
            <small id=note class:error=move || error.get().is_some()>{say(move || error.get().unwrap_or_else(|| hint.get()))}</small>
        </div>
    }
}

/// One of the five languages, each by its own name; first that which is being read.
#[component]
pub fn LanguageField(
    /// Name in the form and id on the page.
    name: &'static str,
    /// What it is the language of.
    #[prop(into)]
    label: Signal<String>,
    /// What is chosen, where the page wants to know.
    #[prop(optional)]
    value: Option<RwSignal<Language>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let now = untrack(|| value.map_or_else(|| reading(i18n), |v| v.get()));
    let choose = move |ev| {
        if let (Some(value), Some(chosen)) = (value, Language::from_tag(&event_target_value(&ev))) {
            value.set(chosen);
        }
    };
    view! {
        <div class="line-field">
            <label for=name>{label}</label>
            <span class="field">
                <select id=name name=name on:change=choose>
                    {Language::ALL
                        .into_iter()
                        .map(|l| view! { <option value=l.tag() lang=l.tag() selected=now == l>{l.own_name()}</option> })
                        .collect_view()}
                </select>
            </span>
        </div>
    }
}

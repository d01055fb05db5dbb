//! A field of a form.

use crate::components::say;
use leptos::prelude::*;

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
    /// What stands in it at first.
    #[prop(optional)]
    value: Option<&'static str>,
    /// Id of a list of values to choose from.
    #[prop(optional)]
    list: Option<&'static str>,
) -> impl IntoView {
    let note = format!("{name}-note");
    let described = note.clone();
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
                    value=value
                    aria-describedby=described
                    aria-invalid=say(move || error.get().is_some().to_string())
                />
            </span>
            <small id=note class:error=move || error.get().is_some()>{say(move || error.get().unwrap_or_else(|| hint.get()))}</small>
        </div>
    }
}

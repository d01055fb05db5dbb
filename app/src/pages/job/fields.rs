//! The form's fields, and broken rules at their field in the reader's words.

use crate::{
    components::{say, typed::rule_words},
    i18n::*,
};
use domain::FieldError;
use leptos::prelude::*;

/// What was refused, by field.
pub type Refused = RwSignal<Vec<FieldError>>;

/// What is wrong with a field or, when `parts`, with anything in it.
pub fn wrong(i18n: I18n, refused: Refused, field: impl Into<String>, parts: bool) -> Signal<Option<String>> {
    let field = field.into();
    Signal::derive(move || {
        refused.with(|all| {
            let is = |e: &&FieldError| e.field == field || (parts && e.field.starts_with(&field));
            all.iter().find(is).map(|e| rule_words(i18n, e))
        })
    })
}

/// A labelled input. The page may make it anew without losing what is typed: that is kept outside.
#[component]
pub fn Line(
    /// Id on the page.
    #[prop(into)]
    id: String,
    /// What to type.
    #[prop(into)]
    label: Signal<String>,
    /// What is typed.
    #[prop(into)]
    value: Signal<String>,
    /// Told of each change.
    #[prop(into)]
    on_input: Callback<String>,
    /// `text`, `number`, `time`, `date` or `email`.
    #[prop(default = "text")]
    kind: &'static str,
    /// A rule to know beforehand.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Values to choose from.
    #[prop(optional)]
    options: Vec<String>,
) -> impl IntoView {
    let (note, described) = (format!("{id}-note"), format!("{id}-note"));
    // a browser's own field for times shows them as its language likes, with AM and PM for some
    let clock = kind == "time";
    let list = (!options.is_empty()).then(|| format!("{id}-list"));
    let known = list.clone().map(|list| {
        let options = options
            .into_iter()
            .map(|o| view! { <option value=o></option> })
            .collect_view();
        view! { <datalist id=list>{options}</datalist> }
    });
    view! {
        <div class="line-field">
            <label for=id.clone()>{label}</label>
            <span class="field">
                <input
                    id=id
                    type=if clock { "text" } else { kind }
                    inputmode=clock.then_some("numeric")
                    placeholder=clock.then_some("07:00")
                    maxlength=clock.then_some("5")
                    autocomplete="off"
                    dir="auto"
                    list=list
                    value=value.get_untracked()
                    prop:value=value
                    on:input=move |ev| on_input.run(event_target_value(&ev))
                    aria-describedby=described
                    aria-invalid=say(move || error.get().is_some().to_string())
                />
            </span>
            {known}
            <small id=note class:error=move || error.get().is_some()>{say(move || error.get().unwrap_or_else(|| hint.get()))}</small>
        </div>
    }
}

/// A labelled choice.
#[component]
pub fn Choice(
    /// Id on the page.
    #[prop(into)]
    id: String,
    /// What to choose.
    #[prop(into)]
    label: Signal<String>,
    /// What is chosen.
    #[prop(into)]
    value: Signal<String>,
    /// Told of each change.
    #[prop(into)]
    on_change: Callback<String>,
    /// A rule to know beforehand.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The options.
    children: Children,
) -> impl IntoView {
    let (note, described) = (format!("{id}-note"), format!("{id}-note"));
    view! {
        <div class="line-field">
            <label for=id.clone()>{label}</label>
            <span class="field">
                <select
                    id=id
                    prop:value=value
                    on:change=move |ev| on_change.run(event_target_value(&ev))
                    aria-describedby=described
                    aria-invalid=say(move || error.get().is_some().to_string())
                >
                    {children()}
                </select>
            </span>
            <small id=note class:error=move || error.get().is_some()>{say(move || error.get().unwrap_or_else(|| hint.get()))}</small>
        </div>
    }
}

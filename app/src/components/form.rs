//! Form fields.

use crate::{components::language::reading, i18n::*};
use domain::Language;
use leptos::prelude::*;

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

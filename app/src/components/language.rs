//! The choice of language.

use crate::i18n::*;
use domain::Language;
use leptos::prelude::*;

/// The language that is being read, tracked.
pub fn reading(i18n: I18n) -> Language {
    i18n.language()
}

/// A list of the five languages, each by its own name.
#[component]
pub fn LanguageChoice(
    /// Told of the choice.
    #[prop(into)]
    on_choose: Callback<Language>,
) -> impl IntoView {
    let i18n = use_i18n();
    let choose = move |ev| {
        if let Some(chosen) = Language::from_tag(&event_target_value(&ev)) {
            i18n.change(chosen);
            crate::browser::remember_language(chosen);
            on_choose.run(chosen);
        }
    };
    view! {
        <label class="field language">
            <span class="vh">{word!(i18n, app.language)}</span>
            <select on:change=choose prop:value=move || reading(i18n).tag()>
                {Language::ALL
                    .into_iter()
                    .map(|l| view! { <option value=l.tag() lang=l.tag() selected=move || reading(i18n) == l>{l.own_name()}</option> })
                    .collect_view()}
            </select>
        </label>
    }
}

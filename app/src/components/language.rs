//! The choice of language, and the bridge between the words' locale and the domain's language.

use crate::i18n::*;
use domain::Language;
use leptos::prelude::*;
use leptos_i18n::I18nContext;

/// The domain's language of a locale.
pub fn language(locale: Locale) -> Language {
    match locale {
        Locale::en => Language::En,
        Locale::nl => Language::Nl,
        Locale::nb => Language::Nb,
        Locale::da => Language::Da,
        Locale::fr => Language::Fr,
    }
}

/// The locale of a language.
pub fn locale(language: Language) -> Locale {
    match language {
        Language::En => Locale::en,
        Language::Nl => Locale::nl,
        Language::Nb => Locale::nb,
        Language::Da => Locale::da,
        Language::Fr => Locale::fr,
    }
}

/// The language that is being read, tracked.
pub fn reading(i18n: I18nContext<Locale>) -> Language {
    language(i18n.get_locale())
}

/// A list of the five languages, each by its own name. Changes the words at once.
#[component]
pub fn LanguageChoice(
    /// Told of the choice.
    #[prop(into)]
    on_choose: Callback<Language>,
) -> impl IntoView {
    let i18n = use_i18n();
    let choose = move |ev| {
        if let Some(chosen) = Language::from_tag(&event_target_value(&ev)) {
            i18n.set_locale(locale(chosen));
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
